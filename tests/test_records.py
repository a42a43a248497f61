"""Questions about plots and jobs: filters, what fits, what has to give way, two careers, places beside each other."""

import json
from datetime import date
from pathlib import Path

import pytest

from bot import Assistant, Context, Filters, NoAnswer, Question, Records, answer_of, load
from bot.models import Comparison, Reply
from bot.quality.evaluation import QuestionsError
from bot.quality.filtering import evaluate_filters, read_filter_rows

HERE = Path(__file__).parent
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(HERE / "knowledge"))


@pytest.fixture(scope="module")
def shipped() -> Assistant:
    return Assistant(load(HERE.parent / "knowledge"))


def ask(assistant: Assistant, text: str, before: Filters | None = None, entry: str = "plots") -> Reply:
    context = Context("soderby", entry, "sv", "", before) if before else None
    return assistant.reply(Question(text, "soderby", DAY, context=context))


def listing(reply: Reply) -> Records:
    assert isinstance(reply, Records), reply
    return reply


def ids(reply: Reply) -> list[str]:
    return [found.record.id for found in listing(reply).listing.shown]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("tomter till salu", ["storholm-1", "storholm-2", "lillnas-1", "lillnas-4", "lillnas-2", "storholm-3"]),
        ("tomt i storholm under 200 000", ["storholm-1", "storholm-3"]),
        ("ledig tomt i Storholm för villa", ["storholm-1", "storholm-2"]),
        ("plots of at least 2000 sqm", ["lillnas-1", "storholm-2"]),
        ("horse plot in lillnas", ["lillnas-1"]),
        ("tomt med kommunalt vatten och avlopp, byggklar", ["storholm-1"]),
        ("kommande tomter i lilnäs", ["lillnas-2"]),
    ],
)
def test_plots_that_fit_come_best_first(assistant: Assistant, question: str, expected: list[str]) -> None:
    assert set(ids(ask(assistant, question))) == set(expected)


def test_without_order_the_available_come_first_and_the_cheapest_of_them(assistant: Assistant) -> None:
    assert ids(ask(assistant, "tomter till salu"))[:3] == ["lillnas-1", "storholm-1", "storholm-2"]


@pytest.mark.parametrize(
    ("question", "first"),
    [("billigaste tomten", "storholm-3"), ("största tomten", "lillnas-1"), ("the smallest plot", "storholm-3")],
)
def test_superlatives_order(assistant: Assistant, question: str, first: str) -> None:
    assert ids(ask(assistant, question))[0] == first


@pytest.mark.parametrize("question", ["sålda tomter", "which plots are sold", "tomter i Lillnäs", "tomter till salu"])
def test_what_is_sold_is_never_shown(assistant: Assistant, question: str) -> None:
    assert "lillnas-3" not in ids(ask(assistant, question))


def test_what_has_expired_is_never_shown(assistant: Assistant) -> None:
    reply = ask(assistant, "finns det jobb som lärare")
    assert "teacher-1" not in ids(reply)
    assert [step.name for step in listing(reply).listing.relaxed] == ["occupation"]


def test_a_price_of_the_square_metre_is_a_price(assistant: Assistant) -> None:
    assert ids(ask(assistant, "tomt för häst högst 100 000 kr")) == ["lillnas-1"]
    assert listing(ask(assistant, "tomt för häst under 99 000 kr")).listing.total == 0


def test_near_a_school_shows_the_distance(assistant: Assistant) -> None:
    found = listing(ask(assistant, "tomt nära skola")).listing.shown
    assert [one.record.id for one in found] == ["storholm-1"]
    assert found[0].distance_m == pytest.approx(583, abs=5)
    assert found[0].nearest
    assert found[0].nearest.id == "storholm-school"


@pytest.mark.parametrize(
    ("question", "relaxed"),
    [
        ("tomt i storholm under 50 000 kr", {"price_max": 90_000}),
        ("ledig villatomt i storholm under 100 000 kr", {"price_max": 150_000}),
        ("ledig tomt i storholm minst 3000 kvm", {"area_min": 2_400}),
        ("hästtomt i storholm", {"place": "Lillnäs"}),
        ("byggklar hästtomt i storholm under 60 000 kr", {"place": "Lillnäs", "ready_to_build": None}),
    ],
)
def test_the_limit_that_has_to_give_way_is_named(
    assistant: Assistant, question: str, relaxed: dict[str, object]
) -> None:
    given_up = {step.name: step.would_do for step in listing(ask(assistant, question)).listing.relaxed}
    if len(relaxed) == 1:
        assert given_up == relaxed
    else:
        assert len(given_up) == 2


def test_cheaper_is_just_below_the_cheapest_shown(assistant: Assistant) -> None:
    reply = listing(ask(assistant, "billigare?", Filters(place="Storholm", status="available")))
    assert reply.listing.filters.said == {"place": "Storholm", "status": "available", "price_max": 149_999}


@pytest.mark.parametrize(
    ("question", "before", "after"),
    [
        ("och i Lillnäs?", {"place": "Storholm", "type": "house"}, {"place": "Lillnäs", "type": "house"}),
        ("only with sewage", {"place": "Storholm"}, {"place": "Storholm", "water_sewage": True}),
        ("spelar ingen roll var", {"place": "Storholm", "type": "house"}, {"type": "house"}),
        ("max 100 000 då", {"price_min": 200_000}, {"price_max": 100_000}),
        ("which is the largest?", {"place": "Storholm"}, {"place": "Storholm", "sort": "-area"}),
    ],
)
def test_a_follow_up_changes_the_filters(
    assistant: Assistant, question: str, before: dict[str, object], after: dict[str, object]
) -> None:
    assert listing(ask(assistant, question, Filters(**before))).listing.filters.said == after  # type: ignore[arg-type]


def test_a_wish_that_no_filter_holds_is_said(assistant: Assistant) -> None:
    found = listing(ask(assistant, "tomt i Storholm med utsikt och fiber, max 20 000 euro")).listing
    assert found.filters.said == {"place": "Storholm"}
    assert {"utsikt", "fiber"} <= set(found.wishes)
    assert any("euro" in wish for wish in found.wishes)


@pytest.mark.parametrize(
    ("question", "wish"),
    [("tomter till salu nära ett stenbrott", "nära ett stenbrott"), ("plots near the volcano", "near the volcano")],
)
def test_a_wish_to_be_near_what_nobody_has_measured_is_said(assistant: Assistant, question: str, wish: str) -> None:
    assert listing(ask(assistant, question)).listing.wishes == (wish,)


def test_a_municipality_without_records_answers_in_words(assistant: Assistant) -> None:
    reply = assistant.reply(Question("Vilka tomter är lediga i Norrby?", "norrby", DAY))
    assert not isinstance(reply, Records)
    assert answer_of(reply)


def test_two_careers_find_the_places_that_have_both(assistant: Assistant) -> None:
    for question in ("sjuksköterska och svetsare", "jobs for a nurse and a welder in the same place"):
        places = listing(ask(assistant, question)).listing.together
        assert places is not None
        assert [(one.municipality.id, one.place) for one in places] == [("soderby", "Storholm"), ("ostby", "Östby")]
        assert {job.occupation for job in places[0].jobs} == {"nurse", "welder"}


def test_municipalities_stand_beside_each_other(assistant: Assistant) -> None:
    reply = ask(assistant, "Norrby eller Söderby: tomtpris, förskola, pendling")
    assert isinstance(reply, Comparison)
    assert [column.sv for column in reply.columns] == ["Norrby", "Söderby"]
    cells = {row.id: [cell.value for cell in row.cells] for row in reply.rows}
    assert cells["plot-price"] == [None, 100_000]
    assert cells["preschool-fee"] == [1600, 1688]
    assert cells["commuting"][0] is None
    assert "population" not in cells


def test_everything_known_is_compared_where_nothing_is_named(assistant: Assistant) -> None:
    reply = ask(assistant, "compare Söderby and Östby")
    assert isinstance(reply, Comparison)
    assert {row.id for row in reply.rows} == {"plot-price", "plots", "jobs", "population", "preschool-fee", "commuting"}
    assert all(cell.source for row in reply.rows if row.id == "population" for cell in row.cells)


@pytest.mark.parametrize("question", ["hyra eller köpa?", "tomt i Storholm eller Lillnäs", "buss eller tåg dit"])
def test_not_every_or_compares(assistant: Assistant, question: str) -> None:
    assert not isinstance(ask(assistant, question), Comparison)


@pytest.mark.parametrize("name", ["filters.jsonl", "filters-kept.jsonl"])
def test_questions_give_exactly_these_filters(shipped: Assistant, name: str) -> None:
    judged = list(evaluate_filters(shipped, "vindeln", read_filter_rows(HERE / name), DAY))
    assert len(judged) >= 140
    assert sum(one.right for one in judged) / len(judged) >= 0.95


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "not JSON"),
        ("[]", "expected an object"),
        (json.dumps({"question": "x", "language": "de", "filters": {}}), "language"),
        (json.dumps({"question": "x", "language": "sv", "filters": {"prize_max": 1}}), "unknown filter 'prize_max'"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "filters.jsonl"
    path.write_text(f"{json.dumps({'question': 'x', 'language': 'sv', 'filters': {}})}\n{line}\n", encoding="utf-8")
    with pytest.raises(QuestionsError, match=says) as caught:
        read_filter_rows(path)
    assert f"{path}:2" in str(caught.value)


def test_danger_comes_before_plots(assistant: Assistant) -> None:
    assert ask(assistant, "tomt i storholm under 100 000 kr, jag vill ta livet av mig").kind == "safety"


def test_nonsense_with_a_number_is_no_question_about_records(assistant: Assistant) -> None:
    assert isinstance(ask(assistant, "qwrtz 200 000 hjklm"), NoAnswer)
