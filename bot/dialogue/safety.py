"""Danger is recognised before anything else: whole phrases and clear words, misspelt too, never a near miss on a harmless one.

The patterns stand in safety.yaml beside this file and need neither the knowledge nor the index.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from rapidfuzz.distance import OSA

from bot.content.yamlfile import read_text
from bot.text import WORD, fold

SafetyEntry = Literal["emergency", "crisis-support", "violence-support"]
ORDER: tuple[SafetyEntry, ...] = ("violence-support", "crisis-support", "emergency")
NEIGHBOURS, SPREAD = 1, 3  # how many words may stand between two that belong together, plainly and at a `_`
ONE_LETTER, TWO_LETTERS = 5, 9  # how long a word is, from which on so many letters may be wrong
BEGIN, END, GAP = "^", "$", "_"
UNFOLDED = frozenset({"dö"})


@dataclass(frozen=True, slots=True)
class Step:
    """One place of a pattern: the words that fit, and how many others may stand before it."""

    accepts: frozenset[str]
    gap: int


@dataclass(frozen=True, slots=True)
class Rules:
    """`patterns` by entry, and the words that make a question harmless."""

    patterns: Mapping[str, tuple[tuple[Step, ...], ...]]
    harmless: frozenset[str]
    guessable: Mapping[tuple[str, int], tuple[str, ...]]
    every: frozenset[str]


def danger(question: str, ordinary: AbstractSet[str] = frozenset()) -> SafetyEntry | None:
    """Return which safety entry must answer, or None.

    `ordinary` are folded words that are spelt right as they are: none of them is taken for a misspelt word of danger.
    """
    rules = _rules()
    tokens = [BEGIN, *_words(question), END]
    meant = [_meant(token, rules, ordinary) for token in tokens]
    if not rules.harmless.isdisjoint(tokens):
        return None
    found = (entry for entry in ORDER if any(_fits(steps, meant) for steps in rules.patterns[entry]))
    return next(found, None)  # type: ignore[return-value]


def _words(text: str) -> list[str]:
    """Split and fold; apostrophes vanish so that "don't" is "dont", and "dö" (die) never becomes the English "do"."""
    plain = unicodedata.normalize("NFC", re.sub("['’`´]", "", text)).casefold()
    return [_folded(word) for word in WORD.findall(plain)]


def _folded(word: str) -> str:
    return word if word in UNFOLDED else fold(word)


def _meant(token: str, rules: Rules, ordinary: AbstractSet[str]) -> frozenset[str]:
    """Return the words of danger that `token` may be: itself, or those one or two wrong letters away."""
    if token in rules.every or token in ordinary or len(token) < ONE_LETTER - 1:
        return frozenset({token})
    near = (
        word
        for length in range(len(token) - 2, len(token) + 3)
        for word in rules.guessable.get((token[0], length), ())
        if OSA.distance(token, word, score_cutoff=_allowed(word)) <= _allowed(word)
    )
    return frozenset({token, *near})


def _allowed(word: str) -> int:
    return 2 if len(word) >= TWO_LETTERS else 1


def _fits(steps: Sequence[Step], meant: Sequence[frozenset[str]], start: int = 0, first: bool = True) -> bool:
    """Whether the steps can be walked through the words in order."""
    if not steps:
        return True
    step, *rest = steps
    reach = len(meant) if first else min(start + step.gap + 1, len(meant))
    return any(
        not step.accepts.isdisjoint(meant[place]) and _fits(rest, meant, place + 1, False) for place in range(start, reach)
    )


@cache
def _rules() -> Rules:
    content = read_text(files("bot.dialogue").joinpath("safety.yaml").read_text(encoding="utf-8"), "safety.yaml").content
    classes = {name: frozenset(_alternatives(lines)) for name, lines in content["classes"].items()}
    patterns = {
        entry: tuple(tuple(_steps(pattern, classes)) for pattern in content["patterns"][entry]) for entry in ORDER
    }
    every = frozenset(word for entry in ORDER for steps in patterns[entry] for step in steps for word in step.accepts)
    return Rules(patterns, frozenset(_alternatives(content["unless"])), _by_letter(every), every)


def _alternatives(lines: Sequence[str]) -> Iterator[str]:
    return (fold(word) for line in lines for word in line.split("|"))


def _steps(pattern: str, classes: Mapping[str, frozenset[str]]) -> Iterator[Step]:
    gap = NEIGHBOURS
    for part in pattern.split():
        if part == GAP:
            gap = SPREAD
            continue
        accepts: set[str] = set()
        for word in part.split("|"):
            accepts |= classes[word[1:-1]] if word.startswith("<") else {_folded(word)}
        yield Step(frozenset(accepts), gap)
        gap = NEIGHBOURS


def _by_letter(every: frozenset[str]) -> dict[tuple[str, int], tuple[str, ...]]:
    groups: dict[tuple[str, int], list[str]] = {}
    for word in sorted(every):
        if len(word) >= ONE_LETTER:
            groups.setdefault((word[0], len(word)), []).append(word)
    return {key: tuple(group) for key, group in groups.items()}
