"""Questions that mean the same come together, whatever their order, their spelling and the order of their words."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import cluster
from bot.quality.clustering import _Leaders, form_of

FRAMES = frozenset({"hur", "kan", "man", "jag", "en", "i", "finns", "det", "how", "do", "a", "the"})
WORDS = ("tomt", "tomten", "hund", "hundpark", "park", "boka", "bokar", "200", "300", "höns", "i", "hur", "é")
TEXTS = st.lists(
    st.lists(st.sampled_from(WORDS), max_size=5)
    .map(" ".join)
    .flatmap(lambda text: st.sampled_from([text, text.upper(), f"{text}?"])),
    max_size=25,
)

SAME = {
    "the same": ("boka tomt", "boka tomt"),
    "case and signs": ("Boka tomt!", "boka  tomt"),
    "without å ä ö": ("hundrastgård i hällnäs", "hundrastgard i hallnas"),
    "a typo": ("öppettider simhallen", "öppetider simhalen"),
    "order of words": ("simhallen öppettider", "öppettider simhallen"),
    "another ending": ("boka tomt", "bokar tomten"),
    "one word or two": ("hund park", "hundpark"),
    "words that frame it": ("hur kan jag boka en tomt", "boka tomt"),
    "English": ("how do I get a dog licence", "dog license how do i get"),
}
DIFFERENT = {
    "another thing": ("kan man ha höns", "kan man ha häst"),
    "another place": ("tomt i hällnäs", "tomt i granö"),
    "another number": ("tomt under 200000", "tomt under 300000"),
    "a number more": ("buss 17", "buss"),
    "much more asked": ("tomt", "tomt nära sjön med egen brygga"),
    "words that only look alike": ("hatt", "katt"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_the_same_question_comes_together(one: str, other: str) -> None:
    assert cluster([one, other], FRAMES) == ((0, 1),)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_another_question_stays_apart(one: str, other: str) -> None:
    assert sorted(cluster([one, other], FRAMES)) == [(0,), (1,)]


def test_what_is_asked_most_comes_first() -> None:
    assert cluster(["katt", "hundpark", "hundpark", "hund park"]) == ((1, 2, 3), (0,))


def test_a_question_of_frames_alone_is_a_question() -> None:
    assert cluster(["hur kan man", "boka tomt", "", "?"], FRAMES) == ((2, 3), (1,), (0,))


@settings(deadline=None)
@given(TEXTS)
def test_every_question_is_in_exactly_one_cluster(texts: list[str]) -> None:
    places = [place for found in cluster(texts, FRAMES) for place in found]
    assert sorted(places) == list(range(len(texts)))


@settings(deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_the_questions_does_not_matter(texts: list[str], chance: random.Random) -> None:
    def named(given: list[str]) -> list[list[str]]:
        return sorted(sorted(given[place] for place in found) for found in cluster(given, FRAMES))

    mixed = list(texts)
    chance.shuffle(mixed)
    assert named(mixed) == named(texts)


@settings(deadline=None)
@given(TEXTS)
def test_equal_words_are_never_apart(texts: list[str]) -> None:
    of = {place: number for number, found in enumerate(cluster(texts, FRAMES)) for place in found}
    forms: dict[tuple[str, ...], set[int]] = {}
    for place, text in enumerate(texts):
        forms.setdefault(form_of(text, FRAMES), set()).add(of[place])
    assert all(len(found) == 1 for found in forms.values())


@settings(deadline=None)
@given(TEXTS)
def test_the_short_way_overlooks_nothing(texts: list[str]) -> None:
    """The index of rare words finds the same as looking at every cluster there is."""

    class Thorough(_Leaders):
        def _candidates(self, form, weight):  # type: ignore[no-untyped-def]  # as in the class above
            return set(self._age)

    forms = sorted({form_of(text, FRAMES) for text in texts})
    quick, thorough = _Leaders(forms), Thorough(forms)
    for form in forms:
        found = quick.find(form, ())
        assert found == thorough.find(form, ())
        if found is None:
            quick.add(form, ())
            thorough.add(form, ())
