"""Which columns a sheet of each kind has, and items as plain values ⇄ the cells of a row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from bot.content.items import LISTS, Kind, Plain, cleaned
from bot.content.keeping import keeping_further
from bot.exchange.cells import CellError
from bot.exchange.shapes import Shape, text_of, value_of
from bot.inventory import WEEKDAYS

ID: Final = "id"
LAYER: Final = "layer"
VERSION: Final = "version"
REMOVE: Final = "remove"
FEWEST_LINKS: Final = 3
MOST_LINKS: Final = 50
LINK: Final = re.compile(r"link_([1-9]\d?)_(url|sv|en)")
DAYS: Final = (*WEEKDAYS, "holidays", "eves")
HOURS: Final = ("hours", "phone_hours")
Path = tuple[str, ...]
Faults = list[tuple[str, CellError]]  # heading and what is wrong with the cell


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, where its value goes in the plain values of an item, and how it is written."""

    name: str
    path: Path
    shape: Shape = "text"


def _both(name: str, *path: str, shape: Shape = "text") -> tuple[Column, Column]:
    return (
        Column(f"{name}_sv", (*(path or (name,)), "sv"), shape),
        Column(f"{name}_en", (*(path or (name,)), "en"), shape),
    )


def _source() -> tuple[Column, ...]:
    return (
        Column("source_url", ("source", "url"), "url"),
        Column("source_copied", ("source", "copied"), "day"),
        Column("source_dated", ("source", "dated"), "day"),
    )


def _checked() -> tuple[Column, ...]:
    return (
        Column("checked_on", ("checked", "on"), "day"),
        Column("checked_by", ("checked", "by")),
        Column("checked_every", ("checked", "every"), "count"),
    )


def _hours(name: str) -> tuple[Column, ...]:
    return (
        *(Column(f"{name}_{day}", (name, day), "times") for day in DAYS),
        Column(f"{name}_exceptions", (name, "exceptions"), "exceptions"),
        Column(f"{name}_from", (name, "valid", "from"), "day"),
        Column(f"{name}_to", (name, "valid", "to"), "day"),
    )


def _plain(*names: str, shape: Shape = "text") -> tuple[Column, ...]:
    return tuple(Column(name, (name,), shape) for name in names)


def _links(count: int) -> tuple[Column, ...]:
    return tuple(
        column
        for number in range(1, count + 1)
        for column in (
            Column(f"link_{number}_url", ("links", str(number), "url"), "url"),
            *_both(f"link_{number}", "links", str(number), "label"),
        )
    )


COLUMNS: Final[Mapping[Kind, tuple[Column, ...]]] = MappingProxyType({
    "entry": (
        *_both("questions", shape="lines"),
        *_both("answer", shape="answer"),
        *_both("must_match", "tests", "must_match", shape="lines"),
        *_both("must_not_match", "tests", "must_not_match", shape="lines"),
        *_plain("contacts", "next", shape="ids"),
        *_source(),
        *_plain("owner"),
        Column("valid_from", ("valid", "from"), "day"),
        Column("valid_to", ("valid", "to"), "day"),
        Column("season_from", ("season", "from"), "year-day"),
        Column("season_to", ("season", "to"), "year-day"),
        *_both("season_during", "season", "during"),
        *_both("season_outside", "season", "outside"),
        *_plain("shows", shape="choice"),
        *_plain("replace", shape="ids"),
        *_checked(),
        Column("english_made_from", ("en_of",), "mark"),
    ),
    "contact": (
        *_both("name"),
        *_plain("phone", shape="phone"),
        *_plain("email"),
        *_plain("url", shape="url"),
        *_plain("address"),
        *_both("note"),
        *_plain("languages", shape="lines"),
        *_hours("hours"),
        *_hours("phone_hours"),
        *_source(),
    ),
    "plot": (
        *_plain("status", shape="status"),
        *_plain("designation", "place"),
        *_plain("type", shape="type"),
        *_plain("area_m2", shape="m2"),
        *_plain("price_kr", shape="kr"),
        *_plain("price_kr_m2", shape="kr_m2"),
        *_both("building_right"),
        *_plain("plan"),
        *_plain("water_sewage", "ready_to_build", shape="flag"),
        *_plain("position", shape="point"),
        *_plain("polygon", shape="points"),
        *_both("allocation"),
        *_plain("url", shape="url"),
        *_source(),
        *_plain("example", shape="flag"),
    ),
    "job": (
        *_both("title"),
        *_plain("employer", "occupation", "place"),
        *_plain("extent", shape="choice"),
        *_plain("deadline", shape="day"),
        *_plain("url", shape="url"),
        *_source(),
        *_plain("example", shape="flag"),
    ),
    "place": (
        *_both("name"),
        *_plain("kind", shape="choice"),
        *_plain("place"),
        *_plain("words", shape="lines"),
        *_plain("address"),
        *_plain("position", shape="point"),
        *_plain("outline", shape="points"),
        *_plain("phone", shape="phone"),
        *_plain("url", shape="url"),
        *_both("note"),
        *_hours("hours"),
        *_hours("phone_hours"),
        *_source(),
        *_plain("example", shape="flag"),
    ),
    "fact": (
        *_both("label"),
        *_plain("value"),
        *_both("value"),
        *_plain("unit", shape="choice"),
        *_both("fallback"),
        *_plain("dated", shape="day"),
        *_source(),
        *_checked(),
        *_plain("compared", shape="flag"),
    ),
    "question": (*_plain("question"), *_plain("language", shape="choice"), *_plain("entry")),
    "group": _plain("words", "members", shape="lines"),
    "frames": _plain("words", shape="lines"),
    "theme": _both("questions", shape="lines"),
    "occupation": tuple(Column(f"titles_{language}", (language,), "lines") for language in ("sv", "en")),
})  # fmt: skip
SHEETS: Final[Mapping[str, Kind]] = MappingProxyType({LISTS[kind]: kind for kind in COLUMNS})


def sheet_of(kind: Kind) -> str:
    """Return what the sheet of a kind is called."""
    return LISTS[kind]


@cache
def columns_of(kind: Kind, links: int = FEWEST_LINKS) -> tuple[Column, ...]:
    """Return the columns of a kind but for id, layer and version; an entry has room for so many `links`."""
    found = COLUMNS[kind]
    if kind != "entry":
        return found
    place = next(place for place, column in enumerate(found) if column.name == "source_url")
    return (*found[:place], *_links(links), *found[place:])


def most_links(plains: Sequence[Plain]) -> int:
    """Return how many links the sheet needs room for."""
    return max([FEWEST_LINKS, *(len(plain.get("links", ())) for plain in plains)])


def links_in(headings: Sequence[str]) -> int:
    """Return the highest number of a link that headings name."""
    numbers = [int(found[1]) for heading in headings if (found := LINK.fullmatch(heading))]
    return min(max([FEWEST_LINKS, *numbers]), MOST_LINKS)


def cells_of(kind: Kind, plain: Plain, links: int = FEWEST_LINKS) -> dict[str, str]:
    """Return the cells that say what plain values say, by heading; id, layer and version are not among them."""
    spread = _spread(kind, plain)
    return {column.name: text_of(column.shape, _at(spread, column.path)) for column in columns_of(kind, links)}


def plain_of(kind: Kind, cells: Mapping[str, str], before: Plain | None = None) -> tuple[Plain, Faults]:
    """Return plain values of a row, and what of it cannot be read.

    A cell that says what `before` says keeps its value to the letter; so does a column that the sheet has not.
    """
    old = before or {}
    links = links_in([*cells, *(f"link_{number}_url" for number in range(1, len(old.get("links", ())) + 1))])
    known, spread = cells_of(kind, old, links), _spread(kind, old)
    plain: Plain = {}
    faults: Faults = []
    for column in columns_of(kind, links):
        text = cells.get(column.name, known[column.name])
        try:
            value = _at(spread, column.path) if text == known[column.name] else _read(column, text)
            _put(plain, column.path, value)
        except CellError as error:
            faults.append((column.name, error))
            if before:  # so that the rest of the row can be judged
                _put(plain, column.path, _at(spread, column.path))
    return keeping_further(_gathered(kind, plain, faults), old), faults


def heading_of(kind: Kind, path: str) -> str:
    """Return the heading of what a problem is about, by its path in an item: `questions.sv.0`."""
    parts = tuple(path.split("."))
    if parts[0] == "links" and len(parts) > 1:
        return f"link_{int(parts[1]) + 1}_{parts[-1] if parts[-1] in ('sv', 'en') else 'url'}"
    named = tuple(part for part in parts if not part.isdigit())
    for length in range(len(named), 0, -1):
        for column in COLUMNS[kind]:
            if column.path[:length] == named[:length]:
                return column.name
    return ID if named == (ID,) else ""


@cache
def headings_of(kind: Kind) -> tuple[str, ...]:
    """Return every heading that a sheet of a kind may have."""
    own = (column.name for column in columns_of(kind, MOST_LINKS))
    return (ID, *own, REMOVE, LAYER, VERSION)


def _read(column: Column, text: str) -> Any:
    return cleaned(value_of(column.shape, text), column.path)


def _spread(kind: Kind, plain: Plain) -> Plain:
    """Say what the defaults of hours mean, count links, and part a fact's number from its texts."""
    spread = dict(plain)
    for name in HOURS:
        if plain.get(name) is not None:
            spread[name] = dict.fromkeys((*WEEKDAYS, "holidays"), "closed") | plain[name]
    if kind == "entry":
        spread["links"] = {str(number): link for number, link in enumerate(plain.get("links", ()), 1)}
    return spread


def _gathered(kind: Kind, plain: Plain, faults: Faults) -> Plain:
    """Undo `_spread`."""
    for name in HOURS:
        if name in plain:
            _complete(plain, name, faults)
    if kind == "entry":
        links = plain.pop("links", {})
        plain |= {"links": [{"label": {}, **link} for _, link in sorted(links.items(), key=_number)]} if links else {}
    return {**NEEDED.get(kind, {}), **plain}


# what an item has although nothing is written in it
NEEDED: Final[Mapping[Kind, Plain]] = MappingProxyType({
    "contact": {"name": {}}, "job": {"title": {}}, "place": {"name": {}}, "theme": {"questions": {}},
    "fact": {"label": {}}, "group": {"words": []}, "frames": {"words": []}, "occupation": {"sv": [], "en": []},
})  # fmt: skip


def _number(pair: tuple[str, Any]) -> int:
    return int(pair[0])


def _complete(plain: Plain, name: str, faults: Faults) -> None:
    """Hours say nothing without a day of the week; nobody knows the holidays where their cell is empty."""
    hours = plain[name]
    if not any(day in hours for day in WEEKDAYS):
        if not any(heading.startswith(f"{name}_") for heading, _ in faults):
            faults.append((f"{name}_mon", CellError("hours-missing")))
        return
    hours.setdefault("holidays", None)


def _at(plain: Plain, path: Path) -> Any:
    found = plain
    for name in path:
        if not isinstance(found, Mapping):
            return None
        found = found.get(name)
    return None if isinstance(found, Mapping) else found


def _put(plain: Plain, path: Path, value: Any) -> None:
    """Put a value where it is not empty; a fact has one number or text, or one in each language."""
    if value in (None, "", []):
        return
    inner = plain
    for name in path[:-1]:
        inner = inner.setdefault(name, {})
        if not isinstance(inner, dict):
            raise CellError("two-values", value=str(value))
    inner[path[-1]] = value


def described(kind: Kind) -> Iterator[Column]:
    """Yield the columns of a kind as a guide names them: of links only the first."""
    yield from columns_of(kind, 1)
