"""Every write leaves a row that says who did what: both are kept, or neither is.

A view gets a connection to write by from here alone, and the row is added to the same transaction when its work is
done. Where the row cannot be added, the work is undone and StoreError is raised.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from web.people import Account
from web.staff.service import get_staff, moment
from web.staff.session import member
from web.store import audit
from web.store.access import Store


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does it; `account` is None where it is done on the command line."""

    account: int | None
    name: str


@dataclass(slots=True)
class Writing:
    """A write under way: `connection` does the work; `object` and `detail` may be added to while it lasts."""

    connection: Connection
    at: datetime
    object: str | None
    detail: dict[str, Any] = field(default_factory=dict)


@contextmanager
def recorded(
    store: Store, actor: Actor, at: datetime, action: str, *, scope: str | None = None, about: str | None = None
) -> Iterator[Writing]:
    """Give what to write by; the row is added at the end of the block. Raises StoreError.

    `scope` is where it has effect, None where it concerns an account alone; `about` names what is changed.
    """
    with store.writing() as connection:
        writing = Writing(connection, at, about)
        yield writing
        deed = audit.Deed(at, actor.name, action, scope, writing.object, writing.detail)
        audit.add(connection, actor.account, deed)


@contextmanager
def doing(
    action: str, *, scope: str | None = None, about: str | None = None, by: Account | None = None
) -> Iterator[Writing]:
    """Give what to write by for this request, as whoever is signed in; `by` where nobody is yet."""
    who = by or member().account
    with recorded(get_staff().store, Actor(who.id, who.email), moment(), action, scope=scope, about=about) as writing:
        yield writing
