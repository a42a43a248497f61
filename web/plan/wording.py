"""The words of the moving plan: its questions, when something is to be done, and the parts of the plan."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from bot import Language, Offset, Step
from web.i18n import format_date, translations
from web.plan.reading import ALSO, FLAGS, ONE_OF, SOME_OF

A_WEEK: Final = 7  # days
A_MONTH: Final = 30
SOME_YEAR: Final = 2001
PHASES: Final = (-61, -1, 7, 30, 150)  # the last day of each part, counted from the move


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


QUESTIONS: Final[Mapping[str, str]] = {
    "origin": _("Where do you move from?"),
    "citizenship": _("Which citizenship do you have?"),
    "children": _("Are children coming along?"),
    "home": _("How will you live?"),
    "work": _("What will you do?"),
    ALSO: _("Which of these is true of you?"),
    "date": _("When do you move?"),
}
HINTS: Final[Mapping[str, str]] = {
    "citizenship": _(
        "It decides which permits and papers are needed. If you have several, choose the one that is listed first."
    ),
    "children": _("Choose all that fit, or none."),
    "work": _("Choose all that fit, or none."),
    ALSO: _("Choose all that fit, or none."),
    "date": _("Leave it empty if you do not know. The plan then says “3 months before” in place of dates."),
}
CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "origin": {
        "abroad": _("From another country"),
        "returning": _("From another country, and I have lived in Sweden before"),
        "sweden": _("From another place in Sweden"),
    },
    "citizenship": {
        "swedish": _("Swedish"),
        "nordic": _("Danish, Finnish, Icelandic or Norwegian"),
        "eu": _("Another country in the EU or EEA, or Switzerland"),
        "other": _("Another country"),
        "ukraine": _("Ukraine, with or seeking temporary protection"),
    },
    "children": {
        "preschool": _("0–5 years"),
        "school": _("6–15 years"),
        "teenager": _("16–19 years"),
    },
    "home": {
        "undecided": _("I do not know yet"),
        "renting": _("Rent"),
        "buying": _("Buy a house"),
        "building": _("Build a house"),
    },
    "work": {
        "job": _("Work: I have a job"),
        "seeking": _("Look for a job"),
        "studying": _("Study"),
        "retired": _("I am retired"),
    },
    ALSO: {
        "company": _("I will have a company of my own"),
        "animals": _("A dog or a cat comes along"),
        "car": _("I have a car, or will"),
    },
}
PARTS: Final = (
    _("Long before"),
    _("The last two months"),
    _("Moving day and the first week"),
    _("The first month"),
    _("Month 2–5"),
    _("Later"),
)
SEVERAL: Final = (*SOME_OF, ALSO)


def questions(given: Mapping[str, Any], faults: Mapping[str, str], language: Language) -> list[dict[str, Any]]:
    """Return the questions of the form in order, with what was answered and what is wrong with it."""
    gettext = translations(language).gettext
    return [
        {
            "name": name,
            "question": gettext(text),
            "hint": gettext(HINTS[name]) if name in HINTS else None,
            "several": name in SEVERAL,
            "choices": [
                {"value": value, "label": gettext(label), "chosen": _is_chosen(given, name, value)}
                for value, label in CHOICES.get(name, {}).items()
            ],
            "value": given.get(name) or "",
            "fault": faults.get(name),
        }
        for name, text in QUESTIONS.items()
    ]


def _is_chosen(given: Mapping[str, Any], name: str, value: str) -> bool:
    if name == ALSO:
        return bool(given.get(value))
    if name in ONE_OF:
        return bool(given.get(name) == value)
    return value in (given.get(name) or ())


def question_of(field: str | None, language: Language) -> str:
    """Return the question that an error's `field` belongs to."""
    name = ALSO if field in FLAGS else field or ""
    return translations(language).gettext(QUESTIONS[name]) if name in QUESTIONS else ""


def when_text(step: Step, language: Language) -> str:
    """Say when to do it: a date, or a time from the move; what is late is to be done now."""
    if step.is_late:
        return translations(language).gettext(_("As soon as you can"))
    return _day_text(step.day, step.when, language)


def deadline_text(step: Step, language: Language) -> str | None:
    """Say which day is the last, by law or rule; None where there is none."""
    if step.task.deadline is None:
        return None
    return _day_text(step.deadline, step.task.deadline, language)


def season_text(step: Step, language: Language) -> str | None:
    """Say which days of the year it is for, where the day of the move is not known."""
    season = step.task.season
    if season is None or step.day:
        return None
    days = (format_date(date(SOME_YEAR, *one), language) for one in (season.start, season.end))
    start, end = (day.rsplit(" ", 1)[0] for day in days)
    return translations(language).gettext(_("Time of year: %(start)s – %(end)s")) % {"start": start, "end": end}


def heading(count: int, move: str | None, language: Language) -> str:
    """Say how much there is to do; `move`: the day written out."""
    ngettext = translations(language).ngettext
    if move is None:
        said = ngettext("Your move: %(count)s thing to do", "Your move: %(count)s things to do", count)
        return said % {"count": count}
    said = ngettext(
        "Your move on %(date)s: %(count)s thing to do", "Your move on %(date)s: %(count)s things to do", count
    )
    return said % {"count": count, "date": move}


def part_of(step: Step, move: date | None, language: Language) -> str:
    """Return the name of the part of the plan that the step stands in."""
    days = (step.day - move).days if step.day and move else step.when.about
    number = sum(days > last for last in PHASES)
    return translations(language).gettext(PARTS[number])


def _day_text(day: date | None, offset: Offset, language: Language) -> str:
    return format_date(day, language) if day else _offset_text(offset, language)


def _offset_text(offset: Offset, language: Language) -> str:
    gettext = translations(language).gettext
    if not offset.months and not offset.days:
        return gettext(_("On moving day"))
    said = _amount(offset, language)
    pattern = _("%(amount)s before the move") if offset.about < 0 else _("%(amount)s after the move")
    return gettext(pattern) % {"amount": said}


def _amount(offset: Offset, language: Language) -> str:
    """Write a length of time in the largest unit that it fills."""
    ngettext = translations(language).ngettext
    months, days = abs(offset.months), abs(offset.days)
    if not months and days % A_MONTH == 0:
        months, days = days // A_MONTH, 0
    said = []
    if months:
        said.append(ngettext("%(count)s month", "%(count)s months", months) % {"count": months})
    if days and days % A_WEEK == 0:
        weeks = days // A_WEEK
        said.append(ngettext("%(count)s week", "%(count)s weeks", weeks) % {"count": weeks})
    elif days:
        said.append(ngettext("%(count)s day", "%(count)s days", days) % {"count": days})
    if len(said) == 1:
        return said[0]
    both = translations(language).gettext(_("%(first)s and %(second)s"))
    return both % {"first": said[0], "second": said[1]}
