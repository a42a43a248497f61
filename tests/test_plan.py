"""The moving plan: worked profiles on a frozen day, checked by hand against the sources, and what holds for all."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import Answers, Assistant, Knowledge, Plan, Question, View, load
from bot.dialogue.plan import make_plan

HERE = Path(__file__).parent
GOLDEN = HERE / "fixtures" / "plans"
TODAY = date(2026, 11, 22)
PROFILES = {
    "nurse-from-poland-with-two-children": Answers(
        "abroad", "eu", ("preschool", "school"), "renting", ("job",), day=date(2027, 6, 1)
    ),
    "swedish-couple-building": Answers(
        "sweden", "swedish", home="building", work=("job",), car=True, day=date(2028, 8, 15)
    ),
    "it-worker-from-india": Answers("abroad", "other", home="renting", work=("job",), day=date(2027, 3, 1)),
    "returnee-with-dog-and-company": Answers(
        "returning", "swedish", ("school",), "buying", (), company=True, animals=True, car=True, day=date(2027, 1, 10)
    ),
    "student-within-sweden": Answers("sweden", "swedish", home="renting", work=("studying",), day=date(2027, 8, 20)),
    "retired-couple-from-germany": Answers(
        "abroad", "eu", home="buying", work=("retired",), animals=True, car=True, day=date(2027, 4, 12)
    ),
    "from-ukraine-with-child": Answers(
        "abroad", "ukraine", ("school",), "undecided", ("seeking",), day=date(2026, 12, 5)
    ),
    "welder-who-rents": Answers("sweden", "swedish", home="renting", work=("job",), car=True, day=date(2026, 11, 30)),
    "finnish-family-no-date": Answers("abroad", "nordic", ("teenager",), "renting", ("job", "studying")),
}


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(HERE.parent / "knowledge")


@pytest.fixture(scope="module")
def vindeln(knowledge: Knowledge) -> View:
    return knowledge.view("vindeln")


def lines(plan: Plan) -> str:
    """Write a plan as the golden files have it: day, last day, task."""
    shown = (
        f"{_day(step.day)}  {_day(step.deadline)}  {'late ' if step.is_late else ''}{step.task.id}"
        for step in plan.steps
    )
    return "".join(f"{line}\n" for line in shown)


def _day(day: date | None) -> str:
    return day.isoformat() if day else "no date   "


@pytest.mark.parametrize("profile", PROFILES)
def test_a_worked_profile_gets_the_plan_that_was_checked_by_hand(vindeln: View, profile: str) -> None:
    plan = make_plan(vindeln, PROFILES[profile], "sv", TODAY)
    assert lines(plan) == (GOLDEN / f"{profile}.txt").read_text(encoding="utf-8")


def test_there_is_a_golden_file_for_each_profile() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(PROFILES)


# what holds for every plan

ANSWERS = st.builds(
    Answers,
    origin=st.sampled_from(["abroad", "returning", "sweden"]),
    citizenship=st.sampled_from(["swedish", "nordic", "eu", "other", "ukraine"]),
    children=st.lists(st.sampled_from(["preschool", "school", "teenager"]), unique=True).map(tuple),
    home=st.sampled_from(["undecided", "renting", "buying", "building"]),
    work=st.lists(st.sampled_from(["job", "seeking", "studying", "retired"]), unique=True).map(tuple),
    company=st.booleans(),
    animals=st.booleans(),
    car=st.booleans(),
    day=st.none() | st.dates(date(2020, 1, 1), date(2040, 12, 31)),
)
DAYS = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@settings(max_examples=300, deadline=None)
@given(answers=ANSWERS, today=DAYS)
def test_a_plan_is_in_order_has_nothing_twice_and_is_for_those_who_answered_so(
    vindeln: View, answers: Answers, today: date
) -> None:
    plan = make_plan(vindeln, answers, "en", today)
    days = [step.day for step in plan.steps if step.day]
    assert days == sorted(days)
    assert len({step.task.id for step in plan.steps}) == len(plan.steps)
    assert {step.task.id for step in plan.steps} == {
        task.id for task in vindeln.tasks.values() if task.is_for(answers, today)
    }
    for step in plan.steps:
        assert (step.day is None) == (answers.day is None)
        assert step.day is None or step.day >= today
        season = step.task.season
        assert season is None or step.day is None or season.covers(step.day)


@settings(max_examples=300, deadline=None)
@given(answers=ANSWERS, today=DAYS)
def test_a_plan_keeps_to_the_conditions_of_its_tasks(vindeln: View, answers: Answers, today: date) -> None:
    for step in make_plan(vindeln, answers, "en", today).steps:
        wanted = step.task.condition
        if wanted is None:
            continue
        assert not wanted.origin or answers.origin in wanted.origin
        assert not wanted.citizenship or answers.citizenship in wanted.citizenship
        assert not wanted.home or answers.home in wanted.home
        assert not wanted.children or set(wanted.children) & set(answers.children)
        assert not wanted.work or set(wanted.work) & set(answers.work)
        assert not wanted.company or answers.company
        assert not wanted.animals or answers.animals
        assert not wanted.car or answers.car


@settings(max_examples=100, deadline=None)
@given(answers=ANSWERS.filter(lambda answers: answers.day is not None), days=st.integers(1, 400))
def test_who_moves_later_does_nothing_earlier(vindeln: View, answers: Answers, days: int) -> None:
    assert answers.day is not None
    today = answers.day - timedelta(days=700)
    later = Answers(**{**_said(answers), "day": answers.day + timedelta(days=days)})
    first, second = (
        {step.task.id: step.day for step in make_plan(vindeln, one, "sv", today).steps} for one in (answers, later)
    )
    assert first.keys() == second.keys()
    assert all(first[task] <= second[task] for task in first)  # type: ignore[operator]


def _said(answers: Answers) -> dict[str, object]:
    return {name: getattr(answers, name) for name in Answers.__dataclass_fields__}


# the shipped tasks


@pytest.mark.parametrize("layer", ["national", "vindeln"])
def test_there_are_at_least_25_tasks_in_both_languages(knowledge: Knowledge, layer: str) -> None:
    tasks = knowledge.layers["national"].tasks if layer == "national" else knowledge.view(layer).tasks
    assert len(tasks) >= 25
    for task in tasks.values():
        for name in ("title", "text", "why", "who"):
            assert getattr(task, name).sv, (task.id, name)
            assert getattr(task, name).en, (task.id, name)


def test_every_task_is_sourced_or_marked_general(vindeln: View) -> None:
    assert [task.id for task in vindeln.tasks.values() if not task.source and not task.general] == []


def test_a_task_with_a_last_day_of_a_law_names_the_law(vindeln: View) -> None:
    by_rule = {"pet-vaccination", "car-register"}  # of an authority, not of a law that we have read
    with_deadline = {task.id for task in vindeln.tasks.values() if task.deadline}
    assert {task for task in with_deadline if not vindeln.tasks[task].law} == by_rule


def test_what_vindeln_has_written_comes_with_its_own_contact_and_source(vindeln: View) -> None:
    plan = make_plan(vindeln, PROFILES["swedish-couple-building"], "en", TODAY)
    found = {step.task.id: step for step in plan.steps}
    permit = found["building-permit"]
    assert permit.task.source is not None
    assert "vindeln.se" in permit.task.source.url
    assert [contact.id for contact in permit.contacts] == ["building-office"]
    assert permit.entry is not None
    assert permit.entry.entry == "building-permit"
    assert [contact.id for contact in found["connections"].contacts] == ["vakin"]


def test_a_task_is_withheld_after_its_last_day(vindeln: View) -> None:
    someone = PROFILES["from-ukraine-with-child"]
    on_time, too_late = (make_plan(vindeln, someone, "sv", day) for day in (date(2027, 3, 4), date(2027, 3, 5)))
    assert "temporary-protection" in {step.task.id for step in on_time.steps}
    assert "temporary-protection" not in {step.task.id for step in too_late.steps}


@pytest.mark.parametrize(
    ("task", "moving", "on"),
    [
        ("winter-tyres", "2027-01-10", "2027-01-10"),
        ("winter-tyres", "2027-03-31", "2027-03-31"),
        ("winter-tyres", "2027-04-01", "2027-12-01"),
        ("winter-tyres", "2027-11-30", "2027-12-01"),
        ("winter-tyres", "2027-12-31", "2027-12-31"),
        ("summer-tyres", "2027-04-15", "2027-04-15"),
        ("summer-tyres", "2027-04-16", "2028-04-01"),
        ("school-choice", "2027-08-15", "2027-01-17"),
        ("school-choice", "2027-05-01", "2027-01-15"),
        ("school-choice", "2027-10-01", "2028-01-15"),
        ("school-application-upper", "2027-08-15", "2027-01-17"),
        ("school-application-upper", "2028-02-29", "2028-01-01"),
    ],
)
def test_a_season_is_met(vindeln: View, task: str, moving: str, on: str) -> None:
    answers = Answers("sweden", "swedish", ("school", "teenager"), car=True, day=date.fromisoformat(moving))
    steps = {step.task.id: step.day for step in make_plan(vindeln, answers, "sv", TODAY).steps}
    assert steps[task] == date.fromisoformat(on)


def test_the_checklist_is_answered_with_a_plan(knowledge: Knowledge) -> None:
    reply = Assistant(knowledge).reply(Question("checklista flytt", "vindeln", TODAY))
    assert reply.kind == "plan"
