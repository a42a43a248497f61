"""hemvist fmt: one shape, comments kept, what a translation was made from filled in and never changed."""

import pytest

from bot.content.formatting import formatted
from bot.content.translation import fingerprint
from bot.errors import KnowledgeError

ENTRY = """\
# how plots are sold
entries:
- answer:
    sv: |
      Ring kommunen.   # not a comment
    en: Call the municipality.
  id: plots  # a topic id
  source:
    url: https://x.se
    dated: null
    copied: 2026-11-21
"""


def test_one_shape_keeps_comments_texts_and_nulls() -> None:
    text = formatted(ENTRY, "plots.yaml")
    assert text.startswith("# how plots are sold\nentries:\n  - id: plots # a topic id\n    answer:\n      sv: |\n")
    assert "Ring kommunen.   # not a comment" in text
    assert "dated: null" in text
    assert "copied: 2026-11-21" in text


def test_the_hash_of_the_swedish_text_is_filled_in() -> None:
    assert f'en_of: "{fingerprint("Ring kommunen.   # not a comment")}"' in formatted(ENTRY, "plots.yaml")


def test_a_hash_that_is_there_is_never_changed() -> None:
    text = ENTRY.replace("  source:", '  en_of: "000000"\n  source:')
    assert 'en_of: "000000"' in formatted(text, "plots.yaml")


def test_formatting_twice_changes_nothing() -> None:
    once = formatted(ENTRY, "plots.yaml")
    assert formatted(once, "plots.yaml") == once


@pytest.mark.parametrize("text", ["", "# only a comment\n"])
def test_nothing_to_shape_stays_as_it_is(text: str) -> None:
    assert formatted(text, "plots.yaml") == text


def test_what_the_reader_refuses_is_not_formatted() -> None:
    with pytest.raises(KnowledgeError, match="stands twice"):
        formatted("a: 1\na: 2\n", "plots.yaml")


@pytest.mark.parametrize(("one", "other"), [("Ring oss.", "Ring  oss.\n"), ("å", "a\u030a")])
def test_spaces_and_unicode_form_do_not_outdate_a_translation(one: str, other: str) -> None:
    assert fingerprint(one) == fingerprint(other)
