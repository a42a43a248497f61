"""Measure how long staff wait to see what an edit does, among as many entries as there are and among many more."""

import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from bot.content.items import Key
from bot.content.layers import SAFETY, Layer
from bot.content.loading import Knowledge
from bot.content.overlay import lay_over
from bot.dialogue.assistant import Assistant
from bot.models import Entry, Phrases, Tests
from bot.quality.effect import Before, effect, full_effect, probes_of
from bot.quality.noise import typo
from bot.values import LANGUAGES

PARTS = (2, 11)  # each entry is split into so many: the shipped ones become more than 150, and more than 1,000
EDITS = 40
COMPARED = 3  # full runs, each as long as all questions take


@dataclass(frozen=True, slots=True)
class EffectSpeed:
    """Milliseconds until the effect of an edit is known, seconds of a full run, and whether both said the same.

    `before_s`: seconds to ask everything once, before the first edit; `asked`: the share of the questions, in per cent,
    that were asked again.
    """

    entries: int
    phrasings: int
    questions: int
    before_s: float
    p50_ms: float
    p95_ms: float
    asked: float
    full_s: float
    same: bool


def measure_effect(knowledge: Knowledge, municipality: str, day: date) -> Iterator[EffectSpeed]:
    """Edit entries of knowledge where each is split in two, and of such where it is split into eleven."""
    for parts in PARTS:
        yield _measure(_split(knowledge, parts), municipality, day)


def _measure(knowledge: Knowledge, municipality: str, day: date) -> EffectSpeed:
    assistant, view = Assistant(knowledge), knowledge.view(municipality)
    assistant.prepare(municipality)
    began = time.perf_counter()
    before = Before(assistant, municipality, probes_of(view), day)
    before_s = time.perf_counter() - began
    times, full, asked, same = [], [], [], True
    for number, (name, draft) in enumerate(_drafts(knowledge, municipality)):
        started = time.perf_counter()
        found = effect(before, name, draft)
        times.append((time.perf_counter() - started) * 1000)
        asked.append(100 * found.asked / len(before.probes))
        if number < COMPARED:
            started = time.perf_counter()
            whole = full_effect(before, name, assistant.beside(draft))
            full.append(time.perf_counter() - started)
            same = same and replace(whole, asked=found.asked) == found
    return EffectSpeed(
        entries=len(view.entries),
        phrasings=sum(len(tuple(entry.questions)) for entry in view.entries.values()),
        questions=len(before.probes),
        before_s=round(before_s, 1),
        p50_ms=round(statistics.median(times), 1),
        p95_ms=round(statistics.quantiles(times, n=20)[-1], 1),
        asked=round(statistics.mean(asked), 1),
        full_s=round(statistics.median(full), 2),
        same=same,
    )


def _drafts(knowledge: Knowledge, municipality: str) -> Iterator[tuple[str, Knowledge]]:
    """Give entries, spread evenly, a question in each language that another entry is tested with, and take away what
    the municipality's own layer asks first."""
    view, layer = knowledge.view(municipality), f"municipalities/{municipality}"
    names = sorted(name for name in view.entries if name not in SAFETY)
    for place in range(0, len(names), max(1, len(names) // EDITS)):
        name, other = names[place], view.entries[names[place - 1]]
        entry = knowledge.layers[layer].entries.get(name, Entry(name))
        more = Phrases(*(entry.questions[one][1:] + other.tests.must_match[one][:1] for one in LANGUAGES))
        yield name, lay_over(knowledge, {Key(layer, "entry", name): replace(entry, questions=more)})


def _split(knowledge: Knowledge, parts: int) -> Knowledge:
    layers = {name: replace(layer, entries=_parts(layer, parts)) for name, layer in knowledge.layers.items()}
    return replace(knowledge, layers=layers, headings={})


def _parts(layer: Layer, parts: int) -> dict[str, Entry]:
    """Share the questions of each entry among so many; every one keeps the tests, but for the first misspelt. Crisis
    texts stay whole."""
    found: dict[str, Entry] = {}
    for entry in layer.entries.values():
        if entry.id in SAFETY:
            found[entry.id] = replace(entry, next=())
            continue
        for part in range(parts):
            questions = Phrases(*(entry.questions[language][part::parts] for language in LANGUAGES))
            shows = entry.shows if part == 0 else None
            name = f"{entry.id}-{part}" if part else entry.id
            tests = _misspelt(entry.tests, part) if part else entry.tests
            found[name] = replace(entry, id=name, questions=questions, tests=tests, next=(), shows=shows)
    return found


def _misspelt(tests: Tests, part: int) -> Tests:
    match, mismatch = (
        Phrases(*(tuple(typo(text, language, part) for text in phrases[language]) for language in LANGUAGES))
        for phrases in (tests.must_match, tests.must_not_match)
    )
    return Tests(match, mismatch)
