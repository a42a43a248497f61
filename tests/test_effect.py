"""What an edit does, seen before it is published: the same as asking everything again, at a fraction of the cost."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import Assistant, Key, Knowledge, lay_over, load
from bot.models import AnswerTexts, Entry, Phrases
from bot.models import Tests as EntryTests
from bot.quality.effect import Before, Effect, Probe, effect, full_effect, probes_of
from bot.values import Valid

ACROSS = [
    Probe("vilka kommuner har lediga tomter", "sv"),
    Probe("which municipalities have flats to rent", "en"),
    Probe("Norrby eller Söderby?", "sv"),
    Probe("hur reserverar jag en tomt i Söderby", "sv"),
    Probe("tomtkön i Umeå kommun", "sv"),
    Probe("hyra lägenhet i Vuollerim", "sv"),
    Probe("vilka kommuner i umeåregionen har tomtkö?", "sv"),
    Probe("finns det jobb som svetsare hos er", "sv"),
]  # rest on what others know, or may

ROOT = Path(__file__).parent.parent
DAY = date(2026, 11, 22)
PLACE = "vindeln"
LAYER = f"municipalities/{PLACE}"


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load(ROOT / "knowledge")


@pytest.fixture(scope="module")
def before(knowledge: Knowledge) -> Before:
    recent = [("sv", "hur mycket snö är det på vintern"), ("en", "is there a swimming hall"), ("sv", "öppettider")]
    probes = [probe for number, probe in enumerate(probes_of(knowledge.view(PLACE))) if number % 3 == 0]
    return Before(
        Assistant(knowledge), PLACE, [*probes, *ACROSS, *(Probe(text, language) for language, text in recent)], DAY
    )


@pytest.fixture(scope="module")
def small() -> Before:
    knowledge = load(Path(__file__).parent / "knowledge")
    return Before(Assistant(knowledge), "norrby", [*probes_of(knowledge.view("norrby")), *ACROSS], DAY)


def edited(knowledge: Knowledge, entry: Entry, layer: str = LAYER) -> Knowledge:
    return lay_over(knowledge, {Key(layer, "entry", entry.id): entry})


def anew(before: Before, entry: str, after: Knowledge) -> Effect:
    """Ask everything again, of what will be served when the edit is saved."""
    return full_effect(before, entry, before.assistant.beside(after))


NEW = Entry(
    "ski-tracks",
    Phrases(("När spåras skidspåren?", "längdskidspår"), ("When are the ski tracks groomed?",)),
    AnswerTexts("På vintern.", "In winter."),
    tests=EntryTests(Phrases(("är skidspåret spårat",), ()), Phrases(("skidskola för barn",), ())),
)


def test_new_entry_reaches_its_questions(knowledge: Knowledge, before: Before) -> None:
    found = effect(before, NEW.id, edited(knowledge, NEW))
    assert Probe("är skidspåret spårat", "sv", NEW.id, "match") in found.reaching
    assert {one.probe.question for one in found.gained} >= {"är skidspåret spårat"}
    assert {one.probe.question for one in found.mends} >= {"är skidspåret spårat"}
    assert replace(anew(before, NEW.id, edited(knowledge, NEW)), asked=found.asked) == found


def test_what_is_taken_from_others_and_what_breaks_is_named(knowledge: Knowledge, before: Before) -> None:
    probe = next(probe for probe in before.probes if probe.wanted == "match" and before.verdict(probe).kind == "answer")
    phrases = (probe.question, f"{probe.question}?", probe.question.upper())
    thief = Entry("thief", Phrases(phrases, phrases), AnswerTexts(probe.question, probe.question))
    found = effect(before, thief.id, edited(knowledge, thief))
    assert probe in {one.probe for one in found.taken}
    assert probe in {one.probe for one in found.breaks}
    assert found.asked < len(before.probes) / 2


def test_entry_that_is_withheld_loses_its_questions(knowledge: Knowledge, before: Before) -> None:
    reached = next(probe for probe in before.probes if before.verdict(probe).entries == ("plot-reservation",))
    entry = knowledge.layers[LAYER].entries["plot-reservation"]
    ended = replace(entry, valid=Valid(end=date(2020, 1, 1)))
    found = effect(before, entry.id, edited(knowledge, ended))
    assert reached in {one.probe for one in found.lost}


def test_nothing_moves_where_nothing_is_changed(knowledge: Knowledge, before: Before) -> None:
    found = effect(before, "plot-reservation", knowledge)
    assert found.moved == ()


WORDS = [
    "tomt",
    "skola",
    "när",
    "kostar",
    "kommunen",
    "Vindeln",
    "plot",
    "school",
    "snöskoter",
    "xylofon",
    "hur",
    "jobb",
]


def draft(knowledge: Knowledge, place: str, probes: list[Probe], chance: Random) -> tuple[str, str, Knowledge]:
    """Change an entry at random in one of the layers a municipality is made of: other questions, another answer, none
    any more, or one that is new. Return the layer, the entry and the knowledge then."""
    name = chance.choice([*sorted(knowledge.view(place).entries), "brand-new"])
    layer = chance.choice([found.name for found in knowledge.layers_of(place)])
    entry = knowledge.layers[layer].entries.get(name, Entry(name))
    made_up = [" ".join(chance.choices(WORDS, k=chance.randint(1, 6))) for _ in range(chance.randint(0, 3))]
    others = [probe.question for probe in chance.choices(probes, k=chance.randint(0, 2))]
    kept = entry.questions.sv[: chance.randint(0, len(entry.questions.sv))]
    changed = replace(entry, questions=Phrases((*kept, *made_up, *others), entry.questions.en))
    changed = replace(changed, replace=chance.choice([(), ("questions",)]))
    if name == "brand-new" or chance.random() < 0.2:
        changed = replace(changed, answer=AnswerTexts(" ".join(["Svar.", *made_up]), "Answer."))
    if chance.random() < 0.1:
        changed = replace(changed, valid=Valid(end=date(2020, 1, 1)))
    is_gone = name in knowledge.layers[layer].entries and layer != "national" and chance.random() < 0.1
    return layer, name, lay_over(knowledge, {Key(layer, "entry", name): None if is_gone else changed})


def check_that_nothing_is_missed(before: Before, seed: int) -> None:
    knowledge, place = before.assistant.knowledge, before.municipality
    layer, name, after = draft(knowledge, place, before.probes, Random(seed))  # noqa: S311 - the same for the same seed
    found = effect(before, name, after)
    is_shared = layer == "national"  # weighs in a draft as if this municipality alone had changed it
    served = before.assistant.drafted(after) if is_shared else before.assistant.beside(after)
    assert replace(full_effect(before, name, served), asked=found.asked) == found


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1_000_000))
def test_verdict_is_that_of_a_full_run(before: Before, seed: int) -> None:
    check_that_nothing_is_missed(before, seed)


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1_000_000))
def test_verdict_is_that_of_a_full_run_among_few_entries(small: Before, seed: int) -> None:
    check_that_nothing_is_missed(small, seed)


def test_drafted_assistant_is_the_one_that_will_be_served(small: Before) -> None:
    """Nothing of it is from before the edit: it answers as one that shares nothing."""
    after = edited(small.assistant.knowledge, NEW, "municipalities/norrby")
    alone = full_effect(small, NEW.id, Assistant(after))
    assert alone == full_effect(small, NEW.id, small.assistant.drafted(after))
    assert alone.gained


def test_few_questions_are_asked_again(knowledge: Knowledge, before: Before) -> None:
    found = effect(before, NEW.id, edited(knowledge, NEW))
    assert found.asked < len(before.probes) / 4
