"""Answers as staff keep them: the list, the form, drafts, publishing, history, conflicts, still right."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from members import Browser, add_member, deeds, fields_of, service_of
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from bot import Entry, Problem, as_plain, fingerprint, load
from web.services import get_services
from web.staff.entry_form import Written, form_of, mistakes_at, plain_of, read_form, row_of
from web.truth import open_truth

KNOWLEDGE = Path(__file__).parent / "knowledge"
PEOPLE = {
    "viewer": (("norrby", "viewer"),),
    "editor": (("norrby", "editor"),),
    "publisher": (("norrby", "publisher"),),
    "second": (("norrby", "publisher"),),
    "everywhere": (("*", "publisher"),),
}
FIELD = re.compile(r'<input type="hidden" name="based_on" value="(\d+)">')


@dataclass
class Desk:
    """An application on knowledge of its own, and the browsers of those who keep it, signed in when they are used."""

    app: Flask
    folder: Path
    browsers: dict[str, Browser] = field(default_factory=dict)

    def __getitem__(self, who: str) -> Browser:
        if who not in self.browsers:
            self.browsers[who] = Browser(self.app).sign_in(f"{who}@norrby.example")
        return self.browsers[who]

    def deeds(self) -> list[str]:
        """Return what the audit says was done, but for signing in."""
        return [deed for deed in deeds(self.app) if deed != "sign_in"]

    def ask(self, question: str) -> str:
        """Return what a visitor of Norrby is answered."""
        return self.app.test_client().post("/norrby/sv/", data={"question": question}).text

    def send(self, who: str, way: str, entry: str = "plots", **fields: Any) -> TestResponse:
        """Open the form of an entry, change fields in it and send it."""
        return self.again(who, way, self.form(who, entry, fields.get("layer")), entry, **fields)

    def again(self, who: str, way: str, form: Mapping[str, Any], entry: str = "plots", **fields: Any) -> TestResponse:
        """Send a form that was opened before."""
        path = f"/staff/norrby/answers/{entry}" + (f"/{way}" if way else "")
        return self[who].post(path, {**form, **fields})

    def form(self, who: str, entry: str = "plots", layer: str | None = None) -> dict[str, Any]:
        """Return the fields as a browser would send them."""
        page = self[who].get(f"/staff/norrby/answers/{entry}", query_string={"layer": layer} if layer else None).text
        return fields_of(page)


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
        add_member(app, f"{who}@norrby.example", *grants)
    return Desk(app, folder)


# the form as values


def test_a_form_says_what_the_entry_says() -> None:
    for entry in load(KNOWLEDGE).layers["municipalities/norrby"].entries.values():
        assert plain_of(form_of(entry), entry.id, as_plain(entry)) == as_plain(entry)


def test_what_is_pasted_from_another_program_is_cleaned_and_said_so() -> None:
    form = MultiDict(
        {"answer_sv": "Ring\u00a0oss:\r\n\r\n•\tväxeln\r\n•\t”bygg”", "questions_sv": "Hur\u00a0då?\r\n\r\n  "}
    )
    written = read_form(form)
    assert written["answer_sv"] == 'Ring oss:\n\n- växeln\n- "bygg"'
    assert written["questions_sv"] == "Hur då?"
    assert written.was_cleaned
    assert not read_form(MultiDict({"answer_sv": "Ring oss.\r\n\r\n- växeln\r\n"})).was_cleaned


BEFORE = {"id": "x", "answer": {"sv": "Ja.", "en": "Yes."}, "en_of": fingerprint("Ja.")}
TRANSLATIONS = {
    "both as they were": ("Ja.", "Yes.", False, fingerprint("Ja.")),
    "the Swedish changed": ("Nej.", "Yes.", False, fingerprint("Ja.")),
    "a slip was mended": ("Ja!", "Yes.", True, fingerprint("Ja!")),
    "both changed": ("Nej.", "No.", False, fingerprint("Nej.")),
    "no English left": ("Nej.", "", False, None),
}


@pytest.mark.parametrize(("sv", "en", "same", "made_of"), TRANSLATIONS.values(), ids=TRANSLATIONS)
def test_the_english_remembers_the_swedish_it_was_made_of(sv: str, en: str, made_of: str | None, *, same: bool) -> None:
    written = Written({"answer_sv": sv, "answer_en": en}, same_meaning=same)
    assert plain_of(written, "x", BEFORE).get("en_of") == made_of


def test_what_has_no_field_is_kept() -> None:
    before = {
        "id": "x",
        "answer": {"sv": "Ja."},
        "shows": "plots",
        "checked": {"on": "2026-01-01", "by": "B", "every": 3},
    }
    kept = plain_of(Written({"answer_sv": "Nej."}), "x", before)
    assert (kept["shows"], kept["checked"]) == (before["shows"], before["checked"])
    assert "checked" not in plain_of(Written({}), "x", before)


@pytest.mark.parametrize(
    ("path", "name", "row"),
    [
        ("answer.sv", "answer_sv", None),
        ("questions.en.2", "questions_en", 3),
        ("tests.must_match.sv.0", "match_sv", 1),
        ("links.1.url", "links", 2),
        ("valid.to", "valid_to", None),
        ("contacts.0", "contacts", 1),
        ("season.from", "", None),
    ],
)
def test_a_mistake_stands_at_its_field(path: str, name: str, row: int | None) -> None:
    problem = Problem("", 1, 1, path, "short")
    assert list(mistakes_at([problem])) == [name]
    assert row_of(problem) == row


# the list


def test_the_list_says_whose_an_answer_is_and_what_is_to_be_done(desk: Desk) -> None:
    page = desk["viewer"].get("/staff/norrby/answers").text
    for said in ('href="/staff/norrby/answers/plots"', "Hur anmäler jag mitt barn till skolan?", "ärvt: nationellt"):
        assert said in page
    assert "ska kontrolleras" in page
    desk.send("editor", "", answer_sv="Nytt.")
    assert "utkast väntar" in desk["viewer"].get("/staff/norrby/answers?state=draft").text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("words=älven", ["plots"]),
        ("words=ALVEN+tomter", ["plots"]),
        ("words=zzz", []),
        ("state=due", ["plot-reservation"]),
    ],
)
def test_the_list_can_be_narrowed(desk: Desk, query: str, found: list[str]) -> None:
    page = desk["viewer"].get(f"/staff/norrby/answers?{query}").text
    listed = re.findall(r'href="/staff/norrby/answers/([a-z-]+)"', page)
    assert listed == found


# writing


def test_a_draft_is_seen_by_staff_alone(desk: Desk) -> None:
    assert desk.send("editor", "", answer_sv="Bara ett utkast.").status_code == 303
    assert "Bara ett utkast." in desk["viewer"].get("/staff/norrby/answers/plots").text
    assert "Bara ett utkast." not in desk.ask("Vilka tomter är lediga i Norrby?")
    assert desk.deeds()[-1] == "draft_saved"
    assert desk.send("editor", "discard").status_code == 303
    assert "Bara ett utkast." not in desk["viewer"].get("/staff/norrby/answers/plots").text


def test_what_is_published_is_answered_at_once_and_stands_in_the_file(desk: Desk) -> None:
    answered = desk.send("publisher", "publish", answer_sv="Norrby har **tretton** tomter.")
    assert answered.status_code == 303, answered.text
    assert "<strong>tretton</strong>" in desk.ask("Vilka tomter är lediga i Norrby?")
    assert "Norrby har **tretton** tomter." in (desk.folder / "municipalities/norrby/housing.yaml").read_text()
    assert desk.deeds()[-1] == "published"


def test_an_editor_does_not_publish(desk: Desk) -> None:
    form = desk.form("editor")
    assert desk.again("editor", "publish", form, answer_sv="Nej.").status_code == 403


@pytest.mark.parametrize("layer", ["national", "groups/trebygden"])
def test_a_wider_layer_is_for_those_who_have_a_role_there(desk: Desk, layer: str) -> None:
    form = desk.form("publisher", "school", layer)
    assert desk.again("publisher", "publish", form, "school", answer_sv="Nej.").status_code == 403
    assert desk.send("everywhere", "publish", "school", layer=layer, answer_sv="Alla får plats.").status_code == 303
    assert "Alla får plats." in desk.ask("Hur anmäler jag mitt barn till skolan?")


def test_an_unknown_layer_is_not_there(desk: Desk) -> None:
    assert desk["everywhere"].get("/staff/norrby/answers/plots?layer=municipalities/ostby").status_code == 404


MISTAKES = {
    "too long": ({"answer_sv": "x" * 2001}, "answer_sv", "2001"),
    "no address": ({"source_url": "norrby.example", "source_copied": "2026-01-01"}, "source_url", "norrby.example"),
    "no day": ({"valid_from": "31 juni"}, "valid_from", "31 juni"),
    "a short question": ({"questions_sv": "Hur då?\nx"}, "questions_sv", "Rad 2"),
    "a link": ({"link_url": ["javascript:alert(1)"]}, "links", "javascript:alert(1)"),
}


@pytest.mark.parametrize("way", ["", "publish", "look"])
@pytest.mark.parametrize(("fields", "name", "said"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_said_at_the_field_and_nothing_typed_is_lost(
    still_desk: Desk, way: str, fields: dict[str, Any], name: str, said: str
) -> None:
    answered = still_desk.send("publisher", way, answer_en="Kept & <whole>.", **fields)
    assert answered.status_code == 422
    (mistake,) = re.findall(rf'id="{name}-mistake">(.*?)</div>', answered.text, re.DOTALL)
    assert said in mistake
    if "answer_en" not in fields:
        assert fields_of(answered.text)["answer_en"] == "Kept & <whole>."


def test_a_pointer_that_leads_nowhere_is_said_at_its_field(desk: Desk) -> None:
    answered = desk.send("publisher", "publish", contacts=["nobody"])
    assert answered.status_code == 422
    assert 'id="contacts-mistake"' in answered.text


def test_a_new_answer_begins_with_its_question(desk: Desk) -> None:
    started = desk["publisher"].get("/staff/norrby/new-answer?question=Var+badar+man?")
    assert started.headers["Location"].startswith("/staff/norrby/answers/var-badar-man")
    form = fields_of(desk["publisher"].get(started.headers["Location"]).text)
    assert form["questions_sv"] == "Var badar man?"
    assert desk.again("publisher", "publish", form, "var-badar-man").status_code == 422
    answered = desk.again("publisher", "publish", form, "var-badar-man", answer_sv="Vid sjön.")
    assert answered.status_code == 303, answered.text
    assert "Vid sjön." in desk.ask("Var badar man?")


def test_a_new_answer_never_takes_an_address_of_the_site(desk: Desk) -> None:
    started = desk["publisher"].get("/staff/norrby/new-answer?question=Map?")
    assert started.headers["Location"].startswith("/staff/norrby/answers/about-map")


def test_an_inherited_answer_is_overridden_and_given_back(desk: Desk) -> None:
    page = desk["publisher"].get("/staff/norrby/answers/school?text=inherited").text
    form = fields_of(page)
    assert form["answer_sv"].startswith("Kommunen ger alla barn en plats.")
    desk.again("publisher", "publish", form, "school", answer_sv="Norrby har en skola.")
    assert "Norrby har en skola." in desk.ask("börja skolan")
    assert desk.send("publisher", "remove", "school").status_code == 303
    assert "Kommunen ger alla barn en plats." in desk.ask("börja skolan")


# what it does


def test_the_parts_beside_the_form_are_what_visitors_will_see(desk: Desk) -> None:
    parts = desk.send("editor", "look", answer_sv="Ring **112**.", parts="yes").text
    assert "<strong>112</strong>" in parts
    assert "<form" not in parts
    assert "<strong>112</strong>" not in desk.ask("Vilka tomter är lediga i Norrby?")


def test_a_test_that_breaks_blocks_publishing_unless_there_is_a_reason(desk: Desk) -> None:
    breaking = {"questions_sv": "Var dricker man kaffe?", "questions_en": "Where is there coffee?"}
    answered = desk.send("publisher", "publish", "plot-reservation", **breaking)
    assert (answered.status_code, 'id="note-mistake"' in answered.text) == (422, True)
    assert "keep a plot for us while we decide" in answered.text
    why = "Tomterna kommer till hösten."
    assert desk.send("publisher", "publish", "plot-reservation", **breaking, note=why).status_code == 303
    assert why in desk["viewer"].get("/staff/norrby/answers/plot-reservation/history").text


# others


def test_110_whoever_was_slower_sees_both_versions_and_loses_nothing(desk: Desk) -> None:
    mine, theirs = desk.form("publisher"), desk.form("second")
    assert desk.again("second", "publish", theirs, answer_sv="Den andras text.").status_code == 303
    answered = desk.again("publisher", "publish", mine, answer_sv="Min text.")
    assert answered.status_code == 412
    assert "Den andras text." in answered.text
    form = fields_of(answered.text)
    assert form["answer_sv"] == "Min text."
    assert "Min text." not in desk.ask("Vilka tomter är lediga i Norrby?")
    assert desk.again("publisher", "publish", form).status_code == 303
    assert "Min text." in desk.ask("Vilka tomter är lediga i Norrby?")


def test_119_two_tabs_of_one_person_are_two_editors(desk: Desk) -> None:
    first, second = desk.form("editor"), desk.form("editor")
    assert desk.again("editor", "", first, answer_sv="I den ena fliken.").status_code == 303
    answered = desk.again("editor", "", second, answer_sv="I den andra fliken.")
    assert answered.status_code == 412
    assert "I den ena fliken." in answered.text
    assert fields_of(answered.text)["answer_sv"] == "I den andra fliken."
    assert "I den andra fliken." not in desk["viewer"].get("/staff/norrby/answers/plots").text


WAYS = ("", "publish", "look", "discard", "remove", "restore", "still-right")


@pytest.mark.parametrize("based_on", [None, "", "-1", "1.0", "x", "9" * 40, "１"])
@pytest.mark.parametrize("way", WAYS)
def test_111_nothing_is_written_that_does_not_say_what_it_is_based_on(
    still_desk: Desk, way: str, based_on: str | None
) -> None:
    form = {**still_desk.form("publisher"), "answer_sv": "Nytt.", "revision": "1", "based_on": based_on}
    before = still_desk.deeds()
    path = "/staff/norrby/answers/plots" + (f"/{way}" if way else "")
    sent = {name: value for name, value in form.items() if value is not None}
    assert still_desk["publisher"].post(path, sent).status_code == 428
    assert still_desk.deeds() == before


@pytest.mark.parametrize("entry", ["A%20B", "..%2Fx", "x" * 65, "Plots", "%C3%A5", "a_b", "%00"])
@pytest.mark.parametrize("way", ["", "/publish"])
def test_114_what_cannot_be_an_id_is_not_there(still_desk: Desk, entry: str, way: str) -> None:
    form, before = still_desk.form("publisher"), still_desk.deeds()
    assert still_desk["publisher"].post(f"/staff/norrby/answers/{entry}{way}", form).status_code == 404
    assert still_desk.deeds() == before


@pytest.mark.parametrize("entry", ["map", "search"])
def test_114_a_reserved_id_is_refused(desk: Desk, entry: str) -> None:
    form = {**desk.form("publisher"), "based_on": "0"}
    assert desk.again("publisher", "publish", form, entry, answer_sv="Ja.").status_code == 422


def test_114_an_id_that_is_taken_is_not_written_over(desk: Desk) -> None:
    form = {**desk.form("publisher", "plot-reservation"), "based_on": "0", "answer_sv": "Nytt.", "note": "x"}
    assert desk.again("publisher", "publish", form, "plots").status_code == 412
    assert "<strong>tolv</strong>" in desk.ask("Vilka tomter är lediga i Norrby?")


@pytest.mark.parametrize("text", ["   ", "\r\n \r\n", "\u00a0", "\u200b\t"])
def test_115_an_answer_of_spaces_is_none(desk: Desk, text: str) -> None:
    answered = desk.send("publisher", "publish", "plot-reservation", answer_sv=text, answer_en=text)
    assert answered.status_code == 422
    assert 'id="answer_sv-mistake"' in answered.text


def test_117_a_paste_of_ten_megabytes_is_refused(desk: Desk) -> None:
    assert desk.send("publisher", "publish", answer_sv="x" * 10_000_000).status_code == 413


def test_what_was_is_restored_as_a_new_version(desk: Desk) -> None:
    desk.send("publisher", "publish", answer_sv="Fel text.")
    page = desk["publisher"].get("/staff/norrby/answers/plots/history").text
    assert "från fil" in page
    (wanted,) = re.findall(r'name="revision" value="(\d+)"', page)
    based_on = FIELD.findall(page)[0]
    restore = "/staff/norrby/answers/plots/restore"
    form = {"revision": wanted, "based_on": based_on, "layer": "municipalities/norrby"}
    assert desk["publisher"].post(restore, {**form, "based_on": wanted}).status_code == 412
    assert desk["publisher"].post(restore, form).status_code == 303
    assert "<strong>tolv</strong>" in desk.ask("Vilka tomter är lediga i Norrby?")
    assert desk["publisher"].get("/staff/norrby/answers/plots/history").text.count("<li id=") == 3
    assert desk.deeds()[-1] == "version_restored"


@pytest.mark.parametrize(("side", "text"), [("file", "Skrivet i filen."), ("staff", "Skrivet här.")])
def test_a_conflict_is_shown_with_both_sides_and_settled(desk: Desk, tmp_path: Path, side: str, text: str) -> None:
    other = Path(shutil.copytree(desk.folder, tmp_path / "other"))
    elsewhere = open_truth(replace(service_of(desk.app).settings, knowledge=other))
    elsewhere.bring_in_line()
    desk.send("publisher", "publish", answer_sv="Skrivet här.")
    file = other / "municipalities/norrby/housing.yaml"
    file.write_text(file.read_text().replace("Norrby har **tolv** lediga tomter.", "Skrivet i filen."))
    elsewhere.bring_in_line()
    assert "Välj vad som gäller" in desk["viewer"].get("/staff/norrby/answers").text
    page = desk["publisher"].get("/staff/norrby/conflicts").text
    assert "Skrivet i filen." in page
    assert "Skrivet här." in page
    (number,) = re.findall(r'action="/staff/norrby/conflicts/(\d+)"', page)
    assert desk["publisher"].post(f"/staff/norrby/conflicts/{number}", {"side": "neither"}).status_code == 400
    assert desk["publisher"].post(f"/staff/norrby/conflicts/{number}", {"side": side}).status_code == 303
    assert text in desk.ask("Vilka tomter är lediga i Norrby?")
    assert "Filer och sidor säger samma sak." in desk["publisher"].get("/staff/norrby/conflicts").text


# still right


def test_still_right_confirms_both_languages_and_nothing_else_does(desk: Desk) -> None:
    desk.send("publisher", "publish", "plot-reservation", answer_sv="Skriv till byggkontoret, helst på webben.")
    page = desk["publisher"].get("/staff/norrby/answers/plot-reservation").text
    assert "ska kontrolleras" in desk["publisher"].get("/staff/norrby/answers?state=due").text
    form = {"based_on": FIELD.findall(page)[-1], "layer": "municipalities/norrby", "every": "6"}
    confirmed = desk["publisher"].post("/staff/norrby/answers/plot-reservation/still-right", form)
    assert confirmed.status_code == 303
    with desk.app.app_context():
        entry = get_services().knowledge.assistant.knowledge.view("norrby").entries["plot-reservation"]
    assert isinstance(entry, Entry)
    assert entry.checked
    assert entry.answer
    assert (entry.checked.by, entry.checked.every, entry.en_of) == (
        "Byggkontoret", 6, fingerprint(entry.answer.sv or ""),
    )  # fmt: skip


def test_still_right_waits_for_the_draft(desk: Desk) -> None:
    form = desk.form("publisher")
    desk.send("editor", "", answer_sv="Utkast.")
    before = desk.deeds()
    desk["publisher"].post("/staff/norrby/answers/plots/still-right", {"based_on": form["based_on"][0]})
    assert desk.deeds() == before
