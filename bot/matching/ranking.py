"""Rank the entries of an index for one question."""

import math
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from bot.matching.index import Index, Phrasing, Places, Scores
from bot.matching.sparse import Floats
from bot.matching.texts import MEANING, count_terms
from bot.text import words

HOPEFUL_ENTRIES = 96  # best by all their questions together, whose phrasings are looked at one by one
HOPEFUL = 1000  # phrasings of those, best by letters, words and entry, whose own meaning is compared
ENTRIES = 12  # that take part with at least one phrasing
FINALISTS = 40  # phrasings that are compared letter by letter
NEAR_ENOUGH, NEAR_COUNT, NEAR_BEST = 0.82, 3, 0.6
INFLECTED = 0.88  # how near another form of a word that is spelt right must be
SHORTEST_GUESSED = 3  # letters
SURE_SPELLING = 0.9
UNKNOWN = 0.25  # what a wholly unknown word weighs, as a share of the rarest known one


@dataclass(frozen=True, slots=True)
class Reading:
    """A question as features: counts of pieces (by number), of words with meanings, and its vector."""

    words: tuple[str, ...]
    pieces: Mapping[int, float]
    terms: Mapping[str, float]
    vector: Floats


@dataclass(frozen=True, slots=True)
class Asked:
    """A question read against an index: features with weights, and how much of it nobody has ever asked. `shares`: what
    part of the question each term is (0–1); `names`: those terms."""

    reading: Reading
    unknown: tuple[str, ...]
    query: Mapping[int, float]
    terms: Mapping[str, float]
    unknown_share: float
    shares: Mapping[str, float]
    names: frozenset[str]


class Ranked(NamedTuple):
    """One entry in the ranking: its score, its nearest stored question, and what of the question that one covers (0–1).

    `by_entry` and `by_phrasing` are the parts of the score that its questions together, and the nearest alone, give.
    """

    entry: str
    score: float
    phrasing: Phrasing
    likeness: float
    coverage: float
    entry_coverage: float
    by_entry: float
    by_phrasing: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The entries worth considering, best first.

    `guarded`: whether the index knows enough of what is not answered. `familiar`: how much of the question, 0 to 1,
    stands in the questions of any entry that is.
    """

    asked: Asked
    found: tuple[Ranked, ...]
    guarded: bool
    familiar: float


def rank(index: Index, question: str) -> Ranking:
    """Return the best entries for `question`, at most as many as there are finalists.

    Arrays are asked with `take`, which is several times as fast as brackets.
    """
    asked = ask(index, words(question))
    if not len(index.given):
        return Ranking(asked, (), index.guarded, 0.0)
    pool = considered(index, asked)
    places = finalists(pool)
    rows = pool.rows.take(places).tolist()
    found = _reranked(index, asked, rows, pool.owners(places), pool.scores.take(places), pool.whole)
    return Ranking(asked, found, index.guarded, _covered(asked, index.inside_terms))


@dataclass(frozen=True, slots=True)
class Pool:
    """What is considered for a question: the best entries, the rows of their phrasings, and what speaks for each:
    `scores`, of which only the `hopeful` hold their own meaning; `whole`: for each entry of the index."""

    entries: Places
    sizes: Places
    rows: Places
    scores: Scores
    hopeful: Places
    whole: Scores

    def owners(self, places: Places) -> list[int]:
        """Return whose the rows in these places are."""
        owners: list[int] = np.repeat(self.entries, self.sizes).take(places).tolist()
        return owners


def considered(index: Index, asked: Asked) -> Pool:
    """Return what is looked at closely for a question, of an index that holds anything at all."""
    vector = asked.reading.vector
    by_row, whole = index.score(asked.query, vector)
    entries = index.given.take(_best(whole.take(index.given), HOPEFUL_ENTRIES))
    sizes = index.sizes.take(entries)
    rows = np.concatenate([index.places[entry] for entry in entries.tolist()])
    scores = by_row.take(rows) + np.repeat(whole.take(entries), sizes)
    hopeful = _best(scores, HOPEFUL)
    scores[hopeful] = scores.take(hopeful) + index.meanings(rows.take(hopeful), vector)
    return Pool(entries, sizes, rows, scores, hopeful, whole)


def finalists(pool: Pool) -> Places:
    """Return the places in the pool of the best phrasings, and of the best phrasing of each of the best entries."""
    likely = pool.hopeful.take(_best(pool.scores.take(pool.hopeful), FINALISTS))
    return np.array(sorted({*likely.tolist(), *_best_of_entries(pool.scores, pool.sizes)}))


def ask(index: Index, tokens: Sequence[str]) -> Asked:
    """Read a question given as folded words: known words as they are, unknown ones as the nearest known."""
    number = index.space.term
    near = {word: _near(index, word) for word in dict.fromkeys(tokens) if number(word) is None}
    spelt = [word if _is_word(index, word) else _spelt(word, near[word]) for word in tokens]
    reading = _read(index, tokens, spelt)
    terms: dict[str, float] = {}
    strange = 0.0
    for term, weight in reading.terms.items():
        if number(term) is not None:
            terms[term] = terms.get(term, 0.0) + weight
        elif not term.startswith(MEANING):
            strange += (weight * (1 - _spread(index, terms, weight, near.get(term, ())))) ** 2
    return _asked(index, reading, tuple(near), terms, strange)


def _read(index: Index, tokens: Sequence[str], spelt: Sequence[str]) -> Reading:
    """Count the pieces of the words as typed, and the words, meanings and vector of the words as they were meant."""
    counts: dict[int, float] = {}
    for word in tokens:
        weight = index.lexicon.weight(word)
        for piece in index.pieces_of(word):
            counts[piece] = counts.get(piece, 0.0) + weight
    vector = index.vectors.phrase(spelt, [index.lexicon.weight(word) for word in spelt])
    return Reading(tuple(tokens), counts, count_terms(spelt, index.lexicon), vector)


def _asked(
    index: Index, reading: Reading, unknown: tuple[str, ...], terms: Mapping[str, float], strange: float
) -> Asked:
    space = index.space
    numbers = {term: number for term in terms if (number := space.term(term)) is not None}
    of_terms = space.weigh({number: terms[term] for term, number in numbers.items()})
    of_pieces = space.weigh(reading.pieces)
    odd = strange * (UNKNOWN * space.rarest) ** 2
    length = _length(of_terms, odd)
    query = _unit(of_pieces, _length(of_pieces)) | _unit(of_terms, length)
    weights = {term: of_terms[number] / length for term, number in numbers.items()}
    shares = {term: weight * weight for term, weight in weights.items()}
    return Asked(reading, unknown, query, weights, odd / (length * length), shares, frozenset(shares))


def _is_word(index: Index, word: str) -> bool:
    """Whether `word` is spelt right: it is never taken for a misspelling of another."""
    return index.space.term(word) is not None or word in index.lexicon or word in index.vectors.ordinary


def _near(index: Index, word: str) -> tuple[tuple[str, float], ...]:
    """Return up to three known words spelt much like `word`, with how much each may stand for it (0–1)."""
    if len(word) < SHORTEST_GUESSED:
        return ()
    enough = INFLECTED if _is_word(index, word) else NEAR_ENOUGH
    found = process.extract(
        word, index.words_like(word), scorer=JaroWinkler.normalized_similarity, limit=NEAR_COUNT, score_cutoff=enough
    )
    return tuple((known, alike**3) for known, alike, _ in found if alike**3 >= NEAR_BEST * found[0][1] ** 3)


def _spelt(word: str, near: Sequence[tuple[str, float]]) -> str:
    return near[0][0] if near and near[0][1] >= SURE_SPELLING**3 else word


def _spread(index: Index, terms: dict[str, float], weight: float, near: Sequence[tuple[str, float]]) -> float:
    """Share an unknown word's weight among the known words near it; return how well the nearest stands for it."""
    for known, alike in near:
        if index.space.term(known) is not None:
            terms[known] = terms.get(known, 0.0) + weight * alike
    return max((alike for _, alike in near), default=0.0)


def _length(weights: Mapping[int, float], more: float = 0.0) -> float:
    return math.sqrt(sum(weight * weight for weight in weights.values()) + more) or 1.0


def _unit(weights: Mapping[int, float], length: float) -> dict[int, float]:
    return {feature: weight / length for feature, weight in weights.items()}


def _best(scores: Scores, count: int) -> Places:
    """Return the places of the best, in order; of equals the first, so that what is far off never decides between
    them."""
    if len(scores) <= count:
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - count)[len(scores) - count]
    is_best = scores > least
    equal = np.flatnonzero(scores == least)
    is_best[equal[: count - np.count_nonzero(is_best)]] = True
    return np.flatnonzero(is_best)


def _best_of_entries(scores: Scores, sizes: Places) -> list[int]:
    """Return the best phrasing of each of the best entries, so that one entry of many phrasings does not crowd them
    out. The scores of an entry's phrasings stand together; `sizes` says how many each has."""
    ends = np.cumsum(sizes)
    starts = ends - sizes
    entries = _best(np.maximum.reduceat(scores, starts), ENTRIES)
    spans = zip(starts[entries].tolist(), ends[entries].tolist(), strict=True)
    return [start + int(scores[start:end].argmax()) for start, end in spans]


def _reranked(
    index: Index, asked: Asked, rows: Sequence[int], owners: Sequence[int], scores: Scores, whole: Scores
) -> tuple[Ranked, ...]:
    """Compare the finalists letter by letter and word by word, and keep each entry's best phrasing."""
    weights = index.weights
    finalists = [index.phrasing(row) for row in rows]
    plain, by_word = _likenesses(asked, finalists)
    coverages = [_share(asked, phrasing.terms) for phrasing in finalists]
    letters = weights.ratio * plain + weights.sorted_ratio * by_word
    totals = scores + letters + weights.coverage * np.array(coverages)
    best: dict[int, int] = {}
    for place in np.argsort(-totals, kind="stable").tolist():
        best.setdefault(owners[place], place)
    likenesses = ((plain + by_word) / 2).tolist()
    ranked = []
    for owner, place in best.items():
        covered, by_entry = _covered(asked, index.entry_terms[owner]), float(whole[owner])
        ranked.append(
            Ranked(
                entry=index.entries[owner],
                score=float(totals[place]) + weights.entry_coverage * covered,
                phrasing=finalists[place],
                likeness=likenesses[place],
                coverage=coverages[place],
                entry_coverage=covered,
                by_entry=by_entry,
                by_phrasing=float(scores[place]) - by_entry,
            )
        )
    return tuple(sorted(ranked, key=lambda one: (-one.score, one.entry)))


def _likenesses(asked: Asked, finalists: Sequence[Phrasing]) -> tuple[Scores, Scores]:
    """Compare the question with each finalist as written, and with the words of both in order; 0 to 1."""
    written = " ".join(asked.reading.words)
    ordered = " ".join(sorted(asked.reading.words))
    plain = process.cdist([written], [one.folded for one in finalists], scorer=fuzz.ratio)[0]
    by_word = process.cdist([ordered], [one.ordered for one in finalists], scorer=fuzz.ratio)[0]
    return plain.astype(np.float64) / 100, by_word.astype(np.float64) / 100


def _covered(asked: Asked, sets: Sequence[AbstractSet[str]]) -> float:
    """Return how much of what was asked stands in any of `sets`, 0 to 1."""
    found = asked.names & sets[0]
    for more in sets[1:]:
        found |= asked.names & more
    return _share(asked, found)


def _share(asked: Asked, terms: Iterable[str]) -> float:
    """Return how much of what was asked `terms` are, 0 to 1."""
    return sum(map(asked.shares.__getitem__, asked.names.intersection(terms)))
