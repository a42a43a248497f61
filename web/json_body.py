"""A JSON body, read before a framework sees it: size, encoding, JSON, members, each with its own error.

Python's JSON accepts NaN, doubled names and UTF-16, and fails on deep nesting and long numbers; all are refused here.
"""

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Final

from bot import Language
from web.errors import RequestError, speak, this_request
from web.i18n import languages

MAX_BYTES: Final = 16_384
MAX_DEPTH: Final = 20
MAX_DIGITS: Final = 20
SURROGATE: Final = re.compile("[\ud800-\udfff]")
STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.S)


def read_json(limit: int = MAX_BYTES) -> object:
    """Read the JSON of this request, at most `limit` bytes of it; raises RequestError."""
    asked = this_request()
    if asked.mimetype != "application/json":
        raise RequestError("content_type")
    if (asked.content_encoding or "identity") != "identity":
        raise RequestError("content_encoding")
    return parse(_received(limit))


def parse(data: bytes) -> object:
    """Return the JSON value in `data`: UTF-8, nested at most 20 deep, no name twice; raises RequestError."""
    text = _decoded(data)
    if not text.strip():
        raise RequestError("body_empty")
    if text.count("[") + text.count("{") > MAX_DEPTH and _depth(text) > MAX_DEPTH:
        raise RequestError("json_too_deep", limit=MAX_DEPTH)
    try:
        value: object = DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise RequestError("json_invalid", line=error.lineno, column=error.colno) from None
    return value


def members_of(value: object) -> dict[str, Any]:
    """Return the named members of a JSON object; raises RequestError."""
    if not isinstance(value, dict):
        raise RequestError("body_not_object")
    return value


def refuse_others(members: dict[str, Any], accepted: Sequence[str]) -> None:
    """Raise RequestError where a member stands there that is not among the `accepted`."""
    if not members.keys() <= set(accepted):
        raise RequestError("field_unknown", accepted=", ".join(accepted))


def _received(limit: int) -> bytes:
    """Read the body here: werkzeug cuts off a chunked one at its limit without a word."""
    asked = this_request()
    asked.max_content_length = limit + 1  # None would be that of the application
    if (asked.content_length or 0) > limit:
        raise RequestError("body_too_large", limit=limit)
    data = b""
    try:
        while len(data) <= limit and (part := asked.stream.read(limit + 1 - len(data))):
            data += part
    except OSError:  # malformed chunks, or a client that left
        raise RequestError("bad_request") from None
    if len(data) > limit:
        raise RequestError("body_too_large", limit=limit)
    return data


def language_of(value: object) -> Language | None:
    """Return the language in `value`, in which errors are told from here on; raises RequestError."""
    if value is None:
        return None
    for language in languages():
        if value == language:
            speak(language)
            return language
    raise RequestError("language_unknown", "language", accepted=", ".join(languages()))


def municipality_of(members: dict[str, object]) -> str:
    """Return the id that is to be a municipality's; raises RequestError."""
    if "municipality" not in members:
        raise RequestError("municipality_missing", "municipality")
    return text_of(members["municipality"], "municipality")


def text_of(value: object, field: str, code: str | None = None) -> str:
    """Return `value` where it is text that can be written; raises RequestError, told by `code` where it is not."""
    if not isinstance(value, str):
        raise RequestError(code or f"{field}_not_text", field, name=field)
    if SURROGATE.search(value):
        raise RequestError("text_invalid", field)
    return value


def _decoded(data: bytes) -> str:
    if b"\x00" in data:  # never in JSON, always in UTF-16
        raise RequestError("not_utf8")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestError("not_utf8") from None


def _depth(text: str) -> int:
    depth = deepest = 0
    for found in STRING_OR_BRACKET.finditer(text):
        mark = found[0]
        depth += 1 if mark in "[{" else -1 if mark in "]}" else 0
        deepest = max(deepest, depth)
    return deepest


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise RequestError("json_duplicate_key")
    return members


def _whole(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise RequestError("json_number", limit=MAX_DIGITS)
    return int(text)


def _fraction(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _no_number(_text: str) -> float:
    raise RequestError("json_number", limit=MAX_DIGITS)


DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_whole, parse_float=_fraction, parse_constant=_no_number
)
