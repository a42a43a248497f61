"""What sheets change: only what somebody worked on, nothing that somebody else did, and every fault by its cell."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot import (
    ExchangeError,
    Intake,
    Key,
    Knowledge,
    Scope,
    Sheet,
    as_plain,
    fingerprint,
    items_of,
    lay_over,
    load,
    read_item,
    read_upload,
    sheets_of,
    take_in,
    write_csv,
)

KNOWLEDGE = Path(__file__).parent / "knowledge"
NORRBY = "municipalities/norrby"
PLOTS = Key(NORRBY, "entry", "plots")
OPEN = Scope([NORRBY, "vocabulary"], NORRBY)


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(KNOWLEDGE)


def exported(knowledge: Knowledge, kind: Any = "entry", layer: str = NORRBY) -> Sheet:
    [sheet] = sheets_of({key: item for key, item in items_of(knowledge, (kind,)).items() if key.layer == layer}, [kind])
    return sheet


def edited(sheet: Sheet, row: int, **cells: str) -> Sheet:
    rows = [list(one) for one in sheet.rows]
    for name, text in cells.items():
        rows[row][sheet.headings.index(name)] = text
    return replace(sheet, rows=tuple(map(tuple, rows)))


def added(sheet: Sheet, **cells: str) -> Sheet:
    row = tuple(cells.get(name, "") for name in sheet.headings)
    return replace(sheet, rows=(*sheet.rows, row))


def taken(sheet: Sheet, knowledge: Knowledge, scope: Scope = OPEN, **options: Any) -> Intake:
    tables = read_upload(write_csv(sheet), f"{sheet.name}.csv")
    return take_in(tables, knowledge, items_of(knowledge), scope, **options)


def faults(sheet: Sheet, knowledge: Knowledge, scope: Scope = OPEN) -> list[tuple[int, str, str]]:
    with pytest.raises(ExchangeError) as caught:
        taken(sheet, knowledge, scope)
    return [(one.row, one.column, one.code) for one in caught.value.problems]


def row_of(sheet: Sheet, name: str) -> int:
    return next(number for number, row in enumerate(sheet.rows) if row[0] == name)


def test_only_what_was_worked_on_changes(knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    found = taken(edited(sheet, row_of(sheet, "plots"), answer_sv="Norrby har tretton tomter."), knowledge)
    [change] = found.changes
    assert (change.key, found.untouched) == (PLOTS, len(sheet.rows) - 1)
    before, after = as_plain(change.before), as_plain(change.after)
    assert after["answer"] == {**before["answer"], "sv": "Norrby har tretton tomter."}
    assert {name for name in after if after[name] != before.get(name)} <= {"answer", "en_of"}


def test_english_written_anew_is_of_the_swedish_beside_it(knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    found = taken(edited(sheet, row_of(sheet, "plots"), answer_sv="Tretton.", answer_en="Thirteen."), knowledge)
    assert as_plain(found.changes[0].after)["en_of"] == fingerprint("Tretton.")


def test_rows_and_columns_that_are_left_out_stay(knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    row = dict(zip(sheet.headings, sheet.rows[row_of(sheet, "plots")], strict=True))
    small = Sheet("entry", ("id", "answer_sv", "version"), ((row["id"], "Ny.", row["version"]),))
    [change] = taken(small, knowledge).changes
    assert as_plain(change.after)["questions"] == as_plain(change.before)["questions"]
    assert as_plain(change.after)["answer"]["sv"] == "Ny."


def test_a_row_is_added_and_another_taken_away(knowledge: Knowledge) -> None:
    sheet = exported(knowledge, "fact")
    sheet = edited(sheet, 0, remove="ja")
    sheet = added(
        sheet, id="trees", label_sv="Träd", value="12", source_url="https://x.example", source_copied="2026-11-21"
    )
    found = taken(sheet, knowledge)
    assert [(one.key.id, one.before is None, one.after is None) for one in found.changes] == [
        (sheet.rows[0][0], False, True),
        ("trees", True, False),
    ]
    assert found.changes[1].key.layer == NORRBY


def test_links_are_counted_anew(knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    cells = {"link_3_url": "https://x.example", "link_3_sv": "Tre"}
    [change] = taken(edited(sheet, row_of(sheet, "plots"), **cells), knowledge).changes
    assert as_plain(change.after)["links"][-1] == {"url": "https://x.example", "label": {"sv": "Tre"}}


FAULTS = {
    "no id": ({"id": ""}, "id", "missing"),
    "an id that is none": ({"id": "Är det", "version": ""}, "id", "id"),
    "an id that a program changed": ({"id": "02-mar"}, "id", "id-changed"),
    "an unknown contact": ({"contacts": "nobody"}, "contacts", "reference"),
    "89 a day": ({"source_copied": "1/2/24"}, "source_copied", "day-year"),
    "a text too long": ({"answer_sv": "x" * 2_001}, "answer_sv", "long"),
    "a link of another kind": ({"link_1_url": "javascript:alert(1)"}, "link_1_url", "link-scheme"),
    "somebody else's layer": ({"layer": "national"}, "layer", "layer-closed"),
    "the shared words' layer": ({"layer": "vocabulary"}, "layer", "layer-closed"),
    "a word for taking away": ({"remove": "kanske"}, "remove", "remove-word"),
    "nothing to take away": ({"id": "none-such", "version": "", "remove": "yes"}, "remove", "remove-nothing"),
    "days the wrong way round": ({"valid_from": "2027-02-01", "valid_to": "2027-01-01"}, "valid_to", "validity"),
    "a choice that is none": ({"shows": "plotz"}, "shows", "choice"),
    "a number for months": (
        {"checked_on": "2026-01-01", "checked_by": "X", "checked_every": "ett"}, "checked_every", "number",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("cells", "column", "code"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_named_by_its_cell(cells: dict[str, str], column: str, code: str, knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    row = row_of(sheet, "plots")
    assert (row + 2, column, code) in faults(edited(sheet, row, **cells), knowledge)


def test_99_an_id_that_stands_twice(knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    twice = replace(sheet, rows=(*sheet.rows, sheet.rows[0]))
    assert faults(twice, knowledge) == [(len(sheet.rows) + 2, "id", "duplicate-row")]


def test_what_others_point_to_is_not_taken_away(knowledge: Knowledge) -> None:
    sheet = exported(knowledge, "contact")
    found = faults(edited(sheet, row_of(sheet, "building-office"), remove="yes"), knowledge)
    assert {code for _, _, code in found} == {"reference"}


def test_frames_are_one_row(knowledge: Knowledge) -> None:
    sheet = added(exported(knowledge, "frames", "vocabulary"), id="others", words="hur")
    assert (2, "id", "single-row") in [(2, column, code) for _, column, code in faults(sheet, knowledge)]


def changed(knowledge: Knowledge, key: Key, **values: Any) -> Knowledge:
    plain = {**as_plain(items_of(knowledge)[key]), **values}
    return lay_over(knowledge, {key: read_item(key.kind, plain)})


THEIRS = {"answer": {"sv": "Deras.", "en": "Theirs."}}


def test_what_somebody_else_changed_is_not_written_over(knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    now = changed(knowledge, PLOTS, **THEIRS)
    found = taken(edited(sheet, row_of(sheet, "plots"), answer_sv="Mitt."), now)
    [clash] = found.clashes
    assert (found.changes, clash.key, clash.why) == ([], PLOTS, "changed")
    assert as_plain(clash.now)["answer"]["sv"] == "Deras."  # type: ignore[arg-type]  # it is there
    assert clash.yours is not None
    assert clash.yours["answer"]["sv"] == "Mitt."


@pytest.mark.parametrize("is_known", [True, False], ids=["version known", "version unknown"])
def test_an_old_row_that_nobody_touched_changes_nothing(knowledge: Knowledge, *, is_known: bool) -> None:
    sheet, before = exported(knowledge), as_plain(items_of(knowledge)[PLOTS])
    found = taken(sheet, changed(knowledge, PLOTS, **THEIRS), base=lambda key, version: before if is_known else None)
    assert (found.changes, found.clashes) == ([], [])


def test_what_says_the_same_as_somebody_else_is_no_conflict(knowledge: Knowledge) -> None:
    now = changed(knowledge, PLOTS, answer={**as_plain(items_of(knowledge)[PLOTS])["answer"], "sv": "Samma."})
    sheet = exported(knowledge)
    mark = dict(zip(exported(now).headings, exported(now).rows[row_of(sheet, "plots")], strict=True))
    cells = {"answer_sv": "Samma.", "english_made_from": mark["english_made_from"]}
    found = taken(edited(sheet, row_of(sheet, "plots"), **cells), now)
    assert (found.changes, found.clashes) == ([], [])


def test_what_was_taken_away_meanwhile_is_a_conflict(knowledge: Knowledge) -> None:
    sheet, before = exported(knowledge), as_plain(items_of(knowledge)[PLOTS])
    now = lay_over(knowledge, {PLOTS: None})
    edit = edited(sheet, row_of(sheet, "plots"), answer_sv="Mitt.")
    assert [one.why for one in taken(edit, now, base=lambda key, version: before).clashes] == ["gone"]
    assert (row_of(sheet, "plots") + 2, "id", "id-changed") in faults(edit, now)


def test_a_row_without_a_version_does_not_write_over_what_is_there(knowledge: Knowledge) -> None:
    sheet = exported(knowledge)
    edit = edited(sheet, row_of(sheet, "plots"), answer_sv="Mitt.", version="")
    assert [one.why for one in taken(edit, knowledge).clashes] == ["exists"]


def test_rows_of_other_layers_may_stand_there_untouched(knowledge: Knowledge) -> None:
    sheet = exported(knowledge, layer="national")
    assert taken(sheet, knowledge).untouched == len(sheet.rows)


def test_fifty_faults_in_five_thousand_rows_are_all_named(knowledge: Knowledge) -> None:
    cells = {
        "questions_sv": "Hur då?",
        "answer_sv": "Ja.",
        "source_url": "https://x.example",
        "source_copied": "2026-01-01",
    }
    sheet = exported(knowledge)
    rows = [
        [f"row-{number}" if name == "id" else cells.get(name, "") for name in sheet.headings] for number in range(5_000)
    ]
    wrong = [("source_copied", "1/2/24"), ("contacts", "nobody"), ("answer_sv", "x" * 2_001), ("link_1_url", "htp:/x")]
    expected = set()
    for number in range(50):
        column, text = wrong[number % len(wrong)]
        rows[number * 97][sheet.headings.index(column)] = text
        expected.add((number * 97 + 2, column))
    found = faults(replace(sheet, rows=tuple(map(tuple, rows))), knowledge)
    assert {(row, column) for row, column, _ in found} == expected
    assert len(found) == 50
