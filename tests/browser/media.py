"""How a page may be shown, and what a look for barriers returns; for every test that looks."""

from collections.abc import Callable
from typing import Any

import pytest

MEDIA: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}
NAMES = ["light", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("dark", "forced colours"))]
Violations = Callable[[], list[tuple[str, list[Any]]]]
# the fields that no words help with: neither their own nor those of a group of fields around them
UNHELPED = """() => [...document.querySelectorAll("input:not([type=hidden]), select, textarea")].filter((field) => {
  const around = [];
  for (let one = field; one; one = one.parentElement) if (one === field || one.matches("fieldset, [role=group]")) around.push(one);
  const names = around.flatMap((one) => (one.getAttribute("aria-describedby") || "").split(" ")).filter(Boolean);
  return !names.some((name) => document.getElementById(name)?.textContent.trim());
}).map((field) => field.id || field.name)"""  # noqa: E501 - lines of a script
