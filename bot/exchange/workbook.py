"""Excel workbooks → rows of text. What a packed file would unpack to is looked at before anything is unpacked."""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from bot.exchange.problems import refusal
from bot.exchange.tables import MAX_COLUMNS, MAX_ROWS, as_text, refuse_wide

PACKED: Final = b"PK\x03\x04"
MAX_UNPACKED: Final = 150_000_000
MAX_MEMBERS: Final = 500
LAST_ROW: Final = 1_048_576  # of Excel itself
DOCTYPE: Final = re.compile(rb"<!\s*(?:DOCTYPE|ENTITY)", re.I)
UNREADABLE: Final = (
    zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, AttributeError, IndexError,
    EOFError, NotImplementedError, OSError, RuntimeError,
)  # fmt: skip


def is_workbook(data: bytes) -> bool:
    """Whether `data` is packed as workbooks are."""
    return data.startswith(PACKED)


def read_workbook(data: bytes, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield the rows of the first sheet that shows, with their numbers; formulas come as they are written.

    Raises ExchangeError.
    """
    with _opened(data, name) as book:
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        if not sheets:
            raise refusal(name, "empty")
        yield from _rows(sheets[0], name)


def read_sheets(data: bytes, name: str) -> Iterator[tuple[str, list[tuple[int, Sequence[str]]]]]:
    """Yield every sheet, hidden ones too, with its name and its rows; raises ExchangeError."""
    with _opened(data, name) as book:
        for sheet in book.worksheets:
            yield sheet.title, list(_rows(sheet, sheet.title))


@contextmanager
def _opened(data: bytes, name: str) -> Iterator[Any]:
    from openpyxl import load_workbook  # needed by few commands, and slow to load

    _refuse_bombs(data, name)
    try:
        with warnings.catch_warnings(action="ignore"):  # about styles and drawings, which nobody reads here
            book = load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
        try:
            yield book
        finally:
            book.close()
    except UNREADABLE as error:  # what openpyxl raises on a damaged file is not told by its types
        raise refusal(name, "excel-damaged", reason=f"{type(error).__name__}: {error}") from error


def _rows(sheet: Any, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    sheet.reset_dimensions()
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=MAX_COLUMNS + 1, values_only=True), 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            filled += 1
            if filled > MAX_ROWS + 1:
                raise refusal(name, "rows", limit=MAX_ROWS)
            yield number, _trimmed(texts, name)


def _trimmed(texts: list[str], name: str) -> list[str]:
    while not texts[-1]:
        texts.pop()
    refuse_wide(texts, name)
    return texts


def _text(cell: object) -> str:
    """A formula over several cells comes as an object that holds its text."""
    return as_text(getattr(cell, "text", None) or cell)


def _refuse_bombs(data: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            size = sum(member.file_size for member in members)
            if size > MAX_UNPACKED or len(members) > MAX_MEMBERS:
                raise refusal(name, "excel-packed", size=size, limit=MAX_UNPACKED)
            if "content.xml" in archive.namelist():
                raise refusal(name, "open-document")
            if "xl/vbaProject.bin" in archive.namelist():
                raise refusal(name, "excel-macros")
            if "xl/workbook.xml" not in archive.namelist():
                raise refusal(name, "excel-damaged", reason="no xl/workbook.xml in it")
            for member in members:
                with archive.open(member) as content:
                    if DOCTYPE.search(content.read(1_000)):
                        raise refusal(name, "excel-doctype")
    except UNREADABLE as error:
        raise refusal(name, "excel-damaged", reason=f"{type(error).__name__}: {error}") from error
