"""Answer, offer choices, or be silent: how sure a ranking is."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from bot.matching.index import OUTSIDE
from bot.matching.ranking import Ranked, Ranking

FITTED = "sureness.json"
FEWEST_CHOICES, MOST_CHOICES = 2, 3
FAR_BEHIND = 0.5  # a third choice scores at least this share of the best
STEEPEST = 30.0
ALIKE = 0.8  # from this likeness on a question counts as nearly the stored one


@dataclass(frozen=True, slots=True)
class Decision:
    """`entries`: the one to answer with, the two or three to offer, or none. `confidence`: 0–1 that the first is
    right."""

    kind: Literal["answer", "choices", "none"]
    entries: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Sureness:
    """A logistic regression over `evidence`, and the confidence from which on to answer and to offer.

    `hemvist fit` makes two from questions whose right entry is known, and writes them to sureness.json: one for
    knowledge that is guarded by questions on what is not answered, and a more careful one for knowledge that is not.
    """

    intercept: float
    coefficients: Mapping[str, float]
    answer: float
    offer: float

    def confidence(self, ranking: Ranking) -> float:
        """Return the probability that the first of a ranking is what was meant."""
        return self.probability(evidence(ranking))

    def probability(self, values: Mapping[str, float]) -> float:
        """Return the probability that evidence of this kind stands for the right entry."""
        total = self.intercept + sum(weight * values[name] for name, weight in self.coefficients.items())
        return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, total))))


def decide(ranking: Ranking) -> Decision:
    """Decide what may be said on a ranking."""
    found = within(ranking.found)
    if not found:
        return Decision("none", (), 0.0)
    sureness = shipped_sureness(ranking.guarded)
    confidence = sureness.confidence(ranking)
    if confidence >= sureness.answer:
        return Decision("answer", (found[0].entry,), confidence)
    offered = offers(found)
    if confidence >= sureness.offer and len(offered) > 1:
        return Decision("choices", offered, confidence)
    return Decision("none", (), confidence)


def within(found: Sequence[Ranked]) -> tuple[Ranked, ...]:
    """Return those of a ranking that have an answer."""
    return tuple(ranked for ranked in found if not ranked.entry.startswith(OUTSIDE))


def offers(found: Sequence[Ranked]) -> tuple[str, ...]:
    """Return the entries that a visitor could choose from."""
    near = [ranked for ranked in found[:MOST_CHOICES] if ranked.score >= FAR_BEHIND * found[0].score]
    return tuple(ranked.entry for ranked in found[: max(FEWEST_CHOICES, len(near))])


def evidence(ranking: Ranking) -> dict[str, float]:
    """Return what speaks for the first answerable entry of a ranking, each about 0 to 1."""
    first = within(ranking.found)[0]
    others = [ranked for ranked in ranking.found if ranked is not first]
    rivals = [ranked.score for ranked in others]
    outside = [ranked.score for ranked in ranking.found if ranked.entry.startswith(OUTSIDE)]
    return {
        "score": first.score / 40,
        "lead": (first.score - max(rivals, default=0.0)) / 10,
        "inside": (first.score - max(outside, default=0.0)) / 10,
        "share": 1 / sum(math.exp(min(ranked.score - first.score, STEEPEST)) for ranked in ranking.found),
        "likeness": first.likeness,
        "sameness": max(0.0, first.likeness - ALIKE) / (1 - ALIKE),
        "coverage": first.coverage,
        "entry_coverage": first.entry_coverage,
        "more_covered": first.entry_coverage - max((ranked.entry_coverage for ranked in others), default=0.0),
        "entry_lead": (first.by_entry - max((ranked.by_entry for ranked in others), default=0.0)) / 10,
        "phrasing_lead": (first.by_phrasing - max((ranked.by_phrasing for ranked in others), default=0.0)) / 10,
        "likeness_lead": first.likeness - max((ranked.likeness for ranked in others), default=0.0),
        "familiar": ranking.familiar,
        "unknown": ranking.asked.unknown_share,
        "length": min(len(ranking.asked.reading.words), 15) / 15,
    }


@cache
def shipped_sureness(guarded: bool) -> Sureness:
    """Read what was fitted for guarded or for bare knowledge."""
    fitted = json.loads(files("bot.matching").joinpath(FITTED).read_text(encoding="utf-8"))
    values = fitted["guarded" if guarded else "bare"]
    return Sureness(values["intercept"], values["coefficients"], values["answer"], values["offer"])
