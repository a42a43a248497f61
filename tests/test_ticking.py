"""What happens as time goes by: texts are purged, turns counted, limits dropped, by one process at a time."""

import getpass
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, select

from web.cli import cli
from web.limits import FILE as LIMITS
from web.limits import FileCounter
from web.people import EVERYWHERE
from web.settings import Settings, read_settings
from web.store import audit
from web.store.conversations import forget, write
from web.store.engine import open_engine, reading
from web.store.leases import last_finished, lease
from web.store.models import Count, Turn
from web.supervision import TickChild
from web.ticking import TASKS, TickError, tick

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def settings(store_settings: Settings, knowledge_folder: Path, database: dict[str, str]) -> Settings:
    given = {"HEMVIST_KNOWLEDGE": str(knowledge_folder), "HEMVIST_DATA": str(store_settings.data)}
    return read_settings({**given, "HEMVIST_SECRET_KEY": "Vq3-" * 12, "HEMVIST_MESSAGE_KEY": "Wq4-" * 12, **database})


def turn(asked: datetime, municipality: str = "norrby", key: str = "a") -> dict[str, Any]:
    return {
        "municipality": municipality, "language": "sv", "key_hash": key * 64, "asked_at": asked, "day": asked.date(),
        "kind": "answer", "entry": "plots", "confidence": 0.9, "question": "vad kostar en tomt", "gap": None,
    }  # fmt: skip


def turns(engine: Engine) -> list[tuple[Any, ...]]:
    with reading(engine).connect() as connection:
        return [tuple(row) for row in connection.execute(select(Turn.day, Turn.question).order_by(Turn.day))]


def counts(engine: Engine) -> list[tuple[Any, ...]]:
    with reading(engine).connect() as connection:
        return [tuple(row) for row in connection.execute(select(Count.day, Count.number))]


def hold(folder: Path, municipality: str = "norrby") -> None:
    path = folder / "municipalities" / municipality / "municipality.yaml"
    text = path.read_text("utf-8").replace("legal_hold: false\n", "")
    path.write_text(f"{text}legal_hold: true\n", "utf-8")


def test_words_go_and_days_become_counts(engine: Engine, settings: Settings) -> None:
    days = [NOW - timedelta(days=days) for days in (29, 30, 31, 31)]
    write(engine, [turn(day - timedelta(seconds=1)) for day in days], [], {})
    tick(settings, NOW)
    assert turns(engine) == [(date(2026, 3, 1), None), (date(2026, 3, 2), "vad kostar en tomt")]
    assert counts(engine) == [(date(2026, 2, 28), 2)]
    assert last_finished(engine) == NOW


def test_what_is_purged_by_itself_stands_in_the_audit_once(engine: Engine, settings: Settings) -> None:
    old = NOW - timedelta(days=31)
    write(engine, [turn(old), turn(old), turn(old, "ostby"), turn(old, "gone")], [], {})
    for minutes in (5, 6, 70):
        tick(settings, NOW + timedelta(minutes=minutes))
    with reading(engine).connect() as connection:
        deeds = audit.page(connection, audit.Wanted(["norrby", "ostby", EVERYWHERE]), 1)
    assert {deed.scope: (deed.action, deed.detail["questions"]) for deed in deeds} == {
        "norrby": ("purged", 2), "ostby": ("purged", 1), None: ("purged", 1)
    }  # fmt: skip
    assert {(deed.actor, deed.at) for deed in deeds} == {
        (f"hemvist tick ({getpass.getuser()})", NOW + timedelta(minutes=5))
    }
    assert {deed.detail["before"] for deed in deeds} == {"2026-03-01T12:00+00:00"}
    assert len(deeds) == 3


def test_words_go_by_the_hour_so_that_no_audit_fills_with_minutes(engine: Engine, settings: Settings) -> None:
    write(engine, [turn(NOW - timedelta(days=30) + timedelta(minutes=minute)) for minute in range(4)], [], {})
    for minute in (1, 2, 3, 59, 60, 61):
        tick(settings, NOW + timedelta(minutes=minute))
    with reading(engine).connect() as connection:
        assert [deed.detail["questions"] for deed in audit.page(connection, audit.Wanted(["norrby"]), 1)] == [4]


def test_held_municipality_keeps_its_words(engine: Engine, settings: Settings, knowledge_folder: Path) -> None:
    hold(knowledge_folder)
    write(engine, [turn(NOW - timedelta(days=90)), turn(NOW - timedelta(days=90), "ostby")], [], {})
    tick(settings, NOW)
    assert turns(engine) == [(date(2025, 12, 31), "vad kostar en tomt")]


def test_while_the_knowledge_cannot_be_read_nothing_goes(
    engine: Engine, settings: Settings, knowledge_folder: Path
) -> None:
    (knowledge_folder / "municipalities/norrby/municipality.yaml").write_text("id: [")
    write(engine, [turn(NOW - timedelta(days=90))], [], {})
    with pytest.raises(TickError, match="legal hold cannot be read"):
        tick(settings, NOW)
    assert turns(engine) == [(date(2025, 12, 31), "vad kostar en tomt")]
    assert last_finished(engine) is None


def test_deleted_conversations_are_swept(engine: Engine, settings: Settings) -> None:
    write(engine, [turn(NOW), turn(NOW, key="b")], [], {})
    forget(engine, ["a" * 64], "norrby", NOW, held=["norrby"])
    tick(settings, NOW)
    assert len(turns(engine)) == 1


def test_task_that_another_process_does_is_left_to_it(engine: Engine, settings: Settings) -> None:
    write(engine, [turn(NOW - timedelta(days=90))], [], {})
    with lease(engine, "purge", "somebody", NOW), lease(engine, "roll", "somebody", NOW):
        tick(settings, NOW)
    assert turns(engine) == [(date(2025, 12, 31), "vad kostar en tomt")]


def test_old_limits_are_dropped(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.limits.WINDOW", 0)
    counter = FileCounter(settings.data / LIMITS)
    counter.hit([b"a", b"b"])
    counter.close()
    tick(settings)
    with closing(sqlite3.connect(settings.data / LIMITS)) as connection:
        assert connection.execute("SELECT count(*) FROM hits").fetchone() == (0,)


def test_tasks_have_leases_of_their_own() -> None:
    assert list(TASKS) == ["purge", "forget", "roll"]


# the commands


@pytest.fixture
def run(settings: Settings, database: dict[str, str]) -> Callable[..., Result]:
    def begin(*arguments: str) -> Result:
        given = {"HEMVIST_KNOWLEDGE": str(settings.knowledge), "HEMVIST_DATA": str(settings.data)}
        clean = dict.fromkeys([name for name in os.environ if name.startswith("HEMVIST_")])
        environment = {
            **clean,
            **given,
            "HEMVIST_SECRET_KEY": "Vq3-" * 12,
            "HEMVIST_MESSAGE_KEY": "Wq4-" * 12,
            **database,
        }
        return CliRunner().invoke(cli, arguments, env=environment)

    return begin


def test_tick_once(engine: Engine, run: Callable[..., Result]) -> None:
    write(engine, [turn(datetime.now(UTC) - timedelta(days=40))], [], {})
    assert run("tick", "--once").exit_code == 0
    assert turns(engine) == []


def test_tick_without_a_database_fails_in_one_line(run: Callable[..., Result], settings: Settings) -> None:
    if settings.database_url:
        return  # a file can be hindered without stopping a server that other tests use
    (settings.data / "hemvist.db").mkdir()
    result = run("tick", "--once")
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1


def test_purge_empties_what_is_old(engine: Engine, run: Callable[..., Result]) -> None:
    now = datetime.now(UTC)
    write(engine, [turn(now - timedelta(days=40)), turn(now)], [], {})
    result = run("purge")
    assert result.exit_code == 0
    assert result.output.startswith("1 questions asked before ")
    assert [question for _day, question in turns(engine)] == [None, "vad kostar en tomt"]
    assert run("purge").output.startswith("0 questions")
    with reading(engine).connect() as connection:
        (deed,) = audit.page(connection, audit.Wanted(["norrby"]), 1)
    assert deed.actor == f"hemvist purge ({getpass.getuser()})"
    assert (deed.action, deed.scope, deed.object) == ("purged", "norrby", "norrby")
    assert {name: deed.detail[name] for name in ("questions", "messages", "decision")} == {
        "questions": 1, "messages": 0, "decision": None
    }  # fmt: skip
    assert deed.detail["gaps_before"] < deed.detail["before"] < now.isoformat()


def test_purge_empties_everything(engine: Engine, run: Callable[..., Result]) -> None:
    write(engine, [turn(datetime.now(UTC)), turn(datetime.now(UTC), "ostby")], [], {})
    assert run("purge", "--all-texts", "--municipality", "ostby").exit_code == 0
    assert [question for _day, question in turns(engine)].count(None) == 1
    assert run("purge", "--all-texts").exit_code == 0
    assert [question for _day, question in turns(engine)] == [None, None]


@pytest.mark.parametrize("arguments", [(), ("--all-texts",), ("--municipality", "norrby")], ids=" ".join)
def test_146_purge_during_a_legal_hold_is_refused_and_names_it(
    engine: Engine, run: Callable[..., Result], knowledge_folder: Path, arguments: tuple[str, ...]
) -> None:
    hold(knowledge_folder)
    write(engine, [turn(NOW - timedelta(days=90))], [], {})
    result = run("purge", *arguments)
    assert result.exit_code == 2
    assert "norrby: nothing may be purged" in result.output
    assert "legal_hold: true" in result.output
    assert turns(engine) == [(date(2025, 12, 31), "vad kostar en tomt")]
    assert run("purge", "--municipality", "ostby").exit_code == 0


def test_purge_of_an_unknown_municipality_is_refused(run: Callable[..., Result]) -> None:
    result = run("purge", "--municipality", "nowhere")
    assert result.exit_code == 2
    assert "there are: " in result.output


# the child of the server


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch, store_settings: Settings) -> Iterator[TickChild]:
    monkeypatch.setattr("web.supervision.FIRST", 0.01)
    monkeypatch.setattr("web.supervision.SHORTEST", 0.05)
    monkeypatch.setenv("HEMVIST_DATA", str(store_settings.data))
    monkeypatch.setenv("HEMVIST_KNOWLEDGE", str(store_settings.knowledge))
    made = TickChild()
    yield made
    made.stop()


def pid_of(child: TickChild) -> int | None:
    running = child._child
    return running.pid if running and running.poll() is None else None


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_child_ticks_is_started_again_and_ends(child: TickChild, store_settings: Settings) -> None:
    child.start()
    engine = open_engine(store_settings)
    until(lambda: (store_settings.data / "hemvist.db").exists() and _ticked(engine))
    engine.dispose()
    first = pid_of(child)
    assert first
    os.kill(first, 9)
    until(lambda: pid_of(child) not in (None, first))
    second = pid_of(child)
    child.stop()
    until(lambda: not Path(f"/proc/{second}").exists())


def _ticked(engine: Engine) -> bool:
    try:
        return last_finished(engine) is not None
    except Exception:  # noqa: BLE001 - there is no table yet
        return False


@pytest.mark.slow
@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_child_ends_when_its_server_is_killed(store_settings: Settings) -> None:
    environment = {**os.environ, "HEMVIST_DATA": str(store_settings.data), "HEMVIST_KNOWLEDGE": str(ROOT / "knowledge")}
    start = "import sys; from web.ticking import run_below_server; run_below_server()"
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", start], cwd=ROOT, env=environment, stdin=pipe) as process:
        until(lambda: (store_settings.data / "hemvist.db").exists())
        process.stdin.close()
        process.stdin = None
        assert process.wait(20) == 0
