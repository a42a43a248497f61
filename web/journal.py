"""Notes what became of a question, after its answer was made, and never in its way.

Requests put notes into a queue; one thread of each process redacts them and hands them to the store in batches. Where
the store is slow, full, read-only or gone, notes wait, the oldest fall out, and they are written when it is back.
"""

import atexit
import logging
import os
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import astuple, dataclass, field
from datetime import UTC, date, datetime, timedelta
from time import monotonic
from typing import Any, Final, Protocol

from web.logs import fault
from web.store.errors import StoreError

LOG: Final = logging.getLogger("hemvist.store")
BATCH: Final = 100
GATHER: Final = 0.2  # seconds between the first note of a batch and its writing
LOOK: Final = 15.0  # seconds between looks at an idle store
FIRST_LOOK: Final = 2.0  # seconds after the start, when the first visitors have been answered
LONGEST_PAUSE: Final = 4.0  # seconds between attempts to reach a store that fails
HUNG: Final = 10.0  # seconds after which an attempt counts as unanswered
TICK_OVERDUE: Final = timedelta(minutes=15)
CAPACITY: Final = 5_000

Redact = Callable[[str], str | None]


@dataclass(frozen=True, slots=True)
class TurnNote:
    """A question and what became of it; `question` as it was asked, None where its words are not to be kept.

    `missed` are the words that nobody answered, where the question as a whole got an answer.
    """

    municipality: str
    language: str
    key_hash: str
    asked: datetime
    kind: str
    entry: str | None
    confidence: float
    question: str | None
    missed: str | None = None


@dataclass(frozen=True, slots=True)
class OpinionNote:
    """What somebody thought of the answer `entry`; None: none of the choices was meant."""

    municipality: str
    language: str
    key_hash: str
    entry: str | None
    helpful: bool
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OriginNote:
    """A site that loaded the widget."""

    municipality: str
    origin: str
    version: str
    day: date


@dataclass(frozen=True, slots=True)
class TallyNote:
    """Something that happened, of which nothing else is kept."""

    municipality: str
    what: str
    day: date


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the store found: when `hemvist tick` last did something, what an operator should know of messages,
    and a few numbers of what stands in it."""

    ticked: datetime | None = None
    troubles: tuple[str, ...] = ()
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """How the store does: `reason` why it is degraded, None where it is not; `overdue` why nothing is purged;
    what the last look found, and when the tick last did something, as far as it is known."""

    reason: str | None
    overdue: str | None
    waiting: int
    dropped: int
    look: Look
    ticked: datetime


class Ledger(Protocol):
    """Where the notes go; see `web.store.ledger`."""

    def write(
        self,
        turns: Sequence[Mapping[str, Any]],
        opinions: Sequence[Mapping[str, Any]],
        origins: Mapping[tuple[str, str, str, date], int],
        tallies: Mapping[tuple[str, Any, date], int],
    ) -> int:
        """Keep a batch; return how many rows were unfit."""

    def forget(self, key_hashes: Collection[str], municipality: str, at: datetime, held: Collection[str]) -> None:
        """Remove a conversation."""

    def look(self) -> Look:
        """Find out whether something could be written, and how things stand."""

    def close(self) -> None:
        """Close every connection."""


class _Wish:
    """A conversation to be forgotten, and whether it has been."""

    def __init__(self, key_hashes: Collection[str], municipality: str, at: datetime, held: Collection[str]) -> None:
        self.arguments = (key_hashes, municipality, at, held)
        self.done = threading.Event()


Note = TurnNote | OpinionNote | OriginNote | TallyNote


class Journal:
    """The notes of one application. `redact` is asked for every word before it is written; safe to share by threads."""

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        *,
        redact: Redact,
        capacity: int = CAPACITY,
        gather: float = GATHER,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`open_ledger` is called in the thread that writes; `gather` is in seconds."""
        self._open_ledger = open_ledger
        self._redact = redact
        self._capacity = capacity
        self._gather = gather
        self._clock = clock
        self._notes: deque[Note] = deque()
        self._wishes: deque[_Wish] = deque()
        self._dropped = 0
        self._failure: str | None = None
        self._begun = 0.0  # when the attempt that runs now began; 0: none runs
        self._looked = 0.0  # when the store was last looked at; 0: never
        self._look = Look()
        self._lock = threading.Lock()
        self._wake, self._hurry, self._stop = threading.Event(), threading.Event(), threading.Event()
        self._writer: threading.Thread | None = None
        self._writer_of = 0  # the process whose thread it is: a thread does not survive a fork
        self._started = clock()

    def note(self, note: Note) -> None:
        """Keep `note` when there is time; costs microseconds and never fails."""
        self._notes.append(note)
        if len(self._notes) > self._capacity:
            self._drop_oldest()
        self._rouse()

    def forget(
        self, key_hashes: Collection[str], municipality: str, at: datetime, held: Collection[str], wait: float = 2.0
    ) -> bool:
        """Remove what was noted of a conversation until `at`; False where that has not happened within `wait` seconds.

        It is then done as soon as the store is back, if this process lives until then.
        """
        if len(self._wishes) >= self._capacity:
            return False
        wish = _Wish(key_hashes, municipality, at, held)
        self._wishes.append(wish)
        self._hurry.set()
        self._rouse()
        return wish.done.wait(0 if self.state.reason else wait)

    @property
    def state(self) -> State:
        """How the store does, as far as this process knows; asks nobody."""
        reason = self._failure or self._hanging()
        return State(reason, self._overdue(), len(self._notes), self._dropped, self._look, self._last_tick())

    def start(self) -> None:
        """Begin to write, where this process has not begun."""
        with self._lock:
            if self._writer_of == os.getpid():
                return
            self._writer_of = os.getpid()
            self._started = self._clock()
            self._writer = threading.Thread(target=self._keep, name="journal", daemon=True)
        atexit.register(self.close)
        self._writer.start()

    def close(self, wait: float = 3.0) -> None:
        """Write what is left, for at most `wait` seconds, and stop."""
        if self._writer_of != os.getpid() or self._writer is None:
            return
        self._stop.set()
        self._hurry.set()
        self._wake.set()
        self._writer.join(wait)
        atexit.unregister(self.close)

    def _rouse(self) -> None:
        if self._writer_of != os.getpid():
            self.start()
        if not self._wake.is_set():
            self._wake.set()

    def _drop_oldest(self) -> None:
        try:
            self._notes.popleft()
            self._dropped += 1
        except IndexError:  # the writer was faster
            return

    def _hanging(self) -> str | None:
        begun = self._begun
        return "the database does not answer" if begun and monotonic() - begun > HUNG else None

    def _overdue(self) -> str | None:
        last = self._last_tick()
        if self._clock() - last <= TICK_OVERDUE:
            return None
        return f"hemvist tick has done nothing since {last:%Y-%m-%d %H:%M} UTC, so nothing is purged"

    def _last_tick(self) -> datetime:
        """What was before this process is not held against the tick."""
        return max(self._look.ticked or self._started, self._started)

    def _keep(self) -> None:
        """Write until told to stop."""
        ledger: Ledger | None = None
        failures, is_last = 0, False
        while not is_last:
            self._await(failures)
            is_last = self._stop.is_set()
            self._begun = monotonic()
            try:
                ledger = ledger or self._open_ledger()
                self._work(ledger)
                failures = 0
                self._say_recovered()
            except StoreError as error:
                failures += 1
                self._say_failed(str(error))
            except Exception as error:  # noqa: BLE001 - a fault of ours must not end the writing for good
                failures += 1
                _log("the store cannot be used", error)
                self._say_failed(type(error).__name__)
            finally:
                self._begun = 0.0
        if ledger:
            ledger.close()

    def _await(self, failures: int) -> None:
        """Wait for something to write, and a little for what comes with it; after a failure, wait longer."""
        if failures:
            self._stop.wait(min(LONGEST_PAUSE, 0.25 * 2**failures))
        elif self._wake.wait(LOOK if self._looked else FIRST_LOOK):
            self._hurry.wait(self._gather)
        self._wake.clear()
        self._hurry.clear()

    def _work(self, ledger: Ledger) -> None:
        waiting = len(self._notes)  # what comes from now on waits for the next batch
        while waiting > 0:
            notes = self._taken()
            self._write(ledger, notes)
            waiting -= len(notes) or waiting
            self._begun = monotonic()
        while self._wishes:
            wish = self._wishes.popleft()
            try:
                ledger.forget(*wish.arguments)
            except StoreError:
                self._wishes.appendleft(wish)
                raise
            wish.done.set()
        if self._failure or monotonic() - self._looked > LOOK:
            self._look = ledger.look()
            self._looked = monotonic()

    def _taken(self) -> list[Note]:
        taken: list[Note] = []
        with suppress(IndexError):  # empty by now
            while len(taken) < BATCH:
                taken.append(self._notes.popleft())
        return taken

    def _write(self, ledger: Ledger, notes: Sequence[Note]) -> None:
        try:
            turns = [self._turn(note) for note in notes if isinstance(note, TurnNote)]
            opinions = [self._opinion(note) for note in notes if isinstance(note, OpinionNote)]
            origins = Counter(astuple(note) for note in notes if isinstance(note, OriginNote))
            tallies = Counter(astuple(note) for note in notes if isinstance(note, TallyNote))
            self._dropped += ledger.write(turns, opinions, origins, tallies)
        except StoreError:
            self._put_back(notes)
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours in one batch must not end the writing of the next
            self._dropped += len(notes)
            _log("notes are lost", error)

    def _put_back(self, notes: Sequence[Note]) -> None:
        self._notes.extendleft(reversed(notes))
        while len(self._notes) > self._capacity:
            self._drop_oldest()

    def _turn(self, note: TurnNote) -> dict[str, Any]:
        question = self._redacted(note.question)
        return {
            "municipality": note.municipality,
            "language": note.language,
            "key_hash": note.key_hash,
            "asked_at": note.asked,
            "day": note.asked.date(),
            "kind": note.kind,
            "entry": note.entry,
            "confidence": note.confidence,
            "question": question,
            "gap": question if note.kind == "none" else self._redacted(note.missed),
        }

    def _opinion(self, note: OpinionNote) -> dict[str, Any]:
        return {
            "municipality": note.municipality,
            "language": note.language,
            "key_hash": note.key_hash,
            "entry": note.entry,
            "helpful": note.helpful,
            "reason": self._redacted(note.reason),
            "at": note.at,
        }

    def _redacted(self, text: str | None) -> str | None:
        """Take from `text` what tells who somebody is; where that fails, nothing of it is kept."""
        try:
            return (self._redact(text) or None) if text else None
        except Exception as error:  # noqa: BLE001 - whatever fails, unredacted words are not written
            _log("a text cannot be redacted and is not kept", error)
            return None

    def _say_failed(self, reason: str) -> None:
        if self._failure is None:
            LOG.warning("the store is not written to, notes wait: %s", reason)
        self._failure = reason

    def _say_recovered(self) -> None:
        if self._failure is not None:
            LOG.warning("the store is written to again; notes lost since the start: %s", self._dropped)
        self._failure = None


def _log(what: str, error: Exception) -> None:
    """Log where it happened and its kind, not its words, which may hold what a visitor wrote."""
    LOG.error("%s: %s", what, type(error).__name__, extra=fault(error))
