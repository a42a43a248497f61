"""A question about things → filters: what it says of place, price, area, kind, and what no filter can hold."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Literal

from bot.models import FILTERS, Filters
from bot.records.limits import read_amounts
from bot.records.named import read_employer, read_place
from bot.records.nearness import near_others, read_near
from bot.records.phrases import Phrases, phrases_of, tokens
from bot.records.qualities import QUALITIES
from bot.records.sentence import Sentence, named_subjects
from bot.text import words

Subject = Literal["plots", "jobs"]
Span = range
LONG_TITLE = 6  # letters
OF_PLOTS = frozenset(
    {"type", "status", "price_min", "price_max", "area_min", "area_max", "water_sewage", "ready_to_build", "near"}
)
OF_JOBS = frozenset({"occupation", "extent", "employer"})


@dataclass(frozen=True, slots=True)
class Names:
    """What the records of a municipality are called: places and employers as written, and the municipality's own
    name."""

    places: tuple[str, ...] = ()
    employers: tuple[str, ...] = ()
    own: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question says of records.

    `subject`: of which table; `named`: a word of the question names it, the filters do not only imply it. `forget`:
    filters of the turn before to drop. `compare`: whether it wants something cheaper, dearer, larger or smaller than
    what was shown. `wishes`: words that no filter holds. `rest`: the folded words that were no part of this.
    """

    filters: Filters
    subject: Subject | None = None
    named: bool = False
    forget: frozenset[str] = frozenset()
    compare: frozenset[str] = frozenset()
    wishes: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    occupations: tuple[str, ...] = ()


def understand(text: str, names: Names, occupations: Phrases, ordinary: AbstractSet[str] = frozenset()) -> Understood:
    """Read `text`; `ordinary` words are never taken for a misspelt place."""
    sentence = Sentence(tokens(text), ordinary)
    named = _subject(sentence)
    forget = _forgotten(sentence)
    titles = _occupations(sentence, occupations) if named != "plots" else ()
    wishes = read_amounts(sentence)
    read_near(sentence)
    for read in QUALITIES:
        read(sentence)
    read_employer(sentence, names.employers)
    read_place(sentence, [name for name in names.places if name not in names.own])
    compare = frozenset(part for part in ("cheaper", "dearer", "larger", "smaller") if sentence.spot(phrases_of(part)))
    wishes += [sentence.written(one.start, one.end) for one in sentence.spot(phrases_of("wishes"))]
    sentence.spot(phrases_of("subject"))
    wishes += near_others(sentence)
    said = Filters(**{name: sentence.found.get(name) for name in FILTERS})
    subject = named or _implied(said)
    rest = tuple(token.folded for place, token in enumerate(sentence.text) if place not in sentence.taken)
    filters = _of_subject(said, subject)
    is_named = named is not None and (filters.said.keys() != {"type"} or not _says_only_land(sentence))
    return Understood(filters, subject, is_named, forget, compare, tuple(wishes), rest, titles)


def merge(before: Filters, now: Understood) -> Filters:
    """Return the filters of the turn before, changed by what was said now."""
    kept = {name: value for name, value in before.said.items() if name not in now.forget}
    said = now.filters.said
    for low, high in (("price_min", "price_max"), ("area_min", "area_max")):
        if low in said and said[low] > kept.get(high, said[low]):
            kept.pop(high)
        if high in said and said[high] < kept.get(low, said[high]):
            kept.pop(low)
    return settled(Filters(**{**kept, **said}))


def settled(filters: Filters) -> Filters:
    """Return `filters` without an order by distance where nothing is said of what to be near."""
    return replace(filters, sort=None) if filters.sort == "distance" and not filters.near else filters


def compile_occupations(listed: Iterable[tuple[str, Iterable[str]]]) -> Phrases:
    """Index what people call occupations: (id, words) pairs; a long word may have an ending."""
    return Phrases(
        tuple(
            (tuple(pattern), occupation)
            for occupation, titles in listed
            for title in titles
            for pattern in _in_forms(words(title))
        )
    )


def _in_forms(title: Sequence[str]) -> Iterator[list[str]]:
    """Yield a title as it stands, with any ending, and in the Swedish plural that changes its last letter."""
    if title:
        yield [_with_endings(word) for word in title]
        if title[-1].endswith("a") and len(title[-1]) >= LONG_TITLE:
            yield [*map(_with_endings, title[:-1]), f"{title[-1][:-1]}or*"]


def _with_endings(word: str) -> str:
    return f"{word}*" if len(word) >= LONG_TITLE else word


def _subject(sentence: Sentence) -> Subject | None:
    """Say which table the question is about; plots win where both are named, for a plot is what is asked for."""
    found = named_subjects(sentence)
    if "jobs" in found and "plots" not in found:
        return "jobs"
    return "plots" if found & {"plots", "land"} else None


def _says_only_land(sentence: Sentence) -> bool:
    """Whether land is asked for, which may be for other things than plots."""
    return named_subjects(sentence) == {"land"}


def _implied(said: Filters) -> Subject | None:
    of = said.said.keys()
    if of & OF_JOBS:
        return "jobs"
    return "plots" if of & OF_PLOTS else None


def _of_subject(said: Filters, subject: Subject | None) -> Filters:
    other = OF_PLOTS if subject == "jobs" else OF_JOBS if subject == "plots" else frozenset()
    return replace(said, **dict.fromkeys(other)) if other else said


def _forgotten(sentence: Sentence) -> frozenset[str]:
    """Find filters to drop: "anywhere is fine", "priset spelar ingen roll"."""
    listed = phrases_of("forget").spot(sentence.text, ordinary=sentence.ordinary)
    if not any(one.value == "all" for one in listed) and not _says_anywhere(sentence):
        return frozenset()
    names: Mapping[str, tuple[str, ...]] = {"price": ("price_min", "price_max"), "area": ("area_min", "area_max")}
    dropped = {name for one in listed if one.value != "all" for name in names.get(one.value, (one.value,))}
    for one in listed:
        sentence.take(one.start, one.end)
    return frozenset(dropped)


def _says_anywhere(sentence: Sentence) -> bool:
    written = " ".join(token.folded for token in sentence.text)
    return any(
        phrase in written
        for phrase in ("anywhere", "var som helst", "vart som helst", "overallt", "everywhere", "hela kommunen")
    )


def _occupations(sentence: Sentence, occupations: Phrases) -> tuple[str, ...]:
    found = sentence.spot(occupations)
    if found:
        sentence.found["occupation"] = found[0].value
    return tuple(dict.fromkeys(one.value for one in found))
