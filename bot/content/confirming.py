"""Confirm an entry: the two fields that say that its texts hold.

"Same meaning": the English still says what the Swedish says (`en_of`). "Still right": both languages hold (`checked`),
so the English is of today's Swedish too.
"""

from dataclasses import replace

from bot.content.translation import fingerprint
from bot.errors import KnowledgeError, Problem
from bot.models import Entry
from bot.values import Checked


def same_meaning(entry: Entry) -> Entry:
    """Return `entry` with its English made from the Swedish of today; raises KnowledgeError where it lacks one."""
    texts = entry.answer
    if texts is None or texts.sv is None or texts.en is None:
        raise _cannot(entry)
    return replace(entry, en_of=fingerprint(texts.sv))


def still_right(entry: Entry, checked: Checked) -> Entry:
    """Return `entry` with each language that it has confirmed; raises KnowledgeError where it has no answer."""
    if entry.answer is None:
        raise _cannot(entry)
    is_both = entry.answer.sv is not None and entry.answer.en is not None
    return replace(same_meaning(entry) if is_both else entry, checked=checked)


def _cannot(entry: Entry) -> KnowledgeError:
    return KnowledgeError([Problem(entry.id, 1, 1, "answer", "invalid", {"reason": "this entry cannot be confirmed"})])
