"""Every page of staff there is: accessible in both languages, help at every field, nothing wider than a phone."""

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import seeds
from flask import Flask
from media import UNHELPED, Violations
from members import Browser, add_member, service_of
from playwright.sync_api import BrowserContext, Page

from web.staff.routes import ROUTES, Route

KNOWLEDGE = Path(__file__).parent.parent / "knowledge"
FILES = {"download_sheet", "report_table"}  # saved, and not shown
OPENED = [route for route in ROUTES if route.method == "GET" and route.endpoint not in FILES]
ADMINS = {"sv": "anna@norrby.example", "en": "ann@norrby.example"}
LOOKS = {"sv": (390, "light"), "en": (1280, "dark")}
NEW, OTHER = "new@norrby.example", "bo@norrby.example"
# what stands in an address besides the municipality; "gap" and the like are found by `site_of_staff`
MORE = {
    "gap": {"key": "gap"},
    "try_phrasing": {"key": "gap", "?": "entry=plots"},
    "message": {"number": "ABCDE-12345"},
    "answer": {"entry": "plots"},
    "history": {"entry": "plots"},
    "record_list": {"table": "places"},
    "start_record": {"table": "places"},
    "record": {"table": "places", "item": "norrby-centre"},
    "ask_remove": {"table": "places", "item": "norrby-centre"},
    "record_history": {"table": "places", "item": "norrby-centre"},
    "user": {"account": "2"},
    "start_answer": {"?": "gap=gap"},
    "invitation": {"?": "token=token"},
    "reports": {"?": "month=2026-02"},
    "report_group": {"group": "trebygden", "?": "month=2026-02"},
}
WRONG = {"provided"}  # answers 404 where no identity provider is set


@dataclass
class Place:
    """The pages of staff, the cookies of those who are signed in, and what addresses hold."""

    address: str
    cookies: dict[str, str]
    found: dict[str, str]

    def path(self, route: Route) -> str:
        """Return where a page is; an address that holds more than is known here is a page nobody looks at."""
        more = dict(MORE.get(route.endpoint, {}))
        query = re.sub("=(gap|token)$", lambda name: f"={self.found[name[1]]}", more.pop("?", ""))
        rule = re.sub(r"<(?:\w+(?:\(.*?\))?:)?(\w+)>", r"{\1}", route.rule)
        filled = rule.format(municipality="norrby", **{name: self.found.get(it, it) for name, it in more.items()})
        return f"{self.address}/staff{filled}?{query}"


@pytest.fixture(scope="module")
def place(
    make_app: Callable[..., Flask], serve: Callable[[Flask], str], tmp_path_factory: pytest.TempPathFactory
) -> Place:
    folder = shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("own") / "knowledge")
    (folder / "municipalities" / "norrby" / "questions.yaml").write_text(seeds.QUESTIONS, "utf-8")
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    for language, email in ADMINS.items():
        add_member(app, email, ("norrby", "admin"), ("soderby", "editor"), language=language)
    add_member(app, OTHER, ("norrby", "editor"))
    add_member(app, NEW, ("norrby", "publisher"), totp=False)
    settings = service_of(app).settings
    seeds.ask(settings, *["kan man ha höns"] * 3, "kan man ha hons?", *(f"{number} {number}" for number in range(55)))
    seeds.leave_message(settings, "ABCDE-12345", secret={"is_danger": True})
    seeds.live_through(settings)
    people = {email: Browser(app).sign_in(email) for email in ADMINS.values()}
    admin = people[ADMINS["sv"]]
    page = admin.get("/staff/norrby/gaps").text
    key = page[: page.index(">kan man ha höns</a>")].rsplit("/gaps/", 1)[1].split('"', 1)[0]
    sent = {"email": "ny@norrby.example", "name": "Ny", "role": "editor", "scope": "norrby", "language": "sv"}
    invited = admin.post("/staff/norrby/users", sent).text
    found = re.search(r"token=([\w-]+)", invited)
    assert found, invited
    admin.get("/staff/norrby/users")
    return Place(serve(app), _cookies(app, people), {"gap": key, "token": found[1]})


def _cookies(app: Flask, people: dict[str, Browser]) -> dict[str, str]:
    for email in (NEW, ADMINS["en"]):
        half = Browser(app)
        half.enter(email)
        people[f"begun {email}"] = half
    found = {}
    for name, browser in people.items():
        cookie = browser.client.get_cookie("hemvist-staff", path="/staff")
        assert cookie
        found[name] = cookie.value
    return found


@pytest.fixture(autouse=True)
def polite(context: BrowserContext) -> Iterator[None]:
    """Staff have one cookie; it is gone before the rule of the visitors' pages is looked at."""
    yield
    context.clear_cookies()


def who_opens(route: Route, language: str) -> str | None:
    """Return whose cookie opens a page: nobody's, that of somebody who gave a password, an administrator's."""
    if route.need == "anyone":
        return None
    if route.endpoint == "factor":
        return f"begun {NEW}"
    return f"begun {ADMINS['en']}" if route.need == "begun" else ADMINS[language]


@pytest.mark.parametrize("language", ["sv", pytest.param("en", marks=pytest.mark.nightly)])
@pytest.mark.parametrize("route", OPENED, ids=[route.endpoint for route in OPENED])
def test_every_page_is_accessible_and_helps_at_every_field(
    page: Page, place: Place, violations: Violations, quiet_console: list[str], route: Route, language: str
) -> None:
    width, scheme = LOOKS[language]
    page.set_viewport_size({"width": width, "height": 844})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light", reduced_motion="reduce")
    page.context.set_extra_http_headers({"Accept-Language": language})
    if who := who_opens(route, language):
        page.context.add_cookies([{"name": "hemvist-staff", "value": place.cookies[who], "url": place.address}])
    answer = page.goto(place.path(route))
    assert answer
    assert answer.ok or route.endpoint in WRONG, answer.status
    for more in page.locator("details").all():
        more.evaluate("one => one.open = true")
    found: dict[str, Any] = {"barriers": violations(), "fields without help": page.evaluate(UNHELPED)}
    page.set_viewport_size({"width": 320, "height": 640})
    found["too wide"] = [one for one in [page.evaluate("document.documentElement.scrollWidth")] if one > 320]
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
    if route.endpoint in WRONG:
        quiet_console.clear()
