"""Questions without a good answer: which there are, what staff decided on them, and how long their words are kept.

Every function works in the transaction of the connection it is given, and raises SQLAlchemyError.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select, update

from web.store.engine import upsert
from web.store.gap_tables import GapMemberRow, GapRow, KeptQuestion
from web.store.models import Feedback, Turn

if TYPE_CHECKING:
    from bot import Language  # the engine takes half a second, and not everybody here needs it

# none: nothing was found; words: no filter took some; choices: none of them was meant; thumb: it was down
Why = Literal["none", "words", "choices", "thumb"]
State = Literal["new", "drafted", "solved", "ignored"]
STATES: Final[tuple[State, ...]] = ("new", "drafted", "solved", "ignored")
BATCH: Final = 500
NOTHING: Final = ("none", "choose")  # replies that tell nothing of the question as a whole


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that got no good answer, redacted; `missed` is what of it nobody answered."""

    language: "Language"
    key_hash: str
    asked_at: datetime
    why: Why
    confidence: float
    entry: str | None
    question: str
    missed: str


@dataclass(frozen=True, slots=True)
class Gap:
    """What staff decided on questions that mean the same, who and when."""

    id: int
    municipality: str
    state: State
    since: datetime
    by: str
    entry: str | None
    sent_to: str | None
    sent_text: str | None
    sent_language: "Language | None"
    sent_visitors: int | None
    sent_at: datetime | None


def questions(connection: Connection, municipality: str) -> list[Asked]:
    """Return every question of a municipality without a good answer whose words are still kept, oldest first."""
    fresh = (asked for _, _, asked in unanswered(connection, Turn.municipality == municipality))
    wanted = select(*_KEPT).where(KeptQuestion.municipality == municipality)
    kept = (Asked(*cast("Any", row)) for row in connection.execute(wanted))
    return sorted((*fresh, *kept), key=lambda asked: (asked.asked_at, asked.question))


def decided(connection: Connection, municipality: str) -> dict[str, Gap]:
    """Return what was decided, by the hash of each wording it was decided on."""
    found = {gap.id: gap for gap in _gaps(connection, GapRow.municipality == municipality)}
    members = select(GapMemberRow.text_hash, GapMemberRow.gap_id).where(GapMemberRow.municipality == municipality)
    return {row.text_hash: found[row.gap_id] for row in connection.execute(members) if row.gap_id in found}


def find(known: Mapping[str, Gap], hashes: Iterable[str]) -> Gap | None:
    """Return what was decided on a wording, by any of its hashes."""
    return next((known[one] for one in hashes if one in known), None)


def decide(
    connection: Connection,
    municipality: str,
    hashes: Collection[str],
    state: State,
    by: str,
    at: datetime,
    entry: str | None = None,
) -> int:
    """Give the wordings of these `hashes` a state, and return the gap that they are now, whatever they were before."""
    gap = _gap_of(connection, municipality, hashes)
    values: dict[str, Any] = {"state": state, "since": at, "by": by, "entry": entry}
    if gap is None:
        new = insert(GapRow).values(municipality=municipality, **values).returning(GapRow.id)
        gap = connection.execute(new).scalar_one()
    else:
        connection.execute(update(GapRow).where(GapRow.id == gap).values(values))
    _tie(connection, municipality, hashes, gap)
    return gap


def move(connection: Connection, municipality: str, entry: str, was: State, state: State, by: str, at: datetime) -> int:
    """Give the gaps that an entry is for another state, where they had the state `was`; return how many.

    A gap that is new again is tied to no entry.
    """
    tied = (GapRow.municipality == municipality, GapRow.entry == entry, GapRow.state == was)
    values = {"state": state, "since": at, "by": by, "entry": None if state == "new" else entry}
    return connection.execute(update(GapRow).where(*tied).values(values)).rowcount


def send(
    connection: Connection, gap: int, to: str, text: str, language: "Language", visitors: int, at: datetime
) -> None:
    """Show words that somebody has read to the staff of a group."""
    values = {"sent_to": to, "sent_text": text, "sent_language": language, "sent_visitors": visitors, "sent_at": at}
    connection.execute(update(GapRow).where(GapRow.id == gap).values(values))


def take_back(connection: Connection, gap: int) -> None:
    """Show a group nothing of a gap any more."""
    connection.execute(update(GapRow).where(GapRow.id == gap).values(UNSENT))


def sent_to(connection: Connection, groups: Collection[str], but: str) -> list[Gap]:
    """Return what other municipalities than `but` have sent to these groups and not closed, what most asked first."""
    is_open = GapRow.state.in_(("new", "drafted"))
    found = _gaps(connection, GapRow.sent_to.in_(list(groups)), GapRow.municipality != but, is_open)
    return sorted(found, key=lambda gap: (-(gap.sent_visitors or 0), gap.id))


def visitors_of_lists(connection: Connection, municipality: str) -> int:
    """Return how many conversations were shown records, of those that are not counts yet."""
    shown = (Turn.municipality == municipality, Turn.kind == "records")
    return connection.scalar(select(func.count(Turn.key_hash.distinct())).where(*shown)) or 0


def is_closed(gap: Gap | None, asked_at: datetime) -> bool:
    """Whether a question needs nobody any more: it was ignored, or solved after it was asked."""
    return gap is not None and (gap.state == "ignored" or (gap.state == "solved" and asked_at <= gap.since))


def unanswered(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[tuple[int, str, Asked]]:
    """Yield the turns that `conditions` hold for and that got no good answer: number, municipality, question."""
    found: dict[int, tuple[int, str, Asked]] = {}
    for row in connection.execute(select(Turn.__table__).where(*conditions, Turn.question.is_not(None), _misses())):
        found[row.id] = _asked(row, "none" if row.kind in NOTHING else "words", row.gap)
    for row in _disliked(connection, conditions):
        found.setdefault(row.id, _asked(row, "choices" if row.opinion_of is None else "thumb", row.question))
    yield from found.values()


def _misses() -> ColumnElement[bool]:
    return and_(Turn.gap.is_not(None), Turn.gap != "")


def _disliked(connection: Connection, conditions: Iterable[ColumnElement[bool]]) -> list[Any]:
    """Return the turns that visitors were not content with: each time the last one before they said so."""
    same = or_(Feedback.entry == Turn.entry, and_(Feedback.entry.is_(None), Turn.kind == "choices"))
    pairs = and_(Turn.key_hash == Feedback.key_hash, Turn.asked_at <= Feedback.at, same)
    wanted = (
        select(*Turn.__table__.columns, Feedback.id.label("opinion"), Feedback.entry.label("opinion_of"))
        .join(Feedback, pairs)
        .where(*conditions, Turn.question.is_not(None), ~Feedback.helpful)
        .order_by(Feedback.id, Turn.asked_at.desc(), Turn.id.desc())
    )
    last: dict[int, Any] = {}
    for row in connection.execute(wanted):
        last.setdefault(row.opinion, row)
    return list(last.values())


def _asked(row: Any, why: Why, missed: str) -> tuple[int, str, Asked]:
    asked = Asked(row.language, row.key_hash, row.asked_at, why, row.confidence, row.entry, row.question, missed)
    return row.id, row.municipality, asked


def _gaps(connection: Connection, *conditions: ColumnElement[bool]) -> list[Gap]:
    return [Gap(*cast("Any", row)) for row in connection.execute(select(*_GAP).where(*conditions))]


def _gap_of(connection: Connection, municipality: str, hashes: Collection[str]) -> int | None:
    """Return the gap that most of these wordings are tied to."""
    tied: Counter[int] = Counter()
    for some in _batches(hashes):
        mine = and_(GapMemberRow.municipality == municipality, GapMemberRow.text_hash.in_(some))
        tied.update(connection.scalars(select(GapMemberRow.gap_id).where(mine)))
    return min(tied, key=lambda gap: (-tied[gap], gap), default=None)


def _tie(connection: Connection, municipality: str, hashes: Collection[str], gap: int) -> None:
    """Let these wordings be of `gap`, and remove gaps that have none left."""
    for some in _batches(hashes):
        new = upsert(connection, GapMemberRow).values(
            [{"municipality": municipality, "text_hash": text_hash, "gap_id": gap} for text_hash in some]
        )
        keys = ["municipality", "text_hash"]
        connection.execute(new.on_conflict_do_update(index_elements=keys, set_={"gap_id": new.excluded.gap_id}))
    is_empty = ~exists().where(GapMemberRow.gap_id == GapRow.id)
    connection.execute(delete(GapRow).where(GapRow.municipality == municipality, is_empty))


def _batches(hashes: Collection[str]) -> Iterator[list[str]]:
    ordered = sorted(hashes)
    return (ordered[start : start + BATCH] for start in range(0, len(ordered), BATCH))


_KEPT: Final = (
    KeptQuestion.language,
    KeptQuestion.key_hash,
    KeptQuestion.asked_at,
    KeptQuestion.why,
    KeptQuestion.confidence,
    KeptQuestion.entry,
    KeptQuestion.question,
    KeptQuestion.missed,
)
_GAP: Final = (
    GapRow.id,
    GapRow.municipality,
    GapRow.state,
    GapRow.since,
    GapRow.by,
    GapRow.entry,
    GapRow.sent_to,
    GapRow.sent_text,
    GapRow.sent_language,
    GapRow.sent_visitors,
    GapRow.sent_at,
)
UNSENT: Final = dict.fromkeys(("sent_to", "sent_text", "sent_language", "sent_visitors", "sent_at"))
