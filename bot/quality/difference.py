"""What changed between two texts, word by word, for people to read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

PIECE = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of characters that both texts have, or that only the later (`added`) or the earlier (`removed`) has."""

    kind: Literal["same", "added", "removed"]
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces that lead from `before` to `after`: all but the removed ones together are `after`."""
    old, new = PIECE.findall(before), PIECE.findall(after)
    return tuple(_pieces(old, new))


def _pieces(old: list[str], new: list[str]) -> Iterator[Piece]:
    for code, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if code == "equal":
            yield Piece("same", "".join(new[first:last]))
            continue
        if end > start:
            yield Piece("removed", "".join(old[start:end]))
        if last > first:
            yield Piece("added", "".join(new[first:last]))
