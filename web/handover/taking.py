"""A message is taken in: danger is met first, personal data go, and then it is kept, once."""

from dataclasses import dataclass
from typing import Final

from flask import request

from bot import Answer, Language, Question
from web.desk import Receipt
from web.errors import RequestError
from web.handover.reading import Written
from web.headings import OTHER, TOPICS
from web.letters import Letter
from web.limits import OtherRequestError, network_of
from web.services import get_services, now
from web.store.errors import StoreError

RETURN: Final = 60  # seconds after which somebody whose message could not be kept may try again


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message. No `receipt`: it is not taken in before whoever wrote it has seen the `crisis` answer.

    `is_redacted`: personal data were taken out of it.
    """

    receipt: Receipt | None
    crisis: Answer | None
    is_redacted: bool = False


def take(written: Written, asked_in: Language, request_key: str | None) -> Taken:
    """Take in a message, once under the same `request_key`; raises RequestError."""
    crisis = _crisis(written, asked_in)
    _hold_back(is_danger=crisis is not None)
    if crisis and not written.is_confirmed:
        return Taken(None, crisis)
    services = get_services()
    letter, is_redacted = _letter(written, is_danger=crisis is not None)
    key = "\n".join((written.municipality, request_key)) if request_key else None
    try:
        receipt = services.desk.take(letter, key, now())
    except StoreError:
        raise RequestError("message_unavailable", seconds=RETURN) from None
    except OtherRequestError:
        raise RequestError("idempotency_key_reused", "Idempotency-Key") from None
    return Taken(receipt, crisis, is_redacted)


def topic_near(entry: str) -> str:
    """Return the topic that an answer belongs to; "other" where it belongs to none."""
    known = get_services().knowledge.assistant.knowledge.headings
    return next((topic for topic in TOPICS if entry in known.get(topic, ())), OTHER)


def _crisis(written: Written, asked_in: Language) -> Answer | None:
    assistant = get_services().knowledge.assistant
    if not assistant.is_danger(written.message):
        return None
    asked = now()
    text = " ".join(written.message.split())
    reply = assistant.reply(Question(text, written.municipality, asked.date(), asked_in, asked_in, None, asked.time()))
    return reply if isinstance(reply, Answer) else None


def _hold_back(*, is_danger: bool) -> None:
    """Have those wait who write too much, unless there is danger."""
    network = network_of(request.remote_addr)
    conversation = f"message\n{network}" if network else None
    seconds = get_services().limits.wait(conversation, request.remote_addr)
    if seconds and not is_danger:
        raise RequestError("too_many_messages", seconds=seconds)


def _letter(written: Written, *, is_danger: bool) -> tuple[Letter, bool]:
    """Take personal data out of all but the ways to be reached; say whether there were any."""
    assistant = get_services().knowledge.assistant
    message = assistant.redact(written.message, written.municipality)
    name = assistant.redact(written.name, written.municipality)
    letter = Letter(
        written.municipality,
        written.language,
        written.topic,
        message.text,
        name.text,
        written.email,
        written.phone,
        is_danger,
    )
    return letter, bool(message.kinds or name.kinds)
