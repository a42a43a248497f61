"""The tasks of plan.yaml: read strictly, laid over each other, formatted, described and held to account."""

from datetime import date
from pathlib import Path

import pytest

from bot.content.formatting import formatted
from bot.content.library import inspect, load
from bot.content.schema import json_schemas
from bot.quality.checks import check
from bot.tasks import Answers, Condition, Offset

MUNICIPALITY = """
id: norrby
name: {sv: Norrby, en: Norrby}
code: "9901"
switchboard: switchboard
"""
CONTACTS = """
contacts:
  - id: switchboard
    name: {sv: Växeln, en: Switchboard}
    phone: 0933-140 00
"""
ENTRIES = """
entries:
  - id: school
    questions: {sv: [skola], en: [school]}
    answer: {sv: Ring oss., en: Call us.}
"""
TASK = """
plan:
  - id: enrol
    when: -90
    title: {sv: Anmäl, en: Enrol}
    text: {sv: Ring oss., en: Call us.}
    why: {sv: Det tar tid., en: It takes time.}
    who: {sv: Kommunen, en: The municipality}
    entry: school
    general: true
"""


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "municipalities/norrby/municipality.yaml", MUNICIPALITY)
    write(tmp_path, "municipalities/norrby/contacts.yaml", CONTACTS)
    write(tmp_path, "national/family.yaml", ENTRIES)
    write(tmp_path, "national/plan.yaml", TASK)
    return tmp_path


def messages(folder: Path) -> list[str]:
    return [str(problem) for problem in inspect(folder)[1]]


def local(folder: Path, task: str) -> None:
    write(folder, "municipalities/norrby/plan.yaml", f"plan:\n  - id: enrol\n{task}")


# reading


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("-90", "soon", "plan.0.when: 'soon' is not a time from the move; write days, as in -90, or 3 months 7 days"),
        ("-90", "''", "plan.0.when: is missing"),
        ("-90", "1.5", "'1.5' is not a time from the move"),
        ("-90", "'- 90'", "is not a time from the move"),
        ("-90", "99999", "'99999' is not a time from the move"),
        ("    when: -90\n", "", "plan.0.when: is missing"),
        ("general: true", "general: yes", "'yes': write true or false"),
        ("    general: true\n", "", "plan.0.source: has no source; name one, or write 'general: true'"),
        ("entry: school", "entry: scool", "plan.0.entry: no entry with the id 'scool'; did you mean 'school'?"),
        ("entry: school", "contact: swichboard", "plan.0.contact: no contact with the id 'swichboard'; did you mean"),
        ("entry: school", "deadline: -100", "plan.0.deadline: the last day lies before the day to do it"),
        ("entry: school", "dedline: 7", "plan.0.dedline: unknown field; did you mean 'deadline'?"),
        ("entry: school", "season: {from: 02-30, to: 03-31}", "'02-30' is not a day of every year; write MM-DD"),
        ("entry: school", "season: {from: 02-29, to: 03-31}", "'02-29' is not a day of every year"),
        ("entry: school", "season: {from: 12-01}", "plan.0.season.to: is missing"),
        ("entry: school", "if: {colour: [red]}", "plan.0.if.colour: unknown field; known: origin, citizenship"),
        ("entry: school", "if: {childern: [school]}", "plan.0.if.childern: unknown field; did you mean 'children'?"),
        ("entry: school", "if: {home: [rentnig]}", "'renting', 'buying' or 'building'; did you mean 'renting'?"),
        ("entry: school", "if: {home: renting}", "plan.0.if.home: expected a list"),
        ("entry: school", "if: {car: maybe}", "plan.0.if.car: 'maybe': write true or false"),
        ("entry: school", "valid: {from: 2026-02-30}", "'2026-02-30' is not a date"),
        ("id: enrol", "id: En rol", "'En rol' is not an id"),
    ],
)
def test_a_wrong_task_is_named_with_its_line(folder: Path, old: str, new: str, says: str) -> None:
    write(folder, "national/plan.yaml", TASK.replace(old, new))
    found = messages(folder)
    assert any(says in message for message in found), found
    assert all(message.startswith("national/plan.yaml:") for message in found)


def test_all_problems_are_told_at_once(folder: Path) -> None:
    broken = TASK.replace("-90", "soon").replace("school", "skolan").replace("    why", "    wy")
    write(folder, "national/plan.yaml", broken)
    found = messages(folder)
    assert any("is not a time from the move" in message for message in found)
    assert any("unknown field; did you mean 'why'?" in message for message in found)
    write(folder, "national/plan.yaml", TASK.replace("school", "skolan").replace("    why", "    # why"))
    found = messages(folder)
    assert any("no entry with the id 'skolan'" in message for message in found)
    assert any("plan.0.why: is missing" in message for message in found)


def test_a_task_stands_once_in_a_layer(folder: Path) -> None:
    write(folder, "national/plan.yaml", TASK + TASK.removeprefix("\nplan:\n"))
    assert any("the id 'enrol' is already used in national/plan.yaml:3" in message for message in messages(folder))


@pytest.mark.parametrize(
    ("written", "offset", "day"),
    [
        ("-90", Offset(days=-90), "2027-03-03"),
        ("0", Offset(), "2027-06-01"),
        ("14 days", Offset(days=14), "2027-06-15"),
        ("1 day", Offset(days=1), "2027-06-02"),
        ("3 months", Offset(3), "2027-09-01"),
        ("3 months 7 days", Offset(3, 7), "2027-09-08"),
        ("-6 months", Offset(-6), "2026-12-01"),
        ("12 months", Offset(12), "2028-06-01"),
    ],
)
def test_a_time_from_the_move_is_counted(folder: Path, written: str, offset: Offset, day: str) -> None:
    write(folder, "national/plan.yaml", TASK.replace("-90", written))
    when = load(folder).view("norrby").tasks["enrol"].when
    assert when == offset
    assert offset.after(date(2027, 6, 1)) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "offset", "then"),
    [
        ("2026-11-30", Offset(3), "2027-02-28"),
        ("2027-11-30", Offset(3), "2028-02-29"),
        ("2026-12-31", Offset(2, 7), "2027-03-07"),
        ("2027-03-31", Offset(-1), "2027-02-28"),
    ],
)
def test_a_month_that_is_too_short_gives_its_last_day(day: str, offset: Offset, then: str) -> None:
    assert offset.after(date.fromisoformat(day)) == date.fromisoformat(then)


# conditions


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(), True),
        (Condition(origin=("abroad", "returning")), True),
        (Condition(origin=("sweden",)), False),
        (Condition(children=("school", "teenager")), True),
        (Condition(children=("preschool",)), False),
        (Condition(origin=("abroad",), citizenship=("other",)), False),
        (Condition(car=True), True),
        (Condition(animals=True), False),
        (Condition(animals=False), True),
    ],
)
def test_a_condition_holds_where_each_question_named_has_one_of_the_answers(condition: Condition, holds: bool) -> None:
    assert condition.holds(Answers("abroad", "eu", ("school",), car=True)) is holds


# layers


def test_a_municipality_changes_what_it_writes_and_keeps_the_rest(folder: Path) -> None:
    local(folder, "    when: -30\n    contact: switchboard\n")
    task = load(folder).view("norrby").tasks["enrol"]
    assert (task.when, task.contact, task.entry, task.general) == (Offset(days=-30), "switchboard", "school", True)
    assert task.text is not None
    assert task.text.en == "Call us."


def test_a_text_brings_its_own_law_source_and_translation_mark(folder: Path) -> None:
    law = "    law: {sv: Skollagen, en: Education Act}\n    en_of: abcdef\n"
    write(folder, "national/plan.yaml", TASK + law)
    local(folder, "    text: {sv: Gå dit.}\n    source: {url: https://x.se, copied: 2026-11-21}\n")
    task = load(folder).view("norrby").tasks["enrol"]
    assert (task.law, task.en_of, task.general) == (None, None, False)
    assert task.source is not None
    assert task.text is not None
    assert task.text.en is None


def test_a_layer_leaves_a_task_out(folder: Path) -> None:
    local(folder, "    left_out: true\n")
    assert load(folder).view("norrby").tasks == {}


def test_a_fault_of_the_whole_is_told_where_it_was_made(folder: Path) -> None:
    local(folder, "    text: {sv: Gå dit., en: Go there.}\n")
    (found,) = messages(folder)
    assert found.startswith("municipalities/norrby/plan.yaml:2:5: plan.0.source: has no source")


# keeping it in shape


def test_a_task_gets_one_shape_and_the_mark_of_its_translation() -> None:
    source = "plan:\n- text: {sv: Ring., en: Call.}\n  if: {car: true}\n  id: enrol\n  when: -90\n"
    text = formatted(source, "plan.yaml")
    keys = [line.split(":")[0].strip(" -") for line in text.splitlines()]
    assert keys == ["plan", "id", "when", "if", "text", "en_of"]
    assert formatted(text, "plan.yaml") == text


def test_editors_are_told_what_a_task_may_hold() -> None:
    schema = json_schemas()["plan"]
    task = schema["$defs"]["Task"]["properties"]
    assert {"id", "when", "deadline", "season", "if", "who", "law", "entry", "source"} <= set(task)
    assert schema["$defs"]["Condition"]["additionalProperties"] is False


def test_what_is_not_translated_is_to_fill_and_what_is_outdated_is_due(folder: Path) -> None:
    write(
        folder, "national/plan.yaml", TASK.replace("Enrol}", "''}").replace("    why", "    en_of: '000000'\n    why")
    )
    report = check(folder, date(2026, 11, 22), with_recall=False)
    assert ("enrol", "task-untranslated") in {(finding.entry, finding.code) for finding in report.to_fill}
    assert ("enrol", "translation-outdated") in {(finding.entry, finding.code) for finding in report.due}
