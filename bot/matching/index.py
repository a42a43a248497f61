"""The index of one knowledge view: every stored question and every entry as weighted features, ready to be scored."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

import numpy as np

from bot.matching.features import Space, pieces
from bot.matching.sparse import Floats, Ints, Matrix, grouped, matrix, postings, telling
from bot.matching.vectors import WordVectors
from bot.matching.vocabulary import Lexicon
from bot.text import words

MEANING = "§"
OUTSIDE = "outside/"  # begins the name of what is known but not answered; no entry has such an id
GUARDING = 500  # questions on what is not answered, from which on they tell how much like a question any text can look
REMEMBERED = 20_000  # words
MANY = 5_000  # phrasings, from which on pieces in a larger share than these are not scored: they tell next to nothing
COMMON, COMMON_OF_ENTRIES = 0.01, 0.5
INT8 = 127  # vectors of phrasings are kept in a byte a number: what is read from memory decides how fast they are
FEW = 10  # questions, up to which the letters of an entry's questions together say what it is about


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


@dataclass(frozen=True, slots=True)
class Texts:
    """Many texts as word numbers, one after another: `starts[i]` is where text i begins."""

    tokens: Sequence[Sequence[str]]
    numbers: Ints
    rows: Ints
    words: Sequence[str]

    @property
    def starts(self) -> Ints:
        """Where each text begins in `numbers`."""
        return np.cumsum([0, *(len(text) for text in self.tokens)]).astype(np.int32)[:-1]


@dataclass(slots=True)
class _WordPieces:
    """The letter groups of each word, numbered as they come."""

    number: defaultdict[str, int] = field(default_factory=lambda: defaultdict(count().__next__))
    of_word: dict[str, list[int]] = field(default_factory=dict)

    def __call__(self, word: str) -> list[int]:
        if word not in self.of_word:
            self.of_word[word] = [self.number[piece] for piece in pieces(word)]
        return self.of_word[word]


class Index:
    """Everything that scoring needs. Built once for a view, read only afterwards, so threads may share it."""

    def __init__(
        self, documents: Iterable[Document], lexicon: Lexicon, vectors: WordVectors, weights: Weights | None = None
    ) -> None:
        documents = [document for document in documents if document.phrasings]
        self.lexicon, self.vectors, self.weights = lexicon, vectors, weights or Weights()
        self.entries = [document.id for document in documents]
        outside = (document for document in documents if document.id.startswith(OUTSIDE))
        self.guarded = sum(len(document.phrasings) for document in outside) >= GUARDING
        self.texts = {document.id: document.text for document in documents}
        self.phrasings = [phrasing for document in documents for phrasing in document.phrasings]
        sizes = [len(document.phrasings) for document in documents]
        self.owner = np.repeat(np.arange(len(documents), dtype=np.int32), sizes)
        self.starts = np.cumsum([0, *sizes[:-1]]) if sizes else np.zeros(0, np.int64)
        self.sizes = np.array(sizes, np.int64)
        self.places = np.split(np.arange(len(self.phrasings)), self.starts[1:])
        asked = _read_texts(self.phrasings)
        answers = _read_texts([document.text for document in documents])
        self.folded = [" ".join(text) for text in asked.tokens]
        self.sorted = [" ".join(sorted(text)) for text in asked.tokens]
        terms = [count_terms(text, lexicon) for text in asked.tokens]
        self.terms = [frozenset(text) for text in terms]
        self.entry_terms = [
            frozenset().union(*self.terms[start : start + size]) for start, size in zip(self.starts, sizes, strict=True)
        ]
        inside = (
            terms for entry, terms in zip(self.entries, self.entry_terms, strict=True) if not entry.startswith(OUTSIDE)
        )
        self.inside_terms = frozenset().union(*inside)
        self._post(asked, answers, terms, np.array(sizes, np.float32))
        self._stack_vectors(asked)
        self._pieces_of: dict[str, Sequence[int]] = {}
        self.alike = by_letter_and_length({*self._plain_terms(), *self._lexicon_words()})

    def _post(self, asked: Texts, answers: Texts, terms: Sequence[Mapping[str, float]], sizes: Floats) -> None:
        entries, weights = len(self.entries), self.weights
        word_pieces = _WordPieces()
        of_pieces = _piece_matrix(asked, word_pieces, self.lexicon)
        self.piece_space = Space(word_pieces.number, np.bincount(of_pieces.features), len(asked.tokens))
        known = len(word_pieces.number)
        of_answers = _piece_matrix(answers, word_pieces, self.lexicon).below(known)
        self.term_space = Space.of(terms)
        of_pieces, of_answers = (self.piece_space.weighed(part).unit() for part in (of_pieces, of_answers))
        of_terms = self.term_space.weighed(matrix(self.term_space.numbered(terms))).unit().shifted(known)
        few = np.minimum(1, (FEW / np.maximum(sizes, 1)) ** 0.5).astype(np.float32)
        by_phrasing = [of_pieces.scaled(weights.piece_phrasing), of_terms.scaled(weights.word_phrasing)]
        by_entry = [
            of_pieces.summed(self.owner, entries).unit().scaled(few * np.float32(weights.piece_entry)),
            of_terms.summed(self.owner, entries).unit().scaled(weights.word_entry),
            of_answers.scaled((weights.answer / np.maximum(sizes, 1) ** 0.7).astype(np.float32)),
        ]
        features = known + len(self.term_space)
        if len(asked.tokens) > MANY:
            by_phrasing = telling(by_phrasing, features, COMMON)
            by_entry = telling(by_entry, features, COMMON_OF_ENTRIES)
        self.postings = postings([by_phrasing, by_entry], features)

    def _stack_vectors(self, asked: Texts) -> None:
        size = self.vectors.size
        of_words = np.zeros((len(asked.words), size), np.float32)
        for number, word in enumerate(asked.words):
            vector = self.vectors.word(word)
            if vector is not None:
                of_words[number] = vector * np.float32(self.lexicon.weight(word))
        stacked = _summed(of_words, asked)
        stacked /= np.maximum(np.linalg.norm(stacked, axis=1, keepdims=True), 1e-9)
        summed = grouped(stacked, self.starts)
        lengths = np.linalg.norm(summed, axis=1, keepdims=True)
        most = np.maximum(np.abs(stacked).max(axis=1), 1e-9)
        self.phrasing_vectors = np.rint(stacked * (INT8 / most)[:, None]).astype(np.int8)
        self.phrasing_scales = (most * np.float32(self.weights.vector_phrasing / INT8)).astype(np.float32)
        self.entry_vectors = summed / np.maximum(lengths, 1e-9) * np.float32(self.weights.vector_entry)

    def pieces_of(self, word: str) -> Sequence[int]:
        """Return the numbers of the known pieces of a folded word, one for each time it stands in it."""
        if word not in self._pieces_of:
            if len(self._pieces_of) >= REMEMBERED:
                self._pieces_of.clear()
            number = self.piece_space.number
            self._pieces_of[word] = [number[piece] for piece in pieces(word) if piece in number]
        return self._pieces_of[word]

    def _plain_terms(self) -> Iterable[str]:
        return (term for term in self.term_space.number if not term.startswith(MEANING))

    def _lexicon_words(self) -> Iterable[str]:
        return (term for term in self.lexicon.terms if " " not in term)


def count_terms(tokens: Sequence[str], lexicon: Lexicon) -> dict[str, float]:
    """Count the folded words `tokens` and the meanings they name; words that only frame a question count little."""
    terms: dict[str, float] = {}
    for word in tokens:
        terms[word] = terms.get(word, 0.0) + lexicon.weight(word)
    for meaning, weight in lexicon.meanings(tokens).items():
        terms[MEANING + meaning] = weight
    return terms


def _read_texts(texts: Sequence[str]) -> Texts:
    tokens = [words(text) for text in texts]
    number: dict[str, int] = {}
    numbers = [number.setdefault(word, len(number)) for text in tokens for word in text]
    rows = np.repeat(np.arange(len(tokens), dtype=np.int32), [len(text) for text in tokens])
    return Texts(tokens, np.array(numbers, np.int32), rows, list(number))


def _summed(of_words: Floats, texts: Texts) -> Floats:
    """Add up the rows of each text's words, first words first: to lay out all words at once would fill the memory."""
    sizes = np.array([len(text) for text in texts.tokens], np.int64)
    starts = texts.starts
    sums = np.zeros((len(sizes), of_words.shape[1]), np.float32)
    for place in range(sizes.max(initial=0)):
        longer = np.flatnonzero(sizes > place)
        sums[longer] += of_words[texts.numbers[starts[longer] + place]]
    return sums


def _piece_matrix(texts: Texts, word_pieces: _WordPieces, lexicon: Lexicon) -> Matrix:
    """Count the letter groups of every text: each word's are found once and laid out for all its places."""
    of_words = [word_pieces(word) for word in texts.words]
    sizes = np.array([len(found) for found in of_words], np.int64)
    begins = np.cumsum(sizes) - sizes
    weights = np.array([lexicon.weight(word) for word in texts.words], np.float32)
    repeats = sizes[texts.numbers]
    ends = np.cumsum(repeats)
    places = (
        np.arange(int(repeats.sum())) - np.repeat(ends - repeats, repeats) + np.repeat(begins[texts.numbers], repeats)
    )
    every = np.fromiter(chain.from_iterable(of_words), np.int32, int(sizes.sum()))
    rows = np.repeat(texts.rows, repeats)
    return Matrix(rows, every[places], np.repeat(weights[texts.numbers], repeats), len(texts.tokens)).merged()


def by_letter_and_length(found: Iterable[str]) -> dict[tuple[str, int], list[str]]:
    """Group words by first letter and length, so that an unknown word is compared with few."""
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for word in sorted(found):
        if word:
            groups[word[0], len(word)].append(word)
    return groups
