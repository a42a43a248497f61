"""How sure a ranking is, figure by figure, and what may be said on it; the rankings are made by hand."""

import math
from dataclasses import replace

import pytest

from bot.dialogue.assistant import shipped_vectors
from bot.matching.decision import Sureness, decide, evidence, offers, shipped_sureness, within
from bot.matching.index import Document, Index, Phrasing
from bot.matching.ranking import Ranked, Ranking, rank
from bot.matching.vocabulary import compile_lexicon
from bot.models import Vocabulary

NOTHING = Phrasing("", "", "", ())
NAMES = ("score", "lead", "inside", "share", "likeness", "sameness", "coverage", "entry_coverage", "more_covered",
         "entry_lead", "phrasing_lead", "likeness_lead", "familiar", "unknown", "length")  # fmt: skip


def ranked(entry: str, score: float, **parts: float) -> Ranked:
    given = {"likeness": 0.0, "coverage": 0.0, "entry_coverage": 0.0, "by_entry": 0.0, "by_phrasing": 0.0, **parts}
    return Ranked(entry, score, NOTHING, **given)


@pytest.fixture(scope="module")
def asked() -> Ranking:
    """A real ranking, of which the question is kept: three words, one of them unknown."""
    index = Index([Document("plots", ("lediga tomter",))], compile_lexicon(Vocabulary()), shipped_vectors())
    return rank(index, "lediga tomter qwrtzx")


@pytest.fixture
def ranking(asked: Ranking) -> Ranking:
    first = ranked("plots", 20.0, likeness=0.9, coverage=0.5, entry_coverage=0.75, by_entry=12.0, by_phrasing=8.0)
    second = ranked("jobs", 14.0, likeness=0.6, coverage=0.4, entry_coverage=0.5, by_entry=9.0, by_phrasing=5.0)
    third = ranked("outside/film", 10.0, likeness=0.7, coverage=0.3, entry_coverage=0.25, by_entry=4.0, by_phrasing=6.0)
    return replace(asked, found=(first, second, third), guarded=True, familiar=0.8)


def test_evidence_is_worked_out_by_hand(ranking: Ranking) -> None:
    expected = {
        "score": 0.5,
        "lead": 0.6,
        "inside": 1.0,
        "share": 1 / (1 + math.exp(-6) + math.exp(-10)),
        "likeness": 0.9,
        "sameness": 0.5,
        "coverage": 0.5,
        "entry_coverage": 0.75,
        "more_covered": 0.25,
        "entry_lead": 0.3,
        "phrasing_lead": 0.2,
        "likeness_lead": 0.2,
        "familiar": 0.8,
        "unknown": ranking.asked.unknown_share,
        "length": 3 / 15,
    }
    assert evidence(ranking) == pytest.approx(expected)
    assert tuple(evidence(ranking)) == NAMES
    assert 0 < ranking.asked.unknown_share < 1


def test_evidence_is_of_the_first_that_has_an_answer(ranking: Ranking) -> None:
    outside = ranked("outside/film", 24.0, likeness=1.0, entry_coverage=1.0, by_entry=14.0, by_phrasing=10.0)
    found = evidence(replace(ranking, found=(outside, *ranking.found[:2])))
    assert found["score"] == 0.5
    assert found["lead"] == pytest.approx(-0.4)
    assert found["inside"] == pytest.approx(-0.4)
    assert found["more_covered"] == pytest.approx(-0.25)
    assert found["entry_lead"] == pytest.approx(-0.2)
    assert found["phrasing_lead"] == pytest.approx(-0.2)
    assert found["likeness_lead"] == pytest.approx(-0.1)
    assert found["share"] == pytest.approx(1 / (1 + math.exp(4) + math.exp(-6)))


def test_one_alone_leads_before_nothing(ranking: Ranking) -> None:
    found = evidence(replace(ranking, found=ranking.found[:1]))
    assert (found["lead"], found["inside"], found["share"]) == (2.0, 2.0, 1.0)
    assert (found["more_covered"], found["entry_lead"], found["phrasing_lead"]) == (0.75, 1.2, 0.8)
    assert found["likeness_lead"] == 0.9


def test_far_apart_is_no_overflow(ranking: Ranking) -> None:
    far = ranked("outside/film", 5_000.0)
    found = evidence(replace(ranking, found=(far, *ranking.found[:1])))
    assert found["share"] == pytest.approx(1 / (1 + math.exp(30.0)))


@pytest.mark.parametrize(("likeness", "sameness"), [(0.79, 0.0), (0.8, 0.0), (0.85, 0.25), (1.0, 1.0), (0.0, 0.0)])
def test_sameness_begins_where_texts_are_nearly_alike(ranking: Ranking, likeness: float, sameness: float) -> None:
    found = evidence(replace(ranking, found=(ranked("plots", 20.0, likeness=likeness),)))
    assert found["sameness"] == pytest.approx(sameness)


def test_a_long_question_is_as_long_as_fifteen_words(ranking: Ranking) -> None:
    reading = replace(ranking.asked.reading, words=("tomt",) * 20)
    assert evidence(replace(ranking, asked=replace(ranking.asked, reading=reading)))["length"] == 1.0
    reading = replace(ranking.asked.reading, words=("tomt",) * 14)
    assert evidence(replace(ranking, asked=replace(ranking.asked, reading=reading)))["length"] == 14 / 15


# how sure


def sureness(**coefficients: float) -> Sureness:
    return Sureness(-1.0, coefficients, answer=0.6, offer=0.2)


@pytest.mark.parametrize(
    ("score", "probability"),
    [(0.5, 0.5), (1.0, 1 / (1 + math.exp(-1))), (0.0, 1 / (1 + math.exp(1))), (500.0, 1 / (1 + math.exp(-30.0)))],
)
def test_probability_is_that_of_a_logistic_regression(score: float, probability: float) -> None:
    assert sureness(score=2.0).probability({"score": score, "lead": 9.0}) == pytest.approx(probability, rel=1e-12)


def test_the_least_sure_is_not_beyond_reckoning() -> None:
    assert sureness(score=-500.0).probability({"score": 5.0}) == pytest.approx(1 / (1 + math.exp(30.0)), rel=1e-12)


def test_confidence_is_the_probability_of_the_evidence(ranking: Ranking) -> None:
    expected = 1 / (1 + math.exp(-(-1.0 + 2 * 0.5 + 3 * 0.6)))
    assert sureness(score=2.0, lead=3.0).confidence(ranking) == pytest.approx(expected)


@pytest.mark.parametrize("guarded", [True, False])
def test_what_is_shipped_weighs_all_of_the_evidence(*, guarded: bool) -> None:
    shipped = shipped_sureness(guarded)
    assert set(shipped.coefficients) == set(NAMES)
    assert 0 < shipped.offer < shipped.answer < 1
    assert shipped.intercept < 0
    assert shipped_sureness(True) != shipped_sureness(False)


# what may be said


@pytest.fixture
def decided(ranking: Ranking, monkeypatch: pytest.MonkeyPatch):
    """Decide on the ranking as if it were so sure, with thresholds 0.6 and 0.2; tell whether it was asked as guarded."""

    def decide_at(confidence: float, found: tuple[Ranked, ...] | None = None, *, guarded: bool = True):
        total = math.log(confidence / (1 - confidence))
        chosen = {guarded: Sureness(total, {}, answer=0.6, offer=0.2), not guarded: Sureness(-30.0, {}, 0.6, 0.2)}
        monkeypatch.setattr("bot.matching.decision.shipped_sureness", chosen.__getitem__)
        return decide(replace(ranking, found=ranking.found if found is None else found, guarded=guarded))

    return decide_at


@pytest.mark.parametrize("guarded", [True, False])
@pytest.mark.parametrize(
    ("confidence", "kind", "entries"),
    [
        (0.9, "answer", ("plots",)),
        (0.61, "answer", ("plots",)),
        (0.59, "choices", ("plots", "jobs")),
        (0.21, "choices", ("plots", "jobs")),
        (0.19, "none", ()),
    ],
)
def test_surer_says_more(decided, confidence: float, kind: str, entries: tuple[str, ...], *, guarded: bool) -> None:
    found = decided(confidence, guarded=guarded)
    assert (found.kind, found.entries) == (kind, entries)
    assert found.confidence == pytest.approx(confidence)


def test_exactly_as_sure_as_needed_is_enough(ranking: Ranking, monkeypatch: pytest.MonkeyPatch) -> None:
    half = Sureness(0.0, {}, answer=0.5, offer=0.5)
    monkeypatch.setattr("bot.matching.decision.shipped_sureness", lambda _guarded: half)
    assert decide(ranking).kind == "answer"
    monkeypatch.setattr("bot.matching.decision.shipped_sureness", lambda _guarded: replace(half, answer=0.9))
    assert decide(ranking).kind == "choices"


def test_one_alone_is_no_choice(decided, ranking: Ranking) -> None:
    alone = decided(0.4, ranking.found[:1])
    assert (alone.kind, alone.entries) == ("none", ())
    assert alone.confidence == pytest.approx(0.4)


def test_where_nothing_has_an_answer_nothing_is_sure(decided, ranking: Ranking) -> None:
    for found in ((), ranking.found[2:]):
        decision = decided(0.9, found)
        assert (decision.kind, decision.entries, decision.confidence) == ("none", (), 0.0)


def test_what_has_no_answer_is_left_out(ranking: Ranking) -> None:
    assert [one.entry for one in within(ranking.found)] == ["plots", "jobs"]


@pytest.mark.parametrize(
    ("scores", "count"),
    [([20, 14, 10], 3), ([20, 14, 9.9], 2), ([20, 1, 1], 2), ([20], 1), ([20, 19, 18, 17], 3), ([20, 1, 20], 2)],
)
def test_two_are_offered_and_a_third_that_is_not_far_behind(scores: list[float], count: int) -> None:
    found = [ranked(f"entry-{place}", score) for place, score in enumerate(scores)]
    assert offers(found) == tuple(one.entry for one in found[:count])
