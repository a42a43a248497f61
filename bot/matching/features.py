"""What a text is made of for matching: pieces of words, whole words, meanings; and how rare each of them is."""

import math
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bot.matching.sparse import Matrix

SHORTEST_PIECE, LONGEST_PIECE = 2, 4


def pieces(word: str) -> list[str]:
    """Return the letter groups of ` word ` (2 to 4 signs); a very short word stands for itself."""
    padded = f" {word} "
    length = len(padded)
    found = [
        padded[start : start + size]
        for size in range(SHORTEST_PIECE, min(LONGEST_PIECE, length - 1) + 1)
        for start in range(length - size + 1)
    ]
    if length <= LONGEST_PIECE:
        found.append(padded)
    return found


def runs(words: Sequence[str], begins: Sequence[int], longest: int) -> Iterator[tuple[int, int, str]]:
    """Yield each run of two to `longest` words from the places `begins` as (first, behind the last, joined), longest
    first."""
    for size in range(min(longest, len(words)), 1, -1):
        for first in begins:
            if first + size <= len(words):
                yield first, first + size, " ".join(words[first : first + size])


class Space:
    """The features that stored texts hold: a number for each piece and each term, and its rarity (inverse document
    frequency, from 1 up). Over a `base`, what that knows keeps its number and rarity, and only the rest is added."""

    def __init__(self, base: "Space | None" = None) -> None:
        self._base = base
        self.own_pieces: dict[str, int] = {}
        self.own_terms: dict[str, int] = {}
        self._count = len(base) if base else 0
        self.texts: int = base.texts if base else 0
        self.rarity: array[float] = array("f", base.rarity if base else ())
        self.rarest: float = base.rarest if base else 1.0

    def __len__(self) -> int:
        return self._count

    def piece(self, piece: str) -> int | None:
        """Return the number of a piece; None where no stored text holds it."""
        found = self._base.piece(piece) if self._base else None
        return self.own_pieces.get(piece) if found is None else found

    def term(self, term: str) -> int | None:
        """Return the number of a word or meaning; None where no stored text holds it."""
        found = self._base.term(term) if self._base else None
        return self.own_terms.get(term) if found is None else found

    def known_pieces(self, found: Sequence[str]) -> list[int]:
        """Return the number of each of many pieces; -1 where no stored text holds it."""
        known = {piece: number for piece in dict.fromkeys(found) if (number := self.piece(piece)) is not None}
        return [known.get(piece, -1) for piece in found]

    def add_pieces(self, found: Sequence[str]) -> list[int]:
        """Return the number of each of many pieces, which is given one where it has none."""
        return self._numbered(found, self.piece, self.own_pieces)

    def add_terms(self, found: Sequence[str]) -> list[int]:
        """Return the number of each of many words or meanings, which is given one where it has none."""
        return self._numbered(found, self.term, self.own_terms)

    def learn(self, counts: Sequence[Matrix], texts: int) -> None:
        """Learn from `texts` counted texts how rare the features are that were added.

        Over a base they are as rare as among its texts, in steps of a doubling: so one text more or less, which is what
        staff try while they write, leaves nearly all others alone.
        """
        first = len(self.rarity)
        of_all = max(self._base.texts if self._base else 0, texts)
        self.texts += texts
        times = sum((np.bincount(part.features, minlength=self._count) for part in counts), np.zeros(self._count))
        often = 1 + times[first:]
        often = 2 ** np.floor(np.log2(often)) if self._base else often
        self.rarity.extend((np.log(np.maximum((1 + of_all) / often, 1)) + 1).astype(np.float32).tolist())
        self.rarest = max([self.rarest, *(self.rarity[number] for number in self.own_terms.values())])

    def weigh(self, counts: Mapping[int, float]) -> dict[int, float]:
        """Weigh features given by number: rare ones more, repeated ones with their logarithm."""
        rarity = self.rarity
        return {
            number: rarity[number] * (times if times <= 1 else 1 + math.log(times)) for number, times in counts.items()
        }

    def weighed(self, counts: Matrix) -> Matrix:
        """Weigh a whole matrix of counts as `weigh` does one text."""
        times = counts.weights
        damped = np.where(times <= 1, times, 1 + np.log(np.maximum(times, 1e-9)))
        rarity: NDArray[np.float32] = np.array(self.rarity, np.float32)
        return replace(counts, weights=(damped * rarity[counts.features]).astype(np.float32))

    def _numbered(self, found: Sequence[str], known: Callable[[str], int | None], own: dict[str, int]) -> list[int]:
        """Look each feature up once, however often it stands in `found`.

        New ones are kept as copies that lie side by side: a few among many that are soon gone would hold all the memory
        of these.
        """
        numbers: dict[str, int] = {}
        new: list[str] = []
        for feature in dict.fromkeys(found):
            number = known(feature)
            if number is None:
                number = self._count + len(new)
                new.append(feature)
            numbers[feature] = number
        if new:
            own.update(zip("\n".join(new).split("\n"), range(self._count, self._count + len(new)), strict=True))
            self._count += len(new)
        return list(map(numbers.__getitem__, found))
