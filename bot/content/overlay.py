"""Lay single items over knowledge that was read from files, and say what would be wrong then."""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from bot.content.items import FRAMES, KINDS, LISTS, VOCABULARY, WORDS, Item, Key, Kind, digest
from bot.content.layers import Layer, View
from bot.content.loading import Knowledge
from bot.content.rules import (
    Fault,
    contact_fact_faults,
    fact_faults,
    faults_of,
    group_faults,
    occupation_faults,
    override_faults,
    reference,
    references,
    switchboard_faults,
    task_faults,
)
from bot.content.shelf import Shelf, Source
from bot.errors import Problem
from bot.inventory import TABLES, Inventory, Job
from bot.models import Frames, Municipality

Changes = Mapping[Key, Item | None]
MUNICIPALITIES = "municipalities/"
IN_LAYERS: tuple[Kind, ...] = ("entry", "contact", "plot", "job", "place", "fact", "question")
OWN_TABLES: Mapping[str, str] = {"entry": "entries", "contact": "contacts", "question": "questions"}


# the file of new words, where none has any
USUAL: Mapping[str, str] = {
    "group": "meanings",
    "frames": "frames",
    "theme": "outside-municipal",
    "occupation": "occupations",
}


def find_item(knowledge: Knowledge, key: Key) -> Item | None:
    """Return an item as its layer has it; None where there is none."""
    return _table(knowledge, key).get(key.id)


def items_of(
    knowledge: Knowledge, kinds: Collection[Kind] = KINDS, layers: Collection[str] | None = None
) -> dict[Key, Item]:
    """Return everything that can be changed, by key; only that of `kinds` where given, and in layers only that of
    `layers`: no other is read."""
    in_layers = [one for one in IN_LAYERS if one in kinds]
    found: dict[Key, Item] = {}
    for name in knowledge.layers if in_layers else ():
        if layers is None or name in layers:
            found |= items_of_layer(knowledge.layers[name], in_layers)
    for kind in (one for one in WORDS if one in kinds):
        found |= {Key(VOCABULARY, kind, item.id): item for item in reversed(_words(knowledge, kind))}
    for name, municipality in knowledge.municipalities.items() if "municipality" in kinds else ():
        found[Key(f"{MUNICIPALITIES}{name}", "municipality", name)] = municipality
    return found


def items_of_layer(layer: Layer, kinds: Collection[Kind] = IN_LAYERS) -> dict[Key, Item]:
    """Return everything in a layer that can be changed, by key; only that of `kinds` where given."""
    return {
        Key(layer.name, kind, name): item
        for kind in IN_LAYERS
        if kind in kinds
        for name, item in _items(layer, kind).items()
    }


def lay_over(knowledge: Knowledge, changes: Changes) -> Knowledge:
    """Return `knowledge` with each item in the place of the one of its key; None takes it away."""
    words = {key: item for key, item in changes.items() if key.kind in WORDS}
    settings = {key: item for key, item in changes.items() if key.kind == "municipality"}
    others = {key: item for key, item in changes.items() if key not in words and key not in settings}
    layers = {name: _changed_layer(knowledge.shelf, name, others) for name in {key.layer for key in others}}
    known = dict(knowledge.municipalities)
    for key, item in settings.items():
        known.pop(key.id, None)
        if isinstance(item, Municipality):
            known[key.id] = item
            if key.layer not in knowledge.layers:
                layers.setdefault(key.layer, Layer(key.layer, {}, {}))
    shelf = knowledge.shelf.changed(layers)
    shelf = shelf.without([name for name in shelf if not _is_known(name, known)])
    municipalities = dict(sorted(known.items())) if settings else knowledge.municipalities
    return _with_words(replace(knowledge, layers=shelf, municipalities=municipalities), words)


def in_order(knowledge: Knowledge, places: Mapping[str, Mapping[Key, int]]) -> Knowledge:
    """Return `knowledge` with the items of some layers in the order of their places; those without one come last."""
    shelf = knowledge.shelf
    marks = {name: tuple(sorted(own.values())) for name, own in places.items() if name != VOCABULARY}
    layers = {name: shelf.laid(name, mark, partial(_put_in_order, places[name], mark)) for name, mark in marks.items()}
    knowledge = replace(knowledge, layers=shelf.changed(layers)) if layers else knowledge
    return _words_in_order(knowledge, places[VOCABULARY]) if VOCABULARY in places else knowledge


def problems_after(knowledge: Knowledge, keys: Collection[Key]) -> list[Problem]:
    """Return what is wrong in a knowledge over which the items `keys` were laid, in them or in what points to them."""
    found: dict[tuple[Key, Fault | str], Problem] = {}
    for key, fault in _faults(knowledge, keys):
        path = ".".join(str(part) for part in fault.path)
        values = {name: str(value) for name, value in fault.values.items()}
        problem = Problem(f"{key.layer}/{key.kind}/{key.id}", 1, 1, path, fault.code, values)
        found.setdefault((key, str(problem)), problem)
    return list(found.values())


def new_problems(knowledge: Knowledge, items: Mapping[Key, Item | None]) -> list[Problem]:
    """Return what would be wrong if `items` were laid over; what is wrong already is no reason to refuse them."""
    found = problems_after(lay_over(knowledge, items), items.keys())
    known = problems_after(knowledge, items.keys()) if found else []
    return [problem for problem in found if problem not in known]


def home_of(
    key: Key, files: Mapping[str, Collection[str]], headings: Mapping[str, tuple[str, ...]]
) -> tuple[str, tuple[str, ...]]:
    """Return the file that a new item belongs to, and the ids behind which it stands, nearest first.

    `files` are the ids of its kind in each file of the folder, `headings` the topics under each heading. An entry goes
    to the topics of its heading: where its layer has them, else where another layer has them.
    """
    if key.kind == "municipality":
        return f"{key.layer}/municipality.yaml", ()
    if key.kind not in ("entry", *WORDS):
        return f"{key.layer}/{LISTS[key.kind]}.yaml", ()
    own = {name: ids for name, ids in files.items() if name.rpartition("/")[0] == key.layer}
    heading, near = _neighbours(key, headings)
    by_topic = _most(own, near)
    if by_topic:
        return by_topic, near
    elsewhere = _most(files, (key.id, *near)) or _most(own, {one for ids in own.values() for one in ids})
    stem = elsewhere.rpartition("/")[2] if elsewhere else f"{heading or _usual(key)}.yaml"
    return f"{key.layer}/{stem}", near


def _usual(key: Key) -> str:
    return USUAL.get(key.kind, "answers")


def _neighbours(key: Key, headings: Mapping[str, tuple[str, ...]]) -> tuple[str | None, tuple[str, ...]]:
    """Return the heading of an entry and the topics under it: those before it, backwards, then those after it."""
    for heading, topics in headings.items():
        if key.kind == "entry" and key.id in topics:
            place = topics.index(key.id)
            return heading, (*topics[:place][::-1], *topics[place + 1 :])
    return None, ()


def _most(files: Mapping[str, Collection[str]], wanted: Iterable[str]) -> str | None:
    """Return the file that holds most of the ids `wanted`; None where none holds any."""
    ids = set(wanted)
    counts = {name: len(ids.intersection(held)) for name, held in files.items()}
    best = max(counts, key=lambda name: (counts[name], name), default=None)
    return best if best and counts[best] else None


def _table(knowledge: Knowledge, key: Key) -> Mapping[str, Any]:
    if key.kind == "municipality":
        return knowledge.municipalities
    if key.kind in WORDS:
        return {item.id: item for item in reversed(_words(knowledge, key.kind))}
    layer = knowledge.layers.get(key.layer)
    return _items(layer, key.kind) if layer else {}


def _words(knowledge: Knowledge, kind: str) -> tuple[Any, ...]:
    if kind == "occupation":
        return knowledge.occupations
    if kind == "frames":
        words = knowledge.vocabulary.frames
        return (Frames(FRAMES, words),) if words else ()
    return knowledge.vocabulary.groups if kind == "group" else knowledge.vocabulary.outside


def _items(layer: Layer, kind: str) -> Mapping[str, Any]:
    own = OWN_TABLES.get(kind)
    items: Mapping[str, Any] = getattr(layer, own) if own else getattr(layer.inventory, f"{kind}s")
    return items


def _is_known(layer: str, municipalities: Collection[str]) -> bool:
    return not layer.startswith(MUNICIPALITIES) or layer.removeprefix(MUNICIPALITIES) in municipalities


def _changed_layer(shelf: Shelf, name: str, changes: Changes) -> Layer | Source:
    own = {key: item for key, item in changes.items() if key.layer == name}
    mark = tuple(sorted((f"{key.kind}/{key.id}", digest(item) or "") for key, item in own.items()))
    return shelf.laid(name, mark, lambda layer: _layer(layer, own))


def _layer(layer: Layer, own: Changes) -> Layer:

    def changed(kind: str) -> dict[str, Any]:
        return _changed(_items(layer, kind), {key.id: item for key, item in own.items() if key.kind == kind})

    tables = (changed(table.removesuffix("s")) for table in TABLES)
    tables_of_layer: dict[str, Any] = {name: changed(kind) for kind, name in OWN_TABLES.items()}
    return replace(layer, inventory=Inventory(*tables), **tables_of_layer)


def _put_in_order(places: Mapping[Key, int], mark: tuple[int, ...], layer: Layer) -> Layer:
    def ordered(kind: Kind) -> dict[str, Any]:
        return dict(sorted(_items(layer, kind).items(), key=lambda one: _place(places, Key(layer.name, kind, one[0]))))

    tables = (ordered(cast("Kind", table.removesuffix("s"))) for table in TABLES)
    own: dict[str, Any] = {name: ordered(cast("Kind", kind)) for kind, name in OWN_TABLES.items()}
    return replace(layer, inventory=Inventory(*tables), **own, order=mark)


def _words_in_order(knowledge: Knowledge, places: Mapping[Key, int]) -> Knowledge:
    def ordered(kind: Kind) -> tuple[Any, ...]:
        return tuple(sorted(_words(knowledge, kind), key=lambda one: _place(places, Key(VOCABULARY, kind, one.id))))

    vocabulary = replace(knowledge.vocabulary, groups=ordered("group"), outside=ordered("theme"))
    return replace(knowledge, vocabulary=vocabulary, occupations=ordered("occupation"))


def _place(places: Mapping[Key, int], key: Key) -> float:
    return places.get(key, math.inf)


def _changed(before: Mapping[str, Any], changes: Mapping[str, Item | None]) -> dict[str, Any]:
    merged = {**before, **changes}
    return {name: item for name, item in merged.items() if item is not None}


def _with_words(knowledge: Knowledge, changes: Changes) -> Knowledge:
    if not changes:
        return knowledge
    tables = {}
    for kind in WORDS:
        own = {key.id: item for key, item in changes.items() if key.kind == kind}
        kept = [item for item in _words(knowledge, kind) if item.id not in own]
        places = {item.id: place for place, item in enumerate(_words(knowledge, kind))}
        new = [item for item in own.values() if item is not None]
        tables[kind] = tuple(sorted([*kept, *new], key=lambda item: places.get(item.id, len(places))))
    frames = tuple(word for one in tables["frames"] for word in one.words)
    vocabulary = replace(knowledge.vocabulary, groups=tables["group"], frames=frames, outside=tables["theme"])
    return replace(knowledge, vocabulary=vocabulary, occupations=tables["occupation"])


def _faults(knowledge: Knowledge, keys: Collection[Key]) -> Iterator[tuple[Key, Fault]]:
    for key in keys:
        item = find_item(knowledge, key)
        yield from ((key, fault) for fault in faults_of(key.layer, item))
        if key.kind == "entry":
            yield from _faults_of_overrides(knowledge, key)
        if isinstance(item, Job):
            yield from ((key, fault) for fault in occupation_faults(item, knowledge.occupations))
    if any(key.kind == "occupation" for key in keys):
        yield from _faults_of_jobs(knowledge)
    for name in _affected(knowledge, keys):
        yield from _faults_of_view(knowledge, knowledge.view(name))


def _affected(knowledge: Knowledge, keys: Collection[Key]) -> Iterator[str]:
    """Yield the municipalities that see any of the layers of `keys`, but of those that only stand on them the ones in
    memory: the others are checked when they are read."""
    touched = {key.layer for key in keys if key.kind not in WORDS}
    for name in knowledge.municipalities:
        own = f"{MUNICIPALITIES}{name}"
        is_seen = not touched.isdisjoint(knowledge.names_of_layers(name))
        if own in touched or (is_seen and (own not in knowledge.layers or knowledge.shelf.is_read(own))):
            yield name


def _in_memory(knowledge: Knowledge) -> list[Layer]:
    """Return the layers that are read: the others are checked when they are."""
    return [knowledge.layers[name] for name in knowledge.layers if knowledge.shelf.is_read(name)]


def _faults_of_overrides(knowledge: Knowledge, key: Key) -> Iterator[tuple[Key, Fault]]:
    """Yield where an entry, or one that lay over it, now only changes what there is not."""
    for layer in _in_memory(knowledge):
        entry = layer.entries.get(key.id)
        if entry:
            beneath = knowledge.beneath(layer.name)
            yield from ((Key(layer.name, "entry", key.id), fault) for fault in override_faults(entry, beneath))


def _faults_of_jobs(knowledge: Knowledge) -> Iterator[tuple[Key, Fault]]:
    for layer in _in_memory(knowledge):
        for job in layer.inventory.jobs.values():
            key = Key(layer.name, "job", job.id)
            yield from ((key, fault) for fault in occupation_faults(job, knowledge.occupations))


def _faults_of_view(knowledge: Knowledge, view: View) -> Iterator[tuple[Key, Fault]]:
    own = f"{MUNICIPALITIES}{view.municipality.id}"
    key = Key(own, "municipality", view.municipality.id)
    groups = (name.removeprefix("groups/") for name in knowledge.layers if name.startswith("groups/"))
    contacts = knowledge.layers[own].contacts if own in knowledge.layers else ()
    written = knowledge.municipalities[view.municipality.id]
    yield from ((key, fault) for fault in group_faults(written, groups))
    yield from ((key, fault) for fault in switchboard_faults(view.municipality, contacts))
    for task in view.tasks.values():
        yield from ((Key(own, "entry", f"plan-{task.id}"), fault) for fault in task_faults(task, view))
    for layer in knowledge.layers_of(view.municipality.id):
        for entry in layer.entries.values():
            for path, kind, wanted, known in references(entry, view):
                if wanted not in known:
                    yield Key(layer.name, "entry", entry.id), reference(path, kind, wanted, known)
            yield from ((Key(layer.name, "entry", entry.id), fault) for fault in fact_faults(entry, view))
        for fact in layer.inventory.facts.values():
            yield from ((Key(layer.name, "fact", fact.id), fault) for fault in contact_fact_faults(fact, view.facts))
