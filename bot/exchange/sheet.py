"""CSV and Excel workbooks, whatever a municipality's spreadsheet program saved → a table of text."""

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from bot.exchange.problems import ExchangeError, RowProblem, problem, refusal
from bot.exchange.tables import MAX_ROWS, Row, Table, raise_all, refuse_large, refuse_odd, refuse_wide
from bot.exchange.workbook import is_workbook, read_workbook

DELIMITERS: Final = ";,\t|"
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MISREAD: Final = ("Ã", "Â", "â€")  # how UTF-8 looks to a reader of cp1252
Numbered = tuple[int, Sequence[str]]


def read_sheet(data: bytes, name: str) -> Table:
    """Read `data` by what it is, not by how it is called; raises ExchangeError with every problem."""
    refuse_large(data, name)
    if data.startswith(OLD_EXCEL):
        raise refusal(name, "excel-old")
    if data.lstrip()[:9].lower().startswith((b"<!doctype", b"<html")):
        raise refusal(name, "page")
    if is_workbook(data):
        rows, notes = list(read_workbook(data, name)), _called(name, ".xlsx", "an Excel workbook")
    else:
        text, notes = _decoded(data, name)
        rows = list(_csv_rows(text, name))
        notes += _called(name, ".csv", "text")
    return make_table(rows, name, notes)


def _called(name: str, ending: str, kind: str) -> tuple[str, ...]:
    """Note where a file is called something else than what it holds."""
    others = {".xlsx": (".csv", ".txt", ".tsv"), ".csv": (".xlsx", ".xls", ".xlsm")}[ending]
    if not name.lower().endswith(others):
        return ()
    return (f"{name} is {kind} by its content, and read as such; {ending} would be its right ending",)


def _decoded(data: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Decode UTF-8, else UTF-16 with a mark, else Excel's cp1252."""
    try:
        if data.startswith(UTF16):
            return data.decode("utf-16"), ()
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252"), (f"{name} is read as Windows-1252, as Excel saves CSV in Sweden",)
    except UnicodeDecodeError as error:
        raise refusal(name, "encoding", byte=f"{data[error.start]:02x}") from error


def _csv_rows(text: str, name: str) -> Iterator[Numbered]:
    """Yield the rows with their numbers, the headings' being 1. Excel's line `sep=;` before them is obeyed."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        delimiter, text = first.strip()[-1], rest
    else:
        delimiter = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 1
    try:
        for number, cells in enumerate(reader, 1):
            if number > MAX_ROWS + 1:
                raise refusal(name, "rows", limit=MAX_ROWS)
            refuse_wide(cells, name)
            yield number, cells
    except csv.Error as error:
        raise ExchangeError([problem(name, number + 1, "", "quotes", reason=error)]) from error


def _delimiter(text: str) -> str:
    """Return the sign that parts the headings: the one they hold most of, outside quotation marks."""
    heading = next((line for line in text.splitlines() if line.strip()), "")
    outside = "".join(heading.split('"')[::2])
    return max(DELIMITERS, key=outside.count)


def make_table(found: Sequence[Numbered], name: str, notes: tuple[str, ...] = ()) -> Table:
    """Return rows as a table, the first that is filled being the headings; raises ExchangeError."""
    filled = [(number, [cell.strip() for cell in cells]) for number, cells in found if any(map(str.strip, cells))]
    if not filled:
        raise refusal(name, "empty")
    (start, headings), *body = filled
    refuse_odd(headings, name)
    problems = list(_heading_problems(headings, body, start, name))
    problems += [found for number, cells in body for found in _row_problems(number, cells, headings, name)]
    raise_all(problems)
    columns = tuple(heading for heading in headings if heading)
    made = [
        Row(number, {key: cell for key, cell in zip(headings, cells, strict=False) if key}) for number, cells in body
    ]
    return Table(name, columns, tuple(made), notes=notes)


def _heading_problems(headings: Sequence[str], body: Sequence[Numbered], start: int, name: str) -> Iterator[RowProblem]:
    seen: dict[str, int] = {}
    for column, heading in enumerate(headings, 1):
        if not heading and any(cells[column - 1] for _, cells in body if len(cells) >= column):
            yield problem(name, start, "", "heading-empty", column=column)
        if heading and heading in seen:
            yield problem(name, start, heading, "heading-duplicate", first=seen[heading], second=column)
        seen.setdefault(heading, column)


def _row_problems(number: int, cells: Sequence[str], headings: Sequence[str], name: str) -> Iterator[RowProblem]:
    """Empty cells too many at the end are how spreadsheet programs save, and no problem."""
    surplus = any(cells[len(headings) :])
    if surplus or len(cells) < len(headings):
        yield problem(name, number, "", "ragged", count=len(cells), expected=len(headings))
    for heading, cell in zip(headings, cells, strict=False):
        if (meant := _meant(cell)) is not None:
            yield problem(name, number, heading, "mojibake", value=cell, meant=meant)


def _meant(cell: str) -> str | None:
    """Return what a cell like `HÃ¤llnÃ¤s` was before it was read in the wrong character set; None where it was not."""
    if not any(sign in cell for sign in MISREAD):
        return None
    try:
        return cell.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return None
