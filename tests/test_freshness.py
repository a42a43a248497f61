"""How fresh the knowledge of a municipality is, and what it needs before it is official."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot import (
    Knowledge,
    coverage,
    difference,
    fingerprint,
    lacks,
    load,
    needing,
    outdated,
    reviews,
    to_fill,
)

DAY = date(2026, 11, 23)
KNOWLEDGE = Path(__file__).parent / "knowledge"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(KNOWLEDGE)


def with_answer(folder: Path, old: str, new: str) -> Knowledge:
    path = folder / "municipalities" / "norrby" / "housing.yaml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    return load(folder)


def test_coverage_counts_each_language_for_itself(knowledge: Knowledge) -> None:
    swedish, english = coverage(knowledge.view("norrby"), knowledge)
    assert "plots" in swedish.own
    assert "newcomer-service" in swedish.inherited
    assert {*swedish.own, *swedish.inherited, *swedish.missing} == {*english.own, *english.inherited, *english.missing}
    assert set(swedish.own).isdisjoint(swedish.inherited)
    assert all(topic.id in {*swedish.own, *swedish.inherited, *swedish.missing} for topic in knowledge.topics)


def test_coverage_knows_what_has_no_text_in_a_language(knowledge_folder: Path) -> None:
    start = "      en: |\n        Norrby has **twelve** plots for sale. The cheapest costs SEK 40,000.\n\n"
    found = with_answer(knowledge_folder, start + "        Call the building office for a map.\n", "")
    swedish, english = coverage(found.view("norrby"), found)
    assert ("plots" in swedish.own, "plots" in english.missing) == (True, True)
    assert swedish.share > english.share
    assert ("plots", "language", "en") in [
        (gap.entry, gap.kind, gap.language) for gap in to_fill(found.view("norrby"), found, {})
    ]


def test_a_general_text_is_to_fill(knowledge: Knowledge) -> None:
    swedish, _ = coverage(knowledge.view("ostby"), knowledge)
    gaps = {gap.entry: gap.kind for gap in to_fill(knowledge.view("ostby"), knowledge, {})}
    assert {entry for entry, kind in gaps.items() if kind == "general"} == set(swedish.to_fill)
    assert {entry for entry, kind in gaps.items() if kind == "missing"} <= set(swedish.missing)


def test_to_fill_begins_with_what_visitors_ask_most(knowledge: Knowledge) -> None:
    view = knowledge.view("ostby")
    last = to_fill(view, knowledge, {})[-1].entry
    assert to_fill(view, knowledge, {last: 3})[0].entry == last


def test_a_translation_of_another_text_is_outdated(knowledge_folder: Path) -> None:
    found = with_answer(knowledge_folder, "    tests:\n", '    en_of: "000000"\n    tests:\n')
    (one,) = [one for one in outdated(found.view("norrby")) if one.entry.id == "plots"]
    assert (one.layer, one.made_of) == ("municipalities/norrby", "000000")
    assert "tolv" in one.swedish
    assert "twelve" in one.english
    path = knowledge_folder / "municipalities" / "norrby" / "housing.yaml"
    path.write_text(path.read_text("utf-8").replace("000000", fingerprint(one.swedish)), "utf-8")
    again = load(knowledge_folder)
    assert "plots" not in [one.entry.id for one in outdated(again.view("norrby"))]


def test_reviews_begin_with_what_visitors_are_warned_of(knowledge: Knowledge) -> None:
    found = reviews(knowledge.view("norrby"), DAY)
    standings = {review.entry.id: review.standing for review in found}
    assert standings["plot-reservation"] == "overdue"
    assert standings["plots"] == "later"
    assert found[0].standing == "overdue"
    assert {review.entry.id for review in needing(found)} == {
        entry for entry, standing in standings.items() if standing in ("overdue", "ended")
    }


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        (date(2027, 8, 31), "later"),
        (date(2027, 9, 1), "soon"),
        (date(2027, 9, 30), "soon"),
        (date(2027, 10, 1), "overdue"),
    ],
    ids=str,
)
def test_a_review_is_due_on_its_day(knowledge: Knowledge, day: date, standing: str) -> None:
    (plots,) = [one for one in reviews(knowledge.view("norrby"), day) if one.entry.id == "plots"]
    assert (plots.standing, plots.due, plots.owner) == (standing, date(2027, 10, 1), "building")


def test_what_ended_is_a_matter_whoever_confirmed_it(knowledge_folder: Path) -> None:
    found = with_answer(
        knowledge_folder, "    owner: building\n", "    owner: building\n    valid:\n      to: 2026-11-01\n"
    )
    (plots,) = [one for one in reviews(found.view("norrby"), DAY) if one.entry.id == "plots"]
    assert (plots.standing, plots.due) == ("ended", date(2026, 11, 1))


def test_what_others_write_is_not_reviewed_here(knowledge: Knowledge) -> None:
    view = knowledge.view("norrby")
    assert all(view.is_local(review.entry.id) for review in reviews(view, DAY))


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("a b c", "a b c", [("same", "a b c")]),
        (
            "Kostar 200 kr.",
            "Kostar 300 kr.",
            [("same", "Kostar "), ("removed", "200"), ("added", "300"), ("same", " kr.")],
        ),
        ("", "ny", [("added", "ny")]),
        ("bort", "", [("removed", "bort")]),
    ],
    ids=["same", "a word", "all new", "all gone"],
)
def test_difference_shows_words(before: str, after: str, pieces: list[tuple[str, str]]) -> None:
    found = difference(before, after)
    assert [(piece.kind, piece.text) for piece in found] == pieces
    assert "".join(piece.text for piece in found if piece.kind != "removed") == after
    assert "".join(piece.text for piece in found if piece.kind != "added") == before


def test_a_demonstration_lacks_what_it_has_not_been_given(knowledge: Knowledge) -> None:
    assert lacks(knowledge, knowledge.municipalities["norrby"]) == ("violence-number", "mailbox", "disposal")


def test_nothing_is_lacking_once_it_is_there(knowledge_folder: Path) -> None:
    (knowledge_folder / "municipalities" / "norrby" / "safety.yaml").write_text(
        "entries:\n  - id: violence-support\n    answer:\n      sv: Socialjouren i Norrby svarar på 0933-140 30.\n"
        "      en: The social emergency service answers on 0933-140 30.\n",
        "utf-8",
    )
    found = load(knowledge_folder)
    ready = replace(found.municipalities["norrby"], mailbox="a@norrby.example", disposal="KS 2026:1", message_days=90)
    assert lacks(found, ready) == ()
    assert lacks(found, replace(ready, message_days=None)) == ("disposal",)
    assert lacks(found, replace(ready, switchboard=None)) == ("switchboard",)
