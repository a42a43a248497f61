"""A question finds its entry: misspelt, without å ä ö, in other words; and what frames a question carries nothing."""

import pytest

from bot.dialogue.assistant import shipped_vectors
from bot.matching.features import pieces
from bot.matching.index import Document, Index
from bot.matching.ranking import ask, rank
from bot.matching.vocabulary import compile_lexicon
from bot.models import Vocabulary, WordGroup
from bot.text import clean, fold, words

WORDS = Vocabulary(
    groups=(
        WordGroup("recycling", ("tipp", "åvc", "återvinningscentral", "dump")),
        WordGroup("job", ("jobb", "work"), ("svetsare", "welder")),
    ),
    frames=("hur", "söker", "jag", "kan", "kommunen", "åt", "min", "how", "do", "i"),
)
DOCUMENTS = (
    Document("waste", ("Var ligger tippen?", "where is the dump", "öppettider återvinningscentralen")),
    Document("jobs", ("Vilka jobb finns?", "vacancies in the municipality", "söka arbete")),
    Document("parking", ("Var får jag parkera?", "where can I park", "hur söker jag parkeringstillstånd")),
    Document("plots", ("Vilka tomter är lediga?", "available building plots", "hur söker jag en tomt")),
)


@pytest.fixture(scope="module")
def index() -> Index:
    return Index(DOCUMENTS, compile_lexicon(WORDS).framing(["Norrby"]), shipped_vectors())


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("lediga tomter", "plots"),
        ("ledga tmoter", "plots"),
        ("avalable bulding plots", "plots"),
        ("oppettider pa tippen", "waste"),
        ("åvc", "waste"),
        ("jobb som svetsare", "jobs"),
        ("welder in Norrby", "jobs"),
        ("parkering", "parking"),
    ],
)
def test_finds_the_entry(index: Index, question: str, entry: str) -> None:
    assert rank(index, question).found[0].entry == entry


def test_the_best_come_first_and_the_same_question_gives_the_same_ranking(index: Index) -> None:
    first, second = rank(index, "var är tippen"), rank(index, "var är tippen")
    scores = [found.score for found in first.found]
    assert scores == sorted(scores, reverse=True)
    assert first.found == second.found


def test_a_word_spelt_right_is_never_taken_for_another(index: Index) -> None:
    assert rank(index, "tipspromenad").found[0].entry != "waste" or rank(index, "tipspromenad").found[0].coverage < 0.5


def test_the_municipality_s_own_name_only_frames(index: Index) -> None:
    assert index.lexicon.weight("norrby") < 0.5 < index.lexicon.weight("tomt")


OWN = (
    *DOCUMENTS[:2],
    Document("parking", (*DOCUMENTS[2].phrasings, "parkera vid badhuset Forsbadet"), "Parkera vid Forsbadet."),
    Document("plots", ("bygga på en kolonilott",)),
    Document("swimming", ("När öppnar Forsbadet?", "swimming pool hours")),
)


@pytest.fixture(scope="module")
def own(index: Index) -> Index:
    """One municipality's index over the shared one: a question more, an entry replaced, an entry of its own."""
    return Index(OWN, index.lexicon, index.vectors, base=index)


@pytest.mark.parametrize(
    ("question", "entry"),
    [
        ("var ligger tippen", "waste"),
        ("vacancies", "jobs"),
        ("var får man parkera", "parking"),
        ("parkera vid forsbadet", "parking"),
        ("forsbdet öppettider", "swimming"),
        ("swiming pool", "swimming"),
        ("kolonilott", "plots"),
    ],
)
def test_what_is_shared_and_what_is_own_is_found_alike(own: Index, question: str, entry: str) -> None:
    assert rank(own, question).found[0].entry == entry


def test_an_index_over_another_ranks_as_one_of_everything(index: Index) -> None:
    documents = (*DOCUMENTS, Document("swimming", ("När öppnar badet?", "swimming pool hours")))
    over, whole = (Index(documents, index.lexicon, index.vectors, base=base) for base in (index, None))
    for question in ("badet", "swiming pool", "lediga tomter", "jobb", "var får jag parkera"):
        ranked, expected = (rank(one, question).found for one in (over, whole))
        assert [found.entry for found in ranked] == [found.entry for found in expected]
        assert ranked[0].score == pytest.approx(expected[0].score, rel=0.05)  # rarity is the base's


def test_a_replaced_entry_is_not_found_by_what_it_replaced(own: Index) -> None:
    found = {one.entry: one.phrasing.written for one in rank(own, "Vilka tomter är lediga?").found}
    assert found.get("plots") in (None, "bygga på en kolonilott")


def test_what_the_base_alone_has_is_never_found(index: Index) -> None:
    fewer = Index(DOCUMENTS[:1], index.lexicon, index.vectors, base=index)
    assert {one.entry for one in rank(fewer, "lediga tomter jobb parkera").found} <= {"waste"}


def test_the_base_stays_as_it_was(index: Index) -> None:
    before = rank(index, "forsbadet").found
    Index(OWN, index.lexicon, index.vectors, base=index)
    assert rank(index, "forsbadet").found == before


def test_unknown_words_lower_what_is_covered(index: Index) -> None:
    known, strange = ask(index, words("lediga tomter")), ask(index, words("lediga tomter kvantfysik xyzzy"))
    assert known.unknown_share < 0.01 < strange.unknown_share


@pytest.mark.parametrize("question", ["", "?", "😀", "123456789", "a" * 500, "tomt " * 100, "§ § §"])
def test_any_text_can_be_ranked(index: Index, question: str) -> None:
    assert isinstance(rank(index, question).found, tuple)


def test_words_like_no_known_one_leave_nothing_behind(index: Index) -> None:
    assert "tomter" in index.words_like("tomtr")
    kept = len(index._about_as_long)
    assert [index.words_like("ж" * length) for length in range(1, 50)] == [()] * 49
    assert len(index._about_as_long) == kept


def test_an_empty_index_finds_nothing() -> None:
    assert rank(Index((), compile_lexicon(WORDS), shipped_vectors()), "tomt").found == ()


def test_a_longer_term_hides_the_shorter_inside_it() -> None:
    lexicon = compile_lexicon(Vocabulary(groups=(WordGroup("fire", ("eld",)), WordGroup("ban", ("förbud mot eld",)))))
    assert lexicon.meanings(words("förbud mot eld")) == {"ban": 1.0}
    assert lexicon.meanings(words("eld")) == {"fire": 1.0}


@pytest.mark.parametrize(("text", "folded"), [("Överkalix", "overkalix"), ("ÅÄÖ", "aao"), ("Caf\u0065\u0301", "cafe")])
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize("hidden", ["\u200b", "\u202e", "\ufeff", "\U000e0041", "\u0007"])
def test_invisible_signs_are_taken_out(hidden: str) -> None:
    assert clean(f"to{hidden}mt  i\u00a0byn ") == "tomt i byn"


def test_pieces_hold_the_edges_of_a_word() -> None:
    assert set(pieces("tomt")) >= {" t", "t ", "tom", " tom", "omt "}
    assert pieces("i") == [" i", "i ", " i "]
