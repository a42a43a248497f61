"""Which page of a long list is asked for."""

from typing import Final

from flask import request

LARGEST_PAGE: Final = 1_000_000


def page_asked() -> int:
    """Return the number in the address, counted from 1; what is none is 1."""
    asked = request.args.get("page", "1")
    is_number = asked.isascii() and asked.isdigit() and len(asked) < len(str(LARGEST_PAGE))
    return max(1, int(asked)) if is_number else 1
