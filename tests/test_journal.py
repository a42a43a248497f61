"""Notes: redacted before they are written, and never in the way of an answer, whatever becomes of the database."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select

from web import journal as journals
from web.journal import BATCH, Journal, Look, OpinionNote, OriginNote, TurnNote
from web.services import EXTENSION
from web.settings import Settings
from web.store.engine import open_engine, reading
from web.store.errors import StoreError
from web.store.models import Turn
from web.store.version import FILE

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
QUESTION = {"question": "Vilka tomter är lediga i Norrby?", "municipality": "norrby"}


class Kept:
    """A ledger in memory, which fails on demand."""

    def __init__(self) -> None:
        self.turns: list[dict[str, Any]] = []
        self.opinions: list[dict[str, Any]] = []
        self.origins: dict[Any, int] = {}
        self.tallies: dict[Any, int] = {}
        self.batches: list[int] = []
        self.forgotten: list[str] = []
        self.fault: Exception | None = None
        self.ticked: datetime | None = None
        self.is_closed = False
        self.gate = threading.Event()
        self.gate.set()

    def write(self, turns: Any, opinions: Any, origins: Any, tallies: Any) -> int:
        self.gate.wait(20)
        if self.fault:
            raise self.fault
        self.batches.append(len(turns) + len(opinions))
        self.turns += turns
        self.opinions += opinions
        self.origins |= origins
        self.tallies |= tallies
        return 0

    def forget(self, key_hashes: list[str], *_rest: object) -> None:
        if self.fault:
            raise self.fault
        self.forgotten += key_hashes

    def look(self) -> Look:
        if self.fault:
            raise self.fault
        return Look(self.ticked)

    def close(self) -> None:
        self.is_closed = True


def note(question: str | None = "vad kostar en tomt", **changing: Any) -> TurnNote:
    usual = {"municipality": "norrby", "language": "sv", "key_hash": "a" * 64, "asked": NOW, "kind": "answer"}
    return TurnNote(**{**usual, "entry": "plots", "confidence": 0.9, "question": question, **changing})


def opinion(reason: str) -> OpinionNote:
    return OpinionNote("norrby", "sv", "a" * 64, "plots", True, reason, NOW)


def mask(text: str) -> str:
    return text.replace("811228-9874", "***")


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def begin() -> Iterator[Callable[..., Journal]]:
    made: list[Journal] = []

    def begin(ledger: Any, **options: Any) -> Journal:
        made.append(Journal(lambda: ledger, **{"redact": mask, "gather": 0.01, **options}))
        return made[-1]

    yield begin
    for journal in made:
        journal.close()


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.01)


def test_words_are_redacted_before_they_are_written(begin: Callable[..., Journal], kept: Kept) -> None:
    journal = begin(kept)
    journal.note(note("mitt nummer är 811228-9874"))
    journal.note(note("jag vill ha 811228-9874", kind="none", entry=None))
    journal.note(note(kind="records", missed="nära 811228-9874"))
    journal.note(opinion("skriv till 811228-9874"))
    until(lambda: kept.opinions)
    assert [row["question"] for row in kept.turns] == ["mitt nummer är ***", "jag vill ha ***", "vad kostar en tomt"]
    assert [row["gap"] for row in kept.turns] == [None, "jag vill ha ***", "nära ***"]
    assert kept.opinions[0]["reason"] == "skriv till ***"


@pytest.mark.parametrize("redact", [lambda text: 1 / 0, lambda text: None, lambda text: ""], ids=["fails", "none", ""])
def test_what_cannot_be_redacted_is_not_written(begin: Callable[..., Journal], kept: Kept, redact: Any) -> None:
    begin(kept, redact=redact).note(note("mitt nummer är 811228-9874"))
    until(lambda: kept.turns)
    assert kept.turns[0]["question"] is None


def test_failing_redaction_is_logged_without_the_words(
    begin: Callable[..., Journal], kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(text: str) -> str:
        raise ValueError(text)

    begin(kept, redact=fail).note(note("mitt nummer är 811228-9874"))
    until(lambda: kept.turns)
    assert "ValueError" in caplog.text
    assert "811228" not in caplog.text


def test_there_is_no_journal_without_redaction(kept: Kept) -> None:
    with pytest.raises(TypeError):
        Journal(lambda: kept)  # type: ignore[call-arg]


def test_notes_are_written_in_batches(begin: Callable[..., Journal], kept: Kept) -> None:
    journal = begin(kept, gather=0.3)
    for _ in range(BATCH + 20):
        journal.note(note())
    until(lambda: len(kept.turns) == BATCH + 20)
    assert kept.batches == [BATCH, 20]


def test_loads_of_the_widget_are_counted_together(begin: Callable[..., Journal], kept: Kept) -> None:
    journal = begin(kept)
    for _ in range(3):
        journal.note(OriginNote("norrby", "https://norrby.example", "abc", NOW.date()))
    until(lambda: kept.origins)
    assert kept.origins == {("norrby", "https://norrby.example", "abc", NOW.date()): 3}


def test_noting_waits_for_nobody(begin: Callable[..., Journal], kept: Kept) -> None:
    kept.gate.clear()
    journal = begin(kept, capacity=1_000)
    began = time.monotonic()
    for _ in range(3_000):
        journal.note(note())
    assert time.monotonic() - began < 1
    kept.gate.set()


def test_the_oldest_notes_fall_out_and_are_counted(begin: Callable[..., Journal], kept: Kept) -> None:
    kept.fault = StoreError("the disk is full")
    journal = begin(kept, capacity=10)
    for number in range(25):
        journal.note(note(f"question {number}"))
    until(lambda: journal.state.reason)
    until(lambda: journal.state.dropped == 15)
    kept.fault = None
    until(lambda: len(kept.turns) == 10)
    assert [row["question"] for row in kept.turns] == [f"question {number}" for number in range(15, 25)]
    until(lambda: journal.state.reason is None)


def test_an_outage_is_one_line_and_its_end_another(
    begin: Callable[..., Journal], kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.fault = StoreError("the disk is full")
    with caplog.at_level(logging.INFO, "hemvist.store"):
        journal = begin(kept)
        journal.note(note())
        until(lambda: journal.state.reason == "the disk is full")
        time.sleep(2)
        journal.note(note())
        kept.fault = None
        until(lambda: len(kept.turns) == 2)
        until(lambda: journal.state.reason is None)
    assert [record.levelname for record in caplog.records] == ["WARNING", "WARNING"]


def test_fault_of_ours_costs_one_batch(
    begin: Callable[..., Journal], kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    kept.fault = ValueError("secret words")
    journal = begin(kept)
    journal.note(note())
    until(lambda: journal.state.dropped == 1)
    kept.fault = None
    journal.note(note())
    until(lambda: kept.turns)
    assert "secret words" not in caplog.text


def test_store_that_hangs_is_told(begin: Callable[..., Journal], kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "HUNG", 0.2)
    kept.gate.clear()
    journal = begin(kept)
    journal.note(note())
    until(lambda: journal.state.reason == "the database does not answer")
    assert journal.forget(["a" * 64], "norrby", NOW, []) is False
    kept.gate.set()
    until(lambda: journal.state.reason is None)
    until(lambda: kept.forgotten)


def test_forgetting_is_done_after_what_was_noted_before(begin: Callable[..., Journal], kept: Kept) -> None:
    journal = begin(kept, gather=5)
    journal.note(note())
    assert journal.forget(["a" * 64], "norrby", NOW, []) is True
    assert (len(kept.turns), kept.forgotten) == (1, ["a" * 64])


def test_forgetting_that_fails_is_said_at_once_and_done_later(begin: Callable[..., Journal], kept: Kept) -> None:
    kept.fault = StoreError("gone")
    journal = begin(kept)
    journal.note(note())
    until(lambda: journal.state.reason)
    began = time.monotonic()
    assert journal.forget(["a" * 64], "norrby", NOW, []) is False
    assert time.monotonic() - began < 0.5
    kept.fault = None
    until(lambda: kept.forgotten)


def test_what_waits_is_written_at_the_end(begin: Callable[..., Journal], kept: Kept) -> None:
    journal = begin(kept, gather=60)
    journal.note(note())
    journal.close()
    assert (len(kept.turns), kept.is_closed) == (1, True)


@pytest.mark.parametrize(
    ("minutes", "ticked", "is_told"),
    [(14, None, False), (16, None, True), (20, 10, False), (30, 10, True)],
    ids=["just started", "never ticked", "ticked", "ticked once"],
)
def test_tick_that_is_overdue_is_told(
    begin: Callable[..., Journal], kept: Kept, minutes: int, ticked: int | None, *, is_told: bool
) -> None:
    clock = [NOW]
    kept.ticked = NOW + timedelta(minutes=ticked) if ticked else None
    journal = begin(kept, clock=lambda: clock[0])
    journal.note(note())
    until(lambda: journal._looked)
    clock[0] = NOW + timedelta(minutes=minutes)
    assert bool(journal.state.overdue) is is_told
    assert journal.state.reason is None


# the application over a database in trouble: every question is answered, and noted when that is possible again


def turns(settings: Settings) -> int:
    engine = open_engine(settings)
    try:
        with reading(engine).connect() as connection:
            return connection.scalar(select(func.count()).select_from(Turn))
    finally:
        engine.dispose()


@pytest.fixture
def app(make_app: Callable[..., Flask], store_settings: Settings, database: dict[str, str]) -> Flask:
    return make_app(HEMVIST_DATA=str(store_settings.data), **database)


def ask(app: Flask, times: int = 5) -> float:
    """Ask, and return how many seconds the slowest answer took."""
    client, slowest = app.test_client(), 0.0
    for _ in range(times):
        began = time.monotonic()
        assert client.post("/api/v1/chat", json=QUESTION).status_code == 200
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def is_degraded(app: Flask) -> bool:
    response = app.test_client().get("/readyz")
    assert response.status_code == 200
    assert (response.json["store"] == "degraded") is any(one.startswith("store: ") for one in response.json["problems"])
    return response.json["store"] == "degraded" and response.json["status"] == "degraded"


@pytest.fixture
def noted(app: Flask, store_settings: Settings) -> Flask:
    """An application that has noted five turns."""
    ask(app)
    until(lambda: (store_settings.data / FILE).exists() or store_settings.database_url)
    until(lambda: app.extensions[EXTENSION].journal.state.waiting == 0)
    until(lambda: _turns_or_none(store_settings) == 5)
    return app


def _turns_or_none(settings: Settings) -> int | None:
    try:
        return turns(settings)
    except Exception:  # noqa: BLE001 - there is no table yet
        return None


def test_answers_are_noted(noted: Flask) -> None:
    assert not is_degraded(noted)


UNFIT = ("\0", "hej \ud800", "\udfff\0tomt")  # what PostgreSQL keeps in no text


def unfit_bodies(unfit: str, context: str) -> list[tuple[str, dict[str, object]]]:
    """Return a body for each place that takes a text."""
    opinion = {"context": context, "entry": "plots", "helpful": False}
    message = {"municipality": "norrby", "message": "hej", "email": "anna@post.example"}
    return [
        *(("chat", {**QUESTION, name: unfit}) for name in ("question", "context", "municipality", "language")),
        ("chat", {**QUESTION, "question": f"Vilka tomter är lediga {unfit}"}),
        *(("feedback", {**opinion, name: unfit}) for name in ("reason", "entry", "context")),
        *(("messages", {**message, name: unfit}) for name in ("message", "email", "name", "topic")),
    ]


def test_f16_text_that_a_database_refuses_never_fails(noted: Flask, store_settings: Settings) -> None:
    client = noted.test_client()
    context = client.post("/api/v1/chat", json=QUESTION).json["context"]
    sent = [one for unfit in UNFIT for one in unfit_bodies(unfit, context)]
    statuses = [client.post(f"/api/v1/{path}", json=body).status_code for path, body in sent]
    assert {200, 422} <= set(statuses) <= {200, 201, 204, 400, 404, 422}
    journal = noted.extensions[EXTENSION].journal
    until(
        lambda: (
            turns(store_settings)
            == 6 + sum(one[0] == "chat" and status == 200 for one, status in zip(sent, statuses, strict=True))
        )
    )
    assert (journal.state.reason, journal.state.waiting, journal.state.dropped) == (None, 0, 0)


sqlite_only = pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
postgres_only = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@pytest.mark.nightly
@pytest.mark.slow
@sqlite_only
def test_database_locked_for_ten_seconds(noted: Flask, store_settings: Settings) -> None:
    with closing(sqlite3.connect(store_settings.data / FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        end = time.monotonic() + 10
        slowest = 0.0
        while time.monotonic() < end:
            slowest = max(slowest, ask(noted, 1))
            time.sleep(0.1)
        assert is_degraded(noted)
        assert slowest < 1
        other.execute("ROLLBACK")
    until(lambda: noted.extensions[EXTENSION].journal.state.waiting == 0)
    until(lambda: not is_degraded(noted))
    assert turns(store_settings) > 50


@sqlite_only
@pytest.mark.parametrize(
    ("hinder", "allow", "times"),
    [("query_only=ON", "query_only=OFF", 5), ("max_page_count=1", "max_page_count=100000", 400)],
    ids=["read-only", "disk full"],
)
def test_database_that_takes_nothing(
    noted: Flask, store_settings: Settings, hinder: str, allow: str, times: int
) -> None:
    """SQLite itself refuses: these settings give the errors of a read-only file and of a full disk."""
    pragma = [hinder]

    def set_pragma(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        connection.execute(f"PRAGMA {pragma[0]}").close()

    event.listen(Engine, "checkout", set_pragma)
    try:
        assert ask(noted, times) < 1
        until(lambda: is_degraded(noted))
        pragma[0] = allow
        until(lambda: turns(store_settings) == 5 + times)
        until(lambda: not is_degraded(noted))
    finally:
        event.remove(Engine, "checkout", set_pragma)
    assert noted.extensions[EXTENSION].journal.state.dropped == 0


@sqlite_only
@pytest.mark.parametrize("damage", [None, b"this is no database" * 100], ids=["deleted", "garbage"])
def test_database_file_that_is_lost(noted: Flask, store_settings: Settings, damage: bytes | None) -> None:
    journal = noted.extensions[EXTENSION].journal
    until(lambda: not journal._begun)  # else what it has just written is taken for lost, and written again
    for path in store_settings.data.glob(f"{FILE}*"):
        path.unlink()
    if damage:
        (store_settings.data / FILE).write_bytes(damage)
    assert ask(noted) < 1
    until(lambda: _turns_or_none(store_settings) == 5)
    until(lambda: not is_degraded(noted))


@postgres_only
def test_server_that_ends_our_connections(noted: Flask, store_settings: Settings, postgres: Any) -> None:
    postgres.do("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'test_%'")
    assert ask(noted) < 1
    until(lambda: turns(store_settings) == 10, 5)


@postgres_only
def test_server_that_is_gone_and_comes_back(noted: Flask, store_settings: Settings, postgres: Any) -> None:
    postgres.stop()
    try:
        assert ask(noted) < 1
        until(lambda: is_degraded(noted))
        assert ask(noted) < 1
    finally:
        postgres.start()
    until(lambda: not is_degraded(noted))
    assert turns(store_settings) == 15


@postgres_only
def test_server_that_hangs(
    noted: Flask, store_settings: Settings, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journals, "HUNG", 0.5)
    database = str(store_settings.database_url).rpartition("/")[2]
    with postgres.frozen(database):
        assert ask(noted) < 1
        until(lambda: is_degraded(noted))
        assert ask(noted) < 1
    until(lambda: turns(store_settings) == 15)
    until(lambda: not is_degraded(noted))


def test_server_that_was_never_there(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app(HEMVIST_DATA=str(tmp_path), HEMVIST_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert ask(app) < 1
    until(lambda: is_degraded(app))


def test_tick_that_is_overdue_leaves_the_store_well(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    app.extensions[EXTENSION].journal._clock = lambda: datetime.now(UTC) + timedelta(minutes=16)
    ready = app.test_client().get("/readyz").json
    assert (ready["status"], ready["store"]) == ("degraded", "ok")
    assert ready["problems"][0].startswith("tick: hemvist tick has done nothing since ")
