"""`hemvist serve` as a new user and a rough world meet it: one start, every limit, every signal."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest
import servers

ROOT = Path(__file__).parent.parent
QUESTION = {"question": "Vilka tomter är lediga i Norrby?", "municipality": "norrby"}
HOUSING = "municipalities/norrby/housing.yaml"
ANYWHERE = "0.0.0.0"  # noqa: S104 - to be refused
CHUNKED = (
    b"POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
)
pytestmark = pytest.mark.slow


class Server:
    """A running `hemvist serve`."""

    def __init__(self, folder: Path, *arguments: str, **settings: str) -> None:
        self.data = folder / "data"
        self.process = start(folder, *arguments, **settings)
        line = self.process.stdout.readline()
        found = re.fullmatch(r"Hemvist answers on http://(.+):(\d+) \(Ctrl-C stops it\)\n", line)
        if not found:
            self.stop()
            pytest.fail(line + self.process.stderr.read())
        self.port = int(found[2])

    def ask(self, method: str = "POST", path: str = "/api/v1/chat", **members: object) -> tuple[int, dict]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        body = json.dumps({**QUESTION, **members}) if method == "POST" else None
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        content = json.loads(response.read())
        connection.close()
        return response.status, content

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(child) for child in children.split()]

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def start(folder: Path, *arguments: str, **settings: str) -> subprocess.Popen:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEMVIST_")}
    environment = {
        **clean,
        "PYTHONPATH": str(ROOT),
        "HEMVIST_KNOWLEDGE": str(folder / "knowledge"),
        "HEMVIST_DATA": str(folder / "data"),
        **settings,
    }
    command = [sys.executable, "-m", "web", "serve", "--port", "0", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=folder, env=environment, stdout=pipe, stderr=pipe, text=True)


@pytest.fixture
def serve(knowledge_folder: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(*arguments: str, **settings: str) -> Server:
        servers.append(Server(knowledge_folder.parent, *arguments, **settings))
        return servers[-1]

    yield begin
    for server in servers:
        if server.process.poll() is None:
            server.stop()
        server.process.stdout.close()
        server.process.stderr.close()


@pytest.fixture
def refused(knowledge_folder: Path) -> Callable[..., list[str]]:
    """Start a server that must not start, and return the lines it says why."""

    def begin(*arguments: str, **settings: str) -> list[str]:
        process = start(knowledge_folder.parent, *arguments, **settings)
        output, errors = process.communicate(timeout=30)
        assert (process.returncode, output) == (2, "")
        assert "Traceback" not in errors
        return [line for line in errors.splitlines() if not line.startswith("{")]

    return begin


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)


def test_started_server_answers_and_keeps_its_secret_to_itself(serve: Callable[..., Server]) -> None:
    server = serve()
    status, reply = server.ask()
    assert (status, reply["entry"]) == (200, "plots")
    assert stat.S_IMODE(server.data.stat().st_mode) == 0o700
    kept = {path.name for path in server.data.iterdir()}
    assert "secret-key" in kept
    assert {name.split(".")[0] for name in kept} <= {"secret-key", "message-key", "hemvist", "limits", "folder"}
    until(lambda: len(server.workers()) == 2)


def test_contexts_outlive_a_restart_and_pass_between_workers(serve: Callable[..., Server]) -> None:
    first = serve("--workers", "1")
    context = first.ask()[1]["context"]
    first.stop()
    second = serve("--workers", "4")
    assert not any(second.ask(context=context)[1]["context_ignored"] for _ in range(12))


@pytest.mark.nightly
@pytest.mark.parametrize(("how", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)], ids=["Ctrl-C", "SIGTERM"])
def test_144_signal_ends_it_with_its_code_and_no_traceback(
    serve: Callable[..., Server], how: signal.Signals, code: int
) -> None:
    server = serve()
    workers = server.workers()
    assert server.stop(how) == code
    assert "Traceback" not in server.process.stderr.read()
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)


def test_request_that_runs_is_finished_when_the_server_stops(serve: Callable[..., Server]) -> None:
    server = serve()
    body = json.dumps(QUESTION).encode()
    head = f"POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with server.connect() as connection:
        connection.sendall(head.encode() + b"\r\n" + body[:10])
        time.sleep(0.5)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(1.5)
        with pytest.raises(ConnectionRefusedError):  # so that a proxy goes elsewhere at once
            server.connect()
        connection.sendall(body[10:])
        assert connection.recv(65536).startswith(b"HTTP/1.1 200 OK")
    assert server.process.wait(8) == 0


@pytest.mark.nightly
def test_f10_of_twenty_cold_starts_of_four_workers_each_migrates_once_and_none_dies(
    serve: Callable[..., Server], knowledge_folder: Path
) -> None:
    for _ in range(20):
        server = serve("--workers", "4")
        until(lambda: len(server.workers()) >= 4)  # noqa: B023 - done before the next start
        until((server.data / "hemvist.db").exists)
        started = server.workers()
        assert {server.ask()[0] for _ in range(12)} == {200}
        until(lambda: notes(f"file:{server.data / 'hemvist.db'}?mode=ro") == 12)  # noqa: B023 - likewise
        assert server.workers() == started
        assert server.stop() == 0
        said = server.process.stderr.read()
        assert said.count("the store has schema") == 1, said
        assert not [word for word in ("Traceback", "ERROR", "the store is not written to") if word in said], said
        shutil.rmtree(knowledge_folder.parent / "data")


def notes(database: str) -> int | None:
    """Return how many questions are noted; None: there is no table yet."""
    with closing(sqlite3.connect(database, uri=True)) as connection, suppress(sqlite3.Error):
        return int(connection.execute("SELECT count(*) FROM turns").fetchone()[0])
    return None


@pytest.mark.nightly
def test_f15_while_postgresql_hangs_answers_come_as_fast_and_are_noted_after(
    serve: Callable[..., Server], postgres: servers.Postgres
) -> None:
    address = postgres.new_database()
    keys = {"HEMVIST_SECRET_KEY": servers.SECRET, "HEMVIST_MESSAGE_KEY": "Wq4-" * 12}
    server = serve("--workers", "2", HEMVIST_DATABASE_URL=address, **keys)

    def slowest() -> float:
        return max(timed(server) for _ in range(20))

    def noted() -> int | None:
        with suppress(psycopg.errors.UndefinedTable), psycopg.connect(address) as connection:
            return int(connection.execute("SELECT count(*) FROM turns").fetchone()[0])
        return None

    before = min(slowest() for _ in range(3))
    until(lambda: noted() == 60)
    with postgres.hung():
        hanging = [slowest()]
        time.sleep(3)  # by now every worker has found out, and waits for it
        hanging.append(slowest())
    assert max(hanging) < before + 0.1
    until(lambda: noted() == 100, 40)


def timed(server: Server) -> float:
    """Ask, and return how many seconds it took."""
    began = time.monotonic()
    assert server.ask()[0] == 200
    return time.monotonic() - began


def test_killed_worker_is_replaced(serve: Callable[..., Server]) -> None:
    server = serve()
    killed = server.workers()
    for worker in killed:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(set(server.workers()) - set(killed)) == 2)
    assert server.ask()[0] == 200


def test_every_worker_takes_up_changed_knowledge(serve: Callable[..., Server], knowledge_folder: Path) -> None:
    server = serve("--workers", "3")
    path = knowledge_folder / HOUSING
    path.write_text(path.read_text("utf-8").replace("**tolv**", "**nio**"), "utf-8")
    until(lambda: all("nio" in server.ask()[1]["text"] for _ in range(20)))


def test_broken_file_is_named_and_the_last_good_answers_on(
    serve: Callable[..., Server], knowledge_folder: Path
) -> None:
    server = serve()
    (knowledge_folder / HOUSING).write_text("entries:\n  - id: [\n")
    until(lambda: all(server.ask("GET", "/readyz")[1]["status"] == "degraded" for _ in range(10)))
    assert server.ask("GET", "/readyz")[1]["problems"][0].startswith(HOUSING)
    assert "tolv" in server.ask()[1]["text"]


def test_new_worker_serves_the_newest_knowledge_from_its_first_answer(
    serve: Callable[..., Server], knowledge_folder: Path
) -> None:
    server = serve("--workers", "1")
    assert "tolv" in server.ask()[1]["text"]
    path = knowledge_folder / HOUSING
    path.write_text(path.read_text("utf-8").replace("**tolv**", "**nio**"), "utf-8")
    (killed,) = server.workers()
    os.kill(killed, signal.SIGKILL)
    assert "nio" in server.ask()[1]["text"]


def test_18_endless_chunked_body_gets_its_answer_and_is_cut_off(serve: Callable[..., Server]) -> None:
    server = serve("--workers", "1")
    with server.connect() as connection:
        connection.sendall(CHUNKED + (b"400\r\n" + b" " * 1024 + b"\r\n") * 64)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413 ")
    assert server.ask()[0] == 200


def test_malformed_chunks_are_a_bad_request(serve: Callable[..., Server]) -> None:
    server = serve("--workers", "1")
    with server.connect() as connection:
        connection.sendall(CHUNKED + b"zz\r\n{}\r\n")
        answer = connection.makefile("rb")
        assert answer.readline().startswith(b"HTTP/1.1 400 ")
        assert any(b'"code": "bad_request"' in line for line in iter(answer.readline, b""))


HEAD = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /api/v1/chat HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
UNREADABLE = {
    "address of 5 KB": (b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "101 headers": (HEAD + b"X-A: 1\r\n" * 101 + b"\r\n", 431),
    "header of 9 KB": (HEAD + b"X-A: " + b"a" * 9_000 + b"\r\n\r\n", 431),
    "length and chunks": (POST + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks and length": (POST + b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400),
    "chunks twice": (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
    "chunks of another kind": (POST + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 3\r\nContent-Length: 2\r\n\r\n{}", 400),
    "two lengths in one": (POST + b"Content-Length: 3, 2\r\n\r\n{}", 400),
    "length -1": (POST + b"Content-Length: -1\r\n\r\n{}", 400),
    "length +17": (POST + b"Content-Length: +17\r\n\r\n{}", 400),
    "bare line feed": (b"GET /healthz HTTP/1.1\nHost: x\n\n", 400),
    "bare line feed in a header": (HEAD + b"X-A: 1\nX-B: 2\r\n\r\n", 400),
    "space before the colon": (b"GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n", 400),
    "folded header": (HEAD + b"X-A: 1\r\n 2\r\n\r\n", 400),
    "NUL in a header": (HEAD + b"X-A: 1\0\r\n\r\n", 400),
    "two hosts": (HEAD + b"Host: y\r\n\r\n", 400),
    "another version": (b"GET /healthz HTTP/3.7\r\nHost: x\r\n\r\n", 400),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
}


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all requests that change nothing."""
    folder = tmp_path_factory.mktemp("standing")
    shutil.copytree(ROOT / "tests" / "knowledge", folder / "knowledge")
    server = Server(folder, "--workers", "1")
    yield server
    server.stop()
    server.process.stdout.close()
    server.process.stderr.close()


@pytest.mark.parametrize(("sent", "status"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_refused_once_and_in_our_shape(standing: Server, sent: bytes, status: int) -> None:
    """Nothing of what follows is taken for a request: two servers must not read two different ones from the same."""
    with standing.connect() as connection:
        connection.sendall(sent + HEAD + b"X-Second: 1\r\n\r\n")
        connection.shutdown(socket.SHUT_WR)
        answer = connection.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert int(head.split()[1]) == status
    assert b"application/problem+json" in head
    assert b"nosniff" in head
    problem = json.loads(body)
    assert (problem["status"], problem["code"]) == (status, "bad_request")
    assert body.count(b"request_id") == answer.count(b"HTTP/1.1 ") == 1


@pytest.mark.parametrize(("version", "status"), [(b"1.1", 400), (b"1.0", 200)])
def test_a_request_that_names_no_host_is_of_an_old_version(standing: Server, version: bytes, status: int) -> None:
    with standing.connect() as connection:
        connection.sendall(b"GET /api/v1/municipalities HTTP/" + version + b"\r\nConnection: close\r\n\r\n")
        assert int(connection.makefile("rb").read().split()[1]) == status


def test_forwarded_headers_are_believed_from_as_many_proxies_as_trusted(serve: Callable[..., Server]) -> None:
    for trusted in (0, 1):
        server = serve("--workers", "1", HEMVIST_TRUSTED_PROXIES=str(trusted))
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        connection.request("GET", "/healthz", headers={"X-Forwarded-Proto": "https"})
        response = connection.getresponse()
        assert ("Strict-Transport-Security" in response.headers) is bool(trusted)
        connection.close()


READ_ONLY = 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && exec "$@"'
NO_RIGHTS = ["setpriv", "--no-new-privs", "--inh-caps=-all", "--bounding-set=-all"]
NOBODY = ["--reuid=10001", "--regid=10001", "--clear-groups"]


def contained(data: Path, command: list[str]) -> list[str]:
    """Return `command` on a root that cannot be written but for `data`, without rights: as far as this machine lets us.

    Another user's, too, where that one may reach the interpreter and the folder.
    """
    alone = ["unshare", "--mount", "--propagation", "private"]
    if os.geteuid() != 0 or subprocess.run([*alone, "true"], check=False, capture_output=True).returncode:
        return command
    os.chown(data, 10_001, 10_001)
    look = [sys.executable, "-c", "import os, sys; sys.exit(not os.access(sys.argv[1], os.W_OK))", str(data)]
    drop = [*NO_RIGHTS, *NOBODY]
    if subprocess.run([*drop, *look], check=False, capture_output=True).returncode:
        os.chown(data, 0, 0)
        drop = NO_RIGHTS
    return [*alone, "sh", "-c", READ_ONLY, str(data), *drop, *command]


@pytest.mark.parametrize("kind", ["bare", "container"])
def test_starts_with_little_around_it_and_writes_swedish(knowledge_folder: Path, kind: str) -> None:
    """F24: LANG=C, no home, a narrow umask; as a container also another user, and a root that cannot be written."""
    folder = knowledge_folder.parent / "å ä ö"
    data = folder / "hemvist-data"
    data.mkdir(parents=True)
    shutil.copytree(knowledge_folder, folder / "knowledge")
    bare = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LC_ALL": "C", "LANG": "C", "HEMVIST_PORT": "0"}
    command = [sys.executable, "-m", "web", "serve", "--workers", "1"]
    if kind == "container":
        command = contained(data, command)
    process = subprocess.Popen(command, cwd=folder, env=bare, stdout=subprocess.PIPE, text=True, umask=0o077)
    try:
        line = process.stdout.readline()
        assert "Hemvist answers on http://127.0.0.1:" in line
        connection = http.client.HTTPConnection("127.0.0.1", int(re.findall(r":(\d+) ", line)[0]), timeout=20)
        body = json.dumps(QUESTION, ensure_ascii=False)
        connection.request("POST", "/api/v1/chat", body.encode(), {"Content-Type": "application/json"})
        reply = json.loads(connection.getresponse().read())
        assert reply["entry"] == "plots"
        connection.request("GET", "/norrby/sv/")
        assert "Fråga" in connection.getresponse().read().decode()
        connection.close()
        assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in data.iterdir()} == {0}
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.mark.nightly
def test_root_is_warned(serve: Callable[..., Server]) -> None:
    server = serve("--workers", "1")
    server.stop()
    assert ("running as root" in server.process.stderr.read()) is (os.geteuid() == 0)


def test_workers_count_together_and_the_tick_does_its_work(serve: Callable[..., Server]) -> None:
    server = serve("--workers", "2", HEMVIST_LIMIT_CONVERSATION="10")
    context = server.ask()[1]["context"]
    assert [server.ask(context=context)[0] for _ in range(14)] == [200] * 10 + [429] * 4
    until(lambda: finished(server.data / "hemvist.db"), 30)


def finished(store: Path) -> bool:
    try:
        with closing(sqlite3.connect(store)) as connection:
            return connection.execute("SELECT count(*) FROM leases WHERE finished IS NOT NULL").fetchone() == (3,)
    except sqlite3.Error:  # there is no table yet
        return False


def test_a_socket_that_systemd_holds_is_answered_at(knowledge_folder: Path) -> None:
    """It stays open while the service is restarted: who comes meanwhile waits, and is answered."""
    folder = knowledge_folder.parent
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
        for _ in range(2):
            asked = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            asked.request("GET", "/healthz")  # nobody is there yet
            process = subprocess.Popen(
                ["sh", "-c", 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&0 </dev/null', "sh", *SERVE],
                cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdin=held.fileno(), stdout=subprocess.DEVNULL,
            )  # fmt: skip
            assert asked.getresponse().status == 200
            asked.close()
            process.terminate()
            assert process.wait(20) == 0


SERVE = [sys.executable, "-m", "web", "serve", "--workers", "1"]


def test_what_was_asked_before_the_end_is_noted(serve: Callable[..., Server]) -> None:
    server = serve("--workers", "2")
    for _ in range(6):
        server.ask()
    assert server.stop() == 0
    with closing(sqlite3.connect(server.data / "hemvist.db")) as connection:
        assert connection.execute("SELECT count(*) FROM turns").fetchone() == (6,)


def test_144_kill_leaves_no_process_behind(serve: Callable[..., Server]) -> None:
    server = serve("--workers", "1")
    until(lambda: (server.data / "hemvist.db").exists())
    until(lambda: below(server.process.pid), 30)
    children = below(server.process.pid)
    server.process.kill()
    server.process.wait(20)
    until(lambda: not any(Path(f"/proc/{child}").exists() for child in children), 30)


def below(process: int) -> list[int]:
    """Return the processes that any thread of `process` has started, the tick among them."""
    texts = [path.read_text() for path in Path(f"/proc/{process}/task").glob("*/children")]
    found = [int(child) for text in texts for child in text.split()]
    return found if len(found) > 1 else []


# what must not start


def test_148_store_of_a_newer_version_is_refused(refused: Callable[..., list[str]], knowledge_folder: Path) -> None:
    data = knowledge_folder.parent / "data"
    data.mkdir(mode=0o700)
    with closing(sqlite3.connect(data / "hemvist.db")) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.commit()
    (line,) = refused()
    assert "schema '9999'" in line
    assert "a newer Hemvist has written it" in line


def test_124_public_address_without_secret_is_refused(refused: Callable[..., list[str]]) -> None:
    (line,) = refused("--host", ANYWHERE, HEMVIST_MESSAGE_KEY="Wq4-" * 12)
    assert line.startswith("HEMVIST_SECRET_KEY: missing; with HEMVIST_HOST=0.0.0.0")


def test_134_debugging_in_public_is_refused(refused: Callable[..., list[str]]) -> None:
    (line,) = refused(
        "--host", ANYWHERE, HEMVIST_DEBUG="true", HEMVIST_SECRET_KEY="Vq3-" * 12, HEMVIST_MESSAGE_KEY="Wq4-" * 12
    )
    assert line.startswith("HEMVIST_DEBUG=true")


def test_131_empty_knowledge_is_refused(refused: Callable[..., list[str]], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (line,) = refused(HEMVIST_KNOWLEDGE=str(tmp_path / "empty"))
    assert "no municipality" in line


def test_broken_knowledge_is_refused_with_every_line(refused: Callable[..., list[str]], knowledge_folder: Path) -> None:
    (knowledge_folder / HOUSING).write_text("entries:\n  - id: Plots!\n    anwser: x\n")
    (knowledge_folder / "national/moving.yaml").write_text("entries: [\n")
    lines = refused()
    assert sum(line.startswith(f"{HOUSING}:2:") for line in lines) == 1
    assert sum(line.startswith(f"{HOUSING}:3:") for line in lines) == 1
    assert sum(line.startswith("national/moving.yaml:") for line in lines) == 1


def test_address_in_use_is_refused_with_a_way_out(
    serve: Callable[..., Server], refused: Callable[..., list[str]]
) -> None:
    port = str(serve("--workers", "1").port)
    assert refused("--port", port) == [
        f"port {port} on 127.0.0.1 is in use; choose another with --port, or --port 0 for any free one"
    ]


def test_address_that_is_not_ours_is_refused(refused: Callable[..., list[str]]) -> None:
    for host in ("192.0.2.1", "nowhere.invalid"):
        (line,) = refused("--host", host, HEMVIST_SECRET_KEY="Vq3-" * 12, HEMVIST_MESSAGE_KEY="Wq4-" * 12)
        assert line.startswith(f"cannot listen on {host} port 0: ")


def test_data_that_cannot_be_written_is_refused(refused: Callable[..., list[str]]) -> None:
    (line,) = refused(HEMVIST_DATA="/proc/hemvist")
    assert line.startswith("HEMVIST_DATA='/proc/hemvist': cannot be used (")
