"""SWEREF 99 → WGS 84, held against pyproj over all of Sweden."""

import random
from math import cos, hypot, radians

import pytest
from pyproj import Transformer

from bot.exchange.sweref import TM, ZONES, to_wgs84

METRES_A_DEGREE = 111_320
POINTS = 2_000


@pytest.mark.parametrize("crs", ZONES, ids=lambda crs: f"EPSG {crs}")
def test_positions_are_those_of_pyproj_within_a_centimetre(crs: int) -> None:
    chance = random.Random(crs)  # noqa: S311 - points to try, no secret
    inverse = Transformer.from_crs(4326, crs, always_xy=True)
    meridian = ZONES[crs].meridian
    west, east = (10.5, 24.2) if crs == TM else (meridian - 1.5, meridian + 1.5)
    worst = 0.0
    for _ in range(POINTS):
        longitude, latitude = chance.uniform(west, east), chance.uniform(55.2, 69.1)
        easting, northing = inverse.transform(longitude, latitude)
        found = to_wgs84(northing, easting, crs)
        across = (found[1] - longitude) * METRES_A_DEGREE * cos(radians(latitude))
        worst = max(worst, hypot((found[0] - latitude) * METRES_A_DEGREE, across))
    assert worst < 0.01


def test_rounded_as_they_are_kept_they_are_still_within_a_centimetre() -> None:
    assert 10**-8 * METRES_A_DEGREE < 0.002
