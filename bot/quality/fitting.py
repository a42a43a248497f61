"""Fit how sure the engine may be, from questions whose right entry is known."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bot.dialogue.assistant import Assistant
from bot.matching.decision import Sureness, evidence, offers, within
from bot.matching.ranking import rank
from bot.models import Entry
from bot.quality.evaluation import Asked
from bot.text import clean

Matrix = NDArray[np.float64]
STEPS, RIDGE = 40, 0.5
# shares of the questions that set the thresholds: answerable ones answered wrong, others answered at all, and
# answerable ones
# met with silence though the right entry is among the best three
MOST_WRONG, MOST_OFF_TOPIC, SELDOM_SILENT = 0.035, 0.04, 0.006


@dataclass(frozen=True, slots=True)
class Example:
    """What spoke for the first entry of one ranking, and whether it, or one of the choices, was right.

    All teach the regression; only those that `sets_threshold` set the thresholds.
    """

    evidence: dict[str, float]
    right: bool
    among_choices: bool
    answerable: bool
    sets_threshold: bool


def examples_of(
    assistant: Assistant, municipality: str, rows: Iterable[Asked], *, sets_threshold: bool = True
) -> list[Example]:
    """Rank every question and note how it went."""
    index = assistant.index(municipality)
    examples = []
    for row in rows:
        ranking = rank(index, clean(row.question))
        found = within(ranking.found)
        if found:
            right = found[0].entry in row.accepted
            among = not row.accepted.isdisjoint(offers(found))
            examples.append(Example(evidence(ranking), right, among, bool(row.accepted), sets_threshold))
    return examples


def rows_of_tests(entries: Iterable[Entry]) -> list[Asked]:
    """Return the entries' own must_match tests as rows: questions written by others than those of the question
    files."""
    return [Asked(language, entry.id, question) for entry in entries for language, question in entry.tests.must_match]


def fit(examples: Sequence[Example]) -> Sureness:
    """Fit the regression (Newton's method, ridge) and choose the two thresholds; raises ValueError without examples."""
    names = list(examples[0].evidence)
    values = np.array([[1.0, *(example.evidence[name] for name in names)] for example in examples])
    right = np.array([example.right for example in examples], dtype=np.float64)
    weights = _newton(values, right)
    confidence = 1 / (1 + np.exp(-values @ weights))
    coefficients = {name: round(float(weight), 4) for name, weight in zip(names, weights[1:], strict=True)}
    counted = np.array([example.sets_threshold for example in examples])
    chosen, sure = [example for example in examples if example.sets_threshold], confidence[counted]
    answer = _answer_threshold(chosen, sure)
    offer = min(_offer_threshold(chosen, sure), answer)
    return Sureness(round(float(weights[0]), 4), coefficients, round(answer, 4), round(offer, 4))


def _newton(values: Matrix, right: Matrix) -> Matrix:
    weights = np.zeros(values.shape[1])
    ridge = RIDGE * np.eye(len(weights))
    ridge[0, 0] = 0
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-values @ weights))
        slope = values.T @ (chance - right) + ridge @ weights
        curve = values.T @ (values * (chance * (1 - chance))[:, None]) + ridge
        weights -= np.linalg.solve(curve, slope)
    return weights


def _answer_threshold(examples: Sequence[Example], confidence: Matrix) -> float:
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


def _offer_threshold(examples: Sequence[Example], confidence: Matrix) -> float:
    among = [sure for example, sure in zip(examples, confidence.tolist(), strict=True) if example.among_choices]
    return float(np.quantile(among, SELDOM_SILENT)) if among else 0.0
