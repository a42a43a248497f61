"""What is wrong with an installation, in words: each question is asked of one where that is so."""

import json
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import seeds
from click.testing import CliRunner, Result
from sqlalchemy import Engine, insert, text

from web.cli import cli
from web.doctor.examining import QUESTIONS, examine
from web.doctor.finding import Finding
from web.settings import read_settings
from web.store import accounts, audit
from web.store.engine import open_engine
from web.store.leases import lease
from web.store.models import Base
from web.store.schema import upgrade
from web.store.staff_settings import decide
from web.store.version import versions

ROOT = Path(__file__).parent.parent
NOW = datetime.now(UTC)
KEYS = {"HEMVIST_SECRET_KEY": "Vq3-" * 12, "HEMVIST_MESSAGE_KEY": "Wq4-" * 12}
DAY = timedelta(days=1)
Spoil = Callable[["Installation"], object]


class Installation:
    """One where nothing is wrong but that somebody else must decide: no mail, and no one else's servers."""

    def __init__(self, root: Path) -> None:
        self.knowledge, self.data = root / "knowledge", root / "data"
        self.environment = {"HEMVIST_KNOWLEDGE": str(self.knowledge), "HEMVIST_DATA": str(self.data), **KEYS}
        self.connect = False

    def begin(self) -> None:
        """Make it, with all that it should have."""
        shutil.copytree(ROOT / "tests/knowledge", self.knowledge)
        self.data.mkdir(mode=0o700)
        self.write("municipalities/soderby/municipality.yaml", "official: true", "official: false")
        upgrade(self.engine)
        with self.engine.begin() as connection:
            number = accounts.add(connection, "a@b.se", "Anna", "sv", NOW)
            accounts.give(connection, number, "*", "admin")
            audit.add(connection, None, audit.Deed(NOW - DAY, "x", "backed_up", None, "/b.zip", {}))
        with lease(self.engine, "purge", "x", NOW):
            pass
        self.engine.dispose()

    @cached_property
    def engine(self) -> Engine:
        """The store."""
        return open_engine(self.settings)

    @property
    def settings(self) -> Any:
        return read_settings({name: value for name, value in self.environment.items() if name.startswith("HEMVIST_")})

    def set(self, **values: str) -> None:
        """Set settings."""
        self.environment.update(values)

    def write(self, name: str, old: str, new: str) -> None:
        """Change a file of the knowledge."""
        path = self.knowledge / name
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")

    def do(self, statement: str) -> None:
        """Run a statement on the database."""
        self.engine.dispose()
        with closing(sqlite3.connect(self.data / "hemvist.db")) as connection, connection:
            connection.executescript(statement)

    def add(self, table: str, **values: Any) -> None:
        """Add a row."""
        with self.engine.begin() as connection:
            connection.execute(insert(Base.metadata.tables[table]), [values])

    def examine(self) -> list[Finding]:
        """Ask all questions."""
        return examine(self.environment, NOW, connect=self.connect)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound installation, to be copied: that is quicker than to make one."""
    root = tmp_path_factory.mktemp("sound")
    Installation(root).begin()
    return root


@pytest.fixture
def installation(sound: Path, tmp_path: Path) -> Iterator[Installation]:
    made = Installation(Path(shutil.copytree(sound, tmp_path / "here")))
    yield made
    if "engine" in vars(made):
        made.engine.dispose()


def test_of_a_sound_installation_nothing_is_at_fault(installation: Installation) -> None:
    bad = [finding for finding in installation.examine() if finding.level != "ok"]
    assert {finding.part for finding in bad} <= {"mail", "process"}
    assert all(finding.level == "warning" and finding.remedy for finding in bad)


def hold(installation: Installation, value: bool) -> None:
    with installation.engine.begin() as connection:
        decide(connection, "norrby", {"legal_hold": value}, "anna@norrby.example", NOW)


def conflict(installation: Installation) -> None:
    known = {"layer": "municipalities/norrby", "kind": "entry", "item": "plots", "folder": "x" * 64}
    installation.add("conflicts", **known, file="x", content=None, hash=None, revision=1, found_at=NOW)


def message(installation: Installation, **values: Any) -> None:
    seeds.leave_message(installation.settings, "AB12-CD34", at=NOW - timedelta(hours=3), **values)


def feed(installation: Installation, name: str, text: str) -> None:
    folder = installation.data / "feeds" / "norrby"
    folder.mkdir(parents=True)
    (folder / name).write_text(text)


def old_failure() -> str:
    return json.dumps({"since": (NOW - 2 * DAY).isoformat(), "reason": "HTTP 500"})


SPOILT: dict[str, tuple[Spoil, str, str, str]] = {
    "unknown setting": (lambda it: it.set(HEMVIST_PROT="1"), "fault", "settings", "did you mean HEMVIST_PORT?"),
    "wrong setting": (lambda it: it.set(HEMVIST_PORT="abc"), "fault", "settings", "HEMVIST_PORT='abc'"),
    "habit": (
        lambda it: it.set(WEB_CONCURRENCY="4"), "warning", "settings",
        "WEB_CONCURRENCY (environment) is not read: the default of HEMVIST_WORKERS holds",
    ),
    "137 two secrets": (
        lambda it: (it.data / "secret-key").write_text("Zz9-" * 12), "warning", "settings",
        "HEMVIST_SECRET_KEY (environment) holds, and {data}/secret-key has another",
    ),
    "137 two message keys": (
        lambda it: (it.data / "message-key").write_text("Zz9-" * 12), "warning", "settings",
        "HEMVIST_MESSAGE_KEY (environment) holds, and {data}/message-key has another",
    ),
    "137 two databases": (
        lambda it: it.set(HEMVIST_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), "warning", "settings",
        "HEMVIST_DATABASE_URL (environment) holds, and {data}/hemvist.db is another database",
    ),
    "137 staff and file": (
        lambda it: hold(it, True), "warning", "settings",
        "norrby: legal_hold is yes by the pages of staff, which holds, and no by municipalities/norrby/municipality",
    ),
    "one key for all": (
        lambda it: it.set(HEMVIST_MESSAGE_KEY=KEYS["HEMVIST_SECRET_KEY"]), "warning", "keys", "are the same",
    ),
    "debug": (lambda it: it.set(HEMVIST_DEBUG="true"), "warning", "settings", "show tracebacks"),
    "open without a proxy": (
        lambda it: it.set(HEMVIST_HOST="0.0.0.0"), "warning", "address", "open to others",  # noqa: S104 - a case
    ),
    "https without a proxy": (
        lambda it: it.set(HEMVIST_SITE_URL="https://chat.norrby.example"), "fault", "address", "staff cannot sign in",
    ),
    "site without https": (
        lambda it: it.set(HEMVIST_SITE_URL="http://chat.norrby.example", HEMVIST_TRUSTED_PROXIES="1"), "fault",
        "address", "over https alone",
    ),
    "no site": (lambda it: it.set(HEMVIST_TRUSTED_PROXIES="1"), "warning", "address", "HEMVIST_SITE_URL is not set"),
    "open folder": (lambda it: it.data.chmod(0o755), "warning", "data", "mode 0755"),
    "readable key": (
        lambda it: ((it.data / "secret-key").write_text("x"), (it.data / "secret-key").chmod(0o644)), "fault", "data",
        "secret-key has mode 0644",
    ),
    "readable database": (lambda it: (it.data / "hemvist.db").chmod(0o644), "fault", "data", "db has mode 0644"),
    "restore that died": (lambda it: (it.data / ".restoring-1").mkdir(), "warning", "data", "a restore ended midway"),
    "no database": (
        lambda it: it.set(HEMVIST_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"), "fault", "database",
        "Connection refused",
    ),
    "148 older schema": (
        lambda it: it.do("UPDATE alembic_version SET version_num = '0001'"), "warning", "database", "is older by",
    ),
    "148 newer schema": (
        lambda it: it.do("UPDATE alembic_version SET version_num = '9999'"), "fault", "database",
        f"schema '9999', and the newest that this Hemvist knows is {versions()[-1]}",
    ),
    "damaged": (
        lambda it: (it.engine.dispose(), (it.data / "hemvist.db").write_bytes(b"x" * 9000)), "fault", "database",
        "hemvist.db: file is not a database",
    ),
    "strays": (
        lambda it: it.do("INSERT INTO grants VALUES (99, '*', 'admin', 'local')"), "fault", "database",
        "rows of grants refer to nothing",
    ),
    "journal mode": (lambda it: it.do("PRAGMA journal_mode=DELETE"), "warning", "database", "journal mode delete"),
    "audit unguarded": (
        lambda it: it.do("DROP TRIGGER audit_refuses_update; DROP TRIGGER audit_refuses_delete"), "fault", "database",
        "nothing refuses to change or delete rows of audit",
    ),
    "no tick": (lambda it: it.do("DELETE FROM leases"), "warning", "tick", "was never done"),
    "late tick": (
        lambda it: it.do("UPDATE leases SET finished = '2026-01-01 00:00:00'"), "warning", "tick", "was last done",
    ),
    "foreign message": (
        lambda it: (message(it), it.set(HEMVIST_MESSAGE_KEY="Xx5-" * 12)), "fault", "messages", "1 cannot be read",
    ),
    "message that waits": (lambda it: message(it, state="waiting"), "warning", "messages", "have waited for an hour"),
    "nobody in charge": (lambda it: it.do("DELETE FROM grants"), "warning", "accounts", "no administrator"),
    "shut account": (
        lambda it: it.do("UPDATE accounts SET disabled_at = '2026-01-01 00:00:00'"), "warning", "accounts",
        "no administrator",
    ),
    "conflict": (conflict, "warning", "knowledge", "1 answers or records were changed in a file and by staff"),
    "no backup": (
        lambda it: it.do("DROP TRIGGER audit_refuses_delete; DELETE FROM audit"), "warning", "backup", "was never done",
    ),
    "old backup": (
        lambda it: it.do("DROP TRIGGER audit_refuses_update; UPDATE audit SET at = '2026-01-01 00:00:00'"), "warning",
        "backup", "days ago: /b.zip",
    ),
    "broken file": (
        lambda it: it.write("municipalities/norrby/housing.yaml", "entries:", "entries: ["), "fault", "knowledge",
        "municipalities/norrby/housing.yaml:",
    ),
    "no municipality": (
        lambda it: shutil.rmtree(it.knowledge / "municipalities"), "fault", "knowledge", "municipalit",
    ),
    "official": (
        lambda it: it.write("municipalities/soderby/municipality.yaml", "official: false", "official: true"), "fault",
        "knowledge", "soderby is official and lacks the local number in the text on violence",
    ),
    "legal hold": (lambda it: hold(it, True), "warning", "retention", "legal hold in norrby"),
    "broken feed": (lambda it: feed(it, "jobs-af.jsonl", "no json\n"), "fault", "feeds", "feeds/norrby/jobs-af.jsonl"),
    "failing feed": (lambda it: feed(it, "jobs-af.failed", old_failure()), "warning", "feeds", "HTTP 500"),
    "redis down": (
        lambda it: it.set(HEMVIST_REDIS_URL="redis://127.0.0.1:1"), "fault", "redis", "it does not answer",
    ),
    "no mail": (lambda it: None, "warning", "mail", "no mail server is set"),
    "mail server down": (
        lambda it: (
            it.set(HEMVIST_SMTP_URL="smtp+plain://127.0.0.1:1", HEMVIST_MAIL_FROM="a@b.se"),
            setattr(it, "connect", True),
        ), "fault", "mail", "127.0.0.1:1: the mail server cannot be reached: Connection refused",
    ),
    "site down": (
        lambda it: (it.set(HEMVIST_SITE_URL="http://127.0.0.1:1"), setattr(it, "connect", True)), "fault", "address",
        "http://127.0.0.1:1/readyz does not answer as Hemvist",
    ),
}  # fmt: skip


DAILY = {
    "unknown setting", "137 two secrets", "137 staff and file", "https without a proxy", "open folder", "readable key",
    "148 newer schema", "damaged", "audit unguarded", "foreign message", "no backup", "official", "legal hold",
}  # fmt: skip


@pytest.mark.parametrize(
    "case", [case if case in DAILY else pytest.param(case, marks=pytest.mark.nightly) for case in SPOILT]
)
def test_what_is_wrong_is_told_with_what_to_do(installation: Installation, case: str) -> None:
    spoil, level, part, said = SPOILT[case]
    spoil(installation)
    wanted = said.replace("{data}", str(installation.data))
    found = [one for one in installation.examine() if (one.level, one.part) == (level, part) and wanted in one.says]
    assert len(found) == 1, installation.examine()
    assert found[0].remedy


def test_what_is_set_aside_for_long_is_told(installation: Installation) -> None:
    (installation.data / "before-restore-20260101T000000Z").mkdir()
    later = examine(installation.environment, NOW + 8 * DAY)
    assert any("before-restore-20260101T000000Z" in finding.says for finding in later)
    assert not any("set aside" in finding.says for finding in installation.examine())


def test_a_further_language_that_is_begun_is_told(installation: Installation, tmp_path: Path) -> None:
    folder = tmp_path / "more" / "fi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n')
    installation.set(HEMVIST_LOCALES=str(tmp_path / "more"))
    assert any(
        finding.part == "locales" and "fi" in finding.says and finding.remedy for finding in installation.examine()
    )


def test_a_mail_server_is_greeted_and_gets_no_mail(installation: Installation) -> None:
    said: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

        def answer() -> None:
            taken, _ = listening.accept()
            with taken, taken.makefile("rb") as lines:
                taken.sendall(b"220 here\r\n")
                for line in lines:
                    said.append(line[:4].upper())
                    taken.sendall(b"221 bye\r\n" if said[-1] == b"QUIT" else b"250 fine\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        installation.set(HEMVIST_SMTP_URL=f"smtp+plain://127.0.0.1:{port}", HEMVIST_MAIL_FROM="a@b.se")
        installation.connect = True
        found = [finding for finding in installation.examine() if finding.part == "mail"]
        thread.join(10)
    assert [(finding.level, finding.says) for finding in found] == [("ok", f"127.0.0.1:{port} lets us in")]
    assert said == [b"EHLO", b"QUIT"]


def run(installation: Installation, *arguments: str) -> Result:
    nothing = {name: None for name in os.environ if "HEMVIST" in name}
    return CliRunner().invoke(cli, ["doctor", *arguments], env=nothing | installation.environment)


def test_its_exit_code_tells_and_nothing_is_changed(installation: Installation) -> None:
    installation.engine.dispose()
    before = {path: path.read_bytes() for path in installation.data.iterdir()}
    assert run(installation).exit_code == 0
    assert {path: path.read_bytes() for path in installation.data.iterdir()} == before
    installation.set(HEMVIST_PORT="abc")
    spoilt = run(installation)
    assert spoilt.exit_code == 1
    assert "1 fault, " in spoilt.output.splitlines()[-1]


def test_it_speaks_json(installation: Installation) -> None:
    found = json.loads(run(installation, "--json").output)
    assert found["faults"] == 0
    assert {"level", "part", "says", "remedy"} == found["findings"][0].keys()


def test_every_question_is_one_sentence() -> None:
    assert all((question.__doc__ or "").endswith((".", "?")) for question in QUESTIONS)


@pytest.mark.nightly
def test_a_database_server_is_asked(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    installation = Installation(tmp_path)
    installation.begin()
    installation.set(HEMVIST_DATABASE_URL=request.getfixturevalue("postgres").new_database())
    (installation.data / "hemvist.db").unlink()
    assert any("it is empty" in finding.says for finding in installation.examine())
    engine = open_engine(installation.settings)
    upgrade(engine)
    engine.dispose()
    found = installation.examine()
    assert any(finding.part == "clock" and "its clock is 0 s from ours" in finding.says for finding in found)
    assert not [finding for finding in found if finding.level == "fault"]
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit DISABLE TRIGGER audit_refuses"))
    engine.dispose()
    assert any("rows of audit" in finding.says for finding in installation.examine())
