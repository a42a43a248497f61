"""Write the value of a fact as each language writes it: kr, m², shares, times, days; numbers keep their decimals."""

import re
from collections.abc import Callable, Mapping
from datetime import date, time
from decimal import Decimal
from functools import lru_cache

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time
from babel.numbers import format_decimal
from babel.units import format_unit

from bot.fields import SHORT_NUMBERS, phone_link
from bot.inventory import Unit
from bot.values import Language


class _Regions(dict[Language, str]):
    """Whose numbers and days a language writes: of a further one what Babel has, else those of English."""

    def __missing__(self, language: Language) -> str:
        try:
            return str(Locale.parse(language, sep="-"))
        except (UnknownLocaleError, ValueError):
            return self["en"]


REGIONS = _Regions({"sv": "sv_SE", "en": "en_GB"})
NO_BREAK = "\u00a0"
# unit → what Babel calls it, and how long it is written
MEASURES: Mapping[str, tuple[str, str]] = {
    "m2": ("area-square-meter", "short"),
    "km": ("length-kilometer", "short"),
    "km2": ("area-square-kilometer", "short"),
    "minutes": ("duration-minute", "long"),
    "years": ("duration-year", "long"),
    "percent": ("concentr-percent", "long"),
}
PER: Mapping[str, Mapping[Language, str]] = {
    "kr/m2": {"sv": "{}/m²", "en": "{}/m²"},
    "kr/month": {"sv": "{} i månaden", "en": "{} a month"},
}
RANGE = "–"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
TEXTS = frozenset({"phone", "time", "hours", "date"})


@lru_cache(maxsize=4_096)
def write(value: str, unit: Unit | None, language: Language) -> str:
    """Return `value` as a text in `language` has it; spaces inside figures are ordinary ones.

    Raises ValueError where it is not of its unit.
    """
    return _writer(unit)(value, language).replace(NO_BREAK, " ") if unit else value


@lru_cache(maxsize=4_096)
def is_of(value: str, unit: Unit | None) -> bool:
    """Whether `value` is written as its unit wants it."""
    try:
        write(value, unit, "sv")
    except (ValueError, ArithmeticError):
        return False
    return True


def is_text(unit: Unit | None) -> bool:
    """Whether what is of this unit is no number."""
    return unit is None or unit in TEXTS


def from_abroad(number: str) -> str:
    """Return a phone number as it is dialled from other countries; short numbers work in Sweden alone and stay."""
    if "".join(number.split()) in SHORT_NUMBERS:
        return number
    found = phonenumbers.parse(number, "SE")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _writer(unit: Unit) -> Callable[[str, Language], str]:
    if unit in MEASURES:
        return lambda value, language: _measure(value, *MEASURES[unit], language)
    if unit.startswith("kr"):
        return lambda value, language: _per(unit, language).format(_kronor(value, language))
    others: Mapping[str, Callable[[str, Language], str]] = {
        "phone": _phone,
        "time": _time,
        "hours": _hours,
        "date": _date,
    }
    return others.get(unit, _number)


def _number(value: str, language: Language) -> str:
    return format_decimal(_decimal(value), format=_shape(value), locale=REGIONS[language])


def _measure(value: str, measure: str, length: str, language: Language) -> str:
    number, locale = _decimal(value), REGIONS[language]
    return format_unit(number, measure, length, format=_shape(value), locale=locale)  # type: ignore[arg-type]


def _kronor(value: str, language: Language) -> str:
    number = _number(value, language)
    return f"SEK {number}" if language == "en" else f"{number} kr"


def _per(unit: Unit, language: Language) -> str:
    shapes = PER.get(unit, {})
    return shapes.get(language) or shapes.get("en", "{}")


def _phone(value: str, _language: Language) -> str:
    """A number is shown as its owner writes it, as beside the contact."""
    if not phone_link(value):
        raise ValueError(value)
    return value


def _time(value: str, language: Language) -> str:
    return format_time(time.fromisoformat(_full(value)), "short", locale=REGIONS[language])


def _hours(value: str, language: Language) -> str:
    start, end = value.split("-")
    return f"{_time(start.strip(), language)}{RANGE}{_time(end.strip(), language)}"


def _date(value: str, language: Language) -> str:
    return format_date(date.fromisoformat(value), "long", locale=REGIONS[language])


def _decimal(value: str) -> Decimal:
    if not NUMBER.fullmatch(value):
        raise ValueError(value)
    return Decimal(value)


def _shape(value: str) -> str:
    """Return Babel's pattern with as many decimals as are written: 22.80 stays 22,80."""
    decimals = value.partition(".")[2]
    return f"#,##0.{'0' * len(decimals)}" if decimals else "#,##0"


def _full(value: str) -> str:
    hour, _, minute = value.replace(".", ":").partition(":")
    if len(minute) != len("00"):
        raise ValueError(value)
    return f"{hour:0>2}:{minute}"
