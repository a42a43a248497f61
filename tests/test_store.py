"""The store, on SQLite and on PostgreSQL: what is kept, for how long, and by whom it is touched."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, func, insert, select, text

from web.settings import Settings
from web.store import schema
from web.store.access import Store
from web.store.batches import BATCH
from web.store.conversations import forget, write
from web.store.engine import open_engine, reading
from web.store.errors import NewerSchemaError, StoreError
from web.store.gap_tables import GapMemberRow, GapRow
from web.store.leases import LONGEST, last_finished, lease
from web.store.ledger import Ledger
from web.store.models import Base, Count, Feedback, Forgotten, Origin, Turn
from web.store.opened import OpenStore
from web.store.revision_tables import ConflictRow, FolderFileRow, GenerationRow, RevisionRow
from web.store.schema import upgrade
from web.store.staff_tables import AuditRow
from web.store.upkeep import has_due, purge, roll, sweep, tidy
from web.store.version import FILE, MIGRATIONS, refuse_newer, versions

ROOT = Path(__file__).parent.parent
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
OF_KNOWLEDGE = {row.__tablename__ for row in (ConflictRow, FolderFileRow, GenerationRow, RevisionRow)}
OF_STAFF = {
    "staff_settings",
    "accounts",
    "grants",
    "invitations",
    "sessions",
    "recovery_codes",
    "tries",
    AuditRow.__tablename__,
}
OF_STAFF |= {GapRow.__tablename__, GapMemberRow.__tablename__}
KEY, OTHER = "a" * 64, "b" * 64


def turn(**changing: Any) -> dict[str, Any]:
    asked = changing.pop("asked_at", NOON)
    return {
        "municipality": "norrby",
        "language": "sv",
        "key_hash": KEY,
        "asked_at": asked,
        "day": asked.date(),
        "kind": "answer",
        "entry": "plots",
        "confidence": 0.9,
        "question": "vad kostar en tomt",
        "gap": None,
        **changing,
    }


def opinion(**changing: Any) -> dict[str, Any]:
    usual = {"municipality": "norrby", "language": "sv", "key_hash": KEY, "entry": "plots", "helpful": True}
    return {**usual, "reason": "bra", "at": NOON, **changing}


def rows(engine: Engine, table: Any, *columns: Any) -> list[tuple[Any, ...]]:
    with reading(engine).connect() as connection:
        return [
            tuple(row) for row in connection.execute(select(*columns).order_by(table.__table__.primary_key.columns[0]))
        ]


def count(engine: Engine, table: Any) -> int:
    with reading(engine).connect() as connection:
        return connection.scalar(select(func.count()).select_from(table))


# what is written


def test_turn_is_kept_as_it_was_given(engine: Engine) -> None:
    stockholm = datetime.fromisoformat("2026-04-01T00:30:00+02:00")
    write(engine, [turn(asked_at=stockholm, gap="nära havet")], [], {})
    (kept,) = rows(engine, Turn, Turn.asked_at, Turn.day, Turn.question, Turn.gap, Turn.confidence, Turn.key_hash)
    assert kept == (stockholm, date(2026, 4, 1), "vad kostar en tomt", "nära havet", 0.9, KEY)
    assert kept[0].utcoffset() == timedelta(0)


def test_nothing_is_kept_of_who_asks() -> None:
    """Whoever adds a column decides here that it says nothing of a person."""
    visitors = [table for name, table in Base.metadata.tables.items() if name not in OF_STAFF | OF_KNOWLEDGE]
    names = {column.name for table in visitors for column in table.columns}
    of_turns = {
        "municipality",
        "language",
        "key_hash",
        "asked_at",
        "day",
        "kind",
        "entry",
        "confidence",
        "question",
        "gap",
    }
    # how somebody is reached is in `sealed` alone, encrypted
    of_messages = {"request_hash", "topic", "sealed", "key_name", "state", "mail_id", "tries", "next_try", "problem"}
    of_messages |= {"sent_at", "handled_at", "read_at"}
    of_kept_questions = {"why", "missed", "text_hash"}
    of_others = {"id", "at", "helpful", "reason", "number", "origin", "version", "task", "holder", "until", "finished"}
    of_evidence = {"outside", "what", "generation", "questions", "before", "after"}  # counts alone
    assert names == of_turns | of_messages | of_kept_questions | of_others | of_evidence


def test_second_thought_on_an_answer_replaces_the_first(engine: Engine) -> None:
    write(engine, [], [opinion(), opinion(helpful=False, reason=None), opinion(entry="move", reason=None)], {})
    write(engine, [], [opinion(key_hash=OTHER)], {})
    found = sorted(rows(engine, Feedback, Feedback.key_hash, Feedback.entry, Feedback.helpful))
    assert found == [(KEY, "move", True), (KEY, "plots", False), (OTHER, "plots", True)]


def test_second_thought_that_another_process_wrote_first_stays(engine: Engine) -> None:
    later = opinion(helpful=False, reason="priset saknas", at=NOON + timedelta(seconds=5))
    write(engine, [], [later], {})
    write(engine, [], [opinion(helpful=False, reason=None), opinion(entry="move")], {})
    found = sorted(rows(engine, Feedback, Feedback.entry, Feedback.reason))
    assert found == [("move", "bra"), ("plots", "priset saknas")]


def test_none_of_the_choices_counts_each_time(engine: Engine) -> None:
    write(engine, [], [opinion(entry=None, helpful=False), opinion(entry=None, helpful=False)], {})
    assert count(engine, Feedback) == 2


def test_loads_of_the_widget_are_added_up(engine: Engine) -> None:
    key = ("norrby", "https://www.norrby.example", "abc", NOON.date())
    write(engine, [], [], {key: 3})
    write(engine, [], [], {key: 2, ("norrby", "https://www.norrby.example", "abd", NOON.date()): 1})
    assert sorted(rows(engine, Origin, Origin.version, Origin.number)) == [("abc", 5), ("abd", 1)]


def test_row_that_is_unfit_does_not_cost_the_others(engine: Engine) -> None:
    assert write(engine, [turn(), turn(municipality=None), turn()], [opinion(), opinion(helpful=None)], {}) == 2
    assert (count(engine, Turn), count(engine, Feedback)) == (2, 1)


# what is deleted


def test_deleted_conversation_is_gone_and_others_stay(engine: Engine) -> None:
    write(engine, [turn(), turn(key_hash=OTHER)], [opinion(), opinion(key_hash=OTHER)], {})
    for _ in range(2):
        forget(engine, [KEY], "norrby", NOON, held=[])
    assert rows(engine, Turn, Turn.key_hash) == rows(engine, Feedback, Feedback.key_hash) == [(OTHER,)]


def test_what_another_process_still_had_of_it_is_not_written(engine: Engine) -> None:
    forget(engine, [KEY], "norrby", NOON, held=[])
    before, after = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
    write(engine, [turn(asked_at=before), turn(asked_at=NOON), turn(asked_at=after)], [opinion(at=before)], {})
    assert rows(engine, Turn, Turn.asked_at) == [(after,)]
    assert count(engine, Feedback) == 0


def test_what_was_written_of_it_after_all_is_swept_away(engine: Engine) -> None:
    write(engine, [turn(), turn(key_hash=OTHER)], [opinion()], {})
    forget(engine, [KEY], "norrby", NOON, held=["norrby"])
    assert (count(engine, Turn), count(engine, Feedback)) == (2, 1)
    assert sweep(engine, NOON, held=["norrby"]) == 0
    assert sweep(engine, NOON) == 2
    assert rows(engine, Turn, Turn.key_hash) == [(OTHER,)]
    sweep(engine, NOON + timedelta(days=1))
    assert count(engine, Forgotten) == 1
    sweep(engine, NOON + timedelta(days=3))
    assert count(engine, Forgotten) == 0


# what time does


@pytest.mark.parametrize(("days", "stays"), [(29, True), (30, True), (31, False)])
def test_words_go_when_their_time_is_over(engine: Engine, days: int, *, stays: bool) -> None:
    write(engine, [turn(gap="nära havet")], [opinion()], {})
    purge(engine, NOON + timedelta(days=days) - timedelta(days=30))
    words = rows(engine, Turn, Turn.question, Turn.gap)
    known = rows(engine, Feedback, Feedback.reason, Feedback.key_hash, Feedback.helpful)
    assert words == ([("vad kostar en tomt", "nära havet")] if stays else [(None, None)])
    assert known == ([("bra", KEY, True)] if stays else [(None, None, True)])


def test_more_than_one_batch_is_purged(engine: Engine) -> None:
    number = 2 * BATCH + 1
    write(engine, [turn() for _ in range(number)], [], {})
    assert purge(engine, None) == number
    assert purge(engine, None) == 0


@pytest.mark.nightly
def test_l14_purge_of_100_000_rows_holds_nobody_up(engine: Engine, store_settings: Settings) -> None:
    """Whoever writes meanwhile is served, since no batch is larger than 1,000 rows."""
    with engine.begin() as connection:
        connection.execute(insert(Turn), [turn() for _ in range(100_000)])
    done = threading.Event()
    waits: list[float] = []

    def keep_asking() -> None:
        other = open_engine(store_settings)
        while not done.is_set():
            began = time.monotonic()
            write(other, [turn(asked_at=NOON + timedelta(days=1))], [], {})
            waits.append(time.monotonic() - began)
        other.dispose()

    asking = threading.Thread(target=keep_asking)
    asking.start()
    try:
        assert purge(engine, NOON + timedelta(hours=1)) == 100_000
    finally:
        done.set()
        asking.join()
    assert len(waits) > 1, "somebody is let in between the batches"
    assert max(waits) < 2, "nobody ran out of patience"
    assert count(engine, Turn) == 100_000 + len(waits)


def test_held_municipalities_keep_everything(engine: Engine) -> None:
    write(engine, [turn(), turn(municipality="osterby")], [opinion()], {})
    later = NOON + timedelta(days=90)
    purge(engine, later, held=["norrby"])
    roll(engine, later.date(), held=["norrby"])
    assert rows(engine, Turn, Turn.municipality, Turn.question) == [("norrby", "vad kostar en tomt")]
    assert rows(engine, Feedback, Feedback.reason) == [("bra",)]


def test_one_municipality_is_purged_alone(engine: Engine) -> None:
    write(engine, [turn(), turn(municipality="osterby")], [], {})
    assert purge(engine, None, only=["osterby"]) == 1
    assert rows(engine, Turn, Turn.question) == [("vad kostar en tomt",), (None,)]


def test_turns_become_counts_and_are_counted_once(engine: Engine) -> None:
    for _ in range(2):
        write(engine, [turn(), turn(language="en"), turn(kind="none", entry=None), turn()], [], {})
        assert roll(engine, NOON.date() + timedelta(days=1)) == 4
        assert roll(engine, NOON.date() + timedelta(days=1)) == 0
    found = rows(engine, Count, Count.day, Count.municipality, Count.language, Count.kind, Count.entry, Count.number)
    assert sorted(row[1:] for row in found) == [
        ("norrby", "en", "answer", "plots", 2),
        ("norrby", "sv", "answer", "plots", 4),
        ("norrby", "sv", "none", "", 2),
    ]
    assert count(engine, Turn) == 0


def test_turns_of_the_last_days_stay_turns(engine: Engine) -> None:
    write(engine, [turn()], [], {})
    assert roll(engine, NOON.date()) == 0


def test_there_is_something_due_only_when_there_is(engine: Engine) -> None:
    before, day = NOON - timedelta(days=30), (NOON - timedelta(days=30)).date()
    assert not has_due(engine, NOON, before, day)
    write(engine, [turn()], [opinion()], {})
    assert not has_due(engine, NOON, before, day)
    assert has_due(engine, NOON, NOON + timedelta(seconds=1), day)
    assert has_due(engine, NOON, before, NOON.date() + timedelta(days=1))
    forget(engine, [OTHER], "norrby", NOON, held=[])
    assert not has_due(engine, NOON, before, day)
    assert has_due(engine, NOON + timedelta(days=3), before, day)
    forget(engine, [KEY], "norrby", NOON, held=["norrby"])
    assert has_due(engine, NOON, before, day)


def test_purged_words_are_nowhere_in_the_files(engine: Engine, store_settings: Settings) -> None:
    if engine.dialect.name != "sqlite":
        return  # PostgreSQL cleans up by itself
    write(engine, [turn(question="enhörningstomt i väster", gap="enhörningar")], [opinion(reason="enhörning")], {})
    held = b"".join(path.read_bytes() for path in store_settings.data.iterdir())
    assert "enhörning".encode() in held
    purge(engine, None)
    tidy(engine)
    held = b"".join(path.read_bytes() for path in store_settings.data.iterdir())
    assert "enhörning".encode() not in held


# leases


def test_task_is_done_by_one(engine: Engine) -> None:
    with lease(engine, "purge", "one", NOON) as first, lease(engine, "purge", "two", NOON) as second:
        assert (first, second) == (True, False)
    with lease(engine, "purge", "two", NOON) as again:
        assert again
    assert last_finished(engine) == NOON


def test_task_of_somebody_who_died_is_taken_over(engine: Engine) -> None:
    with lease(engine, "purge", "one", NOON), lease(engine, "purge", "two", NOON + LONGEST) as second:
        assert second


def test_task_that_fails_is_free_again_and_not_done(engine: Engine) -> None:
    with pytest.raises(RuntimeError), lease(engine, "purge", "one", NOON):
        raise RuntimeError
    assert last_finished(engine) is None
    with lease(engine, "purge", "two", NOON) as second:
        assert second


# the schema


def test_migrations_make_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


NEWEST = versions()[-1]
LATER = f"{int(NEWEST) + 1:04}"
NEXT = f"""
import sqlalchemy as sa
from alembic import op

revision = "{LATER}"
down_revision = "{NEWEST}"


def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer()))
"""


@pytest.fixture
def next_migrations(tmp_path: Path) -> Path:
    """The migrations of a Hemvist to come."""
    folder = Path(shutil.copytree(MIGRATIONS, tmp_path / "50 % more" / "migrations"))
    (folder / "versions" / f"v{LATER}_later.py").write_text(NEXT)
    return folder


def test_148_older_schema_is_brought_up_to_date(engine: Engine, next_migrations: Path) -> None:
    write(engine, [turn()], [], {})
    upgrade(engine, next_migrations)
    upgrade(engine, next_migrations)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM later")) == 0
    assert count(engine, Turn) == 1


def test_148_newer_schema_is_refused_with_words(
    engine: Engine, store_settings: Settings, next_migrations: Path
) -> None:
    upgrade(engine, next_migrations)
    with pytest.raises(NewerSchemaError, match=f"schema '{LATER}', and the newest that this Hemvist knows is {NEWEST}"):
        refuse_newer(store_settings)
    with pytest.raises(NewerSchemaError):
        upgrade(engine)


def test_start_is_not_refused_without_a_store(store_settings: Settings) -> None:
    refuse_newer(store_settings)


START = """
import os, sys
from web.settings import read_settings
from web.store.engine import open_engine
from web.store.schema import upgrade
engine = open_engine(read_settings(os.environ))
sys.stdin.read()
upgrade(engine)
engine.dispose()
"""


def test_of_four_that_start_at_once_one_makes_the_tables(store_settings: Settings, database: dict[str, str]) -> None:
    given = {"HEMVIST_DATA": str(store_settings.data), "HEMVIST_SECRET_KEY": "Vq3-" * 12, **database}
    given["HEMVIST_MESSAGE_KEY"] = "Wq4-" * 12
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HEMVIST_")}
    pipes = {"stdin": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    starts = [
        subprocess.Popen([sys.executable, "-c", START], cwd=ROOT, env={**kept, **given}, **pipes) for _ in range(4)
    ]
    for start in starts:
        start.stdin.close()
        start.stdin = None
    errors = [start.communicate(timeout=60)[1] for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, errors
    engine = open_engine(store_settings)
    write(engine, [turn()], [], {})
    engine.dispose()


# SQLite alone


@pytest.fixture
def sqlite_settings(tmp_path: Path) -> Settings:
    from web.settings import read_settings

    return read_settings({"HEMVIST_KNOWLEDGE": str(ROOT / "tests/knowledge"), "HEMVIST_DATA": str(tmp_path)})


def test_file_is_for_its_owner_and_logs_ahead(sqlite_settings: Settings, tmp_path: Path) -> None:
    engine = open_engine(sqlite_settings)
    upgrade(engine)
    engine.dispose()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_no_connection_stays_open(sqlite_settings: Settings, tmp_path: Path) -> None:
    def opened() -> int:
        return sum(path.is_relative_to(tmp_path) for path in map(Path.resolve, Path("/proc/self/fd").iterdir()))

    ledger = Ledger(sqlite_settings)
    ledger.write([turn()], [], {})
    ledger.look()
    ledger.close()
    assert opened() == 0


@pytest.mark.parametrize("damage", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 4000])
def test_damaged_file_is_set_aside_and_a_new_one_begun(
    sqlite_settings: Settings, tmp_path: Path, damage: bytes
) -> None:
    (tmp_path / FILE).write_bytes(damage)
    ledger = Ledger(sqlite_settings)
    ledger.write([turn()], [], {})
    ledger.close()
    (aside,) = tmp_path.glob(f"{FILE}.damaged-*")
    assert aside.read_bytes() == damage


def numbers_in(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("SELECT count(*) FROM turns").fetchone()[0])


def test_who_has_a_file_open_that_is_set_aside_goes_on_in_the_new_one(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    slow, quick = Ledger(sqlite_settings), Ledger(sqlite_settings)
    slow.write([turn()], [], {})
    schema._set_aside(tmp_path / FILE)
    quick.write([turn()], [], {})
    slow.write([turn()], [], {})  # closes the old one, and must leave the log of the new one where it is
    quick.write([turn()], [], {})
    slow.close()
    quick.close()
    assert numbers_in(tmp_path / FILE) == 3
    (aside,) = (path for path in tmp_path.glob(f"{FILE}.damaged-*") if path.suffix.endswith("Z"))
    assert numbers_in(aside) == 1  # its log went with it


def test_what_is_written_while_the_file_is_set_aside_is_not_taken_for_kept(
    sqlite_settings: Settings, tmp_path: Path
) -> None:
    store, opened = Store(sqlite_settings), OpenStore(sqlite_settings)
    with pytest.raises(StoreError, match="replaced"), store.writing():
        schema._set_aside(tmp_path / FILE)
    with pytest.raises(StoreError, match="replaced"):
        opened.do(lambda: (tmp_path / FILE).unlink())
    opened.do(lambda: write(opened.engine, [turn()], [], {}))
    opened.close()
    assert numbers_in(tmp_path / FILE) == 1


def test_file_that_is_deleted_or_replaced_is_found_again(sqlite_settings: Settings, tmp_path: Path) -> None:
    ledger = Ledger(sqlite_settings)
    for _ in range(2):
        ledger.write([turn()], [], {})
        for path in tmp_path.glob(f"{FILE}*"):
            path.unlink()
    ledger.write([turn()], [], {})
    ledger.close()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (1,)
