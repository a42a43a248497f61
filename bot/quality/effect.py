"""What an edit of one entry does: which questions it now reaches, which it takes from others, which tests it breaks.

Everything is asked once, before the edit. After it, only questions whose answer can be another are asked again (see
bot/matching/firmness.py): an edit changes the scores of few entries, and few questions have one of these among their
finalists.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from bot.content.layers import View
from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.dialogue.neighbours import around
from bot.dialogue.replies import is_given
from bot.matching.firmness import Firmness
from bot.models import Entry, Question
from bot.quality.checks import reached
from bot.text import clean
from bot.values import Language

Wanted = Literal["match", "mismatch"]


@dataclass(frozen=True, slots=True)
class Probe:
    """A question to be asked before and after; a test says whose it is, and what is `wanted` of it."""

    question: str
    language: Language
    entry: str | None = None
    wanted: Wanted | None = None

    def holds(self, verdict: Sequence[str], kind: str) -> bool:
        """Whether a test holds; what is no test always does."""
        if self.wanted == "match":
            return self.entry in verdict
        return not (self.wanted == "mismatch" and kind != "choices" and self.entry in verdict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a question reaches: the entry that answers, the choices, or nothing."""

    kind: str
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """A question whose verdict the edit changes."""

    probe: Probe
    before: Verdict
    after: Verdict


@dataclass(frozen=True, slots=True)
class Effect:
    """What an edit of `entry` does, in the order of the questions.

    `reaching`: all that reach the entry after it; `gained` and `lost`: that did not before, or no longer do; `taken`:
    those gained from another entry's answer; `breaks` and `mends`: tests of any entry; `moved`: every changed verdict.
    """

    entry: str
    reaching: tuple[Probe, ...]
    moved: tuple[Moved, ...]
    asked: int

    @property
    def gained(self) -> tuple[Moved, ...]:
        """Questions that reach the entry now and did not before."""
        return tuple(
            one for one in self.moved if self.entry in one.after.entries and self.entry not in one.before.entries
        )

    @property
    def lost(self) -> tuple[Moved, ...]:
        """Questions that reached the entry before and no longer do."""
        return tuple(
            one for one in self.moved if self.entry in one.before.entries and self.entry not in one.after.entries
        )

    @property
    def taken(self) -> tuple[Moved, ...]:
        """Questions gained from an answer of another entry."""
        return tuple(one for one in self.gained if one.before.kind != "choices" and one.before.entries)

    @property
    def breaks(self) -> tuple[Moved, ...]:
        """Tests that held before and do not now."""
        return tuple(one for one in self.moved if _holds(one.probe, one.before) and not _holds(one.probe, one.after))

    @property
    def mends(self) -> tuple[Moved, ...]:
        """Tests that hold now and did not before."""
        return tuple(one for one in self.moved if _holds(one.probe, one.after) and not _holds(one.probe, one.before))


def probes_of(view: View, recent: Sequence[tuple[Language, str]] = ()) -> list[Probe]:
    """Return the tests of all entries that a municipality sees, and the `recent` questions of visitors."""
    probes = []
    for entry in view.entries.values():
        probes += [Probe(text, language, entry.id, "match") for language, text in entry.tests.must_match]
        probes += [Probe(text, language, entry.id, "mismatch") for language, text in entry.tests.must_not_match]
    return [*probes, *(Probe(text, language) for language, text in recent)]


class _Firm(NamedTuple):
    """Questions that are answered as before: those `ranked` as before, and those of the `doubtful` on which is decided
    as before."""

    ranked: Collection[str]
    doubtful: Collection[str]


NOT_FIRM = _Firm(frozenset(), frozenset())


class Before:
    """How everything is answered before an edit. Made once for a knowledge, a municipality and a day; a thousand
    questions take about two seconds."""

    def __init__(self, assistant: Assistant, municipality: str, probes: Sequence[Probe], day: date) -> None:
        self.assistant, self.municipality, self.day = assistant, municipality, day
        self.probes = list(dict.fromkeys(probes))
        self._verdicts: dict[tuple[str, Language], Verdict] = {}
        for probe in self.probes:
            self.verdict(probe)
        self._decided = {probe.question: self._decision(assistant, probe) for probe in self.probes}
        texts = list(dict.fromkeys(probe.question for probe in self.probes))
        self._firmness = Firmness(assistant.index(municipality), [clean(text) for text in texts])
        self._places = {text: place for place, text in enumerate(texts)}
        self._rests_on = {text: assistant.rests_on(text, municipality) for text in texts}

    def verdict(self, probe: Probe) -> Verdict:
        """Return what a question reaches; asked now where it never was."""
        key = (probe.question, probe.language)
        if key not in self._verdicts:
            self._verdicts[key] = _verdict(self.assistant, probe, self.municipality, self.day)
        return self._verdicts[key]

    def firm(self, draft: Assistant, entry: str) -> "_Firm":
        """Return the questions that the draft answers as they are answered now."""
        if self._lists(entry, self.assistant) != self._lists(entry, draft):
            return NOT_FIRM
        doubtful = self._firmness.doubtful(draft.index(self.municipality), {entry})
        elsewhere = frozenset(self._asked_elsewhere(draft))
        at_home = self._places.keys() - elsewhere
        return _Firm(
            frozenset(text for text in at_home if not doubtful[self._places[text]]),
            frozenset(text for text in at_home if doubtful[self._places[text]]),
        )

    def decides_the_same(self, draft: Assistant, probe: Probe) -> bool:
        """Whether the draft decides on the whole text of a question as is decided now."""
        return self._decided.get(probe.question) == self._decision(draft, probe)

    def _decision(self, assistant: Assistant, probe: Probe) -> tuple[str, tuple[str, ...], bool]:
        return assistant.decided(_asking(probe, self.municipality, self.day))

    def _lists(self, entry: str, assistant: Assistant) -> list[tuple[str, bool] | None]:
        """Return which records an entry shows, and whether it does that day, here and in each other municipality that
        is looked at: where one has none that fit, those of others are offered."""
        knowledge = assistant.knowledge
        names = (self.municipality, *around(knowledge, knowledge.members[self.municipality]))
        layers = {layer.name: layer for name in names for layer in knowledge.layers_of(name)}
        if not any((found := layer.entries.get(entry)) and found.shows for layer in layers.values()):
            return []
        views = map(knowledge.view, names)
        entries = (view.entries.get(entry) for view in views)
        return [(found.shows, is_given(found, self.day)) if found and found.shows else None for found in entries]

    def _asked_elsewhere(self, draft: Assistant) -> Iterator[str]:
        """Yield the questions whose answers rest on what others know, where the edit changes that or who they are."""
        was, now = self.assistant.knowledge, draft.knowledge
        changed = frozenset(name for name in now.municipalities if not now.lays_the_same(was, name))
        otherwise = frozenset(draft.naming_otherwise(self.assistant, self._rests_on))
        for text, others in self._rests_on.items():
            known = draft.rests_on(text, self.municipality) if text in otherwise else others
            if known != others or not changed.isdisjoint(others):
                yield text


def effect(before: Before, entry: str, after: Knowledge) -> Effect:
    """Say what changes when the knowledge becomes `after`, which is another in `entry` alone."""
    draft = before.assistant.drafted(after)
    return _effect(before, entry, draft, before.firm(draft, entry))


def full_effect(before: Before, entry: str, draft: Assistant) -> Effect:
    """Say what changes when `draft` answers, by asking every question again."""
    return _effect(before, entry, draft, NOT_FIRM)


def joint_effect(before: Before, entries: Collection[str], draft: Assistant) -> Effect:
    """Say what changes when `draft` answers, in which several entries, or words, are others; it reaches none of them in
    particular."""
    return _effect(before, "", draft, NOT_FIRM, entries)


def reworded(before: Before, after: Knowledge) -> Effect:
    """Say what an edit of the words does, by which all questions are read; an index is made anew, which takes a
    second."""
    return full_effect(before, "", Assistant(after))


def _effect(before: Before, entry: str, draft: Assistant, firm: _Firm, changed: Collection[str] = ()) -> Effect:
    verdicts: dict[tuple[str, Language], Verdict] = {}
    every = _with_new(before, draft, changed or (entry,))
    for probe in every:
        key = (probe.question, probe.language)
        if key not in verdicts and probe.question not in firm.ranked:
            is_same = probe.question in firm.doubtful and before.decides_the_same(draft, probe)
            verdicts[key] = (
                before.verdict(probe) if is_same else _verdict(draft, probe, before.municipality, before.day)
            )
    after = [verdicts.get((probe.question, probe.language)) or before.verdict(probe) for probe in every]
    pairs = list(zip(every, after, strict=True))
    return Effect(
        entry,
        tuple(probe for probe, verdict in pairs if entry in verdict.entries),
        tuple(
            Moved(probe, before.verdict(probe), verdict) for probe, verdict in pairs if verdict != before.verdict(probe)
        ),
        len(verdicts),
    )


def _with_new(before: Before, draft: Assistant, entries: Collection[str]) -> list[Probe]:
    """Return all questions, with the entries' own tests as they are in the draft."""
    others = [probe for probe in before.probes if probe.entry not in entries]
    found = draft.knowledge.view(before.municipality).entries
    return [*others, *(probe for name in entries if name in found for probe in _tests(found[name]))]


def _tests(entry: Entry) -> Iterator[Probe]:
    yield from (Probe(text, language, entry.id, "match") for language, text in entry.tests.must_match)
    yield from (Probe(text, language, entry.id, "mismatch") for language, text in entry.tests.must_not_match)


def _verdict(assistant: Assistant, probe: Probe, municipality: str, day: date) -> Verdict:
    reply = assistant.reply_alone(_asking(probe, municipality, day))
    return Verdict(reply.kind, reached(reply))


def _asking(probe: Probe, municipality: str, day: date) -> Question:
    return Question(probe.question, municipality, day, prior=probe.language)


def _holds(probe: Probe, verdict: Verdict) -> bool:
    return probe.holds(verdict.entries, verdict.kind)
