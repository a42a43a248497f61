"""Messages to a person on the pages of staff, and what home says of them: who opened which is always known."""

from collections.abc import Callable
from datetime import timedelta

import pytest
import seeds
from flask import Flask
from members import NOON, Browser, StoppedClock, add_member, begin_anew, count_deeds, deeds, service_of
from sqlalchemy import update

from web.feed_files import note_failure, path_of
from web.settings import Settings
from web.store.models import Message

ONE = "ABCDE-12345"


@pytest.fixture(scope="module")
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture(scope="module")
def made(make_app: Callable[..., Flask], clock: StoppedClock) -> Flask:
    return make_app(clock)


@pytest.fixture
def database() -> dict[str, str]:
    """What the store does is tested on both databases; here are pages."""
    return {}


@pytest.fixture
def app(made: Flask, store_settings: Settings, clock: StoppedClock) -> Flask:
    app = begin_anew(made, store_settings, clock)
    add_member(app, "eva@norrby.example", ("norrby", "editor"))
    add_member(app, "vera@norrby.example", ("norrby", "viewer"))
    add_member(app, "sara@soderby.example", ("soderby", "editor"))
    seeds.leave_message(store_settings, ONE)
    return app


@pytest.fixture
def eva(app: Flask, clock: StoppedClock) -> Browser:
    return Browser(app).sign_in("eva@norrby.example", clock)


def test_the_list_opens_none(app: Flask, eva: Browser) -> None:
    before = count_deeds(app)
    page = eva.get("/staff/norrby/messages").text
    assert ONE in page
    assert ">ej läst</span>" in page
    for secret in ("Finns det plats", "Åsa", "asa@example.com", "070"):
        assert secret not in page
    assert count_deeds(app) == before


def test_reading_is_noted_each_time(app: Flask, eva: Browser) -> None:
    page = eva.get(f"/staff/norrby/messages/{ONE}").text
    for said in ("Finns det plats", "Åsa Lind", "asa@example.com", 'href="tel:+46-70-174-06-05"'):
        assert said in page
    eva.get(f"/staff/norrby/messages/{ONE}")
    assert deeds(app).count("message_read") == 2
    assert ">ej läst</span>" not in eva.get("/staff/norrby/messages").text


def test_what_cannot_be_noted_is_not_read(app: Flask, eva: Browser) -> None:
    with service_of(app).store.writing() as connection:
        connection.exec_driver_sql("ALTER TABLE audit RENAME TO gone")
    answer = eva.get(f"/staff/norrby/messages/{ONE}")
    assert answer.status_code == 503
    assert "Finns det plats" not in answer.text


def test_it_is_handled_and_noted(app: Flask, eva: Browser) -> None:
    assert eva.post(f"/staff/norrby/messages/{ONE}", {"x": "1"}).status_code == 303
    assert deeds(app)[-1] == "message_handled"
    eva.get("/staff/norrby/messages")  # which says once what was done
    assert ONE not in eva.get("/staff/norrby/messages").text
    assert ONE in eva.get("/staff/norrby/messages?state=handled").text
    assert "Det är hanterat" not in eva.get(f"/staff/norrby/messages/{ONE}").text


@pytest.mark.parametrize("number", ["ABCDE-99999", "abcde-12345", "x" * 40, "..", "ABCDE-12345%0A"])
def test_a_number_that_is_none_is_not_there(app: Flask, eva: Browser, number: str) -> None:
    before = count_deeds(app)
    assert eva.get(f"/staff/norrby/messages/{number}").status_code == 404
    assert eva.post(f"/staff/norrby/messages/{number}", {"x": "1"}).status_code == 404
    assert count_deeds(app) == before


def test_another_municipality_has_it_not(app: Flask, clock: StoppedClock) -> None:
    sara = Browser(app).sign_in("sara@soderby.example", clock)
    assert ONE not in sara.get("/staff/soderby/messages").text
    assert sara.get(f"/staff/soderby/messages/{ONE}").status_code == 404
    assert sara.post(f"/staff/soderby/messages/{ONE}", {"x": "1"}).status_code == 404


def test_who_only_looks_sees_that_it_is_there(app: Flask, clock: StoppedClock) -> None:
    vera = Browser(app).sign_in("vera@norrby.example", clock)
    page = vera.get("/staff/norrby/messages").text
    assert ONE in page
    assert f"/messages/{ONE}" not in page
    assert vera.get(f"/staff/norrby/messages/{ONE}").status_code == 403


def test_danger_is_marked(app: Flask, eva: Browser) -> None:
    seeds.leave_message(seeds.store_of(app), "DANGE-00001", secret={"is_danger": True})
    assert "Läs först" in eva.get("/staff/norrby/messages/DANGE-00001").text


def test_one_that_cannot_be_opened_says_why(app: Flask, eva: Browser) -> None:
    with service_of(app).store.writing() as connection:
        connection.execute(update(Message).values(key_name="another"))
    page = eva.get(f"/staff/norrby/messages/{ONE}").text
    assert "går inte att öppna" in page
    assert "Åsa" not in page


STUCK = {
    "refused": ({"state": "refused", "problem": "550 no such user"}, True),
    "waiting for long": ({"state": "waiting", "at": NOON - timedelta(hours=2)}, True),
    "waiting": ({"state": "waiting"}, False),
    "delivered": ({"state": "sent", "sent_at": NOON}, False),
}


@pytest.mark.parametrize(("values", "is_stuck"), STUCK.values(), ids=STUCK)
def test_what_did_not_arrive_is_shown(app: Flask, eva: Browser, values: dict[str, object], *, is_stuck: bool) -> None:
    with service_of(app).store.writing() as connection:
        connection.execute(update(Message).values(values))
    assert (ONE in eva.get("/staff/norrby/messages?state=undelivered").text) is is_stuck
    assert ("har inte nått brevlådan" in eva.get("/staff/norrby/").text) is is_stuck


# home


def test_home_says_what_waits_by_visitors(app: Flask, eva: Browser) -> None:
    settings = seeds.store_of(app)
    seeds.ask(settings, *["kan man ha höns"] * 3, *["finns det curling"] * 2, "xylofon", "zeppelin", "quinoa")
    (settings.data / "feeds" / "norrby").mkdir(parents=True)
    note_failure(path_of(settings.data, "norrby", "plots", "kartan"), "the server answers 500", NOON)
    page = eva.get("/staff/norrby/").text
    order = (
        "”kan man ha höns” fick inget bra svar",
        "”finns det curling”",
        "”quinoa” fick inget bra svar",
        "2 frågor till utan bra svar",
        "Ingen har läst 1 meddelande",
        "Tomterna från kartan",
    )
    assert [page.index(said) for said in order] == sorted(page.index(said) for said in order)


def test_home_names_no_message_that_is_handled(app: Flask, eva: Browser) -> None:
    eva.post(f"/staff/norrby/messages/{ONE}", {"x": "1"})
    assert "meddelande</" not in eva.get("/staff/norrby/").text.split("<h1>")[1]


def test_home_is_quiet_where_nothing_waits(app: Flask, clock: StoppedClock) -> None:
    sara = Browser(app).sign_in("sara@soderby.example", clock)
    assert "Inget väntar" in sara.get("/staff/soderby/").text
