"""What time does to what is kept: texts go after the retention period, turns become counts.

Everything goes in batches, so that nobody who writes waits long. Rows of municipalities that the law bids to keep
everything (`held`) are left as they are.
"""

from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, func, null, or_, select, true, update

from web.store.batches import BATCH, in_batches
from web.store.engine import reading, upsert
from web.store.evidence import OfficeHours, is_outside
from web.store.gap_keeping import within
from web.store.gap_tables import KeptQuestion
from web.store.models import Count, Feedback, Forgotten, Turn

FORGET_AFTER: Final = timedelta(days=2)  # a context lives a day, so nothing more can come of the conversation
COUNTED: Final = (Turn.day, Turn.municipality, Turn.language, Turn.kind)
Removable = type[Turn] | type[Feedback] | type[KeptQuestion]
HoursOf = Callable[[date, date], OfficeHours]  # of the days from one to another


def has_due(engine: Engine, now: datetime, before: datetime, day: date) -> bool:
    """Whether there is anything to do for `purge`, `sweep` or `roll`; raises SQLAlchemyError."""
    reasons = (
        _has_text(before),
        _is_known(before),
        Turn.day < day,
        _is_forgotten(Turn, Turn.asked_at),
        _is_forgotten(Feedback, Feedback.at),
        _is_forgotten(KeptQuestion, KeptQuestion.asked_at),
        Forgotten.at < now - FORGET_AFTER,
    )
    with reading(engine).connect() as connection:
        return bool(connection.scalar(select(or_(*(exists().where(reason) for reason in reasons)))))


def purge(
    engine: Engine, before: datetime | None, held: Collection[str] = (), only: Collection[str] | None = None
) -> int:
    """Empty the texts written before a moment (None: all) and who wrote them in feedback; return how many turns.

    `only`: of these municipalities. Raises SQLAlchemyError.
    """
    emptied = in_batches(engine, lambda connection: _empty_turns(connection, before, within(Turn, held, only)))
    in_batches(engine, lambda connection: _empty_opinions(connection, before, within(Feedback, held, only)))
    return emptied


def sweep(engine: Engine, now: datetime, held: Collection[str] = ()) -> int:
    """Remove what was written of deleted conversations after all, or was held when they were deleted."""
    gone = 0
    for table, moment in ((Turn, Turn.asked_at), (Feedback, Feedback.at), (KeptQuestion, KeptQuestion.asked_at)):
        is_due = and_(_is_forgotten(table, moment), within(table, held, None))
        gone += in_batches(engine, partial(_remove, table=table, is_due=is_due))
    old = and_(Forgotten.at < now - FORGET_AFTER, Forgotten.municipality.not_in(list(held)))
    with engine.begin() as connection:
        connection.execute(delete(Forgotten).where(old))
    return gone


def roll(engine: Engine, before: date, held: Collection[str] = (), hours_of: HoursOf | None = None) -> int:
    """Turn the turns of the days before a day into counts; return how many. Raises SQLAlchemyError.

    Without `hours_of` the counts do not say how many came outside office hours.
    """
    return in_batches(engine, lambda connection: _count(connection, before, held, hours_of))


def tidy(engine: Engine) -> None:
    """Let no emptied text remain in SQLite's log; elsewhere nothing is to be done. Raises SQLAlchemyError."""
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            dbapi: Any = connection.connection.dbapi_connection
            dbapi.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()


def _remove(connection: Connection, table: Removable, is_due: ColumnElement[bool]) -> int:
    due = select(table.id).where(is_due).order_by(table.id).limit(BATCH)
    return connection.execute(delete(table).where(table.id.in_(due))).rowcount


def _empty_turns(connection: Connection, before: datetime | None, scope: ColumnElement[bool]) -> int:
    due = select(Turn.id).where(_has_text(before), scope).order_by(Turn.id).limit(BATCH)
    return connection.execute(update(Turn).where(Turn.id.in_(due)).values(question=None, gap=None)).rowcount


def _empty_opinions(connection: Connection, before: datetime | None, scope: ColumnElement[bool]) -> int:
    wanted = _is_known(before) if before else Feedback.reason.is_not(None)
    due = select(Feedback.id).where(wanted, scope).order_by(Feedback.id).limit(BATCH)
    values = {"reason": None, "key_hash": None} if before else {"reason": None}
    return connection.execute(update(Feedback).where(Feedback.id.in_(due)).values(values)).rowcount


def _count(connection: Connection, before: date, held: Collection[str], hours_of: HoursOf | None) -> int:
    """Add up one batch and remove it in the same transaction: a turn is counted once, or still a turn."""
    scope = within(Turn, held, None)
    ids = list(connection.scalars(select(Turn.id).where(Turn.day < before, scope).order_by(Turn.id).limit(BATCH)))
    if not ids:
        return 0
    entry = func.coalesce(Turn.entry, "")
    outside = _outside(connection, ids, hours_of)
    sums = select(*COUNTED, entry, func.count(), outside).where(Turn.id.in_(ids)).group_by(*COUNTED, entry)
    for day, municipality, language, kind, named, number, late in sorted(map(tuple, connection.execute(sums))):
        new = upsert(connection, Count).values(
            day=day, municipality=municipality, language=language, kind=kind, entry=named, number=number, outside=late
        )
        keys = ["day", "municipality", "language", "kind", "entry"]
        more = {"number": Count.number + new.excluded.number, "outside": Count.outside + new.excluded.outside}
        connection.execute(new.on_conflict_do_update(index_elements=keys, set_=more))
    connection.execute(delete(Turn).where(Turn.id.in_(ids)))
    return len(ids)


def _outside(connection: Connection, ids: Collection[int], hours_of: HoursOf | None) -> ColumnElement[Any]:
    """Return how many came outside office hours, of turns that are summed up."""
    if hours_of is None:
        return null()
    first, last = connection.execute(select(func.min(Turn.day), func.max(Turn.day)).where(Turn.id.in_(ids))).one()
    return func.sum(is_outside(hours_of(first, last)))


def _has_text(before: datetime | None) -> ColumnElement[bool]:
    return and_(Turn.question.is_not(None), Turn.asked_at < before if before else true())


def _is_known(before: datetime) -> ColumnElement[bool]:
    return and_(Feedback.at < before, or_(Feedback.reason.is_not(None), Feedback.key_hash.is_not(None)))


def _is_forgotten(table: Removable, moment: Any) -> ColumnElement[bool]:
    """Whether a row is of a deleted conversation; the first half is what an index answers."""
    forgotten = exists().where(Forgotten.key_hash == table.key_hash, moment <= Forgotten.at)
    return and_(table.key_hash.in_(select(Forgotten.key_hash)), forgotten)
