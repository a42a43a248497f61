"""Plots and jobs ⇄ JSON lines, and what an import would change."""

from dataclasses import replace
from datetime import date

import pytest

from bot import Job, KnowledgeError, Localized, Plot, Source, compare, make_id, read_records, write_records

SOURCE = Source("https://n.example/1", date(2026, 11, 22), date(2026, 1, 2))
PLOT = Plot(
    "a-1", "available", "A 1", "Hällnäs", "house", 1240.5, 150_000, None, Localized("bygg ”stort”", None), "DP", True,
    False, None, ((64.2, 19.7), (64.3, 19.7), (64.3, 19.8)), Localized("kö"), "https://n.example/1", SOURCE,
)  # fmt: skip
JOB = Job("j-1", Localized("Kock\u2028vid"), "X", "chef", "Granö", "part-time", date(2026, 12, 31), None, SOURCE)


@pytest.mark.parametrize(("kind", "record"), [("plots", PLOT), ("jobs", JOB)], ids=["plot", "job"])
def test_a_record_is_read_back_as_it_was_written(kind: str, record: Plot | Job) -> None:
    text = write_records([record, replace(record, id="other")])
    assert text.count("\n") == 2
    assert read_records(kind, text.encode().split(b"\n")[:-1], "f") == {
        record.id: record,
        "other": replace(record, id="other"),
    }


def test_no_records_are_no_lines() -> None:
    assert write_records([]) == ""
    assert read_records("plots", [], "f") == {}


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{",
        b"[]",
        b'{"id":"a"}',
        b'{"id":"A!","status":"sold"}',
        b'{"id":"a","status":"sold","extra":1}',
        b'{"id":"a","status":"sold","area_m2":NaN}',
        b'{"id":"a","status":"sold","position":[200,1]}',
        b'{"id":"a","status":"sold","url":"javascript:x"}',
        b'{"id":"a-1","status":"sold"}',
    ],
)
def test_a_line_that_is_no_plot_is_named_by_its_number(line: bytes) -> None:
    first = write_records([PLOT]).encode().strip()
    with pytest.raises(KnowledgeError) as raised:
        read_records("plots", [first, line], "feed.jsonl", first=2)
    assert [(problem.file, problem.line) for problem in raised.value.problems] == [("feed.jsonl", 3)]
    assert str(raised.value)


def test_rows_are_new_changed_gone_or_kept() -> None:
    copied = replace(PLOT, source=replace(SOURCE, copied=date(2027, 1, 1)))
    cheaper = replace(PLOT, id="b", price_kr=100_000, position=(64.2, 19.7))
    before = {"a-1": PLOT, "b": replace(PLOT, id="b"), "c": replace(PLOT, id="c")}
    found = compare(before, {"a-1": copied, "b": cheaper, "d": replace(PLOT, id="d")})
    assert (found.new, found.gone, found.kept) == (("d",), ("c",), ("a-1",))
    changes = [(change.field, change.before, change.after) for change in found.changed["b"]]
    assert changes == [("price_kr", "150000", "100000"), ("position", "–", "(64.2, 19.7)")]
    assert not found.is_empty


@pytest.mark.parametrize(
    ("name", "made"),
    [("Vindeln 7:31", "vindeln-7-31"), ("lediga_tomter.1", "lediga-tomter-1"), (" Å/Ä–Ö ", "a-a-o"), ("x", "x")],
)
def test_a_name_becomes_an_id(name: str, made: str) -> None:
    assert make_id(name) == made
