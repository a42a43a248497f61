"""The month's report: what is counted, what is told of it, who reads it, and what outlives the turns."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
import seeds
from click.testing import CliRunner
from flask import Flask
from members import Browser, StoppedClock, add_member, service_of
from sqlalchemy import Engine, select, text

from bot import load
from web.charts import Words, bars, ceiling, columns, line
from web.cli import cli
from web.evidence import Evidence, evidence, together
from web.evidence_table import rows as as_rows
from web.months import Month, read_month, span_before, span_of
from web.office import office_hours
from web.settings import Settings, read_settings
from web.store.conversations import write
from web.store.engine import open_engine, reading
from web.store.evidence import cells, standing_between, tallied
from web.store.evidence_tables import Tally
from web.store.gaps import decide
from web.store.schema import upgrade
from web.store.upkeep import roll
from web.story import story
from web.ticking import tick

NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)  # a Monday
MARCH, APRIL = Month(2026, 3), Month(2026, 4)
PAGE = "/staff/norrby/reports"
VILLAGES = ("Ava", "Bua", "Eda", "Ife", "Ola")
MOVE = {"origin": "abroad", "citizenship": "eu", "home": "renting", "children": ["school"], "date": "2027-06-01"}
KNOWLEDGE = Path(__file__).parent / "knowledge"


def turn(at: datetime, number: int = 0, **changing: Any) -> dict[str, Any]:
    usual = {
        "municipality": "norrby", "language": "sv", "key_hash": f"{number:064}", "asked_at": at, "day": at.date(),
        "kind": "answer", "entry": "plots", "confidence": 0.9, "question": None, "gap": None,
    }  # fmt: skip
    return {**usual, **changing}


def turns(count: int, at: datetime, **changing: Any) -> list[dict[str, Any]]:
    return [turn(at, number, **changing) for number in range(count)]


def gather(engine: Engine, settings: Settings, month: Month = MARCH, now: datetime = NOW) -> Evidence:
    with reading(engine).connect() as connection:
        return evidence(connection, settings, load(settings.knowledge), "norrby", month, now)


def told(found: Evidence, language: Any = "en") -> str:
    return " ".join(story(found, "Norrby", lambda entry: entry, language))


# the days of a report


@pytest.mark.parametrize(
    ("month", "today", "last", "before"),
    [
        pytest.param(MARCH, date(2026, 4, 20), date(2026, 3, 31), (date(2026, 2, 1), date(2026, 2, 28)), id="over"),
        pytest.param(APRIL, date(2026, 4, 20), date(2026, 4, 20), (date(2026, 3, 1), date(2026, 3, 20)), id="running"),
        pytest.param(MARCH, date(2026, 3, 30), date(2026, 3, 30), (date(2026, 2, 1), date(2026, 2, 28)), id="longer"),
        pytest.param(
            Month(2026, 1), date(2026, 4, 1), date(2026, 1, 31), (date(2025, 12, 1), date(2025, 12, 31)), id="new year"
        ),
    ],
)  # fmt: skip
def test_a_running_month_is_compared_with_the_same_days(
    month: Month, today: date, last: date, before: tuple[date, date]
) -> None:
    span = span_of(month, today)
    assert span.last == last
    assert (span_before(span).first, span_before(span).last) == before


@pytest.mark.parametrize("text", ["", "2026", "2026-13", "2026-1", "2026-03-01", "03-2026", "x" * 30])
def test_what_is_no_month_is_none(text: str) -> None:
    assert read_month(text) is None
    assert read_month("2026-03") == MARCH


HOURS = {
    "2026-03-02T08:00": 0,  # a Monday, as they open
    "2026-03-03T16:59": 0,
    "2026-03-04T07:59": 1,
    "2026-03-05T17:00": 1,
    "2026-03-01T12:00": 1,  # a Sunday
    "2026-03-30T08:00": 0,  # summer time
    "2026-03-31T07:59": 1,
    "2026-04-03T12:00": 1,  # Good Friday
    "2026-12-24T12:00": 1,  # Christmas Eve
}


def test_office_hours_are_those_of_the_swedish_clock(engine: Engine, store_settings: Settings) -> None:
    asked = {at: datetime.fromisoformat(at).replace(tzinfo=store_settings.timezone) for at in HOURS}
    write(engine, [turn(at) for at in asked.values()], [], {})
    hours = office_hours(date(2026, 2, 1), date(2026, 12, 31), store_settings.timezone)
    with reading(engine).connect() as connection:
        found = {
            cell.day: cell.outside for cell in cells(connection, "norrby", date(2026, 1, 1), date(2026, 12, 31), hours)
        }
    assert found == {at.date(): HOURS[name] for name, at in asked.items()}


# what outlives the turns


def test_counts_say_what_turns_said(engine: Engine, store_settings: Settings) -> None:
    evening, noon = datetime(2026, 3, 2, 20, tzinfo=UTC), datetime(2026, 3, 2, 11, tzinfo=UTC)
    written = [*turns(7, noon), *turns(3, evening), *turns(6, noon, kind="none", entry=None, language="en")]
    write(engine, [*written, *turns(9, noon, municipality="soderby")], [], {})
    before = gather(engine, store_settings).now
    roll(engine, date(2026, 4, 1), hours_of=lambda first, last: office_hours(first, last, store_settings.timezone))
    after = gather(engine, store_settings).now
    assert (before.questions, before.outside) == (16, 3 / 16)
    assert after == before


def test_of_counts_from_before_nobody_knows_the_hours(engine: Engine, store_settings: Settings) -> None:
    write(engine, turns(30, datetime(2026, 3, 2, 20, tzinfo=UTC)), [], {})
    roll(engine, date(2026, 4, 1))
    found = gather(engine, store_settings)
    assert found.now.outside is None
    assert "offices are closed" not in told(found)


def test_a_message_is_counted_for_good(engine: Engine, store_settings: Settings) -> None:
    march = datetime(2026, 3, 10, 12, tzinfo=UTC)
    for _again in range(2):
        seeds.leave_message(store_settings, "AAAAA-11111", at=march)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM messages"))
    assert gather(engine, store_settings).now.messages == 1


def test_older_messages_are_counted_when_the_schema_comes(engine: Engine, store_settings: Settings) -> None:
    from web.store.version import MIGRATIONS

    seeds.leave_message(store_settings, "AAAAA-11111")
    script = (MIGRATIONS / "versions" / "v0007_evidence.py").read_text("utf-8")
    counting = "".join(re.findall(r'"([^"]*)"', script[script.index("MESSAGES = (") :].split("\n)\n")[0]))
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM tallies"))
        connection.execute(text(counting))
        assert connection.execute(select(Tally.what, Tally.day, Tally.number)).all() == [
            ("message", date(2026, 3, 2), 1)
        ]


def test_a_plan_is_counted_and_nothing_else_of_it(make_app: Callable[..., Flask], database: dict[str, str]) -> None:
    app = make_app(StoppedClock(), **database)
    client = app.test_client()
    assert client.post("/norrby/sv/plan", data=MOVE).status_code == 200
    assert client.post("/api/v1/plan", json={"municipality": "norrby", **MOVE}).status_code == 200
    services = app.extensions["hemvist"]
    services.journal.close()
    with service_of(app).store.reading() as connection:
        assert tallied(connection, "norrby", date(2026, 3, 2), date(2026, 3, 2)) == {"plan": 2}


def test_the_tick_notes_how_the_answers_stand(engine: Engine, store_settings: Settings) -> None:
    for _again in range(2):
        tick(store_settings, NOW)
    with reading(engine).connect() as connection:
        found = standing_between(connection, "norrby", APRIL.first, APRIL.last)
    assert found["own-sv"] > 0
    assert {"overdue", "outdated", "missing-en", "to-fill-sv"} <= found.keys()


def test_words_are_found_in_turns_and_where_they_are_kept_longer(engine: Engine, store_settings: Settings) -> None:
    seeds.ask(store_settings, *["kan man ha höns"] * 6)
    before = gather(engine, store_settings).gaps
    tick(store_settings, NOW)
    assert gather(engine, store_settings).gaps == before != []


# what is told: the same whichever database it is


@pytest.fixture
def file_settings(tmp_path: Path) -> Settings:
    given = {"HEMVIST_KNOWLEDGE": str(KNOWLEDGE), "HEMVIST_DATA": str(tmp_path), "HEMVIST_SECRET_KEY": "s3" * 20}
    return read_settings(given)


@pytest.fixture
def file(file_settings: Settings) -> Iterator[Engine]:
    made = open_engine(file_settings)
    upgrade(made)
    yield made
    made.dispose()


def test_what_fewer_than_five_came_to_is_not_told(file: Engine, file_settings: Settings) -> None:
    at = datetime(2026, 3, 2, 11, tzinfo=UTC)
    written = [*turns(5, at), *turns(4, at, entry="move"), *turns(4, at, kind="safety", entry="violence-support")]
    write(file, written, [], {})
    found = gather(file, file_settings)
    assert (dict(found.now.topics), found.now.other_topics) == ({"plots": 5}, 4)
    assert found.now.outcomes == {"answered": 13, "chosen": 0, "silent": 0, "safety": 0}
    assert not any("move" in map(str, row.values()) or "violence" in str(row) for row in as_rows(found, "norrby"))


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        pytest.param(["kan man ha höns"] * 5, "kan man ha höns", id="five said so"),
        pytest.param(["kan man ha höns"] * 3 + ["Kan man ha hons?"] * 2, "kan man ha höns", id="spelt otherwise"),
        pytest.param(["kan man ha höns"] * 4, None, id="four"),
        pytest.param(
            [f"{name} får jag ha höns och kaniner på gården bakom det gamla huset i byn" for name in VILLAGES],
            "… får jag ha höns och kaniner på gården bakom det gamla huset i byn", id="only words in common",
        ),
    ],
)  # fmt: skip
def test_only_words_that_five_visitors_typed_are_told(
    file: Engine, file_settings: Settings, asked: list[str], told: str | None
) -> None:
    seeds.ask(file_settings, *asked)
    found = gather(file, file_settings).gaps
    if told is None:
        assert found == []
        return
    (one,) = found
    assert (one.wording, one.visitors) == (told, 5)


def test_one_visitor_who_asks_five_times_is_one(file: Engine, file_settings: Settings) -> None:
    seeds.ask(file_settings, *["kan man ha höns"] * 9, key_hash="a" * 64)
    assert gather(file, file_settings).gaps == []


def test_what_became_of_a_gap_is_told(file: Engine, file_settings: Settings) -> None:
    from web.gap_words import hasher

    seeds.ask(file_settings, *["kan man ha höns"] * 6)
    assert "Nobody has dealt with it yet" in told(gather(file, file_settings))
    hashes = hasher(file_settings)("norrby", "kan man ha höns")
    with file.begin() as connection:
        decide(connection, "norrby", hashes, "solved", "eva@norrby.example", datetime(2026, 3, 9, tzinfo=UTC), "plots")
    found = gather(file, file_settings)
    assert "“kan man ha höns” (6 visitors). It has been answered since." in told(found)
    assert found.now.gaps == {"solved": 1}


def test_the_story_is_made_of_the_figures(file: Engine, file_settings: Settings) -> None:
    march, february = datetime(2026, 3, 2, 11, tzinfo=UTC), datetime(2026, 2, 3, 11, tzinfo=UTC)
    written = [*turns(40, march), *turns(10, march, kind="none", entry=None, language="en")]
    write(file, [*written, *turns(25, february)], [], {})
    assert told(gather(file, file_settings)).startswith(
        "In March 2026 visitors of Norrby asked 50 questions. That is 100 per cent more than in February 2026. "
        "80 per cent got an answer at once, 0 per cent a choice of answers, and 20 per cent none. "
        "0 per cent came when offices are closed, in the evening, at night or on a day off. "
        "20 per cent were asked in English. Most came to “plots” (40)."
    )
    assert told(gather(file, file_settings, Month(2026, 2))).startswith(
        "In February 2026 visitors of Norrby asked 25 questions. It is the first month with figures"
    )


@pytest.mark.parametrize(
    ("month", "words"),
    [
        (Month(2026, 2), "Nothing is known of February 2026: the first question came on 2 March 2026."),
        (APRIL, "Nobody asked anything in April 2026."),
    ],
    ids=["before the first", "empty"],
)
def test_a_month_without_questions_says_so(file: Engine, file_settings: Settings, month: Month, words: str) -> None:
    write(file, turns(3, datetime(2026, 3, 2, 11, tzinfo=UTC)), [], {})
    assert told(gather(file, file_settings, month)) == words


def test_nothing_at_all_says_so(file: Engine, file_settings: Settings) -> None:
    assert "Nobody has asked anything yet at Norrby." in told(gather(file, file_settings))


def test_a_group_is_the_sum_of_its_members_without_words(file: Engine, file_settings: Settings) -> None:
    at = datetime(2026, 3, 2, 20, tzinfo=UTC)
    write(file, [*turns(6, at), *turns(5, at, municipality="soderby", entry="move")], [], {})
    seeds.ask(file_settings, *["kan man ha höns"] * 6)
    knowledge = load(file_settings.knowledge)
    with reading(file).connect() as connection:
        parts = [evidence(connection, file_settings, knowledge, name, MARCH, NOW) for name in ("norrby", "soderby")]
    whole = together(parts)
    assert whole.now.questions == 17
    assert whole.trend == {MARCH: 17}
    assert whole.gaps == ()
    assert dict(whole.now.topics) == {"plots": 6, "move": 5}


# charts


@pytest.mark.parametrize(("value", "expected"), [(0, 2), (2, 2), (3, 4), (11, 20), (41, 60), (999, 1000), (1001, 2000)])
def test_a_scale_ends_on_a_round_number(value: float, expected: int) -> None:
    assert ceiling(value) == expected


def test_nothing_is_drawn_outside_its_chart() -> None:
    words = Words("x", "X", "x", ("a",), ())
    drawn = [
        columns(words, [("1", 0), ("2", 7)]),
        bars(words, [("a", 0, 3, "0"), ("b", 5, None, "5")]),
        columns(words, []),
    ]
    for chart in drawn:
        for bar in chart.bars:
            assert bar.x >= 0
            assert bar.x + bar.width <= chart.width
            assert 0 <= bar.y <= bar.y + bar.height <= chart.height
    assert [y for _x, y in line(words, [("a", 1), ("b", 0.5)]).points] == [26, 101]


# the pages, the command, the open data


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(NOW)


@pytest.fixture
def app(make_app: Callable[..., Flask], clock: StoppedClock) -> Flask:
    made = make_app(clock)
    add_member(made, "vera@norrby.example", ("norrby", "viewer"))
    add_member(made, "anna@norrby.example", ("norrby", "admin"))
    settings = service_of(made).settings
    engine = open_engine(settings)
    with service_of(made).store.reading():
        pass
    at = datetime(2026, 3, 2, 20, tzinfo=UTC)
    write(engine, [*turns(30, at), *turns(6, datetime(2026, 4, 2, tzinfo=UTC))], [], {})
    engine.dispose()
    return made


def test_a_viewer_reads_the_last_month_that_is_over(app: Flask, clock: StoppedClock) -> None:
    vera = Browser(app).sign_in("vera@norrby.example", clock)
    page = vera.get(PAGE).text
    assert "Rapport om mars 2026" in page
    assert "ställde besökare i Norrby 30 frågor" in page
    assert page.count('<svg class="drawn"') == page.count('<table class="list figures">') - page.count("missed-table")
    running = vera.get(f"{PAGE}?month=2026-04").text
    assert "6 frågor" in running
    assert "Månaden pågår" in running
    assert [vera.get(f"{PAGE}?month={month}").status_code for month in ("2026-05", "x")] == [404, 404]


def test_the_figures_are_a_table_for_spreadsheets(app: Flask, clock: StoppedClock) -> None:
    vera = Browser(app).sign_in("vera@norrby.example", clock)
    answer = vera.get("/staff/norrby/reports.csv?month=2026-03")
    assert answer.content_type == "text/csv; charset=utf-8"
    found = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert {row["municipality"] for row in found} == {"norrby"}
    assert {(row["figure"], row["part"]): row["value"] for row in found if row["month"] == "2026-03"}[
        "topic", "plots"
    ] == "30"


def test_figures_are_public_only_where_staff_say_so(app: Flask, clock: StoppedClock) -> None:
    path = "/api/v1/figures?municipality=norrby&month=2026-03"
    assert app.test_client().get(path).status_code == 404
    anna = Browser(app).sign_in("anna@norrby.example", clock)
    anna.get("/staff/norrby/settings")
    sent = anna.post("/staff/norrby/settings", {"part": "figures", "open_figures": "yes"})
    assert sent.status_code == 303
    figures = app.test_client().get(path).get_json()["figures"]
    assert ("questions", 30) in [(one["figure"], one["value"]) for one in figures]
    assert app.test_client().get(path.replace("-03", "-04")).status_code == 404
    assert "norrby,2026-03,2026-03-31,questions,,30" in app.test_client().get(f"{path}&format=csv").text


def test_a_group_names_only_those_one_may_read(app: Flask, clock: StoppedClock) -> None:
    vera = Browser(app).sign_in("vera@norrby.example", clock)
    groups = load(service_of(app).settings.knowledge).municipalities["norrby"].groups
    page = vera.get(f"{PAGE}/group/{groups[0]}?month=2026-03").text
    table = page[page.index('aria-labelledby="each"') : page.index("</table>")]
    assert "Norrby" in table
    assert "Söderby" not in table
    assert vera.get(f"{PAGE}/group/others").status_code == 404


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--month", "2026-03"], "Norrby, March 2026"),
        (
            ["--month", "2026-03", "--format", "csv", "--municipality", "norrby"],
            "norrby,2026-03,2026-03-31,questions,,3",
        ),
        (["--month", "2999-01"], "write a month that has begun as YYYY-MM"),
        (["--municipality", "nowhere"], "no such municipality"),
        (["--group", "nowhere"], "no such group"),
    ],
    ids=["text", "csv", "month", "municipality", "group"],
)
def test_the_command_says_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], words: str
) -> None:
    given = {"HEMVIST_KNOWLEDGE": str(KNOWLEDGE), "HEMVIST_DATA": str(tmp_path), "HEMVIST_SECRET_KEY": "s3" * 20}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    seeds.ask(read_settings(given), "a", "b", "c", kind="answer", entry="plots")
    assert words in CliRunner().invoke(cli, ["report", *arguments]).output
