"""The tables of questions without a good answer: what staff decided on them, and the words that are kept longer."""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from web.store.models import HASH, NAME, Base, Utc
from web.store.staff_tables import EMAIL, SCOPE


class GapRow(Base):
    """What staff decided on questions that mean the same. Questions that nobody has decided on have no row.

    `state`: new, drafted, solved or ignored, `since` then, `by` whom; `entry` is what answers it. `sent_*`: the words
    that somebody read and sent to a group of municipalities, and how many visitors had asked.
    """

    __tablename__ = "gaps"

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(NAME, index=True)
    state: Mapped[str] = mapped_column(String(10))
    since: Mapped[datetime] = mapped_column(Utc)
    by: Mapped[str] = mapped_column(EMAIL)
    entry: Mapped[str | None] = mapped_column(NAME)
    sent_to: Mapped[str | None] = mapped_column(SCOPE)
    sent_text: Mapped[str | None] = mapped_column(String(300))
    sent_language: Mapped[str | None] = mapped_column(String(2))
    sent_visitors: Mapped[int | None]
    sent_at: Mapped[datetime | None] = mapped_column(Utc)


class GapMemberRow(Base):
    """One wording that belongs to a gap, as a hash: it tells nothing, and is known again when it is asked again."""

    __tablename__ = "gap_members"

    municipality: Mapped[str] = mapped_column(NAME, primary_key=True)
    text_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    gap_id: Mapped[int] = mapped_column(ForeignKey("gaps.id", name="gap_members_gap_id_fkey"), index=True)


class KeptQuestion(Base):
    """A question of an open gap whose words are kept longer than others; its turn has lost them.

    `missed` is what of it nobody answered; `text_hash` is that of these words.
    """

    __tablename__ = "kept_questions"
    __table_args__ = (Index("kept_questions_municipality", "municipality", "asked_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    municipality: Mapped[str] = mapped_column(NAME)
    language: Mapped[str] = mapped_column(String(2))
    key_hash: Mapped[str] = mapped_column(HASH, index=True)
    asked_at: Mapped[datetime] = mapped_column(Utc)
    why: Mapped[str] = mapped_column(String(10))
    confidence: Mapped[float] = mapped_column(Double)
    entry: Mapped[str | None] = mapped_column(NAME)
    question: Mapped[str]
    missed: Mapped[str]
    text_hash: Mapped[str] = mapped_column(HASH)
