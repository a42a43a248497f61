"""Facts and proofreading in a real browser: read while one writes, accessible, by keyboard alone."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from media import Violations
from members import add_member, code_of
from playwright.sync_api import Page, expect
from test_staff import forget_step, give_password, judged, polite

__all__ = ["polite"]
PUBLISHER = "fanny@soderby.example"
FACTS = """facts:
  - id: queue-fee
    label: {sv: Köavgift, en: Queue fee}
    value: "900"
    unit: kr
    source: {url: 'https://www.soderby.example/avgift', copied: 2026-11-21}
"""


@pytest.fixture(scope="module")
def own_app(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    knowledge = Path(__file__).parent.parent / "knowledge"
    folder = Path(shutil.copytree(knowledge, tmp_path_factory.mktemp("own") / "knowledge"))
    home = folder / "municipalities/soderby"
    (home / "facts.yaml").write_text(FACTS, "utf-8")
    file = home / "family.yaml"
    file.write_text(
        file.read_text("utf-8").replace("sv: |\n", "sv: |\n        Det kostar {{ queue-fee }}.\n", 1), "utf-8"
    )
    return make_app(HEMVIST_KNOWLEDGE=str(folder))


@pytest.fixture
def curator(page: Page, own_app: Flask, serve: Callable[[Flask], str]) -> tuple[Page, str]:
    add_member(own_app, PUBLISHER, ("soderby", "publisher"))
    site = serve(own_app)
    give_password(page, site, PUBLISHER)
    forget_step(own_app)
    page.get_by_label("Kod").fill(code_of(own_app, PUBLISHER))
    page.get_by_role("button", name="Fortsätt").click()
    page.wait_for_url("**/staff/**")
    return page, f"{site}/staff/soderby"


def test_a_number_that_is_written_out_becomes_a_fact(
    curator: tuple[Page, str], violations: Violations, quiet_console: list[str]
) -> None:
    page, home = curator
    found: dict[str, Any] = {}
    page.goto(f"{home}/answers/school")
    page.locator("#answer_sv").fill("Ring 08-50050000. Det kostar {{ queue-fee }}.")
    expect(page.locator("#preview")).to_contain_text("Skriv {{ switchboard-phone }} i stället")
    expect(page.locator("#preview")).to_contain_text("Det kostar 900 kr.")
    page.locator("#answer_sv").fill("Ring {{ switchboard-phone }}. Det kostar {{ queue-fee }}.")
    expect(page.locator("#preview")).not_to_contain_text("Skriv {{ switchboard-phone }} i stället")
    found["editor"] = judged(page, violations)
    page.get_by_role("button", name="Spara utkast").click()
    page.goto(f"{home}/records/facts/queue-fee")
    page.locator("#value_one").fill("1 250")
    expect(page.locator("#preview")).to_contain_text("SEK 1,250")
    expect(page.locator("#preview").get_by_role("link")).to_have_count(1)
    found["fact"] = judged(page, violations)
    page.get_by_role("button", name="Publicera").click()
    page.get_by_role("button", name="Stämmer fortfarande").click()
    expect(page.locator("#right + p")).to_contain_text("Kontrollerat")
    for name in ("records/facts", "proofreading"):
        page.goto(f"{home}/{name}")
        found[name] = judged(page, violations)
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
