"""The cells of a row say all that an item says, and are read back as the same; people may write freely."""

from dataclasses import fields
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st
from strategies import ITEMS

from bot import (
    KINDS,
    Key,
    Kind,
    KnowledgeError,
    as_plain,
    cleaned,
    read_item,
    read_upload,
    sheets_of,
    write_csv,
    write_workbook,
)
from bot.content.schema import alias
from bot.exchange.cells import CellError
from bot.exchange.columns import COLUMNS, cells_of, heading_of, plain_of
from bot.exchange.problems import ROW_MESSAGES
from bot.exchange.shapes import text_of, value_of
from web.staff.sheet_faults import WORDS

IN_SHEETS = tuple(kind for kind in KINDS if kind != "municipality")


def whole(plain: Any) -> Any:
    """Plain values without named fields that hold nothing, which no cell can tell from nothing."""
    if isinstance(plain, dict):
        found = {name: whole(value) for name, value in plain.items()}
        return {name: value for name, value in found.items() if value not in ({}, [])}
    return [whole(value) for value in plain] if isinstance(plain, list) else plain


@pytest.mark.parametrize("kind", IN_SHEETS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(data=st.data())
def test_an_item_is_read_back_as_it_was(kind: Kind, data: st.DataObject) -> None:
    plain = cleaned(as_plain(data.draw(ITEMS[kind])))  # as everything is that staff write
    try:
        item = read_item(kind, plain)
    except KnowledgeError:
        reject()
    cells = cells_of(kind, plain)
    made, faults = plain_of(kind, {name: text.strip() for name, text in cells.items()})
    assert faults == []
    assert whole(as_plain(read_item(kind, {**made, "id": item.id}))) == whole(as_plain(item))
    kept, faults = plain_of(kind, cells, plain)
    assert (cells_of(kind, kept), faults) == (cells, [])


@pytest.mark.parametrize("kind", IN_SHEETS)
def test_every_field_of_a_kind_has_a_column(kind: Kind) -> None:
    held = {column.path[0] for column in COLUMNS[kind]} | ({"links"} if kind == "entry" else set())
    item = type(_example(kind))
    assert held == {alias(item, field.name) for field in fields(item)} - {"id"}


def _example(kind: Kind) -> Any:
    needed: dict[str, Any] = {
        "contact": {"name": {"sv": "X"}}, "plot": {"status": "sold"}, "job": {"title": {"sv": "X"}, "employer": "Y"},
        "place": {"name": {"sv": "X"}, "kind": "village"}, "group": {"words": ["x"]}, "frames": {"words": ["x"]},
        "fact": {"label": {"sv": "X"}, "value": "1", "source": {"url": "https://x.se", "copied": "2026-01-01"}},
        "question": {"question": "hej hej"}, "theme": {"questions": {"sv": ["hej hej"]}},
        "occupation": {"sv": ["x"], "en": ["y"]},
    }  # fmt: skip
    return read_item(kind, {"id": "x", **needed.get(kind, {})})


WRITTEN = {
    "decimal comma and unit": ("plot", "area_m2", "1 250 000,50 m²", 1250000.5),
    "a price in kr": ("plot", "price_kr", "150 000 kr", 150000),
    "a day of the year made a date": ("entry", "season_from", "2026-04-01", "04-01"),
    "a Swedish word": ("plot", "status", "Ledig", "available"),
    "yes": ("plot", "water_sewage", "ja", True),
    "SWEREF 99 TM": ("plot", "position", "7129012, 728726", [64.2, 19.7]),
    "a day as people write it": ("job", "deadline", "1 december 2026", "2026-12-01"),
    "hours as people write them": ("contact", "hours_mon", "8–12, 13–16:30", "08:00-12:00, 13:00-16:30"),
    "an address without its scheme": ("contact", "url", "www.norrby.example", "https://www.norrby.example"),
    "ids with other signs between": ("entry", "next", "a; b\nc", ["a", "b", "c"]),
    "curly quotes and no-break spaces": ("contact", "note_sv", "”Ring” före\u00a0nio", '"Ring" före nio'),
    "lines of an answer stay": ("entry", "answer_sv", "Ett\u00a0•\n\n• två", "Ett •\n\n- två"),
}


@pytest.mark.parametrize(("kind", "heading", "text", "value"), WRITTEN.values(), ids=WRITTEN)
def test_a_cell_is_read_as_people_write(kind: Kind, heading: str, text: str, value: Any) -> None:
    plain, faults = plain_of(kind, {heading: text})
    assert faults == []
    column = next(column for column in COLUMNS[kind] if column.name == heading)
    for name in column.path:
        plain = plain[name]
    assert (pytest.approx(plain, abs=0.02) if heading == "position" else plain) == value


ODD = ("_x000D_", "x005F_", "a\\u000d", "a\rb", "\\", "a | b", "ett\u2028två", "1E+5 kronor", "#1")


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_texts_that_programs_read_as_something_else_stay(text: str) -> None:
    key, item = Key("vocabulary", "group", "x"), read_item("group", {"id": "x", "words": [text, "y"]})
    [sheet] = sheets_of({key: item}, ["group"])
    for name, data in (("a.xlsx", write_workbook([sheet])), ("groups.csv", write_csv(sheet))):
        [row] = read_upload(data, name)["group"].rows
        assert text_of("lines", [text, "y"]) == row.cells["words"]
        assert value_of("lines", row.cells["words"]) == [text, "y"]


REFUSED = {
    "88 a thousand or one and a quarter": ("plot", "price_kr", "1,250", "ambiguous"),
    "88 with a point": ("plot", "area_m2", "1.250", "ambiguous"),
    "89 a short date": ("job", "deadline", "1/2/24", "day-year"),
    "89 the first of February, or the second of January": ("job", "deadline", "1/2/2024", "day-ambiguous"),
    "Excel's power of ten": ("contact", "phone", "4,69331E+10", "mangled"),
    "Excel's error": ("fact", "value", "#REF!", "mangled"),
    "Excel in Swedish": ("fact", "value", "#VÄRDEFEL!", "mangled"),
    "a zero that Excel dropped": ("contact", "phone", "933140000", "zero-lost"),
    "a formula in a number": ("plot", "price_kr", "=A1*2", "formula"),
    "a position nowhere": ("plot", "position", "19, 64, 3", "position"),
    "days that are none": ("contact", "hours_exceptions", "a | b | c | d | e", "exception"),
}


@pytest.mark.parametrize(("kind", "heading", "text", "code"), REFUSED.values(), ids=REFUSED)
def test_a_cell_that_can_mean_several_things_is_named(kind: Kind, heading: str, text: str, code: str) -> None:
    _, faults = plain_of(kind, {heading: text, "hours_mon": "8-12"} if "hours" in heading else {heading: text})
    assert [(name, error.code) for name, error in faults] == [(heading, code)]
    for error in (faults[0][1], CellError("hours-missing")):
        assert ROW_MESSAGES[error.code].format_map(error.values)


def test_hours_without_a_day_are_named_and_not_closed() -> None:
    _, faults = plain_of("contact", {"hours_from": "2026-01-01"})
    assert [(name, error.code) for name, error in faults] == [("hours_mon", "hours-missing")]


def test_a_fact_has_one_value_or_one_in_each_language() -> None:
    _, faults = plain_of("fact", {"value": "12", "value_sv": "tolv"})
    assert [(name, error.code) for name, error in faults] == [("value_sv", "two-values")]


PATHS = {
    "a question": ("entry", "questions.sv.2", "questions_sv"),
    "a link's address": ("entry", "links.1.url", "link_2_url"),
    "a link's label": ("entry", "links.0.label.sv", "link_1_sv"),
    "a whole block": ("contact", "source", "source_url"),
    "hours": ("place", "hours.mon", "hours_mon"),
    "the id": ("group", "id", "id"),
    "English made from": ("entry", "en_of", "english_made_from"),
}


@pytest.mark.parametrize(("kind", "path", "heading"), PATHS.values(), ids=PATHS)
def test_a_problem_is_told_by_its_column(kind: Kind, path: str, heading: str) -> None:
    assert heading_of(kind, path) == heading


def test_every_problem_of_a_sheet_is_said_in_words_of_its_own() -> None:
    known = {"json", "json-deep", "feed", "not-a-collection", "not-jobs", "mapping-shape", "geometry"}
    of_sheets = {code for code in ROW_MESSAGES if code in WORDS}
    assert {"formula-cell", "heading-strange", "id-changed", "layer-closed", "mangled", "ragged"} <= of_sheets
    assert known.isdisjoint(of_sheets)
