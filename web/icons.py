"""The lines of the icons in static/icons.svg, for a script that draws them on other sites' pages."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).resolve().parent / "static" / "icons.svg"
SYMBOL: Final = re.compile(r'<symbol id="([a-z-]+)"[^>]*>(.*?)</symbol>')
PATH: Final = re.compile(r' d="([^"]+)"')


def icons(names: Iterable[str]) -> dict[str, list[str]]:
    """Return the lines of each icon; raises KeyError where there is none of that name."""
    return {name: _drawn()[name] for name in names}


@cache
def _drawn() -> dict[str, list[str]]:
    return {name: PATH.findall(lines) for name, lines in SYMBOL.findall(FILE.read_text(encoding="utf-8"))}
