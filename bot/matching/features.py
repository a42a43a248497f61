"""What a text is made of for matching: pieces of words, whole words, meanings; and how rare each of them is."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

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
    """The features of one kind that stored texts hold: numbers, and rarity (inverse document frequency, from 1 up)."""

    def __init__(self, number: Mapping[str, int], counts: NDArray[np.int64], texts: int) -> None:
        self.number = dict(number)
        self._rarity = (np.log((1 + texts) / (1 + counts)) + 1).astype(np.float32)
        self.rarity: list[float] = self._rarity.tolist()
        self.rarest = max(self.rarity, default=1.0)

    @classmethod
    def of(cls, texts: Sequence[Mapping[str, float]]) -> "Space":
        """Number and count the features of `texts`."""
        seen = Counter(chain.from_iterable(texts))
        number = {feature: place for place, feature in enumerate(seen)}
        return cls(number, np.fromiter(seen.values(), np.int64, len(seen)), len(texts))

    def __len__(self) -> int:
        return len(self.number)

    def numbered(self, texts: Sequence[Mapping[str, float]]) -> list[dict[int, float]]:
        """Return `texts`, all of whose features are known, with numbers for features."""
        number = self.number
        return [{number[feature]: times for feature, times in text.items()} for text in texts]

    def weigh(self, text: Mapping[str, float]) -> dict[int, float]:
        """Return feature number → weight for the known features of `text`; repeated ones count with their logarithm."""
        known = self.number
        return self.weigh_numbers({known[feature]: times for feature, times in text.items() if feature in known})

    def weigh_numbers(self, counts: Mapping[int, float]) -> dict[int, float]:
        """Weigh features given by number, as `weigh` does."""
        rarity = self.rarity
        return {
            number: rarity[number] * (times if times <= 1 else 1 + math.log(times)) for number, times in counts.items()
        }

    def weighed(self, counts: Matrix) -> Matrix:
        """Weigh a whole matrix of counts as `weigh` does one text."""
        times = counts.weights
        damped = np.where(times <= 1, times, 1 + np.log(np.maximum(times, 1e-9)))
        return replace(counts, weights=(damped * self._rarity[counts.features]).astype(np.float32))
