"""The index of one knowledge view: every stored question and every entry as weighted features, ready to be scored."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bot.matching.features import Space, pieces
from bot.matching.sparse import Floats, matrix, postings
from bot.matching.vectors import WordVectors
from bot.matching.vocabulary import Lexicon
from bot.text import words

MEANING = "§"
MANY = 5_000  # phrasings, from which on pieces found in a larger share than COMMON are not scored: they tell next to nothing
COMMON = 0.15


@dataclass(frozen=True, slots=True)
class Document:
    """One entry as matching sees it: what is asked, and the answer as a weak field."""

    id: str
    phrasings: tuple[str, ...]
    text: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each channel counts in the sum; fitted on public question sets and on the tuning questions."""

    piece_phrasing: float = 2.1
    piece_entry: float = 7.8
    word_phrasing: float = 2.4
    word_entry: float = 4.0
    vector_phrasing: float = 2.0
    vector_entry: float = 2.0
    answer: float = 4.0
    ratio: float = 2.6
    sorted_ratio: float = 3.1
    coverage: float = 0.8


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as features: counts of pieces, of words with meanings, and its vector."""

    words: tuple[str, ...]
    pieces: Mapping[str, float]
    terms: Mapping[str, float]
    vector: Floats


def read(tokens: Sequence[str], lexicon: Lexicon, vectors: WordVectors) -> Reading:
    """Count what the folded words `tokens` are made of; words that only frame a question count little."""
    found_pieces: Counter[str] = Counter()
    terms: dict[str, float] = defaultdict(float)
    weights = [lexicon.weight(word) for word in tokens]
    for word, weight in zip(tokens, weights, strict=True):
        terms[word] += weight
        for piece in pieces(word):
            found_pieces[piece] += weight  # type: ignore[assignment]
    for meaning, weight in lexicon.meanings(tokens).items():
        terms[MEANING + meaning] = weight
    return Reading(tuple(tokens), found_pieces, terms, vectors.phrase(tokens, weights))


class Index:
    """Everything that scoring needs. Built once for a view, read only afterwards, so threads may share it."""

    def __init__(
        self, documents: Iterable[Document], lexicon: Lexicon, vectors: WordVectors, weights: Weights | None = None
    ) -> None:
        documents = [document for document in documents if document.phrasings]
        self.lexicon, self.vectors, self.weights = lexicon, vectors, weights or Weights()
        self.entries = [document.id for document in documents]
        self.texts = {document.id: document.text for document in documents}
        self.phrasings = [phrasing for document in documents for phrasing in document.phrasings]
        sizes = [len(document.phrasings) for document in documents]
        self.owner = np.repeat(np.arange(len(documents), dtype=np.int32), sizes)
        self.starts = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0, np.int64)
        readings = [read(words(phrasing), lexicon, vectors) for phrasing in self.phrasings]
        self.folded = [" ".join(reading.words) for reading in readings]
        self.sorted = [" ".join(sorted(reading.words)) for reading in readings]
        self.terms = [frozenset(reading.terms) for reading in readings]
        self.piece_space = Space([reading.pieces for reading in readings])
        self.term_space = Space([reading.terms for reading in readings])
        self._post(readings, [read(words(document.text), lexicon, vectors) for document in documents], sizes)
        self._stack_vectors(readings)
        self.alike = by_letter_and_length({*self._plain_terms(), *self._lexicon_words()})

    def _post(self, readings: Sequence[Reading], answers: Sequence[Reading], sizes: Sequence[int]) -> None:
        spread, count, weights = len(self.piece_space), len(self.entries), self.weights
        of_pieces = matrix([self.piece_space.weigh(reading.pieces) for reading in readings]).unit()
        of_terms = matrix([self.term_space.weigh(reading.terms) for reading in readings]).unit().shifted(spread)
        of_answers = matrix([self.piece_space.weigh(answer.pieces) for answer in answers]).unit()
        few = (weights.answer / np.maximum(sizes, 1).astype(np.float32) ** 0.7).astype(np.float32)
        features = spread + len(self.term_space)
        commonest = COMMON if len(readings) > MANY else 1.0
        by_phrasing = [of_pieces.scaled(weights.piece_phrasing), of_terms.scaled(weights.word_phrasing)]
        by_entry = [
            of_pieces.summed(self.owner, count).unit().scaled(weights.piece_entry),
            of_terms.summed(self.owner, count).unit().scaled(weights.word_entry),
            of_answers.scaled(few),
        ]
        self.by_phrasing = postings(by_phrasing, features, commonest)
        self.by_entry = postings(by_entry, features, commonest)

    def _stack_vectors(self, readings: Sequence[Reading]) -> None:
        size = self.vectors.size
        stacked = np.array([reading.vector for reading in readings], np.float32).reshape(-1, size)
        summed = np.add.reduceat(stacked, self.starts) if len(stacked) else stacked
        lengths = np.linalg.norm(summed, axis=1, keepdims=True)
        self.phrasing_vectors = stacked * np.float32(self.weights.vector_phrasing)
        self.entry_vectors = summed / np.maximum(lengths, 1e-9) * np.float32(self.weights.vector_entry)

    def _plain_terms(self) -> Iterable[str]:
        return (term for term in self.term_space.number if not term.startswith(MEANING))

    def _lexicon_words(self) -> Iterable[str]:
        return (term for term in self.lexicon.terms if " " not in term)


def by_letter_and_length(found: Iterable[str]) -> dict[tuple[str, int], list[str]]:
    """Group words by first letter and length, so that an unknown word is compared with few."""
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word in sorted(found):
        if word:
            groups[word[0], len(word)].append(word)
    return groups
