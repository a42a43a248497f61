"""What happened at a municipality, counted: of turns, and of the counts and tallies that outlive them.

Every function works in the transaction of the connection it is given, and raises SQLAlchemyError. No function returns
words but `unanswered_words`, whose caller decides which of them enough visitors typed.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal, cast

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from web.store.engine import upsert
from web.store.evidence_tables import Proof, Standing, Tally
from web.store.gap_tables import GapRow, KeptQuestion
from web.store.models import Count, Feedback, Turn

What = Literal["plan", "message"]
Tallies = Mapping[tuple[str, What, date], int]  # municipality, what, day → how often
MOST_PROOFS: Final = 40


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When offices are open on the days of a period: not on those that are `closed`, and on others from one hour of the
    UTC day until another; `spans` says which from a day on, the first day first."""

    closed: frozenset[date]
    spans: tuple[tuple[date, int, int], ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """Turns of one day that are alike. `outside`: how many of them outside office hours; None: nobody counted that."""

    day: date
    language: str
    kind: str
    number: int
    outside: int | None


@dataclass(frozen=True, slots=True)
class Opinions:
    """What visitors thought: of answers, and how often none of the choices was meant."""

    helpful: int
    unhelpful: int
    none_meant: int


@dataclass(frozen=True, slots=True)
class ProofOf:
    """How many of a municipality's own `questions` held before and after something was published."""

    at: datetime
    questions: int
    before: int
    after: int


class UtcHour(FunctionElement[int]):
    """The hour of a moment in UTC. SQLite keeps moments as text, and reading two digits is quicker than a date."""

    type = Integer()
    name = "utc_hour"
    inherit_cache = True


@compiles(UtcHour, "sqlite")
def _in_sqlite(element: UtcHour, compiler: Any, **options: Any) -> str:
    return f"CAST(substr({compiler.process(element.clauses, **options)}, 12, 2) AS INTEGER)"


@compiles(UtcHour, "postgresql")
def _in_postgresql(element: UtcHour, compiler: Any, **options: Any) -> str:
    return f"CAST(extract(hour FROM {compiler.process(element.clauses, **options)} AT TIME ZONE 'UTC') AS INTEGER)"


def is_outside(hours: OfficeHours) -> ColumnElement[int]:
    """Return 1 for a turn that came outside office hours, 0 for another."""
    hour = UtcHour(Turn.asked_at)
    latest_first = sorted(hours.spans, reverse=True)
    within = [
        (Turn.day >= day, case((hour.between(opens, closes - 1), 0), else_=1)) for day, opens, closes in latest_first
    ]
    is_open = case(*within, else_=1)
    return case((Turn.day.in_(sorted(hours.closed)), 1), else_=is_open) if hours.closed else is_open


def cells(connection: Connection, municipality: str, first: date, last: date, hours: OfficeHours) -> Iterator[Cell]:
    """Yield what was asked from one day to another, both included; what an index holds is all that is read."""
    same = (Turn.day, Turn.language, Turn.kind)
    turns = (
        select(*same, func.count(), func.sum(is_outside(hours)))
        .where(Turn.municipality == municipality, Turn.day >= first, Turn.day <= last)
        .group_by(*same)
    )
    is_known = Count.outside.is_not(None)
    counted = (Count.day, Count.language, Count.kind)
    counts = (
        select(*counted, func.sum(Count.number), func.sum(Count.outside))
        .where(Count.municipality == municipality, Count.day >= first, Count.day <= last)
        .group_by(*counted, is_known)
    )
    for statement in (turns, counts):
        for day, language, kind, number, outside in connection.execute(statement):
            yield Cell(day, language, kind, int(number), None if outside is None else int(outside))


def entries(connection: Connection, municipality: str, first: date, last: date, but: Collection[str]) -> dict[str, int]:
    """Return how often each entry answered from one day to another, of turns of any kind `but` some."""
    found: dict[str, int] = {}
    of_turns = (Turn.municipality == municipality, Turn.day >= first, Turn.day <= last, Turn.kind.not_in(list(but)))
    turns = (
        select(Turn.entry, func.count())
        .where(*of_turns, Turn.entry.is_not(None))
        .group_by(Turn.day, Turn.language, Turn.kind, Turn.entry)  # as the index has them: nothing is sorted
    )
    of_counts = (Count.municipality == municipality, Count.day >= first, Count.day <= last)
    counts = (
        select(Count.entry, func.sum(Count.number))
        .where(*of_counts, Count.kind.not_in(list(but)), Count.entry != "")
        .group_by(Count.entry)
    )
    for statement in (turns, counts):
        for named, number in connection.execute(statement):
            found[str(named)] = found.get(str(named), 0) + int(number)
    return found


def daily(connection: Connection, municipality: str, first: date, last: date) -> dict[date, int]:
    """Return how many questions were asked on each day from one to another; days without any are left out."""
    found: dict[date, int] = {}
    turns = (
        select(Turn.day, func.count())
        .where(Turn.municipality == municipality, Turn.day >= first, Turn.day <= last)
        .group_by(Turn.day)
    )
    counts = (
        select(Count.day, func.sum(Count.number))
        .where(Count.municipality == municipality, Count.day >= first, Count.day <= last)
        .group_by(Count.day)
    )
    for statement in (turns, counts):
        for day, number in connection.execute(statement):
            found[day] = found.get(day, 0) + int(number)
    return found


def first_day(connection: Connection, municipality: str) -> date | None:
    """Return the first day that anything is known of."""
    days = [
        connection.scalar(select(func.min(table.day)).where(table.municipality == municipality))
        for table in (Turn, Count, Tally)
    ]
    return min((day for day in days if day), default=None)


def opinions(connection: Connection, municipality: str, start: datetime, end: datetime) -> Opinions:
    """Return what visitors thought from one moment until another."""
    wanted = (
        select(Feedback.entry.is_(None).label("none"), Feedback.helpful, func.count())
        .where(Feedback.municipality == municipality, Feedback.at >= start, Feedback.at < end)
        .group_by("none", Feedback.helpful)
    )
    found = {(bool(none), bool(helpful)): number for none, helpful, number in connection.execute(wanted)}
    none_meant = found.get((True, False), 0) + found.get((True, True), 0)
    return Opinions(found.get((False, True), 0), found.get((False, False), 0), none_meant)


def tallied(connection: Connection, municipality: str, first: date, last: date) -> dict[str, int]:
    """Return how often what happened from one day to another, both included."""
    wanted = (
        select(Tally.what, func.sum(Tally.number))
        .where(Tally.municipality == municipality, Tally.day >= first, Tally.day <= last)
        .group_by(Tally.what)
    )
    return {what: int(number) for what, number in connection.execute(wanted)}


def tally(connection: Connection, tallies: Tallies) -> None:
    """Count what happened."""
    for (municipality, what, day), number in sorted(tallies.items()):  # in order, so that none waits for us
        new = upsert(connection, Tally).values(municipality=municipality, what=what, day=day, number=number)
        more = {"number": Tally.number + new.excluded.number}
        connection.execute(new.on_conflict_do_update(index_elements=["municipality", "what", "day"], set_=more))


def note_standing(connection: Connection, municipality: str, day: date, standing: Mapping[str, int]) -> None:
    """Keep how the knowledge stands on a day, in the place of what was kept of that day before."""
    connection.execute(delete(Standing).where(Standing.municipality == municipality, Standing.day == day))
    rows = [{"municipality": municipality, "day": day, "what": what, "number": n} for what, n in standing.items()]
    if rows:
        connection.execute(insert(Standing), rows)


def has_standings(connection: Connection, day: date) -> bool:
    """Whether any standing of a day is kept."""
    return connection.execute(select(Standing.day).where(Standing.day == day).limit(1)).first() is not None


def standing_between(connection: Connection, municipality: str, first: date, last: date) -> dict[str, int]:
    """Return the last standing that is known from one day to another; empty where none is."""
    own = (Standing.municipality == municipality, Standing.day >= first, Standing.day <= last)
    newest = connection.scalar(select(func.max(Standing.day)).where(*own))
    wanted = select(Standing.what, Standing.number).where(Standing.municipality == municipality, Standing.day == newest)
    return {row.what: row.number for row in connection.execute(wanted)} if newest else {}


def note_proof(connection: Connection, municipality: str, at: datetime, generation: int, proof: Any) -> None:
    """Keep how many own questions hold; `proof` has `questions`, `before` and `after`."""
    values = {"questions": proof.questions, "before": proof.before, "after": proof.after}
    connection.execute(insert(Proof).values(municipality=municipality, at=at, generation=generation, **values))


def proofs(connection: Connection, municipality: str, until: datetime | None = None) -> list[ProofOf]:
    """Return the last proofs of a municipality, those before `until` where given, the oldest first."""
    wanted = select(Proof.at, Proof.questions, Proof.before, Proof.after).where(Proof.municipality == municipality)
    if until:
        wanted = wanted.where(Proof.at < until)
    found = connection.execute(wanted.order_by(Proof.id.desc()).limit(MOST_PROOFS))
    return [ProofOf(*cast("Any", row)) for row in found][::-1]


def gaps_decided(connection: Connection, municipality: str, start: datetime, end: datetime) -> dict[str, int]:
    """Return how many gaps got their present state from one moment until another, by state."""
    wanted = (
        select(GapRow.state, func.count().label("number"))
        .where(GapRow.municipality == municipality, GapRow.since >= start, GapRow.since < end)
        .group_by(GapRow.state)
    )
    return {row.state: row.number for row in connection.execute(wanted)}


def unanswered_words(
    connection: Connection, municipality: str, first: date, last: date, start: datetime, end: datetime, most: int
) -> list[Row[Any]]:
    """Return (words, language, conversation) of questions nobody answered, for the `most` frequent wordings.

    The days are those of turns, the moments those of words that are kept longer.
    """
    turns = select(Turn.gap.label("words"), Turn.language, Turn.key_hash).where(
        Turn.municipality == municipality, Turn.day >= first, Turn.day <= last, _is_missed()
    )
    kept = select(KeptQuestion.missed.label("words"), KeptQuestion.language, KeptQuestion.key_hash).where(
        KeptQuestion.municipality == municipality,
        KeptQuestion.asked_at >= start,
        KeptQuestion.asked_at < end,
        KeptQuestion.why.in_(("none", "words")),
    )
    both = union_all(turns, kept).cte("both")
    often = select(both.c.words).group_by(both.c.words).order_by(func.count().desc(), both.c.words).limit(most)
    wanted = select(both.c.words, both.c.language, both.c.key_hash).where(both.c.words.in_(often)).distinct()
    return list(connection.execute(wanted))


def _is_missed() -> ColumnElement[bool]:
    """Only lists and what nothing answered have words that were missed: of other turns not even the row is read."""
    return and_(or_(Turn.kind == "none", Turn.kind == "records"), Turn.gap.is_not(None), Turn.gap != "")
