"""Danger is recognised before anything else: whole phrases and clear words, misspelt too, never a near miss on a
harmless one.

The patterns stand in safety.yaml beside this file and need neither the knowledge nor the index.
"""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from itertools import pairwise
from typing import Any, Literal

from rapidfuzz.distance import OSA

from bot.content.yamlfile import read_text
from bot.text import WORD, fold

PATTERNS = "safety.yaml"
SafetyEntry = Literal["emergency", "crisis-support", "violence-support"]
ORDER: tuple[SafetyEntry, ...] = ("violence-support", "crisis-support", "emergency")
GAPS = {"+": 0, "_": 4}  # how many words may stand between two that belong together
NEIGHBOURS = 1  # the same where the pattern says nothing
ONE_LETTER, TWO_LETTERS = 5, 9  # how long a word is, from which on so many letters may be wrong
BEGIN, END, STEM = "^", "$", "*"
UNFOLDED = frozenset({"dö", "åt"})
REMEMBERED = 4_000  # words
APOSTROPHES = "'’`´"
CONTRACTED = re.compile(rf"(?<=\w)[{APOSTROPHES}](ll|d|re|ve|m|s)\b", re.IGNORECASE)
EXPANDED = {"ll": "will", "d": "would", "re": "are", "ve": "have", "m": "am", "s": "is"}
STRETCHED = re.compile(r"(\w)\1{2,}")


@dataclass(frozen=True, slots=True)
class Step:
    """One place of a pattern: the number of the set of words that fit, and how many others may stand before it."""

    accepts: int
    gap: int


Walk = tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Pattern:
    """Walks that must all be met, and the numbers of all the sets of words they need."""

    walks: tuple[Walk, ...]
    needs: frozenset[int]


Patterns = Mapping[int, Sequence[Pattern]]


@dataclass(frozen=True, slots=True)
class Rules:
    """The patterns of danger by entry and those of harmless phrases, each under the set of words it needs that fewest
    others do; what each word of them fits, and how to find it misspelt."""

    patterns: Mapping[SafetyEntry, Patterns]
    harmless: Patterns
    fits: Mapping[str, tuple[int, ...]]
    guessable: Mapping[tuple[str, int], tuple[str, ...]]
    stems: Mapping[str, tuple[str, ...]]


class Places:
    """Where in a question each set of words is met, by its number; a word written apart stands at its second half."""

    def __init__(self, accepted: Sequence[frozenset[int]], hidden: AbstractSet[int] = frozenset()) -> None:
        self._accepted = accepted
        self._hidden = hidden
        self.met = frozenset().union(*accepted)  # those of hidden places too: what they need is looked for all the same

    def __getitem__(self, number: int) -> list[int]:
        return [place for place, found in enumerate(self._accepted) if number in found and place not in self._hidden]

    def without(self, hidden: AbstractSet[int]) -> "Places":
        """Return the same without what stands at the places `hidden`."""
        return Places(self._accepted, hidden)


def danger(question: str, ordinary: AbstractSet[str] = frozenset()) -> SafetyEntry | None:
    """Return which safety entry must answer, or None.

    `ordinary` are folded words that are spelt right as they are: none of them is taken for a misspelt word of danger.
    Words inside a harmless phrase say nothing; every other word of the question still does.
    """
    rules = _rules()
    met = (_met(_places(_words(text), rules, ordinary), rules) for text in _readings(question))
    return next((entry for entry in met if entry), None)


def _met(places: Places, rules: Rules) -> SafetyEntry | None:
    """Return the entry whose patterns are met, once what is harmless is left out."""
    explained = {place for pattern in _possible(rules.harmless, places) for place in _covered(pattern, places)}
    if explained:
        places = places.without(explained)
    for entry in ORDER:
        for pattern in _possible(rules.patterns[entry], places):
            if all(_ends(walk, places) for walk in pattern.walks):
                return entry
    return None


def _readings(question: str) -> Iterator[str]:
    """Yield the question as it is, and where words are drawn together, in full too: "he'll" is no "hell"."""
    yield question
    in_full = CONTRACTED.sub(lambda found: f" {EXPANDED[found[1].lower()]}", question)
    if in_full != question:
        yield in_full


def _words(text: str) -> list[str]:
    """Split and fold; apostrophes vanish so that "don't" is "dont", and "dö" (die) and "åt" (ate) stay apart from the
    English "do" and "at"."""
    plain = unicodedata.normalize("NFC", re.sub(f"[{APOSTROPHES}]", "", text)).casefold()
    return [BEGIN, *map(_shortened, WORD.findall(plain)), END]


@lru_cache(REMEMBERED)
def _shortened(word: str) -> str:
    return _folded(STRETCHED.sub(r"\1", word))


def _folded(word: str) -> str:
    return word if word in UNFOLDED else fold(word)


def _places(words: Sequence[str], rules: Rules, ordinary: AbstractSet[str]) -> Places:
    accepted = []
    for before, word in pairwise([END, *words]):
        joined = rules.fits.get(before + word, ())
        accepted.append(_accepting(word, word in ordinary).union(joined))
    return Places(accepted)


@lru_cache(REMEMBERED)
def _accepting(word: str, is_ordinary: bool) -> frozenset[int]:
    """Return the numbers of the sets of words that `word` fits, as it is or misspelt."""
    rules = _rules()
    return frozenset(number for meant in _meant(word, rules, is_ordinary) for number in rules.fits.get(meant, ()))


def _meant(word: str, rules: Rules, is_ordinary: bool) -> Iterator[str]:
    """Yield the words of danger that `word` may be: itself, one it begins with, or those one or two wrong letters
    away."""
    yield word
    for stem in rules.stems.get(word[0], ()):
        if word.startswith(stem):
            yield stem + STEM
    if word in rules.fits or is_ordinary:
        return
    for length in range(len(word) - 2, len(word) + 3):
        yield from (one for one in rules.guessable.get((word[0], length), ()) if _near(word, one))
    for stem in rules.stems.get(word[0], ()):
        if ONE_LETTER <= len(stem) < len(word) and _near(word[: len(stem)], stem):
            yield stem + STEM


def _near(word: str, meant: str) -> bool:
    allowed = 2 if len(meant) >= TWO_LETTERS else 1
    return OSA.distance(word, meant, score_cutoff=allowed) <= allowed


def _possible(patterns: Patterns, places: Places) -> Iterator[Pattern]:
    met = places.met
    return (pattern for number in patterns.keys() & met for pattern in patterns[number] if pattern.needs <= met)


def _ends(walk: Walk, places: Places) -> Mapping[int, int]:
    """Return where the steps can end when walked through the words in order, and where the last such walk began."""
    reached = {place: place for place in places[walk[0].accepts]}
    for step in walk[1:]:
        before = reached
        reached = {}
        for place in places[step.accepts]:
            begun = [before[last] for last in range(place - step.gap - 1, place) if last in before]
            if begun:
                reached[place] = max(begun)
    return reached


def _covered(pattern: Pattern, places: Places) -> Iterator[int]:
    ends = [_ends(walk, places) for walk in pattern.walks]
    if all(ends):
        for reached in ends:
            for end, begun in reached.items():
                yield from range(begun, end + 1)


@cache
def _rules() -> Rules:
    text = files("bot.dialogue").joinpath(PATTERNS).read_text(encoding="utf-8")
    content = read_text(text, PATTERNS).content
    numbers: dict[frozenset[str], int] = {}
    classes = content["classes"]

    def compiled(groups: Mapping[str, Sequence[str]]) -> Patterns:
        return _by_rarest([_pattern(line, classes, numbers) for lines in groups.values() for line in lines])

    patterns = {entry: compiled(content["patterns"][entry]) for entry in ORDER}
    harmless = compiled(content["harmless"])
    fits: defaultdict[str, list[int]] = defaultdict(list)
    for accepted, number in numbers.items():
        for word in accepted:
            fits[word].append(number)
    whole, stems = (sorted(word for word in fits if word.endswith(STEM) is ending) for ending in (False, True))
    return Rules(
        patterns,
        harmless,
        {word: tuple(found) for word, found in fits.items()},
        _grouped(((word[0], len(word)), word) for word in whole if len(word) >= ONE_LETTER),
        _grouped((stem[0], stem[:-1]) for stem in stems),
    )


def _pattern(line: str, classes: Mapping[str, Sequence[str]], numbers: dict[frozenset[str], int]) -> Pattern:
    walks = tuple(tuple(_steps(walk, classes, numbers)) for walk in line.split(" & "))
    return Pattern(walks, frozenset(step.accepts for walk in walks for step in walk))


def _by_rarest(patterns: Sequence[Pattern]) -> Patterns:
    needed = Counter(number for pattern in patterns for number in pattern.needs)
    found: defaultdict[int, list[Pattern]] = defaultdict(list)
    for pattern in patterns:
        found[min(pattern.needs, key=lambda number: (needed[number], number))].append(pattern)
    return dict(found)


def _steps(walk: str, classes: Mapping[str, Sequence[str]], numbers: dict[frozenset[str], int]) -> Iterator[Step]:
    gap = NEIGHBOURS
    for part in walk.split():
        if part in GAPS:
            gap = GAPS[part]
            continue
        accepted = frozenset(_alternatives(part, classes))
        yield Step(numbers.setdefault(accepted, len(numbers)), gap)
        gap = NEIGHBOURS


def _alternatives(part: str, classes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for word in part.split("|"):
        if word.startswith("<"):
            for line in classes[word[1:-1]]:
                yield from _alternatives(line, classes)
        else:
            yield _folded(word)


def _grouped(pairs: Iterator[tuple[Any, str]]) -> dict[Any, tuple[str, ...]]:
    groups: defaultdict[Any, list[str]] = defaultdict(list)
    for key, word in pairs:
        groups[key].append(word)
    return {key: tuple(found) for key, found in groups.items()}
