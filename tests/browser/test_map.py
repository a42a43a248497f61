"""The list and its map in a real browser: opened, read by keyboard, closed; without JavaScript; on any screen."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from media import MEDIA, NAMES
from playwright.sync_api import Locator, Page, Request, Route, expect
from recording import HOSTILE, many_plots, plot, write_records

KNOWLEDGE = Path(__file__).resolve().parent.parent / "knowledge"
STREET = [[64.2, 19.7], [64.2, 19.701], [64.201, 19.701], [64.201, 19.7]]
PLOTS = [
    plot("near-1", price_kr=75_000, position=None, polygon=STREET, designation="Norrby 1:7"),
    plot("near-2", price_kr=80_000, status="reserved", position=[64.2001, 19.7001]),
    plot("far-1", price_kr=90_000, place="Lillsele", position=[64.4, 19.9], url="https://norrby.example/karta"),
    plot("far-2", price_kr=None, place="Storsele", status="upcoming", position=[64.1, 19.4], example=True),
    plot("far-3", status="reserved", place="Ytterby", position=[64.3, 19.2]),
    plot("nowhere", place="Lillsele", position=None),
]
LIST = "/norrby/sv/map?show=plots"
PIN = ".leaflet-marker-icon[role=button]"


@pytest.fixture(scope="module")
def make_records_site(
    make_app: Callable[..., Flask], serve: Callable[[Flask], str], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., str]:
    """Serve Norrby with the plots given, and settings."""

    def make(plots: list[dict[str, Any]], **settings: str) -> str:
        folder = Path(shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("records") / "knowledge"))
        write_records(folder, "plots", plots)
        return serve(make_app(HEMVIST_KNOWLEDGE=str(folder), **settings))

    return make


@pytest.fixture(scope="module")
def listed(make_records_site: Callable[..., str]) -> str:
    """The address of Norrby with six plots."""
    return make_records_site(PLOTS)


@pytest.fixture(autouse=True)
def still(page: Page) -> None:
    """Nothing moves."""
    page.emulate_media(reduced_motion="reduce")


def open_map(page: Page, address: str) -> Locator:
    """Open the map and return its pins."""
    page.goto(address)
    page.locator("#map-opener button").click()
    expect(page.locator("#map")).to_be_visible()
    expect(page.locator(PIN).first).to_be_visible()
    return page.locator(PIN)


# opening


def test_the_map_is_fetched_when_it_is_asked_for(page: Page, listed: str) -> None:
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto(listed + LIST)
    assert not [url for url in fetched if "leaflet" in url or "/api/" in url]
    open_map(page, listed + LIST)
    assert len([url for url in fetched if "leaflet" in url]) == 2


def test_the_button_says_what_it_does(page: Page, listed: str) -> None:
    open_map(page, listed + LIST)
    button = page.get_by_role("button", name="Dölj kartan")
    expect(button).to_have_attribute("aria-expanded", "true")
    button.click()
    expect(page.locator("#map")).to_be_hidden()
    button = page.get_by_role("button", name="Visa på karta")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()
    button.click()
    expect(page.locator(PIN).first).to_be_visible()


def test_a_map_that_cannot_be_fetched_leaves_the_list(page: Page, listed: str, quiet_console: list[str]) -> None:
    page.route("**/api/v1/plots*", lambda route: route.abort("internetdisconnected"))
    page.goto(listed + LIST)
    page.get_by_role("button", name="Visa på karta").click()
    expect(page.locator("#map-status")).to_have_text("Kartan gick inte att hämta. Allt står i listan.")
    expect(page.locator("#map")).to_be_hidden()
    expect(page.locator(".record")).to_have_count(6)
    page.unroute("**/api/v1/plots*")
    page.get_by_role("button", name="Visa på karta").click()
    expect(page.locator(PIN).first).to_be_visible()
    quiet_console.clear()


def test_records_without_a_position_are_counted(page: Page, listed: str) -> None:
    open_map(page, listed + LIST)
    expect(page.locator("#map-told")).to_have_text("5 av 6 syns på kartan. De andra saknar läge och står i listan.")


# what it shows


def shapes(page: Page) -> set[str]:
    return {(icon.get_attribute("href") or "").split("#")[1] for icon in page.locator(f"{PIN} use").all()}


def test_status_differs_in_shape_and_word(page: Page, listed: str) -> None:
    pins = open_map(page, f"{listed}{LIST}&status=reserved")
    assert {icon.get_attribute("href").split("#")[1] for icon in page.locator(f"{PIN} use").all()} == {
        "status-reserved"
    }
    assert all("Reserverad" in (pin.get_attribute("aria-label") or "") for pin in pins.all())
    open_map(page, listed + LIST)
    assert shapes(page) == {"status-available", "status-reserved", "status-upcoming"}
    assert page.locator(".legend li").all_inner_texts()[:3] == ["Ledig", "Reserverad", "Kommande"]


def test_what_lies_together_shares_a_pin_until_one_comes_near(page: Page, listed: str) -> None:
    pins = open_map(page, listed + LIST)
    expect(pins).to_have_count(4)
    shared = page.locator(f"{PIN} .group")
    expect(shared).to_have_text("2")
    shared.click()
    expect(page.locator(".told .about")).to_have_count(2)


def test_the_villages_are_named_and_there_is_a_scale(page: Page, listed: str) -> None:
    open_map(page, listed + LIST)
    expect(page.locator(".canvas .village")).to_have_text("Norrby")
    expect(page.locator(".leaflet-control-scale-line")).to_have_text(re.compile(r"\d+ km"))
    assert page.locator("path.ring").count() == 1


def test_zooming_by_its_own_buttons(page: Page, listed: str) -> None:
    open_map(page, f"{listed}{LIST}&place=Norrby")
    page.get_by_role("button", name="Zooma in").click()
    page.get_by_role("button", name="Zooma in").click()
    page.get_by_role("button", name="Zooma in").click()
    expect(page.locator(PIN)).to_have_count(2)
    page.get_by_role("button", name="Zooma ut").click()
    expect(page.get_by_role("button", name="Zooma ut")).to_be_focused()


def test_a_popup_tells_of_the_record_and_leads_to_its_card(page: Page, listed: str) -> None:
    open_map(page, listed + LIST)
    page.locator(PIN, has=page.locator(".pin.upcoming")).click()
    popup = page.get_by_role("dialog")
    expect(popup.locator(".name")).to_have_text("Tomt i Storsele")
    expect(popup.locator(".badge")).to_have_text(["Kommande", "Exempel"])
    expect(popup).to_contain_text("1\u00a0500 m², pris saknas")
    popup.get_by_role("link", name="Visa i listan").click()
    assert page.url.endswith("#record-far-2")
    expect(page.locator("#record-far-2")).to_be_in_viewport()


def test_a_popup_has_a_way_to_the_municipalitys_own_page(page: Page, listed: str) -> None:
    open_map(page, f"{listed}{LIST}&place=Lillsele")
    page.locator(PIN).click()
    link = page.get_by_role("dialog").get_by_role("link", name="norrby.example")
    expect(link).to_have_attribute("href", "https://norrby.example/karta")


def test_a_popup_leads_to_the_page_of_the_list_that_has_the_card(
    page: Page, make_records_site: Callable[..., str]
) -> None:
    nowhere = [plot(f"cheap-{number}", position=None) for number in range(50)]
    site = make_records_site([*nowhere, plot("dear", price_kr=900_000)])
    open_map(page, f"{site}{LIST}&sort=price").click()
    page.get_by_role("link", name="Visa i listan").click()
    page.wait_for_url("**/norrby/sv/map?show=plots&sort=price&page=2#record-dear")
    expect(page.locator("#record-dear")).to_be_visible()


def test_vacancies_are_shown_at_their_village(page: Page, site: str) -> None:
    pins = open_map(page, f"{site}/soderby/en/map?show=jobs")
    assert {pin.get_attribute("aria-label") for pin in pins.all()} >= {"2 here: Nurse, Welder"}


def test_places_are_shown_too(page: Page, site: str) -> None:
    open_map(page, f"{site}/soderby/sv/map?show=places")
    expect(page.locator("#map-told")).to_contain_text("3 av 5 syns på kartan.")


def test_what_the_records_say_is_only_text(page: Page, make_records_site: Callable[..., str]) -> None:
    site = make_records_site([plot("one", designation=HOSTILE, place=HOSTILE), plot("two", position=[64.3, 19.9])])
    open_map(page, site + LIST)
    page.locator(f"{PIN}[data-record=one]").click()
    expect(page.get_by_role("dialog").locator(".name")).to_have_text(f"{HOSTILE}, {HOSTILE}")
    assert page.locator("#map img, #map script").count() == 0


# by keyboard


def tabbed_pins(page: Page) -> list[str]:
    """Go through the page with Tab and return the records of the pins that were met."""
    met = []
    page.evaluate("document.querySelector('#map-opener button').focus()")
    for _ in range(60):
        page.keyboard.press("Tab")
        record = page.evaluate("document.activeElement.dataset.record || ''")
        if record:
            met.append(record)
        elif met:
            break
    return met


def test_every_plot_can_be_reached_and_read_by_keyboard(page: Page, listed: str) -> None:
    pins = open_map(page, listed + LIST)
    met = tabbed_pins(page)
    assert len(met) == pins.count()
    told = []
    for record in met:
        page.locator(f"[data-record='{record}']").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_focused()
        links = page.get_by_role("dialog").get_by_role("link", name="Visa i listan")
        told += [link.get_attribute("href") or "" for link in links.all()]
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
        expect(page.locator(f"[data-record='{record}']")).to_be_focused()
    assert {one.split("#record-")[1] for one in told} == {"near-1", "near-2", "far-1", "far-2", "far-3"}


@pytest.mark.parametrize("key", ["Enter", " "], ids=["Enter", "space"])
def test_a_pin_is_a_button(page: Page, listed: str, key: str) -> None:
    open_map(page, listed + LIST)
    page.locator(PIN).first.focus()
    page.keyboard.press(key)
    expect(page.get_by_role("dialog")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("dialog").get_by_role("link").first).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(PIN).first).to_be_focused()


def test_closing_gives_the_focus_back(page: Page, listed: str) -> None:
    open_map(page, listed + LIST)
    page.locator(PIN).nth(2).click()
    page.get_by_role("button", name="Stäng").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator(PIN).nth(2)).to_be_focused()


def test_what_has_the_focus_is_on_the_map(page: Page, listed: str) -> None:
    open_map(page, listed + LIST)
    for _ in range(4):
        page.get_by_role("button", name="Zooma in").click()
    for record in tabbed_pins(page):
        page.locator(f"[data-record='{record}']").focus()
        canvas = page.locator("#canvas").bounding_box()
        assert canvas is not None
        box = page.locator(f"[data-record='{record}']").bounding_box()
        assert box is not None
        assert canvas["x"] <= box["x"] + 20 <= canvas["x"] + canvas["width"]
        assert canvas["y"] <= box["y"] + 20 <= canvas["y"] + canvas["height"]


# without JavaScript


def test_without_script_every_plot_can_be_read_and_the_form_works(
    browser: Any, browser_context_args: dict[str, Any], listed: str
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    page.goto(listed + LIST)
    expect(page.locator(".record")).to_have_count(6)
    expect(page.locator(".record .badge").first).to_have_text("Ledig")
    expect(page.locator("#map")).to_be_hidden()
    assert page.get_by_role("button", name="Visa på karta").count() == 0
    page.get_by_text("Begränsa listan").click()
    page.get_by_label("By", exact=True).select_option("Lillsele")
    page.get_by_label("Pris upp till (kr)").fill("95000")
    page.get_by_role("button", name="Visa det som passar").click()
    expect(page.locator(".record")).to_have_count(1)
    assert page.url.endswith("/norrby/sv/map?show=plots&place=Lillsele&price_max=95000")
    page.get_by_role("link", name="Ta bort: högst 95 000 kr").click()
    expect(page.locator(".record")).to_have_count(2)
    context.close()


# tiles


def test_tiles_come_from_their_site_alone(
    browser: Any, browser_context_args: dict[str, Any], make_records_site: Callable[..., str]
) -> None:
    site = make_records_site(
        PLOTS,
        HEMVIST_TILE_URL="https://tiles.example/{z}/{x}/{y}.png",
        HEMVIST_TILE_ATTRIBUTION="© [Kartan](https://tiles.example/)",
    )
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    asked: list[str] = []

    def paint(route: Route, request: Request) -> None:
        asked.append(request.url)
        route.fulfill(content_type="image/svg+xml", body='<svg xmlns="http://www.w3.org/2000/svg"/>')

    page.route(lambda url: not url.startswith(site), paint)
    open_map(page, site + LIST)
    expect(page.locator(".leaflet-tile-loaded").first).to_be_attached()
    expect(page.locator(".attribution")).to_have_text("© Kartan")
    assert {url.split("/", 3)[2] for url in asked} == {"tiles.example"}
    context.close()


# axe: WCAG 2.2 A and AA, best practice


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_neither_list_nor_map_breaks_a_rule(
    page: Page, violations: Callable[[], Any], listed: str, language: str, media: str
) -> None:
    page.emulate_media(reduced_motion="reduce", **MEDIA[media])
    page.goto(f"{listed}/norrby/{language}/map?show=plots&price_min=1")
    assert violations() == []
    page.locator(".narrow summary").click()
    assert violations() == []
    open_map(page, f"{listed}/norrby/{language}/map?show=plots")
    assert violations() == []
    page.locator(PIN).first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_focused()
    assert violations() == []


@pytest.mark.parametrize(
    "address", ["/soderby/sv/map?show=jobs", "/soderby/en/map?show=places", "/norrby/sv/map?show=plots", "/soderby/sv/"]
)
def test_no_other_list_breaks_a_rule(page: Page, violations: Callable[[], Any], address: str) -> None:
    page.goto(address)
    assert violations() == []


def test_many_pins_break_no_rule(
    page: Page, violations: Callable[[], Any], make_records_site: Callable[..., str]
) -> None:
    open_map(page, make_records_site(many_plots(1000)) + LIST)
    assert violations() == []


# screens


@pytest.mark.parametrize(
    ("width", "height"),
    [(320, 568), (320, 256), (768, 1024), (1920, 1080)],
    ids=["320", "400 % zoom", "tablet", "wide"],
)
def test_no_page_scrolls_sideways(page: Page, listed: str, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    pins = open_map(page, listed + LIST)
    page.locator(".narrow summary").click()
    pins.first.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    popup, canvas = page.get_by_role("dialog").bounding_box(), page.locator("#canvas").bounding_box()
    assert popup is not None
    assert canvas is not None
    assert popup["x"] >= canvas["x"]
    assert popup["x"] + popup["width"] <= canvas["x"] + canvas["width"]


def test_targets_are_large_enough(page: Page, listed: str) -> None:
    open_map(page, listed + LIST)
    page.locator(".narrow summary").click()
    page.locator(PIN).first.click()
    small = page.evaluate("""() => [...document.querySelectorAll('a, button, summary, input, select, [role=button]')]
        .filter((element) => element.checkVisibility() && !element.matches('.skip'))
        .filter((element) => getComputedStyle(element).display !== 'inline')
        .map((element) => [element.getBoundingClientRect(), element.outerHTML.slice(0, 60)])
        .filter(([box]) => box.width < 24 || box.height < 24).map(([, html]) => html)""")
    assert small == []
