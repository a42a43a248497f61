"""What is wrong with a file of rows, said so that whoever keeps it can find the cell and put it right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from bot.errors import MESSAGES, BotError


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing wrong in a table.

    `row` counts as a spreadsheet program does, the headings being row 1, and features count from 1; 0 is the file as a
    whole. `column` is a heading, or empty where the row as a whole is meant. `code` is stable and `values` are its
    parameters.
    """

    sheet: str
    row: int
    column: str
    code: str
    values: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def __str__(self) -> str:
        row = f"row {self.row}" if self.row else ""
        where = ", ".join(part for part in (self.sheet, row, self.column) if part)
        return f"{where}: {self.message}"

    @property
    def message(self) -> str:
        """The problem in English: what is wrong, and what would be accepted."""
        return ROW_MESSAGES[self.code].format_map(self.values)


class ExchangeError(BotError):
    """Nothing of the file can be taken over; `problems` lists every reason at once."""

    def __init__(self, problems: Sequence[RowProblem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def problem(sheet: str, row: int, column: str, code: str, /, **values: object) -> RowProblem:
    """Make a problem; long values are cut, since what a cell holds may be a whole document."""
    return RowProblem(sheet, row, column, code, {name: _short(str(value)) for name, value in values.items()})


def refusal(sheet: str, code: str, /, **values: object) -> ExchangeError:
    """Make the error of a file that cannot be read at all."""
    return ExchangeError([problem(sheet, 0, "", code, **values)])


LONGEST = 120


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


ROW_MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        **MESSAGES,
        # the file
        "columns": "{count} columns; at most {limit}",
        "empty": "holds no rows",
        "encoding": "cannot be read as text (byte 0x{byte}); save it as CSV UTF-8 or as an Excel workbook",
        "excel-damaged": "is not a readable Excel workbook ({reason}); save it anew as .xlsx or as CSV UTF-8",
        "excel-doctype": "holds a document type definition, which no spreadsheet program writes",
        "excel-macros": "holds macros, which nothing here needs; save it as .xlsx, without macros",
        "excel-old": "is in the old Excel format (.xls); save it as .xlsx or as CSV UTF-8",
        "excel-packed": "unpacks to {size} bytes; at most {limit}",
        "feed": "is not an RSS or Atom feed ({reason})",
        "json": "is not JSON: {reason}",
        "json-deep": "is nested deeper than any known format",
        "large": "larger than {limit} bytes ({size})",
        "not-a-collection": "is not a GeoJSON FeatureCollection (found {found})",
        "not-jobs": "is not an answer of JobSearch: expected an object with 'hits' (found {found})",
        "open-document": "is an OpenDocument file; save it as .xlsx or as CSV UTF-8",
        "packed": "is packed in a way that is not read ({reason}); pack the CSV files alone, without a password",
        "packed-large": "unpacks to more than {limit} bytes",
        "page": "is a web page, not a table",
        "rows": "more than {limit} rows",
        "sheet-twice": "two sheets hold {found}; keep one of them",
        "sheet-unknown": "no sheet of this name is known; known: {known}",
        # headings and rows
        "control-character": "holds a control character ({character}); remove it",
        "heading-duplicate": "the heading stands twice, in columns {first} and {second}",
        "heading-empty": "column {column} has values but no heading",
        "heading-unknown": "no heading is known: {found}. The first row must name the columns, or give a mapping",
        "mojibake": "{value!r} was saved in the wrong character set (meant is probably {meant!r}); save it as UTF-8",
        "quotes": "a quotation mark is opened and not closed, or followed by other text ({reason})",
        "ragged": "{count} cells under {expected} headings",
        "heading-missing": "the column {column!r} is missing; without it nobody knows which row is which",
        "heading-strange": "no such column; {hint}",
        # a row of knowledge
        "id-changed": "{value!r} is not there any more, or this cell was changed; empty the cell 'version' to add it",
        "layer-closed": "{value!r} cannot be changed from here; what can: {known}",
        "layer-missing": "write the layer: {known}",
        "remove-word": "{value!r} is unknown here; write yes, or leave it empty",
        "remove-nothing": "there is nothing of this id to take away",
        "single-row": "has one row, of the id {id!r}",
        "question-missing": "write at least one question, so that visitors find the answer",
        "answer-missing": "write an answer",
        # the mapping
        "column-unknown": "no column {column!r}; there are: {known}",
        "field-needed": "no column for the designation or an id of one's own; name it in a mapping",
        "field-unknown": "{field!r} is not a field that a column can fill; known: {known}",
        "mapping-shape": "expected {expected}",
        # values
        "ambiguous": "{value!r} may be {small} or {large}; write it without separator",
        "day": "{value!r} may be several days; write YYYY-MM-DD",
        "number-text": "{value!r} is not a number",
        "formula": "{value!r} is a formula; paste its value",
        "negative": "{value!r} is less than nothing",
        "whole-kronor": "{value!r} is not a price in whole kronor",
        "word": "{value!r} is unknown here; known: {known}. A mapping can say what it means",
        "approximate": "{value!r} is not exact; write a number",
        "day-ambiguous": "{value!r} may be {small} or {large}; write YYYY-MM-DD",
        "day-year": "{value!r} does not say which year; write YYYY-MM-DD",
        "exception": "{value!r} are not days with other times; write 2026-12-24..2026-12-26 | closed",
        "formula-cell": "{value!r} is a formula; paste what it comes to, or write ' before it where the text is meant",
        "hours-missing": "write the hours of at least one day of the week, or empty the days beside it",
        "mangled": "{value!r} is what the spreadsheet program made of something else; write it anew as text",
        "per-area": "{value!r} is the price of a square metre, which has a column of its own",
        "span": "{value!r} goes from one number to another; write one",
        "two-values": "{value!r}: write one value for both languages, or one in each, not both",
        "unit": "{value!r} is of another kind: {unit!r} does not belong here",
        "zero-lost": "{value!r} lost the 0 that a phone number begins with; write it anew as text",
        "duplicate-row": "{value!r} stands in row {first} already",
        # where it is
        "corners-different": "a polygon needs three different corners, found {count}",
        "corners-many": "{count} corners; at most {limit}",
        "coordinate": "{value!r} is not a coordinate",
        "crs-conflict": "the file says {declared} and the option or mapping {given}; leave one out",
        "crs-local": "coordinates in a local zone of SWEREF 99, and nothing says in which; give --crs 3007 … 3018",
        "crs-mixed": "({x}, {y}) is in another coordinate system, or in another order, than the rest of the file",
        "crs-outside": "({x}, {y}) is not in Sweden by {crs}; {hint}",
        "crs-unknown": "({x}, {y}) is neither WGS 84 nor SWEREF 99 TM in Sweden; give --crs",
        "crs-unsupported": "the coordinate system {crs!r} is not read; known: {known}",
        "geometry": "is not a geometry that a plot can have (found {found}); point or polygon",
        "half-position": "has one of two coordinates",
        "ring-crosses": "the outline crosses itself near ({x}, {y})",
        "ring-flat": "the outline encloses nothing",
        "ring-open": "the outline does not end where it begins",
    }
)
