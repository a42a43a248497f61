"""When something is open: weekdays, lunch, public holidays and their eves, exceptions, the unknown, the year's turn."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from pydantic import TypeAdapter

from bot.inventory import Hours, Moment, Opening, Times
from bot.records.hours import day_times, eve, next_named, public_holiday, state, times_on, unusual_days
from bot.values import Localized

READ = TypeAdapter(Hours).validate_python
DAYTIME = ((480, 960),)
WORKDAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), "08:00-16:00")


def hours(**given: Any) -> Hours:
    return READ({**WORKDAYS, **given})


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 1), "Nyårsdagen"),
        (date(2026, 1, 6), "Trettondedag jul"),
        (date(2026, 4, 3), "Långfredagen"),
        (date(2026, 4, 6), "Annandag påsk"),
        (date(2027, 3, 26), "Långfredagen"),
        (date(2026, 5, 14), "Kristi himmelsfärdsdag"),
        (date(2026, 6, 6), "Nationaldagen"),
        (date(2026, 6, 20), "Midsommardagen"),
        (date(2027, 6, 26), "Midsommardagen"),
        (date(2026, 10, 31), "Alla helgons dag"),
        (date(2026, 12, 26), "Annandag jul"),
        (date(2026, 11, 22), None),  # a Sunday like others
        (date(2026, 6, 19), None),
    ],
    ids=str,
)
def test_public_holidays_are_those_of_the_law(day: date, name: str | None) -> None:
    found = public_holiday(day)
    assert (found.sv if found else None) == name


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 1, 5), "Trettondagsafton"),
        (date(2026, 4, 4), "Påskafton"),
        (date(2026, 4, 30), "Valborgsmässoafton"),
        (date(2026, 5, 23), "Pingstafton"),
        (date(2026, 6, 19), "Midsommarafton"),
        (date(2027, 6, 25), "Midsommarafton"),
        (date(2026, 10, 30), "Alla helgons afton"),
        (date(2026, 12, 24), "Julafton"),
        (date(2026, 12, 31), "Nyårsafton"),
        (date(2026, 4, 2), None),  # skärtorsdagen
        (date(2026, 5, 13), None),
        (date(2026, 6, 5), None),
    ],
    ids=str,
)
def test_eves_are_the_eight_that_change_hours(day: date, name: str | None) -> None:
    found = eve(day)
    assert (found.sv if found else None) == name


@pytest.mark.parametrize(
    ("given", "day", "times"),
    [
        pytest.param({}, date(2026, 11, 23), DAYTIME, id="monday"),
        pytest.param({}, date(2026, 11, 22), (), id="a weekday left out is closed"),
        pytest.param({}, date(2026, 12, 25), (), id="Christmas Day is closed where nothing else is said"),
        pytest.param({"holidays": None}, date(2026, 12, 25), None, id="a holiday nobody has spoken of"),
        pytest.param({"holidays": None}, date(2026, 4, 5), (), id="Easter Sunday where Sundays are closed"),
        pytest.param({"holidays": "10:00-14:00"}, date(2026, 4, 6), ((600, 840),), id="open on holidays"),
        pytest.param({}, date(2026, 12, 24), None, id="an eve nobody has spoken of"),
        pytest.param({}, date(2026, 4, 4), (), id="Easter Eve where Saturdays are closed"),
        pytest.param({"eves": "closed"}, date(2026, 6, 19), (), id="Midsummer Eve 2026 closed"),
        pytest.param({"eves": "08:00-12:00"}, date(2027, 6, 25), ((480, 720),), id="Midsummer Eve 2027 until noon"),
        pytest.param(
            {"exceptions": [{"from": "2026-12-24", "to": "2027-01-06", "times": "10:00-12:00"}]},
            date(2026, 12, 25),
            ((600, 720),),
            id="an exception goes before a holiday",
        ),
        pytest.param({"exceptions": [{"from": "2026-11-23"}]}, date(2026, 11, 23), (), id="an exception without times"),
        pytest.param(
            {
                "exceptions": [
                    {"from": "2026-06-15", "to": "2026-08-15", "times": "09:00-12:00"},
                    {"from": "2026-06-19", "to": "2026-06-20"},
                ]
            },
            date(2026, 6, 19),
            (),
            id="of two exceptions the shorter",
        ),
        pytest.param({"valid": {"to": "2026-11-22"}}, date(2026, 11, 23), None, id="after the times ended"),
        pytest.param({"valid": {"from": "2026-11-24"}}, date(2026, 11, 23), None, id="before the times began"),
        pytest.param({}, date(2026, 3, 30), DAYTIME, id="the day after summer time begins"),
    ],
)
def test_the_times_of_a_day(given: dict[str, Any], day: date, times: Times | None) -> None:
    assert times_on(hours(**given), day) == times


LUNCH = {"wed": "08:00-12:00, 13:00-16:30"}
ALWAYS = dict.fromkeys(("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays", "eves"), "00:00-24:00")
WEDNESDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 27)


@pytest.mark.parametrize(
    ("given", "day", "minute", "expected"),
    [
        pytest.param({}, WEDNESDAY, 480, Opening("open", Moment(WEDNESDAY, 960)), id="the first minute"),
        pytest.param({}, WEDNESDAY, 959, Opening("open", Moment(WEDNESDAY, 960)), id="the last minute"),
        pytest.param({}, WEDNESDAY, 960, Opening("closed", opens=Moment(date(2026, 11, 26), 480)), id="closing time"),
        pytest.param({}, WEDNESDAY, 0, Opening("closed", opens=Moment(WEDNESDAY, 480)), id="midnight"),
        pytest.param(LUNCH, WEDNESDAY, 700, Opening("open", Moment(WEDNESDAY, 720)), id="before lunch"),
        pytest.param(LUNCH, WEDNESDAY, 750, Opening("closed", opens=Moment(WEDNESDAY, 780)), id="lunch"),
        pytest.param({}, FRIDAY, 1000, Opening("closed", opens=Moment(date(2026, 11, 30), 480)), id="over the weekend"),
        pytest.param(
            {"wed": "08:00-12:00, 12:00-17:00"}, WEDNESDAY, 600, Opening("open", Moment(WEDNESDAY, 1020)), id="touching"
        ),
        pytest.param(ALWAYS, WEDNESDAY, 600, Opening("open"), id="day and night"),
        pytest.param(
            {"wed": "18:00-24:00", "thu": "00:00-02:00"},
            WEDNESDAY,
            1400,
            Opening("open", Moment(date(2026, 11, 26), 120)),
            id="over midnight",
        ),
        pytest.param(
            {"eves": "08:00-12:00"},
            date(2026, 12, 31),
            800,
            Opening("closed", opens=Moment(date(2027, 1, 4), 480), note=Localized("Nyårsafton", "New Year's Eve")),
            id="the year's turn",
        ),
        pytest.param({}, date(2026, 12, 23), 1000, Opening("closed"), id="nobody knows of tomorrow"),
        pytest.param(
            {}, date(2026, 12, 24), 600, Opening("unknown", note=Localized("Julafton", "Christmas Eve")), id="unknown"
        ),
        pytest.param(
            {
                "exceptions": [
                    {"from": "2026-11-20", "to": "2026-12-20", "note": {"sv": "Ombyggnad", "en": "Rebuilding"}}
                ]
            },
            WEDNESDAY,
            600,
            Opening("closed", note=Localized("Ombyggnad", "Rebuilding")),
            id="longer than we look ahead",
        ),
    ],
)
def test_how_it_stands_at_a_moment(given: dict[str, Any], day: date, minute: int, expected: Opening) -> None:
    assert state(hours(**given), day, minute) == expected


def test_the_days_that_differ_are_told_with_their_reason() -> None:
    found = unusual_days(hours(eves="closed"), date(2026, 12, 20))
    assert [(special.day.day, special.times, special.note and special.note.sv) for special in found] == [
        (24, (), "Julafton"),
        (25, (), "Juldagen"),
        (31, (), "Nyårsafton"),
        (1, (), "Nyårsdagen"),
    ]


def test_days_outside_the_period_are_not_told_as_unusual() -> None:
    assert unusual_days(hours(valid={"to": "2026-11-25"}), date(2026, 11, 23)) == ()


def test_an_exceptions_own_note_is_kept() -> None:
    special = {"from": "2026-12-24", "note": {"sv": "Julstängt", "en": "Closed for Christmas"}}
    assert day_times(hours(exceptions=[special]), date(2026, 12, 24)).note == Localized(
        "Julstängt", "Closed for Christmas"
    )


@pytest.mark.parametrize(
    ("name", "today", "day"),
    [
        ("Julafton", date(2026, 12, 24), date(2026, 12, 24)),
        ("Julafton", date(2026, 12, 25), date(2027, 12, 24)),
        ("Midsommarafton", date(2026, 11, 22), date(2027, 6, 25)),
        ("Lillördag", date(2026, 11, 22), None),
    ],
)
def test_a_named_day_is_the_next_of_its_name(name: str, today: date, day: date | None) -> None:
    assert next_named(name, today) == day


def test_a_start_without_hours_does_not_wait_for_the_calendar() -> None:
    loaded = "import sys, web.app; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", loaded], check=False).returncode == 0
