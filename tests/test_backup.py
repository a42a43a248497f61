"""A backup and the way back: one file, whole or not there, and after it the same answers, whichever database."""

import hashlib
import io
import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import seeds
from click.testing import CliRunner, Result
from sqlalchemy import Engine, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from bot import Key, Report
from web.backup import restoring
from web.backup.archive import MANIFEST, ArchiveError, reading
from web.backup.making import make_backup
from web.backup.restoring import Place, restore
from web.cli import cli
from web.folder import Folder
from web.revising import Edit, Revising
from web.services import KnowledgeService
from web.settings import read_settings
from web.store import accounts
from web.store.access import Store
from web.store.conversations import forget, write
from web.store.dumping import DumpError, tables_of
from web.store.engine import open_engine
from web.store.models import Base, Turn
from web.store.schema import upgrade
from web.store.staff_tables import AuditRow
from web.store.version import versions
from web.truth import Truth

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 3, 3, 4, tzinfo=UTC)
KEYS = {"HEMVIST_SECRET_KEY": "Vq3-" * 12, "HEMVIST_MESSAGE_KEY": "Wq4-" * 12}
PLOTS = Key("municipalities/norrby", "entry", "plots")
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)]


@pytest.fixture(params=BOTH)
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night, but for one test that goes there and back."""
    return str(request.param)


class House:
    """One installation: its settings, and a server of it that may be running."""

    def __init__(self, root: Path, database: dict[str, str]) -> None:
        self.root = root
        self.running: list[KnowledgeService] = []
        knowledge = root / "knowledge"
        if not root.exists():  # else a copy of one that has lived
            (root / "data").mkdir(parents=True, mode=0o700)
            shutil.copytree(ROOT / "tests/knowledge", knowledge)
        self.environment = {
            "HEMVIST_KNOWLEDGE": str(knowledge), "HEMVIST_DATA": str(root / "data"), **KEYS, **database
        }  # fmt: skip
        self.settings = read_settings(self.environment)

    def start(self) -> tuple[KnowledgeService, Revising]:
        """Serve, and give what staff publish by."""
        settings = self.settings
        truth = Truth(lambda: Store(settings), Folder(settings.knowledge), settings.data)
        service = KnowledgeService(settings.knowledge, data=settings.data, interval=0.05, truth=lambda: truth)
        self.running.append(service)
        service.refresh()
        return service, Revising(truth, lambda: service.assistant.knowledge, lambda *_: None)

    def stop(self) -> None:
        """Stop every server."""
        while self.running:
            self.running.pop().close()

    def run(self, *arguments: str) -> Result:
        """Run a command."""
        return CliRunner().invoke(
            cli, arguments, env={name: None for name in os.environ if "HEMVIST" in name} | self.environment
        )

    def wipe(self) -> None:
        """Lose both folders; of a database, everything."""
        self.stop()
        shutil.rmtree(self.settings.knowledge)
        shutil.rmtree(self.settings.data)
        if self.settings.database_url:
            self.do("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def do(self, statement: str) -> None:
        """Run a statement in the database."""
        with self.engine.begin() as connection:
            connection.execute(text(statement))

    @property
    def engine(self) -> Engine:
        """The store, not pooled."""
        from web.store.engine import open_unpooled

        return open_unpooled(self.settings)

    def value(self, statement: str) -> Any:
        """Ask the database for one value."""
        with self.engine.connect() as connection:
            return connection.scalar(text(statement))


def publish(service: KnowledgeService, revising: Revising, words: str) -> None:
    now = revising.current(PLOTS)
    item = replace(now.item, answer=replace(now.item.answer, sv=words))
    revising.publish(Edit(PLOTS, item, "anna@norrby.example", now.based_on))
    service.refresh()


def answer(service: KnowledgeService) -> str:
    service.refresh()
    return service.assistant.knowledge.view("norrby").entries["plots"].answer.sv


def fill(house: House) -> None:
    """Let an installation have lived: questions, a message, an account, feeds, and something published."""
    settings = house.settings
    service, revising = house.start()
    publish(service, revising, "Norrby har **nio** tomter.")
    seeds.ask(settings, "finns det höns å ä ö 😀", 'sagt "så"\n, och \\ mer', at=NOW)
    seeds.leave_message(settings, "AB12-CD34-EF56"[:16], at=NOW)
    with house.engine.begin() as connection:
        number = accounts.add(connection, "anna@norrby.example", "Anna Åberg", "sv", NOW, password_hash="x" * 20)
        accounts.give(connection, number, "norrby", "admin")
        row = {"at": NOW, "actor": "anna@norrby.example", "action": "published", "detail": "{}"}
        connection.execute(insert(AuditRow), [row])
    feeds = settings.data / "feeds" / "norrby"
    feeds.mkdir(parents=True)
    (feeds / "jobs-af.jsonl").write_text('{"source": "af", "fetched": "2026-03-01T10:00:00+01:00"}\n')
    scripts = settings.data / "embed"
    scripts.mkdir()
    (scripts / "0123456789ab.js").write_text("1;")


@pytest.fixture
def house(tmp_path: Path, database: dict[str, str]) -> Iterator[House]:
    made = House(tmp_path / "house å", database)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One on SQLite that has lived, to be copied: that is quicker than to live."""
    made = House(tmp_path_factory.mktemp("example") / "house", {})
    fill(made)
    made.stop()
    return made.root


@pytest.fixture
def lived(tmp_path: Path, database: dict[str, str], request: pytest.FixtureRequest) -> Iterator[House]:
    """An installation that has lived, and is served."""
    root = tmp_path / "house å"
    if database:
        made = House(root, database)
        fill(made)
    else:
        made = House(Path(shutil.copytree(request.getfixturevalue("example"), root)), database)
        made.start()
    yield made
    made.stop()


def everything(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows that a backup is to bring back, but those that restoring itself adds."""
    found = {}
    with house.engine.connect() as connection:
        for name, table in tables_of(connection).items():
            if name not in ("generation", "leases", "forgotten"):
                rows = connection.execute(select(table).order_by(*table.primary_key.columns))
                found[name] = [row for row in map(_comparable, rows) if not {"restored_backup", "backed_up"} & {*row}]
    return found


def _comparable(row: Any) -> tuple[Any, ...]:
    return tuple(
        value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value for value in row
    )


# there and back


def test_f25_after_a_wipe_one_command_brings_the_same_answers_back(lived: House, tmp_path: Path) -> None:
    file = tmp_path / "yesterday.zip"
    before, rows = answer(lived.running[0]), everything(lived)
    checked = lived.run("check", "--no-recall", "--on", "2026-03-03")
    made = lived.run("backup", str(file))
    assert made.exit_code == 0, made.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    lived.wipe()
    done = lived.run("restore", str(file), "--yes")
    assert done.exit_code == 0, done.output
    assert everything(lived) == rows
    assert lived.value("SELECT count(*) FROM audit WHERE action = 'restored_backup'") == 1
    service, revising = lived.start()
    assert answer(service) == before == "Norrby har **nio** tomter."
    assert service.problems == ()
    again = lived.run("check", "--no-recall", "--on", "2026-03-03")
    assert (again.exit_code, again.output) == (checked.exit_code, checked.output)
    assert f"Checked: {checked.output.splitlines()[-1].split(',')[0]} in the knowledge" in done.output
    publish(service, revising, "Norrby har **tio** tomter.")
    assert answer(service) == "Norrby har **tio** tomter."
    assert (lived.settings.data / "feeds/norrby/jobs-af.jsonl").exists()
    assert (lived.settings.data / "embed/0123456789ab.js").read_text() == "1;"
    with pytest.raises(DBAPIError, match="append-only"):
        lived.do("UPDATE audit SET actor = 'nobody'")
    with pytest.raises(DBAPIError, match="append-only"):
        lived.do("DELETE FROM revisions")
    seeds.ask(lived.settings, "en till", at=NOW)


def test_f25_what_is_wrong_in_restored_knowledge_is_said_and_it_is_restored(house: House, tmp_path: Path) -> None:
    upgrade(house.engine)
    path = house.settings.knowledge / "municipalities/norrby/housing.yaml"
    path.write_text(path.read_text("utf-8") + "\n- id: [\n", "utf-8")
    make_backup(house.settings, tmp_path / "b.zip", NOW)
    house.wipe()
    done = house.run("restore", str(tmp_path / "b.zip"), "--yes")
    assert done.exit_code == 0, done.output
    assert "Restored: " in done.output
    assert "Checked: 1 wrong in the knowledge. It is restored as it was" in done.output
    assert "  wrong: municipalities/norrby/housing.yaml:" in done.output


def test_f25_that_nothing_is_wrong_is_said_too(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    upgrade(house.engine)
    make_backup(house.settings, tmp_path / "b.zip", NOW)
    monkeypatch.setattr("bot.check", lambda *_, **__: Report(()))
    done = house.run("restore", str(tmp_path / "b.zip"), "--yes")
    assert "Checked: nothing is wrong in the knowledge, 0 answers are due." in done.output


def test_no_key_is_in_it(lived: House, tmp_path: Path) -> None:
    result = lived.run("backup", str(tmp_path / "b.zip"))
    with zipfile.ZipFile(tmp_path / "b.zip") as zipped:
        texts = [zipped.read(name) for name in zipped.namelist()]
    assert not any(key.encode() in found for found in texts for key in KEYS.values())
    assert not any(b"070-174 06 05" in found for found in texts)
    assert all(f"{name} (set in the environment)" in result.output for name in KEYS)


def test_a_backup_of_one_database_is_restored_in_the_other_and_back(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    first = House(tmp_path / "one", {})
    second = House(tmp_path / "two", {"HEMVIST_DATABASE_URL": request.getfixturevalue("postgres").new_database()})
    fill(first)
    rows = everything(first)
    make_backup(first.settings, tmp_path / "1.zip", NOW)
    first.wipe()
    with reading(tmp_path / "1.zip") as reader:
        restore(reader, Place(second.settings, second.settings.knowledge), NOW, "test")
    assert everything(second) == rows
    with pytest.raises(DBAPIError, match="append-only"):
        second.do("DELETE FROM audit")
    seeds.ask(second.settings, "en till", at=NOW)  # its id follows those that were restored
    make_backup(second.settings, tmp_path / "2.zip", NOW)
    with reading(tmp_path / "2.zip") as reader:
        restore(reader, Place(first.settings, first.settings.knowledge), NOW, "test")
    assert len(everything(first)["turns"]) == len(rows["turns"]) + 1
    third = restore_over(second, tmp_path / "1.zip")
    assert third.set_aside[-1].startswith("schema hemvist_before_")
    assert everything(second) == rows
    seeds.ask(second.settings, "och en", at=NOW)
    newest = second.value("SELECT max(id) FROM turns")
    assert newest > len(rows["turns"]) + 1, "an id is never given twice, not even after a restore"


def restore_over(house: House, file: Path) -> restoring.Restored:
    with reading(file) as reader:
        return restore(reader, Place(house.settings, house.settings.knowledge), NOW, "test")


def test_it_is_whole_while_others_write(lived: House, tmp_path: Path) -> None:
    """Each writer adds a turn and counts it in one transaction: in every backup both agree."""
    stop = threading.Event()
    lived.do("INSERT INTO tallies VALUES ('norrby', 'plan', '2026-01-01', 0)")

    def keep_writing() -> None:
        engine = open_engine(lived.settings)
        row = {"municipality": "ostby", "language": "sv", "key_hash": "c" * 64, "asked_at": NOW, "day": NOW.date()}
        turn = {**row, "kind": "answer", "entry": "plots", "confidence": 0.9, "question": "x", "gap": None}
        while not stop.is_set():
            write(engine, [turn], [], {}, {("norrby", "plan", datetime(2026, 1, 1, tzinfo=UTC).date()): 1})
        engine.dispose()

    writers = [threading.Thread(target=keep_writing) for _ in range(3)]
    for writer in writers:
        writer.start()
    try:
        files = [make_backup(lived.settings, tmp_path / f"{number}.zip", NOW).path for number in range(3)]
    finally:
        stop.set()
        for writer in writers:
            writer.join()
    for file in files:
        with reading(file) as reader:
            turns = sum(b'"ostby"' in line for line in reader.lines("tables/turns.jsonl"))
            tallies = [json.loads(line) for line in reader.lines("tables/tallies.jsonl")][1:]
        assert [row[3] for row in tallies if row[1] == "plan"] == [turns]
    assert lived.value("SELECT count(*) FROM turns WHERE municipality = 'ostby'") > 0


def test_a_server_that_runs_takes_up_what_is_restored(lived: House, tmp_path: Path) -> None:
    service = lived.running[0]
    revising = Revising(service.truth, lambda: service.assistant.knowledge, lambda *_: None)  # type: ignore[arg-type]
    make_backup(lived.settings, tmp_path / "b.zip", NOW)
    publish(service, revising, "Norrby har **tio** tomter.")
    restore_over(lived, tmp_path / "b.zip")
    lived.do("UPDATE generation SET number = number + 5 WHERE id = 1")  # as if much was published since
    assert answer(service) == "Norrby har **nio** tomter."
    assert service.problems == ()
    publish(service, revising, "Norrby har **elva** tomter.")
    assert answer(service) == "Norrby har **elva** tomter."


@pytest.mark.nightly
def test_what_a_visitor_deleted_since_stays_deleted(lived: House, tmp_path: Path) -> None:
    make_backup(lived.settings, tmp_path / "b.zip", NOW)
    engine = lived.engine
    with engine.connect() as connection:
        key, at = connection.execute(select(Turn.key_hash, Turn.asked_at).limit(1)).one()
    forget(engine, [key], "norrby", at + timedelta(hours=2), held=[])
    restore_over(lived, tmp_path / "b.zip")
    from web.store.upkeep import sweep

    sweep(engine, at + timedelta(hours=3))
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Turn).where(Turn.key_hash == key)) == 0


# what is refused


def test_142_an_existing_file_is_kept_unless_forced(lived: House, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_text("mine")
    refused = lived.run("backup", str(file))
    assert (refused.exit_code, file.read_text()) == (2, "mine")
    assert f"{file}: exists already; --force replaces it" in refused.output
    assert lived.run("backup", str(file), "--force").exit_code == 0
    assert zipfile.is_zipfile(file)


@pytest.mark.parametrize(
    "name",
    ["--with space å.zip", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("-x.zip", "--force", "日本"))],
)
def test_141_odd_paths_are_paths(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    upgrade(house.engine)
    assert house.run("backup", "--", name).exit_code == 0
    assert house.run("restore", "--dry-run", "--", name).exit_code == 0


@pytest.mark.nightly
def test_a_folder_gets_a_file_named_by_the_time(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    assert house.run("backup", str(folder)).exit_code == 0
    (made,) = folder.iterdir()
    assert made.name.startswith("hemvist-2")
    assert house.run("backup", str(house.settings.knowledge)).exit_code == 2
    assert house.run("backup", str(tmp_path / "nowhere" / "b.zip")).exit_code == 2


LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))
from web.cli import main
sys.argv = ["hemvist", "backup", sys.argv[1]]
main()
"""


def test_f3_a_full_disk_leaves_nothing(house: House, tmp_path: Path) -> None:
    upgrade(house.engine)
    folder = tmp_path / "full"
    folder.mkdir()
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **house.environment}
    environment["PYTHONDONTWRITEBYTECODE"] = "1"  # it would be cut short as well, and stay
    command = [sys.executable, "-c", LIMITED, str(folder / "b.zip")]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 1
    assert "no backup is made, nothing is left of it" in result.stderr
    assert "Traceback" not in result.stderr
    assert list(folder.iterdir()) == []


def test_144_an_interrupted_backup_leaves_nothing(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("web.backup.making._read_back", interrupt)
    assert house.run("backup", str(folder)).exit_code == 1  # 130 where a shell has started it, see web/cli.py
    assert list(folder.iterdir()) == []


@pytest.mark.nightly
def test_145_nobody_to_ask_is_refused(lived: House, tmp_path: Path) -> None:
    make_backup(lived.settings, tmp_path / "b.zip", NOW)
    result = lived.run("restore", str(tmp_path / "b.zip"), "--force")
    assert result.exit_code == 2
    assert "give --yes" in result.output


def test_what_is_there_is_kept_unless_forced_and_then_set_aside(lived: House, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    make_backup(lived.settings, file, NOW)
    service = lived.running[0]
    revising = Revising(service.truth, lambda: service.assistant.knowledge, lambda *_: None)  # type: ignore[arg-type]
    publish(service, revising, "Norrby har **tio** tomter.")
    lived.stop()
    refused = lived.run("restore", str(file), "--yes")
    assert refused.exit_code == 2
    assert "holds other knowledge" in refused.output
    assert "holds data" in refused.output
    assert "**tio**" in (lived.settings.knowledge / "municipalities/norrby/housing.yaml").read_text("utf-8")
    done = lived.run("restore", str(file), "--yes", "--force")
    assert done.exit_code == 0, done.output
    assert "**nio**" in (lived.settings.knowledge / "municipalities/norrby/housing.yaml").read_text("utf-8")
    (aside,) = lived.settings.knowledge.glob(".before-restore-*")
    assert "**tio**" in (aside / "municipalities/norrby/housing.yaml").read_text("utf-8")
    assert str(aside) in done.output
    if not lived.settings.database_url:
        (kept,) = lived.settings.data.glob("before-restore-*/hemvist.db")
        with closing(sqlite3.connect(kept)) as connection:
            said = connection.execute("SELECT content FROM revisions ORDER BY id DESC LIMIT 1").fetchone()[0]
        assert "**tio**" in said
    service, _ = lived.start()
    assert answer(service) == "Norrby har **nio** tomter."


@pytest.mark.parametrize(
    "failure",
    [pytest.param(OSError(28, "No space left on device"), marks=pytest.mark.nightly), KeyboardInterrupt()],
    ids=["full", "144"],
)
def test_a_failure_at_the_last_moment_leaves_everything(
    lived: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    make_backup(lived.settings, tmp_path / "b.zip", NOW)
    service = lived.running[0]
    revising = Revising(service.truth, lambda: service.assistant.knowledge, lambda *_: None)  # type: ignore[arg-type]
    publish(service, revising, "Norrby har **tio** tomter.")
    rows, files = everything(lived), contents(lived.root)

    def fail(*_: object) -> None:
        raise failure

    monkeypatch.setattr("web.store.replacing.keep_deleted", fail)  # files have changed places by then
    result = lived.run("restore", str(tmp_path / "b.zip"), "--yes", "--force")
    assert result.exit_code == 1
    assert isinstance(failure, KeyboardInterrupt) or "what was there is still there" in result.output
    assert everything(lived) == rows
    assert contents(lived.root) == files


def contents(folder: Path) -> dict[str, bytes]:
    """Return all files but the database's own, and all folders."""
    return {
        str(path): path.read_bytes() if path.is_file() else b""
        for path in folder.rglob("*")
        if not path.name.startswith("hemvist.db")
    }


def test_148_one_of_a_newer_hemvist_is_refused(lived: House, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    make_backup(lived.settings, file, NOW)
    rewritten(file, lambda manifest: manifest | {"schema": "9999", "version": "7.0"})
    result = lived.run("restore", str(file), "--dry-run")
    assert result.exit_code == 2
    assert f"schema '9999' of Hemvist 7.0, and the newest that this Hemvist knows is {versions()[-1]}" in result.output


@pytest.mark.nightly
def test_one_that_is_damaged_is_set_aside(tmp_path: Path) -> None:
    house = House(tmp_path / "house", {})
    fill(house)
    make_backup(house.settings, tmp_path / "b.zip", NOW)
    house.stop()
    (house.settings.data / "hemvist.db").write_bytes(b"no database" * 100)
    assert "hemvist.db: is damaged" in house.run("restore", str(tmp_path / "b.zip"), "--yes").output
    assert house.run("restore", str(tmp_path / "b.zip"), "--yes", "--force").exit_code == 0
    assert answer(house.start()[0]) == "Norrby har **nio** tomter."
    house.stop()


# files that somebody else made


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A backup as bytes."""
    house = House(tmp_path_factory.mktemp("whole") / "house", {})
    upgrade(house.engine)
    return make_backup(house.settings, house.root / "b.zip", NOW).path.read_bytes()


def rewritten(
    file: Path, manifest: Callable[[Any], Any] = lambda found: found, extra: dict[str, bytes] | None = None, **more: Any
) -> None:
    """Write a backup anew, with another manifest and more members."""
    with zipfile.ZipFile(file) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    found = json.loads(members.pop(MANIFEST))
    for name, data in (extra or {}).items():
        found["members"][name] = {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        members[name] = data
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, data in members.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = more.get("mode", 0o100600) << 16 if name in (extra or {}) else 0
            zipped.writestr(info, data)
        zipped.writestr(MANIFEST, json.dumps(manifest(found)))


@pytest.mark.parametrize(
    "name",
    [
        "knowledge/../../evil.yaml", "/etc/passwd", "../evil", "knowledge//evil", "knowledge/./evil",
        "knowledge\\..\\evil", "knowledge/.hidden/evil", "elsewhere/evil", "knowledge", "knowledge/a\x00b",
        "feeds/" + "x" * 500, "knowledge/a\nb", "embed/../../../evil",
    ],
)  # fmt: skip
def test_t24_no_name_leads_out(whole: bytes, tmp_path: Path, name: str) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(whole)
    rewritten(file, extra={name: b"evil"})
    with pytest.raises(ArchiveError, match=r"name that a backup has|manifest"), reading(file):
        pass


@pytest.mark.parametrize("mode", [0o120777, 0o040755, 0o010600, 0o060600], ids=["link", "folder", "pipe", "device"])
def test_t24_only_plain_files(whole: bytes, tmp_path: Path, mode: int) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(whole)
    rewritten(file, extra={"knowledge/evil": b"/etc/passwd"}, mode=mode)
    with pytest.raises(ArchiveError, match="no plain file"), reading(file):
        pass


@pytest.mark.nightly
def test_t16_a_bomb_is_refused_before_it_is_unpacked(whole: bytes, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    file.write_bytes(whole)
    rewritten(file, extra={"knowledge/bomb": bytes(150 << 20)})
    with pytest.raises(ArchiveError, match="no backup packs so well"), reading(file):
        pass


MANIFESTS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "not an object": (lambda found: [], "not one of hemvist backup"),
    "nothing": (lambda found: {}, "not one of hemvist backup"),
    "more": (lambda found: found | {"admin": True}, "not one of hemvist backup"),
    "newer format": (lambda found: found | {"format": 2}, "format 2, and this Hemvist reads 1"),
    "member missing": (
        lambda found: found | {"members": found["members"] | {"knowledge/x": {"bytes": 1, "sha256": ""}}}, "is missing",
    ),
    "member unknown": (lambda found: found | {"members": {}}, "not in the manifest"),
    "table missing": (lambda found: found | {"rows": {"turns": 0}}, "tables are not those"),
    "table unknown": (lambda found: found | {"rows": found["rows"] | {"x": 1}}, "tables are not those"),
    "other length": (
        lambda found: found | {"members": {name: one | {"bytes": 1} for name, one in found["members"].items()}},
        "is not as long",
    ),
    "other digest": (
        lambda found: found | {"members": {name: one | {"sha256": "0"} for name, one in found["members"].items()}},
        "is damaged, or was changed",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", MANIFESTS)
def test_a_manifest_that_does_not_fit_is_refused(whole: bytes, tmp_path: Path, case: str) -> None:
    change, said = MANIFESTS[case]
    file = tmp_path / "b.zip"
    file.write_bytes(whole)
    rewritten(file, change)
    with pytest.raises(ArchiveError, match=said), reading(file) as reader:
        reader.verify()


@pytest.mark.nightly
def test_no_bit_can_change_unnoticed(whole: bytes, tmp_path: Path) -> None:
    """Wherever a byte of the file is another, it is refused, or what it holds is the same."""
    file = tmp_path / "b.zip"
    with zipfile.ZipFile(io.BytesIO(whole)) as zipped:
        wanted = {name: zipped.read(name) for name in zipped.namelist()}
    for place in range(7, len(whole), len(whole) // 60):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        try:
            with reading(file) as reader:
                reader.verify()
                found = {name: b"".join(reader.chunks(name)) for name in reader.manifest.members}
        except ArchiveError:
            continue
        assert all(wanted[name] == data for name, data in found.items())


@pytest.mark.parametrize("cut", [0, 10, 1_000, -10], ids=["empty", "begun", "half", "end missing"])
def test_a_file_that_is_cut_short_is_one_line(house: House, whole: bytes, tmp_path: Path, cut: int) -> None:
    if house.settings.database_url:
        return
    file = tmp_path / "b.zip"
    file.write_bytes(whole[:cut])
    result = house.run("restore", "--dry-run", str(file))
    assert result.exit_code == 2
    assert [line for line in result.output.splitlines() if "Warning" not in line] == [result.output.splitlines()[-1]]
    assert result.output.endswith("Nothing is changed.\n")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ([], "line 1 does not name"),
        ([b"{}"], "line 1 does not name"),
        ([b'["id", "id"]'], "line 1 does not name"),
        ([b'["id", "evil"]'], "line 1 does not name"),
        ([b'["municipality", "what", "day", "number"]', b"no json"], "line 2 is not a row"),
        ([b'["municipality", "what", "day", "number"]', b'["norrby", "plan", "2026-02-30", 1]'], "line 2 is not a row"),
        ([b'["municipality", "what", "day", "number"]', b'["norrby", "plan", "2026-02-03"]'], "line 2 is not a row"),
        ([b'["municipality", "what", "day", "number"]', b'["norrby", "plan", "2026-02-03", "1"]'], "line 2 is not"),
        ([b'["municipality", "what", "day", "number"]', b'["norrby", [], "2026-02-03", 1]'], "line 2 is not a row"),
        ([b'["municipality", "what", "day", "number"]', b"[" * 100_000], "line 2 is not a row"),
    ],
    ids=["empty", "object", "twice", "unknown column", "no json", "no date", "short", "no number", "list", "deep"],
)  # fmt: skip
def test_lines_that_are_no_table_are_named(lines: list[bytes], said: str) -> None:
    from sqlalchemy import create_engine

    engine = create_engine("sqlite://")
    Base.metadata.tables["tallies"].create(engine)
    from web.store.dumping import fill as fill_table

    with engine.begin() as connection, pytest.raises(DumpError, match=said):
        fill_table(connection, tables_of(connection)["tallies"], lines)
    engine.dispose()
