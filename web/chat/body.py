"""The body of a question, read before a framework sees it: size, encoding, JSON, members, each with its own error.

Python's JSON accepts NaN, doubled names and UTF-16, and fails on deep nesting and long numbers; all are refused here.
"""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import request

from bot import LANGUAGES, Language, clean
from web.errors import RequestError, speak

MAX_BYTES: Final = 16_384
MAX_DEPTH: Final = 20
MAX_DIGITS: Final = 20
MAX_QUESTION: Final = 500  # characters, once invisible ones and doubled spaces are gone
MEMBERS: Final = ("question", "language", "municipality", "context")
OPINION_MEMBERS: Final = ("context", "entry", "helpful", "reason")
SURROGATE: Final = re.compile("[\ud800-\udfff]")
STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]|\\.)*+"?|[\[{]|[\]}]', re.S)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody thinks of the answer `entry`; None: none of the choices was meant."""

    context: str
    entry: str | None
    helpful: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in, fit to be asked; `context` is the token of the turn before, not yet trusted."""

    question: str
    municipality: str
    language: Language | None
    context: str | None


def read_body() -> Asked:
    """Read the question of this request; raises RequestError."""
    return read_members(_json())


def read_opinion() -> Opinion:
    """Read the opinion in this request; raises RequestError."""
    members = _object(_json())
    _refuse_others(members, OPINION_MEMBERS)
    if "helpful" not in members:
        raise RequestError("helpful_missing", "helpful")
    if not isinstance(members["helpful"], bool):
        raise RequestError("helpful_not_boolean", "helpful")
    entry = None if members.get("entry") is None else _text(members["entry"], "entry")
    reason = _text(members.get("reason", ""), "reason")
    if len(reason) > MAX_QUESTION:
        raise RequestError("reason_too_long", "reason", length=len(reason), limit=MAX_QUESTION)
    return Opinion(_given_context(members), entry, members["helpful"], clean(reason))


def read_conversation() -> str:
    """Read whose conversation is meant, as the token of one of its answers, not yet trusted; raises RequestError."""
    members = _object(_json())
    _refuse_others(members, ("context",))
    return _given_context(members)


def _json() -> object:
    if request.mimetype != "application/json":
        raise RequestError("content_type")
    if (request.content_encoding or "identity") != "identity":
        raise RequestError("content_encoding")
    return parse(_received())


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


def read_members(value: object) -> Asked:
    """Return the question in the JSON `value`; raises RequestError, told in the language that it asks for."""
    members = _object(value)
    language = _language(members.get("language"))
    _refuse_others(members, MEMBERS)
    if "question" not in members:
        raise RequestError("question_missing", "question")
    question = read_question(members["question"])
    return Asked(question, _municipality(members), language, _context(members.get("context")))


def read_question(value: object) -> str:
    """Return `value` as a question: text of 1 to 500 characters, cleaned of invisible ones; raises RequestError."""
    question: str = clean(_text(value, "question"))
    if not question:
        raise RequestError("question_empty", "question")
    if len(question) > MAX_QUESTION:
        raise RequestError("question_too_long", "question", length=len(question), limit=MAX_QUESTION)
    return question


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise RequestError("body_not_object")
    return value


def _refuse_others(members: dict[str, Any], accepted: Sequence[str]) -> None:
    if not members.keys() <= set(accepted):
        raise RequestError("field_unknown", accepted=", ".join(accepted))


def _given_context(members: dict[str, Any]) -> str:
    if "context" not in members:
        raise RequestError("context_missing", "context")
    return _text(members["context"], "context")


def _received() -> bytes:
    """Read the body here: werkzeug cuts off a chunked one at its limit without a word."""
    request.max_content_length = None
    if (request.content_length or 0) > MAX_BYTES:
        raise RequestError("body_too_large", limit=MAX_BYTES)
    data = b""
    try:
        while len(data) <= MAX_BYTES and (part := request.stream.read(MAX_BYTES + 1 - len(data))):
            data += part
    except OSError:  # malformed chunks, or a client that left
        raise RequestError("bad_request") from None
    if len(data) > MAX_BYTES:
        raise RequestError("body_too_large", limit=MAX_BYTES)
    return data


def _language(value: object) -> Language | None:
    if value is None:
        return None
    for language in LANGUAGES:
        if value == language:
            speak(language)
            return language
    raise RequestError("language_unknown", "language", accepted=", ".join(LANGUAGES))


def _municipality(members: dict[str, object]) -> str:
    if "municipality" not in members:
        raise RequestError("municipality_missing", "municipality")
    return _text(members["municipality"], "municipality")


def _context(value: object) -> str | None:
    return None if value is None else _text(value, "context")


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise RequestError(f"{field}_not_text", field)
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
