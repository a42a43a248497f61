"""What a visitor can do after an answer: say what it was worth, and have the conversation deleted.

Whether a context is genuine is told to nobody: what comes with a forged or old one is received and let go.
"""

from typing import Final

from web.chat.asking import find_repeat, hold_back
from web.chat.body import Opinion
from web.errors import RequestError
from web.journal import OpinionNote
from web.seeing import NOWHERE, OPINIONS, see
from web.services import get_services, now

RETURN: Final = 60  # seconds after which somebody whose conversation could not be deleted may try again


def take_opinion(opinion: Opinion, idempotency_key: str | None) -> None:
    """Note `opinion`, once under the same `idempotency_key`; raises RequestError."""
    services = get_services()
    context = services.signer.open(opinion.context)
    key_hash = services.signer.hash_with(opinion.context, context.key) if context else None
    if seconds := hold_back(key_hash):
        raise RequestError("too_many_questions", seconds=seconds)
    known = services.knowledge.assistant.knowledge
    if context is None or key_hash is None or context.municipality not in known.municipalities:
        return
    if opinion.entry is not None and opinion.entry not in known.view(context.municipality).entries:
        raise RequestError("entry_unknown", "entry")
    if idempotency_key:
        said = (opinion.context, opinion.entry, str(opinion.helpful), opinion.reason)
        if not find_repeat(idempotency_key, *said).is_first:
            return
    see((OPINIONS, "yes" if opinion.helpful else "no", context.municipality or NOWHERE))
    services.journal.note(
        OpinionNote(
            municipality=context.municipality,
            language=context.language,
            key_hash=key_hash,
            entry=opinion.entry,
            helpful=opinion.helpful,
            reason=opinion.reason,
            at=now(),
        )
    )


def delete_conversation(token: str) -> None:
    """Remove what is kept of the conversation that `token` belongs to; raises RequestError where that is not done."""
    services = get_services()
    if seconds := hold_back(None):
        raise RequestError("too_many_questions", seconds=seconds)
    context = services.signer.open(token)
    if context is None:
        return
    known = services.knowledge.assistant.knowledge.municipalities
    held = [name for name, municipality in known.items() if municipality.legal_hold]
    if not services.journal.forget(services.signer.hashes_of(context.key), context.municipality, now(), held):
        raise RequestError("store_unavailable", seconds=RETURN, days=services.settings.retention_days)
    if context.municipality in held:
        raise RequestError("legal_hold")
