"""A language beyond Swedish and English is a catalogue and texts: shown with one that nobody speaks, `qaa`."""

import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from flask import Flask
from flask.testing import FlaskClient
from members import Browser, add_member, fields_of

from bot import KnowledgeError, check, keeping_further, load, read_item
from bot.content.formatting import formatted
from bot.exchange.columns import cells_of, plain_of
from web.export.site import export
from web.i18n import LOCALES, languages_in

KNOWLEDGE = Path(__file__).parent / "knowledge"
OFFERED = ("sv", "en", "qaa")
TITLE = "‹Qaa› plot"
TEXT = "‹Qaa› **plots** here."


def marked(text: str) -> str:
    return f"‹{text}›"


def written(message: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return marked(message) if isinstance(message, str) else tuple(map(marked, message))


def write_catalogue(folder: Path, code: str, *, keep: Callable[[int], bool] = lambda _: True) -> Path:
    """Write a catalogue that marks each text of the template; only those whose number `keep` wants."""
    with (LOCALES / "messages.pot").open("rb") as file:
        template = read_po(file)
    made = Catalog(charset="utf-8")
    for number, message in enumerate(one for one in template if one.id):
        text = written(message.id) if keep(number) else ""
        made.add(message.id, text, message.locations, message.flags - {"fuzzy"})
    made["Name of this language"].string = "Qaaish"
    path = folder / code / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        write_po(file, made)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Knowledge and catalogues with the third language, written as a municipality would."""
    root = tmp_path_factory.mktemp("qaa")
    knowledge = Path(shutil.copytree(KNOWLEDGE, root / "knowledge"))
    path = knowledge / "municipalities" / "norrby" / "housing.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count("  - id: plots\n") == 1
    head, plots = text.split("  - id: plots\n")
    plots = plots.replace("    questions:\n", f'    questions:\n      qaa:\n        - "{TITLE}"\n', 1)
    plots = plots.replace("    answer:\n", f'    answer:\n      qaa: "{TEXT}"\n', 1)
    path.write_text(f"{head}  - id: plots\n{plots}", encoding="utf-8")
    locales = write_catalogue(root / "locales", "qaa")
    return {"HEMVIST_KNOWLEDGE": str(knowledge), "HEMVIST_LOCALES": str(locales)}


@pytest.fixture(scope="module")
def app(make_app: Callable[..., Flask], folders: dict[str, str]) -> Flask:
    return make_app(**folders)


@pytest.fixture
def visitor(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/?language=qaa", "‹Where do you want to move?›"),
        ("/norrby/qaa/", "‹Your question›"),
        ("/norrby/qaa/plots", "‹Your question›"),
        ("/norrby/qaa/plan", "‹A few questions›"),
        ("/norrby/qaa/map?show=plots", "‹Plots›"),
        ("/norrby/qaa/search", "‹All answers›"),
        ("/norrby/qaa/person", "‹Talk to a person›"),
        ("/norrby/qaa/policy", "‹Privacy›"),
        ("/norrby/qaa/accessibility", "‹Accessibility›"),
        ("/embed/norrby/qaa", "‹Your question›"),
        ("/help/qaa/", "‹"),
    ],
)
def test_a_page_is_in_the_language(visitor: FlaskClient, address: str, said: str) -> None:
    response = visitor.get(address)
    assert response.status_code == 200
    assert '<html lang="qaa">' in response.text
    assert said in response.text


@pytest.mark.parametrize("address", ["/?language=sv", "/norrby/en/", "/norrby/sv/plots", "/norrby/sv/plan"])
def test_the_switch_offers_it(visitor: FlaskClient, address: str) -> None:
    page = visitor.get(address).text
    assert 'lang="qaa"' in page
    assert "Qaaish" in page
    assert "understood in Swedish and English" not in page


def test_the_browser_is_led_to_it(visitor: FlaskClient) -> None:
    headers = {"Accept-Language": "qaa, en;q=0.5"}
    assert visitor.get("/norrby/", headers=headers).location == "/norrby/qaa/"


def test_without_a_catalogue_there_is_no_such_page(make_app: Callable[..., Flask]) -> None:
    client = make_app().test_client()
    assert client.get("/norrby/qaa/").status_code == 404
    assert "Qaaish" not in client.get("/norrby/en/").text


@pytest.mark.parametrize("address", ["/?language=qaa", "/norrby/qaa/", "/norrby/qaa/plots"])
def test_the_page_says_what_is_understood(visitor: FlaskClient, address: str) -> None:
    assert "‹Questions are understood in Swedish and English only.›" in visitor.get(address).text


def test_an_answer_in_the_language_is_shown(visitor: FlaskClient) -> None:
    page = visitor.get("/norrby/qaa/plots").text
    assert f"<h1>{TITLE}</h1>" in page
    assert "‹Qaa› <strong>plots</strong> here." in page
    assert "not written in your language" not in page


def test_one_without_stands_in_english_and_says_so(visitor: FlaskClient) -> None:
    reply = visitor.get("/api/v1/entries/plot-reservation?municipality=norrby&language=qaa").json
    assert (reply["language"], reply["text_language"]) == ("qaa", "en")
    notice = "‹This answer is not written in your language so far. It stands here in: English.›"
    assert {"code": "other-language", "text": notice} in reply["notices"]
    page = visitor.get("/norrby/qaa/plot-reservation").text
    assert notice in page
    assert '<div class="text" lang="en"' in page


@pytest.mark.parametrize("question", ["Hur reserverar jag en tomt?", "How do I reserve a plot?"])
def test_a_question_in_either_language_is_answered_in_the_readers(visitor: FlaskClient, question: str) -> None:
    asked = {"question": question, "municipality": "norrby", "language": "qaa"}
    reply = visitor.post("/api/v1/chat", json=asked).json
    assert (reply["kind"], reply["entry"], reply["language"]) == ("answer", "plot-reservation", "qaa")
    further = {"question": "Vad kostar det?", "municipality": "norrby", "context": reply["context"]}
    headers = {"Accept-Language": "qaa"}
    second = visitor.post("/api/v1/chat", json=further, headers=headers).json
    assert (second["entry"], second["language"]) == ("plot-reservation", "qaa")
    page = visitor.post("/norrby/qaa/", data={"question": question}).text
    assert "‹Hemvist answers:›" in page


@pytest.mark.parametrize("question", ["Var finns lediga tomter?", "Vilka jobb finns det?", "Hjälp, jag blir slagen"])
def test_lists_and_crises_are_told_in_it(visitor: FlaskClient, question: str) -> None:
    response = visitor.post("/norrby/qaa/", data={"question": question})
    assert response.status_code == 200
    assert "‹" in response.text


def test_a_crisis_without_a_text_in_it_is_answered_in_english(visitor: FlaskClient) -> None:
    asked = {"question": "jag vill inte leva längre", "municipality": "norrby", "language": "qaa"}
    reply = visitor.post("/api/v1/chat", json=asked).json
    assert (reply["kind"], reply["text_language"]) == ("safety", "en")


def test_another_language_is_refused_and_the_document_names_those_there_are(visitor: FlaskClient) -> None:
    asked = {"question": "hej", "municipality": "norrby", "language": "zz"}
    assert visitor.post("/api/v1/chat", json=asked).json["code"] == "language_unknown"
    refused = visitor.get("/api/v1/entries/plots?municipality=norrby&language=zz")
    assert (refused.status_code, refused.json["code"]) == (422, "language_unknown")
    schemas = visitor.get("/openapi.json").json["components"]["schemas"]
    assert schemas["Reply"]["properties"]["language"]["enum"] == list(OFFERED)


def test_a_plan_is_made_in_it(visitor: FlaskClient) -> None:
    asked = {"municipality": "norrby", "origin": "abroad", "citizenship": "eu", "language": "qaa", "date": "2026-12-01"}
    reply = visitor.post("/api/v1/plan", json=asked)
    assert (reply.status_code, reply.json["language"]) == (200, "qaa")


def test_the_widget_knows_it(visitor: FlaskClient) -> None:
    script = visitor.get("/embed.js").text
    assert '"spoken":"Qaaish"' in script
    welcome = visitor.get("/api/v1/welcome?municipality=norrby&language=qaa").json
    assert welcome["language"] == "qaa"
    assert set(welcome["words"]) == set(OFFERED)


def test_check_and_fmt_keep_it(folders: dict[str, str]) -> None:
    folder = Path(folders["HEMVIST_KNOWLEDGE"])
    path = folder / "municipalities" / "norrby" / "housing.yaml"
    assert TEXT in formatted(path.read_text(encoding="utf-8"), path.name)
    report = check(folder, date(2026, 3, 1), with_recall=False, shown=OFFERED)
    before = check(KNOWLEDGE, date(2026, 3, 1), with_recall=False, shown=OFFERED)
    assert report.errors == before.errors
    assert not [found for found in report.to_fill if found.code == "no-catalogue"]
    unseen = check(folder, date(2026, 3, 1), with_recall=False, shown=("sv", "en"))
    assert [found.entry for found in unseen.to_fill if found.code == "no-catalogue"] == ["plots"]


def test_an_officer_who_saves_keeps_it(make_app: Callable[..., Flask], folders: dict[str, str], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders["HEMVIST_KNOWLEDGE"], tmp_path / "knowledge"))
    app = make_app(**{**folders, "HEMVIST_KNOWLEDGE": str(folder)})
    add_member(app, "publisher@norrby.example", ("norrby", "publisher"))
    browser = Browser(app).sign_in("publisher@norrby.example")
    address = "/staff/norrby/answers/plots"
    form = fields_of(browser.get(address).text)
    changed = {**form, "answer_sv": "Nya tomter kommer i vår.", "note": ""}
    assert browser.post(f"{address}/publish", changed).status_code in (200, 302, 303)
    answer = load(folder).layers["municipalities/norrby"].entries["plots"].answer
    assert answer is not None
    assert answer.sv == "Nya tomter kommer i vår."
    assert answer["qaa"] == TEXT


def test_a_sheet_keeps_it() -> None:
    before = {
        "id": "x",
        "questions": {"sv": ["Hej hej?"], "qaa": ["Qaa?"]},
        "answer": {"sv": "Ett.", "qaa": "Qaa."},
        "links": [{"url": "https://x.example", "label": {"sv": "Sida", "qaa": "Qaa"}}],
    }
    cells = {**cells_of("entry", before), "answer_sv": "Två."}
    plain, faults = plain_of("entry", cells, before)
    assert faults == []
    assert {"id": "x", **plain} == {**before, "answer": {"sv": "Två.", "qaa": "Qaa."}}


def test_a_text_that_is_taken_away_is_gone_in_every_language() -> None:
    before = {"id": "x", "answer": {"sv": "Ett.", "qaa": "Qaa."}}
    assert keeping_further({"id": "x"}, before) == {"id": "x"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"svenska": "x"}, "did you mean 'sv'"),
        ({"*": "x"}, "expected"),
        ({"qaa": "x" * 2001}, "answer.qaa"),
        ({"qaa": ["x"]}, "answer.qaa"),
    ],
    ids=["a name", "our own sign", "too long", "a list"],
)
def test_what_is_no_text_in_a_language_is_refused(answer: object, said: str) -> None:
    with pytest.raises(KnowledgeError, match=said.replace(".", r"\.")):
        read_item("entry", {"id": "x", "answer": answer})


@pytest.mark.parametrize(
    ("keep", "is_offered"),
    [(lambda _: True, True), (lambda number: number % 20, True), (lambda number: number % 2, False)],
    ids=["all of it", "19 in 20", "half of it"],
)
def test_a_language_is_offered_when_visitors_can_read_it(
    tmp_path: Path, keep: Callable[[int], bool], *, is_offered: bool
) -> None:
    assert ("qaa" in languages_in(write_catalogue(tmp_path / "locales", "qaa", keep=keep))) is is_offered


def test_the_settings_of_the_page_are_in_it(visitor: FlaskClient) -> None:
    page = visitor.get("/norrby/qaa/").text
    settings = json.loads(page.split('id="settings" data-part="settings">')[1].split("</script>")[0])
    assert set(settings["words"]) == set(OFFERED)


def test_the_copy_has_it(app: Flask, tmp_path: Path) -> None:
    export(app, tmp_path / "copy", ["norrby"])
    page = (tmp_path / "copy" / "norrby" / "qaa" / "answer" / "plots.html").read_text(encoding="utf-8")
    assert '<html lang="qaa">' in page
    assert TITLE in page
    assert 'hreflang="sv"' in page
    assert "‹Municipalities›" in (tmp_path / "copy" / "qaa.html").read_text(encoding="utf-8")
    words = (tmp_path / "copy" / "norrby" / "words.js").read_text(encoding="utf-8")
    assert '"languages":["sv","en","qaa"]' in words
    assert TITLE in words


def test_open_data_has_it(make_app: Callable[..., Flask], folders: dict[str, str], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders["HEMVIST_KNOWLEDGE"], tmp_path / "knowledge"))
    path = folder / "municipalities" / "norrby" / "contacts.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("    name:\n", "    name:\n      qaa: ‹Qaa› desk\n"), encoding="utf-8")
    client = make_app(**{**folders, "HEMVIST_KNOWLEDGE": str(folder)}).test_client()
    assert "‹Qaa› desk" in client.get("/api/v1/contacts?municipality=norrby").text
    assert "‹Qaa› desk" in client.get("/norrby/qaa/plots").text


def test_a_message_is_answered_in_a_language_of_the_staff(visitor: FlaskClient) -> None:
    sent = {"municipality": "norrby", "message": "Hej!", "phone": "090-12 34 56", "language": "qaa"}
    taken = visitor.post("/api/v1/messages", json=sent)
    assert (taken.status_code, taken.json["taken"]) == (200, True)
    assert '<option value="qaa"' not in visitor.get("/norrby/qaa/person").text


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (TEXT, "{{ nowhere }}", "answer.qaa: no fact with the id 'nowhere'"),
        (TEXT, "{{ No Name }}", "answer.qaa"),
        ("      must_match:\n", "      must_match:\n        qaa:\n          - Qaa?\n", "must_match.qaa: unknown field"),
    ],
    ids=["an unknown fact", "stray braces", "a test of what is not understood"],
)
def test_a_mistake_in_it_is_told_with_its_place(
    folders: dict[str, str], tmp_path: Path, before: str, after: str, said: str
) -> None:
    folder = Path(shutil.copytree(folders["HEMVIST_KNOWLEDGE"], tmp_path / "knowledge"))
    path = folder / "municipalities" / "norrby" / "housing.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(KnowledgeError) as error:
        load(folder)
    assert said in str(error.value)
    assert "housing.yaml:" in str(error.value)
