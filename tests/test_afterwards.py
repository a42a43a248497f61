"""After an answer: an opinion on it, and the deletion of the conversation, on both databases."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from reading import read_page
from sqlalchemy import select

from web.services import EXTENSION
from web.settings import Settings
from web.store.engine import open_engine, reading
from web.store.models import Feedback, Turn

FORGED = "norrby.plots.sv.abcdefghijklmnop.x.aaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbb"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


@pytest.fixture
def app(make_app: Callable[..., Flask], store_settings: Settings, database: dict[str, str]) -> Flask:
    made = make_app(HEMVIST_DATA=str(store_settings.data), **database)
    services = made.extensions[EXTENSION]
    # the words as they are: what takes personal data out of them has tests of its own
    services.journal._redact = lambda text: text
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def kept(app: Flask, store_settings: Settings) -> Callable[..., list[tuple[Any, ...]]]:
    """Read what is in the store by now, once nothing waits any more."""

    def read(*columns: Any) -> list[tuple[Any, ...]]:
        journal = app.extensions[EXTENSION].journal
        assert journal.forget(["0" * 64], "norrby", datetime.now(UTC), [], wait=15)  # done after all that was noted
        engine = open_engine(store_settings)
        try:
            with reading(engine).connect() as connection:
                return [tuple(row) for row in connection.execute(select(*columns))]
        finally:
            engine.dispose()

    return read


def ask(client: FlaskClient, question: str = "Vilka tomter är lediga i Norrby?", **members: object) -> dict[str, Any]:
    return client.post("/api/v1/chat", json={"question": question, "municipality": "norrby", **members}).json


def think(client: FlaskClient, context: str, headers: dict[str, str] | None = None, **members: object) -> Any:
    said = {"context": context, "entry": "plots", "helpful": True, **members}
    return client.post("/api/v1/feedback", json=said, headers=headers)


def delete(client: FlaskClient, context: object) -> Any:
    return client.delete("/api/v1/conversation", json={"context": context})


def test_turn_is_kept_with_a_hash_of_its_conversation(client: FlaskClient, kept: Callable) -> None:
    first = ask(client)
    ask(client, "Hur reserverar jag en tomt?", context=first["context"])
    ask(client, "qwrtz psdfg hjklm", language="en")
    rows = kept(Turn.municipality, Turn.language, Turn.kind, Turn.entry, Turn.question, Turn.gap)
    assert sorted(rows, key=str) == [
        ("norrby", "en", "none", None, "qwrtz psdfg hjklm", "qwrtz psdfg hjklm"),
        ("norrby", "sv", "answer", "plot-reservation", "Hur reserverar jag en tomt?", None),
        ("norrby", "sv", "answer", "plots", "Vilka tomter är lediga i Norrby?", None),
    ]
    hashes = [row[0] for row in kept(Turn.key_hash)]
    assert len(set(hashes)) == 2
    key = first["context"].split(".")[3]
    assert not any(key in one for one in hashes)


def test_danger_is_counted_without_its_words(client: FlaskClient, kept: Callable) -> None:
    assert ask(client, "jag vill dö")["kind"] == "safety"
    assert kept(Turn.kind, Turn.question, Turn.gap) == [("safety", None, None)]


def test_question_on_the_page_is_kept_too(client: FlaskClient, kept: Callable) -> None:
    client.post("/norrby/sv/", data={"question": "Vilka tomter är lediga i Norrby?"})
    assert kept(Turn.entry) == [("plots",)]


def test_question_shown_again_in_another_language_is_no_new_question(client: FlaskClient, kept: Callable) -> None:
    asked = {"question": "qwrtz psdfg hjklm", "municipality": "norrby", "language": "sv"}
    client.post("/api/v1/chat", json=asked)
    again = client.post("/api/v1/chat?again=1", json=asked | {"language": "en"})
    assert again.json["language"] == "en"
    assert kept(Turn.language) == [("sv",)]


def test_switch_without_script_is_no_new_question(client: FlaskClient, kept: Callable) -> None:
    page = read_page(client.post("/norrby/sv/", data={"question": "Vilka tomter är lediga i Norrby?"}).text)
    form = page.one("form", class_="switch")
    sent = {field["name"]: field["value"] for field in form.all("input")}
    assert "for sale" in client.post("/norrby/en/", data=sent).text
    assert kept(Turn.language) == [("sv",)]


def test_opinion_is_kept_once_for_each_answer(client: FlaskClient, kept: Callable) -> None:
    context = ask(client)["context"]
    for helpful in (True, False):
        response = think(client, context, helpful=helpful, reason="  för\u200b svårt ")
        assert (response.status_code, response.data) == (204, b"")
    assert kept(Feedback.entry, Feedback.helpful, Feedback.reason) == [("plots", False, "för svårt")]


def test_none_of_the_choices_is_an_opinion(client: FlaskClient, kept: Callable) -> None:
    assert think(client, ask(client)["context"], entry=None, helpful=False).status_code == 204
    assert kept(Feedback.entry, Feedback.helpful) == [(None, False)]


def test_repeated_opinion_is_counted_once(client: FlaskClient, kept: Callable) -> None:
    context, sent = ask(client)["context"], {"Idempotency-Key": "5c1f0c0e"}
    for _ in range(2):
        assert think(client, context, sent, entry=None, helpful=False).status_code == 204
    assert len(kept(Feedback.id)) == 1


@pytest.mark.parametrize("token", [FORGED, "", "å"], ids=["forged", "empty", "foreign letters"])
def test_forged_context_is_received_and_let_go(client: FlaskClient, kept: Callable, token: str) -> None:
    ask(client)
    assert think(client, token, entry="nothing").status_code == 204
    assert delete(client, token).status_code == 204
    assert (len(kept(Turn.id)), kept(Feedback.id)) == (1, [])


REFUSED = {
    "no context": ({"helpful": True}, 422, "context_missing"),
    "context null": ({"context": None, "helpful": True}, 422, "context_not_text"),
    "no opinion": ({"context": ""}, 422, "helpful_missing"),
    "opinion a number": ({"context": "", "helpful": 1}, 422, "helpful_not_boolean"),
    "opinion a text": ({"context": "", "helpful": "true"}, 422, "helpful_not_boolean"),
    "entry a number": ({"context": "", "helpful": True, "entry": 1}, 422, "entry_not_text"),
    "reason null": ({"context": "", "helpful": True, "reason": None}, 422, "reason_not_text"),
    "reason long": ({"context": "", "helpful": True, "reason": "x" * 501}, 422, "reason_too_long"),
    "reason half a character": ({"context": "", "helpful": True, "reason": "\ud800"}, 422, "text_invalid"),
    "more": ({"context": "", "helpful": True, "admin": True}, 422, "field_unknown"),
    "a list": ([1], 422, "body_not_object"),
}


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("members", "status", "code"), REFUSED.values(), ids=REFUSED)
def test_opinion_that_cannot_be_read_is_refused(client: FlaskClient, members: object, status: int, code: str) -> None:
    response = client.post("/api/v1/feedback", json=members)
    assert (response.status_code, response.json["code"]) == (status, code)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_opinion_on_an_answer_that_is_not_there_is_refused(client: FlaskClient) -> None:
    response = think(client, ask(client)["context"], entry="no-such-entry")
    assert (response.status_code, response.json["code"]) == (404, "entry_unknown")


def test_deleted_conversation_leaves_nothing_and_others_stay(client: FlaskClient, kept: Callable) -> None:
    first = ask(client)
    second = ask(client, "Hur reserverar jag en tomt?", context=first["context"])
    think(client, first["context"])
    other = ask(client)
    think(client, other["context"])
    for context in (second["context"], first["context"]):
        response = delete(client, context)
        assert (response.status_code, response.data) == (204, b"")
    assert (len(kept(Turn.id)), len(kept(Feedback.id))) == (1, 1)


def test_conversation_that_goes_on_after_its_deletion_is_kept_from_there(client: FlaskClient, kept: Callable) -> None:
    context = ask(client)["context"]
    assert delete(client, context).status_code == 204
    ask(client, "Hur reserverar jag en tomt?", context=context)
    assert kept(Turn.entry) == [("plot-reservation",)]


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("members", "code"),
    [({}, "context_missing"), ({"context": 1}, "context_not_text"), ({"context": "", "id": 1}, "field_unknown")],
)
def test_deletion_that_cannot_be_read_is_refused(client: FlaskClient, members: object, code: str) -> None:
    response = client.delete("/api/v1/conversation", json=members)
    assert (response.status_code, response.json["code"]) == (422, code)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_deletion_without_a_store_is_honest(app: Flask, client: FlaskClient) -> None:
    context = ask(client)["context"]
    app.extensions[EXTENSION].journal._failure = "gone"
    app.extensions[EXTENSION].journal._wake = _Deaf()
    response = delete(client, context)
    assert (response.status_code, response.json["code"]) == (503, "store_unavailable")
    assert response.headers["Retry-After"] == "60"
    assert "30" in response.json["detail"]


class _Deaf:
    """An event that wakes nobody, so that the store stays as it is."""

    def wait(self, _timeout: float) -> bool:
        time.sleep(0.01)
        return False

    def is_set(self) -> bool:
        return True

    def set(self) -> None: ...
    def clear(self) -> None: ...


def test_what_the_law_bids_to_keep_is_kept_and_that_is_said(
    make_app: Callable[..., Flask], knowledge_folder: Any, store_settings: Settings, database: dict[str, str]
) -> None:
    path = knowledge_folder / "municipalities/norrby/municipality.yaml"
    path.write_text(path.read_text("utf-8").replace("legal_hold: false", "legal_hold: true"), "utf-8")
    app = make_app(HEMVIST_DATA=str(store_settings.data), HEMVIST_KNOWLEDGE=str(knowledge_folder), **database)
    client = app.test_client()
    response = delete(client, ask(client)["context"])
    assert (response.status_code, response.json["code"]) == (409, "legal_hold")
    engine = open_engine(store_settings)
    with reading(engine).connect() as connection:
        assert len(connection.execute(select(Turn.id)).all()) == 1
    engine.dispose()


def test_42_personal_data_reaches_no_table(
    make_app: Callable[..., Flask], store_settings: Settings, database: dict[str, str]
) -> None:
    app = make_app(HEMVIST_DATA=str(store_settings.data), **database)
    client = app.test_client()
    context = ask(client, "mitt nummer är 811228-9874, var kan jag bo?")["context"]
    think(client, context, reason="ring mig på 070-123 45 67")
    app.extensions[EXTENSION].close()
    engine = open_engine(store_settings)
    with reading(engine).connect() as connection:
        everything = str([*connection.execute(select(Turn)), *connection.execute(select(Feedback))])
        words = [*connection.scalars(select(Turn.question)), *connection.scalars(select(Feedback.reason))]
    engine.dispose()
    assert [word.replace("[…]", "…") for word in words] == ["mitt nummer är …, var kan jag bo?", "ring mig på …"]
    assert not any(number in everything + str(words) for number in ("811228", "070-123"))
