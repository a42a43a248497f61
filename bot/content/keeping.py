"""Keep what a form or a sheet has no field for: texts in further languages, beside those that were written there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_type_hints

from bot.content.items import TYPES, Plain
from bot.content.schema import alias
from bot.further import InFurther
from bot.values import LANGUAGES

NAMED_BY = ("id", "url", "from")  # what tells one part of a list from the others


def keeping_further(plain: Plain, before: Plain) -> Plain:
    """Return plain values of an item with the texts that `before` had in further languages.

    A text that is there in neither Swedish nor English any more is gone in every language.
    """
    if isinstance(plain, Mapping) and isinstance(before, Mapping):
        return {name: _kept(name, value, before.get(name)) for name, value in plain.items()}
    if isinstance(plain, Sequence) and isinstance(before, Sequence) and not isinstance(plain, str):
        return [keeping_further(value, _same(value, before)) for value in plain]
    return plain


def _kept(name: str, value: Plain, before: Plain) -> Plain:
    if name in _texts() and isinstance(value, Mapping) and isinstance(before, Mapping):
        further = {code: text for code, text in before.items() if code not in LANGUAGES} if any(value.values()) else {}
        return {**value, **{code: text for code, text in further.items() if code not in value}}
    return keeping_further(value, before)


def _same(value: Plain, before: Sequence[Plain]) -> Plain:
    """Return what stood in a list in the place of `value`, by its id, address or day."""
    if not isinstance(value, Mapping):
        return None
    name = next((one for one in NAMED_BY if one in value), "")
    return next((one for one in before if isinstance(one, Mapping) and one.get(name) == value.get(name)), None)


def _text_fields(kind: Any, seen: set[Any]) -> Iterator[str]:
    """Yield how the fields of `kind` are called in files that hold texts per language, however deep they stand."""
    if not is_dataclass(kind) or kind in seen:
        return
    seen.add(kind)
    for field in fields(kind):
        for inner in _inside(get_type_hints(kind)[field.name]):
            if isinstance(inner, type) and issubclass(inner, InFurther):
                yield alias(kind, field.name)
            else:
                yield from _text_fields(inner, seen)


def _inside(kind: Any) -> list[Any]:
    return [kind, *(inner for argument in get_args(kind) for inner in _inside(argument))]


@cache
def _texts() -> frozenset[str]:
    return frozenset(name for kind in TYPES.values() for name in _text_fields(kind, set()))
