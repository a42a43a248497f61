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


def test_training_learns_what_sets_the_languages_apart() -> None:
    table = train([("sv", "och det är jag"), ("en", "and that is me")])
    assert table[" och "] > 0 > table[" and "]


def test_evidence_adds_up_over_the_words() -> None:
    assert evidence("och inte") > evidence("och") > 0
