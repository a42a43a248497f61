"""Personal data is flagged in the browser before it is sent, and whoever writes has the last word."""

import re
import time
from pathlib import Path
from typing import Any

import pytest
from personal_data import ADDRESSES, KEPT, PERSON, PERSONAL, PHONES
from playwright.sync_api import Page, expect

SCRIPT = Path(__file__).resolve().parent.parent.parent / "web" / "static" / "chat.js"
TOLD = "Det här ser ut som ett personnummer, ett telefonnummer eller en e-postadress."
WRITTEN = f"Hur hyr jag? Mitt nummer är {PERSON}"
SURROUNDINGS = ["{}", "Jag heter Kim, {} är mitt.", "({})", "nr:{}."]


@pytest.fixture
def sent(page: Page) -> list[Any]:
    """What was sent to us since the page was opened."""
    posted: list[Any] = []
    page.on("request", lambda request: posted.append(request.post_data_json) if request.method == "POST" else None)
    return posted


def write(page: Page, text: str) -> None:
    page.goto("/norrby/sv/")
    page.get_by_label("Din fråga").fill(text)
    page.get_by_label("Din fråga").press("Enter")


def found(page: Page, texts: list[str]) -> list[str]:
    """Return those of `texts` in which the page's function sees personal data."""
    function = re.search(r"function holdsPersonalData\(text\) \{.*?\n  \}\n", SCRIPT.read_text(), re.S)
    assert function
    seen = page.evaluate(f"texts => {{ {function[0]} return texts.map(holdsPersonalData) }}", texts)
    return [text for text, is_personal in zip(texts, seen, strict=True) if is_personal]


@pytest.mark.parametrize("around", SURROUNDINGS)
def test_the_browser_sees_what_the_server_sees(page: Page, around: str) -> None:
    texts = [around.format(text) for group in (PERSONAL, PHONES, ADDRESSES) for text in group.values()]
    assert [text for text in texts if text not in found(page, texts)] == []


@pytest.mark.parametrize("around", SURROUNDINGS)
def test_the_browser_lets_pass_what_only_looks_like_it(page: Page, around: str) -> None:
    assert found(page, [around.format(text) for text in KEPT]) == []


@pytest.mark.parametrize("piece", ["1 ", "1", "0 ", "811228-", "a@", "(at ", "+46 ", "1 000 "])
def test_no_question_keeps_the_browser_busy(page: Page, piece: str) -> None:
    start = time.perf_counter()
    found(page, [(piece * 500)[:500]] * 20)
    assert time.perf_counter() - start < 4  # seconds for twenty of the longest, on a machine that is busy itself


def test_nothing_is_sent_until_it_is_decided(page: Page, sent: list[Any]) -> None:
    write(page, WRITTEN)
    group = page.get_by_role("group", name=TOLD)
    expect(group).to_be_visible()
    expect(group.get_by_role("button", name="Ändra")).to_be_focused()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.wait_for_timeout(300)
    assert sent == []


def test_changing_it_leads_back_to_the_words(page: Page, sent: list[Any]) -> None:
    write(page, WRITTEN)
    page.get_by_role("button", name="Ändra").press("Enter")
    box = page.get_by_label("Din fråga")
    expect(box).to_be_focused()
    expect(box).to_have_value(WRITTEN)
    expect(page.get_by_role("group", name=TOLD)).to_have_count(0)
    box.fill("Hur hyr jag en lägenhet i Norrby?")
    box.press("Enter")
    expect(page.locator(".turn")).to_contain_text("Norrbybostäder hyr ut lägenheter.")
    assert [one["question"] for one in sent] == ["Hur hyr jag en lägenhet i Norrby?"]


def test_it_can_be_sent_all_the_same_and_the_answer_says_that_it_was_not_saved(page: Page, sent: list[Any]) -> None:
    write(page, WRITTEN)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Skicka ändå")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".turn .callout")).to_contain_text("Det har inte sparats.")
    expect(page.get_by_role("group", name=TOLD)).to_have_count(0)
    expect(page.get_by_label("Din fråga")).to_be_focused()
    assert [one["question"] for one in sent] == [WRITTEN]


def test_escape_leads_back_to_the_words(page: Page) -> None:
    write(page, WRITTEN)
    page.keyboard.press("Escape")
    expect(page.get_by_label("Din fråga")).to_be_focused()
    expect(page.get_by_role("group", name=TOLD)).to_have_count(0)


def test_writing_on_takes_the_question_away(page: Page) -> None:
    write(page, WRITTEN)
    page.get_by_label("Din fråga").press("End")
    page.get_by_label("Din fråga").press_sequentially("!")
    expect(page.get_by_role("group", name=TOLD)).to_have_count(0)


def test_asked_twice_it_is_told_once(page: Page, sent: list[Any]) -> None:
    write(page, WRITTEN)
    page.get_by_label("Din fråga").press("Enter")
    expect(page.get_by_role("group", name=TOLD)).to_have_count(1)
    assert sent == []


def test_while_writing_nothing_is_sent(page: Page) -> None:
    page.goto("/norrby/sv/", wait_until="networkidle")
    called: list[str] = []
    page.on("request", lambda request: called.append(request.url))
    page.get_by_label("Din fråga").press_sequentially(WRITTEN)
    page.wait_for_timeout(200)
    assert [
        url for url in called if "/api/v1/titles?municipality=norrby&language=sv" not in url
    ] == []  # what can be asked, not what is written


def test_it_is_told_in_english_too(page: Page) -> None:
    page.goto("/norrby/en/")
    page.get_by_label("Your question").fill("call me on 070-123 45 67")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("group", name="This looks like an identity number")).to_be_visible()
    expect(page.get_by_role("button", name="Change it")).to_be_focused()


def test_the_other_language_takes_it_away(page: Page) -> None:
    write(page, "Hur hyr jag en lägenhet i Norrby?")
    expect(page.locator(".turn")).to_have_count(1)
    page.get_by_label("Din fråga").fill(WRITTEN)
    page.get_by_label("Din fråga").press("Enter")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ask about moving to Norrby")
    expect(page.locator("#personal")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_question_is_accessible(page: Page, violations: Any, scheme: Any) -> None:
    page.emulate_media(color_scheme=scheme)
    write(page, WRITTEN)
    assert violations() == []


def test_the_question_fits_a_narrow_screen(page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    write(page, WRITTEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    for button in page.locator("#personal button").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 44
        expect(button).to_be_in_viewport()
