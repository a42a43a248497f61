"""Amounts in a question → limits of price and area: on which side each is, and what it measures."""

from collections.abc import Mapping, Sequence

from bot.records.numbers import Amount, amounts
from bot.records.phrases import grammar, phrases_of
from bot.records.sentence import REACH, Sentence

SMALLEST_PRICE = 20_000  # kr: a number without unit from here on is a price, below it an area
SMALLEST_AREA = 100  # m²: a smaller number without unit is neither
SIDES: Mapping[str, str] = {"from": "min"}
OPPOSITE: Mapping[str, str] = {"min": "max", "max": "min"}  # not above, inte under
ABOUT = 0.2  # how far "about 1,500 m²" goes to either side


def read_amounts(sentence: Sentence) -> list[str]:
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


def _is_range(sentence: Sentence, amount: Amount, following: Sequence[Amount]) -> bool:
    if not following or following[0].odd:
        return False
    between = [token.folded for token in sentence.text[amount.end : following[0].start]]
    joined = (len(between) in (1, 2) and between[-1] in ("-", "–", "till", "to", "och", "and")) or between == [
        "upp",
        "till",
    ]
    return joined and amount.measure in (following[0].measure, "unknown") and amount.value < following[0].value


def _note_range(sentence: Sentence, low: Amount, high: Amount) -> None:
    kind = _kind(sentence, high, 0, len(sentence.text))
    if kind:
        sentence.found[f"{kind}_min"], sentence.found[f"{kind}_max"] = round(low.value), round(high.value)
        sentence.take(low.start, high.end)


def _note_limit(sentence: Sentence, amount: Amount, before: int, after: int) -> None:
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


def _side(sentence: Sentence, amount: Amount, before: int, after: int) -> str | None:
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


def _kind(sentence: Sentence, amount: Amount, before: int, after: int, side: str | None = None) -> str | None:
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
