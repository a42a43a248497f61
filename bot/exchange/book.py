"""Items → sheets, one a kind, as an Excel workbook or as CSV. No cell of them is ever calculated."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from bot.content.items import Item, Key, Kind, Plain, as_plain, digest_of
from bot.exchange.columns import (
    COLUMNS,
    ID,
    LAYER,
    MOST_LINKS,
    REMOVE,
    VERSION,
    cells_of,
    columns_of,
    most_links,
    sheet_of,
)
from bot.exchange.inert import inert
from bot.exchange.shapes import LONGEST, Shape
from bot.inventory import Extent, PlaceKind, PlotStatus, PlotType, Unit
from bot.models import Shows
from bot.values import LANGUAGES

VERSION_LENGTH: Final = 12
BYTE_ORDER_MARK: Final = "\ufeff"
GUIDE: Final = "guide"
NUMBERS: Final[frozenset[Shape]] = frozenset({"kr", "kr_m2", "m2", "count"})
WIDE: Final[frozenset[Shape]] = frozenset({"answer", "lines"})
CHOICES: Final[Mapping[tuple[Kind, str], Sequence[str]]] = {
    ("entry", "shows"): get_args(Shows),
    ("plot", "status"): get_args(PlotStatus),
    ("plot", "type"): get_args(PlotType),
    ("job", "extent"): get_args(Extent),
    ("place", "kind"): get_args(PlaceKind),
    ("fact", "unit"): get_args(Unit),
    ("question", "language"): LANGUAGES,
}
SHADES: Final = {"heading": "FFE3EDF4", "kept": "FFF1F1F1"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows of one kind as text; the first of `headings` is the id, the last are layer and version."""

    kind: Kind
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def name(self) -> str:
        """What it is called."""
        return sheet_of(self.kind)


def version_of(plain: Plain) -> str:
    """Return a mark of what an item says; it never looks like a number."""
    return f"v{digest_of(plain)[:VERSION_LENGTH]}"


def sheets_of(items: Mapping[Key, Item], kinds: Iterable[Kind] = tuple(COLUMNS)) -> list[Sheet]:
    """Return a sheet of each of `kinds`, also of those that have no item yet."""
    return [_sheet(kind, {key: item for key, item in items.items() if key.kind == kind}) for kind in kinds]


def write_workbook(sheets: Sequence[Sheet], guide: Sequence[tuple[str, str]] = ()) -> bytes:
    """Return an Excel workbook. `guide` is a last sheet of two columns, for whoever opens it."""
    from openpyxl import Workbook  # slow to load

    book = Workbook(write_only=True)
    for sheet in sheets:
        _write_sheet(book, sheet)
    if guide:
        _write_guide(book, guide)
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def write_csv(sheet: Sheet) -> bytes:
    """Return a sheet as CSV with semicolons, as Excel in Sweden opens it, and a byte order mark."""
    file = io.StringIO()
    writer = csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL)
    writer.writerow(sheet.headings)
    writer.writerows([inert(cell) for cell in row] for row in sheet.rows)
    return (BYTE_ORDER_MARK + file.getvalue()).encode()


def write_csv_files(sheets: Sequence[Sheet]) -> bytes:
    """Return one CSV file a sheet, packed together."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for sheet in sheets:
            archive.writestr(zipfile.ZipInfo(f"{sheet.name}.csv"), write_csv(sheet), zipfile.ZIP_DEFLATED)
    return held.getvalue()


def _sheet(kind: Kind, items: Mapping[Key, Item]) -> Sheet:
    plains = {key: as_plain(item) for key, item in items.items()}
    links = most_links(list(plains.values()))
    names = [column.name for column in columns_of(kind, links)]
    cells = {key: cells_of(kind, plain, links) for key, plain in plains.items()}
    parts = {name: max([1, *(len(_cut(row[name])) for row in cells.values())]) for name in names}
    headings = [heading for name in names for heading in _continued(name, parts[name])]
    rows = [
        (key.id, *_parted(row, parts), "", key.layer, version_of(plains[key]))  # REMOVE is for people to fill in
        for key, row in cells.items()
    ]
    return Sheet(kind, (ID, *headings, REMOVE, LAYER, VERSION), tuple(rows))


def _continued(name: str, count: int) -> Iterator[str]:
    """What is too long for one cell goes on in `name (2)`."""
    yield name
    yield from (f"{name} ({number})" for number in range(2, count + 1))


def _parted(row: Mapping[str, str], parts: Mapping[str, int]) -> Iterator[str]:
    for name, count in parts.items():
        cut = _cut(row[name])
        yield from (*cut, *[""] * (count - len(cut)))


def _cut(text: str) -> list[str]:
    """Cut what is too long for a cell; no part begins or ends with a blank, which would be lost."""
    parts = []
    while len(text) > LONGEST:
        place = next(end for end in range(LONGEST, 0, -1) if not (text[end - 1].isspace() or text[end].isspace()))
        parts.append(text[:place])
        text = text[place:]
    return [*parts, text]


def _write_sheet(book: Any, sheet: Sheet) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font, PatternFill

    page = book.create_sheet(sheet.name)
    page.freeze_panes = "B2"
    shapes = {column.name: column.shape for column in columns_of(sheet.kind, MOST_LINKS)}
    for number, heading in enumerate(sheet.headings):
        column = page.column_dimensions[_letters(number)]
        column.width = 48 if shapes.get(heading) in WIDE else 18
        column.number_format = "General" if shapes.get(heading) in NUMBERS else "@"
        column.alignment = Alignment(wrap_text=True, vertical="top")
        _offer(page, sheet, number)
    cells = []
    for heading in sheet.headings:
        cell = WriteOnlyCell(page, heading)
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", SHADES["kept" if heading in (ID, LAYER, VERSION) else "heading"])
        cells.append(cell)
    page.append(cells)
    typed = [shapes.get(heading) in NUMBERS for heading in sheet.headings]
    model = WriteOnlyCell(page)
    model.number_format, model.alignment = "@", Alignment(wrap_text=True, vertical="top")
    for row in sheet.rows:
        page.append([_cell(page, text, model, is_number=number) for text, number in zip(row, typed, strict=True)])


def _cell(page: Any, text: str, model: Any, *, is_number: bool) -> Any:
    """Text is marked as text, so that no program makes a date or a number of it; a number stays one."""
    from openpyxl.cell import WriteOnlyCell

    if not text:
        return None
    if is_number:
        return float(text) if "." in text else int(text)
    cell: Any = WriteOnlyCell(page, inert(text))
    cell._style = model._style
    return cell


def _offer(page: Any, sheet: Sheet, number: int) -> None:
    """Let a column whose words are few be chosen from a list."""
    from openpyxl.worksheet.datavalidation import DataValidation

    words = CHOICES.get((sheet.kind, sheet.headings[number]))
    if words:
        offered = DataValidation(type="list", formula1=f'"{",".join(words)}"', allow_blank=True)
        offered.add(f"{_letters(number)}2:{_letters(number)}10000")
        page.data_validations.append(offered)


def _letters(number: int) -> str:
    from openpyxl.utils import get_column_letter

    return str(get_column_letter(number + 1))


def _write_guide(book: Any, guide: Sequence[tuple[str, str]]) -> None:
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Alignment, Font

    page = book.create_sheet(GUIDE)
    page.column_dimensions["A"].width, page.column_dimensions["B"].width = 32, 100
    for name, text in guide:
        first, second = WriteOnlyCell(page, inert(name)), WriteOnlyCell(page, inert(text))
        first.font, second.alignment = Font(bold=not text), Alignment(wrap_text=True, vertical="top")
        page.append([first, second])
