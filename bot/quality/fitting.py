"""Fit how sure the engine may be, from questions whose right entry is known.

The questions are asked of the whole knowledge and of smaller ones drawn from it, where many have lost their entry: a
question like those that are answered, but is not, teaches caution. Knowledge that has few questions on what it does not
answer gets a regression of its own.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bot.dialogue.assistant import Assistant
from bot.matching.decision import Sureness, evidence, offers, within
from bot.matching.index import OUTSIDE, Index
from bot.matching.ranking import rank
from bot.models import Entry
from bot.quality.evaluation import OFF_TOPIC, Asked
from bot.text import clean

Matrix = NDArray[np.float64]
STEPS, RIDGE = 40, 0.3
# how many entries and questions each the smaller knowledges keep; the first kind keeps what is known but not answered
GUARDED = ((72, 200), (60, 60), (48, 200))
BARE = ((96, 10), (48, 30), (30, 8), (24, 12), (12, 8), (12, 6))
# what an entry's own test, and a question to smaller knowledge, teach beside one of the file
OF_TEST, OF_SMALLER, OF_STRANGE = 0.5, 0.25, 0.05
# shares of the questions of the file: answerable ones answered wrong, others answered at all, and answerable ones met
# with silence though the right entry is among the best three
MOST_WRONG, MOST_OFF_TOPIC, SELDOM_SILENT = 0.032, 0.04, 0.002
# of bare knowledge: how many of its answers are right, and how many questions without an answer are met with choices
PRECISION, SELDOM_OFFERED = 0.8, 0.1


@dataclass(frozen=True, slots=True)
class Example:
    """What spoke for the first entry of one ranking, and whether it, or one of the choices, was right."""

    evidence: dict[str, float]
    right: bool
    among_choices: bool
    answerable: bool
    weight: float


Chooser = Callable[[Sequence[Example], Matrix], float]


def fit_both(
    assistant: Assistant, municipality: str, rows: Sequence[Asked], entries: Iterable[Entry]
) -> dict[str, Sureness]:
    """Fit for guarded and for bare knowledge; raises ValueError where no question can be ranked."""
    index = assistant.index(municipality)
    asked = examples_of(index, rows)
    if not asked:
        raise ValueError("no question to learn from")
    tests = examples_of(index, _rows_of_tests(entries), OF_TEST)
    guarded = [example for kept in GUARDED for example in _of_smaller(index, rows, *kept, guarded=True)]
    bare = [example for kept in BARE for example in _of_smaller(index, rows, *kept, guarded=False)]
    strange = _of_strange_themes(index)
    return {
        "guarded": _thresholds(fit([*asked, *tests, *guarded, *strange]), asked, _cautious, _seldom_silent),
        "bare": _thresholds(fit([*tests, *bare]), bare, _precise, _seldom_offered),
    }


def examples_of(index: Index, rows: Iterable[Asked], weight: float = 1.0) -> list[Example]:
    """Rank every question and note how it went."""
    examples = []
    for row in rows:
        ranking = rank(index, clean(row.question))
        found = within(ranking.found)
        if found:
            right = found[0].entry in row.accepted
            among = not row.accepted.isdisjoint(offers(found))
            examples.append(Example(evidence(ranking), right, among, bool(row.accepted), weight))
    return examples


def _rows_of_tests(entries: Iterable[Entry]) -> list[Asked]:
    """Return the entries' own must_match tests: questions written by others than those of the question files."""
    return [Asked(language, entry.id, question) for entry in entries for language, question in entry.tests.must_match]


def _of_smaller(index: Index, rows: Sequence[Asked], entries: int, each: int, *, guarded: bool) -> list[Example]:
    """Ask the questions of a part of the knowledge; what lost its entry can no longer be answered."""
    draw = random.Random(f"{entries} {each} {guarded}")  # noqa: S311 - a repeatable choice, nothing secret
    inside = [entry for entry in index.documents if not entry.startswith(OUTSIDE)]
    kept = set(draw.sample(inside, min(entries, len(inside))))
    documents = [
        replace(document, phrasings=tuple(draw.sample(document.phrasings, min(each, len(document.phrasings)))))
        for document in index.documents.values()
        if document.id in kept or (guarded and document.id.startswith(OUTSIDE))
    ]
    return examples_of(Index(documents, index.lexicon, index.vectors, index.weights), rows, OF_SMALLER)


def _of_strange_themes(index: Index) -> list[Example]:
    """Ask the questions of half the themes that are known but not answered, of knowledge that does not know that
    half."""
    draw = random.Random(0)  # noqa: S311 - a repeatable choice, nothing secret
    themes = [entry for entry in index.documents if entry.startswith(OUTSIDE)]
    left_out = set(draw.sample(themes, len(themes) // 2))
    kept = [document for document in index.documents.values() if document.id not in left_out]
    asked = [
        Asked("sv", OFF_TOPIC, question)
        for document in index.documents.values()
        if document.id in left_out
        for question in document.phrasings
    ]
    return examples_of(Index(kept, index.lexicon, index.vectors, index.weights), asked, OF_STRANGE)


def fit(examples: Sequence[Example]) -> Sureness:
    """Fit the regression by Newton's method with a ridge; the thresholds are still to be chosen."""
    names = list(examples[0].evidence)
    values = np.array([[1.0, *(example.evidence[name] for name in names)] for example in examples])
    right = np.array([example.right for example in examples], dtype=np.float64)
    weights = _newton(values, right, np.array([example.weight for example in examples]))
    coefficients = {name: round(float(weight), 4) for name, weight in zip(names, weights[1:], strict=True)}
    return Sureness(round(float(weights[0]), 4), coefficients, 1.0, 1.0)


def _newton(values: Matrix, right: Matrix, counts: Matrix) -> Matrix:
    weights = np.zeros(values.shape[1])
    ridge = RIDGE * np.eye(len(weights))
    ridge[0, 0] = 0
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ (counts * (chance - right)) + ridge @ weights
        curve = values.T @ (values * (counts * chance * (1 - chance))[:, None]) + ridge
        weights -= np.linalg.solve(curve, slope)
    return weights


def _thresholds(fitted: Sureness, examples: Sequence[Example], to_answer: Chooser, to_offer: Chooser) -> Sureness:
    confidence = np.array([fitted.probability(example.evidence) for example in examples])
    answer = to_answer(examples, confidence)
    offer = min(to_offer(examples, confidence), answer)
    return Sureness(fitted.intercept, fitted.coefficients, round(answer, 4), round(offer, 4))


def _cautious(examples: Sequence[Example], confidence: Matrix) -> float:
    """Return the lowest threshold at which wrong answers and answers off topic are as rare as wanted."""
    answerable = np.array([example.answerable for example in examples])
    right = np.array([example.right for example in examples])
    for threshold in np.unique(confidence):
        answered = confidence >= threshold
        wrong = (answered & answerable & ~right).sum() / max(answerable.sum(), 1)
        off_topic = (answered & ~answerable).sum() / max((~answerable).sum(), 1)
        if wrong <= MOST_WRONG and off_topic <= MOST_OFF_TOPIC:
            return float(threshold)
    return 1.0


def _precise(examples: Sequence[Example], confidence: Matrix) -> float:
    """Return the lowest threshold at which answers are right as often as wanted."""
    right = np.array([example.right for example in examples])
    for threshold in np.unique(confidence):
        if right[confidence >= threshold].mean() >= PRECISION:
            return float(threshold)
    return 1.0


def _seldom_silent(examples: Sequence[Example], confidence: Matrix) -> float:
    """Return the threshold below which few have their right entry among the choices."""
    among = [sure for example, sure in zip(examples, confidence.tolist(), strict=True) if example.among_choices]
    return float(np.quantile(among, SELDOM_SILENT)) if among else 0.0


def _seldom_offered(examples: Sequence[Example], confidence: Matrix) -> float:
    """Return the threshold above which few have no right entry among the choices."""
    others = [sure for example, sure in zip(examples, confidence.tolist(), strict=True) if not example.among_choices]
    return float(np.quantile(others, 1 - SELDOM_OFFERED)) if others else 0.0
