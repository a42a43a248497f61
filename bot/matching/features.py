"""What a text is made of for matching: pieces of words, whole words, meanings; and how rare each of them is."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

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


def runs(words: Sequence[str], longest: int) -> Iterator[tuple[int, int, str]]:
    """Yield every run of up to `longest` neighbouring words as (first, behind the last, joined), longest runs first."""
    for size in range(min(longest, len(words)), 0, -1):
        for first in range(len(words) - size + 1):
            yield first, first + size, " ".join(words[first : first + size])


class Space:
    """The features of one kind that the stored texts hold: their numbers, and their rarity (inverse document frequency)."""

    def __init__(self, texts: Sequence[Mapping[str, float]]) -> None:
        seen = Counter(chain.from_iterable(texts))
        self.number = {feature: number for number, feature in enumerate(seen)}
        self.rarity = [math.log((1 + len(texts)) / (1 + count)) + 1 for count in seen.values()]
        self.rarest = max(self.rarity, default=1.0)

    def __len__(self) -> int:
        return len(self.number)

    def weigh(self, text: Mapping[str, float]) -> dict[int, float]:
        """Return feature number → weight for the known features of `text`; repeated ones count with their logarithm."""
        weighed = {}
        for feature, times in text.items():
            number = self.number.get(feature)
            if number is not None:
                weighed[number] = self.rarity[number] * (times if times <= 1 else 1 + math.log(times))
        return weighed
