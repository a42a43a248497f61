"""The static copy in a real browser: from a disk and from a plain web server, by keyboard and without JavaScript."""

import re
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from media import MEDIA, NAMES, Violations
from playwright.sync_api import Browser, Page, expect

from web.embed.snippet import COPY_POLICY
from web.export.site import export

SHIPPED = Path(__file__).parent.parent.parent / "knowledge"
LIVE = "https://chat.example.se"
WIDTHS = {"phone": 390, "desk": 1280}
NIGHTLY = pytest.mark.nightly
PAGES = {
    "contents": "vindeln/{}/index.html",
    "answer": "vindeln/{}/answer/winter-driving.html",
    "crisis": "vindeln/{}/answer/crisis-support.html",
    "plots": "vindeln/{}/plots.html",
    "contacts": "vindeln/{}/contacts.html",
    "leaflet": "vindeln/{}/leaflet.html",
    "privacy": "vindeln/{}/policy.html",
    "accessibility": "vindeln/{}/accessibility.html",
}
MOST_SHEETS = 2


def noon(zone: ZoneInfo) -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=zone)


@pytest.fixture(scope="module")
def copy(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is shipped."""
    folder = tmp_path_factory.mktemp("browser") / "copy"
    export(make_app(noon, HEMVIST_KNOWLEDGE=str(SHIPPED)), folder, address=LIVE)
    return folder


@pytest.fixture
def look(page: Page, copy: Path) -> Callable[[str], None]:
    """Open a file of the copy from the disk."""
    return lambda name: void(page.goto((copy / name).as_uri()))


def void(_: object) -> None:
    """Return nothing."""


class Guarded(SimpleHTTPRequestHandler):
    """A plain web server that sends the policy of the manual."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", COPY_POLICY)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def server(copy: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Guarded, directory=str(copy))) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def search(page: Page, text: str, label: str = "Sök bland svaren") -> None:
    page.get_by_label(label).fill(text)
    page.get_by_label(label).press("Enter")


# everyone


@pytest.mark.parametrize(
    "width", [pytest.param(WIDTHS["phone"], id="phone"), pytest.param(WIDTHS["desk"], id="desk", marks=NIGHTLY)]
)
@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize("language", ["sv", pytest.param("en", marks=NIGHTLY)])
def test_every_kind_of_page_is_accessible(
    page: Page, server: str, violations: Violations, language: str, media: str, width: int
) -> None:
    """From a server: axe asks anew for style sheets that lie on a disk."""
    page.emulate_media(**MEDIA[media])
    page.set_viewport_size({"width": width, "height": 844})
    for name in (*PAGES.values(), {"sv": "index.html", "en": "en.html"}[language]):
        page.goto(f"{server}/{name.format(language)}")
        assert violations() == [], name


@pytest.mark.parametrize("media", NAMES)
def test_what_a_search_shows_is_accessible(page: Page, server: str, violations: Violations, media: str) -> None:
    page.emulate_media(**MEDIA[media])
    page.goto(f"{server}/vindeln/sv/")
    search(page, "bygglov")
    expect(page.locator("#results li").first).to_be_visible()
    assert violations() == []


def test_a_fault_would_be_found(page: Page, server: str, violations: Violations) -> None:
    page.goto(f"{server}/vindeln/sv/")
    page.evaluate("document.querySelector('label').remove()")
    assert "label" in [name for name, _ in violations()]


@pytest.mark.parametrize("name", PAGES.values(), ids=PAGES)
def test_a_page_fits_a_narrow_screen(page: Page, look: Callable[[str], None], name: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    look(name.format("en"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_mover_finds_an_answer_by_keyboard(page: Page, look: Callable[[str], None]) -> None:
    look("index.html")
    page.get_by_role("link", name="Vindeln").press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Hoppa till innehållet")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Sök bland svaren")).to_be_focused()
    page.keyboard.type("bygglov")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("svar på ”bygglov”")
    page.get_by_role("link", name="Behöver jag bygglov?").first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Behöver jag bygglov?")
    page.get_by_role("link", name="English").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Do I need a building permit?")
    step = page.locator(".steps a").first
    title = step.inner_text()
    step.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def test_without_javascript_everything_is_found_in_the_list(browser: Browser, copy: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto((copy / "vindeln/sv/index.html").as_uri())
    expect(plain.get_by_role("search")).to_have_count(0)
    plain.get_by_role("link", name="Behöver jag bygglov?").click()
    expect(plain.get_by_role("heading", level=1)).to_have_text("Behöver jag bygglov?")
    plain.get_by_role("link", name=re.compile("^Tomter")).first.click()
    expect(plain.locator(".record").first).to_be_visible()
    context.close()


# the search

FOUND = {
    "as written": ("sv", "bygglov", "Behöver jag bygglov?"),
    "a question": ("sv", "hur söker jag bygglov", "Behöver jag bygglov?"),
    "without dots": ("sv", "vinterdack", "När måste jag ha vinterdäck?"),
    "a letter missing": ("sv", "byglov", "Behöver jag bygglov?"),
    "two letters swapped": ("sv", "pesronnummer", "Hur får jag ett personnummer?"),
    "a beginning": ("sv", "personnu", "Hur får jag ett personnummer?"),
    "another word for it": ("sv", "dagis", "Hur söker jag förskoleplats?"),
    "English on the Swedish page": ("sv", "winter tyres", "När måste jag ha vinterdäck?"),
    "English": ("en", "personal number", "How do I get a Swedish personal identity number?"),
    "Swedish on the English page": ("en", "vinterdäck", "When do I need winter tyres?"),
    "a record": ("sv", "tomt i Granö", "Tomt i Granö"),
}


@pytest.mark.parametrize(("language", "text", "title"), FOUND.values(), ids=FOUND)
def test_a_search_finds(page: Page, look: Callable[[str], None], language: str, text: str, title: str) -> None:
    look(f"vindeln/{language}/index.html")
    search(page, text, {"sv": "Sök bland svaren", "en": "Search the answers"}[language])
    expect(page.locator("#results h3").first).to_have_text(title)
    page.locator("#results a").first.click()
    expect(page.get_by_role("heading", name=title).first).to_be_visible()


def test_a_search_for_nothing_says_so(page: Page, look: Callable[[str], None]) -> None:
    look("vindeln/sv/index.html")
    search(page, "<b>pannkakor</b> $&")
    expect(page.get_by_role("status")).to_have_text("Inget här svarar på ”<b>pannkakor</b> $&”")
    expect(page.locator("#results")).to_be_hidden()
    search(page, "")
    expect(page.locator("#told")).to_be_hidden()


DANGERS = {
    "jag vill dö": "Vart ringer jag vid tankar på självmord?",
    "I want to die": "Vart ringer jag vid tankar på självmord?",
    "Min son andas inte!": "Vilket nummer ringer jag i nödläge?",
    "det brinner i huset": "Vilket nummer ringer jag i nödläge?",
    "my husband beats me": "Vart ringer jag vid våld i en nära relation?",
}


@pytest.mark.parametrize(("text", "title"), DANGERS.items(), ids=DANGERS)
def test_who_writes_of_danger_sees_the_numbers_first(
    page: Page, look: Callable[[str], None], text: str, title: str
) -> None:
    look("vindeln/sv/index.html")
    search(page, text)
    expect(page.locator("#results h3").first).to_have_text(title)


@pytest.mark.parametrize("text", ["kan kommunen slå gräset åt min farmor", "what do I do first", "jag vill bo här"])
def test_who_does_not_sees_none_of_them_first(page: Page, look: Callable[[str], None], text: str) -> None:
    look("vindeln/sv/index.html")
    search(page, text)
    expect(page.locator("#told")).to_contain_text(text)
    expect(page.locator("#results h3", has_text=re.compile("Vart ringer|Vilket nummer"))).to_have_count(0)


def test_it_looks_while_someone_writes(page: Page, look: Callable[[str], None]) -> None:
    look("vindeln/sv/index.html")
    page.get_by_label("Sök bland svaren").press_sequentially("bygg")
    expect(page.locator("#results li").first).to_be_visible()


def test_under_the_policy_of_the_manual_it_works_from_any_web_server(page: Page, server: str) -> None:
    page.goto(f"{server}/vindeln/sv/")
    search(page, "bygglov")
    page.locator("#results a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Behöver jag bygglov?")
    page.goto(f"{server}/vindeln/sv/leaflet.html")
    expect(page.get_by_role("img", name="QR-kod")).to_be_visible()


# the leaflet


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_leaflet_is_two_sheets_at_most(page: Page, look: Callable[[str], None], language: str) -> None:
    look(f"vindeln/{language}/leaflet.html")
    printed = page.pdf(prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= MOST_SHEETS


# when the service is away


def test_the_page_leads_to_the_copy_when_it_gets_no_answer(
    page: Page,
    make_app: Callable[..., Flask],
    serve: Callable[[Flask], str],
    answer_with: Callable[..., None],
    quiet_console: list[str],
) -> None:
    site = serve(make_app(HEMVIST_COPY_URL="https://www.norrby.example/kopia/"))
    answer_with(lost=True)
    page.goto(f"{site}/norrby/sv/")
    page.get_by_label("Din fråga").fill("pannkakor")
    page.keyboard.press("Enter")
    link = page.get_by_role("link", name="Läs svaren utan chatten")
    expect(link).to_have_attribute("href", "https://www.norrby.example/kopia/norrby/sv/index.html")
    quiet_console.clear()  # the lost request
