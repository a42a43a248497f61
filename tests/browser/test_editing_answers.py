"""The editor in a real browser: accessible in every state, by keyboard alone, and the curator's way to the visitor."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from members import add_member, code_of
from playwright.sync_api import Browser, Page, expect
from test_staff import Violations, forget_step, give_password, judged, polite, press, reach

__all__ = ["polite"]
PUBLISHER = "paula@norrby.example"
PAGES = {
    "list": "answers",
    "nothing found": "answers?words=zzz",
    "own": "answers/plots",
    "inherited": "answers/school",
    "national": "answers/school?layer=national",
    "new": "answers/bad?question=Var+badar+man",
    "history": "answers/plots/history",
    "no history": "answers/school/history",
    "conflicts": "conflicts",
}


@pytest.fixture(scope="module")
def own_app(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = Path(
        shutil.copytree(Path(__file__).parent.parent / "knowledge", tmp_path_factory.mktemp("own") / "knowledge")
    )
    return make_app(HEMVIST_KNOWLEDGE=str(folder))


@pytest.fixture(scope="module")
def own_site(own_app: Flask, serve: Callable[[Flask], str]) -> str:
    add_member(own_app, PUBLISHER, ("norrby", "publisher"))
    add_member(own_app, "eva@norrby.example", ("norrby", "editor"))
    return serve(own_app)


@pytest.fixture
def curator(page: Page, own_app: Flask, own_site: str) -> Page:
    sign_in(page, own_app, own_site)
    return page


def sign_in(page: Page, app: Flask, site: str) -> None:
    give_password(page, site, PUBLISHER)
    forget_step(app)
    page.get_by_label("Kod").fill(code_of(app, PUBLISHER))
    page.get_by_role("button", name="Fortsätt").click()
    page.wait_for_url("**/staff/norrby/")


@pytest.mark.nightly
@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_every_page_of_the_editor_is_accessible(
    curator: Page, own_site: str, violations: Violations, path: str
) -> None:
    curator.goto(f"{own_site}/staff/norrby/{path}")
    for more in curator.locator("details.more").all():
        more.evaluate("one => one.open = true")
    assert judged(curator, violations) == {}


@pytest.mark.nightly
def test_every_state_of_the_form_is_accessible(
    curator: Page, own_app: Flask, own_site: str, violations: Violations, quiet_console: list[str]
) -> None:
    found: dict[str, Any] = {}
    curator.goto(f"{own_site}/staff/norrby/answers/rental-housing")
    curator.locator("#answer_sv").fill("x" * 2001)
    curator.get_by_role("button", name="Spara utkast").click()
    expect(curator.get_by_role("alert")).to_be_visible()
    found["mistake"] = judged(curator, violations)
    curator.locator("#answer_sv").fill("Ring\u00a0växeln.")
    curator.get_by_role("button", name="Visa vad ändringen gör").click()
    expect(curator.locator("#effect .verdict")).to_be_visible()
    expect(curator.locator("#preview")).to_contain_text("Ring växeln.")
    found["effect"] = judged(curator, violations)
    curator.get_by_role("button", name="Spara utkast").click()
    expect(curator.get_by_role("status").first).to_contain_text("sparat")
    found["draft"] = judged(curator, violations)
    curator.locator('[name="based_on"]').first.evaluate("field => field.value = '1'")
    curator.get_by_role("button", name="Publicera").click()
    expect(curator.get_by_role("heading", name="Någon hann före")).to_be_visible()
    found["stale"] = judged(curator, violations)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    quiet_console.clear()  # 412 and 422 are told there


def test_by_keyboard_alone_from_the_form_to_the_published_answer(curator: Page, own_site: str) -> None:
    curator.goto(f"{own_site}/staff/norrby/answers/plot-reservation")
    reach(curator, "answer_sv")
    curator.keyboard.press("Control+A")
    curator.keyboard.type("Ring byggkontoret.")
    expect(curator.locator("#preview")).to_contain_text("Ring byggkontoret.")
    reach(curator, "note")
    curator.keyboard.type("Kortare.")
    press(curator, "Publicera")
    expect(curator.get_by_role("status").first).to_contain_text("Publicerat")


def test_the_curators_way_from_the_door_to_the_visitor_and_back(
    page: Page, own_app: Flask, own_site: str, browser: Browser, browser_context_args: dict[str, Any]
) -> None:
    visitor = browser.new_context(**browser_context_args).new_page()
    sign_in(page, own_app, own_site)
    page.get_by_role("link", name="Svar", exact=True).click()
    page.get_by_role("link", name="Vilka tomter är lediga i Norrby?").or_(
        page.locator('a[href="/staff/norrby/answers/plots"]')
    ).first.click()
    page.locator("#answer_sv").fill("Norrby har **tretton** tomter.")
    page.locator("#answer_en").fill("Norrby has **thirteen** plots.")
    expect(page.locator("#preview")).to_contain_text("Norrby has thirteen plots.")
    page.get_by_role("button", name="Publicera").click()
    expect(page.get_by_role("status").first).to_contain_text("Publicerat")
    visitor.goto(f"{own_site}/norrby/sv/plots")
    expect(visitor.get_by_role("article")).to_contain_text("tretton")
    page.get_by_role("link", name="Historik").click()
    page.get_by_role("button", name="Återställ").first.click()
    expect(page.get_by_role("status").first).to_contain_text("Återställt")
    visitor.reload()
    expect(visitor.get_by_role("article")).to_contain_text("tolv")
    visitor.context.close()


def test_the_editor_works_without_script(
    browser: Browser, browser_context_args: dict[str, Any], own_app: Flask, own_site: str
) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    give_password(page, own_site, "eva@norrby.example")
    page.wait_for_url("**/staff/norrby/")
    page.goto(f"{own_site}/staff/norrby/answers/moving-checklist")
    page.locator("#answer_sv").fill("Börja med **adressen**.")
    page.get_by_role("button", name="Visa vad ändringen gör").click()
    expect(page.locator("#preview")).to_contain_text("Börja med adressen.")
    expect(page.locator("#answer_sv")).to_have_value("Börja med **adressen**.")
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.get_by_role("status").first).to_contain_text("sparat")
    context.close()
