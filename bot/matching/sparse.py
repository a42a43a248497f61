"""Sparse rows of weighted features, and their postings: for each feature the rows that hold it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

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
        """Add up the places that share row and feature."""
        width = int(self.features.max(initial=0)) + 1
        keys, places = np.unique(self.rows.astype(np.int64) * width + self.features, return_inverse=True)
        weights = np.bincount(places, self.weights, len(keys)).astype(np.float32)
        return Matrix((keys // width).astype(np.int32), (keys % width).astype(np.int32), weights, self.count)

    def summed(self, owner: Ints, count: int) -> "Matrix":
        """Add up the rows of each owner."""
        return Matrix(owner[self.rows], self.features, self.weights, count).merged()

    def below(self, features: int) -> "Matrix":
        """Leave out the features from number `features` on."""
        return self.picked(self.features < features)

    def picked(self, is_kept: NDArray[np.bool_]) -> "Matrix":
        """Keep the places that are True in `is_kept`."""
        return Matrix(self.rows[is_kept], self.features[is_kept], self.weights[is_kept], self.count)

    def scaled(self, by: float | Floats) -> "Matrix":
        """Multiply all weights, or those of each row by its own factor."""
        factor = np.float32(by) if isinstance(by, float) else by[self.rows]
        return replace(self, weights=(self.weights * factor).astype(np.float32))

    def shifted(self, by: int) -> "Matrix":
        """Renumber the features upwards, so that two sets of features can stand side by side."""
        return replace(self, features=self.features + np.int32(by))


def matrix(texts: Sequence[Mapping[int, float]]) -> Matrix:
    """Make a matrix with one row for each text, given as feature → weight."""
    sizes = [len(text) for text in texts]
    features = np.fromiter((feature for text in texts for feature in text), np.int32, sum(sizes))
    weights = np.fromiter((weight for text in texts for weight in text.values()), np.float32, sum(sizes))
    return Matrix(np.repeat(np.arange(len(texts), dtype=np.int32), sizes), features, weights, len(texts))


@dataclass(frozen=True, slots=True)
class Postings:
    """`rows[feature]` and `weights[feature]`: where a feature stands, and how strongly."""

    rows: Sequence[Ints]
    weights: Sequence[Floats]
    count: int

    def score(self, query: Mapping[int, float]) -> NDArray[np.float64]:
        """Return the product of a query (feature → weight) with every row."""
        if not query:
            return np.zeros(self.count)
        rows = [self.rows[feature] for feature in query]
        weights = np.concatenate([self.weights[feature] for feature in query])
        weights *= np.repeat(np.fromiter(query.values(), np.float32, len(query)), [len(row) for row in rows])
        return np.bincount(np.concatenate(rows), weights, self.count).astype(np.float64, copy=False)


def telling(matrices: Sequence[Matrix], features: int, commonest: float) -> list[Matrix]:
    """Leave out the features that stand in more than the share `commonest` of the rows of all `matrices`."""
    sizes = np.bincount(np.concatenate([part.features for part in matrices]), minlength=features)
    is_kept = sizes <= commonest * matrices[0].count
    return [part.picked(is_kept[part.features]) for part in matrices]


def postings(groups: Sequence[Sequence[Matrix]], features: int) -> Postings:
    """Sort all places by feature. The matrices of a group hold the same rows; those of the next stand below them."""
    starts = np.cumsum([0, *(group[0].count for group in groups)])
    parts = [(part, start) for group, start in zip(groups, starts.tolist(), strict=False) for part in group]
    numbers = np.concatenate([part.features for part, _ in parts])
    order = np.argsort(numbers.astype(np.uint16) if features <= SMALL else numbers, kind="stable")
    rows = np.concatenate([part.rows + np.int32(start) for part, start in parts])[order]
    weights = np.concatenate([part.weights for part, _ in parts])[order]
    ends = np.cumsum(np.bincount(numbers, minlength=features)).tolist()
    spans = [slice(start, end) for start, end in zip([0, *ends], ends, strict=False)]
    return Postings([rows[span] for span in spans], [weights[span] for span in spans], int(starts[-1]))


def grouped(rows: Floats, starts: NDArray[np.int64] | Ints) -> Floats:
    """Add up runs of rows; run i begins at `starts[i]`. An empty run is zeros."""
    if not len(starts) or not len(rows):
        return np.zeros((len(starts), rows.shape[1]), np.float32)
    sums: Floats = np.add.reduceat(rows, np.minimum(starts, len(rows) - 1))
    sums[np.diff(np.append(starts, len(rows))) == 0] = 0
    return sums
