"""What every response carries, on every route, also when it fails."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.security import version

STATIC = Path(__file__).parent.parent / "web" / "static"
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
VALUES = {
    "municipality": "norrby",
    "language": "sv",
    "entry": "plots",
    "entry_id": "plots",
    "filename": "site.css",
    "table": "plots",
    "version": "1.9.4.1",
    "file": "leaflet.js",
    "system": "html",
    "account": "1",
    "invitation": "1",
    "session": "1",
    "key": "gap",
    "number": "ABCDE-12345",
    "item": "tomt-1",
    "conflict": "1",
    "group": "trebygden",
}
FOR_OTHER_SITES = re.compile(r"/embed(-[^/]+)?\.js")
FRAMES = re.compile(r"/embed/norrby(/sv)?")
OPEN = ("/api/v1/plots", "/api/v1/jobs", "/api/v1/places", "/api/v1/contacts", "/api/v1/figures")


def paths(app: Flask) -> list[str]:
    """One address of every route, and some of none."""
    routes = [re.sub(r"<[^>]*?(\w+)>", lambda found: VALUES[found[1]], rule.rule) for rule in app.url_map.iter_rules()]
    return [*routes, "/nowhere/", "/api/nowhere", "/norrby/sv/nothing", "/norrby/de/", "/static/nothing.css"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
def test_every_response_is_protected(app: Flask, method: str) -> None:
    client = app.test_client()
    for path in paths(app):
        response = client.open(path, method=method)
        response.close()
        shared = {"Cross-Origin-Resource-Policy": "cross-origin"} if FOR_OTHER_SITES.fullmatch(path) else {}
        if method in ("GET", "HEAD") or not shared:
            expected = {**EVERYWHERE, **shared}
            assert {name: response.headers.get(name) for name in EVERYWHERE} == expected, path
        policy = response.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'"), path
        assert "frame-ancestors 'none'" in policy or FRAMES.fullmatch(path)
        assert "unsafe" not in policy
        assert response.headers["Cache-Control"], path
        assert len(response.headers["X-Request-ID"]) == 16
        assert "Set-Cookie" not in response.headers or path.startswith("/staff/"), path
        is_open = path in OPEN and method in ("GET", "HEAD")
        assert response.headers.get("Access-Control-Allow-Origin") == ("*" if is_open else None), path


def test_api_answers_are_never_kept(client: FlaskClient) -> None:
    for path in ("/api/v1/municipalities", "/api/v1/entries/plots?municipality=norrby", "/healthz", "/api/nowhere"):
        assert client.get(path).headers["Cache-Control"] == "no-store"


def test_answer_to_a_posted_question_is_never_kept(client: FlaskClient) -> None:
    assert client.post("/norrby/sv/", data={"question": "tomter"}).headers["Cache-Control"] == "no-store"


def test_static_file_asked_for_by_its_hash_is_kept_for_a_year(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context():
        address = app.url_for("static", filename="site.css")
    assert address == f"/static/site.css?v={version(str(STATIC), 'site.css')}"
    with client.get(address) as response:
        assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("address", ["/static/site.css", "/static/site.css?v=", "/static/site.css?v=123456789abc"])
def test_static_file_asked_for_by_another_hash_is_not_kept(client: FlaskClient, address: str) -> None:
    with client.get(address) as response:
        assert response.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("path", ["../app.py", "..%2fapp.py", "%2e%2e/app.py", "/etc/passwd", "..\\app.py"])
def test_static_files_end_at_their_folder(client: FlaskClient, path: str) -> None:
    assert client.get(f"/static/{path}", follow_redirects=True).status_code == 404


def test_https_is_promised_only_where_it_is_spoken(client: FlaskClient) -> None:
    assert "Strict-Transport-Security" not in client.get("/healthz").headers
    secure = client.get("/healthz", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(("trusted", "believed"), [("0", False), ("1", True)])
def test_forwarded_scheme_is_believed_from_trusted_proxies_alone(
    make_app: Callable[..., Flask], trusted: str, believed: bool
) -> None:
    client = make_app(HEMVIST_TRUSTED_PROXIES=trusted).test_client()
    response = client.get("/healthz", headers={"X-Forwarded-Proto": "https"})
    assert ("Strict-Transport-Security" in response.headers) is believed


@pytest.mark.parametrize("path", ["/", "/norrby/", "/norrby/sv/", "/norrby/sv/plots", "/nowhere/", "/api/v1/chat"])
def test_forwarding_headers_reach_no_answer(client: FlaskClient, path: str) -> None:
    names = ("X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Prefix", "X-Original-URL", "X-Rewrite-URL")
    response = client.get(path, headers=dict.fromkeys(names, "evil.example"))
    assert "evil" not in response.text + str(response.headers)


def test_reading_changes_nothing(app: Flask, client: FlaskClient) -> None:
    before = client.get("/readyz").data
    for path in paths(app):
        client.get(path).close()
    assert client.get("/readyz").data == before


def test_question_is_in_no_log(client: FlaskClient, caplog: pytest.LogCaptureFixture, capfd) -> None:
    with caplog.at_level(0):
        question = {"question": "mitt nummer är 811228-9874", "municipality": "norrby"}
        client.post("/api/v1/chat", data=json.dumps(question), content_type="application/json")
        client.post("/norrby/sv/", data={"question": question["question"]})
    assert "811228" not in caplog.text + "".join(capfd.readouterr())
