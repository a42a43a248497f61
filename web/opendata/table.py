"""Records as a table for spreadsheets: CSV that Excel reads as UTF-8, and in which no text is taken for a formula."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any, Final

from bot import TableName, inert

BYTE_ORDER_MARK: Final = "\ufeff"
TEXTS: Final = ("sv", "en")
SOURCE: Final = ("source.url", "source.dated", "source.copied")
WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun", "holidays", "eves")


def _both(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{language}" for language in TEXTS)


def _hours(name: str) -> tuple[str, ...]:
    return tuple(f"{name}.{day}" for day in WEEK)


COLUMNS: Final[Mapping[TableName, tuple[str, ...]]] = {
    "plots": (
        *("id", "status", "designation", "place", "type", "area_m2", "price_kr", "price_kr_m2"),
        *(*_both("building_right"), "plan", "water_sewage", "ready_to_build", *_both("allocation"), "distance_m"),
        *("latitude", "longitude", "url", *SOURCE, "example"),
    ),
    "jobs": (
        *("id", *_both("title"), "employer", "occupation", "place", "extent", "deadline", "url"),
        *(*SOURCE, "example"),
    ),
    "places": (
        *("id", *_both("name"), "kind", "place", "address", "latitude", "longitude", "phone", "url"),
        *(*_hours("hours"), *_hours("phone_hours"), *_both("note"), *SOURCE, "example"),
    ),
    "contacts": (
        *("id", *_both("name"), "phone", "email", "url", "address", *_both("note"), "languages"),
        *(*_hours("hours"), *_hours("phone_hours"), *SOURCE),
    ),
}


def write(table: TableName, rows: Iterable[Mapping[str, Any]]) -> str:
    """Return `rows` as CSV (RFC 4180) with a byte order mark; a column within another is written `title_sv`."""
    file = StringIO()
    writer = csv.writer(file)
    writer.writerow([column.replace(".", "_") for column in COLUMNS[table]])
    for row in rows:
        writer.writerow([cell(_value(row, column)) for column in COLUMNS[table]])
    return BYTE_ORDER_MARK + file.getvalue()


def cell(value: object) -> object:
    """Return `value` as a cell. A text that a spreadsheet would calculate gets an apostrophe; a number stays one."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list() | tuple():
            return cell(" ".join(map(str, value)))
        case str():
            return inert(value)
    return value


def _value(row: Mapping[str, Any], column: str) -> object:
    value: Any = row
    for name in column.split("."):
        value = value.get(name) if value is not None else None
    return value
