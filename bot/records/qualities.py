"""What a plot or a job should be: its type, status, order, water and sewage, extent."""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

from bot.records.phrases import grammar, phrases_of
from bot.records.sentence import Sentence, named_subjects


def _own_supply(sentence: Sentence) -> None:
    sentence.spot(phrases_of("own_supply"))


def _water(sentence: Sentence) -> None:
    found = sentence.spot(phrases_of("water_sewage"))
    if any(one.value == "false" for one in found):
        sentence.found["water_sewage"] = False
        return
    plain = [
        place
        for place, token in enumerate(sentence.text)
        if place and token.written in ("VA", "Va") and place not in sentence.taken
    ]
    for place in plain:
        sentence.take(place, place + 1)
    starts = [one.start for one in found] + plain
    if starts:
        sentence.found["water_sewage"] = set(grammar()["negations"]).isdisjoint(sentence.before(starts[0], 3))


def _ready(sentence: Sentence) -> None:
    if sentence.spot(phrases_of("ready_to_build")):
        sentence.found["ready_to_build"] = True


def _sort(sentence: Sentence) -> None:
    for one in sentence.spot(phrases_of("sort")):
        sentence.found.setdefault("sort", one.value)
    if "sort" not in sentence.found and "area_min" not in sentence.found and _is_smallest(sentence):
        sentence.found["sort"] = "area"


def _is_smallest(sentence: Sentence) -> bool:
    """Whether `minst` stands for the smallest: no number follows it."""
    return any(
        token.folded == "minst" and place not in sentence.taken and place + 1 >= len(sentence.text) - 1
        for place, token in enumerate(sentence.text)
    )


def _type(sentence: Sentence) -> None:
    spotted = sentence.spot(phrases_of("type"))
    found = [
        one
        for one in spotted
        if one.value != "house" or set(grammar()["own_home"]).isdisjoint(sentence.before(one.start, 1))
    ]
    specific = [one for one in found if one.value != "house"] or found
    if specific:
        sentence.found["type"] = specific[0].value


def _status(sentence: Sentence) -> None:
    for one in sentence.spot(phrases_of("status")):
        after = {token.folded for token in sentence.text[one.end : one.end + 3]}
        if one.value == "sold" and after.intersection(grammar()["own_home"]):
            continue
        sentence.found.setdefault("status", one.value)


def _extent(sentence: Sentence) -> None:
    found = sentence.spot(phrases_of("extent"))
    of_work = "occupation" in sentence.found or "jobs" in named_subjects(sentence)
    for place, (token, sign) in enumerate(pairwise(sentence.text) if of_work else ()):
        if sign.written in ("%", "procent", "percent") and token.folded.isdecimal():
            sentence.found["extent"] = "full-time" if int(token.folded) >= 100 else "part-time"
            sentence.take(place, place + 2)
    if found:
        sentence.found["extent"] = found[0].value


QUALITIES: Final[tuple[Callable[[Sentence], None], ...]] = (
    _own_supply,
    _water,
    _ready,
    _sort,
    _type,
    _status,
    _extent,
)
