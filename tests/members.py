"""Those who keep the knowledge, for tests: accounts made straight in the store, and a browser that fills in forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pyotp
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from web.people import Role
from web.services import EXTENSION as SERVICES
from web.settings import Settings
from web.signing import secrets_of
from web.staff import codes, passwords
from web.staff.service import EXTENSION, StaffService
from web.store import accounts
from web.store.staff_tables import AuditRow
from web.truth import open_truth

NOON = datetime(2026, 3, 2, 11, tzinfo=UTC)
PASSWORD = "pannkaka gardin violin fjord"  # noqa: S105 - of nobody
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
OWN = {"Sec-Fetch-Site": "same-origin"}


class StoppedClock:
    """A clock that goes when it is told to."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self, zone: ZoneInfo) -> datetime:
        return self.at.astimezone(zone)

    def go(self, **by: float) -> None:
        """Let time pass."""
        self.at += timedelta(**by)


@dataclass
class Browser:
    """A browser of `app`: it keeps cookies, says that it comes from our own pages, and sends the token of the page."""

    app: Flask
    client: FlaskClient = field(init=False)
    token: str = ""

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def get(self, path: str, **options: Any) -> TestResponse:
        """Open a page."""
        return self._seen(self.client.get(path, **options))

    def post(self, path: str, data: Mapping[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form, with the token of the page seen last."""
        options.setdefault("headers", OWN)
        return self._seen(self.client.post(path, data={"csrf_token": self.token, **(data or {})}, **options))

    def enter(self, email: str, password: str = PASSWORD, **data: str) -> TestResponse:
        """Give an e-mail address and a password."""
        if not self.token:
            self.get("/staff/sign-in")
        return self.post("/staff/sign-in", {"email": email, "password": password, **data})

    def sign_in(self, email: str, clock: StoppedClock | None = None) -> "Browser":
        """Sign in with every factor, and open a page."""
        answer = self.enter(email)
        assert answer.status_code == 303, answer.text
        if "/staff/code" in answer.headers["Location"]:
            self.get("/staff/code")
            assert self.post("/staff/code", {"code": code_of(self.app, email, clock)}).status_code == 303
        self.get("/staff/account")
        return self

    def _seen(self, answer: TestResponse) -> TestResponse:
        if found := TOKEN.search(answer.text):
            self.token = found[1]
        return answer


def begin_anew(app: Flask, settings: Settings, clock: StoppedClock) -> Flask:
    """Give `app` an empty store of `settings`, and have it noon: making an application takes a second."""
    clock.at = NOON
    app.extensions[EXTENSION] = StaffService(settings, secrets_of(settings))
    knowledge = app.extensions[SERVICES].knowledge
    knowledge._truth, knowledge._make_truth = None, partial(open_truth, settings)  # it has the store before
    return app


def fields_of(page: str) -> dict[str, Any]:
    """Return what the form of an editor holds, as a browser would send it."""
    form = page[page.index('<form id="editor"') :]
    form = form[: form.index("</form>")]
    found: dict[str, Any] = {}
    for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL):
        found[name] = unescape(text)
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {part}="([^"]*)"', tag) for part in ("name", "value"))
        if name and name[1] != "csrf_token" and ('type="checkbox"' not in tag or " checked" in tag):
            found.setdefault(name[1], []).append(unescape(value[1]) if value else "")
    for chooser in re.findall(r'<select[^>]* name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', chooser[1])
        found.setdefault(chooser[0], []).append(chosen[1] if chosen else "")
    return found


def service_of(app: Flask) -> StaffService:
    """Return what the pages of staff share."""
    found: StaffService = app.extensions[EXTENSION]
    return found


def add_member(app: Flask, email: str, *grants: tuple[str, Role], totp: bool | None = None, **values: Any) -> int:
    """Make an account with roles, and a second factor where a role needs one, or `totp` says so."""
    needs = any(role in ("publisher", "admin") for _scope, role in grants)
    factor = {"totp_salt": f"salt of {email}"[:64], "totp_step": 0} if (needs if totp is None else totp) else {}
    name = email.split("@")[0].capitalize()
    with service_of(app).store.writing() as connection:
        given = {"password_hash": _hashed(), **factor, **values}
        number = accounts.add(connection, email, name, given.pop("language", "sv"), NOON, **given)
        for scope, role in grants:
            accounts.give(connection, number, scope, role)
    return number


def code_of(app: Flask, email: str, clock: StoppedClock | None = None) -> str:
    """Return what the app on somebody's phone shows now; a second one for the same half minute is refused."""
    with service_of(app).store.reading() as connection:
        account = accounts.find_by_email(connection, email)
        assert account
        salt = accounts.secrets_of(connection, account.id)[1]
    assert salt
    at = clock.at if clock else datetime.now(UTC)
    secret = service_of(app).keys.totp_secrets(salt, email)[0]
    return pyotp.TOTP(secret).generate_otp(int(at.timestamp()) // codes.PERIOD)


def deeds(app: Flask) -> list[str]:
    """Return what the audit says was done, oldest first."""
    with service_of(app).store.reading() as connection:
        return list(connection.scalars(select(AuditRow.action).order_by(AuditRow.id)))


def count_deeds(app: Flask) -> int:
    """Return how many rows the audit has."""
    with service_of(app).store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(AuditRow)) or 0


@cache
def _hashed() -> str:
    return passwords.hash_password(PASSWORD)
