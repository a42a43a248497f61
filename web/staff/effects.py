"""What an edit does before it is saved: which questions reach the entry then, which tests break."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from flask import current_app

from bot import (
    LANGUAGES,
    Assistant,
    Before,
    Effect,
    Item,
    Key,
    Language,
    Moved,
    Probe,
    View,
    effect,
    full_effect,
    lay_over,
    probes_of,
)
from web.errors import asked_language
from web.services import today
from web.staff.guard import municipality_here
from web.staff.knowing import assistant, view_here
from web.staff.layers import NATIONAL
from web.staff.service import get_staff
from web.store.recent import recent_questions

EXTENSION: Final = "hemvist-before"
SHOWN: Final = 12
RECENT: Final = 400  # questions of visitors that are asked anew
MOST: Final = 4  # municipalities whose answers before an edit are remembered


@dataclass(frozen=True, slots=True)
class _Known:
    """How everything was answered by one assistant, on one day."""

    assistant: Assistant
    day: date
    before: Before


@dataclass(slots=True)
class Memory:
    """Answers before an edit, by municipality; making them takes about two seconds for a thousand questions."""

    known: dict[str, _Known] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def before(self, municipality: str) -> Before:
        """Return how everything is answered now."""
        now, day = assistant(), today()
        with self.lock:
            found = self.known.get(municipality)
            if found is None or found.assistant is not now or found.day != day:
                self.known.pop(municipality, None)
                while len(self.known) >= MOST:
                    self.known.pop(next(iter(self.known)))
                probes = probes_of(view_here(), _recent(municipality))
                found = self.known[municipality] = _Known(now, day, Before(now, municipality, probes, day))
            return found.before


def effect_of(key: Key, item: Item | None) -> Effect:
    """Return what changes for visitors of this municipality when `item` takes the place of what there is."""
    memory = _memory()
    before = memory.before(municipality_here().id)
    with memory.lock:
        return effect(before, key.id, lay_over(before.assistant.knowledge, {key: item}))


def _memory() -> Memory:
    memory: Memory = current_app.extensions.setdefault(EXTENSION, Memory())
    return memory


def sure_effect(key: Key, item: Item | None) -> Effect:
    """Return the same for a decision. What is national is asked of an index that is made anew: one such change weighs
    a little on all others, and that is left out while somebody writes."""
    if key.layer != NATIONAL:
        return effect_of(key, item)
    memory = _memory()
    before = memory.before(municipality_here().id)
    draft = before.assistant.beside(lay_over(before.assistant.knowledge, {key: item}))
    with memory.lock:
        return full_effect(before, key.id, draft)


def shown(found: Effect, view: View | None = None) -> dict[str, Any]:
    """Return an effect as the template lists it."""
    view = view or view_here()
    return {
        "reaching": [_probe(one, view) for one in found.reaching[:SHOWN]],
        "reaching_count": len(found.reaching),
        "lists": [
            {"name": name, "rows": [_row(one, view) for one in moved[:SHOWN]], "count": len(moved)}
            for name, moved in _lists(found)
            if moved
        ],
        "breaks": len(found.breaks),
    }


def _lists(found: Effect) -> list[tuple[str, Sequence[Moved]]]:
    taken = set(found.taken)
    gained = [one for one in found.gained if one not in taken]
    return [
        ("breaks", found.breaks),
        ("taken", found.taken),
        ("gained", gained),
        ("lost", found.lost),
        ("mends", found.mends),
    ]


def _row(moved: Moved, view: View) -> dict[str, Any]:
    return {
        **_probe(moved.probe, view),
        "before": [_title(name, view) for name in moved.before.entries],
        "after": [_title(name, view) for name in moved.after.entries],
    }


def _probe(probe: Probe, view: View) -> dict[str, Any]:
    return {
        "question": probe.question,
        "language": probe.language,
        "of": _title(probe.entry, view) if probe.entry else None,
        "wanted": probe.wanted,
    }


def _title(entry: str, view: View) -> str:
    found = view.entries.get(entry)
    return found.title(asked_language()) if found else entry


def _recent(municipality: str) -> list[tuple[Language, str]]:
    """Return what visitors asked of late, as far as it is kept, without personal data."""
    with get_staff().store.reading() as connection:
        found = recent_questions(connection, municipality, RECENT)
    return [(language, text) for language, text in found if language in LANGUAGES]
