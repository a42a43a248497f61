"""HEMVIST_SECRET_KEY is changed: a new key is put before the old one, and nothing that the old one made is lost."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from members import Browser, add_member, code_of, service_of
from servers import SECRET
from sqlalchemy import func, select

from bot import Context
from web.gap_words import hasher
from web.services import EXTENSION, Services
from web.signing import ContextSigner, stored_secrets
from web.staff import codes
from web.staff.service import Keys
from web.store import accounts, gaps
from web.store.models import Message

NEW = "only-for-tests-" + "n5" * 16
EDITOR, PUBLISHER = "eva@norrby.example", "pia@norrby.example"
UNKNOWN = "finns det någon grottmålning häromkring"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What both applications keep in common."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def before(make_app: Callable[..., Flask], folder: Path) -> Flask:
    """The application with the old key."""
    made = make_app(HEMVIST_DATA=str(folder))
    add_member(made, EDITOR, ("norrby", "editor"))
    add_member(made, PUBLISHER, ("norrby", "publisher"))
    return made


@pytest.fixture(scope="module")
def after(before: Flask, make_app: Callable[..., Flask], folder: Path) -> Flask:
    """The same after the change."""
    return make_app(HEMVIST_DATA=str(folder), HEMVIST_SECRET_KEY=f"{NEW},{SECRET}")


def ask(client: FlaskClient, question: str = UNKNOWN, context: str | None = None, **headers: str) -> dict:
    body = {"question": question, "municipality": "norrby", "context": context}
    answer = client.post("/api/v1/chat", json=body, headers=headers)
    assert answer.status_code == 200
    return answer.json


def services(app: Flask) -> Services:
    return app.extensions[EXTENSION]


def written(*apps: Flask) -> list[gaps.Asked]:
    """Return the questions without a good answer, once all that was noted is written."""
    limit = time.monotonic() + 15
    while any(services(app).journal.state.waiting for app in apps):
        assert time.monotonic() < limit
        time.sleep(0.02)
    time.sleep(0.3)  # the batch that was taken
    with service_of(apps[0]).store.reading() as connection:
        return gaps.questions(connection, "norrby")


def test_a_conversation_goes_on_and_is_deleted_whole(before: Flask, after: Flask) -> None:
    first = ask(before.test_client())
    second = ask(after.test_client(), context=first["context"])
    assert second["context_ignored"] is False
    asked = written(before, after)
    assert len({one.key_hash for one in asked}) == 2, "each was noted with the key in use"
    answer = after.test_client().delete("/api/v1/conversation", json={"context": second["context"]})
    assert answer.status_code == 204
    assert written(before, after) == []


def test_an_opinion_reaches_the_question_it_is_about(before: Flask, after: Flask) -> None:
    first = ask(before.test_client(), "Vilka tomter är lediga i Norrby?")
    body = {"context": first["context"], "entry": first["entry"], "helpful": False}
    assert after.test_client().post("/api/v1/feedback", json=body).status_code == 204
    assert [one.why for one in written(before, after)] == ["thumb"]
    after.test_client().delete("/api/v1/conversation", json={"context": first["context"]})


def test_a_repeated_question_gets_the_same_reply_and_is_noted_once(before: Flask, after: Flask) -> None:
    key = {"Idempotency-Key": "k" * 20}
    first, second = (ask(app.test_client(), **key) for app in (before, after))
    assert len(written(before, after)) == 1
    opened = [services(after).signer.open(reply["context"]) for reply in (first, second)]
    assert opened[0] == opened[1]
    after.test_client().delete("/api/v1/conversation", json={"context": first["context"]})


def test_a_repeated_message_is_kept_once(before: Flask, after: Flask) -> None:
    body = {"municipality": "norrby", "message": "Hej, jag vill veta mer.", "email": "anna@example.com"}
    key = {"Idempotency-Key": "m" * 20}
    sent = [app.test_client().post("/api/v1/messages", json=body, headers=key) for app in (before, after)]
    assert sent[0].json["number"] == sent[1].json["number"]
    with service_of(after).store.reading() as connection:
        assert connection.scalar(select(func.count()).select_from(Message)) == 1


def test_who_is_signed_in_stays_so_and_sends_the_form_that_was_open(before: Flask, after: Flask) -> None:
    browser = Browser(before).sign_in(EDITOR)
    moved = Browser(after)
    moved.client._cookies = browser.client._cookies
    moved.token = browser.token
    done = moved.post("/staff/account", {"name": "Eva Ek", "language": "sv"})
    assert done.status_code == 303, done.text
    assert "Eva Ek" in moved.get("/staff/account").text


def test_a_link_of_an_invitation_still_opens(before: Flask, after: Flask) -> None:
    service = service_of(before)
    with service.store.writing() as connection:
        account = accounts.find_by_email(connection, EDITOR)
        assert account
        now = datetime.now(UTC)
        invitation = accounts.Invitation(
            0, "bo@norrby.example", "Bo", "sv", "norrby", "editor", now.replace(year=now.year + 1)
        )
        accounts.invite(connection, service.keys.hashed("invitation", "t0ken"), EDITOR, now, invitation)
    assert Browser(after).get("/staff/invitation?token=t0ken").status_code == 200


def test_a_second_factor_holds_and_needs_the_old_key_no_more_once_it_was_used(before: Flask, after: Flask) -> None:
    assert not kept_is_sealed(after)
    browser = Browser(after)
    browser.enter(PUBLISHER)
    browser.get("/staff/code")
    now = code_of(before, PUBLISHER)
    assert browser.post("/staff/code", {"code": now}).status_code == 303
    assert kept_is_sealed(after)
    with service_of(after).store.reading() as connection:
        account = accounts.find_by_email(connection, PUBLISHER)
        assert account
        kept = accounts.secrets_of(connection, account.id)[1] or ""
    assert Keys([NEW]).totp_secrets(kept, PUBLISHER) == Keys([SECRET]).totp_secrets(f"salt of {PUBLISHER}", PUBLISHER)
    assert Keys([NEW]).totp_secrets(kept, EDITOR) == [], "it is worth nothing in another's row"


def kept_is_sealed(app: Flask) -> bool:
    service = service_of(app)
    with service.store.reading() as connection:
        account = accounts.find_by_email(connection, PUBLISHER)
        assert account
        return service.keys.is_sealed(accounts.secrets_of(connection, account.id)[1] or "", PUBLISHER)


def test_a_code_on_paper_still_lets_in_once(before: Flask, after: Flask) -> None:
    with before.app_context(), service_of(before).store.writing() as connection:
        account = accounts.find_by_email(connection, EDITOR)
        assert account
        accounts.keep_recovery_codes(connection, account.id, codes.hashes_of_paper_code(account.id, "ABCDE-FGHJK"))
        with after.app_context():
            known = codes.hashes_of_paper_code(account.id, "abcde fghjk")
        used = [accounts.use_recovery_code(connection, account.id, known) for _ in range(2)]
    assert used == [True, False]


def test_what_staff_decided_on_a_question_is_known_when_it_is_asked_again(before: Flask, after: Flask) -> None:
    old, new = (hasher(services(app).settings)("norrby", "kan man ha höns") for app in (before, after))
    with service_of(before).store.writing() as connection:
        gap = gaps.decide(connection, "norrby", old, "ignored", EDITOR, datetime.now(UTC))
        known = gaps.find(gaps.decided(connection, "norrby"), new)
        assert known is not None
        assert known.id == gap
        assert gaps.decide(connection, "norrby", new, "solved", EDITOR, datetime.now(UTC)) == gap, "no second one"
        decided = gaps.decided(connection, "norrby")
    assert new[0] != old[0]
    assert decided[new[0]].state == "solved", "from now on it is known by the new key alone"


def test_without_the_old_key_what_it_signed_is_worth_nothing() -> None:
    old, both, new = ContextSigner([SECRET]), ContextSigner([NEW, SECRET]), ContextSigner([NEW])
    context = both.open(old.sign(given()))
    assert context == given()
    assert new.open(old.sign(given())) is None
    assert new.open(both.sign(given())) == given(), "the first key signs"
    assert both.hashes_of("k") == [new.hash_of("k"), old.hash_of("k")]


def given() -> Context:
    return Context("norrby", "plots", "sv", "key")


def test_keys_in_a_file_are_changed_the_same_way(tmp_path: Path) -> None:
    (old,) = stored_secrets(tmp_path)
    (tmp_path / "secret-key").write_text(f"{NEW}, {old}\n")
    assert stored_secrets(tmp_path) == (NEW, old)
    (tmp_path / "secret-key").write_text(f"short,{old}\n")
    with pytest.raises(OSError, match="too short"):
        stored_secrets(tmp_path)
