"""What a change of a group's answer does to the group's other municipalities, as whoever writes it sees it."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from members import Browser, add_member, fields_of

KNOWLEDGE = Path(__file__).parent / "knowledge"
ANSWER = "/staff/norrby/answers/newcomer-service"
GROUP = "groups/trebygden"


@pytest.fixture
def app(make_app: Callable[..., Flask], tmp_path: Path) -> Flask:
    """Söderby has a test of its own that Norrby knows nothing of."""
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    own = folder / "municipalities/soderby/own.yaml"
    own.write_text(
        "entries:\n"
        "  - id: curling\n"
        "    questions: {sv: [Finns det curling i bygden, spela curling], en: [is there curling]}\n"
        "    answer: {sv: Ja., en: Yes.}\n"
        "    contacts: [switchboard]\n"
        "    tests:\n"
        "      must_match: {sv: [curling i bygden för nybörjare], en: []}\n",
        encoding="utf-8",
    )
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    add_member(app, "gun@trebygden.example", ("group:trebygden", "publisher"))
    return app


@pytest.fixture
def gun(app: Flask) -> Browser:
    return Browser(app).sign_in("gun@trebygden.example")


def form(browser: Browser, layer: str = GROUP) -> dict[str, Any]:
    return fields_of(browser.get(ANSWER, query_string={"layer": layer}).text)


def taking(browser: Browser) -> dict[str, Any]:
    """Return the form where the group's answer claims what Söderby's own test asks."""
    sent = form(browser)
    words = ["curling i bygden för nybörjare", "curling i bygden för nybörjare?", "Curling i bygden, för nybörjare"]
    return {**sent, "questions_sv": "\n".join([sent["questions_sv"], *words])}


def test_a_change_of_a_group_names_whom_it_reaches_and_whose_tests_it_breaks(gun: Browser) -> None:
    page = gun.post(f"{ANSWER}/look", taking(gun)).text
    effect = page[page.index('id="effect"') :]
    assert "Andra kommuner som det når (1)" in effect
    assert "Prov som går sönder i Söderby (" in effect
    assert "curling i bygden för nybörjare</q>" in effect


def test_while_somebody_types_only_those_reached_are_named(gun: Browser) -> None:
    part = gun.post(f"{ANSWER}/look", {**taking(gun), "parts": "yes"}).text
    assert "Andra kommuner som det når (1)" in part
    assert "Prov som går sönder i Söderby" not in part
    asked = gun.post(f"{ANSWER}/look", {**taking(gun), "parts": "yes", "wanted": "yes"}).text
    assert "Prov som går sönder i Söderby (" in asked


def test_a_broken_test_of_another_municipality_wants_a_reason(gun: Browser) -> None:
    refused = gun.post(f"{ANSWER}/publish", taking(gun))
    assert refused.status_code == 422
    assert 'id="note-mistake"' in refused.text
    assert gun.post(f"{ANSWER}/publish", {**taking(gun), "note": "Vi vet."}).status_code == 303


def test_a_change_of_the_own_layer_reaches_nobody_else(gun: Browser) -> None:
    page = gun.post(f"{ANSWER}/look", form(gun, "municipalities/norrby")).text
    assert "Andra kommuner som det når" not in page


def test_the_page_says_where_each_part_comes_from(gun: Browser) -> None:
    page = gun.get(ANSWER, query_string={"layer": GROUP}).text
    told = page[page.index("Varifrån varje del kommer") :]
    assert "<h3>Frågor</h3>" in told
    assert "sv: inflyttarservice" in told
