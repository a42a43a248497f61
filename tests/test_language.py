"""Swedish or English, from the text alone."""

import pytest

from bot.language import detect, evidence, train
from bot.values import Language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hur reserverar jag en tomt?", "sv"),
        ("hur lang ar kon till dagis", "sv"),
        ("va kostar en tomt hos er", "sv"),
        ("finns det jobb for min fru", "sv"),
        ("How do I reserve a plot?", "en"),
        ("wheres the neerest hosptal", "en"),
        ("do i need a permit for a shed", "en"),
    ],
)
def test_the_text_tells_whatever_the_prior(text: str, language: Language) -> None:
    assert detect(text, "sv") == detect(text, "en") == language


@pytest.mark.parametrize("text", ["", "123", "?!", "😀😀"])
@pytest.mark.parametrize("prior", ["sv", "en"])
def test_where_the_text_does_not_tell_the_prior_holds(text: str, prior: Language) -> None:
    assert detect(text, prior) == prior


@pytest.mark.parametrize("word", ["tomt", "fiber", "bredband", "hotell", "camping", "school", "internet", "plot?"])
@pytest.mark.parametrize("prior", ["sv", "en"])
def test_a_word_alone_is_read_in_the_language_of_the_page(word: str, prior: Language) -> None:
    assert detect(word, prior) == prior


@pytest.mark.parametrize(("word", "language"), [("förskola", "sv"), ("lägenhet", "sv"), ("houses", "en")])
def test_a_word_alone_that_is_plainly_of_one_language_tells_it(word: str, language: Language) -> None:
    assert detect(word, "sv") == detect(word, "en") == language


def test_training_learns_what_sets_the_languages_apart() -> None:
    table = train([("sv", "och det är jag"), ("en", "and that is me")])
    assert table[" och "] > 0 > table[" and "]


def test_evidence_adds_up_over_the_words() -> None:
    assert evidence("och inte") > evidence("och") > 0
