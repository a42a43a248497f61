"""Make the word vectors: what a sentence model says of words and sentences, distilled into one small table of words.

Each word begins as the model's own vector of it, reduced to its main axes and weighted by rarity (a = 1e-4 / (1e-4 +
share of all words), after Arora, Liang and Ma 2017). The vectors are then adjusted until the sum of a sentence's words
points where the model's vector of the whole sentence points, on public utterances and on the knowledge itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.text import words

Matrix = NDArray[np.float32]
Encoder = Callable[[Sequence[str]], Matrix]
SIZE, SKIPPED = 128, 2  # numbers a word; leading axes left out, which tell words apart by frequency only
COMMON_SHARE = 1e-4
ROUNDS, BATCH, STEP, SLOWER, BACK = 12, 512, 0.01, 0.8, 0.02
FIRST_MOMENT, SECOND_MOMENT = 0.9, 0.999
SAMPLED = 8_000


@dataclass(frozen=True, slots=True)
class Table:
    """What `word_vectors.npz` holds: words joined by line ends, rows of int8, and a weight for each word."""

    words: NDArray[np.uint8]
    rows: NDArray[np.int8]
    weights: Matrix


def distil(shares: Mapping[str, float], spelt: Mapping[str, str], sentences: Sequence[str], encode: Encoder) -> Table:
    """Distil a table for the folded words of `shares` (word → share of all words in use, 0–1).

    `spelt` gives each folded word as it is written; `encode` turns texts into the model's vectors, one row each.
    """
    names = list(shares)
    of_words = _centred(encode([spelt[name] for name in names]))
    of_sentences = _centred(_unit(encode(sentences)))
    axes = _axes(of_sentences, of_words)
    rarity = np.array([COMMON_SHARE / (COMMON_SHARE + shares[name]) for name in names], np.float32)
    start = _unit(of_words @ axes) * rarity[:, None]
    numbers, starts = _numbered(names, sentences)
    learnt = _adjusted(start, numbers, starts, _unit(of_sentences @ axes))
    return _packed(names, learnt)


def _axes(of_sentences: Matrix, of_words: Matrix) -> Matrix:
    chosen = np.random.default_rng(0).permutation(len(of_sentences))[:SAMPLED]
    together = np.vstack([of_sentences[chosen], of_words[:SAMPLED]])
    return np.linalg.svd(together, full_matrices=False)[2][SKIPPED : SKIPPED + SIZE].T.astype(np.float32)


def _numbered(names: Sequence[str], sentences: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lay the known words of all sentences one after another; `starts` has one more than there are sentences."""
    number = {name: place for place, name in enumerate(names)}
    found = [[number[word] for word in words(sentence) if word in number] for sentence in sentences]
    flat = np.array([place for one in found for place in one], np.int64)
    return flat, np.cumsum([0, *(len(one) for one in found)])


def _adjusted(start: Matrix, numbers: NDArray[np.int64], starts: NDArray[np.int64], goal: Matrix) -> Matrix:
    """Turn the sums of words towards `goal` by Adam on the cosine, pulled a little back to where they began each
    round."""
    vectors = start.copy()
    first, second = np.zeros_like(vectors), np.zeros_like(vectors)
    usable = np.flatnonzero(np.diff(starts) > 0)
    draw, done, step = np.random.default_rng(0), 0, STEP
    for _ in range(ROUNDS):
        order = draw.permutation(usable)
        for begin in range(0, len(order), BATCH):
            touched, slope = _slope(vectors, numbers, starts, goal, order[begin : begin + BATCH])
            done += 1
            first *= FIRST_MOMENT
            second *= SECOND_MOMENT
            first[touched] += (1 - FIRST_MOMENT) * slope
            second[touched] += (1 - SECOND_MOMENT) * slope**2
            mean = first[touched] / (1 - FIRST_MOMENT**done)
            spread = np.sqrt(second[touched] / (1 - SECOND_MOMENT**done)) + 1e-8
            vectors[touched] -= (step * mean / spread).astype(np.float32)
        step *= SLOWER
        vectors = start + (vectors - start) * np.float32(1 - BACK)
    return vectors


def _slope(
    vectors: Matrix, numbers: NDArray[np.int64], starts: NDArray[np.int64], goal: Matrix, batch: NDArray[np.int64]
) -> tuple[NDArray[np.int64], Matrix]:
    """Return the words of a batch of sentences and the slope of the mean cosine loss at each."""
    spans = [numbers[starts[one] : starts[one + 1]] for one in batch.tolist()]
    flat, sizes = np.concatenate(spans), np.array([len(span) for span in spans])
    sums = np.add.reduceat(vectors[flat], np.cumsum(sizes) - sizes)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True) + 1e-6
    pointing, wanted = sums / lengths, goal[batch]
    cosine = (pointing * wanted).sum(1, keepdims=True)
    of_sentence = -(wanted - pointing * cosine) / lengths / len(batch)
    touched, places = np.unique(flat, return_inverse=True)
    order = np.argsort(places, kind="stable")
    spread = np.repeat(of_sentence, sizes, axis=0)[order]
    return touched, np.add.reduceat(spread, np.flatnonzero(np.diff(places[order], prepend=-1))).astype(np.float32)


def _packed(names: Sequence[str], vectors: Matrix) -> Table:
    lengths = np.linalg.norm(vectors, axis=1)
    rows = _unit(vectors)
    whole = np.round(rows / np.abs(rows).max() * 127).astype(np.int8)
    return Table(np.frombuffer("\n".join(names).encode(), np.uint8), whole, lengths.astype(np.float32))


def _centred(rows: Matrix) -> Matrix:
    return np.asarray(rows - rows.mean(0), np.float32)


def _unit(rows: Matrix) -> Matrix:
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9), np.float32)
