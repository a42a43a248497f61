"""Differences of two versions, line by line, with the fields named as in the form."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from web.errors import asked_language
from web.i18n import sentences
from web.staff.record_fields import FORMS

PATH: Final = re.compile(r"([a-z_]+(?:\.[a-z_]+)*): (.*)", re.DOTALL)


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


FIELDS: Final[Mapping[str, str]] = {
    "answer": _("Answer"),
    "checked": _("Checked"),
    "contacts": _("Contacts"),
    "id": _("Address"),
    "links": _("Links"),
    "next": _("Ask on"),
    "owner": _("Owner"),
    "questions": _("Questions"),
    "replace": _("Left out of what is inherited"),
    "season": _("Season"),
    "shows": _("Shows"),
    "source": _("Source"),
    "tests": _("Tests"),
    "tests.must_match": _("Must reach it"),
    "tests.must_not_match": _("Must not reach it"),
    "valid": _("Shown"),
}
# what records hold, by their paths; hours are named with what is open then
OF_RECORDS: Final[Mapping[str, tuple[str, ...]]] = {
    ".".join(one.path): (section.title, one.label) if section.exceptions else (one.label,)
    for form in FORMS.values()
    for section in form.sections
    for one in section.fields
}
OF_HOURS: Final[Mapping[str, str]] = {
    section.exceptions: section.title for form in FORMS.values() for section in form.exceptions if section.exceptions
}
UNSEEN: Final = frozenset({"en_of"})  # a hash
LANGUAGES: Final[Mapping[str, str]] = {"sv": _("Swedish"), "en": _("English")}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a difference."""

    kind: Literal["same", "added", "removed"]
    field: str
    text: str


def lines(diff: Iterable[str]) -> list[Line]:
    """Return the lines of `web.revising.compared` as the pages show them, without what only programs read."""
    found = [_line(line) for line in diff if not line.startswith("@@")] if diff else []
    return [line for line in found if line.field not in UNSEEN]


def _line(line: str) -> Line:
    kind: Literal["same", "added", "removed"] = (
        "added" if line.startswith("+") else "removed" if line.startswith("-") else "same"
    )
    found = PATH.fullmatch(line[1:])
    return Line(kind, field_name(found[1]), found[2]) if found else Line(kind, "", line[1:])


def _field_of_record(path: str) -> str:
    text = sentences(asked_language())
    if path in OF_RECORDS:
        return ", ".join(text(part) for part in OF_RECORDS[path])
    hours = next((name for name in OF_HOURS if path.startswith(f"{name}.exceptions")), None)
    return f"{text(OF_HOURS[hours])}, {text(_('Days with other times'))}" if hours else path


def field_name(path: str) -> str:
    """Return what a field is called in the form, by its path in an item."""
    text = sentences(asked_language())
    known = next((name for name in FIELDS if path == name or path.startswith(f"{name}.")), None)
    if known is None:
        return _field_of_record(path)
    language = path.rpartition(".")[2]
    named = text(FIELDS[known])
    return f"{named}, {text(LANGUAGES[language])}" if language in LANGUAGES else named
