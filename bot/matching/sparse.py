"""Sparse rows of weighted features, and their postings: for each feature the rows that hold it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

SMALL = 1 << 16  # so many numbers fit in two bytes, which numpy sorts many times faster
Ints = NDArray[np.int32]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Three equally long arrays, one place each: its row, its feature, its weight."""

    rows: Ints
    features: Ints
    weights: Floats
    count: int

    def unit(self) -> "Matrix":
        """Scale every row to length 1."""
        lengths = np.sqrt(np.bincount(self.rows, self.weights.astype(np.float64) ** 2, self.count))
        return replace(self, weights=(self.weights / np.maximum(lengths, 1e-9)[self.rows]).astype(np.float32))

    def merged(self) -> "Matrix":
        """Lay the places out by feature, then by row, and add up those that share both."""
        if np.all(self.rows[1:] >= self.rows[:-1]):
            order = _order(self.features)
        else:
            by_row = _order(self.rows)
            order = by_row[_order(self.features[by_row])]
        rows, features = self.rows.take(order), self.features.take(order)
        return Matrix(rows, features, self.weights.take(order), self.count)._added_up()

    def summed(self, owner: Ints, count: int) -> "Matrix":
        """Add up the rows of each owner in a merged matrix; `owner` never falls from one row to the next."""
        return Matrix(owner[self.rows], self.features, self.weights, count)._added_up()

    def _added_up(self) -> "Matrix":
        if not len(self.rows):
            return self
        is_first = np.ones(len(self.rows), bool)
        np.not_equal(self.rows[1:], self.rows[:-1], out=is_first[1:])
        is_first[1:] |= self.features[1:] != self.features[:-1]
        first = np.flatnonzero(is_first)
        return Matrix(
            self.rows.take(first), self.features.take(first), np.add.reduceat(self.weights, first), self.count
        )

    def picked(self, is_kept: NDArray[np.bool_]) -> "Matrix":
        """Keep the places that are True in `is_kept`."""
        return Matrix(self.rows[is_kept], self.features[is_kept], self.weights[is_kept], self.count)

    def scaled(self, by: float | Floats) -> "Matrix":
        """Multiply all weights, or those of each row by its own factor."""
        factor = np.float32(by) if isinstance(by, float) else by[self.rows]
        return replace(self, weights=(self.weights * factor).astype(np.float32))

    def narrowed(self) -> "Matrix":
        """Return the same in less memory."""
        return replace(self, rows=narrow(self.rows), features=narrow(self.features))

    def renumbered(self, rows: Ints, count: int) -> "Matrix":
        """Give row i the number `rows[i]`; a row whose number is below 0 is left out."""
        kept = self.picked(rows[self.rows] >= 0)
        return replace(kept, rows=rows[kept.rows], count=count)


def _order(numbers: Ints) -> NDArray[np.int64]:
    """Return the places of `numbers` in their order; those of equal ones stay in theirs."""
    is_small = int(numbers.max(initial=0)) < SMALL
    return np.argsort(numbers.astype(np.uint16) if is_small else numbers, kind="stable")


def narrow(numbers: Ints) -> Ints:
    """Return numbers in two bytes each where all of them fit: what is kept weighs half as much."""
    fit = int(numbers.max(initial=0)) < SMALL
    return cast("Ints", numbers.astype(np.uint16 if fit else np.int32, copy=False))


def joined(one: Matrix, other: Matrix) -> Matrix:
    """Add two matrices of the same rows."""
    parts = zip((one.rows, one.features, one.weights), (other.rows, other.features, other.weights), strict=True)
    rows, features, weights = (np.concatenate(pair) for pair in parts)
    return Matrix(rows, features, weights, one.count).merged()


def matrix(sizes: Sequence[int], features: Sequence[int], weights: Iterable[float]) -> Matrix:
    """Make a matrix of texts, of `sizes` features each, that are laid out one after another."""
    rows = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return Matrix(rows, np.array(features, np.int32), np.fromiter(weights, np.float32, len(features)), len(sizes))


@dataclass(frozen=True, slots=True)
class Postings:
    """Where each feature stands, and how strongly: feature f from place `begins[f]` up to `begins[f + 1]` of `rows` and
    `weights`. A feature from the last on stands nowhere."""

    begins: Ints
    rows: Ints
    weights: Floats


def score(query: Mapping[int, float], parts: Sequence[Postings], count: int) -> NDArray[np.float64]:
    """Return the product of a query (feature → weight) with every one of the `count` rows of all `parts`."""
    if not query:
        return np.zeros(count)
    features, strengths = np.fromiter(query, np.int64, len(query)), np.fromiter(query.values(), np.float32, len(query))
    found = [_found(part, features, strengths) for part in parts]
    rows = np.concatenate([rows for rows, _ in found])
    return np.bincount(rows, np.concatenate([weights for _, weights in found]), count).astype(np.float64, copy=False)


def _found(part: Postings, features: NDArray[np.int64], strengths: Floats) -> tuple[Ints, Floats]:
    last = len(part.begins) - 1
    begins = part.begins.take(np.minimum(features, last))
    sizes = part.begins.take(np.minimum(features + 1, last)) - begins
    ends = np.cumsum(sizes)
    places = np.repeat(begins - ends + sizes, sizes)
    places += np.arange(len(places))
    return part.rows.take(places), part.weights.take(places) * np.repeat(strengths, sizes)


def telling(matrices: Sequence[Matrix], features: int, commonest: float) -> NDArray[np.bool_]:
    """Return for each feature whether it stands in at most the share `commonest` of the rows of all `matrices`."""
    sizes = np.bincount(np.concatenate([part.features for part in matrices]), minlength=features)
    return np.asarray(sizes <= commonest * matrices[0].count)


def postings(groups: Sequence[Sequence[Matrix]], features: int, first: int = 0) -> Postings:
    """Sort all places by feature. The matrices of a group hold the same rows, those of the first from number `first`
    on; those of the next group stand below them."""
    starts = first + np.cumsum([0, *(group[0].count for group in groups)])
    parts = [(part, start) for group, start in zip(groups, starts.tolist(), strict=False) for part in group]
    numbers = np.concatenate([part.features for part, _ in parts])
    order = _order(numbers)
    rows = np.concatenate([part.rows + np.int32(start) for part, start in parts])[order]
    weights = np.concatenate([part.weights for part, _ in parts])[order]
    begins = np.concatenate([[0], np.cumsum(np.bincount(numbers, minlength=features))]).astype(np.int32)
    return Postings(begins, narrow(rows), weights)
