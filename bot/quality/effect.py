"""What an edit of one entry does: which questions it now reaches, which it takes from others, which tests it breaks.

Everything is asked once, before the edit. After it, only questions whose answer can be another are asked again: the
index of the draft stands on the one before, so that all but the entry's own rows score as they did. A question is left
out where nothing in the draft changes how it is read, the entry was not among its finalists, and neither the entry nor
whatever its coming or going lets in can score enough to become one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.content.layers import View
from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.matching.index import Index
from bot.matching.ranking import Bounds, bounds, standing
from bot.models import Entry, Question
from bot.quality.checks import reached
from bot.text import clean
from bot.values import Language

Wanted = Literal["match", "mismatch"]
LEAST_CARE = 1e-6  # scores nearer than this to a threshold count as beyond it


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


class Before:
    """How everything is answered before an edit. Made once for a knowledge, a municipality and a day; a thousand
    questions take about a second."""

    def __init__(self, assistant: Assistant, municipality: str, probes: Sequence[Probe], day: date) -> None:
        self.assistant, self.municipality, self.day = assistant, municipality, day
        self.probes = list(dict.fromkeys(probes))
        self.index = assistant.index(municipality)
        self._verdicts: dict[tuple[str, Language], Verdict] = {}
        self._bounds: dict[str, Bounds] = {}
        for probe in self.probes:
            self.verdict(probe)

    def verdict(self, probe: Probe) -> Verdict:
        """Return what a question reaches; asked now where it never was."""
        key = (probe.question, probe.language)
        if key not in self._verdicts:
            self._verdicts[key] = _verdict(self.assistant, probe, self.municipality, self.day)
            self._bounds[probe.question] = bounds(self.index, clean(probe.question))
        return self._verdicts[key]

    def bounds(self, probe: Probe) -> Bounds:
        """Return how near others came to what was considered for a question."""
        self.verdict(probe)
        return self._bounds[probe.question]


def effect(before: Before, entry: str, after: Knowledge) -> Effect:
    """Say what changes when the knowledge becomes `after`, which is another in `entry` alone."""
    draft = before.assistant.drafted(after, before.municipality, entry)
    return _effect(before, entry, draft, _Doubt(before, entry, after, draft))


def full_effect(before: Before, entry: str, after: Knowledge) -> Effect:
    """Say the same by asking every question again."""
    return _effect(before, entry, before.assistant.drafted(after, before.municipality, entry), None)


def _effect(before: Before, entry: str, draft: Assistant, doubt: "_Doubt | None") -> Effect:
    verdicts: dict[tuple[str, Language], Verdict] = {}
    every = _with_new(before, draft, entry)
    for probe in every:
        key = (probe.question, probe.language)
        if key not in verdicts and (doubt is None or doubt.has(probe)):
            verdicts[key] = _verdict(draft, probe, before.municipality, before.day)
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


def _with_new(before: Before, draft: Assistant, entry: str) -> list[Probe]:
    """Return all questions, with the entry's own tests as they are in the draft."""
    others = [probe for probe in before.probes if probe.entry != entry]
    found = draft.knowledge.view(before.municipality).entries.get(entry)
    return [*others, *(_tests(found) if found else ())]


def _tests(entry: Entry) -> Iterator[Probe]:
    yield from (Probe(text, language, entry.id, "match") for language, text in entry.tests.must_match)
    yield from (Probe(text, language, entry.id, "mismatch") for language, text in entry.tests.must_not_match)


class _Doubt:
    """Tells which questions a draft may answer otherwise."""

    def __init__(self, before: Before, entry: str, after: Knowledge, draft: Assistant) -> None:
        self._before, self._entry = before, entry
        self._index: Index = draft.index(before.municipality)
        self._was: Index = before.index
        space = self._index.space
        self._new_pieces = frozenset(space.own_pieces)
        self._has_new_terms = bool(space.own_terms)
        known: frozenset[str] = frozenset().union(*self._was.inside_terms)
        self._newly_inside = self._index.inside_terms[-1] - known
        old = before.assistant.knowledge.view(before.municipality).entries.get(entry)
        new = after.view(before.municipality).entries.get(entry)
        self._lists = bool((old and old.shows) or (new and new.shows)) and old != new
        self._known: dict[str, bool] = {}

    def has(self, probe: Probe) -> bool:
        """Whether the draft may answer `probe` otherwise."""
        if self._lists:
            return True
        if probe.question not in self._known:
            self._known[probe.question] = self._may_change(self._before.bounds(probe))
        return self._known[probe.question]

    def _may_change(self, found: Bounds) -> bool:
        if self._is_read_otherwise(found):
            return True
        if self._entry in found.finalists:
            return True
        now = standing(self._index, self._entry, found)
        return now.best >= found.least - LEAST_CARE or found.is_shaken(self._entry, now)

    def _is_read_otherwise(self, found: Bounds) -> bool:
        if self._has_new_terms and found.has_unknown:
            return True
        return not (self._new_pieces.isdisjoint(found.unknown_pieces) and self._newly_inside.isdisjoint(found.names))


def _verdict(assistant: Assistant, probe: Probe, municipality: str, day: date) -> Verdict:
    reply = assistant.reply(Question(probe.question, municipality, day, prior=probe.language))
    return Verdict(reply.kind, reached(reply))


def _holds(probe: Probe, verdict: Verdict) -> bool:
    return probe.holds(verdict.entries, verdict.kind)
