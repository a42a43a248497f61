"""The page of freshness: what staff read there, and the two clicks that confirm."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from members import Browser, StoppedClock, add_member, count_deeds, deeds, service_of
from sqlalchemy import insert, text

from bot import Checked, Key, fingerprint, load
from web.revising import Edit, Revising
from web.services import get_services
from web.store.models import Turn

PAGE = "/staff/norrby/freshness"
PLOTS = Key("municipalities/norrby", "entry", "plots")
KNOWLEDGE = Path(__file__).parent / "knowledge"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Files of its own for each test; one translation is outdated."""
    made = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    path = made / "municipalities" / "norrby" / "housing.yaml"
    text = path.read_text("utf-8")
    path.write_text(text.replace("    tests:\n", '    en_of: "000000" # of last year\n    tests:\n', 1), "utf-8")
    return made


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock(datetime(2026, 11, 23, 11, tzinfo=UTC))


@pytest.fixture
def app(make_app: Callable[..., Flask], folder: Path, clock: StoppedClock, database: dict[str, str]) -> Flask:
    made = make_app(clock, HEMVIST_KNOWLEDGE=str(folder), **database)
    add_member(made, "anna@norrby.example", ("norrby", "publisher"))
    add_member(made, "eva@norrby.example", ("norrby", "editor"))
    return made


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


def test_what_changed_in_the_swedish_is_marked(app: Flask, anna: Browser, housing: Path) -> None:
    before = load(housing.parents[2]).view("norrby").entries["plots"].answer
    assert before
    text = housing.read_text("utf-8").replace('"000000" # of last year', f'"{fingerprint(before.sv or "")}"')
    housing.write_text(text, "utf-8")
    anna.get("/staff/norrby/answers/plots")
    housing.write_text(text.replace("**tolv**", "**elva**"), "utf-8")
    anna.get("/staff/norrby/answers/plots")
    with app.app_context():
        get_services().knowledge.refresh()
    page = anna.get(PAGE).text.replace('<span class="unseen">]</span>', "")
    assert "tolv</del>" in page
    assert "elva</ins>" in page


def test_where_files_cannot_be_written_it_is_confirmed_all_the_same(
    app: Flask, anna: Browser, folder: Path, housing: Path
) -> None:
    with app.app_context():
        get_services().knowledge.truth.folder.is_read_only = True
    before = housing.read_text("utf-8")
    anna.get(PAGE)
    assert anna.post(f"{PAGE}/plots/same-meaning", {"seen": stamp(folder, "plots")}).status_code == 303
    assert housing.read_text("utf-8") == before
    assert "Varje översättning är gjord från dagens svenska text" in anna.get(PAGE).text


def test_a_draft_that_waits_is_not_passed_over(app: Flask, anna: Browser, folder: Path) -> None:
    with app.app_context():
        truth = get_services().knowledge.truth
        doors = Revising(truth, lambda: get_services().knowledge.assistant.knowledge, lambda *_: None)
        now = doors.current(PLOTS)
        draft = doors.save_draft(Edit(PLOTS, now.item, "eva", now.based_on))
        assert anna.get(PAGE).status_code == 200
        counted = count_deeds(app)
        answer = anna.post(f"{PAGE}/plots/same-meaning", {"seen": stamp(folder, "plots")})
        assert (answer.status_code, count_deeds(app)) == (303, counted)
        assert doors.drafts() == [draft]
    assert "Ett utkast väntar" in anna.get(PAGE).text


@pytest.mark.parametrize("way", ["same-meaning", "still-right"])
def test_what_is_confirmed_is_a_version(app: Flask, anna: Browser, folder: Path, way: str) -> None:
    anna.get(PAGE)
    assert anna.post(f"{PAGE}/plots/{way}", {"seen": stamp(folder, "plots")}).status_code == 303
    with app.app_context():
        truth = get_services().knowledge.truth
        newest, first = Revising(truth, lambda: None, lambda *_: None).history(PLOTS)
    assert (newest.revision.author, newest.revision.origin) == ("anna@norrby.example", "web")
    assert first.revision.origin == "file"


def test_an_editor_reads_and_does_not_confirm(app: Flask, clock: StoppedClock) -> None:
    eva = Browser(app).sign_in("eva@norrby.example", clock)
    assert "still-right" not in eva.get(PAGE).text
    assert eva.post(f"{PAGE}/plots/same-meaning", {"seen": "x"}).status_code == 403
