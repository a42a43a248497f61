"""Columns → fields of a plot: guessed, said in a file, written down; and rows → plots, all or none."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from bot import (
    ColumnMapping,
    ExchangeError,
    KnowledgeError,
    Origin,
    Plot,
    guess,
    mapping_as_yaml,
    read_mapping,
    read_plots,
    read_sheet,
)

FIXTURES = Path(__file__).parent / "fixtures"
ORIGIN = Origin("https://www.norrby.example/tomter", date(2026, 11, 22))


def taken(text: str, mapping: str | None = None, crs: int | None = None) -> tuple[Sequence[Plot], tuple[str, ...]]:
    table = read_sheet(text.encode(), "tomter.csv")
    used = guess(table.columns) if mapping is None else read_mapping(mapping, "map.yaml", table.columns)
    found = read_plots(table, used, ORIGIN, crs)
    return found.plots, found.notes


def problems(text: str, mapping: str | None = None) -> list[tuple[int, str, str]]:
    with pytest.raises(ExchangeError) as raised:
        taken(text, mapping)
    assert all(str(problem) for problem in raised.value.problems)
    return [(problem.row, problem.column, problem.code) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("Fastighetsbeteckning", "designation"),
        ("FASTBET", "designation"),
        ("fastighets_beteckning", "designation"),
        ("Område", "place"),
        ("ort", "place"),
        ("Areal (m²)", "area_m2"),
        ("Tomtarea kvm", "area_m2"),
        ("Area", "area_m2"),
        ("Pris (kr)", "price_kr"),
        ("Price", "price_kr"),
        ("Pris (kr/m²)", "price_kr_m2"),
        ("Pris per kvm", "price_kr_m2"),
        ("Kvadratmeterpris", "price_kr_m2"),
        ("Status", "status"),
        ("Tomttyp", "type"),
        ("Byggrätt", "building_right"),
        ("Detaljplan", "plan"),
        ("Kommunalt VA", "water_sewage"),
        ("Vatten och avlopp", "water_sewage"),
        ("Byggklar", "ready_to_build"),
        ("Fördelning", "allocation"),
        ("Länk", "url"),
        ("N", "north"),
        ("Latitud", "north"),
        ("Öst", "east"),
        ("lng", "east"),
        ("WKT", "wkt"),
        ("Senast uppdaterad", "dated"),
    ],
)
def test_a_heading_is_guessed(heading: str, field: str) -> None:
    assert guess(["?", heading]).columns == {field: heading}


def test_what_is_unknown_stays_unused() -> None:
    columns = ["Beteckning", "Handläggare", "Telefon"]
    assert guess(columns).unused(columns) == ["Handläggare", "Telefon"]


def test_the_fixture_is_two_plots() -> None:
    table = read_sheet((FIXTURES / "lediga_tomter_cp1252.csv").read_bytes(), "lediga_tomter_cp1252.csv")
    first, second = read_plots(table, guess(table.columns), ORIGIN).plots
    assert (first.id, first.designation, first.place) == ("vindeln-7-31", "Vindeln 7:31", "Hällnäs")
    assert (first.area_m2, first.price_kr, first.status) == (1240.5, 150_000, "available")
    assert (second.price_kr, second.status, second.position) == (None, "reserved", None)
    assert first.position is not None
    assert first.source is not None
    assert (first.source.url, first.source.copied) == (ORIGIN.url, ORIGIN.day)


def test_every_field_of_a_row() -> None:
    (plot,), _ = taken(
        "Beteckning;Ort;Typ;Status;Areal (ha);Pris (tkr);Byggrätt;Plan;VA;Byggklar;Fördelning;Lat;Lon;Länk;Datum\n"
        "Granö 1:2;Granö;Fritid;Såld;0,2;125;200 m² BYA;DP 4;Enskilt;Ja;Tomtkö;64,25;19,3;https://n.example/1;2026-01-31\n"
    )
    assert (plot.type, plot.status, plot.area_m2, plot.price_kr) == ("leisure", "sold", 2000, 125_000)
    assert (plot.water_sewage, plot.ready_to_build, plot.plan) == (False, True, "DP 4")
    assert plot.building_right is not None
    assert plot.allocation is not None
    assert (plot.building_right.sv, plot.allocation.sv, plot.position) == ("200 m² BYA", "Tomtkö", (64.25, 19.3))
    assert plot.source is not None
    assert (plot.url, plot.source.url, plot.source.dated) == (
        "https://n.example/1", "https://n.example/1", date(2026, 1, 31),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "row", "price_kr", "price_kr_m2"),
    [
        ("Pris", "450 kr/m²", None, 450),
        ("Pris (kr/m²)", "450", None, 450),
        ("Kvmpris", "450,50", None, 450.5),
        ("Pris", "450", 450, None),
        ("Pris;Kvmpris", "450000;450", 450_000, None),
    ],
)
def test_a_price_of_the_whole_or_of_a_square_metre(
    columns: str, row: str, price_kr: int | None, price_kr_m2: float | None
) -> None:
    (plot,), _ = taken(f"Beteckning;Status;{columns}\nA 1;Ledig;{row}\n")
    assert (plot.price_kr, plot.price_kr_m2) == (price_kr, price_kr_m2)


def test_prices_of_nothing_are_unknown_and_told() -> None:
    (plot,), notes = taken("Beteckning;Pris\nA 1;0 kr\n")
    assert plot.price is None
    assert "1 prices of 0 are read as unknown" in notes


@pytest.mark.parametrize(
    "wkt",
    ["POINT (19.7 64.2)", "POINT(64.2 19.7)", "SRID=4326;POINT Z (19.7 64.2 180)"],
)
def test_well_known_text_is_a_position(wkt: str) -> None:
    (plot,), _ = taken(f'Beteckning;WKT\nA 1;"{wkt}"\n')
    assert plot.position == (64.2, 19.7)


def test_well_known_text_is_an_outline() -> None:
    (plot,), _ = taken('Beteckning;WKT\nA 1;"POLYGON ((19.7 64.2, 19.8 64.2, 19.8 64.3, 19.7 64.2))"\n')
    assert len(plot.polygon) == 3


REFUSED = {
    "84 no heading is known": ("a;b\n1;2\n", 1, "", "heading-unknown"),
    "84 no name": ("Pris;Areal\n1;2\n", 0, "", "field-needed"),
    "a row without a name": ("Beteckning;Pris\n;2\n", 2, "Beteckning", "missing"),
    "87 öre": ("Beteckning;Pris\nA 1;10,50\n", 2, "Pris", "whole-kronor"),
    "88 ambiguous": ("Beteckning;Pris\nA 1;1,250\n", 2, "Pris", "ambiguous"),
    "89 a day": ("Beteckning;Datum\nA 1;1/2/24\n", 2, "Datum", "day"),
    "90 a formula": ("Beteckning;Pris\nA 1;=A2*5\n", 2, "Pris", "formula"),
    "a status that nobody knows": ("Beteckning;Status\nA 1;Kanske\n", 2, "Status", "word"),
    "no status": ("Beteckning;Status\nA 1;\n", 2, "Status", "missing"),
    "half a position": ("Beteckning;N;E\nA 1;64.2;\n", 2, "E", "half-position"),
    "a position elsewhere": ("Beteckning;N;E\nA 1;1;2\n", 2, "", "crs-unknown"),
    "a local zone": ("Beteckning;N;E\nA 1;7123000;125000\n", 0, "", "crs-local"),
    "99 the same plot twice": ("Beteckning;Pris\nA 1:1;1\nB 2:2;2\na  1:1;3\n", 4, "Beteckning", "duplicate-row"),
    "a link of another kind": ("Beteckning;Länk\nA 1;javascript:alert(1)\n", 2, "Länk", "link-scheme"),
    "a text too long": (f"Beteckning;Plan\nA 1;{'x' * 301}\n", 2, "Plan", "long"),
    "an area too large": ("Beteckning;Areal\nA 1;100000001\n", 2, "Areal", "range"),
    "a control character": ("Beteckning;Ort\nA 1;x\x07\n", 2, "Ort", "control-character"),
    "bad well-known text": ("Beteckning;WKT\nA 1;CIRCLE (1 2)\n", 2, "WKT", "geometry"),
}


@pytest.mark.parametrize(("text", "row", "column", "code"), REFUSED.values(), ids=REFUSED)
def test_bad_input_is_named(text: str, row: int, column: str, code: str) -> None:
    assert problems(text) == [(row, column, code)]


def test_all_problems_are_told_at_once_by_row() -> None:
    found = problems("Beteckning;Pris;Status\nA 1;1,250;Ledig\nA 2;5;Kanske\nA 1;x;\n")
    assert found == [
        (2, "Pris", "ambiguous"), (3, "Status", "word"), (4, "Status", "missing"), (4, "Pris", "number-text"),
        (4, "Beteckning", "duplicate-row"),
    ]  # fmt: skip


# ids


def test_names_that_would_share_an_id_get_letters_of_their_own_whatever_their_order() -> None:
    there, _ = taken("Beteckning\nÅ 1\nA 1\nB 1\n")
    back, _ = taken("Beteckning\nB 1\nA 1\nÅ 1\n")
    assert len({plot.id for plot in there}) == 3
    assert {plot.designation: plot.id for plot in there} == {plot.designation: plot.id for plot in back}
    assert there[2].id == "b-1"


@pytest.mark.parametrize("name", ["x" * 200, "日本", "!!!", "Ä" * 64 + ":1"])
def test_odd_names_get_ids_too(name: str) -> None:
    (plot,), _ = taken(f"Beteckning\n{name}\n")
    assert plot.designation == name


# mappings


def test_a_mapping_wins_over_the_guess_and_the_rest_is_guessed() -> None:
    mapping = read_mapping(
        "columns:\n  place: [Trakt, By]\n  plan: null\nconstants:\n  type: house\ncrs: 3009\n",
        "m",
        ["Beteckning", "By", "Plan"],
    )
    assert mapping == ColumnMapping({"designation": "Beteckning", "place": "By"}, {"type": "house"}, {}, 3009)


def test_a_mapping_says_what_their_words_mean() -> None:
    (plot,), _ = taken("Beteckning;Status\nA 1;Grön\n", "values:\n  status:\n    grön: available\n")
    assert plot.status == "available"


def test_a_mapping_names_the_local_zone() -> None:
    (plot,), _ = taken("Beteckning;N;E\nA 1;7123000;125000\n", "crs: 3016\n")
    assert plot.position is not None
    assert abs(plot.position[1] - 19.7) < 0.1


def test_a_mapping_is_read_back_as_it_was_written() -> None:
    columns = ["Beteckning: nr", "Pris, kr"]
    mapping = ColumnMapping(
        {"designation": columns[0], "price_kr": columns[1]}, {"place": "Å: ö"}, {"status": {"no": "sold"}}, 3006
    )
    assert read_mapping(mapping_as_yaml(mapping), "m", columns) == mapping


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("columns:\n  price_kr: Priset\n", "column-unknown"),
        ("columns:\n  prise: Pris\n", "field-unknown"),
        ("values:\n  place:\n    x: y\n", "field-unknown"),
        ("columns: Pris\n", "mapping-shape"),
        ("columns:\n  price_kr:\n    a: b\n", "mapping-shape"),
        ("colums:\n  price_kr: Pris\n", "mapping-shape"),
        ("- a\n", "mapping-shape"),
        ("values:\n  status: sold\n", "mapping-shape"),
        ("crs: 3857\n", "crs-unsupported"),
        ("crs: SWEREF\n", "crs-unsupported"),
    ],
)
def test_a_bad_mapping_is_named(text: str, code: str) -> None:
    with pytest.raises(ExchangeError) as raised:
        read_mapping(text, "m.yaml", ["Pris"])
    assert [problem.code for problem in raised.value.problems] == [code]
    assert str(raised.value)


@pytest.mark.parametrize("text", ["a: &b c\n", "a: [", "a: !!python/name:os.system x\n"])
def test_a_mapping_is_read_as_strictly_as_knowledge(text: str) -> None:
    with pytest.raises(KnowledgeError):
        read_mapping(text, "m.yaml", ["Pris"])
