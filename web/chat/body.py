"""The members of a question, an opinion and a wish to forget, each checked with its own error."""

from dataclasses import dataclass
from typing import Any, Final

from bot import Language, clean
from web.errors import RequestError
from web.json_body import language_of, members_of, municipality_of, read_json, refuse_others, text_of

MAX_QUESTION: Final = 500  # characters, once invisible ones and doubled spaces are gone
MEMBERS: Final = ("question", "language", "municipality", "context")
OPINION_MEMBERS: Final = ("context", "entry", "helpful", "reason")


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody thinks of the answer `entry`; None: none of the choices was meant."""

    context: str
    entry: str | None
    helpful: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came in, fit to be asked; `context` is the token of the turn before, not yet trusted.

    `municipality`: None where none is chosen.
    """

    question: str
    municipality: str | None
    language: Language | None
    context: str | None


def read_body() -> Asked:
    """Read the question of this request; raises RequestError."""
    return read_members(read_json())


def read_opinion() -> Opinion:
    """Read the opinion in this request; raises RequestError."""
    members = members_of(read_json())
    refuse_others(members, OPINION_MEMBERS)
    if "helpful" not in members:
        raise RequestError("helpful_missing", "helpful")
    if not isinstance(members["helpful"], bool):
        raise RequestError("helpful_not_boolean", "helpful")
    entry = None if members.get("entry") is None else text_of(members["entry"], "entry")
    reason = text_of(members.get("reason", ""), "reason")
    if len(reason) > MAX_QUESTION:
        raise RequestError("reason_too_long", "reason", length=len(reason), limit=MAX_QUESTION)
    return Opinion(_given_context(members), entry, members["helpful"], clean(reason))


def read_conversation() -> str:
    """Read whose conversation is meant, as the token of one of its answers, not yet trusted; raises RequestError."""
    members = members_of(read_json())
    refuse_others(members, ("context",))
    return _given_context(members)


def read_members(value: object) -> Asked:
    """Return the question in the JSON `value`; raises RequestError, told in the language that it asks for."""
    members = members_of(value)
    language = language_of(members.get("language"))
    refuse_others(members, MEMBERS)
    if "question" not in members:
        raise RequestError("question_missing", "question")
    question = read_question(members["question"])
    chosen = None if members.get("municipality") is None else municipality_of(members)
    return Asked(question, chosen, language, _context(members.get("context")))


def read_question(value: object) -> str:
    """Return `value` as a question: text of 1 to 500 characters, cleaned of invisible ones; raises RequestError."""
    question: str = clean(text_of(value, "question"))
    if not question:
        raise RequestError("question_empty", "question")
    if len(question) > MAX_QUESTION:
        raise RequestError("question_too_long", "question", length=len(question), limit=MAX_QUESTION)
    return question


def _given_context(members: dict[str, Any]) -> str:
    if "context" not in members:
        raise RequestError("context_missing", "context")
    return text_of(members["context"], "context")


def _context(value: object) -> str | None:
    return None if value is None else text_of(value, "context")
