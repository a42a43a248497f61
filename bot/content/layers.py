"""Lay a municipality's files over its groups' and the national ones, and remember where each part came from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.content.facts import Facts, facts_in, names_facts, tell_entry, tell_task
from bot.inventory import Fact, Inventory
from bot.models import ANSWER_BLOCK, AnswerTexts, Contact, Entry, Municipality, OwnQuestion
from bot.tasks import Task
from bot.tasks import laid as laid_task
from bot.values import LANGUAGES

SAFETY: Mapping[str, tuple[str, ...]] = {
    "emergency": ("112",),
    "crisis-support": ("112", "90101", "1177"),
    "violence-support": ("112", "020-50 50 50"),
}
ADDING = ("questions", "tests", "links", "next")
REPLACING = ("contacts", "shows")


@dataclass(frozen=True, slots=True)
class Layer:
    """One folder of knowledge: `national`, `groups/<group>` or `municipalities/<municipality>`.

    `questions` are no part of what visitors are answered from. `order` tells two of the same items apart that have them
    in another order; () where it is that of the files.
    """

    name: str
    entries: Mapping[str, Entry]
    contacts: Mapping[str, Contact]
    inventory: Inventory = field(default_factory=Inventory)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    questions: Mapping[str, OwnQuestion] = field(default_factory=dict)
    order: tuple[int, ...] = ()
    _alone: dict[str, Entry] = field(default_factory=dict, init=False, repr=False, compare=False)

    def alone(self, entry: Entry) -> Entry:
        """Return an entry of this layer as it is where no outer one has it; mostly as it stands, so that all
        municipalities share it."""
        if entry.id not in self._alone:
            laid = _over(Entry(entry.id), entry)
            self._alone[entry.id] = entry if laid == entry else laid
        return self._alone[entry.id]


@dataclass(frozen=True, slots=True)
class View:
    """The knowledge as one municipality sees it. `origins[entry][part]` names the layers a part comes from; `tasks` are
    those of the moving plan.

    The `entries` and `tasks` tell the `facts` that they name; `written` are those entries as they are written, and
    `told` what each of them names.
    """

    municipality: Municipality
    entries: Mapping[str, Entry]
    contacts: Mapping[str, Contact]
    origins: Mapping[str, Mapping[str, tuple[str, ...]]]
    inventory: Inventory = field(default_factory=Inventory)
    tasks: Mapping[str, Task] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    written: Mapping[str, Entry] = field(default_factory=dict)
    told: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)

    def as_written(self, entry: str) -> Entry:
        """Return an entry with the names of its facts in the place of what they say."""
        return self.written.get(entry) or self.entries[entry]

    def facts_of(self, entry: str) -> tuple[Fact, ...]:
        """Return the facts that an answer tells."""
        return self.told.get(entry, ())

    def contacts_of(self, entry: Entry) -> tuple[Contact, ...]:
        """The entry's own contacts, else the municipality's switchboard."""
        ids = entry.contacts or ((self.municipality.switchboard,) if self.municipality.switchboard else ())
        return tuple(self.contacts[contact] for contact in ids if contact in self.contacts)

    def is_local(self, entry: str) -> bool:
        """Whether the municipality itself wrote the answer."""
        return self._is_from("municipalities/", entry)

    def is_of_group(self, entry: str) -> bool:
        """Whether a group that the municipality belongs to wrote the answer."""
        return self._is_from("groups/", entry)

    def _is_from(self, kind: str, entry: str) -> bool:
        return any(name.startswith(kind) for name in self.origins[entry].get("answer", ()))


def lay(municipality: Municipality, layers: Sequence[Layer], imported: Inventory | None = None) -> View:
    """Merge `layers`, outermost first, into what `municipality` sees. Records written by hand win over `imported`."""
    entries: dict[str, Entry] = {}
    origins: dict[str, dict[str, tuple[str, ...]]] = {}
    contacts: dict[str, Contact] = {}
    tasks: dict[str, Task] = {}
    inventory = imported or Inventory()
    for layer in layers:
        contacts |= layer.contacts
        inventory |= layer.inventory
        tasks |= {task.id: laid_task(tasks.get(task.id), task) for task in layer.tasks.values()}
        for entry in layer.entries.values():
            outer = entries.get(entry.id)
            entries[entry.id] = _over(outer, entry) if outer else layer.alone(entry)
            _note_origins(origins.setdefault(entry.id, {}), entry, layer.name)
    facts = Facts(inventory.facts, contacts)
    used = {task.id: _telling(task, facts) for task in tasks.values() if not task.left_out}
    written = {entry.id: entry for entry in entries.values() if names_facts(entry.answer)}
    entries |= {name: tell_entry(entry, facts) for name, entry in written.items()}
    told = {name: facts.all_of(facts_in(entry)) for name, entry in written.items()}
    return View(municipality, entries, contacts, origins, inventory, used, facts, written, told)


def _telling(task: Task, facts: Facts) -> Task:
    return tell_task(task, facts) if names_facts(task.text) or names_facts(task.why) else task


def _over(outer: Entry, inner: Entry) -> Entry:
    changes: dict[str, Any] = {part: getattr(inner, part) for part in REPLACING if getattr(inner, part)}
    for part in ADDING:
        added, kept = getattr(inner, part), getattr(outer, part)
        changes[part] = added if part in inner.replace else _joined(kept, added)
    if inner.answer and inner.id in SAFETY and outer.answer:
        changes["answer"] = _with_local_lines(outer.answer, inner.answer)
    elif inner.answer:
        changes |= {part: getattr(inner, part) for part in ANSWER_BLOCK}
    return replace(outer, **changes)


def _joined(kept: Any, added: Any) -> Any:
    return tuple(dict.fromkeys(kept + added)) if isinstance(kept, tuple) else kept + added


def _with_local_lines(fixed: AnswerTexts, local: AnswerTexts) -> AnswerTexts:
    """No further language leaves the local lines out: those that are not written in it stand there in another one."""
    own = ("\n\n".join(filter(None, (fixed[language], local[language]))) or None for language in LANGUAGES)
    further = tuple((language, f"{text}\n\n{local.best(language)}".strip()) for language, text in fixed.further)
    return AnswerTexts(*own, further=further)


def _note_origins(origins: dict[str, tuple[str, ...]], entry: Entry, layer: str) -> None:
    for part in _parts_given(entry):
        adds = part in ADDING and part not in entry.replace
        origins[part] = (*origins.get(part, ()), layer) if adds or entry.id in SAFETY else (layer,)


def _parts_given(entry: Entry) -> Iterable[str]:
    empty = Entry(entry.id)
    yield from (part for part in (*ADDING, *REPLACING) if getattr(entry, part) != getattr(empty, part))
    if entry.answer:
        yield from ANSWER_BLOCK
