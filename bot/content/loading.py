"""Read the files of a knowledge folder: every problem, and the views of all municipalities. `library` says when."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, TypeVar, cast

from bot.content.grouping import Groups, circles, disagreements, in_order
from bot.content.layers import Layer, View, lay
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
from bot.content.schema import (
    ContactsFile,
    EntriesFile,
    FactsFile,
    JobsFile,
    OccupationsFile,
    PlacesFile,
    PlanFile,
    PlotsFile,
    QuestionsFile,
    TopicsFile,
    read_as,
)
from bot.content.shelf import Shelf, Source
from bot.content.yamlfile import Path_, YamlFile, read_file
from bot.errors import KnowledgeError, Problem, UnknownMunicipalityError
from bot.inventory import TABLES, Fact, Inventory, Job, Occupation, Place, Plot
from bot.models import Contact, Entry, Group, Municipality, OwnQuestion, Topic, Vocabulary
from bot.recent import Recent
from bot.tasks import Task
from bot.values import Localized

NOBODY = ""  # the id of the municipality that is asked where none is chosen
ALL_AROUND = 60  # municipalities that may all be looked at for what one of them, or nobody, is asked
Item = TypeVar("Item", Entry, Contact, Plot, Job, Place, Fact, OwnQuestion, Task)
SETTINGS = "municipality"  # the file that says what a municipality is
# file → what it holds; each but the entries has a file of its own
PARTS: Mapping[str, type] = {
    "entries": EntriesFile,
    "contacts": ContactsFile,
    "plots": PlotsFile,
    "jobs": JobsFile,
    "places": PlacesFile,
    "facts": FactsFile,
    "questions": QuestionsFile,
    "plan": PlanFile,
}


@dataclass(frozen=True)
class Knowledge:
    """Everything there is to know. Values only: it never changes, a reload makes a new one.

    `layers` may be a shelf, of which what a municipality alone has is read when it is asked for; as many views are kept
    as layers are. `headings`: the ids of the topics under each heading of vocabulary/topics.yaml.
    """

    municipalities: Mapping[str, Municipality]
    layers: Mapping[str, Layer]
    vocabulary: Vocabulary
    topics: tuple[Topic, ...]
    warnings: tuple[Problem, ...] = ()
    occupations: tuple[Occupation, ...] = ()
    imported: Mapping[str, Inventory] = field(default_factory=dict)
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    groups: Groups = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", Shelf.of(self.layers))

    @property
    def shelf(self) -> Shelf:
        """The layers, and whether they are read."""
        return cast("Shelf", self.layers)

    @cached_property
    def _views(self) -> Recent[str, View]:
        return Recent(self.shelf.most)

    def view(self, municipality: str) -> View:
        """Return the knowledge as `municipality` sees it; raises UnknownMunicipalityError."""
        if municipality not in self.municipalities:
            raise UnknownMunicipalityError(municipality, sorted(self.municipalities))
        return self._views.get(municipality, lambda: self._laid(municipality))

    def _laid(self, municipality: str) -> View:
        own, imported = self.members[municipality], self.imported.get(municipality)
        return lay(own, self.layers_of(municipality), imported)

    def with_layers(self, layers: Mapping[str, Layer | Source]) -> "Knowledge":
        """Return the same knowledge with other layers under these names; the others are not read for that."""
        return replace(self, layers=self.shelf.changed(layers))

    @property
    def common(self) -> View:
        """What holds wherever one moves: the national layer, and what the groups say of themselves. Its municipality
        is nobody's, and has the id NOBODY."""
        return self._views.get(NOBODY, self._common)

    def _common(self) -> View:
        national = self.layers.get("national", Layer("national", {}, {}))
        of_groups = {topic.id for topic in self.topics if topic.layer == "group"}
        groups = [
            replace(layer, entries={name: entry for name, entry in layer.entries.items() if name in of_groups})
            for layer in map(self.layers.__getitem__, self._groups_of(NOBODY))
        ]
        is_official = all(one.official for one in self.municipalities.values())
        nobody = Municipality(NOBODY, Localized("Sverige", "Sweden"), official=is_official)
        view = lay(nobody, [national, *groups])
        entries = {name: _without_pointers(entry, view) for name, entry in view.entries.items()}
        return replace(view, entries=entries, tasks={}, inventory=Inventory())

    def is_common(self, entry: str) -> bool:
        """Whether the answer of `entry` is the same wherever one moves: nobody but the outermost layer writes one. Of
        a whole country not everybody is read for that: what its municipalities are to answer themselves is not."""
        of = next((topic.layer for topic in self.topics if topic.id == entry), None)
        if of == "group":
            return True
        return entry not in self._answered_within and not (self.is_country and of == "municipality")

    @cached_property
    def _answered_within(self) -> frozenset[str]:
        inner = (layer for layer in self.in_sight() if layer.name != "national")
        return frozenset(entry.id for layer in inner for entry in layer.entries.values() if entry.answer)

    @property
    def is_country(self) -> bool:
        """Whether the municipalities are too many to look at all of them for what one is asked."""
        return len(self.municipalities) > ALL_AROUND

    def in_sight(self) -> Iterator[Layer]:
        """Yield the layers that are looked at for what anybody is asked: all, of a whole country those at hand."""
        names = self.shelf.at_hand if self.is_country else self.layers
        return (self.layers[name] for name in names)

    def with_imported(self, imported: Mapping[str, Inventory]) -> "Knowledge":
        """Return the same knowledge with the rows of feeds and files, by municipality, under what is written by
        hand."""
        return replace(self, imported=imported)

    def keeping(self, before: "Knowledge | None") -> "Knowledge":
        """Return the same knowledge with the very objects of `before` where nothing changed: what was built of them
        still holds."""
        if before is None:
            return self
        parts = ("vocabulary", "topics", "occupations", "municipalities")
        same = {part: getattr(before, part) for part in parts if getattr(before, part) == getattr(self, part)}
        at_hand = self.shelf.at_hand
        layers = {name: _kept(layer, before.shelf.at_hand.get(name)) for name, layer in at_hand.items()}
        return replace(self, layers=self.shelf.changed(layers), **same)

    @cached_property
    def members(self) -> Mapping[str, Municipality]:
        """The municipalities, each with all groups that it belongs to, also by way of another group."""
        return {name: _member(one, self.groups) for name, one in self.municipalities.items()}

    def layers_of(self, municipality: str) -> list[Layer]:
        """Return the layers that `municipality` is made of, the outermost first."""
        return [self.layers[name] for name in self.names_of_layers(municipality)]

    def names_of_layers(self, municipality: str) -> list[str]:
        """Return which those are, for NOBODY all that several share; nothing is read for that."""
        groups = self._groups_of(municipality)
        names = ["national", *groups, f"municipalities/{municipality}"]
        return [name for name in names if name in self.layers]

    def beneath(self, layer: str) -> list[Layer]:
        """Return the layers that lie under `layer` for any municipality, or would if one had it."""
        kind, _, name = layer.partition("/")
        if kind == "municipalities":
            outer = self.names_of_layers(name)[:-1] if name in self.municipalities else []
            return [self.layers[one] for one in outer]
        groups = [f"groups/{one}" for one in in_order([name], self.groups)]
        orders = [self.names_of_layers(municipality) for municipality in self.municipalities]
        below = [order[: order.index(layer)] for order in (*orders, ["national", *groups]) if layer in order]
        return [self.layers[one] for one in dict.fromkeys(chain.from_iterable(below)) if one in self.layers]

    def lays_the_same(self, other: "Knowledge", municipality: str) -> bool:
        """Whether `municipality` is made of the very same layers, settings and records in `other`."""
        own, others = self._settings_of(municipality), other._settings_of(municipality)
        is_same = all(one is another for one, another in zip(own, others, strict=True))
        return is_same and self.has_same_layers(other, municipality)

    def has_same_layers(self, other: "Knowledge", municipality: str) -> bool:
        """Whether `municipality` is made of the very same layers in `other`."""
        names = self.names_of_layers(municipality)
        is_same = all(self.shelf.is_same(other.shelf, name) for name in names)
        return is_same and names == other.names_of_layers(municipality)

    def keep_views(self, other: "Knowledge") -> None:
        """Take over what `other` has laid already of municipalities that are laid the same here."""
        for name, view in other._views.items():
            if name in (NOBODY, *self.municipalities) and name not in self._views and self.lays_the_same(other, name):
                self._views.put(name, view)

    def _groups_of(self, municipality: str) -> list[str]:
        if municipality == NOBODY:
            return [name for name in self.layers if name.startswith("groups/")]
        return [f"groups/{group}" for group in self.members[municipality].groups]

    def _settings_of(self, municipality: str) -> tuple[object, object]:
        if municipality == NOBODY:
            return self.topics, self.municipalities
        return self.municipalities[municipality], self.imported.get(municipality)


def _member(municipality: Municipality, groups: Groups) -> Municipality:
    every = in_order(municipality.groups, groups)
    return municipality if every == municipality.groups else replace(municipality, groups=every)


def _kept(layer: Layer, before: Layer | None) -> Layer:
    return before if before is not None and before == layer else layer


@dataclass
class Reader:
    """Reads files of a folder and collects their problems. `places`: where each item stands in its file."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[str, str, str], tuple[YamlFile, Path_]] = field(default_factory=dict)

    def folders(self, kind: str) -> list[Path]:
        """Return the folders of groups or municipalities."""
        parent = self.folder / kind
        return sorted(path for path in parent.iterdir() if path.is_dir()) if parent.is_dir() else []

    def _files(self, name: str) -> Iterator[YamlFile]:
        root = self.folder.resolve()
        for path in sorted((self.folder / name).glob("[!.]*.yaml")):
            shown = path.relative_to(self.folder).as_posix()
            if not path.resolve().is_relative_to(root):
                self.problems.append(Problem(shown, 1, 1, "", "outside"))
                continue
            file = self._read(path, shown)
            if file is None:
                continue
            self.problems.extend(file.warnings)
            if file.content in (None, ""):
                self.problems.append(Problem(shown, 1, 1, "", "empty-file", severity="warning"))
            yield file

    def _read(self, path: Path, shown: str) -> YamlFile | None:
        try:
            return read_file(path, shown)
        except KnowledgeError as error:
            self.problems.extend(error.problems)
            return None

    def layer(self, name: str) -> Layer:
        """Read the files of a layer; what is wrong in them is left out."""
        found: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
        for file in self._files(name):
            stem = Path(file.name).stem
            if stem != SETTINGS and (stem != "group" or not name.startswith("groups/")):
                part = stem if stem in PARTS else "entries"
                self._collect(name, file, PARTS[part], part, found[part])
        for part, items in found.items():
            for item in items.values():
                self._report_all(name, item.id, part, faults_of(name, item))
        inventory = Inventory(*(found[table] for table in TABLES))
        return Layer(name, found["entries"], found["contacts"], inventory, found["plan"], found["questions"])

    def _collect(self, layer: str, file: YamlFile, kind: type, part: str, into: dict[str, Item]) -> None:
        read, problems = read_as(kind, file)
        self.problems.extend(problems)
        items: tuple[Item, ...] = getattr(read, part) if read else ()
        file = file.at_rest(self.folder)
        for index, item in enumerate(items):
            if item.id in into:
                first, path = self.places[layer, part, item.id]
                where = f"{first.name}:{first.positions.get(path, (1, 1))[0]}"
                self.problems.append(file.problem((part, index, "id"), "duplicate-id", id=item.id, first=where))
                continue
            into[item.id] = item
            self.places[layer, part, item.id] = (file, (part, index))

    def _report_all(self, layer: str, item: str, part: str, faults: Iterable[Fault]) -> None:
        file, start = self.places[layer, part, item]
        self._report(file, start, faults)

    def _report(self, file: YamlFile, start: Path_, faults: Iterable[Fault]) -> None:
        for fault in faults:
            self.problems.append(file.problem((*start, *fault.path), fault.code, **fault.values))

    def settings(self, folder: str) -> Municipality | None:
        """Read what a municipality's folder says of it; None where that cannot be understood."""
        found = self._settings(folder)
        return found[1] if found else None

    def own(self, folder: str) -> tuple[Municipality | None, Layer]:
        """Read all of a municipality's folder, and check what can be checked of it alone."""
        layer, found = self.layer(f"municipalities/{folder}"), self._settings(folder)
        if found:
            self._check_municipality(found[0], folder, found[1])
        return (found[1] if found else None), layer

    def _settings(self, folder: str) -> tuple[YamlFile, Municipality] | None:
        name = f"municipalities/{folder}/municipality.yaml"
        path = self.folder / name
        if not path.is_file():
            self.problems.append(Problem(name, 1, 1, "", "missing"))
            return None
        file = self._read(path, name)
        if file is None:
            return None
        found, problems = read_as(Municipality, file)
        self.problems.extend(problems)
        return (file, found) if found else None

    def _check_municipality(self, file: YamlFile, folder: str, found: Municipality) -> None:
        layer = f"municipalities/{folder}"
        contacts = [key[2] for key in self.places if key[:2] == (layer, "contacts")]
        self._report(file, (), faults_of(layer, found))
        self._report(file, (), group_faults(found, self._known_groups()))
        self._report(file, (), switchboard_faults(found, contacts))

    def _known_groups(self) -> list[str]:
        return [folder.name for folder in self.folders("groups")]

    def groups(self) -> Groups:
        """Read the groups that describe themselves, and report those that go round in a circle."""
        files: dict[str, YamlFile] = {}
        known: dict[str, Group] = {}
        for folder in self.folders("groups"):
            name = f"groups/{folder.name}/group.yaml"
            file = self._read(self.folder / name, name) if (self.folder / name).is_file() else None
            found, problems = read_as(Group, file) if file else (None, [])
            self.problems.extend(problems)
            if not file or not found:
                continue
            self._report(file, (), faults_of(f"groups/{folder.name}", found))
            self._report(file, (), group_faults(found, self._known_groups()))
            if found.id == folder.name:
                files[found.id], known[found.id] = file, found
        for group, index, way in circles(known):
            self.problems.append(files[group].problem(("groups", index), "group-circle", way=" → ".join(way)))
        return known

    def vocabulary(self) -> tuple[Vocabulary, Mapping[str, tuple[Topic, ...]], tuple[Occupation, ...]]:
        """Read the words that all share: those of questions, the topics under each heading, the occupations."""
        vocabulary = Vocabulary()
        headings: Mapping[str, tuple[Topic, ...]] = {}
        occupations: tuple[Occupation, ...] = ()
        for file in self._files("vocabulary"):
            if Path(file.name).stem == "topics":
                read, problems = read_as(TopicsFile, file)
                headings = read.topics if read else {}
            elif Path(file.name).stem == "occupations":
                titles, problems = read_as(OccupationsFile, file)
                occupations = titles.occupations if titles else ()
            else:
                words, problems = read_as(Vocabulary, file)
                if words and words.frames and vocabulary.frames:
                    problems.append(file.problem(("frames",), "duplicate-id", id="frames", first="another file"))
                vocabulary += words or Vocabulary()
            self.problems.extend(problems)
        return vocabulary, headings, occupations

    def check(self, knowledge: Knowledge) -> None:
        """Report what points nowhere. An outer layer's pointer is judged in every view that shows it; what it changes
        of others is not judged here, for other municipalities may lay it on more."""
        self._check_occupations(knowledge)
        self._check_tasks(knowledge)
        self.check_overrides(knowledge, [name for name in knowledge.layers if name.startswith("municipalities/")])
        self._check_agreement(knowledge)
        seen: set[tuple[str, str, Path_]] = set()
        for municipality in knowledge.municipalities:
            view = knowledge.view(municipality)
            for layer in knowledge.layers_of(municipality):
                for entry in layer.entries.values():
                    for path, kind, wanted, known in references(entry, view):
                        if wanted not in known and (layer.name, entry.id, path) not in seen:
                            seen.add((layer.name, entry.id, path))
                            self._report_all(layer.name, entry.id, "entries", [reference(path, kind, wanted, known)])
        self._check_facts(knowledge)

    def _check_facts(self, knowledge: Knowledge) -> None:
        """Report what answers name and nobody gives, and what is given twice."""
        seen: set[tuple[str, str, str]] = set()
        for municipality in knowledge.municipalities:
            view = knowledge.view(municipality)
            for layer in knowledge.layers_of(municipality):
                found = [
                    (entry.id, "entries", fault)
                    for entry in layer.entries.values()
                    for fault in fact_faults(entry, view)
                ]
                facts = layer.inventory.facts.values()
                found += [
                    (fact.id, "facts", fault) for fact in facts for fault in contact_fact_faults(fact, view.facts)
                ]
                for item, part, fault in found:
                    if (layer.name, item, str(fault)) not in seen:
                        seen.add((layer.name, item, str(fault)))
                        self._report_all(layer.name, item, part, [fault])

    def _check_tasks(self, knowledge: Knowledge) -> None:
        """Report what is wrong with tasks as the layers give them together, at the innermost layer that writes them."""
        seen: set[tuple[str, str, Path_]] = set()
        for municipality in knowledge.municipalities:
            view = knowledge.view(municipality)
            for task in view.tasks.values():
                layer = [one.name for one in knowledge.layers_of(municipality) if task.id in one.tasks][-1]
                for fault in task_faults(task, view):
                    if (layer, task.id, fault.path) not in seen:
                        seen.add((layer, task.id, fault.path))
                        self._report_all(layer, task.id, "plan", [fault])

    def check_overrides(self, knowledge: Knowledge, layers: Iterable[str]) -> None:
        """Report an entry of `layers` that only changes one that lies under it in no view."""
        for layer in layers:
            beneath = knowledge.beneath(layer)
            for entry in knowledge.layers[layer].entries.values():
                self._report_all(layer, entry.id, "entries", override_faults(entry, beneath))

    def _check_agreement(self, knowledge: Knowledge) -> None:
        """Warn where two groups of a municipality write the same differently and it leaves it to their order."""
        for municipality in knowledge.municipalities:
            for found in disagreements(municipality, knowledge.layers_of(municipality), knowledge.groups):
                part = "contacts" if found.part == "contact" else "entries"
                file, path = self.places[found.second, part, found.item]
                other, start = self.places[found.first, part, found.item]
                inner = () if found.part == "contact" else (found.part,)
                problem = file.problem(
                    (*path, *inner),
                    "groups-disagree",
                    first=found.first,
                    part=found.part,
                    where=f"{other.name}:{other.positions.get((*start, *inner), (1, 1))[0]}",
                    municipality=municipality,
                )
                self.problems.append(replace(problem, severity="warning"))

    def _check_occupations(self, knowledge: Knowledge) -> None:
        for layer in knowledge.layers.values():
            for job in layer.inventory.jobs.values():
                self._report_all(layer.name, job.id, "jobs", occupation_faults(job, knowledge.occupations))


def _without_pointers(entry: Entry, view: View) -> Entry:
    """Return `entry` without what only the municipalities' views hold."""
    contacts = tuple(contact for contact in entry.contacts if contact in view.contacts)
    return replace(entry, contacts=contacts, next=tuple(other for other in entry.next if other in view.entries))
