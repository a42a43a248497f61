"""What an answer costs a server, against a bare Flask answer on the same server in the same run."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from bot import View, load, typo
from web.serving import LIMITS
from web.settings import Settings

ROUNDS, REQUESTS, WARM_UP = 7, 1_000, 100
TICKS = os.sysconf("SC_CLK_TCK")
READY = "http://"
PATH = "/api/v1/chat"
# a whole turn: its answer is made, noted in the store, and counted for the network that it comes from
COUNTED = {"HEMVIST_TRUSTED_PROXIES": "1", "HEMVIST_LIMIT_ADDRESS": "1000000"}
HEADERS = {"Content-Type": "application/json", "X-Forwarded-For": "192.0.2.1"}
START = """
import sys
from web.cli import main
from web.cost import serve_bare
serve_bare() if sys.argv[1] == "bare" else main()
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of processor time for one answer over HTTP, here and bare; `ratio` is the median of the rounds'
    own."""

    answer_us: float
    bare_us: float
    ratio: float
    rounds: int
    requests: int


def measure_cost(settings: Settings) -> Cost:
    """Start both servers with one worker each and ask them in turn, on this machine only. Questions are distinct."""
    knowledge = load(settings.knowledge)
    municipality = max(
        knowledge.municipalities, key=lambda name: len(knowledge.layers[f"municipalities/{name}"].entries)
    )
    questions = _questions(knowledge.view(municipality))
    serve = ("serve", "--port", "0", "--workers", "1")
    with _server(settings, municipality, *serve) as ours, _server(settings, municipality, "bare") as bare:
        pairs = []
        _ask(ours, islice(questions, WARM_UP))
        _ask(bare, islice(questions, WARM_UP))
        for _ in range(ROUNDS):
            mine = _cost_of(ours, list(islice(questions, REQUESTS)))
            theirs = _cost_of(bare, list(islice(questions, REQUESTS)))
            pairs.append((mine, theirs))
    ratios = [mine / theirs for mine, theirs in pairs]
    here, there = (statistics.median(column) for column in zip(*pairs, strict=True))
    return Cost(here * 1e6, there * 1e6, round(statistics.median(ratios), 2), ROUNDS, REQUESTS)


def _questions(view: View) -> Iterator[str]:
    """Yield what people ask a municipality, every second one misspelt; none comes twice in a measurement."""
    stored = [(language, phrase) for entry in view.entries.values() for language, phrase in entry.questions]
    return cycle([typo(phrase, language, 1) if turn % 2 else phrase for turn, (language, phrase) in enumerate(stored)])


@dataclass(frozen=True, slots=True)
class _Server:
    port: int
    process: int
    municipality: str


@contextmanager
def _server(settings: Settings, municipality: str, *arguments: str) -> Iterator[_Server]:
    """Run one of the two servers in a process of its own until the block ends."""
    with tempfile.TemporaryDirectory() as data:
        own = {"HEMVIST_DATA": data, "HEMVIST_KNOWLEDGE": str(settings.knowledge), "PYTHONUNBUFFERED": "1", **COUNTED}
        with subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-c", START, *arguments],
            env={**os.environ, **own},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            try:
                yield _Server(_port(process), process.pid, municipality)
            finally:
                process.terminate()


def _port(process: "subprocess.Popen[str]") -> int:
    for line in process.stdout or ():
        if READY in line:
            return urlsplit(line[line.index(READY) :].split()[0]).port or 0
    raise RuntimeError("the server ended before it listened")


def _cost_of(server: _Server, questions: Sequence[str]) -> float:
    """Return the seconds of processor time one request took the server."""
    before = _spent(server.process)
    _ask(server, iter(questions))
    return (_spent(server.process) - before) / len(questions)


def _ask(server: _Server, questions: Iterator[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for question in questions:
        body = json.dumps({"question": question, "municipality": server.municipality})
        connection.request("POST", PATH, body.encode(), HEADERS)
        response = connection.getresponse()
        response.read()
        if response.status != 200:
            raise RuntimeError(f"the server answered {response.status}")
    connection.close()


def _spent(process: int) -> float:
    """Return the seconds of processor time of a process and its children, as Linux counts them."""
    return sum(_own_time(one) for one in (process, *_children(process)))


def _own_time(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def _children(process: int) -> list[int]:
    return [
        int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    ]


def serve_bare() -> None:
    """Serve one Flask view that answers JSON, with the limits of our own server; prints its address."""
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types

    app = Flask("bare")

    @app.post(PATH)
    def answer() -> dict[str, str]:
        return {"answer": "ok"}

    class Bare(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            for name, value in {**LIMITS, "workers": 1, "bind": "127.0.0.1:0", "when_ready": _announce}.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Bare().run()


def _announce(arbiter: "object") -> None:
    port = arbiter.LISTENERS[0].sock.getsockname()[1]  # type: ignore[attr-defined]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
