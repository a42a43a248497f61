"""A table as it was read: headings, rows of text, shapes beside them, and what the reader should know about it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from bot.content.yamlfile import ODD
from bot.exchange.problems import ExchangeError, RowProblem, problem, refusal

MAX_BYTES = 20_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
HALF = re.compile(rb"\\u[dD][89a-fA-F]")  # of a sign that JSON may write in two; one half alone is no text
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """A point (one corner) or the outline of a polygon, in the file's own coordinates and order; not closed."""

    corners: tuple[Point, ...]

    @property
    def is_point(self) -> bool:
        """Whether it is one point."""
        return len(self.corners) == 1


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number (see RowProblem), its cells by heading, its shape where the format has one."""

    number: int
    cells: Mapping[str, str]
    shape: Shape | None = None
    id: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A whole file. `crs` is the EPSG code that it declares; `notes` are sentences for whoever imports it."""

    sheet: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    crs: int | None = None
    notes: tuple[str, ...] = field(default=())


def refuse_large(data: bytes, sheet: str) -> None:
    """Raise ExchangeError where a file is over the limit."""
    if len(data) > MAX_BYTES:
        raise refusal(sheet, "large", size=len(data), limit=MAX_BYTES)


def refuse_odd(columns: Sequence[str], sheet: str) -> None:
    """Raise ExchangeError where a heading holds control characters, which a terminal would obey."""
    odd = [(column, found[0]) for column in columns if (found := ODD.search(column))]
    raise_all(
        [problem(sheet, 1, repr(column), "control-character", character=f"U+{ord(sign):04X}") for column, sign in odd]
    )


def refuse_wide(cells: Sequence[str], sheet: str) -> None:
    """Raise ExchangeError where a row has more cells than any table of plots needs."""
    if len(cells) > MAX_COLUMNS:
        raise refusal(sheet, "columns", count=len(cells), limit=MAX_COLUMNS)


def parse_json(data: bytes, sheet: str) -> object:
    """Parse JSON; raises ExchangeError. NaN and infinity come as numbers, to be refused where they stand."""
    try:
        return _whole(json.loads(data.decode("utf-8-sig")), data)
    except UnicodeDecodeError as error:
        raise refusal(sheet, "encoding", byte=f"{data[error.start]:02x}") from error
    except UnicodeEncodeError as error:
        raise refusal(sheet, "json", reason="half a character (a lone surrogate)") from error
    except RecursionError as error:
        raise refusal(sheet, "json-deep") from error
    except ValueError as error:
        raise refusal(sheet, "json", reason=error) from error


def _whole(content: object, data: bytes) -> object:
    """Return `content`; raises UnicodeEncodeError where a text in it cannot be written."""
    if HALF.search(data):
        json.dumps(content, ensure_ascii=False).encode()
    return content


def as_text(value: object) -> str:
    """Write a typed cell as a person would.

    A number with three decimals gets a fourth: written `1.125`, it could be taken for a thousand and more.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return _number(value)
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _number(value: float) -> str:
    text = repr(value)
    whole, _, decimals = text.partition(".")
    if decimals == "0":
        return whole
    return f"{text}0" if len(decimals) == 3 else text


def raise_all(problems: Sequence[RowProblem]) -> None:
    """Raise ExchangeError where there is a problem."""
    if problems:
        raise ExchangeError(problems)
