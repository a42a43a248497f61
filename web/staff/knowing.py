"""The knowledge as the pages of staff read and change it: the view of this municipality, and the doors of revising."""

from typing import TYPE_CHECKING, Final, cast

from sqlalchemy import Connection

from bot import Assistant, Entry, Key, Knowledge, Part, UnknownEntryError, View, parts
from web.people import scope_of
from web.services import get_services
from web.staff import proof
from web.staff.clusters import Cluster
from web.staff.following import follow
from web.staff.guard import municipality_here
from web.staff.service import moment
from web.staff.session import member
from web.store import audit
from web.store.revisions import Revision

if TYPE_CHECKING:
    from web.revising import Revising
    from web.truth import Truth

ACTIONS: Final = {
    "draft": "draft_saved",
    "discarded": "draft_discarded",
    "published": "published",
    "removed": "own_version_removed",
}


def assistant() -> Assistant:
    """Return the assistant that visitors talk to now."""
    return get_services().knowledge.assistant


def knowledge() -> Knowledge:
    """Return what visitors are answered from now."""
    return assistant().knowledge


def view_here() -> View:
    """Return the knowledge as this municipality's visitors see it."""
    return knowledge().view(municipality_here().id)


def entry_of(layer: str, entry: str) -> Entry | None:
    """Return what `layer` itself says of an entry."""
    found = knowledge().layers.get(layer)
    return found.entries.get(entry) if found else None


def parts_of(entry: str) -> tuple[Part, ...]:
    """Return where each part of an entry comes from here; none where nobody writes it."""
    try:
        return parts(knowledge(), municipality_here().id, entry)
    except UnknownEntryError:
        return ()


def revising(action: str | None = None, begun: Cluster | None = None) -> "Revising":
    """Return the doors to the truth; each write leaves its row in the audit, or is not done.

    `action` is what the row says; None: what became of the item. `begun` are the questions of visitors that an answer
    is written for: its saving decides on them.
    """
    from web.revising import Revising

    def noted(connection: Connection, made: Revision, before: Revision | None) -> None:
        proof.begin()
        _audited(action, connection, made, before)
        follow(connection, made, begun)

    return Revising(_truth(), knowledge, noted, moment)


def serve_news() -> None:
    """Let this process answer with what was just published."""
    get_services().knowledge.refresh_for_news()
    proof.tell()


def _truth() -> "Truth":
    return cast("Truth", get_services().knowledge.truth)


def _audited(action: str | None, connection: Connection, made: Revision, before: Revision | None) -> None:
    """Say who did it, in the transaction that did it."""
    who = member().account
    became = "version_restored" if made.origin == "restore" else ACTIONS[made.state]
    detail = {"revision": made.id, "before": before.id if before else None, "reason": made.note}
    deed = audit.Deed(made.at, who.email, action or became, scope_of(made.key.layer), _name(made.key), detail)
    audit.add(connection, who.id, deed)


def _name(key: Key) -> str:
    return f"{key.kind} {key.id}"
