"""What figures a text states by itself: phone numbers in any spelling, kronor, shares."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from bot.content.facts import Facts, told
from bot.fields import SHORT_NUMBERS, phone_link
from bot.inventory import Fact
from bot.values import Language

Kind = Literal["phone", "kr", "kr/m2", "percent"]
PHONE = re.compile(r"(?<![\w+,.])(?:\+|0)[\d \u00a0()–-]{5,}\d(?![\w])")
NUMBER: Mapping[Language, str] = {
    "sv": r"(\d{1,3}(?:[ \u00a0.]\d{3})+(?:,\d+)?|\d+(?:,\d+)?)",
    "en": r"(\d{1,3}(?:[ \u00a0,]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)",
}
MILLION = r"(?:[ \u00a0](miljon(?:er)?|million))?"
AFTER = r"[ \u00a0]?(?:kronor|kr\b(?! per hundralapp)|:-)(/m²|[ \u00a0]per[ \u00a0]m²)?"
BEFORE = r"(?:SEK|kr)[ \u00a0]?"
SHARE = r"[ \u00a0]?(?:kr per hundralapp|procent|per[ \u00a0]cent|percent|%)"
KRONOR = {
    language: (
        re.compile(f"(?<![\\w,.]){number}{MILLION}{AFTER}"),
        re.compile(f"\\b{BEFORE}{number}{MILLION}(/m²|[ \\u00a0]per[ \\u00a0]m²)?"),
    )
    for language, number in NUMBER.items()
}
SHARES = {language: re.compile(f"(?<![\\w,.]){number}{SHARE}") for language, number in NUMBER.items()}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: what it is of, its value in one spelling for all, and as it is written."""

    kind: Kind
    value: str
    written: str


def figures_in(text: str, language: Language) -> Iterator[Figure]:
    """Yield the phone numbers, sums and shares that `text` states."""
    for found in PHONE.finditer(text):
        if link := _call(found[0]):
            yield Figure("phone", link, found[0])
    for pattern in KRONOR[language]:
        for found in pattern.finditer(text):
            yield Figure("kr/m2" if found[3] else "kr", _plain(found[1], language, 6 if found[2] else 0), found[0])
    for found in SHARES[language].finditer(text):
        yield Figure("percent", _plain(found[1], language), found[0])


def figure_of(fact: Fact) -> Figure | None:
    """Return the value of a fact as a figure; None where it is another kind of value."""
    if not isinstance(fact.value, str) or fact.unit is None:
        return None
    if fact.unit == "phone":
        link = _call(fact.value)
        return Figure("phone", link, fact.value) if link else None
    if fact.unit not in ("kr", "kr/month", "kr/m2", "percent"):
        return None
    kind: Kind = "percent" if fact.unit == "percent" else "kr/m2" if fact.unit == "kr/m2" else "kr"
    return Figure(kind, _normal(fact.value), told(fact, "sv") or fact.value)


def known_figures(facts: Facts, first: str) -> dict[tuple[Kind, str], str]:
    """Return the names of the facts that tell each figure, by kind and value; of several `first`, else the first."""
    found: dict[tuple[Kind, str], str] = {}
    for name in (first, *facts.ids()):
        fact = facts.find(name)
        figure = figure_of(fact) if fact else None
        if figure:
            found.setdefault((figure.kind, figure.value), name)
    return found


def _call(written: str) -> str | None:
    """Return the address that calls a number; short numbers are literals, which need no fact."""
    digits = re.sub(r"[^\d+]", "", written)
    link = None if digits in SHORT_NUMBERS else phone_link(digits)
    return link and re.sub(r"[^\d+]", "", link)


def _plain(number: str, language: Language, zeros: int = 0) -> str:
    thousands, point = (" \u00a0.", ",") if language == "sv" else (" \u00a0,", ".")
    whole, _, decimals = number.partition(point)
    digits = "".join(sign for sign in whole if sign not in thousands)
    return _normal(f"{digits}.{decimals}e{zeros}" if decimals else f"{digits}e{zeros}")


def _normal(number: str) -> str:
    try:
        return f"{Decimal(number).normalize():f}"
    except InvalidOperation:
        return number
