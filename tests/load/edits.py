"""Edits under fire: many at once, killed while they save, on a full disk, beside others by hand, and while all ask.

    python tests/load/edits.py [--edits 100] [--kills 60] [--by-hand 60] [--full 60] [--served 20] [--workers 4]

`together`: four editors change one entry at once, again where somebody was faster. `killed`: an editor is ended by
SIGKILL while it saves. `full`: the disk that holds store and files fills up and is emptied again (needs `unshare`).
`by hand`: somebody writes into the file that an editor changes. `served`: what is published is asked for in each worker
of a server, all the time. What counts is what was acknowledged: it is in the history and served, or a conflict shown.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot import Key, KnowledgeError, digest, load  # noqa: E402 - the folder of the project comes first
from bot.models import Phrases  # noqa: E402 - as above
from web.files import write_whole  # noqa: E402 - as above
from web.revising import Edit, Revising, StaleError  # noqa: E402 - as above
from web.settings import read_settings  # noqa: E402 - as above
from web.store.errors import StoreError  # noqa: E402 - as above
from web.truth import open_truth  # noqa: E402 - as above

KNOWLEDGE = ROOT / "tests" / "knowledge"
KEY = Key("municipalities/norrby", "entry", "plots")
FILE = "municipalities/norrby/housing.yaml"
FIRST = "        - Vilka tomter är lediga i Norrby?\n"
PAGE = "/norrby/sv/plots"
SECRET = "only-for-tests-" + "k3" * 16
EDITORS = 4
SLOWEST = 2.0  # seconds from the acknowledgement until every worker answers with an edit


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files and the store are."""

    folder: Path
    data: Path
    database: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """The settings of a server there."""
        given = {"HEMVIST_KNOWLEDGE": str(self.folder), "HEMVIST_DATA": str(self.data), "HEMVIST_SECRET_KEY": SECRET}
        return {**given, "HEMVIST_MESSAGE_KEY": SECRET[::-1], "HEMVIST_DATABASE_URL": self.database}


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of edits. `lost`: acknowledged, and not in the history or not served; `torn`: files or store."""

    acknowledged: int
    lost: int
    torn: int
    refused: int = 0
    conflicts: int = 0

    @property
    def is_good(self) -> bool:
        """Whether all is as wanted."""
        return self.acknowledged > 0 and self.lost == self.torn == 0


@dataclass(frozen=True, slots=True)
class Served:
    """How a server answered meanwhile; times in seconds, from the acknowledgement to the last older answer.

    `unserved`: workers that did not answer with the last edition in the end.
    """

    workers: int
    edits: int
    requests: int
    failed: int
    slowest_answer: float
    median: float
    slowest: float
    unserved: int

    @property
    def is_good(self) -> bool:
        """Whether all is as wanted."""
        return self.failed == self.unserved == 0 and self.slowest <= SLOWEST


def prepare(folder: Path, database: str = "") -> Place:
    """Return a place with the knowledge of the tests and an empty store."""
    place = Place(Path(shutil.copytree(KNOWLEDGE, folder / "knowledge", dirs_exist_ok=True)), folder / "data", database)
    place.data.mkdir(exist_ok=True)
    return place


def opened(place: Place) -> Revising:
    """Open the knowledge as a server does."""
    settings = read_settings({name: value for name, value in place.environment.items() if value})
    knowledge = load(place.folder)
    return Revising(open_truth(settings), lambda: knowledge, lambda *_: None)


def together(place: Place, edits: int) -> Kept:
    """Let four editors change one entry at once, each as often as that."""
    opened(place).current(KEY)
    editors = [_editor(place, f"redaktör {number}", edits) for number in range(EDITORS)]
    acknowledged = [line for editor in editors for line in editor.communicate()[0].splitlines()]
    missing = EDITORS * edits - len(acknowledged)
    return Kept(len(acknowledged), len(_unserved(place, acknowledged)) + missing, _torn(place))


def killed(place: Place, kills: int) -> Kept:
    """Kill an editor again and again while it saves."""
    acknowledged: list[str] = []
    torn = 0
    for number in range(kills):
        editor = _editor(place, f"omgång {number}", 10_000)
        assert editor.stdout
        acknowledged.append(editor.stdout.readline().strip())
        time.sleep(random.uniform(0, 0.15))  # noqa: S311 - it dies anywhere
        os.kill(editor.pid, signal.SIGKILL)
        acknowledged += [line for line in editor.communicate()[0].splitlines() if line]
        torn += _torn(place)
    return Kept(len(acknowledged), len(_unserved(place, acknowledged)), torn)


def full(place: Place, edits: int) -> Kept:
    """Leave more or less of the disk of `place` free while somebody edits, and all of it at the end."""
    revising, padding = opened(place), place.data / "padding"
    revising.current(KEY)
    acknowledged: list[str] = []
    refused = torn = 0
    with closing(sqlite3.connect(place.data / "hemvist.db")) as journal:  # as a server keeps one open
        for number in range(edits):
            journal.execute("SELECT number FROM generation").fetchone()
            padding.unlink(missing_ok=True)
            if edits // 4 <= number < edits - edits // 4:
                _fill(padding, spare=random.randrange(60_000))  # noqa: S311 - it ends anywhere
            try:
                acknowledged.append(_publish(revising, f"på full disk {number}", "redaktör"))
            except (StoreError, OSError):
                refused += 1
            torn += _torn(place)
    revising.current(KEY)
    return Kept(len(acknowledged), len(_unserved(place, acknowledged)), torn, refused)


def by_hand(place: Place, edits: int) -> Kept:
    """Write into a file by hand while an editor changes the same entry."""
    revising = opened(place)
    revising.current(KEY)
    editor = _editor(place, "redaktör", 10_000)
    torn = conflicts = lost = 0
    written = []
    try:
        for number in range(edits):
            time.sleep(random.uniform(0, 0.1))  # noqa: S311 - at any moment
            written.append(_write_by_hand(place, f"för hand {number}"))
            is_known, found = _noticed(revising, written[-1])
            conflicts += found
            lost += not is_known
            torn += _torn(place)
    finally:
        editor.kill()
    acknowledged = [line for line in editor.communicate()[0].splitlines() if line]
    lost += len(_unknown(revising, acknowledged))
    return Kept(len(written) + len(acknowledged), lost, torn, conflicts=conflicts)


def served(place: Place, edits: int, workers: int = 4, patience: float = SLOWEST) -> Served:
    """Publish while every worker of a server is asked all the time."""
    revising = opened(place)
    with _server(place, workers) as (port, pids):
        askers = _askers(port, pids)
        acknowledged: list[float] = []
        for number in range(edits):
            now = revising.current(KEY)
            answer = replace(now.item.answer, sv=f"Utgåva {number + 1} av svaret.")
            revising.publish(Edit(KEY, replace(now.item, answer=answer), "redaktör", now.based_on))
            acknowledged.append(time.monotonic())
            time.sleep(random.uniform(SLOWEST / 2, 1.25 * SLOWEST))  # noqa: S311 - at any moment of the watch
        limit = time.monotonic() + patience
        while time.monotonic() < limit and any(asker.edition < edits for asker in askers):
            time.sleep(0.05)
        for asker in askers:
            asker.end()
    late = sorted(max(asker.until(at, number) for asker in askers) for number, at in enumerate(acknowledged, 1))
    answers = [answer for asker in askers for answer in asker.answers]
    return Served(
        workers=len(askers),
        edits=edits,
        requests=len(answers),
        failed=sum(asker.failed for asker in askers) + sum(not asker.answers for asker in askers),
        slowest_answer=round(max(seconds for _, _, seconds in answers), 3),
        median=round(late[len(late) // 2], 2),
        slowest=round(late[-1], 2),
        unserved=sum(asker.edition < edits for asker in askers),
    )


class _Asker:
    """Asks one worker over one connection, and remembers which edition it answered with, and when it was asked."""

    def __init__(self, connection: http.client.HTTPConnection) -> None:
        self.answers: list[tuple[float, int, float]] = []
        self.failed = 0
        self._connection = connection
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.close()

    @property
    def edition(self) -> int:
        """The last edition that it answered with."""
        return self.answers[-1][1] if self.answers else -1

    def until(self, at: float, edition: int) -> float:
        """Return how long after `at` an older edition was still given, in seconds."""
        old = [began for began, found, _ in self.answers if found < edition]
        return max(0.0, max(old, default=at) - at)

    def _ask(self) -> None:
        while not self._stop.wait(0.005):
            began = time.monotonic()
            try:
                self._connection.request("GET", PAGE)
                response = self._connection.getresponse()
                page = response.read().decode()
            except (OSError, http.client.HTTPException):
                self.failed += 1
                return
            self.failed += response.status != http.client.OK
            found = page.partition("Utgåva ")[2].partition(" ")[0]
            self.answers.append((began, int(found or 0), time.monotonic() - began))


def _askers(port: int, pids: Sequence[int]) -> list[_Asker]:
    """Connect until each worker has taken a connection, and ask over one of each."""
    taken: dict[int, http.client.HTTPConnection] = {}
    limit = time.monotonic() + 30
    while len(taken) < len(pids):
        assert time.monotonic() < limit, f"only {len(taken)} of {len(pids)} workers take connections"
        held = [_connected(port) for _ in range(4 * len(pids))]
        for connection in held:
            pid = _whose(port, connection.sock.getsockname()[1], pids)
            if pid is None or taken.setdefault(pid, connection) is not connection:
                connection.close()
    return [_Asker(connection) for connection in taken.values()]


def _connected(port: int) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", "/healthz")
    connection.getresponse().read()
    return connection


def _whose(port: int, ours: int, pids: Sequence[int]) -> int | None:
    """Return which process holds the server's end of our connection."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:])
    ends = {(row[1].rpartition(":")[2], row[2].rpartition(":")[2]): row[9] for row in rows}
    socket = f"socket:[{ends.get((f'{port:04X}', f'{ours:04X}'))}]"
    return next((pid for pid in pids if socket in _open_files(pid)), None)


def _open_files(pid: int) -> list[str]:
    found = []
    for path in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found.append(str(path.readlink()))
    return found


@contextmanager
def _server(place: Place, workers: int) -> Iterator[tuple[int, list[int]]]:
    """Run `hemvist serve`, and give its port and the processes that answer."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HEMVIST_")}
    given = {name: value for name, value in place.environment.items() if value}
    environment = {**own, **given, "HEMVIST_WORKERS": str(workers), "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "web", "serve", "--port", "0"]
    with subprocess.Popen(
        command, env=environment, cwd=place.data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            port = int(process.stdout.readline().partition("127.0.0.1:")[2].split()[0].strip("/"))
            yield port, _until(lambda: _answering(process.pid, workers))
        finally:
            process.terminate()


def _answering(pid: int, workers: int) -> list[int]:
    """Return the workers, once there are as many as wanted; the child that ticks is none."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    found = [int(child) for child in children if b"tick" not in Path(f"/proc/{child}/cmdline").read_bytes()]
    return found if len(found) >= workers else []


def _until(condition: Callable[[], list[int]], seconds: float = 30) -> list[int]:
    limit = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)
    return found


def _editor(place: Place, name: str, edits: int) -> "subprocess.Popen[str]":
    """Start an editor in a process of its own."""
    command = [sys.executable, __file__, "--editor", str(place.folder), str(place.data), place.database, name]
    return subprocess.Popen([*command, str(edits)], stdout=subprocess.PIPE, text=True)


def _edit(place: Place, name: str, edits: int) -> None:
    """Add phrasings to one entry, again where somebody was faster; print each one once it is acknowledged."""
    revising = opened(place)
    for number in range(edits):
        while True:
            try:
                phrase = _publish(revising, f"fråga {number} av {name}", name)
            except (StaleError, StoreError):
                time.sleep(random.uniform(0, 0.02))  # noqa: S311 - who tries again first is left to chance
                continue
            sys.stdout.write(f"{phrase}\n")
            sys.stdout.flush()
            break


def _publish(revising: Revising, phrase: str, name: str) -> str:
    now = revising.current(KEY)
    questions = now.item.questions + Phrases((phrase,), ())
    revising.publish(Edit(KEY, replace(now.item, questions=questions), name, now.based_on))
    return phrase


def _unserved(place: Place, acknowledged: Sequence[str]) -> list[str]:
    """Return which acknowledged phrasings are missing from the store or from the files."""
    item = opened(place).current(KEY).item
    written = load(place.folder).layers[KEY.layer].entries[KEY.id]
    assert digest(item) == digest(written), "the file does not say what is published"
    return sorted({*acknowledged} - {*item.questions.sv} | {*acknowledged} - {*written.questions.sv})


def _unknown(revising: Revising, phrases: Sequence[str]) -> list[str]:
    """Return which phrasings no version has and no conflict shows."""
    said = [version.revision.content for version in revising.history(KEY)]
    said += [conflict.content for conflict in revising.conflicts()]
    known = {phrase for content in said if content for phrase in content["questions"]["sv"]}
    return sorted({*phrases} - known)


def _write_by_hand(place: Place, phrase: str) -> str:
    """Add a phrasing as an editor of texts does: read the file, change it, put the new one in its place."""
    path = place.folder / FILE
    text = path.read_text("utf-8")
    write_whole(path, text.replace(FIRST, f"{FIRST}        - {phrase}\n"))
    return phrase


def _noticed(revising: Revising, phrase: str) -> tuple[bool, int]:
    """Wait until a change by hand is a version or a conflict; settle what conflicts there are, and count them."""
    limit, conflicts = time.monotonic() + 10, 0
    while True:
        with suppress(StoreError, StaleError):
            revising.current(KEY)
            is_known = not _unknown(revising, [phrase])
            for conflict in revising.conflicts():
                with suppress(KnowledgeError):  # the editor was faster, and it is over
                    revising.settle(conflict.id, "staff", "redaktör")
                    conflicts += 1
            if is_known or time.monotonic() > limit:
                return is_known, conflicts
        time.sleep(0.01)


def _torn(place: Place) -> int:
    """Return how many of files and store cannot be read."""
    torn = 0
    try:
        load(place.folder)
    except KnowledgeError:
        torn += 1
    store = place.data / "hemvist.db"
    if store.exists():
        with suppress(sqlite3.OperationalError), closing(sqlite3.connect(store)) as connection:  # the disk is full
            torn += connection.execute("PRAGMA quick_check").fetchone()[0] != "ok"
    return torn


def _fill(padding: Path, spare: int) -> None:
    """Fill the disk up but for `spare` bytes."""
    with suppress(OSError), padding.open("wb", buffering=0) as file:
        while True:
            file.write(b"\0" * 512)
    os.truncate(padding, max(0, padding.stat().st_size - spare))


def full_apart(edits: int) -> Kept | None:
    """Do `full` on a small disk in memory that this user may mount for one process; None where that is not allowed."""
    script = 'mount -t tmpfs -o size=6m hemvist "$1" && exec "$2" "$3" --on-disk "$1" --full "$4"'
    with tempfile.TemporaryDirectory() as name:
        command = ["unshare", "-rm", "sh", "-c", script, "sh", name, sys.executable, __file__, str(edits)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return Kept(**json.loads(done.stdout)) if done.returncode == 0 else None


def _told(what: str, found: Kept | Served | None, seconds: float) -> bool:
    figures = asdict(found) if found else {"skipped": "no disk may be mounted here"}
    sys.stdout.write(json.dumps({"what": what, **figures, "seconds": round(seconds, 1)}) + "\n")
    sys.stdout.flush()
    return found is None or found.is_good


def main() -> None:
    """Run it whole and print the figures; exit code 1 where they are not as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = {"edits": 100, "kills": 60, "by-hand": 60, "full": 60, "served": 20, "workers": 4}
    for name, number in usual.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    parser.add_argument("--on-disk", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.on_disk:
        sys.stdout.write(json.dumps(asdict(full(prepare(given.on_disk), given.full))))
        return
    works: dict[str, Callable[[Place], Kept | Served | None]] = {
        "together": lambda place: together(place, given.edits),
        "killed": lambda place: killed(place, given.kills),
        "full": lambda _: full_apart(given.full),
        "by hand": lambda place: by_hand(place, given.by_hand),
        "served": lambda place: served(place, given.served, given.workers),
    }
    are_good = []
    for what, work in works.items():
        with tempfile.TemporaryDirectory() as name:
            began = time.monotonic()
            are_good.append(_told(what, work(prepare(Path(name))), time.monotonic() - began))
    sys.exit(not all(are_good))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--editor"]:
        where, (by, count) = sys.argv[2:5], sys.argv[5:]
        _edit(Place(Path(where[0]), Path(where[1]), where[2]), by, int(count))
    else:
        main()
