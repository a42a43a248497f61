"""Meaning of words: a small table distilled once from a neural model, so that no model is needed to answer."""

import math
from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

Vector = NDArray[np.float32]
TABLE = "word_vectors.npz"
NEAR = 0.9
LETTERS_APART = 1
REMEMBERED = 4_000
SHORTEST_PART = 4
OF_NEAR = 0.8  # what a word of like spelling may stand for


@dataclass(frozen=True)
class WordVectors:
    """One row of `rows` (unit length, int8 × 127) and one weight (0–1, small for frequent words) for each folded
    word."""

    words: Sequence[str]
    rows: NDArray[np.int8]
    weights: Vector
    _found: dict[str, Vector | None] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many numbers a vector has."""
        return int(self.rows.shape[1])

    @cached_property
    def _index(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(self.words)}

    @cached_property
    def _alike(self) -> dict[tuple[str, int], list[str]]:
        """Words by first letter and length: an unknown word is looked up among few."""
        alike: dict[tuple[str, int], list[str]] = defaultdict(list)
        for word in self.words:
            alike[word[0], len(word)].append(word)
        return alike

    @property
    def ordinary(self) -> AbstractSet[str]:
        """The folded words of the table: the ordinary words of Swedish and English."""
        return self._index.keys()

    def phrase(self, words: Sequence[str], weights: Sequence[float]) -> Vector:
        """Return the unit vector of a phrase: the weighted sum of its words; zeros where no word is known."""
        total = np.zeros(self.size, np.float32)
        for word, weight in zip(words, weights, strict=True):
            vector = self.word(word)
            if vector is not None:
                total += weight * vector
        length = float(np.sqrt(total @ total))
        return total / length if length else total

    def word(self, word: str) -> Vector | None:
        """Return the weighted vector of a folded word; a compound's parts or a near spelling stand in for an unknown
        one."""
        if word not in self._found:
            if len(self._found) >= REMEMBERED:
                self._found.clear()
            self._found[word] = self.look_up(word)
        return self._found[word]

    def look_up(self, word: str) -> Vector | None:
        """Return the same as `word`, and remember nothing."""
        number = self._index.get(word)
        if number is not None:
            return self._weighted(number)
        parts = self._compound(word)
        if parts:
            return sum((self._weighted(part) for part in parts), np.zeros(self.size, np.float32)) / np.float32(
                len(parts)
            )
        near = self._near(word)
        return None if near is None else self._weighted(near) * np.float32(OF_NEAR)

    def look_up_all(self, words: Sequence[str]) -> NDArray[np.float32]:
        """Return the vector of each of many words in a row, zeros where there is none; remembers nothing."""
        numbers = np.array([self._index.get(word, -1) for word in words], np.int64)
        known = np.flatnonzero(numbers >= 0)
        found = np.zeros((len(words), self.size), np.float32)
        rows = self.rows[numbers[known]].astype(np.float32)
        scales = self.weights[numbers[known]] / np.linalg.norm(rows, axis=1)
        found[known] = rows * scales[:, None].astype(np.float32)
        for place in np.flatnonzero(numbers < 0).tolist():
            vector = self.look_up(words[place])
            if vector is not None:
                found[place] = vector
        return found

    def _weighted(self, number: int) -> Vector:
        row = self.rows[number].astype(np.float32)
        scale = np.float32(float(self.weights[number]) / math.sqrt(float(row @ row)))
        return np.asarray(row * scale, np.float32)

    def _compound(self, word: str) -> tuple[int, ...]:
        """Split `word` in two known parts, joined directly or by an s; the last part is the longest that fits."""
        for cut in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1):
            last = self._index.get(word[cut:])
            first = self._index.get(word[:cut], self._index.get(word[: cut - 1]) if word[cut - 1] == "s" else None)
            if first is not None and last is not None:
                return first, last
        return ()

    def _near(self, word: str) -> int | None:
        if len(word) < SHORTEST_PART:
            return None
        lengths = range(len(word) - LETTERS_APART, len(word) + LETTERS_APART + 1)
        choices = [other for length in lengths for other in self._alike.get((word[0], length), ())]
        found = process.extractOne(word, choices, scorer=JaroWinkler.normalized_similarity, score_cutoff=NEAR)
        return self._index[found[0]] if found else None


def load_vectors() -> WordVectors:
    """Read the shipped table."""
    with np.load(BytesIO(files("bot.matching").joinpath(TABLE).read_bytes()), allow_pickle=False) as table:
        words = bytes(table["words"]).decode().split("\n")
        return WordVectors(words, table["rows"], table["weights"])
