"""Sign in by an identity provider: a small one of our own that speaks as Entra ID does, and lies when it is told to."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from flask import Flask, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from members import PASSWORD, Browser, StoppedClock, add_member, begin_anew, deeds, service_of
from werkzeug.serving import make_server

from web.settings import Settings, SettingsError, read_settings
from web.store import accounts

TENANT = "7a1f0000-aaaa-bbbb-cccc-000000000001"
ROLES = "Hemvist.Editor=editor@norrby,Hemvist.Admin=admin@group:trebygden,b1b1-group=publisher@norrby"


class FakeProvider:
    """An identity provider; `lies` are claims that it changes, `changes` what it does wrong."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, parameters={"kid": "one"}, private=True)
        self.shown = self.key
        self.lies: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.person: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        self.described: dict[str, Any] = {}
        self.issuer = ""
        self.sign_with: Any = None
        self.app = Flask("provider")
        self.app.add_url_rule(f"/{TENANT}/v2.0/.well-known/openid-configuration", view_func=self.describe)
        self.app.add_url_rule("/keys", view_func=self.keys)
        self.app.add_url_rule("/authorize", view_func=self.authorize)
        self.app.add_url_rule("/token", view_func=self.token, methods=["POST"])

    def begin_anew(self) -> None:
        self.lies, self.described, self.header, self.sign_with = {}, {}, {"alg": "RS256", "kid": "one"}, None
        self.shown = self.key
        self.person = {"oid": "oid-1", "preferred_username": "Maria@Norrby.example", "name": "Maria Ek", "roles": []}

    def describe(self) -> Any:
        base = request.host_url.rstrip("/")
        usual = {"issuer": self.issuer, "authorization_endpoint": f"{base}/authorize", "jwks_uri": f"{base}/keys"}
        return jsonify({**usual, "token_endpoint": f"{base}/token", **self.described})

    def keys(self) -> Any:
        return jsonify(keys=[self.shown.as_dict(private=False)])

    def authorize(self) -> Any:
        self.asked = request.args.to_dict()
        given = {"code": "a-code", "state": self.asked["state"]}
        return redirect(f"{self.asked['redirect_uri']}?{urlencode(given)}")

    def token(self) -> Any:
        """Give a token to whoever can show the verifier of the challenge."""
        import base64
        import hashlib

        digest = hashlib.sha256(request.form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if (challenge, request.form["code"]) != (self.asked["code_challenge"], "a-code"):
            return jsonify(error="invalid_grant"), 400
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": "hemvist", "sub": "pairwise", "tid": TENANT, "nonce": self.asked["nonce"]}
        said = {**claims, "iat": now, "exp": now + 300, **self.person, **self.lies}
        held = {name: value for name, value in said.items() if value is not None}
        token = jwt.encode(self.header, held, self.sign_with or self.key)
        return jsonify({"access_token": "x", "token_type": "Bearer", "expires_in": 300, "id_token": token})


@pytest.fixture(scope="module")
def running() -> Iterator[FakeProvider]:
    provider = FakeProvider()
    server = make_server("127.0.0.1", 0, provider.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    provider.issuer = f"http://127.0.0.1:{server.server_port}/{TENANT}/v2.0"
    yield provider
    server.shutdown()
    server.server_close()


@pytest.fixture
def provider(running: FakeProvider) -> FakeProvider:
    running.begin_anew()
    return running


@pytest.fixture
def database() -> dict[str, str]:
    return {}


@pytest.fixture(scope="module")
def one(make_app: Callable[..., Flask]) -> Flask:
    return make_app()


Make = Callable[..., Flask]


@pytest.fixture
def make(one: Flask, provider: FakeProvider, store_settings: Settings) -> Make:
    """Make an application that signs people in by the provider, with roles from it where `roles` says so."""
    from dataclasses import replace

    from web.settings import _given_roles

    def made(roles: str = "") -> Flask:
        own = {"oidc_issuer": provider.issuer, "oidc_client_id": "hemvist", "oidc_client_secret": "s3cret"}
        return begin_anew(one, replace(store_settings, **own, oidc_roles=_given_roles(roles)), StoppedClock())

    return made


def come(browser: Browser, provider: FakeProvider, **changed: str) -> Any:
    """Go to the provider and come back; `changed` in the address."""
    browser.get("/staff/sign-in")
    there = browser.post("/staff/provider", {"target": "/staff/account"})
    assert there.status_code == 303, there.text
    import httpx

    back = httpx.get(there.headers["Location"]).headers["Location"]
    given = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    return browser.get("/staff/provider/return", query_string={**given, **changed})


def test_somebody_with_an_account_here_comes_in(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "publisher"), totp=False, password_hash=None)
    browser = Browser(app)
    answer = come(browser, provider)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/staff/account")
    assert browser.get("/staff/norrby/").status_code == 200, "the provider asks for the second factor"
    assert deeds(app) == ["roles_provided", "sign_in"]
    assert {"nonce", "state", "code_challenge"} <= set(provider.asked)
    assert provider.asked["code_challenge_method"] == "S256"
    assert provider.asked["redirect_uri"] == "http://localhost/staff/provider/return"


def test_a_person_is_known_again_by_oid_when_address_and_name_change(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "editor"))
    come(Browser(app), provider)
    provider.person |= {"preferred_username": "maria.ny@norrby.example", "name": "Maria Ny"}
    assert come(Browser(app), provider).status_code == 303


def test_another_person_with_the_same_address_stays_out(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "editor"))
    come(Browser(app), provider)
    provider.person["oid"] = "oid-2"
    assert come(Browser(app), provider).status_code == 403


def test_without_a_role_here_nobody_comes_in(make: Make, provider: FakeProvider) -> None:
    app = make()
    assert come(Browser(app), provider).status_code == 403
    assert deeds(app) == []
    app = make(ROLES)
    provider.person["roles"] = ["Hemvist.Unknown"]
    assert come(Browser(app), provider).status_code == 403


def test_roles_and_groups_of_the_provider_become_roles_here(make: Make, provider: FakeProvider) -> None:
    app = make(ROLES)
    provider.person |= {"roles": ["Hemvist.Editor", "Hemvist.Admin", 7], "groups": ["b1b1-group"]}
    browser = Browser(app)
    assert come(browser, provider).status_code == 303
    assert browser.get("/staff/soderby/users").status_code == 200

    def roles() -> set[tuple[str, str]]:
        with service_of(app).store.reading() as connection:
            found = accounts.find_by_email(connection, "maria@norrby.example")
        return {(grant.scope, grant.role) for grant in found.grants}

    assert roles() == {("norrby", "publisher"), ("group:trebygden", "admin")}
    provider.person |= {"roles": ["Hemvist.Editor"], "groups": None}
    come(Browser(app), provider)
    assert roles() == {("norrby", "editor")}
    assert browser.get("/staff/soderby/users").status_code == 404


def test_a_shut_account_stays_shut(make: Make, provider: FakeProvider) -> None:
    app = make(ROLES)
    provider.person["roles"] = ["Hemvist.Editor"]
    add_member(app, "maria@norrby.example", ("norrby", "editor"), disabled_at=StoppedClock().at)
    assert come(Browser(app), provider).status_code == 403


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://login.evil.example/v2.0"},
    "another audience": {"aud": "another-app"},
    "several audiences": {"aud": ["hemvist", "another-app"]},
    "another tenant": {"tid": "7a1f0000-aaaa-bbbb-cccc-000000000002"},
    "no tenant": {"tid": None},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1_700_000_000},
    "no end": {"exp": None},
    "made tomorrow": {"iat": 4_000_000_000},
    "no subject": {"sub": None},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_does_not_hold_lets_nobody_in(make: Make, provider: FakeProvider, lie: dict[str, Any]) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "editor"))
    provider.lies = lie
    browser = Browser(app)
    assert come(browser, provider).status_code == 403
    assert browser.get("/staff/account").status_code == 303
    assert deeds(app) == []


def test_a_token_signed_by_another_lets_nobody_in(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "editor"))
    provider.sign_with = RSAKey.generate_key(2048, parameters={"kid": "one"}, private=True)
    assert come(Browser(app), provider).status_code == 403


def test_new_keys_of_the_provider_are_fetched(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "editor"))
    assert come(Browser(app), provider).status_code == 303
    provider.shown = provider.sign_with = RSAKey.generate_key(2048, parameters={"kid": "two"}, private=True)
    provider.header = {"alg": "RS256", "kid": "two"}
    assert come(Browser(app), provider).status_code == 303


@pytest.mark.parametrize("changed", [{"state": "x"}, {"state": ""}, {"code": "another"}, {"state": "é"}])
def test_an_answer_that_is_not_to_our_question_lets_nobody_in(
    make: Make, provider: FakeProvider, changed: dict[str, str]
) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "editor"))
    assert come(Browser(app), provider, **changed).status_code == 403


def test_an_answer_counts_once_and_in_the_browser_that_asked(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "editor"))
    browser = Browser(app)
    come(browser, provider)
    again = {"code": "a-code", "state": provider.asked["state"]}
    assert browser.get("/staff/provider/return", query_string=again).status_code == 403
    assert Browser(app).get("/staff/provider/return", query_string=again).status_code == 403


@pytest.mark.parametrize(
    "described",
    [{"issuer": "https://login.evil.example"}, {"token_endpoint": "http://evil.example/token"}, {"jwks_uri": None}],
    ids=["another issuer", "without https", "no keys"],
)
def test_a_provider_that_describes_itself_wrongly_is_not_asked(
    make: Make, provider: FakeProvider, described: dict[str, Any]
) -> None:
    app = make()
    provider.described = described
    browser = Browser(app)
    browser.get("/staff/sign-in")
    assert browser.post("/staff/provider").status_code == 403


def test_passwords_are_off_but_for_emergencies(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "eva@norrby.example", ("norrby", "editor"))
    add_member(app, "nod@norrby.example", ("norrby", "editor"), break_glass=True)
    assert Browser(app).enter("eva@norrby.example").status_code == 422
    assert Browser(app).enter("nod@norrby.example", "wrong").status_code == 422
    assert Browser(app).enter("nod@norrby.example", PASSWORD).status_code == 303


def test_the_account_for_emergencies_is_nobody_of_the_provider(make: Make, provider: FakeProvider) -> None:
    app = make()
    add_member(app, "maria@norrby.example", ("norrby", "admin"), break_glass=True)
    assert come(Browser(app), provider).status_code == 403


def test_without_a_provider_there_is_no_way_by_it(one: Flask, store_settings: Settings) -> None:
    app = begin_anew(one, store_settings, StoppedClock())
    browser = Browser(app)
    assert "arbetskonto" not in browser.get("/staff/sign-in").text
    assert browser.post("/staff/provider").status_code == 404
    assert browser.get("/staff/provider/return").status_code in (403, 404)


GIVEN = {
    "HEMVIST_OIDC_ISSUER": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "HEMVIST_OIDC_CLIENT_ID": "hemvist",
    "HEMVIST_OIDC_CLIENT_SECRET": "s3cret",
}
WRONG = {
    "no https": {"HEMVIST_OIDC_ISSUER": "http://login.example.com/x/v2.0"},
    "any tenant": {"HEMVIST_OIDC_ISSUER": "https://login.microsoftonline.com/common/v2.0"},
    "any organisation": {"HEMVIST_OIDC_ISSUER": "https://login.microsoftonline.com/organizations/v2.0"},
    "no address": {"HEMVIST_OIDC_ISSUER": "entra"},
    "no secret": {"HEMVIST_OIDC_CLIENT_SECRET": ""},
    "no id": {"HEMVIST_OIDC_CLIENT_ID": ""},
    "unknown role": {"HEMVIST_OIDC_ROLES": "x=owner@norrby"},
    "no scope": {"HEMVIST_OIDC_ROLES": "x=admin"},
    "twice": {"HEMVIST_OIDC_ROLES": "x=admin@*,x=viewer@*"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_setting_that_cannot_be_stops_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=next(iter(wrong))) as error:
        read_settings({**GIVEN, **wrong})
    assert "s3cret" not in str(error.value)


def test_good_settings_are_read() -> None:
    found = read_settings({**GIVEN, "HEMVIST_OIDC_ROLES": ROLES})
    assert found.oidc_roles["b1b1-group"] == ("publisher", "norrby")
