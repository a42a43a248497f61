"""Amounts as people write and say them: 200 000 kr, 200k, en halv miljon, 1500 kvm, half a hectare, 100–200 tkr."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.records.phrases import Token, grammar

Measure = Literal["kr", "m2", "unknown"]

WORDS: Mapping[str, Sequence[str]] = grammar()["numbers"]
SMALL: Mapping[str, int] = {
    **{word: number for names in ("ones", "english_ones") for number, word in enumerate(WORDS[names])},
    **{word: 10 * number for names in ("tens", "english_tens") for number, word in enumerate(WORDS[names], 1)},
    "ett": 1,
    "a": 1,
    "an": 1,
    "forti": 40,
    "fourty": 40,
    "tjugu": 20,
    "couple": 2,
    "par": 2,
}
SHARES: Mapping[str, float] = {**dict.fromkeys(WORDS["half"], 0.5), "kvarts": 0.25, "quarter": 0.25}
TIMES: Mapping[str, int] = {
    **dict.fromkeys(WORDS["hundred"], 100),
    **dict.fromkeys(WORDS["thousand"], 1_000),
    **dict.fromkeys(WORDS["million"], 1_000_000),
}
AREAS: Mapping[str, float] = {
    **dict.fromkeys(WORDS["square_metre"], 1),
    **dict.fromkeys(WORDS["hectare"], 10_000),
    **dict.fromkeys(WORDS["acre"], 4046.86),
    "tunnland": 4936.4,
}
SQUARE_FOOT = 0.09290304  # m²
THOUSAND = 1_000
SMALLEST_TOLD = 100  # a smaller number in words counts something else
HIGHEST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Amount:
    """A number from token `start` up to `end`. `measure`: kr, m² (the value is in that), or unknown.

    `bare`: nothing told what it measures; `odd`: in a unit that cannot be compared (€, kr per m²).
    """

    value: float
    measure: Measure
    start: int
    end: int
    bare: bool = True
    odd: bool = False


def amounts(text: Sequence[Token]) -> list[Amount]:
    """Return the amounts of `text` in order; the first of a range (100–200 tkr) takes the unit of the second."""
    found = []
    place = 0
    while place < len(text):
        amount = _amount(text, place)
        place = amount.end if amount else place + 1
        if amount:
            found.append(amount)
    return list(_as_ranges(text, found))


def _amount(text: Sequence[Token], start: int) -> Amount | None:
    value, end, bare = _number(text, start)
    if value is None or value > HIGHEST:
        return None
    return _with_unit(text, start, end, value, bare=bare)


def _number(text: Sequence[Token], start: int) -> tuple[float | None, int, bool]:
    """Read digits or number words from `start`; the last value says that nothing multiplied them."""
    first = text[start].folded
    if first[0].isdecimal():
        return _multiplied(text, start + 1, _digits(first))
    if first in SHARES or _spoken(first) is not None:
        return _told(text, start)
    return None, start, True


def _digits(written: str) -> float:
    """Read 1 500, 200.000, 1,000 and 1,5: exactly three digits behind a sign are thousands, unless 0 stands before."""
    plain = re.sub(r"[ \u00a0\u202f]", "", written)
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", plain):
        return float(re.sub(r"[.,]", "", plain))
    grouped, _, rest = plain.rpartition(",")
    if grouped and "." in grouped:
        plain = f"{grouped.replace('.', '')}.{rest}"
    return float(plain.replace(",", "."))


def _multiplied(text: Sequence[Token], end: int, value: float) -> tuple[float, int, bool]:
    bare = True
    while end < len(text) and (times := TIMES.get(text[end].folded)):
        if text[end].folded == "m" and _is_square(text, end):
            break
        value, end, bare = value * times, end + 1, bare and text[end].folded not in WORDS["money_of_itself"]
        if value >= 1_000_000:
            break
    return value, end, bare


def _is_square(text: Sequence[Token], place: int) -> bool:
    """Whether the `m` at `place` begins m² or m2."""
    return text[place].written in ("m", "M") and place + 1 < len(text) and text[place + 1].folded in ("2", "²")


def _told(text: Sequence[Token], start: int) -> tuple[float | None, int, bool]:
    """Read number words: two hundred and fifty thousand, en och en halv miljon, half a million, tvåhundratusen."""
    total = part = 0.0
    place = start
    while place < len(text) and (end := _part_of_number(text, start, place, total + part)):
        word = text[place].folded
        if word in SHARES:
            part = _with_share(part, SHARES[word], is_more=_joined(text, place))
        elif place == start or not _is_filler(text, place):
            spoken = _spoken(word) or 0
            part = _added(part, spoken)
            if spoken >= THOUSAND:
                total, part = total + part, 0.0
        place = end
    value = total + part
    if value == 0 or (place == start + 1 and text[start].folded in ("a", "an") and not _unit_at(text, place)):
        return None, start, True
    return *_multiplied_again(text, place, value), True


def _part_of_number(text: Sequence[Token], start: int, place: int, value: float) -> int | None:
    """Return the place behind the word at `place` where it belongs to the number that began at `start`."""
    word = text[place].folded
    if place > start and _is_filler(text, place):
        return place + 1 if _goes_on(text, place + 1, value) else None
    if place > start and word in ("a", "an"):
        return None
    return place + 1 if word in SHARES or _spoken(word) is not None else None


def _is_filler(text: Sequence[Token], place: int) -> bool:
    """Whether the word at `place` only joins: hundred and fifty, half a million, a quarter of a million."""
    word, before = text[place].folded, text[place - 1].folded
    following = text[place + 1].folded if place + 1 < len(text) else ""
    if word in ("a", "an"):
        return before in SHARES or before == "of" or following in SHARES
    return word in ("och", "and", "o") or (word == "of" and before in SHARES)


def _with_share(part: float, share: float, *, is_more: bool) -> float:
    """Add a half to a whole ("one and a half"), or take it of one ("en halv", half a)."""
    if part > 1 and not is_more:
        return part - 1 + share
    return part + share if is_more else share


def _multiplied_again(text: Sequence[Token], end: int, value: float) -> tuple[float, int]:
    found, behind, _ = _multiplied(text, end, value)
    return found, behind


def _joined(text: Sequence[Token], place: int) -> bool:
    """Whether the half at `place` comes on top of a whole: one and a half."""
    before = [token.folded for token in text[max(place - 2, 0) : place]]
    return "och" in before or "and" in before


def _goes_on(text: Sequence[Token], place: int, value: float) -> bool:
    """Whether what stands at `place` belongs to the number of `value` before it, and does not begin another."""
    if place >= len(text):
        return False
    word = text[place].folded
    if word in SHARES or word in ("a", "an"):
        return True
    spoken = _spoken(word)
    if 0 < value < 1:
        return spoken is not None and spoken >= THOUSAND  # half a million
    following = text[place + 1].folded if place + 1 < len(text) else ""
    return spoken is not None and spoken < max(value, 1) and following not in WORDS["hundred"]


def _added(part: float, spoken: float) -> float:
    if spoken >= 100:
        return (part or 1) * spoken
    return part + spoken


def _spoken(word: str) -> float | None:
    """Return the value of a number word, a compound too: tvahundrafemtiotusen; None where it is none."""
    if word in SMALL:
        return SMALL[word]
    if word in ("hundra", "hundred", "tusen", "thousand", "miljon", "miljoner", "million"):
        return TIMES[word]
    return _compound(word) if len(word) > 5 else None


def _compound(word: str) -> float | None:
    parts = _split(word)
    if len(parts) < 2:
        return None
    total = part = 0.0
    for value in parts:
        if value >= 1_000:
            total, part = total + (part or 1) * value, 0.0
        else:
            part = _added(part, value)
    return total + part


def _split(word: str) -> list[float]:
    for length in range(len(word), 1, -1):
        head = word[:length]
        value = SMALL.get(head) or {"hundra": 100, "tusen": 1_000, "miljon": 1_000_000}.get(head)
        if not value:
            continue
        if length == len(word):
            return [value]
        rest = _split(word[length:])
        if rest:
            return [value, *rest]
    return []


def _with_unit(text: Sequence[Token], start: int, end: int, value: float, *, bare: bool) -> Amount | None:
    if end < len(text) and text[end].folded in ("a", "of", "an") and _unit_at(text, end + 1):
        end += 1  # half a hectare
    measure, behind, factor = _unit(text, end)
    if measure is None:
        return _without_unit(text, start, end, value, bare=bare)
    if measure == "kr" and value < SMALLEST_TOLD and text[start].folded in SMALL:
        return None  # not a krona more
    per = measure == "kr" and _is_per_area(text, behind)
    return Amount(value * factor, measure, start, _behind_per(text, behind) if per else behind, bare=False, odd=per)


def _without_unit(text: Sequence[Token], start: int, end: int, value: float, *, bare: bool) -> Amount | None:
    follows = _is_odd(text, end)
    odd = follows or (start > 0 and text[start - 1].folded in WORDS["other_money"])
    if bare and not odd and text[start].folded in SMALL and value < SMALLEST_TOLD:
        return None  # en tomt, two children
    return Amount(value, "unknown" if bare else "kr", start, end + follows, bare=bare and not odd, odd=odd)


def _unit_at(text: Sequence[Token], place: int) -> bool:
    return place < len(text) and (text[place].folded in AREAS or text[place].folded in TIMES)


def _unit(text: Sequence[Token], end: int) -> tuple[Measure | None, int, float]:
    """Return the unit at `end`, the token behind it, and what to multiply by."""
    word = text[end].folded if end < len(text) else ""
    following = text[end + 1].folded if end + 1 < len(text) else ""
    if word in WORDS["kronor"]:
        return "kr", end + 1, 1
    if word == "m" and following in ("2", "²"):
        return "m2", end + 2, 1
    if word in ("square", "sq") and following in WORDS["foot"]:
        return "m2", end + 2, SQUARE_FOOT
    if word in AREAS:
        return "m2", end + 1 + (following in WORDS["metre"]), AREAS[word]
    return None, end, 1


def _is_odd(text: Sequence[Token], end: int) -> bool:
    return end < len(text) and text[end].folded in WORDS["other_money"]


def _is_per_area(text: Sequence[Token], place: int) -> bool:
    words = [token.folded for token in text[place : place + 2]]
    return len(words) > 1 and words[0] in ("/", "per") and (words[1] in AREAS or words[1] in ("m", "manad", "month"))


def _behind_per(text: Sequence[Token], place: int) -> int:
    """Return the token behind `/m2`, `per kvm`."""
    return place + 2 + (text[place + 1].folded == "m" and place + 2 < len(text) and text[place + 2].folded == "2")


def _as_ranges(text: Sequence[Token], found: Sequence[Amount]) -> Iterator[Amount]:
    for number, amount in enumerate(found):
        after = found[number + 1] if number + 1 < len(found) else None
        if after and amount.measure == "unknown" and amount.bare and _joins(text, amount.end, after.start):
            yield _like(amount, after, text)
        else:
            yield amount


def _joins(text: Sequence[Token], end: int, start: int) -> bool:
    between = [token.folded for token in text[end:start]]
    return len(between) in (1, 2) and between[0] in ("-", "–", "till", "to", "och", "and", "upp")


def _like(amount: Amount, after: Amount, text: Sequence[Token]) -> Amount:
    """Give the first of a range the unit and, where it is smaller without, the multiplier of the second."""
    told = not text[after.start].folded[0].isdecimal()
    written = after.value / THOUSAND if told else _digits(text[after.start].folded)
    times = after.value / written if amount.value <= written else 1
    return Amount(amount.value * times, after.measure, amount.start, amount.end, after.bare, after.odd)
