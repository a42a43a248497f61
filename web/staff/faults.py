"""What is wrong in a field, in the language of whoever wrote it."""

from collections.abc import Mapping, Sequence
from typing import Final

from bot import Problem
from web.errors import asked_language
from web.i18n import sentences
from web.staff.entry_form import mistakes_at, row_of


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


WORDS: Final[Mapping[str, str]] = {
    "choice": _("Choose one of these: %(accepted)s."),
    "crisis-number": _("The crisis number %(number)s is missing. It must stay in this text."),
    "date": _("“%(value)s” is no date. Write year, month and day: 2027-06-30."),
    "email": _("“%(value)s” is no e-mail address."),
    "braces": _("Double braces name a fact, which only answers can do. Write the value out."),
    "fact-name": _("“%(text)s”: double braces name no fact. Write {{ fact-id }}, as the list of facts has it."),
    "fact-untold": _("The fact “%(id)s” has no value and nothing that is said instead in this language."),
    "hours": _("“%(value)s” are no hours. Write 08:00-12:00, 13:00-16:30 or closed."),
    "id": _("“%(value)s” cannot be an address: only a–z, digits and single hyphens, at most 64."),
    "id-reserved": _("“%(value)s” is the address of another page. Choose another one."),
    "link-scheme": _("The address “%(value)s” must begin with https://, http://, mailto: or tel:."),
    "long": _("%(count)s characters are too many. There is room for %(limit)s."),
    "missing": _("Something is missing here."),
    "not-kept": _("This cannot be kept as it is written. Write it in other words."),
    "phone": _("“%(value)s” is no phone number that can be called from Sweden."),
    "reference": _("There is nothing called “%(id)s”."),
    "safety-replaced": _("A text about danger cannot be replaced. Add your own lines to it."),
    "short": _("This is too short."),
    "validity": _("The last day (%(end)s) is before the first (%(start)s)."),
}


def told(problems: Sequence[Problem]) -> dict[str, list[str]]:
    """Return what is wrong, by field of the form."""
    return {name: [_told(problem) for problem in own] for name, own in mistakes_at(problems).items()}


def _told(problem: Problem) -> str:
    text = sentences(asked_language())
    said = text(WORDS[problem.code], **problem.values) if problem.code in WORDS else problem.message
    row = row_of(problem)
    return said if row is None else text(_("Row %(number)s: %(mistake)s"), number=row, mistake=said)
