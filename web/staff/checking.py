"""Say that an answer is still right: both languages are confirmed, the clock begins anew. Nothing else does so."""

from typing import Final

from flask import request
from flask.typing import ResponseReturnValue

from bot import Checked, Entry, KnowledgeError, still_right
from web.revising import StaleError
from web.services import today
from web.staff import confirming
from web.staff.entry import based_on, key_of
from web.staff.guard import municipality_here, see_other
from web.staff.layers import place_for
from web.staff.sheet import MONTHS, USUAL, function_for
from web.staff.shell import say

LONGEST_FUNCTION: Final = 300


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


WAITS: Final = _("A draft waits. Publish it or put it away first, so that it is clear what was checked.")


def confirm(entry: str) -> ResponseReturnValue:
    """Note that the published answer is right today, in both languages."""
    place, key = place_for("publisher"), key_of(entry)
    back = see_other("staff.answer", municipality=municipality_here().id, entry=entry, layer=place.layer)
    try:
        confirming.confirm(key, "answer_confirmed", _confirmed, based_on(), kind=Entry)
    except confirming.DraftWaitsError:
        say(WAITS)
    except (StaleError, KnowledgeError):
        say(_("Somebody changed this answer in the meantime. Read it again."))
    else:
        say(_("Noted: the answer is right today, in both languages."))
    return back


def _confirmed(item: Entry) -> Entry:
    by = " ".join(request.form.get("by", "").split())[:LONGEST_FUNCTION] or function_for(item)
    asked = request.form.get("every", "")
    every = next((months for months in MONTHS if str(months) == asked), USUAL)
    return still_right(item, Checked(today(), by, every))
