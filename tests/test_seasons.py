"""Answers for a time: withheld before and after their days everywhere, and what returns each year says when."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import TypeAdapter

from bot import Season, formatted, inspect, json_schemas
from web.export.site import export

READ = TypeAdapter(Season).validate_python
WITHIN_DAYS = """\
entries:
  - id: summer-jobs
    questions:
      sv:
        - Hur söker jag sommarjobb?
        - sommarjobb för unga
        - feriejobb i kommunen
      en:
        - How do I apply for a summer job?
        - summer jobs for teenagers
    answer:
      sv: Sök på kommunens webbplats.
      en: Apply on the municipality's site.
    valid:
      from: 2026-02-01
      to: 2026-03-31
    next:
      - broadband
  - id: broadband
    questions:
      sv:
        - Finns det fiber?
        - bredband i byarna
      en:
        - Is there fibre?
        - broadband in the villages
    answer:
      sv: Fiber finns i byarna.
      en: There is fibre in the villages.
    next:
      - summer-jobs
"""
IN_SEASON = WITHIN_DAYS.replace(
    "    valid:\n      from: 2026-02-01\n      to: 2026-03-31\n", "    season:\n      from: 02-01\n      to: 03-31\n"
)
At = Callable[[str, str], FlaskClient]


@pytest.fixture
def at(knowledge_folder: Path, make_app: Callable[..., Flask]) -> At:
    """Make a browser of an application with more entries, whose clock stands at a moment of universal time."""

    def stand(moment: str, entries: str = WITHIN_DAYS) -> FlaskClient:
        (knowledge_folder / "municipalities" / "norrby" / "more.yaml").write_text(entries, encoding="utf-8")
        then = datetime.fromisoformat(moment).replace(tzinfo=UTC)

        def clock(zone: ZoneInfo) -> datetime:
            return then.astimezone(zone)

        return make_app(clock, HEMVIST_KNOWLEDGE=str(knowledge_folder)).test_client()

    return stand


# valid, in Swedish time, on every way to an answer

MOMENTS = {
    "the minute before the first day": ("2026-01-31T22:59", False),
    "the first minute": ("2026-01-31T23:00", True),
    "on the way": ("2026-03-01T12:00", True),
    "the last minute, in summer time": ("2026-03-31T21:59", True),
    "the minute after": ("2026-03-31T22:00", False),
    "the next year": ("2027-03-01T12:00", False),
}
WAYS: dict[str, Callable[[FlaskClient], bool]] = {
    "asked": lambda client: chat(client, "hur söker jag sommarjobb")["entry"] == "summer-jobs",
    "asked in English": lambda client: chat(client, "summer jobs for teenagers")["entry"] == "summer-jobs",
    "its page": lambda client: client.get("/norrby/sv/summer-jobs").status_code == 200,
    "read by the API": lambda client: (
        client.get("/api/v1/entries/summer-jobs?municipality=norrby&language=sv").status_code == 200
    ),
    "what to ask next": lambda client: (
        "summer-jobs" in {one["entry"] for one in chat(client, "finns det fiber")["next"]}
    ),
    "a link on a page": lambda client: 'href="/norrby/sv/summer-jobs"' in client.get("/norrby/sv/broadband").text,
    "searched": lambda client: 'href="/norrby/sv/summer-jobs"' in client.get("/norrby/sv/search?q=sommarjobb").text,
    "in the list of all": lambda client: 'href="/norrby/en/summer-jobs"' in client.get("/norrby/en/search").text,
    "suggested": lambda client: (
        "summer-jobs" in client.get("/api/v1/titles?municipality=norrby&language=sv").get_data(as_text=True)
    ),
    "as a beginning": lambda client: (
        "summer-jobs" in {one["entry"] for one in welcome(client, "summer-jobs")["topics"]}
    ),
    "around a beginning": lambda client: (
        "summer-jobs" in {one["entry"] for one in welcome(client, "broadband")["topics"]}
    ),
}


def chat(client: FlaskClient, question: str) -> dict[str, Any]:
    answered = client.post("/api/v1/chat", json={"question": question, "municipality": "norrby"})
    found: dict[str, Any] = answered.get_json()
    return found


def welcome(client: FlaskClient, topic: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/welcome?municipality=norrby&language=sv&topic={topic}").get_json()
    return found


@pytest.mark.parametrize(("moment", "is_given"), MOMENTS.values(), ids=MOMENTS)
def test_an_answer_is_given_on_its_days_alone_whatever_way_leads_to_it(at: At, moment: str, *, is_given: bool) -> None:
    client = at(moment, WITHIN_DAYS)
    assert {way: leads(client) for way, leads in WAYS.items()} == dict.fromkeys(WAYS, is_given)


@pytest.mark.parametrize(("moment", "is_given"), MOMENTS.values(), ids=MOMENTS)
def test_a_copy_holds_what_is_given_on_its_day(at: At, tmp_path: Path, moment: str, *, is_given: bool) -> None:
    export(at(moment, WITHIN_DAYS).application, tmp_path / "copy", ["norrby"])
    named = {
        str(file.relative_to(tmp_path / "copy"))
        for file in (tmp_path / "copy").rglob("*.*")
        if "summer-jobs" in f"{file.name} {file.read_text(encoding='utf-8')}"
    }
    assert bool(named) is is_given
    page = tmp_path / "copy" / "norrby" / "en" / "answer" / "summer-jobs.html"
    assert page.exists() is is_given
    if is_given:
        assert "This holds until 31 March 2026." in page.read_text(encoding="utf-8")


DEADLINE = {"the last minute": ("2026-12-15T22:59", True), "the minute after": ("2026-12-15T23:00", False)}


@pytest.mark.parametrize(("moment", "is_listed"), DEADLINE.values(), ids=DEADLINE)
def test_a_vacancy_leaves_lists_feeds_and_copies_after_its_last_day(
    knowledge_folder: Path, at: At, tmp_path: Path, moment: str, *, is_listed: bool
) -> None:
    jobs = (
        "jobs:\n  - id: summer-host\n    title:\n      sv: Sommarvärd\n    employer: Norrby\n    deadline: 2026-12-15\n"
    )
    (knowledge_folder / "municipalities" / "norrby" / "jobs.yaml").write_text(jobs, encoding="utf-8")
    client = at(moment, WITHIN_DAYS)
    for address in ("/norrby/sv/map?show=jobs", "/norrby/sv/jobs.atom", "/api/v1/jobs?municipality=norrby"):
        assert ("Sommarvärd" in client.get(address).get_data(as_text=True)) is is_listed, address
    export(client.application, tmp_path / "copy", ["norrby"])
    assert (tmp_path / "copy" / "norrby" / "sv" / "jobs.html").exists() is is_listed


# seasons

DAYS = [
    pytest.param(("04-01", "09-30"), date(2026, 3, 31), False, date(2026, 4, 1), id="the day before"),
    pytest.param(("04-01", "09-30"), date(2026, 4, 1), True, date(2026, 9, 30), id="the first day"),
    pytest.param(("04-01", "09-30"), date(2026, 9, 30), True, date(2026, 9, 30), id="the last day"),
    pytest.param(("04-01", "09-30"), date(2026, 10, 1), False, date(2027, 4, 1), id="the day after"),
    pytest.param(("12-01", "03-31"), date(2026, 12, 31), True, date(2027, 3, 31), id="over New Year, before it"),
    pytest.param(("12-01", "03-31"), date(2027, 1, 1), True, date(2027, 3, 31), id="over New Year, after it"),
    pytest.param(("12-01", "03-31"), date(2026, 4, 1), False, date(2026, 12, 1), id="outside a winter"),
    pytest.param(("02-01", "02-28"), date(2028, 2, 29), True, date(2028, 2, 29), id="February ends on a leap day"),
    pytest.param(("02-01", "02-28"), date(2027, 2, 28), True, date(2027, 2, 28), id="February ends"),
    pytest.param(("03-01", "02-28"), date(2028, 2, 29), True, date(2028, 2, 29), id="the whole year"),
    pytest.param(("05-05", "05-05"), date(2026, 5, 5), True, date(2026, 5, 5), id="a single day"),
]


@pytest.mark.parametrize(("ends", "day", "is_open", "turns"), DAYS)
def test_a_season_returns_each_year(ends: tuple[str, str], day: date, turns: date, *, is_open: bool) -> None:
    season = READ({"from": ends[0], "to": ends[1]})
    assert (season.covers(day), season.turns(day)) == (is_open, turns)


WRITTEN = {
    "the last minute": ("2026-03-31T21:59", "in-season", "Det är öppet nu, till och med den 31 mars 2026."),
    "the minute after": (
        "2026-03-31T22:00",
        "out-of-season",
        "Det är inte öppet just nu. Det öppnar den 1 februari 2027.",
    ),
}


@pytest.mark.parametrize(("moment", "code", "text"), WRITTEN.values(), ids=WRITTEN)
def test_an_answer_says_whether_it_is_the_season(at: At, moment: str, code: str, text: str) -> None:
    client = at(moment, IN_SEASON)
    reply = chat(client, "hur söker jag sommarjobb")
    assert reply["entry"] == "summer-jobs"
    assert {"code": code, "text": text} in reply["notices"]
    assert f'<p class="callout {code}">{text}</p>' in client.get("/norrby/sv/summer-jobs").text
    assert {way: leads(client) for way, leads in WAYS.items()} == dict.fromkeys(WAYS, True)


def test_a_season_may_say_it_in_other_words(at: At) -> None:
    own = '\n      outside:\n        sv: "Skolvalet är stängt till den {date}."\n        en: "Closed until {date}."\n'
    client = at("2026-05-01T12:00", IN_SEASON.replace("      to: 03-31\n", f"      to: 03-31{own}"))
    assert "Closed until 1 February 2027." in client.get("/norrby/en/summer-jobs").text


def test_a_copy_tells_the_days_and_not_how_it_stands(at: At, tmp_path: Path) -> None:
    export(at("2026-05-01T12:00", IN_SEASON).application, tmp_path / "copy", ["norrby"])
    text = (tmp_path / "copy" / "norrby" / "en" / "answer" / "summer-jobs.html").read_text(encoding="utf-8")
    assert "Each year from 1 February to 31 March." in text
    assert "not open now" not in text


WRONG = {
    "no such day": ("from: 02-30\n      to: 03-31", "'02-30' is not a day of every year; write MM-DD"),
    "not in every year": ("from: 02-29\n      to: 03-31", "'02-29' is not a day of every year"),
    "a whole date": ("from: 2026-02-01\n      to: 03-31", "'2026-02-01' is not a day of every year"),
    "no end": ("from: 02-01", "season.to: is missing"),
    "an unknown field": ("from: 02-01\n      to: 03-31\n      outsid: x", "did you mean 'outside'?"),
}


@pytest.mark.parametrize(("written", "told"), WRONG.values(), ids=WRONG)
def test_a_season_that_cannot_be_read_is_told_with_its_line(knowledge_folder: Path, written: str, told: str) -> None:
    file = knowledge_folder / "municipalities" / "norrby" / "more.yaml"
    file.write_text(IN_SEASON.replace("from: 02-01\n      to: 03-31", written), encoding="utf-8")
    _, problems = inspect(knowledge_folder)
    assert [
        str(one) for one in problems if told in str(one) and re.match(r"municipalities/norrby/more.yaml:\d+:", str(one))
    ]


def test_a_season_goes_with_the_answer_it_was_written_for(knowledge_folder: Path) -> None:
    (knowledge_folder / "national" / "more.yaml").write_text(IN_SEASON, encoding="utf-8")
    local = "entries:\n  - id: summer-jobs\n    answer:\n      sv: Ring oss.\n"
    (knowledge_folder / "municipalities" / "soderby" / "more.yaml").write_text(local, encoding="utf-8")
    knowledge, _ = inspect(knowledge_folder)
    assert knowledge is not None
    assert knowledge.view("norrby").entries["summer-jobs"].season == READ({"from": "02-01", "to": "03-31"})
    assert knowledge.view("soderby").entries["summer-jobs"].season is None


def test_one_shape_puts_the_season_in_its_place() -> None:
    mixed = "entries:\n  - id: a\n    season:\n      from: 12-01\n      to: 03-31\n    answer:\n      sv: Ja.\n"
    shaped = formatted(mixed, "a.yaml")
    assert shaped.index("answer:") < shaped.index("season:")
    assert "from: 12-01\n" in shaped


def test_editors_know_seasons() -> None:
    assert json_schemas()["entries"]["$defs"]["Season"]["required"] == ["from", "to"]
