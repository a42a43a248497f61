"""What staff can change one by one: entries, records, words and settings as plain values, typed values and a digest.

Plain values are what forms and the store hold: text, numbers, true or false, lists and named fields; what has its
default is left out.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date
from functools import cache, lru_cache
from pathlib import PurePosixPath
from typing import Any, Literal, cast

from pydantic import ValidationError

from bot.content.schema import alias, explain, place_of
from bot.errors import KnowledgeError, Problem
from bot.fields import adapter
from bot.inventory import Fact, Hours, Job, Occupation, Place, Plot, SpecialHours
from bot.models import Contact, Entry, Frames, Municipality, OwnQuestion, Phrases, Theme, WordGroup
from bot.text import INVISIBLE
from bot.values import LANGUAGES, Localized, Season

Kind = Literal[
    "entry", "contact", "plot", "job", "place", "fact", "question", "group", "frames", "theme", "occupation",
    "municipality",
]  # fmt: skip
Item = (
    Entry | Contact | Plot | Job | Place | Fact | OwnQuestion | WordGroup | Frames | Theme | Occupation | Municipality
)
Plain = Any  # JSON: None, bool, int, float, str, list or dict of these

TYPES: Mapping[Kind, type] = {
    "entry": Entry,
    "contact": Contact,
    "plot": Plot,
    "job": Job,
    "place": Place,
    "fact": Fact,
    "question": OwnQuestion,
    "group": WordGroup,
    "frames": Frames,
    "theme": Theme,
    "occupation": Occupation,
    "municipality": Municipality,
}
KINDS: tuple[Kind, ...] = tuple(TYPES)
# the list of a file that holds items of a kind; a municipality is a file of its own
LISTS: Mapping[Kind, str] = {
    "entry": "entries",
    "contact": "contacts",
    "plot": "plots",
    "job": "jobs",
    "place": "places",
    "fact": "facts",
    "question": "questions",
    "group": "groups",
    "frames": "frames",
    "theme": "outside",
    "occupation": "occupations",
}
VOCABULARY = "vocabulary"  # the layer that every municipality shares
PATHS = 8_192  # of files that are remembered
WORDS: tuple[Kind, ...] = ("group", "frames", "theme", "occupation")
FRAMES = "frames"  # the id of the only list of frames
TIMES = frozenset({"mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays", "eves", "times"})


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Which item: the layer that it stands in (`vocabulary` is one here), its kind and its id."""

    layer: str
    kind: Kind
    id: str

    def __str__(self) -> str:
        return f"{self.layer}: {self.kind} {self.id}"


@lru_cache(maxsize=PATHS)
def kinds_of(file: str) -> tuple[Kind, ...]:
    """Return the kinds of item that a file may hold, by its path within the knowledge folder."""
    path = PurePosixPath(file)
    if path.parts[0] == VOCABULARY:
        own: dict[str, tuple[Kind, ...]] = {"topics": (), "occupations": ("occupation",)}
        return own.get(path.stem, ("group", "frames", "theme"))
    if path.stem in ("plan", "group"):
        return ()  # tasks, and what a group is, are written in their file alone
    if path.stem == "municipality":
        return ("municipality",)
    return tuple(kind for kind, name in LISTS.items() if name == path.stem and kind not in WORDS) or ("entry",)


@lru_cache(maxsize=PATHS)
def layer_of(file: str) -> str:
    """Return the layer that a file belongs to, by its path within the knowledge folder."""
    return PurePosixPath(file).parent.as_posix()


def as_plain(item: Item) -> dict[str, Plain]:
    """Return `item` as plain values, so that `read_item` gives it back."""
    return _fields(item)


def read_item(kind: Kind, plain: Plain, name: str = "") -> Item:
    """Type plain values; raises KnowledgeError with every problem, each in its field. `name` stands for the item."""
    try:
        item: Item = adapter(TYPES[kind]).validate_python(plain)
    except ValidationError as error:
        raise KnowledgeError(list(_problems(kind, error, name))) from error
    return item


def digest(item: Item | None) -> str | None:
    """Return a SHA-256 of what `item` says, however it is written; None of what is not there."""
    return None if item is None else digest_of(as_plain(item))


def digest_of(plain: Plain) -> str:
    """Return the digest of an item given as plain values."""
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def cleaned(plain: Plain, path: tuple[str, ...] = ()) -> Plain:
    """Return plain values as people meant what they pasted: no invisible signs, no-break spaces, tabs or curly quotes.

    Only answers keep their lines; empty texts of a list are left out.
    """
    if isinstance(plain, dict):
        return {key: cleaned(value, (*path, str(key))) for key, value in plain.items()}
    if isinstance(plain, list | tuple):
        return [value for value in (cleaned(value, path) for value in plain) if value != ""]
    if not isinstance(plain, str):
        return plain
    return pasted(plain) if path[:1] == ("answer",) else " ".join(pasted(plain).split())


BREAKS = re.compile("\r\n|[\r\v\f\u0085\u2028\u2029]")
BULLET = re.compile(r"^[ \t]*[•·▪◦‣●○][ \t]+", re.MULTILINE)
BLANK = re.compile(r"\n{3,}")
QUOTES = str.maketrans("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u201b\u2032\u2033", "\"\"\"\"'''''\"")


def pasted(text: str) -> str:
    """Return text of several lines as a text editor would have it, whatever program it was pasted from."""
    text = BREAKS.sub("\n", unicodedata.normalize("NFC", text)).replace("\u00a0", " ").replace("\u202f", " ")
    text = BULLET.sub("- ", text.replace("\t", " ").translate(QUOTES))
    lines = (INVISIBLE.sub("", line).rstrip() for line in text.split("\n"))
    return BLANK.sub("\n\n", "\n".join(lines)).strip()


def _problems(kind: Kind, error: ValidationError, name: str) -> Iterator[Problem]:
    for details in error.errors(include_url=False):
        code, values = explain(TYPES[kind], details)
        shown = ".".join(str(part) for part in place_of(details))
        yield Problem(name, 1, 1, shown, code, {key: str(value) for key, value in values.items()})


@cache
def _shape(kind: Any) -> tuple[tuple[str, str, Any], ...]:
    """Return name, name in files and default of each field of a dataclass."""
    return tuple((field.name, alias(kind, field.name), _default(field)) for field in fields(kind))


def _default(field: Any) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _fields(value: Any) -> dict[str, Plain]:
    if isinstance(value, Localized | Phrases):
        return _by_language(value)
    if isinstance(value, Season):
        days = {"from": _year_day(value.start), "to": _year_day(value.end)}
        texts = {"during": value.during, "outside": value.outside}
        return days | {name: _fields(text) for name, text in texts.items() if text is not None}
    has_times, kind = isinstance(value, Hours | SpecialHours), cast("Any", type(value))
    return {
        shown: _times(found) if has_times and name in TIMES else _value(found)
        for name, shown, default in _shape(kind)
        if (found := getattr(value, name)) != default
    }


def _by_language(value: Localized | Phrases) -> dict[str, Plain]:
    codes = (*LANGUAGES, *dict(value.further))
    return {code: _value(content) for code in codes if (content := value[code])}


def _value(value: Any) -> Plain:
    if is_dataclass(value):
        return _fields(value)
    if isinstance(value, Mapping):
        return {key: _value(inner) for key, inner in value.items()}
    if isinstance(value, tuple):
        return [_value(inner) for inner in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _times(times: Sequence[tuple[int, int]] | None) -> str | None:
    if times is None:
        return None
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in times) or "closed"


def _year_day(day: tuple[int, int]) -> str:
    return f"{day[0]:02}-{day[1]:02}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"
