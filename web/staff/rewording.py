"""What an edit of words does before it is saved: which tests break, which questions are answered otherwise."""

from collections.abc import Sequence
from typing import Any, Final

from flask import current_app

from bot import Effect, Item, Key, Moved, View, lay_over, reworded
from web.errors import asked_language
from web.staff.effects import EXTENSION, Memory
from web.staff.guard import municipality_here
from web.staff.knowing import view_here

SHOWN: Final = 12


def effect_of_words(key: Key, item: Item | None) -> dict[str, Any]:
    """Return what changes for visitors of this municipality, as the template lists it."""
    memory: Memory = current_app.extensions.setdefault(EXTENSION, Memory())
    before = memory.before(municipality_here().id)
    return listed(reworded(before, lay_over(before.assistant.knowledge, {key: item})), view_here())


def listed(found: Effect, view: View) -> dict[str, Any]:
    """Return an effect that is of no answer in particular as the template lists it."""
    judged = {*found.breaks, *found.mends}
    others = [moved for moved in found.moved if moved not in judged]
    lists: list[tuple[str, Sequence[Moved]]] = [("breaks", found.breaks), ("mends", found.mends), ("others", others)]
    return {
        "asked": found.asked,
        "breaks": len(found.breaks),
        "lists": [
            {"name": name, "rows": [_row(one, view) for one in moved[:SHOWN]], "count": len(moved)}
            for name, moved in lists
            if moved
        ],
    }


def _row(moved: Moved, view: View) -> dict[str, Any]:
    probe = moved.probe
    return {
        "question": probe.question,
        "language": probe.language,
        "of": _title(probe.entry, view) if probe.entry else None,
        "wanted": probe.wanted,
        "before": [_title(name, view) for name in moved.before.entries],
        "after": [_title(name, view) for name in moved.after.entries],
    }


def _title(entry: str, view: View) -> str:
    found = view.entries.get(entry)
    return found.title(asked_language()) if found else entry
