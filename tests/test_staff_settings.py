"""What staff decide: each form, what it refuses, and that visitors meet it at once, in every process."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from mailserver import mail_server
from members import Browser, StoppedClock, add_member, deeds, service_of

from web.overrides import known
from web.purging import dispose_messages
from web.services import get_services
from web.settings import read_settings
from web.store.staff_settings import decide, history, in_force

PAGE = "/staff/norrby/settings"
ANNA = "anna@norrby.example"
OFF = {"part": "off", "reason-sv": "Vi bygger om.", "reason-en": "We are rebuilding."}
KNOWLEDGE = Path(__file__).parent / "knowledge"
VIOLENCE = """\
entries:
  - id: violence-support
    answer:
      sv: Socialjouren i Norrby svarar på 0933-140 30.
      en: The social emergency service answers on 0933-140 30.
"""


@pytest.fixture(scope="module")
def shared_app(make_app: Callable[..., Flask]) -> Flask:
    app = make_app()
    add_member(app, ANNA, ("norrby", "admin"))
    return app


@pytest.fixture
def app(shared_app: Flask) -> Iterator[Flask]:
    """Nothing is decided before a test, nor after."""
    yield shared_app
    with service_of(shared_app).store.writing() as connection:
        from web.store.staff_settings import give_back

        for place, values in in_force(connection).items():
            for setting in values:
                give_back(connection, place, setting, "test", StoppedClock().at)
    with shared_app.app_context():
        get_services().knowledge.refresh_overrides()


@pytest.fixture(scope="module")
def signed_in(shared_app: Flask) -> Browser:
    return Browser(shared_app).sign_in(ANNA)


@pytest.fixture
def anna(app: Flask, signed_in: Browser) -> Browser:
    signed_in.get(PAGE)
    return signed_in


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


def ask(visitor: FlaskClient, question: str) -> dict[str, Any]:
    answer = visitor.post("/api/v1/chat", json={"question": question, "municipality": "norrby"})
    assert answer.status_code == 200
    return dict(answer.json or {})


# off and on


def test_switched_off_every_page_says_why_and_whom_to_call(anna: Browser, visitor: FlaskClient) -> None:
    assert anna.post(PAGE, OFF).status_code == 303
    for path in ("/norrby/sv/", "/norrby/sv/plots", "/norrby/sv/search", "/norrby/sv/person", "/norrby/sv/plan"):
        page = visitor.get(path)
        assert (page.status_code, page.headers["Cache-Control"]) == (503, "no-store"), path
        assert "Vi bygger om." in page.text
        assert "tel:+4693314000" in page.text.replace("-", "")
        assert "mailto:kommun@norrby.example" in page.text
        assert "<textarea" not in page.text
    assert "We are rebuilding." in visitor.get("/norrby/en/").text
    assert visitor.get("/norrby/sv/policy").status_code == 200
    assert visitor.get("/soderby/sv/").status_code == 200


def test_switched_off_the_api_answers_danger_alone(anna: Browser, visitor: FlaskClient) -> None:
    anna.post(PAGE, OFF)
    reply = ask(visitor, "vilka tomter är lediga")
    assert (reply["kind"], reply["entry"], reply["person"]) == ("none", None, None)
    assert "Vi bygger om." in reply["text"]
    assert "0933-140 00, kommun@norrby.example" in reply["text"]
    assert reply["contacts"][0]["phone"] == "0933-140 00"
    assert ask(visitor, "min man slår mig")["kind"] == "safety"
    entry = visitor.get("/api/v1/entries/plots?municipality=norrby&language=sv").json
    assert entry
    assert (entry["kind"], "Vi bygger om." in entry["text"]) == ("none", True)


def test_switched_off_the_widget_is_told_when_it_opens(anna: Browser, visitor: FlaskClient) -> None:
    anna.post(PAGE, OFF)
    told = visitor.get("/api/v1/welcome?municipality=norrby&language=en").json
    assert told
    assert told["switched_off"]["reason"] == "We are rebuilding."
    assert told["switched_off"]["contacts"][0]["email"] == "kommun@norrby.example"
    assert told["topics"] == []


def test_what_is_asked_meanwhile_is_no_gap(app: Flask, anna: Browser, visitor: FlaskClient) -> None:
    noted: list[Any] = []
    with app.app_context():
        journal = get_services().journal
    anna.post(PAGE, OFF)
    before = journal.__class__.note
    try:
        journal.__class__.note = lambda _self, note: noted.append(note)  # type: ignore[method-assign]
        ask(visitor, "vilka tomter är lediga")
    finally:
        journal.__class__.note = before  # type: ignore[method-assign]
    assert noted == []


def test_switched_on_again_everything_answers(app: Flask, anna: Browser, visitor: FlaskClient) -> None:
    anna.post(PAGE, OFF)
    assert "Slå på igen" in anna.get(PAGE).text
    assert anna.post(PAGE, {"part": "on"}).status_code == 303
    assert visitor.get("/norrby/sv/").status_code == 200
    assert ask(visitor, "vilka tomter är lediga")["kind"] != "none"
    assert deeds(app)[-2:] == ["switched_off", "switched_on"]


def test_without_a_reason_it_stays_on(anna: Browser, visitor: FlaskClient) -> None:
    answer = anna.post(PAGE, {"part": "off", "reason-sv": " ", "reason-en": "Closed."})
    assert answer.status_code == 422
    assert 'value="Closed."' in answer.text
    assert visitor.get("/norrby/sv/").status_code == 200


def test_every_process_follows_within_two_seconds(app: Flask, make_app: Callable[..., Flask]) -> None:
    """Another process, here another application on the same store, looks once a second."""
    data = service_of(app).settings.data
    other = make_app(HEMVIST_DATA=str(data)).test_client()
    assert other.get("/norrby/sv/").status_code == 200
    with service_of(app).store.writing() as connection:
        decide(connection, "norrby", {"switched_off": {"sv": "Stängt."}}, "test", StoppedClock().at)
    began, status = time.monotonic(), 200
    while status == 200 and time.monotonic() - began < 30:
        time.sleep(0.05)
        status = other.get("/norrby/sv/").status_code
    assert status == 503


# the other forms


def test_greeting_and_colour_are_shown(anna: Browser, visitor: FlaskClient) -> None:
    sent = {"part": "look", "greeting-sv": "Hej <du>!", "greeting-en": "", "accent": "#004D40"}
    assert anna.post(PAGE, sent).status_code == 303
    assert "Hej &lt;du&gt;!" in visitor.get("/norrby/sv/").text
    assert "maskin" in visitor.get("/norrby/sv/").text
    assert (visitor.get("/api/v1/welcome?municipality=norrby&language=sv").json or {})["accent"] == "#004d40"


REFUSED = {
    "pale colour": ({"part": "look", "accent": "#ffd400"}, "1.4:1"),
    "no colour": ({"part": "look", "accent": "green"}, "#rrggbb"),
    "long greeting": ({"part": "look", "greeting-sv": "a" * 301}, "högst 300 tecken"),
    "site with path": ({"part": "origins", "origins": "https://www.norrby.example/x"}, "värdnamn"),
    "too many sites": (
        {"part": "origins", "origins": "\n".join(f"https://s{n}.example" for n in range(21))},
        "värdnamn",
    ),
    "no time": ({"part": "hours", "hours-mon": "nine to five"}, "08:00-12:00"),
    "overlap": ({"part": "hours", "phone_hours-mon": "08:00-12:00, 11:00-13:00"}, "08:00-12:00"),
    "person": ({"part": "keeping", "mailbox": "anna"}, "e-postadress"),
    "header": ({"part": "keeping", "mailbox": "a@b.se\nBcc: c@d.se"}, "e-postadress"),
    "no days": ({"part": "keeping", "disposal": "KS 1", "message_days": "many"}, "1 till 3650"),
    "days alone": ({"part": "keeping", "message_days": "90"}, "beslut"),
    "unknown form": ({"part": "owner"}, ""),
    "unknown setting": ({"part": "back", "setting": "owners"}, ""),
}


@pytest.mark.parametrize(("sent", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_refused_with_words(app: Flask, anna: Browser, sent: dict[str, str], told: str) -> None:
    answer = anna.post(PAGE, sent)
    assert answer.status_code == 422
    assert told in answer.text
    with service_of(app).store.reading() as connection:
        assert in_force(connection) == {}


def test_the_refused_colour_names_one_that_can_be_read(anna: Browser) -> None:
    import re

    answer = anna.post(PAGE, {"part": "look", "accent": "#ffd400"})
    nearest = re.findall(r"#[0-9a-f]{6}", answer.text.split('role="alert"')[1])[1]
    assert anna.post(PAGE, {"part": "look", "accent": nearest}).status_code == 303


def test_sites_may_show_the_chat_at_once(anna: Browser, visitor: FlaskClient) -> None:
    anna.post(PAGE, {"part": "origins", "origins": " https://www.norrby.example/ \nhttps://WWW.norrby.example"})
    headers = {"Origin": "https://www.norrby.example"}
    answer = visitor.get("/api/v1/welcome?municipality=norrby&language=sv", headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://www.norrby.example"


def test_hours_of_the_newcomer_contact_change(anna: Browser, visitor: FlaskClient) -> None:
    assert 'id="phone_hours-mon"' in anna.get(PAGE).text
    assert anna.post(PAGE, {"part": "hours", "phone_hours-mon": "09:07-10:11"}).status_code == 303
    assert "09.07–10.11" in visitor.get("/norrby/sv/person").text


def test_it_cannot_be_official_while_something_is_missing(anna: Browser, visitor: FlaskClient) -> None:
    answer = anna.post(PAGE, {"part": "standing", "official": "yes"})
    assert answer.status_code == 422
    for lack in ("våld", "brevlåda", "gallring"):
        assert lack in answer.text.split('role="alert"')[1].split("</div>")[0]
    assert "demonstration" in visitor.get("/norrby/sv/").text


def test_it_is_official_once_all_is_there_and_cannot_lose_it(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    (folder / "municipalities" / "norrby" / "safety.yaml").write_text(VIOLENCE, "utf-8")
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    add_member(app, ANNA, ("norrby", "admin"))
    anna = Browser(app).sign_in(ANNA)
    anna.get(PAGE)
    keeping = {"part": "keeping", "mailbox": "inflytt@norrby.example", "disposal": "KS 2026:14", "message_days": "90"}
    assert anna.post(PAGE, keeping).status_code == 303
    assert anna.post(PAGE, {"part": "standing", "official": "yes"}).status_code == 303
    assert "Det här är en demonstration" not in app.test_client().get("/norrby/sv/").text
    refused = anna.post(PAGE, {**keeping, "mailbox": ""})
    assert (refused.status_code, "brevlåda" in refused.text) == (422, True)
    assert anna.post(PAGE, {"part": "standing"}).status_code == 303
    assert "Det här är en demonstration" in app.test_client().get("/norrby/sv/").text


def test_a_legal_hold_keeps_everything(app: Flask, anna: Browser) -> None:
    sent = {"part": "keeping", "disposal": "KS 1", "message_days": "1", "legal_hold": "yes"}
    assert anna.post(PAGE, sent).status_code == 303
    settings = service_of(app).settings
    held = known(settings).municipalities["norrby"]
    assert (held.legal_hold, held.disposal, held.message_days) == (True, "KS 1", 1)
    with service_of(app).store.reading() as connection:
        assert dispose_messages(connection.engine, held, StoppedClock().at) == 0


def test_the_file_can_decide_again(app: Flask, anna: Browser) -> None:
    anna.post(PAGE, {"part": "look", "accent": "#004d40"})
    assert anna.post(PAGE, {"part": "back", "setting": "accent"}).status_code == 303
    with app.app_context():
        assert get_services().knowledge.assistant.knowledge.municipalities["norrby"].accent == "#1f5f4a"
    with service_of(app).store.reading() as connection:
        lines = history(connection, "norrby")
    assert [(line.setting, line.value, line.back) for line in lines[:1]] == [("accent", None, True)]
    assert ("accent", "#004d40") in [(line.setting, line.value) for line in lines]
    assert ANNA in anna.get(PAGE).text


def test_a_decision_outlives_a_change_of_the_files(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    add_member(app, ANNA, ("norrby", "admin"))
    anna = Browser(app).sign_in(ANNA)
    anna.get(PAGE)
    anna.post(PAGE, OFF)
    path = folder / "municipalities" / "norrby" / "housing.yaml"
    path.write_text(path.read_text("utf-8").replace("tolv", "tretton"), "utf-8")
    with app.app_context():
        get_services().knowledge.refresh()
        assert "tretton" in str(get_services().knowledge.assistant.knowledge.view("norrby").entries["plots"].answer)
    assert app.test_client().get("/norrby/sv/").status_code == 503


# test mail


def test_a_test_mail_goes_to_whoever_asks_for_it(make_app: Callable[..., Flask]) -> None:
    with mail_server() as server:
        mail = {"HEMVIST_SMTP_URL": f"smtp+plain://127.0.0.1:{server.port}", "HEMVIST_MAIL_FROM": "chat@norrby.example"}
        app = make_app(**mail)
        add_member(app, ANNA, ("norrby", "admin"))
        anna = Browser(app).sign_in(ANNA)
        anna.get(PAGE)
        assert anna.post(f"{PAGE}/test-mail").status_code == 303
        assert (server.recipients, server.taken[0]["Subject"]) == ([ANNA], "Testmejl från Hemvist")
        server.answers["recipient"] = "550 no such mailbox"
        refused = anna.post(f"{PAGE}/test-mail")
        assert (refused.status_code, "550 no such mailbox" in refused.text) == (502, True)
        assert deeds(app)[-2:] == ["test_mail_sent"] * 2


def test_without_a_mail_server_it_says_so(anna: Browser) -> None:
    assert anna.post(f"{PAGE}/test-mail").status_code == 409


def test_settings_that_are_known_to_nobody_hold_no_store(tmp_path: Path) -> None:
    settings = read_settings({"HEMVIST_KNOWLEDGE": str(KNOWLEDGE), "HEMVIST_DATA": str(tmp_path)})
    assert known(settings).municipalities["norrby"].accent == "#1f5f4a"
    assert list(tmp_path.iterdir()) == []
