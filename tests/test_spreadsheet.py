"""The page Spreadsheet: a sheet is downloaded, changed, looked at and taken over, by whoever may."""

import io
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from flask import Flask
from members import OWN, TOKEN, Browser, add_member, deeds
from werkzeug.test import TestResponse

from bot import load
from web.sheets import UnreadableError, pack, unpack

KNOWLEDGE = Path(__file__).parent / "knowledge"
PEOPLE = {
    "viewer": (("norrby", "viewer"),),
    "editor": (("norrby", "editor"),),
    "publisher": (("norrby", "publisher"),),
    "group": (("group:trebygden", "publisher"),),
    "everywhere": (("*", "publisher"),),
}
PAGE = "/staff/norrby/spreadsheet"
CARRIED = re.compile(r'name="changes" value="([^"]+)"')


@dataclass
class Office:
    """An application on knowledge of its own, and the browsers of those who keep it."""

    app: Flask
    folder: Path
    browsers: dict[str, Browser]

    def book(self, who: str = "editor", layer: str = "") -> openpyxl.Workbook:
        """Download the workbook of a layer."""
        found = self.browsers[who].client.get(f"{PAGE}/download", query_string={"layer": layer} if layer else None)
        assert found.status_code == 200
        return openpyxl.load_workbook(io.BytesIO(found.data))

    def bring(self, who: str, book: openpyxl.Workbook | bytes, name: str = "sheet.xlsx") -> TestResponse:
        """Send a sheet, and return the page of what it would change."""
        if not isinstance(book, bytes):
            held = io.BytesIO()
            book.save(held)
            book = held.getvalue()
        browser = self.browsers[who]
        browser.get(PAGE)
        parts = (
            b'--xx\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n', browser.token.encode(),
            b'\r\n--xx\r\nContent-Disposition: form-data; name="sheet"; filename="', name.encode(),
            b'"\r\nContent-Type: application/octet-stream\r\n\r\n', book, b"\r\n--xx--\r\n",
        )  # fmt: skip
        kind = "multipart/form-data; boundary=xx"
        return browser.client.post(PAGE, data=b"".join(parts), content_type=kind, headers=OWN)

    def confirm(self, who: str, page: TestResponse, way: str, **fields: str) -> TestResponse:
        """Press a button of that page."""
        found = CARRIED.search(page.text)
        assert found, page.text
        self.browsers[who].token = TOKEN.findall(page.text)[0]
        return self.browsers[who].post(f"{PAGE}/import", {"changes": found[1], "way": way, **fields})

    def files(self) -> dict[str, bytes]:
        """Return all files of the knowledge."""
        return {str(path.relative_to(self.folder)): path.read_bytes() for path in self.folder.rglob("*.yaml")}

    def answer(self, entry: str = "plots", layer: str = "municipalities/norrby") -> str | None:
        """Return what a layer's file answers."""
        found = load(self.folder).layers[layer].entries[entry].answer
        return found and found.sv


@pytest.fixture(scope="module")
def whole_app(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("own") / "knowledge"))
    app = make_app(HEMVIST_KNOWLEDGE=str(folder))
    browsers = {}
    for who, grants in PEOPLE.items():
        add_member(app, f"{who}@norrby.example", *grants)
        browsers[who] = Browser(app).sign_in(f"{who}@norrby.example")
    return Office(app, folder, browsers)


@pytest.fixture
def office(whole_app: Office) -> Office:
    return whole_app


def change(book: openpyxl.Workbook, sheet: str, item: str, **cells: str) -> openpyxl.Workbook:
    page = book[sheet]
    headings = [cell.value for cell in page[1]]
    row = next(row for row in page.iter_rows(min_row=2) if row[0].value == item)
    for name, text in cells.items():
        row[headings.index(name)].value = text
    return book


def shown(page: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", page.text))


def test_an_editor_sees_what_changes_and_saves_drafts(office: Office) -> None:
    before = office.files()
    page = office.bring("editor", change(office.book(), "entries", "plots", answer_sv="Tretton tomter är lediga."))
    assert page.status_code == 200
    assert "Tretton tomter är lediga." in shown(page)
    assert "Inget prov går sönder" in shown(page)
    assert "Publicera" not in shown(page)
    assert office.confirm("editor", page, "publish").status_code == 403
    assert office.confirm("editor", page, "draft").status_code == 303
    assert deeds(office.app)[-1] == "draft_saved"
    assert office.files() == before
    history = office.browsers["editor"].get("/staff/norrby/answers/plots/history").text
    assert "editor@norrby.example" in history


def test_a_draft_of_somebody_else_is_not_written_over(office: Office) -> None:
    office.bring("editor", office.book())
    page = office.bring("publisher", change(office.book(), "entries", "plots", answer_sv="Min text."))
    assert "Någon hann före" in shown(page)
    assert "editor@norrby.example" in shown(page)
    assert CARRIED.search(page.text) is None
    again = office.bring("editor", change(office.book(), "entries", "plots", answer_sv="Tretton, eller fler."))
    assert office.confirm("editor", again, "draft").status_code == 303


def test_a_publisher_publishes_and_only_that_file_changes(office: Office) -> None:
    before = office.files()
    book = change(office.book(), "facts", "population", value="3300")
    page = office.bring("publisher", change(book, "contacts", "building-office", phone="+46 933 140 21"))
    assert office.confirm("publisher", page, "publish", note="Nya siffror").status_code == 303
    after = office.files()
    names = {name for name in after if after[name] != before[name]}
    assert names == {"municipalities/norrby/facts.yaml", "municipalities/norrby/contacts.yaml"}
    for name in names:
        was, now = before[name].decode().splitlines(), after[name].decode().splitlines()
        assert len(was) == len(now)
        assert sum(one != other for one, other in zip(was, now, strict=True)) == 1
    assert deeds(office.app)[-2:] == ["published", "published"]
    cell = next(row for row in office.book()["contacts"].iter_rows(values_only=True) if row[0] == "building-office")
    assert "'+46 933 140 21" in cell


def test_an_old_sheet_does_not_undo_what_somebody_published(office: Office) -> None:
    old = office.book()
    page = office.bring("publisher", change(office.book(), "places", _first(old, "places"), note_sv="Ny anteckning."))
    assert office.confirm("publisher", page, "publish").status_code == 303
    before = office.files()
    untouched = office.bring("publisher", old)
    assert "Det finns inget att ta över" in shown(untouched)
    late = office.bring("publisher", change(old, "places", _first(old, "places"), note_sv="Min anteckning."))
    assert "Någon hann före" in shown(late)
    assert "Ny anteckning." in shown(late)
    assert CARRIED.search(late.text) is None
    assert office.files() == before


def test_whoever_is_late_by_a_second_sees_the_newer_version(office: Office) -> None:
    first = office.bring("publisher", change(office.book(), "facts", "preschool-fee", value="1700"))
    second = office.bring("everywhere", change(office.book(), "facts", "preschool-fee", value="1800"))
    assert office.confirm("publisher", first, "publish").status_code == 303
    late = office.confirm("everywhere", second, "publish")
    assert late.status_code == 412
    assert "1700" in shown(late)
    assert office.answer() == load(KNOWLEDGE).layers["municipalities/norrby"].entries["plots"].answer.sv  # type: ignore[union-attr]  # it has one


def _first(book: openpyxl.Workbook, sheet: str) -> str:
    return str(book[sheet]["A2"].value)


def test_faults_are_listed_and_nothing_changes(office: Office) -> None:
    before, count = office.files(), len(deeds(office.app))
    book = change(office.book(), "entries", "plots", contacts="nobody", source_copied="1/2/24")
    page = office.bring("publisher", change(book, "facts", "population", source_url="htp:/x"))
    assert page.status_code == 422
    rows = re.findall(r"<tr><td>(\w+)</td><td>(\d+)</td><td>(\w+)</td><td>", page.text)
    assert {(sheet, column) for sheet, _, column in rows} == {
        ("entries", "contacts"), ("entries", "source_copied"), ("facts", "source_url"),
    }  # fmt: skip
    assert (office.files(), len(deeds(office.app))) == (before, count)


def test_a_broken_test_wants_a_reason(office: Office) -> None:
    book = office.book("everywhere", "vocabulary")
    headings = [cell.value for cell in book["outside"][1]]
    row = {"id": "water", "questions_sv": "är någon tomt ledig nära vattnet\nfinns någon tomt ledig vid vattnet"}
    book["outside"].append([row.get(name) for name in headings])
    page = office.bring("everywhere", book)
    assert "prov går sönder" in shown(page)
    assert "är någon tomt ledig nära vattnet" in shown(page)
    refused = office.confirm("everywhere", page, "publish")
    assert refused.status_code == 422
    assert "skriv varför" in shown(refused)
    assert CARRIED.search(refused.text)


SCOPES = {
    "an editor may not write the national layer": ("editor", "national", 422),
    "nor that of the group": pytest.param("editor", "groups/trebygden", 422, marks=pytest.mark.nightly),
    "nor the shared words": pytest.param("editor", "vocabulary", 422, marks=pytest.mark.nightly),
    "a publisher of the group writes the group's": ("group", "groups/trebygden", 200),
    "who has a role everywhere writes the words": pytest.param(
        "everywhere", "vocabulary", 200, marks=pytest.mark.nightly
    ),
}


@pytest.mark.parametrize(("who", "layer", "status"), SCOPES.values(), ids=SCOPES)
def test_each_writes_the_layers_of_their_role(office: Office, who: str, layer: str, status: int) -> None:
    sheet, column = ("groups", "words") if layer == "vocabulary" else ("entries", "must_match_sv")
    book = office.book(who, layer)
    page = office.bring(who, change(book, sheet, _first(book, sheet), **{column: "ord ett\nord två"}))
    assert page.status_code == status
    if status == 422:
        assert "layer" in page.text


def test_a_viewer_reads_and_brings_nothing(office: Office) -> None:
    assert office.book("viewer").sheetnames[0] == "entries"
    assert 'type="file"' not in office.browsers["viewer"].get(PAGE).text
    assert office.bring("viewer", office.book("viewer")).status_code == 403


def test_layers_of_others_are_not_there(office: Office) -> None:
    found = office.browsers["editor"].get(f"{PAGE}/download?layer=municipalities/soderby")
    assert found.status_code == 404


def test_csv_goes_the_same_way(office: Office) -> None:
    found = office.browsers["editor"].client.get(f"{PAGE}/download?format=csv")
    assert found.headers["Content-Disposition"].endswith('.zip"')
    page = office.bring("editor", found.data, "hemvist.zip")
    assert "Det finns inget att ta över" in shown(page)


WRONG: dict[str, tuple[bytes, str, int]] = {
    "no file": (b"", "", 422),
    "no sheet": (b"\x89PNG\r\n\x1a\n" + bytes(200), "a.png", 422),
    "a path for a name": (b"id;svar\nx;y", "../../etc/entries.csv", 422),
    "92 over the limit": (b"x" * 5_500_000, "entries.csv", 422),
    "92 far over the limit": (b"x" * 6_500_000, "entries.csv", 413),
}


@pytest.mark.parametrize(("data", "name", "status"), WRONG.values(), ids=WRONG)
def test_what_is_no_sheet_is_told(office: Office, data: bytes, name: str, status: int) -> None:
    page = office.bring("editor", data, name or "x")
    assert page.status_code == status
    assert "etc/" not in page.text


FORGED = {
    "nothing": "", "no text": "åäö", "no packing": "AAAA", "nothing in it": pack([]),
    "another layer": "layer", "settings": "municipality", "an id of another": "id", "a packed bomb": "bomb",
}  # fmt: skip


@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED)
def test_what_a_page_carries_is_not_believed(office: Office, changes: str) -> None:
    import base64
    import json
    import zlib

    item = {"id": "plots", "answer": {"sv": "Ha."}}
    made: dict[str, Any] = {
        "layer": [["national", "entry", "plots", item, 0]],
        "municipality": [["municipalities/norrby", "municipality", "norrby", {"id": "norrby"}, 0]],
        "id": [["municipalities/norrby", "entry", "others", item, 0]],
    }
    if changes in made:
        changes = base64.urlsafe_b64encode(zlib.compress(json.dumps(made[changes]).encode())).decode()
    elif changes == "bomb":
        changes = base64.urlsafe_b64encode(zlib.compress(b"[" * 60_000_000)).decode()
    before = office.files()
    office.browsers["editor"].get(PAGE)
    found = office.browsers["editor"].post(f"{PAGE}/import", {"changes": changes, "way": "draft"})
    assert found.status_code in (400, 403)
    assert office.files() == before


def test_deep_nesting_is_unreadable() -> None:
    import base64
    import zlib

    with pytest.raises(UnreadableError):
        unpack(base64.urlsafe_b64encode(zlib.compress(b"[" * 100_000)).decode())
