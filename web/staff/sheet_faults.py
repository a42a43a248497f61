"""What is wrong with a cell of a sheet, in the language of whoever brought it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot import RowProblem
from web.errors import asked_language
from web.i18n import sentences
from web.staff.record_faults import WORDS as RECORD_WORDS


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Fault:
    """One line of the list: where it is, and what is wrong there."""

    sheet: str
    row: int
    column: str
    text: str


WORDS: Final[Mapping[str, str]] = {
    **RECORD_WORDS,
    "answer-missing": _("Write an answer."),
    "choice": _("Choose one of these: %(accepted)s."),
    "crs-local": _(
        "These numbers fit twelve local zones of SWEREF 99. Write latitude and longitude: 64.2003, 19.7170."
    ),
    "crs-outside": _("“%(value)s” lies outside Sweden. Write latitude and longitude: 64.2003, 19.7170."),
    "columns": _("There are %(count)s columns; at most %(limit)s are read."),
    "control-character": _("A sign that cannot be seen stands here (%(character)s). Write it anew."),
    "duplicate-row": _("“%(value)s” stands in row %(first)s, too. Each has one row."),
    "empty": _("There are no rows in it."),
    "encoding": _("The signs of this file cannot be read. Save it as an Excel workbook, or as CSV UTF-8."),
    "exception": _("“%(value)s” are no days with other times. Write 2026-12-24..2026-12-26 | closed."),
    "excel-damaged": _("This is no workbook that can be read. Save it anew as .xlsx."),
    "excel-doctype": _("This workbook was not made by a spreadsheet program. Save it anew as .xlsx."),
    "excel-macros": _("The workbook has macros, which are not wanted here. Save it as .xlsx, without macros."),
    "excel-old": _("This is the old Excel format (.xls). Save it as .xlsx."),
    "excel-packed": _("This workbook unpacks to much more than a sheet holds. Save it anew as .xlsx."),
    "formula-cell": _("“%(value)s” is a formula. Write what it comes to; or ' before it, if these signs are meant."),
    "heading-duplicate": _("This heading stands twice, in columns %(first)s and %(second)s."),
    "heading-empty": _("Column %(column)s has texts but no heading."),
    "heading-missing": _("The column “%(column)s” is missing. Without it nobody knows which row is which."),
    "heading-strange": _("No column is called so here. Give it back its name, or take the column away."),
    "id-changed": _(
        "“%(value)s” is not there any more, or somebody changed this cell. To add it as new, empty the cell “version”."
    ),
    "large": _("The file is too large: at most %(limit)s bytes are read."),
    "layer-closed": _("“%(value)s” is not yours to change from here. These are: %(known)s."),
    "layer-missing": _("Write where it belongs: %(known)s."),
    "link-scheme": _("The address “%(value)s” must begin with https://, http://, mailto: or tel:."),
    "mangled": _("“%(value)s” is what the spreadsheet program made of something else. Write it anew, as text."),
    "mojibake": _("“%(value)s” was saved with the wrong signs; “%(meant)s” is probably meant. Save the file as UTF-8."),
    "open-document": _("This is an OpenDocument file. Save it as .xlsx."),
    "packed": _("This packed file cannot be read. Pack the CSV files alone, without a password."),
    "packed-large": _("This packed file unpacks to more than a sheet holds."),
    "page": _("This is a web page, not a sheet."),
    "question-missing": _("Write at least one question, so that visitors find the answer."),
    "quotes": _("A quotation mark is opened and not closed in this row."),
    "ragged": _("This row has %(count)s cells, and there are %(expected)s headings."),
    "reference": _("There is nothing called “%(id)s”."),
    "remove-nothing": _("There is nothing of this name to take away."),
    "remove-word": _("Write yes here to take it away, or nothing."),
    "rows": _("There are too many rows: at most %(limit)s are read."),
    "sheet-twice": _("Two sheets are of the same kind. Keep one of them."),
    "sheet-unknown": _("No sheet is called so. These are known: %(known)s."),
    "single-row": _("This sheet has one row, which is called “%(id)s”."),
    "two-values": _("Write one value for both languages, or one in each, not both."),
    "word": _("“%(value)s” is not known here. These are: %(known)s."),
    "zero-lost": _("“%(value)s” lost the 0 that a phone number begins with. Write it anew, as text."),
}


def explained(problem: RowProblem) -> Fault:
    """Return a problem as the page lists it."""
    text = sentences(asked_language())
    said = text(WORDS[problem.code], **problem.values) if problem.code in WORDS else problem.message
    return Fault(problem.sheet, problem.row, problem.column, said)
