"""Files that people bring back: what their programs did to them, and what is no sheet at all; list 81–92 and 100."""

import csv
import io
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from bot import (
    ExchangeError,
    Item,
    Key,
    items_of,
    load,
    read_upload,
    sheets_of,
    write_csv_files,
    write_workbook,
)
from bot.exchange.upload import LARGEST, MOST_ROWS

KNOWLEDGE = Path(__file__).parent / "knowledge"
ENTRY = 'id;questions_sv;answer_sv\r\nnew-one;"Hur då?";"Så här, å."\r\n'


def found(data: bytes, name: str = "entries.csv") -> list[tuple[str, int, str, str]]:
    with pytest.raises(ExchangeError) as caught:
        read_upload(data, name)
    return [(one.sheet, one.row, one.column, one.code) for one in caught.value.problems]


def packed(members: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def book(sheets: dict[str, Sequence[Sequence[object]]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append(row)
    held = io.BytesIO()
    made.save(held)
    return held.getvalue()


def locked() -> bytes:
    """A packed file that says of its member that it has a password."""
    data = bytearray(packed({"entries.csv": ENTRY.encode()}))
    place = data.index(b"PK\x01\x02") + 8
    data[place] |= 1
    data[6] |= 1
    return bytes(data)


READ = {
    "81 comma": (ENTRY.replace(";", ",").replace(", å", "; å").encode(), "entries.csv"),
    "81 tab": (ENTRY.replace(";", "\t").encode(), "entries.txt"),
    "82 cp1252": (ENTRY.encode("cp1252"), "entries.csv"),
    "83 BOM": (ENTRY.encode("utf-8-sig"), "entries.csv"),
    "UTF-16": (ENTRY.encode("utf-16"), "entries.csv"),
    "a name that a browser gave": (ENTRY.encode(), "entries (2).csv"),
    "another name, but headings of one kind": (ENTRY.encode(), "från Eva.csv"),
    "91 a workbook called .csv": (book({"entries": [("id", "answer_sv"), ("x", "Ja")]}), "entries.csv"),
    "packed in a folder, by a Mac": (
        packed({"x/entries.csv": ENTRY.encode(), "__MACOSX/x/._entries.csv": b"\0"}), "x.zip",
    ),
    "columns in another order": (b"answer_sv;id\nJa;x", "entries.csv"),
    "empty rows and sheets": (book({"entries": [("id", "answer_sv"), (), ("x", "Ja"), ()], "Blad1": []}), "a.xlsx"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "name"), READ.values(), ids=READ)
def test_what_programs_save_is_read(data: bytes, name: str) -> None:
    [row] = read_upload(data, name)["entry"].rows
    assert row.cells["id"] in ("new-one", "x")
    assert row.cells["answer_sv"] in ("Så här, å.", "Så här; å.", "Ja")


REFUSED = {
    "82 wrong characters": (ENTRY.encode("cp1252").replace(b"\xe5", b"\x81"), "encoding"),
    "84 no id": (b"questions_sv;answer_sv\nHej;Ja", "heading-missing"),
    "84 a heading twice": (b"id;answer_sv;answer_sv\nx;Ja;Nej", "heading-duplicate"),
    "84 a heading of nobody": (b"id;answer_sv;svar\nx;Ja;Nej", "heading-strange"),
    "84 a heading that was changed": (b"id;answer_sw\nx;Ja", "heading-strange"),
    "85 a row too short": (b"id;answer_sv;answer_en\nx;Ja", "ragged"),
    "85 a row too long": (b"id;answer_sv\nx;Ja;Nej", "ragged"),
    "86 an open quotation mark": (b'id;answer_sv\nx;"Ja', "quotes"),
    "nothing": (b"", "empty"),
    "headings of no kind": (b"a;b\n1;2", "sheet-unknown"),
    "a web page": (b"<!DOCTYPE html><html>", "page"),
    "the old Excel": (b"\xd0\xcf\x11\xe0" + b"\0" * 600, "excel-old"),
    "92 too large": (b"x" * (LARGEST + 1), "large"),
    "92 too many rows": (b"id\n" + b"".join(b"x%d\n" % number for number in range(MOST_ROWS + 1)), "rows"),
    "100 a packed bomb": (packed({"entries.csv": b"id\n" + b"x\n" * 25_000_000}), "packed-large"),
    "a packed file with a password": (locked(), "packed"),
    "a packed file that is cut": (packed({"entries.csv": ENTRY.encode()})[:-30], "packed"),
    "a packed file of something else": (packed({"a.txt": b"x"}), "excel-damaged"),
    "many files": (packed({f"{number}.csv": b"id\nx" for number in range(60)}), "packed"),
    "macros": (packed({"xl/workbook.xml": b"<x/>", "xl/vbaProject.bin": b"\0"}), "excel-macros"),
    "OpenDocument": (packed({"content.xml": b"<x/>"}), "open-document"),
    "an entity in a workbook": (packed({"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x/>'}), "excel-doctype"),
    "a sheet of nobody": (book({"Blad1": [("id",), ("x",)]}), "sheet-unknown"),
    "a formula": (book({"entries": [("id", "answer_sv"), ("x", '=HYPERLINK("x";"y")')]}), "formula-cell"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_sheet_is_refused_with_a_reason(data: bytes, code: str) -> None:
    name = "något.csv" if code == "sheet-unknown" else "entries.csv"
    assert code in [one[3] for one in found(data, name)]


def test_90_text_of_a_csv_that_looks_like_a_formula_stays_text() -> None:
    data = b'id;answer_sv\nx;"=HYPERLINK(1)"'
    assert read_upload(data, "entries.csv")["entry"].rows[0].cells["answer_sv"] == "=HYPERLINK(1)"


def test_every_fault_of_every_sheet_is_named_at_once() -> None:
    data = packed(
        {"entries.csv": b"id;x\na;b", "plots.csv": b"status\nsold", "plots (1).csv": b"id\nx\n", "odd.csv": b"q\n1"}
    )
    assert {(sheet, code) for sheet, _, _, code in found(data, "a.zip")} == {
        ("entries.csv", "heading-strange"), ("plots.csv", "heading-missing"), ("plots (1).csv", "sheet-twice"),
        ("odd.csv", "sheet-unknown"),
    }  # fmt: skip


def test_lines_that_excel_took_from_windows_stay_lines() -> None:
    data = book({"entries": [("id", "answer_sv"), ("x", "Ett_x000D_\nTvå")]})
    assert read_upload(data, "a.xlsx")["entry"].rows[0].cells["answer_sv"] == "Ett\nTvå"


def test_a_typed_day_is_read_as_that_day() -> None:
    data = book({"jobs": [("id", "deadline"), ("x", date(2026, 12, 1))]})
    assert read_upload(data, "a.xlsx")["job"].rows[0].cells["deadline"] == "2026-12-01"


@pytest.fixture(scope="module")
def plots() -> dict[Key, Item]:
    return items_of(load(KNOWLEDGE), ("plot",))


def saved_in_britain(rows: Sequence[Sequence[str]]) -> bytes:
    """With commas, and quotation marks only where they are needed."""
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue().encode()


WRITERS: dict[str, Callable[..., bytes]] = {"a.xlsx": write_workbook, "a.zip": write_csv_files}


@pytest.mark.parametrize("name", WRITERS)
def test_a_file_saved_anew_by_another_program_says_the_same(name: str, plots: dict[Key, Item]) -> None:
    sheets = sheets_of(plots, ["plot"])
    rows = [list(sheets[0].headings), *map(list, sheets[0].rows)]
    anew = book({"plots": rows}) if name == "a.xlsx" else saved_in_britain(rows)
    given = read_upload(WRITERS[name](sheets), name)["plot"]
    read = read_upload(anew, "plots.csv" if name == "a.zip" else name)["plot"]
    assert [row.cells for row in read.rows] == [row.cells for row in given.rows]
