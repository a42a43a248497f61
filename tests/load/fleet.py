"""Several machines on this one: servers with folders, data and ports of their own, one PostgreSQL and one Redis.

Each machine is `hemvist serve` as an operator starts it. What a machine is asked goes over HTTP.
"""

import http.client
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import psycopg
import pyotp

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import members  # noqa: E402 - the folder of the project comes first
import servers  # noqa: E402 - as above

from web.settings import Settings, read_settings  # noqa: E402 - as above
from web.staff.service import Keys  # noqa: E402 - as above
from web.store import accounts  # noqa: E402 - as above
from web.store.access import Store  # noqa: E402 - as above

KNOWLEDGE: Final = ROOT / "tests" / "knowledge"
SECRET: Final = "only-for-tests-" + "k3" * 16
ANNA: Final = "anna@norrby.example"
START: Final = 60.0  # seconds that a start may take on a busy machine
Reply = tuple[int, str, Mapping[str, str]]


@dataclass
class Machine:
    """One server, its folder and its data."""

    place: Path
    shared: Mapping[str, str]
    workers: int = 2
    port: int = field(default_factory=servers.free_port)
    process: "subprocess.Popen[str] | None" = None

    @property
    def folder(self) -> Path:
        """Where its knowledge lies."""
        return self.place / "knowledge"

    @property
    def name(self) -> str:
        """What it is called in what is printed."""
        return self.place.name

    @property
    def is_up(self) -> bool:
        """Whether it was started and not ended."""
        return self.process is not None

    @property
    def settings(self) -> Settings:
        """The settings that it runs with."""
        return read_settings(self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """The same as variables."""
        own = {"HEMVIST_KNOWLEDGE": str(self.folder), "HEMVIST_DATA": str(self.place / "data")}
        return {**own, **self.shared, "HEMVIST_WORKERS": str(self.workers), "HEMVIST_PORT": str(self.port)}

    def start(self) -> None:
        """Start it, and wait until it says its address."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HEMVIST_")}
        with (self.place / "log").open("a", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "web", "serve"],
                env={**kept, **self.environment, "PYTHONPATH": str(ROOT)},
                cwd=self.place,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        assert self.process.stdout
        line = self.process.stdout.readline()
        assert "answers on" in line, (self.place / "log").read_text("utf-8")[-2000:]

    def kill(self) -> None:
        """End it with all its processes, in the middle of whatever they do."""
        if self.process is None:
            return
        for process in (*_children(self.process.pid), self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """Ask it to end."""
        if self.process is not None:
            self.process.terminate()
            self._ended()

    def get(self, path: str, headers: Mapping[str, str] | None = None) -> Reply:
        """Get a page over a connection of its own."""
        return self._send("GET", path, None, headers or {})

    def post(self, path: str, body: str, headers: Mapping[str, str]) -> Reply:
        """Send something over a connection of its own."""
        return self._send("POST", path, body, headers)

    def ask(self, question: str, municipality: str, language: str, **headers: str) -> dict[str, Any]:
        """Ask a question as the widget does."""
        body = json.dumps({"question": question, "municipality": municipality, "language": language})
        status, text, _ = self.post("/api/v1/chat", body, {"Content-Type": "application/json", **headers})
        return {"status": status, **json.loads(text)}

    def log(self) -> str:
        """Return what it has written."""
        return (self.place / "log").read_text("utf-8")

    def _send(self, method: str, path: str, body: str | None, headers: Mapping[str, str]) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request(method, path, body and body.encode(), dict(headers))
            answer = connection.getresponse()
            return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.getheaders()}
        finally:
            connection.close()

    def _ended(self) -> None:
        assert self.process
        assert self.process.stdout
        self.process.wait(30)
        self.process.stdout.close()
        self.process = None


@dataclass
class Staff:
    """Somebody signed in, whose browser goes to any machine: there is one name in front of all."""

    cookie: str = ""
    token: str = ""

    def get(self, machine: Machine, path: str) -> Reply:
        """Open a page."""
        return self._seen(machine.get(path, {"Cookie": self.cookie}))

    def post(self, machine: Machine, path: str, fields: Mapping[str, Any]) -> Reply:
        """Send a form with the token of the page seen last."""
        body = urlencode({**fields, "csrf_token": self.token}, doseq=True)
        form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        return self._seen(machine.post(path, body, {**form, "Cookie": self.cookie}))

    def sign_in(self, machine: Machine, secret: str) -> None:
        """Sign in on one machine with password and code."""
        self.get(machine, "/staff/sign-in")
        self.post(machine, "/staff/sign-in", {"email": ANNA, "password": members.PASSWORD})
        self.get(machine, "/staff/code")
        status, _, _ = self.post(machine, "/staff/code", {"code": pyotp.TOTP(secret).now()})
        assert status == http.client.SEE_OTHER
        self.get(machine, "/staff/account")

    def _seen(self, reply: Reply) -> Reply:
        if given := reply[2].get("set-cookie"):
            self.cookie = given.partition(";")[0]
        if found := members.TOKEN.search(reply[1]):
            self.token = found[1]
        return reply


@dataclass
class Fleet:
    """All of it."""

    machines: list[Machine]
    postgres: servers.Postgres
    database: str
    redis_port: int

    def up(self) -> list[Machine]:
        """Return the machines that run."""
        return [machine for machine in self.machines if machine.is_up]

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with psycopg.connect(self.database, autocommit=True) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[call-overload]  # any text

    def terminate_backends(self) -> int:
        """End every connection to the database from its side; return how many there were."""
        found = self.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return len(found)

    def enlist(self) -> str:
        """Make an administrator of everything, and return the secret of the second factor."""
        settings = self.machines[0].settings
        with Store(settings).writing() as connection:
            factor = {"totp_salt": "salt", "totp_step": 0}
            number = accounts.add(
                connection, ANNA, "Anna", "sv", datetime.now(UTC), password_hash=members._hashed(), **factor
            )
            accounts.give(connection, number, "*", "admin")
        return Keys((SECRET,)).totp_secrets("salt", ANNA)[0]


@contextmanager
def fleet(place: Path, machines: int = 3, workers: int = 2) -> Iterator[Fleet]:
    """Run PostgreSQL and Redis, and give machines that are still to be started; end everything at the end."""
    port = servers.free_port()
    with servers.postgres() as cluster, servers.redis(port):
        database = cluster.new_database()
        shared = {
            "HEMVIST_DATABASE_URL": database,
            "HEMVIST_REDIS_URL": f"redis://127.0.0.1:{port}/0",
            "HEMVIST_SECRET_KEY": SECRET,
            "HEMVIST_MESSAGE_KEY": SECRET[::-1],
        }
        made = [Machine(place / f"machine-{number + 1}", shared, workers) for number in range(machines)]
        for machine in made:
            shutil.copytree(KNOWLEDGE, machine.folder)
        try:
            yield Fleet(made, cluster, database, port)
        finally:
            for machine in made:
                machine.kill()


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Wait until something holds; return whether it did."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(0.1)
    return True


def conflicts_on(page: str) -> set[int]:
    """Return the conflicts that a page of staff shows."""
    return {int(number) for number in re.findall(r"/conflicts/(\d+)", page)}


def _children(process: int) -> list[int]:
    """Return the processes below one, the deepest first."""
    try:
        found = Path(f"/proc/{process}/task/{process}/children").read_text("ascii").split()
    except OSError:
        return []
    return [one for child in map(int, found) for one in (*_children(child), child)]
