"""SWEREF 99 plane coordinates → WGS 84, by the Gauss–Krüger formulas that Lantmäteriet publishes.

The formulas ("Gauss Conformal Projection, Krüger's formulas", Lantmäteriet 2008) are series in the third flattening of
the ellipsoid GRS 80; in Sweden their error is well below a millimetre. WGS 84 and SWEREF 99 are taken as the same: they
differ by some decimetres, which no map of plots shows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import asin, atan2, cos, cosh, degrees, sin, sinh
from types import MappingProxyType
from typing import Final

SEMI_MAJOR_AXIS: Final = 6_378_137.0  # metres, GRS 80
FLATTENING: Final = 1 / 298.257222101
WGS84: Final = 4326
TM: Final = 3006


@dataclass(frozen=True, slots=True)
class Zone:
    """One projection: its central meridian (degrees east), the scale there, and the false easting (metres)."""

    name: str
    meridian: float
    scale: float = 1.0
    false_easting: float = 150_000.0


ZONES: Final[Mapping[int, Zone]] = MappingProxyType(
    {
        TM: Zone("SWEREF 99 TM", 15.0, 0.9996, 500_000.0),
        3007: Zone("SWEREF 99 12 00", 12.0),
        3008: Zone("SWEREF 99 13 30", 13.5),
        3009: Zone("SWEREF 99 15 00", 15.0),
        3010: Zone("SWEREF 99 16 30", 16.5),
        3011: Zone("SWEREF 99 18 00", 18.0),
        3012: Zone("SWEREF 99 14 15", 14.25),
        3013: Zone("SWEREF 99 15 45", 15.75),
        3014: Zone("SWEREF 99 17 15", 17.25),
        3015: Zone("SWEREF 99 18 45", 18.75),
        3016: Zone("SWEREF 99 20 15", 20.25),
        3017: Zone("SWEREF 99 21 45", 21.75),
        3018: Zone("SWEREF 99 23 15", 23.25),
    }
)


@dataclass(frozen=True, slots=True)
class Series:
    """What the formulas need of an ellipsoid: its rectifying radius (metres) and the coefficients of two series."""

    radius: float
    plane: tuple[float, ...]
    latitude: tuple[float, ...]

    @classmethod
    def of(cls, semi_major_axis: float, flattening: float) -> "Series":
        """Compute them; the names n, e2 and the orders of the terms are Lantmäteriet's."""
        n = flattening / (2 - flattening)
        e2 = flattening * (2 - flattening)
        radius = semi_major_axis / (1 + n) * (1 + n**2 / 4 + n**4 / 64)
        plane = (
            n / 2 - 2 * n**2 / 3 + 37 * n**3 / 96 - n**4 / 360,
            n**2 / 48 + n**3 / 15 - 437 * n**4 / 1440,
            17 * n**3 / 480 - 37 * n**4 / 840,
            4397 * n**4 / 161280,
        )
        latitude = (
            e2 + e2**2 + e2**3 + e2**4,
            -(7 * e2**2 + 17 * e2**3 + 30 * e2**4) / 6,
            (224 * e2**3 + 889 * e2**4) / 120,
            -(4279 * e2**4) / 1260,
        )
        return cls(radius, plane, latitude)


GRS80: Final = Series.of(SEMI_MAJOR_AXIS, FLATTENING)


def to_wgs84(north: float, east: float, crs: int = TM) -> tuple[float, float]:
    """Return latitude and longitude in degrees of a point in metres; `crs` is a key of ZONES (an EPSG code)."""
    zone = ZONES[crs]
    xi = north / (zone.scale * GRS80.radius)
    eta = (east - zone.false_easting) / (zone.scale * GRS80.radius)
    xi_sphere, eta_sphere = xi, eta
    for order, delta in enumerate(GRS80.plane, 1):
        xi_sphere -= delta * sin(2 * order * xi) * cosh(2 * order * eta)
        eta_sphere -= delta * cos(2 * order * xi) * sinh(2 * order * eta)
    conformal = asin(sin(xi_sphere) / cosh(eta_sphere))
    sine = sin(conformal)
    first, second, third, fourth = GRS80.latitude
    correction = first + second * sine**2 + third * sine**4 + fourth * sine**6
    latitude = conformal + sine * cos(conformal) * correction
    longitude = atan2(sinh(eta_sphere), cos(xi_sphere))
    return degrees(latitude), zone.meridian + degrees(longitude)
