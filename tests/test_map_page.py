"""The list of records as a browser without JavaScript gets it: narrowed, counted, paged, honest where it is empty."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from reading import Element, read_page
from recording import HOSTILE, many_plots, plot, write_records

from bot import Filters
from web.opendata.document import JobFilters, PlaceFilters, PlotFilters
from web.records import OF_TABLE, list_link, query
from web.settings import SettingsError, read_settings

PLOTS = "/soderby/sv/map?show=plots"
TILES = {"HEMVIST_TILE_URL": "https://tiles.example:8443/{z}/{x}/{y}.png"}
KNOWLEDGE = Path(__file__).parent / "knowledge"
WHOSE = {"HEMVIST_TILE_ATTRIBUTION": "© [Kartan](https://tiles.example/) <b>"}


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


def page(client: FlaskClient, address: str) -> Element:
    response = client.get(address)
    assert response.status_code == 200, response.text
    return read_page(response.text)


def shown(found: Element) -> list[str]:
    lists = found.all("ul", class_="found")
    return [card["id"].removeprefix("record-") for card in lists[0].all("li", class_="record")] if lists else []


def chips(found: Element) -> dict[str, str]:
    return {chip.all("span")[0].text: chip["href"] for chip in found.all("a", class_="chip")}


# the list


@pytest.mark.parametrize(
    ("address", "heading", "told", "records"),
    [
        ("/soderby/sv/map?show=plots", "Tomter i Söderby", "6 tomter", 6),
        ("/soderby/en/map?show=plots", "Building plots in Söderby", "6 plots", 6),
        ("/soderby/sv/map?show=jobs", "Jobb i Söderby", "3 lediga jobb", 3),
        ("/soderby/en/map?show=places", "Villages and services in Söderby", "5 places", 5),
        ("/soderby/sv/map", "Tomter i Söderby", "6 tomter", 6),
        ("/ostby/en/map?show=plots", "Building plots in Östby", "1 plot", 1),
    ],
)
def test_everything_is_listed_and_counted_in_words(
    dated: FlaskClient, address: str, heading: str, told: str, records: int
) -> None:
    found = page(dated, address)
    assert (found.one("h1").text, found.one("h2", id="told").text) == (heading, told)
    assert len(shown(found)) == records


def test_a_card_says_its_status_in_words_and_by_a_shape(dated: FlaskClient) -> None:
    found = page(dated, PLOTS)
    badges = {card["id"]: card.one("span", class_="badge") for card in found.all("li", class_="record")}
    reserved = badges["record-storholm-3"]
    assert reserved.text == "Reserverad"
    assert reserved.one("use")["href"].endswith("#status-reserved")
    assert badges["record-storholm-1"].one("use")["href"].endswith("#status-available")
    assert badges["record-lillnas-2"].one("use")["href"].endswith("#status-upcoming")


def test_what_is_sold_or_closed_is_not_listed(dated: FlaskClient) -> None:
    assert "lillnas-3" not in shown(page(dated, PLOTS))
    assert "teacher-1" not in shown(page(dated, "/soderby/sv/map?show=jobs"))
    assert page(dated, f"{PLOTS}&status=sold").one("h2", id="told").text == "Sålda tomter visas inte."


def test_the_other_lists_and_the_chat_are_a_link_away(dated: FlaskClient) -> None:
    found = page(dated, PLOTS)
    tabs = found.one("nav", class_="tabs").all("a")
    assert [tab.text for tab in tabs] == ["Tomter (6)", "Jobb (3)", "Byar och service (5)"]
    assert [tab.attributes.get("aria-current") for tab in tabs] == ["page", None, None]
    assert all(dated.get(tab["href"]).status_code == 200 for tab in tabs)
    assert found.one("p", class_="back").one("a")["href"] == "/soderby/sv/"


def test_the_list_can_be_read_in_the_other_language(dated: FlaskClient) -> None:
    switch = page(dated, f"{PLOTS}&price_max=150000&page=1").one("a", class_="switch")
    assert switch["href"] == "/soderby/en/map?show=plots&price_max=150000"
    assert page(dated, switch["href"]).one("html")["lang"] == "en"


def test_records_that_nobody_offers_say_so_above_the_list(recorded: Callable[..., FlaskClient]) -> None:
    all_examples = recorded(plot("one", example=True))
    assert "Ingen erbjuder dem" in page(all_examples, "/norrby/sv/map").one("p", class_="callout").text


def test_examples_among_others_are_told_apart(recorded: Callable[..., FlaskClient]) -> None:
    found = page(recorded(plot("one", example=True), plot("two")), "/norrby/en/map?show=plots")
    assert "Those marked “Example”" in found.one("p", class_="callout").text
    assert len(found.all("span", class_="example")) == 1


def test_real_records_need_no_such_words(dated: FlaskClient) -> None:
    assert not page(dated, PLOTS).all("p", class_="callout")


# nothing to list


@pytest.mark.parametrize(
    ("language", "words"), [("sv", "Ingen har lagt in några tomter"), ("en", "Nobody has entered")]
)
def test_an_empty_list_is_honest_and_names_a_person(dated: FlaskClient, language: str, words: str) -> None:
    found = page(dated, f"/norrby/{language}/map?show=plots")
    assert words in found.one("p", class_="nothing-yet").text
    assert found.one("a", href="tel:+46-933-140-00")
    assert not found.all("form")
    assert not found.all("script", src="")


def test_where_nothing_fits_the_one_limit_to_relax_is_named(dated: FlaskClient) -> None:
    found = page(dated, f"{PLOTS}&price_max=50000&place=Storholm")
    said = found.one("h2", id="told").text
    assert said == "Inget för högst 50 000 kr. Det billigaste som annars passar kostar 90 000 kr."
    assert shown(found) == ["storholm-3"]
    assert not found.all(id="map-settings")


def test_what_does_not_fit_says_the_same_in_the_chat(dated: FlaskClient) -> None:
    answer = dated.post(
        "/api/v1/chat", json={"question": "tomt under 50 000 kr i Storholm", "municipality": "soderby"}
    ).json
    assert answer["filters"] == {"place": "Storholm", "price_max": 50_000}
    assert page(dated, answer["list_link"]).one("h2", id="told").text == " ".join(answer["text"].split())


# the form and the chips


def test_every_filter_has_a_field_with_a_visible_label(dated: FlaskClient) -> None:
    for table, names in OF_TABLE.items():
        form = page(dated, f"/soderby/sv/map?show={table}").one("form")
        assert (form["method"], form["action"]) == ("get", "/soderby/sv/map")
        fields = {field["name"]: field for field in form.all("select") + form.all("input") if field["name"] != "show"}
        assert set(fields) == set(names)
        for field in fields.values():
            assert form.one("label", for_=field["id"]).text


def test_the_choices_are_those_of_the_records(dated: FlaskClient) -> None:
    def choices(address: str, name: str) -> list[str]:
        return [option.text for option in page(dated, address).one("select", name=name).all("option")[1:]]

    assert choices(PLOTS, "place") == ["Lillnäs", "Storholm"]
    assert choices(PLOTS, "status") == ["Ledig", "Reserverad", "Kommande"]
    assert choices(PLOTS, "near") == ["Skola"]
    assert choices("/soderby/en/map?show=jobs", "occupation") == ["Nurse", "Welder"]
    assert choices("/soderby/sv/map?show=jobs", "employer") == ["Region Syd", "Svets AB", "Söderby kommun"]
    assert choices("/soderby/sv/map?show=places", "kind") == ["By", "Skola", "Hälsocentral"]


def test_the_form_remembers_what_is_asked(dated: FlaskClient) -> None:
    form = page(dated, f"{PLOTS}&place=Storholm&price_max=200000&water_sewage=true").one("form")
    chosen = {
        field["name"]: option["value"]
        for field in form.all("select")
        for option in field.all("option")
        if "selected" in option.attributes and option["value"]
    }
    assert chosen == {"place": "Storholm", "water_sewage": "true"}
    assert form.one("input", name="price_max")["value"] == "200000"


def test_a_sent_form_leads_to_an_address_of_what_it_says(dated: FlaskClient) -> None:
    sent = dated.get("/soderby/sv/map?show=plots&place=Storholm&type=&price_max=200000&area_min=")
    assert (sent.status_code, sent.headers["Location"]) == (
        302,
        "/soderby/sv/map?show=plots&place=Storholm&price_max=200000",
    )
    assert shown(page(dated, sent.headers["Location"])) == ["storholm-1", "storholm-3"]


def test_a_hostile_address_leads_nowhere_else(dated: FlaskClient) -> None:
    for address in ("/soderby/sv/map?place=&_external=1&_scheme=javascript", "/Soderby/sv/map?_external=1&place=a"):
        place = dated.get(address).headers["Location"]
        assert place.startswith("/soderby/sv/map?")


def test_each_chip_removes_one_filter(dated: FlaskClient) -> None:
    found = page(dated, f"{PLOTS}&place=Storholm&price_max=200000&page=1")
    assert chips(found) == {
        "i Storholm": "/soderby/sv/map?show=plots&price_max=200000",
        "högst 200 000 kr": "/soderby/sv/map?show=plots&place=Storholm",
    }
    for address in chips(found).values():
        assert dated.get(address).status_code == 200


@pytest.mark.parametrize(("table", "model"), [("plots", PlotFilters), ("jobs", JobFilters), ("places", PlaceFilters)])
def test_the_page_the_api_and_the_links_know_the_same_filters(table: str, model: Any) -> None:
    assert set(OF_TABLE[table]) == set(model.model_fields)


@pytest.mark.parametrize(
    ("table", "filters"),
    [
        ("plots", Filters(place="Å & Ö", type="horse", price_max=-1, water_sewage=False, near="school", sort="-price")),
        ("plots", Filters(price_min=1, area_min=2, area_max=3, ready_to_build=True, employer="not of plots")),
        ("jobs", Filters(occupation="nurse", extent="part-time", employer="A + B", sort="price", price_max=1)),
        ("places", Filters(kind="village", place="Storholm")),
    ],
)
def test_every_link_to_a_list_leads_to_one(dated: FlaskClient, table: Any, filters: Filters) -> None:
    address = list_link("soderby", "sv", table, filters)
    assert dated.get(address).status_code == 200
    kept = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    assert kept == {"show": table, **query(filters, table)}


# what is refused


@pytest.mark.parametrize(
    ("parameter", "accepted"),
    [
        ("colour=crimson", "price_max"),
        ("type=crimson", "house, leisure, horse, multi-family, business"),
        ("price_max=crimson", "1000000000000"),
        ("place=crimson%00", "300"),
        ("occupation=crimson", "price_max"),
        ("place=crimson&place=b", "place"),
        ("page=0", "page"),
        ("show=crimson", "plots, jobs, places"),
    ],
)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_wrong_address_says_what_is_accepted_and_repeats_nothing(
    dated: FlaskClient, language: str, parameter: str, accepted: str
) -> None:
    show = "" if parameter.startswith("show") else "show=plots&"
    response = dated.get(f"/soderby/{language}/map?{show}{parameter}")
    assert response.status_code == 422
    found = read_page(response.text)
    assert accepted in found.one("p", class_="lead").text
    assert "crimson" not in response.text
    assert found.one("main").all("a")[0]["href"] == f"/soderby/{language}/"


@pytest.mark.parametrize("address", ["/nowhere/sv/map", "/soderby/de/map", f"{PLOTS}&page=2", f"{PLOTS}&page=99999"])
def test_there_is_nothing_beyond(dated: FlaskClient, address: str) -> None:
    assert dated.get(address).status_code == 404


def test_a_misspelt_municipality_leads_to_the_list_that_was_asked_for(dated: FlaskClient) -> None:
    response = dated.get("/söderby/sv/map?show=jobs&place=Storholm", follow_redirects=True)
    assert response.request.full_path == "/soderby/sv/map?show=jobs&place=Storholm"


def test_what_is_asked_for_is_only_text(dated: FlaskClient) -> None:
    response = dated.get("/soderby/sv/map", query_string={"show": "plots", "place": HOSTILE})
    found = read_page(response.text)
    assert not found.all("img")
    assert found.one("form").one("option", value=HOSTILE).text == " ".join(HOSTILE.split())


# pages


@pytest.fixture(scope="module")
def large(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """Norrby with 1,000 plots."""
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("large") / "knowledge"))
    write_records(folder, "plots", many_plots(1000))
    return make_app(HEMVIST_KNOWLEDGE=str(folder)).test_client()


def test_a_long_list_is_cut_into_pages(large: FlaskClient) -> None:
    first, last = page(large, "/norrby/sv/map?show=plots"), page(large, "/norrby/sv/map?show=plots&page=20")
    assert (len(shown(first)), len(shown(last))) == (50, 50)
    assert set(shown(first)).isdisjoint(shown(last))
    turning = first.one("nav", class_="turning")
    assert [link.text for link in turning.all("a")] == ["Sida 1", "Sida 2", "Sida 3", "Sida 20", "Nästa"]
    assert "sida 20 av 20" in last.one("title").text
    assert large.get("/norrby/sv/map?show=plots&page=21").status_code == 404


def test_every_record_is_on_one_of_the_pages(large: FlaskClient) -> None:
    seen: list[str] = []
    address: str | None = "/norrby/sv/map?show=plots"
    while address:
        found = page(large, address)
        seen += shown(found)
        address = next((link["href"] for link in found.all("a", rel="next")), None)
    assert len(seen) == len(set(seen)) == 1000


def test_a_page_keeps_the_filters(large: FlaskClient) -> None:
    found = page(large, "/norrby/sv/map?show=plots&price_max=1199&page=2")
    assert all("price_max=1199" in link["href"] for link in found.one("nav", class_="turning").all("a"))
    assert found.one("h2", id="told").text == "200 tomter passar."


def test_a_list_of_a_thousand_is_quick(large: FlaskClient) -> None:
    address = "/norrby/sv/map?show=plots&price_max=1900&sort=-price"
    large.get(address)
    took = []
    for _ in range(7):
        start = time.perf_counter()
        large.get(address)
        took.append(time.perf_counter() - start)
    assert sorted(took)[3] < 0.1


# the map


def settings_of(found: Element) -> Any:
    (text,) = found.one("script", id="map-settings").children
    assert isinstance(text, str)
    return json.loads(text)


def test_the_map_comes_on_demand(dated: FlaskClient) -> None:
    found = page(dated, PLOTS)
    assert "hidden" in found.one("section", id="map").attributes
    assert not [script for script in found.all("script") if "leaflet" in script.attributes.get("src", "")]
    assert not found.all("button", class_="button")


@pytest.mark.parametrize("table", ["plots", "jobs", "places"])
def test_the_map_draws_what_the_list_shows(dated: FlaskClient, table: str) -> None:
    found = page(dated, f"/soderby/sv/map?show={table}&place=Storholm")
    answer = dated.get(settings_of(found)["records"]).json
    records = next(value for value in answer.values() if isinstance(value, list))
    assert [one["id"] for one in records] == shown(found)
    assert {one["id"] for one in dated.get(settings_of(found)["villages"]).json["places"]} == {"storholm", "lillnas"}


def test_where_nothing_lies_anywhere_there_is_no_map(dated: FlaskClient) -> None:
    assert not page(dated, "/ostby/sv/map?show=plots").all(id="map-settings")


def test_no_tiles_are_fetched_by_default(dated: FlaskClient) -> None:
    response = dated.get(PLOTS)
    assert settings_of(read_page(response.text))["tiles"] is None
    assert "img-src 'self';" in response.headers["Content-Security-Policy"]


def test_tiles_are_allowed_from_their_site_alone(make_app: Callable[..., Flask]) -> None:
    response = make_app(**TILES, **WHOSE).test_client().get(PLOTS)
    found = read_page(response.text)
    assert settings_of(found)["tiles"] == TILES["HEMVIST_TILE_URL"]
    assert "img-src 'self' https://tiles.example:8443;" in response.headers["Content-Security-Policy"]
    attribution = found.one("div", class_="attribution")
    assert attribution.one("a")["href"] == "https://tiles.example/"
    assert not attribution.all("b")


@pytest.mark.parametrize(
    "address",
    [
        "http://tiles.example/{z}/{x}/{y}.png",
        "https://tiles.example/{z}/{x}.png",
        "https://tiles.example/{z}/{x}/{y}/{s}.png",
        "https://tiles.example; script-src */{z}/{x}/{y}.png",
        "https://user:pass@tiles.example/{z}/{x}/{y}.png",
        "https://*.example/{z}/{x}/{y}.png",
        "https://{s}.example/{z}/{x}/{y}.png",
        "https://tiles.example/{z}/{x}/{y}.png\nX: y",
    ],
)
def test_another_address_of_tiles_stops_the_start(address: str) -> None:
    with pytest.raises(SettingsError, match="HEMVIST_TILE_URL"):
        read_settings({"HEMVIST_TILE_URL": address, **WHOSE})


def test_tiles_need_a_line_that_says_whose_they_are() -> None:
    with pytest.raises(SettingsError, match="HEMVIST_TILE_ATTRIBUTION: missing"):
        read_settings(TILES)


# watching and taking along


@pytest.mark.parametrize("table", ["plots", "jobs"])
def test_a_list_can_be_watched(dated: FlaskClient, table: str) -> None:
    found = page(dated, f"/soderby/sv/map?show={table}&place=Storholm")
    feed = found.one("link", type="application/atom+xml")["href"]
    assert feed == f"/soderby/sv/{table}.atom?place=Storholm"
    assert [link.text for link in found.all("a", href=feed)] == ["Bevaka listan (Atom)"]
    assert dated.get(feed).mimetype == "application/atom+xml"


def test_places_are_not_watched(dated: FlaskClient) -> None:
    assert not page(dated, "/soderby/sv/map?show=places").all("link", type="application/atom+xml")


@pytest.mark.parametrize("table", ["plots", "jobs", "places"])
def test_a_list_can_be_taken_along(dated: FlaskClient, table: str) -> None:
    for link in page(dated, f"/soderby/sv/map?show={table}").one("p", class_="files").all("a"):
        assert dated.get(link["href"]).status_code == 200


# ways here


def test_the_chat_and_the_start_lead_to_what_is_there(dated: FlaskClient) -> None:
    for address in ("/soderby/sv/", "/?language=sv"):
        links = [link["href"] for link in page(dated, address).all("a") if "/soderby/sv/map" in link["href"]]
        assert links == [f"/soderby/sv/map?show={table}" for table in ("plots", "jobs", "places")]
        assert all(dated.get(link).status_code == 200 for link in links)


def test_they_do_not_lead_to_empty_lists(dated: FlaskClient) -> None:
    assert [link["href"] for link in page(dated, "/norrby/sv/").one("nav", class_="lists").all("a")] == [
        "/norrby/sv/search",
        "/norrby/sv/plan",
        "/norrby/sv/map?show=places",
    ]


# schema.org


def told(found: Element) -> list[Any]:
    scripts = found.all("script", type="application/ld+json")
    return [json.loads("".join(child for child in one.children if isinstance(child, str))) for one in scripts]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_an_answer_is_told_as_a_question_and_its_answer(client: FlaskClient, language: str) -> None:
    found = page(client, f"/norrby/{language}/plots")
    (faq,) = told(found)
    assert (faq["@context"], faq["@type"], faq["inLanguage"]) == ("https://schema.org", "FAQPage", language)
    (question,) = faq["mainEntity"]
    assert question["name"] == found.one("h1").text
    assert question["acceptedAnswer"]["text"].startswith({"sv": "Norrby har tolv", "en": "Norrby has twelve"}[language])


def test_the_chat_itself_tells_nothing(client: FlaskClient) -> None:
    assert told(page(client, "/norrby/sv/")) == []


def test_plots_and_places_are_told_with_where_they_are(dated: FlaskClient) -> None:
    (plots,) = told(page(dated, PLOTS))
    first = next(one for one in plots["@graph"] if one["url"].endswith("storholm-1"))
    assert (first["@type"], first["geo"]) == (
        "Place",
        {"@type": "GeoCoordinates", "latitude": 59.001, "longitude": 18.0},
    )
    assert len(plots["@graph"]) == 3
    (places,) = told(page(dated, "/soderby/sv/map?show=places"))
    assert "Storholm" in [one["name"] for one in places["@graph"]]


def test_jobs_and_examples_are_not_told(dated: FlaskClient, recorded: Callable[..., FlaskClient]) -> None:
    assert told(page(dated, "/soderby/sv/map?show=jobs")) == []
    (found,) = told(page(recorded(plot("one", example=True), plot("two")), "/norrby/sv/map?show=plots"))
    assert len(found["@graph"]) == 1


def test_no_record_breaks_out_of_the_page(recorded: Callable[..., FlaskClient]) -> None:
    hostile = {"sv": HOSTILE, "en": HOSTILE}
    client = recorded(plot("one", designation=HOSTILE, place=HOSTILE, building_right=hostile, allocation=hostile))
    response = client.get("/norrby/sv/map?show=plots")
    found = read_page(response.text)
    assert not found.all("img")
    assert found.one("li", class_="record").one("h3").text == f"{HOSTILE}, {HOSTILE}"
    (places,) = told(found)
    assert places["@graph"][0]["name"] == f"{HOSTILE}, {HOSTILE}"
    assert response.text.count("</script>") == len(found.all("script"))


def test_no_answer_breaks_out_of_its_page(knowledge_folder: Path, make_app: Callable[..., Flask]) -> None:
    path = knowledge_folder / "municipalities" / "norrby" / "housing.yaml"
    path.write_text(path.read_text().replace("Norrby har **tolv**", f"{HOSTILE} har tolv"))
    client = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder)).test_client()
    found = page(client, "/norrby/sv/plots")
    (faq,) = told(found)
    assert HOSTILE in faq["mainEntity"][0]["acceptedAnswer"]["text"]
    assert not found.all("img")


# every page


@pytest.mark.parametrize("address", [PLOTS, "/soderby/en/map?show=jobs", "/norrby/sv/map?show=plots"])
def test_nothing_on_the_page_is_inline_or_from_elsewhere(dated: FlaskClient, address: str) -> None:
    found = page(dated, address)
    assert not found.all("style")
    for element in found.all():
        assert not {name for name in element.attributes if name == "style" or name.startswith("on")}
    for element in found.all("script"):
        kind = element.attributes.get("type")
        assert kind in ("application/json", "application/ld+json") or element["src"].startswith("/static/")
    levels = [int(element.tag[1]) for element in found.all() if element.tag in ("h1", "h2", "h3", "h4")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    names = [element["id"] for element in found.all() if "id" in element.attributes]
    assert len(names) == len(set(names))


@pytest.mark.parametrize(("municipality", "is_hidden"), [("soderby", False), ("norrby", True)])
def test_a_demonstration_is_not_for_search_engines(dated: FlaskClient, municipality: str, is_hidden: bool) -> None:
    found = page(dated, f"/{municipality}/sv/map?show=places")
    assert bool(found.all("meta", name="robots")) is is_hidden
    assert bool(found.all("p", class_="demonstration")) is is_hidden
    assert found.one("link", rel="canonical")["href"] == f"http://localhost/{municipality}/sv/map?show=places"
