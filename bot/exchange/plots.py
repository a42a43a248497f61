"""A table and its mapping → plots, or every problem of every row."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from bot.content.schema import explain
from bot.content.yamlfile import ODD
from bot.exchange.cells import (
    CellError,
    folded,
    is_per_area,
    is_unknown,
    read_coordinate,
    read_day,
    read_kronor,
    read_measure,
    read_ready,
    read_sewage,
    read_status,
    read_type,
)
from bot.exchange.ids import ids_of
from bot.exchange.mapping import ColumnMapping
from bot.exchange.outlines import fault_of, simplified
from bot.exchange.positions import Reading, find_reading
from bot.exchange.problems import ExchangeError, RowProblem, problem
from bot.exchange.tables import Row, Shape, Table, raise_all
from bot.fields import adapter
from bot.inventory import Plot
from bot.values import Source

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a file came from and when: what the rows give as their source where they name no page of their own."""

    url: str | None
    day: date


@dataclass(frozen=True, slots=True)
class PlotRows:
    """The plots of a file, and sentences for whoever imports it."""

    plots: tuple[Plot, ...]
    notes: tuple[str, ...]


def read_plots(table: Table, mapping: ColumnMapping, origin: Origin, crs: int | None = None) -> PlotRows:
    """Read all rows of `table`; raises ExchangeError with every problem.

    `crs` is the coordinate system that the caller knows the file to be in, over that of the mapping.
    """
    if not table.rows:
        return PlotRows((), table.notes)
    _check_headings(table, mapping)
    reader = _Reader(table, mapping, origin)
    found = [reader.read(row) for row in table.rows]
    reading = reader.find_reading(crs or mapping.crs)
    raise_all(sorted(reader.problems, key=lambda one: one.row))
    plots = [reader.plot(values, reading) for values in _with_ids(found)]
    raise_all(reader.problems)
    notes = (*table.notes, *reading.notes, *reader.notes(plots))
    return PlotRows(tuple(plot for plot in plots if plot), notes)


def _check_headings(table: Table, mapping: ColumnMapping) -> None:
    if not mapping.columns and table.columns:
        found = ", ".join(table.columns[:10])
        raise ExchangeError([problem(table.sheet, 1, "", "heading-unknown", found=found)])
    if not mapping.columns.keys() & {"id", "designation"} and not any(row.id for row in table.rows):
        raise ExchangeError([problem(table.sheet, 0, "", "field-needed")])


READERS: Final[Mapping[str, Callable[[str], object]]] = MappingProxyType({
    "type": read_type,
    "status": read_status,
    "water_sewage": read_sewage,
    "ready_to_build": read_ready,
    "dated": read_day,
    "north": read_coordinate,
    "east": read_coordinate,
})  # fmt: skip
WITH_UNIT: Final[Mapping[str, Callable[[str, str], object]]] = MappingProxyType(
    {"area_m2": read_measure, "price_kr": read_kronor, "price_kr_m2": read_measure}
)
LOCALIZED: Final = ("building_right", "allocation")
NEVER_EMPTY: Final = ("status",)


class _Reader:
    """Reads the rows of one table, and gathers what is wrong with them."""

    def __init__(self, table: Table, mapping: ColumnMapping, origin: Origin) -> None:
        self.table, self.mapping, self.origin = table, mapping, origin
        self.problems: list[RowProblem] = []
        self.shapes: dict[int, Shape] = {}
        self.words = {
            (name, folded(theirs)): ours for name, words in mapping.values.items() for theirs, ours in words.items()
        }
        self.seen: dict[str, int] = {}
        self.zeros = 0

    def read(self, row: Row) -> tuple[Row, Values]:
        """Return the values of a row by field; cells that cannot be read become problems."""
        values: Values = {}
        for name, text in self._texts(row):
            try:
                values[name] = self._value(name, text)
            except CellError as error:
                self._report(row, name, error.code, **error.values)
        self._take_shape(row, values)
        self._check_name(row, values)
        return row, values

    def _texts(self, row: Row) -> list[tuple[str, str]]:
        given = {name: row.cells.get(column, "") for name, column in self.mapping.columns.items()}
        given = {**given, **self.mapping.constants}
        for name, text in given.items():
            if odd := ODD.search(text):
                self._report(row, name, "control-character", character=f"U+{ord(odd[0]):04X}")
        per_area = "price_kr_m2" not in given and is_per_area(given.get("price_kr", ""))
        renamed = {"price_kr": "price_kr_m2"} if per_area else {}
        return [(renamed.get(name, name), " ".join(text.split())) for name, text in given.items()]

    def _value(self, name: str, text: str) -> object:
        text = self.words.get((name, folded(text)), text)
        if name in NEVER_EMPTY and is_unknown(text):
            raise CellError("missing")
        if name in WITH_UNIT:
            return self._amount(name, text)
        if name in READERS:
            return READERS[name](text)
        return None if name != "wkt" and text in ("", "-") else text

    def _amount(self, name: str, text: str) -> object:
        unit = self.mapping.unit(name)
        if name == "price_kr_m2" and unit != "tkr":
            unit = ""  # of `kr/ha`, nothing is known
        value = WITH_UNIT[name](text, unit)
        self.zeros += name.startswith("price") and value is None and not is_unknown(text)
        return value

    def _take_shape(self, row: Row, values: Values) -> None:
        """Note the shape of a row for the judgement of all: its own, or that of its cells."""
        north, east, wkt = (values.pop(name, None) for name in ("north", "east", "wkt"))
        try:
            shape = row.shape or read_wkt(wkt or "")
        except CellError as error:
            self._report(row, "wkt", error.code, **error.values)
            return
        if shape is None and (north is None) != (east is None):
            self._report(row, "north" if north is None else "east", "half-position")
        elif shape is None and north is not None:
            shape = Shape(((east, north),))
        if shape:
            self.shapes[row.number] = shape

    def _check_name(self, row: Row, values: Values) -> None:
        name = " ".join(name_of(row, values).casefold().split())
        if not name:
            self._report(row, "designation", "missing")
        elif name in self.seen:
            column = "designation" if values.get("designation") else "id"
            self._report(row, column, "duplicate-row", value=name_of(row, values), first=self.seen[name])
        self.seen.setdefault(name, row.number)

    def find_reading(self, crs: int | None) -> Reading:
        """Judge the coordinates of all rows; raises ExchangeError where file and caller name different systems."""
        sheet, declared = self.table.sheet, self.table.crs
        if crs and declared and crs != declared:
            self.problems.append(problem(sheet, 0, "", "crs-conflict", declared=declared, given=crs))
        reading, problems = find_reading(self.shapes, declared or crs, sheet)
        self.problems.extend(problems)
        return reading or Reading(0, swapped=False)

    def plot(self, found: tuple[Row, Values], reading: Reading) -> Plot | None:
        """Make the plot of a row."""
        row, values = found
        fields = {name: value for name, value in values.items() if value is not None and name != "dated"}
        fields.setdefault("status", "available")
        for name in LOCALIZED:
            if name in fields:
                fields[name] = {"sv": fields[name]}
        if shape := self.shapes.get(row.number):
            corners = tuple(reading.position(corner) for corner in shape.corners)
            fields |= {"position": corners[0]} if shape.is_point else {"polygon": corners}
        fields["source"] = self._source(values)
        if "price_kr" in fields and "price_kr_m2" in fields:
            del fields["price_kr_m2"]  # the one follows from the other and the area
        try:
            return adapter(Plot).validate_python(fields)
        except ValidationError as error:
            for details in error.errors(include_url=False):
                code, said = explain(Plot, details)
                self._report(row, str(details["loc"][0]), code, **said)
            return None

    def _source(self, values: Values) -> Source | None:
        url = values.get("url") or self.origin.url
        if not url:
            return None
        dated = values.get("dated")
        try:
            return Source(url, self.origin.day, date.fromisoformat(dated) if dated else None)
        except ValueError:
            return Source(url, self.origin.day)

    def notes(self, plots: Sequence[Plot | None]) -> list[str]:
        """Say what was taken for granted."""
        said = []
        if "status" not in {*self.mapping.columns, *self.mapping.constants}:
            said.append("no column says the status; every plot is taken to be available")
        if self.zeros:
            said.append(f"{self.zeros} prices of 0 are read as unknown")
        nowhere = sum(plot is not None and plot.middle is None for plot in plots)
        if nowhere:
            said.append(f"plots without a position: {nowhere}; they are listed, and not on the map")
        return said

    def _report(self, row: Row, name: str, code: str, **values: object) -> None:
        column = self.mapping.columns.get(name, name)
        self.problems.append(problem(self.table.sheet, row.number, column, code, **values))


def name_of(row: Row, values: Mapping[str, Any]) -> str:
    """Return what a row is called: its designation, else its own id, else that of its feature."""
    return str(values.get("designation") or values.get("id") or row.id)


def _with_ids(found: Sequence[tuple[Row, Values]]) -> list[tuple[Row, Values]]:
    ids = ids_of([name_of(row, values) for row, values in found])
    return [(row, {**values, "id": made}) for (row, values), made in zip(found, ids, strict=True)]


WKT: Final = re.compile(r"(?:SRID=\d+;)?\s*(POINT|POLYGON|MULTIPOLYGON)\s*Z?\s*(\(.*\))\s*\Z", re.I | re.S)


def read_wkt(text: str) -> Shape | None:
    """Read a point, or a polygon of one part, in well-known text; None for an empty cell. Raises CellError."""
    if is_unknown(text):
        return None
    found = WKT.match(text)
    rings = re.findall(r"\(([^()]+)\)", found[2]) if found else []
    if not rings or not found or (found[1].upper() == "MULTIPOLYGON" and ")), " in text.replace(")),(", ")), ")):
        raise CellError("geometry", found=text[:40])
    ring = [(_number(corner, 0), _number(corner, 1)) for corner in rings[0].split(",")]
    if found[1].upper() == "POINT":
        return Shape((ring[0],))
    if fault := fault_of(ring):
        raise CellError(fault[0], **fault[1])
    return Shape(simplified(ring))


def _number(corner: str, place: int) -> float:
    parts = corner.split()
    value = read_coordinate(parts[place]) if len(parts) > place else None
    if value is None:
        raise CellError("coordinate", value=corner)
    return value
