"""Messages to a person: kept once, mailed by one process at a time, removed only when they are handled and may go."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, delete, func, or_, select, true, update

from web.store.batches import BATCH, in_batches
from web.store.engine import reading, upsert
from web.store.evidence import tally
from web.store.models import Message

TRIED: Final = ("waiting", "refused")  # states that a mail may still come of
LONG: Final = timedelta(hours=1)  # after which the operator should know that a message waits
FREE: Final = {"holder": None, "until": None}  # nobody has it


def keep(engine: Engine, row: Mapping[str, Any], older: Collection[str] = ()) -> Row[Any]:
    """Keep a message and return it; where the same request was kept before, return that one. Raises SQLAlchemyError.

    `older`: hashes of the request that it may be known by too.
    """
    with engine.begin() as connection:
        known = select(Message.__table__).where(Message.request_hash.in_(older))
        if older and (before := connection.execute(known).first()):
            return before
        new = upsert(connection, Message).values(**row)
        once = new.on_conflict_do_nothing(index_elements=["request_hash"]).returning(Message.id)
        if connection.execute(once).first() is not None:
            tally(connection, {(row["municipality"], "message", row["at"].date()): 1})  # outlives the message
        kept = select(Message.__table__).where(Message.request_hash == row["request_hash"])
        return connection.execute(kept).one()


def claim(
    engine: Engine, holder: str, now: datetime, until: datetime, municipalities: Collection[str]
) -> Row[Any] | None:
    """Take the next message that is due to be mailed, until then; None where there is none. Raises SQLAlchemyError."""
    is_due = _is_due(now, municipalities)
    due = select(Message.id).where(is_due).order_by(Message.next_try, Message.id).limit(1)
    taken = (
        update(Message)
        .where(Message.id == due.with_for_update(skip_locked=True).scalar_subquery(), is_due)
        .values(holder=holder, until=until, tries=Message.tries + 1)
        .returning(*Message.__table__.columns)
    )
    with engine.begin() as connection:
        return connection.execute(taken).first()


def has_due_mail(engine: Engine, now: datetime) -> bool:
    """Whether a message is due to be mailed; raises SQLAlchemyError."""
    with reading(engine).connect() as connection:
        return connection.execute(select(Message.id).where(_is_due(now, None)).limit(1)).first() is not None


def note_sent(engine: Engine, message: str, now: datetime) -> None:
    """Note that a message is mailed, also where whoever did it was slow and had lost it; raises SQLAlchemyError."""
    values = {"state": "sent", "sent_at": now, "next_try": None, "problem": None, **FREE}
    with engine.begin() as connection:
        connection.execute(update(Message).where(Message.id == message).values(**values))


def note_failed(engine: Engine, message: str, holder: str, state: str, problem: str, next_try: datetime) -> None:
    """Note why `holder` could not mail a message, and when to try again; raises SQLAlchemyError.

    Nothing is noted where somebody else has it by now, or it is handled.
    """
    mine = and_(Message.id == message, Message.holder == holder, Message.handled_at.is_(None))
    values = {"state": state, "problem": problem[:200], "next_try": next_try, **FREE}
    with engine.begin() as connection:
        connection.execute(update(Message).where(mine).values(**values))


def find(engine: Engine, message: str, municipality: str | None = None) -> Row[Any] | None:
    """Return one message; None where there is none, or it belongs to another municipality."""
    with reading(engine).connect() as connection:
        wanted = select(Message.__table__).where(Message.id == message, _of(municipality))
        return connection.execute(wanted).first()


def listed(engine: Engine, municipality: str | None = None, *, handled: bool = False) -> list[Row[Any]]:
    """Return the messages, oldest first; those that are handled too where `handled`."""
    open_only = true() if handled else Message.handled_at.is_(None)
    with reading(engine).connect() as connection:
        wanted = select(Message.__table__).where(_of(municipality), open_only).order_by(Message.at, Message.id)
        return list(connection.execute(wanted))


def mark_handled(engine: Engine, message: str, now: datetime, municipality: str | None = None) -> Row[Any] | None:
    """Note that a message is handled, so that it need not be mailed, and return it; None where there is none.

    Raises SQLAlchemyError.
    """
    with engine.begin() as connection:
        return handle(connection, message, now, municipality)


def handle(connection: Connection, message: str, now: datetime, municipality: str | None = None) -> Row[Any] | None:
    """Do what `mark_handled` does, in a transaction that does more."""
    mine = and_(Message.id == message, _of(municipality))
    is_open = Message.handled_at.is_(None)
    connection.execute(update(Message).where(mine, is_open).values(handled_at=now, next_try=None))
    return connection.execute(select(Message.__table__).where(mine)).first()


def open_for_reading(connection: Connection, message: str, now: datetime, municipality: str) -> Row[Any] | None:
    """Note that a message is read, the first time, and return it; None where the municipality has no such one."""
    mine = and_(Message.id == message, _of(municipality))
    connection.execute(update(Message).where(mine, Message.read_at.is_(None)).values(read_at=now))
    return connection.execute(select(Message.__table__).where(mine)).first()


def overview(connection: Connection, municipality: str) -> list[Row[Any]]:
    """Return what is known of the messages of a municipality without opening them, newest first."""
    wanted = select(*_OUTSIDE).where(_of(municipality)).order_by(Message.at.desc(), Message.id)
    return list(connection.execute(wanted))


def is_stuck(row: Row[Any], now: datetime) -> bool:
    """Whether somebody waits for an answer to a message that the mailbox does not get."""
    is_late = row.state == "waiting" and row.at < now - LONG
    return row.handled_at is None and (row.state == "refused" or is_late)


def dispose(engine: Engine, municipality: str, before: datetime) -> int:
    """Remove the messages of a municipality that were handled before a moment; return how many."""
    old = (Message.municipality == municipality, Message.handled_at < before)
    due = select(Message.id).where(*old).order_by(Message.id).limit(BATCH)
    going = delete(Message).where(Message.id.in_(due))
    return in_batches(engine, lambda connection: connection.execute(going).rowcount)


def has_handled(engine: Engine) -> bool:
    """Whether a message is handled and still kept."""
    with reading(engine).connect() as connection:
        return (
            connection.execute(select(Message.id).where(Message.handled_at.is_not(None)).limit(1)).first() is not None
        )


def troubles(connection: Connection, keys: Collection[str], now: datetime) -> tuple[str, ...]:
    """Say what an operator should know: messages that cannot be read, that are refused, or that wait long."""
    unreadable = _count(connection, Message.key_name.not_in(list(keys)))
    refused = _count(connection, Message.state == "refused", Message.handled_at.is_(None))
    stuck = _count(connection, Message.state == "waiting", Message.at < now - LONG, Message.handled_at.is_(None))
    told = (
        (
            unreadable,
            "cannot be read: HEMVIST_MESSAGE_KEY is not the key they were written with; put that one behind it",
        ),
        (refused, "were refused by the mailbox; see `hemvist messages`"),
        (stuck, "have waited for an hour to be mailed; see `hemvist messages`"),
    )
    return tuple(f"messages: {count} {what}" for count, what in told if count)


def unsent(connection: Connection, municipality: str) -> int:
    """Return how many messages to a municipality were refused by its mailbox, or are still to be mailed."""
    return _count(
        connection, Message.municipality == municipality, Message.state.in_(TRIED), Message.handled_at.is_(None)
    )


def _count(connection: Connection, *conditions: ColumnElement[bool]) -> int:
    return connection.scalar(select(func.count()).select_from(Message).where(*conditions)) or 0


def _is_due(now: datetime, municipalities: Collection[str] | None) -> ColumnElement[bool]:
    return and_(
        Message.next_try <= now,
        Message.state.in_(TRIED),
        or_(Message.until.is_(None), Message.until <= now),
        true() if municipalities is None else Message.municipality.in_(list(municipalities)),
    )


def _of(municipality: str | None) -> ColumnElement[bool]:
    return Message.municipality == municipality if municipality else true()


_OUTSIDE: Final = (
    Message.id,
    Message.language,
    Message.topic,
    Message.at,
    Message.state,
    Message.problem,
    Message.sent_at,
    Message.read_at,
    Message.handled_at,
)
