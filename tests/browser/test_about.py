"""Privacy, accessibility and the list of all answers, in a real browser."""

import pytest
from media import MEDIA, NAMES, Violations
from playwright.sync_api import Page, expect

PAGES = {
    "privacy": "/{}/{}/policy",
    "accessibility": "/{}/{}/accessibility",
    "all answers": "/{}/{}/search",
    "answers found": "/{}/{}/search?q=tomt",
    "personal data searched": "/{}/{}/search?q=anna@exempel.se",
    "nothing found": "/{}/{}/search?q=pannkakor",
    "crisis": "/{}/{}/search?q=jag+vill+d%C3%B6",
    "choose": "/policy?municipality={}&language={}",
}


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize("language", ["sv", pytest.param("en", marks=pytest.mark.nightly)])
@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_is_accessible(page: Page, violations: Violations, address: str, language: str, media: str) -> None:
    page.emulate_media(**MEDIA[media])
    for municipality in ("norrby", "soderby"):
        page.goto(address.format(municipality, language))
        assert violations() == []


def test_a_fault_would_be_found(page: Page, violations: Violations) -> None:
    page.goto("/norrby/sv/search")
    page.evaluate("document.querySelector('label').remove()")
    assert "label" in [name for name, _ in violations()]


@pytest.mark.parametrize("address", PAGES.values(), ids=PAGES)
def test_a_page_fits_a_narrow_screen(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(address.format("norrby", "sv"))
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_all_answers_are_found_from_the_chat_by_keyboard(page: Page) -> None:
    page.goto("/norrby/sv/")
    page.get_by_role("main").get_by_role("link", name="Alla svar").press("Enter")
    page.wait_for_url("**/norrby/sv/search")
    page.get_by_label("Sök bland svaren").fill("tomt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/norrby/sv/search?q=tomt")
    expect(page.get_by_role("heading", level=2).first).to_contain_text("svar på ”tomt”")
    page.get_by_role("link", name="Hur reserverar jag en tomt?").press("Enter")
    page.wait_for_url("**/norrby/sv/plot-reservation")


def test_the_small_print_is_at_the_foot(page: Page) -> None:
    page.goto("/norrby/en/")
    page.get_by_role("contentinfo").get_by_role("link", name="Privacy").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Privacy")
    page.get_by_role("contentinfo").get_by_role("link", name="Accessibility").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accessibility statement")
    page.get_by_role("link", name="Svenska").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tillgänglighetsredogörelse")
