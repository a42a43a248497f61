"""What holds knowledge and engine to account: checks, evaluation, readability, noise, and what is learnt."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from bot.content.library import load
from bot.dialogue.assistant import Assistant, shipped_vectors
from bot.matching.decision import decide, evidence, shipped_sureness
from bot.matching.index import Document, Index
from bot.matching.ranking import rank
from bot.matching.vocabulary import compile_lexicon
from bot.models import Vocabulary
from bot.quality.benchmark import BenchmarkError, measure_hits, read_rows
from bot.quality.checks import Finding, check, recall
from bot.quality.corpus import sentences_of, spellings
from bot.quality.distilling import SIZE, distil
from bot.quality.evaluation import Asked, QuestionsError, as_rows, evaluate, read_questions, summarize
from bot.quality.fitting import fit_both
from bot.quality.noise import both, typo, unaccented
from bot.quality.peers import installed
from bot.quality.readability import count_words, lix

DAY = date(2026, 11, 22)
HERE = Path(__file__).parent


def codes(findings: object) -> set[str]:
    assert isinstance(findings, list | tuple)
    return {finding.code for finding in findings if isinstance(finding, Finding)}


def write(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, "municipalities/norrby/municipality.yaml", 'id: norrby\nname: {sv: Norrby}\ncode: "9901"\n')
    write(tmp_path, "vocabulary/topics.yaml", "housing:\n  - {id: plots, layer: municipality, about: plots}\n")
    return tmp_path


PLOTS = """
entries:
  - id: plots
    questions: {sv: [Vilka tomter är lediga?, lediga tomter, köpa tomt], en: [available plots, buy a plot]}
    answer: {sv: Ring oss., en: Call us.}
"""


def test_a_required_topic_that_nothing_answers_is_to_fill(folder: Path) -> None:
    assert "topic-missing" in codes(check(folder, DAY).to_fill)


def test_a_general_text_is_to_fill(folder: Path) -> None:
    write(folder, "national/housing.yaml", PLOTS)
    assert "general-text" in codes(check(folder, DAY).to_fill)


def test_a_question_claimed_twice_is_wrong(folder: Path) -> None:
    other = PLOTS.replace("id: plots", "id: other").replace("köpa tomt", "bygga hus")
    write(folder, "national/housing.yaml", PLOTS + other.replace("\nentries:\n", ""))
    report = check(folder, DAY, with_recall=False)
    assert "question-claimed-twice" in codes(report.failures)
    assert report.errors


@pytest.mark.parametrize(
    ("tests", "code"),
    [
        ("must_match: {sv: [hur lagar man soppa]}", "must-match-failed"),
        ("must_not_match: {sv: [köpa en tomt]}", "must-not-match-failed"),
    ],
)
def test_a_failed_test_of_an_entry_is_wrong(folder: Path, tests: str, code: str) -> None:
    write(folder, "national/housing.yaml", PLOTS + f"    tests: {{{tests}}}\n")
    assert codes(check(folder, DAY, with_recall=False).failures) == {code}


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("checked: {on: 2025-01-01, by: Plan, every: 12}", "review-due"),
        ("valid: {to: 2026-01-01}", "expired"),
        ('en_of: "000000"', "translation-outdated"),
    ],
)
def test_what_time_has_overtaken_is_due(folder: Path, field: str, code: str) -> None:
    write(folder, "national/housing.yaml", PLOTS + f"    {field}\n")
    report = check(folder, DAY, with_recall=False)
    assert codes(report.due) == {code}
    assert not report.errors, "what is due fails a check only when it is asked to be strict"


def test_files_that_cannot_be_used_are_reported_and_nothing_else(folder: Path) -> None:
    write(folder, "national/housing.yaml", "entries: [")
    report = check(folder, DAY)
    assert report.errors == 1
    assert report.recall == {}


def test_recall_asks_each_question_without_it() -> None:
    documents = [
        Document("plots", tuple(f"ledig tomt {n} i byn" for n in range(10))),
        Document("school", (*(f"skola för barn {n}" for n in range(9)), "xyzzy")),
    ]
    found = recall(Index(documents, compile_lexicon(Vocabulary()), shipped_vectors()))
    assert found["plots"] == 1.0
    assert found["school"] == 0.9


@pytest.mark.parametrize(("text", "words"), [("", 0), ("Ring **oss** nu.", 3), ("1. Ring.\n2. Vänta.", 2)])
def test_words_are_counted_without_markup(text: str, words: int) -> None:
    assert count_words(text) == words


def test_lix_is_sentence_length_and_share_of_long_words() -> None:
    assert lix("Ring oss nu. Vi svarar.") == 2  # 5 words in 2 sentences, none of seven letters
    assert lix("Byggnadsnämnden handlägger ansökningarna.") == 103  # 3 words, all of them long
    assert lix("") == 0


def test_a_question_file_is_read_with_its_comments_left_out(tmp_path: Path) -> None:
    write(tmp_path, "q.tsv", "# a comment\nsv\tplots|jobs\tlediga tomter\n\nen\t-\tpizza\n")
    first, second = read_questions(tmp_path / "q.tsv")
    assert first.accepted == {"plots", "jobs"}
    assert second.accepted == frozenset()


@pytest.mark.parametrize("row", ["sv plots lediga", "de\tplots\tfrei", "sv\tplots"])
def test_a_wrong_row_is_named(tmp_path: Path, row: str) -> None:
    write(tmp_path, "q.tsv", f"{row}\n")
    with pytest.raises(QuestionsError, match=r"q\.tsv:1: expected language"):
        read_questions(tmp_path / "q.tsv")


def test_outcomes_are_counted_apart() -> None:
    assistant = Assistant(load(HERE.parent / "knowledge"))
    rows = [
        Asked("sv", "plots", "Finns det lediga tomter att köpa?"),
        Asked("sv", "jobs", "Finns det lediga tomter att köpa?"),
        Asked("sv", "-", "Finns det lediga tomter att köpa?"),
        Asked("sv", "-municipal", "asdfghj"),
    ]
    judged = evaluate(assistant, "vindeln", rows, DAY)
    summary = summarize(judged)
    assert (summary.questions, summary.right, summary.wrong) == (2, 50.0, 50.0)
    assert (summary.answered_off_topic, summary.answered_not_covered) == (100.0, 0.0)
    assert list(next(as_rows(judged))) == [
        "question", "language", "expected", "kind", "entry", "choices", "confidence", "ms"
    ]  # fmt: skip


@pytest.mark.nightly
def test_sureness_is_learnt_from_what_was_right() -> None:
    assistant = Assistant(load(HERE.parent / "knowledge"))
    rows = read_questions(HERE / "questions.tsv")[::4]
    entries = list(assistant.knowledge.view("vindeln").entries.values())[:20]
    fitted = fit_both(assistant, "vindeln", rows, entries)
    for name, guarded in (("guarded", True), ("bare", False)):
        assert set(fitted[name].coefficients) == set(shipped_sureness(guarded).coefficients)
        assert 0 < fitted[name].offer <= fitted[name].answer <= 1


def test_no_candidate_no_answer() -> None:
    index = Index((), compile_lexicon(Vocabulary()), shipped_vectors())
    assert decide(rank(index, "tomt")).kind == "none"


def test_evidence_is_of_the_first_that_can_be_answered() -> None:
    documents = [Document("plots", ("lediga tomter",)), Document("outside/film", ("lediga platser på bio",))]
    ranking = rank(Index(documents, compile_lexicon(Vocabulary()), shipped_vectors()), "lediga platser på bio")
    assert ranking.found[0].entry == "outside/film"
    assert evidence(ranking)["inside"] < 0
    assert decide(ranking).entries != ("outside/film",)


def test_noise_is_repeatable_and_of_the_kind_asked_for() -> None:
    text = "Hur överklagar man ett beslut om bygglov?"
    assert typo(text, "sv") == typo(text, "sv") != text
    assert unaccented(text, "sv") == "Hur overklagar man ett beslut om bygglov?"
    assert not set("åäö") & set(both(text, "sv"))


def test_a_missing_question_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match="HEMVIST_BENCHMARK_DATA"):
        list(measure_hits(tmp_path, shipped_vectors()))
    with pytest.raises(BenchmarkError):
        read_rows(tmp_path / "language-dev.tsv")


@pytest.mark.parametrize("name", sorted(installed()))
def test_every_peer_finds_a_stored_question(name: str) -> None:
    phrasings = ["lediga tomter i byn", "skolan börjar i augusti", "where is the health centre"]
    find = installed()[name](phrasings)
    assert [find(phrasing) for phrasing in phrasings] == [0, 1, 2]


def test_word_vectors_learn_to_point_where_their_sentences_point() -> None:
    draw = np.random.default_rng(1)
    meaning = {
        word: draw.normal(size=SIZE + 8).astype(np.float32) for word in ("hund", "katt", "bil", "buss", "dog", "bus")
    }
    meaning["dog"], meaning["bus"] = meaning["hund"], meaning["buss"]

    def encode(texts: object) -> np.ndarray:
        assert isinstance(texts, list)
        return np.array([sum(meaning[word] for word in text.split()) for text in texts], np.float32)

    sentences = [f"{one} {other}" for one in meaning for other in meaning] * 6
    table = distil(dict.fromkeys(meaning, 1e-5), {word: word for word in meaning}, sentences, encode)
    rows = dict(zip(bytes(table.words).decode().split("\n"), table.rows.astype(float), strict=True))
    assert rows["dog"] @ rows["hund"] > rows["dog"] @ rows["bil"]


def test_the_corpus_holds_every_question_and_spelling() -> None:
    sentences = sentences_of(load(HERE / "knowledge"))
    assert len(sentences) == len(set(sentences)) > 50
    assert spellings(["Överkalix är nära"])["overkalix"] == "överkalix"
