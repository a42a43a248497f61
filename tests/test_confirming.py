"""Confirming one entry: the fields that say so change, and nothing else."""

from dataclasses import replace
from datetime import date

import pytest

from bot import Checked, Entry, KnowledgeError, fingerprint, same_meaning, still_right
from bot.models import AnswerTexts, Phrases

SWEDISH = "Norrby har **tolv** tomter."
ENTRY = Entry("plots", Phrases(("Vilka tomter?",), ()), AnswerTexts(SWEDISH, "Twelve plots."), en_of="000000")
NOW = Checked(date(2026, 11, 23), "Byggkontoret", 12)


def test_same_meaning_sets_the_fingerprint_and_nothing_else() -> None:
    assert same_meaning(ENTRY) == replace(ENTRY, en_of=fingerprint(SWEDISH))


def test_still_right_confirms_both_languages_and_sets_the_day() -> None:
    assert still_right(ENTRY, NOW) == replace(ENTRY, en_of=fingerprint(SWEDISH), checked=NOW)


def test_one_language_is_confirmed_without_a_translation() -> None:
    half = replace(ENTRY, answer=AnswerTexts(SWEDISH, None), en_of=None)
    assert still_right(half, NOW) == replace(half, checked=NOW)


@pytest.mark.parametrize("answer", [None, AnswerTexts(SWEDISH, None), AnswerTexts(None, "Twelve.")])
def test_what_has_no_translation_has_no_same_meaning(answer: AnswerTexts | None) -> None:
    with pytest.raises(KnowledgeError, match="cannot be confirmed"):
        same_meaning(replace(ENTRY, answer=answer))


def test_without_an_answer_nothing_is_confirmed() -> None:
    with pytest.raises(KnowledgeError, match="cannot be confirmed"):
        still_right(replace(ENTRY, answer=None), NOW)
