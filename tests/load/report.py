"""A report over a million stored turns: how long, how much memory, and what visitors notice meanwhile.

    python tests/load/report.py [--turns 1000000] [--seconds 10]

`report`: `hemvist report` of all municipalities in a process of its own, its start included.
`chat`: the slowest hundredth of answers, while nothing
else happens and while reports are made one after the other. Bars: 5 s, 200 MB, 3 × quiet.
"""

import argparse
import hashlib
import http.client
import json
import os
import random
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot import load  # noqa: E402 - the folder of the project comes first
from web.settings import read_settings  # noqa: E402 - as above
from web.store.engine import open_engine  # noqa: E402 - as above
from web.store.schema import upgrade  # noqa: E402 - as above

SECRET = "only-for-tests-" + "k3" * 16
KINDS = ("answer", "answer", "answer", "answer", "answer", "records", "choices", "none", "none", "safety")
WORDS = ("höns", "elbil", "curling", "simhall", "fiber", "sophämtning", "återvinning", "skoter", "ved", "brygga")
COLUMNS = "municipality, language, key_hash, asked_at, day, kind, entry, confidence, question, gap"
PACE = 0.02  # seconds between two questions of a visitor


def main() -> int:
    """Measure, and print each figure beside its bar; 1 where one is missed."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--turns", type=int, default=1_000_000)
    arguments.add_argument("--seconds", type=float, default=10)
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "HEMVIST_DATA": folder,
            "HEMVIST_KNOWLEDGE": str(ROOT / "knowledge"),
            "HEMVIST_SECRET_KEY": SECRET,
            "HEMVIST_MESSAGE_KEY": SECRET[::-1],
        }
        fill(environment, chosen.turns)
        figures = measure(environment, chosen.seconds)
    figures["turns"] = chosen.turns
    bars = {"report_s": 5.0, "report_mb": 200.0, "chat_ratio": 3.0}
    missed = [f"{name}: {figures[name]} and not {bar}" for name, bar in bars.items() if figures[name] > bar]
    told = "\n".join(missed) or "every bar is reached"
    sys.stdout.write(f"{json.dumps(figures, indent=2)}\n{told}\n")
    return bool(missed)


def fill(environment: dict[str, str], turns: int) -> None:
    """Make a store with so many turns of the last thirty days, half of them at one municipality."""
    settings = read_settings(environment)
    engine = open_engine(settings)
    upgrade(engine)
    engine.dispose()
    with closing(sqlite3.connect(settings.data / "hemvist.db")) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.executemany(f"INSERT INTO turns ({COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?)", rows(settings, turns))  # noqa: S608 - our own names
        connection.commit()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def rows(settings: object, turns: int) -> Iterator[tuple[object, ...]]:
    """Yield turns as the store keeps them."""
    chance = random.Random(7)  # noqa: S311 - made-up turns
    knowledge = load(ROOT / "knowledge")
    names = sorted(knowledge.municipalities)
    entries = list(knowledge.view(names[0]).entries)
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=30)
    for number in range(turns):
        at = start + timedelta(seconds=chance.randrange(30 * 86_400))
        kind = chance.choice(KINDS)
        name = names[0] if number % 2 else chance.choice(names)
        question = f"kan man ha {chance.choice(WORDS)} i {chance.choice(WORDS)} {chance.randrange(400)}"
        key = hashlib.sha256(str(number // 3).encode()).hexdigest()
        yield (
            name, "en" if number % 4 == 0 else "sv", key, at.strftime("%Y-%m-%d %H:%M:%S.%f"), at.date().isoformat(),
            kind, chance.choice(entries) if kind in ("answer", "records") else None, 0.8,
            None if kind == "safety" else question, question if kind == "none" else None,
        )  # fmt: skip


def measure(environment: dict[str, str], seconds: float) -> dict[str, float]:
    """Return every figure."""
    month = date.today().strftime("%Y-%m")
    taken = [report(environment, month) for _round in range(3)]
    megabytes = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)  # of reports: nothing else ran yet
    with served(environment) as address:
        asked(address, 3)
        quiet = slowest(asked(address, seconds))
        stop = threading.Event()
        busy = threading.Thread(target=keep_reporting, args=(environment, month, stop))
        busy.start()
        meanwhile = slowest(asked(address, seconds))
        stop.set()
        busy.join()
    return {
        "report_s": round(min(taken), 2),
        "report_mb": megabytes,
        "chat_quiet_p99_ms": round(quiet * 1000, 1),
        "chat_meanwhile_p99_ms": round(meanwhile * 1000, 1),
        "chat_ratio": round(meanwhile / quiet, 2),
    }


def report(environment: dict[str, str], month: str) -> float:
    """Make a report of all municipalities, and return the seconds it took."""
    command = [sys.executable, "-m", "web", "report", "--month", month, "--format", "csv"]
    began = time.monotonic()
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def keep_reporting(environment: dict[str, str], month: str, stop: threading.Event) -> None:
    """Make reports until told to stop."""
    while not stop.is_set():
        report(environment, month)


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """Start a server, and give its address."""
    command = [sys.executable, "-m", "web", "serve", "--port", "0"]
    server = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout
        yield next(found[1] for line in server.stdout if (found := re.search(r"http://([\w.:]+)", line)))
    finally:
        server.terminate()
        server.wait(20)


def asked(address: str, seconds: float) -> list[float]:
    """Ask all the time, and return how long each answer took."""
    taken = []
    until = time.monotonic() + seconds
    body = {"question": "finns det lediga tomter", "municipality": "vindeln"}
    connection = http.client.HTTPConnection(address, timeout=10)
    while time.monotonic() < until:
        began = time.monotonic()
        connection.request("POST", "/api/v1/chat", json.dumps(body), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, answer.status
        taken.append(time.monotonic() - began)
        time.sleep(PACE)
    connection.close()
    return taken


def slowest(taken: list[float]) -> float:
    """Return what ninety-nine of a hundred took at most."""
    return sorted(taken)[int(len(taken) * 0.99)]


if __name__ == "__main__":
    sys.exit(main())
