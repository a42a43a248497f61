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
from bot.quality.effect import Before, Probe, effect, full_effect, probes_of
from bot.values import Valid

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
    return Before(Assistant(knowledge), PLACE, [*probes, *(Probe(text, language) for language, text in recent)], DAY)


def edited(knowledge: Knowledge, entry: Entry, layer: str = LAYER) -> Knowledge:
    return lay_over(knowledge, {Key(layer, "entry", entry.id): entry})


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
    assert replace(full_effect(before, NEW.id, edited(knowledge, NEW)), asked=found.asked) == found


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


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 1_000_000))
def test_verdict_is_that_of_a_full_run(knowledge: Knowledge, before: Before, seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - the same for the same seed
    name = chance.choice(sorted(knowledge.view(PLACE).entries))
    layer = chance.choice([found.name for found in knowledge.layers_of(PLACE)])
    entry = knowledge.layers[layer].entries.get(name, Entry(name))
    made_up = [" ".join(chance.choices(WORDS, k=chance.randint(2, 6))) for _ in range(chance.randint(0, 3))]
    others = [probe.question for probe in chance.choices(before.probes, k=chance.randint(0, 2))]
    kept = entry.questions.sv[: chance.randint(0, len(entry.questions.sv))]
    questions = Phrases((*kept, *made_up, *others), entry.questions.en)
    after = edited(knowledge, replace(entry, questions=questions, replace=chance.choice([(), ("questions",)])), layer)
    found = effect(before, name, after)
    assert replace(full_effect(before, name, after), asked=found.asked) == found
