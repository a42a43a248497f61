"""How long words of questions without a good answer are kept: longer than others, until somebody deals with them."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, delete, exists, insert, or_, select, true, update

from web.store.batches import BATCH, in_batches
from web.store.engine import reading
from web.store.gap_tables import GapMemberRow, GapRow, KeptQuestion
from web.store.gaps import UNSENT, Asked, Gap, decided, find, is_closed, unanswered
from web.store.models import Turn

# municipality, words → what is kept of these words for good: the first; by the others they may be known too
HashesOf = Callable[[str, str], Sequence[str]]


def keep_longer(
    engine: Engine,
    since: datetime,
    before: datetime,
    hashes_of: HashesOf,
    held: Collection[str] = (),
    only: Collection[str] | None = None,
) -> int:
    """Set the words of open gaps aside that were asked between two moments, and return how many.

    Their turns lose them in the same transaction, so that they stand in one place. Raises SQLAlchemyError.
    """
    due = (Turn.asked_at >= since, Turn.asked_at < before, within(Turn, held, only))
    return in_batches(engine, lambda connection: _set_aside(connection, due, hashes_of))


def has_over(engine: Engine, since: datetime, before: datetime) -> bool:
    """Whether `drop` has something to do; raises SQLAlchemyError."""
    reasons = (exists().where(_is_over(since, before)), exists().where(GapRow.sent_at < since))
    with reading(engine).connect() as connection:
        return bool(connection.scalar(select(or_(*reasons))))


def drop(
    engine: Engine,
    since: datetime | None,
    before: datetime,
    held: Collection[str] = (),
    only: Collection[str] | None = None,
) -> int:
    """Remove words kept of questions asked before `since` (None: all), or before `before` where they are dealt with.

    Returns how many. What was sent to a group goes after the same time. Raises SQLAlchemyError.
    """
    over = _is_over(since, before) if since else true()
    old = GapRow.sent_at < since if since else GapRow.sent_at.is_not(None)
    due = select(KeptQuestion.id).where(over, within(KeptQuestion, held, only)).order_by(KeptQuestion.id).limit(BATCH)
    going = delete(KeptQuestion).where(KeptQuestion.id.in_(due))
    total = in_batches(engine, lambda connection: connection.execute(going).rowcount)
    with engine.begin() as connection:
        connection.execute(update(GapRow).where(old, within(GapRow, held, only)).values(UNSENT))
    return total


def within(table: Any, held: Collection[str], only: Collection[str] | None) -> ColumnElement[bool]:
    """Whether a row is of a municipality that something may be removed from."""
    free = table.municipality.not_in(list(held)) if held else true()
    return and_(free, table.municipality.in_(list(only)) if only is not None else true())


def _set_aside(connection: Connection, due: Collection[ColumnElement[bool]], hashes_of: HashesOf) -> int:
    """Set one batch aside; what is closed stays with its turn, and goes with it."""
    open_ones = []
    gaps: dict[str, dict[str, Gap]] = {}
    for turn, municipality, asked in unanswered(connection, *due):
        if municipality not in gaps:
            gaps[municipality] = decided(connection, municipality)
        hashes = hashes_of(municipality, asked.missed)
        if not is_closed(find(gaps[municipality], hashes), asked.asked_at):
            open_ones.append((turn, _row(municipality, asked, hashes[0])))
        if len(open_ones) == BATCH:
            break
    if open_ones:
        connection.execute(insert(KeptQuestion), [row for _, row in open_ones])
        emptied = update(Turn).where(Turn.id.in_([turn for turn, _ in open_ones]))
        connection.execute(emptied.values(question=None, gap=None))
    return len(open_ones)


def _row(municipality: str, asked: Asked, text_hash: str) -> dict[str, Any]:
    values = {name: getattr(asked, name) for name in Asked.__dataclass_fields__}
    return {"municipality": municipality, "text_hash": text_hash, **values}


def _is_over(since: datetime, before: datetime) -> ColumnElement[bool]:
    """Whether a question was asked too long ago, or has been dealt with."""
    tied = and_(
        GapMemberRow.municipality == KeptQuestion.municipality,
        GapMemberRow.text_hash == KeptQuestion.text_hash,
        GapRow.id == GapMemberRow.gap_id,
    )
    is_solved = and_(GapRow.state == "solved", KeptQuestion.asked_at <= GapRow.since)
    is_dealt_with = exists().where(tied, or_(GapRow.state == "ignored", is_solved))
    return or_(KeptQuestion.asked_at < since, and_(KeptQuestion.asked_at < before, is_dealt_with))
