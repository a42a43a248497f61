"""Restart, reload, kill and slow down what answers behind the shipped nginx file, and count what visitors notice.

    python tests/load/restart.py [--rounds 3] [--only restart|slow|balance|script]

Needs nginx, Linux and about two minutes; wrk for the script. Exit code 1 where a bar is missed.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from behind_nginx import Site  # noqa: E402 - the checkout is found by the lines above
from load import measuring  # noqa: E402 - as above
from test_serving import QUESTION  # noqa: E402 - as above

BODY = json.dumps(QUESTION).encode()
HEADERS = {"Content-Type": "application/json"}
PACKED = {"Accept-Encoding": "gzip"}
OFTEN = {"HEMVIST_LIMIT_CONVERSATION": "1000000", "HEMVIST_LIMIT_ADDRESS": "1000000"}
SLOW = 400
MEASURED = 400


class Visitors:
    """Ask without a pause, each over a connection of their own that is kept, and note how it went."""

    def __init__(self, site: Site, number: int) -> None:
        self._site = site
        self._ended = threading.Event()
        self.seconds: list[float] = []
        self.failed: list[str] = []
        self._threads = [threading.Thread(target=self._visit, daemon=True) for _ in range(number)]

    def _visit(self) -> None:
        connection = None
        while not self._ended.is_set():
            began = time.monotonic()
            try:
                connection = connection or self._site.nginx.connect()
                status = ask(connection)
            except (OSError, http.client.HTTPException) as error:
                connection = None
                self.failed.append(type(error).__name__)
            else:
                self.seconds.append(time.monotonic() - began)
                if status != 200:
                    self.failed.append(str(status))

    def __enter__(self) -> "Visitors":
        for thread in self._threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_raised: object) -> None:
        time.sleep(1)
        self._ended.set()
        for thread in self._threads:
            thread.join(60)


def ask(connection: http.client.HTTPConnection, path: str | None = None) -> int:
    """Ask a question, or for `path`, and return the status."""
    if path:
        connection.request("GET", path)
    else:
        connection.request("POST", "/api/v1/chat", BODY, HEADERS)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def restart(folder: Path, rounds: int) -> bool:
    """Restart both servers in turn, reload them, and kill workers, while visitors ask."""
    site = Site(folder, workers=2, **OFTEN)
    try:
        good = disturb(site, "restarted one after the other", lambda n: renew(site, n), rounds, 0)
        good &= disturb(site, "reloaded (HUP)", lambda n: reload(site, n), rounds, 0)
        return good & disturb(site, "one worker killed", lambda n: kill(site, n), rounds, 1)
    finally:
        site.stop()


def renew(site: Site, number: int) -> None:
    """Restart one server."""
    site.end(number)
    site.servers[number] = site.begin(number)
    time.sleep(0.5)


def reload(site: Site, number: int) -> None:
    """Have one server replace its workers."""
    server = site.servers[number]
    before = set(server.workers())
    server.process.send_signal(signal.SIGHUP)
    limit = time.monotonic() + 20
    while before & set(server.workers()) and time.monotonic() < limit:
        time.sleep(0.05)


def kill(site: Site, number: int) -> None:
    """Kill one worker, and wait until there is another."""
    server = site.servers[number]
    before = children(server.process.pid)
    os.kill(before[0], signal.SIGKILL)
    limit = time.monotonic() + 5
    while (before[0] in children(server.process.pid) or not fresh(server.process.pid, before)) and (
        time.monotonic() < limit
    ):
        time.sleep(0.01)
    time.sleep(0.5)


def fresh(process: int, before: list[int]) -> bool:
    """Whether a process was made since."""
    return bool(set(children(process)) - set(before))


def children(process: int) -> list[int]:
    """Return the workers of a server."""
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def disturb(site: Site, what: str, disturb_one: Callable[[int], None], rounds: int, allowed: int) -> bool:
    """Do something to each server in turn, and tell how many requests failed; `allowed`: for each time."""
    with Visitors(site, 8) as visitors:
        for _ in range(rounds):
            for number in range(len(site.servers)):
                disturb_one(number)
    times = rounds * len(site.servers)
    say(
        f"{what}, {times} times: {len(visitors.failed)} of {len(visitors.seconds)} requests failed "
        f"{visitors.failed[:5]}; slowest {max(visitors.seconds):.2f} s  [at most {allowed * times}]"
    )
    return len(visitors.failed) <= allowed * times


def slow(folder: Path) -> bool:
    """Measure answers with and without 400 clients that send a byte a second."""
    site = Site(folder, servers=1, workers=2, **OFTEN)
    try:
        idle = {path or "a question": measured(site, path) for path in ("/healthz", None)}
        with crawling(site):
            crowded = {path or "a question": measured(site, path) for path in ("/healthz", None)}
    finally:
        site.stop()
    good = True
    for what, before in idle.items():
        after = crowded[what]
        say(
            f"{what}: p99 {before * 1000:.1f} ms idle, {after * 1000:.1f} ms with {SLOW} slow clients: "
            f"{after / before:.1f} ×  [at most 5 ×, below 100 ms]"
        )
        good &= after <= 5 * before and after < 0.1
    return good


def measured(site: Site, path: str | None) -> float:
    """Return the slowest hundredth of answers, in seconds."""
    connection, seconds = site.nginx.connect("127.0.0.1"), []
    for _ in range(MEASURED):
        began = time.perf_counter()
        status = ask(connection, path)
        assert status == 200, status
        seconds.append(time.perf_counter() - began)
    connection.close()
    return statistics.quantiles(seconds, n=100)[98]


@contextmanager
def crawling(site: Site) -> Iterator[None]:
    """Keep half of the slow clients in their headers and half in their bodies, from several addresses."""
    ended = threading.Event()
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    clients: list[tuple[ssl.SSLSocket, bool]] = []
    for number in range(SLOW):
        bare = socket.create_connection(("127.0.0.1", site.nginx.port), source_address=(f"127.0.1.{number % 8 + 1}", 0))
        client = context.wrap_socket(bare)
        in_body = number % 2 == 1
        client.sendall(slow_start(site, in_body=in_body))
        clients.append((client, in_body))

    def crawl() -> None:
        while not ended.wait(1):
            for client, in_body in clients:
                with suppress(OSError):
                    client.sendall(b"x" if in_body else b"X")

    thread = threading.Thread(target=crawl, daemon=True)
    thread.start()
    time.sleep(2)
    yield
    ended.set()
    thread.join()
    for client, _in_body in clients:
        client.close()


def slow_start(site: Site, *, in_body: bool) -> bytes:
    """Return how a request begins that does not end."""
    head = f"POST /api/v1/chat HTTP/1.1\r\nHost: {site.nginx.SITE}:{site.nginx.port}\r\n"
    rest = "Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{" if in_body else "X-Slow: "
    return (head + rest).encode()


def balance(folder: Path) -> bool:
    """Have 16 kept connections ask, five times anew, and tell what part of the work the smaller worker had."""
    site = Site(folder, servers=1, workers=2, **OFTEN)
    shares = []
    try:
        for _ in range(5):
            before = worked(site)
            with Visitors(site, 16) as visitors:
                time.sleep(3)
            assert not visitors.failed
            done = [after - earlier for after, earlier in zip(worked(site), before, strict=True)]
            shares.append(min(done) / sum(done))
    finally:
        site.stop()
    say(
        "smaller of two workers, 16 kept connections: "
        + ", ".join(f"{share:.0%}" for share in shares)
        + " of the processor time  [at least 20 %, 5 of 5]"
    )
    return min(shares) >= 0.2


def script(folder: Path) -> bool:
    """Ask whether the script for other sites is still the same, as browsers do, and in turn a bare Flask view."""
    site, ratios = Site(folder, servers=1, workers=2), []
    try:
        tag = site.ask("GET", "/embed.js", **PACKED)[1]["ETag"]
        known = {"Host": f"{site.nginx.SITE}:{site.nginx.port}", **PACKED, "If-None-Match": tag}
        entrance = measuring.Server(site.nginx.port, 0, folder)
        with measuring.served(*measuring.bare(2)) as peer:
            for _ in range(5):
                ours = measuring.wrk(entrance, path="/embed.js", method="GET", headers=known, scheme="https")
                assert set(ours.codes) == {304}, ours.codes
                ratios.append(ours.per_second / measuring.wrk(peer, ["hej"]).per_second)
    finally:
        site.stop()
    say(f"embed.js is still the same (304), a second ÷ bare: {statistics.median(ratios):.2f}  [at least 0.8]")
    return statistics.median(ratios) >= 0.8


def worked(site: Site) -> list[int]:
    """Return the processor time of each worker, in hundredths of a second."""
    texts = (Path(f"/proc/{worker}/stat").read_text() for worker in sorted(children(site.servers[0].process.pid))[:2])
    return [sum(map(int, text.rpartition(")")[2].split()[11:13])) for text in texts]


def say(line: str) -> None:
    """Print one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> int:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=("restart", "slow", "balance", "script"))
    given = parser.parse_args()
    parts = {
        "restart": lambda folder: restart(folder, given.rounds),
        "slow": slow,
        "balance": balance,
        "script": script,
    }
    good = True
    for name, part in parts.items():
        if given.only in (None, name):
            with tempfile.TemporaryDirectory(prefix="hemvist-restart-") as folder:
                good &= part(Path(folder))
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
