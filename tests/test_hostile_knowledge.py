"""Knowledge written by an enemy: forty attacks in every text of an answer, a contact, a plot, a job and a place, and
every page, feed, file and reply that shows them.
"""

import csv
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import defusedxml.ElementTree as ElementTree
import pytest
from flask import Flask
from flask.testing import FlaskClient
from members import Browser, add_member
from payloads import TEXTS

from web.export.site import export

KNOWLEDGE = Path(__file__).parent / "knowledge"
SITE = "https://www.norrby.example/x"
# no knowledge file may hold a control character, nor {{ … }} outside of answers
PAYLOADS = [text.replace("\0", "") for text in TEXTS if "{{" not in text]
SCHEMES = {"", "http", "https", "mailto", "tel"}
BESIDE = re.compile(r'<script src="(\.\./)+[a-z/]+\.js" defer>')  # the copy's own scripts
NEVER = {"iframe", "object", "embed", "style", "math", "video", "slot", "frame", "applet"}


class Judge(HTMLParser):
    """Notes what no page of ours has: foreign elements, handlers, addresses of other schemes, scripts in the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.data: list[str] = []
        self._is_data = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._is_data = tag == "script" and given.get("type") in ("application/ld+json", "application/json")
        if tag in NEVER or (tag == "script" and not self._is_data and not given.get("src", "").startswith("/")):
            self.found.append(self.get_starttag_text() or tag)
        if (tag == "meta" and "http-equiv" in given) or (tag == "hemvist-chat" and "ready" not in given):
            self.found.append(self.get_starttag_text() or tag)
        for name, value in given.items():
            self._judge(tag, name, value)

    def handle_data(self, data: str) -> None:
        if self._is_data:
            self.data.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_data = False

    def _judge(self, tag: str, name: str, value: str) -> None:
        if name.startswith("on") or name in ("style", "srcdoc", "ping") or (tag == "base" and name == "href"):
            self.found.append(f"{tag} {name}={value}")
        if name in ("href", "src", "action", "formaction", "poster", "data", "xlink:href"):
            scheme, host = urlsplit(value)[:2]
            is_ours = host in ("", "localhost") or (tag, name) == ("a", "href")
            if scheme not in SCHEMES or "\\" in value or host.endswith("evil.example") or not is_ours:
                self.found.append(f"{tag} {name}={value}")


def both(text: str) -> dict[str, str]:
    return {"sv": text, "en": text}


def write_hostile(folder: Path) -> None:
    """Fill Norrby with the attacks: one answer, contact, plot, job and place for each."""
    source = {"url": SITE, "dated": "2026-10-01", "copied": "2026-11-21"}
    files: dict[str, list[dict[str, object]]] = {"entries": [], "contacts": [], "plots": [], "jobs": [], "places": []}
    for number, text in enumerate(PAYLOADS):
        short, contact = text[:60], f"contact-{number}"
        files["contacts"].append({"id": contact, "name": both(short), "note": both(text), "address": short})
        files["entries"].append(
            {
                "id": f"attack-{number}", "answer": both(text), "source": source, "contacts": [contact],
                "questions": {"sv": [f"{text} fråga {number}"], "en": [f"{text} question {number}"]},
                "links": [{"url": SITE, "label": both(text)}], "next": [f"attack-{(number + 1) % len(PAYLOADS)}"],
            }
        )  # fmt: skip
        where = {"id": f"attack-{number}", "place": short, "source": source}
        plot = {"status": "available", "designation": short, "plan": short, "building_right": both(text)}
        files["plots"].append({**where, **plot, "allocation": both(text), "position": ["64.2", "19.7"]})
        files["jobs"].append({**where, "title": both(short), "employer": short, "deadline": "2099-01-01", "url": SITE})
        place = {"name": both(short), "kind": "school", "address": short, "position": ["64.2", "19.7"]}
        files["places"].append({**where, **place})
    home = folder / "municipalities" / "norrby"
    for name, rows in files.items():
        _put(home, name, rows)


def _put(home: Path, name: str, rows: list[dict[str, object]]) -> None:
    """JSON is YAML; what Norrby had already stays, so that what points to it still does."""
    before = KNOWLEDGE / "municipalities" / "norrby" / f"{name}.yaml"
    kept = before.read_text("utf-8") if before.exists() else f"{name}:\n"
    lines = "".join(f"  - {json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    target = home / ("attacks.yaml" if name == "entries" else f"{name}.yaml")
    target.write_text((f"{name}:\n" if name == "entries" else kept) + lines, "utf-8")


@pytest.fixture(scope="module")
def hostile(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application that serves the attacks."""
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("hostile") / "knowledge"))
    write_hostile(folder)
    return make_app(HEMVIST_KNOWLEDGE=str(folder))


@pytest.fixture(scope="module")
def visitor(hostile: Flask) -> FlaskClient:
    return hostile.test_client()


@pytest.fixture(scope="module")
def staff(hostile: Flask) -> Browser:
    add_member(hostile, "admin@norrby.example", ("norrby", "admin"))
    return Browser(hostile).sign_in("admin@norrby.example")


def pages() -> Iterator[str]:
    """Every kind of page that shows knowledge."""
    yield from ("/", "/norrby/sv/", "/norrby/en/", "/norrby/sv/search", "/norrby/sv/search?q=fråga", "/norrby/sv/plan")
    yield from (f"/norrby/sv/map?show={table}" for table in ("plots", "jobs", "places"))
    yield from ("/norrby/sv/person", "/embed/norrby/sv", "/norrby/sv/compare?with=soderby")
    yield from (f"/norrby/{'sv' if number % 2 else 'en'}/attack-{number}" for number in range(len(PAYLOADS)))


def staff_pages() -> Iterator[str]:
    yield from ("/staff/norrby/", "/staff/norrby/answers", "/staff/norrby/freshness", "/staff/norrby/proofreading")
    yield from (f"/staff/norrby/records/{table}" for table in ("plots", "jobs", "places", "contacts"))
    yield from (f"/staff/norrby/answers/attack-{number}" for number in range(0, len(PAYLOADS), 4))
    yield from (f"/staff/norrby/records/plots/attack-{number}" for number in range(1, len(PAYLOADS), 6))


def test_no_page_is_more_than_its_template(visitor: FlaskClient) -> None:
    shown = 0
    for path in pages():
        answer = visitor.get(path, follow_redirects=True)
        judge = Judge(answer.text)
        assert judge.found == [], path
        assert all(json.loads(text) for text in judge.data), path
        shown += answer.status_code == 200
    assert shown > len(PAYLOADS)


def test_no_page_of_staff_is_more_than_its_template(staff: Browser) -> None:
    for path in staff_pages():
        answer = staff.get(path)
        assert (answer.status_code, Judge(answer.text).found) == (200, []), path


def test_a_reply_on_the_page_is_only_text(visitor: FlaskClient) -> None:
    for number in range(0, len(PAYLOADS), 3):
        answer = visitor.post("/norrby/sv/", data={"question": f"{PAYLOADS[number]} fråga {number}"})
        assert (answer.status_code, Judge(answer.text).found) == (200, [])


def test_an_address_of_a_reply_is_one_that_may_be_followed(visitor: FlaskClient) -> None:
    def addresses(value: object, name: str = "") -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield from addresses(inner, key)
        elif isinstance(value, list):
            for inner in value:
                yield from addresses(inner, name)
        elif isinstance(value, str) and name in ("url", "link", "phone_link", "list_link", "plan_link", "without"):
            yield value

    for number in range(len(PAYLOADS)):
        reply = visitor.get(f"/api/v1/entries/attack-{number}?municipality=norrby").json
        found = list(addresses(reply))
        assert found
        assert {urlsplit(one).scheme for one in found} <= SCHEMES
        assert not [one for one in found if "evil" in urlsplit(one).netloc or one.startswith(("//", "\\"))]


@pytest.mark.parametrize("table", ["plots", "jobs"])
def test_a_feed_is_well_formed_and_escaped(visitor: FlaskClient, table: str) -> None:
    answer = visitor.get(f"/norrby/sv/{table}.atom")
    root = ElementTree.fromstring(answer.data)
    namespaces = {element.tag.partition("}")[0] for element in root.iter()}
    assert namespaces == {"{http://www.w3.org/2005/Atom"}


@pytest.mark.parametrize("table", ["plots", "jobs", "places", "contacts"])
def test_a_table_has_no_formula(visitor: FlaskClient, table: str) -> None:
    text = visitor.get(f"/api/v1/{table}?municipality=norrby&format=csv").text
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) > len(PAYLOADS) / 2
    assert [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))] == []


def test_the_static_copy_is_only_text_too(hostile: Flask, tmp_path: Path) -> None:
    export(hostile, tmp_path / "copy", ("norrby",), None)
    pages = list((tmp_path / "copy").rglob("*.html"))
    assert len(pages) > len(PAYLOADS)
    found = {one for path in pages for one in Judge(path.read_text("utf-8")).found}
    assert {one for one in found if not BESIDE.fullmatch(one)} == set()
