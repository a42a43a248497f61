"""Attacks on the whole application at once: every route read, every view failing, every member too many, personal data
sent wherever something can be sent, and what the disk holds afterwards.
"""

import json
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import seeds
from flask import Flask
from flask.testing import FlaskClient
from members import OWN, Browser, add_member, service_of
from sqlalchemy import inspect, text
from test_security import paths

from bot import redact
from web.services import EXTENSION, get_services
from web.signing import ContextSigner

KNOWLEDGE = Path(__file__).parent / "knowledge"
MEMBER = "admin@norrby.example"
PERSON = "811228-9874"
PHONE = "070-123 45 67"
QUESTION = {"question": "Hur reserverar jag en tomt?", "municipality": "norrby"}
HIDDEN = {
    "zero width space": "\u200b", "zero width joiner": "\u200d", "byte order mark": "\ufeff", "soft hyphen": "\u00ad",
    "word joiner": "\u2060", "right to left override": "\u202e", "isolate": "\u2068", "tag": "\U000e0041",
    "grapheme joiner": "\u034f", "variation selector": "\ufe0f", "rare variation selector": "\U000e0100",
    "mongolian vowel separator": "\u180e", "arabic letter mark": "\u061c", "hangul filler": "\u3164",
    "shorthand format": "\U0001bca0", "musical sign": "\U0001d173", "deprecated format": "\u206a",
    "annotation": "\ufff9",
}  # fmt: skip


@pytest.fixture(scope="module")
def room(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application on a folder of its own, with an administrator of all."""
    folder = shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("room") / "knowledge")
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    add_member(app, MEMBER, ("*", "admin"))
    return app


@pytest.fixture(scope="module")
def inside(room: Flask) -> Browser:
    return Browser(room).sign_in(MEMBER)


def data_of(app: Flask) -> Path:
    with app.app_context():
        return get_services().settings.data


# invisible text (T30)


@pytest.mark.parametrize("sign", HIDDEN.values(), ids=HIDDEN)
def test_what_nobody_sees_hides_nothing(client: FlaskClient, sign: str) -> None:
    for question in ("Hur reserverar jag en tomt?", "jag vill dö"):
        asked = [{**QUESTION, "question": one} for one in (question, sign.join(question) + sign)]
        plain, hidden = (client.post("/api/v1/chat", json=one).json for one in asked)
        assert {**hidden, "context": ""} == {**plain, "context": ""}
    assert redact(sign.join(PERSON)).kinds == ("personal-number",)
    assert redact(sign.join("anna@exempel.se")).kinds == ("email",)


# reading changes nothing (T10)


def rows(app: Flask) -> dict[str, list[str]]:
    """Return all rows of the store, but for when a session was last used."""
    found = {}
    with service_of(app).store.reading() as connection:
        for table in {*inspect(connection).get_table_names()} - {"forgotten"}:  # `settled` writes into that one
            names = [column["name"] for column in inspect(connection).get_columns(table)]
            kept = [name for name in names if (table, name) != ("sessions", "seen_at")]
            statement = f"SELECT {', '.join(kept)} FROM {table}"  # noqa: S608 - names of our own tables
            found[table] = sorted(map(repr, connection.execute(text(statement)).fetchall()))
    return found


def files(*folders: Path) -> dict[str, bytes]:
    """Return what stands in the files that are no database."""
    every = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(path): path.read_bytes() for path in every if ".db" not in path.name}


def test_reading_every_address_changes_no_row_and_no_file(room: Flask, inside: Browser) -> None:
    folder = get_folder(room)
    for path in paths(room):  # what is made when it is first asked for
        inside.client.get(path).close()
    settled(room)
    before = rows(room), files(folder, data_of(room))
    visitor = room.test_client()
    wishes = "?do=delete&role=admin&withdraw=1&remove=1&publish=1&csrf_token=x&_method=DELETE"
    for path in paths(room):
        visitor.get(path + wishes, headers={"X-HTTP-Method-Override": "POST"}).close()
        inside.client.get(path + wishes, headers={"X-HTTP-Method-Override": "DELETE"}).close()
    settled(room)
    after = rows(room), files(folder, data_of(room))
    assert [name for was, now in zip(before, after, strict=True) for name in now if now[name] != was.get(name)] == []


def get_folder(app: Flask) -> Path:
    with app.app_context():
        return get_services().settings.knowledge


def settled(app: Flask) -> None:
    """Wait until what was noted is written."""
    assert app.extensions[EXTENSION].journal.forget(["0" * 64], "norrby", datetime.now(ZoneInfo("UTC")), [], wait=15)


# ids of others (T11)


def test_ten_thousand_keys_of_conversations_have_no_order(client: FlaskClient) -> None:
    contexts = [client.get("/api/v1/entries/plots?municipality=norrby").json["context"] for _ in range(50)]
    keys = [context.split(".")[3] for context in contexts]
    keys += [secrets.token_urlsafe(16) for _ in range(10_000 - len(keys))]
    assert len(set(keys)) == 10_000
    assert {len(key) for key in keys} == {22}, "128 bits"
    assert keys != sorted(keys)
    assert not any(first[:8] == second[:8] for first, second in pairwise(keys))


def test_the_key_of_another_conversation_cannot_be_put_into_ones_own(client: FlaskClient) -> None:
    mine, theirs = (client.post("/api/v1/chat", json=QUESTION).json["context"] for _ in range(2))
    parts, others = mine.split("."), theirs.split(".")
    assert parts[3] != others[3]
    for place in range(len(parts)):
        forged = ".".join([*parts[:place], others[place], *parts[place + 1 :]])
        if forged in (mine, theirs):
            continue
        reply = client.post("/api/v1/chat", json={**QUESTION, "context": forged}).json
        assert reply["context_ignored"], place
        assert reply["context"].split(".")[3] not in (parts[3], others[3])


def test_a_conversation_signed_by_another_server_is_no_conversation(client: FlaskClient) -> None:
    mine = client.post("/api/v1/chat", json=QUESTION).json["context"]
    assert ContextSigner("another-server-" + "x" * 32).read(mine, "norrby") is None


def test_no_address_holds_the_key_of_a_conversation(client: FlaskClient) -> None:
    """T12: it stands in bodies and in hidden fields of forms that are posted, so in no log, history or referrer."""
    reply = client.post("/api/v1/chat", json=QUESTION).json
    assert reply["context"] not in json.dumps({**reply, "context": ""})
    page = client.post("/norrby/sv/", data={"question": "Vilka tomter är lediga i Norrby?"}).text
    (key, *_more) = {token.split(".")[3] for token in re.findall(r'name="context" value="([^"]+)"', page)}
    assert not [one for one in re.findall(r'(?:href|src|action)="([^"]*)"', page) if key in one]
    forms = re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL)
    assert [form for form in forms if key in form and 'method="post"' not in form] == []
    answers = (client.get("/norrby/sv/", query_string={"context": reply["context"]}), client.get("/norrby/sv/plots"))
    for answer in answers:
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert reply["context"] not in answer.text


# what was not asked for (T14)


def test_every_body_is_refused_with_a_member_too_many(client: FlaskClient) -> None:
    described = client.get("/openapi.json").json
    tried = 0
    for path, item in described["paths"].items():
        for method, operation in item.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if not content:
                continue
            body = {**QUESTION, "context": "", "is_admin": True}
            members = content["schema"].get("properties") or {}
            sent = {name: value for name, value in body.items() if name in members} | {"is_admin": True}
            answer = client.open(path, method=method.upper(), json=sent)
            assert answer.status_code == 422, (path, answer.text)
            tried += 1
    assert tried >= 4


# failing on purpose (T25)


def test_no_view_tells_why_it_fails(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    add_member(app, MEMBER, ("*", "admin"))
    browser = Browser(app).sign_in(MEMBER)
    secret = f"{KNOWLEDGE} {PERSON} no such table: accounts"

    def fail(**_values: object) -> str:
        raise RuntimeError(secret)

    app.view_functions.update(dict.fromkeys(app.view_functions, fail))
    failed = 0
    for path in paths(app):
        for answer in (browser.client.get(path), browser.client.post(path, headers=OWN)):
            told = answer.text + str(answer.headers)
            assert not [
                one for one in ("Traceback", "RuntimeError", "/tests/", PERSON, "no such table") if one in told
            ], path
            failed += answer.status_code == 500
    assert failed > 60


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config", "/.env", "/hemvist.db", "/hemvist-data/hemvist.db", "/web/app.py", "/console", "/debug",
        "/server-status", "/phpinfo.php", "/static/", "/static/.well-known", "/staff/../../etc/passwd", "/backup.zip",
        "/norrby/sv/..%2f..%2f..%2fetc%2fpasswd", "/norrby/municipality.yaml", "/admin",
        "/static/%2e%2e%2f%2e%2e%2fpyproject.toml",
    ],
)  # fmt: skip
def test_nothing_lies_about(client: FlaskClient, path: str) -> None:
    answer = client.get(path, follow_redirects=True)
    assert answer.status_code == 404
    assert "root:" not in answer.text


# path traversal (T24)

NAMES = ["../x", "..", "%2e%2e", "CON", "nul", "a" * 300, "A B", "å", "x%00.yaml", "/etc/passwd",
         "..%2f..%2fetc%2fpasswd", ".hidden", "-x", "x.yaml", "con.yaml", "~root", "C:\\x"]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_no_name_leads_out_of_the_folder(room: Flask, inside: Browser, name: str) -> None:
    folder = get_folder(room)
    before = files(folder.parent)
    form = {"based_on": "0", "question_sv": "x", "answer_sv": "x", "layer": name}
    for path in (f"answers/{name}", f"answers/{name}/publish", f"records/plots/{name}/publish", f"records/{name}/x"):
        assert inside.post(f"/staff/norrby/{path}", form).status_code in (303, 308, 400, 404, 405, 409, 422, 428), path
    inside.get("/staff/account")
    assert files(folder.parent) == before


# personal data, sent everywhere (T26)


def places_to_write(path: str) -> Iterator[dict[str, Any]]:
    yield {"headers": {"User-Agent": f"{PERSON} {PHONE}", "Referer": f"https://x.example/?{PERSON}", "Cookie": PERSON}}
    yield {"query_string": {"q": PERSON, "words": PERSON, "about": PERSON, "topic": PERSON, "version": PERSON}}
    yield {"headers": {"Idempotency-Key": PERSON, "X-Forwarded-For": PERSON, "Accept-Language": PERSON}}


def test_personal_data_reaches_no_file_of_the_server(room: Flask, inside: Browser) -> None:
    visitor = room.test_client()
    for path in paths(room):
        for sent in places_to_write(path):
            visitor.get(path, **sent).close()
    for path in ("/api/v1/chat", "/api/v1/feedback", "/api/v1/messages", "/api/v1/plan"):
        body = {**QUESTION, "question": f"{PERSON} {PHONE}", "context": PERSON, "reason": PERSON, "helpful": False}
        for name in body:
            visitor.post(path, json={**QUESTION, name: f"nummer {PERSON}"}, headers={"Idempotency-Key": PERSON})
    context = visitor.post("/api/v1/chat", json={**QUESTION, "question": f"qwrtz {PERSON} psdfg"}).json["context"]
    visitor.post("/api/v1/feedback", json={"context": context, "helpful": False, "reason": f"ring {PHONE}"})
    visitor.post("/norrby/sv/", data={"question": f"höns {PERSON}", "context": context})
    letter = {"municipality": "norrby", "message": f"Jag heter Kim, {PERSON}", "name": f"Kim {PERSON}", "phone": PHONE}
    assert visitor.post("/api/v1/messages", json=letter).status_code in (200, 201)
    for path in ("answers", "gaps", "messages", "audit", "users", "records/plots"):
        inside.get(f"/staff/norrby/{path}", query_string={"words": PERSON, "text": PHONE, "state": PERSON})
    Browser(room).enter(PERSON, PERSON)
    settled(room)
    written = b"".join(path.read_bytes() for path in data_of(room).rglob("*") if path.is_file())
    assert b"psdfg" in written, "the rest of what was asked is there"
    forms = {PERSON, PERSON.replace("-", ""), PHONE, re.sub(r"\D", "", PHONE)}
    assert [one for one in forms if one.encode() in written] == []


# what the store does not know


def test_a_stolen_database_signs_nobody_in(room: Flask, inside: Browser) -> None:
    """Neither the session's key nor the conversation's nor the message's key stands in it."""
    cookie = inside.client.get_cookie("hemvist-staff", path="/staff") or inside.client.get_cookie("hemvist-staff")
    assert cookie
    token = json.loads(_unpacked(cookie.value))["_user_id"]
    settled(room)
    written = b"".join(path.read_bytes() for path in data_of(room).glob("hemvist.db*"))
    assert token.encode() not in written
    assert not any(key.encode() in written for key in seeds.store_of(room).secret_key)


def _unpacked(cookie: str) -> str:
    from base64 import urlsafe_b64decode
    from zlib import decompress

    payload = cookie.lstrip(".").split(".")[0]
    data = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    return (decompress(data) if cookie.startswith(".") else data).decode()
