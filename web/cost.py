"""What an answer costs a server, against a bare Flask answer on the same server in the same run."""

import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
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
COUNTED = {"HEMVIST_TRUSTED_PROXIES": "1", "HEMVIST_LIMIT_ADDRESS": "1000000"}
JSON = {"Content-Type": "application/json"}
START = """
import sys
from web.cli import main
from web.cost import serve_bare
serve_bare() if sys.argv[1] == "bare" else main()
"""


@dataclass(frozen=True, slots=True)
class Request:
    """How a question is asked: to what address, with what headers."""

    path: str
    headers: Mapping[str, str]


# a whole turn: its answer is made, noted in the store, and counted for the network that it comes from
TURN = Request(PATH, {**JSON, "X-Forwarded-For": "192.0.2.1"})
# the answer alone: the question was noted before, and comes from this machine itself
ANSWER = Request(f"{PATH}?again=1", JSON)


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds of processor time over HTTP: of an answer, of a whole turn with its note and its limits, and of a
    bare Flask answer; the ratios to the last are the medians of the rounds' own."""

    answer_us: float
    turn_us: float
    bare_us: float
    answer_ratio: float
    turn_ratio: float
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
        asked = ((ours, ANSWER), (ours, TURN), (bare, TURN))
        for server, request in asked:
            _ask(server, request, islice(questions, WARM_UP))
        spent = [
            [_cost_of(server, request, list(islice(questions, REQUESTS))) for server, request in asked]
            for _ in range(ROUNDS)
        ]
    answer, turn, nothing = (statistics.median(column) * 1e6 for column in zip(*spent, strict=True))
    of_answer, of_turn = (round(statistics.median(row[place] / row[2] for row in spent), 2) for place in (0, 1))
    return Cost(answer, turn, nothing, of_answer, of_turn, ROUNDS, REQUESTS)


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


def _cost_of(server: _Server, request: Request, questions: Sequence[str]) -> float:
    """Return the seconds of processor time one request took the server."""
    before = _spent(server.process)
    _ask(server, request, iter(questions))
    return (_spent(server.process) - before) / len(questions)


def _ask(server: _Server, request: Request, questions: Iterator[str]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    for question in questions:
        body = json.dumps({"question": question, "municipality": server.municipality})
        connection.request("POST", request.path, body.encode(), dict(request.headers))
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


def serve_bare(workers: int = 1) -> None:
    """Serve one Flask view that answers JSON, with the limits of our own server; prints its address."""
    from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types

    app = Flask("bare")

    @app.post(PATH)
    def answer() -> dict[str, str]:
        return {"answer": "ok"}

    class Bare(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        def load_config(self) -> None:
            for name, value in {**LIMITS, "workers": workers, "bind": "127.0.0.1:0", "when_ready": _announce}.items():
                self.cfg.set(name, value)

        def load(self) -> Flask:
            return app

    Bare().run()


def _announce(arbiter: "object") -> None:
    port = arbiter.LISTENERS[0].sock.getsockname()[1]  # type: ignore[attr-defined]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
