"""Answer, offer choices, or be silent: how sure a ranking is."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.matching.ranking import Ranked, Ranking

# A logistic regression on what tells a right first answer from a wrong one; fitted by `hemvist evaluate --fit` on the tuning
# questions, off-topic ones included. The features are those of `evidence`, in its order.
INTERCEPT = -6.0
COEFFICIENTS = (0.35, 0.5, 1.0, 2.0, 1.0, -2.0, 0.5)
ANSWER, OFFER = 0.6, 0.12
MOST_CHOICES = 3
FAR_BEHIND = 0.5  # a choice scores at least this share of the best


@dataclass(frozen=True, slots=True)
class Decision:
    """`entries`: the one to answer with, the two or three to offer, or none. `confidence`: 0–1 that the first is right."""

    kind: Literal["answer", "choices", "none"]
    entries: tuple[str, ...]
    confidence: float


def decide(ranking: Ranking) -> Decision:
    """Decide what may be said on a ranking."""
    found = ranking.found
    if not found:
        return Decision("none", (), 0.0)
    confidence = sureness(ranking)
    if confidence >= ANSWER:
        return Decision("answer", (found[0].entry,), confidence)
    offered = [ranked.entry for ranked in found[:MOST_CHOICES] if ranked.score >= FAR_BEHIND * found[0].score]
    if confidence >= OFFER and len(offered) > 1:
        return Decision("choices", tuple(offered), confidence)
    return Decision("none", (), confidence)


def sureness(ranking: Ranking) -> float:
    """Return the probability that the first of a ranking is what was meant."""
    values = evidence(ranking)
    total = INTERCEPT + sum(weight * value for weight, value in zip(COEFFICIENTS, values, strict=True))
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def evidence(ranking: Ranking) -> tuple[float, ...]:
    """Return what speaks for the first: score, lead, share, coverage, likeness, strangeness, meaning."""
    first = ranking.found[0]
    second = ranking.found[1].score if len(ranking.found) > 1 else 0.0
    return (
        first.score,
        first.score - second,
        _share(ranking.found),
        first.coverage,
        first.likeness,
        ranking.asked.unknown_share,
        first.meaning,
    )


def _share(found: Sequence[Ranked]) -> float:
    """Return the first one's share of all scores, large scores counting exponentially more."""
    best = found[0].score
    return 1 / sum(math.exp(ranked.score - best) for ranked in found)
