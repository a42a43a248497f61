"""The way to a person in a real browser: accessible, by keyboard, with and without JavaScript."""

from collections.abc import Callable, Iterator

import pytest
from media import MEDIA, NAMES, Violations
from playwright.sync_api import Browser, Page, expect

PAGE = "/norrby/sv/person"
DANGER = "jag orkar inte leva längre"


def write(page: Page, message: str = "Vi vill bygga.", email: str = "anna@post.example") -> None:
    page.goto(PAGE)
    page.get_by_label("Ditt meddelande").fill(message)
    page.get_by_label("E-post").fill(email)
    page.get_by_role("button", name="Skicka").click()


STATES: dict[str, tuple[Callable[[Page], None], str]] = {
    "empty form": (lambda page: page.goto(PAGE) and None, "Prata med en människa"),
    "mistakes": (lambda page: write(page, "", "anna"), "Meddelandet är inte skickat"),
    "danger": (lambda page: write(page, DANGER), "inte skickat än"),
    "receipt": (write, "Ditt nummer:"),
}


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize(("lead", "said"), STATES.values(), ids=STATES)
def test_every_state_is_accessible_and_fits_a_narrow_screen(
    page: Page,
    violations: Violations,
    quiet_console: list[str],
    lead: Callable[[Page], None],
    said: str,
    media: str,
) -> None:
    page.emulate_media(**MEDIA[media])
    page.set_viewport_size({"width": 320, "height": 640})
    lead(page)
    expect(page.get_by_role("main")).to_contain_text(said)
    assert violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    quiet_console.clear()  # the browser remarks on the status of a refused form


def test_message_is_written_by_keyboard_alone(page: Page) -> None:
    page.goto("/norrby/sv/")
    page.get_by_role("complementary").get_by_role("link", name="Skriv till en människa").press("Enter")
    page.wait_for_url(f"**{PAGE}")
    page.get_by_label("Vad det gäller").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("Vi vill bygga.")
    page.keyboard.press("Tab")
    page.keyboard.type("anna@post.example")
    for _ in range(3):  # phone, name, language
        page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("English")).to_be_checked()
    page.keyboard.press("Tab")  # how we treat your data
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skicka meddelandet")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ditt meddelande är mottaget")


def test_mistakes_have_the_focus_and_lead_to_their_fields(page: Page, quiet_console: list[str]) -> None:
    write(page, "Vi vill bygga.", "anna")
    expect(page.get_by_role("alert")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("E-post")).to_be_focused()
    expect(page.get_by_label("E-post")).to_have_value("anna")
    expect(page.get_by_label("Ditt meddelande")).to_have_value("Vi vill bygga.")
    quiet_console.clear()


def test_danger_is_answered_first_and_sent_when_it_is_meant(page: Page) -> None:
    write(page, DANGER)
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_role("alert").get_by_role("link", name="112")).to_have_attribute("href", "tel:112")
    expect(page.get_by_label("Ditt meddelande")).to_have_value(DANGER)
    page.get_by_role("button", name="Skicka ändå").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ditt meddelande är mottaget")
    expect(page.get_by_role("alert")).to_contain_text("112")


@pytest.fixture
def plain(browser: Browser, site: str) -> Iterator[Page]:
    """A browser without JavaScript."""
    context = browser.new_context(java_script_enabled=False, locale="sv-SE", base_url=site)
    yield context.new_page()
    context.close()


def test_without_javascript_it_is_the_same(plain: Page) -> None:
    write(plain, "", "anna")
    expect(plain.get_by_role("alert")).to_contain_text("Skriv ditt meddelande.")
    expect(plain.get_by_label("E-post")).to_have_value("anna")
    write(plain)
    expect(plain.get_by_role("main")).to_contain_text("Ditt nummer:")


def test_chat_that_does_not_know_leads_to_a_person(page: Page) -> None:
    page.goto("/norrby/sv/")
    page.get_by_label("Din fråga").fill("bästa receptet på pannkakor")
    page.keyboard.press("Enter")
    page.get_by_role("log").get_by_role("link", name="Skriv till en människa").click()
    page.wait_for_url(f"**{PAGE}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Prata med en människa")
