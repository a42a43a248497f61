"""Throw-away servers for tests: PostgreSQL and Redis from Debian's packages, each in a folder of its own."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg


def find(program: str) -> str | None:
    """Return where `program` is installed, also where Debian keeps PostgreSQL's own."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return shutil.which(program, path=os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")]))


class Postgres:
    """A cluster on a free port of this machine, for as long as the tests run; it can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        # initdb and postgres refuse to run as root
        self._user = "postgres" if os.geteuid() == 0 else None
        self._folder = folder
        if self._user:
            os.chown(folder, pwd.getpwnam(self._user).pw_uid, -1)
        self.port = free_port()
        self._run("initdb", "-D", str(folder / "data"), "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync")
        self._made = 0
        self.start()

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        self._run(
            "pg_ctl", "-D", str(self._folder / "data"), "-w", "-l", str(self._folder / "log"), "-o", options, "start"
        )

    def stop(self) -> None:
        """Stop it at once, with whoever is connected."""
        self._run("pg_ctl", "-D", str(self._folder / "data"), "-w", "-m", "immediate", "stop")

    def new_database(self) -> str:
        """Make an empty database, and return its address."""
        self._made += 1
        name = f"test_{self._made}"
        self.do(f"CREATE DATABASE {name}")
        return self.address(name)

    def address(self, database: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://tests@127.0.0.1:{self.port}/{database}"

    def do(self, statement: str) -> None:
        """Run a statement as the owner of everything."""
        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(statement)

    @contextmanager
    def frozen(self, database: str) -> Iterator[None]:
        """Have those who serve `database` hang: connections stay, nobody answers."""
        with psycopg.connect(self.address(), autocommit=True) as connection:
            rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname = %s", [database]).fetchall()
        processes = [row[0] for row in rows]
        assert processes
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in processes:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGCONT)

    def _run(self, program: str, *arguments: str) -> None:
        path = find(program)
        assert path
        subprocess.run(
            [path, *arguments], user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL, check=True, timeout=60
        )


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Run a cluster until the block ends."""
    with tempfile.TemporaryDirectory(prefix="hemvist-postgres-") as name:
        cluster = Postgres(Path(name))
        try:
            yield cluster
        finally:
            cluster.stop()


@contextmanager
def redis(port: int) -> Iterator[None]:
    """Run a Redis that keeps nothing until the block ends."""
    path = find("redis-server")
    assert path
    command = [path, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        try:
            await_port(port)
            yield
        finally:
            process.terminate()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def await_port(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on port {port}")
