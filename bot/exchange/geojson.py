"""GeoJSON, as files and as WFS servers answer it → a table with shapes."""

import json
import re
from collections.abc import Sequence
from typing import Any, Final

from bot.exchange.outlines import area, fault_of, simplified
from bot.exchange.problems import RowProblem, problem, refusal
from bot.exchange.sweref import TM, WGS84, ZONES
from bot.exchange.tables import (
    MAX_ROWS,
    Point,
    Row,
    Shape,
    Table,
    as_text,
    parse_json,
    raise_all,
    refuse_large,
    refuse_odd,
)

# other names of systems whose coordinates are the same numbers, to within decimetres
SAME_AS: Final = {4258: WGS84, 4619: WGS84, 84: WGS84, 25833: TM, 32633: TM, 5845: TM}
KNOWN: Final = (WGS84, *ZONES)
LARGEST: Final = 1e9
CODE: Final = re.compile(r"(?:^|[:/#]|\bCRS)(\d{2,5})\Z")  # 3006, EPSG:3006, urn:ogc:def:crs:EPSG::3006, …/CRS84


class _ShapeError(Exception):
    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def read_geojson(data: bytes, sheet: str) -> Table:
    """Read a FeatureCollection; raises ExchangeError with every problem."""
    refuse_large(data, sheet)
    content = parse_json(data, sheet)
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(content, dict) or content.get("type") != "FeatureCollection" or not isinstance(features, list):
        raise refusal(sheet, "not-a-collection", found=_named(content))
    if len(features) > MAX_ROWS:
        raise refusal(sheet, "rows", limit=MAX_ROWS)
    crs = _declared(content.get("crs"), sheet)
    problems: list[RowProblem] = []
    rows = [row for number, feature in enumerate(features, 1) if (row := _row(feature, number, sheet, problems))]
    raise_all(problems)
    columns = dict.fromkeys(name for row in rows for name in row.cells)
    refuse_odd(tuple(columns), sheet)
    parted = sum(_parts(feature) > 1 for feature in features)
    notes = (f"{parted} plots of several parts: the outline of the largest part is kept",) if parted else ()
    return Table(sheet, tuple(columns), tuple(rows), crs, notes)


def known_crs(code: int) -> int | None:
    """Return the system that `code` stands for among those that are read, None where it is none of them."""
    same = SAME_AS.get(code, code)
    return same if same in KNOWN else None


def _named(content: object) -> str:
    if isinstance(content, dict):
        return str(content.get("type", "an object without type"))
    return "a list" if isinstance(content, list) else type(content).__name__


def _declared(crs: object, sheet: str) -> int | None:
    """Return the code of a `crs` member as GeoJSON 2008 wrote it and servers still do; null says nothing."""
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str((properties or {}).get("name") or (properties or {}).get("code") or "")
    found = CODE.search(name)
    code = known_crs(int(found[1])) if found else None
    if code is None:
        raise refusal(sheet, "crs-unsupported", crs=name or json.dumps(crs), known=", ".join(map(str, KNOWN)))
    return code


def _row(feature: object, number: int, sheet: str, problems: list[RowProblem]) -> Row | None:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
        problems.append(problem(sheet, number, "", "mapping", found=_named(feature)))
        return None
    try:
        shape = _shape(feature.get("geometry"))
    except _ShapeError as error:
        problems.append(problem(sheet, number, "geometry", error.code, **error.values))
        return None
    cells = {str(name): _cell(value) for name, value in (feature.get("properties") or {}).items()}
    own = feature.get("id")
    return Row(number, cells, shape, str(own) if isinstance(own, str | int) else "")


def _cell(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else as_text(value)


def _shape(geometry: object) -> Shape | None:
    if geometry is None:
        return None
    kind = _kind(geometry)
    coordinates = geometry.get("coordinates") if isinstance(geometry, dict) else None
    match kind:
        case "Point":
            return Shape((_point(coordinates),))
        case "Polygon":
            return _polygon(coordinates)
        case "MultiPolygon":
            parts = [_polygon(part) for part in _list(coordinates)]
            if not parts:
                raise _ShapeError("geometry", found="an empty MultiPolygon")
            return max(parts, key=lambda part: area(part.corners))
    raise _ShapeError("geometry", found=kind or "something else")


def _kind(geometry: object) -> str:
    return str(geometry.get("type") or "") if isinstance(geometry, dict) else ""


def _parts(feature: dict[str, Any]) -> int:
    geometry = feature.get("geometry")
    return len((geometry or {})["coordinates"]) if _kind(geometry) == "MultiPolygon" else 1


def _polygon(rings: object) -> Shape:
    """Return the outer ring; holes are not kept."""
    outlines = _list(rings)
    ring = [_point(corner) for corner in _list(outlines[0] if outlines else None)]
    if fault := fault_of(ring):
        raise _ShapeError(fault[0], **fault[1])
    return Shape(simplified(ring))


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise _ShapeError("coordinate", value=value)
    return value


def _point(value: object) -> Point:
    """Return the first two numbers of a position; a height is left out."""
    if not isinstance(value, list) or len(value) < 2:
        raise _ShapeError("coordinate", value=value)
    return _coordinate(value[0]), _coordinate(value[1])


def _coordinate(value: object) -> float:
    """Return a number that a float can hold; whole numbers of 400 digits are JSON too."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LARGEST:
        raise _ShapeError("coordinate", value=value)
    return float(value)
