"""What people write into cells → values: numbers with units, yes and no, our words for theirs. Nothing is guessed."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from bot.text import fold

UNKNOWN: Final = frozenset({
    "", "-", "–", "—", "?", "n/a", "null", "none", "okand", "okant", "saknas", "uppgift saknas", "ej faststallt",
    "ej bestamt", "unknown", "anbud", "budgivning", "hogstbjudande", "enligt overenskommelse", "pris enligt anbud",
})  # fmt: skip


class CellError(Exception):
    """A cell cannot be read: the code of a RowProblem and its values."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


SPACES: Final = re.compile(r"(?<=\d)[\s\u00a0\u202f\u2009'’](?=\d{3}(?!\d))")
UNIT: Final = re.compile(
    r"\s*(kr(?:onor)?(?:\s*/\s*(?:m2|m²|kvm))?|sek|tkr|:-|m2|m²|kvm|kvadratmeter|ha|hektar)\.?\Z", re.I
)
TIMES: Final = MappingProxyType({"tkr": 1_000, "ha": 10_000, "hektar": 10_000})
PLAIN: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)
GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:([.,])\d{3})(?:\1\d{3})+(?:(?!\1)[.,]\d+)?", re.ASCII)
EITHER: Final = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)


def read_number(text: str, unit: str = "") -> float | None:
    """Read `1 240,5 m²` as 1240.5; None where a word says that nobody knows.

    `unit` is that of the heading, and holds where the cell names none; tkr become kr and hectares m². Raises CellError
    where `1,250` may be one and a quarter or a thousand and more.
    """
    if is_unknown(text):
        return None
    if text.startswith("="):
        raise CellError("formula", value=text)
    found = UNIT.search(text)
    digits = SPACES.sub("", text[: found.start()] if found else text).strip().replace("\u2212", "-")
    value = _value(digits, text)
    if value < 0:
        raise CellError("negative", value=text)
    return value * TIMES.get((found[1] if found else unit).lower(), 1)


def _value(digits: str, text: str) -> float:
    if EITHER.fullmatch(digits):
        small, large = re.sub("[.,]", ".", digits), re.sub("[.,]", "", digits)
        raise CellError("ambiguous", value=text, small=small, large=large)
    if PLAIN.fullmatch(digits) and len(digits) < 20:
        return float(digits.replace(",", "."))
    if grouped := GROUPED.fullmatch(digits):
        return float(digits.replace(grouped[1], "").replace(",", "."))
    raise CellError("number-text", value=text)


def is_per_area(text: str) -> bool:
    """Whether a price, or the heading of prices, is that of one m²."""
    return bool(re.search(r"(?:/|per)\s*(?:m2|m²|kvm|kvadratmeter)", text, re.I))


def read_kronor(text: str, unit: str = "") -> int | None:
    """Read a price in whole kr. Nothing for 0: no plot is free, many lists write 0 where no price is set."""
    value = read_number(text, unit)
    if value is not None and value != int(value):
        raise CellError("whole-kronor", value=text)
    return int(value) if value else None


def read_measure(text: str, unit: str = "") -> float | None:
    """Read an area, or a price of a m²; nothing for 0."""
    return read_number(text, unit) or None


def read_coordinate(text: str) -> float | None:
    """Read degrees or metres: three decimals are nothing to wonder at there. None for an empty cell."""
    if is_unknown(text):
        return None
    digits = re.sub(r"[\s\u00a0\u202f°]", "", text).replace("\u2212", "-")
    if not PLAIN.fullmatch(digits) or len(digits) > 25:
        raise CellError("coordinate", value=text)
    return float(digits.replace(",", "."))


YES: Final = frozenset({"ja", "yes", "j", "y", "x", "true", "sant", "1", "finns", "kommunalt", "kommunal", "municipal"})
NO: Final = frozenset({"nej", "no", "n", "false", "falskt", "0", "saknas", "finns ej", "finns inte", "nej enskilt"})
SEWAGE_YES: Final = frozenset({
    "kommunalt va", "kommunal va", "kommunalt vatten och avlopp", "kommunalt vatten & avlopp", "vatten och avlopp",
    "kommunal anslutning", "va", "municipal water and sewage", "kommunalt v/a", "kommunalt vatten/avlopp",
})  # fmt: skip
SEWAGE_NO: Final = frozenset({
    "enskilt", "enskilt va", "eget", "egen brunn", "enskilt vatten och avlopp", "eget vatten och avlopp", "private",
    "kommunalt vatten, enskilt avlopp", "kommunalt vatten enskilt avlopp", "endast kommunalt vatten", "ej kommunalt va",
    "inget kommunalt va", "ej kommunalt", "gemensamhetsanlaggning",
})  # fmt: skip
READY_YES: Final = frozenset(
    {"byggklar", "byggklara", "byggbar", "klar", "klar att bebygga", "ready", "ready to build"}
)
READY_NO: Final = frozenset({"ej byggklar", "inte byggklar", "ej klar", "not ready", "projekteras"})

STATUSES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "available": (
        "ledig", "lediga", "ledigt", "available", "free", "till salu", "till salu nu", "tillganglig", "tillgangliga",
        "for sale", "salu", "fri",
    ),
    "reserved": ("reserverad", "reserverade", "reserverat", "reserved", "bokad", "bokade", "upptagen", "tilldelad"),
    "sold": ("sald", "salda", "salt", "sold", "forsald", "forsalda"),
    "upcoming": (
        "kommande", "pa gang", "planerad", "planerade", "upcoming", "planned", "under planering", "framtida",
    ),
})  # fmt: skip
TYPES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "house": (
        "smahus", "smahustomt", "smahustomter", "villa", "villor", "villatomt", "villatomter", "bostad", "bostader",
        "bostadstomt", "house", "hus", "enbostadshus", "friliggande smahus", "friliggande villa", "detached", "radhus",
        "tomt for smahus", "permanentbostad", "villa/smahus",
    ),
    "leisure": (
        "fritid", "fritidshus", "fritidstomt", "fritidstomter", "fritidsboende", "leisure", "holiday", "stuga",
    ),
    "horse": ("hast", "hastgard", "hastgardar", "hasttomt", "horse"),
    "multi-family": (
        "flerbostadshus", "flerfamiljshus", "flerbostad", "lagenheter", "hyreshus", "multi-family", "multi family",
    ),
    "business": (
        "industri", "industrimark", "industritomt", "verksamhet", "verksamheter", "verksamhetsmark", "verksamhetstomt",
        "business", "handel", "kontor", "foretag", "naringsliv",
    ),
})  # fmt: skip


def read_status(text: str) -> str | None:
    """Read the status of a plot in Swedish or English."""
    return _read_word(text, STATUSES, "available, reserved, sold, upcoming (ledig, reserverad, såld, kommande)")


def read_type(text: str) -> str | None:
    """Read what may be built on a plot."""
    return _read_word(text, TYPES, "house, leisure, horse, multi-family, business (småhus, fritid, …)")


def read_sewage(text: str) -> bool | None:
    """Read whether municipal water and sewage reach the plot; only both are yes."""
    return _read_flag(text, YES | SEWAGE_YES, NO | SEWAGE_NO)


def read_ready(text: str) -> bool | None:
    """Read whether a plot can be built on at once."""
    return _read_flag(text, YES | READY_YES, NO | READY_NO)


def is_unknown(text: str) -> bool:
    """Whether a cell says that nobody knows."""
    return folded(text) in UNKNOWN


def folded(text: str) -> str:
    """Return `text` in lower case, without marks and with single spaces."""
    return " ".join(fold(text).split())


def _read_word(text: str, words: Mapping[str, tuple[str, ...]], known: str) -> str | None:
    if is_unknown(text):
        return None
    word = folded(text).rstrip(".!")
    for meaning, names in words.items():
        if word in names:
            return meaning
    raise CellError("word", value=text, known=known)


def _read_flag(text: str, yes: frozenset[str], no: frozenset[str]) -> bool | None:
    if is_unknown(text) and folded(text) != "saknas":
        return None
    word = folded(text).rstrip(".!")
    if word not in yes | no:
        raise CellError("word", value=text, known="ja, nej")
    return word in yes


DATE: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d.*)?\Z")


def read_day(text: str) -> str | None:
    """Read a date with or without a time as YYYY-MM-DD; raises CellError for any other way, as `1/2/24`."""
    if is_unknown(text):
        return None
    if found := DATE.match(text):
        return found[1]
    raise CellError("day", value=text)
