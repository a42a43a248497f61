"""What becomes of questions without an answer when an answer is saved for them: drafted, solved, or open again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from flask import g, request
from sqlalchemy import Connection

from web.people import scope_of
from web.staff import clusters
from web.staff.audit import Writing
from web.staff.clusters import Cluster
from web.staff.guard import municipality_here
from web.staff.service import get_staff
from web.staff.session import member
from web.store import audit, gaps
from web.store.gaps import State
from web.store.revisions import Revision
from web.store.revisions import State as Saved


@dataclass(frozen=True, slots=True)
class Step:
    """Where gaps tied to an entry go when it is saved, and how the audit calls it."""

    was: State
    state: State
    action: str


STEPS: Final[Mapping[Saved, Step]] = {
    "draft": Step("new", "drafted", "gap_drafted"),
    "discarded": Step("drafted", "new", "gap_reopened"),
    "published": Step("drafted", "solved", "gap_solved"),
    "removed": Step("solved", "new", "gap_reopened"),
}


def cluster_of(key: str) -> Cluster | None:
    """Return the cluster that `key` leads to; None where its questions are gone."""
    if len(key) != clusters.KEY:
        return None
    with get_staff().store.reading() as connection:
        return clusters.find(clusters.clusters_of(connection, municipality_here()), key)


def begun_for() -> Cluster | None:
    """Return the questions that the answer of this request was begun for, if it was for some; sought once."""
    if "begun_for" not in g:
        key = request.values.get("gap", "")
        g.begun_for = cluster_of(key) if key else None
    found: Cluster | None = g.begun_for
    return found


def follow(connection: Connection, made: Revision, begun: Cluster | None) -> None:
    """Give the questions that a saved answer is for their state, each with its row in the audit, in one transaction.

    Those are `begun`, and others that were tied to the entry when a draft of it was saved before.
    """
    if made.key.kind != "entry":
        return
    step, here, who = STEPS[made.state], municipality_here().id, member().account
    changed = 0
    if begun and made.state in ("draft", "published") and _is_news(begun, step, made):
        writing = Writing(connection, made.at, begun.key)
        clusters.settle(writing, begun, step.state, who.email, made.key.id)
        changed = 1
    for scope in dict.fromkeys((here, scope_of(made.key.layer))):
        changed += gaps.move(connection, scope, made.key.id, step.was, step.state, who.email, made.at)
    if changed:
        deed = audit.Deed(made.at, who.email, step.action, here, made.key.id, {"revision": made.id})
        audit.add(connection, who.id, deed)


def _is_news(begun: Cluster, step: Step, made: Revision) -> bool:
    return begun.state != step.state or begun.gap is None or begun.gap.entry != made.key.id or bool(begun.again)
