"""The pages of staff in a real browser: accessible in every state, by keyboard alone, on a phone and without script."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from media import MEDIA, Violations
from members import PASSWORD, add_member, code_of, service_of
from playwright.sync_api import BrowserContext, Page, expect

from web.store import accounts

ADMIN = "anna@norrby.example"


@pytest.fixture(scope="module")
def staff_app(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


@pytest.fixture(scope="module")
def staff_site(staff_app: Flask, serve: Callable[[Flask], str]) -> str:
    add_member(staff_app, ADMIN, ("norrby", "admin"), ("soderby", "editor"))
    add_member(staff_app, "eva@norrby.example", ("norrby", "editor"))
    add_member(staff_app, "new@norrby.example", ("ostby", "publisher"), totp=False)
    return serve(staff_app)


@pytest.fixture(autouse=True)
def polite(context: BrowserContext) -> Iterator[None]:
    """Staff have one cookie and nothing else in their browser; this stands for the rule of the visitors' pages."""
    yield
    assert [cookie["name"] for cookie in context.cookies()] in ([], ["hemvist-staff"])
    context.clear_cookies()


@pytest.fixture
def signed_in(page: Page, staff_app: Flask, staff_site: str) -> Page:
    give_password(page, staff_site, ADMIN)
    forget_step(staff_app)
    page.get_by_label("Kod").fill(code_of(staff_app, ADMIN))
    page.get_by_role("button", name="Fortsätt").click()
    page.wait_for_url("**/staff/")
    return page


def give_password(page: Page, site: str, email: str, password: str = PASSWORD) -> None:
    page.goto(f"{site}/staff/sign-in")
    page.get_by_label("E-postadress").fill(email)
    page.get_by_label("Lösenord").fill(password)
    page.get_by_role("main").get_by_role("button", name="Logga in").click()


def forget_step(app: Flask) -> None:
    """Let a code count although another test used it in the same half minute."""
    with service_of(app).store.writing() as connection:
        accounts.change(connection, 1, totp_step=0)


def judged(page: Page, violations: Violations) -> dict[str, Any]:
    """Return what is wrong with a page in every light and at both widths."""
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
def test_the_door_is_accessible_in_every_state(
    page: Page, staff_site: str, violations: Violations, quiet_console
) -> None:
    page.goto(f"{staff_site}/staff/sign-in")
    assert judged(page, violations) == {}
    give_password(page, staff_site, "eva@norrby.example", "wrong wrong wrong")
    expect(page.get_by_role("alert")).to_be_visible()
    assert judged(page, violations) == {}
    give_password(page, staff_site, ADMIN)
    assert judged(page, violations) == {}
    page.get_by_label("Kod").fill("000000")
    page.get_by_role("button", name="Fortsätt").click()
    expect(page.get_by_text("Koden är fel")).to_be_visible()
    assert judged(page, violations) == {}
    give_password(page, staff_site, "new@norrby.example")
    expect(page.get_by_role("img", name="Koden till din app")).to_be_visible()
    assert judged(page, violations) == {}
    page.goto(f"{staff_site}/staff/invitation?token=x")
    assert judged(page, violations) == {}
    page.goto(f"{staff_site}/help/sv/staff")
    assert judged(page, violations) == {}
    quiet_console.clear()  # 422 and 410 are told there


PAGES = {
    "choose": "/staff/",
    "home": "/staff/norrby/",
    "users": "/staff/norrby/users",
    "one user": "/staff/norrby/users/2",
    "myself": "/staff/norrby/users/1",
    "record": "/staff/norrby/audit",
    "record, nothing fits": "/staff/norrby/audit?words=zzz",
    "freshness": "/staff/norrby/freshness",
    "settings": "/staff/norrby/settings",
    "account": "/staff/account",
    "not there": "/staff/ostby/",
    "not allowed": "/staff/soderby/users",
}


@pytest.mark.nightly
def test_every_page_inside_is_accessible(
    signed_in: Page, staff_site: str, violations: Violations, quiet_console: list[str]
) -> None:
    found = {}
    for name, path in PAGES.items():
        signed_in.goto(staff_site + path)
        found[name] = judged(signed_in, violations)
    signed_in.goto(f"{staff_site}/staff/norrby/users")
    signed_in.locator("#email").evaluate("field => field.type = 'text'")
    signed_in.locator("#email").fill("bo")
    signed_in.locator("#name").fill("Bo Ek")
    signed_in.get_by_role("button", name="Skapa en inbjudan").click()
    expect(signed_in.get_by_role("alert")).to_be_visible()
    found["mistakes"] = judged(signed_in, violations)
    signed_in.locator("#email").fill("bo@norrby.example")
    signed_in.get_by_role("button", name="Skapa en inbjudan").click()
    link = signed_in.get_by_label("Länken").input_value()
    found["link"] = judged(signed_in, violations)
    signed_in.goto(f"{staff_site}/staff/norrby/users")
    found["invited"] = judged(signed_in, violations)
    signed_in.goto(link)
    found["invitation"] = judged(signed_in, violations)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    quiet_console.clear()  # 403, 404 and 422 are told there


def test_typed_words_come_back_after_signing_in_again(
    signed_in: Page, staff_app: Flask, staff_site: str, violations: Violations, quiet_console: list[str]
) -> None:
    signed_in.goto(f"{staff_site}/staff/account")
    signed_in.locator("#name").fill("Anna <Berg>")
    signed_in.context.clear_cookies()
    signed_in.get_by_role("button", name="Spara").click()
    expect(signed_in.get_by_role("alert")).to_contain_text("Det du skrev finns kvar")
    assert judged(signed_in, violations) == {}
    signed_in.get_by_label("E-postadress").fill(ADMIN)
    signed_in.get_by_label("Lösenord").fill(PASSWORD)
    signed_in.get_by_role("main").get_by_role("button", name="Logga in").click()
    forget_step(staff_app)
    signed_in.get_by_label("Kod").fill(code_of(staff_app, ADMIN))
    signed_in.get_by_role("button", name="Fortsätt").click()
    expect(signed_in.get_by_text("Anna <Berg>")).to_be_visible()
    assert judged(signed_in, violations) == {}
    signed_in.get_by_role("button", name="Skicka det nu").click()
    expect(signed_in.get_by_role("status")).to_contain_text("sparade")
    expect(signed_in.locator("#name")).to_have_value("Anna <Berg>")
    quiet_console.clear()  # 401 is told there


def test_by_keyboard_alone_from_the_door_to_the_users_and_out(page: Page, staff_app: Flask, staff_site: str) -> None:
    page.goto(f"{staff_site}/staff/sign-in")
    reach(page, "email")
    page.keyboard.type(ADMIN)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/staff/code**")
    forget_step(staff_app)
    reach(page, "code")
    page.keyboard.type(code_of(staff_app, ADMIN))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Vilken kommun?")
    press(page, "Norrby")
    expect(page.get_by_role("heading", level=1)).to_have_text("Att göra i dag")
    press(page, "Användare")
    expect(page.get_by_role("heading", level=1)).to_have_text("Användare")
    press(page, "Logga ut")
    page.wait_for_url("**/staff/sign-in**")
    expect(page.get_by_role("status")).to_have_text("Du är utloggad.")


def test_everything_works_without_script(
    browser, browser_context_args: dict[str, Any], staff_app: Flask, staff_site: str
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    give_password(page, staff_site, "eva@norrby.example")
    page.wait_for_url("**/staff/norrby/")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What needs me today")
    context.close()


def reach(page: Page, field: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == field:
            return
    raise AssertionError(field)


def press(page: Page, name: str) -> None:
    """Press Tab until something of that name has the focus, which must be seen, and press Enter."""
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none"
            page.keyboard.press("Enter")
            return
    raise AssertionError(name)
