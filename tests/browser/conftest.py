"""A real browser on the application: Debian's Chromium, driven by Playwright. Skipped without one, but never in CI."""

import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import axe_playwright_python
import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route
from werkzeug.serving import make_server

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
HERE = Path(__file__).parent
SHIPPED = HERE.parent.parent / "knowledge"
AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("browser")
            if not CHROMIUM and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason="needs Chromium: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the Chromium that is installed; as root it has no sandbox."""
    quiet = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    return {
        **browser_type_launch_args,
        "executable_path": CHROMIUM,
        "headless": True,
        "chromium_sandbox": os.geteuid() != 0,
        "args": [*quiet, "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
    }


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A Swedish phone."""
    phone = {"width": 390, "height": 844}
    return {**browser_context_args, "locale": "sv-SE", "timezone_id": "Europe/Stockholm", "viewport": phone}


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Flask], str]]:
    """Serve an application on a free port of this machine and return its address."""
    running = []

    def start(app: Flask) -> str:
        server = make_server("127.0.0.1", 0, app, threaded=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        running.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for server in running:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="session")
def site(app: Flask, serve: Callable[[Flask], str]) -> str:
    """The address of the application on tests/knowledge."""
    return serve(app)


@pytest.fixture(scope="session")
def shipped_site(make_shared_app: Callable[..., Flask], serve: Callable[[Flask], str]) -> str:
    """The address of the application on the knowledge that is shipped."""
    return serve(make_shared_app(HEMVIST_KNOWLEDGE=str(SHIPPED)))


@pytest.fixture(scope="session")
def base_url(site: str) -> str:
    """Addresses in the tests begin at the site. The plugin's own fixture, of which pytest 9 warns, stays unused."""
    return site


@pytest.fixture(autouse=True)
def quiet_console(page: Page) -> Iterator[list[str]]:
    """No page may complain, by its script or the policies that guard it. A test that expects it empties the list."""
    said: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            said.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


@pytest.fixture(autouse=True)
def no_traces(context: BrowserContext, page: Page, site: str) -> Iterator[None]:
    """Nothing is ever left in the browser, and no one else is called."""
    called: set[str] = set()
    page.on("request", lambda request: called.add(request.url))
    yield
    assert context.cookies() == []
    if page.url.startswith("http"):
        assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    own = page.url.split("/", 3)[:3]
    others = {url for url in called if not url.startswith("blob:")}  # what the page itself made to be saved
    assert {url for url in others if url.split("/", 3)[:3] not in (own, site.split("/", 3)[:3])} == set()


@pytest.fixture
def violations(page: Page) -> Callable[[], list[tuple[str, list[Any]]]]:
    """Return what axe finds wrong with the page as it is now, WCAG 2.2 A and AA and best practice."""

    def find() -> list[tuple[str, list[Any]]]:
        page.evaluate(AXE)
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = page.evaluate("options => axe.run(document, options)", options)
        return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found["violations"]]

    return find


@pytest.fixture
def answer_with(page: Page) -> Callable[..., None]:
    """Let the chat API answer with a given reply, status or nothing at all."""

    def answer(reply: dict[str, Any] | None = None, *, status: int = 200, lost: bool = False) -> None:
        def fulfil(route: Route) -> None:
            if lost:
                route.abort("internetdisconnected")
            else:
                kind = "application/json" if status == 200 else "application/problem+json"
                route.fulfill(status=status, content_type=kind, body=json.dumps(reply))

        page.route("**/api/v1/chat", fulfil)

    return answer
