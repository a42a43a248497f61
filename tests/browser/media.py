"""How a page may be shown, and what a look for barriers returns; for every test that looks."""

from collections.abc import Callable
from typing import Any

MEDIA: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}
Violations = Callable[[], list[tuple[str, list[Any]]]]
