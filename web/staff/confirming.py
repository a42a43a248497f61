"""Confirm a published answer: the one way there is, for the editor and for the page of freshness.

It is a version like any other, with its row in the audit; a draft that waits is not passed over.
"""

from collections.abc import Callable
from typing import TypeVar

from bot import Entry, Fact, Key
from web.errors import RequestError
from web.revising import Edit
from web.staff.knowing import revising, serve_news
from web.staff.session import member

Item = TypeVar("Item", Entry, Fact)


class DraftWaitsError(Exception):
    """It would not be clear what was confirmed: what visitors see, or the draft."""


def confirm(
    key: Key, action: str, change: Callable[[Item], Item], based_on: int | None = None, *, kind: type[Item]
) -> None:
    """Publish an entry or a fact, which `kind` says, as `change` confirms it, and let the audit say `action`.

    `based_on`: the version that was read; None where `change` itself refuses what was not. Raises DraftWaitsError,
    StaleError, KnowledgeError, and RequestError where the layer has no such item.
    """
    doors = revising(action)
    current = doors.current(key)
    if not isinstance(current.item, kind):
        raise RequestError("not_found")
    if current.draft is not None:
        raise DraftWaitsError
    item, read = change(current.item), current.based_on if based_on is None else based_on
    doors.publish(Edit(key, item, member().account.email, read))
    serve_news()
