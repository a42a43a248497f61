"""Errors: one JSON shape from every producer of them, in the asked language, repeating and revealing nothing."""

import logging
import string
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import TooManyRequests, default_exceptions

from bot import LANGUAGES
from web.errors import PROBLEMS, PROBLEMS_OF_STAFF, TITLES
from web.i18n import translations

SHAPE = {"type", "title", "status", "code", "field", "request_id", "detail"}
ECHO = "zqxj<b>echo"


def refusals() -> dict[str, Callable[[FlaskClient], object]]:
    """Every way to be refused that a client can take."""
    good = {"question": "hej", "municipality": "norrby"}
    return {
        "no such address": lambda c: c.get(f"/api/v1/{ECHO}"),
        "no such api": lambda c: c.get(f"/api/{ECHO}"),
        "no such entry": lambda c: c.get(f"/api/v1/entries/{ECHO}?municipality=norrby"),
        "no such municipality": lambda c: c.post("/api/v1/chat", json={**good, "municipality": ECHO}),
        "no such municipality in the query": lambda c: c.get(f"/api/v1/entries/plots?municipality={ECHO}"),
        "bad query": lambda c: c.post(f"/api/v1/chat?explain={ECHO}", json=good),
        "bad language": lambda c: c.post("/api/v1/chat", json={**good, "language": ECHO}),
        "unknown member": lambda c: c.post("/api/v1/chat", json={**good, ECHO: 1}),
        "broken JSON": lambda c: c.post("/api/v1/chat", data=ECHO, content_type="application/json"),
        "question missing": lambda c: c.post("/api/v1/chat", json={"municipality": ECHO}),
        "question too long": lambda c: c.post("/api/v1/chat", json={**good, "question": ECHO * 50}),
        "too large": lambda c: c.post("/api/v1/chat", data=ECHO * 3000, content_type="application/json"),
        "wrong kind": lambda c: c.post("/api/v1/chat", data=ECHO, content_type=f"text/{ECHO}"),
        "wrong method": lambda c: c.put("/api/v1/chat", data=ECHO),
        "wrong method on health": lambda c: c.post("/healthz"),
        "wrong method on the document": lambda c: c.delete("/openapi.json"),
    }


@pytest.mark.parametrize("refuse", refusals().values(), ids=refusals())
def test_every_refusal_has_the_one_shape(client: FlaskClient, refuse: Callable) -> None:
    response = refuse(client)
    problem = response.json
    assert set(problem) == SHAPE
    assert response.content_type == "application/problem+json"
    assert problem["code"] in PROBLEMS
    assert problem["status"] == response.status_code == PROBLEMS[problem["code"]][0]
    assert problem["type"] == f"urn:hemvist:problem:{problem['code']}"
    assert problem["request_id"] == response.headers["X-Request-ID"]
    assert problem["title"]
    assert problem["detail"]


@pytest.mark.parametrize("refuse", refusals().values(), ids=refusals())
def test_no_refusal_repeats_what_was_sent(client: FlaskClient, refuse: Callable) -> None:
    response = refuse(client)
    assert "zqxj" not in response.text
    assert "zqxj" not in str(response.headers)


def test_error_is_told_in_the_language_of_the_body(client: FlaskClient) -> None:
    headers = {"Accept-Language": "sv"}
    members = {"question": "", "municipality": "norrby", "language": "en"}
    response = client.post("/api/v1/chat", json=members, headers=headers)
    assert response.json["detail"] == "Write a question."
    assert response.headers["Content-Language"] == "en"


def test_unknown_municipality_is_told_in_the_language_of_the_body(client: FlaskClient) -> None:
    members = {"question": "hej", "municipality": "nowhere", "language": "en"}
    assert client.post("/api/v1/chat", json=members).json["detail"] == "There is no municipality with that id here."


def test_error_is_else_told_in_the_language_of_the_browser(client: FlaskClient) -> None:
    assert client.get("/api/x", headers={"Accept-Language": "en-GB,sv;q=0.5"}).json["title"] == "There is nothing here"


@pytest.mark.parametrize("header", ["", "de", "en;q=0", ";;;q=x", "sv;q=abc", "*", "\u00e5" * 50, "x" * 3000])
def test_error_is_else_told_in_swedish(client: FlaskClient, header: str) -> None:
    swedish = translations("sv").gettext("There is nothing here")
    assert client.get("/api/x", headers={"Accept-Language": header}).json["title"] == swedish


@pytest.fixture(scope="module")
def failing(make_app: Callable[..., Flask]) -> Flask:
    """An application with views that fail in every way HTTP knows."""
    app = make_app()

    def fail() -> str:
        raise RuntimeError(f"a secret about {ECHO}")

    def refuse(status: int) -> str:
        raise default_exceptions[status]

    app.add_url_rule("/api/fail", view_func=fail)
    app.add_url_rule("/page/sv/fail", endpoint="page", view_func=fail)

    def ask_to_wait() -> str:
        raise TooManyRequests(retry_after=60)

    app.add_url_rule("/api/refuse/<int:status>", view_func=refuse)
    app.add_url_rule("/api/wait", view_func=ask_to_wait)
    return app


def test_unexpected_error_says_nothing_but_its_id(failing: Flask, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        response = failing.test_client().get("/api/fail")
    assert (response.status_code, response.json["code"], set(response.json)) == (500, "internal", SHAPE)
    assert "Traceback" not in response.text
    assert "secret" not in response.text
    assert response.json["request_id"] in caplog.text
    assert "RuntimeError" in caplog.text
    assert "zqxj" not in caplog.text


def test_unexpected_error_on_a_page_is_a_page(failing: Flask) -> None:
    response = failing.test_client().get("/page/sv/fail")
    assert (response.status_code, response.mimetype) == (500, "text/html")
    assert response.headers["X-Request-ID"] in response.text
    assert "secret" not in response.text
    assert "Traceback" not in response.text


def test_debugging_shows_the_traceback(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_DEBUG="true")
    app.add_url_rule("/api/fail", view_func=lambda: 1 / 0)
    assert "ZeroDivisionError" in app.test_client().get("/api/fail").json["detail"]


@pytest.mark.parametrize("status", sorted(default_exceptions))
def test_every_http_error_has_the_one_shape(failing: Flask, status: int) -> None:
    response = failing.test_client().get(f"/api/refuse/{status}")
    assert response.status_code == status
    assert (set(response.json), response.json["status"]) == (SHAPE, status)


def test_headers_of_an_http_error_are_kept(failing: Flask) -> None:
    response = failing.test_client().get("/api/wait")
    assert (response.status_code, response.headers["Retry-After"]) == (429, "60")


def test_error_of_a_page_is_a_page_in_its_language(client: FlaskClient) -> None:
    response = client.get("/nowhere/en/", headers={"Accept-Language": "sv"})
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert '<html lang="en">' in response.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_and_takes_its_values(language: str) -> None:
    texts = [text for _status, text in (PROBLEMS | PROBLEMS_OF_STAFF).values()] + list(TITLES.values())
    catalogue = translations(language)
    for text in texts:
        assert _names(catalogue.gettext(text)) == _names(text)
        assert language == "en" or catalogue.gettext(text) != text, text


def _names(text: str) -> set[str]:
    return {part.split(")")[0] for part in text.split("%(")[1:]} if "%" in text else set()


def test_codes_are_plain_words() -> None:
    assert all(set(code) <= set(string.ascii_lowercase + "_8") for code in PROBLEMS)
