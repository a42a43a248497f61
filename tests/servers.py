"""Throw-away servers for tests: PostgreSQL, Redis and nginx from Debian's packages, each in a folder of its own."""

import http.client
import os
import pwd
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import trustme

DEPLOY = Path(__file__).parent.parent / "web" / "deploy"

SECRET = "only-for-tests-" + "k3" * 16  # of every application that tests make


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

    @contextmanager
    def hung(self) -> Iterator[None]:
        """Have the whole of it hang: whoever connects is let in by the machine, and nobody answers."""
        first = int((self._folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(first, signal.SIGSTOP)  # before its children are counted, so that there come no more
        children = [int(one) for one in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        for process in children:
            os.kill(process, signal.SIGSTOP)
        try:
            yield
        finally:
            for process in (*children, first):
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


class Nginx:
    """The shipped nginx file before servers of this machine, with a certificate of our own; it is the site's name."""

    SITE = "chat.example.se"

    def __init__(self, folder: Path, upstreams: Sequence[int]) -> None:
        self.folder = folder
        self.port, self.plain_port = free_port(), free_port()
        authority = trustme.CA()
        issued = authority.issue_cert(self.SITE)
        issued.private_key_pem.write_to_path(folder / "privkey.pem")
        for blob in issued.cert_chain_pems:
            blob.write_to_path(folder / "fullchain.pem", append=True)
        self.trust = ssl.create_default_context()
        authority.configure_trust(self.trust)
        (folder / "hemvist.conf").write_text(self._shipped(upstreams), "utf-8")
        (folder / "nginx.conf").write_text(self._frame(), "utf-8")
        self._process: subprocess.Popen[bytes] | None = None

    def check(self) -> str:
        """Return what nginx says of the file."""
        done = subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)
        return done.stderr

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(self._command())
        await_port(self.port)

    def stop(self) -> None:
        """Stop it."""
        if self._process:
            self._process.terminate()
            self._process.wait(20)

    def connect(self, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
        """Return a connection to it, from an address of this machine."""
        connection = http.client.HTTPSConnection(
            self.SITE, self.port, timeout=40, context=self.trust, source_address=(source, 0)
        )
        connection.sock = self.trust.wrap_socket(self.open(source), server_hostname=self.SITE)
        return connection

    def open(self, source: str = "127.0.0.1") -> socket.socket:
        """Return a bare connection to it, before TLS."""
        return socket.create_connection(("127.0.0.1", self.port), timeout=40, source_address=(source, 0))

    def _shipped(self, upstreams: Sequence[int]) -> str:
        text = (DEPLOY / "nginx.conf").read_text("utf-8")
        servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in upstreams)
        for written, ours in (
            ("    server 127.0.0.1:8000 max_fails=0;\n", f"    {servers}\n"),
            ("    listen 80;\n    listen [::]:80;\n", f"    listen 127.0.0.1:{self.plain_port};\n"),
            (
                "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n",
                f"    listen 127.0.0.1:{self.port} ssl http2;\n",
            ),
            ("/etc/ssl/hemvist/fullchain.pem", f"{self.folder}/fullchain.pem"),
            ("/etc/ssl/hemvist/privkey.pem", f"{self.folder}/privkey.pem"),
            ("proxy_cache_path /var/cache/hemvist ", f"proxy_cache_path {self.folder}/cache "),
            ("/var/log/nginx/hemvist.log", f"{self.folder}/access.log"),
            ("/var/log/nginx/hemvist-error.log", f"{self.folder}/error.log"),
        ):
            assert text.count(written) == 1, written
            text = text.replace(written, ours)
        return text

    def _frame(self) -> str:
        """What Debian's own nginx.conf has around it; one process more than one would hide who gets what."""
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        user = "user root;" if os.geteuid() == 0 else ""  # the folder is ours alone
        folders = " ".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)
        return (
            f"{user} daemon off; worker_processes 1; pid {self.folder}/pid; error_log {self.folder}/main.log;\n"
            f"events {{ worker_connections 4000; }}\nhttp {{ {folders} include {self.folder}/hemvist.conf; }}\n"
        )

    def _command(self) -> list[str]:
        path = shutil.which("nginx") or "/usr/sbin/nginx"
        return [path, "-q", "-e", str(self.folder / "main.log"), "-c", str(self.folder / "nginx.conf")]
