"""The start page in a real browser: asking all municipalities, with the keyboard and without barriers."""

import pytest
from media import MEDIA, Violations
from playwright.sync_api import Page, expect

QUESTIONS = {"group": "vilka kommuner har lediga tomter?", "choose": "Hur hyr jag en lägenhet?"}


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_start_page_is_accessible(page: Page, violations: Violations, language: str, media: str) -> None:
    page.emulate_media(**MEDIA[media])
    page.goto(f"/?language={language}")
    assert violations() == []


@pytest.mark.parametrize("media", MEDIA)
@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_an_answer_there_is_accessible(page: Page, violations: Violations, question: str, media: str) -> None:
    page.emulate_media(**MEDIA[media])
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/?language=sv")
    page.locator("#question").fill(question)
    page.get_by_role("button", name="Fråga").click()
    expect(page.locator(".card")).to_be_visible()
    assert violations() == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_who_is_asked_to_choose_is_answered_after_it(page: Page) -> None:
    page.goto("/?language=sv")
    page.locator("#question").fill(QUESTIONS["choose"])
    page.locator("#question").press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Norrby").press("Enter")
    page.wait_for_url("**/norrby/sv/#answer")
    expect(page.locator(".card h2")).to_have_text("Hur hyr jag en lägenhet i Norrby?")
