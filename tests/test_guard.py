"""Who may pass: every address of staff × every role × municipalities of others; https, our own pages, the token."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from members import OWN, Browser, add_member, count_deeds

from web.people import ROLES, Role, suffices
from web.staff.routes import BY_ENDPOINT, ROUTES, Route

PEOPLE: dict[str, tuple[tuple[str, Role], ...]] = {
    "viewer@norrby.example": (("norrby", "viewer"),),
    "editor@norrby.example": (("norrby", "editor"),),
    "publisher@norrby.example": (("norrby", "publisher"),),
    "admin@norrby.example": (("norrby", "admin"),),
    "admin@trebygden.example": (("group:trebygden", "admin"),),
    "admin@ostby.example": (("ostby", "admin"),),
    "admin@everywhere.example": (("*", "admin"),),
    "nobody@norrby.example": (),
}
IN_NORRBY: dict[str, Role | None] = {
    **{f"{role}@norrby.example": role for role in ROLES},
    "admin@trebygden.example": "admin",
    "admin@everywhere.example": "admin",
    "admin@ostby.example": None,
    "nobody@norrby.example": None,
}


@pytest.fixture
def fresh(make_app: Callable[..., Flask]) -> FlaskClient:
    """A browser that has never been here, of an application with its own views."""
    return make_app().test_client()


def address(route: Route, municipality: str = "norrby") -> str:
    return "/staff" + re.sub("<int.*?>", "1", route.rule.replace("<municipality>", municipality))


@pytest.fixture(scope="module")
def app(make_app: Callable[..., Flask]) -> Flask:
    """An application whose views only say that somebody came in: what they do is tested with each."""
    made = make_app()
    for email, grants in PEOPLE.items():
        add_member(made, email, *grants)
    return made


@pytest.fixture(scope="module")
def browsers(app: Flask) -> Iterator[dict[str, Browser]]:
    """A browser of each, signed in; then the views are taken away."""
    found = {email: Browser(app).sign_in(email) for email in PEOPLE}
    half = Browser(app)
    half.enter("admin@norrby.example")
    half.get("/staff/code")
    found |= {"begun": half, "nobody": Browser(app)}
    found["nobody"].get("/staff/sign-in")
    kept = dict(app.view_functions)
    app.view_functions.update(dict.fromkeys(BY_ENDPOINT, lambda **_values: "came in"))
    yield found
    app.view_functions.update(kept)


def outcome(browser: Browser, route: Route, municipality: str = "norrby") -> str:
    path = address(route, municipality)
    answer = browser.get(path) if route.method == "GET" else browser.post(path, {"words": "kept"})
    if answer.text == "came in":
        return "in"
    if answer.status_code in (303, 401):
        where = answer.headers.get("Location", "") + answer.text
        is_code = where.startswith("/staff/code") or 'action="/staff/code"' in where
        return "code" if is_code else "out"
    return {403: "role too low", 404: "not there"}[answer.status_code]


def expected(route: Route, who: str) -> str:
    if route.need == "anyone":
        return "in"
    if who == "nobody":
        return "out"
    if route.need == "begun":
        return "in"
    if who == "begun":
        return "code"
    if route.need == "member":
        return "in"
    role = IN_NORRBY[who]
    if role is None:
        return "not there"
    return "in" if suffices(role, route.need) else "role too low"


@pytest.mark.parametrize("who", [*PEOPLE, "begun", "nobody"])
@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.endpoint)
def test_a_role_opens_what_the_table_says(browsers: dict[str, Browser], route: Route, who: str) -> None:
    assert outcome(browsers[who], route) == expected(route, who)


@pytest.mark.parametrize("municipality", ["soderby", "ostby", "nowhere"])
@pytest.mark.parametrize("role", ROLES)
def test_no_role_opens_another_municipality(browsers: dict[str, Browser], role: Role, municipality: str) -> None:
    found = {
        route.endpoint: outcome(browsers[f"{role}@norrby.example"], route, municipality)
        for route in ROUTES
        if "<municipality>" in route.rule
    }
    assert set(found.values()) == {"not there"}


def test_a_group_opens_its_own_municipalities_alone(browsers: dict[str, Browser]) -> None:
    (home,) = [route for route in ROUTES if route.endpoint == "home"]
    found = {name: outcome(browsers["admin@trebygden.example"], home, name) for name in ("norrby", "soderby", "ostby")}
    assert found == {"norrby": "in", "soderby": "in", "ostby": "not there"}


def test_every_address_of_staff_is_in_the_table(app: Flask) -> None:
    """Whoever adds a route says here whom it is for."""
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/staff")]
    listed = {(f"staff.{route.endpoint}", f"/staff{route.rule}", route.method) for route in ROUTES}
    assert {
        (rule.endpoint, rule.rule, method) for rule in rules for method in rule.methods - {"HEAD", "OPTIONS"}
    } == listed
    assert len(BY_ENDPOINT) == len(ROUTES)


def test_an_address_that_the_table_lacks_is_not_there(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    app.add_url_rule("/staff/forgotten", "staff.forgotten", lambda: "came in")
    assert app.test_client().get("/staff/forgotten").status_code == 404


def test_every_page_of_staff_is_for_one_municipality_or_oneself() -> None:
    """A role without a municipality would be one everywhere."""
    assert [route for route in ROUTES if route.need in ROLES and "<municipality>" not in route.rule] == []


# where a request comes from

SITES = {
    "our own page": (OWN, True),
    "our own page, with its origin": ({**OWN, "Origin": "http://localhost"}, True),
    "our own page, without referrer": ({**OWN, "Origin": "null"}, True),
    "typed by hand": ({"Sec-Fetch-Site": "none"}, True),
    "an old browser": ({"Origin": "http://localhost"}, True),
    "another site": ({"Sec-Fetch-Site": "cross-site"}, False),
    "another host of the same site": ({"Sec-Fetch-Site": "same-site"}, False),
    "another origin": ({"Origin": "https://evil.example"}, False),
    "another port": ({"Origin": "http://localhost:8080"}, False),
    "another scheme": ({"Origin": "https://localhost"}, False),
    "a look-alike": ({"Origin": "http://localhost.evil.example"}, False),
    "a frame without origin": ({"Origin": "null"}, False),
    "both, at odds": ({**OWN, "Origin": "https://evil.example"}, False),
    "nothing said": ({}, False),
}


@pytest.mark.parametrize(("headers", "passes"), SITES.values(), ids=SITES)
def test_113_a_write_comes_from_our_own_pages(
    browsers: dict[str, Browser], headers: dict[str, str], *, passes: bool
) -> None:
    answer = browsers["admin@norrby.example"].post("/staff/norrby/users", {"words": "x"}, headers=headers)
    assert (answer.text == "came in") is passes
    assert answer.status_code == (200 if passes else 403)


@pytest.mark.parametrize("token", ["", "x", "ImFiYyI.aaaaaa.bbbbbb"])
def test_a_write_without_the_token_of_this_browser_does_nothing(browsers: dict[str, Browser], token: str) -> None:
    data = {"csrf_token": token, "words": "kept"}
    answer = browsers["admin@norrby.example"].client.post("/staff/norrby/users", data=data, headers=OWN)
    assert (answer.status_code, "came in" in answer.text) == (409, False)
    assert 'name="words" value="kept"' in answer.text


def test_a_token_of_another_browser_does_not_count(browsers: dict[str, Browser]) -> None:
    token = browsers["editor@norrby.example"].token
    answer = browsers["admin@norrby.example"].client.post("/staff/sign-out", data={"csrf_token": token}, headers=OWN)
    assert answer.status_code == 400


def test_reading_changes_nothing(app: Flask, browsers: dict[str, Browser]) -> None:
    before = count_deeds(app)
    for browser in browsers.values():
        for route in ROUTES:
            browser.get(address(route))
    assert count_deeds(app) == before


@pytest.mark.parametrize(
    ("base", "status"),
    [
        ("http://localhost", 200),
        ("http://127.0.0.1:8000", 200),
        ("http://[::1]:8000", 200),
        ("https://chat.example.se", 200),
        ("http://chat.example.se", 403),
        ("http://192.168.1.7:8000", 403),
        ("http://localhost.evil.example", 403),
    ],
)
def test_staff_come_by_https_or_from_this_machine(fresh: FlaskClient, base: str, status: int) -> None:
    assert fresh.get("/staff/sign-in", base_url=base).status_code == status


# what every answer says


@pytest.mark.parametrize("who", ["admin@norrby.example", "nobody"])
def test_no_answer_is_kept_or_framed(browsers: dict[str, Browser], who: str) -> None:
    paths = [address(route) for route in ROUTES] + ["/staff/nowhere/", "/staff/norrby/nothing", "/staff"]
    for path in paths:
        answer = browsers[who].get(path)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        if path != "/staff":
            assert answer.headers["Cache-Control"] == "no-store", path


COOKIES = {
    "here": ("http://localhost", "hemvist-staff", "/staff", False),
    "by https": ("https://chat.example.se", "__Host-hemvist-staff", "/", True),
}


@pytest.mark.parametrize(("base", "name", "path", "secure"), COOKIES.values(), ids=COOKIES)
def test_the_cookie_is_kept_close(fresh: FlaskClient, base: str, name: str, path: str, *, secure: bool) -> None:
    (cookie,) = fresh.get("/staff/sign-in", base_url=base).headers.getlist("Set-Cookie")
    parts = cookie.split("; ")
    assert parts[0].startswith(f"{name}=")
    assert {"HttpOnly", f"Path={path}", "SameSite=Lax"} <= set(parts)
    assert ("Secure" in parts) is secure
    assert "Domain" not in cookie


@pytest.mark.parametrize("path", ["/", "/norrby/", "/norrby/sv/", "/norrby/sv/plots", "/help/sv/staff", "/healthz"])
def test_a_visitor_gets_no_cookie_even_when_signed_in(browsers: dict[str, Browser], path: str) -> None:
    answer = browsers["admin@norrby.example"].get(path)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_117_what_is_far_too_large_is_refused(browsers: dict[str, Browser]) -> None:
    answer = browsers["admin@norrby.example"].post("/staff/norrby/users", {"words": "x" * 10_000_000})
    assert answer.status_code == 413


def test_what_is_as_large_as_an_answer_passes(browsers: dict[str, Browser]) -> None:
    assert browsers["admin@norrby.example"].post("/staff/norrby/users", {"words": "x" * 200_000}).text == "came in"
