"""What the service gave a municipality in a month: figures of that month, and of the one before to compare with.

Of a month that still runs the same days of the month before are compared. Nothing here is anybody's words but titles of
answers, and questions that enough visitors typed (see `web.evidence_gaps`).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final, Literal, TypeVar

from sqlalchemy import Connection

from bot import Knowledge, View, coverage, outdated, reviews
from web.evidence_gaps import FEWEST, TopGap, top_gaps
from web.months import Month, Span, month_of, span_before, span_of
from web.office import office_hours
from web.settings import Settings
from web.store import evidence as stored
from web.store.evidence import Cell, Opinions, ProofOf

TREND: Final = 12  # months
TOPICS: Final = 10
Key = TypeVar("Key")
Outcome = Literal["answered", "chosen", "silent", "safety"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("answered", "chosen", "silent", "safety")
BY_KIND: Final[Mapping[str, Outcome]] = {"choices": "chosen", "none": "silent", "safety": "safety"}


@dataclass
class Counted:
    """Questions of a span, counted."""

    days: Counter[date] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    entries: Mapping[str, int] = field(default_factory=dict)
    outside: int = 0
    timed: int = 0  # of how many it is known whether they came outside office hours

    def add(self, cell: Cell) -> None:
        """Count alike turns."""
        self.days[cell.day] += cell.number
        self.languages[cell.language] += cell.number
        outcome = BY_KIND.get(cell.kind, "answered")
        self.outcomes[outcome] += cell.number
        if cell.outside is not None:
            self.outside += cell.outside
            self.timed += cell.number

    @property
    def questions(self) -> int:
        """How many there are."""
        return sum(self.days.values())


@dataclass(frozen=True, slots=True)
class Topic:
    """An answer that visitors came to: `before` None where it was too seldom to be told."""

    entry: str
    number: int
    before: int | None


@dataclass(frozen=True)
class Figures:
    """What a span gave. `outcomes`: crises that are fewer than five count as answered, since a person may be known by
    them. `topics` are those asked about five times or more, `outside` is a share (0 to 1). `standing` is empty where
    nobody noted how the knowledge stood."""

    span: Span
    questions: int
    days: Mapping[date, int]
    outcomes: Mapping[Outcome, int]
    languages: Mapping[str, int]
    topics: Mapping[str, int]
    other_topics: int
    outside: float | None
    opinions: Opinions
    plans: int
    messages: int
    standing: Mapping[str, int]
    gaps: Mapping[str, int]

    def share(self, outcome: Outcome) -> float:
        """Return the share (0 to 1) of the questions that had an outcome."""
        return self.outcomes.get(outcome, 0) / self.questions if self.questions else 0.0

    @property
    def is_empty(self) -> bool:
        """Whether nothing happened at all."""
        return not any((self.questions, self.plans, self.messages))


@dataclass(frozen=True)
class Evidence:
    """The report of one municipality, or of a group, on a month.

    `trend`: questions of each of the last twelve months that anything is known of, the oldest first. `gaps` are those
    whose words are still kept; `words_gone`: there were more, and their words are not kept any more.
    """

    names: tuple[str, ...]
    now: Figures
    before: Figures | None
    trend: Mapping[Month, int]
    gaps: Sequence[TopGap]
    words_gone: bool
    proofs: Sequence[ProofOf]
    first_day: date | None

    @cached_property
    def topics(self) -> list[Topic]:
        """The topics asked about most, beside the month before."""
        earlier = self.before.topics if self.before else {}
        ordered = sorted(self.now.topics.items(), key=lambda one: (-one[1], one[0]))
        return [Topic(entry, number, earlier.get(entry)) for entry, number in ordered[:TOPICS]]


def evidence(
    connection: Connection,
    settings: Settings,
    knowledge: Knowledge,
    municipality: str,
    month: Month,
    now: datetime,
) -> Evidence:
    """Gather the report of a municipality; raises SQLAlchemyError."""
    today = now.astimezone(settings.timezone).date()
    span = span_of(month, today)
    first_day = stored.first_day(connection, municipality)
    is_first = first_day is None or first_day >= span.first
    view = knowledge.view(municipality)
    before = span_before(span)
    counted, earlier = _counted(connection, municipality, settings, span, before)
    moments = span.moments(settings.timezone)
    gaps = top_gaps(connection, settings, knowledge, municipality, span.first, span.last, moments)
    figures = _figures(connection, municipality, settings, span, counted)
    if span.is_running:
        figures = replace(figures, standing=standing_of(view, knowledge, today))
    return Evidence(
        (municipality,),
        figures,
        None if is_first else _figures(connection, municipality, settings, before, earlier),
        _trend(connection, municipality, month, today, first_day),
        gaps,
        _are_words_gone(settings, span, figures, today),
        stored.proofs(connection, municipality, moments[1]),
        first_day,
    )


def together(parts: Sequence[Evidence]) -> Evidence:
    """Return the report of several municipalities; words stay with those who may read them."""
    firsts = [one.first_day for one in parts if one.first_day]
    befores = [one.before for one in parts if one.before]
    trend: Counter[Month] = Counter()
    for one in parts:
        trend.update(one.trend)
    return Evidence(
        tuple(name for one in parts for name in one.names),
        _sum([one.now for one in parts]),
        _sum(befores) if befores else None,
        dict(sorted(trend.items())),
        (),
        False,
        (),
        min(firsts, default=None),
    )


def standing_of(view: View, knowledge: Knowledge, day: date) -> dict[str, int]:
    """Return how the knowledge of a municipality stands on a day, by what is counted."""
    standings = Counter(one.standing for one in reviews(view, day))
    found = {standing: standings[standing] for standing in ("overdue", "ended", "soon", "never", "later")}
    found["outdated"] = len(outdated(view))
    for one in coverage(view, knowledge):
        found[f"own-{one.language}"] = len(one.own)
        found[f"inherited-{one.language}"] = len(one.inherited)
        found[f"missing-{one.language}"] = len(one.missing)
        found[f"to-fill-{one.language}"] = len(one.to_fill)
    return found


def covered(standing: Mapping[str, int], language: str) -> float | None:
    """Return the share (0 to 1) of the topics that have an answer in a language; None where nobody noted it."""
    answered = standing.get(f"own-{language}", 0) + standing.get(f"inherited-{language}", 0)
    whole = answered + standing.get(f"missing-{language}", 0)
    return answered / whole if whole else None


def _counted(
    connection: Connection, municipality: str, settings: Settings, span: Span, before: Span
) -> tuple[Counted, Counted]:
    """Count both spans while what is kept is read once."""
    now, earlier = (
        Counted(entries=stored.entries(connection, municipality, one.first, one.last, tuple(BY_KIND)))
        for one in (span, before)
    )
    hours = office_hours(before.first, span.last, settings.timezone)
    for cell in stored.cells(connection, municipality, before.first, span.last, hours):
        if cell.day >= span.first:
            now.add(cell)
        elif cell.day <= before.last:
            earlier.add(cell)
    return now, earlier


def _figures(connection: Connection, municipality: str, settings: Settings, span: Span, counted: Counted) -> Figures:
    start, end = span.moments(settings.timezone)
    tallies = stored.tallied(connection, municipality, span.first, span.last)
    topics = {entry: number for entry, number in counted.entries.items() if number >= FEWEST}
    return Figures(
        span,
        counted.questions,
        dict(counted.days),
        _outcomes(counted.outcomes),
        dict(counted.languages),
        topics,
        sum(counted.entries.values()) - sum(topics.values()),
        counted.outside / counted.timed if counted.timed else None,
        stored.opinions(connection, municipality, start, end),
        tallies.get("plan", 0),
        tallies.get("message", 0),
        stored.standing_between(connection, municipality, span.first, span.last),
        stored.gaps_decided(connection, municipality, start, end),
    )


def _outcomes(found: Counter[str]) -> dict[Outcome, int]:
    """Let few crises be answers: they are."""
    counted: dict[Outcome, int] = {outcome: found[outcome] for outcome in OUTCOMES}
    if counted["safety"] < FEWEST:
        counted["answered"] += counted["safety"]
        counted["safety"] = 0
    return counted


def _trend(
    connection: Connection, municipality: str, month: Month, today: date, first_day: date | None
) -> dict[Month, int]:
    months = list(_months_back(month, TREND))[::-1]
    if first_day is None:
        return {}
    found: Counter[Month] = Counter()
    for day, number in stored.daily(connection, municipality, months[0].first, min(month.last, today)).items():
        found[month_of(day)] += number
    return {one: found[one] for one in months if one >= month_of(first_day)}


def _months_back(month: Month, count: int) -> Iterator[Month]:
    for _number in range(count):
        yield month
        month = month.before


def _are_words_gone(settings: Settings, span: Span, figures: Figures, today: date) -> bool:
    longest = settings.open_gap_days
    return figures.outcomes.get("silent", 0) > 0 and span.last < today - timedelta(days=longest)


def _sum(parts: Sequence[Figures]) -> Figures:
    """Add up; a share is that of all, and what only a municipality itself has is left out."""
    timed = [(one.outside, one.questions) for one in parts if one.outside is not None]
    whole = sum(number for _share, number in timed)
    topics = _added(one.topics for one in parts)
    return Figures(
        max((one.span for one in parts), key=lambda span: span.last),
        sum(one.questions for one in parts),
        _added(one.days for one in parts),
        _added(one.outcomes for one in parts),
        _added(one.languages for one in parts),
        topics,
        sum(one.other_topics for one in parts),
        sum((share or 0) * number for share, number in timed) / whole if whole else None,
        Opinions(*(sum(getattr(one.opinions, name) for one in parts) for name in Opinions.__slots__)),
        sum(one.plans for one in parts),
        sum(one.messages for one in parts),
        _added(one.standing for one in parts),
        _added(one.gaps for one in parts),
    )


def _added(counts: Iterable[Mapping[Key, int]]) -> dict[Key, int]:
    found: Counter[Key] = Counter()
    for one in counts:
        found.update(one)
    return dict(found)
