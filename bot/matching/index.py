"""The index of one knowledge view: every stored question and every entry as weighted features, ready to be scored.

What municipalities share is indexed once. The index of one of them stands on that one and holds only what is its own:
the questions it adds, and anew the entries that it changes.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bot.matching.features import Space, pieces
from bot.matching.sparse import Floats, Ints, Matrix, Postings, joined, postings, score, telling
from bot.matching.texts import (
    MEANING,
    Texts,
    by_letter_and_length,
    count_all_terms,
    count_pieces,
    count_terms,
    meanings,
    read_texts,
)
from bot.matching.vectors import Vector, WordVectors
from bot.matching.vocabulary import Lexicon

OUTSIDE = "outside/"  # begins the name of what is known but not answered; no entry has such an id
GUARDING = 500  # questions on what is not answered, from which on they tell how much like a question any text can look
REMEMBERED = 4_000  # words
LETTERS_APART = 2  # how much longer or shorter a misspelt word is at most
MANY = 5_000  # phrasings, from which on pieces in a larger share than these are not scored: they tell next to nothing
COMMON, COMMON_OF_ENTRIES = 0.01, 0.5
INT8 = 127  # vectors of phrasings are kept in a byte a number: what is read from memory decides how fast they are
FEW = 10  # questions, up to which the letters of an entry's questions together say what it is about

Scores = NDArray[np.float64]
Places = NDArray[np.int64]
Mask = NDArray[np.bool_]
WordsByLetter = Mapping[tuple[str, int], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Document:
    """One entry as matching sees it: what is asked, and the answer as a weak field."""

    id: str
    phrasings: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each channel counts in the sum; fitted on public question sets and on the tuning questions."""

    piece_phrasing: float = 2.2
    piece_entry: float = 8.0
    word_phrasing: float = 1.0
    word_entry: float = 8.1
    vector_phrasing: float = 6.0
    vector_entry: float = 7.5
    answer: float = 10.0
    ratio: float = 6.2
    sorted_ratio: float = 8.0
    coverage: float = 0.5
    entry_coverage: float = 8.5


class Phrasing(NamedTuple):
    """A stored question: as written, folded, folded with its words in order, and the words and meanings in it."""

    written: str
    folded: str
    ordered: str
    terms: Sequence[str]


class _Phrasings:
    """Many stored questions in one piece of memory: as objects they would weigh ten times as much."""

    def __init__(self, asked: Texts, terms: Sequence[Mapping[str, float]]) -> None:
        texts = (
            "\n".join((" ".join(words), " ".join(sorted(words)), *counted)).encode("utf-8", "surrogatepass")
            for words, counted in zip(asked.tokens, terms, strict=True)
        )
        self._written = asked.written
        packed = list(texts)
        self._ends = array("I", accumulate(map(len, packed), initial=0))  # single numbers are read faster than by numpy
        self._packed = b"".join(packed)

    def __len__(self) -> int:
        return len(self._written)

    def __getitem__(self, place: int) -> Phrasing:
        packed = self._packed[self._ends[place] : self._ends[place + 1]]
        folded, ordered, *terms = packed.decode("utf-8", "surrogatepass").split("\n")
        return Phrasing(self._written[place], folded, ordered, terms)


@dataclass(frozen=True, slots=True)
class _Change:
    """What an index adds to its base: an entry's further phrasings, or all of an entry that is not as the base has
    it."""

    document: Document
    phrasings: tuple[str, ...]
    is_anew: bool


@dataclass(frozen=True, slots=True)
class _Sums:
    """The questions of each entry taken together: weighed features, vectors, and how many they are."""

    pieces: Matrix
    terms: Matrix
    vectors: Floats
    sizes: Places

    def picked(self, rows: Ints, count: int) -> "_Sums":
        """Give row i the number `rows[i]`, of `count`; a row whose number is below 0 is left out."""
        vectors, sizes = np.zeros((count, self.vectors.shape[1]), np.float32), np.zeros(count, np.int64)
        kept = rows >= 0
        vectors[rows[kept]], sizes[rows[kept]] = self.vectors[kept], self.sizes[kept]
        return _Sums(self.pieces.renumbered(rows, count), self.terms.renumbered(rows, count), vectors, sizes)

    def __add__(self, other: "_Sums") -> "_Sums":
        return _Sums(
            joined(self.pieces, other.pieces),
            joined(self.terms, other.terms),
            self.vectors + other.vectors,
            self.sizes + other.sizes,
        )


class Index:
    """Everything that scoring needs. Built once for a view, read only afterwards, so threads may share it.

    `documents` are all that is answered, or known not to be; what of them `base` holds is taken from there. A phrasing,
    and what an entry's phrasings are together, is a row of the scores: those of the base come first.
    """

    def __init__(
        self,
        documents: Iterable[Document],
        lexicon: Lexicon,
        vectors: WordVectors,
        weights: Weights | None = None,
        base: "Index | None" = None,
    ) -> None:
        self._base = base
        self.lexicon, self.vectors, self.weights = lexicon, vectors, weights or Weights()
        self.documents = {document.id: document for document in documents if document.phrasings}
        self.entries: list[str] = [*dict.fromkeys((*(base.entries if base else ()), *self.documents))]
        outside = (document for document in self.documents.values() if document.id.startswith(OUTSIDE))
        self.guarded = sum(len(document.phrasings) for document in outside) >= GUARDING
        changes = [change for document in self.documents.values() if (change := _changed(document, base))]
        asked = read_texts([phrasing for change in changes for phrasing in change.phrasings])
        terms = [count_terms(text, lexicon) for text in asked.tokens]
        self._own = _Phrasings(asked, terms)
        self._first: int = base.rows if base else 0
        self.rows: int = self._first + len(self._own) + len(changes)
        self.space: Space = Space(base.space if base else None)
        self._count(asked, terms, changes)
        self._lay_out(changes)
        self._gather_terms(terms, changes)
        plain = [term for term in self.space.own_terms if not term.startswith(MEANING)]
        of_lexicon = () if base else (term for term in lexicon.terms if " " not in term)
        words_here = by_letter_and_length({*plain, *of_lexicon})
        self._alike: tuple[WordsByLetter, ...] = (*(base._alike if base else ()), words_here)
        self._about_as_long: dict[tuple[str, int], list[str]] = {}
        self._pieces_of: dict[str, tuple[list[int], list[str]]] = {}

    @property
    def base(self) -> "Index | None":
        """The index that this one stands on."""
        return self._base

    def phrasing(self, row: int) -> Phrasing:
        """Return the phrasing of a row."""
        if self._base and row < self._first:
            return self._base.phrasing(row)
        return self._own[row - self._first]

    def score(self, query: Mapping[int, float], vector: Vector) -> tuple[Scores, Scores]:
        """Return what speaks for each row by letters and words, and for each entry by its meaning, too."""
        scores = score(query, self.postings, self.rows)
        return scores, scores.take(self.entry_rows) + self.entry_vectors @ vector

    def meanings(self, rows: Places, vector: Vector) -> Scores:
        """Return what speaks for each of the phrasings `rows` by its meaning."""
        if self._base is None:
            vectors = self._vectors.take(rows, axis=0).astype(np.float32)
            return np.asarray((vectors @ vector) * self._scales.take(rows), np.float64)
        is_own = rows >= self._first
        found = self._base.meanings(np.where(is_own, 0, rows), vector)
        for place in np.flatnonzero(is_own).tolist():
            own = int(rows[place]) - self._first
            found[place] = (self._vectors[own].astype(np.float32) @ vector) * self._scales[own]
        return found

    def phrasing_vectors(self, rows: Places) -> Floats:
        """Return the vectors whose product with that of a question is what speaks for phrasings by their meaning."""
        found, is_own = np.empty((len(rows), self.vectors.size), np.float32), rows >= self._first
        if self._base:
            found[~is_own] = self._base.phrasing_vectors(rows[~is_own])
        own = rows[is_own] - self._first
        found[is_own] = self._vectors[own] * self._scales[own, None]
        return found

    def words_like(self, word: str) -> Sequence[str]:
        """Return the known words that begin as `word` does and are about as long: those it may be misspelt for."""
        key = word[0], len(word)
        if key not in self._about_as_long:
            lengths = range(max(len(word) - LETTERS_APART, 1), len(word) + LETTERS_APART + 1)
            found = [one for length in lengths for group in self._alike for one in group.get((word[0], length), ())]
            if not found:
                return ()  # not remembered: of letters and lengths that no word has there is no end
            self._about_as_long[key] = found
        return self._about_as_long[key]

    def pieces_of(self, word: str) -> list[int]:
        """Return the numbers of the known pieces of a folded word, one for each time it stands in it."""
        found, unknown = self._known_pieces(word)
        own = self.space.own_pieces
        return [*found, *(own[piece] for piece in unknown if piece in own)] if self._base and unknown else found

    def _known_pieces(self, word: str) -> tuple[list[int], list[str]]:
        """Return the numbers of those pieces that the innermost base knows, and the others; remembered there."""
        if self._base:
            return self._base._known_pieces(word)
        if word not in self._pieces_of:
            if len(self._pieces_of) >= REMEMBERED:
                self._pieces_of.clear()
            known_here = self.space.own_pieces.get
            numbers = [(piece, known_here(piece)) for piece in pieces(word)]
            known = [number for _, number in numbers if number is not None]
            self._pieces_of[word] = known, [piece for piece, number in numbers if number is None]
        return self._pieces_of[word]

    def _count(self, asked: Texts, terms: Sequence[Mapping[str, float]], changes: Sequence[_Change]) -> None:
        """Count, weigh and post the features of what is added."""
        base, space = self._base, self.space
        of_pieces = count_pieces(asked, space.add_pieces, self.lexicon)
        of_terms = count_all_terms(terms, space.add_terms)
        space.learn((of_pieces, of_terms), len(terms))
        of_pieces, of_terms = (space.weighed(part).unit() for part in (of_pieces, of_terms))
        vectors = meanings(asked, self.vectors, self.lexicon)
        self._keep_meanings(vectors)
        sums = self._summed(of_pieces, of_terms, vectors, changes)
        by_phrasing = [of_pieces.scaled(self.weights.piece_phrasing), of_terms.scaled(self.weights.word_phrasing)]
        by_entry = self._of_entries(sums, [change.document.text for change in changes])
        features = len(space)
        if base is None:
            self._sums = replace(sums, pieces=sums.pieces.narrowed(), terms=sums.terms.narrowed())
        self._telling: tuple[Mask, Mask] = base._telling if base else _told(by_phrasing, by_entry, features)
        rows = [
            [_only(part, is_telling) for part in parts]
            for parts, is_telling in zip((by_phrasing, by_entry), self._telling, strict=True)
        ]
        self.postings: tuple[Postings, ...] = (*(base.postings if base else ()), postings(rows, features, self._first))
        lengths = np.linalg.norm(sums.vectors, axis=1, keepdims=True)
        self._entry_vectors = sums.vectors / np.maximum(lengths, 1e-9) * np.float32(self.weights.vector_entry)

    def _summed(self, of_pieces: Matrix, of_terms: Matrix, vectors: Floats, changes: Sequence[_Change]) -> _Sums:
        """Take the phrasings of each changed entry together, with those that the base has of it."""
        count, sizes = len(changes), np.array([len(change.phrasings) for change in changes], np.int64)
        owner = np.repeat(np.arange(count, dtype=np.int32), sizes)
        ends = np.cumsum(sizes)
        of_vectors = np.zeros((count, self.vectors.size), np.float32)
        for place, (start, end) in enumerate(zip((ends - sizes).tolist(), ends.tolist(), strict=True)):
            of_vectors[place] = vectors[start:end].sum(axis=0)
        own = _Sums(of_pieces.summed(owner, count), of_terms.summed(owner, count), of_vectors, sizes)
        if self._base is None:
            return own
        numbers = {change.document.id: number for number, change in enumerate(changes) if not change.is_anew}
        if not numbers:
            return own
        rows = np.array([numbers.get(entry, -1) for entry in self._base.entries], np.int32)
        return own + self._base._sums.picked(rows, count)

    def _of_entries(self, sums: _Sums, answers: Sequence[str]) -> list[Matrix]:
        of_answers = self.space.weighed(count_pieces(read_texts(answers), self.space.known_pieces, self.lexicon)).unit()
        sizes = np.maximum(sums.sizes, 1)
        few = np.minimum(1, (FEW / sizes) ** 0.5).astype(np.float32)
        return [
            sums.pieces.unit().scaled(few * np.float32(self.weights.piece_entry)),
            sums.terms.unit().scaled(self.weights.word_entry),
            of_answers.scaled((self.weights.answer / sizes**0.7).astype(np.float32)),
        ]

    def _keep_meanings(self, vectors: Floats) -> None:
        most = np.maximum(np.abs(vectors).max(axis=1), 1e-9) if len(vectors) else np.ones(0, np.float32)
        self._vectors = np.rint(vectors * (INT8 / most)[:, None]).astype(np.int8)
        self._scales = (most * np.float32(self.weights.vector_phrasing / INT8)).astype(np.float32)

    def _lay_out(self, changes: Sequence[_Change]) -> None:
        """Say which rows are the phrasings of each entry, and which is the entry's own."""
        base, number = self._base, {entry: place for place, entry in enumerate(self.entries)}
        self.places: list[Places] = [*base.places] if base else []
        self.places += [np.zeros(0, np.int64)] * (len(self.entries) - len(self.places))
        self.entry_rows = np.zeros(len(self.entries), np.int64)
        self.entry_vectors = np.zeros((len(self.entries), self.vectors.size), np.float32)
        if base:
            self.entry_rows[: len(base.entries)] = base.entry_rows
            self.entry_vectors[: len(base.entries)] = base.entry_vectors
        start, entry_row = self._first, self._first + len(self._own)
        for place, change in enumerate(changes):
            entry = number[change.document.id]
            own = np.arange(start, start + len(change.phrasings))
            self.places[entry] = own if change.is_anew else np.concatenate([self.places[entry], own])
            self.entry_rows[entry] = entry_row + place
            self.entry_vectors[entry] = self._entry_vectors[place]
            start += len(own)
        self.sizes = np.array([len(places) for places in self.places], np.int64)
        self.given = np.array([number[entry] for entry in self.documents], np.int64)

    def _gather_terms(self, terms: Sequence[Mapping[str, float]], changes: Sequence[_Change]) -> None:
        """Collect the words and meanings in the questions of each entry, and of all that is answered."""
        base = self._base
        known = dict(zip(base.entries, base.entry_terms, strict=True)) if base else {}
        inside: set[str] = set()
        start = 0
        for change in changes:
            own: frozenset[str] = frozenset().union(*terms[start : start + len(change.phrasings)])
            start += len(change.phrasings)
            known[change.document.id] = (own,) if change.is_anew else (*known[change.document.id], own)
            if not change.document.id.startswith(OUTSIDE):
                inside |= own
        self.entry_terms: list[tuple[AbstractSet[str], ...]] = [known[entry] for entry in self.entries]
        self.inside_terms: tuple[AbstractSet[str], ...] = (*(base.inside_terms if base else ()), frozenset(inside))


def _changed(document: Document, base: Index | None) -> _Change | None:
    known = base.documents.get(document.id) if base else None
    shared = set(known.phrasings) if known else set()
    if known is document or known == document:
        return None
    if known is None or not shared.issubset(document.phrasings):
        return _Change(document, document.phrasings, is_anew=True)
    added = tuple(phrasing for phrasing in document.phrasings if phrasing not in shared)
    return _Change(document, added, is_anew=False) if added or document.text != known.text else None


def _told(by_phrasing: Sequence[Matrix], by_entry: Sequence[Matrix], features: int) -> tuple[Mask, Mask]:
    """Return which features tell something of a phrasing, and which of an entry."""
    is_large = by_phrasing[0].count > MANY
    return (
        telling(by_phrasing, features, COMMON if is_large else 1.0),
        telling(by_entry, features, COMMON_OF_ENTRIES if is_large else 1.0),
    )


def _only(part: Matrix, is_telling: Mask) -> Matrix:
    """Leave out the features that are known to tell next to nothing; new ones are not."""
    known = len(is_telling)
    return part.picked((part.features >= known) | is_telling[np.minimum(part.features, known - 1)]) if known else part
