"""The pictures of the README, taken from the shipped knowledge. Written only when HEMVIST_PICTURES=1 asks for it."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask, Response
from playwright.sync_api import Page, expect

HELP = Path(__file__).resolve().parent.parent.parent / "web" / "static" / "help"
HOST = Path(__file__).resolve().parent / "municipal_site"
WRITES = os.environ.get("HEMVIST_PICTURES") == "1"
LARGEST = 150_000
RESERVE = "Hur reserverar jag en tomt?"
POLICY = "default-src 'none'; style-src 'self'; script-src {bot}; connect-src {bot}; require-trusted-types-for 'script'"
PHONE = (390, 844)
DESK = (1280, 800)


@pytest.fixture(scope="module")
def municipal_site(shipped_site: str, serve: Callable[[Flask], str]) -> str:
    """The address of a site that looks like a municipality's, with the line pasted into it."""
    app = Flask("host", static_folder=HOST, static_url_path="")
    line = f'<script src="{shipped_site}/embed.js" async data-municipality="vindeln" data-accent="#7a1f3d"></script>'

    @app.get("/")
    def page() -> Response:
        response = Response((HOST / "index.html").read_text().replace("{script}", line))
        response.headers["Content-Security-Policy"] = POLICY.format(bot=shipped_site)
        return response

    @app.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    return serve(app)


@pytest.fixture(autouse=True)
def no_traces(page: Page, site: str) -> None:
    """What is kept and called is tested elsewhere; here a site of its own is looked at, after a question too."""


@pytest.fixture(autouse=True)
def still(page: Page) -> None:
    page.emulate_media(reduced_motion="reduce", color_scheme="light")


@pytest.mark.parametrize(
    ("name", "size", "language", "question"),
    [("chat-phone", PHONE, "sv", RESERVE), ("chat-desktop", DESK, "en", None)],
    ids=["phone", "desktop"],
)
def test_a_picture_of_the_chat(
    page: Page, shipped_site: str, name: str, size: tuple[int, int], language: str, question: str | None
) -> None:
    look(page, size, f"{shipped_site}/vindeln/{language}/")
    if question:
        page.get_by_role("textbox").fill(question)
        page.get_by_role("textbox").press("Enter")
        expect(page.locator(".card.answer")).to_be_visible()
    keep(page, name)


@pytest.mark.parametrize(
    ("name", "size", "question"),
    [("widget-desktop", DESK, "tomt i Granö"), ("widget-phone", PHONE, RESERVE), ("widget-closed", PHONE, None)],
    ids=["desktop", "phone", "closed"],
)
def test_a_picture_of_the_widget(
    page: Page, municipal_site: str, name: str, size: tuple[int, int], question: str | None
) -> None:
    look(page, size, municipal_site)
    expect(page.get_by_role("button", name="Fråga om att flytta hit")).to_be_visible()
    if question:
        page.get_by_role("button", name="Fråga om att flytta hit").click()
        page.get_by_label("Din fråga").fill(question)
        page.get_by_label("Din fråga").press("Enter")
        expect(page.locator("hemvist-chat .card")).to_be_visible()
    keep(page, name)


@pytest.mark.parametrize(("name", "size"), [("map-phone", PHONE), ("map-desktop", DESK)], ids=["phone", "desktop"])
def test_a_picture_of_the_map(page: Page, shipped_site: str, name: str, size: tuple[int, int]) -> None:
    look(page, size, f"{shipped_site}/vindeln/sv/map?show=plots")
    page.get_by_role("button", name="Visa på karta").click()
    page.locator(".leaflet-marker-icon[role=button]").last.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    page.locator("#map").scroll_into_view_if_needed()
    keep(page, name)


def test_every_picture_is_in_the_readme_and_light() -> None:
    shown = (HELP.parent.parent.parent / "README.md").read_text()
    pictures = sorted(HELP.glob("*.png"))
    assert len(pictures) == 7
    for picture in pictures:
        assert f"web/static/help/{picture.name}" in shown
        assert 10_000 < picture.stat().st_size <= LARGEST


def look(page: Page, size: tuple[int, int], address: str) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)


def keep(page: Page, name: str) -> None:
    picture = page.screenshot()
    assert len(picture) <= LARGEST
    if WRITES:
        (HELP / f"{name}.png").write_bytes(picture)
