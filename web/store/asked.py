"""How often visitors came to what: the turns that are kept, and the counts of those that no longer are."""

from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from web.store.models import Count, Turn

NO_ENTRY: Final = ""


def asked(connection: Connection, municipality: str, since: date) -> dict[str, int]:
    """Return entry → how many turns it answered from a day on; what nothing answered stands under ""."""
    found: dict[str, int] = {}
    entry = func.coalesce(Turn.entry, NO_ENTRY)
    turns = select(entry, func.count()).where(Turn.municipality == municipality, Turn.day >= since).group_by(entry)
    counts = (
        select(Count.entry, func.sum(Count.number))
        .where(Count.municipality == municipality, Count.day >= since)
        .group_by(Count.entry)
    )
    for statement in (turns, counts):
        for name, number in connection.execute(statement):
            found[name] = found.get(name, 0) + int(number)
    return found


def unanswered(connection: Connection, municipality: str, since: date) -> int:
    """Return how many questions from a day on nothing answered."""
    turns = (
        select(func.count())
        .select_from(Turn)
        .where(Turn.municipality == municipality, Turn.day >= since, Turn.kind == "none")
    )
    counts = select(func.sum(Count.number)).where(
        Count.municipality == municipality, Count.day >= since, Count.kind == "none"
    )
    return (connection.scalar(turns) or 0) + int(connection.scalar(counts) or 0)
