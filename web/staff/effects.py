"""What an edit does before it is saved: which questions reach the entry then, which tests break."""

import threading
from collections.abc import Mapping, Sequence
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
    Municipality,
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
from web.staff.knowing import assistant, knowledge, view_here
from web.staff.layers import NATIONAL
from web.staff.service import get_staff
from web.store.recent import recent_questions

EXTENSION: Final = "hemvist-before"
SHOWN: Final = 12
RECENT: Final = 400  # questions of visitors that are asked anew
MOST: Final = 16  # municipalities whose answers before an edit are remembered
MOST_ASKED: Final = 12  # other municipalities whose tests are asked; the others of a wide change are only counted


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
        """Return how everything is answered now; raises UnknownMunicipalityError."""
        now, day = assistant(), today()
        with self.lock:
            found = self.known.get(municipality)
            if found is None or found.assistant is not now or found.day != day:
                self.known.pop(municipality, None)
                while len(self.known) >= MOST:
                    self.known.pop(next(iter(self.known)))
                probes = probes_of(now.knowledge.view(municipality), _recent(municipality))
                found = self.known[municipality] = _Known(now, day, Before(now, municipality, probes, day))
            return found.before


def effect_of(key: Key, item: Item | None) -> Effect:
    """Return what changes for visitors of this municipality when `item` takes the place of what there is."""
    memory = _memory()
    before = memory.before(municipality_here().id)
    with memory.lock:
        return effect(before, key.id, lay_over(before.assistant.knowledge, {key: item}))


@dataclass(frozen=True, slots=True)
class Reach:
    """What a change of a wider layer does for others. `reached`: every other municipality that has the layer;
    `broken`: the tests of those that break, by municipality; `unasked`: of how many none was asked."""

    reached: tuple[Municipality, ...]
    broken: Mapping[str, Sequence[Moved]] = field(default_factory=dict)
    unasked: int = 0

    @property
    def breaks(self) -> int:
        """How many tests of others break."""
        return sum(map(len, self.broken.values()))


def reach_of(key: Key) -> Reach:
    """Return the other municipalities that a change of this layer reaches."""
    here, known = municipality_here().id, knowledge()
    names = (name for name in known.members if name != here)
    has = (name for name in names if key.layer in known.names_of_layers(name))
    return Reach(tuple(known.members[name] for name in has))


def sure_reach(key: Key, item: Item | None) -> Reach:
    """Return the same with the tests of these that break: each is asked everything anew, which takes a second for
    each the first time."""
    found = reach_of(key)
    befores = _befores(found)
    return _asked(found, key, befores, _draft(befores[0].assistant, key, item)) if befores else found


def sure_effect(key: Key, item: Item | None) -> Effect:
    """Return what `effect_of` does, for a decision. What is national is asked of an index that is made anew: one such
    change weighs a little on all others, and that is left out while somebody writes."""
    if key.layer != NATIONAL:
        return effect_of(key, item)
    before = _memory().before(municipality_here().id)
    return _full(key, before, _draft(before.assistant, key, item))


def effect_and_reach(key: Key, item: Item | None) -> tuple[Effect, Reach]:
    """Return `sure_effect` and `sure_reach`: what is national is made anew once for both, which takes a second."""
    if key.layer != NATIONAL:
        return effect_of(key, item), sure_reach(key, item)
    found, before = reach_of(key), _memory().before(municipality_here().id)
    befores = _befores(found)
    draft = _draft(before.assistant, key, item)
    return _full(key, before, draft), _asked(found, key, befores, draft)


def breaks_of(key: Key, item: Item | None) -> int:
    """Return how many tests break here and in every other municipality that the change reaches."""
    found, reach = effect_and_reach(key, item)
    return len(found.breaks) + reach.breaks


def _befores(found: Reach) -> list[Before]:
    """Return how those that are asked answer now."""
    return [_memory().before(one.id) for one in found.reached[:MOST_ASKED]]


def _draft(current: Assistant, key: Key, item: Item | None) -> Assistant:
    after = lay_over(current.knowledge, {key: item})
    with _memory().lock:
        return current.beside(after) if key.layer == NATIONAL else current.drafted(after)


def _full(key: Key, before: Before, draft: Assistant) -> Effect:
    with _memory().lock:
        return full_effect(before, key.id, draft)


def _asked(found: Reach, key: Key, befores: Sequence[Before], draft: Assistant) -> Reach:
    effects = {before.municipality: _full(key, before, draft) for before in befores}
    broken = {name: effect.breaks for name, effect in effects.items() if effect.breaks}
    return Reach(found.reached, broken, len(found.reached) - len(befores))


def _memory() -> Memory:
    memory: Memory = current_app.extensions.setdefault(EXTENSION, Memory())
    return memory


def shown(found: Effect, view: View | None = None, reach: Reach | None = None) -> dict[str, Any]:
    """Return an effect as the template lists it, with what it does elsewhere."""
    view, reach = view or view_here(), reach or Reach(())
    return {
        "reaching": [_probe(one, view) for one in found.reaching[:SHOWN]],
        "reaching_count": len(found.reaching),
        "lists": [
            {"name": name, "rows": [_row(one, view) for one in moved[:SHOWN]], "count": len(moved)}
            for name, moved in _lists(found)
            if moved
        ],
        "breaks": len(found.breaks) + reach.breaks,
        "reach": [one.name.best(asked_language()) for one in reach.reached],
        "unasked": reach.unasked,
        "elsewhere": [_elsewhere(one, reach.broken[one.id]) for one in reach.reached if one.id in reach.broken],
    }


def _elsewhere(municipality: Municipality, broken: Sequence[Moved]) -> dict[str, Any]:
    view = knowledge().view(municipality.id)
    rows = [_row(one, view) for one in broken[:SHOWN]]
    return {"name": municipality.name.best(asked_language()), "rows": rows, "count": len(broken)}


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
