"""Which other sites may use the API from their pages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from web.services import get_services

SITE = "https://www.norrby.example"
OTHER = "https://www.soderby.example"
PUBLIC = {"HEMVIST_HOST": "192.0.2.1"}
QUESTION = {"question": "Hur reserverar jag en tomt?", "municipality": "norrby"}
FOREIGN = [
    "https://www.norrby.example.evil.example",
    "http://www.norrby.example",
    "https://norrby.example",
    "https://www.NORRBY.example",
    "https://www.norrby.example.",
    "https://www.norrby.example:8443",
    "https://www.nörrby.example".encode().decode("latin-1"),
    "null",
    "https://evil.example",
    "*",
]


@pytest.fixture
def serve_with(knowledge_folder: Path, make_app: Callable[..., Flask]) -> Callable[..., FlaskClient]:
    """A browser of an application whose municipalities name these sites."""

    def serve(settings: dict[str, str] | None = None, **origins: str) -> FlaskClient:
        for municipality, site in origins.items():
            path = knowledge_folder / "municipalities" / municipality / "municipality.yaml"
            path.write_text(path.read_text().replace("origins: []", f"origins:\n  - {site}"))
        return make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder), **(settings or {})).test_client()

    return serve


@pytest.fixture
def named(serve_with: Callable[..., FlaskClient]) -> FlaskClient:
    """Norrby and Söderby each name their site, Östby none; others can reach the server."""
    return serve_with(PUBLIC, norrby=SITE, soderby=OTHER)


def ask(client: FlaskClient, origin: str, **more: str):
    return client.post("/api/v1/chat", json={**QUESTION, **more}, headers={"Origin": origin})


def test_the_municipalitys_own_site_may_read(named: FlaskClient) -> None:
    response = ask(named, SITE)
    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == SITE
    assert "Origin" in response.headers["Vary"]
    assert "Access-Control-Allow-Credentials" not in response.headers


@pytest.mark.parametrize("origin", FOREIGN)
def test_no_other_site_may_ask(named: FlaskClient, origin: str) -> None:
    response = ask(named, origin)
    assert (response.status_code, response.json["code"]) == (403, "origin_foreign")
    assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("origin", FOREIGN)
@pytest.mark.parametrize("path", ["entries/plots", "welcome", "titles", "municipalities"])
def test_no_other_site_may_read(named: FlaskClient, origin: str, path: str) -> None:
    query = "" if path == "municipalities" else "?municipality=norrby"
    response = named.get(f"/api/v1/{path}{query}", headers={"Origin": origin})
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "Origin" in response.headers["Vary"]


def test_the_site_of_one_municipality_has_no_part_in_another(named: FlaskClient) -> None:
    assert ask(named, OTHER).status_code == 403
    response = named.get("/api/v1/entries/plots?municipality=norrby", headers={"Origin": OTHER})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_a_site_that_misspells_its_municipality_can_read_so(named: FlaskClient) -> None:
    response = ask(named, SITE, municipality="norby")
    assert (response.status_code, response.json["code"]) == (404, "municipality_unknown")
    assert response.headers["Access-Control-Allow-Origin"] == SITE


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost"}, {"Origin": "https://chat.example", "Sec-Fetch-Site": "same-origin"}],
    ids=["no page", "our own page", "our own page behind a proxy"],
)
def test_our_own_pages_and_programs_ask_as_ever(named: FlaskClient, headers: dict[str, str]) -> None:
    response = named.post("/api/v1/chat", json=QUESTION, headers=headers)
    assert response.status_code == 200
    assert "Access-Control-Allow-Origin" not in response.headers


def preflight(client: FlaskClient, method: str, origin: str = SITE):
    return client.options("/api/v1/chat", headers={"Origin": origin, "Access-Control-Request-Method": method})


def test_a_preflight_is_answered_and_kept(named: FlaskClient) -> None:
    headers = preflight(named, "POST").headers
    assert headers["Access-Control-Allow-Origin"] == SITE
    assert "POST" in headers["Access-Control-Allow-Methods"]
    assert "Idempotency-Key" in headers["Access-Control-Allow-Headers"]
    assert int(headers["Access-Control-Max-Age"]) >= 600


@pytest.mark.parametrize(("method", "origin"), [("PUT", SITE), ("DELETE", SITE), ("POST", "https://evil.example")])
def test_a_preflight_for_anything_else_is_not(named: FlaskClient, method: str, origin: str) -> None:
    headers = preflight(named, method, origin).headers
    assert not [name for name in dict(headers) if name.startswith("Access-Control-")]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:5000", True),
        ("http://127.0.0.1", True),
        ("https://[::1]:8443", True),
        ("http://localhost.evil.example", False),
        ("http://127.0.0.1.evil.example", False),
        ("http://192.168.1.5", False),
        ("null", False),
    ],
)
def test_until_a_site_is_named_it_can_be_tried_on_this_machine(client: FlaskClient, origin: str, allowed: bool) -> None:
    response = ask(client, origin)
    assert (response.status_code == 200) is allowed
    assert response.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)


def test_but_not_on_a_server_that_others_reach(serve_with: Callable[..., FlaskClient]) -> None:
    client = serve_with(PUBLIC)
    assert ask(client, "http://localhost:5000").status_code == 403


def test_nor_once_a_site_is_named(serve_with: Callable[..., FlaskClient]) -> None:
    client = serve_with(norrby=SITE)
    assert ask(client, "http://localhost:5000").status_code == 403


@pytest.mark.parametrize(
    ("municipality", "ancestors"),
    [("norrby", SITE), ("soderby", OTHER), ("ostby", "'none'")],
)
def test_only_its_own_site_may_hold_the_frame(named: FlaskClient, municipality: str, ancestors: str) -> None:
    policy = named.get(f"/embed/{municipality}/sv").headers["Content-Security-Policy"]
    assert f"frame-ancestors {ancestors};" in policy


def test_the_site_and_the_version_are_told_to_who_counts_them(
    knowledge_folder: Path, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder))
    told: list[tuple[str, str, str]] = []
    with app.app_context():
        journal = get_services().journal
    monkeypatch.setattr(journal, "note", lambda note: told.append((note.municipality, note.origin, note.version)))
    client = app.test_client()
    for origin in ("http://localhost:1", "https://evil.example"):
        client.get("/api/v1/welcome?municipality=norrby&version=abc123", headers={"Origin": origin})
    client.get("/api/v1/welcome?municipality=norrby", headers={"Origin": "http://localhost:1"})
    assert told == [("norrby", "http://localhost:1", "abc123")]


@pytest.mark.parametrize(
    "origin",
    ["*", "www.norrby.example", "https://www.norrby.example/", "https://www.norrby.example/sida", "HTTPS://norrby.example",
     "https://norrby.example:443", "ftp://norrby.example", "https://nörrby.example", "https://norrby.example."],
)  # fmt: skip
def test_an_origin_that_no_browser_ever_names_is_refused_in_the_file(
    serve_with: Callable[..., FlaskClient], origin: str
) -> None:
    with pytest.raises(Exception, match="is not a site's origin"):
        serve_with(norrby=f'"{origin}"')
