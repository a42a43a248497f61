"""The page of freshness: what staff read there, and the two clicks that confirm."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from members import Browser, StoppedClock, add_member, begin_anew, count_deeds, deeds, service_of
from sqlalchemy import Connection, insert, text

from bot import Checked, fingerprint, load
from web.confirming import FolderConfirmations, Undo
from web.services import get_services
from web.settings import Settings
from web.staff.service import EXTENSION
from web.store.models import Turn

PAGE = "/staff/norrby/freshness"
KNOWLEDGE = Path(__file__).parent / "knowledge"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(KNOWLEDGE, tmp_path_factory.mktemp("fresh") / "knowledge"))


@pytest.fixture(scope="module")
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 23, 11, tzinfo=UTC))


@pytest.fixture(scope="module")
def shared_app(make_app: Callable[..., Flask], folder: Path, clock: StoppedClock) -> Flask:
    return make_app(clock, HEMVIST_KNOWLEDGE=str(folder))


@pytest.fixture
def app(shared_app: Flask, folder: Path, clock: StoppedClock, store_settings: Settings) -> Iterator[Flask]:
    """An application with an empty store and files as they were; one translation is outdated."""
    path = folder / "municipalities" / "norrby" / "housing.yaml"
    before = (KNOWLEDGE / "municipalities" / "norrby" / "housing.yaml").read_text("utf-8")
    path.write_text(before.replace("    tests:\n", '    en_of: "000000" # of last year\n    tests:\n', 1), "utf-8")
    with shared_app.app_context():
        get_services().knowledge.refresh()
    clock.at = datetime(2026, 11, 23, 11, tzinfo=UTC)
    kept = shared_app.extensions[EXTENSION]
    begin_anew(shared_app, store_settings, clock)
    clock.at = datetime(2026, 11, 23, 11, tzinfo=UTC)
    service_of(shared_app).__dict__["confirmations"] = FolderConfirmations(folder)
    add_member(shared_app, "anna@norrby.example", ("norrby", "publisher"))
    add_member(shared_app, "eva@norrby.example", ("norrby", "editor"))
    yield shared_app
    shared_app.extensions[EXTENSION] = kept


@pytest.fixture
def anna(app: Flask, clock: StoppedClock) -> Browser:
    return Browser(app).sign_in("anna@norrby.example", clock)


@pytest.fixture
def housing(folder: Path) -> Path:
    return folder / "municipalities" / "norrby" / "housing.yaml"


def ask(app: Flask, entry: str, count: int) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    row: dict[str, Any] = {
        "municipality": "norrby", "language": "sv", "key_hash": "a" * 64, "asked_at": at, "day": at.date(),
        "kind": "answer", "entry": entry, "confidence": 0.9, "question": None, "gap": None,
    }  # fmt: skip
    with service_of(app).store.writing() as connection:
        connection.execute(insert(Turn), [row] * count)


def stamp(folder: Path, entry: str) -> str:
    answer = load(folder).view("norrby").entries[entry].answer
    assert answer
    return fingerprint(f"{answer.sv}\n{answer.en}")


def test_the_page_says_what_is_old_and_what_visitors_are_told(app: Flask, anna: Browser) -> None:
    ask(app, "plot-reservation", 7)
    page = anna.get(PAGE).text
    assert "Passerat granskningsdatum" in page
    assert "7 besökare" in page
    assert "skulle ha setts över vid det här laget" in page
    assert "1 december 2026" not in page
    assert "Den svenska text som engelskan gjordes från finns inte kvar" in page


def test_the_first_page_names_what_most_visitors_meet_first(app: Flask, anna: Browser) -> None:
    ask(app, "plots", 2)
    ask(app, "plot-reservation", 1)
    page = anna.get("/staff/norrby/").text
    assert page.index("1 översättning är inaktuell") < page.index("1 svar har passerat sitt datum")
    ask(app, "plot-reservation", 5)
    page = anna.get("/staff/norrby/").text
    assert page.index("1 svar har passerat sitt datum") < page.index("1 översättning är inaktuell")
    assert "/staff/norrby/freshness#review" in page


def test_the_list_is_of_one_owner_where_that_is_wanted(anna: Browser) -> None:
    assert "Hur reserverar jag en tomt?" in anna.get(f"{PAGE}?owner=building").text
    assert "Hur reserverar jag en tomt?" not in anna.get(f"{PAGE}?owner=-").text


def test_same_meaning_ends_the_notice_and_keeps_comments(
    app: Flask, anna: Browser, folder: Path, housing: Path
) -> None:
    before = housing.read_text("utf-8")
    anna.get(PAGE)
    answer = anna.post(f"{PAGE}/plots/same-meaning", {"seen": stamp(folder, "plots")})
    assert answer.status_code == 303
    swedish = load(folder).view("norrby").entries["plots"].answer
    assert swedish
    assert housing.read_text("utf-8") == before.replace("000000", fingerprint(swedish.sv or ""))
    assert "Varje översättning är gjord från dagens svenska text" in anna.get(PAGE).text
    assert deeds(app)[-1] == "translation_confirmed"


def test_still_right_begins_the_time_anew(app: Flask, anna: Browser, folder: Path) -> None:
    anna.get(PAGE)
    answer = anna.post(f"{PAGE}/plot-reservation/still-right", {"seen": stamp(folder, "plot-reservation")})
    assert answer.status_code == 303
    checked = load(folder).view("norrby").entries["plot-reservation"].checked
    assert checked == Checked(datetime(2026, 11, 23, tzinfo=UTC).date(), "Byggkontoret", 12)
    assert "Det ska granskas igen den 23 november 2027" in anna.get(PAGE).text
    assert deeds(app)[-1] == "answer_confirmed"


def test_what_changed_since_the_page_was_opened_is_read_again_first(
    app: Flask, anna: Browser, folder: Path, housing: Path
) -> None:
    anna.get(PAGE)
    seen = stamp(folder, "plots")
    housing.write_text(housing.read_text("utf-8").replace("40 000 kr", "45 000 kr"), "utf-8")
    before, counted = housing.read_text("utf-8"), count_deeds(app)
    answer = anna.post(f"{PAGE}/plots/same-meaning", {"seen": seen})
    assert (answer.status_code, housing.read_text("utf-8"), count_deeds(app)) == (409, before, counted)


@pytest.mark.parametrize("entry", ["newcomer-service", "emergency", "nowhere"])
def test_only_the_municipality_s_own_answers_are_confirmed(anna: Browser, entry: str) -> None:
    anna.get(PAGE)
    assert anna.post(f"{PAGE}/{entry}/still-right", {"seen": "x"}).status_code == 404


def test_without_its_row_in_the_audit_nothing_is_written(
    app: Flask, anna: Browser, folder: Path, housing: Path
) -> None:
    before = housing.read_text("utf-8")
    with service_of(app).store.writing() as connection:
        connection.execute(text("ALTER TABLE audit RENAME TO elsewhere"))
    anna.get(PAGE)
    answer = anna.post(f"{PAGE}/plots/same-meaning", {"seen": stamp(folder, "plots")})
    assert (answer.status_code, housing.read_text("utf-8")) == (503, before)


class Kept(FolderConfirmations):
    """Knows what the Swedish was."""

    def earlier(self, layer: str, entry: str, made_of: str) -> str | None:
        first = "Norrby har **elva** lediga tomter. Den billigaste kostar 40 000 kr."
        return f"{first}\n\nRing byggkontoret så får du en karta.\n"


class Unwritable(FolderConfirmations):
    """A folder that cannot be written to."""

    def can_confirm(self, layer: str) -> bool:
        return False

    def same_meaning(self, connection: Connection, layer: str, entry: str) -> Undo:
        raise OSError(30, os.strerror(30))


def test_what_changed_in_the_swedish_is_marked(app: Flask, anna: Browser, folder: Path) -> None:
    service_of(app).__dict__["confirmations"] = Kept(folder)
    page = anna.get(PAGE).text
    assert "elva</del>" in page.replace('<span class="unseen">]</span>', "")
    assert "tolv</ins>" in page.replace('<span class="unseen">]</span>', "")


def test_where_nothing_can_be_written_there_is_no_button(app: Flask, anna: Browser, folder: Path) -> None:
    service_of(app).__dict__["confirmations"] = Unwritable(folder)
    page = anna.get(PAGE).text
    assert "still-right" not in page
    assert "kan inget bekräftas" in page
    answer = anna.post(f"{PAGE}/plots/same-meaning", {"seen": stamp(folder, "plots")})
    assert answer.status_code == 409


def test_an_editor_reads_and_does_not_confirm(app: Flask, clock: StoppedClock) -> None:
    eva = Browser(app).sign_in("eva@norrby.example", clock)
    assert "still-right" not in eva.get(PAGE).text
    assert eva.post(f"{PAGE}/plots/same-meaning", {"seen": "x"}).status_code == 403
