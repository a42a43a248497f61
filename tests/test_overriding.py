"""What staff decided wins over the files, and takes no other knowledge with it."""

from datetime import date, time
from pathlib import Path
from typing import Any

import pytest

from bot import Assistant, Knowledge, Localized, NoAnswer, Question, load, override, read_setting
from bot.models import Answer

KNOWLEDGE = Path(__file__).parent / "knowledge"
DAY = date(2026, 11, 23)
OFF = {"norrby": {"switched_off": {"sv": "Vi bygger om.", "en": "We are rebuilding."}}}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(KNOWLEDGE)


def test_each_setting_wins_over_the_file(knowledge: Knowledge) -> None:
    values = {
        "accent": "#004d40", "origins": ["https://www.norrby.example"], "official": True, "legal_hold": True,
        "disposal": "KS 2026:1", "message_days": 90, "mailbox": "a@norrby.example", "greeting": {"sv": "Hej!"},
    }  # fmt: skip
    found = override(knowledge, {"norrby": values}).municipalities["norrby"]
    assert (found.accent, found.origins, found.official) == ("#004d40", ("https://www.norrby.example",), True)
    assert (found.legal_hold, found.disposal, found.message_days) == (True, "KS 2026:1", 90)
    assert found.greeting == Localized("Hej!")
    assert knowledge.municipalities["norrby"].accent == "#1f5f4a"


def test_others_keep_what_they_have(knowledge: Knowledge) -> None:
    found = override(knowledge, OFF)
    assert found.municipalities["soderby"] == knowledge.municipalities["soderby"]


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("accent", "green"), ("origins", ["https://www.norrby.example/path"]), ("official", "maybe"),
        ("message_days", 0), ("mailbox", "nobody"), ("greeting", {"German": "Hallo"}), ("hours", {"contact": "A b"}),
        ("hours", {"contact": "switchboard", "hours": {"mon": "25:00-26:00"}}),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_what_a_file_may_not_say_is_refused(knowledge: Knowledge, setting: Any, value: Any) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_setting(setting, value)
    assert override(knowledge, {"norrby": {setting: value}}).municipalities == knowledge.municipalities


def test_a_municipality_that_is_gone_is_passed_over(knowledge: Knowledge) -> None:
    assert override(knowledge, {"nowhere": {"accent": "#004d40"}}).municipalities == knowledge.municipalities


def test_hours_change_the_week_and_keep_the_special_days(knowledge: Knowledge) -> None:
    wanted = {"contact": "switchboard", "hours": {"mon": "09:00-10:00"}, "phone_hours": {"tue": "08:00-12:00"}}
    before = knowledge.view("norrby").contacts["switchboard"]
    after = override(knowledge, {"norrby": {"hours": wanted}}).view("norrby").contacts["switchboard"]
    assert before.hours
    assert after.hours
    assert after.phone_hours
    assert (after.hours.mon, after.hours.tue) == (((540, 600),), ())
    assert (after.hours.exceptions, after.phone) == (before.hours.exceptions, before.phone)
    assert after.phone_hours.tue == ((480, 720),)


def test_switched_off_nothing_is_answered_but_danger(knowledge: Knowledge) -> None:
    plain = Assistant(knowledge)
    off = plain.on(override(knowledge, OFF))
    reply = off.reply(Question("vilka tomter är lediga", "norrby", DAY, asked_at=time(10)))
    assert isinstance(reply, NoAnswer)
    assert reply.switched_off == Localized("Vi bygger om.", "We are rebuilding.")
    assert reply.contacts[0].id == "switchboard"
    crisis = off.reply(Question("min man slår mig", "norrby", DAY))
    assert isinstance(crisis, Answer)
    assert crisis.kind == "safety"
    assert not isinstance(plain.reply(Question("vilka tomter är lediga", "norrby", DAY)), NoAnswer)
    assert not isinstance(off.reply(Question("vilka tomter är lediga", "soderby", DAY)), NoAnswer)
