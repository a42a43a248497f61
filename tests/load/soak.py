"""A soak: very many questions over HTTP, and what the workers weigh and hold open before and after.

    python tests/load/soak.py [--questions 100000] [--short]

The first tenth warms the server up: what is remembered on purpose has its bounds by then. From there to the end memory
may grow by 5 %, and no file and no thread more may be open.
"""

import argparse
import json
import random
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from load.measuring import Asker, Server, hemvist, questions, served, weight

WORKERS = VISITORS = 2
CROWD = 32  # visitors at once at the beginning, so that every thread there may be is there
BATCH = 5_000
SHORT = 6_000
SETTLED = 3.0  # seconds in which what was begun ends, and notes are written
LETTERS = "abcdefghijklmnopqrstuvwxyzåäö"
MUNICIPALITIES = ("vindeln", "umea", "bjurholm", "ostersund", None)


@dataclass(frozen=True, slots=True)
class State:
    """What all workers are together: megabytes, open files, threads."""

    megabytes: float
    files: int
    threads: int


@dataclass(frozen=True, slots=True)
class Soaked:
    """What became of it; `growth` in per cent, `files` and `threads` how many more."""

    growth: float
    files: int
    threads: int
    told: str


def soak(wanted: int, tell: Callable[[int, State], None] = lambda *_: None) -> Soaked:
    """Ask so many questions, of which no two are alike; `tell` is told now and then how it stands."""
    with served(*hemvist(WORKERS)) as server:
        began = time.monotonic()
        asked = distinct(questions(), wanted)
        _ask_all(server, list(islice(asked, wanted // 10)), CROWD)
        before, done = state_of(server), wanted // 10
        while batch := list(islice(asked, BATCH)):
            _ask_all(server, batch)
            done += len(batch)
            tell(done, state_of(server))
        after = state_of(server)
        took = time.monotonic() - began
    growth = (after.megabytes / before.megabytes - 1) * 100
    told = f" ({before.megabytes:.0f} → {after.megabytes:.0f} MB of {WORKERS} workers, {wanted / took:.0f} a second)"
    return Soaked(growth, after.files - before.files, after.threads - before.threads, told)


def distinct(texts: Sequence[str], wanted: int) -> Iterator[tuple[str, str | None]]:
    """Yield questions that all differ, by another letter or another word, and who is asked."""
    chance = random.Random(11)  # noqa: S311 - always the same
    for number in range(wanted):
        text = chance.choice(texts)
        place = chance.randrange(len(text))
        spoilt = text[:place] + chance.choice(LETTERS) + text[place + chance.randrange(2) :]
        yield f"{spoilt} {number}" if number % 3 else spoilt, chance.choice(MUNICIPALITIES)


def state_of(server: Server) -> State:
    """Return what the workers are now, once they have come to rest."""
    time.sleep(SETTLED)
    workers = server.workers
    return State(
        sum(map(weight, workers)),
        sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in workers),
        sum(len(list(Path(f"/proc/{pid}/task").iterdir())) for pid in workers),
    )


def _ask_all(server: Server, asked: Sequence[tuple[str, str | None]], crowd: int = VISITORS) -> None:
    """Let some visitors ask, over connections of their own."""
    faults: list[BaseException] = []

    def visit(part: Sequence[tuple[str, str | None]]) -> None:
        try:
            _visit(server, part)
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread that waits raises it
            faults.append(error)

    visitors = [threading.Thread(target=visit, args=(asked[place::crowd],)) for place in range(crowd)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    if faults:
        raise faults[0]


def _visit(server: Server, asked: Sequence[tuple[str, str | None]]) -> None:
    asker = Asker(server)
    for text, municipality in asked:
        status = asker.ask(json.dumps({"question": text, "municipality": municipality}).encode())
        if status != 200:
            raise RuntimeError(f"answered with {status}: {text}")
    asker.close()


def _tell(done: int, state: State) -> None:
    sys.stdout.write(f"{done:7} {state.megabytes:6.0f} MB {state.files:4} files {state.threads:3} threads\n")
    sys.stdout.flush()


def main() -> None:
    """Run it and print the figures; exit code 1 where something grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--short", action="store_true", help=f"{SHORT} questions: for the night")
    given = parser.parse_args()
    found = soak(SHORT if given.short else given.questions, _tell)
    sys.stdout.write(f"memory {found.growth:+.1f} %{found.told}, {found.files:+} files, {found.threads:+} threads\n")
    sys.exit(not (found.growth <= 5 and found.files <= 0 and found.threads <= 0))


if __name__ == "__main__":
    main()
