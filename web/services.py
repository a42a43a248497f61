"""What a request may use: the settings, the knowledge as it is now, the signer. One set for each application."""

import gc
import logging
import os
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final, Protocol, cast
from zoneinfo import ZoneInfo

from flask import current_app

from bot import (
    NEAR_M,
    Assistant,
    Knowledge,
    KnowledgeError,
    Library,
    Overrides,
    Problem,
    Question,
    Recent,
    Reply,
    override,
)
from web.board import Board
from web.desk import Desk
from web.feed_files import ENDING, FOLDER, Feeds, read_feeds
from web.journal import Journal, OriginNote, TallyNote
from web.limits import Limits
from web.memory import Scales
from web.settings import Settings
from web.signing import ContextSigner
from web.store.errors import StoreError
from web.store.lookout import News, Publication

EXTENSION: Final = "hemvist"
LOG: Final = logging.getLogger("hemvist.knowledge")
PREPARATION: Final = 1.5  # seconds: what is published is to be answered with in two
BRIEF: Final = 0.0005  # seconds that a thread works while another waits
PATIENCE: Final = 2.0  # seconds that an end waits for what is being built
RESIDENT: Final = 60
LEVELS: Final = 3  # municipalities/<municipality>/<file>
Clock = Callable[[ZoneInfo], datetime]
Decided = tuple[Any, ...]
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
    board: Board = field(default_factory=Board)

    def note_origin(self, municipality: str, origin: str, version: str) -> None:
        """Note that a site loaded the widget: which, and in which version."""
        day = self.clock(self.settings.timezone).date()
        self.journal.note(OriginNote(municipality, origin, version, day))

    def note_plan(self, municipality: str) -> None:
        """Note that a moving plan was made, and nothing of what it was made from."""
        day = self.clock(self.settings.timezone).date()
        self.journal.note(TallyNote(municipality, "plan", day))

    def start(self) -> None:
        """Begin what this process does beside answering; each process does it for itself."""
        self.knowledge.begin()
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


class Following(Protocol):
    """What is published beside the files, see `web.truth`; every method may raise StoreError."""

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why files are not in line with what is served."""

    @property
    def generation(self) -> int:
        """The newest publishing that is known."""

    def has_news(self, seen: Publication | None = None) -> bool:
        """Whether something was published that `lay_over` has not given yet; `seen` is what the store says now."""

    def bring_in_line(self, knowledge: Knowledge) -> None:
        """Take in what was changed in files by hand, and write into files what was published."""

    def lay_over(self, knowledge: Knowledge) -> Knowledge:
        """Return what is in files with what is published over it; raises KnowledgeError."""

    def lay_over_known(self, knowledge: Knowledge) -> Knowledge:
        """Do so with what was known to be published the last time; asks nobody."""


class KnowledgeService:
    """Serves the newest knowledge that is whole.

    When files change, a new assistant is built beside the one that answers, and takes its place in one assignment.
    Files that cannot be used change nothing but `problems`. What was imported is served with it: each file of rows
    stands for itself, and one that cannot be read leaves its last good rows. What staff decided wins over what the
    files say, and takes effect without building anything anew. Safe to share by threads.
    """

    def __init__(
        self,
        folder: Path,
        *,
        data: Path | None = None,
        near_m: float = NEAR_M,
        resident: int = RESIDENT,
        interval: float = 1.0,
        build: Callable[[Path], Assistant] | None = None,
        truth: Callable[[], Following] | None = None,
        is_abreast: Callable[[], bool] | None = None,
        overrides: Callable[[Decided | None], Overrides] | None = None,
        look_out: Callable[[], News] | None = None,
        end: Callable[[], None] | None = None,
    ) -> None:
        """Build from `folder` and what was imported into `data`; raises KnowledgeError with every problem.

        `interval` is in seconds; `near_m`, in metres, is how far "near" reaches; `resident` is how many municipalities
        are kept in memory. The `truth` is made when it is
        first needed; until then the files are served. `is_abreast` says at little cost whether they say all of it.
        `look_out` asks the store once for all that is watched. `end` is called when nothing is asked any more.
        """
        self.folder = folder
        self.data = data
        self.near_m = near_m
        self._interval = interval
        self._build = build
        self._overrides = overrides or (lambda _decided: {})
        self._look_out = look_out
        self._is_in_sight = True
        self._end = end
        self._overridden: Overrides = {}
        self._lock = threading.Lock()
        self._thinking = threading.Lock()
        self._making = threading.Lock()
        self._unreadable: tuple[Problem, ...] = ()
        self._unusable: tuple[Problem, ...] = ()
        self._asked: Recent[str, bool] = Recent(resident)
        self._feeds = Feeds()
        self._make_truth = truth
        self._is_abreast = is_abreast or (lambda: False)
        self._truth: Following | None = None
        self._library = Library(folder, resident)
        self._files: Knowledge | None = None
        self._broken: tuple[Problem, ...] = ()
        self._unreached: tuple[Problem, ...] = ()
        self._judged: Fingerprint | None = self._found()
        self._plain: Assistant | None = None
        self._plain = self._assistant = self._made()
        self._settled = self._library.reads
        self._watched_by = 0
        self._stop = threading.Event()

    @property
    def assistant(self) -> Assistant:
        """The assistant that answers now."""
        return self._assistant

    def reply(self, question: Question) -> Reply:
        """Answer a visitor; raises UnknownMunicipalityError.

        One at a time: threads that think at once take the interpreter from each other, and all of them are late.
        Whoever asks a municipality that is not in memory holds up nobody.
        """
        assistant = self._assistant
        if question.municipality:
            assistant.make_ready(question.municipality)
        with self._thinking:
            return assistant.reply(question)

    @property
    def written(self) -> Knowledge:
        """The knowledge as files and versions have it, without what staff decided in the settings beside it."""
        return (self._plain or self._assistant).knowledge

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why the newest files are not the ones served; empty when they are."""
        of_truth = self._unreached + (self._truth.problems if self._truth else ())
        of_files = tuple(one for one in self._library.problems if one.severity == "error") if self._files else ()
        parts = (self._unreadable, self._broken, self._unusable, of_files, self._feeds.problems, of_truth)
        return tuple({str(one): one for part in parts for one in part}.values())

    @property
    def truth(self) -> Following:
        """What is published, as this process follows it; raises LookupError where nothing but files is served."""
        if self._make_truth is None:
            raise LookupError("nothing but files is served")
        with self._making:
            if self._truth is None:
                self._truth = self._make_truth()
            return self._truth

    def fetched(self, municipality: str, kind: str) -> datetime | None:
        """When the imported rows of `kind`, the oldest source, were last found to be current; None: there are none."""
        files = (file for file in self._feeds.files.values() if (file.municipality, file.kind) == (municipality, kind))
        return min((file.head.fetched for file in files), default=None)

    @property
    def feeds_fetched(self) -> dict[tuple[str, str], datetime]:
        """Of each municipality and kind that has imported rows when those, the oldest source, were last current."""
        files = sorted(self._feeds.files.values(), key=lambda file: file.head.fetched, reverse=True)
        return {(file.municipality, file.kind): file.head.fetched for file in files}

    @property
    def generation(self) -> int:
        """The newest publishing that this process knows; 0: none, or nobody has asked yet."""
        return self._truth.generation if self._truth else 0

    def remember(self, municipality: str) -> None:
        """Note that `municipality` is asked here, so that it is prepared when the knowledge changes."""
        self._asked.put(municipality, True)

    def begin(self) -> None:
        """Serve what is newest, before the first answer of a process.

        The store is opened for that only where more was published than the files say; else the watch opens it later.
        """
        with self._lock:
            if not self._is_abreast():
                self._follow()
            self._look_again()

    def refresh(self) -> None:
        """Look at the files, and serve them if they changed and are whole; returns when that is done."""
        with self._lock:
            self._follow()
            self._look_again()

    def refresh_for_news(self, seen: Publication | None = None) -> None:
        """Serve what was published since the last time; files that are being saved by hand are left to rest.

        `seen` is what was published last, where somebody has asked the store just now.
        """
        with self._lock:
            self._follow()
            if self._has_news(seen):
                self._take_up()

    def keep_up(self) -> None:
        """Serve what was published and what staff decided since the last time; the store is asked once."""
        try:
            news = self._look_out() if self._look_out else News()
        except StoreError as error:
            if self._is_in_sight:
                LOG.warning("what is published and decided is not followed until the store says it: %s", error)
            self._is_in_sight = False
            return
        self._is_in_sight = True
        self.refresh_for_news(news.published)
        self.refresh_overrides(news.decided if self._look_out else None)

    def check_next(self) -> None:
        """Read and check the files of one municipality that nobody has asked yet, so that its faults are named."""
        if self.unread:
            before = self.problems
            self._library.check(self._library.unchecked[0])
            _noted(before, self.problems)

    def settle(self) -> None:
        """Spare what was read since the last time from the search for garbage, which would take half a second of a
        visitor's time where many municipalities are in memory; what is dropped of it is freed all the same."""
        if self._library.reads != self._settled:
            self._settled = self._library.reads
            gc.collect(1)
            gc.freeze()

    @property
    def unread(self) -> int:
        """How many municipalities' files were not read and checked since they, or what they stand on, changed."""
        return len(self._library.unchecked) if self._files else 0

    def refresh_overrides(self, decided: Decided | None = None) -> None:
        """Serve what staff decided, if that changed; `decided` is what the store says now."""
        with self._lock:
            if self._stop.is_set():
                return
            found = self._overrides(decided)
            if found is not self._overridden and found != self._overridden:
                self._assistant = self._decided(cast("Assistant", self._plain), found)
            self._overridden = found

    def refresh_when_settled(self, seen: Fingerprint | None) -> Fingerprint | None:
        """Take up changed files once they have been at rest for one look, so that no half-saved file is read.

        `seen` is what the look before returned.
        """
        found = self._look()
        if found is not None and found == seen and found != self._judged:
            self.refresh()
        return found

    def watch(self) -> None:
        """Look at the files twice every interval from a thread of this process; costs nothing where that is so already.

        A thread does not survive a fork, so each worker starts its own.
        """
        if self._watched_by == os.getpid():
            return
        with self._lock:
            if self._watched_by == os.getpid():
                return
            self._watched_by = os.getpid()
            self._stop = stop = threading.Event()
        self.refresh_overrides()
        weakref.finalize(self, stop.set)
        watcher = threading.Thread(target=_watch, args=(weakref.ref(self), stop, self._interval), name="knowledge")
        watcher.daemon = True
        watcher.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._end and self._lock.acquire(timeout=PATIENCE):
            try:
                self._end()
            finally:
                self._lock.release()

    def _look_again(self) -> None:
        found = self._look()
        if found is not None and (found != self._judged or self._has_news()):
            self._judged = found
            self._take_up()

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

    def _follow(self) -> None:
        """From now on, in the process that answers, what is published counts."""
        if self._make_truth:
            _ = self.truth

    def _has_news(self, seen: Publication | None = None) -> bool:
        return self._truth is not None and self._truth.has_news(seen)

    def _built(self, _folder: Path) -> Assistant:
        knowledge = self._followed(self._loaded())
        if self.data:
            before = self._feeds.problems
            self._feeds = read_feeds(self.data, self._feeds)
            _noted(before, self._feeds.problems)
        knowledge = knowledge.with_imported(self._feeds.inventories)
        if self._plain is None:
            return Assistant(knowledge, near_m=self.near_m)
        return self._plain if self._plain.knowledge == knowledge else self._plain.beside(knowledge)

    def _loaded(self) -> Knowledge:
        """Read the files that changed; where they cannot be used, what is published goes over the last that could."""
        if self._files is None:
            self._files = self._library.open()
            return self._files
        try:
            self._files = self._library.read().keeping(self._files)
            self._broken = ()
        except KnowledgeError as error:
            if self._truth is None:
                raise
            self._broken = _noted(self._broken, error.problems)
        return self._files

    def _followed(self, files: Knowledge) -> Knowledge:
        """Lay what is published over the files; without the store these are served as they are."""
        if self._truth is None:
            return files
        try:
            self._truth.bring_in_line(files)
        except (StoreError, OSError) as error:
            self._unreached = _noted(self._unreached, (self._fault(f"what is published is unknown: {error}"),))
        else:
            self._unreached = ()
            files = self._loaded()
        try:
            return self._truth.lay_over(files)
        except StoreError:
            return self._truth.lay_over_known(files)

    def _fault(self, reason: str) -> Problem:
        return Problem(str(self.folder), 1, 1, "", "invalid", {"reason": reason})

    def _made(self) -> Assistant:
        build = self._build or self._built  # not kept: a service that holds its own method is not freed at once
        assistant = build(self.folder)
        known = assistant.knowledge.municipalities
        asked = [name for name, _ in reversed(self._asked.items())]
        before = self._plain.ready if self._plain else []  # neighbours too, of whom nobody asked by name
        _prepare(assistant, [name for name in (*asked, *before) if name in known] or [min(known)])
        return assistant

    def _decided(self, plain: Assistant, overrides: Overrides) -> Assistant:
        return plain.on(override(plain.knowledge, overrides)) if overrides else plain

    def _take_up(self) -> None:
        try:
            with _giving_way():
                self._plain = self._made()
            self._assistant = self._decided(self._plain, self._overridden)
        except KnowledgeError as error:
            self._unusable = _noted(self._unusable, error.problems)
        except Exception as error:  # whatever fails in the new, the last good knowledge serves on and says so
            LOG.exception("changed knowledge cannot be built")
            self._unusable = _noted(self._unusable, (self._fault(f"{type(error).__name__} while building"),))
        else:
            self._unusable = ()
            LOG.info("changed knowledge is served")


@contextmanager
def _giving_way() -> Iterator[None]:
    """Work long beside those who answer: they get the interpreter within half a millisecond, and not within five."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(BRIEF)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def _prepare(assistant: Assistant, municipalities: Iterable[str]) -> None:
    """Have the first question asked here and not by a visitor, and those `municipalities` indexed, as many as the time
    allows.

    What all share is indexed at the first question of all, which takes a second; what is a municipality's own takes a
    twenty-fifth, and nothing where it is as it was.
    """
    limit = time.monotonic() + PREPARATION
    first, *others = dict.fromkeys(municipalities)
    assistant.reply(Question("hej", first, date.today()))
    for municipality in (name for name in others if name not in assistant.ready):
        if time.monotonic() > limit:
            return
        assistant.make_ready(municipality)


def _noted(before: tuple[Problem, ...], problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Log `problems` where they are new, and return them."""
    if problems != before:
        LOG.warning("the last good knowledge is kept, because:\n%s", "\n".join(map(str, problems)))
    return problems


def _watch(service: "weakref.ref[KnowledgeService]", stop: threading.Event, interval: float) -> None:
    """Watch until the service is gone; it is held only while it looks."""
    seen: Fingerprint | None = None
    scales, pause = Scales(), interval  # at first visitors are answered
    while not stop.wait(pause):
        if (alive := service()) is None:
            return
        pause = interval / 2
        alive.keep_up()
        seen = alive.refresh_when_settled(seen)
        alive.check_next()
        alive.settle()
        del alive
        scales.weigh()


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
