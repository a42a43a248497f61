"""Swedish or English: a small table of letter groups tells, on questions of two words and with typos."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from importlib.resources import files

from bot.text import WORD, fold
from bot.values import LANGUAGES, Language, Understood

TABLE = "language.tsv"
LONGEST = 4
ROWS = 6_000
SMOOTHING = 0.5
UNDECIDED = 1.0
UNDECIDED_ALONE = 8.0  # one word: of 869 shipped ones, those on a page of their language are read right in 95 %, not 88
REMEMBERED = 4_000  # words


def detect(text: str, prior: Understood) -> Understood:
    """Return the language of `text`; where the letters do not tell, `prior`."""
    score = evidence(text)
    if abs(score) < (UNDECIDED if len(text.split()) > 1 else UNDECIDED_ALONE):
        return prior
    return "sv" if score > 0 else "en"


def evidence(text: str) -> float:
    """Return the log odds that `text` is Swedish: above 0 Swedish, below 0 English, near 0 undecided."""
    return sum(_word_evidence(word) for word in WORD.findall(text.casefold()))


@lru_cache(REMEMBERED)
def _word_evidence(word: str) -> float:
    table = _table()
    return sum([table.get(group, 0.0) for group in _groups(word)])


def train(rows: Iterable[tuple[Language, str]]) -> dict[str, float]:
    """Make the table from (language, text) rows, each read with and without å ä ö: naive Bayes over letter groups."""
    counts: dict[Language, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for language, text in rows:
        for variant in {text.casefold(), fold(text)}:
            counts[language].update(group for word in WORD.findall(variant) for group in _groups(word))
    every = counts["sv"].keys() | counts["en"].keys()
    totals = {language: counts[language].total() + SMOOTHING * len(every) for language in LANGUAGES}

    def odds(group: str) -> float:
        swedish, english = ((counts[language][group] + SMOOTHING) / totals[language] for language in LANGUAGES)
        return math.log(swedish / english)

    weights = {group: odds(group) for group in every}
    telling = sorted(every, key=lambda group: (-abs(weights[group]) * math.sqrt(_seen(counts, group)), group))
    return {group: round(weights[group], 2) for group in telling[:ROWS]}


def _seen(counts: Mapping[Language, Counter[str]], group: str) -> int:
    return sum(count[group] for count in counts.values())


def _groups(word: str) -> list[str]:
    """Return all runs of up to four letters of ` word `, and the word itself."""
    padded = f" {word} "
    places = range(len(padded))
    groups = [padded[start : start + size] for size in range(1, LONGEST + 1) for start in places[: 1 - size or None]]
    return [*groups, padded] if len(padded) > LONGEST else groups


@cache
def _table() -> dict[str, float]:
    lines = files("bot").joinpath(TABLE).read_text(encoding="utf-8").split("\n")
    rows = (line.split("\t") for line in lines if line and not line.startswith("#"))
    return {group.replace("_", " "): float(weight) for group, weight in rows}
