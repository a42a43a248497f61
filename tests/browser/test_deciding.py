"""The settings of staff in a real browser: a colour is judged as it is written, switching off reaches everybody."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from members import PASSWORD, add_member, code_of
from playwright.sync_api import BrowserContext, Page, expect
from test_staff import Violations, judged

ADMIN = "anna@norrby.example"


@pytest.fixture(scope="module")
def staff_app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture(scope="module")
def own_site(staff_app: Flask, serve: Callable[[Flask], str]) -> str:
    add_member(staff_app, ADMIN, ("norrby", "admin"))
    return serve(staff_app)


@pytest.fixture(autouse=True)
def polite(context: BrowserContext) -> Iterator[None]:
    """Staff have one cookie; it is gone before the rule of the visitors' pages is looked at."""
    yield
    context.clear_cookies()


def taken(page: Page, name: str) -> None:
    """Keep a picture where whoever runs the tests asks for them."""
    if folder := os.environ.get("PICTURES"):
        for width in (390, 1280):
            page.set_viewport_size({"width": width, "height": 844})
            page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


@pytest.mark.nightly
def test_staff_decide_and_visitors_meet_it(
    page: Page, staff_app: Flask, own_site: str, violations: Violations, quiet_console: list[str]
) -> None:
    page.goto(f"{own_site}/staff/sign-in")
    page.get_by_label("E-postadress").fill(ADMIN)
    page.get_by_label("Lösenord").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Logga in").click()
    page.get_by_label("Kod").fill(code_of(staff_app, ADMIN))
    page.get_by_role("button", name="Fortsätt").click()
    page.wait_for_url("**/staff/norrby/")
    taken(page, "home")
    page.goto(f"{own_site}/staff/norrby/freshness")
    taken(page, "freshness")
    page.goto(f"{own_site}/staff/norrby/settings")
    page.get_by_role("textbox", name="Färg").fill("#ffd400")
    expect(page.get_by_text("når 1.4:1. Det krävs minst 4.5:1")).to_be_visible()
    taken(page, "settings")
    page.get_by_role("button", name="Spara hälsning och färg").click()
    expect(page.get_by_role("alert")).to_contain_text("Närmaste färg som räcker")
    found = {"refused": judged(page, violations)}
    page.get_by_role("textbox", name="Färg").fill("#004d40")
    expect(page.get_by_text("Det räcker.")).to_be_visible()
    page.get_by_role("button", name="Spara hälsning och färg").click()
    page.get_by_text("Stäng av chatten").click()
    page.get_by_label("Skäl på svenska").fill("Vi bygger om.")
    page.get_by_role("button", name="Stäng av nu").click()
    expect(page.get_by_role("button", name="Slå på igen")).to_be_visible()
    found["off"] = judged(page, violations)
    page.goto(f"{own_site}/norrby/sv/")
    expect(page.get_by_role("heading", name="Chatten är avstängd just nu")).to_be_visible()
    expect(page.get_by_role("link", name="0933-140 00")).to_be_visible()
    found["visitors"] = judged(page, violations)
    taken(page, "closed")
    page.goto(f"{own_site}/embed/norrby/sv")
    expect(page.get_by_text("Vi bygger om.")).to_be_visible()
    expect(page.get_by_role("link", name="0933-140 00")).to_be_visible()
    expect(page.get_by_role("textbox")).to_have_count(0)
    found["widget"] = judged(page, violations)
    taken(page, "widget")
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    quiet_console.clear()  # 422 and 503 are told there
