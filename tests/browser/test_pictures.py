"""The pictures of the README, taken from the shipped knowledge. Written only when HEMVIST_PICTURES=1 asks for it."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

HELP = Path(__file__).resolve().parent.parent.parent / "web" / "static" / "help"
WRITES = os.environ.get("HEMVIST_PICTURES") == "1"
LARGEST = 150_000


@pytest.mark.parametrize(
    ("name", "width", "height", "language", "question"),
    [("chat-phone", 390, 844, "sv", "Hur reserverar jag en tomt?"), ("chat-desktop", 1280, 800, "en", None)],
    ids=["phone", "desktop"],
)
def test_a_picture_of_the_chat(
    page: Page, shipped_site: str, name: str, width: int, height: int, language: str, question: str | None
) -> None:
    page.emulate_media(reduced_motion="reduce", color_scheme="light")
    page.set_viewport_size({"width": width, "height": height})
    page.goto(f"{shipped_site}/vindeln/{language}/")
    if question:
        page.get_by_role("textbox").fill(question)
        page.get_by_role("textbox").press("Enter")
        expect(page.locator(".card.answer")).to_be_visible()
    picture = page.screenshot()
    assert len(picture) <= LARGEST
    if WRITES:
        (HELP / f"{name}.png").write_bytes(picture)


@pytest.mark.parametrize("name", ["chat-phone", "chat-desktop"])
def test_the_pictures_are_there_and_light(name: str) -> None:
    assert 10_000 < (HELP / f"{name}.png").stat().st_size <= LARGEST
