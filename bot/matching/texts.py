"""Many texts at once: their words laid out one after another, the letter groups and the meaning of each."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from bot.matching.features import pieces
from bot.matching.sparse import Floats, Ints, Matrix, matrix
from bot.matching.vectors import WordVectors
from bot.matching.vocabulary import Lexicon
from bot.text import words

MEANING = "§"


@dataclass(frozen=True, slots=True)
class Texts:
    """Many texts as word numbers, one after another: those of text i stand in the places where `rows` is i."""

    written: Sequence[str]
    tokens: Sequence[Sequence[str]]
    numbers: Ints
    rows: Ints
    words: Sequence[str]


def read_texts(texts: Sequence[str]) -> Texts:
    """Split and number the words of `texts`."""
    same: dict[str, str] = {}  # each word is kept once, however often it stands
    tokens = [[same.setdefault(word, word) for word in words(text)] for text in texts]
    number: dict[str, int] = {}
    numbers = [number.setdefault(word, len(number)) for text in tokens for word in text]
    rows = np.repeat(np.arange(len(tokens), dtype=np.int32), [len(text) for text in tokens])
    return Texts(texts, tokens, np.array(numbers, np.int32), rows, list(number))


def count_terms(tokens: Sequence[str], lexicon: Lexicon) -> dict[str, float]:
    """Count the folded words `tokens` and the meanings they name; words that only frame a question count little."""
    terms: dict[str, float] = {}
    for word in tokens:
        terms[word] = terms.get(word, 0.0) + lexicon.weight(word)
    for meaning, weight in lexicon.meanings(tokens).items():
        terms[MEANING + meaning] = weight
    return terms


def count_pieces(texts: Texts, number: Callable[[Sequence[str]], Sequence[int]], lexicon: Lexicon) -> Matrix:
    """Count the letter groups of every text: each word's are found once and laid out for all its places.

    `number` gives each of many groups its number; a group whose number is below 0 is left out.
    """
    of_words = [pieces(word) for word in texts.words]
    found = np.array(number(list(chain.from_iterable(of_words))), np.int32)
    is_known = found >= 0
    owner = np.repeat(np.arange(len(of_words)), [len(groups) for groups in of_words])[is_known]
    sizes = np.bincount(owner, minlength=len(of_words))
    begins = np.cumsum(sizes) - sizes
    weights = np.array([lexicon.weight(word) for word in texts.words], np.float32)
    repeats = sizes.take(texts.numbers)
    # where the groups of each word in each text begin, less the groups before it; then the place of each
    places = np.repeat((begins.take(texts.numbers) - np.cumsum(repeats) + repeats).astype(np.int32), repeats)
    places += np.arange(len(places), dtype=np.int32)
    rows = np.repeat(texts.rows, repeats)
    counts = np.repeat(weights.take(texts.numbers), repeats)
    return Matrix(rows, found[is_known].take(places), counts, len(texts.tokens)).merged()


def count_all_terms(texts: Sequence[Mapping[str, float]], number: Callable[[Sequence[str]], Sequence[int]]) -> Matrix:
    """Lay out what `count_terms` counted in each of many texts."""
    sizes = [len(text) for text in texts]
    counts = chain.from_iterable(text.values() for text in texts)
    return matrix(sizes, number(list(chain.from_iterable(texts))), counts).merged()


def meanings(texts: Texts, vectors: WordVectors, lexicon: Lexicon) -> Floats:
    """Return the unit vector of every text: the weighted sum of its words; zeros where no word is known."""
    weights = np.array([lexicon.weight(word) for word in texts.words], np.float32)
    of_words = vectors.look_up_all(texts.words) * weights[:, None]
    sums = _summed(of_words, texts)
    sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)
    return sums


def _summed(of_words: Floats, texts: Texts) -> Floats:
    """Add up the rows of each text's words, first words first: to lay out all words at once would fill the memory."""
    sizes = np.array([len(text) for text in texts.tokens], np.int64)
    starts = np.cumsum(sizes) - sizes
    sums = np.zeros((len(sizes), of_words.shape[1]), np.float32)
    for place in range(sizes.max(initial=0)):
        longer = np.flatnonzero(sizes > place)
        sums[longer] += of_words[texts.numbers[starts[longer] + place]]
    return sums


def by_letter_and_length(found: Iterable[str]) -> dict[tuple[str, int], list[str]]:
    """Group words by first letter and length, so that an unknown word is compared with few."""
    groups: dict[tuple[str, int], list[str]] = {}
    for word in sorted(found):
        if word:
            groups.setdefault((word[0], len(word)), []).append(word)
    return groups
