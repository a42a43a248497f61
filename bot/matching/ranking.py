"""Rank the entries of an index for one question."""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rapidfuzz import fuzz, process
from rapidfuzz.distance import JaroWinkler

from bot.matching.features import pieces
from bot.matching.index import Index, Phrasing, Places, Scores
from bot.matching.sparse import Floats
from bot.matching.sparse import score as product
from bot.matching.texts import MEANING, count_terms
from bot.matching.vectors import Vector
from bot.text import words

HOPEFUL_ENTRIES = 96  # best by all their questions together, whose phrasings are looked at one by one
HOPEFUL = 1000  # phrasings of those, best by letters, words and entry, whose own meaning is compared
ENTRIES = 12  # that take part with at least one phrasing
FINALISTS = 40  # phrasings that are compared letter by letter
NEAR_ENOUGH, NEAR_COUNT, NEAR_BEST = 0.82, 3, 0.6
INFLECTED = 0.88  # how near another form of a word that is spelt right must be
SHORTEST_GUESSED, LETTERS_APART = 3, 2
SURE_SPELLING = 0.9
SLACK = 100  # phrasings that may come or go with an entry
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
    """Return the best entries for `question`, at most as many as there are finalists."""
    asked = ask(index, words(question))
    if not len(index.given):
        return Ranking(asked, (), index.guarded, 0.0)
    pool = _considered(index, asked)
    chosen = _chosen(pool)
    rows, scores = pool.rows[chosen].tolist(), pool.scores[chosen].tolist()
    found = _reranked(index, asked, rows, pool.owners(chosen), scores, pool.whole)
    return Ranking(asked, found, index.guarded, _covered(asked, index.inside_terms))


@dataclass(frozen=True, slots=True)
class _Pool:
    """What is considered for a question: the best entries, the rows of their phrasings, and what speaks for each:
    `scores`, of which only the `hopeful` hold their own meaning; `whole`: for each entry of the index."""

    entries: Places
    sizes: Places
    rows: Places
    scores: Scores
    hopeful: Places
    whole: Scores

    def owners(self, chosen: Places) -> list[int]:
        """Return whose the chosen of the rows are."""
        owners: list[int] = np.repeat(self.entries, self.sizes)[chosen].tolist()
        return owners


def _considered(index: Index, asked: Asked) -> _Pool:
    vector = asked.reading.vector
    by_row, whole = index.score(asked.query, vector)
    entries = index.given[_best(whole[index.given], HOPEFUL_ENTRIES)]
    sizes = index.sizes[entries]
    rows = np.concatenate([index.places[entry] for entry in entries.tolist()])
    scores = by_row[rows] + np.repeat(whole[entries], sizes)
    hopeful = _best(scores, HOPEFUL)
    scores[hopeful] += index.meanings(rows[hopeful], vector)
    return _Pool(entries, sizes, rows, scores, hopeful, whole)


def _chosen(pool: _Pool) -> Places:
    """Return the finalists: the best phrasings, and the best phrasing of each of the best entries."""
    likely = pool.hopeful[_best(pool.scores[pool.hopeful], FINALISTS)]
    return np.array(sorted({*likely.tolist(), *_best_of_entries(pool.scores, pool.sizes)}))


@dataclass(frozen=True, slots=True)
class Bounds:
    """How a question was read and ranked, and how much an entry must score to take part in it.

    `least`: what a finalist scored at least; `entries` were considered, each scoring at least `least_entry` as a whole
    (None: all were). `at_entries`: what a phrasing scores at most of the entries next to come or to go, and how many
    they have; `at_rows`: how many phrasings must come or go before another one could be a finalist; `border`: what the
    last of those scored whose meaning was compared, and one well behind it; `compared`: how many of each entry were.
    `has_unknown`: a word or meaning in it stands in no stored question; `unknown_pieces`: nor do these letters.
    """

    query: Mapping[int, float]
    vector: Floats
    names: frozenset[str]
    has_unknown: bool
    unknown_pieces: frozenset[str]
    finalists: frozenset[str]
    least: float
    entries: frozenset[str]
    least_entry: float | None
    at_entries: tuple[float, int]
    at_rows: int
    border: tuple[float, float]
    compared: Mapping[str, int]

    def is_shaken(self, entry: str, now: "Standing") -> bool:
        """Whether another entry or phrasing could be a finalist when `entry`, which is none, stands as it does now."""
        takes_part = entry in self.entries or self.least_entry is None or now.whole >= self.least_entry
        if not takes_part:
            return False
        best, more = self.at_entries
        stays = entry in self.entries and now.whole > (self.least_entry or -math.inf)
        changing = abs(now.compared - self.compared.get(entry, 0)) + (0 if stays else more)
        return changing >= self.at_rows or (not stays and best >= self.least)


def bounds(index: Index, question: str) -> Bounds:
    """Rank as `rank` does, and return what it takes to change the ranking."""
    asked = ask(index, words(question))
    reading, space = asked.reading, index.space
    unknown = frozenset(piece for word in reading.words for piece in pieces(word) if space.piece(piece) is None)
    has_unknown = bool(asked.unknown) or any(space.term(term) is None for term in reading.terms)
    read = (asked.query, reading.vector, asked.names, has_unknown, unknown)
    if not len(index.given):
        return Bounds(
            *read, frozenset(), -math.inf, frozenset(), None, (-math.inf, 0), SLACK, (-math.inf, -math.inf), {}
        )
    pool = _considered(index, asked)
    owners = pool.owners(_chosen(pool))
    names = index.entries
    at_rows, border = _at_rows(pool, index, reading.vector)
    return Bounds(
        *read,
        finalists=frozenset(names[owner] for owner in owners),
        least=min(_least(pool)),
        entries=frozenset(names[entry] for entry in pool.entries.tolist()),
        least_entry=float(pool.whole[pool.entries].min()) if len(index.given) >= HOPEFUL_ENTRIES else None,
        at_entries=_at_entries(pool, index, asked),
        at_rows=at_rows,
        border=border,
        compared={names[owner]: count for owner, count in Counter(pool.owners(pool.hopeful)).items()},
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """What an entry scores at most with one phrasing, and as a whole; how many of its phrasings would be compared."""

    best: float
    whole: float
    compared: int


def standing(index: Index, entry: str, found: Bounds) -> Standing:
    """Say how an entry stands for a question that was read with the base of `index`; the entry's phrasings are all
    this index's own."""
    if entry not in index.documents:
        return Standing(-math.inf, -math.inf, 0)
    number = index.entries.index(entry)
    by_row = product(found.query, index.postings[-1:], index.rows)
    whole = float(by_row[index.entry_rows[number]] + index.entry_vectors[number] @ found.vector)
    rows = index.places[number]
    plain = by_row[rows] + whole
    border, behind = found.border
    near = plain >= behind
    plain[near] += np.maximum(index.meanings(rows[near], found.vector), 0)
    return Standing(float(plain.max()), whole, int((by_row[rows] + whole >= border).sum()))


def _least(pool: _Pool) -> tuple[float, float]:
    """Return what a phrasing must score to become a finalist by itself, and what as the best of its entry."""
    if len(pool.hopeful) <= FINALISTS or len(pool.sizes) <= ENTRIES:
        return -math.inf, -math.inf
    of_rows = np.partition(pool.scores[pool.hopeful], -FINALISTS)[-FINALISTS]
    return float(of_rows), float(np.partition(_best_each(pool, pool.scores), -ENTRIES)[-ENTRIES])


def _best_each(pool: _Pool, scores: Scores) -> Scores:
    best: Scores = np.maximum.reduceat(scores, np.cumsum(pool.sizes) - pool.sizes)
    return best


def _at_rows(pool: _Pool, index: Index, vector: Vector) -> tuple[int, tuple[float, float]]:
    """Return how many places before or behind the last hopeful phrasing one stands that could be a finalist, with its
    meaning or without: by itself, or as the best of its entry; and what the last hopeful one and the last of those
    places score."""
    if len(pool.rows) <= HOPEFUL - SLACK:
        return SLACK, (-math.inf, -math.inf)
    plain = pool.scores.copy()
    plain[pool.hopeful] -= index.meanings(pool.rows[pool.hopeful], vector)
    order = np.argsort(-plain)[HOPEFUL - SLACK : HOPEFUL + SLACK]
    most = plain[order] + np.maximum(index.meanings(pool.rows[order], vector), 0)
    others = pool.scores.copy()
    others[order] = -math.inf
    owners = np.repeat(np.arange(len(pool.sizes)), pool.sizes)[order]
    by_itself, by_entry = _least(pool)
    could = (most >= by_itself) | ((most >= by_entry) & (most >= _best_each(pool, others)[owners]))
    places = np.flatnonzero(could) - SLACK
    is_whole = len(order) == 2 * SLACK
    border = (float(plain[order[SLACK - 1]]), float(plain[order[-1]])) if is_whole else (-math.inf, -math.inf)
    return int(np.where(places < 0, -places - 1, places).min(initial=SLACK)), border


def _at_entries(pool: _Pool, index: Index, asked: Asked) -> tuple[float, int]:
    """Return what a phrasing scores at most of the last entry considered and of the first that is not, and how many
    they have."""
    if len(index.given) <= HOPEFUL_ENTRIES:
        return -math.inf, 0
    whole = pool.whole[index.given]
    near = index.given[np.argsort(-whole)[HOPEFUL_ENTRIES - 1 : HOPEFUL_ENTRIES + 1]]
    by_row, _ = index.score(asked.query, asked.reading.vector)
    rows = np.concatenate([index.places[entry] for entry in near.tolist()])
    scores = by_row[rows] + np.repeat(pool.whole[near], index.sizes[near])
    return float((scores + np.maximum(index.meanings(rows, asked.reading.vector), 0)).max()), len(rows)


def ask(index: Index, tokens: Sequence[str]) -> Asked:
    """Read a question given as folded words: known words as they are, unknown ones as the nearest known."""
    number = index.space.term
    near = {word: _near(index, word) for word in tokens if number(word) is None}
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
    lengths = range(max(len(word) - LETTERS_APART, 1), len(word) + LETTERS_APART + 1)
    choices = [known for length in lengths for group in index.alike for known in group.get((word[0], length), ())]
    enough = INFLECTED if _is_word(index, word) else NEAR_ENOUGH
    found = process.extract(
        word, choices, scorer=JaroWinkler.normalized_similarity, limit=NEAR_COUNT, score_cutoff=enough
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
    if len(scores) <= count:
        return np.arange(len(scores))
    return np.argpartition(scores, len(scores) - count)[-count:]


def _best_of_entries(scores: Scores, sizes: Places) -> list[int]:
    """Return the best phrasing of each of the best entries, so that one entry of many phrasings does not crowd them
    out. The scores of an entry's phrasings stand together; `sizes` says how many each has."""
    ends = np.cumsum(sizes)
    starts = ends - sizes
    entries = _best(np.maximum.reduceat(scores, starts), ENTRIES)
    spans = zip(starts[entries].tolist(), ends[entries].tolist(), strict=True)
    return [start + int(scores[start:end].argmax()) for start, end in spans]


def _reranked(
    index: Index, asked: Asked, rows: Sequence[int], owners: Sequence[int], scores: Sequence[float], whole: Scores
) -> tuple[Ranked, ...]:
    """Compare the finalists letter by letter and word by word, and keep each entry's best phrasing."""
    weights = index.weights
    finalists = [index.phrasing(row) for row in rows]
    covered_by = {owner: _covered(asked, index.entry_terms[owner]) for owner in set(owners)}
    best: dict[int, tuple[float, Phrasing, float, float, float]] = {}
    compared = _likenesses(asked, finalists)
    for phrasing, owner, score, (plain, by_word) in zip(finalists, owners, scores, compared, strict=True):
        coverage = _covered(asked, (phrasing.terms,))
        total = score + weights.ratio * plain + weights.sorted_ratio * by_word + weights.coverage * coverage
        if owner not in best or total > best[owner][0]:
            best[owner] = (total, phrasing, score, (plain + by_word) / 2, coverage)
    ranked = [
        Ranked(
            entry=index.entries[owner],
            score=total + weights.entry_coverage * covered_by[owner],
            phrasing=phrasing,
            likeness=likeness,
            coverage=coverage,
            entry_coverage=covered_by[owner],
            by_entry=float(whole[owner]),
            by_phrasing=score - float(whole[owner]),
        )
        for owner, (total, phrasing, score, likeness, coverage) in best.items()
    ]
    return tuple(sorted(ranked, key=lambda one: (-one.score, one.entry)))


def _likenesses(asked: Asked, finalists: Sequence[Phrasing]) -> Iterator[tuple[float, float]]:
    """Compare the question with each finalist as written, and with the words of both in order; 0 to 1."""
    written = " ".join(asked.reading.words)
    ordered = " ".join(sorted(asked.reading.words))
    plain = process.cdist([written], [one.folded for one in finalists], scorer=fuzz.ratio)[0]
    by_word = process.cdist([ordered], [one.ordered for one in finalists], scorer=fuzz.ratio)[0]
    return zip((plain / 100).tolist(), (by_word / 100).tolist(), strict=True)


def _covered(asked: Asked, sets: Sequence[AbstractSet[str]]) -> float:
    """Return how much of what was asked stands in any of `sets`, 0 to 1."""
    shares = asked.shares
    found = asked.names & sets[0]
    for more in sets[1:]:
        found |= asked.names & more
    return sum([shares[term] for term in found])
