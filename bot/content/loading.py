"""Read a whole knowledge folder: every file, every problem, and the views of all municipalities."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from rapidfuzz import process

from bot.content.layers import SAFETY, Layer, View, lay
from bot.content.schema import (
    ContactsFile,
    EntriesFile,
    FactsFile,
    JobsFile,
    OccupationsFile,
    PlacesFile,
    PlanFile,
    PlotsFile,
    TopicsFile,
    read_as,
)
from bot.content.yamlfile import Path_, YamlFile, read_file
from bot.errors import KnowledgeError, Problem, UnknownMunicipalityError
from bot.inventory import TABLES, Fact, Hours, Inventory, Job, Occupation, Place, Plot
from bot.models import Contact, Entry, Municipality, Topic, Vocabulary
from bot.tasks import NEEDED, Task
from bot.values import LANGUAGES, Localized

Item = TypeVar("Item", Entry, Contact, Plot, Job, Place, Fact, Task)
# file → what it holds; each but the entries has a file of its own
PARTS: Mapping[str, type] = {
    "entries": EntriesFile,
    "contacts": ContactsFile,
    "plots": PlotsFile,
    "jobs": JobsFile,
    "places": PlacesFile,
    "facts": FactsFile,
    "plan": PlanFile,
}
FEWEST_CORNERS = 3
RESERVED_ENTRIES = frozenset({"search", "map", "plan", "compare", "accessibility", "policy", "person"})
RESERVED_MUNICIPALITIES = frozenset(
    {"api", "staff", "embed", "help", "static", "healthz", "readyz", "metrics", "openapi", "policy", "accessibility"}
)


@dataclass(frozen=True)
class Knowledge:
    """Everything that was read. Values only: it never changes, a reload makes a new one.

    `headings`: the ids of the topics under each heading of vocabulary/topics.yaml.
    """

    municipalities: Mapping[str, Municipality]
    layers: Mapping[str, Layer]
    vocabulary: Vocabulary
    topics: tuple[Topic, ...]
    warnings: tuple[Problem, ...] = ()
    occupations: tuple[Occupation, ...] = ()
    imported: Mapping[str, Inventory] = field(default_factory=dict)
    headings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def _views(self) -> dict[str, View]:
        return {}

    def view(self, municipality: str) -> View:
        """Return the knowledge as `municipality` sees it; raises UnknownMunicipalityError."""
        if municipality not in self.municipalities:
            raise UnknownMunicipalityError(municipality, sorted(self.municipalities))
        if municipality not in self._views:
            imported = self.imported.get(municipality)
            self._views[municipality] = lay(self.municipalities[municipality], self.layers_of(municipality), imported)
        return self._views[municipality]

    @cached_property
    def common(self) -> View:
        """What holds wherever one moves: the national layer, and what the groups say of themselves. Its municipality
        is nobody's, and has the id ""."""
        national = self.layers.get("national", Layer("national", {}, {}))
        of_groups = {topic.id for topic in self.topics if topic.layer == "group"}
        groups = [
            replace(layer, entries={name: entry for name, entry in layer.entries.items() if name in of_groups})
            for layer in self.layers.values()
            if layer.name.startswith("groups/")
        ]
        is_official = all(one.official for one in self.municipalities.values())
        nobody = Municipality("", Localized("Sverige", "Sweden"), "", official=is_official)
        view = lay(nobody, [national, *groups])
        entries = {name: _without_pointers(entry, view) for name, entry in view.entries.items()}
        return replace(view, entries=entries, tasks={}, inventory=Inventory())

    def is_common(self, entry: str) -> bool:
        """Whether the answer of `entry` is the same wherever one moves: nobody but the outermost layer writes one."""
        if any(topic.id == entry and topic.layer == "group" for topic in self.topics):
            return True
        inner = (layer for name, layer in self.layers.items() if name != "national")
        return not any((found := layer.entries.get(entry)) and found.answer for layer in inner)

    def with_imported(self, imported: Mapping[str, Inventory]) -> "Knowledge":
        """Return the same knowledge with the rows of feeds and files, by municipality, under what is written by
        hand."""
        return replace(self, imported=imported)

    def layers_of(self, municipality: str) -> list[Layer]:
        """Return the layers that `municipality` is made of, the outermost first."""
        groups = [f"groups/{group}" for group in self.municipalities[municipality].groups]
        names = ["national", *groups, f"municipalities/{municipality}"]
        return [self.layers[name] for name in names if name in self.layers]


def load(folder: Path) -> Knowledge:
    """Read the knowledge in `folder`; raises KnowledgeError with every error of every file."""
    knowledge, problems = inspect(folder)
    if knowledge is None:
        raise KnowledgeError(problems)
    return knowledge


def inspect(folder: Path) -> tuple[Knowledge | None, list[Problem]]:
    """Read the knowledge in `folder` and return it with all problems; None where one of them is an error."""
    reader = _Reader(folder)
    knowledge = reader.read()
    errors = any(problem.severity == "error" for problem in reader.problems)
    ordered = sorted(reader.problems, key=lambda problem: (problem.file, problem.line, problem.column))
    return (None if errors else knowledge), ordered


@dataclass
class _Reader:
    folder: Path
    problems: list[Problem] = field(default_factory=list)
    places: dict[tuple[str, str, str], tuple[YamlFile, Path_]] = field(default_factory=dict)

    def read(self) -> Knowledge:
        layers = {name: self._layer(name) for name in self._layer_names()}
        municipalities = {found.id: found for found in self._municipalities()}
        vocabulary, headings, occupations = self._vocabulary()
        warnings = tuple(problem for problem in self.problems if problem.severity == "warning")
        knowledge = Knowledge(
            municipalities,
            layers,
            vocabulary,
            tuple(topic for topics in headings.values() for topic in topics),
            warnings,
            occupations,
            headings={heading: tuple(topic.id for topic in topics) for heading, topics in headings.items()},
        )
        if not municipalities and not self.problems:
            self.problems.append(Problem(str(self.folder), 1, 1, "", "missing-municipality"))
        self._check_references(knowledge)
        return knowledge

    def _layer_names(self) -> list[str]:
        below = [f"{kind}/{path.name}" for kind in ("groups", "municipalities") for path in self._folders(kind)]
        return ["national", *below]

    def _folders(self, kind: str) -> list[Path]:
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

    def _layer(self, name: str) -> Layer:
        found: dict[str, dict[str, Any]] = {part: {} for part in PARTS}
        for file in self._files(name):
            stem = Path(file.name).stem
            if stem != "municipality":
                part = stem if stem in PARTS else "entries"
                self._collect(name, file, PARTS[part], part, found[part])
        for entry in found["entries"].values():
            self._check_entry(name, entry)
        for part in ("contacts", "places"):
            for item in found[part].values():
                self._check_hours(name, part, item)
        for plot in found["plots"].values():
            self._check_plot(name, plot)
        inventory = Inventory(*(found[table] for table in TABLES))
        return Layer(name, found["entries"], found["contacts"], inventory, found["plan"])

    def _check_plot(self, layer: str, plot: Plot) -> None:
        if plot.price_kr is not None and plot.price_kr_m2 is not None:
            self._report(layer, plot.id, ("price_kr_m2",), "two-prices", part="plots")
        if 0 < len(plot.polygon) < FEWEST_CORNERS:
            self._report(layer, plot.id, ("polygon",), "corners", part="plots", count=len(plot.polygon))

    def _check_hours(self, layer: str, part: str, item: Contact | Place) -> None:
        for name, hours in (("hours", item.hours), ("phone_hours", item.phone_hours)):
            for path, start, end in _periods(hours) if hours else ():
                if start and end and end < start:
                    self._report(layer, item.id, (name, *path), "validity", part=part, start=start, end=end)

    def _collect(self, layer: str, file: YamlFile, kind: type, part: str, into: dict[str, Item]) -> None:
        read, problems = read_as(kind, file)
        self.problems.extend(problems)
        items: tuple[Item, ...] = getattr(read, part) if read else ()
        for index, item in enumerate(items):
            if item.id in into:
                first, path = self.places[layer, part, item.id]
                where = f"{first.name}:{first.positions[path][0]}"
                self.problems.append(file.problem((part, index, "id"), "duplicate-id", id=item.id, first=where))
                continue
            into[item.id] = item
            self.places[layer, part, item.id] = (file, (part, index))

    def _report(
        self, layer: str, item: str, path: Path_, code: str, *, part: str = "entries", **values: object
    ) -> None:
        file, start = self.places[layer, part, item]
        self.problems.append(file.problem((*start, *path), code, **values))

    def _check_entry(self, layer: str, entry: Entry) -> None:
        if entry.id in RESERVED_ENTRIES:
            self._report(layer, entry.id, ("id",), "id-reserved", value=entry.id)
        if entry.valid and entry.valid.start and entry.valid.end and entry.valid.end < entry.valid.start:
            self._report(layer, entry.id, ("valid", "to"), "validity", start=entry.valid.start, end=entry.valid.end)
        if entry.id in SAFETY:
            self._check_safety(layer, entry)

    def _check_safety(self, layer: str, entry: Entry) -> None:
        if entry.replace:
            self._report(layer, entry.id, ("replace",), "safety-replaced")
        if layer != "national" or not entry.answer:
            return
        for language in LANGUAGES:
            for number in SAFETY[entry.id]:
                if number not in (entry.answer[language] or ""):
                    self._report(layer, entry.id, ("answer", language), "crisis-number", number=number)

    def _municipalities(self) -> Iterator[Municipality]:
        for folder in self._folders("municipalities"):
            name = f"municipalities/{folder.name}/municipality.yaml"
            path = self.folder / name
            if not path.is_file():
                self.problems.append(Problem(name, 1, 1, "", "missing"))
                continue
            file = self._read(path, name)
            if file is None:
                continue
            found, problems = read_as(Municipality, file)
            self.problems.extend(problems)
            if found:
                self._check_municipality(file, folder.name, found)
                yield found

    def _check_municipality(self, file: YamlFile, folder: str, found: Municipality) -> None:
        if found.id in RESERVED_MUNICIPALITIES:
            self.problems.append(file.problem(("id",), "id-reserved", value=found.id))
        if found.id != folder:
            self.problems.append(file.problem(("id",), "id-folder", id=found.id, folder=folder))
        if found.message_days and not found.disposal:
            self.problems.append(file.problem(("message_days",), "needs-disposal"))
        for index, group in enumerate(found.groups):
            if not (self.folder / "groups" / group).is_dir():
                self.problems.append(file.problem(("groups", index), "unknown-layer", id=group))
        if found.switchboard and (f"municipalities/{folder}", "contacts", found.switchboard) not in self.places:
            hint = _hint(found.switchboard, [key[2] for key in self.places if key[1] == "contacts"])
            self.problems.append(
                file.problem(("switchboard",), "reference", kind="contact", id=found.switchboard, hint=hint)
            )

    def _vocabulary(self) -> tuple[Vocabulary, Mapping[str, tuple[Topic, ...]], tuple[Occupation, ...]]:
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
                vocabulary += words or Vocabulary()
            self.problems.extend(problems)
        return vocabulary, headings, occupations

    def _check_references(self, knowledge: Knowledge) -> None:
        """Report what points nowhere. An outer layer's pointer is judged in every view that shows it."""
        self._check_occupations(knowledge)
        self._check_tasks(knowledge)
        seen: set[tuple[str, str, Path_]] = set()
        for municipality in knowledge.municipalities:
            view = knowledge.view(municipality)
            for layer in knowledge.layers_of(municipality):
                for entry in layer.entries.values():
                    for path, kind, wanted, known in _references(entry, view):
                        if wanted not in known and (layer.name, entry.id, path) not in seen:
                            seen.add((layer.name, entry.id, path))
                            self._report(
                                layer.name, entry.id, path, "reference", kind=kind, id=wanted, hint=_hint(wanted, known)
                            )

    def _check_tasks(self, knowledge: Knowledge) -> None:
        """Report what is wrong with tasks as the layers give them together, at the innermost layer that writes them."""
        seen: set[tuple[str, str, Path_]] = set()
        for municipality in knowledge.municipalities:
            view = knowledge.view(municipality)
            for task in view.tasks.values():
                layer = [one.name for one in knowledge.layers_of(municipality) if task.id in one.tasks][-1]
                for path, code, values in _task_faults(task, view):
                    if (layer, task.id, path) not in seen:
                        seen.add((layer, task.id, path))
                        self._report(layer, task.id, path, code, part="plan", **values)

    def _check_occupations(self, knowledge: Knowledge) -> None:
        known = [occupation.id for occupation in knowledge.occupations]
        for layer in knowledge.layers.values():
            for job in layer.inventory.jobs.values():
                if job.occupation and job.occupation not in known:
                    hint = _hint(job.occupation, known)
                    values = {"kind": "occupation", "id": job.occupation, "hint": hint}
                    self._report(layer.name, job.id, ("occupation",), "reference", part="jobs", **values)


def _without_pointers(entry: Entry, view: View) -> Entry:
    """Return `entry` without what only the municipalities' views hold."""
    contacts = tuple(contact for contact in entry.contacts if contact in view.contacts)
    return replace(entry, contacts=contacts, next=tuple(other for other in entry.next if other in view.entries))


def _periods(hours: Hours) -> Iterator[tuple[Path_, date | None, date | None]]:
    if hours.valid:
        yield ("valid", "to"), hours.valid.start, hours.valid.end
    for index, special in enumerate(hours.exceptions):
        yield ("exceptions", index, "to"), special.start, special.end


def _references(entry: Entry, view: View) -> Iterator[tuple[Path_, str, str, Iterable[str]]]:
    for index, contact in enumerate(entry.contacts):
        yield ("contacts", index), "contact", contact, view.contacts
    for index, other in enumerate(entry.next):
        yield ("next", index), "entry", other, view.entries
    if entry.owner:
        owners = view.municipality.owners
        if view.origins[entry.id].get("owner", ("",))[-1].startswith("municipalities/"):
            yield ("owner",), "owner", entry.owner, owners


def _task_faults(task: Task, view: View) -> Iterator[tuple[Path_, str, dict[str, object]]]:
    for name in NEEDED:
        if getattr(task, name) is None:
            yield (name,), "missing", {}
    if not task.source and not task.general:
        yield ("source",), "task-unsourced", {}
    if task.when and task.deadline and task.deadline.about < task.when.about:
        yield ("deadline",), "task-deadline", {}
    references: tuple[tuple[str, str | None, Iterable[str]], ...] = (
        ("contact", task.contact, view.contacts),
        ("entry", task.entry, view.entries),
    )
    for kind, wanted, known in references:
        if wanted and wanted not in known:
            yield (kind,), "reference", {"kind": kind, "id": wanted, "hint": _hint(wanted, known)}


def _hint(wanted: str, known: Iterable[str]) -> str:
    meant = process.extractOne(wanted, list(known), score_cutoff=60)
    return f"; did you mean {meant[0]!r}?" if meant else ""
