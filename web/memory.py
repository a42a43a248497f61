"""What a process weighs: memory that nothing uses any more is given back."""

import ctypes
import os
from pathlib import Path
from typing import Final

GROWN: Final = 4_000_000  # bytes, from which on it is worth a few ms
ARENA_MAX: Final = -8  # M_ARENA_MAX of malloc.h
STATM: Final = Path("/proc/self/statm")


class Scales:
    """Gives memory back when a process has grown since the last time, as it does while indexes are built."""

    def __init__(self) -> None:
        self._before = 0

    def weigh(self) -> None:
        """Look what the process weighs, and give back what it can where that is much more than before."""
        if resident() > self._before + GROWN:
            give_back()
            self._before = resident()


def resident() -> int:
    """Return the bytes of this process that are in memory; 0 where the system does not tell."""
    try:
        return int(STATM.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def share_one_heap() -> None:
    """Have all threads take memory from one heap, before there are any: with one each, every thread keeps for good what
    it needed once, a tenth of the whole. As they think one at a time, none waits for it."""
    choose = getattr(ctypes.CDLL(None), "mallopt", None)  # glibc alone has it
    if choose is not None:
        choose(ARENA_MAX, 1)


def give_back() -> None:
    """Return to the system what loading needed and nothing uses any more: a quarter of the whole, in a few ms."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc alone has it
    if trim is not None:
        trim(0)
