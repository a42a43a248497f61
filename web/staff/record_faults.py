"""What is wrong in a field of a record, in the language of whoever wrote it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot import Problem
from web.errors import asked_language
from web.i18n import sentences, translations
from web.staff.faults import WORDS as FAULTS
from web.staff.record_fields import Form
from web.staff.record_form import Unread, mistakes_at, number_shown

Mistakes = dict[str, list[str]]


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


WORDS: Final[Mapping[str, str]] = {
    **FAULTS,
    "choice": _("Choose one of the list."),
    "reference": _("“%(kind)s” with the address “%(id)s” is not there."),
    "ambiguous": _(
        "“%(value)s” can mean %(small)s or %(large)s. Write one of them, without a point or comma for thousands."
    ),
    "approximate": _("“%(value)s” is not exact. Write a number, or leave it empty and say it in a note."),
    "corners": _("An outline has at least three corners; here are %(count)s."),
    "crs-local": _(
        "These numbers fit twelve local zones of SWEREF 99. Choose which one under “System of the position”."
    ),
    "crs-mixed": _("The corners are not all in one system. Write all of them in the same one."),
    "crs-outside": _("“%(value)s” does not fit the system that is chosen. Choose another, or none."),
    "crs-unknown": _("“%(value)s” lies outside Sweden. Write latitude and longitude: 64.2003, 19.7170."),
    "coordinate": _("“%(value)s” is no position. Write latitude and longitude: 64.2003, 19.7170."),
    "day": _("“%(value)s” is no date. Write year, month and day: 2026-12-01, or 1/12 2026."),
    "day-ambiguous": _("“%(value)s” can mean %(small)s or %(large)s. Write one of them."),
    "day-year": _("“%(value)s” does not say which year. Write all four digits: 2026-12-01, or 1/12 2026."),
    "decimal": _("“%(value)s” is no number. Write digits alone: 1 250."),
    "formula": _("“%(value)s” is a formula. Write what it comes to."),
    "hours-missing": _("Write the hours of at least one day, or empty the days below."),
    "negative": _("“%(value)s” is less than nothing."),
    "number": _("“%(value)s” is no number. Write digits alone: 1 250."),
    "number-text": _("“%(value)s” is no number. Write digits alone: 1 250."),
    "per-area": _("“%(value)s” is the price of a square metre, which has a field of its own."),
    "personal-data": _("This holds an identity number, a phone number or an e-mail address. Take it out."),
    "position": _("“%(value)s” is no position. Write latitude and longitude: 64.2003, 19.7170."),
    "range": _("“%(value)s” is too small or too large."),
    "span": _("“%(value)s” goes from one number to another. Write one number."),
    "spoken": _("“%(value)s” is no language that we know. Write its name, as in Arabic, or its code, as in ar."),
    "fact-markup": _("“%(value)s” holds stars, brackets or a line break. Write plain words."),
    "fact-of-contact": _("The contact “%(contact)s” gives this already. Change it there."),
    "fact-unit-of-text": _("A unit belongs to one value, not to words in each language. Choose no unit."),
    "fact-value": _("“%(value)s” does not fit the unit. Write it like this: %(example)s."),
    "two-values": _("Write one value, or words in each language, not both."),
    "two-prices": _("Write the price or the price of a square metre, not both."),
    "unit": _("“%(value)s” is of another kind: “%(unit)s” does not belong in this field."),
    "whole-kronor": _("“%(value)s” has öre. Write whole kronor."),
}


def explained(form: Form, problems: Sequence[Problem]) -> Mistakes:
    """Return what is wrong, by field of the form."""
    return {name: [_told(problem) for problem in own] for name, own in mistakes_at(form, problems).items()}


def unreadable(unread: Unread) -> Mistakes:
    """Return why what was typed cannot be read, by field of the form."""
    return {name: [_numbered(error.code, error.values)] for name, error in unread.items()}


def unreasoned(effect: Mapping[str, Any] | None, note: str) -> Mistakes:
    """Ask for a reason where a test breaks and none is given."""
    breaks = effect["breaks"] if effect else 0
    if not breaks or note:
        return {}
    said = translations(asked_language()).ngettext(
        "%(number)s test breaks. Mend it, or write why it is to be published all the same.",
        "%(number)s tests break. Mend them, or write why it is to be published all the same.",
        breaks,
    )
    return {"note": [said % {"number": breaks}]}


def _told(problem: Problem) -> str:
    row = next((int(part) + 1 for part in problem.field.split(".") if part.isdigit()), None)
    is_listed = row is not None and not problem.field.startswith(("position", "outline", "polygon"))
    values = {**problem.values, "row": row} if is_listed else problem.values
    return _numbered(problem.code, values) if problem.code in WORDS else problem.message


def _numbered(code: str, values: Mapping[str, Any]) -> str:
    text = sentences(asked_language())
    shown = {name: value for name, value in values.items() if name != "row"}
    if code == "ambiguous":
        shown["small"] = number_shown(float(shown["small"]), asked_language())
    said = text(WORDS[code], **shown)
    return text(_("Row %(number)s: %(mistake)s"), number=values["row"], mistake=said) if "row" in values else said
