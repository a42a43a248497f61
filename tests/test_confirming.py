"""Confirming one entry of a file: the one field changes, and everything else stays, comments too."""

from datetime import date

import pytest

from bot import Checked, KnowledgeError, fingerprint, formatted, same_meaning, still_right

FILE = """\
# What people ask about housing.
entries:
  - id: plots
    answer:
      sv: |
        Norrby har **tolv** tomter. # inget tecken på kommentar
      en: |
        Norrby has **twelve** plots.
    en_of: "000000" # made last year
    owner: building # the office
    checked:
      on: 2026-01-01
      by: Byggkontoret
      every: 6
  # the queue
  - id: queue
    answer:
      sv: Ring.
      en: Call.
  - id: half
    answer:
      sv: Ring.
"""
NOW = Checked(date(2026, 11, 23), "Byggkontoret", 12)


def test_same_meaning_sets_the_fingerprint_and_nothing_else() -> None:
    made = fingerprint("Norrby har **tolv** tomter. # inget tecken på kommentar\n")
    assert same_meaning(FILE, "housing.yaml", "plots") == FILE.replace('"000000"', f'"{made}"')


def test_still_right_sets_the_day_and_nothing_else() -> None:
    expected = FILE.replace("2026-01-01", "2026-11-23").replace("every: 6", "every: 12")
    assert still_right(FILE, "housing.yaml", "plots", NOW) == expected


@pytest.mark.parametrize("entry", ["queue", "half"])
def test_what_was_never_confirmed_is_now(entry: str) -> None:
    changed = still_right(FILE, "housing.yaml", entry, NOW)
    assert changed.count("on: 2026-11-23") == 1
    assert all(line in changed.splitlines() for line in FILE.splitlines())


def test_a_confirmed_file_has_the_one_shape() -> None:
    kept = formatted(FILE, "housing.yaml")
    once = still_right(same_meaning(kept, "housing.yaml", "queue"), "housing.yaml", "queue", NOW)
    assert formatted(once, "housing.yaml") == once


@pytest.mark.parametrize("entry", ["half", "nowhere"])
def test_what_has_no_translation_cannot_be_confirmed(entry: str) -> None:
    with pytest.raises(KnowledgeError, match="cannot be confirmed"):
        same_meaning(FILE, "housing.yaml", entry)


@pytest.mark.parametrize("text", ["entries: [", "entries: 3\n", "entries:\n  - id: A b\n"], ids=["torn", "typed", "id"])
def test_a_file_that_cannot_be_read_is_left_alone(text: str) -> None:
    with pytest.raises(KnowledgeError):
        still_right(text, "housing.yaml", "plots", NOW)
