"""Opening hours in words: with a contact, before an answer, in both languages, by a clock that stands still."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter

from bot import DayTimes, Hours, Language, Localized, Moment, Opening, OpeningOf
from web.hours import hours_payload, opening_sentences, spoken

READ = TypeAdapter(Hours).validate_python
MONDAY = datetime(2026, 11, 23, 10, 30)
TODAY = MONDAY.date()
OFFICE = READ(dict.fromkeys(("mon", "tue", "wed", "thu"), "08:00-12:00, 13:00-16:30"))


@pytest.fixture(scope="module")
def monday(make_app: Callable[..., Flask]) -> FlaskClient:
    """A browser of an application where it is always Monday, half past ten in Sweden."""
    return make_app(clock=lambda zone: datetime(2026, 11, 23, 9, 30, tzinfo=UTC).astimezone(zone)).test_client()


def ask(client: FlaskClient, question: str, municipality: str = "norrby") -> dict[str, Any]:
    response = client.post("/api/v1/chat", json={"question": question, "municipality": municipality})
    assert response.status_code == 200
    return dict(response.json)


@pytest.mark.parametrize(
    ("now", "language", "state", "text"),
    [
        (MONDAY, "sv", "open", "Öppet nu, till 12.00"),
        (MONDAY, "en", "open", "Open now, until 12:00"),
        (MONDAY.replace(hour=12), "sv", "closed", "Stängt nu. Öppnar kl. 13.00"),
        (MONDAY.replace(hour=17), "sv", "closed", "Stängt nu. Öppnar i morgon kl. 08.00"),
        (MONDAY.replace(hour=17), "en", "closed", "Closed now. Opens tomorrow at 08:00"),
        (datetime(2026, 11, 26, 18), "sv", "closed", "Stängt nu. Öppnar måndag 30 november kl. 08.00"),
        (datetime(2026, 11, 26, 18), "en", "closed", "Closed now. Opens on Monday 30 November at 08:00"),
        (datetime(2026, 12, 24, 10), "sv", "unknown", "Vi vet inte om det är öppet i dag. I dag: Julafton"),
    ],
)
def test_the_line_says_how_it_stands(now: datetime, language: Language, state: str, text: str) -> None:
    told = hours_payload(OFFICE, now, language)
    assert (told["state"], told["text"]) == (state, text)


@pytest.mark.parametrize(
    ("now", "text"),
    [
        (MONDAY, "Svarar i telefon nu, till 12.00"),
        (MONDAY.replace(hour=12), "Svarar inte i telefon nu. Öppnar kl. 13.00"),
    ],
)
def test_phone_hours_are_told_as_such(now: datetime, text: str) -> None:
    assert hours_payload(OFFICE, now, "sv", phone=True)["text"] == text


@pytest.mark.parametrize(
    ("language", "week"),
    [
        (
            "sv",
            [
                ("mån–tors", "08.00–12.00, 13.00–16.30"),
                ("fre–sön", "stängt"),
                ("helgdagar", "stängt"),
            ],
        ),
        ("en", [("Mon–Thu", "08:00–12:00, 13:00–16:30"), ("Fri–Sun", "closed"), ("public holidays", "closed")]),
    ],
)
def test_days_alike_are_one_row(language: Language, week: list[tuple[str, str]]) -> None:
    assert [(row["days"], row["times"]) for row in hours_payload(OFFICE, MONDAY, language)["week"]] == week


def test_days_that_differ_within_two_weeks_are_listed_with_their_reason() -> None:
    assert hours_payload(OFFICE, datetime(2026, 12, 20, 10), "sv")["exceptions"] == [
        {"days": "tors 24 dec.", "times": "okänt", "note": "Julafton"},
        {"days": "tors 31 dec.", "times": "okänt", "note": "Nyårsafton"},
    ]


def test_times_of_another_period_are_not_shown_as_this_weeks() -> None:
    ended = READ({"mon": "08:00-16:00", "valid": {"to": "2026-06-30"}})
    told = hours_payload(ended, MONDAY, "sv")
    assert (told["state"], told["week"], told["exceptions"]) == ("unknown", [], [])


def test_nothing_is_said_where_nobody_has_said_anything() -> None:
    assert hours_payload(None, MONDAY, "sv") is None


def opening(**given: Any) -> OpeningOf:
    return OpeningOf(**{"id": "x", "name": Localized("Biblioteket", "The library"), "phone": "0933-1", **given})


@pytest.mark.parametrize(
    ("given", "sv", "en"),
    [
        pytest.param(
            {"by_phone": False, "now": Opening("open", Moment(TODAY, 960))},
            "Biblioteket har öppet nu, till 16.00.",
            "The library is open now, until 16:00.",
            id="open",
        ),
        pytest.param(
            {"by_phone": False, "now": Opening("open")},
            "Biblioteket har öppet dygnet runt.",
            "The library is open day and night.",
            id="always",
        ),
        pytest.param(
            {"by_phone": False, "now": Opening("open", Moment(date(2026, 11, 24), 120))},
            "Biblioteket har öppet nu och stänger i morgon kl. 02.00.",
            "The library is open now and closes tomorrow at 02:00.",
            id="over midnight",
        ),
        pytest.param(
            {"by_phone": False, "now": Opening("closed", opens=Moment(date(2026, 11, 24), 480))},
            "Biblioteket har stängt nu och öppnar i morgon kl. 08.00.",
            "The library is closed now and opens tomorrow at 08:00.",
            id="closed",
        ),
        pytest.param(
            {"by_phone": False, "now": Opening("closed", note=Localized("Ombyggnad", "Rebuilding"))},
            "Biblioteket har stängt nu. I dag: Ombyggnad.",
            "The library is closed now. Today: Rebuilding.",
            id="closed for long",
        ),
        pytest.param(
            {"by_phone": False, "now": Opening("unknown")},
            "Jag vet inte om Biblioteket har öppet i dag. Ring 0933-1 så får du veta säkert.",
            "I do not know whether The library is open today. Call 0933-1 to be sure.",
            id="unknown",
        ),
        pytest.param(
            {"by_phone": True, "now": Opening("open", Moment(TODAY, 660))},
            "Biblioteket svarar i telefon nu, till 11.00.",
            "The library answers the phone now, until 11:00.",
            id="phone",
        ),
        pytest.param(
            {"by_phone": False, "days": (DayTimes(TODAY, ((480, 720), (780, 960))),)},
            "Biblioteket har öppet i dag: 08.00–12.00, 13.00–16.00.",
            "The library is open today: 08:00–12:00, 13:00–16:00.",
            id="today",
        ),
        pytest.param(
            {"by_phone": False, "days": (DayTimes(date(2026, 11, 24), ()),)},
            "Biblioteket har stängt i morgon, tisdag 24 november.",
            "The library is closed tomorrow, Tuesday 24 November.",
            id="tomorrow",
        ),
        pytest.param(
            {"by_phone": False, "days": (DayTimes(date(2027, 6, 25), None, Localized("Midsommarafton", "M")),)},
            "Jag vet inte om Biblioteket har öppet fredag 25 juni (Midsommarafton). Ring 0933-1 så får du veta säkert.",
            "I do not know whether The library is open on Friday 25 June (M). Call 0933-1 to be sure.",
            id="a named day",
        ),
    ],
)
def test_the_sentence_answers(given: dict[str, Any], sv: str, en: str) -> None:
    assert opening_sentences([opening(**given)], TODAY, "sv") == sv
    assert opening_sentences([opening(**given)], TODAY, "en") == en


def test_languages_have_names() -> None:
    assert spoken(["sv", "ar", "zz-unknown"], "en") == [
        {"code": "sv", "name": "Swedish"},
        {"code": "ar", "name": "Arabic"},
        {"code": "zz-unknown", "name": "zz-unknown"},
    ]


def test_a_reply_begins_with_what_was_asked(monday: FlaskClient) -> None:
    reply = ask(monday, "har vårdcentralen i Norrby öppet nu?")
    assert reply["text"].startswith("Norrby hälsocentral har öppet nu, till 17.00.\n\nDu väljer hälsocentral")
    assert ask(monday, "is the health centre in Norrby open tomorrow?")["text"].startswith(
        "Norrby health centre is open tomorrow, Tuesday 24 November: 08:00–17:00.\n\n"
    )


def test_a_contact_says_when_it_is_open(monday: FlaskClient) -> None:
    (contact,) = ask(monday, "hur hyr jag en lägenhet i norrby")["contacts"]
    assert contact["hours"]["text"] == "Öppet nu, till 16.30"
    assert contact["phone_hours"] is None
    assert contact["languages"] == [{"code": "sv", "name": "svenska"}, {"code": "ar", "name": "arabiska"}]


def test_the_page_shows_the_same_without_javascript(monday: FlaskClient) -> None:
    page = monday.get("/norrby/sv/rental-housing").text
    blocks = re.findall(r'<details class="hours">(.*?)</details>', page, re.S)
    assert len(blocks) == 2  # in the answer, and beside it
    for block in blocks:
        assert re.search(r"<summary>\s*Öppet nu, till 16.30\s*</summary>", block)
        assert "<span>ons</span> <span>08.00–12.00, 13.00–16.30</span>" in block
    assert "Språk som talas: svenska, arabiska" in page


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(2026, 3, 27, 8, 0, tzinfo=UTC), "Öppet nu, till 15.00"),  # 09.00, winter time
        (datetime(2026, 3, 30, 14, 45, tzinfo=UTC), "Stängt nu. Öppnar i morgon kl. 08.00"),  # 16.45, summer time
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "Stängt nu. Öppnar i morgon kl. 08.00"),  # 02.30 for the first time
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "Stängt nu. Öppnar i morgon kl. 08.00"),  # and again
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Stängt nu. Öppnar måndag 4 januari kl. 08.00. I dag: Nyårsdagen"),
    ],
    ids=["before", "after", "02.30", "02.30 again", "New Year"],
)
def test_it_is_swedish_time_that_counts(make_app: Callable[..., Flask], instant: datetime, text: str) -> None:
    client = make_app(clock=lambda zone: instant.astimezone(zone)).test_client()
    contact = client.get("/api/v1/entries/rental-housing?municipality=norrby&language=sv").json["contacts"][0]
    assert contact["hours"]["text"] == text


def test_the_time_zone_is_a_setting(make_app: Callable[..., Flask]) -> None:
    instant = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert instant.astimezone(ZoneInfo("Asia/Tokyo")).hour == 18
    client = make_app(clock=lambda zone: instant.astimezone(zone), HEMVIST_TIMEZONE="Asia/Tokyo").test_client()
    contact = client.get("/api/v1/entries/rental-housing?municipality=norrby&language=sv").json["contacts"][0]
    assert contact["hours"]["state"] == "closed"
