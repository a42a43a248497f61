"""A phrasing is tried before it is added: what it reaches, and whom it takes questions from."""

from datetime import date
from pathlib import Path

import pytest

from bot import Assistant, given, load, try_phrasing, with_phrasing

TODAY = date(2026, 3, 2)
HENS = "kan man ha höns"


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(Path(__file__).parent / "knowledge"))


def test_the_question_reaches_the_entry_afterwards(assistant: Assistant) -> None:
    (effect,) = try_phrasing(assistant, "norrby", "plots", "sv", HENS, [HENS], TODAY)
    assert effect.changes
    assert "plots" not in effect.before.entries[:1]
    assert effect.after.entries == ("plots",)


def test_what_has_nothing_to_do_with_it_stays(assistant: Assistant) -> None:
    (effect,) = try_phrasing(assistant, "norrby", "plots", "sv", HENS, ["hur väljer jag hälsocentral"], TODAY)
    assert not effect.changes


def test_trying_changes_nothing(assistant: Assistant) -> None:
    before = given(assistant, "norrby", HENS, TODAY)
    try_phrasing(assistant, "norrby", "plots", "sv", HENS, [HENS], TODAY)
    assert given(assistant, "norrby", HENS, TODAY) == before
    assert HENS not in assistant.knowledge.view("norrby").entries["plots"].questions.sv


@pytest.mark.parametrize("language", ["sv", "en"])
def test_it_is_the_municipality_s_own(assistant: Assistant, language: str) -> None:
    changed = with_phrasing(assistant.knowledge, "municipalities/norrby", "emergency", language, HENS)  # type: ignore[arg-type]  # ids are texts
    assert HENS in changed.view("norrby").entries["emergency"].questions[language]  # type: ignore[index]  # as above
    assert HENS not in changed.view("ostby").entries["emergency"].questions[language]  # type: ignore[index]  # as above
