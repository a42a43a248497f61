"""Names in a question: villages and employers, inflected or misspelt."""

from collections.abc import Sequence
from functools import cache, lru_cache

from rapidfuzz.distance import OSA

from bot.records.phrases import REMEMBERED, is_near, phrases_of
from bot.records.sentence import Sentence
from bot.text import fold, words


def read_employer(sentence: Sentence, employers: Sequence[str]) -> None:
    text = [token.folded for token in sentence.text]
    for employer in employers:
        wanted = words(employer)
        for start in range(len(text) - len(wanted) + 1):
            if all(
                word in (name, f"{name}s") or is_near(word, name)
                for word, name in zip(text[start:], wanted, strict=False)
            ):
                sentence.found["employer"] = employer
                sentence.take(start, start + len(wanted))
                return
    found = sentence.spot(phrases_of("employer"))
    if found:
        meant = {"municipality": "kommun", "region": "region"}[found[0].value]
        sentence.found["employer"] = next((name for name in employers if meant in fold(name).split()), None)


def _may_be(word: str, name: str) -> bool:
    return word in (name, f"{name}s") or is_near(word, name)


def read_place(sentence: Sentence, places: Sequence[str]) -> None:
    """Find a place by its name, an inflected or a misspelt one too; the one with the fewest slips, then the first."""
    found = [
        (slips, start, start + len(folded.split()), name)
        for name in places
        if (folded := _folded(name))
        for start in range(len(sentence.text) - folded.count(" "))
        if (slips := _slips_at(sentence, start, folded)) is not None
    ]
    if found:
        _, start, end, name = min(found)
        sentence.found["place"] = name
        sentence.take(start, end)


def _slips_at(sentence: Sentence, start: int, name: str) -> int | None:
    """Return how many letters are wrong in what stands at `start`, as a way to write `name`; None where it is another
    word, or one that is explained."""
    end = start + name.count(" ") + 1
    if sentence.text[start].folded[0] != name[0] or not sentence.taken.isdisjoint(range(start, end)):
        return None
    typed = " ".join(token.folded for token in sentence.text[start:end])
    slips = _slips(typed, name)
    return None if slips and typed in sentence.ordinary else slips


@cache
def _folded(name: str) -> str:
    return " ".join(words(name))


@lru_cache(REMEMBERED)
def _slips(typed: str, name: str) -> int | None:
    if typed in (name, f"{name}s"):
        return 0
    if len(name) < 4:
        return None
    allowed = 1 if len(name) < 7 else 2
    found = min(OSA.distance(typed, name), OSA.distance(typed.removesuffix("s"), name))
    return found if found <= allowed else None
