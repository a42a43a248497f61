"""A municipality's own questions: how each is judged, how staff keep them, and what each publishing tells of them."""

import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import seeds
from flask import Flask
from members import Browser, StoppedClock, add_member, deeds, fields_of, service_of

from bot import Assistant, Key, OwnQuestion, answered, inspect, load, prove, questions_of
from bot.content.editing import put
from bot.content.overlay import lay_over
from web.store.evidence import proofs

KNOWLEDGE = Path(__file__).parent / "knowledge"
DAY = date(2026, 3, 2)
FILE = "municipalities/norrby/questions.yaml"
PAGE = "/staff/norrby/our-questions"
RECORDS = "/staff/norrby/records/questions"
PLOTS = "Vilka tomter är lediga i Norrby?"


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(KNOWLEDGE))


@pytest.mark.parametrize(
    ("question", "entry", "outcome"),
    [
        pytest.param(PLOTS, "plots", "right", id="right"),
        pytest.param(PLOTS, "plot-reservation", "wrong", id="another answer"),
        pytest.param("hur bakar man pannkakor", "plots", "silent", id="no answer"),
        pytest.param("hur bakar man pannkakor", None, "right", id="none is wanted"),
        pytest.param(PLOTS, None, "wrong", id="none is wanted and one is given"),
        pytest.param(PLOTS, "gone-since", "wrong", id="the answer is gone"),
    ],
)
def test_a_question_is_judged_by_what_visitors_get(
    assistant: Assistant, question: str, entry: str | None, outcome: str
) -> None:
    (one,) = answered(assistant, "norrby", [OwnQuestion("q", question, "sv", entry)], DAY)
    assert (one.outcome, one.holds) == (outcome, outcome == "right")


def test_questions_are_read_from_their_file_and_say_nothing_to_the_matching(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    one = OwnQuestion("pancakes", "hur bakar man pannkakor", entry="plots")
    (folder / FILE).write_text(put("", FILE, "question", one), "utf-8")
    found, problems = inspect(folder)
    assert found
    assert problems == inspect(KNOWLEDGE)[1]
    assert questions_of(found, "norrby") == (one,)
    assert questions_of(found, "soderby") == ()
    assert answered(Assistant(found), "norrby", [one], DAY)[0].outcome == "silent"


def test_a_wrong_file_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))
    (folder / FILE).write_text("questions:\n  - id: a\n    question: hej\n    answer: plots\n", "utf-8")
    found, problems = inspect(folder)
    assert found is None
    assert f"{FILE}:4" in str(problems[0])


def test_what_a_change_does_is_counted_before_and_after(assistant: Assistant) -> None:
    knowledge = assistant.knowledge
    key = Key("municipalities/norrby", "question", "plots")
    wanted = lay_over(knowledge, {key: OwnQuestion("plots", PLOTS, "sv", "plots")})
    before = Assistant(wanted)
    entries = {Key(name, "entry", "plots"): None for name, layer in wanted.layers.items() if "plots" in layer.entries}
    after = Assistant(lay_over(wanted, entries))
    found = prove(before, after, "norrby", DAY)
    assert found
    assert (found.questions, found.before, found.after) == (1, 1, 0)
    assert prove(assistant, assistant, "norrby", DAY) is None


# the pages


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def app(make_app: Callable[..., Flask], folder: Path, clock: StoppedClock) -> Flask:
    made = make_app(clock, HEMVIST_KNOWLEDGE=str(folder))
    add_member(made, "anna@norrby.example", ("norrby", "publisher"))
    add_member(made, "vera@norrby.example", ("norrby", "viewer"))
    return made


@pytest.fixture
def anna(app: Flask, clock: StoppedClock) -> Browser:
    return Browser(app).sign_in("anna@norrby.example", clock)


def write(anna: Browser, question: str, entry: str = "plots", item: str = "lediga-tomter") -> str:
    """Publish a question, and return the page that follows."""
    form = fields_of(anna.get(f"{RECORDS}/{item}").text)
    sent = anna.post(f"{RECORDS}/{item}/publish", {**form, "question": question, "language": "sv", "entry": entry})
    return anna.get(sent.headers["Location"]).text if sent.status_code == 303 else sent.text


def test_staff_add_change_and_remove_a_question(app: Flask, anna: Browser, folder: Path) -> None:
    begun = anna.get("/staff/norrby/new-record/questions?name=lediga+tomter&language=en&entry=plots")
    assert begun.headers["Location"].endswith(f"{RECORDS}/lediga-tomter?name=lediga+tomter&language=en&entry=plots")
    form = fields_of(anna.get(begun.headers["Location"]).text)
    assert (form["question"], form["language"], form["entry"]) == ("lediga tomter", ["en"], ["plots"])
    page = write(anna, PLOTS)
    assert "Av våra 1 egna frågor höll 1 förut, och nu håller 1." in page
    assert questions_of(load(folder), "norrby") == (OwnQuestion("lediga-tomter", PLOTS, "sv", "plots"),)
    assert "1 av 1 håller i dag" in anna.get(PAGE).text
    write(anna, PLOTS, "plot-reservation")
    page = anna.get(PAGE).text
    assert "0 av 1 håller i dag" in page
    assert "får ett annat svar" in page
    anna.get(f"{RECORDS}/lediga-tomter/remove")
    form = fields_of(anna.get(f"{RECORDS}/lediga-tomter").text)
    anna.post(f"{RECORDS}/lediga-tomter/remove", {"based_on": form["based_on"]})
    assert questions_of(load(folder), "norrby") == ()
    assert deeds(app)[-1] == "own_version_removed"


def test_each_publishing_tells_how_many_hold_and_keeps_it(app: Flask, anna: Browser) -> None:
    write(anna, PLOTS)
    path = "/staff/norrby/answers/plots"
    form = fields_of(anna.get(path).text)
    sent = anna.post(f"{path}/publish", {**form, "answer_sv": "Nu finns det tre tomter.", "note": "fler tomter"})
    assert sent.status_code == 303, re.findall(r'class="mistake"[^>]*>([^<]*)', sent.text)
    assert "Av våra 1 egna frågor höll 1 förut, och nu håller 1." in anna.get(sent.headers["Location"]).text
    with service_of(app).store.reading() as connection:
        assert [(one.questions, one.before, one.after) for one in proofs(connection, "norrby")] == [(1, 1, 1)] * 2
    assert "Våra egna frågor över tid" in anna.get(PAGE).text


def test_a_draft_tells_nothing(app: Flask, anna: Browser) -> None:
    form = fields_of(anna.get(f"{RECORDS}/lediga-tomter").text)
    sent = anna.post(f"{RECORDS}/lediga-tomter", {**form, "question": PLOTS, "language": "sv", "entry": "plots"})
    assert "egna frågor höll" not in anna.get(sent.headers["Location"]).text
    with service_of(app).store.reading() as connection:
        assert proofs(connection, "norrby") == []


def test_a_question_that_tells_who_somebody_is_is_refused(anna: Browser) -> None:
    page = write(anna, "ring mig på 070-174 06 05 om tomten")
    assert "Ta bort det" in page or "Ta bort" in page
    assert "Publicerat" not in page


def test_a_gap_leads_to_a_question(app: Flask, anna: Browser) -> None:
    seeds.ask(service_of(app).settings, *["kan man ha höns"] * 2)
    page = anna.get("/staff/norrby/gaps").text
    key = page[: page.index(">kan man ha höns</a>")].rsplit("/gaps/", 1)[1].split('"', 1)[0]
    assert (
        "/staff/norrby/new-record/questions?name=kan+man+ha+h%C3%B6ns&amp;language=sv"
        in anna.get(f"/staff/norrby/gaps/{key}").text
    )


def test_a_viewer_reads_and_changes_nothing(app: Flask, clock: StoppedClock) -> None:
    vera = Browser(app).sign_in("vera@norrby.example", clock)
    page = vera.get(PAGE)
    assert page.status_code == 200
    assert '<h2 id="new">' not in page.text
    assert vera.get("/staff/norrby/new-record/questions?name=x").status_code == 403
