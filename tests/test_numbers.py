"""Amounts as people write and say them."""

import pytest

from bot.records.numbers import amounts
from bot.records.phrases import tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("200 000", [(200_000, "unknown")]),
        ("200.000 kr", [(200_000, "kr")]),
        ("200k", [(200_000, "kr")]),
        ("200 tkr", [(200_000, "kr")]),
        ("max 200'", [(200_000, "unknown")]),
        ("tvåhundratusen", [(200_000, "unknown")]),
        ("tvåhundrafemtiotusen kronor", [(250_000, "kr")]),
        ("hundra tusen", [(100_000, "unknown")]),
        ("two hundred and fifty thousand", [(250_000, "unknown")]),
        ("en halv miljon", [(500_000, "unknown")]),
        ("half a million kronor", [(500_000, "kr")]),
        ("a quarter of a million", [(250_000, "unknown")]),
        ("en och en halv miljon", [(1_500_000, "unknown")]),
        ("one and a half million", [(1_500_000, "unknown")]),
        ("1,5 miljoner", [(1_500_000, "unknown")]),
        ("1.2 mkr", [(1_200_000, "kr")]),
        ("1500 kvm", [(1_500, "m2")]),
        ("1 500 m²", [(1_500, "m2")]),
        ("1500m2", [(1_500, "m2")]),
        ("1,000 square metres", [(1_000, "m2")]),
        ("half a hectare", [(5_000, "m2")]),
        ("0,5 ha", [(5_000, "m2")]),
        ("100-200 tkr", [(100_000, "kr"), (200_000, "kr")]),
        ("mellan 100 och 200 tkr", [(100_000, "kr"), (200_000, "kr")]),
        ("800 till 1200 kvm", [(800, "m2"), (1_200, "m2")]),
        ("en tomt", []),
        ("a family of five", []),
    ],
)
def test_an_amount_is_read_with_its_unit(text: str, expected: list[tuple[float, str]]) -> None:
    assert [(amount.value, amount.measure) for amount in amounts(tokens(text))] == expected


@pytest.mark.parametrize("text", ["20 000 euro", "€50 000", "500 kr per kvm", "200 kr/m2"])
def test_a_unit_that_cannot_be_compared_is_odd(text: str) -> None:
    assert [amount.odd for amount in amounts(tokens(text))] == [True]
