"""Answer, offer choices, or be silent: how sure a ranking is."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from bot.matching.ranking import Ranked, Ranking

FITTED = "sureness.json"
MOST_CHOICES = 3
FAR_BEHIND = 0.5  # a choice scores at least this share of the best
STEEPEST = 30.0


@dataclass(frozen=True, slots=True)
class Decision:
    """`entries`: the one to answer with, the two or three to offer, or none. `confidence`: 0–1 that the first is right."""

    kind: Literal["answer", "choices", "none"]
    entries: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Sureness:
    """A logistic regression over `evidence`, and the confidence from which on to answer and to offer.

    `hemvist fit` makes it from questions whose right entry is known, and writes it to sureness.json.
    """

    intercept: float
    coefficients: Mapping[str, float]
    answer: float
    offer: float

    def confidence(self, ranking: Ranking) -> float:
        """Return the probability that the first of a ranking is what was meant."""
        values = evidence(ranking)
        total = self.intercept + sum(weight * values[name] for name, weight in self.coefficients.items())
        return 1 / (1 + math.exp(-max(-STEEPEST, min(STEEPEST, total))))


def decide(ranking: Ranking) -> Decision:
    """Decide what may be said on a ranking."""
    found = ranking.found
    if not found:
        return Decision("none", (), 0.0)
    sureness = shipped_sureness()
    confidence = sureness.confidence(ranking)
    if confidence >= sureness.answer:
        return Decision("answer", (found[0].entry,), confidence)
    offered = offers(found)
    if confidence >= sureness.offer and len(offered) > 1:
        return Decision("choices", offered, confidence)
    return Decision("none", (), confidence)


def offers(found: Sequence[Ranked]) -> tuple[str, ...]:
    """Return the entries that a visitor could choose from."""
    return tuple(ranked.entry for ranked in found[:MOST_CHOICES] if ranked.score >= FAR_BEHIND * found[0].score)


def evidence(ranking: Ranking) -> dict[str, float]:
    """Return what speaks for the first of a ranking, each about 0 to 1."""
    first, *others = ranking.found
    return {
        "score": first.score / 20,
        "lead": (first.score - (others[0].score if others else 0.0)) / 10,
        "share": _share(ranking.found),
        "coverage": first.coverage,
        "likeness": first.likeness,
        "meaning": first.meaning,
        "unknown": ranking.asked.unknown_share,
        "length": min(len(ranking.asked.reading.words), 15) / 15,
    }


def _share(found: Sequence[Ranked]) -> float:
    """Return the first one's share of all scores, large scores counting exponentially more."""
    best = found[0].score
    return 1 / sum(math.exp(ranked.score - best) for ranked in found)


@cache
def shipped_sureness() -> Sureness:
    """Read what was fitted."""
    values = json.loads(files("bot.matching").joinpath(FITTED).read_text(encoding="utf-8"))
    return Sureness(values["intercept"], values["coefficients"], values["answer"], values["offer"])
