"""Which coordinate system a file is in, and its corners as latitude and longitude. The uncertain is not published."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from bot.exchange.problems import RowProblem, problem
from bot.exchange.sweref import TM, WGS84, ZONES, to_wgs84
from bot.exchange.tables import Point, Shape

DECIMALS: Final = 8  # of degrees: one millimetre
Family = Literal["wgs84", "tm", "local"]
# easting or longitude, northing or latitude: from … to in Sweden. No two families overlap, and no axis its other.
LIMITS: Final[Mapping[Family, tuple[Point, Point]]] = MappingProxyType({
    "wgs84": ((10, 25), (55, 70)),
    "tm": ((250_000, 950_000), (6_100_000, 7_700_000)),
    "local": ((1_000, 250_000), (6_100_000, 7_700_000)),
})  # fmt: skip
NAMES: Final[Mapping[Family, str]] = MappingProxyType(
    {"wgs84": "WGS 84 (4326)", "tm": "SWEREF 99 TM (3006)", "local": "a local zone of SWEREF 99 (3007 … 3018)"}
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How the coordinates of a file are read: by which system, and whether north comes first."""

    crs: int
    swapped: bool
    notes: tuple[str, ...] = ()

    def position(self, corner: Point) -> Point:
        """Return latitude and longitude in degrees."""
        east, north = reversed(corner) if self.swapped else corner
        latitude, longitude = (north, east) if self.crs == WGS84 else to_wgs84(north, east, self.crs)
        return round(latitude, DECIMALS), round(longitude, DECIMALS)


def find_reading(shapes: Mapping[int, Shape], crs: int | None, sheet: str) -> tuple[Reading | None, list[RowProblem]]:
    """Judge all shapes (by row) at once, under the system `crs` where one is given, else by their size.

    Size tells WGS 84 from SWEREF 99 TM, and both from the local zones; among these twelve it tells nothing.
    """
    if not shapes:
        return Reading(crs or WGS84, swapped=False), []
    judged = {row: _judge(shape.corners) for row, shape in shapes.items()}
    if crs is None:
        return _by_size(shapes, judged, sheet)
    family: Family = "wgs84" if crs == WGS84 else "tm" if crs == TM else "local"
    return _as_one(shapes, judged, family, crs, sheet)


Judgement = tuple[Family, bool] | None


def _judge(corners: Iterable[Point]) -> Judgement:
    """Return the family and order that all corners fit, None where there is no such."""
    found: Judgement = None
    for corner in corners:
        fits = _fits(corner)
        if fits is None or found not in (None, fits):
            return None
        found = fits
    return found


def _fits(corner: Point) -> Judgement:
    first, second = corner
    for family, ((low, high), (south, north)) in LIMITS.items():
        if low <= first < high and south <= second < north:
            return family, False
        if low <= second < high and south <= first < north:
            return family, True
    return None


def _by_size(
    shapes: Mapping[int, Shape], judged: Mapping[int, Judgement], sheet: str
) -> tuple[Reading | None, list[RowProblem]]:
    unknown = [row for row, found in judged.items() if found is None]
    if unknown:
        return None, [problem(sheet, row, "", "crs-unknown", **_at(shapes[row])) for row in unknown]
    family = Counter(found[0] for found in judged.values() if found).most_common(1)[0][0]
    if family == "local":
        return None, [problem(sheet, 0, "", "crs-local")]
    reading, problems = _as_one(shapes, judged, family, WGS84 if family == "wgs84" else TM, sheet)
    if reading is None or family == "wgs84":
        return reading, problems
    note = f"no coordinate system is given; by their size the numbers are {NAMES[family]}"
    return Reading(reading.crs, reading.swapped, (note, *reading.notes)), problems


def _as_one(
    shapes: Mapping[int, Shape], judged: Mapping[int, Judgement], family: Family, crs: int, sheet: str
) -> tuple[Reading | None, list[RowProblem]]:
    """Read all shapes as `family` in one order; every other is a problem."""
    orders = Counter(found[1] for found in judged.values() if found and found[0] == family)
    swapped = bool(orders) and orders.most_common(1)[0][0]
    problems = [
        _misfit(shapes[row], row, found, family, crs, sheet)
        for row, found in judged.items()
        if found != (family, swapped)
    ]
    if problems:
        return None, problems
    note = "the axes stand in the order north, east; they are read so, and turned"
    return Reading(crs, swapped, (note,) if swapped else ()), []


def _misfit(shape: Shape, row: int, found: Judgement, family: Family, crs: int, sheet: str) -> RowProblem:
    if found and found[0] == family:
        return problem(sheet, row, "", "crs-mixed", **_at(shape))
    hint = f"it looks like {NAMES[found[0]]}" if found else "are the axes right?"
    name = ZONES[crs].name if crs in ZONES else "WGS 84"
    return problem(sheet, row, "", "crs-outside", crs=f"{name} ({crs})", hint=hint, **_at(shape))


def _at(shape: Shape) -> dict[str, object]:
    x, y = next((corner for corner in shape.corners if _fits(corner) is None), shape.corners[0])
    return {"x": f"{x:.10g}", "y": f"{y:.10g}"}
