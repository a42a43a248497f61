"""How each process does, as numbers that every other one can read: published every few seconds by a thread."""

import os
import threading
import time
from dataclasses import astuple, dataclass, fields
from typing import Final

from web.logs import lost_lines
from web.memory import resident
from web.readiness import readiness
from web.services import Services

EVERY: Final = 5.0  # seconds
DROPPED: Final = "hemvist_notes_dropped_total"
LOST: Final = "hemvist_log_lines_lost_total"


@dataclass(frozen=True, slots=True)
class Vital:
    """The numbers of one process, in the order in which they stand on the board; times in seconds since 1970."""

    resident_bytes: float
    threads: float
    open_files: float
    started: float
    down: float
    degraded: float
    store_degraded: float
    limits_failing: float
    notes_waiting: float
    problems: float
    generation: float
    unread: float


NAMES: Final = tuple(field.name for field in fields(Vital))


class Vitals:
    """Publishes how this process does."""

    def __init__(self, services: Services) -> None:
        self._board = services.board
        self._services = services
        self._process = 0
        self._started = time.time()
        self._told = {DROPPED: 0, LOST: 0}
        self._stop = threading.Event()
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to publish, where this process has not begun: a thread does not survive a fork."""
        if self._process == os.getpid():
            return
        self._process, self._started = os.getpid(), time.time()
        self.publish()
        threading.Thread(target=self._keep, name="vitals", daemon=True).start()

    def close(self) -> None:
        """Publish once more, and stop."""
        if self._process == os.getpid():
            self._stop.set()
            self.publish()

    def publish(self) -> None:
        """Publish how this process does now."""
        with self._lock:
            self._board.publish(astuple(self._vital()))
            for name, whole in ((DROPPED, self._services.journal.state.dropped), (LOST, lost_lines())):
                self._board.add((name,), whole - self._told[name])
                self._told[name] = whole

    def _keep(self) -> None:
        while not self._stop.wait(EVERY):
            self.publish()

    def _vital(self) -> Vital:
        found = readiness(self._services)
        return Vital(
            resident_bytes=resident(),
            threads=threading.active_count(),
            open_files=_open_files(),
            started=self._started,
            down=found.status == "down",
            degraded=found.status != "ok",
            store_degraded=found.store.reason is not None,
            limits_failing=self._services.limits.failure is not None,
            notes_waiting=found.store.waiting,
            problems=len(self._services.knowledge.problems),
            generation=self._services.knowledge.generation,
            unread=found.unread,
        )


def _open_files() -> int:
    try:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names alone are wanted
    except OSError:
        return 0
