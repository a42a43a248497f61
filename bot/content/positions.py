"""Where in the files something stands: the lines of items, found by reading their layer once more."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from bot.content.items import LISTS, Key
from bot.content.rules import Fault
from bot.content.yamlfile import YamlFile, read_file
from bot.errors import KnowledgeError, Problem

Place = tuple[YamlFile, tuple[str | int, ...]]


def placed(folder: Path, found: Iterable[tuple[Key, Fault]]) -> list[Problem]:
    """Return a warning with file and line for each thing that was found in an item."""

    @cache
    def places(layer: str) -> dict[tuple[str, str], Place]:
        return _places(folder, layer)

    problems = []
    for key, fault in found:
        values = {name: str(value) for name, value in fault.values.items()}
        place = places(key.layer).get((LISTS[key.kind], key.id))
        if place:
            file, start = place
            where = file.problem((*start, *fault.path), fault.code)
            problems.append(Problem(file.name, where.line, where.column, where.field, fault.code, values, "warning"))
    return problems


def _places(folder: Path, layer: str) -> dict[tuple[str, str], Place]:
    found: dict[tuple[str, str], Place] = {}
    for path in sorted((folder / layer).glob("[!.]*.yaml")):
        try:
            file = read_file(path, path.relative_to(folder).as_posix())
        except KnowledgeError:
            continue
        for part, items in file.content.items() if isinstance(file.content, dict) else ():
            for index, item in enumerate(items if isinstance(items, list) else ()):
                if isinstance(item, dict):
                    found.setdefault((part, str(item.get("id"))), (file, (part, index)))
    return found
