"""The kinds of text a knowledge file holds, each typed by what it must be; pydantic runs them, all problems at once."""

import re
from datetime import date
from itertools import pairwise
from typing import Annotated, Any, TypeVar

import phonenumbers
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, TypeAdapter, WithJsonSchema
from pydantic_core import PydanticCustomError

SHORT_NUMBERS = frozenset({"112", "1177", "11414", "11313", "90101", "116111"})  # a number library would add +46
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+\Z")
MIDNIGHT = 24 * 60
COMMON_YEAR = 2001  # one without 29 February
ORIGIN = re.compile(r"https?://(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::(?!443\Z|80\Z)\d{1,5})?\Z")
SCHEMES = ("https://", "http://", "mailto:", "tel:")
Typed = TypeVar("Typed")
ADAPTERS: dict[type, TypeAdapter[Any]] = {}


def adapter(kind: type[Typed]) -> TypeAdapter[Typed]:
    """Return what reads and judges values of `kind`; made at its first use, which takes milliseconds."""
    if kind not in ADAPTERS:
        ADAPTERS[kind] = TypeAdapter(kind)
    return ADAPTERS[kind]


def _absent(value: object) -> object:
    return None if value in ("", "~", "null") else value


def _id(value: str) -> str:
    if len(value) > 64 or not ID.match(value):
        raise PydanticCustomError("id", "id", {"value": value})
    return value


def _day(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return date(*map(int, re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", value).groups()))  # type: ignore[union-attr]
    except (AttributeError, ValueError):
        raise PydanticCustomError("date", "date", {"value": value}) from None


def _year_day(value: object) -> object:
    """Read MM-DD, a day that every year has, as (month, day)."""
    if not isinstance(value, str):
        return value
    try:
        month, day = map(int, re.fullmatch(r"(\d\d)-(\d\d)", value).groups())  # type: ignore[union-attr]
        date(COMMON_YEAR, month, day)
    except (AttributeError, ValueError):
        raise PydanticCustomError("year-day", "day of the year", {"value": value}) from None
    return month, day


def _flag(value: object) -> object:
    if isinstance(value, str) and value not in ("true", "false"):
        raise PydanticCustomError("true-false", "true or false", {"value": value})
    return value == "true" if isinstance(value, str) else value


def _url(value: str) -> str:
    if not value.startswith(SCHEMES) or re.search(r"[\s<>\"]", value) or len(value) < 9:
        raise PydanticCustomError("link-scheme", "scheme", {"value": value})
    return value


def _origin(value: str) -> str:
    """A browser names the site that asks as scheme, host and port, in lower case; nothing else could ever match it."""
    if not ORIGIN.match(value):
        raise PydanticCustomError("origin", "origin", {"value": value})
    return value


def _email(value: str) -> str:
    if not EMAIL.match(value):
        raise PydanticCustomError("email", "e-mail", {"value": value})
    return value


def _mailbox(value: str) -> str:
    """Mail is sent to it, so it is plain ASCII and short enough for every mail server (RFC 5321)."""
    if not EMAIL.match(value) or not value.isascii() or len(value) > 254:
        raise PydanticCustomError("email", "e-mail", {"value": value})
    return value


def _phone(value: str) -> str:
    if not phone_link(value):
        raise PydanticCustomError("phone", "phone", {"value": value})
    return value


def phone_link(number: str) -> str | None:
    """Return the `tel:` address of a number as written in Sweden; short numbers stay as they are, None if it is
    none."""
    digits = re.sub(r"[\s-]", "", number)
    if digits in SHORT_NUMBERS:
        return f"tel:{digits}"
    try:
        parsed = phonenumbers.parse(number, "SE")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.RFC3966)


def _position(value: tuple[float, float]) -> tuple[float, float]:
    latitude, longitude = value
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise PydanticCustomError("position", "position", {"value": f"{latitude}, {longitude}"})
    return value


def _open_times(value: object) -> object:
    """Read `08:00-12:00, 13:00-16:30` as minutes after midnight; `closed` is none."""
    if not isinstance(value, str):
        return value
    times = [] if value == "closed" else [_span(part.strip(), value) for part in value.split(",")]
    if any(end > start for (_, end), (start, _) in pairwise(times)):
        raise PydanticCustomError("hours", "hours", {"value": value})
    return tuple(times)


def _span(part: str, whole: str) -> tuple[int, int]:
    found = re.fullmatch(r"([01]?\d|2[0-3])[:.]([0-5]\d) ?[-–] ?([01]?\d|2[0-4])[:.]([0-5]\d)", part)
    if found:
        hour, minute, until_hour, until_minute = map(int, found.groups())
        start, end = hour * 60 + minute, until_hour * 60 + until_minute
        if start < end <= MIDNIGHT:
            return start, end
    raise PydanticCustomError("hours", "hours", {"value": whole})


def _without_braces(value: str) -> str:
    if "{{" in value or "}}" in value:
        raise PydanticCustomError("braces", "braces", {"value": value})
    return value


Absent = BeforeValidator(_absent)
Text = Annotated[str, StringConstraints(strip_whitespace=True)]
Id = Annotated[Text, AfterValidator(_id), WithJsonSchema({"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$"})]
Day = Annotated[date, BeforeValidator(_day)]
YearDay = Annotated[
    tuple[int, int], BeforeValidator(_year_day), WithJsonSchema({"type": "string", "pattern": r"^\d\d-\d\d$"})
]
Flag = Annotated[bool, BeforeValidator(_flag)]
Url = Annotated[Text, AfterValidator(_url), WithJsonSchema({"type": "string", "format": "uri"})]
Origin = Annotated[Text, AfterValidator(_origin), WithJsonSchema({"type": "string", "format": "uri"})]
Email = Annotated[Text, AfterValidator(_email), WithJsonSchema({"type": "string", "format": "email"})]
Mailbox = Annotated[Text, AfterValidator(_mailbox), WithJsonSchema({"type": "string", "format": "email"})]
Phone = Annotated[Text, AfterValidator(_phone)]
ShortText = Annotated[Text, Field(min_length=1, max_length=300), AfterValidator(_without_braces)]
QuestionText = Annotated[Text, Field(min_length=2, max_length=200), AfterValidator(_without_braces)]
AnswerText = Annotated[Text, Field(min_length=1, max_length=2000)]
Word = Annotated[Text, Field(min_length=1, max_length=60)]
Code = Annotated[str, StringConstraints(pattern=r"^\d{4}$")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$")]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Months = Annotated[int, Field(ge=1, le=60)]
Days = Annotated[int, Field(ge=1, le=3_650)]
Kroner = Annotated[int, Field(ge=0, le=1_000_000_000)]
Area = Annotated[float, Field(gt=0, le=100_000_000, allow_inf_nan=False)]
Position = Annotated[tuple[float, float], AfterValidator(_position)]
OpenTimes = Annotated[
    tuple[tuple[int, int], ...],
    BeforeValidator(_open_times),
    WithJsonSchema({"type": "string", "examples": ["08:00-12:00, 13:00-16:30", "closed"]}),
]
