"""A question about things → filters: what it says of place, price, area, kind, and what no filter can hold."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Any, Literal

from rapidfuzz.distance import OSA

from bot.models import FILTERS, Filters
from bot.records.numbers import Amount, amounts
from bot.records.phrases import REMEMBERED, Phrases, Spotted, Token, grammar, is_near, phrases_of, tokens
from bot.text import fold, words

Subject = Literal["plots", "jobs"]
Span = range
OF_PLOTS = frozenset(
    {"type", "status", "price_min", "price_max", "area_min", "area_max", "water_sewage", "ready_to_build", "near"}
)
OF_JOBS = frozenset({"occupation", "extent", "employer"})
SMALLEST_PRICE = 20_000  # kr: a number without unit from here on is a price, below it an area
SMALLEST_AREA = 100  # m²: a smaller number without unit is neither
REACH = 4  # tokens between a word and what it is about
SIDES: Mapping[str, str] = {"from": "min"}
OPPOSITE: Mapping[str, str] = {"min": "max", "max": "min"}  # not above, inte under
ABOUT = 0.2  # how far "about 1,500 m²" goes to either side


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


@dataclass
class _Sentence:
    """A question being read: its tokens, and which of them are explained already."""

    text: list[Token]
    ordinary: AbstractSet[str]
    taken: set[int] = field(default_factory=set)
    found: dict[str, Any] = field(default_factory=dict)

    def spot(self, phrases: Phrases, *, take: bool = True) -> list[Spotted]:
        """Return what stands among the tokens nobody has explained, and explain them."""
        spotted = [
            one
            for one in phrases.spot(self.text, ordinary=self.ordinary)
            if self.taken.isdisjoint(range(one.start, one.end))
        ]
        if take:
            for one in spotted:
                self.take(one.start, one.end)
        return spotted

    def take(self, start: int, end: int) -> None:
        """Note that the tokens from `start` up to `end` are explained."""
        self.taken.update(range(start, end))

    def before(self, place: int, count: int) -> list[str]:
        """Return the folded tokens before `place`."""
        return [token.folded for token in self.text[max(place - count, 0) : place]]

    def written(self, start: int, end: int) -> str:
        """Return the words from `start` up to `end` as they were typed."""
        return " ".join(token.written for token in self.text[start:end])


def understand(text: str, names: Names, occupations: Phrases, ordinary: AbstractSet[str] = frozenset()) -> Understood:
    """Read `text`; `ordinary` words are never taken for a misspelt place."""
    sentence = _Sentence(tokens(text), ordinary)
    named = _subject(sentence)
    forget = _forgotten(sentence)
    titles = _occupations(sentence, occupations) if named != "plots" else ()
    wishes = [*_amounts(sentence), *_near(sentence)]
    for read in (_own_supply, _water, _ready, _sort, _type, _status, _extent):
        read(sentence)
    _employer(sentence, names)
    _place(sentence, names)
    compare = frozenset(part for part in ("cheaper", "dearer", "larger", "smaller") if sentence.spot(phrases_of(part)))
    wishes += [sentence.written(one.start, one.end) for one in sentence.spot(phrases_of("wishes"))]
    sentence.spot(phrases_of("subject"))
    said = Filters(**{name: sentence.found.get(name) for name in FILTERS})
    subject = named or _implied(said)
    rest = tuple(token.folded for place, token in enumerate(sentence.text) if place not in sentence.taken)
    filters = _of_subject(said, subject)
    is_named = named is not None and (len(filters.said) > 1 or not _says_only_land(sentence))
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
            (pattern, occupation)
            for occupation, titles in listed
            for title in titles
            if (pattern := tuple(_with_endings(word) for word in words(title)))
        )
    )


def _with_endings(word: str) -> str:
    return f"{word}*" if len(word) >= 6 else word


def _subject(sentence: _Sentence) -> Subject | None:
    """Say which table the question is about; plots win where both are named, for a plot is what is asked for."""
    found = _named_subjects(sentence)
    if "jobs" in found and "plots" not in found:
        return "jobs"
    return "plots" if found & {"plots", "land"} else None


def _says_only_land(sentence: _Sentence) -> bool:
    """Whether land is asked for, which may be for other things than plots."""
    return _named_subjects(sentence) == {"land"}


def _named_subjects(sentence: _Sentence) -> set[str]:
    found = {one.value for one in phrases_of("subject").spot(sentence.text, ordinary=sentence.ordinary)}
    ends = {"plots": ("tomt", "tomter", "tomten", "tomterna"), "land": ("mark",)}
    said = [token.folded for token in sentence.text]
    return found | {subject for subject, ending in ends.items() if any(word.endswith(ending) for word in said)}


def _implied(said: Filters) -> Subject | None:
    of = said.said.keys()
    if of & OF_JOBS:
        return "jobs"
    return "plots" if of & OF_PLOTS else None


def _of_subject(said: Filters, subject: Subject | None) -> Filters:
    other = OF_PLOTS if subject == "jobs" else OF_JOBS if subject == "plots" else frozenset()
    return replace(said, **dict.fromkeys(other)) if other else said


def _forgotten(sentence: _Sentence) -> frozenset[str]:
    """Find filters to drop: "anywhere is fine", "priset spelar ingen roll"."""
    listed = phrases_of("forget").spot(sentence.text, ordinary=sentence.ordinary)
    if not any(one.value == "all" for one in listed) and not _says_anywhere(sentence):
        return frozenset()
    names: Mapping[str, tuple[str, ...]] = {"price": ("price_min", "price_max"), "area": ("area_min", "area_max")}
    dropped = {name for one in listed if one.value != "all" for name in names.get(one.value, (one.value,))}
    for one in listed:
        sentence.take(one.start, one.end)
    return frozenset(dropped)


def _says_anywhere(sentence: _Sentence) -> bool:
    written = " ".join(token.folded for token in sentence.text)
    return any(
        phrase in written
        for phrase in ("anywhere", "var som helst", "vart som helst", "overallt", "everywhere", "hela kommunen")
    )


def _occupations(sentence: _Sentence, occupations: Phrases) -> tuple[str, ...]:
    found = sentence.spot(occupations)
    if found:
        sentence.found["occupation"] = found[0].value
    return tuple(dict.fromkeys(one.value for one in found))


def _amounts(sentence: _Sentence) -> list[str]:
    """Turn amounts into limits; return those that no filter holds."""
    found = [one for one in amounts(sentence.text) if sentence.taken.isdisjoint(range(one.start, one.end))]
    wishes = []
    for number, amount in enumerate(found):
        before = found[number - 1].end if number else 0
        after = found[number + 1].start if number + 1 < len(found) else len(sentence.text)
        if amount.odd:
            wishes.append(sentence.written(amount.start, amount.end))
            sentence.take(amount.start, amount.end)
        elif _is_range(sentence, amount, found[number + 1 : number + 2]):
            _note_range(sentence, amount, found[number + 1])
        elif not sentence.taken.intersection(range(amount.start, amount.end)):
            _note_limit(sentence, amount, before, after)
    return wishes


def _is_range(sentence: _Sentence, amount: Amount, following: Sequence[Amount]) -> bool:
    if not following or following[0].odd:
        return False
    between = [token.folded for token in sentence.text[amount.end : following[0].start]]
    joined = (len(between) in (1, 2) and between[-1] in ("-", "–", "till", "to", "och", "and")) or between == [
        "upp",
        "till",
    ]
    return joined and amount.measure in (following[0].measure, "unknown") and amount.value < following[0].value


def _note_range(sentence: _Sentence, low: Amount, high: Amount) -> None:
    kind = _kind(sentence, high, 0, len(sentence.text))
    if kind:
        sentence.found[f"{kind}_min"], sentence.found[f"{kind}_max"] = round(low.value), round(high.value)
        sentence.take(low.start, high.end)


def _note_limit(sentence: _Sentence, amount: Amount, before: int, after: int) -> None:
    side = _side(sentence, amount, before, after)
    if amount.measure == "unknown" and amount.bare and side is None and amount.value < SMALLEST_PRICE:
        return
    kind = _kind(sentence, amount, before, after, side)
    if kind is None:
        return
    sentence.take(amount.start, amount.end)
    if side == "about":
        sentence.found[f"{kind}_min"] = round(amount.value * (1 - ABOUT))
        sentence.found[f"{kind}_max"] = round(amount.value * (1 + ABOUT))
        return
    limit = side or ("max" if kind == "price" else "min")
    sentence.found[f"{kind}_{limit}"] = round(amount.value)


def _side(sentence: _Sentence, amount: Amount, before: int, after: int) -> str | None:
    """Say on which side the amount limits: by what stands behind it, else by the nearest word before it."""
    behind = phrases_of("after").spot(sentence.text[amount.end : min(after, amount.end + 3)])
    is_of_next = behind and amount.end + behind[0].end == after < len(sentence.text)
    if behind and behind[0].start <= 1 and not is_of_next:
        sentence.take(amount.end + behind[0].start, amount.end + behind[0].end)
        return behind[0].value
    start = max(before, amount.start - REACH)
    ahead = sentence.text[start : amount.start]
    found = [(one, one.value) for one in phrases_of("comparators").spot(ahead, ordinary=sentence.ordinary)]
    found += [(one, "about") for one in phrases_of("about").spot(ahead)]
    if not found:
        return None
    nearest, value = max(found, key=lambda pair: (pair[0].end, pair[0].length))
    sentence.take(start + nearest.start, start + nearest.end)
    negated = not set(grammar()["negations"]).isdisjoint(sentence.before(start + nearest.start, 2))
    return OPPOSITE.get(value, value) if negated else SIDES.get(value, value)


def _kind(sentence: _Sentence, amount: Amount, before: int, after: int, side: str | None = None) -> str | None:
    """Say what an amount measures: its unit tells, else the words around it, else its size."""
    if amount.measure != "unknown":
        return "price" if amount.measure == "kr" else "area"
    around = sentence.text[max(before, amount.start - 6) : min(after, amount.end + 3)]
    of_price = bool(phrases_of("price_words").spot(around))
    of_area = bool(phrases_of("area_words").spot(around))
    if amount.value >= SMALLEST_PRICE:
        return "price"
    if amount.value < SMALLEST_AREA:
        return None
    if of_price and not of_area:
        return "price"
    return "area" if side or of_area else None


def _near(sentence: _Sentence) -> list[str]:
    """Read what the plot should lie near; return what it should lie near that nobody keeps positions of."""
    if sentence.spot(phrases_of("lake_plots")):
        sentence.found["near"] = "lake"
    cues = phrases_of("near_cues").spot(sentence.text)
    for cue in cues:
        reach = sentence.text[cue.end : cue.end + REACH]
        kinds = [one for one in phrases_of("near").spot(reach) if not _is_tap_water(sentence, cue.end, one)]
        if kinds and "near" not in sentence.found:
            sentence.found["near"] = kinds[0].value
            sentence.take(cue.start, cue.end + kinds[0].end)
    for cue in cues if "near" not in sentence.found else ():
        start = max(cue.start - REACH, 0)
        kinds = phrases_of("near").spot(sentence.text[start : cue.start])
        if kinds:  # the school must be near
            sentence.found["near"] = kinds[-1].value
            sentence.take(start + kinds[-1].start, cue.end)
            break
    if "near" not in sentence.found and sentence.spot(phrases_of("lake_alone")):
        sentence.found["near"] = "lake"
    if phrases_of("nearest").spot(sentence.text):
        sentence.found["sort"] = "distance"
    return []


def _is_tap_water(sentence: _Sentence, start: int, near: Spotted) -> bool:
    """Whether the water that is spotted from `start` on comes out of a tap."""
    if near.value != "lake":
        return False
    place = start + near.start
    following = [token.folded for token in sentence.text[place + 1 : place + 3]]
    municipal = sentence.before(place, 1) in (["kommunalt"], ["municipal"])
    return municipal or any(word == "avlopp" or word.startswith("sew") for word in following)


def _own_supply(sentence: _Sentence) -> None:
    sentence.spot(phrases_of("own_supply"))


def _water(sentence: _Sentence) -> None:
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


def _ready(sentence: _Sentence) -> None:
    if sentence.spot(phrases_of("ready_to_build")):
        sentence.found["ready_to_build"] = True


def _sort(sentence: _Sentence) -> None:
    for one in sentence.spot(phrases_of("sort")):
        sentence.found.setdefault("sort", one.value)
    if "sort" not in sentence.found and "area_min" not in sentence.found and _is_smallest(sentence):
        sentence.found["sort"] = "area"


def _is_smallest(sentence: _Sentence) -> bool:
    """Whether `minst` stands for the smallest: no number follows it."""
    return any(
        token.folded == "minst" and place not in sentence.taken and place + 1 >= len(sentence.text) - 1
        for place, token in enumerate(sentence.text)
    )


def _type(sentence: _Sentence) -> None:
    spotted = sentence.spot(phrases_of("type"))
    found = [
        one
        for one in spotted
        if one.value != "house" or set(grammar()["own_home"]).isdisjoint(sentence.before(one.start, 1))
    ]
    specific = [one for one in found if one.value != "house"] or found
    if specific:
        sentence.found["type"] = specific[0].value


def _status(sentence: _Sentence) -> None:
    for one in sentence.spot(phrases_of("status")):
        after = {token.folded for token in sentence.text[one.end : one.end + 3]}
        if one.value == "sold" and after.intersection(grammar()["own_home"]):
            continue
        sentence.found.setdefault("status", one.value)


def _extent(sentence: _Sentence) -> None:
    found = sentence.spot(phrases_of("extent"))
    of_work = "occupation" in sentence.found or "jobs" in _named_subjects(sentence)
    for place, (token, sign) in enumerate(pairwise(sentence.text) if of_work else ()):
        if sign.written in ("%", "procent", "percent") and token.folded.isdecimal():
            sentence.found["extent"] = "full-time" if int(token.folded) >= 100 else "part-time"
            sentence.take(place, place + 2)
    if found:
        sentence.found["extent"] = found[0].value


def _employer(sentence: _Sentence, names: Names) -> None:
    text = [token.folded for token in sentence.text]
    for employer in names.employers:
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
        sentence.found["employer"] = next((name for name in names.employers if meant in fold(name).split()), None)


def _may_be(word: str, name: str) -> bool:
    return word in (name, f"{name}s") or is_near(word, name)


def _place(sentence: _Sentence, names: Names) -> None:
    """Find a place by its name, an inflected or a misspelt one too; the one with the fewest slips, then the first."""
    found = [
        (slips, start, start + len(folded.split()), name)
        for name in names.places
        if name not in names.own and (folded := _folded(name))
        for start in range(len(sentence.text) - folded.count(" "))
        if (slips := _slips_at(sentence, start, folded)) is not None
    ]
    if found:
        _, start, end, name = min(found)
        sentence.found["place"] = name
        sentence.take(start, end)


def _slips_at(sentence: _Sentence, start: int, name: str) -> int | None:
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
