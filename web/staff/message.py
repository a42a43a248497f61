"""One message to a person. It is decrypted on this page alone, and each time it is noted who read it."""

import re
from typing import Any, Final

from flask import render_template
from flask.typing import ResponseReturnValue

from bot import phone_link
from web.errors import RequestError
from web.letters import Letter, letter_of, place_of
from web.sealing import SealError, open_seal
from web.staff.audit import doing
from web.staff.guard import municipality_here, see_other
from web.staff.messages import wording
from web.staff.service import get_staff
from web.staff.shell import say
from web.store import messages

NUMBER: Final = re.compile(r"[0-9A-Z-]{1,16}")


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


def show(number: str) -> str:
    """Show what was written and how to reach who wrote it; not before it is noted that it was read."""
    here = municipality_here().id
    with doing("message_read", scope=here, about=_number(number)) as writing:
        row = messages.open_for_reading(writing.connection, number, writing.at, here)
        if row is None:
            raise RequestError("not_found")
    letter = _opened(row)
    values: dict[str, Any] = {
        "row": row,
        "letter": letter,
        "phone": phone_link(letter.phone) if letter and letter.phone else None,
        **wording(),
    }
    return render_template("staff/message.html", **values)


def handle(number: str) -> ResponseReturnValue:
    """Note that it is dealt with, so that it need not be mailed and may go when its time is over."""
    here = municipality_here().id
    with doing("message_handled", scope=here, about=_number(number)) as writing:
        if messages.handle(writing.connection, number, writing.at, here) is None:
            raise RequestError("not_found")
    say(_("Message %(number)s is handled."), number=number)
    return see_other("staff.messages", municipality=here)


def _number(number: str) -> str:
    if not NUMBER.fullmatch(number):
        raise RequestError("not_found")
    return number


def _opened(row: Any) -> Letter | None:
    """Return what was written; None where the key for it is not here, or it was tampered with."""
    try:
        opened = open_seal(get_staff().settings).open(row.key_name, row.sealed, place_of(row.id, row.municipality))
    except SealError:
        return None
    return letter_of(row, opened)
