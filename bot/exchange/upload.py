"""A workbook, a CSV file or several packed together → a table a kind, each cell as it was before it was made inert."""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from rapidfuzz import process

from bot.content.items import Kind
from bot.exchange.book import GUIDE
from bot.exchange.columns import ID, LINK, SHEETS, headings_of
from bot.exchange.inert import restored
from bot.exchange.problems import ExchangeError, RowProblem, problem, refusal
from bot.exchange.sheet import Numbered, make_table, read_sheet
from bot.exchange.tables import Row, Table, raise_all
from bot.exchange.workbook import UNREADABLE, is_workbook, read_sheets

LARGEST: Final = 5_000_000
MOST_ROWS: Final = 10_000  # of a sheet
MOST_FILES: Final = 50
UNPACKED: Final = 40_000_000
CONTINUED: Final = re.compile(r"(.+) \(([2-9]|\d\d)\)")
COPY: Final = re.compile(r"[ _-]*(?:\(\d+\)|kopia|copy|\d+)*\Z", re.I)  # what browsers and people add to a name
HEADING_ROW: Final = 1
Tables = Mapping[Kind, Table]


def read_upload(data: bytes, name: str) -> Tables:
    """Read sheets of knowledge, whatever program saved them; raises ExchangeError with every problem of their form."""
    if len(data) > LARGEST:
        raise refusal(name, "large", size=len(data), limit=LARGEST)
    found: dict[Kind, Table] = {}
    problems: list[RowProblem] = []
    for kind, table in _read_all(data, name, problems):
        if kind in found:
            problems.append(problem(table.sheet, 0, "", "sheet-twice", found=table.sheet))
        problems += _heading_problems(kind, table)
        found[kind] = table
    raise_all(problems)
    if not found:
        raise refusal(name, "empty")
    return found


def _read_all(data: bytes, name: str, problems: list[RowProblem]) -> Iterator[tuple[Kind, Table]]:
    """Yield what can be read, and add to `problems` why the rest cannot."""
    if not is_workbook(data):
        yield from _one(data, name, problems)
    elif members := _members(data, name):
        for member, content in members:
            yield from _one(content, member, problems)
    else:
        for title, rows in read_sheets(data, name):
            yield from _sheet(title, rows, problems)


def _sheet(title: str, rows: Sequence[Numbered], problems: list[RowProblem]) -> Iterator[tuple[Kind, Table]]:
    kind = SHEETS.get(title.strip().lower())
    if not rows or title.strip().lower() == GUIDE:
        return
    if kind is None:
        problems.append(problem(title, 0, "", "sheet-unknown", known=", ".join(SHEETS)))
        return
    width = len(rows[0][1])
    padded = [(number, [*cells, *[""] * (width - len(cells))]) for number, cells in rows]
    try:
        yield kind, _prepared(make_table(padded, title), problems, has_formulas=True)
    except ExchangeError as error:
        problems += error.problems


def _one(data: bytes, name: str, problems: list[RowProblem]) -> Iterator[tuple[Kind, Table]]:
    """Read one CSV file. Its name says of which kind it is, else its headings, where only one kind has them."""
    try:
        table = replace(read_sheet(data, name), sheet=name)
    except ExchangeError as error:
        problems += error.problems
        return
    kind = SHEETS.get(COPY.sub("", PurePosixPath(name).stem.strip().lower())) or _kind_by(table.columns)
    if kind is None:
        problems.append(problem(name, 0, "", "sheet-unknown", known=", ".join(f"{one}.csv" for one in SHEETS)))
        return
    yield kind, _prepared(table, problems, has_formulas=False)


def _kind_by(columns: Sequence[str]) -> Kind | None:
    fitting = [kind for kind in SHEETS.values() if {ID, *columns} <= {*headings_of(kind)}]
    return fitting[0] if len(fitting) == 1 else None


def _members(data: bytes, name: str) -> list[tuple[str, bytes]]:
    """Unpack CSV files, never more than `UNPACKED` bytes of them; nothing where it is a workbook."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [one for one in archive.namelist() if one.lower().endswith(".csv") and "__MACOSX" not in one]
            if "xl/workbook.xml" in archive.namelist() or not names:
                return []
            if len(names) > MOST_FILES:
                raise refusal(name, "packed", reason=f"{len(names)} files")
            return list(_unpacked(archive, names, name))
    except UNREADABLE as error:
        raise refusal(name, "packed", reason=f"{type(error).__name__}: {error}") from error


def _unpacked(archive: zipfile.ZipFile, names: Sequence[str], whole: str) -> Iterator[tuple[str, bytes]]:
    left = UNPACKED
    for name in names:
        with archive.open(name) as member:
            content = member.read(left + 1)
        left -= len(content)
        if left < 0:
            raise refusal(whole, "packed-large", limit=UNPACKED)
        yield PurePosixPath(name).name, content


def _prepared(table: Table, problems: list[RowProblem], *, has_formulas: bool) -> Table:
    """Return a table with cells as they were before they were made inert, parts of one text put together."""
    if len(table.rows) > MOST_ROWS:
        problems.append(problem(table.sheet, 0, "", "rows", limit=MOST_ROWS))
        return replace(table, rows=())
    rows = []
    for row in table.rows:
        if has_formulas:
            problems += _formulas(table.sheet, row)
        cells = {name: _cell(_typed(text) if has_formulas else text) for name, text in row.cells.items()}
        rows.append(replace(row, cells=_joined(cells)))
    columns = tuple(column for column in table.columns if not CONTINUED.fullmatch(column))
    return replace(table, columns=columns, rows=tuple(rows))


def _formulas(sheet: str, row: Row) -> Iterator[RowProblem]:
    """In a workbook only a formula begins so: text that does is marked."""
    for name, text in row.cells.items():
        if text.startswith("=") and len(text) > 1:
            yield problem(sheet, row.number, name, "formula-cell", value=text)


def _typed(text: str) -> str:
    """Excel writes the carriage returns that somebody pasted as _x000D_."""
    return text.replace("_x000D_", "\r")


def _cell(text: str) -> str:
    return restored(text.replace("\r\n", "\n").replace("\r", "\n"))


def _joined(cells: Mapping[str, str]) -> Mapping[str, str]:
    joined: dict[str, str] = {}
    for name, text in cells.items():
        found = CONTINUED.fullmatch(name)
        key = found[1] if found else name
        joined[key] = joined.get(key, "") + text
    return joined


def _heading_problems(kind: Kind, table: Table) -> Iterator[RowProblem]:
    """A column that is called otherwise than here is not left out in silence: its texts would be lost."""
    known = headings_of(kind)
    if ID not in table.columns:
        yield problem(table.sheet, HEADING_ROW, "", "heading-missing", column=ID)
    for column in table.columns:
        if column not in known and not LINK.fullmatch(column):
            yield problem(table.sheet, HEADING_ROW, column, "heading-strange", hint=_hint(column, kind))


def _hint(column: str, kind: Kind) -> str:
    known = [name for name in headings_of(kind) if not LINK.fullmatch(name)]
    meant = process.extractOne(column, known, score_cutoff=60)
    return f"did you mean {meant[0]!r}?" if meant else f"known: {', '.join(known)}"
