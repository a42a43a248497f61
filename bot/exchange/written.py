"""What people write into forms → values, with the spaces, dashes, units and days of word processors and spreadsheets.

What can be meant in two ways is not guessed: a CellError says so.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import Final

from bot.exchange.cells import UNIT, CellError, folded, is_per_area, read_coordinate, read_number
from bot.exchange.positions import find_reading
from bot.exchange.tables import Point, Shape

DASHES: Final = re.compile("[\u2010-\u2015\u2212]")
MONEY: Final = re.compile(r"(kr|sek|tkr|:-)", re.I)
APPROXIMATE: Final = re.compile(r"(ca|cirka|circa|about|approx|ungefar|runt|around)\b|~", re.I)
SPAN: Final = re.compile(r"\d\s*-\s*\d")
LARGEST: Final = 1e12


def read_kr(text: str) -> int | None:
    """Read a price in whole kr; None where the field is empty, or a word says that nobody knows."""
    if is_per_area(text):
        raise CellError("per-area", value=text)
    value = _amount(text, of_money=True)
    if value is not None and value != int(value):
        raise CellError("whole-kronor", value=text)
    return None if value is None else int(value)


def read_kr_m2(text: str) -> float | None:
    """Read the price of one m² in kr."""
    return _amount(text, of_money=True)


def read_m2(text: str) -> float | None:
    """Read an area in m²; hectares become m²."""
    return _amount(text, of_money=False)


def _amount(text: str, *, of_money: bool) -> float | None:
    plain = DASHES.sub("-", text)
    unit = UNIT.search(plain)
    if unit and bool(MONEY.match(unit[1])) is not of_money:
        raise CellError("unit", value=text, unit=unit[1])
    if SPAN.search(plain):
        raise CellError("span", value=text)
    if APPROXIMATE.match(folded(plain)):
        raise CellError("approximate", value=text)
    value = read_number(plain)
    if value is not None and value > LARGEST:
        raise CellError("number-text", value=text)
    return value


MONTHS: Final[Mapping[str, int]] = MappingProxyType({
    name: number
    for number, names in enumerate(
        ("jan januari january", "feb februari february", "mar mars march", "apr april", "maj may", "jun juni june",
         "jul juli july", "aug augusti august", "sep sept september", "okt oktober oct october", "nov november",
         "dec december"), 1)
    for name in names.split()
})  # fmt: skip
ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?z?)?")
COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
DAY_FIRST: Final = re.compile(r"(\d{1,2})(?:/(\d{1,2})[ -]{1,3}|\. ?(\d{1,2})\. ?)(\d{4})")
EITHER_FIRST: Final = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4})")
NAMED: Final = re.compile(r"(?:den )?(\d{1,2})(?:\.|:e|st|nd|rd|th)? ([a-z]+)\.?,? (\d{4})")
NAMED_AFTER: Final = re.compile(r"([a-z]+)\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})")
NO_YEAR: Final = re.compile(r"(\d{1,2}[/.-]\d{1,2}([/. -]{1,2}\d{2})?|(?:den )?\d{1,2} [a-z]+\.?)")


def read_date(text: str) -> str | None:
    """Read a day as YYYY-MM-DD: `2026-12-01`, `1/12 2026`, `1 december 2026`; None for an empty field."""
    plain = folded(DASHES.sub("-", text))
    if not plain:
        return None
    if found := ISO.fullmatch(plain) or COMPACT.fullmatch(plain):
        return _day(found[1], found[2], found[3], text)
    if found := DAY_FIRST.fullmatch(plain):
        return _day(found[4], found[2] or found[3], found[1], text)
    if found := EITHER_FIRST.fullmatch(plain):
        return _either(found[1], found[2], found[3], text)
    return _named_day(plain, text)


def _named_day(plain: str, text: str) -> str:
    if found := NAMED.fullmatch(plain):
        return _day(found[3], MONTHS.get(found[2], 0), found[1], text)
    if found := NAMED_AFTER.fullmatch(plain):
        return _day(found[3], MONTHS.get(found[1], 0), found[2], text)
    raise CellError("day-year" if NO_YEAR.fullmatch(plain) else "day", value=text)


def _either(first: str, second: str, year: str, text: str) -> str:
    """Read 13/12/2026, but not 1/12/2026: British and American people mean two days by it."""
    days = {found for day, month in ((first, second), (second, first)) if (found := _known(year, month, day))}
    if len(days) == 2:
        small, large = sorted(days)
        raise CellError("day-ambiguous", value=text, small=small, large=large)
    if not days:
        raise CellError("day", value=text)
    return days.pop()


def _day(year: str, month: str | int, day: str, text: str) -> str:
    found = _known(year, month, day)
    if found is None:
        raise CellError("day", value=text)
    return found


def _known(year: str, month: str | int, day: str) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


CLOSED: Final = frozenset({"closed", "stangt", "stangd", "stangda", "ej oppet", "not open"})
ALWAYS: Final = frozenset({"dygnet runt", "24 h", "24h", "always", "all day", "hela dygnet", "24/7"})
JOINED: Final = re.compile(r"\s*(?:,|;|\+|&|\boch\b|\band\b|\bsamt\b)\s*")
UNTIL: Final = re.compile(r"\s*(?:\btill\b|\bto\b|\buntil\b)\s*")
CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.]?(\d\d))?\s*-\s*(\d{1,2})(?:[:.]?(\d\d))?")
SPOKEN: Final = re.compile(r"\b(?:kl|klockan|o'clock)\b\.?:?")


def read_times(text: str) -> str | None:
    """Read the times of a day as `08:00-12:00, 13:00-16:30` or `closed`; None for an empty field.

    Whether the times exist, and one comes after the other, is for whoever types them.
    """
    plain = folded(SPOKEN.sub(" ", DASHES.sub("-", text.lower())))
    if not plain:
        return None
    if plain in CLOSED:
        return "closed"
    if plain in ALWAYS:
        return "00:00-24:00"
    return ", ".join(_span(part, text) for part in JOINED.split(UNTIL.sub("-", plain)) if part)


def _span(part: str, text: str) -> str:
    found = CLOCK.fullmatch(part)
    if not found:
        raise CellError("hours", value=text)
    hour, minute, until, until_minute = found.groups()
    return f"{int(hour):02}:{minute or '00'}-{int(until):02}:{until_minute or '00'}"


NUMBER: Final = r"-?\d+(?:\.\d+)?"
WITH_COMMA: Final = r"-?\d+,\d+"
GROUPED: Final = r"\d{1,3}(?: \d{3})+(?:[.,]\d+)?"
PAIRS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"({NUMBER})(?: ?[,;] ?| )({NUMBER})",
        rf"({WITH_COMMA}|{NUMBER})(?: ?[,;] | ?; ?| )({WITH_COMMA}|{NUMBER})",
        rf"({GROUPED}) ?[,;/] ?({GROUPED})",
    )
)
LABELS: Final = re.compile(r"\b(?:lat(?:itud|itude)?|lon(?:g|gitud|gitude)?|nord|north|ost|east|[nexy])\b\.?[:=]?")
DEGREES: Final = re.compile(
    r"(\d{1,3}) ?° ?(\d{1,2}(?:[.,]\d+)?) ?['′’](?: ?(\d{1,2}(?:[.,]\d+)?) ?(?:[\"″”]|''))? ?[neo]?"
)


def read_point(text: str, crs: int | None = None) -> tuple[float, float] | None:
    """Read a position as latitude and longitude; `crs` (EPSG) is needed for the local zones of SWEREF 99 alone."""
    points = read_points([text], crs)
    return points[0] if points else None


def read_points(lines: Sequence[str], crs: int | None = None) -> list[tuple[float, float]]:
    """Read corners, one on each line, all in the same system; empty lines are left out."""
    corners = [_pair(line) for line in lines if line.strip()]
    if not corners:
        return []
    reading, problems = find_reading({1: Shape(tuple(corners))}, crs, "")
    if reading is None:
        values: dict[str, object] = {**problems[0].values, "value": " / ".join(lines)}
        raise CellError(problems[0].code, **values)
    return [reading.position(corner) for corner in corners]


def _pair(text: str) -> Point:
    plain = folded(DASHES.sub("-", text)).strip("()[] ")
    angles = [_degrees(*found.groups()) for found in DEGREES.finditer(plain)]
    if len(angles) == 2:
        return angles[0], angles[1]
    plain = " ".join(LABELS.sub(" ", plain.replace("°", " ")).split()).strip(" ,;")
    for pattern in PAIRS:
        if found := pattern.fullmatch(plain):
            first, second = (read_coordinate(number) for number in found.groups())
            if first is not None and second is not None:
                return first, second
    raise CellError("position", value=text)


def _degrees(degrees: str, minutes: str, seconds: str | None) -> float:
    return int(degrees) + float(minutes.replace(",", ".")) / 60 + float((seconds or "0").replace(",", ".")) / 3600
