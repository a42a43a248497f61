"""What holds for each of the shipped municipalities: sources, contacts, strangers' questions."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from bot import (
    LANGUAGES,
    Answer,
    Assistant,
    Entry,
    Question,
    View,
    evaluate,
    is_given,
    load,
    read_questions,
    summarize,
    without_places,
)
from bot.quality.evaluation import Asked

HERE = Path(__file__).parent
KNOWLEDGE = load(HERE.parent / "knowledge")
TODAY = date(2026, 11, 22)
NAMES = sorted(KNOWLEDGE.municipalities)
ABOUT_ITSELF = {topic.id for topic in KNOWLEDGE.topics if topic.layer == "bot"}


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    """One assistant for all: what the municipalities share is made once."""
    return Assistant(KNOWLEDGE)


def shown(view: View) -> Iterator[Entry]:
    """Every answer that a visitor may read."""
    return (entry for entry in view.entries.values() if is_given(entry, TODAY))


def test_there_are_twelve() -> None:
    assert len(NAMES) == 12


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_has_a_source_or_says_that_it_is_general(assistant: Assistant, name: str) -> None:
    unsaid = []
    for entry in shown(KNOWLEDGE.view(name)):
        for language in LANGUAGES:
            given = assistant.answer(entry.id, Question("", name, TODAY, language))
            assert isinstance(given, Answer)
            told = given.source or "general" in given.notices or entry.id in ABOUT_ITSELF or given.kind == "safety"
            if not told:
                unsaid.append((entry.id, language))
    assert unsaid == []


@pytest.mark.parametrize("name", NAMES)
def test_every_answer_has_a_contact_that_can_be_reached(assistant: Assistant, name: str) -> None:
    alone = []
    for entry in shown(KNOWLEDGE.view(name)):
        given = assistant.answer(entry.id, Question("", name, TODAY, "sv"))
        assert isinstance(given, Answer)
        if not any(contact.phone or contact.email or contact.url for contact in given.contacts):
            alone.append(entry.id)
    assert alone == []


def test_questions_that_name_a_place_are_left_out() -> None:
    rows = [
        Asked("sv", "plots", text)
        for text in ("tomt i Hällnäs", "tomter i Vindelns kommun", "vad är umeåregionen", "finns det tomter")
    ]
    assert [row.question for row in without_places(rows, KNOWLEDGE)] == ["finns det tomter"]


@pytest.mark.nightly
@pytest.mark.parametrize("name", NAMES)
def test_strangers_are_answered_right_by_each(assistant: Assistant, name: str) -> None:
    rows = without_places(read_questions(HERE / "questions-kept.tsv"), KNOWLEDGE)
    found = summarize(evaluate(assistant, name, rows, TODAY))
    assert found.questions > 500
    assert found.right >= 82
    assert found.wrong <= 4
    assert found.answered_off_topic <= 5
