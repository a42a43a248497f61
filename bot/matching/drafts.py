"""What the index of a draft has otherwise than the one in use, and which questions and entries that touches.

Both stand on the same base: they differ in what is their own, and in how rare that is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from bot.matching.features import pieces
from bot.matching.index import Index, Mask
from bot.matching.ranking import NEAR_ENOUGH, Asked

ALIKE = NEAR_ENOUGH - 0.02  # from here on a word may be taken for another; a little below where it is


@dataclass(frozen=True, slots=True)
class Unlike:
    """The own pieces and terms that one of two indexes lacks, or that are not as rare in both; of the terms, those that
    one lacks; those that stand in a question that is answered in one of them alone; and whether the rarest of all is
    another."""

    pieces: frozenset[str]
    terms: frozenset[str]
    lacking: frozenset[str]
    inside: frozenset[str]
    has_other_rarest: bool


def compare(index: Index, draft: Index) -> Unlike:
    """Return what is unlike in two indexes over the same base."""
    was, now = index.space, draft.space
    known: frozenset[str] = frozenset().union(*(index.base.inside_terms if index.base else ()))
    return Unlike(
        _unlike(was.own_pieces, now.own_pieces, was.rarity, now.rarity),
        _unlike(was.own_terms, now.own_terms, was.rarity, now.rarity),
        frozenset(was.own_terms.keys() ^ now.own_terms.keys()),
        frozenset(index.inside_terms[-1] ^ draft.inside_terms[-1]) - known,
        was.rarest != now.rarest,
    )


def _unlike(
    was: Mapping[str, int], now: Mapping[str, int], were: Sequence[float], are: Sequence[float]
) -> frozenset[str]:
    common = was.keys() & now.keys()
    return frozenset(was.keys() ^ now.keys()) | {name for name in common if were[was[name]] != are[now[name]]}


def changed(index: Index, draft: Index, unlike: Unlike) -> Iterator[str]:
    """Yield the entries that are not the same in both, or hold what is unlike."""
    for entry in {**index.documents, **draft.documents}:
        if index.documents.get(entry) != draft.documents.get(entry):
            yield entry
    for one in (index, draft):
        yield from _holders(one, unlike)


def _holders(index: Index, unlike: Unlike) -> Iterator[str]:
    """Yield the entries with a piece or term that is unlike in what is weighed of them."""
    part, space = index.postings[-1], index.space
    own = ((space.own_pieces, unlike.pieces), (space.own_terms, unlike.terms))
    numbers = [numbered[name] for numbered, names in own for name in names if name in numbered]
    if not numbers:
        return
    owner = np.full(index.rows, -1, np.int64)
    for number, places in enumerate(index.places):
        owner[places] = number
    owner[index.entry_rows] = np.arange(len(index.entries))
    held = np.concatenate([part.rows[part.begins[number] : part.begins[number + 1]] for number in numbers])
    yield from (index.entries[number] for number in np.unique(owner[held]).tolist() if number >= 0)


class Readings:
    """What reading the questions depends on that is not the base's: pieces and terms, and words that nobody knows."""

    def __init__(self, index: Index, asked: Sequence[Asked]) -> None:
        self._count = len(asked)
        self._strange = [number for number, one in enumerate(asked) if one.unknown]
        space = index.base.space if index.base else None
        self._by_piece = _by_name(
            (piece for word in one.reading.words for piece in pieces(word) if not space or space.piece(piece) is None)
            for one in asked
        )
        self._by_term = _by_name(
            (term for term in terms if not space or space.term(term) is None)
            for terms in (chain(one.reading.words, one.reading.terms, one.terms) for one in asked)
        )
        self._by_inside = _by_name(one.names for one in asked)
        self._by_unknown = _by_name(one.unknown for one in asked)

    def touched(self, unlike: Unlike) -> Mask:
        """Return which questions are read otherwise where this is unlike."""
        found = np.zeros(self._count, bool)
        for table, names in (
            (self._by_piece, unlike.pieces),
            (self._by_term, unlike.terms),
            (self._by_inside, unlike.inside),
            (self._by_unknown, self._taken_for(unlike.lacking)),
        ):
            for name in names:
                found[table.get(name, [])] = True
        found[self._strange] |= unlike.has_other_rarest
        return found

    def _taken_for(self, terms: Iterable[str]) -> Iterator[str]:
        """Yield the unknown words that may be misspellings or other forms of one of `terms`."""
        unknown = list(self._by_unknown)
        for term in terms:
            near = process.extract_iter(term, unknown, scorer=JaroWinkler.normalized_similarity, score_cutoff=ALIKE)
            yield from (word for word, _, _ in near)


def _by_name(questions: Iterable[Iterable[str]]) -> dict[str, list[int]]:
    """Return for each name the numbers of the questions that have it."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, names in enumerate(questions):
        for name in set(names):
            found[name].append(number)
    return dict(found)
