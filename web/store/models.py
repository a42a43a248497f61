"""The tables. What no table has: addresses, user agents, conversation keys (only their hash), unredacted text.

How somebody is reached stands in a message alone, encrypted.
"""

from datetime import UTC, date, datetime

from sqlalchemy import DateTime, Dialect, Double, Index, MetaData, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

HASH = String(64)  # SHA-256 in hexadecimal, keyed with the server's secret
NAME = String(100)  # an id of the knowledge


class Utc(TypeDecorator[datetime]):
    """A moment in UTC; SQLite keeps no time zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware moment into UTC."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Say that it is UTC."""
        return (value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)) if value else None


class Base(DeclarativeBase):
    """All tables; constraints have names, so that a migration can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "%(table_name)s_%(column_0_N_name)s",
            "uq": "%(table_name)s_%(column_0_N_name)s_key",
            "pk": "%(table_name)s_pkey",
        }
    )


class Turn(Base):
    """One question and what became of it.

    `day` is the municipality's, `asked_at` UTC. `question` is redacted; null: it held danger, or its time is over.
    `gap` is what of it nobody answered: all of it, or the wishes that no filter takes.
    """

    __tablename__ = "turns"
    __table_args__ = (
        Index(
            "turns_with_text",
            "asked_at",
            sqlite_where=text("question IS NOT NULL"),
            postgresql_where=text("question IS NOT NULL"),
        ),
        Index("turns_month", "municipality", "day", "language", "kind", "entry", "asked_at"),  # holds all of a report
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(NAME)
    language: Mapped[str] = mapped_column(String(2))
    key_hash: Mapped[str] = mapped_column(HASH, index=True)
    asked_at: Mapped[datetime] = mapped_column(Utc)
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(20))
    entry: Mapped[str | None] = mapped_column(NAME)
    confidence: Mapped[float] = mapped_column(Double)
    question: Mapped[str | None]
    gap: Mapped[str | None]


class Feedback(Base):
    """What somebody thought of an answer; `entry` null: none of the choices was meant.

    One opinion for each answer of a conversation. When its time is over, `reason` and `key_hash` become null.
    """

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str | None] = mapped_column(HASH, index=True)
    municipality: Mapped[str] = mapped_column(NAME)
    language: Mapped[str] = mapped_column(String(2))
    entry: Mapped[str | None] = mapped_column(NAME)
    helpful: Mapped[bool]
    reason: Mapped[str | None]
    at: Mapped[datetime] = mapped_column(Utc, index=True)


class Count(Base):
    """How many turns there were, kept when their time is over. `entry` is empty where there was none.

    `outside`: how many of them came outside office hours; null where nobody counted that.
    """

    __tablename__ = "counts"
    __table_args__ = (Index("counts_month", "municipality", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(NAME, primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    entry: Mapped[str] = mapped_column(NAME, primary_key=True)
    number: Mapped[int]
    outside: Mapped[int | None]


class Origin(Base):
    """How often a site loaded the widget on a day, and in which version."""

    __tablename__ = "origins"

    municipality: Mapped[str] = mapped_column(NAME, primary_key=True)
    origin: Mapped[str] = mapped_column(String(300), primary_key=True)
    version: Mapped[str] = mapped_column(String(40), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]


class Forgotten(Base):
    """A conversation that its visitor deleted: what was asked until `at` is not kept, whoever still holds it."""

    __tablename__ = "forgotten"

    key_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    municipality: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime] = mapped_column(Utc)


class Lease(Base):
    """Who does a task now, and when it was last done."""

    __tablename__ = "leases"

    task: Mapped[str] = mapped_column(NAME, primary_key=True)
    holder: Mapped[str] = mapped_column(String(40))
    until: Mapped[datetime] = mapped_column(Utc)
    finished: Mapped[datetime | None] = mapped_column(Utc)


class Message(Base):
    """What somebody wrote to a person at the municipality.

    `id` is the number on the receipt. `sealed` holds the redacted message, the name and how to reach who wrote it,
    encrypted under the key `key_name` (`web.sealing`). `state`: `waiting` to be mailed, `sent`, `refused` by the
    mailbox, `listed` where nothing is mailed. `next_try` is null where no mail is to be tried; `holder` mails it now,
    `until` then. `mail_id` is the Message-ID of every try, `problem` why the last one failed.
    `read_at`: when staff first opened it on the pages of staff.
    """

    __tablename__ = "messages"
    __table_args__ = (
        Index("messages_municipality", "municipality", "at"),
        Index(
            "messages_due",
            "next_try",
            sqlite_where=text("next_try IS NOT NULL"),
            postgresql_where=text("next_try IS NOT NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    request_hash: Mapped[str] = mapped_column(HASH, unique=True)
    municipality: Mapped[str] = mapped_column(NAME)
    language: Mapped[str] = mapped_column(String(2))
    topic: Mapped[str] = mapped_column(NAME)
    sealed: Mapped[str]
    key_name: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Utc)
    state: Mapped[str] = mapped_column(String(10))
    mail_id: Mapped[str | None] = mapped_column(String(200))
    tries: Mapped[int]
    next_try: Mapped[datetime | None] = mapped_column(Utc)
    holder: Mapped[str | None] = mapped_column(String(40))
    until: Mapped[datetime | None] = mapped_column(Utc)
    problem: Mapped[str | None] = mapped_column(String(200))
    sent_at: Mapped[datetime | None] = mapped_column(Utc)
    handled_at: Mapped[datetime | None] = mapped_column(Utc)
    read_at: Mapped[datetime | None] = mapped_column(Utc)
