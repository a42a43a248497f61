"""The forms of records and words in a real browser: accessible in every state, by keyboard alone, without script."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from media import Violations
from members import add_member, code_of
from playwright.sync_api import Browser, Page, expect
from test_staff import forget_step, give_password, judged, polite, press, reach

__all__ = ["polite"]
PUBLISHER = "paula@soderby.example"
PAGES = {
    "kinds": "records",
    "list": "records/plots",
    "nothing found": "records/plots?words=zzz",
    "plot": "records/plots/lillnas-1",
    "new plot": "records/plots/new?name=Lillnäs+9:1",
    "place with hours": "records/places/school-soderby",
    "job": "records/jobs/nurse-1",
    "contact": "records/contacts/switchboard",
    "words": "records/groups/plot",
    "frames": "records/frames/frames",
    "history": "records/plots/lillnas-1/history",
    "taking away": "records/plots/lillnas-1/remove",
    "cannot be taken away": "records/contacts/switchboard/remove",
}


@pytest.fixture(scope="module")
def own_app(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    knowledge = Path(__file__).parent.parent / "knowledge"
    return make_app(HEMVIST_KNOWLEDGE=str(shutil.copytree(knowledge, tmp_path_factory.mktemp("own") / "knowledge")))


@pytest.fixture(scope="module")
def own_site(own_app: Flask, serve: Callable[[Flask], str]) -> str:
    add_member(own_app, PUBLISHER, ("*", "publisher"))
    add_member(own_app, "eva@soderby.example", ("soderby", "editor"))
    return serve(own_app)


@pytest.fixture
def curator(page: Page, own_app: Flask, own_site: str) -> Page:
    give_password(page, own_site, PUBLISHER)
    forget_step(own_app)
    page.get_by_label("Kod").fill(code_of(own_app, PUBLISHER))
    page.get_by_role("button", name="Fortsätt").click()
    page.wait_for_url("**/staff/")
    return page


@pytest.mark.nightly
def test_every_page_of_records_is_accessible(curator: Page, own_site: str, violations: Violations) -> None:
    found: dict[str, Any] = {}
    for name, path in PAGES.items():
        curator.goto(f"{own_site}/staff/soderby/{path}")
        for more in curator.locator("details.more").all():
            more.evaluate("one => one.open = true")
        if wrong := judged(curator, violations):
            found[name] = wrong
    assert found == {}


@pytest.mark.nightly
def test_every_state_of_the_form_is_accessible(
    curator: Page, own_site: str, violations: Violations, quiet_console: list[str]
) -> None:
    found: dict[str, Any] = {}
    curator.goto(f"{own_site}/staff/soderby/records/plots/storholm-1")
    curator.locator("#price_kr").fill("1,250")
    curator.get_by_role("button", name="Spara utkast").click()
    expect(curator.get_by_role("alert")).to_be_visible()
    expect(curator.locator("#price_kr")).to_have_value("1,250")
    found["mistake"] = judged(curator, violations)
    curator.locator("#price_kr").fill("125 000 kr")
    expect(curator.locator("#preview")).to_contain_text("125 000 kr")
    curator.get_by_role("button", name="Spara utkast").click()
    expect(curator.get_by_role("status").first).to_contain_text("sparat")
    found["draft"] = judged(curator, violations)
    curator.locator('[name="based_on"]').first.evaluate("field => field.value = '1'")
    curator.get_by_role("button", name="Publicera").click()
    expect(curator.get_by_role("heading", name="Någon hann före")).to_be_visible()
    found["stale"] = judged(curator, violations)
    curator.goto(f"{own_site}/staff/soderby/records/themes/moving")
    curator.locator("#questions_en").fill("to do list for our relocation")
    curator.get_by_role("button", name="Visa vad ändringen gör").click()
    expect(curator.locator("#effect .verdict.bad")).to_be_visible()
    found["a test that breaks"] = judged(curator, violations)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    quiet_console.clear()  # 412 and 422 are told there


def test_by_keyboard_alone_from_the_list_to_the_published_plot(curator: Page, own_site: str) -> None:
    curator.goto(f"{own_site}/staff/soderby/records/plots")
    reach(curator, "name")
    curator.keyboard.type("Storholm 7:7")
    curator.keyboard.press("Enter")
    curator.wait_for_url("**/storholm-7-7?**")
    reach(curator, "plot_status")
    curator.keyboard.type("Ledig")
    reach(curator, "area_m2")
    curator.keyboard.type("1 250 m²")
    expect(curator.locator("#preview")).to_contain_text("1 250 m²")
    press(curator, "Publicera")
    expect(curator.get_by_role("status").first).to_contain_text("Publicerat")
    curator.goto(f"{own_site}/soderby/sv/map?show=plots")
    expect(curator.locator("#record-storholm-7-7")).to_be_visible()


def test_the_form_works_without_script(browser: Browser, browser_context_args: dict[str, Any], own_site: str) -> None:
    context = browser.new_context(**browser_context_args, java_script_enabled=False)
    page = context.new_page()
    give_password(page, own_site, "eva@soderby.example")
    page.wait_for_url("**/staff/soderby/")
    page.goto(f"{own_site}/staff/soderby/records/places/storholm-school")
    page.locator("#note_sv").fill("Öppen för alla.")
    page.get_by_role("button", name="Visa vad besökarna ser").click()
    expect(page.locator("#preview")).to_contain_text("Öppen för alla.")
    page.get_by_role("button", name="Spara utkast").click()
    expect(page.get_by_role("status").first).to_contain_text("sparat")
    context.close()
