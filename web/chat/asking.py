"""One turn of a conversation: the JSON view and the pages ask here, and nowhere else."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from bot import Context, Explanation, Language, Question, Records, Reply, answer_of
from web.feed_files import is_old
from web.services import get_services, now


@dataclass(frozen=True, slots=True)
class Turn:
    """A reply, the signed context that the next question brings back, and when it was asked, in Swedish time.

    `old_since`: when the records shown were last found to be current, where that is more than a day ago.
    """

    reply: Reply
    context: str
    context_ignored: bool
    municipality: str
    asked: datetime
    old_since: datetime | None = None


def ask(
    text: str, municipality: str, language: Language | None, prior: Language, context_token: str | None = None
) -> Turn:
    """Answer `text`, a question that `web.chat.body.read_question` let through; raises UnknownMunicipalityError.

    `language` is the visitor's own choice, `prior` what to assume where the text does not tell.
    """
    services = get_services()
    context = services.signer.read(context_token, municipality) if context_token else None
    asked = now()
    question = Question(text, municipality, asked.date(), language, prior, context, asked.time())
    reply = services.knowledge.assistant.reply(question)
    services.knowledge.remember(municipality)
    token = services.signer.sign(_left_behind(reply, municipality, context))
    ignored = bool(context_token) and context is None
    return Turn(reply, token, ignored, municipality, asked, _old_since(reply, municipality, asked))


def _old_since(reply: Reply, municipality: str, asked: datetime) -> datetime | None:
    if not isinstance(reply, Records):
        return None
    fetched = get_services().knowledge.fetched(municipality, reply.listing.table)
    return fetched if is_old(fetched, asked) else None


def explain(
    text: str, municipality: str, language: Language | None, prior: Language, context_token: str | None = None
) -> Explanation:
    """Say why `ask` answers the same question as it does; raises UnknownMunicipalityError."""
    services = get_services()
    context = services.signer.read(context_token, municipality) if context_token else None
    asked = now()
    question = Question(text, municipality, asked.date(), language, prior, context, asked.time())
    return services.knowledge.assistant.explain(question)


def show(entry: str, municipality: str, language: Language) -> Turn | None:
    """Give the answer of `entry` itself, as its page shows it; None where it has none to give today.

    Raises UnknownMunicipalityError.
    """
    services, asked = get_services(), now()
    question = Question("", municipality, asked.date(), language, language, asked_at=asked.time())
    answer = services.knowledge.assistant.answer(entry, question)
    if answer is None:
        return None
    return Turn(answer, services.signer.sign(_left_behind(answer, municipality, None)), False, municipality, asked)


def _left_behind(reply: Reply, municipality: str, before: Context | None) -> Context:
    """A crisis is not carried over: whoever asks on about something else gets no echo of it."""
    given = answer_of(reply)
    entry = given.entry if given and given.kind == "answer" else None
    filters = reply.listing.filters if isinstance(reply, Records) else None
    key = before.key if before else secrets.token_urlsafe(16)
    return Context(municipality, entry, reply.language, key, filters)
