"""The way to a person: whom to call and when, the form without a script, and the same over HTTP."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from reading import read_page

from web.errors import PROBLEMS
from web.services import EXTENSION
from web.store.engine import open_engine
from web.store.messages import listed
from web.store.schema import upgrade

PAGE = "/norrby/sv/person"
FORM = {"topic": "housing", "message": "Vi vill bygga.", "email": "anna@post.example", "token": "t1"}
JSON = {"municipality": "norrby", "message": "Vi vill bygga.", "email": "anna@post.example"}
DANGER = "jag orkar inte leva längre"


@pytest.fixture
def fresh(make_app: Callable[..., Flask]) -> Flask:
    """An application with a store of its own."""
    return make_app()


def kept(app: Flask) -> list[Any]:
    """The messages in the store with what was sealed in them."""
    services = app.extensions[EXTENSION]
    engine = open_engine(services.settings)
    try:
        upgrade(engine)  # where nothing is kept yet, the application may not have come to it
        rows = listed(engine)
    finally:
        engine.dispose()
    seal = services.desk._seal
    return [(row, seal.open(row.key_name, row.sealed, f"{row.id}|{row.municipality}")) for row in rows]


def send(app: Flask, page: str = PAGE, headers: dict[str, str] | None = None, **changed: str) -> Any:
    return app.test_client().post(page, data={**FORM, **changed}, headers=headers)


def number_in(response: Any) -> str:
    found = re.search(r"<strong>([0-9A-Z]{5}-[0-9A-Z]{5})</strong>", response.text)
    assert found
    return found[1]


# the page


@pytest.mark.parametrize(
    ("when", "said"),
    [
        (datetime(2026, 11, 23, 9, 0), "Svarar i telefon nu, till 16.30"),
        (datetime(2026, 11, 23, 18, 0), "Öppnar i morgon kl. 08.00"),
        (datetime(2026, 11, 27, 16, 0), "Öppnar måndag 30 november kl. 08.00"),
    ],
    ids=["open", "tomorrow", "next week"],
)
def test_page_says_whether_somebody_answers_now(
    make_app: Callable[..., Flask], knowledge_folder: Path, when: datetime, said: str
) -> None:
    path = knowledge_folder / "municipalities" / "norrby" / "contacts.yaml"
    path.write_text(path.read_text("utf-8").replace("    hours:", "    phone_hours:", 1), "utf-8")
    app = make_app(lambda zone: when.replace(tzinfo=zone), HEMVIST_KNOWLEDGE=str(knowledge_folder))
    for address in (PAGE, "/norrby/sv/"):
        assert said in app.test_client().get(address).text


@pytest.mark.parametrize(
    ("about", "topic"), [("plots", "housing"), ("school", "family-and-care"), ("x", "other"), ("", "other")]
)
def test_topic_is_that_of_the_answer_one_comes_from(client: FlaskClient, about: str, topic: str) -> None:
    page = read_page(client.get(f"{PAGE}?about={about}").text)
    (chosen,) = [one for one in page.one("select").all("option") if "selected" in one.attributes]
    assert chosen["value"] == topic


def test_page_says_what_becomes_of_a_message(client: FlaskClient) -> None:
    text = client.get(PAGE).text
    for part in (
        "allmän handling",
        "krypterat",
        "inte beslutat än hur länge",
        "skickas inte till kommunen",
        "räkna inte med",
    ):
        assert part in text


def test_municipality_that_has_decided_says_so(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    path = knowledge_folder / "municipalities" / "norrby" / "municipality.yaml"
    text = path.read_text("utf-8").replace("official: false", "official: true").replace("disposal: null\n", "")
    path.write_text(f"{text}disposal: KS 2026/12\nmessage_days: 90\nreply_days: 3\n", "utf-8")
    client = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder)).test_client()
    swedish, english = (client.get(f"/norrby/{language}/person").text for language in ("sv", "en"))
    assert "90 dagar efter att det är hanterat. Beslut: KS 2026/12." in swedish
    assert "within 3 working days" in english


@pytest.mark.parametrize(
    "address", ["/norrby/sv/", "/norrby/sv/plots", "/norrby/sv/search", "/norrby/sv/map", "/norrby/en/policy"]
)
def test_page_is_reached_from_everywhere(client: FlaskClient, address: str) -> None:
    links = {link["href"] for link in read_page(client.get(address).text).all("a")}
    assert links & {"/norrby/sv/person", "/norrby/en/person"}


@pytest.mark.parametrize(
    ("question", "link"),
    [
        ("bästa receptet på pannkakor", "/norrby/sv/person"),
        ("Hur reserverar jag en tomt?", "/norrby/sv/person?about=plot-reservation"),
        (DANGER, None),
    ],
    ids=["none", "answer", "danger"],
)
def test_reply_leads_to_a_person(client: FlaskClient, question: str, link: str | None) -> None:
    reply = client.post("/api/v1/chat", json={"question": question, "municipality": "norrby", "language": "sv"}).json
    assert reply["person"] == link
    page = client.post("/norrby/sv/", data={"question": question})
    card = read_page(page.text).one("main").text
    assert ("Skriv till en människa" in card.split("Vill du hellre")[0]) is (link is not None)


# the form


def test_message_is_kept_and_a_number_given(fresh: Flask) -> None:
    response = send(fresh, phone="+48 22 123 45 67", name="Anna Ek", language="en")
    ((row, secret),) = kept(fresh)
    assert (response.status_code, row.id) == (200, number_in(response))
    assert (row.municipality, row.language, row.topic, row.state) == ("norrby", "en", "housing", "listed")
    assert secret == {
        "message": "Vi vill bygga.",
        "name": "Anna Ek",
        "email": "anna@post.example",
        "phone": "+48 22 123 45 67",
        "is_danger": False,
    }
    assert response.headers["Cache-Control"] == "no-store"


def test_same_form_twice_is_one_message_and_other_words_another(fresh: Flask) -> None:
    assert number_in(send(fresh)) == number_in(send(fresh))
    assert len(kept(fresh)) == 1
    send(fresh, message="Vi vill hyra.")
    send(fresh, **{"token": "t2"})  # noqa: PIE804 - ruff takes a form's token for a password
    assert len(kept(fresh)) == 3


def test_personal_data_is_taken_out_of_the_message_but_not_of_the_ways_to_be_reached(fresh: Flask) -> None:
    response = send(
        fresh,
        message="Jag är 811228-9874.\n\nRing 070-123 45 67 eller ring bygg@norrby.example",
        name="Anna 811228-9874",
        phone="070-765 43 21",
    )
    ((_row, secret),) = kept(fresh)
    assert secret["message"].startswith("Jag är […].\n\nRing […] eller ring")
    assert (secret["name"], secret["phone"], secret["email"]) == ("Anna […]", "070-765 43 21", "anna@post.example")
    assert "togs bort innan meddelandet sparades" in response.text


MISTAKES = {
    "no message": ({"message": " \u200b\n "}, "message", "message_missing"),
    "long message": ({"message": "å" * 4_001}, "message", "message_too_long"),
    "no way to answer": ({"email": " "}, "email", "contact_missing"),
    "e-mail": ({"email": "anna@post"}, "email", "email_invalid"),
    "e-mail of two lines": ({"email": "a@b.se\r\nBcc: all@evil.example"}, "email", "email_invalid"),
    "e-mail of two": ({"email": "a@b.se,c@d.se"}, "email", "email_invalid"),
    "phone": ({"phone": "ring mig"}, "phone", "phone_invalid"),
    "phone of two lines": ({"phone": "070-123 45 67\r\nX: y"}, "phone", "phone_invalid"),
    "identity number for a phone": ({"phone": "19811228-9874"}, "phone", "phone_personal_number"),
    "name of two lines": ({"name": "Anna\r\nBcc: all@evil.example"}, "name", "name_invalid"),
    "name of a novel": ({"name": "A" * 101}, "name", "name_invalid"),
    "topic of two lines": ({"topic": "housing\r\nBcc: all@evil.example"}, "topic", "topic_unknown"),
}


@pytest.mark.parametrize(("changed", "field", "code"), MISTAKES.values(), ids=MISTAKES)
def test_mistake_is_told_at_its_field_and_every_word_stays(
    fresh: Flask, changed: dict[str, str], field: str, code: str
) -> None:
    response = send(fresh, page="/norrby/en/person", **{"name": "Anna Ek", **changed})
    page = read_page(response.text)
    assert (response.status_code, page.one("title").text.startswith("Error:")) == (422, True)
    (link,) = [link for link in page.one("main").all("a") if link["href"] == f"#{field}"]
    said = PROBLEMS[code][1].split("%")[0]
    assert said in link.text
    (marked,) = [
        one for tag in ("input", "textarea", "select") for one in page.all(tag) if "aria-invalid" in one.attributes
    ]
    assert marked["id"] == field
    assert f"{field}-mistake" in marked["aria-describedby"]
    typed = {**FORM, "name": "Anna Ek", **changed}
    for name in ("email", "phone", "name"):
        (box,) = [one for one in page.all("input") if one.attributes.get("name") == name]
        assert box["value"].split() == typed.get(name, "").split()
    assert page.one("textarea").text.split() == typed["message"].split()
    assert kept(fresh) == []


def test_all_mistakes_are_told_at_once(fresh: Flask) -> None:
    page = read_page(send(fresh, message="", email="x", name="a\nb").text)
    assert [link["href"] for link in page.one("main").all("a") if link["href"].startswith("#")] == [
        "#message",
        "#email",
        "#name",
    ]


def test_ten_megabytes_are_refused_and_nothing_is_kept(fresh: Flask) -> None:
    response = send(fresh, message="x" * 10_000_000)
    assert response.status_code == 413
    assert "högst 4000" in response.text
    response = fresh.test_client().post("/api/v1/messages", json={**JSON, "message": "x" * 10_000_000})
    assert (response.status_code, response.json["code"]) == (413, "body_too_large")
    assert kept(fresh) == []


def test_longest_message_in_any_script_is_taken(fresh: Flask) -> None:
    assert send(fresh, message="字" * 4_000).status_code == 200


def test_hostile_words_are_only_text(fresh: Flask) -> None:
    response = send(fresh, message="<script>x</script>", name='"><img src=x>', email="")
    assert "<script>x" not in response.text
    assert "<img" not in response.text


FOREIGN = {
    "cross-site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "same-site": {"Sec-Fetch-Site": "same-site"},
    "an old browser": {"Origin": "https://evil.example"},
}
OWN = {
    "same-origin without referrer": {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    "same origin": {"Origin": "http://localhost"},
    "says nothing": {},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_form_on_another_site_is_refused(fresh: Flask, headers: dict[str, str]) -> None:
    assert send(fresh, headers=headers).status_code == 403
    assert kept(fresh) == []


@pytest.mark.parametrize("headers", OWN.values(), ids=OWN)
def test_own_form_is_taken(fresh: Flask, headers: dict[str, str]) -> None:
    assert send(fresh, headers=headers).status_code == 200


# danger


def test_danger_is_met_with_the_numbers_before_anything_is_sent(fresh: Flask) -> None:
    response = send(fresh, message=DANGER, name="Anna Ek")
    page = read_page(response.text)
    (alert,) = [one for one in page.all("div") if one.attributes.get("role") == "alert"]
    assert {"tel:112", "tel:90101"} <= {link["href"] for link in alert.all("a")}
    assert page.one("textarea").text.strip() == DANGER
    assert page.one("main").all("button")[0].text == "Skicka ändå"
    assert kept(fresh) == []


def test_danger_is_sent_when_it_is_confirmed_and_the_numbers_stay(fresh: Flask) -> None:
    response = send(fresh, message=DANGER, confirmed="1")
    ((row, secret),) = kept(fresh)
    assert row.id == number_in(response)
    assert secret["is_danger"] is True
    assert "tel:90101" in response.text


def test_danger_is_met_however_much_was_asked(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_LIMIT_CONVERSATION="1", HEMVIST_TRUSTED_PROXIES="1")
    headers = {"X-Forwarded-For": "203.0.113.7"}
    assert send(app, headers=headers).status_code == 200
    refused = send(app, headers=headers, message="Ännu en fråga")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0
    assert "112" in refused.text
    assert "Ännu en fråga" in refused.text
    assert "tel:90101" in send(app, headers=headers, message=DANGER).text


def test_store_that_is_gone_is_told_and_every_word_stays(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    app = make_app(HEMVIST_DATA=str(tmp_path), HEMVIST_DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    response = send(app)
    assert response.status_code == 503
    assert "inte skickad" in response.text or "inte skickat" in response.text
    assert "Vi vill bygga." in response.text
    assert "tel:90101" in send(app, message=DANGER).text


# over HTTP


def test_api_takes_a_message_once_for_a_key(fresh: Flask) -> None:
    client = fresh.test_client()
    first, again = (client.post("/api/v1/messages", json=JSON, headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.status_code == 200
    assert first.json == again.json
    assert first.json["taken"] is True
    assert re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", first.json["number"])
    other = client.post("/api/v1/messages", json={**JSON, "message": "Other"}, headers={"Idempotency-Key": "k1"})
    assert (other.status_code, other.json["code"]) == (409, "idempotency_key_reused")
    assert len(kept(fresh)) == 1


def test_api_shows_the_numbers_first(fresh: Flask) -> None:
    client = fresh.test_client()
    told = client.post("/api/v1/messages", json={**JSON, "message": DANGER}).json
    assert (told["taken"], told["number"]) == (False, None)
    assert "112" in told["crisis"]["text"]
    assert kept(fresh) == []
    assert client.post("/api/v1/messages", json={**JSON, "message": DANGER, "confirmed": True}).json["taken"] is True


REFUSED = {
    "no municipality": ({"municipality": None}, "municipality_not_text"),
    "unknown municipality": ({"municipality": "nowhere"}, "municipality_unknown"),
    "no message": ({"message": ""}, "message_missing"),
    "message a number": ({"message": 7}, "member_not_text"),
    "half a character": ({"message": "a\ud800"}, "text_invalid"),
    "no way to answer": ({"email": None}, "contact_missing"),
    "header in the name": ({"name": "a\r\nBcc: b@c.se"}, "name_invalid"),
    "header in the topic": ({"topic": "other\r\nBcc: b@c.se"}, "topic_unknown"),
    "confirmed a text": ({"confirmed": "yes"}, "confirmed_not_boolean"),
    "unknown member": ({"bcc": "b@c.se"}, "field_unknown"),
}


@pytest.mark.parametrize(("changed", "code"), REFUSED.values(), ids=REFUSED)
def test_api_refuses(fresh: Flask, changed: dict[str, Any], code: str) -> None:
    response = fresh.test_client().post("/api/v1/messages", json={**JSON, **changed})
    assert response.json["code"] == code
    assert "Bcc" not in response.text
    assert kept(fresh) == []


def test_api_is_closed_to_other_sites(make_app: Callable[..., Flask]) -> None:
    client = make_app(HEMVIST_HOST="192.0.2.1").test_client()
    response = client.post("/api/v1/messages", json=JSON, headers={"Origin": "https://evil.example"})
    assert (response.status_code, response.json["code"]) == (403, "origin_foreign")


def test_moment_is_the_servers(make_app: Callable[..., Flask]) -> None:
    app = make_app(lambda zone: datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Europe/Stockholm")))
    send(app)
    ((row, _secret),) = kept(app)
    assert row.at.isoformat() == "2026-11-23T09:00:00+00:00"
