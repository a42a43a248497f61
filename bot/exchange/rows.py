"""Plots and jobs ⇄ JSON lines, one object a line, read back through the same types that knowledge files go through."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from bot.errors import KnowledgeError, Problem
from bot.fields import adapter
from bot.inventory import Job, Plot

Record = TypeVar("Record", Plot, Job)
KINDS: Final[Mapping[str, type]] = MappingProxyType({"plots": Plot, "jobs": Job})


def write_rows(records: Sequence[Plot] | Sequence[Job]) -> str:
    """Write each record as one line of JSON; what is unknown is left out."""
    if not records:
        return ""
    written = adapter(type(records[0]))
    return "".join(written.dump_json(record, exclude_defaults=True).decode() + "\n" for record in records)


def read_rows(kind: str, lines: Iterable[bytes], name: str, first: int = 1) -> dict[str, Any]:
    """Read lines of JSON as records of `kind` by id; raises KnowledgeError with every line that is none.

    `first` is the number of the first line, and `name` that of the file, for the messages.
    """
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines, first):
        try:
            record: Any = adapter(KINDS[kind]).validate_json(line)
        except ValidationError as error:
            details = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, details["loc"]))
            problems.append(Problem(name, number, 1, where, "invalid", {"reason": details["msg"]}))
            continue
        if record.id in found:
            problems.append(Problem(name, number, 1, "id", "duplicate-id", {"id": record.id, "first": name}))
        found[record.id] = record
    if problems:
        raise KnowledgeError(problems)
    return found
