"""What may be said on a ranking: answer, offer choices, or be silent; and what that is judged by."""

import json
import math
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from bot.matching.decision import FITTED, Decision, Sureness, decide, evidence, offers, shipped_sureness, within
from bot.matching.index import Phrasing
from bot.matching.ranking import Asked, Ranked, Ranking, Reading

READING = Reading(("var", "är", "tippen"), {}, {}, np.zeros(1, np.float32))
ASKED = Asked(READING, (), {}, {}, 0.25, {}, frozenset())


def ranked(entry: str, score: float, likeness: float = 0.5, **more: float) -> Ranked:
    given = {"coverage": 0.6, "entry_coverage": 0.7, "by_entry": 12.0, "by_phrasing": 8.0} | more
    return Ranked(entry, score, Phrasing("", "", "", ()), likeness, **given)


def ranking(*found: Ranked, guarded: bool = True, familiar: float = 0.9) -> Ranking:
    return Ranking(ASKED, found, guarded, familiar)


def sure(monkeypatch: pytest.MonkeyPatch, confidence: float) -> None:
    """Let the confidence in any ranking be this, where 0.7 is needed to answer and 0.3 to offer."""
    made = Sureness(math.log(confidence / (1 - confidence)), {}, answer=0.7, offer=0.3)
    monkeypatch.setattr("bot.matching.decision.shipped_sureness", lambda _guarded: made)


WASTE, JOBS, PLOTS = ranked("waste", 30.0), ranked("jobs", 20.0), ranked("plots", 14.0)
OUTSIDE = ranked("outside/weather", 40.0)


def test_nothing_found_is_silence() -> None:
    assert decide(ranking()) == Decision("none", (), 0.0)
    assert decide(ranking(OUTSIDE)) == Decision("none", (), 0.0)


@pytest.mark.parametrize(
    ("confidence", "kind", "entries"),
    [
        (0.9, "answer", ("waste",)),
        (0.69, "choices", ("waste", "jobs")),
        (0.31, "choices", ("waste", "jobs")),
        (0.29, "none", ()),
    ],
)
def test_how_sure_decides(
    monkeypatch: pytest.MonkeyPatch, confidence: float, kind: str, entries: tuple[str, ...]
) -> None:
    sure(monkeypatch, confidence)
    found = decide(ranking(OUTSIDE, WASTE, JOBS, PLOTS))
    assert (found.kind, found.entries) == (kind, entries)
    assert found.confidence == pytest.approx(confidence)


@pytest.mark.parametrize(("answer", "offer", "kind"), [(0.5, 0.1, "answer"), (0.9, 0.5, "choices")])
def test_just_sure_enough_is_enough(monkeypatch: pytest.MonkeyPatch, answer: float, offer: float, kind: str) -> None:
    monkeypatch.setattr("bot.matching.decision.shipped_sureness", lambda _guarded: Sureness(0.0, {}, answer, offer))
    assert decide(ranking(WASTE, JOBS)).kind == kind


def test_there_is_no_choice_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    sure(monkeypatch, 0.5)
    assert decide(ranking(WASTE)).kind == "none"
    assert decide(ranking(WASTE, JOBS)).kind == "choices"


def test_what_is_not_guarded_is_judged_more_carefully() -> None:
    guarded, bare = decide(ranking(WASTE, JOBS)), decide(ranking(WASTE, JOBS, guarded=False))
    assert guarded.confidence == shipped_sureness(guarded=True).confidence(ranking(WASTE, JOBS))
    assert bare.confidence == shipped_sureness(guarded=False).confidence(ranking(WASTE, JOBS, guarded=False))
    assert guarded.confidence != bare.confidence


@pytest.mark.parametrize(
    ("scores", "count"),
    [
        ((30.0, 20.0, 15.0), 3),
        ((30.0, 20.0, 14.9), 2),
        ((30.0, 5.0, 4.0), 2),
        ((30.0, 29.0, 28.0, 27.0), 3),
        ((30.0,), 1),
    ],
    ids=["as good as half", "a little behind that", "two at least", "three at most", "no more than there are"],
)
def test_two_or_three_are_offered(scores: tuple[float, ...], count: int) -> None:
    found = [ranked(f"entry-{place}", score) for place, score in enumerate(scores)]
    assert offers(found) == tuple(one.entry for one in found[:count])


def test_what_is_not_answered_is_never_offered() -> None:
    assert within([OUTSIDE, WASTE, replace_entry(JOBS, "outside/jobs"), PLOTS]) == (WASTE, PLOTS)


def replace_entry(one: Ranked, entry: str) -> Ranked:
    return one._replace(entry=entry)


@pytest.mark.parametrize(
    ("total", "probability"), [(0.0, 0.5), (math.log(3), 0.75), (-math.log(3), 0.25), (90.0, 1.0), (-90.0, 0.0)]
)
def test_probability_is_logistic_and_never_overflows(total: float, probability: float) -> None:
    assert Sureness(total, {}, 0, 0).probability({}) == pytest.approx(probability, abs=1e-12)


def test_probability_weighs_the_evidence() -> None:
    made = Sureness(1.0, {"score": 2.0, "lead": -0.5}, 0, 0)
    assert made.probability({"score": 0.75, "lead": 1.0, "other": 9.0}) == pytest.approx(1 / (1 + math.exp(-2.0)))


def test_steepest_is_where_it_is_cut_off() -> None:
    assert Sureness(31.0, {}, 0, 0).probability({}) == Sureness(30.0, {}, 0, 0).probability({})
    assert Sureness(-31.0, {}, 0, 0).probability({}) == Sureness(-30.0, {}, 0, 0).probability({})
    assert Sureness(29.0, {}, 0, 0).probability({}) < Sureness(30.0, {}, 0, 0).probability({})


def test_evidence_of_the_first_that_is_answered() -> None:
    first = ranked("waste", 30.0, 0.9, coverage=0.6, entry_coverage=0.7, by_entry=12.0, by_phrasing=18.0)
    rival = ranked("jobs", 20.0, 0.4, coverage=0.9, entry_coverage=0.5, by_entry=9.0, by_phrasing=11.0)
    beyond = ranked("outside/x", 24.0, 0.3, coverage=0.2, entry_coverage=0.2, by_entry=4.0, by_phrasing=20.0)
    expected = {
        "score": 0.75,
        "lead": 0.6,
        "inside": 0.6,
        "share": 1 / (1 + math.exp(-10) + math.exp(-6)),
        "likeness": 0.9,
        "sameness": 0.5,
        "coverage": 0.6,
        "entry_coverage": 0.7,
        "more_covered": 0.2,
        "entry_lead": 0.3,
        "phrasing_lead": -0.2,
        "likeness_lead": 0.5,
        "familiar": 0.9,
        "unknown": 0.25,
        "length": 0.2,
    }
    assert evidence(ranking(first, beyond, rival)) == pytest.approx(expected)


def test_evidence_of_one_that_stands_alone() -> None:
    found = evidence(ranking(ranked("waste", 30.0, 0.7)))
    alone = {"lead": 3.0, "inside": 3.0, "share": 1.0, "sameness": 0.0, "more_covered": 0.7, "entry_lead": 1.2}
    assert {name: found[name] for name in alone} == pytest.approx(alone)
    assert (found["phrasing_lead"], found["likeness_lead"]) == pytest.approx((0.8, 0.7))


def test_a_rival_far_ahead_takes_no_more_than_can_be_counted() -> None:
    ahead = evidence(ranking(ranked("outside/x", 5_000.0), ranked("waste", 1.0)))
    assert ahead["share"] == pytest.approx(1 / (1 + math.exp(30)))


def test_a_long_question_is_no_longer_than_fifteen_words() -> None:
    reading = replace(READING, words=tuple("abcdefghijklmnopqrst"))
    assert evidence(Ranking(replace(ASKED, reading=reading), (WASTE,), True, 0.9))["length"] == 1


@pytest.mark.parametrize(("guarded", "name"), [(True, "guarded"), (False, "bare")], ids=["guarded", "bare"])
def test_each_kind_of_knowledge_has_what_was_fitted_for_it(*, guarded: bool, name: str) -> None:
    fitted = json.loads(files("bot.matching").joinpath(FITTED).read_text("utf-8"))[name]
    assert shipped_sureness(guarded) == Sureness(**{part: fitted[part] for part in Sureness.__slots__})


def test_what_is_shipped_asks_more_to_answer_than_to_offer() -> None:
    for guarded in (True, False):
        found = shipped_sureness(guarded)
        assert 0 < found.offer < found.answer < 1
        assert set(found.coefficients) <= set(evidence(ranking(WASTE)))
