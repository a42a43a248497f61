"""How firmly rankings stand: which of many questions the index of a draft may rank otherwise.

The draft's index stands on the same base. A question is ranked as before where it is read as before, no entry that
scores otherwise is or becomes a finalist, and none of those that could be is crowded out or let in by what comes or
goes. How near others came to that is kept of each question, once.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from bot.matching.drafts import Readings, changed, compare
from bot.matching.index import Index, Mask, Places, Scores
from bot.matching.ranking import (
    ENTRIES,
    FINALISTS,
    HOPEFUL,
    HOPEFUL_ENTRIES,
    Asked,
    Pool,
    ask,
    considered,
    finalists,
)
from bot.matching.sparse import Floats, Postings
from bot.text import words

EQUAL = 2e-5  # scores nearer to each other than this may change places: sums are rounded
CARE = 1e-3  # so much may scores differ that are added up another way
MOST_ENTRIES = 8  # that may come or go in what is considered for a question
MOST_ROWS = 200  # phrasings, likewise
MOST_CHANGED = 24  # entries; where more score otherwise, every question is in doubt
TOGETHER = 64  # questions whose meaning is compared at once
NOTHING = -math.inf

Counts = NDArray[np.int32]


class Firmness:
    """How firmly an index ranks `questions`. Made once; a thousand take about as long as to answer them."""

    def __init__(self, index: Index, questions: Sequence[str]) -> None:
        self._index, self._count = index, len(questions)
        asked = [ask(index, words(question)) for question in questions]
        self._readings = Readings(index, asked)
        self._queries = _Queries(asked, index.vectors.size)
        self._number = {entry: number for number, entry in enumerate(index.entries)}
        self._finalists, self._considered = (np.zeros((len(self._number), self._count), bool) for _ in range(2))
        self._hopeful: Counts = np.zeros((len(self._number), self._count), np.int32)
        rows = _Rows.of(index)
        meanings = self._queries.meanings(index.phrasing_vectors(rows.rows))
        numbered = enumerate(zip(asked, meanings, strict=True))
        guards = [self._guard(rows, column, *one) for column, one in numbered] if len(index.given) else []
        self._least = np.array([guard.least for guard in guards])
        self._entries = _Borders.of([guard.entries for guard in guards])
        self._rows = _Borders.of([guard.rows for guard in guards])
        self._at_border = np.array([guard.at_border for guard in guards], np.int64)
        self._floor = np.array([guard.floor for guard in guards])

    def doubtful(self, draft: Index, entries: Collection[str]) -> Mask:
        """Return for each question whether `draft` may rank it otherwise, or one of `entries` takes part in it.

        The draft's index is to have the same base, weights, and words that frame a question.
        """
        if draft.base is self._index.base and len(self._index.given) and len(draft.given):
            unlike = compare(self._index, draft)
            others = {*entries, *changed(self._index, draft, unlike)}
            if len(others) <= MOST_CHANGED:
                touched: Mask = self._readings.touched(unlike) | self._shaken(draft, others)
                return touched
        return np.ones(self._count, bool)

    def _guard(self, rows: "_Rows", column: int, asked: Asked, meaning: Floats) -> "_Guard":
        pool = considered(self._index, asked)
        self._finalists[pool.owners(finalists(pool)), column] = True
        self._considered[pool.entries, column] = True
        plain = rows.plain(self._index, asked)
        guard = _guard(self._index, pool, rows, plain, meaning)
        self._hopeful[:, column] = np.bincount(pool.owners(pool.hopeful), minlength=len(self._number))
        return guard

    def _shaken(self, draft: Index, others: Collection[str]) -> Mask:
        """Return which questions the entries that score otherwise may move."""
        found: Mask = self._least == NOTHING
        crossing, fewest, most = (np.zeros(self._count, np.int64) for _ in range(3))
        for number in (self._number[entry] for entry in others if entry in self._number):
            found |= self._finalists[number]
            crossing += self._considered[number]
            fewest -= self._hopeful[number]
            most -= self._hopeful[number]
        for entry, now in self._standings(draft, [entry for entry in others if entry in draft.documents]):
            is_in = now.whole >= self._entries.middle
            was_in = entry in self._number and self._considered[self._number[entry]]
            found |= (now.best >= self._least - CARE) | (np.abs(now.whole - self._entries.middle) < CARE)
            crossing += np.where(was_in, -1, 1) * is_in
            fewest += now.surely * is_in
            most += now.maybe * is_in
        found |= self._is_exceeded(crossing, np.maximum(np.abs(fewest), np.abs(most)))
        return found

    def _standings(self, draft: Index, entries: Sequence[str]) -> Iterator[tuple[str, "_Standing"]]:
        """Yield how entries of the draft stand now."""
        numbers = [draft.entries.index(entry) for entry in entries]
        rows = [np.append(draft.places[number], draft.entry_rows[number]) for number in numbers]
        if not rows:
            return
        scores = self._queries.times(draft, np.concatenate(rows), _renumbered(self._index, draft))
        start = 0
        for entry, number, own in zip(entries, numbers, rows, strict=True):
            whole = scores[start + len(own) - 1] + draft.entry_vectors[number] @ self._queries.vectors
            plain = scores[start : start + len(own) - 1] + whole
            start += len(own)
            yield entry, self._standing(whole, plain, draft.phrasing_vectors(own[:-1]) @ self._queries.vectors)

    def _standing(self, whole: Scores, plain: Scores, meaning: Floats) -> "_Standing":
        middle = self._rows.middle
        best = plain + np.where(plain >= self._floor, np.maximum(meaning, 0), 0)
        surely, maybe = (plain >= middle + CARE).sum(axis=0), (plain >= middle - CARE).sum(axis=0)
        return _Standing(whole, best.max(axis=0), surely, maybe)

    def _is_exceeded(self, crossing: Places, moving: Places) -> Mask:
        """Return for which questions more comes or goes than leaves all that could be a finalist where it was."""
        moving = moving + np.where(crossing > 0, self._at_border, 0)
        too_many = (crossing > MOST_ENTRIES) | (moving > MOST_ROWS)
        return np.asarray(too_many | (crossing >= self._entries.slack) | (moving >= self._rows.slack))


@dataclass(frozen=True, slots=True)
class _Border:
    """Where what is considered ends: `middle` between the last inside and the first outside; fewer than `slack` may
    come or go without moving what could be a finalist across it."""

    middle: float
    slack: float

    @classmethod
    def of(cls, values: Scores, is_in: Mask, could: Mask, most: int) -> "_Border":
        """Return the border of the `most` best of `values`, those being `in`, of which some `could` be finalists. Of
        equals the first are better."""
        low, high = values[is_in].min(initial=math.inf), values[~is_in].max(initial=NOTHING)
        clear = int(low == high or low - high > EQUAL)
        room = most - int(is_in.sum())
        weaker = room + clear + _behind(values, is_in, could) if (is_in & could).any() else math.inf
        stronger = clear + _behind(-values[::-1], ~is_in[::-1], could[::-1]) if (~is_in & could).any() else math.inf
        return cls(float((low + high) / 2), min(weaker, stronger))


def _behind(values: Scores, is_in: Mask, could: Mask) -> int:
    """Return how many of those in come surely behind the last that could be a finalist."""
    hopeful = np.flatnonzero(is_in & could)
    least = values[hopeful].min()
    last = hopeful[values[hopeful] == least][-1]
    return int((values[is_in] < least - EQUAL).sum() + (values[last + 1 :][is_in[last + 1 :]] == least).sum())


@dataclass(frozen=True, slots=True)
class _Borders:
    """The same of all questions."""

    middle: Scores
    slack: Scores

    @classmethod
    def of(cls, found: Sequence[_Border]) -> "_Borders":
        """Collect the borders."""
        return cls(np.array([one.middle for one in found]), np.array([one.slack for one in found], np.float64))


@dataclass(frozen=True, slots=True)
class _Guard:
    """What holds a ranking: a finalist scores at least `least`; the borders of entries and phrasings; how many
    phrasings may come or go when entries do; below `floor` no meaning is compared, whatever may come or go."""

    least: float
    entries: _Border
    rows: _Border
    at_border: int
    floor: float


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of all phrasings that may be found, and the numbers of the entries they belong to."""

    rows: Places
    owners: Places

    @classmethod
    def of(cls, index: Index) -> "_Rows":
        """Lay out those of an index."""
        rows = [index.places[entry] for entry in index.given.tolist()]
        return cls(np.concatenate([np.zeros(0, np.int64), *rows]), np.repeat(index.given, index.sizes[index.given]))

    def plain(self, index: Index, asked: Asked) -> Scores:
        """Return what speaks for each without its own meaning."""
        by_row, whole = index.score(asked.query, asked.reading.vector)
        return by_row[self.rows] + whole[self.owners]


def _guard(index: Index, pool: Pool, rows: _Rows, plain: Scores, meaning: Floats) -> _Guard:
    by_itself, by_entry = _least(pool)
    least, given = min(by_itself, by_entry), index.given
    is_in, has_hope = (np.zeros(len(index.entries), bool) for _ in range(2))
    is_hopeful = np.zeros(index.rows, bool)
    is_in[pool.entries] = True
    is_hopeful[pool.rows[pool.hopeful]] = True
    inside, hopeful = is_in[rows.owners], is_hopeful[rows.rows]
    most = plain + np.maximum(meaning, 0)  # its meaning being compared or not
    has_hope[rows.owners[most >= least - CARE]] = True
    best = np.full(len(index.entries), NOTHING)
    best[pool.entries] = _best_of_each(pool)
    could = (most >= by_itself - CARE) | (most >= np.maximum(by_entry, best[rows.owners]) - CARE)
    near = _near_border(pool.whole, given, is_in)[rows.owners]
    floor = _floor(plain[inside])
    return _Guard(
        least,
        _Border.of(pool.whole[given], is_in[given], has_hope[given], HOPEFUL_ENTRIES),
        _Border.of(plain[inside], hopeful[inside], could[inside], HOPEFUL),
        int((near & np.where(inside, hopeful, plain >= floor)).sum()),
        floor,
    )


def _least(pool: Pool) -> tuple[float, float]:
    """Return what a phrasing must score at least to become a finalist by itself, and what as the best of its entry."""
    if len(pool.hopeful) <= FINALISTS or len(pool.sizes) <= ENTRIES:
        return NOTHING, NOTHING
    of_rows = np.partition(pool.scores[pool.hopeful], -FINALISTS)[-FINALISTS]
    return float(of_rows), float(np.partition(_best_of_each(pool), -ENTRIES)[-ENTRIES])


def _best_of_each(pool: Pool) -> Scores:
    best: Scores = np.maximum.reduceat(pool.scores, np.cumsum(pool.sizes) - pool.sizes)
    return best


def _near_border(whole: Scores, given: Places, is_in: Mask) -> Mask:
    """Return which entries could come or go when others do."""
    found = np.zeros(len(whole), bool)
    if len(given) < HOPEFUL_ENTRIES:
        return found
    inside, outside = given[is_in[given]], given[~is_in[given]]
    last = np.partition(whole[inside], MOST_ENTRIES - 1)[MOST_ENTRIES - 1]
    found[inside[whole[inside] <= last + CARE]] = True
    if len(outside) > MOST_ENTRIES:
        first = np.partition(whole[outside], -MOST_ENTRIES)[-MOST_ENTRIES]
        outside = outside[whole[outside] >= first - CARE]
    found[outside] = True
    return found


def _floor(plain: Scores) -> float:
    """Return what the last of the hopeful phrasings scores at least after as many have gone as may."""
    last = HOPEFUL + MOST_ROWS
    return float(np.partition(plain, -last)[-last]) - CARE if len(plain) >= last else NOTHING


@dataclass(frozen=True, slots=True)
class _Standing:
    """How an entry stands for each question: as a whole, what a phrasing of it scores at most, and how many of them are
    hopeful, surely or maybe."""

    whole: Scores
    best: Scores
    surely: Places
    maybe: Places


def _renumbered(index: Index, draft: Index) -> Places:
    """Return the draft's number of each feature of the index; −1 where it has none."""
    found = np.arange(len(index.space))
    was, now = index.space, draft.space
    for own, theirs in ((was.own_pieces, now.own_pieces), (was.own_terms, now.own_terms)):
        for name, number in own.items():
            found[number] = theirs.get(name, -1)
    return found


class _Queries:
    """The questions as weighed features, and as vectors, one a column."""

    def __init__(self, asked: Sequence[Asked], size: int) -> None:
        sizes = [len(one.query) for one in asked]
        self._features = np.fromiter(chain.from_iterable(one.query for one in asked), np.int64, sum(sizes))
        weights = chain.from_iterable(one.query.values() for one in asked)
        self._weights = np.fromiter(weights, np.float32, sum(sizes))
        self._columns = np.repeat(np.arange(len(asked)), sizes)
        self.vectors: Floats = np.zeros((size, len(asked)), np.float32)
        for column, one in enumerate(asked):
            self.vectors[:, column] = one.reading.vector

    def meanings(self, vectors: Floats) -> Iterator[Floats]:
        """Yield for one question after another what speaks for each of many phrasings by its meaning; all of them at
        once would fill the memory."""
        for first in range(0, self.vectors.shape[1], TOGETHER):
            yield from (vectors @ self.vectors[:, first : first + TOGETHER]).T

    def times(self, index: Index, rows: Places, renumbered: Places) -> Scores:
        """Return what speaks for each of `rows` by letters and words, for each question; `renumbered` gives the
        features the numbers they have there."""
        number = np.full(index.rows, -1, np.int64)
        number[rows] = np.arange(len(rows))
        held = [_held(part, number) for part in index.postings]
        row, feature, weight = (np.concatenate(found) for found in zip(*held, strict=True))
        used, place = np.unique(feature, return_inverse=True)
        of_rows = np.zeros((len(rows), len(used)), np.float32)
        np.add.at(of_rows, (row, place), weight)
        column = np.full(len(index.space) + 1, -1, np.int64)
        column[used] = np.arange(len(used))
        asked = column[renumbered[self._features]]
        known = asked >= 0
        of_queries = np.zeros((len(used), self.vectors.shape[1]), np.float32)
        of_queries[asked[known], self._columns[known]] = self._weights[known]
        return np.asarray(of_rows @ of_queries, np.float64)


def _held(part: Postings, number: Places) -> tuple[Places, Places, Floats]:
    """Return what numbered rows hold of postings: the number of the row, the feature and the weight."""
    found = np.flatnonzero(number[part.rows] >= 0)
    features = np.searchsorted(part.begins, found, side="right") - 1
    return number[part.rows[found]], features, part.weights[found]
