"""Numbers that all processes of a server add to, in memory that they share: no file, and nothing to clean up.

The first process makes the memory and gives each worker a seat before it is forked. A worker counts in its own seat
alone, so nobody waits for another; what it counted stays there when it is killed, and the next who takes the seat goes
on from it. A process that was given no seat, because another server forked it, counts for itself.
"""

import mmap
import os
import struct
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

SEAT: Final = 1 << 20  # bytes; the system gives them when they are written to
WORD: Final = 8
FIELDS: Final = 32  # numbers at the beginning of each seat that are set, not added to
USED, TAKEN, FIRST_FIELD = 0, 1, 2  # words of a seat: bytes in use, whether somebody sits there, and its fields
HEAD: Final = (FIRST_FIELD + FIELDS) * WORD
LENGTH: Final = struct.Struct("=I")

Series = tuple[str, ...]  # the name of what is counted and the values of its labels


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands in all seats: counts together, and the fields of those who sit there, by seat."""

    counts: Mapping[Series, float]
    fields: Mapping[int, Sequence[float]]


class Board:
    """Counts for one application; safe to share by threads and by forked processes."""

    def __init__(self) -> None:
        self._memory: mmap.mmap | None = None
        self._words = memoryview(b"").cast("d")
        self._free: list[int] = []
        self._seat: int | None = None  # given before the fork, to whoever is forked next
        self._process = 0  # whose the seat is
        self._begin = 0  # where it begins, in words
        self._places: dict[Series, int] = {}
        self._lock = threading.Lock()
        self._flags = mmap.mmap(-1, mmap.PAGESIZE)  # made before any fork

    def share(self, seats: int) -> None:
        """Make the memory that this process and all that it forks have in common."""
        self._allot(seats)
        self._free = [*range(seats)]

    def offer_seat(self) -> int | None:
        """Give the process that is forked next a seat; None where all are taken, then it counts for itself."""
        self._seat = self._free.pop(0) if self._free else None
        if self._seat is not None:
            self._words[self._seat * SEAT // WORD + TAKEN] = 1
        return self._seat

    def clear_seat(self, seat: int | None) -> None:
        """Take note that whoever had `seat` has ended; what was counted stays."""
        if seat is not None:
            begin = seat * SEAT // WORD
            self._words[begin + TAKEN] = 0
            for field in range(FIRST_FIELD, FIRST_FIELD + FIELDS):
                self._words[begin + field] = 0
            self._free.append(seat)

    @property
    def is_draining(self) -> bool:
        """Whether this server is being stopped, and nothing new should come to it."""
        return self._flags[0] != 0

    def drain(self) -> None:
        """Have all processes say from now on that this server is being stopped."""
        self._flags[0] = 1

    def add(self, series: Series, amount: float = 1.0) -> None:
        """Add `amount` to one count."""
        self.add_all(((series, amount),))

    def add_all(self, amounts: Iterable[tuple[Series, float]]) -> None:
        """Add to several counts at once; takes a microsecond each."""
        if self._process != os.getpid():
            self._sit_down()
        with self._lock:
            words, places = self._words, self._places
            for series, amount in amounts:
                place = places.get(series) or self._place(series)
                if place:
                    words[place] += amount

    def publish(self, fields: Sequence[float]) -> None:
        """Set the fields of this process, in place of those before."""
        if self._process != os.getpid():
            self._sit_down()
        for place, value in enumerate(fields):
            self._words[self._begin + FIRST_FIELD + place] = value

    def read(self) -> Seen:
        """Return what all processes counted and published."""
        if self._process != os.getpid():
            self._sit_down()
        counts: Counter[Series] = Counter()
        fields = {}
        for seat in range(len(self._words) * WORD // SEAT):
            begin = seat * SEAT // WORD
            for series, place in self._entries(begin):
                counts[series] += self._words[place]  # type: ignore[assignment]  # amounts need not be whole
            if self._words[begin + TAKEN]:
                fields[seat] = self._words[begin + FIRST_FIELD : begin + FIRST_FIELD + FIELDS].tolist()
        return Seen(counts, fields)

    @property
    def seat(self) -> int:
        """The seat of this process."""
        return self._begin * WORD // SEAT

    def _allot(self, seats: int) -> None:
        self._memory = mmap.mmap(-1, seats * SEAT)
        self._words = memoryview(self._memory).cast("d")

    def _sit_down(self) -> None:
        """Take the seat that was given before the fork, with what was counted there; else one that nobody else sees."""
        with self._lock:
            if self._process == os.getpid():
                return
            if self._seat is None:
                self._allot(1)
            self._begin = (self._seat or 0) * SEAT // WORD
            self._words[self._begin + TAKEN] = 1
            self._places = dict(self._entries(self._begin))
            self._process = os.getpid()

    def _place(self, series: Series) -> int:
        """Return where a count stands that this process has not met; 0 where the seat is full."""
        name = "\n".join(series).encode()
        used = int(self._words[self._begin + USED])
        start = self._begin * WORD + HEAD + used
        width = -(-(LENGTH.size + len(name)) // WORD) * WORD
        if HEAD + used + width + WORD > SEAT or self._memory is None:
            return 0
        self._memory[start : start + LENGTH.size + len(name)] = LENGTH.pack(len(name)) + name
        place = (start + width) // WORD
        self._words[place] = 0
        self._words[self._begin + USED] = used + width + WORD  # last: until then nobody reads it
        self._places[series] = place
        return place

    def _entries(self, begin: int) -> Iterator[tuple[Series, int]]:
        if self._memory is None:
            return
        start = begin * WORD + HEAD
        end = start + int(self._words[begin + USED])
        while start < end:
            (length,) = LENGTH.unpack_from(self._memory, start)
            first = start + LENGTH.size
            name = self._memory[first : first + length].decode()
            place = (start - (-(LENGTH.size + length) // WORD) * WORD) // WORD
            yield tuple(name.split("\n")), place
            start = (place + 1) * WORD
