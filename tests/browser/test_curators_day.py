"""The curator's day in one piece: from the door to a question, its answer, the visitor who gets it, and back."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import seeds
from flask import Flask
from media import UNHELPED
from members import PASSWORD, add_member, code_of, service_of
from playwright.sync_api import Browser, Locator, Page, expect

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
MOST = 25  # actions from signing in to having rolled back
ASKED = "kan man ha höns"
WORDS = {
    "sv": {
        "email": "E-postadress",
        "password": "Lösenord",
        "enter": "Logga in",
        "code": "Kod",
        "on": "Fortsätt",
        "write": "Skriv ett svar",
        "look": "Visa vad ändringen gör",
        "publish": "Publicera",
        "published": "Publicerat",
        "history": "Historik",
        "back": "Gå tillbaka till detta",
        "restored": "Återställt",
        "question": "Din fråga",
    },
    "en": {
        "email": "E-mail address",
        "password": "Password",
        "enter": "Sign in",
        "code": "Code",
        "on": "Go on",
        "write": "Write an answer",
        "look": "Show what it does",
        "publish": "Publish",
        "published": "Published",
        "history": "History",
        "back": "Go back to this",
        "restored": "Restored",
        "question": "Your question",
    },
}
DAYS = {"Swedish": ("sv", True), "English": ("en", True), "without script": ("sv", False)}


@dataclass
class Hands:
    """Does what a person does, and counts it; on each new page of staff, every field must have its help."""

    page: Page
    number: int = 0

    def click(self, one: Locator) -> None:
        """Click on something."""
        self.number += 1
        one.click()
        self.look_round()

    def fill(self, one: Locator, text: str) -> None:
        """Write into a field."""
        self.number += 1
        one.fill(text)

    def look_round(self) -> None:
        """See that no field leaves a person alone."""
        self.page.wait_for_load_state()
        if "/staff/" in self.page.url:
            assert self.page.evaluate(UNHELPED) == [], self.page.url


@pytest.fixture
def own_app(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    folder = shutil.copytree(KNOWLEDGE, tmp_path / "knowledge")
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    for language in WORDS:
        add_member(app, f"{language}@norrby.example", ("norrby", "publisher"), language=language)
    words = [*[ASKED] * 3, "kan man ha hons?", "höns kan man ha"]
    seeds.ask(service_of(app).settings, *words, at=datetime.now(UTC))
    return app


@pytest.mark.parametrize(("language", "has_script"), DAYS.values(), ids=DAYS)
def test_a_question_without_an_answer_becomes_an_answer_and_can_be_taken_back(
    browser: Browser,
    browser_context_args: dict[str, Any],
    own_app: Flask,
    serve: Callable[[Flask], str],
    language: str,
    has_script: bool,
) -> None:
    site, words = serve(own_app), WORDS[language]
    options = {**browser_context_args, "java_script_enabled": has_script, "locale": language}
    staff, visitor = browser.new_context(**options), browser.new_context(**options)
    page, chat = staff.new_page(), visitor.new_page()
    hands = Hands(page)
    page.goto(f"{site}/staff/sign-in")
    hands.look_round()
    hands.fill(page.get_by_label(words["email"]), f"{language}@norrby.example")
    hands.fill(page.get_by_label(words["password"]), PASSWORD)
    hands.click(page.get_by_role("main").get_by_role("button", name=words["enter"]))
    hands.fill(page.get_by_label(words["code"], exact=True), code_of(own_app, f"{language}@norrby.example"))
    hands.click(page.get_by_role("button", name=words["on"]))

    hands.click(page.get_by_role("main").get_by_role("link", name=ASKED))
    hands.click(page.get_by_role("link", name=words["write"]))
    expect(page.locator("#questions_sv")).to_have_value(ASKED)
    expect(page.locator("#match_sv")).to_have_value(f"{ASKED}\nhöns kan man ha\nkan man ha hons?")
    hands.fill(page.locator("#questions_en"), "Are hens allowed?")
    hands.fill(page.locator("#answer_sv"), "Ja, **tre höns** utan lov.")
    hands.fill(page.locator("#answer_en"), "Yes, **three hens** without a permit.")
    hands.click(page.get_by_role("button", name=words["look"]))
    expect(page.locator("#preview")).to_contain_text("three hens", timeout=60_000)  # the first look asks everything
    expect(page.locator("#effect .verdict")).to_be_visible()
    hands.click(page.get_by_role("button", name=words["publish"]))
    expect(page.get_by_role("status").first).to_contain_text(words["published"])

    asked, hens = ("Are hens allowed?", "three hens") if language == "en" else ("höns, kan man ha?", "tre höns")
    chat.goto(f"{site}/norrby/{language}/")
    question = chat.get_by_label(words["question"])
    hands.fill(question, asked)
    hands.click(chat.locator(".composer .send"))
    expect(chat.get_by_text(hens).first).to_be_visible()

    hands.click(page.get_by_role("link", name=words["history"]))
    hands.click(page.get_by_role("button", name=words["back"]))
    expect(page.get_by_role("status").first).to_contain_text(words["restored"])
    chat.goto(f"{site}/norrby/{language}/")
    hands.fill(question, asked)
    hands.click(chat.locator(".composer .send"))
    expect(chat.locator("article.card, .card").first).to_be_visible()
    expect(chat.get_by_text(hens)).to_have_count(0)
    page.goto(f"{site}/staff/norrby/")
    expect(page.get_by_role("main").get_by_role("link", name=ASKED)).to_be_visible()
    assert hands.number <= MOST, hands.number
    staff.close()
    visitor.close()
