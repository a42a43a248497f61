"""What people write into cells; list 87–90 of the bad inputs."""

from collections.abc import Callable

import pytest

from bot.exchange.cells import (
    CellError,
    read_coordinate,
    read_day,
    read_kronor,
    read_measure,
    read_ready,
    read_sewage,
    read_status,
    read_type,
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("150000", 150_000),
        ("150 000", 150_000),
        ("150\u00a0000 kr", 150_000),
        ("150\u202f000 SEK", 150_000),
        ("150.000.000", 150_000_000),
        ("1,250,000", 1_250_000),
        ("1 250 000,00 kr", 1_250_000),
        ("150 tkr", 150_000),
        ("150 000:-", 150_000),
        ("1'250'000", 1_250_000),
        ("", None),
        ("-", None),
        ("Enligt överenskommelse", None),
        ("0", None),
        ("0 kr", None),
    ],
)
def test_87_prices(text: str, value: int | None) -> None:
    assert read_kronor(text) == value


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("1 240,5", "", 1240.5),
        ("1240.5 m²", "", 1240.5),
        ("1 240 kvm", "", 1240),
        ("0,5 ha", "", 5000),
        ("0,125", "ha", 1250),
        ("1500 m2", "ha", 1500),
        ("1250,500", "", 1250.5),
        ("okänd", "", None),
    ],
)
def test_87_areas(text: str, unit: str, value: float | None) -> None:
    assert read_measure(text, unit) == value


REFUSED: dict[str, tuple[Callable[[str], object], str, str]] = {
    "87 öre": (read_kronor, "1 250 000,50 kr", "whole-kronor"),
    "88 comma": (read_kronor, "1,250", "ambiguous"),
    "88 point": (read_measure, "1.250 m²", "ambiguous"),
    "88 a group too short": (read_kronor, "12 50", "number-text"),
    "88 two kinds of groups": (read_kronor, "1,250.000,5", "number-text"),
    "89 one of two days": (read_day, "1/2/24", "day"),
    "89 a Swedish day": (read_day, "1 februari 2024", "day"),
    "89 no year first": (read_day, "01-02-2024", "day"),
    "90 a formula": (read_kronor, '=HYPERLINK("x")', "formula"),
    "words": (read_kronor, "från 150 000 kr", "number-text"),
    "negative": (read_measure, "-5", "negative"),
    "endless": (read_kronor, "9" * 400, "number-text"),
    "other digits": (read_kronor, "١٢٣", "number-text"),
    "not a number": (read_measure, "nan", "number-text"),
    "infinite": (read_measure, "inf", "number-text"),
    "exponent": (read_measure, "1e9", "number-text"),
    "status": (read_status, "kanske", "word"),
    "type": (read_type, "slott", "word"),
    "water": (read_sewage, "delvis", "word"),
    "coordinate": (read_coordinate, "N 64", "coordinate"),
}


@pytest.mark.parametrize(("read", "text", "code"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_named(read: Callable[[str], object], text: str, code: str) -> None:
    with pytest.raises(CellError) as raised:
        read(text)
    assert raised.value.code == code


def test_88_both_readings_are_told() -> None:
    with pytest.raises(CellError) as raised:
        read_kronor("1,250")
    assert raised.value.values == {"value": "1,250", "small": "1.250", "large": "1250"}


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (read_status, "Ledig", "available"),
        (read_status, "TILL SALU", "available"),
        (read_status, "Bokad", "reserved"),
        (read_status, "Såld", "sold"),
        (read_status, "På gång", "upcoming"),
        (read_status, "", None),
        (read_type, "Småhus", "house"),
        (read_type, "Fritidshus", "leisure"),
        (read_type, "Hästgård", "horse"),
        (read_type, "Flerbostadshus", "multi-family"),
        (read_type, "Industri", "business"),
        (read_sewage, "Kommunalt VA", True),
        (read_sewage, "Ja", True),
        (read_sewage, "Enskilt", False),
        (read_sewage, "Kommunalt vatten, enskilt avlopp", False),
        (read_sewage, "", None),
        (read_ready, "byggklar", True),
        (read_ready, "Ej byggklar", False),
        (read_day, "2026-11-22T08:00:00", "2026-11-22"),
        (read_coordinate, "64,202", 64.202),
        (read_coordinate, "7 123 000.125", 7_123_000.125),
    ],
)
def test_words_and_positions(read: Callable[[str], object], text: str, value: object) -> None:
    assert read(text) == value
