"""Messages to a person: which there are, read or not, delivered or not. None is opened here."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import render_template, request

from web.errors import asked_language
from web.headings import topic_name
from web.i18n import NAMES, texts
from web.people import suffices
from web.staff.guard import municipality_here, role_here
from web.staff.paging import paged
from web.staff.service import get_staff, moment
from web.store.messages import is_stuck, overview


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


FILTERS: Final[Mapping[str, tuple[str, Callable[[Any], bool]]]] = {
    "waiting": (_("waiting for an answer"), lambda row: row.handled_at is None),
    "unread": (_("not read"), lambda row: row.handled_at is None and row.read_at is None),
    "undelivered": (_("not delivered"), lambda row: is_stuck(row, moment())),
    "handled": (_("handled"), lambda row: row.handled_at is not None),
    "all": (_("all"), lambda row: True),
}
STATES: Final = {
    "waiting": _("waits to be mailed"),
    "sent": _("delivered to the mailbox"),
    "refused": _("refused by the mailbox"),
    "listed": _("in this list alone"),
}


def show() -> str:
    """Show a page of them, newest first."""
    asked = request.args.get("state", "")
    state = asked if asked in FILTERS else "waiting"
    with get_staff().store.reading() as connection:
        rows = overview(connection, municipality_here().id)
    values: dict[str, Any] = {
        "page": paged([row for row in rows if FILTERS[state][1](row)]),
        "any": bool(rows),
        "state": state,
        "filters": [(name, texts(asked_language())(label)) for name, (label, _test) in FILTERS.items()],
        "may_read": suffices(role_here(), "editor"),
        **wording(),
    }
    return render_template("staff/messages.html", **values)


def wording() -> dict[str, Any]:
    """Return what templates say of messages with."""
    language = asked_language()
    return {
        "topic": lambda topic: topic_name(topic, language),
        "delivery": lambda row: texts(language)(STATES[row.state]),
        "is_stuck": lambda row: is_stuck(row, moment()),
        "names": NAMES,
    }
