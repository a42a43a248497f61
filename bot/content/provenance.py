"""Where each part of an entry comes from, and what each layer changes of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

from bot.content.layers import ADDING, REPLACING, SAFETY
from bot.content.loading import Knowledge
from bot.errors import UnknownEntryError
from bot.models import ANSWER_BLOCK, Entry, Phrases, Tests
from bot.values import Link, Localized, Source

PARTS = (*ANSWER_BLOCK, *ADDING, *REPLACING)


@dataclass(frozen=True, slots=True)
class Given:
    """What one layer gives of a part. `counts`: visitors get it; `changes`: where it takes the place of what the layer
    before gives, the lines that differ, as `- before` and `+ after`."""

    layer: str
    counts: bool
    lines: tuple[str, ...]
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an entry, and what the layers give of it, the outermost first."""

    name: str
    pieces: tuple[Given, ...]


def parts(knowledge: Knowledge, municipality: str, entry: str) -> tuple[Part, ...]:
    """Say where each part of `entry` comes from for `municipality`; raises UnknownMunicipalityError,
    UnknownEntryError."""
    view = knowledge.view(municipality)
    if entry not in view.entries:
        raise UnknownEntryError(entry, sorted(view.entries))
    given = [
        (layer.name, layer.entries[entry]) for layer in knowledge.layers_of(municipality) if entry in layer.entries
    ]
    found = (Part(name, tuple(_pieces(name, given, view.origins[entry].get(name, ())))) for name in PARTS)
    return tuple(part for part in found if part.pieces)


def _pieces(part: str, given: list[tuple[str, Entry]], counting: tuple[str, ...]) -> Iterator[Given]:
    before: tuple[str, ...] = ()
    for layer, entry in given:
        lines = _lines(entry, part)
        if not lines:
            continue
        adds = (part in ADDING and part not in entry.replace) or entry.id in SAFETY
        changes = () if adds or not before else tuple(_changes(before, lines))
        yield Given(layer, layer in counting, lines, changes)
        before = before + lines if adds else lines


def _changes(before: tuple[str, ...], after: tuple[str, ...]) -> Iterator[str]:
    found = list(unified_diff(before, after, n=0, lineterm=""))[2:]  # after the names of two files
    return (f"{line[0]} {line[1:]}" for line in found if not line.startswith("@@"))


def _lines(entry: Entry, part: str) -> tuple[str, ...]:
    return tuple(_written(getattr(entry, part)))


def _written(value: Any) -> Iterator[str]:
    """Write a value of a part as lines, each with its language where it has one."""
    match value:
        case None:
            return
        case Tests():
            yield from (f"must match {line}" for line in _written(value.must_match))
            yield from (f"must not match {line}" for line in _written(value.must_not_match))
        case Phrases():
            yield from (f"{language}: {phrase}" for language, phrase in value)
            yield from (f"{language}: {phrase}" for language, phrases in value.further for phrase in phrases)
        case Localized():
            yield from _texts(value)
        case Source():
            yield f"{value.url} ({value.dated or 'no date'}, read {value.copied})"
        case Link():
            yield value.url
        case tuple():
            yield from (line for one in value for line in _written(one))
        case _:
            yield str(value)


def _texts(value: Localized) -> Iterator[str]:
    for language, text in value:
        for line in text.splitlines():
            if line.strip():
                yield f"{language}: {line}"
