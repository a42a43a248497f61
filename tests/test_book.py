"""Sheets of all shipped knowledge, as a workbook and as CSV, are read back as the same knowledge."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from bot import (
    SHEETS,
    Item,
    Key,
    Knowledge,
    Scope,
    Sheet,
    items_of,
    lay_over,
    load,
    read_item,
    read_upload,
    sheets_of,
    take_in,
    write_csv,
    write_csv_files,
    write_workbook,
)
from bot.exchange.columns import plain_of
from bot.exchange.shapes import LONGEST

SHIPPED = Path(__file__).parent.parent / "knowledge"


@pytest.fixture(scope="module")
def shipped() -> Knowledge:
    return load(SHIPPED)


@pytest.fixture(scope="module")
def items(shipped: Knowledge) -> dict[Key, Item]:
    return items_of(shipped, tuple(SHEETS.values()))


@pytest.fixture(scope="module")
def sheets(items: Mapping[Key, Item]) -> list[Sheet]:
    return sheets_of(items)


@pytest.mark.parametrize("ending", ["xlsx", "zip"])
def test_all_shipped_knowledge_comes_back_equal(
    ending: str, sheets: list[Sheet], items: Mapping[Key, Item], shipped: Knowledge
) -> None:
    data = write_workbook(sheets, [("id", "=1+1")]) if ending == "xlsx" else write_csv_files(sheets)
    tables = read_upload(data, f"all.{ending}")
    made: dict[Key, Item] = {}
    for kind, table in tables.items():
        for row in table.rows:
            plain, faults = plain_of(kind, row.cells)
            assert faults == []
            name = row.cells["id"]
            made[Key(row.cells["layer"], kind, name)] = read_item(kind, {**plain, "id": name})
    assert made == items
    found = take_in(tables, shipped, items, Scope({key.layer for key in items}))
    assert (found.changes, found.clashes, found.untouched) == ([], [], len(items))
    assert lay_over(shipped, found.items) == shipped


def test_a_workbook_has_a_sheet_a_kind_and_says_what_may_be_chosen(sheets: list[Sheet]) -> None:
    small = [Sheet(one.kind, one.headings, one.rows[:2]) for one in sheets]
    book = openpyxl.load_workbook(io.BytesIO(write_workbook(small, [("id", "What it is")])))
    assert book.sheetnames == [*SHEETS, "guide"]
    plots = book["plots"]
    offered = {str(one.sqref).split(":")[0]: one.formula1 for one in plots.data_validations.dataValidation}
    heading = next(cell for cell in plots[1] if cell.value == "status")
    assert offered[f"{heading.column_letter}2"] == '"available,reserved,sold,upcoming"'
    area = next(cell for cell in plots[1] if cell.value == "area_m2")
    assert isinstance(plots[f"{area.column_letter}2"].value, int | float)
    assert plots.freeze_panes == "B2"


def test_csv_is_what_excel_in_sweden_opens(sheets: list[Sheet]) -> None:
    with zipfile.ZipFile(io.BytesIO(write_csv_files(sheets))) as archive:
        assert archive.namelist() == [f"{name}.csv" for name in SHEETS]
        assert archive.read("plots.csv").startswith(b'\xef\xbb\xbf"id";"status";')


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_what_is_too_long_for_a_cell_goes_on_in_the_next(ending: str) -> None:
    words = tuple(f"ord {number:05}" for number in range(8_000))
    item = read_item("frames", {"id": "frames", "words": list(words)})
    [sheet] = sheets_of({Key("vocabulary", "frames", "frames"): item}, ["frames"])
    assert sheet.headings == ("id", "words", "words (2)", "words (3)", "remove", "layer", "version")
    assert max(map(len, sheet.rows[0])) <= LONGEST
    data = write_workbook([sheet]) if ending == "xlsx" else write_csv(sheet)
    [row] = read_upload(data, f"frames.{ending}")["frames"].rows
    assert plain_of("frames", row.cells)[0]["words"] == list(words)
