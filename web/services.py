"""What a request may use: the settings, the knowledge as it is now, the signer. One set for each application."""

import logging
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final, cast
from zoneinfo import ZoneInfo

from flask import current_app

from bot import NEAR_M, Assistant, KnowledgeError, Problem, Question, load
from web.desk import Desk
from web.feed_files import ENDING, FOLDER, Feeds, read_feeds
from web.journal import Journal, OriginNote
from web.limits import Limits
from web.settings import Settings
from web.signing import ContextSigner

EXTENSION: Final = "hemvist"
LOG: Final = logging.getLogger("hemvist.knowledge")
PREPARATION: Final = 5.0  # seconds
LEVELS: Final = 3  # municipalities/<municipality>/<file>
Clock = Callable[[ZoneInfo], datetime]
FEED_LEVELS: Final = 2  # <municipality>/<file>
Fingerprint = frozenset[tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class Services:
    """Made once in `create_app`, reached by `get_services`."""

    settings: Settings
    knowledge: "KnowledgeService"
    signer: ContextSigner
    journal: Journal
    limits: Limits
    desk: Desk
    clock: Clock = datetime.now

    def note_origin(self, municipality: str, origin: str, version: str) -> None:
        """Note that a site loaded the widget: which, and in which version."""
        day = self.clock(self.settings.timezone).date()
        self.journal.note(OriginNote(municipality, origin, version, day))

    def start(self) -> None:
        """Begin what this process does beside answering; each process does it for itself."""
        self.knowledge.watch()
        self.journal.start()

    def close(self) -> None:
        """Write what is still to be written, and end it."""
        self.knowledge.close()
        self.desk.close()
        self.journal.close()
        self.limits.close()


def get_services() -> Services:
    """Return the services of the application that answers this request."""
    return cast("Services", current_app.extensions[EXTENSION])


def now() -> datetime:
    """Return what time it is where the municipalities are."""
    services = get_services()
    return services.clock(services.settings.timezone)


def today() -> date:
    """Return the day it is where the municipalities are."""
    return now().date()


class KnowledgeService:
    """Serves the newest knowledge that is whole.

    When files change, a new assistant is built beside the one that answers, and takes its place in one assignment.
    Files that cannot be used change nothing but `problems`. What was imported is served with it: each file of rows
    stands for itself, and one that cannot be read leaves its last good rows. Safe to share by threads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        data: Path | None = None,
        near_m: float = NEAR_M,
        interval: float = 1.0,
        build: Callable[[Path], Assistant] | None = None,
    ) -> None:
        """Build from `folder` and what was imported into `data`; raises KnowledgeError with every problem.

        `interval` is in seconds; `near_m`, in metres, is how far "near" reaches.
        """
        self.folder = folder
        self.data = data
        self.near_m = near_m
        self._interval = interval
        self._build = build
        self._lock = threading.Lock()
        self._unreadable: tuple[Problem, ...] = ()
        self._unusable: tuple[Problem, ...] = ()
        self._asked: dict[str, None] = {}
        self._feeds = Feeds()
        self._judged: Fingerprint | None = self._found()
        self._assistant = self._made()
        self._watched_by = 0
        self._stop = threading.Event()

    @property
    def assistant(self) -> Assistant:
        """The assistant that answers now."""
        return self._assistant

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why the newest files are not the ones served; empty when they are."""
        return self._unreadable + self._unusable + self._feeds.problems

    def fetched(self, municipality: str, kind: str) -> datetime | None:
        """When the imported rows of `kind`, the oldest source, were last found to be current; None: there are none."""
        files = (file for file in self._feeds.files.values() if (file.municipality, file.kind) == (municipality, kind))
        return min((file.head.fetched for file in files), default=None)

    def remember(self, municipality: str) -> None:
        """Note that `municipality` is asked here, so that it is prepared when the knowledge changes."""
        self._asked[municipality] = None

    def refresh(self) -> None:
        """Look at the files, and serve them if they changed and are whole; returns when that is done."""
        with self._lock:
            found = self._look()
            if found is not None and found != self._judged:
                self._judged = found
                self._take_up()

    def refresh_when_settled(self, seen: Fingerprint | None) -> Fingerprint | None:
        """Take up changed files once they have been at rest for one look, so that no half-saved file is read.

        `seen` is what the look before returned.
        """
        found = self._look()
        if found == seen:
            self.refresh()
        return found

    def watch(self) -> None:
        """Look at the files every interval from a thread of this process; costs nothing where that is so already.

        A thread does not survive a fork, so each worker starts its own.
        """
        if self._watched_by == os.getpid():
            return
        with self._lock:
            if self._watched_by == os.getpid():
                return
            self._watched_by = os.getpid()
            self._stop = stop = threading.Event()
        weakref.finalize(self, stop.set)
        watcher = threading.Thread(target=_watch, args=(weakref.ref(self), stop, self._interval), name="knowledge")
        watcher.daemon = True
        watcher.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()

    def _look(self) -> Fingerprint | None:
        try:
            found = self._found()
        except KnowledgeError as error:
            self._unreadable = _noted(self._unreadable, error.problems)
            return None
        self._unreadable = ()
        return found

    def _found(self) -> Fingerprint:
        imported = _imported(self.data / FOLDER) if self.data else frozenset()
        return _fingerprint(self.folder) | imported

    def _built(self, folder: Path) -> Assistant:
        knowledge = load(folder)
        if self.data:
            before = self._feeds.problems
            self._feeds = read_feeds(self.data, self._feeds)
            _noted(before, self._feeds.problems)
        return Assistant(knowledge.with_imported(self._feeds.inventories), near_m=self.near_m)

    def _made(self) -> Assistant:
        build = self._build or self._built  # not kept: a service that holds its own method is not freed at once
        assistant = build(self.folder)
        known = assistant.knowledge.municipalities
        _prepare(assistant, [name for name in self._asked if name in known] or [min(known)])
        return assistant

    def _take_up(self) -> None:
        try:
            self._assistant = self._made()
        except KnowledgeError as error:
            self._unusable = _noted(self._unusable, error.problems)
        except Exception as error:  # whatever fails in the new, the last good knowledge serves on and says so
            LOG.exception("changed knowledge cannot be built")
            fault = Problem(str(self.folder), 1, 1, "", "invalid", {"reason": f"{type(error).__name__} while building"})
            self._unusable = _noted(self._unusable, (fault,))
        else:
            self._unusable = ()
            LOG.info("changed knowledge is served")


def _prepare(assistant: Assistant, municipalities: Iterable[str]) -> None:
    """Have the first question of those `municipalities` asked here and not by a visitor, as many as the time allows.

    An assistant indexes what all share at the first question of all, which takes a second; what is a municipality's own
    at its own first, which takes a twentieth.
    """
    limit = time.monotonic() + PREPARATION
    for municipality in dict.fromkeys(municipalities):
        if time.monotonic() > limit:
            return
        assistant.reply(Question("hej", municipality, date.today()))


def _noted(before: tuple[Problem, ...], problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Log `problems` where they are new, and return them."""
    if problems != before:
        LOG.warning("the last good knowledge is kept, because:\n%s", "\n".join(map(str, problems)))
    return problems


def _watch(service: "weakref.ref[KnowledgeService]", stop: threading.Event, interval: float) -> None:
    """Watch until the service is gone; it is held only while it looks."""
    seen: Fingerprint | None = None
    while not stop.wait(interval):
        if (alive := service()) is None:
            return
        seen = alive.refresh_when_settled(seen)
        del alive


def _fingerprint(folder: Path) -> Fingerprint:
    """Return what tells changed files apart: path, time of change (of content or rights), size, inode.

    Raises KnowledgeError where the folder cannot be read.
    """
    try:
        return frozenset(_stats(folder, LEVELS, ".yaml"))
    except OSError as error:
        where = str(error.filename or folder)
        raise KnowledgeError([Problem(where, 1, 1, "", "file-unreadable", {"reason": error.strerror or ""})]) from error


def _imported(folder: Path) -> Fingerprint:
    """Return what tells changed files of rows apart; a folder that cannot be read is looked at when it can."""
    try:
        return frozenset(_stats(folder, FEED_LEVELS, ENDING))
    except OSError:
        return frozenset()


def _stats(folder: Path | str, levels: int, ending: str) -> Iterator[tuple[str, int, int, int]]:
    with os.scandir(folder) as found:
        for item in found:
            if item.name.startswith("."):
                continue
            if item.name.endswith(ending):
                yield from _stat(item)
            elif levels > 1 and item.is_dir():
                yield from _stats(item.path, levels - 1, ending)


def _stat(item: os.DirEntry[str]) -> Iterator[tuple[str, int, int, int]]:
    with suppress(FileNotFoundError):  # it vanished since the folder was listed
        found = item.stat()
        yield item.path, found.st_ctime_ns, found.st_size, found.st_ino
