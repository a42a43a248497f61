"""By which name the server is asked: with HEMVIST_SITE_URL no request decides it, and never a header of a proxy."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

SITE = "https://chat.norrby.example"
PAGES = ("/", "/norrby/sv/", "/norrby/sv/plots", "/norrby/sv/plots.atom", "/staff/sign-in")
FORGED = {
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Server": "evil.example",
    "X-Forwarded-Port": "666",
    "X-Forwarded-Prefix": "/evil",
    "Forwarded": "for=6.6.6.6;host=evil.example;proto=https",
    "X-Original-URL": "/evil",
    "X-Rewrite-URL": "/evil",
    "X-Real-IP": "6.6.6.6",
}


@pytest.fixture(scope="module")
def pinned(make_app: Callable[..., Flask]) -> FlaskClient:
    return make_app(HEMVIST_SITE_URL=SITE, HEMVIST_TRUSTED_PROXIES="1").test_client()


@pytest.mark.parametrize("path", PAGES)
def test_links_begin_with_the_site_however_the_request_came(pinned: FlaskClient, path: str) -> None:
    headers = {**FORGED, "X-Forwarded-Proto": "https"}
    page = pinned.get(path, base_url="http://chat.norrby.example", headers=headers)
    assert page.status_code == 200
    assert "evil" not in page.text + str(page.headers)
    own = [link for link in re.findall(r"https?://[^\s\"'<]+", page.text) if "chat.norrby" in link]
    assert all(link.startswith(SITE) for link in own)
    assert own or path == "/staff/sign-in"


@pytest.mark.parametrize("host", ["chat.norrby.example", "CHAT.norrby.example", "chat.norrby.example:443"])
def test_the_name_of_the_site_may_be_spelt_in_its_ways(pinned: FlaskClient, host: str) -> None:
    assert pinned.get("/", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1:8000", "chat.norrby.example.evil.example", "chat.norrby.example:666", ""]
)
@pytest.mark.parametrize("path", ["/", "/norrby/sv/", "/api/v1/municipalities", "/staff/sign-in", "/nowhere/"])
def test_another_name_is_refused(pinned: FlaskClient, host: str, path: str) -> None:
    answer = pinned.get(path, headers={"Host": host})
    assert answer.status_code == 421
    assert "evil" not in answer.text
    if path.startswith("/api/"):
        assert answer.json["code"] == "host_foreign"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_what_watches_may_ask_by_the_address(pinned: FlaskClient, path: str) -> None:
    assert pinned.get(path, headers={"Host": "10.0.0.7:8000"}).status_code == 200


def test_the_cookie_of_a_site_on_https_never_goes_without(pinned: FlaskClient) -> None:
    """Also where the proxy forgets to say so."""
    app = pinned.application
    with app.test_request_context("/staff/sign-in", base_url="http://chat.norrby.example"):
        assert app.session_interface.get_cookie_name(app) == "__Host-hemvist-staff"
        assert app.session_interface.get_cookie_secure(app)


def test_without_a_site_the_name_that_was_asked_for_is_used(client: FlaskClient) -> None:
    page = client.get("/norrby/sv/plots", base_url="http://hemvist.example")
    assert "http://hemvist.example/norrby/sv/plots" in page.text


# whom to believe


@pytest.mark.parametrize(
    ("trusted", "sent", "seen"),
    [
        ("0", "6.6.6.6", "203.0.113.9"),
        ("0", "6.6.6.6, 198.51.100.7", "203.0.113.9"),
        ("1", "198.51.100.7", "198.51.100.7"),
        ("1", "6.6.6.6, 198.51.100.7", "198.51.100.7"),
        ("1", "", "203.0.113.9"),
        ("2", "6.6.6.6, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("2", "198.51.100.7", "203.0.113.9"),
    ],
)
def test_who_asks_is_what_the_nearest_trusted_proxies_say(
    make_app: Callable[..., Flask], trusted: str, sent: str, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flask import request

    app = make_app(HEMVIST_TRUSTED_PROXIES=trusted)
    asked: list[str | None] = []
    app.before_request_funcs[None].append(lambda: asked.append(request.remote_addr))
    headers = {"X-Forwarded-For": sent} if sent else {}
    app.test_client().get("/healthz", headers=headers, environ_overrides={"REMOTE_ADDR": "203.0.113.9"})
    assert asked == [seen]
