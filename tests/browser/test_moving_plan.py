"""The moving plan in a real browser: with and without JavaScript, by keyboard, its answers in the fragment alone."""

import logging
from typing import Any

import pytest
from media import MEDIA, NAMES, Violations
from playwright.sync_api import Browser, BrowserContext, Page, expect

PLAN = "#v=1&origin=abroad&citizenship=eu&home=renting&date=2027-06-01&children=school&work=job&also=car"


@pytest.fixture
def plain(browser: Browser, browser_context_args: dict[str, Any]) -> Page:
    """A page of a browser that runs no scripts."""
    return browser.new_context(**browser_context_args, java_script_enabled=False).new_page()


def shown(page: Page) -> list[str]:
    return [str(item.get_attribute("value")) for item in page.locator("[data-task]").all()]


def fill(page: Page) -> None:
    page.get_by_label("Från ett annat land", exact=True).check()
    page.get_by_label("Ett annat land i EU eller EES, eller Schweiz").check()
    page.get_by_label("6–15 år").check()
    page.get_by_label("Hyra").check()
    page.locator("#q-date").fill("2027-06-01")
    page.get_by_role("button", name="Gör planen").click()


@pytest.mark.parametrize("media", NAMES)
@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("fragment", ["", PLAN, "#v=2&origin=abroad"], ids=["questions", "plan", "foreign"])
def test_the_page_is_accessible(page: Page, violations: Violations, fragment: str, language: str, media: str) -> None:
    page.emulate_media(**MEDIA[media])
    page.goto(f"/norrby/{language}/plan{fragment}")
    if fragment == PLAN:
        page.locator("#plan-heading").wait_for()
        for one in page.locator(".more summary").all():
            one.click()
    assert violations() == []


def test_the_page_with_mistakes_is_accessible(page: Page, violations: Violations, quiet_console: list[str]) -> None:
    page.goto("/norrby/sv/plan" + PLAN.replace("06-01", "02-30"))
    expect(page.locator("#faults")).to_be_focused()
    assert violations() == []
    quiet_console.clear()  # Chromium notes the answer 422


@pytest.mark.parametrize("fragment", ["", PLAN], ids=["questions", "plan"])
def test_the_page_fits_a_narrow_screen(page: Page, fragment: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto("/norrby/sv/plan" + fragment)
    if fragment:
        page.locator("#plan-heading").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_a_plan_is_made_by_keyboard_alone(page: Page) -> None:
    page.goto("/norrby/sv/plan")
    page.locator("[name=origin]").first.focus()
    for keys in (["Space", "Tab"], ["Space", "ArrowDown", "ArrowDown", "Tab"], ["Tab", "Space", "Tab", "Tab"]):
        for key in keys:
            page.keyboard.press(key)
    page.get_by_role("button", name="Gör planen").press("Enter")
    expect(page.locator("#plan-heading")).to_be_focused()
    assert shown(page) == ["home", "school-place", "ferry", "register", "health-centre"]
    page.get_by_label("Anmäl barnen till skolan").press("Space")
    expect(page.locator("#tally")).to_have_text("1 av 5 klara")
    page.locator("#questions summary").press("Enter")
    expect(page.get_by_role("button", name="Gör planen")).to_be_visible()


def test_the_answers_and_ticks_stay_in_the_fragment_over_a_reload_and_in_the_other_language(page: Page) -> None:
    page.goto("/norrby/sv/plan")
    fill(page)
    page.get_by_label("Anmäl barnen till skolan").check()
    fragment = "#v=1&origin=abroad&citizenship=eu&home=renting&date=2027-06-01&children=school&done=school-place"
    assert page.url.endswith("/norrby/sv/plan" + fragment)
    expect(page.get_by_text("Kryssen sparas inte utan JavaScript.")).to_have_count(0)
    page.reload()
    expect(page.get_by_label("Anmäl barnen till skolan")).to_be_checked()
    expect(page.locator("#tally")).to_have_text("1 av 5 klara")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_label("Enrol the children")).to_be_checked()
    assert page.url.endswith("/norrby/en/plan" + fragment)
    page.get_by_label("Enrol the children").uncheck()
    assert page.url.endswith(fragment.removesuffix("&done=school-place"))


def test_no_answer_reaches_an_address_or_the_log_of_the_server(page: Page, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.split("#")[0]))
    with caplog.at_level(logging.DEBUG):
        page.goto("/norrby/sv/plan" + PLAN)
        page.locator("#plan-heading").wait_for()
        page.get_by_label("Anmäl barnen till skolan").check()
        page.reload()
        page.locator("#plan-heading").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Lägg i min kalender (.ics)").click()
    assert download.value.suggested_filename == "flyttplan-norrby.ics"
    assert download.value.path().read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert [url for url in asked if "abroad" in url or "2027" in url] == []
    assert [url for url in asked if "/plan" in url and "?" in url and "/static/" not in url] == []
    assert any("POST /norrby/sv/plan " in record.getMessage() for record in caplog.records)
    assert [one.getMessage() for one in caplog.records if "abroad" in one.getMessage()] == []


FOREIGN = ["v=2&origin=abroad", "origin=abroad", "v=1&origin=mars", "v=1&colour=red", "v=1&v=1", "v=1&date=soon", "%E0"]


@pytest.mark.parametrize("fragment", FOREIGN)
def test_a_fragment_of_another_version_is_told_and_the_questions_are_empty(page: Page, fragment: str) -> None:
    page.goto("/norrby/sv/plan#" + fragment)
    expect(page.locator("#plan-status")).to_contain_text("Länken är gjord för en annan version av planen")
    expect(page.locator("#plan-status")).to_be_in_viewport()
    assert page.locator("#answers :checked").count() == 0
    assert shown(page) == []
    assert "#" not in page.url


def test_a_day_that_does_not_exist_is_told_and_the_rest_kept(page: Page, quiet_console: list[str]) -> None:
    page.goto("/norrby/en/plan" + PLAN.replace("06-01", "02-30"))
    expect(page.locator("#faults")).to_contain_text("There is no such day.")
    expect(page.get_by_label("From another country", exact=True)).to_be_checked()
    page.locator("#q-date").fill("2027-02-28")
    page.get_by_role("button", name="Make the plan").click()
    expect(page.locator("#plan-heading")).to_be_focused()
    assert "date=2027-02-28" in page.url
    quiet_console.clear()  # Chromium notes the answer 422


def test_the_way_to_the_content_does_not_lose_the_plan(page: Page) -> None:
    page.goto("/norrby/sv/plan" + PLAN)
    page.locator("#plan-heading").wait_for()
    before = page.url
    page.locator(".skip").press("Enter")
    expect(page.locator("main")).to_be_focused()
    assert page.url == before
    assert shown(page)


def test_a_pasted_link_is_followed(page: Page) -> None:
    page.goto("/norrby/sv/plan" + PLAN)
    page.locator("#plan-heading").wait_for()
    page.evaluate("location.hash = '#v=1&origin=sweden&citizenship=swedish'")
    expect(page.get_by_label("Anmäl flytten")).to_be_visible()
    assert "tyres" not in shown(page)


def test_a_server_that_is_away_is_told(page: Page, quiet_console: list[str]) -> None:
    page.goto("/norrby/sv/plan")
    page.route("**/plan", lambda route: route.abort("internetdisconnected"))
    fill(page)
    expect(page.locator("#plan-status")).to_have_text("Planen kunde inte göras just nu. Försök igen om en stund.")
    expect(page.get_by_label("Hyra")).to_be_checked()
    quiet_console.clear()


def test_without_javascript_the_plan_is_made_changed_and_taken_along(plain: Page) -> None:
    plain.goto("/norrby/sv/plan")
    fill(plain)
    assert plain.url.endswith("/norrby/sv/plan#plan")
    assert shown(plain) == ["home", "school-place", "ferry", "register", "health-centre"]
    expect(plain.get_by_text("Kryssen sparas inte utan JavaScript.")).to_be_visible()
    with plain.expect_download() as download:
        plain.get_by_role("button", name="Lägg i min kalender (.ics)").click()
    assert download.value.path().read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    plain.get_by_role("button", name="English").click()
    expect(plain.locator("#plan-heading")).to_contain_text("Your move on 1 June 2027")
    plain.locator("#questions summary").click()
    plain.get_by_label("I have a car, or will").check()
    plain.get_by_role("button", name="Make the plan").click()
    assert "tyres" in shown(plain)


def test_the_chat_leads_to_the_plan(page: Page) -> None:
    page.goto("/norrby/sv/")
    page.get_by_label("Din fråga").fill("checklista inför flytten")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Gör din flyttplan").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Flyttplan för Norrby")


def test_on_paper_all_is_open_and_the_questions_are_not_there(page: Page, context: BrowserContext) -> None:
    page.goto("/norrby/sv/plan" + PLAN)
    page.locator("#plan-heading").wait_for()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    expect(page.locator(".source").first).to_be_visible()
    expect(page.locator("#questions")).to_be_hidden()
    expect(page.get_by_role("button", name="Skriv ut")).to_be_hidden()
