"""CSV and Excel workbooks as spreadsheet programs save them; list 81–86, 90–92 and 100 of the bad inputs."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from bot import ExchangeError, Table, read_sheet

FIXTURES = Path(__file__).parent / "fixtures"
ROWS = (("Beteckning", "Ort", "Pris"), ("Vindeln 7:31", "Hällnäs", "150 000 kr"))


def csv(delimiter: str = ";", rows: Sequence[Sequence[str]] = ROWS, end: str = "\r\n") -> str:
    return "".join(delimiter.join(row) + end for row in rows)


def workbook(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def packed(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    return held.getvalue()


def cells(table: Table) -> list[tuple[str, ...]]:
    return [tuple(row.cells.values()) for row in table.rows]


READ = {
    "81 semicolon": (csv(";").encode(), "a.csv"),
    "81 comma": (csv(",").encode(), "a.csv"),
    "81 tab": (csv("\t").encode(), "a.txt"),
    "81 Excel says the separator": (b"sep=,\r\n" + csv(",").encode(), "a.csv"),
    "82 cp1252": (csv().encode("cp1252"), "a.csv"),
    "83 BOM": (csv().encode("utf-8-sig"), "a.csv"),
    "UTF-16, as Excel's Unicode text": (csv("\t").encode("utf-16"), "a.txt"),
    "unix lines": (csv(end="\n").encode(), "a.csv"),
    "old Mac lines": (csv(end="\r").encode(), "a.csv"),
    "quotes": (csv(rows=[[f'"{cell}"' for cell in row] for row in ROWS]).encode(), "a.csv"),
    "empty lines and cells at the end": (
        (";;\n" + csv(rows=[[*row, ""] for row in ROWS]) + ";;\n\n").encode(),
        "a.csv",
    ),
    "a workbook": (workbook(*ROWS), "a.xlsx"),
    "91 a workbook called .csv": (workbook(*ROWS), "a.csv"),
    "91 text called .xlsx": (csv().encode(), "a.xlsx"),
}


@pytest.mark.parametrize(("data", "name"), READ.values(), ids=READ)
def test_a_table_is_read(data: bytes, name: str) -> None:
    table = read_sheet(data, name)
    assert table.columns == ("Beteckning", "Ort", "Pris")
    assert cells(table) == [("Vindeln 7:31", "Hällnäs", "150 000 kr")]


@pytest.mark.parametrize("name", ["91 a workbook called .csv", "91 text called .xlsx"])
def test_91_a_wrong_name_is_told(name: str) -> None:
    (note,) = read_sheet(*READ[name]).notes
    assert "by its content" in note


def test_82_the_character_set_is_told() -> None:
    (note,) = read_sheet((FIXTURES / "lediga_tomter_cp1252.csv").read_bytes(), "a.csv").notes
    assert "Windows-1252" in note


def test_rows_are_numbered_as_a_spreadsheet_program_does() -> None:
    table = read_sheet(b'A;B\n1;"two\nlines"\n\n3;4\n', "a.csv")
    assert [row.number for row in table.rows] == [2, 4]


def bomb() -> bytes:
    return packed(xl__workbook_xml=b"<x/>", xl__sheet_xml=b"\0" * 200_000_000)


REFUSED = {
    "82 UTF-8 read as cp1252": (csv().encode().decode("cp1252").encode(), 2, "mojibake"),
    "84 no heading over values": (b"A;;C\n1;2;3\n", 1, "heading-empty"),
    "84 a heading twice": (b"A;B;A\n1;2;3\n", 1, "heading-duplicate"),
    "85 a cell too many": (b"A;B\n1;2\n1;2;3\n", 3, "ragged"),
    "85 a cell too few": (b"A;B\n1;2\n\n1\n", 4, "ragged"),
    "86 a quotation mark that stays open": (b'A;B\n1;"2\n3;4\n', 2, "quotes"),
    "86 text after a quotation mark": (b'A;B\n1;"2"x\n', 2, "quotes"),
    "91 the old Excel format": (b"\xd0\xcf\x11\xe0\xa1\xb1", 0, "excel-old"),
    "a web page": (b"<!DOCTYPE html><p>Logga in", 0, "page"),
    "92 20,001 rows": (b"A;B\n" + b"1;2\n" * 20_001, 0, "rows"),
    "92 20,001 rows in a workbook": (workbook(("A",), *[(1,)] * 20_001), 0, "rows"),
    "92 over 20 MB": (b"A" * 20_000_001, 0, "large"),
    "92 a million columns": (b";" * 1_000_000, 0, "columns"),
    "92 300 columns in a workbook": (workbook(["A"] * 300), 0, "columns"),
    "100 a bomb": (bomb(), 0, "excel-packed"),
    "100 many members": (packed(**{f"a{n}": b"" for n in range(600)}), 0, "excel-packed"),
    "100 entities": (packed(xl__workbook_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'), 0, "excel-doctype"),
    "another packed file": (packed(document_xml=b"<x/>"), 0, "excel-damaged"),
    "a damaged workbook": (workbook(*ROWS)[:-200], 0, "excel-damaged"),
    "a workbook of nonsense": (packed(xl__workbook_xml=b"<x/>"), 0, "excel-damaged"),
    "an empty file": (b"", 0, "empty"),
    "only empty lines": (b";;\r\n\r\n", 0, "empty"),
    "an empty workbook": (workbook(), 0, "empty"),
    "no text at all": (b"\x81\x8d\x8f\x90\x9d", 0, "encoding"),
}


@pytest.mark.parametrize(("data", "row", "code"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_named(data: bytes, row: int, code: str) -> None:
    with pytest.raises(ExchangeError) as raised:
        read_sheet(data, "a.csv")
    assert {(problem.row, problem.code) for problem in raised.value.problems} == {(row, code)}
    assert all(str(problem) for problem in raised.value.problems)


def test_82_what_was_meant_is_offered() -> None:
    with pytest.raises(ExchangeError, match="'Hällnäs'"):
        read_sheet(REFUSED["82 UTF-8 read as cp1252"][0], "a.csv")


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(ExchangeError) as raised:
        read_sheet("A;A\n1;2;3\nx;HÃ¤llnÃ¤s\n4\n".encode(), "a.csv")
    found = [problem.code for problem in raised.value.problems]
    assert found == ["heading-duplicate", "ragged", "mojibake", "ragged"]


def test_typed_cells_come_as_a_person_writes_them() -> None:
    row = (1240.0, 1240.5, 1.125, date(2026, 11, 22), datetime(2026, 11, 22), True, None, "=1+1", "x")
    table = read_sheet(workbook("ABCDEFGHI", row), "a.xlsx")
    (found,) = cells(table)
    assert found == ("1240", "1240.5", "1.1250", "2026-11-22", "2026-11-22", "true", "", "=1+1", "x")


def test_90_a_formula_is_text() -> None:
    formula = '=HYPERLINK("https://evil.example")'
    assert cells(read_sheet(workbook(("A",), (formula,)), "a.xlsx")) == [(formula,)]
    assert cells(read_sheet(b"A;B\n=HYPERLINK(x);1\n", "a.csv")) == [("=HYPERLINK(x)", "1")]


def test_the_first_sheet_that_shows_is_read() -> None:
    book = Workbook()
    book.active.sheet_state = "hidden"
    book.create_sheet("Tomter").append(["A"])
    book["Tomter"].append(["1"])
    held = io.BytesIO()
    book.save(held)
    assert cells(read_sheet(held.getvalue(), "a.xlsx")) == [("1",)]
