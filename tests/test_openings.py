"""Asked whether it is open: the places of the entry's kind, else its own contacts, and nothing that is not known."""

from datetime import date, time
from pathlib import Path

import pytest

from bot.content.library import load
from bot.dialogue.assistant import Assistant
from bot.inventory import Moment, Opening
from bot.models import Answer, Question
from bot.records.openings import openings

MONDAY = date(2026, 11, 23)
ALL_NIGHT = Opening("open")


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(Path(__file__).parent / "knowledge"))


def asked(text: str, municipality: str = "norrby", day: date = MONDAY, at: time = time(10)) -> Question:
    return Question(text, municipality, day, asked_at=at)


def opened(assistant: Assistant, entry: str, question: Question) -> tuple:
    view = assistant.knowledge.view(question.municipality)
    return openings(view, view.entries[entry], question)


@pytest.mark.parametrize(
    ("entry", "text", "expected"),
    [
        pytest.param(
            "health-centre",
            "har hälsocentralen i Norrby öppet nu",
            [("health-centre-norrby", False, Opening("open", Moment(MONDAY, 1020)))],
            id="the place that is named",
        ),
        pytest.param(
            "health-centre",
            "är det öppet i lillsele",
            [("health-centre-lillsele", False, ALL_NIGHT)],
            id="by its village",
        ),
        pytest.param(
            "health-centre",
            "is the health centre in Lillsele open",
            [("health-centre-lillsele", False, ALL_NIGHT)],
            id="its village weighs more than words of the other's name",
        ),
        pytest.param(
            "health-centre",
            "är sjukstugan öppen",
            [("health-centre-lillsele", False, ALL_NIGHT)],
            id="its name without the village",
        ),
        pytest.param(
            "health-centre",
            "öppet nu?",
            [
                ("health-centre-norrby", False, Opening("open", Moment(MONDAY, 1020))),
                ("health-centre-lillsele", False, ALL_NIGHT),
            ],
            id="all of the kind where none is named",
        ),
        pytest.param(
            "health-centre",
            "telefontid norrby hälsocentral",
            [("health-centre-norrby", True, Opening("open", Moment(MONDAY, 720)))],
            id="when to call",
        ),
        pytest.param(
            "plots",
            "är det öppet nu?",
            [("building-office", True, Opening("open", Moment(MONDAY, 660)))],
            id="the entry's contact, who only has phone hours",
        ),
        pytest.param("rental-housing", "är det öppet nu?", [], id="never the switchboard of somebody else"),
        pytest.param("health-centre", "hur väljer jag hälsocentral", [], id="not asked"),
    ],
)
def test_who_is_open_now(assistant: Assistant, entry: str, text: str, expected: list) -> None:
    found = opened(assistant, entry, asked(text))
    assert [(one.id, one.by_phone, one.now) for one in found] == expected


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("öppnar hälsocentralen i norrby på fredag?", [(27, ((480, 900),))]),
        ("har norrby hälsocentral öppet i helgen", [(28, ()), (29, ())]),
        ("norrby hälsocentral öppet på julafton", [(24, None)]),
    ],
)
def test_days_that_are_asked_about(assistant: Assistant, text: str, days: list) -> None:
    (found,) = opened(assistant, "health-centre", asked(text))
    assert found.now is None
    assert [(day.day.day, day.times) for day in found.days] == days


def test_a_place_without_hours_says_nothing(assistant: Assistant) -> None:
    assert opened(assistant, "health-centre", asked("öppet nu?", "soderby")) == ()


def test_after_its_period_a_place_is_unknown(assistant: Assistant) -> None:
    (found,) = opened(assistant, "school", asked("är skolan öppen nu", "soderby", date(2026, 12, 21)))
    assert found.now == Opening("unknown")


def test_the_reply_carries_what_is_open(assistant: Assistant) -> None:
    reply = assistant.reply(asked("har vårdcentralen i Norrby öppet nu?"))
    assert isinstance(reply, Answer)
    assert [one.id for one in reply.openings] == ["health-centre-norrby"]


def test_another_question_gets_the_same_reply_at_any_time(assistant: Assistant) -> None:
    question = "Vilka tomter är lediga i Norrby?"
    assert assistant.reply(asked(question)) == assistant.reply(asked(question, at=time(23)))
