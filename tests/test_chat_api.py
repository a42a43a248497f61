"""The chat API: one question, one reply of always the same shape, and a context that travels."""

import time
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import TimestampSigner

from web.signing import ContextSigner

MEMBERS = {
    *("kind", "language", "entry", "title", "text", "text_language", "source", "checked", "links", "next", "choices"),
    *("link", "person", "records", "total", "filters", "chips", "relaxed", "list_link", "plan_link", "together"),
    *("comparison", "contacts", "municipality", "municipalities"),
    *("notices", "confidence", "context", "context_ignored"),
}
PLOTS = "Vilka tomter är lediga i Norrby?"
RESERVE = "Hur reserverar jag en tomt?"
NONSENSE = "qwrtz psdfg hjklm"


def ask(client: FlaskClient, question: str, municipality: str = "norrby", **members: object) -> dict:
    response = client.post("/api/v1/chat", json={"question": question, "municipality": municipality, **members})
    assert response.status_code == 200, response.json
    return response.json


@pytest.mark.parametrize("question", [PLOTS, NONSENSE, "tomt", "någon andas inte"])
def test_reply_has_the_same_members_whatever_its_kind(client: FlaskClient, question: str) -> None:
    assert set(ask(client, question)) == MEMBERS


def test_answer_carries_all_that_makes_it_checkable(client: FlaskClient) -> None:
    reply = ask(client, PLOTS)
    assert (reply["kind"], reply["entry"], reply["language"], reply["text_language"]) == ("answer", "plots", "sv", "sv")
    assert "tolv" in reply["text"]
    assert reply["source"] == {
        "url": "https://www.norrby.example/tomter",
        "dated": "2026-02-22",
        "copied": "2026-11-21",
    }
    assert reply["checked"] == {"on": "2026-10-01", "by": "Byggkontoret", "due": "2027-10-01"}
    assert reply["link"] == "/norrby/sv/plots"
    assert reply["links"] == [{"url": "https://www.norrby.example/tomter", "label": "Tomtkartan"}]
    assert reply["choices"] == []
    assert 0 < reply["confidence"] <= 1


def test_contact_can_be_called_and_written_to(client: FlaskClient) -> None:
    (contact,) = ask(client, PLOTS)["contacts"]
    assert contact.pop("phone_hours")["week"][0] == {"days": "mån–fre", "times": "09.00–11.00"}
    assert contact == (
        {
            "name": "Byggkontoret i Norrby",
            "phone": "0933-140 20",
            "phone_link": "tel:+46-933-140-20",
            "email": "bygg@norrby.example",
            "url": None,
            "address": None,
            "note": "Telefontid 9–11.",
            "languages": [],
            "hours": None,
        }
    )


def test_next_questions_are_entries_with_titles_and_links(client: FlaskClient) -> None:
    expected = {
        "entry": "plot-reservation",
        "title": RESERVE,
        "title_language": "sv",
        "link": "/norrby/sv/plot-reservation",
    }
    assert ask(client, PLOTS)["next"] == [expected]


def test_question_in_english_is_answered_in_english(client: FlaskClient) -> None:
    reply = ask(client, "Which plots are available in Norrby?")
    assert (reply["language"], reply["entry"], reply["link"]) == ("en", "plots", "/norrby/en/plots")


def test_chosen_language_wins(client: FlaskClient) -> None:
    reply = ask(client, PLOTS, language="en")
    assert (reply["language"], reply["text_language"]) == ("en", "en")
    assert "twelve" in reply["text"]


def test_unknown_matter_gets_no_answer_but_a_person(client: FlaskClient) -> None:
    reply = ask(client, NONSENSE)
    assert (reply["kind"], reply["entry"], reply["link"], reply["source"]) == ("none", None, None, None)
    assert reply["contacts"][0]["phone"] in reply["text"]
    assert reply["contacts"][0]["name"] in reply["text"]


def test_unknown_matter_where_there_is_no_number_names_none(client: FlaskClient) -> None:
    reply = ask(client, NONSENSE, "ostby", language="en")
    assert (reply["kind"], reply["contacts"]) == ("none", [])
    assert reply["text"] == "I do not know the answer to that."


def test_emergency_comes_first(client: FlaskClient) -> None:
    reply = ask(client, "min son andas inte")
    assert (reply["kind"], reply["entry"]) == ("safety", "emergency")
    assert "112" in reply["text"]


def test_demonstration_says_so_and_an_official_service_does_not(client: FlaskClient) -> None:
    notices = ask(client, "börja skolan", "norrby")["notices"]
    assert "demonstration" in [notice["code"] for notice in notices]
    assert all(notice["text"] for notice in notices)
    assert "demonstration" not in [notice["code"] for notice in ask(client, "börja skolan", "soderby")["notices"]]


def test_answer_past_its_review_date_says_so(client: FlaskClient) -> None:
    assert "out-of-date" in [notice["code"] for notice in ask(client, RESERVE)["notices"]]


def test_answer_in_the_other_language_says_so(client: FlaskClient) -> None:
    reply = ask(client, "tippen öppettider", "ostby", language="en")
    assert (reply["language"], reply["text_language"]) == ("en", "sv")
    texts = {notice["code"]: notice["text"] for notice in reply["notices"]}
    assert texts["other-language"] == "This answer is only written in Swedish so far."


def test_same_question_has_the_same_answer(client: FlaskClient) -> None:
    assert {**ask(client, PLOTS), "context": ""} == {**ask(client, PLOTS), "context": ""}


def test_confidence_and_links_do_not_depend_on_the_host_named(client: FlaskClient) -> None:
    spoofed = client.post(
        "/api/v1/chat",
        json={"question": PLOTS, "municipality": "norrby"},
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Original-URL": "/evil"},
    )
    assert b"evil" not in spoofed.data
    assert "evil" not in str(spoofed.headers)


# context


def test_context_keeps_the_key_of_the_conversation(app: Flask, client: FlaskClient) -> None:
    first = ask(client, PLOTS)
    second = ask(client, RESERVE, context=first["context"])
    keys = [read(app, reply["context"]).key for reply in (first, second)]
    assert keys[0] == keys[1]
    assert second["context_ignored"] is False


def read(app: Flask, token: str):
    context = app.extensions["hemvist"].signer.read(token, "norrby")
    assert context is not None
    return context


def test_context_remembers_the_entry_of_an_answer_only(app: Flask, client: FlaskClient) -> None:
    assert read(app, ask(client, PLOTS)["context"]).entry == "plots"
    assert read(app, ask(client, NONSENSE)["context"]).entry is None
    assert read(app, ask(client, "min son andas inte")["context"]).entry is None


def test_conversations_have_keys_of_their_own(app: Flask, client: FlaskClient) -> None:
    keys = {read(app, ask(client, PLOTS)["context"]).key for _ in range(20)}
    assert len(keys) == 20
    assert all(len(key) >= 22 for key in keys)


def forged(token: str) -> str:
    return token.replace("plots", "school")


def of_another_server(_token: str) -> str:
    return ContextSigner(["another-secret-" * 4]).sign(ContextOf("norrby"))


def cut(token: str) -> str:
    return token[:-3]


def nonsense(_token: str) -> str:
    return "../../etc/passwd"


def ContextOf(municipality: str):  # noqa: N802 - reads as the value it makes
    from bot import Context

    return Context(municipality, "plots", "sv", "k" * 22)


@pytest.mark.parametrize("spoil", [forged, of_another_server, cut, nonsense])
def test_34_context_that_is_not_ours_is_ignored_and_said_so(client: FlaskClient, spoil: Callable[[str], str]) -> None:
    reply = ask(client, RESERVE, context=spoil(ask(client, PLOTS)["context"]))
    assert reply["context_ignored"] is True
    assert reply["entry"] == "plot-reservation"


def test_34_context_of_another_municipality_is_ignored(client: FlaskClient) -> None:
    assert ask(client, "börja skolan", "soderby", context=ask(client, PLOTS)["context"])["context_ignored"] is True


def test_34_context_older_than_a_day_is_ignored(
    app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _signer: int(time.time()) - 25 * 3600)
    old = ask(client, PLOTS)["context"]
    monkeypatch.undo()
    assert ask(client, RESERVE, context=old)["context_ignored"] is True


def test_empty_context_is_no_context(client: FlaskClient) -> None:
    assert ask(client, PLOTS, context="")["context_ignored"] is False


def test_topic_carries_over(client: FlaskClient) -> None:
    first = ask(client, "börja skolan")
    assert ask(client, "berätta mer", context=first["context"])["context_ignored"] is False


# explain


def test_explanation_comes_where_it_is_asked_for(client: FlaskClient) -> None:
    response = client.post("/api/v1/chat?explain=1", json={"question": PLOTS, "municipality": "norrby"})
    assert set(response.json) == {*MEMBERS, "explanation"}
    assert response.json["explanation"]["candidates"][0]["entry"] == "plots"


def test_explanation_is_asked_for_with_one(client: FlaskClient) -> None:
    response = client.post("/api/v1/chat?explain=maybe", json={"question": PLOTS, "municipality": "norrby"})
    assert (response.status_code, response.json["code"], response.json["field"]) == (
        422,
        "parameter_invalid",
        "explain",
    )


# entries and municipalities


def test_entry_can_be_read_by_its_id_and_asked_on_from(app: Flask, client: FlaskClient) -> None:
    entry = client.get("/api/v1/entries/plots?municipality=norrby&language=en").json
    assert set(entry) == MEMBERS
    assert (entry["kind"], entry["entry"], entry["language"]) == ("answer", "plots", "en")
    assert read(app, entry["context"]).entry == "plots"


def test_entry_without_language_follows_the_browser(client: FlaskClient) -> None:
    headers = {"Accept-Language": "de, en;q=0.8, sv;q=0.5"}
    assert client.get("/api/v1/entries/plots?municipality=norrby", headers=headers).json["language"] == "en"
    assert client.get("/api/v1/entries/plots?municipality=norrby").json["language"] == "sv"


def test_entry_of_the_group_and_the_nation_can_be_read(client: FlaskClient) -> None:
    assert client.get("/api/v1/entries/newcomer-service?municipality=soderby").status_code == 200
    assert client.get("/api/v1/entries/health-centre?municipality=ostby").status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("nothing?municipality=norrby", 404, "entry_unknown"),
        ("plot-reservation?municipality=ostby", 404, "entry_unknown"),
        ("newcomer-service?municipality=ostby", 404, "entry_unknown"),
        ("summer-jobs?municipality=ostby", 404, "entry_unknown"),
        ("..%2f..%2fetc?municipality=norrby", 404, "not_found"),
        ("plots?municipality=nowhere", 404, "municipality_unknown"),
        ("plots", 422, "municipality_missing"),
        ("plots?municipality=norrby&language=de", 422, "language_unknown"),
        ("%ff%00?municipality=norrby", 404, "entry_unknown"),
    ],
)
def test_entry_that_is_not_there_is_refused(client: FlaskClient, path: str, status: int, code: str) -> None:
    response = client.get(f"/api/v1/entries/{path}")
    assert (response.status_code, response.json["code"]) == (status, code)


def test_municipalities_are_listed(client: FlaskClient) -> None:
    listed = client.get("/api/v1/municipalities").json["municipalities"]
    assert [item["id"] for item in listed] == ["norrby", "ostby", "soderby"]
    assert listed[1] == {
        "id": "ostby",
        "name": {"sv": "Östby", "en": "Östby"},
        "code": "9903",
        "official": False,
        "site": None,
        "link": {"sv": "/ostby/sv/", "en": "/ostby/en/"},
    }


def test_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = {"status": "ok", "municipalities": 3, "unread": 0, "store": "ok", "problems": []}
    assert client.get("/readyz").json == ready
