"""Facts as staff keep them: the form, the answers that tell them, "still right", and the page of proofreading."""

import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from members import Browser, add_member, deeds, fields_of

KNOWLEDGE = Path(__file__).parent / "knowledge"
FEE = {
    "label_sv": "Köavgift",
    "label_en": "Queue fee",
    "value_one": "1 250",
    "unit": "kr",
    "source_url": "https://www.soderby.example/avgift",
    "source_copied": "2026-11-21",
}
HOME = "/staff/soderby"


FACT = """  - id: {id}
    label: {{sv: Köavgift, en: Queue fee}}
    value: "900"
    unit: kr
    source: {{url: 'https://www.soderby.example/avgift', copied: 2026-11-21}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Knowledge in which Söderby's answer on schools tells fees and the number of the switchboard."""
    copy = Path(shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("own") / "knowledge"))
    file = copy / "municipalities/soderby/family.yaml"
    told = "sv: |\n        Kön kostar {{ queue-fee }}, badet {{ bath-fee }}. Ring {{ switchboard-phone }}.\n"
    file.write_text(file.read_text("utf-8").replace("sv: |\n", told, 1), "utf-8")
    facts = "facts:\n" + "".join(FACT.format(id=name) for name in ("queue-fee", "bath-fee", "map-fee"))
    (copy / "municipalities/soderby/facts.yaml").write_text(facts, "utf-8")
    return copy


@pytest.fixture(scope="module")
def app_here(make_app: Callable[..., Flask], folder: Path) -> Flask:
    return make_app(HEMVIST_KNOWLEDGE=str(folder))


@pytest.fixture(scope="module")
def publisher(app_here: Flask) -> Browser:
    add_member(app_here, "publisher@soderby.example", ("soderby", "publisher"))
    return Browser(app_here).sign_in("publisher@soderby.example")


def send(browser: Browser, item: str, way: str = "/publish", **fields: Any) -> Any:
    form = fields_of(browser.get(f"{HOME}/records/facts/{item}").text)
    return browser.post(f"{HOME}/records/facts/{item}{way}", {**form, **fields})


def visit(app: Flask, language: str = "sv") -> str:
    return unescape(app.test_client().get(f"/soderby/{language}/school").text).replace("\u00a0", " ")


def test_an_edit_changes_every_answer_that_tells_it(app_here: Flask, publisher: Browser, folder: Path) -> None:
    assert "badet 900 kr. Ring 08-500 500 00." in visit(app_here)
    page = publisher.get(f"{HOME}/records/facts/bath-fee").text
    assert "{{ bath-fee }}" in unescape(page)
    assert "/staff/soderby/answers/school" in page
    assert send(publisher, "bath-fee", **FEE).status_code == 303
    assert "badet 1 250 kr." in visit(app_here)
    assert 'value: "1250"' in (folder / "municipalities/soderby/facts.yaml").read_text("utf-8")


def test_a_contact_names_the_answers_that_tell_its_number(publisher: Browser) -> None:
    assert "/staff/soderby/answers/school" in publisher.get(f"{HOME}/records/contacts/switchboard").text


def test_the_list_says_how_a_fact_reads(publisher: Browser) -> None:
    page = unescape(publisher.get(f"{HOME}/records/facts").text).replace("\u00a0", " ")
    assert "{{ queue-fee }}: 900 kr" in page


def test_still_right_begins_the_time_anew_and_lasts_until_the_value_changes(
    app_here: Flask, publisher: Browser, folder: Path
) -> None:
    page = publisher.get(f"{HOME}/records/facts/map-fee").text
    token = fields_of(page)
    sent = {**token, "by": "Mark och exploatering", "every": "6"}
    assert publisher.post(f"{HOME}/facts/map-fee/still-right", sent).status_code == 303
    file = folder / "municipalities/soderby/facts.yaml"
    assert "by: Mark och exploatering" in file.read_text("utf-8")
    assert "fact_confirmed" in deeds(app_here)
    send(publisher, "map-fee", label_sv="Avgift för kön")
    assert "by: Mark och exploatering" in file.read_text("utf-8"), "another label is no other value"
    send(publisher, "map-fee", value_one="1300")
    assert "checked:" not in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"value_one": "gratis"}, "passar inte enheten"),
        ({"value_one": "{{ queue-fee }}"}, "Dubbla klamrar nämner en uppgift"),
        ({"value_one": "**900**", "unit": ""}, "innehåller stjärnor"),
        ({"value_sv": "niohundra"}, "inte båda"),
        ({"value_one": "", "value_sv": "niohundra", "value_en": "nine hundred"}, "Välj ingen enhet"),
        ({"source_url": ""}, "Här saknas något"),
    ],
    ids=["no number", "names itself", "markup", "two values", "unit of words", "no source"],
)
def test_what_is_wrong_is_said_at_its_field(publisher: Browser, fields: dict[str, str], said: str) -> None:
    answered = send(publisher, "queue-fee", **fields)
    assert answered.status_code == 422
    assert said in unescape(answered.text)


def test_a_fact_in_use_is_not_taken_away(publisher: Browser) -> None:
    page = publisher.get(f"{HOME}/records/facts/queue-fee/remove").text
    assert "/staff/soderby/answers/school" in page
    answered = publisher.post(f"{HOME}/records/facts/queue-fee/remove", {"based_on": "0"})
    assert answered.status_code == 422


def test_the_editor_says_what_to_look_at_while_somebody_writes(publisher: Browser) -> None:
    form = fields_of(publisher.get(f"{HOME}/answers/school").text)
    sent = {**form, "answer_sv": "Ring 08-50050000 om kön.", "parts": "yes"}
    page = unescape(publisher.post(f"{HOME}/answers/school/look", sent).text)
    assert "{{ switchboard-phone }}" in page
    assert re.search(r'<section id="preview".*Värt att titta på', page, re.DOTALL)


def test_the_editor_keeps_the_names_of_facts_where_it_inherits(publisher: Browser) -> None:
    form = fields_of(publisher.get(f"{HOME}/answers/school").text)
    assert "{{ queue-fee }}" in form["answer_sv"]
    assert "{{ queue-fees }}" not in form["answer_sv"]
    answered = publisher.post(f"{HOME}/answers/school/look", {**form, "answer_sv": "Kostar {{ queue-fees }}."})
    assert answered.status_code == 422
    assert "”queue-fees”" in unescape(answered.text)


def test_proofreading_lists_what_is_found_with_a_way_to_mend_it(publisher: Browser, folder: Path) -> None:
    page = publisher.get(f"{HOME}/proofreading?layers=own")
    assert page.status_code == 200
    assert "Bara det här språket säger" in unescape(page.text)
    assert 'href="/staff/soderby/answers/school"' in page.text


WAYS = {
    "page": "/soderby/sv/school",
    "open data": "/api/v1/entries/school?municipality=soderby&language=sv",
    "first page": "/soderby/sv/",
    "search": "/soderby/sv/search?q=skola",
    "plan": "/soderby/sv/plan",
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_to_an_answer_shows_the_name_of_a_fact(app_here: Flask, way: str) -> None:
    answered = app_here.test_client().get(WAYS[way])
    assert answered.status_code == 200
    assert "{{" not in answered.text


def test_every_way_to_ask_tells_the_value(app_here: Flask) -> None:
    client, question = app_here.test_client(), "Hur anmäler jag mitt barn till skolan?"
    asked = client.post("/api/v1/chat", json={"question": question, "municipality": "soderby"}).get_json()
    assert "Kön kostar 900 kr" in asked["text"].replace("\u00a0", " ")
    opened = client.get(WAYS["open data"]).get_json()
    assert "Kön kostar 900 kr" in str(opened).replace("\u00a0", " ")


def test_a_fact_past_its_date_is_a_matter_of_today(
    make_app: Callable[..., Flask], folder: Path, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(folder, tmp_path / "knowledge"))
    file = own / "municipalities/soderby/facts.yaml"
    old = FACT.format(id="old-fee") + "    checked: {on: 2020-01-01, by: växeln, every: 6}\n"
    file.write_text(file.read_text("utf-8").rstrip("\n") + "\n" + old, "utf-8")
    app = make_app(HEMVIST_KNOWLEDGE=str(own))
    add_member(app, "viewer@soderby.example", ("soderby", "viewer"))
    viewer = Browser(app).sign_in("viewer@soderby.example")
    assert "1 uppgift har passerat sitt datum" in viewer.get(HOME + "/").text
    page = viewer.get(f"{HOME}/records/facts?state=due").text
    assert re.findall(r'href="/staff/soderby/records/facts/([a-z-]+)"', page) == ["old-fee"]
