"""Plots, jobs, places and contacts as GeoJSON, JSON, CSV and Atom: true, safe to open, cheap to ask again."""

import csv
import json
from collections.abc import Callable
from datetime import date, datetime
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element
from zoneinfo import ZoneInfo

import pytest
from defusedxml.ElementTree import fromstring
from flask import Flask
from flask.testing import FlaskClient
from recording import HOSTILE, SOURCE, plot, write_records

from bot import Filters, Found, Localized, Plot, Source
from web.opendata import atom
from web.opendata.table import cell
from web.opendata.values import ring

ATOM = "{http://www.w3.org/2005/Atom}"
LISTS = ("plots", "jobs", "places", "contacts")
PLOTS = "/api/v1/plots?municipality=soderby"
FORMULAS = ["=1+1", "+46 70", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"]


def on_22_november(zone: ZoneInfo) -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=zone)


@pytest.fixture(scope="module")
def dated(make_app: Callable[..., Flask]) -> FlaskClient:
    """A browser on 22 November 2026."""
    return make_app(clock=on_22_november).test_client()


@pytest.fixture
def recorded(knowledge_folder: Path, make_app: Callable[..., Flask]) -> Callable[..., FlaskClient]:
    """Serve Norrby with the plots given."""

    def serve(*plots: dict[str, Any]) -> FlaskClient:
        write_records(knowledge_folder, "plots", list(plots))
        return make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder)).test_client()

    return serve


def ids(client: FlaskClient, address: str) -> list[str]:
    found = client.get(address).json
    assert found is not None
    (records,) = (value for value in found.values() if isinstance(value, list))
    return [one["id"] for one in records]


# what comes


def test_plots_are_geojson_with_longitude_first(dated: FlaskClient) -> None:
    found = dated.get(PLOTS)
    assert found.mimetype == "application/geo+json"
    features = {feature["id"]: feature for feature in found.json["features"]}
    assert features["storholm-1"]["geometry"] == {"type": "Point", "coordinates": [18.0, 59.001]}
    assert features["lillnas-2"]["geometry"] is None
    assert features["lillnas-1"]["geometry"]["type"] == "Polygon"
    assert found.json["type"] == "FeatureCollection"


def test_a_polygon_is_closed_and_runs_anticlockwise() -> None:
    clockwise = ((59.0, 18.0), (59.1, 18.0), (59.1, 18.2), (59.0, 18.2))
    closed = ring(clockwise)
    assert closed[0] == closed[-1]
    pairs = list(pairwise(closed))
    assert sum(here[1] * there[0] - there[1] * here[0] for here, there in pairs) > 0
    assert ring(tuple(closed)) == closed


def test_properties_are_our_own_values(dated: FlaskClient) -> None:
    found = dated.get(f"{PLOTS}&type=horse").json["features"][0]["properties"]
    assert (found["price_kr"], found["price_kr_m2"], found["area_m2"], found["example"]) == (100_000, 20, 5000, False)
    assert found["building_right"] is None


def test_what_is_sold_or_closed_is_in_no_list(dated: FlaskClient) -> None:
    assert "lillnas-3" not in ids(dated, PLOTS)
    assert dated.get(f"{PLOTS}&status=sold").json["total"] == 0
    assert set(ids(dated, "/api/v1/jobs?municipality=soderby")) == {"nurse-1", "nurse-2", "welder-1"}


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ("place=storholm", {"storholm-1", "storholm-2", "storholm-3"}),
        ("price_max=150000&area_min=1000", {"storholm-1", "lillnas-1", "lillnas-2"}),
        ("water_sewage=false", {"storholm-3"}),
        ("near=school", {"storholm-1"}),
        ("price_max=1", set()),
    ],
    ids=["place", "limits", "not so", "near", "nothing"],
)
def test_the_filters_are_those_of_the_chat(dated: FlaskClient, filters: str, expected: set[str]) -> None:
    assert set(ids(dated, f"{PLOTS}&{filters}")) == expected


def test_a_distance_is_told_where_it_was_asked(dated: FlaskClient) -> None:
    (found,) = dated.get(f"{PLOTS}&near=school").json["features"]
    assert 500 < found["properties"]["distance_m"] < 700


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("jobs?municipality=soderby&occupation=nurse&extent=part-time", {"nurse-2"}),
        ("jobs?municipality=soderby&employer=Svets AB", {"welder-1"}),
        ("places?municipality=soderby&kind=village", {"storholm", "lillnas"}),
        ("places?municipality=soderby&place=Storholm", {"storholm", "storholm-school"}),
    ],
)
def test_jobs_and_places_have_filters_too(dated: FlaskClient, address: str, expected: set[str]) -> None:
    assert set(ids(dated, f"/api/v1/{address}")) == expected


def test_contacts_are_all_that_the_municipality_has(dated: FlaskClient) -> None:
    found = dated.get("/api/v1/contacts?municipality=norrby").json
    assert found["total"] == len(found["contacts"])
    assert {"switchboard", "building-office"} <= {one["id"] for one in found["contacts"]}


def test_hours_are_written_as_in_the_knowledge(dated: FlaskClient) -> None:
    places = {one["id"]: one for one in dated.get("/api/v1/places?municipality=norrby").json["places"]}
    hours = places["health-centre-norrby"]["hours"]
    assert (hours["mon"], hours["sat"], hours["holidays"], hours["eves"]) == ("08:00-17:00", "closed", "closed", None)


def test_limit_and_offset_choose_among_all(dated: FlaskClient) -> None:
    whole = ids(dated, PLOTS)
    part = dated.get(f"{PLOTS}&limit=2&offset=1")
    assert [one["id"] for one in part.json["features"]] == whole[1:3]
    assert part.json["total"] == len(whole) == int(part.headers["X-Total-Count"])
    assert ids(dated, f"{PLOTS}&offset=100") == []


# what is refused


@pytest.mark.parametrize(
    ("parameter", "code", "field"),
    [
        ("colour=red", "parameter_unknown", None),
        ("occupation=nurse", "parameter_unknown", None),
        ("type=castle", "parameter_invalid", "type"),
        ("price_max=1.5", "parameter_no_number", "price_max"),
        ("price_max=-1", "parameter_no_number", "price_max"),
        ("price_max=1_000", "parameter_no_number", "price_max"),
        ("price_max=", "parameter_no_number", "price_max"),
        ("limit=0", "parameter_no_number", "limit"),
        ("limit=2001", "parameter_no_number", "limit"),
        ("place=a%00b", "parameter_no_text", "place"),
        ("place=", "parameter_no_text", "place"),
        ("water_sewage=yes", "parameter_invalid", "water_sewage"),
        ("place=a&place=b", "parameter_twice", "place"),
        ("format=xml", "parameter_invalid", "format"),
    ],
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_wrong_parameter_is_told_with_what_is_accepted(
    dated: FlaskClient, language: str, parameter: str, code: str, field: str | None
) -> None:
    response = dated.get(f"{PLOTS}&{parameter}", headers={"Accept-Language": language})
    assert (response.status_code, response.mimetype) == (422, "application/problem+json")
    assert (response.json["code"], response.json["field"]) == (code, field)
    assert not [word for word in ("colour", "castle", "xml") if word in response.text]
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("table", LISTS)
def test_a_municipality_has_to_be_named_and_known(client: FlaskClient, table: str) -> None:
    assert client.get(f"/api/v1/{table}").json["code"] == "municipality_missing"
    assert client.get(f"/api/v1/{table}?municipality=nowhere").status_code == 404


# how it travels


@pytest.mark.parametrize("table", LISTS)
@pytest.mark.parametrize("kind", ["json", "csv"])
def test_what_is_known_already_is_not_sent_again(client: FlaskClient, table: str, kind: str) -> None:
    address = f"/api/v1/{table}?municipality=soderby&format={kind}"
    first = client.get(address)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize("table", LISTS)
def test_scripts_of_other_sites_may_read_it(client: FlaskClient, table: str) -> None:
    for address in (f"/api/v1/{table}?municipality=soderby", f"/api/v1/{table}"):
        assert client.get(address).headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("address", ["/api/v1/municipalities", "/soderby/sv/map", "/soderby/sv/plots.atom"])
def test_nothing_else_is_open_to_them(client: FlaskClient, address: str) -> None:
    assert "Access-Control-Allow-Origin" not in client.get(address).headers


# CSV


def rows(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("table", LISTS)
def test_a_table_has_the_same_records(dated: FlaskClient, table: str) -> None:
    address = f"/api/v1/{table}?municipality=soderby"
    response = dated.get(f"{address}&format=csv")
    assert response.content_type == "text/csv; charset=utf-8"
    assert f"soderby-{table}.csv" in response.headers["Content-Disposition"]
    assert [row["id"] for row in rows(response.data.decode())] == ids(dated, address)


def test_a_table_has_positions_and_both_languages(dated: FlaskClient) -> None:
    found = {row["id"]: row for row in rows(dated.get(f"{PLOTS}&format=csv").data.decode())}
    assert (found["storholm-1"]["latitude"], found["storholm-1"]["longitude"]) == ("59.001", "18.0")
    assert (found["storholm-1"]["water_sewage"], found["lillnas-2"]["latitude"]) == ("true", "")
    jobs = rows(dated.get("/api/v1/jobs?municipality=soderby&format=csv").data.decode())
    assert {(job["title_sv"], job["title_en"]) for job in jobs} >= {("Svetsare", "Welder")}


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_becomes_a_formula(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize(
    ("value", "written"),
    [(-19.5, -19.5), (-1, -1), (None, ""), (True, "true"), ("a=b", "a=b"), (["sv", "en"], "sv en"), (["=1"], "'=1")],
)
def test_a_number_stays_a_number(value: object, written: object) -> None:
    assert cell(value) == written


def test_a_hostile_designation_is_text_in_the_table(recorded: Callable[..., FlaskClient]) -> None:
    client = recorded(plot("one", designation="=cmd|' /C calc'!A0\",\"x"), plot("two", position=[-33.9, -70.6]))
    found = rows(client.get("/api/v1/plots?municipality=norrby&format=csv").data.decode())
    assert found[0]["designation"] == "'=cmd|' /C calc'!A0\",\"x"
    assert found[1]["longitude"] == "-70.6"


# Atom


def feed(client: FlaskClient, address: str) -> Element:
    response = client.get(address)
    assert response.mimetype == "application/atom+xml"
    return fromstring(response.data)


def links(element: Element) -> dict[str, str]:
    return {link.get("rel", ""): link.get("href", "") for link in element.findall(f"{ATOM}link")}


@pytest.mark.parametrize("address", ["/soderby/sv/plots.atom", "/soderby/en/jobs.atom", "/norrby/sv/jobs.atom"])
def test_a_feed_has_what_atom_asks_for(dated: FlaskClient, address: str) -> None:
    root = feed(dated, address)
    assert root.tag == f"{ATOM}feed"
    assert root.find(f"{ATOM}author/{ATOM}name").text
    assert links(root)["self"] == f"http://localhost{address}"
    for element in (root, *root.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"{ATOM}{name}")) == 1
            assert element.find(f"{ATOM}{name}").text
        assert datetime.fromisoformat(element.find(f"{ATOM}updated").text).tzinfo is not None
        assert element.find(f"{ATOM}id").text.startswith("urn:hemvist:")
        assert links(element)["alternate"].startswith("http://localhost/")
    names = [element.text for element in root.iter(f"{ATOM}id")]
    assert len(names) == len(set(names))


def test_a_feed_follows_the_filters_and_says_so(dated: FlaskClient) -> None:
    root = feed(dated, "/soderby/en/plots.atom?place=Storholm&price_max=200000")
    assert root.find(f"{ATOM}title").text == "Building plots in Söderby: in Storholm, at most SEK 200,000"
    assert [one.find(f"{ATOM}id").text.rsplit(":", 1)[1] for one in root.findall(f"{ATOM}entry")] == [
        "storholm-1",
        "storholm-3",
    ]
    assert "show=plots&place=Storholm&price_max=200000" in links(root)["alternate"]


def test_an_entry_leads_to_its_card(dated: FlaskClient) -> None:
    for entry in feed(dated, "/soderby/sv/plots.atom").findall(f"{ATOM}entry"):
        address = urlsplit(links(entry)["alternate"])
        assert f'id="{address.fragment}"' in dated.get(f"{address.path}?{address.query}").text


def test_where_nothing_fits_the_feed_is_empty(dated: FlaskClient) -> None:
    assert feed(dated, "/soderby/sv/plots.atom?price_max=1").findall(f"{ATOM}entry") == []


def test_a_feed_is_the_same_tomorrow(make_app: Callable[..., Flask], dated: FlaskClient) -> None:
    later = make_app(clock=lambda zone: datetime(2026, 11, 23, 8, tzinfo=zone)).test_client()
    address = "/soderby/sv/plots.atom"
    first = dated.get(address)
    assert later.get(address).data == first.data
    assert later.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


@pytest.mark.parametrize(
    ("source", "day"),
    [
        (Source("https://a.example", date(2026, 11, 20), date(2026, 3, 5)), date(2026, 3, 5)),
        (Source("https://a.example", date(2026, 11, 20)), date(2026, 11, 20)),
        (None, atom.UNDATED),
    ],
    ids=["the page's own date", "the day it was read", "unknown"],
)
def test_a_record_is_of_the_day_of_its_source(source: Source | None, day: date) -> None:
    assert atom.dated(Plot("one", "available", source=source)) == day


def test_the_newest_comes_first(recorded: Callable[..., FlaskClient]) -> None:
    client = recorded(plot("old"), plot("new", source=SOURCE, price_kr=900_000))
    root = feed(client, "/norrby/sv/plots.atom")
    assert [one.find(f"{ATOM}updated").text for one in root.findall(f"{ATOM}entry")] == [
        "2026-03-05T00:00:00Z",
        "2000-01-01T00:00:00Z",
    ]
    assert root.find(f"{ATOM}updated").text == "2026-03-05T00:00:00Z"


def test_an_example_says_so_in_its_title(recorded: Callable[..., FlaskClient]) -> None:
    root = feed(recorded(plot("one", example=True)), "/norrby/sv/plots.atom")
    assert root.find(f"{ATOM}entry/{ATOM}title").text == "Exempel: Tomt i Norrby"


def test_hostile_text_is_text_in_a_feed() -> None:
    head = atom.Feed("norrby", "a\x00&b", "plots", "sv", Filters(place=HOSTILE), HOSTILE, "https://a/?x=1&y=2", "/")
    found = Found(Plot("one", "available", designation=f"{HOSTILE}\x0b\ufffe", building_right=Localized("]]>", None)))
    root = fromstring(atom.write(head, [found], ["https://a/#one"]))
    assert root.find(f"{ATOM}title").text == HOSTILE
    assert root.find(f"{ATOM}entry/{ATOM}title").text == HOSTILE
    assert links(root)["self"] == "https://a/?x=1&y=2"


@pytest.mark.parametrize("address", ["/soderby/sv/plots.atom?type=castle", "/soderby/sv/jobs.atom?price_max=1"])
def test_a_feed_refuses_what_it_does_not_know(client: FlaskClient, address: str) -> None:
    response = client.get(address)
    assert (response.status_code, response.mimetype) == (422, "text/html")
    assert "castle" not in response.text


@pytest.mark.parametrize("address", ["/soderby/sv/places.atom", "/soderby/de/plots.atom", "/nowhere/sv/plots.atom"])
def test_there_is_no_other_feed(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


# Leaflet


@pytest.mark.parametrize(("file", "kind"), [("leaflet.js", "text/javascript"), ("leaflet.css", "text/css")])
def test_leaflet_is_served_from_its_wheel_and_kept(client: FlaskClient, file: str, kind: str) -> None:
    settings = json.loads(
        client.get("/soderby/sv/map?show=plots").text.split('id="map-settings">')[1].split("</script>")[0]
    )
    response = client.get(settings["leaflet"][file.rsplit(".", 1)[1]])
    assert (response.status_code, response.mimetype) == (200, kind)
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert b"leaflet" in response.data.lower()


@pytest.mark.parametrize("path", ["0.0.0/leaflet.js", "1.9.4.1/leaflet-src.js", "1.9.4.1/../leaflet.js", "x/apps.py"])
def test_no_other_file_of_the_wheel_is_served(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/leaflet/{path}").status_code == 404
