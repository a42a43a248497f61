"""What stands in the store as a few numbers, for whoever watches over the service."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from sqlalchemy import Connection, func, select

from web.store.evidence_tables import Standing
from web.store.messages import TRIED
from web.store.models import Message
from web.store.revision_tables import ConflictRow

STANDINGS: Final = ("overdue", "ended", "soon", "never", "outdated")  # of those that are noted once a day


def waiting(connection: Connection, keys: Collection[str]) -> dict[str, float]:
    """Return how many messages are `unsent` and since when (seconds since 1970), are `refused`, cannot be read with
    `keys`, and how many `conflicts` wait for a person."""
    is_open = Message.handled_at.is_(None)
    wanted = select(func.count(), func.min(Message.at)).where(Message.state.in_(TRIED), is_open)
    unsent, oldest = connection.execute(wanted).one()
    rows = {
        "refused": select(Message.id).where(Message.state == "refused", is_open),
        "unreadable": select(Message.id).where(Message.key_name.not_in(list(keys))),
        "conflicts": select(ConflictRow.id).where(ConflictRow.settled_at.is_(None)),
    }
    counts = {
        what: connection.scalar(select(func.count()).select_from(one.subquery())) or 0 for what, one in rows.items()
    }
    return {"unsent": unsent, "unsent_since": oldest.timestamp() if oldest else 0.0, **counts}


def standings(connection: Connection, days: Sequence[date]) -> dict[str, float]:
    """Return how all answers stood on the newest of `days` that was noted, by `entries-` and what is counted."""
    wanted = (
        select(Standing.day, Standing.what, func.sum(Standing.number))
        .where(Standing.day.in_(days), Standing.what.in_(STANDINGS))
        .group_by(Standing.day, Standing.what)
    )
    rows = list(connection.execute(wanted))
    newest = max((day for day, _, _ in rows), default=None)
    return {f"entries-{what}": number for day, what, number in rows if day == newest}
