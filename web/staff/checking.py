"""Say that an answer is still right: both languages are confirmed, the clock begins anew. Nothing else does so."""

from dataclasses import replace
from typing import Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot import Checked, Entry, KnowledgeError, fingerprint
from web.errors import RequestError
from web.revising import Edit, StaleError
from web.services import today
from web.staff.entry import based_on, key_of
from web.staff.guard import municipality_here
from web.staff.knowing import revising, serve_news
from web.staff.layers import place_for
from web.staff.session import member
from web.staff.sheet import MONTHS, USUAL, function_for
from web.staff.shell import say

LONGEST_FUNCTION: Final = 300


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


def confirm(entry: str) -> ResponseReturnValue:
    """Note that the published answer is right today, in both languages."""
    place, key = place_for("publisher"), key_of(entry)
    current = revising().current(key)
    item = current.item
    if not isinstance(item, Entry) or item.answer is None:
        raise RequestError("not_found")
    back = redirect(url_for("staff.answer", municipality=municipality_here().id, entry=entry, layer=place.layer), 303)
    if current.draft is not None:
        say(_("A draft waits. Publish it or put it away first, so that it is clear what was checked."))
        return back
    edit = Edit(key, _confirmed(item), member().account.email, based_on())
    try:
        revising().publish(edit)
    except (StaleError, KnowledgeError):
        say(_("Somebody changed this answer in the meantime. Read it again."))
        return back
    serve_news()
    say(_("Noted: the answer is right today, in both languages."))
    return back


def _confirmed(item: Entry) -> Entry:
    by = " ".join(request.form.get("by", "").split())[:LONGEST_FUNCTION] or function_for(item)
    asked = request.form.get("every", "")
    every = next((months for months in MONTHS if str(months) == asked), USUAL)
    answer = item.answer
    made_of = fingerprint(answer.sv) if answer and answer.sv and answer.en else None
    return replace(item, checked=Checked(today(), by, every), en_of=made_of)
