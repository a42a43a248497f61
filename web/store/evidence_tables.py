"""The tables of evidence: counts and standings that hold nobody's words, and so are kept for good."""

from datetime import date, datetime

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.store.models import NAME, Base, Utc

WHAT = String(30)


class Tally(Base):
    """How often something happened on a day, of which nothing else is kept: `plan`, `message`."""

    __tablename__ = "tallies"

    municipality: Mapped[str] = mapped_column(NAME, primary_key=True)
    what: Mapped[str] = mapped_column(WHAT, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    number: Mapped[int]


class Standing(Base):
    """How the knowledge of a municipality stood on a day: `overdue`, `outdated`, `own-sv` and the like."""

    __tablename__ = "standings"

    municipality: Mapped[str] = mapped_column(NAME, primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(WHAT, primary_key=True)
    number: Mapped[int]


class Proof(Base):
    """How many of a municipality's own questions held before and after something was published."""

    __tablename__ = "proofs"
    __table_args__ = (Index("proofs_municipality", "municipality", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(NAME)
    at: Mapped[datetime] = mapped_column(Utc)
    generation: Mapped[int]
    questions: Mapped[int]
    before: Mapped[int]
    after: Mapped[int]
