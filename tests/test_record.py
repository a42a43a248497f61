"""Records and words as staff keep them: the list, the form, drafts, publishing, taking away, history, feeds."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from members import Browser, add_member, deeds, fields_of, service_of
from sqlalchemy import text
from werkzeug.test import TestResponse

from bot import Plot
from web.feed_files import Head, path_of, write_feed
from web.services import get_services

KNOWLEDGE = Path(__file__).parent / "knowledge"
PEOPLE = {
    "viewer": (("soderby", "viewer"),),
    "editor": (("soderby", "editor"),),
    "publisher": (("soderby", "publisher"),),
    "second": (("soderby", "publisher"),),
    "everywhere": (("*", "publisher"),),
}
PLACE = {"name_sv": "Söderbadet", "kind": "sports", "place": "Storholm"}
PLOT = {"plot_status": "available", "place": "Storholm", "area_m2": "1\u00a0250 m²", "price_kr": "45 000 kr"}
JOB = {"title_sv": "Svetsare", "title_en": "Welder", "employer": "Söderby kommun", "occupation": "welder"}
CONTACT = {"name_sv": "Byggkontoret", "name_en": "Building office", "phone": "08-500 520 00"}
GROUP = {"words": "pannkaka\npancake"}


@dataclass
class Desk:
    """An application on knowledge of its own, and the browsers of those who keep it, signed in when they are used."""

    app: Flask
    folder: Path
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Browser:
        if who not in self.browsers:
            self.browsers[who] = Browser(self.app).sign_in(f"{who}@soderby.example")
        return self.browsers[who]

    def deeds(self) -> list[str]:
        """Return what the audit says was done, but for signing in."""
        return [deed for deed in deeds(self.app) if deed != "sign_in"]

    def form(self, who: str, path: str, layer: str | None = None) -> dict[str, Any]:
        """Return the fields as a browser would send them."""
        return fields_of(self[who].get(f"/staff/soderby/records/{path}", query_string={"layer": layer}).text)

    def send(self, who: str, path: str, way: str = "publish", layer: str | None = None, **fields: Any) -> TestResponse:
        """Open the form of a record, change fields in it and send it."""
        return self.again(who, path, self.form(who, path, layer), way, **fields)

    def again(self, who: str, path: str, form: Mapping[str, Any], way: str = "publish", **fields: Any) -> TestResponse:
        """Send a form that was opened before."""
        return self[who].post(f"/staff/soderby/records/{path}" + (f"/{way}" if way else ""), {**form, **fields})

    def file(self, name: str) -> str:
        """Return what a file of Söderby holds."""
        return (self.folder / "municipalities/soderby" / name).read_text("utf-8")

    def visit(self, path: str) -> str:
        """Return what a visitor sees."""
        return unescape(self.app.test_client().get(path).text)

    def ask(self, question: str) -> str:
        """Return what a visitor of Söderby is answered."""
        return unescape(self.app.test_client().post("/soderby/sv/", data={"question": question}).text)


@pytest.fixture
def desk(make_app: Callable[..., Flask], tmp_path: Path) -> Desk:
    return _desk(make_app, tmp_path / "knowledge")


@pytest.fixture(scope="module")
def still_desk(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk for what is refused: making one takes a second."""
    return _desk(make_app, tmp_path_factory.mktemp("still") / "knowledge")


def _desk(make_app: Callable[..., Flask], folder: Path) -> Desk:
    shutil.copytree(KNOWLEDGE, folder)
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    for who, grants in PEOPLE.items():
        add_member(app, f"{who}@soderby.example", *grants)
    return Desk(app, folder)


def feed(desk: Desk, count: int = 1) -> None:
    """Have a feed bring plots."""
    settings = service_of(desk.app).settings
    plots = [Plot(f"fed-{number}", "available", f"Fedby {number}:1", "Fedby") for number in range(count)]
    write_feed(path_of(settings.data, "soderby", "plots", "geodata"), Head("geodata", datetime.now(UTC)), plots)
    with desk.app.app_context():
        get_services().knowledge.refresh()


# the list


def test_the_kinds_are_listed_with_their_numbers(desk: Desk) -> None:
    page = desk["viewer"].get("/staff/soderby/records").text
    for table in ("contacts", "places", "plots", "jobs", "groups", "themes", "occupations"):
        assert f"/staff/soderby/records/{table}" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=storholm-2", ["storholm-2"]),
        ("words=LILLNAS+hast", []),
        ("words=horse", ["lillnas-1"]),
        ("words=%25", []),
        ("words=_", []),
        ("words=%27", []),
        ("state=unseen", ["lillnas-3"]),
    ],
    ids=["id", "nothing", "type", "122 percent", "122 underline", "122 apostrophe", "sold"],
)
def test_the_list_is_searched_as_it_stands(desk: Desk, query: str, found: list[str]) -> None:
    page = desk["viewer"].get(f"/staff/soderby/records/plots?{query}").text
    assert re.findall(r'href="/staff/soderby/records/plots/([a-z0-9-]+)"', page) == found


@pytest.mark.parametrize("number", ["-1", "0", "1e9", "9999", "x", "", "٣"])
def test_123_a_page_that_is_not_there_is_the_nearest(desk: Desk, number: str) -> None:
    answer = desk["viewer"].get("/staff/soderby/records/plots", query_string={"page": number, "limit": "1000000000"})
    assert answer.status_code == 200
    assert "storholm-1" in answer.text


def test_thousands_of_records_are_shown_in_pages(desk: Desk) -> None:
    feed(desk, 1_000)
    page = desk["viewer"].get("/staff/soderby/records/plots?page=20").text
    assert "Sida 20 av 21" in page
    assert page.count('<li>\n    <span><a href="/staff/soderby/records/plots/') == 50
    assert "fed-999" in desk["viewer"].get("/staff/soderby/records/plots?words=999:1").text


# writing: a visitor is answered at once


def test_a_plot_is_listed_mapped_and_answered_with_as_soon_as_it_is_published(desk: Desk) -> None:
    started = desk["publisher"].get("/staff/soderby/new-record/plots?name=Storholm+9:1")
    assert started.headers["Location"].startswith("/staff/soderby/records/plots/storholm-9-1?")
    path = "plots/storholm-9-1"
    form = fields_of(desk["publisher"].get(started.headers["Location"]).text)
    assert form["designation"] == ["Storholm 9:1"]
    typed = {**PLOT, "position": "59,0012 18,0003", "ready_to_build": "true"}
    assert desk.again("publisher", path, form, "", **typed).status_code == 303
    assert "Storholm 9:1" not in desk.visit("/soderby/sv/map?show=plots")
    assert "Storholm 9:1, Storholm</a>" in desk["viewer"].get("/staff/soderby/records/plots?words=9:1").text
    assert desk.send("publisher", path).status_code == 303
    assert "Storholm 9:1" in desk.visit("/soderby/sv/map?show=plots")
    assert "Storholm 9:1" in desk.ask("Billigaste tomten i Storholm?")
    assert "Storholm 9:1" in desk.visit("/api/v1/plots?municipality=soderby")
    assert "price_kr: 45000" in desk.file("plots.yaml")
    assert "area_m2: 1250" in desk.file("plots.yaml")
    assert desk.deeds()[-2:] == ["draft_saved", "published"]


def test_a_place_a_job_and_a_contact_too(desk: Desk) -> None:
    assert desk.send("publisher", "places/soderbadet", **PLACE).status_code == 303
    assert "Söderbadet" in desk.visit("/soderby/sv/map?show=places")
    assert desk.send("publisher", "jobs/welder-9", **JOB, deadline="1/12 2099").status_code == 303
    assert "2099-12-01" in desk.file("jobs.yaml")
    assert "1 december 2099" in desk.visit("/soderby/sv/map?show=jobs")
    assert desk.send("publisher", "contacts/switchboard", name_sv="Ny växel").status_code == 303
    assert "Ny växel" in desk.ask("xyzzy plugh")


def test_the_plan_names_a_contact_as_it_is_now(desk: Desk) -> None:
    renamed = {"name_sv": "Vårdråd på telefon"}
    assert desk.send("everywhere", "contacts/care-1177", layer="national", **renamed).status_code == 303
    move = {"origin": "sweden", "citizenship": "swedish", "home": "renting", "date": "2099-06-01"}
    plan = desk.app.test_client().post("/soderby/sv/plan", data=move)
    assert "Vårdråd på telefon" in unescape(plan.text)


def test_comments_and_order_of_the_file_stay(desk: Desk) -> None:
    path = desk.folder / "municipalities/soderby/plots.yaml"
    path.write_text("# our plots\n" + path.read_text().replace("price_kr: 150000", "price_kr: 150000 # decided in May"))
    assert desk.send("publisher", "plots/storholm-1", price_kr="160 000:-").status_code == 303
    written = desk.file("plots.yaml")
    assert written.startswith("# our plots\n")
    assert "price_kr: 160000 # decided in May" in written
    assert written.index("storholm-1") < written.index("storholm-2")


def test_hours_are_given_by_days_with_exceptions(desk: Desk) -> None:
    hours = {"phone_hours_mon": "8–12 och 13–16.30", "phone_hours_holidays": "stängt"}
    days = {
        "phone_hours_exceptions_from": ["24/12 2026", ""],
        "phone_hours_exceptions_to": ["", ""],
        "phone_hours_exceptions_times": ["stängt", ""],
        "phone_hours_exceptions_sv": ["Julafton", ""],
        "phone_hours_exceptions_en": ["Christmas Eve", ""],
    }
    assert desk.send("publisher", "contacts/switchboard", **hours, **days).status_code == 303
    written = desk.file("contacts.yaml")
    assert "mon: 08:00-12:00, 13:00-16:30" in written
    assert "2026-12-24" in written
    form = desk.form("publisher", "contacts/switchboard")
    assert form["phone_hours_tue"] == ["stängt"]
    assert form["phone_hours_exceptions_sv"][0] == "Julafton"


def test_words_are_read_by_visitors_at_once(desk: Desk) -> None:
    assert desk.send("everywhere", "groups/plot", words="tomt\ntomter\nplot\nplots\nbyggruta").status_code == 303
    assert "      - byggruta\n" in (desk.folder / "vocabulary/words.yaml").read_text()
    theme = {"questions_sv": "hur bakar man pannkakor", "note": "Ingen här bakar."}
    assert desk.send("everywhere", "themes/pancakes", **theme).status_code == 303
    frames = desk.form("everywhere", "frames/frames")["words"]
    assert desk.send("everywhere", "frames/frames", words=f"{frames}\nvarthän", note="Ny.").status_code == 303
    assert desk.send("everywhere", "occupations/baker", sv="bagare", en="baker").status_code == 303
    assert "bagare" in desk["publisher"].get("/staff/soderby/records/jobs/welder-1").text
    with desk.app.app_context():
        vocabulary = get_services().knowledge.assistant.knowledge.vocabulary
    assert any("byggruta" in group.words for group in vocabulary.groups)
    assert "varthän" in vocabulary.frames
    assert "pancakes" in {theme.id for theme in vocabulary.outside}


def test_the_effect_of_words_on_tests_is_shown_and_a_break_needs_a_reason(desk: Desk) -> None:
    looked = desk.send("everywhere", "groups/plot", "look", words="tomt\ntomter\nplot\nplots\nbyggruta")
    assert looked.status_code == 200
    assert "Inget prov går sönder" in looked.text
    breaking = {"questions_en": "to do list for our relocation"}
    answered = desk.send("everywhere", "themes/moving", **breaking)
    assert (answered.status_code, 'id="note-mistake"' in answered.text) == (422, True)
    assert desk.send("everywhere", "themes/moving", **breaking, note="Med flit.").status_code == 303


# who may


@pytest.mark.parametrize("path", ["groups/plot", "frames/frames", "themes/new", "occupations/nurse"])
def test_words_are_for_those_who_have_a_role_everywhere(desk: Desk, path: str) -> None:
    form = desk.form("publisher", path)
    assert desk.again("publisher", path, form).status_code == 403
    assert desk.again("publisher", path, form, "").status_code == 403
    assert "disabled" in desk["publisher"].get(f"/staff/soderby/records/{path}").text


def test_an_editor_saves_drafts_and_does_not_publish(desk: Desk) -> None:
    form = desk.form("editor", "contacts/switchboard")
    assert desk.again("editor", "contacts/switchboard", form, name_sv="Nej").status_code == 403
    assert desk.again("editor", "contacts/switchboard", form, "", name_sv="Utkast").status_code == 303
    assert "utkast väntar" in desk["viewer"].get("/staff/soderby/records/contacts?state=draft").text
    assert desk.send("editor", "contacts/switchboard", "discard").status_code == 303
    assert desk["editor"].get("/staff/soderby/records/contacts/switchboard/remove").status_code == 403
    assert desk["viewer"].post("/staff/soderby/records/contacts/switchboard", form).status_code == 403


def test_a_wider_layer_is_for_those_who_have_a_role_there(desk: Desk) -> None:
    form = desk.form("publisher", "contacts/health-line", "national")
    assert desk.again("publisher", "contacts/health-line", form, name_sv="Nej").status_code == 403
    assert desk["publisher"].get("/staff/soderby/records/contacts/x?layer=municipalities/norrby").status_code == 404


def test_what_a_feed_brought_is_shown_and_not_changed_here(desk: Desk) -> None:
    feed(desk)
    listed = desk["publisher"].get("/staff/soderby/records/plots?state=feed").text
    assert "fed-0" in listed
    page = desk["publisher"].get("/staff/soderby/records/plots/fed-0").text
    assert "geodata" in page
    assert '<fieldset class="all" disabled>' in page
    form = {**fields_of(page), "based_on": "0"}
    for way in ("", "publish", "look"):
        assert desk.again("publisher", "plots/fed-0", form, way).status_code == 409


# taking away, and back


def test_taking_away_is_confirmed_and_can_be_taken_back(desk: Desk) -> None:
    page = desk["publisher"].get("/staff/soderby/records/plots/storholm-1/remove").text
    (based_on,) = re.findall(r'name="based_on" value="(\d+)"', page)
    assert "Storholm" in desk.visit("/soderby/sv/map?show=plots")
    gone = desk["publisher"].post("/staff/soderby/records/plots/storholm-1/remove", {"based_on": based_on})
    assert gone.status_code == 303
    assert "storholm-1" not in desk.file("plots.yaml")
    assert 'id="record-storholm-1"' not in desk.visit("/soderby/sv/map?show=plots")
    history = desk["publisher"].get("/staff/soderby/records/plots/storholm-1/history").text
    revisions = re.findall(r'name="revision" value="(\d+)"', history)
    newest = re.findall(r'name="based_on" value="(\d+)"', history)[0]
    back = {"revision": revisions[-1], "based_on": newest}
    assert desk["publisher"].post("/staff/soderby/records/plots/storholm-1/restore", back).status_code == 303
    assert 'id="record-storholm-1"' in desk.visit("/soderby/sv/map?show=plots")
    assert desk.deeds()[-2:] == ["own_version_removed", "version_restored"]


def test_118_what_others_point_to_is_not_taken_away_and_they_are_listed(desk: Desk) -> None:
    page = desk["publisher"].get("/staff/soderby/records/contacts/switchboard/remove").text
    assert 'name="based_on"' not in page
    assert "Inget togs bort" in unescape(page).replace("inget togs bort", "Inget togs bort")
    refused = desk["publisher"].post("/staff/soderby/records/contacts/switchboard/remove", {"based_on": "0"})
    assert refused.status_code == 422
    assert "switchboard" in desk.file("contacts.yaml")


# bad input, by the numbers of the list


MANY = "x" * 1_200_000
BAD = {
    "110 a version that is not the newest": ("plots/storholm-1", {"based_on": "1"}, 412),
    "111 no version": ("plots/storholm-1", {"based_on": ""}, 428),
    "111 a version that is no number": ("plots/storholm-1", {"based_on": "x"}, 428),
    "114 an address of dots": ("plots/..", {}, 404),
    "114 an address with a space": ("plots/A B", {}, 404),
    "114 an address of 65 letters": (f"plots/{'x' * 65}", {}, 404),
    "115 only spaces": ("contacts/switchboard", {"name_sv": " \u00a0 ", "name_en": "\u200b"}, 422),
    "116 smart quotes are cleaned": ("contacts/switchboard", {"name_sv": "”Växeln”\u00a0– öppen"}, 303),
    "117 far too much": ("contacts/switchboard", {"name_sv": MANY}, 413),
    "119 the other tab was first": ("plots/storholm-2", {"based_on": "2"}, 412),
}


@pytest.mark.parametrize(("path", "fields", "status"), BAD.values(), ids=BAD)
def test_bad_input_is_said_and_changes_nothing(desk: Desk, path: str, fields: dict[str, str], status: int) -> None:
    known = {"based_on": "0", "plot_status": "available"}
    form = desk.form("publisher", path) if status in (303, 413, 422) else known
    before = (len(desk.deeds()), desk.file("plots.yaml"))
    answer = desk.again("publisher", path, form, **fields)
    assert answer.status_code == status, answer.text
    if status == 303:
        assert '"Växeln" – öppen' in desk.file("contacts.yaml")
    else:
        assert (len(desk.deeds()), desk.file("plots.yaml")) == before


def test_114_a_name_that_is_taken_gets_a_number(desk: Desk) -> None:
    started = desk["editor"].get("/staff/soderby/new-record/plots?name=storholm+1")
    assert "/records/plots/storholm-1-2?" in started.headers["Location"]
    assert desk["editor"].get("/staff/soderby/new-record/plots?name=++").status_code == 303


def test_110_whoever_was_slower_sees_both_versions_and_loses_nothing(desk: Desk) -> None:
    path = "plots/storholm-1"
    mine, theirs = desk.form("publisher", path), desk.form("second", path)
    assert desk.again("second", path, theirs, price_kr="1 000").status_code == 303
    answered = desk.again("publisher", path, mine, price_kr="2 000", plan="Min plan")
    assert answered.status_code == 412
    assert "1000" in answered.text
    form = fields_of(answered.text)
    assert (form["price_kr"], form["plan"]) == (["2 000"], ["Min plan"])
    assert "price_kr: 1000" in desk.file("plots.yaml")
    assert desk.again("publisher", path, form).status_code == 303
    assert "price_kr: 2000" in desk.file("plots.yaml")


def test_112_what_was_typed_survives_a_session_that_ended(desk: Desk) -> None:
    form = desk.form("publisher", "plots/storholm-1")
    desk["publisher"].client.delete_cookie("hemvist-staff", path="/staff")
    answered = desk.again("publisher", "plots/storholm-1", form, price_kr="123 456")
    assert answered.status_code == 401
    assert "123 456" in unescape(answered.text)


def test_113_another_site_changes_nothing(desk: Desk) -> None:
    form = {**desk.form("publisher", "plots/storholm-1"), "csrf_token": desk["publisher"].token}
    headers = {"Sec-Fetch-Site": "cross-site"}
    answered = desk["publisher"].client.post("/staff/soderby/records/plots/storholm-1", data=form, headers=headers)
    assert answered.status_code == 403


MISTAKES = {
    "price": ("plots/storholm-1", {"price_kr": "1,250"}, "price_kr", "1250"),
    "two prices": ("plots/storholm-1", {"price_kr_m2": "120"}, "price_kr_m2", "inte båda"),
    "area": ("plots/storholm-1", {"area_m2": "ca 1 200"}, "area_m2", "ca 1 200"),
    "position": ("plots/storholm-1", {"position": "vid kyrkan"}, "position", "vid kyrkan"),
    "corners": ("plots/storholm-1", {"polygon": "59.1, 18.1\n59.2, 18.1"}, "polygon", "tre hörn"),
    "day": ("jobs/nurse-1", {"deadline": "1/12/2026"}, "deadline", "2026-01-12"),
    "phone": ("contacts/switchboard", {"phone": "12"}, "phone", "12"),
    "e-mail": ("contacts/switchboard", {"email": "info"}, "email", "info"),
    "address": ("contacts/switchboard", {"url": "soderby.example"}, "url", "https://"),
    "hours": ("contacts/switchboard", {"hours_mon": "16-8"}, "hours_mon", "16:00-08:00"),
    "source": ("contacts/switchboard", {"source_url": "https://x.se"}, "source_copied", "saknas"),
    "no occupation": ("jobs/nurse-1", {"occupation": "wizard"}, "occupation", "wizard"),
    "empty": ("places/lillnas", {"name_sv": "", "name_en": ""}, "name_sv", "saknas"),
    "words": ("groups/plot", {"words": "x" * 61}, "words", "61"),
}


@pytest.mark.parametrize("way", ["", "publish", "look"])
@pytest.mark.parametrize(("path", "fields", "name", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_in_words_at_its_field_and_nothing_typed_is_lost(
    still_desk: Desk, way: str, path: str, fields: dict[str, str], name: str, said: str
) -> None:
    answered = still_desk.send("everywhere", path, way, **fields)
    assert answered.status_code == 422
    (mistake,) = re.findall(rf'id="{name}-mistake">(.*?)</div>', answered.text, re.DOTALL)
    assert said in unescape(mistake)
    kept = fields_of(answered.text)
    for one, typed in fields.items():
        assert kept[one] in (typed, [typed])


# the audit


WRITES = {
    "save_record": ("", {}, "draft_saved"),
    "publish_record": ("publish", {"price_kr": "7 000"}, "published"),
    "remove_record": ("remove", {}, "own_version_removed"),
}


@pytest.mark.parametrize(("way", "fields", "action"), WRITES.values(), ids=WRITES)
def test_a_write_leaves_one_row_or_is_not_done(desk: Desk, way: str, fields: dict[str, str], action: str) -> None:
    before = len(desk.deeds())
    assert desk.send("publisher", "plots/storholm-1", way, **fields).status_code == 303
    assert (len(desk.deeds()) - before, desk.deeds()[-1]) == (1, action)
    with service_of(desk.app).store.writing() as connection:
        connection.execute(text("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END"))
    file = desk.file("plots.yaml")
    answered = desk.send("publisher", "plots/storholm-2", way, **{**fields, "plan": "Kvar"})
    assert answered.status_code == 503
    assert "Kvar" in answered.text
    assert desk.file("plots.yaml") == file
