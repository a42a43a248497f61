"""What each knowledge file may hold: plain values in, typed values out, every problem reported at its line."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, ClassVar, TypeVar, get_args, get_type_hints

from pydantic import ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from rapidfuzz import process

from bot.content.yamlfile import Path_, YamlFile
from bot.errors import Problem
from bot.fields import adapter
from bot.further import FIELD
from bot.inventory import Fact, Job, Occupation, Place, Plot
from bot.models import Contact, Entry, Group, Municipality, OwnQuestion, Topic, Vocabulary
from bot.tasks import Task
from bot.values import STRICT

MAX_ENTRIES = 5_000


@dataclass(frozen=True, slots=True)
class EntriesFile:
    """Every file of a layer but the named ones: entries."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class ContactsFile:
    """contacts.yaml"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True)
class PlotsFile:
    """plots.yaml"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    plots: tuple[Plot, ...] = ()


@dataclass(frozen=True, slots=True)
class JobsFile:
    """jobs.yaml"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    jobs: tuple[Job, ...] = ()


@dataclass(frozen=True, slots=True)
class PlacesFile:
    """places.yaml"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class FactsFile:
    """facts.yaml"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionsFile:
    """questions.yaml: real questions that a municipality watches over"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    questions: tuple[OwnQuestion, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanFile:
    """plan.yaml: the tasks of the moving plan"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    plan: tuple[Task, ...] = ()


@dataclass(frozen=True, slots=True)
class OccupationsFile:
    """vocabulary/occupations.yaml"""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    occupations: tuple[Occupation, ...] = ()


@dataclass(frozen=True, slots=True)
class TopicsFile:
    """vocabulary/topics.yaml: the required topics under headings of its own."""

    topics: Mapping[str, tuple[Topic, ...]]


T = TypeVar("T")
FILES: Mapping[str, type] = {
    "entries": EntriesFile,
    "contacts": ContactsFile,
    "plots": PlotsFile,
    "jobs": JobsFile,
    "places": PlacesFile,
    "facts": FactsFile,
    "questions": QuestionsFile,
    "plan": PlanFile,
    "municipality": Municipality,
    "group": Group,
    "vocabulary": Vocabulary,
    "occupations": OccupationsFile,
}


def read_as(kind: type[T], file: YamlFile) -> tuple[T | None, list[Problem]]:
    """Type the content of `file` as `kind`; None with every problem at once where it does not fit."""
    content = {} if file.content in (None, "") else file.content
    if not isinstance(content, dict):
        found = "a list" if isinstance(content, list) else "text"
        return None, [file.problem((), "not-a-mapping", found=found)]
    for name, value in content.items():
        if isinstance(value, list) and len(value) > MAX_ENTRIES:
            return None, [file.problem((name,), "too-many", count=len(value), limit=MAX_ENTRIES)]
    if kind is TopicsFile:
        content = {"topics": content}
    try:
        return adapter(kind).validate_python(content), []
    except ValidationError as error:
        return None, [_problem(file, kind, details) for details in error.errors(include_url=False)]


def json_schemas() -> dict[str, dict[str, Any]]:
    """Return a JSON Schema (2020-12) for each kind of knowledge file, for editors."""
    return {name: adapter(kind).json_schema() for name, kind in FILES.items()}


def _problem(file: YamlFile, kind: type, details: ErrorDetails) -> Problem:
    path: Path_ = place_of(details)
    if kind is TopicsFile:
        path = path[1:]
    code, values = explain(kind, details)
    return file.problem(path, code, **values)


# pydantic's error type → our code, and which of its values to show
CODES = {
    "missing": "missing",
    "string_type": "text",
    "dataclass_type": "mapping",
    "dict_type": "mapping",
    "mapping_type": "mapping",
    "literal_error": "choice",
    "tuple_type": "list",
    "int_parsing": "number",
    "int_type": "number",
    "float_parsing": "decimal",
    "float_type": "decimal",
    "string_too_short": "short",
    "string_too_long": "long",
}


def place_of(details: ErrorDetails) -> Path_:
    """Return where a problem stands in its file: further languages stand there beside the others."""
    return tuple(part for part in details["loc"] if part != FIELD)


def explain(kind: type, details: ErrorDetails) -> tuple[str, dict[str, object]]:
    """Return the code of a problem, and its values, for what pydantic found wrong in a `kind`."""
    context, given = details.get("ctx") or {}, details["input"]
    match details["type"]:
        case "unexpected_keyword_argument":
            return "unknown-field", {"hint": _field_hint(kind, place_of(details))}
        case "string_type" | "dataclass_type" | "dict_type" | "mapping_type" as wanted:
            return CODES[wanted], {"found": _named(given)}
        case "literal_error":
            return "choice", {"accepted": context["expected"], "hint": _choice_hint(given, context["expected"])}
        case "string_too_short" | "string_too_long" as length:
            limit = context.get("min_length", context.get("max_length", 0))
            return CODES[length], {"count": len(str(given)), "limit": limit}
        case other if other in CODES:
            return CODES[other], {"value": given}
        case (
            "offset"
            | "year-day"
            | "id"
            | "date"
            | "true-false"
            | "link-scheme"
            | "email"
            | "origin"
            | "phone"
            | "position"
            | "hours"
            | "braces" as own
        ):
            return own, context
        case "greater_than_equal" | "greater_than" | "less_than_equal" | "less_than":
            return "range", {"value": given, "limits": _limits(context)}
        case _:
            return "invalid", {"reason": details["msg"]}


def _limits(context: Mapping[str, object]) -> str:
    words = {"ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
    return " and ".join(f"{words[name]} {limit}" for name, limit in context.items() if name in words)


def _named(value: object) -> str:
    if isinstance(value, dict):
        return "named fields"
    return "a list" if isinstance(value, list) else "text"


def _field_hint(kind: type, path: Path_) -> str:
    """Name the field that was probably meant, else all that exist."""
    known = _fields_at(kind, path[:-1])
    meant = process.extractOne(str(path[-1]), known, score_cutoff=60) if known else None
    return f"did you mean {meant[0]!r}?" if meant else f"known: {', '.join(known)}"


def _choice_hint(given: object, expected: str) -> str:
    """Name the choice that was probably meant, of those that pydantic lists in quotes."""
    meant = process.extractOne(str(given), re.findall(r"'([^']+)'", expected), score_cutoff=60)
    return f"; did you mean {meant[0]!r}?" if meant else ""


def _fields_at(kind: Any, path: Path_) -> list[str]:
    for part in path:
        kind = _member(kind, part)
    names = [alias(kind, item.name) for item in fields(kind)] if is_dataclass(kind) else []
    return [name for name in names if name != FIELD]


def _member(kind: Any, part: str | int) -> Any:
    """Return the dataclass that stands at `part` of `kind`, through tuples, mappings and alternatives."""
    if is_dataclass(kind) and isinstance(part, str):
        names = {alias(kind, item.name): item.name for item in fields(kind)}
        kind = get_type_hints(kind).get(names.get(part, part), object)
    return next((inner for inner in _inside(kind) if is_dataclass(inner)), kind)


def _inside(kind: Any) -> list[Any]:
    return [kind, *(inner for argument in get_args(kind) for inner in _inside(argument))]


def alias(kind: Any, name: str) -> str:
    """Return what the field `name` of `kind` is called in files."""
    metadata = getattr(get_type_hints(kind, include_extras=True)[name], "__metadata__", ())
    return next((found.alias for found in metadata if getattr(found, "alias", None)), name)
