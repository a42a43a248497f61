"""What a knowledge must hold beyond the shape of its fields: dates in order, crisis numbers, pointers that lead
somewhere."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rapidfuzz import process

from bot.content.facts import Facts, named, stray
from bot.content.figures import is_of
from bot.content.layers import SAFETY, Layer, View
from bot.content.yamlfile import Path_
from bot.inventory import Fact, Hours, Job, Occupation, Place, Plot
from bot.models import Contact, Entry, Group, Municipality
from bot.tasks import NEEDED, Task
from bot.values import LANGUAGES, Language, Localized

FEWEST_CORNERS = 3
MARKUP = re.compile(r"[*\[\]<>`\\|]|\n|\b_|_\b")
# unit → what its values look like
EXAMPLES: Mapping[str, str] = {
    "phone": "0930-140 00",
    "time": "16:30",
    "hours": "08:00-16:30",
    "date": "2026-12-31",
    **dict.fromkeys(("kr", "kr/m2", "kr/month", "m2", "km", "km2", "minutes", "people", "years", "count"), "1250"),
    "percent": "23.15",
}
RESERVED_ENTRIES = frozenset({"search", "map", "plan", "compare", "accessibility", "policy", "person"})
RESERVED_MUNICIPALITIES = frozenset(
    {"api", "staff", "embed", "help", "static", "healthz", "readyz", "metrics", "openapi", "policy", "accessibility"}
)


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at `path` within an item; `values` are the parameters of the problem `code`."""

    path: Path_
    code: str
    values: Mapping[str, object] = field(default_factory=dict)


def faults_of(layer: str, item: object) -> Iterator[Fault]:
    """Find what is wrong in one item of a layer, whatever else there is."""
    match item:
        case Entry():
            yield from _faults_of_entry(layer, item)
        case Contact() | Place():
            yield from _faults_of_hours(item)
        case Fact():
            yield from _faults_of_fact(item)
        case Task():
            yield from _strays("text", item.text)
            yield from _strays("why", item.why)
        case Plot():
            yield from _faults_of_plot(item)
        case Municipality():
            yield from _faults_of_municipality(layer, item)
        case Group():
            yield from _faults_of_name(layer, item)


def references(entry: Entry, view: View) -> Iterator[tuple[Path_, str, str, Iterable[str]]]:
    """Yield what an entry points to as a municipality sees it: where, the kind, the id, and the ids that there are."""
    for index, contact in enumerate(entry.contacts):
        yield ("contacts", index), "contact", contact, view.contacts
    for index, other in enumerate(entry.next):
        yield ("next", index), "entry", other, view.entries
    if entry.owner:
        owners = view.municipality.owners
        if view.origins[entry.id].get("owner", ("",))[-1].startswith("municipalities/"):
            yield ("owner",), "owner", entry.owner, owners


def reference(path: Path_, kind: str, wanted: str, known: Iterable[str]) -> Fault:
    """Say that a pointer leads nowhere, and where it may have been meant to lead."""
    return Fault(path, "reference", {"kind": kind, "id": wanted, "hint": hint(wanted, known)})


def fact_faults(item: Entry | Task, view: View) -> Iterator[Fault]:
    """Find the facts that a layer's answer or task names, and that nobody gives to those who see it."""
    if isinstance(item, Task):
        for name in ("text", "why"):
            yield from _unknown_facts(name, getattr(item, name), view.facts)
    elif item.id in view.written and item.answer:
        shown = view.written[item.id].answer
        for language, text in item.answer:
            if shown and text in (shown[language] or ""):
                yield from _unknown_in(item.answer, language, "answer", view.facts)


def contact_fact_faults(fact: Fact, facts: Facts) -> Iterator[Fault]:
    """Find a fact that says again what a contact says already."""
    if fact.value is not None and facts.is_of_contact(fact.id):
        yield Fault(("id",), "fact-of-contact", {"id": fact.id, "contact": fact.id.rpartition("-")[0]})


def _unknown_facts(part: str, texts: Localized | None, facts: Facts) -> Iterator[Fault]:
    for language, _ in texts or ():
        yield from _unknown_in(texts, language, part, facts)


def _unknown_in(texts: Localized | None, language: Language, part: str, facts: Facts) -> Iterator[Fault]:
    text = texts[language] if texts else None
    for name in named(text or ""):
        if facts.tell(name, language) is None:
            is_known = facts.find(name) is not None
            code = "fact-untold" if is_known else "reference"
            values = {"id": name, "language": language} if is_known else {"id": name, "kind": "fact"}
            yield Fault((part, language), code, {**values, "hint": hint(name, facts.ids())})


def task_faults(task: Task, view: View) -> Iterator[Fault]:
    """Find what is wrong with a task of the plan as the layers give it together."""
    for name in NEEDED:
        if getattr(task, name) is None:
            yield Fault((name,), "missing")
    if not task.source and not task.general:
        yield Fault(("source",), "task-unsourced")
    if task.when and task.deadline and task.deadline.about < task.when.about:
        yield Fault(("deadline",), "task-deadline")
    pointers: tuple[tuple[str, str | None, Iterable[str]], ...] = (
        ("contact", task.contact, view.contacts),
        ("entry", task.entry, view.entries),
    )
    for kind, wanted, known in pointers:
        if wanted and wanted not in known:
            yield reference((kind,), kind, wanted, known)
    yield from fact_faults(task, view)


def occupation_faults(job: Job, occupations: Iterable[Occupation]) -> Iterator[Fault]:
    """Find an occupation that vocabulary/occupations.yaml does not know."""
    known = [occupation.id for occupation in occupations]
    if job.occupation and job.occupation not in known:
        yield reference(("occupation",), "occupation", job.occupation, known)


def switchboard_faults(municipality: Municipality, contacts: Iterable[str]) -> Iterator[Fault]:
    """Find a switchboard that is none of the municipality's own contacts."""
    known = list(contacts)
    if municipality.switchboard and municipality.switchboard not in known:
        yield reference(("switchboard",), "contact", municipality.switchboard, known)


def group_faults(member: Municipality | Group, groups: Iterable[str]) -> Iterator[Fault]:
    """Find groups that there are not."""
    known = list(groups)
    for index, group in enumerate(member.groups):
        if group not in known:
            yield Fault(("groups", index), "unknown-layer", {"id": group, "hint": hint(group, known)})


def override_faults(entry: Entry, beneath: Sequence[Layer]) -> Iterator[Fault]:
    """Find an entry that only changes one that no layer `beneath` has: nobody could ever read it.

    One whose answer is still to be written has its questions, and one that holds nothing but its id does no harm.
    """
    is_change = bool(entry.replace) or not any(True for _ in entry.questions)
    if beneath and is_change and not entry.answer and not any(entry.id in layer.entries for layer in beneath):
        known = {name for layer in beneath for name in layer.entries}
        yield Fault(("id",), "overrides-nothing", {"id": entry.id, "hint": hint(entry.id, known)})


def hint(wanted: str, known: Iterable[str]) -> str:
    """Name the id that was probably meant."""
    meant = process.extractOne(wanted, list(known), score_cutoff=60)
    return f"; did you mean {meant[0]!r}?" if meant else ""


def _faults_of_entry(layer: str, entry: Entry) -> Iterator[Fault]:
    if entry.id in RESERVED_ENTRIES:
        yield Fault(("id",), "id-reserved", {"value": entry.id})
    if entry.valid and entry.valid.start and entry.valid.end and entry.valid.end < entry.valid.start:
        yield Fault(("valid", "to"), "validity", {"start": entry.valid.start, "end": entry.valid.end})
    yield from _strays("answer", entry.answer)
    for name in ("must_match", "must_not_match"):
        for language, _ in getattr(entry.tests, name).further:  # no test of questions that are not understood
            yield Fault(("tests", name, language), "unknown-field", {"hint": f"known: {', '.join(LANGUAGES)}"})
    if entry.id in SAFETY:
        yield from _faults_of_safety(layer, entry)


def _strays(part: str, texts: Localized | None) -> Iterator[Fault]:
    """Find double braces that name no fact."""
    for language, text in texts or ():
        if found := stray(text):
            yield Fault((part, language), "fact-name", {"text": found})


def _faults_of_fact(fact: Fact) -> Iterator[Fault]:
    if fact.value is None and fact.fallback is None:
        yield Fault(("value",), "missing")
    if fact.value is not None and fact.source is None:
        yield Fault(("source",), "missing")
    if fact.unit and isinstance(fact.value, Localized):
        yield Fault(("unit",), "fact-unit-of-text", {"unit": fact.unit})
    elif fact.unit and isinstance(fact.value, str) and not is_of(fact.value, fact.unit):
        yield Fault(("value",), "fact-value", {"value": fact.value, "unit": fact.unit, "example": EXAMPLES[fact.unit]})
    yield from _marked_up("value", fact.value)
    yield from _marked_up("fallback", fact.fallback)


def _marked_up(part: str, value: str | Localized | None) -> Iterator[Fault]:
    """Find markup in what is put into the middle of sentences."""
    texts = [(part, value)] if isinstance(value, str) else []
    if isinstance(value, Localized):
        texts = [(f"{part}.{language}", text) for language, text in value]
    for where, text in texts:
        if MARKUP.search(text):
            yield Fault(tuple(where.split(".")), "fact-markup", {"value": text})


def _faults_of_safety(layer: str, entry: Entry) -> Iterator[Fault]:
    if entry.replace:
        yield Fault(("replace",), "safety-replaced")
    if layer != "national" or not entry.answer:
        return
    for language in LANGUAGES:
        for number in SAFETY[entry.id]:
            if number not in (entry.answer[language] or ""):
                yield Fault(("answer", language), "crisis-number", {"number": number})


def _faults_of_plot(plot: Plot) -> Iterator[Fault]:
    if plot.price_kr is not None and plot.price_kr_m2 is not None:
        yield Fault(("price_kr_m2",), "two-prices")
    if 0 < len(plot.polygon) < FEWEST_CORNERS:
        yield Fault(("polygon",), "corners", {"count": len(plot.polygon)})


def _faults_of_hours(item: Contact | Place) -> Iterator[Fault]:
    for name, hours in (("hours", item.hours), ("phone_hours", item.phone_hours)):
        for path, start, end in _periods(hours) if hours else ():
            if start and end and end < start:
                yield Fault((name, *path), "validity", {"start": start, "end": end})


def _faults_of_municipality(layer: str, found: Municipality) -> Iterator[Fault]:
    if found.id in RESERVED_MUNICIPALITIES:
        yield Fault(("id",), "id-reserved", {"value": found.id})
    yield from _faults_of_name(layer, found)
    if found.message_days and not found.disposal:
        yield Fault(("message_days",), "needs-disposal")


def _faults_of_name(layer: str, found: Municipality | Group) -> Iterator[Fault]:
    folder = layer.rpartition("/")[2]
    if found.id != folder:
        yield Fault(("id",), "id-folder", {"id": found.id, "folder": folder})


def _periods(hours: Hours) -> Iterator[tuple[Path_, date | None, date | None]]:
    if hours.valid:
        yield ("valid", "to"), hours.valid.start, hours.valid.end
    for index, special in enumerate(hours.exceptions):
        yield ("exceptions", index, "to"), special.start, special.end
