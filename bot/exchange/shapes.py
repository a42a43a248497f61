"""Values of knowledge ⇄ the text of one cell: what was written is read back as the same, and people may write freely.

A cell is read as it was written first; only what is not that is read as people write numbers, days and places.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

from bot.exchange.cells import CellError, read_ready, read_status, read_type
from bot.exchange.written import read_date, read_kr, read_kr_m2, read_m2, read_points, read_times

# text: one text · lines: one text on each line · ids: names with commas between · days of the year are MM-DD
# point, points: latitude and longitude · exceptions: days with other times · mark: which text English was made from
Shape = Literal[
    "text", "answer", "lines", "ids", "choice", "status", "type", "kr", "kr_m2", "m2", "count", "flag", "day",
    "year-day", "times", "point", "points", "exceptions", "mark", "phone", "url",
]  # fmt: skip
LONGEST: Final = 32_000  # of a cell; Excel holds 32,767
PARTED: Final = " | "
UNTIL: Final = ".."
MADE_FROM: Final = "sv-"  # before the fingerprint of a text, which might be a number to a spreadsheet program
# what a cell or XML cannot hold, and the ways to write it that programs read back as something else
ODD: Final = re.compile("[\0-\x08\x0b-\x1f\x7f\ufffe\uffff]|\\\\(?=u[0-9a-f]{4})|_(?=x[0-9A-Fa-f]{4}_)|x(?=005F_)")
ODD_IN_LIST: Final = re.compile(f"{ODD.pattern}|\n")
ODD_IN_PART: Final = re.compile(f"{ODD.pattern}|[\n|]")
ESCAPED: Final = re.compile(r"\\u([0-9a-f]{4})")
ERRORS: Final = re.compile(
    r"#(?:REF!|VALUE!|NAME\?|N/A|DIV/0!|NULL!|NUM!|SAKNAS!|VÄRDEFEL!|NAMN\?|REFERENS!|#+)\Z", re.I
)
POWER: Final = re.compile(r"[+-]?\d(?:[.,]\d+)?E[+-]\d+\Z")
NUMBER: Final = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
POINT: Final = re.compile(rf"({NUMBER.pattern}), ({NUMBER.pattern})", re.ASCII)
YEAR_DAY: Final = re.compile(r"(?:\d{4}-)?(\d\d-\d\d)(?:T00:00:00)?", re.ASCII)
EXCEPTION_PARTS: Final = 4
ZERO_LOST: Final = re.compile(r"[1-9]\d{6,9}", re.ASCII)  # a number of Sweden begins with 0, or + and the country


def text_of(shape: Shape, value: Any) -> str:
    """Write a plain value as the text of a cell; nothing where there is none."""
    return "" if value is None else WRITERS.get(shape, _plain_text)(value)


def value_of(shape: Shape, text: str) -> Any:
    """Read the text of a cell; None where it is empty. Raises CellError where it can mean several things or none."""
    if not text:
        return None
    if ERRORS.match(text) or (POWER.match(text) and shape != "answer"):
        raise CellError("mangled", value=text)
    return READERS.get(shape, _unescaped)(text)


def _escaped(text: str, odd: re.Pattern[str] = ODD) -> str:
    return odd.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)


def _plain_text(value: Any) -> str:
    return _escaped(str(value))


def _lines(values: Sequence[str]) -> str:
    return "\n".join(_escaped(one, ODD_IN_LIST) for one in values)


def _decimal(value: float) -> str:
    """Write a number so that it cannot be taken for thousands: three decimals get a fourth."""
    whole, _, decimals = format(Decimal(repr(value)), "f").partition(".")
    if not decimals.strip("0"):
        return whole
    return f"{whole}.{decimals}0" if len(decimals) == len("000") else f"{whole}.{decimals}"


def _point(value: Sequence[float]) -> str:
    return ", ".join(format(Decimal(repr(one)), "f") for one in value)


def _exceptions(values: Sequence[Mapping[str, Any]]) -> str:
    return "\n".join(_exception(one) for one in values)


def _exception(one: Mapping[str, Any]) -> str:
    days = UNTIL.join(filter(None, (one["from"], one.get("to"))))
    notes = (_escaped(one.get("note", {}).get(language, ""), ODD_IN_PART) for language in ("sv", "en"))
    return PARTED.join((days, one.get("times", "closed"), *notes)).rstrip(" |")


WRITERS: Final[Mapping[Shape, Callable[[Any], str]]] = MappingProxyType({
    "lines": _lines,
    "ids": ", ".join,
    "kr": _decimal,
    "kr_m2": _decimal,
    "m2": _decimal,
    "flag": lambda value: "yes" if value else "no",
    "point": _point,
    "points": lambda values: "\n".join(_point(one) for one in values),
    "exceptions": _exceptions,
    "mark": lambda value: MADE_FROM + _escaped(value),
})  # fmt: skip


def _read_lines(text: str) -> list[str]:
    return [_unescaped(line) for line in map(str.strip, text.split("\n")) if line]


def _read_ids(text: str) -> list[str]:
    return [one for one in re.split(r"[,;\s]+", text) if one]


def _read_count(text: str) -> Any:
    found = re.fullmatch(r"(\d{1,9})(?:[.,]0+)?", text, re.ASCII)
    return int(found[1]) if found else text


def _number(read: Callable[[str], float | None]) -> Callable[[str], Any]:
    """Read digits with a point as they are, unless they may be thousands; all else as people write it."""

    def reader(text: str) -> Any:
        _, _, decimals = text.partition(".")
        if NUMBER.fullmatch(text) and len(decimals) != len("000"):
            return float(text) if decimals else int(text)
        return read(text)

    return reader


def _read_point(text: str) -> list[float]:
    found = _read_points(text)
    if len(found) != 1:
        raise CellError("coordinate", value=text)
    return found[0]


def _read_points(text: str) -> list[list[float]]:
    lines = [line for line in map(str.strip, text.split("\n")) if line]
    exact = [[float(found[1]), float(found[2])] for line in lines if (found := POINT.fullmatch(line))]
    if len(exact) == len(lines) and all(abs(north) <= 90 and abs(east) <= 180 for north, east in exact):
        return exact
    return [list(point) for point in read_points(lines)]


def _read_year_day(text: str) -> str:
    """A spreadsheet program makes a whole date of 04-01; the year that it adds says nothing."""
    found = YEAR_DAY.fullmatch(text)
    return found[1] if found else text


def _read_exceptions(text: str) -> list[dict[str, Any]]:
    return [_read_exception(line) for line in map(str.strip, text.split("\n")) if line]


def _read_exception(line: str) -> dict[str, Any]:
    parts = [part.strip() for part in line.split("|")]
    if len(parts) > EXCEPTION_PARTS:
        raise CellError("exception", value=line)
    days, times, sv, en = (*parts, *[""] * (EXCEPTION_PARTS - len(parts)))
    first, _, last = days.partition(UNTIL)
    found = {"from": read_date(first), "to": read_date(last), "times": read_times(times) or "closed"}
    note = {tongue: _unescaped(said) for tongue, said in (("sv", sv), ("en", en)) if said}
    return {name: value for name, value in {**found, "note": note}.items() if value}


def _read_flag(text: str) -> Any:
    return text == "true" if text in ("true", "false") else read_ready(text)


def _read_phone(text: str) -> str:
    if ZERO_LOST.fullmatch(text):
        raise CellError("zero-lost", value=text)
    return _unescaped(text)


def _read_url(text: str) -> str:
    return _unescaped(f"https://{text}" if text.lower().startswith("www.") else text)


READERS: Final[Mapping[Shape, Callable[[str], Any]]] = MappingProxyType({
    "lines": _read_lines,
    "ids": _read_ids,
    "status": read_status,
    "type": read_type,
    "kr": _number(read_kr),
    "kr_m2": _number(read_kr_m2),
    "m2": _number(read_m2),
    "count": _read_count,
    "flag": _read_flag,
    "day": read_date,
    "year-day": _read_year_day,
    "times": read_times,
    "point": _read_point,
    "points": _read_points,
    "exceptions": _read_exceptions,
    "mark": lambda text: _unescaped(text.removeprefix(MADE_FROM)),
    "phone": _read_phone,
    "url": _read_url,
})  # fmt: skip
