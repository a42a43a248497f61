"""Long lists in pages of fifty."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from flask import request

PAGE: Final = 50
LARGEST_PAGE: Final = 1_000_000

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Paged(Generic[Row]):
    """One page of a list: its rows, its number from 1, of how many pages, and how many rows there are in all."""

    rows: Sequence[Row]
    number: int
    pages: int
    total: int


def paged(rows: Sequence[Row]) -> Paged[Row]:
    """Return the page that this request asks for, the last one where there are fewer."""
    pages = max(1, math.ceil(len(rows) / PAGE))
    number = min(page_asked(), pages)
    return Paged(rows[(number - 1) * PAGE : number * PAGE], number, pages, len(rows))


def page_asked() -> int:
    """Return the number of the page that is asked for; 1 for what is no number."""
    asked = request.args.get("page", "1")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < len(str(LARGEST_PAGE))
    return max(1, int(asked)) if is_number else 1
