"""Unanswered questions and messages in a real browser: every page by axe in every light, and a day without script."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import seeds
from flask import Flask
from members import PASSWORD, StoppedClock, add_member, service_of
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import BrowserContext, Page, expect

EVA = "eva@norrby.example"
MEDIA: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
}
Violations = Callable[[], list[tuple[str, list[Any]]]]


@pytest.fixture(scope="module")
def staff_app(make_app: Callable[..., Flask]) -> Flask:
    clock = StoppedClock()
    made = make_app(clock)
    add_member(made, EVA, ("norrby", "editor"))
    return made


@pytest.fixture(scope="module")
def staff_site(staff_app: Flask, serve: Callable[[Flask], str]) -> str:
    settings = service_of(staff_app).settings
    seeds.ask(settings, *["kan man ha höns på tomten"] * 3, "kan man ha hons på tomten?", "höns på tomten")
    seeds.ask(settings, "is there a curling hall", language="en")
    seeds.ask(settings, *(f"{number} {number} {number}" for number in range(60)))
    seeds.leave_message(settings, "ABCDE-12345", secret={"is_danger": True})
    seeds.leave_message(settings, "ABCDE-12346", state="refused", problem="550 no such user")
    return serve(staff_app)


@pytest.fixture(autouse=True)
def polite(context: BrowserContext) -> Iterator[None]:
    """Staff have one cookie and nothing else in their browser."""
    yield
    assert [cookie["name"] for cookie in context.cookies()] in ([], ["hemvist-staff"])
    context.clear_cookies()


def sign_in(page: Page, site: str) -> None:
    page.goto(f"{site}/staff/sign-in")
    page.get_by_label("E-postadress").fill(EVA)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Logga in").click()
    page.wait_for_url("**/staff/norrby/")


def judged(page: Page, violations: Violations) -> dict[str, Any]:
    """Return what is wrong with a page in every light and at both widths, and at the narrowest."""
    found: dict[str, Any] = {}
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for name, media in MEDIA.items():
            page.emulate_media(**{"color_scheme": "light", "forced_colors": "none", **media}, reduced_motion="reduce")
            if wrong := violations():
                found[f"{width} {name}"] = wrong
    page.set_viewport_size({"width": 320, "height": 640})
    if page.evaluate("document.documentElement.scrollWidth") > 320:
        found["320"] = "too wide"
    return found


@pytest.mark.nightly
def test_every_page_is_accessible(
    page: Page, staff_site: str, violations: Violations, quiet_console: list[str]
) -> None:
    sign_in(page, staff_site)
    found = {"home": judged(page, violations)}
    for name in ("gaps", "gaps?state=solved", "gaps?page=2", "messages", "messages?state=handled"):
        page.goto(f"{staff_site}/staff/norrby/{name}")
        found[name] = judged(page, violations)
    page.goto(f"{staff_site}/staff/norrby/messages")
    page.get_by_role("link", name="ABCDE-12345").click()
    found["message"] = judged(page, violations)
    page.goto(f"{staff_site}/staff/norrby/gaps")
    page.get_by_role("link", name="kan man ha höns på tomten").click()
    found["gap"] = judged(page, violations)
    page.locator("#read").uncheck()
    page.get_by_role("button", name="Skicka till gruppen").click()
    expect(page.get_by_role("alert")).to_be_visible()
    found["mistakes"] = judged(page, violations)
    page.get_by_role("button", name="Visa vad det ändrar").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vad det ändrar")
    found["phrasing"] = judged(page, violations)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    quiet_console.clear()  # 422 is told there


def test_a_morning_without_script(browser: Chromium, browser_context_args: dict[str, Any], staff_site: str) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, staff_site)
    page.get_by_role("link", name="Ingen har läst").click()
    page.get_by_role("link", name="ABCDE-12346").click()
    page.get_by_role("button", name="Det är hanterat").click()
    expect(page.get_by_role("status").first).to_contain_text("är hanterat")
    page.get_by_role("link", name="Frågor utan svar").click()
    page.get_by_label("Välj: is there a curling hall").check()
    page.get_by_role("button", name="Lägg de valda åt sidan").click()
    expect(page.get_by_role("status").first).to_contain_text("Lade åt sidan: 1.")
    page.get_by_label("Visa").select_option("ignored")
    page.get_by_role("main").get_by_role("button", name="Visa").click()
    page.get_by_role("link", name="is there a curling hall").click()
    page.get_by_role("button", name="Öppna igen").click()
    expect(page.get_by_role("status").first).to_contain_text("Öppen igen")
    context.close()
