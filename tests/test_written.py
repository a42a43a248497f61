"""What officers paste from Word and Excel: what is plain is read, what may mean two things is asked about."""

from collections.abc import Callable
from typing import Any

import pytest

from bot.exchange.cells import CellError
from bot.exchange.written import read_date, read_kr, read_kr_m2, read_m2, read_point, read_points, read_times

NUMBERS = {
    "plain": (read_m2, "1250", 1250),
    "no-break space and unit": (read_m2, "1\u00a0250\u00a0m²", 1250),
    "narrow space": (read_m2, "1\u202f250 kvm", 1250),
    "decimal comma": (read_m2, "1 240,5", 1240.5),
    "hectares": (read_m2, "0,5 ha", 5000),
    "kronor": (read_kr, "250 000 kr", 250_000),
    "kronor with a dash": (read_kr, "250 000:-", 250_000),
    "thousands of kronor": (read_kr, "250 tkr", 250_000),
    "grouped by points": (read_kr, "1.250.000 kr", 1_250_000),
    "unknown": (read_kr, "–", None),
    "empty": (read_kr, "", None),
    "by area": (read_kr_m2, "850,50 kr/m²", 850.5),
}
UNCLEAR = {
    "point or thousands": (read_m2, "1.250", "ambiguous"),
    "comma or thousands": (read_kr, "1,250", "ambiguous"),
    "about": (read_m2, "ca 1 250", "approximate"),
    "from to": (read_m2, "1 200–1 400 m²", "span"),
    "money for an area": (read_m2, "1 250 kr", "unit"),
    "an area for money": (read_kr, "1 250 m²", "unit"),
    "the price of a square metre": (read_kr, "250 kr/m²", "per-area"),
    "half a krona": (read_kr, "250,50 kr", "whole-kronor"),
    "words": (read_kr, "högst två miljoner", "number-text"),
    "less than nothing": (read_kr, "−5", "negative"),
    "a formula": (read_kr, "=A1+B1", "formula"),
    "far too much": (read_kr, "9" * 15, "number-text"),
    "American or British": (read_date, "1/12/2026", "day-ambiguous"),
    "no year": (read_date, "1/12", "day-year"),
    "half a year": (read_date, "1/12 26", "day-year"),
    "no such day": (read_date, "2026-02-30", "day"),
    "no such month": (read_date, "1 foo 2026", "day"),
    "soon": (read_date, "snart", "day"),
    "the afternoon": (read_times, "8am to 4pm", "hours"),
    "times in words": (read_times, "efter lunch", "hours"),
    "one number": (read_point, "64,2", "crs-unknown"),
    "no number": (read_point, "vid kyrkan", "position"),
    "not in Sweden": (read_point, "12.5, 100.4", "crs-unknown"),
    "a local zone": (read_point, "7 124 567, 150 321", "crs-local"),
}
DAYS = {
    "iso": ("2026-12-01", "2026-12-01"),
    "iso with a time, as Excel": ("2026-12-01 00:00:00", "2026-12-01"),
    "iso with en dashes": ("2026–12–01", "2026-12-01"),
    "digits": ("20261201", "2026-12-01"),
    "as Swedes write": ("1/12 2026", "2026-12-01"),
    "with a dash before the year": ("1/12-2026", "2026-12-01"),
    "with points": ("1.12.2026", "2026-12-01"),
    "by one meaning alone": ("31/12/2026", "2026-12-31"),
    "American by one meaning alone": ("12/31/2026", "2026-12-31"),
    "the same either way": ("5/5/2026", "2026-05-05"),
    "Swedish words": ("den 1 december 2026", "2026-12-01"),
    "short": ("1 dec. 2026", "2026-12-01"),
    "English words": ("December 1, 2026", "2026-12-01"),
    "English order": ("1st December 2026", "2026-12-01"),
    "no-break space": ("1\u00a0december\u00a02026", "2026-12-01"),
    "empty": ("  ", None),
}
TIMES = {
    "as shown": ("08:00-12:00, 13:00-16:30", "08:00-12:00, 13:00-16:30"),
    "points and an en dash": ("8.00–16.30", "08:00-16:30"),
    "whole hours": ("kl. 8 – 16", "08:00-16:00"),
    "two in words": ("8-12 och 13-16", "08:00-12:00, 13:00-16:00"),
    "in words": ("8 till 16", "08:00-16:00"),
    "four digits": ("0730-1600", "07:30-16:00"),
    "closed in Swedish": ("Stängt", "closed"),
    "closed in English": ("closed", "closed"),
    "always": ("Dygnet runt", "00:00-24:00"),
    "empty": ("", None),
}
VINDELN = (64.2003, 19.717)
POINTS = {
    "decimal points": ("64.2003, 19.7170", None, VINDELN),
    "decimal commas": ("64,2003 19,7170", None, VINDELN),
    "decimal commas and a semicolon": ("64,2003; 19,7170", None, VINDELN),
    "the other way round": ("19.7170, 64.2003", None, VINDELN),
    "named": ("Lat: 64.2003 Long: 19.7170", None, VINDELN),
    "with letters": ("N 64.2003° E 19.7170°", None, VINDELN),
    "degrees, minutes, seconds": ("64°12'01.08\"N 19°43'01.2\"E", None, VINDELN),
    "SWEREF 99 TM": ("7129012 728726", None, (64.20, 19.71)),
    "SWEREF 99 TM grouped": ("7 129 012, 728 726", None, (64.20, 19.71)),
    "SWEREF 99 TM, east first": ("E 728726, N 7129012", None, (64.20, 19.71)),
    "a local zone that is named": ("7121500, 123000", 3016, (64.18, 19.69)),
}


@pytest.mark.parametrize(("read", "text", "value"), NUMBERS.values(), ids=NUMBERS)
def test_numbers_are_read_as_they_are_pasted(read: Callable[[str], Any], text: str, value: float | None) -> None:
    assert read(text) == value


@pytest.mark.parametrize(("read", "text", "code"), UNCLEAR.values(), ids=UNCLEAR)
def test_what_is_unclear_is_asked_about(read: Callable[[str], Any], text: str, code: str) -> None:
    with pytest.raises(CellError) as raised:
        read(text)
    assert raised.value.code == code


@pytest.mark.parametrize(("text", "day"), DAYS.values(), ids=DAYS)
def test_days_are_read_as_swedes_write_them(text: str, day: str | None) -> None:
    assert read_date(text) == day


def test_a_day_of_two_meanings_names_both() -> None:
    with pytest.raises(CellError) as raised:
        read_date("1/12/2026")
    assert (raised.value.values["small"], raised.value.values["large"]) == ("2026-01-12", "2026-12-01")


@pytest.mark.parametrize(("text", "times"), TIMES.values(), ids=TIMES)
def test_times_are_read_as_they_stand_on_doors(text: str, times: str | None) -> None:
    assert read_times(text) == times


@pytest.mark.parametrize(("text", "crs", "position"), POINTS.values(), ids=POINTS)
def test_positions_are_read_in_the_systems_of_maps(text: str, crs: int | None, position: tuple[float, float]) -> None:
    found = read_point(text, crs)
    assert found
    tolerance = 1e-6 if position == VINDELN else 0.05
    assert found == pytest.approx(position, abs=tolerance)


def test_corners_are_in_one_system() -> None:
    assert read_points(["64.1, 19.2", "", "64.2, 19.2", "64.2, 19.3"]) == [(64.1, 19.2), (64.2, 19.2), (64.2, 19.3)]
    with pytest.raises(CellError):
        read_points(["64.1, 19.2", "7129012, 728726", "64.2, 19.3"])
