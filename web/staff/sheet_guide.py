"""The last sheet of a workbook: what its columns are called in the forms, in the language of whoever asks for it."""

from collections.abc import Iterator, Sequence
from typing import Final

from bot import Kind, Sheet, described
from web.errors import asked_language
from web.i18n import sentences
from web.staff.comparing import field_name
from web.staff.conflicts import KINDS
from web.staff.record_fields import BY_KIND

NOT_SHOWN: Final = "en_of"


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


RULES: Final = (
    (
        "",
        _(
            "Change the texts in the rows, save the file and bring it back on the page Spreadsheet. You see every "
            "change before anything is saved."
        ),
    ),
    (
        "id",
        _(
            "The name of the row in addresses. Leave it as it is. A new row has a new one: a–z, digits and single "
            "hyphens."
        ),
    ),
    ("layer", _("Whose row it is. Leave it as it is; a new row may leave it empty.")),
    ("version", _("Which version the row was made from. Leave it as it is; a new row leaves it empty.")),
    (
        "remove",
        _("Write yes to take the row's answer or record away. A row that is missing takes nothing away."),
    ),
    (
        "'",
        _(
            "A text that begins with =, +, - or @ has this sign before it, so that nothing is calculated. Leave it "
            "there or take it away: the text stays the same."
        ),
    ),
    (
        "↵",
        _("Where several questions or words belong in one cell, each has a line of its own (Alt + Enter)."),
    ),
)
MADE_FROM: Final = _("Which Swedish text the English was made from. Leave it as it is.")


def guide(sheets: Sequence[Sheet]) -> list[tuple[str, str]]:
    """Return the rows of the guide for the sheets of a workbook."""
    text = sentences(asked_language())
    rules = [(name, text(said)) for name, said in RULES]
    return [*rules, *(row for sheet in sheets for row in _columns(sheet.kind, sheet.name))]


def _columns(kind: Kind, name: str) -> Iterator[tuple[str, str]]:
    text = sentences(asked_language())
    form = BY_KIND.get(kind)
    yield name, ""
    yield "", text(form.title) if form else text(KINDS[kind])
    for column in described(kind):
        path = ".".join(part for part in column.path if not part.isdigit())
        yield column.name, text(MADE_FROM) if path == NOT_SHOWN else field_name(path)
