"""No pattern of the product takes the square of the time for twice the text, whatever the text."""

import importlib
import pkgutil
import re
import time
from collections.abc import Callable, Iterator
from types import ModuleType

import pytest

import bot
import web

UNITS = [
    "1", "1 ", "1-", "a", "a ", "a.", "a@", "@a.", "-", "(", "[", "<", "=", "\n", " ", "\t", "{", "%", "*", "_", "/",
    "\\", "å", "http://", "0 7", "1.", "1,", "&a", "[](", "**", '"', "'", ":", "a:", "1:", "a/", "<a ", "](", " \n",
    "| ", "# ", "0\u00a0", "kl ", "tomt ", "mellan 1 och ", "under ", " kr", "{a", "}", "+1", "()", "T1",
]  # fmt: skip
LENGTH = 4_000  # characters; the square of it is 16 million steps
NOTICED = 0.004  # seconds that a pattern may take before it is looked at
GROWTH = 3.0  # twice the text takes a square four times as long


def modules() -> Iterator[ModuleType]:
    for package in (bot, web):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name and not found.name.endswith(("__main__", "vectors")):
                yield importlib.import_module(found.name)


def patterns() -> dict[str, re.Pattern[str]]:
    """Return every pattern of text that a module keeps, alone, in a list or in a table."""
    found: dict[str, re.Pattern[str]] = {}
    for module in modules():
        for value in vars(module).values():
            several = (
                value.values() if isinstance(value, dict) else value if isinstance(value, tuple | list) else [value]
            )
            for one in several:
                if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                    found.setdefault(one.pattern, one)
    return found


def seconds(find: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    find(text)
    return time.process_time() - began


def grows(find: Callable[[str], object], unit: str, end: str) -> bool:
    """Whether twice the text takes far more than twice the time, each time one looks."""
    half, whole = ((unit * length)[:length] + end for length in (LENGTH, 2 * LENGTH))
    if seconds(find, half) < NOTICED:
        return False
    return all(seconds(find, whole) > GROWTH * min(seconds(find, half) for _ in range(3)) for _ in range(4))


def culprits(texts: list[tuple[str, str]]) -> list[tuple[str, str]]:
    found = []
    for pattern in patterns().values():
        for find in (lambda text, one=pattern: sum(1 for _ in one.finditer(text)), pattern.fullmatch):
            found += [(pattern.pattern, unit) for unit, end in texts if grows(find, unit, end)]
    return found


def test_every_pattern_of_the_product_is_looked_at() -> None:
    assert len(patterns()) > 100
    bad = re.compile(r"(?:a|aa)+b|\s+$")
    assert grows(lambda text: sum(1 for _ in bad.finditer(text)), " ", "x"), "what is to be found is found"


def test_no_pattern_takes_the_square_of_the_text() -> None:
    assert culprits([(unit, "\x01!") for unit in UNITS[::4]]) == []


@pytest.mark.nightly
def test_no_pattern_takes_the_square_of_any_text() -> None:
    assert culprits([(unit, end) for unit in UNITS for end in ("", "\x01!")]) == []
