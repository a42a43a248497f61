"""A sheet brought by keyboard alone, in both languages, with every page of the way judged by axe."""

import io
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from media import Violations
from members import Browser, add_member
from playwright.sync_api import Page, expect
from test_staff import judged, polite, press, reach

__all__ = ["polite"]
PATH = "/staff/norrby/spreadsheet"
WORDS = {
    "sv": ("eva@norrby.example", "Visa vad som skulle ändras", "Spara 2 utkast", "2 ändringar från", "fel i filen"),
    "en": ("eve@norrby.example", "Show what would change", "Save 2 drafts", "2 changes of", "wrong in the file"),
}  # fmt: skip


CHANGED = {"sv": ("entries", "valid_from"), "en": ("facts", "dated")}  # what nobody else has a draft of


@pytest.fixture(scope="module")
def own_app(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    knowledge = Path(__file__).parent.parent / "knowledge"
    app = make_app(HEMVIST_KNOWLEDGE=str(shutil.copytree(knowledge, tmp_path_factory.mktemp("own") / "knowledge")))
    for language, (email, *_) in WORDS.items():
        add_member(app, email, ("norrby", "editor"), language=language)
    return app


@pytest.fixture(scope="module")
def own_site(own_app: Flask, serve: Callable[[Flask], str]) -> str:
    return serve(own_app)


def edited(data: bytes, folder: Path, sheet: str, **cells: str) -> str:
    """Write what somebody made of a workbook: the same cells changed in the last two rows of a sheet."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    headings = [cell.value for cell in book[sheet][1]]
    for row in list(book[sheet].iter_rows(min_row=2))[-2:]:
        for name, text in cells.items():
            row[headings.index(name)].value = text
    book.save(folder / "sheet.xlsx")
    return str(folder / "sheet.xlsx")


def signed_in(page: Page, app: Flask, site: str, email: str) -> bytes:
    """Let the page be of somebody, and return their workbook."""
    client = Browser(app).sign_in(email).client
    cookie = client.get_cookie("hemvist-staff", path="/staff")
    assert cookie
    one = {"name": "hemvist-staff", "value": cookie.value, "domain": "127.0.0.1", "path": "/staff"}
    page.context.add_cookies([one])  # type: ignore[list-item]  # it is a cookie
    return client.get(f"{PATH}/download").data


def bring(page: Page, path: str, words: str) -> None:
    """Choose a file and send it without a mouse."""
    page.once("filechooser", lambda chooser: chooser.set_files(path))  # early: it takes a moment to be heard
    reach(page, "sheet")
    page.keyboard.press("Enter")
    expect(page.locator("#sheet")).to_have_value(re.compile("sheet.xlsx"))
    press(page, words)


@pytest.mark.parametrize("language", ["sv", pytest.param("en", marks=pytest.mark.nightly)])
def test_a_sheet_is_brought_by_keyboard_alone(
    page: Page,
    own_app: Flask,
    own_site: str,
    tmp_path: Path,
    violations: Violations,
    quiet_console: list[str],
    language: str,
) -> None:
    email, look, save, said, wrong = WORDS[language]
    data = signed_in(page, own_app, own_site, email)
    found: dict[str, Any] = {}

    page.goto(f"{own_site}{PATH}")
    bring(page, edited(data, tmp_path, "entries", contacts="nobody", source_copied="1/2/24"), look)
    expect(page.get_by_role("alert")).to_contain_text(wrong)
    expect(page.locator(".faults tbody tr")).to_have_count(4)
    found["faults"] = judged(page, violations)

    page.goto(f"{own_site}{PATH}")
    sheet, column = CHANGED[language]
    bring(page, edited(data, tmp_path, sheet, **{column: "2026-01-01"}), look)
    expect(page.locator(".difference .added")).to_have_count(2)
    found["changes"] = judged(page, violations)
    page.locator("#content").focus()
    press(page, save)
    expect(page.get_by_role("status").first).to_contain_text(said)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    quiet_console.clear()  # 422 is told there
