"""GeoJSON and WFS answers → tables and positions; list 93–98 of the bad inputs, each named with its row."""

import json
from collections.abc import Sequence
from datetime import date
from math import cos, pi, sin
from pathlib import Path
from typing import Any

import pytest

from bot import ExchangeError, Origin, Plot, guess, read_geojson, read_plots

FIXTURES = Path(__file__).parent / "fixtures"
ORIGIN = Origin("https://data.example/tomter", date(2026, 11, 22))
SQUARE = [[729000, 7123000], [729040, 7123000], [729040, 7123030], [729000, 7123030], [729000, 7123000]]
TM = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}}


def point(*coordinates: Any) -> dict[str, Any]:
    return {"type": "Point", "coordinates": list(coordinates)}


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def collection(*geometries: Any, **members: Any) -> bytes:
    features = [
        {"type": "Feature", "id": f"tomt.{number}", "properties": {"status": "Ledig"}, "geometry": geometry}
        for number, geometry in enumerate(geometries, 1)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features, **members}).encode()


def plots(data: bytes, crs: int | None = None) -> tuple[Sequence[Plot], tuple[str, ...]]:
    table = read_geojson(data, "tomter.json")
    found = read_plots(table, guess(table.columns), ORIGIN, crs)
    return found.plots, found.notes


def problems(data: bytes, crs: int | None = None) -> list[tuple[int, str]]:
    with pytest.raises(ExchangeError) as raised:
        plots(data, crs)
    assert all(str(problem) for problem in raised.value.problems)
    return [(problem.row, problem.code) for problem in raised.value.problems]


def near(found: tuple[float, float] | None, latitude: float, longitude: float) -> bool:
    return found is not None and abs(found[0] - latitude) < 1e-6 and abs(found[1] - longitude) < 1e-6


def test_the_wfs_fixture_is_a_plot() -> None:
    (plot,), notes = plots((FIXTURES / "wfs_lediga_tomter_3006.json").read_bytes())
    assert (plot.id, plot.type, plot.area_m2, plot.status) == ("lediga-tomter-1", "house", 1240, "available")
    assert plot.url == "https://kommun.example/tomt-1"
    assert len(plot.polygon) == 4
    assert near(plot.polygon[0], 64.15709024, 19.71160687)
    assert any("taken to be available" in note for note in notes)


READ = {
    "WGS 84": (point(19.7, 64.2), {}, None),
    "WGS 84 with heights": (point(19.7, 64.2, 180.5), {}, None),
    "WGS 84 declared": (point(19.7, 64.2), {"crs": {"type": "name", "properties": {"name": "EPSG:4326"}}}, None),
    "CRS84": (
        point(19.7, 64.2), {"crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}}, None,
    ),
    "crs null": (point(19.7, 64.2), {"crs": None}, None),
    "SWEREF 99 TM declared": (point(728083.5, 7127729.9), {"crs": TM}, None),
    "SWEREF 99 TM by a URL": (
        point(728083.5, 7127729.9),
        {"crs": {"type": "name", "properties": {"name": "http://www.opengis.net/def/crs/EPSG/0/3006"}}},
        None,
    ),
    "SWEREF 99 TM by the old member": (
        point(728083.5, 7127729.9), {"crs": {"type": "EPSG", "properties": {"code": 3006}}}, None,
    ),
    "SWEREF 99 TM by size": (point(728083.5, 7127729.9), {}, None),
    "SWEREF 99 TM said": (point(728083.5, 7127729.9), {}, 3006),
}  # fmt: skip


@pytest.mark.parametrize(("geometry", "members", "crs"), READ.values(), ids=READ)
def test_a_position_is_read(geometry: Any, members: dict[str, Any], crs: int | None) -> None:
    (plot,), _ = plots(collection(geometry, **members), crs)
    assert plot.position is not None
    assert abs(plot.position[0] - 64.2) < 0.001
    assert abs(plot.position[1] - 19.7) < 0.001


@pytest.mark.parametrize("crs", [3012, 3016])
def test_a_local_zone_is_read_where_it_is_said_and_the_zones_differ(crs: int) -> None:
    (plot,), _ = plots(collection(point(125_000, 7_120_000)), crs)
    meridian = {3012: 14.25, 3016: 20.25}[crs]
    assert plot.position is not None
    assert abs(plot.position[1] - meridian) < 0.6


def test_94_metres_without_a_system_are_named() -> None:
    _, notes = plots(collection(point(729000, 7123000)))
    assert any("SWEREF 99 TM (3006)" in note for note in notes)


SWAPPED = {
    "93 degrees": (point(64.2, 19.7), None),
    "93 metres": (point(7127729.9, 728083.5), None),
    "93 metres, declared": (point(7127729.9, 728083.5), 3006),
}


@pytest.mark.parametrize(("geometry", "crs"), SWAPPED.values(), ids=SWAPPED)
def test_swapped_axes_are_turned_and_told(geometry: Any, crs: int | None) -> None:
    (plot,), notes = plots(collection(geometry), crs)
    assert plot.position is not None
    assert abs(plot.position[0] - 64.2) < 0.001
    assert any("order north, east" in note for note in notes)


RING = SQUARE[:-1]
BOWTIE = [RING[0], RING[2], RING[1], RING[3], RING[0]]
REFUSED = {
    "93 one of two is swapped": (collection(point(19.7, 64.2), point(64.2, 19.7), point(19.8, 64.3)), 2, "crs-mixed"),
    "93 the sea": (collection(point(0, 0)), 1, "crs-unknown"),
    "93 Africa": (collection(point(19.7, 6.42)), 1, "crs-unknown"),
    "94 metres that are said to be degrees": (
        collection(point(729000, 7123000), crs={"type": "name", "properties": {"name": "EPSG:4326"}}), 1, "crs-outside",
    ),
    "94 degrees that are said to be metres": (collection(point(19.7, 64.2), crs=TM), 1, "crs-outside"),
    "a local zone that nobody names": (collection(point(125_000, 7_120_000)), 0, "crs-local"),
    "RT 90": (collection(point(1_680_000, 7_120_000)), 1, "crs-unknown"),
    "two systems": (collection(point(19.7, 64.2), point(19.8, 64.2), point(729000, 7123000)), 3, "crs-outside"),
    "web map metres": (
        collection(point(1, 1), crs={"type": "name", "properties": {"name": "EPSG:3857"}}), 0, "crs-unsupported",
    ),
    "a system by link": (collection(crs={"type": "link", "properties": {"href": "x"}}), 0, "crs-unsupported"),
    "95 NaN": (collection(point(float("nan"), 64.2)), 1, "coordinate"),
    "95 infinity": (collection(point(float("inf"), 64.2)), 1, "coordinate"),
    "95 1e999": (collection(point(19.7, 64.2)).replace(b"64.2", b"1e999"), 1, "coordinate"),
    "95 400 digits": (collection(point(19.7, 64.2)).replace(b"64.2", b"9" * 400), 1, "coordinate"),
    "95 over 180": (collection(point(190, 64.2)), 1, "crs-unknown"),
    "95 text": (collection(point("19.7", "64.2")), 1, "coordinate"),
    "95 true": (collection(point(True, 64.2)), 1, "coordinate"),
    "95 one number": (collection(point(19.7)), 1, "coordinate"),
    "95 one-point polygon": (collection(polygon([SQUARE[0]])), 1, "corners-different"),
    "95 the same point four times": (collection(polygon([SQUARE[0]] * 4)), 1, "corners-different"),
    "95 two points": (collection(polygon([SQUARE[0], SQUARE[1], SQUARE[0]])), 1, "corners-different"),
    "95 unclosed ring": (collection(polygon(RING)), 1, "ring-open"),
    "95 self-crossing": (collection(polygon(BOWTIE)), 1, "ring-crosses"),
    "95 flat": (collection(polygon([[0, 0], [1, 1], [2, 2], [0, 0]])), 1, "ring-flat"),
    "95 no ring": (collection(polygon()), 1, "coordinate"),
    "97 200,000 vertices": (
        collection(polygon([[729000 + cos(n / 1e5 * pi), 7123000 + sin(n / 1e5 * pi)] for n in range(200_001)])),
        1,
        "corners-many",
    ),
    "a line": (collection({"type": "LineString", "coordinates": [[1, 2], [3, 4]]}), 1, "geometry"),
    "geometry of text": (collection("POINT (1 2)"), 1, "geometry"),
    "98 a single feature": (json.dumps({"type": "Feature"}).encode(), 0, "not-a-collection"),
    "98 a list": (b"[]", 0, "not-a-collection"),
    "98 a number": (b"1", 0, "not-a-collection"),
    "98 features of text": (b'{"type": "FeatureCollection", "features": "x"}', 0, "not-a-collection"),
    "98 a feature of text": (b'{"type": "FeatureCollection", "features": ["x"]}', 1, "mapping"),
    "98 a TopoJSON": (b'{"type": "Topology"}', 0, "not-a-collection"),
    "F23 truncated": (collection(point(19.7, 64.2))[:-20], 0, "json"),
    "not UTF-8": (collection(point(19.7, 64.2)).replace(b"Ledig", b"L\xe4dig"), 0, "encoding"),
    "half a character": (collection(point(19.7, 64.2)).replace(b"Ledig", b"\\ud800"), 0, "json"),
    "a control character in a heading": (collection(None).replace(b"status", b"\\u001b[31m"), 1, "control-character"),
    "deep": (b"[" * 200_000, 0, "json-deep"),
    "92 20,001 features": (collection(*[None] * 20_001), 0, "rows"),
    "92 over 20 MB": (b" " * 20_000_001, 0, "large"),
}  # fmt: skip


@pytest.mark.parametrize(("data", "row", "code"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_named(data: bytes, row: int, code: str) -> None:
    assert problems(data) == [(row, code)]


def test_the_file_and_the_caller_must_agree_on_the_system() -> None:
    assert (0, "crs-conflict") in problems(collection(point(729000, 7123000), crs=TM), 3009)


def test_all_rows_with_problems_are_told_at_once() -> None:
    found = problems(collection(polygon(BOWTIE), point(19.7, 64.2), polygon(RING), point(float("nan"), 1)))
    assert found == [(1, "ring-crosses"), (3, "ring-open"), (4, "coordinate")]


def test_an_empty_collection_is_no_plots() -> None:
    assert plots(collection())[0] == ()


def test_96_no_geometry_is_a_plot_without_position() -> None:
    (plot,), notes = plots(collection(None))
    assert (plot.position, plot.polygon) == (None, ())
    assert any("without a position: 1" in note for note in notes)


def test_of_several_parts_the_largest_is_kept_and_told() -> None:
    small = [[729100, 7123000], [729101, 7123000], [729101, 7123001], [729100, 7123000]]
    table = read_geojson(collection({"type": "MultiPolygon", "coordinates": [[small], [SQUARE]]}), "x")
    assert table.rows[0].shape is not None
    assert table.rows[0].shape.corners[0] == (729000, 7123000)
    assert "largest part" in table.notes[0]


def test_corners_that_stand_twice_in_a_row_are_one() -> None:
    (plot,), _ = plots(collection(polygon([SQUARE[0], *SQUARE])))
    assert len(plot.polygon) == 4


def test_the_outline_of_a_star_of_many_corners_is_judged_in_time() -> None:
    ring = [
        [729000 + (50 + 30 * (n % 2)) * cos(n / 450 * pi), 7123000 + (50 + 30 * (n % 2)) * sin(n / 450 * pi)]
        for n in range(900)
    ]
    (plot,), _ = plots(collection(polygon([*ring, ring[0]])))
    assert len(plot.polygon) == 900
