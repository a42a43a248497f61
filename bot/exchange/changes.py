"""What an import would change: rows that are new, changed field by field, gone, and those that stay."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from bot.inventory import Job, Plot

SHOWN: Final = 60  # characters of a value


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of rows that come, go and stay, and the fields of those that change."""

    new: tuple[str, ...]
    changed: Mapping[str, tuple[FieldChange, ...]]
    gone: tuple[str, ...]
    kept: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return not (self.new or self.changed or self.gone)


def compare(before: Mapping[str, Plot | Job], after: Mapping[str, Plot | Job]) -> Changes:
    """Compare two sets of rows by id. The day on which a row was copied is no change."""
    both = {name: tuple(_differences(before[name], after[name])) for name in after if name in before}
    return Changes(
        tuple(name for name in after if name not in before),
        {name: changes for name, changes in both.items() if changes},
        tuple(name for name in before if name not in after),
        tuple(name for name, changes in both.items() if not changes),
    )


def _differences(before: Plot | Job, after: Plot | Job) -> Iterator[FieldChange]:
    for field in fields(before):
        was, becomes = getattr(before, field.name), getattr(after, field.name, None)
        if field.name == "source" and was and becomes:
            was = replace(was, copied=becomes.copied)
        if was != becomes:
            yield FieldChange(field.name, _shown(was), _shown(becomes))


def _shown(value: Any) -> str:
    if value is None or value == ():
        return "–"
    text = str(getattr(value, "sv", None) or getattr(value, "url", None) or value)
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"
