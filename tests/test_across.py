"""Questions that run across municipalities, and questions of those who have chosen none."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from bot import (
    Answer,
    Assistant,
    Choose,
    Comparison,
    Localized,
    NoAnswer,
    Overview,
    Question,
    Reply,
    answer_of,
    load,
    neighbour_of,
)
from web.services import EXTENSION
from web.store.engine import open_engine, reading
from web.store.models import Turn

HERE = Path(__file__).parent
SHIPPED = HERE.parent / "knowledge"
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(HERE / "knowledge"))


@pytest.fixture(scope="module")
def shipped() -> Assistant:
    return Assistant(load(SHIPPED))


def ask(assistant: Assistant, question: str, municipality: str | None = None) -> Reply:
    return assistant.reply(Question(question, municipality, DAY))


def told(reply: Reply) -> list[str]:
    assert isinstance(reply, Overview), reply.kind
    return [one.municipality.id for one in reply.found]


# which municipalities


@pytest.mark.parametrize(
    ("question", "entry", "found"),
    [
        ("vilka kommuner har lediga tomter?", "plots", ["soderby"]),
        ("which municipalities have plots for sale", "plots", ["soderby"]),
        ("vilka komuner har lediga tomter", "plots", ["soderby"]),
        ("var finns det lediga tomter nånstans", "plots", ["soderby"]),
    ],
)
def test_those_that_tell_stand_beside_each_other(
    assistant: Assistant, question: str, entry: str, found: list[str]
) -> None:
    reply = ask(assistant, question)
    assert isinstance(reply, Overview)
    assert (reply.entry, set(found) <= set(told(reply))) == (entry, True)
    assert len(reply.found) + reply.silent == len(assistant.knowledge.municipalities)


def test_nobody_is_listed_who_has_not_told(assistant: Assistant) -> None:
    reply = ask(assistant, "vilka kommuner har lediga tomter?")
    assert isinstance(reply, Overview)
    for one in reply.found:
        assert one.listing or assistant.knowledge.view(one.municipality.id).is_local(reply.entry)


def test_records_are_counted_by_the_limits_of_the_question(shipped: Assistant) -> None:
    all_of_them, cheap = (
        ask(shipped, f"vilka kommuner har lediga tomter{limit}?") for limit in ("", " under 100 000 kr")
    )
    assert isinstance(all_of_them, Overview)
    assert isinstance(cheap, Overview)
    counts = [reply.found[0].listing.total for reply in (all_of_them, cheap) if reply.found[0].listing]
    assert counts[0] > counts[1] > 0
    assert all(found.record.price <= 100_000 for one in cheap.found if one.listing for found in one.listing.shown)  # type: ignore[union-attr]


def test_a_group_that_is_named_limits_it(shipped: Assistant) -> None:
    reply = ask(shipped, "vilka av move on up-kommunerna har kö till tomter")
    assert set(told(reply)) <= {"gallivare", "jokkmokk", "kiruna", "overkalix"}
    assert isinstance(reply, Overview)
    assert reply.group
    assert reply.group.sv == "Move On Up"


def test_a_question_on_the_group_itself_is_answered_with_it(shipped: Assistant) -> None:
    given = answer_of(ask(shipped, "vilka kommuner är med i Umeåregionen", "vindeln"))
    assert given
    assert given.entry == "umea-region"


@pytest.mark.parametrize(
    "question",
    [
        "vilken hjälp ger kommunen till inflyttare",
        "hur flyttar jag från en annan kommun",
        "vad gör kommunen för inflyttare",
        "var finns det lediga tomter",
    ],
)
def test_a_question_to_home_stays_there(assistant: Assistant, question: str) -> None:
    assert not isinstance(ask(assistant, question, "soderby"), Overview)


# no municipality chosen


def test_what_differs_is_asked_about(assistant: Assistant) -> None:
    reply = ask(assistant, "Hur hyr jag en lägenhet?")
    assert isinstance(reply, Choose)
    assert [one.id for one in reply.options] == ["norrby", "ostby", "soderby"]


def test_what_holds_everywhere_is_answered(shipped: Assistant) -> None:
    reply = ask(shipped, "hur skaffar jag bankid")
    assert isinstance(reply, Answer)
    assert (reply.entry, reply.neighbour, "general" in reply.notices) == ("bankid", None, True)


def test_the_one_that_is_named_answers(assistant: Assistant) -> None:
    reply = ask(assistant, "hur reserverar jag en tomt i Norrby")
    neighbour = neighbour_of(reply)
    assert neighbour
    assert neighbour.id == "norrby"


def test_two_names_are_compared(assistant: Assistant) -> None:
    assert isinstance(ask(assistant, "Norrby eller Söderby?"), Comparison)


def test_danger_comes_first(assistant: Assistant) -> None:
    assert ask(assistant, "jag vill dö").kind == "safety"


# what only another one knows


def test_a_village_of_another_makes_it_a_question_to_that_one(shipped: Assistant) -> None:
    reply = ask(shipped, "hyra lägenhet i Vuollerim", "kiruna")
    neighbour = neighbour_of(reply)
    assert neighbour
    assert neighbour.id == "jokkmokk"


def test_the_way_to_a_village_of_another_is_not_about_it(shipped: Assistant) -> None:
    assert neighbour_of(ask(shipped, "hur lång tid tar bussen till Vuollerim", "kiruna")) is None


def test_records_that_home_lacks_are_offered_from_partners(shipped: Assistant) -> None:
    reply = ask(shipped, "finns det jobb som svetsare hos er", "nordmaling")
    given = answer_of(reply)
    assert given
    assert [(one.municipality.id, bool(one.listing)) for one in given.elsewhere] == [("vindeln", True)]


def test_an_ordinary_question_builds_no_index_but_its_own() -> None:
    fresh = Assistant(load(HERE / "knowledge"))
    ask(fresh, "hur reserverar jag en tomt", "norrby")
    assert [name for name, _ in fresh._indexes.items()] == ["norrby"]


def test_questions_across_municipalities_are_answered_right(shipped: Assistant) -> None:
    rows = [line.split("\t") for line in (HERE / "questions-across.tsv").read_text("utf-8").splitlines()]
    asked = [row for row in rows if len(row) == 4]
    right = Counter(
        _is_right(ask(shipped, question, None if home == "-" else home), expected)
        for _, home, expected, question in asked
    )
    assert right[True] / len(asked) >= 0.9


def _is_right(reply: Reply, expected: str) -> bool:
    kind, _, wanted = expected.partition(":")
    given, neighbour = answer_of(reply), neighbour_of(reply)
    match kind:
        case "compare":
            return isinstance(reply, Comparison) and len(reply.columns) == len(wanted.split(","))
        case "choose":
            return isinstance(reply, Choose)
        case "group":
            return isinstance(reply, Overview) and reply.entry == wanted and bool(reply.found)
        case "neighbour":
            others = reply.elsewhere if isinstance(reply, NoAnswer) else given.elsewhere if given else ()
            offered = {f"{one.municipality.id}:{one.entry}" for one in others}
            return wanted in offered or bool(given and neighbour and wanted == f"{neighbour.id}:{given.entry}")
        case _:
            return bool(given and given.entry == kind and neighbour is None)


def test_records_answer_without_what_the_group_writes_on_them(shipped: Assistant) -> None:
    with_records = ask(shipped, "vilka kommuner i umeåregionen har lediga tomter")
    assert isinstance(with_records, Overview)
    assert any(one.listing for one in with_records.found)
    assert with_records.answer is None
    without = ask(shipped, "vilka kommuner i umeåregionen har tomtkö?")
    assert isinstance(without, Overview)
    assert without.answer
    assert without.answer.source


@pytest.mark.parametrize("home", [None, "norrby"])
def test_a_neighbour_that_is_switched_off_says_so_itself(assistant: Assistant, home: str | None) -> None:
    reason = Localized("Vi flyttar.", "We are moving.")
    knowledge = assistant.knowledge
    closed = replace(knowledge.municipalities["soderby"], switched_off=reason)
    off = assistant.on(replace(knowledge, municipalities={**knowledge.municipalities, "soderby": closed}))
    reply = ask(off, "hur reserverar jag en tomt i Söderby", home)
    assert isinstance(reply, NoAnswer)
    assert (reply.switched_off, reply.neighbour and reply.neighbour.id) == (reason, "soderby")
    several = ask(off, "vilka kommuner har lediga tomter", home)
    assert not isinstance(several, Overview) or "soderby" not in told(several)


# over HTTP and on the start page


def test_the_api_is_asked_without_a_municipality(client: FlaskClient) -> None:
    for asked in ({"question": "Norrby eller Söderby?"}, {"question": "Norrby eller Söderby?", "municipality": None}):
        reply = client.post("/api/v1/chat", json=asked).json
        assert (reply["kind"], reply["municipality"], reply["person"]) == ("compare", None, None)


def test_the_conversation_goes_on_with_the_one_it_came_to(client: FlaskClient) -> None:
    first = client.post("/api/v1/chat", json={"question": "hur reserverar jag en tomt i Norrby"}).json
    assert (first["municipality"], first["link"]) == ("norrby", "/norrby/sv/plot-reservation")
    then = client.post("/api/v1/chat", json={"question": "vad kostar det då?", "context": first["context"]}).json
    assert (then["municipality"], then["context_ignored"]) == ("norrby", False)


def test_what_was_asked_of_nobody_goes_on_with_who_is_chosen(client: FlaskClient) -> None:
    first = client.post("/api/v1/chat", json={"question": "Hur hyr jag en lägenhet?"}).json
    assert first["kind"] == "choose"
    assert [one["name"] for one in first["municipalities"]] == ["Norrby", "Söderby", "Östby"]
    asked = {"question": "Hur hyr jag en lägenhet?", "municipality": "norrby", "context": first["context"]}
    assert client.post("/api/v1/chat", json=asked).json["context_ignored"] is False


def test_the_only_municipality_answers_for_itself(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    for name in ("ostby", "soderby"):
        (knowledge_folder / "municipalities" / name).rename(knowledge_folder.parent / name)
    client = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder)).test_client()
    reply = client.post("/api/v1/chat", json={"question": "Hur hyr jag en lägenhet?"}).json
    assert (reply["municipality"], reply["entry"]) == ("norrby", "rental-housing")
    assert "<textarea" not in client.get("/?language=sv").text


@pytest.mark.parametrize(
    ("question", "scope", "gap"),
    [
        ("isracing på is", "*", "isracing på is"),
        ("har trebygden isracing 811228-9874", "group:trebygden", "har trebygden isracing […]"),
        ("finns det isracing", "*", None),
    ],
    ids=["nobody knows it", "a group is named", "it may be about what is known"],
)
def test_what_is_asked_of_nobody_is_noted_for_the_group_it_names_or_for_all(
    make_app: Callable[..., Flask], tmp_path: Path, question: str, scope: str, gap: str | None
) -> None:
    app = make_app(HEMVIST_DATA=str(tmp_path / "data"))
    assert app.test_client().post("/api/v1/chat", json={"question": question}).json["kind"] == "choose"
    app.extensions[EXTENSION].close()
    engine = open_engine(app.extensions[EXTENSION].settings)
    with reading(engine).connect() as connection:
        noted = connection.execute(select(Turn.municipality, Turn.kind, Turn.gap)).all()
    engine.dispose()
    assert noted == [(scope, "choose", gap)]


def test_the_start_page_asks_and_hands_the_question_on(client: FlaskClient) -> None:
    page = client.post("/?language=sv", data={"question": "Hur hyr jag en lägenhet?", "context": ""}).text
    assert 'formaction="/norrby/sv/#answer"' in page
    assert '<input type="hidden" name="question" value="Hur hyr jag en lägenhet?">' in page


def test_a_question_that_cannot_be_asked_stays_in_the_box(client: FlaskClient) -> None:
    answered = client.post("/?language=en", data={"question": " "})
    assert answered.status_code == 422
    assert 'id="mistake"' in answered.text


def test_an_answer_on_the_start_page_is_not_kept_by_anybody(client: FlaskClient) -> None:
    answered = client.post("/?language=en", data={"question": "which municipalities have plots"})
    assert (answered.status_code, answered.headers["Cache-Control"]) == (200, "no-store")
