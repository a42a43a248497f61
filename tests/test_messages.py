"""Messages to a person as they are kept: encrypted, listed, handled, and removed only when they may go."""

import json
import os
import sqlite3
import stat
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine, text

from bot import KnowledgeError, load
from web.cli import cli
from web.desk import LETTERS, Desk
from web.letters import Letter
from web.sealing import KEY_FILE, Seal, SealError, open_seal
from web.services import EXTENSION
from web.settings import Settings, read_settings
from web.store import audit
from web.store.engine import reading
from web.store.ledger import Ledger
from web.store.messages import find, listed, mark_handled
from web.ticking import tick

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
KEY, OTHER_KEY = "Wq4-" * 12, "Zz9-" * 12
LETTER = Letter(
    "norrby", "sv", "housing", "Vi vill bygga i Granby.", "Anna Ek", "anna@post.example", "070-1234567", False
)
SECRETS = ("bygga i Granby", "Anna Ek", "anna@post", "070-1234567", "1234567")


@pytest.fixture
def settings(store_settings: Settings, knowledge_folder: Path, database: dict[str, str]) -> Settings:
    given = {"HEMVIST_KNOWLEDGE": str(knowledge_folder), "HEMVIST_DATA": str(store_settings.data)}
    return read_settings({**given, "HEMVIST_SECRET_KEY": "Vq3-" * 12, "HEMVIST_MESSAGE_KEY": KEY, **database})


@pytest.fixture
def take(settings: Settings, engine: Engine) -> Iterator[Callable[..., str]]:
    known = load(settings.knowledge).municipalities
    desk = Desk(settings, open_seal(settings), ["secret"], lambda: known)
    yield lambda at=NOW, letter=LETTER: desk.take(letter, None, at).number
    desk.close()


@pytest.fixture
def run(settings: Settings, database: dict[str, str]) -> Callable[..., Result]:
    def begin(*arguments: str, key: str = KEY, group: tuple[str, ...] = ("messages",)) -> Result:
        given = {"HEMVIST_KNOWLEDGE": str(settings.knowledge), "HEMVIST_DATA": str(settings.data)}
        clean = dict.fromkeys([name for name in os.environ if name.startswith("HEMVIST_")])
        keys = {"HEMVIST_SECRET_KEY": "Vq3-" * 12, "HEMVIST_MESSAGE_KEY": key}
        return CliRunner().invoke(cli, [*group, *arguments], env={**clean, **given, **keys, **database})

    return begin


def decide(folder: Path, **fields: str) -> None:
    """Write what the municipality has decided."""
    path = folder / "municipalities" / "norrby" / "municipality.yaml"
    lines = [line for line in path.read_text("utf-8").splitlines() if line.split(":")[0] not in fields]
    path.write_text("\n".join([*lines, *(f"{name}: {value}" for name, value in fields.items())]) + "\n", "utf-8")


# encrypted


def test_dump_shows_neither_message_nor_contact(take: Callable[..., str], engine: Engine, settings: Settings) -> None:
    number = take()
    with engine.connect() as connection:
        dump = str([tuple(row) for row in connection.execute(text("SELECT * FROM messages"))])
    assert number in dump
    assert [secret for secret in SECRETS if secret in dump] == []
    if engine.dialect.name == "sqlite":
        engine.dispose()
        files = [path.read_bytes() for path in settings.data.glob("hemvist.db*")]
        assert [secret for secret in SECRETS for data in files if secret.encode() in data] == []


def test_what_is_sealed_opens_again() -> None:
    seal = Seal([KEY])
    values = {"message": "åäö 😀\n", "is_danger": True}
    assert seal.open(seal.name, seal.close(values, "a|norrby"), "a|norrby") == values


def test_same_text_is_never_sealed_alike() -> None:
    seal = Seal([KEY])
    assert seal.close({"a": "b"}, "x") != seal.close({"a": "b"}, "x")


def test_what_was_moved_to_another_row_does_not_open() -> None:
    seal = Seal([KEY])
    with pytest.raises(SealError, match="damaged, or was moved"):
        seal.open(seal.name, seal.close({"a": "b"}, "one|norrby"), "two|norrby")


@pytest.mark.parametrize(
    "change", [lambda sealed: sealed[:-8], lambda sealed: "AAAA" + sealed[4:], lambda _: "ö", lambda _: ""]
)
def test_what_was_changed_does_not_open(change: Callable[[str], str]) -> None:
    seal = Seal([KEY])
    with pytest.raises(SealError):
        seal.open(seal.name, change(seal.close({"a": "b"}, "x")), "x")


def test_key_is_changed_by_putting_the_new_one_first() -> None:
    old, both = Seal([KEY]), Seal([OTHER_KEY, KEY])
    assert both.open(old.name, old.close({"a": "b"}, "x"), "x") == {"a": "b"}
    assert both.name == Seal([OTHER_KEY]).name != old.name


def test_key_is_made_once_where_only_this_machine_is_served(tmp_path: Path) -> None:
    settings = read_settings({"HEMVIST_DATA": str(tmp_path)})
    assert open_seal(settings).name == open_seal(settings).name
    assert stat.S_IMODE((tmp_path / KEY_FILE).stat().st_mode) == 0o600


# a key that is lost


def test_lost_key_is_told_and_nothing_is_deleted(take: Callable[..., str], settings: Settings, engine: Engine) -> None:
    take()
    lost = Ledger(settings, Seal([OTHER_KEY]).names)
    assert lost.look().troubles == (
        "messages: 1 cannot be read: HEMVIST_MESSAGE_KEY is not the key they were written with; put that one behind it",
    )
    lost.close()
    found = Ledger(settings, Seal([OTHER_KEY, KEY]).names)
    assert found.look().troubles == ()
    found.close()
    assert len(listed(engine)) == 1


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_lost_key_degrades_readyz(take: Callable[..., str], make_app: Callable[..., Flask], settings: Settings) -> None:
    take()
    app = make_app(HEMVIST_DATA=str(settings.data), HEMVIST_MESSAGE_KEY=OTHER_KEY)
    journal = app.extensions[EXTENSION].journal
    ledger = Ledger(settings, Seal([OTHER_KEY]).names)
    journal._look = ledger.look()
    ledger.close()
    ready = app.test_client().get("/readyz").json
    assert ready["status"] == "degraded"
    assert ready["problems"][0].startswith("messages: 1 cannot be read: HEMVIST_MESSAGE_KEY")


def test_message_that_waits_for_hours_is_told(engine: Engine, take: Callable[..., str], settings: Settings) -> None:
    number = take(datetime.now(UTC) - timedelta(hours=2))
    with engine.begin() as connection:
        connection.execute(text("UPDATE messages SET state = 'waiting'"))
    ledger = Ledger(settings, open_seal(settings).names)
    assert ledger.look().troubles == ("messages: 1 have waited for an hour to be mailed; see `hemvist messages`",)
    mark_handled(engine, number, NOW)
    assert ledger.look().troubles == ()
    ledger.close()


# the list


def test_number_is_to_be_read_out_and_not_guessed(take: Callable[..., str]) -> None:
    numbers = {take() for _ in range(20)}
    assert len(numbers) == 20
    assert {len(number) for number in numbers} == {11}
    assert {letter for number in numbers for letter in number} <= {*LETTERS, "-"}


def test_list_shows_what_waits_and_no_word_of_it(take: Callable[..., str], run: Callable[..., Result]) -> None:
    first, second = take(NOW), take(NOW + timedelta(hours=1))
    assert run("handled", second).exit_code == 0
    result = run()
    assert result.exit_code == 0
    (line,) = result.output.splitlines()
    assert line.split("  ")[:3] == [first, "2026-11-23 10:00", "norrby"]
    assert "in this list alone" in line
    assert [secret for secret in SECRETS if secret in result.output] == []
    assert len(run("list", "--all").output.splitlines()) == 2


def test_list_of_one_municipality_as_json(take: Callable[..., str], run: Callable[..., Result]) -> None:
    number = take()
    (found,) = json.loads(run("list", "--municipality", "norrby", "--json").output)
    assert (found["id"], found["state"], found["at"]) == (number, "listed", "2026-11-23T09:00:00+00:00")
    assert json.loads(run("list", "--municipality", "ostby", "--json").output) == []


def test_empty_list_says_so(run: Callable[..., Result]) -> None:
    assert run().output == "No message waits for an answer.\n"


def test_show_tells_all(take: Callable[..., str], run: Callable[..., Result]) -> None:
    number = take()
    shown = run("show", number.lower()).output
    for part in (number, "Anna Ek", "anna@post.example", "070-1234567", "Vi vill bygga i Granby."):
        assert part in shown
    assert json.loads(run("show", number, "--json").output)["message"] == LETTER.message


def test_delivered_is_shown(take: Callable[..., str], run: Callable[..., Result], engine: Engine) -> None:
    number = take()
    with engine.begin() as connection:
        connection.execute(text("UPDATE messages SET state = 'sent', sent_at = at"))
    assert "delivered" in run().output
    assert "delivered 2026-11-23 10:00" in run("show", number).output


def test_what_cannot_be_read_is_told_and_kept(
    take: Callable[..., str], run: Callable[..., Result], engine: Engine
) -> None:
    number = take()
    result = run("show", number, key=OTHER_KEY)
    assert result.exit_code == 1
    assert "HEMVIST_MESSAGE_KEY is not the key that it was written with. Nothing is changed." in result.output
    assert len(listed(engine)) == 1


@pytest.mark.parametrize("arguments", [("show", "00000-00000"), ("handled", "x'; --")], ids=" ".join)
def test_unknown_number_is_a_line(run: Callable[..., Result], arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 1
    assert "there is no such message" in result.output


def test_message_of_another_municipality_is_not_there(take: Callable[..., str], run: Callable[..., Result]) -> None:
    assert run("show", take(), "--municipality", "ostby").exit_code == 1


def test_handled_twice_keeps_the_first_time(take: Callable[..., str], engine: Engine) -> None:
    number = take()
    mark_handled(engine, number, NOW)
    mark_handled(engine, number, NOW + timedelta(days=1))
    assert find(engine, number).handled_at == NOW


# how long


LATER = NOW + timedelta(days=30, hours=1)
STAYING: dict[str, dict[str, Any]] = {
    "no decision": {},
    "decided, but no number of days": {"disposal": "KS 2026/12"},
    "legal hold": {"disposal": "KS 2026/12", "message_days": "30", "legal_hold": "true"},
    "time is not over": {"disposal": "KS 2026/12", "message_days": "31"},
}


@pytest.mark.parametrize("decision", STAYING.values(), ids=STAYING)
def test_handled_message_stays(
    take: Callable[..., str], engine: Engine, settings: Settings, knowledge_folder: Path, decision: dict[str, str]
) -> None:
    decide(knowledge_folder, **decision)
    mark_handled(engine, take(), NOW)
    tick(settings, LATER)
    assert len(listed(engine, handled=True)) == 1


def test_handled_message_goes_under_the_decision_and_others_stay(
    take: Callable[..., str],
    engine: Engine,
    settings: Settings,
    knowledge_folder: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    decide(knowledge_folder, disposal="KS 2026/12", message_days="30")
    handled, waiting = take(), take()
    mark_handled(engine, handled, NOW)
    with caplog.at_level("INFO", "hemvist.tick"):
        tick(settings, LATER)
    assert [row.id for row in listed(engine, handled=True)] == [waiting]
    assert "1 messages to norrby are removed, decided in KS 2026/12" in caplog.text
    with reading(engine).connect() as connection:
        (deed,) = audit.page(connection, audit.Wanted(["norrby"], action="purged"), 1)
    assert deed.actor.startswith("hemvist tick (")
    assert (deed.detail["messages"], deed.detail["questions"], deed.detail["decision"]) == (1, 0, "KS 2026/12")


def test_purge_removes_them_too(
    take: Callable[..., str], engine: Engine, run: Callable[..., Result], knowledge_folder: Path
) -> None:
    decide(knowledge_folder, disposal="KS 2026/12", message_days="30")
    mark_handled(engine, take(), datetime.now(UTC) - timedelta(days=31))
    result = run("purge", group=())
    assert "norrby: 0 questions, 1 messages that were handled; decided in KS 2026/12" in result.output
    assert listed(engine, handled=True) == []


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_removed_message_is_gone_from_the_file(
    take: Callable[..., str], engine: Engine, settings: Settings, knowledge_folder: Path
) -> None:
    decide(knowledge_folder, disposal="KS 2026/12", message_days="30")
    number = take()
    sealed = find(engine, number).sealed[:60]
    mark_handled(engine, number, NOW)
    tick(settings, LATER)
    with closing(sqlite3.connect(settings.data / "hemvist.db")) as connection:
        assert connection.execute("SELECT count(*) FROM messages").fetchone() == (0,)
    assert [path for path in settings.data.glob("hemvist.db*") if sealed.encode() in path.read_bytes()] == []


# municipality.yaml


REFUSED = {
    "mailbox": ({"mailbox": "inflyttning"}, "'inflyttning' is not an e-mail address"),
    "two lines": ({"mailbox": '"a@norrby.example\\nBcc: b@evil.example"'}, "is not an e-mail address"),
    "mailbox not ASCII": ({"mailbox": "flytta@överby.example"}, "is not an e-mail address"),
    "days": ({"disposal": "KS 1", "message_days": "0"}, "'0' must be at least 1"),
    "no decision": ({"message_days": "30"}, "needs `disposal`"),
}


@pytest.mark.parametrize(("fields", "said"), REFUSED.values(), ids=REFUSED)
def test_wrong_field_is_told_with_its_line(knowledge_folder: Path, fields: dict[str, str], said: str) -> None:
    decide(knowledge_folder, **fields)
    with pytest.raises(KnowledgeError) as raised:
        load(knowledge_folder)
    (problem,) = raised.value.problems
    assert said in str(problem)
    assert "norrby/municipality.yaml:" in str(problem)
