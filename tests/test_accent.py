"""Whatever colour a municipality has, its pages can be read."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.accent import LEGIBLE, NIGHT, NIGHT_INK, PAPER, WHITE, contrast, fingerprint, legible, read, stylesheet

Shades = dict[str, tuple[int, int, int]]
COLOURS = st.tuples(*[st.integers(0, 255)] * 3).map(lambda rgb: "#{:02x}{:02x}{:02x}".format(*rgb))


def shades(accent: str | None) -> tuple[Shades, Shades]:
    day, night = stylesheet(accent).split("@media (prefers-color-scheme: dark)")
    return read_shades(day), read_shades(night)


def read_shades(css: str) -> Shades:
    return {name: read(value) for name, value in re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", css)}


def check(accent: str | None) -> None:
    day, night = shades(accent)
    assert contrast(day["accent"], PAPER) >= LEGIBLE
    assert contrast(day["accent"], WHITE) >= LEGIBLE
    assert contrast(night["accent"], NIGHT) >= LEGIBLE
    assert contrast(night["accent"], NIGHT_INK) >= LEGIBLE
    for shade in (day, night):
        assert contrast(shade["accent"], shade["accent-soft"]) >= LEGIBLE
        assert contrast(shade["accent"], shade["on-accent"]) >= LEGIBLE
        assert contrast(shade["hero"], WHITE) >= LEGIBLE
    assert contrast((26, 35, 39), day["accent-soft"]) >= LEGIBLE
    assert contrast((236, 234, 228), night["accent-soft"]) >= LEGIBLE


@given(COLOURS)
def test_every_colour_becomes_legible(accent: str) -> None:
    check(accent)


@pytest.mark.parametrize("accent", [None, "#ffffff", "#000000", "#ffff00", "#f2c230", "#1f5f4a", "#0000ff", "#808080"])
def test_the_hard_ones_too(accent: str | None) -> None:
    check(accent)


def test_a_legible_colour_stays_as_it_is() -> None:
    assert legible(read("#1f5f4a"), WHITE) == read("#1f5f4a")


def test_the_address_changes_with_the_colour() -> None:
    assert fingerprint("#1f5f4a") != fingerprint("#1f5f4b")


def test_contrast_is_that_of_the_standard() -> None:
    assert round(contrast(WHITE, (0, 0, 0)), 2) == 21
    assert round(contrast(read("#767676"), WHITE), 2) == 4.54
