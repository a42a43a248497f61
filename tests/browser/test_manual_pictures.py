"""The pictures of the manual for staff, of made-up content. Written only when HEMVIST_PICTURES=1 asks for it."""

import base64
import io
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
import seeds
from flask import Flask
from members import NOON, Browser, StoppedClock, add_member, service_of
from playwright.sync_api import BrowserContext, Page, expect

HELP = Path(__file__).resolve().parent.parent.parent / "web" / "static" / "help" / "staff"
KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
WRITES = os.environ.get("HEMVIST_PICTURES") == "1"
LARGEST = 60_000
SIZE = {"width": 1000, "height": 640}
EDITORS = {"sv": "eva@norrby.example", "en": "eve@norrby.example"}
PATHS = {
    "home": "",
    "gaps": "gaps",
    "editor": "answers/plot-reservation",
    "report": "reports?month=2026-02",
    "questions": "our-questions",
    "sheet": "spreadsheet",
}
CHANGED = {  # what somebody wrote into two answers of the sheet
    "answer_sv": "Norrby har **fjorton** lediga tomter. Den billigaste kostar 40 000 kr.",
    "answer_en": "Norrby has **fourteen** plots for sale. The cheapest costs SEK 40,000.",
}


@pytest.fixture(scope="module")
def staff(
    make_app: Callable[..., Flask], serve: Callable[[Flask], str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, dict[str, str]]:
    """The address of the pages, and the cookie of who is signed in, by language."""
    folder, clock = tmp_path_factory.mktemp("own") / "knowledge", StoppedClock()
    shutil.copytree(KNOWLEDGE, folder)
    (folder / "municipalities" / "norrby" / "questions.yaml").write_text(seeds.QUESTIONS, "utf-8")
    app = make_app(clock, HEMVIST_KNOWLEDGE=str(folder))
    settings = service_of(app).settings
    seeds.ask(settings, *["kan man ha höns på tomten"] * 6, "kan man ha hons på tomten?")
    seeds.ask(settings, *["var laddar jag elbilen"] * 4, at=NOON - timedelta(days=1))
    seeds.ask(settings, *["is there a curling hall"] * 2, language="en")
    seeds.ask(settings, "när öppnar badhuset")
    seeds.leave_message(settings, "ABCDE-12345")
    seeds.live_through(settings)
    cookies = {}
    for language, email in EDITORS.items():
        add_member(app, email, ("norrby", "editor"), language=language)
        cookie = Browser(app).sign_in(email, clock).client.get_cookie("hemvist-staff", path="/staff")
        assert cookie
        cookies[language] = cookie.value
    return serve(app), cookies


@pytest.fixture(autouse=True)
def polite(context: BrowserContext) -> Iterator[None]:
    """Staff have one cookie; it is gone before the rule of the visitors' pages is looked at."""
    yield
    context.clear_cookies()


@pytest.mark.parametrize("language", EDITORS)
@pytest.mark.parametrize("name", PATHS)
def test_a_picture_for_the_manual(page: Page, staff: tuple[str, dict[str, str]], name: str, language: str) -> None:
    site, cookies = staff
    page.set_viewport_size({"width": SIZE["width"], "height": SIZE["height"]})
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    page.context.add_cookies([{"name": "hemvist-staff", "value": cookies[language], "url": site}])
    page.goto(f"{site}/staff/norrby/{PATHS[name]}")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    if name == "sheet":
        _bring_a_sheet(page, f"{site}/staff/norrby/{PATHS[name]}/download")
    if name == "editor":
        page.locator("#questions_sv").evaluate("one => one.closest('fieldset').scrollIntoView()")
    seen = page.context.new_cdp_session(page).send("Page.captureScreenshot", {"format": "webp", "quality": 70})
    picture = base64.b64decode(seen["data"])
    assert len(picture) <= LARGEST
    if WRITES:
        HELP.mkdir(parents=True, exist_ok=True)
        (HELP / f"{name}-{language}.webp").write_bytes(picture)


def _bring_a_sheet(page: Page, address: str) -> None:
    """Show what an edited workbook would change; nothing is saved."""
    book = openpyxl.load_workbook(io.BytesIO(page.request.get(address).body()))
    headings = [cell.value for cell in book["entries"][1]]
    for column, text in CHANGED.items():
        book["entries"].cell(2, headings.index(column) + 1).value = text
    held = io.BytesIO()
    book.save(held)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    page.locator("#sheet").set_input_files({"name": "norrby.xlsx", "mimeType": kind, "buffer": held.getvalue()})
    page.locator("#sheet").evaluate("one => one.form.requestSubmit()")
    expect(page.locator(".difference").first).to_be_visible()


@pytest.mark.parametrize("language", EDITORS)
def test_every_picture_is_in_the_manual_and_light(page: Page, site: str, language: str) -> None:
    page.goto(f"{site}/help/{language}/staff")
    shown = page.locator(".shown img")
    sources = [str(one.get_attribute("src")).split("?")[0].rsplit("/", 1)[1] for one in shown.all()]
    assert sorted(sources) == sorted(f"{name}-{language}.webp" for name in PATHS)
    for one in shown.all():
        one.scroll_into_view_if_needed()
        expect(one).to_have_js_property("naturalWidth", SIZE["width"])
        assert one.get_attribute("alt")
    assert {one.name for one in HELP.glob("*")} == {f"{name}-{tongue}.webp" for name in PATHS for tongue in EDITORS}
    assert [one.name for one in HELP.glob("*") if not 5_000 < one.stat().st_size <= LARGEST] == []


@pytest.mark.parametrize("language", EDITORS)
def test_every_chapter_of_the_manual_is_reached(page: Page, site: str, language: str) -> None:
    page.goto(f"{site}/help/{language}/staff")
    chapters = page.locator(".chapters a")
    targets = [str(one.get_attribute("href")) for one in chapters.all()]
    assert len(targets) == len(set(targets)) >= 12
    headings = page.locator("h2[id]").evaluate_all("all => all.map((one) => '#' + one.id)")
    assert targets == headings
