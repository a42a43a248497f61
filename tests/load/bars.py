"""The load benches, each figure beside its bar: the server as it is shipped against a bare Flask answer, in one run.

    python tests/load/bars.py [L1 L5 …] [--rounds 7] [--requests 600] [--soak 100000]

Both sides are measured in turn; rounds in which others use more than 8 % of the machine are made again. Ratios are the
medians of the rounds' own. What loads a server to the full is done by wrk (Debian's package). Exit code 1 where a bar
is missed. L8 and L10 need nginx: they are in restart.py.
"""

import argparse
import http.client
import io
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from load.measuring import (
    AGAIN,
    BARE,
    JSON,
    PATH,
    ROOT,
    Asker,
    Rounds,
    Server,
    await_port,
    bare,
    bodies,
    cost,
    count_phrasings,
    environment_of,
    has_wrk,
    hemvist,
    median_ratio,
    percentile,
    questions,
    served,
    thinned,
    until,
    weight,
    wrk,
)
from load.report import fill
from load.soak import soak

from bot import Assistant, Question, load
from web.limits import WINDOW, FileCounter, Limits
from web.settings import read_settings
from web.store.batches import BATCH

NETWORK = {"X-Forwarded-For": "192.0.2.1"}
COUNTED = {"HEMVIST_TRUSTED_PROXIES": "1", "HEMVIST_LIMIT_ADDRESS": "1000000"}
PACKED = {"Accept-Encoding": "gzip"}
WARM_UP = 150
SETTLED = 5.0  # seconds in which a process that has begun to answer opens its store behind the answers
PAUSE = 0.01  # seconds between two questions of one visitor
KEYS = 100_000
ROWS = 100_000
GIVEN_BY_NGINX = "see restart.py"
# where nothing of it is known, and where all of it is: letters, words, both ends of what is legal
KINDS: Mapping[str, Callable[[int], str]] = {
    "question": lambda size: ("hur gör jag för att hitta en tomt nära skolan i Hällnäs och vad kostar den " * 9)[:size],
    "misspelt": lambda size: ("huur gjör jagg förr at hita en tommt nära skoolan i Hälnäs o va kosar dn " * 9)[:size],
    "one word": lambda size: "tomt" * (size // 4) + "x" * (size % 4),
    "letters": lambda size: ("a b c d e f g h i j k l m n o p q r s t u v w x y z å ä ö " * 10)[:size],
    "digits": lambda size: ("0701234567 811228 9874 200000 kr 1500 m2 " * 13)[:size],
    "names": lambda size: ("Vindeln Umeå Hällnäs Granö Tvärålund Åmsele Bjurholm Nordmaling " * 9)[:size],
    "marks": lambda size: ("?!…–()[]{}<>*_~`'\"@#%&/\\|.,;:-+= " * 16)[:size],
    "unknown": lambda size: "".join(random.Random(size).choices("bcdfghjklmnpqrstvwxz aeiouyåäö", k=size)),  # noqa: S311
}  # fmt: skip
LENGTHS = (1, 2, 3, 5, 8, 13, 20, 30, 45, 60, 80, 100, 140, 180, 240, 300, 360, 430, 500)


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; `is_met` None: it is told, and has no bar."""

    number: str
    what: str
    measured: str
    bar: str
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Given:
    """How thoroughly to measure."""

    rounds: int
    requests: int
    soak: int
    texts: Sequence[str]

    def in_turn(self, measure: Callable[[], Sequence[float]], *servers: Server) -> tuple[list[tuple[float, ...]], str]:
        """Measure in rounds; returns them, and what is to be said of them."""
        rounds = Rounds(self.rounds)
        found = rounds.run(measure, [server.pid for server in servers])
        return found, "" if rounds.quiet == self.rounds else f" ({rounds.quiet} of {self.rounds} rounds quiet)"


def at_most(number: str, what: str, value: float, bar: float | None, unit: str = "", note: str = "") -> Figure:
    """Return a figure that is not to be larger than its bar, where it has one."""
    wanted, is_met = ("", None) if bar is None else (f"≤ {bar:g}{unit}", value <= bar)
    return Figure(number, what, f"{value:.2f}{unit}{note}", wanted, is_met)


def at_least(number: str, what: str, value: float, bar: float | None, unit: str = "", note: str = "") -> Figure:
    """Return a figure that is not to be smaller than its bar, where it has one."""
    wanted, is_met = ("", None) if bar is None else (f"≥ {bar:g}{unit}", value >= bar)
    return Figure(number, what, f"{value:.2f}{unit}{note}", wanted, is_met)


def whole_turns(given: Given) -> Iterator[Figure]:
    """L1 and L7: processor time of a turn, with its note and its limits and without, of knowledge of three sizes."""
    for size, of_turn, of_answer in ((1_000, 8, 6), (10_000, 12, None), (0, 12, None)):
        with _sized(size) as knowledge:
            yield from _turns(_of(given, knowledge), knowledge, of_turn, of_answer)


def _turns(given: Given, knowledge: Path, of_turn: float, of_answer: float | None) -> Iterator[Figure]:
    asked = bodies(given.texts)
    turn = {**JSON, **NETWORK}
    with served(*hemvist(), settings=COUNTED, knowledge=knowledge) as ours, served(*bare()) as peer:
        sides = ((ours, PATH, turn), (ours, PATH, JSON), (ours, AGAIN, JSON), (peer, PATH, JSON))

        def once() -> list[float]:
            return [cost(one, asked, given.requests, path=path, headers=headers) for one, path, headers in sides]

        _warm_up(asked, ours, peer)
        rows, note = given.in_turn(once, ours, peer)
    told = (
        f" ({statistics.median(row[0] for row in rows):.0f} µs ÷ {statistics.median(row[3] for row in rows):.0f}){note}"
    )
    size = f"{count_phrasings(knowledge):,} phrasings"
    yield at_most("L1", f"turn with note and limits ÷ bare, {size}", median_ratio(rows), of_turn, note=told)
    yield at_most("L1", f"answer without store and limits ÷ bare, {size}", median_ratio(rows, 2), of_answer, note=note)
    noted = statistics.median((row[1] - row[2]) / row[3] for row in rows)
    yield at_most("L7", "(noted − not noted) ÷ bare", noted, 0.7, note=note)


def in_process(given: Given) -> Iterator[Figure]:
    """L2: processor time of an answer without sockets, both called as a server calls them."""
    for size, bar in ((1_000, 15), (10_000, 30), (0, 30)):
        with _sized(size) as knowledge:
            yield _in_process(_of(given, knowledge), knowledge, bar)


def _in_process(given: Given, knowledge: Path, bar: float) -> Figure:
    with tempfile.TemporaryDirectory() as data, _application(Path(data), knowledge) as (ours, peer):
        given_bodies = bodies(given.texts)

        def once() -> list[float]:
            return [_called(app, islice(given_bodies, given.requests)) for app in (ours, peer)]

        once()
        time.sleep(SETTLED)
        rows, note = given.in_turn(once)
    told = f" ({statistics.median(row[0] for row in rows):.0f} µs){note}"
    size = f"{count_phrasings(knowledge):,} phrasings"
    return at_most("L2", f"answer in-process ÷ bare, {size}", median_ratio(rows), bar, note=told)


def throughput(given: Given) -> Iterator[Figure]:
    """L3: answers a second of two sync workers; L4: the tail of what is shipped."""
    for size, bar in ((1_000, 0.22), (0, None)):
        with _sized(size) as knowledge:
            yield _answers(_of(given, knowledge), knowledge, bar)
    yield from tail(given)


def _answers(given: Given, knowledge: Path, bar: float | None) -> Figure:
    sync = {"worker_class": "sync"}
    with served(*hemvist(2), limits=sync, knowledge=knowledge) as ours, served(*bare(2), limits=sync) as peer:
        wrk(ours, given.texts)
        time.sleep(SETTLED)
        rows, note = given.in_turn(lambda: [wrk(one, given.texts).per_second for one in (ours, peer)], ours, peer)
    told = f" ({statistics.median(row[0] for row in rows):.0f} a second){note}"
    size = f"{count_phrasings(knowledge):,} phrasings"
    return at_least("L3", f"req/s of two sync workers, c=16 ÷ bare, {size}", median_ratio(rows), bar, note=told)


def tail(given: Given) -> Iterator[Figure]:
    """L4: the slowest hundredth beside the middle, as shipped and with sync workers."""
    for name, limits in (("as shipped (gthread)", {}), ("sync", {"worker_class": "sync"})):
        with served(*hemvist(2), limits=limits) as ours:
            wrk(ours, given.texts)
            time.sleep(SETTLED)

            def once(server: Server = ours) -> list[float]:
                found = wrk(server, given.texts)
                return [found.p99, found.p50]

            rows, note = given.in_turn(once, ours)
        slow, usual = (statistics.median(column) for column in zip(*rows, strict=True))
        told = f" ({slow:.1f} ms ÷ {usual:.1f}){note}"
        yield at_most("L4", f"p99 ÷ p50 at c=16, {name}", median_ratio(rows), 3, note=told)


def worst_messages(given: Given) -> Iterator[Figure]:
    """L5: messages of every length and many kinds, each as fast as it ever was; against the median of all of them and
    of what people ask."""
    assistant = Assistant(load(ROOT / "knowledge"))
    day = date.today()

    def fastest(text: str) -> float:
        taken = []
        for turn in range(max(3, given.rounds // 2)):
            # as no question is the same as the one before, none is answered from what is remembered
            question = Question(text, ("vindeln", "umea")[turn % 2], day)
            began = time.process_time()
            assistant.reply(question)
            taken.append(time.process_time() - began)
        return min(taken) * 1000

    for municipality in ("vindeln", "umea"):
        assistant.reply(Question("hej", municipality, day))
    usual = statistics.median(fastest(text) for text in given.texts[:200])
    found = {
        (kind, size): fastest(make(size)) for kind, make in KINDS.items() for size in LENGTHS if make(size).strip()
    }
    (kind, size), worst = max(found.items(), key=lambda one: one[1])
    middle = statistics.median(found.values())
    told = f" ({worst:.2f} ms: {kind}, {size} characters; usual question {usual:.2f} ms, {worst / usual:.1f} ×)"
    yield at_most("L5", "worst legal message ÷ median of lengths 1…500", worst / middle, 4, note=told)


def refusals(given: Given) -> Iterator[Figure]:
    """L6: what is refused costs no matching."""
    limited = {"HEMVIST_TRUSTED_PROXIES": "1", "HEMVIST_LIMIT_ADDRESS": "1"}
    good = json.dumps({"question": "finns det tomter", "municipality": "vindeln"}).encode()
    refused: Mapping[int, tuple[bytes, Mapping[str, str]]] = {
        400: (b'{"question": "hej', JSON),
        413: (b'{"question": "' + b"a" * 17_000 + b'"}', JSON),
        415: (good, {"Content-Type": "text/plain"}),
        422: (b'{"question": 1, "municipality": "vindeln"}', JSON),
        429: (good, {**JSON, **NETWORK}),
    }
    with served(*hemvist(), settings=limited) as ours, served(*bare()) as peer:
        _warm_up(bodies(given.texts), ours, peer)
        Asker(ours).ask(good, PATH, {**JSON, **NETWORK})

        def once() -> list[float]:
            found = [
                cost(ours, _same(body), given.requests, headers=headers, status=status)
                for status, (body, headers) in refused.items()
            ]
            return [*found, cost(peer, _same(good), given.requests)]

        rows, note = given.in_turn(once, ours, peer)
    for place, status in enumerate(refused):
        yield at_most("L6", f"refusal with {status} ÷ bare", median_ratio(rows, place), 1.2, note=note)


def saving(given: Given) -> Iterator[Figure]:
    """L9: files are saved every two seconds while two visitors ask all the time."""
    for name, file in (("a municipality's", "municipalities/vindeln"), ("everybody's", "national")):
        with tempfile.TemporaryDirectory() as folder:
            knowledge = Path(shutil.copytree(ROOT / "knowledge", Path(folder) / "knowledge"))
            path = max((knowledge / file).glob("*.yaml"), key=lambda one: one.stat().st_size)
            with served(*hemvist(2), knowledge=knowledge) as ours:
                _visited(ours, given, 2)
                quiet, failed = _visited(ours, given, 8)
                stop = threading.Event()
                saver = threading.Thread(target=_keep_saving, args=(path, stop))
                saver.start()
                busy, more = _visited(ours, given, 12)
                stop.set()
                saver.join()
        slowest, usual = max(busy), percentile(quiet, 0.99)
        told = f" ({slowest:.0f} ms ÷ {usual:.1f}, p99 meanwhile {percentile(busy, 0.99):.1f})"
        yield at_most("L9", f"failed while {name} answers are saved every 2 s", failed + more, 0)
        yield at_most("L9", "longest stall ÷ quiet p99", slowest / usual, 10, note=told)
        yield at_most("L9", "longest stall", slowest, 100, " ms")


def overload(given: Given) -> Iterator[Figure]:
    """L11: 256 at once."""
    with served(*hemvist(2)) as ours:
        wrk(ours, given.texts)
        found = []
        for _ in range(3):
            peak, crowd = wrk(ours, given.texts, seconds=3), wrk(ours, given.texts, connections=256, seconds=5)
            usual = 3 * peak.p50 / 16 + 5
            asker = Asker(ours)

            def is_quick(one: Asker = asker, limit: float = usual) -> bool:
                began = time.monotonic()
                status = one.ask(
                    json.dumps({"question": "finns det tomter", "municipality": "vindeln"}).encode(), AGAIN
                )
                return status == 200 and (time.monotonic() - began) * 1000 <= limit

            found.append((crowd.per_second / peak.per_second, crowd, until(is_quick, 30)))
    share, crowd, back = statistics.median(one[0] for one in found), found[0][1], max(one[2] for one in found)
    codes = {code: sum(one[1].codes.get(code, 0) for one in found) for _, crowd, _ in found for code in crowd.codes}
    failed = sum(one[1].failed for one in found)
    yield at_least("L11", "good req/s with 256 connections ÷ with 16", share, 0.8)
    is_good = set(codes) <= {200, 429, 503} and not failed
    told = ", ".join(f"{number} × {code}" for code, number in codes.items()) + f", {failed} broken off"
    yield Figure("L11", "statuses meanwhile", told, "200, 429, 503", is_good)
    yield at_most("L11", "quick again after", back, 2, " s")


def soaked(given: Given) -> Iterator[Figure]:
    """L12: memory, files and threads of the workers after very many questions."""
    found = soak(given.soak)
    yield at_most("L12", f"RSS of the workers after {given.soak:,} questions", found.growth, 5, " %", found.told)
    yield at_most("L12", "files open more than after the first tenth", found.files, 0)
    yield at_most("L12", "threads more than after the first tenth", found.threads, 0)


def counting(given: Given) -> Iterator[Figure]:
    """L13: what a limit costs when a hundred thousand are counted, and that they are forgotten."""
    with tempfile.TemporaryDirectory() as folder:
        counter = FileCounter(Path(folder) / "limits.db")
        limits = Limits(counter, "secret", per_conversation=30, per_address=1200)
        limits.wait(None, "192.0.2.1")
        before = weight(os.getpid())
        for number in range(KEYS):
            limits.wait(f"conversation {number}", None)
        grown = weight(os.getpid()) - before
        written = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
        with served(*bare()) as peer:
            chance = random.Random(3)  # noqa: S311 - always the same

            def once() -> list[float]:
                began = time.process_time()
                for _ in range(given.requests):
                    limits.wait(None, f"10.{chance.randrange(256)}.{chance.randrange(256)}.1")
                of_ours = (time.process_time() - began) / given.requests * 1e6
                return [of_ours, cost(peer, bodies(given.texts), given.requests)]

            rows, note = given.in_turn(once, peer)
        counter._do("UPDATE hits SET until = until - ? RETURNING 1", (WINDOW + 1,))
        limits.sweep()
        left = counter._do("SELECT count(*) FROM hits", ())[0][0]
        limits.close()
    told = f" (and {written:.0f} MB on disk)"
    yield at_most("L13", f"memory of a process that counted {KEYS:,}", grown, 20, " MB", told)
    us = statistics.median(row[0] for row in rows)
    yield at_most("L13", "to count one ÷ bare", median_ratio(rows), 0.1, note=f" ({us:.0f} µs){note}")
    yield at_most("L13", "counted longer than a minute ago and kept", float(left), 0)


def upkeep(given: Given) -> Iterator[Figure]:
    """L14: a hundred thousand turns are told in a report and purged while somebody asks."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        environment = environment_of(data, ROOT / "knowledge", {"HEMVIST_RETENTION_DAYS": "1"})
        fill(environment, ROWS)
        with _served_on(environment) as ours:
            _visited(ours, given, 2)
            quiet = percentile(_visited(ours, given, 8)[0], 0.99)
            before = max(map(weight, ours.workers))
            month = time.strftime("%Y-%m")
            for what, command in (
                ("report", ("report", "--month", month, "--format", "csv")),
                ("purge", ("purge",)),
            ):
                took, size, base, meanwhile = _beside(ours, given, environment, command)
                told = f" ({meanwhile:.1f} ms ÷ {quiet:.1f}; {what} took {took:.1f} s)"
                yield at_most(
                    "L14", f"chat p99 during {what} of {ROWS:,} turns ÷ quiet", meanwhile / quiet, 3, note=told
                )
                yield at_most("L14", f"memory of {what} beyond that of an empty store", size - base, 30, " MB")
            grown = max(map(weight, ours.workers)) - before
    yield at_most("L14", "memory of a worker beyond that before", grown, 30, " MB")
    yield at_most("L14", "rows a batch", float(BATCH), 1_000)


def widget(given: Given) -> Iterator[Figure]:
    """L15: the script on other sites."""
    with served(*hemvist(2)) as ours, served(*bare(2)) as peer:
        connection = http.client.HTTPConnection("127.0.0.1", ours.port)
        connection.request("GET", "/embed.js", headers=PACKED)
        response = connection.getresponse()
        size = len(response.read()) / 1000
        known = {**PACKED, "If-None-Match": response.headers["ETag"]}

        def once() -> list[float]:
            found = wrk(ours, path="/embed.js", method="GET", headers=known)
            assert set(found.codes) == {304}, found.codes
            return [found.per_second, wrk(peer, given.texts).per_second]

        rows, note = given.in_turn(once, ours, peer)
        tasks = _long_tasks(ours.port)
    yield at_most("L15", "embed.js, compressed", size, 15, " kB")
    direct = f"{median_ratio(rows):.2f}{note}"
    yield Figure("L15", "304 a second ÷ bare, without nginx (which answers by itself)", direct, GIVEN_BY_NGINX, None)
    yield Figure(
        "L15", "tasks over 50 ms of the page that loads it", tasks, "0", None if "not" in tasks else tasks == "0"
    )


def start(given: Given) -> Iterator[Figure]:
    """L16: from nothing to the first answer, in turn."""

    def once() -> list[float]:
        return [_started(["-m", "web", "serve", "--port", "0"]), _started(["-c", BARE])]

    rows, note = given.in_turn(once)
    ours, peer = (statistics.median(column) for column in zip(*rows, strict=True))
    told = f" ({ours:.2f} s ÷ {peer:.2f}){note}"
    yield at_most("L16", "start to the first answer ÷ bare", median_ratio(rows), 5, note=told)


def _given_elsewhere(number: str, what: str) -> Callable[[Given], Iterator[Figure]]:
    def told(_given: Given) -> Iterator[Figure]:
        yield Figure(number, what, GIVEN_BY_NGINX, "", None)

    return told


BENCHES: Mapping[str, Callable[[Given], Iterator[Figure]]] = {
    "L1": whole_turns,
    "L2": in_process,
    "L3": throughput,
    "L5": worst_messages,
    "L6": refusals,
    "L8": _given_elsewhere("L8", "slow clients behind nginx"),
    "L9": saving,
    "L10": _given_elsewhere("L10", "workers in balance behind nginx"),
    "L11": overload,
    "L12": soaked,
    "L13": counting,
    "L14": upkeep,
    "L15": widget,
    "L16": start,
}
TOGETHER = {"L7": "L1", "L4": "L3"}
NEED_WRK = {"L3", "L11", "L15"}


def _warm_up(asked: Iterator[bytes], *servers: Server) -> None:
    for server in servers:
        asker = Asker(server)
        for body in islice(asked, WARM_UP):
            asker.ask(body, AGAIN)
        asker.close()
    time.sleep(SETTLED)


def _same(body: bytes) -> Iterator[bytes]:
    while True:
        yield body


def _of(given: Given, knowledge: Path) -> Given:
    """Return how to measure with what is asked of `knowledge`: a question that nobody answers costs three times as
    much, because neighbours are asked too."""
    return replace(given, texts=questions(knowledge=knowledge))


@contextmanager
def _sized(phrasings: int) -> Iterator[Path]:
    """Give knowledge with about so many phrasings of each municipality; 0: all there are."""
    with tempfile.TemporaryDirectory() as folder:
        yield thinned(Path(folder), phrasings)


@contextmanager
def _application(data: Path, knowledge: Path) -> Iterator[tuple[object, object]]:
    """Join both applications in this process."""
    from flask import Flask

    from web.app import create_app
    from web.services import EXTENSION

    app = create_app(read_settings(environment_of(data, knowledge, {})))
    peer = Flask("bare")
    peer.post(PATH)(lambda: {"answer": "ok"})
    try:
        yield app, peer
    finally:
        app.extensions[EXTENSION].close()


def _called(app: object, given: Iterator[bytes]) -> float:
    """Return the microseconds of processor time of one call."""
    listed = list(given)
    began = time.process_time()
    for body in listed:
        environment = {
            "REQUEST_METHOD": "POST", "PATH_INFO": PATH, "SCRIPT_NAME": "", "QUERY_STRING": "again=1",
            "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1",
            "REMOTE_ADDR": "127.0.0.1", "wsgi.url_scheme": "http", "wsgi.version": (1, 0), "wsgi.errors": sys.stderr,
            "wsgi.input": io.BytesIO(body), "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)),
            "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
        }  # fmt: skip
        answered = app.wsgi_app(environment, lambda status, headers: None)  # type: ignore[attr-defined]
        b"".join(answered)
        getattr(answered, "close", bool)()
    return (time.process_time() - began) / len(listed) * 1e6


def _visited(server: Server, given: Given, seconds: float) -> tuple[list[float], int]:
    """Let two visitors ask for some seconds; returns how many milliseconds each answer took, and how many failed."""
    taken: list[float] = []
    failed: list[int] = []

    def visit(first: int) -> None:
        asker, ends = Asker(server), time.monotonic() + seconds
        for body in islice(bodies(given.texts), first, None):
            if time.monotonic() > ends:
                break
            began = time.monotonic()
            try:
                status = asker.ask(body)
            except (OSError, http.client.HTTPException):
                status, asker = 0, Asker(server)
            taken.append((time.monotonic() - began) * 1000)
            if status != 200:
                failed.append(status)
            time.sleep(PAUSE)
        asker.close()

    visitors = [threading.Thread(target=visit, args=(place * 997,)) for place in (0, 1)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return taken, len(failed)


def _keep_saving(path: Path, stop: threading.Event) -> None:
    """Write a file anew every two seconds, each time with another answer, in one move as editors do."""
    text = path.read_text("utf-8")
    marker = "      sv: |\n"
    assert marker in text
    for turn in range(1_000):
        beside = path.with_name(f".{path.name}.new")
        beside.write_text(text.replace(marker, f"{marker}        Utgåva {turn}.\n", 1), "utf-8")
        beside.replace(path)
        if stop.wait(2):
            return


@contextmanager
def _served_on(environment: Mapping[str, str]) -> Iterator[Server]:
    """Run `hemvist serve` with two workers on a store that is there."""
    command = [sys.executable, "-m", "web", "serve", "--port", "0", "--workers", "2"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield Server(await_port(process), process.pid, Path(environment["HEMVIST_DATA"]))
        finally:
            process.terminate()


def _beside(
    server: Server, given: Given, environment: Mapping[str, str], command: Sequence[str]
) -> tuple[float, float, float, float]:
    """Run a command while visitors ask; returns its seconds and megabytes, those of an empty store, and the p99."""
    with tempfile.TemporaryDirectory() as empty:
        _, base = _run({**environment, "HEMVIST_DATA": empty}, command)
    found: list[tuple[float, float]] = []
    runner = threading.Thread(target=lambda: found.append(_run(environment, command)))
    runner.start()
    taken: list[float] = []
    while runner.is_alive():
        taken += _visited(server, given, 1)[0]
    runner.join()
    return *found[0], base, percentile(taken, 0.99)


def _run(environment: Mapping[str, str], command: Sequence[str]) -> tuple[float, float]:
    """Run a command of the product; returns its seconds, and the megabytes that it needed at most."""
    began = time.monotonic()
    program = [sys.executable, "-m", "web", *command]
    with subprocess.Popen(program, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    return time.monotonic() - began, used.ru_maxrss / 1024


def _started(arguments: Sequence[str]) -> float:
    """Return the seconds from the start of a server to its first answer."""
    with tempfile.TemporaryDirectory() as data:
        environment = environment_of(Path(data), ROOT / "knowledge", {})
        began = time.monotonic()
        with subprocess.Popen(
            [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        ) as process:  # fmt: skip
            try:
                server = Server(await_port(process), process.pid, Path(data))
                with closing(Asker(server)) as asker:
                    assert asker.ask(b'{"question": "finns det tomter", "municipality": "vindeln"}') == 200
                return time.monotonic() - began
            finally:
                process.terminate()


LONG_TASKS = """() => new Promise(done => {
  const found = [];
  new PerformanceObserver(list => found.push(...list.getEntries().map(one => one.duration)))
    .observe({type: 'longtask', buffered: true});
  const script = document.createElement('script');
  script.src = SOURCE; script.dataset.municipality = 'vindeln';
  script.onload = () => setTimeout(() => done(found.length), 1000);
  script.onerror = () => done('not measured: the script was not let in');
  document.head.append(script);
})"""


def _long_tasks(port: int) -> str:
    """Load the script in a page, and return how many tasks took more than 50 ms; says so where there is no browser."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return "not measured: no playwright"
    chromium = shutil.which("chromium")
    if chromium is None:
        return "not measured: no Chromium"
    with sync_playwright() as browsers:
        browser = browsers.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("<!doctype html><title>Kommunen</title><h1>Flytta hit</h1>")
        found = page.evaluate(LONG_TASKS.replace("SOURCE", f"'http://127.0.0.1:{port}/embed.js'"))
        browser.close()
    return str(found)


def main() -> None:
    """Measure what is asked for, and print a line of each figure as soon as it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("numbers", nargs="*", metavar="L…", help="which; else all")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--requests", type=int, default=600, help="a round, where they are counted")
    parser.add_argument("--soak", type=int, default=100_000, help="questions of L12")
    chosen = parser.parse_args()
    wanted = {TOGETHER.get(number.upper(), number.upper()) for number in chosen.numbers} or set(BENCHES)
    if unknown := wanted - set(BENCHES):
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    if not has_wrk() and wanted & NEED_WRK:
        parser.error(f"{', '.join(sorted(wanted & NEED_WRK))} need wrk: apt-get install wrk")
    given = Given(chosen.rounds, chosen.requests, chosen.soak, questions())
    missed = [
        figure for number in BENCHES if number in wanted for figure in BENCHES[number](given) if not _told(figure)
    ]
    sys.exit(bool(missed))


def _told(figure: Figure) -> bool:
    """Print a line; returns whether its bar is met."""
    verdict = {True: "met", False: "NOT MET", None: ""}[figure.is_met]
    sys.stdout.write(f"{figure.number:4} {figure.what:58} {figure.measured:52} {figure.bar:12} {verdict}\n")
    sys.stdout.flush()
    return figure.is_met is not False


if __name__ == "__main__":
    main()
