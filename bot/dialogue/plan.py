"""What somebody has to do for their move, in order: answers and a day in, dated tasks out."""

from dataclasses import dataclass
from datetime import date

from bot.content.layers import View
from bot.content.translation import is_text_outdated
from bot.dialogue.replies import is_given, offered, standing
from bot.models import Contact, Entry, Notice, Option
from bot.tasks import Answers, Offset, Task
from bot.values import Language


@dataclass(frozen=True, slots=True)
class Step:
    """A task in somebody's plan. `day` and `deadline`: None, the day of the move is not known.

    `when`: the same counted from the move. `is_late`: it should have been begun before today, which is its `day` now.
    `entry`: the answer behind it. `is_outdated`: its Swedish text has changed since the English was made.
    """

    task: Task
    when: Offset
    day: date | None
    deadline: date | None
    is_late: bool
    entry: Option | None
    contacts: tuple[Contact, ...]
    is_outdated: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do, in order, for those who answered so. `made_on`: the day that was today for it."""

    language: Language
    answers: Answers
    steps: tuple[Step, ...]
    made_on: date
    notices: tuple[Notice, ...]


def make_plan(view: View, answers: Answers, language: Language, today: date) -> Plan:
    """Make the plan for a move to the municipality of `view`: by day, within a day as far from the move as written."""
    tasks = (task for task in view.tasks.values() if task.is_for(answers, today))
    steps = sorted((_step(view, task, answers.day, language, today) for task in tasks), key=_place)
    return Plan(language, answers, tuple(steps), today, standing(view))


def _place(step: Step) -> tuple[date, float]:
    return step.day or date.min, step.when.about


def _step(view: View, task: Task, move: date | None, language: Language, today: date) -> Step:
    when = task.when or Offset()
    day = _day(task, when, move, today) if move else None
    entry = view.entries.get(task.entry or "")
    given = entry if entry and is_given(entry, today) else None
    return Step(
        task=task,
        when=when,
        day=day,
        deadline=task.deadline.after(move) if move and task.deadline else None,
        is_late=bool(move) and not task.season and when.after(move or today) < today,
        entry=offered(given, language) if given else None,
        contacts=_contacts(view, task, given),
        is_outdated=_is_english(task, language) and is_text_outdated(task.text, task.en_of),
    )


def _is_english(task: Task, language: Language) -> bool:
    return task.text is not None and task.text.language_for(language) == "en"


def _day(task: Task, when: Offset, move: date, today: date) -> date:
    """What is late is to be done today; a season waits for its first day."""
    planned = max(when.after(move), today)
    if task.season is None or task.season.covers(planned):
        return planned
    return task.season.turns(planned)


def _contacts(view: View, task: Task, entry: Entry | None) -> tuple[Contact, ...]:
    """Return the task's own contact, else those of the answer behind it, else the switchboard."""
    if task.contact:
        return (view.contacts[task.contact],)
    return view.contacts_of(entry or Entry("nobody"))
