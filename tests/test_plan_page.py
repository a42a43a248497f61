"""The moving plan on the web: its page without JavaScript, its calendar, its API, and that nothing of it is kept."""

import logging
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from icalendar import Calendar
from reading import Element, read_page

SHIPPED = Path(__file__).parent.parent / "knowledge"
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MOVE = {"origin": "abroad", "citizenship": "eu", "home": "renting", "children": ["school"], "date": "2027-06-01"}
WANTED = {"municipality": "norrby", **MOVE}


@pytest.fixture(scope="module")
def at(make_app: Callable[..., Flask]) -> Callable[[datetime], FlaskClient]:
    """A browser of the application at a time that stands still."""
    return lambda moment: make_app(clock=lambda zone: moment.astimezone(zone)).test_client()


@pytest.fixture(scope="module")
def client(at: Callable[[datetime], FlaskClient]) -> FlaskClient:
    return at(NOW)


def tasks(page: Element) -> list[str]:
    return [item["id"].removeprefix("task-") for item in page.all("li", class_="task")]


def post(client: FlaskClient, address: str = "/norrby/en/plan", **changes: Any) -> Any:
    return client.post(address, data={name: value for name, value in (MOVE | changes).items() if value is not None})


# the page


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_page_asks_and_names_no_answer_in_an_address(client: FlaskClient, language: str) -> None:
    page = read_page(client.get(f"/norrby/{language}/plan").text)
    form = page.one("form", id="answers")
    assert form["method"] == "post"
    assert form["action"] == f"/norrby/{language}/plan#plan"
    names = {field["name"] for field in form.all("input")}
    assert names == {"origin", "citizenship", "children", "home", "work", "also", "date"}
    for group in form.all("fieldset"):
        assert group.one("legend").text
    assert tasks(page) == []


def test_a_plan_is_made_without_javascript(client: FlaskClient) -> None:
    response = post(client)
    assert response.headers["Cache-Control"] == "no-store"
    page = read_page(response.text)
    assert tasks(page) == ["home", "school-place", "ferry", "register", "health-centre"]
    assert page.one("h2", id="plan-heading").text == "Your move on 1 June 2027: 5 things to do"
    school = page.one("li", id="task-school-place")
    assert "3 March 2027" in school.one("p", class_="when").text
    assert "Call the switchboard in Norrby." in school.text
    assert "Responsible: The municipality" in school.text
    assert school.one("a", href="/norrby/en/school").text == "Read more: How do I enrol my child in school?"
    assert school.one("a", href="https://www.norrby.example/skola").text == "norrby.example"
    assert "0933-140 00" in school.text
    register = page.one("li", id="task-register")
    assert "2 June 2027" in register.text
    assert "Last day: 8 September 2027" in register.text
    home = page.one("li", id="task-home")
    assert "General advice, without a source of its own." in home.text


def test_what_is_only_written_in_swedish_says_so(client: FlaskClient) -> None:
    ferry = read_page(post(client).text).one("li", id="task-ferry")
    assert ferry.all("p", lang="sv")[0].text == "Sista färjan går klockan nio."


def test_without_a_date_the_plan_says_how_long_before(client: FlaskClient) -> None:
    page = read_page(post(client, "/norrby/sv/plan", date=None, also="car").text)
    said = {item["id"]: item.one("p", class_="when").text for item in page.all("li", class_="task")}
    assert said == {
        "task-home": "6 månader före flytten",
        "task-school-place": "3 månader före flytten",
        "task-tyres": "På flyttdagen Tid på året: 1 december – 31 mars",
        "task-ferry": "På flyttdagen",
        "task-register": "1 dag efter flytten Sista dag: 3 månader och 1 vecka efter flytten",
        "task-health-centre": "2 veckor efter flytten",
    }
    assert page.all("form", action="/norrby/sv/plan.ics") == []


def test_what_is_late_is_to_be_done_now(client: FlaskClient) -> None:
    page = read_page(post(client, date="2026-12-01").text)
    assert page.one("li", id="task-school-place").one("p", class_="when").text == "As soon as you can"


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("sv", "Den dagen finns inte. Skriv en dag som finns, med år, månad och dag: 2027-06-30."),
        ("en", "There is no such day. Write a day that exists, as year, month and day: 2027-06-30."),
    ],
)
@pytest.mark.parametrize("day", ["2027-02-30", "2027-6-1", "30 februari", "0001-01-01", "9999-12-31", "20270601"])
def test_a_day_that_does_not_exist_is_told_and_the_rest_kept(
    client: FlaskClient, language: str, says: str, day: str
) -> None:
    response = post(client, f"/norrby/{language}/plan", date=day)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    page = read_page(response.text)
    assert says in page.one("div", id="faults").text
    assert page.one("p", id="fault-date").text == says
    assert "fault-date" in page.one("input", id="q-date")["aria-describedby"]
    kept = {(field["name"], field["value"]) for field in page.one("form", id="answers").all("input", checked="")}
    assert kept == {("origin", "abroad"), ("citizenship", "eu"), ("home", "renting"), ("children", "school")}
    assert tasks(page) == []


def test_all_that_is_missing_is_told_at_once(client: FlaskClient) -> None:
    response = post(client, origin=None, citizenship=None, home="castle")
    faults = read_page(response.text).one("div", id="faults")
    assert [link["href"] for link in faults.all("a")] == ["#q-origin", "#q-citizenship", "#q-home"]
    assert "castle" not in response.text


def test_the_other_language_keeps_the_answers(client: FlaskClient) -> None:
    switch = read_page(post(client).text).one("form", class_="switch")
    assert switch["action"] == "/norrby/sv/plan"
    sent = [(field["name"], field["value"]) for field in switch.all("input")]
    assert dict(sent) == {**MOVE, "children": "school"}


def test_a_municipality_without_tasks_has_no_plan(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    for path in knowledge_folder.rglob("plan.yaml"):
        path.unlink()
    client = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder)).test_client()
    assert client.get("/norrby/sv/plan").status_code == HTTPStatus.NOT_FOUND
    assert "/plan" not in client.get("/norrby/sv/").text
    assert client.get("/api/v1/entries/moving-checklist?municipality=norrby").json["kind"] == "answer"


def test_the_plan_is_reached_from_every_page_and_from_the_chat(client: FlaskClient) -> None:
    for address in ("/norrby/en/", "/norrby/en/search", "/norrby/en/moving-checklist", "/?language=en"):
        assert read_page(client.get(address).text).all("a", href="/norrby/en/plan"), address
    asked = {"question": "moving checklist", "municipality": "norrby"}
    reply = client.post("/api/v1/chat", json=asked).json
    assert (reply["kind"], reply["entry"], reply["plan_link"]) == ("plan", "moving-checklist", "/norrby/en/plan")
    shown = read_page(client.post("/norrby/en/", data={"question": "moving checklist"}).text)
    assert shown.one("p", class_="whole").one("a")["href"] == "/norrby/en/plan"
    after = client.post("/api/v1/chat", json={**asked, "question": "in which order", "context": reply["context"]}).json
    assert after["context_ignored"] is False


@pytest.mark.parametrize("entry", ["school", "plots"])
def test_other_answers_lead_to_no_plan(client: FlaskClient, entry: str) -> None:
    reply = client.get(f"/api/v1/entries/{entry}?municipality=norrby").json
    assert (reply["kind"], reply["plan_link"]) == ("answer", None)


# the calendar


def events(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    response = post(client, "/norrby/en/plan.ics", **changes)
    assert response.status_code == HTTPStatus.OK
    assert response.content_type == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.data)
    assert calendar.errors == []
    return {event["uid"]: event for event in calendar.walk("VEVENT")}


def test_the_calendar_has_an_all_day_event_for_each_task(client: FlaskClient) -> None:
    found = events(client)
    assert set(found) == {
        f"{task}.norrby.plan@hemvist" for task in ("home", "school-place", "ferry", "register", "health-centre")
    }
    register = found["register.norrby.plan@hemvist"]
    assert register["dtstart"].params["VALUE"] == "DATE"
    assert register["dtstart"].dt == date(2027, 6, 2)
    assert register["dtend"].dt == date(2027, 6, 3)
    assert register["summary"] == "Register"
    assert register["transp"] == "TRANSPARENT"
    assert register["dtstamp"].dt == NOW
    assert "Last day: 8 September 2027" in register["description"]
    assert "https://www.nation.example/personnummer" in register["description"]
    assert register["url"] == "http://localhost/norrby/en/personal-identity-number"


def test_lines_are_ended_and_folded_as_calendars_want(client: FlaskClient) -> None:
    data = post(client, "/norrby/sv/plan.ics").data
    lines = data.split(b"\r\n")
    assert lines[0] == b"BEGIN:VCALENDAR"
    assert lines[-2:] == [b"END:VCALENDAR", b""]
    assert all(len(line) <= 75 and b"\n" not in line for line in lines)


def test_a_later_download_moves_the_same_events(at: Callable[[datetime], FlaskClient]) -> None:
    before, after = events(at(NOW)), events(at(NOW + timedelta(minutes=2)), date="2027-07-01")
    assert before.keys() == after.keys()
    for uid, event in after.items():
        assert event["sequence"] > before[uid]["sequence"] >= 0
        assert event["dtstamp"].dt > before[uid]["dtstamp"].dt
        assert event["dtstart"].dt > before[uid]["dtstart"].dt


def test_a_calendar_needs_a_date(client: FlaskClient) -> None:
    response = post(client, "/norrby/en/plan.ics", date=None)
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert "Say which day you move." in response.text


# the API


def test_the_api_gives_the_plan(client: FlaskClient) -> None:
    plan = client.post("/api/v1/plan", json={**WANTED, "language": "sv"}).json
    assert (plan["municipality"], plan["language"], plan["move"], plan["made_on"]) == (
        "norrby",
        "sv",
        "2027-06-01",
        "2026-11-22",
    )
    assert [task["id"] for task in plan["tasks"]] == ["home", "school-place", "ferry", "register", "health-centre"]
    register = plan["tasks"][3]
    assert (register["date"], register["deadline"], register["is_late"]) == ("2027-06-02", "2027-09-08", False)
    assert register["contacts"]
    assert plan["tasks"][0]["source"] is None


@pytest.mark.parametrize(
    ("changes", "status", "code", "field"),
    [
        ({"origin": None}, 422, "answer_missing", "origin"),
        ({"origin": "mars"}, 422, "answer_unknown", "origin"),
        ({"origin": ["abroad"]}, 422, "answer_unknown", "origin"),
        ({"citizenship": 1}, 422, "answer_unknown", "citizenship"),
        ({"children": "school"}, 422, "answers_unknown", "children"),
        ({"children": ["dog"]}, 422, "answers_unknown", "children"),
        ({"children": [[]]}, 422, "answers_unknown", "children"),
        ({"work": [None]}, 422, "answers_unknown", "work"),
        ({"car": "yes"}, 422, "answer_not_boolean", "car"),
        ({"date": "2027-02-30"}, 422, "date_invalid", "date"),
        ({"date": ""}, 422, "date_invalid", "date"),
        ({"date": 20270601}, 422, "date_invalid", "date"),
        ({"name": "Anna"}, 422, "field_unknown", None),
        ({"language": "de"}, 422, "language_unknown", "language"),
        ({"municipality": "nowhere"}, 404, "municipality_unknown", "municipality"),
    ],
)
def test_a_wrong_request_is_told(
    client: FlaskClient, changes: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    response = client.post("/api/v1/plan", json=WANTED | changes)
    assert response.status_code == status
    assert response.content_type == "application/problem+json"
    assert (response.json["code"], response.json["field"]) == (code, field)


def test_errors_are_told_in_both_languages(client: FlaskClient) -> None:
    wrong = {**WANTED, "date": "2027-02-30"}
    told = {one: client.post("/api/v1/plan", json={**wrong, "language": one}).json["detail"] for one in ("sv", "en")}
    assert told["sv"].startswith("Den dagen finns inte.")
    assert told["en"].startswith("There is no such day.")


# nothing is kept


def test_no_answer_is_logged_kept_or_put_in_an_address(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    app = make_app(HEMVIST_KNOWLEDGE=str(SHIPPED), HEMVIST_DATA=str(data))
    client = app.test_client()
    before = {path: path.stat().st_size for path in data.rglob("*") if path.is_file()}
    with caplog.at_level(logging.DEBUG):
        shown = post(client, "/vindeln/en/plan", citizenship="ukraine")
        post(client, "/vindeln/en/plan", date="2027-02-30")
        post(client, "/vindeln/en/plan.ics")
        client.post("/api/v1/plan", json={**WANTED, "municipality": "vindeln", "citizenship": "ukraine"})
    assert "ukraine" not in caplog.text
    assert "2027-06-01" not in caplog.text
    assert {path: path.stat().st_size for path in data.rglob("*") if path.is_file()} == before
    assert "Set-Cookie" not in shown.headers
    addresses = [link["href"] for link in read_page(shown.text).all("a")]
    assert [address for address in addresses if "ukraine" in address or "2027-06-01" in address] == []


@pytest.mark.parametrize(("language", "says"), [("sv", "flyttplanen"), ("en", "moving plan")])
def test_the_privacy_page_says_that_the_answers_are_not_saved(client: FlaskClient, language: str, says: str) -> None:
    assert says in client.get(f"/norrby/{language}/policy").text
