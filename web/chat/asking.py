"""One turn of a conversation: the JSON view and the pages ask here, and nowhere else."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import request

from bot import (
    SAFETY,
    Assistant,
    Choose,
    Context,
    Explanation,
    Language,
    NoAnswer,
    Overview,
    Question,
    Records,
    Reply,
    answer_of,
    detect,
    is_understood,
    neighbour_of,
    switched_off,
)
from web.errors import RequestError
from web.feed_files import is_old
from web.journal import TurnNote
from web.limits import OtherRequestError, Repeat
from web.people import EVERYWHERE, GROUP
from web.seeing import see_answer
from web.services import Services, get_services, now

CLOSED: Final = "closed"  # what is counted where nothing is answered at present


@dataclass(frozen=True, slots=True)
class Turn:
    """A reply, the signed context that the next question brings back, and when it was asked, in Swedish time.

    `municipality`: the one that was asked, or where none was the one that the conversation is about; None: it is about
    none. `old_since`: when the records shown were last found to be current, where that is more than a day ago.
    """

    reply: Reply
    context: str
    context_ignored: bool
    municipality: str | None
    asked: datetime
    old_since: datetime | None = None


def ask(
    text: str,
    municipality: str | None,
    language: Language | None,
    prior: Language,
    context_token: str | None = None,
    idempotency_key: str | None = None,
    *,
    is_new: bool = True,
) -> Turn:
    """Answer `text`, a question that `web.chat.body.read_question` let through, and note it.

    `municipality` None: none is chosen; where only one can be, it is that. `language` is the visitor's own choice,
    `prior` what to assume where the text does not tell. The same question that comes again under the same
    `idempotency_key` gets the same answer and is noted once; one that is not `is_new` was answered before, is only to
    be shown in another language, and is not noted. One that is asked of no municipality is noted for the group that it
    names, else for all.
    Raises UnknownMunicipalityError, and RequestError where too much is asked.
    """
    services = get_services()
    municipality = municipality or _only(services)
    context = services.signer.read(context_token, municipality) if context_token else None
    is_counted = _let_pass(services, text, context)
    asked = now()
    repeat = None
    if idempotency_key:
        repeat = find_repeat(idempotency_key, text, municipality, language, prior, context_token)
        asked = datetime.fromtimestamp(repeat.asked, asked.tzinfo)
    question = Question(text, municipality, asked.date(), language, prior, context, asked.time())
    reply = services.knowledge.reply(question)
    left = _left_behind(reply, municipality, context, repeat)
    if left.municipality:
        services.knowledge.remember(left.municipality)
    is_closed = isinstance(reply, NoAnswer) and reply.switched_off is not None
    is_first = is_new and (repeat is None or repeat.is_first)
    see_answer(CLOSED if is_closed else reply.kind, reply.language, left.municipality, is_new=is_first)
    if is_first and is_counted and not is_closed:
        services.journal.note(_noted(text, reply, left, services.signer.hash_of(left.key), asked))
    token = services.signer.sign(left, repeat.signed if repeat else None)
    ignored = bool(context_token) and context is None
    return Turn(reply, token, ignored, left.municipality or None, asked, _old_since(reply, left.municipality, asked))


def _only(services: Services) -> str | None:
    """Return the municipality that is asked where none is chosen: the only one there is."""
    known = services.knowledge.assistant.knowledge.municipalities
    return next(iter(known)) if len(known) == 1 else None


def _old_since(reply: Reply, municipality: str, asked: datetime) -> datetime | None:
    if not isinstance(reply, Records):
        return None
    neighbour = neighbour_of(reply)
    fetched = get_services().knowledge.fetched(neighbour.id if neighbour else municipality, reply.listing.table)
    return fetched if is_old(fetched, asked) else None


def explain(
    text: str, municipality: str | None, language: Language | None, prior: Language, context_token: str | None = None
) -> Explanation:
    """Say why `ask` answers the same question as it does; raises UnknownMunicipalityError."""
    services = get_services()
    municipality = municipality or _only(services)
    context = services.signer.read(context_token, municipality) if context_token else None
    asked = now()
    question = Question(text, municipality, asked.date(), language, prior, context, asked.time())
    return services.knowledge.assistant.explain(question)


def show(entry: str, municipality: str, language: Language, assistant: Assistant | None = None) -> Turn | None:
    """Give the answer of `entry` itself, as its page shows it; None where it has none to give today.

    `assistant`: who answers, where it is not the one that visitors talk to. Raises UnknownMunicipalityError.
    """
    services, asked = get_services(), now()
    question = Question("", municipality, asked.date(), language, language, asked_at=asked.time())
    asked_of = assistant or services.knowledge.assistant
    answer: Reply | None = asked_of.answer(entry, question)
    if answer and entry not in SAFETY:
        answer = switched_off(asked_of.knowledge.view(municipality), language) or answer
    if answer is None:
        return None
    left = _left_behind(answer, municipality, None, None)
    return Turn(answer, services.signer.sign(left), False, municipality, asked)


def find_repeat(idempotency_key: str, *request_parts: str | None) -> Repeat:
    """Tell whether this request was answered before; raises RequestError where the key was used for another one."""
    try:
        whole = json.dumps([request.path, *request_parts])
        return get_services().limits.repeat(idempotency_key, whole, now().timestamp())
    except OtherRequestError:
        raise RequestError("idempotency_key_reused", "Idempotency-Key") from None


def hold_back(conversation: str | None) -> int:
    """Count this request; return how many seconds its sender should wait, 0 where there is no need."""
    return get_services().limits.wait(conversation, request.remote_addr)


def _let_pass(services: Services, text: str, context: Context | None) -> bool:
    """Have those wait who ask too much, unless there is danger, which is then answered and not noted.

    Raises RequestError.
    """
    seconds = hold_back(services.signer.hash_of(context.key) if context else None)
    if seconds and not services.knowledge.assistant.is_danger(text):
        raise RequestError("too_many_questions", seconds=seconds)
    return not seconds


def _left_behind(reply: Reply, municipality: str | None, before: Context | None, repeat: Repeat | None) -> Context:
    """A crisis is not carried over: whoever asks on about something else gets no echo of it. Where no municipality is
    chosen, the conversation goes on with the one that it came to."""
    neighbour = neighbour_of(reply)
    came_to = neighbour.id if neighbour else before.municipality if before else ""
    is_carried = reply.kind != "safety" and (neighbour is None or municipality is None)
    filters = reply.listing.filters if isinstance(reply, Records) and is_carried else None
    begun = repeat.key if repeat else secrets.token_urlsafe(16)
    entry = _entry_of(reply) if is_carried else None
    return Context(municipality or came_to, entry, reply.language, before.key if before else begun, filters)


def _entry_of(reply: Reply) -> str | None:
    given = answer_of(reply)
    return given.entry if given else reply.entry if isinstance(reply, Overview) else None


def _noted(text: str, reply: Reply, left: Context, key_hash: str, asked: datetime) -> TurnNote:
    """Of danger only that it was met is noted, never its words."""
    is_unknown = isinstance(reply, Choose) and reply.entry is None
    return TurnNote(
        municipality=left.municipality or _scope(reply),
        language=_language_of(text, reply),
        key_hash=key_hash,
        asked=asked,
        kind=reply.kind,
        entry=_entry_of(reply),
        confidence=round(reply.confidence, 4),
        question=None if reply.kind == "safety" else text,
        missed=text if is_unknown else " ".join(reply.listing.wishes) if isinstance(reply, Records) else None,
    )


def _language_of(text: str, reply: Reply) -> Language:
    """Return the language that a question is written in, where that of its reader is not understood."""
    return reply.language if is_understood(reply.language) else detect(text, "en")


def _scope(reply: Reply) -> str:
    """Return whose staff is told of a question that is asked of no municipality."""
    return f"{GROUP}{reply.group}" if isinstance(reply, Choose) and reply.group else EVERYWHERE
