"""What a municipality must have in place before it may say that the service is its own."""

import re
from collections.abc import Iterator
from typing import Literal

from bot.content.loading import Knowledge
from bot.models import Municipality
from bot.values import LANGUAGES

Lack = Literal["violence-number", "switchboard", "mailbox", "disposal"]
VIOLENCE = "violence-support"
NUMBER = re.compile(r"\d(?:[\s\u00a0-]?\d){4,}")  # a local line; 112 is in the national text


def lacks(knowledge: Knowledge, municipality: Municipality) -> tuple[Lack, ...]:
    """Return what is missing for `municipality`, whose settings may be other ones than those in force."""
    return tuple(_lacks(knowledge, municipality))


def _lacks(knowledge: Knowledge, municipality: Municipality) -> Iterator[Lack]:
    view = knowledge.view(municipality.id)
    if not _has_local_number(knowledge, municipality.id):
        yield "violence-number"
    switchboard = view.contacts.get(municipality.switchboard or "")
    if switchboard is None or not switchboard.phone:
        yield "switchboard"
    if not municipality.mailbox:
        yield "mailbox"
    if not municipality.disposal or not municipality.message_days:
        yield "disposal"


def _has_local_number(knowledge: Knowledge, municipality: str) -> bool:
    """Whether the municipality or its group added a number, in each language, to the fixed text on violence."""
    local = [layer.entries[VIOLENCE] for layer in knowledge.layers_of(municipality)[1:] if VIOLENCE in layer.entries]
    texts = [entry.answer for entry in local if entry.answer]
    return all(any(NUMBER.search(text[language] or "") for text in texts) for language in LANGUAGES)
