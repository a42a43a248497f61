"""Questions without an answer, and the answers written for them: drafted, solved, failing again, open again."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import seeds
from flask import Flask
from members import Browser, add_member, deeds
from test_editor import KNOWLEDGE, fields_of
from werkzeug.test import TestResponse

NAME = "kan-man-ha-hons"
WISH = {"entry": "plots", "text": "kan man ha höns", "language": "sv"}


@dataclass
class Room:
    """An application of its own, five visitors who asked about hens, and those who answer."""

    app: Flask
    folder: Path
    eva: Browser
    per: Browser

    @property
    def key(self) -> str:
        """The key of what was asked about hens."""
        page = self.eva.get("/staff/norrby/gaps?state=all").text
        return page[: page.index(">kan man ha höns</a>")].rsplit("/gaps/", 1)[1].split('"', 1)[0]

    def state(self) -> str:
        """Say how it stands with what was asked."""
        page = self.eva.get(f"/staff/norrby/gaps/{self.key}").text
        return page.split("<dt>Läge</dt><dd>", 1)[1].split("<", 1)[0]

    def ask(self, question: str) -> str:
        """Return what a visitor is answered."""
        return self.app.test_client().post("/norrby/sv/", data={"question": question}).text

    def write(self, who: Browser, way: str, entry: str = NAME, *, begun: bool = True, **fields: Any) -> TestResponse:
        """Fill in the form and send it."""
        gap = {"gap": self.key} if begun else None
        form = fields_of(who.get(f"/staff/norrby/answers/{entry}", query_string=gap).text)
        return who.post(f"/staff/norrby/answers/{entry}/{way}".rstrip("/"), {**form, **fields})

    def wish(self, who: Browser, way: str = "", **fields: Any) -> TestResponse:
        """Let an answer be found by one more phrasing, having looked at what it does."""
        path = f"/staff/norrby/gaps/{self.key}/phrasing"
        page = who.get(path, query_string={**WISH, **fields}).text
        based_on = page.split('name="based_on" value="', 1)[1].split('"', 1)[0]
        return who.post(path + way, {**WISH, "based_on": based_on, **fields})


@pytest.fixture
def room(make_app: Callable[..., Flask], tmp_path: Path) -> Room:
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    add_member(app, "eva@norrby.example", ("norrby", "editor"))
    add_member(app, "per@norrby.example", ("norrby", "publisher"))
    seeds.ask(seeds.store_of(app), *["kan man ha höns"] * 3, "kan man ha hons?", "höns kan man ha")
    people = [Browser(app).sign_in(f"{name}@norrby.example") for name in ("eva", "per")]
    return Room(app, folder, *people)


def test_from_the_question_to_the_answer_and_back(room: Room) -> None:
    assert room.write(room.eva, "", answer_sv="Ja, **tre höns**.").status_code == 303
    assert room.state() == "utkast finns"
    assert "tre höns" not in room.ask("kan man ha höns")
    page = room.eva.get(f"/staff/norrby/gaps/{room.key}").text
    assert f'href="/staff/norrby/answers/{NAME}"' in page
    assert room.write(room.per, "publish", begun=False).status_code == 303
    assert room.state() == "löst"
    assert "tre höns" in room.ask("höns kan man ha")
    assert room.write(room.per, "remove", begun=False).status_code == 303
    assert room.state() == "ny"
    assert "tre höns" not in room.ask("kan man ha höns")
    own = [deed for deed in deeds(room.app) if deed.startswith("gap_")]
    assert own == ["gap_drafted", "gap_solved", "gap_reopened"]


def test_what_is_published_at_once_is_solved(room: Room) -> None:
    assert room.write(room.per, "publish", answer_sv="Ja.", answer_en="Yes.").status_code == 303
    assert room.state() == "löst"
    assert any("kan man ha hons?" in file.read_text() for file in room.folder.rglob("*.yaml"))


def test_a_draft_put_away_leaves_the_question_open(room: Room) -> None:
    room.write(room.eva, "", answer_sv="Ja.")
    assert room.write(room.eva, "discard", begun=False).status_code == 303
    assert room.state() == "ny"


def test_a_question_that_is_gone_does_not_stop_the_answer(room: Room) -> None:
    form = fields_of(room.per.get(f"/staff/norrby/answers/{NAME}", query_string={"gap": room.key}).text)
    answered = room.per.post(
        f"/staff/norrby/answers/{NAME}/publish", {**form, "gap": "0" * 16, "answer_sv": "Ja, **tre höns**."}
    )
    assert answered.status_code == 303
    assert "tre höns" in room.ask("kan man ha höns")
    assert room.state() == "ny"


def test_what_was_answered_and_fails_again_says_so_at_home(room: Room) -> None:
    room.write(room.per, "publish", answer_sv="Ja.")
    assert "höns" not in room.eva.get("/staff/norrby/").text
    seeds.ask(seeds.store_of(room.app), "kan man ha höns", at=datetime.now(UTC) + timedelta(hours=2))
    assert "”kan man ha höns” fick svar, men händer igen" in room.eva.get("/staff/norrby/").text


def test_a_mistake_keeps_what_it_was_begun_for(room: Room) -> None:
    answered = room.write(room.per, "publish", answer_sv="")
    assert answered.status_code == 422
    assert fields_of(answered.text)["gap"] == [room.key]


def test_own_tests_that_are_not_reached_are_said(room: Room) -> None:
    page = room.write(room.eva, "look", answer_sv="Ja.", match_sv="var köper jag en traktor").text
    assert "Svarets egna prov som inte når det än" in page
    assert "var köper jag en traktor" in page


def test_going_back_to_before_the_first_version_takes_the_answer_away(room: Room) -> None:
    room.write(room.per, "publish", answer_sv="Ja, **tre höns**.")
    path = f"/staff/norrby/answers/{NAME}"
    form = room.per.get(f"{path}/history").text
    based_on = form.split('name="based_on" value="', 1)[1].split('"', 1)[0]
    sent = {"revision": "0", "based_on": based_on, "layer": "municipalities/norrby"}
    assert room.per.post(f"{path}/restore", sent).status_code == 303
    assert "tre höns" not in room.ask("kan man ha höns")
    assert room.state() == "ny"
    assert "Före den första versionen" not in room.per.get(f"{path}/history").text


def test_nothing_stands_before_what_came_from_a_file(room: Room) -> None:
    path = "/staff/norrby/answers/plots"
    assert "Före den första versionen" not in room.per.get(f"{path}/history").text
    sent = {"revision": "0", "based_on": "1", "layer": "municipalities/norrby"}
    assert room.per.post(f"{path}/restore", sent).status_code == 404


# one more phrasing


def test_a_phrasing_is_published_the_way_the_editor_does(room: Room) -> None:
    assert "Norrby har" not in room.ask("kan man ha höns")
    assert room.wish(room.per).status_code == 303
    assert room.state() == "löst"
    assert "Norrby har" in room.ask("kan man ha höns")
    assert "per@norrby.example" in room.per.get("/staff/norrby/answers/plots/history").text
    assert deeds(room.app)[-2:] == ["published", "gap_solved"]


def test_an_editor_puts_it_into_a_draft(room: Room) -> None:
    refused = room.wish(room.eva)
    assert refused.status_code == 403
    assert room.wish(room.eva, "/draft").headers["Location"] == "/staff/norrby/answers/plots"
    assert room.state() == "utkast finns"
    form = fields_of(room.eva.get("/staff/norrby/answers/plots").text)
    assert form["questions_sv"].endswith("\nkan man ha höns")
    assert "Norrby har" not in room.ask("kan man ha höns")


def test_a_draft_that_waits_takes_the_phrasing(room: Room) -> None:
    room.write(room.eva, "", "plots", begun=False, answer_sv="Norrby har **nio** tomter.")
    assert (
        "Lägg till formuleringen" not in room.per.get(f"/staff/norrby/gaps/{room.key}/phrasing", query_string=WISH).text
    )
    assert room.wish(room.per).status_code == 422
    assert room.wish(room.per, "/draft").status_code == 303
    form = fields_of(room.per.get("/staff/norrby/answers/plots").text)
    assert form["answer_sv"] == "Norrby har **nio** tomter."
    assert form["questions_sv"].endswith("\nkan man ha höns")


def test_a_phrasing_that_breaks_a_test_wants_a_reason(room: Room) -> None:
    taking = {"text": "tomtens renar"}
    refused = room.wish(room.per, **taking)
    assert refused.status_code == 422
    assert 'id="note"' in refused.text
    assert room.wish(room.per, **taking, note="Samma svar.").status_code == 303


def test_whoever_was_slower_with_a_phrasing_looks_again(room: Room) -> None:
    path = f"/staff/norrby/gaps/{room.key}/phrasing"
    based_on = room.per.get(path, query_string=WISH).text.split('name="based_on" value="', 1)[1].split('"', 1)[0]
    room.write(room.per, "publish", "plots", begun=False, answer_sv="Norrby har **nio** tomter.")
    answered = room.per.post(path, {**WISH, "based_on": based_on})
    assert answered.status_code == 412
    assert "Någon ändrade svaret under tiden" in answered.text
    assert room.state() == "ny"


def test_a_phrasing_that_cannot_be_says_why(room: Room) -> None:
    page = room.per.get(f"/staff/norrby/gaps/{room.key}/phrasing", query_string={**WISH, "text": "- [x](javascript:)"})
    assert page.status_code == 200
