"""Where a file and the staff say different things: both side by side, and a choice."""

from typing import Any, Literal

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import KnowledgeError
from web.errors import RequestError, asked_language
from web.i18n import sentences
from web.revising import compared
from web.staff.comparing import lines
from web.staff.entry import note_sent
from web.staff.guard import municipality_here, see_other
from web.staff.knowing import revising, serve_news
from web.staff.layers import Place, layer_name, places, words_place
from web.staff.session import member
from web.staff.shell import say
from web.store.revisions import Conflict


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


KINDS = {
    "contact": _("contact"),
    "entry": _("answer"),
    "fact": _("fact"),
    "frames": _("words that only frame a question"),
    "group": _("words of one meaning"),
    "job": _("job"),
    "municipality": _("settings"),
    "occupation": _("occupation"),
    "place": _("place"),
    "plot": _("plot"),
    "theme": _("questions on something else"),
}


def show() -> str:
    """Show what is open."""
    return _page({})


def settle(conflict: int) -> ResponseReturnValue:
    """Let one side hold, as a new version."""
    found = next((one for one in _open() if one.id == conflict), None)
    if found is None:
        say(_("This conflict is settled already."))
        return see_other("staff.conflicts", municipality=municipality_here().id)
    if not _may(found):
        raise RequestError("role_too_low")
    side = _side()
    try:
        revising().settle(conflict, side, member().account.email, note_sent() or None)
    except KnowledgeError as error:
        return _page({conflict: " ".join(problem.message for problem in error.problems)}), 422
    serve_news()
    say(_("Settled. What you chose is a new version."))
    return see_other("staff.conflicts", municipality=municipality_here().id)


def _side() -> Literal["file", "staff"]:
    side = request.form.get("side")
    if side == "file":
        return "file"
    if side == "staff":
        return "staff"
    raise RequestError("bad_request")


def _open() -> list[Conflict]:
    return revising().conflicts([place.layer for place in _places()])


def _may(conflict: Conflict) -> bool:
    return any(place.layer == conflict.key.layer and place.allows("publisher") for place in _places())


def _places() -> list[Place]:
    return [*places(), words_place()]


def _page(mistakes: dict[int, str]) -> str:
    return render_template("staff/conflicts.html", conflicts=[_shown(one) for one in _open()], mistakes=mistakes)


def _shown(conflict: Conflict) -> dict[str, Any]:
    history = revising().history(conflict.key)
    ours = next((one.revision for one in history if one.revision.id == conflict.revision), None)
    content = ours.content if ours else None
    return {
        "conflict": conflict,
        "name": sentences(asked_language())(KINDS[conflict.key.kind]),
        "layer": layer_name(conflict.key.layer),
        "ours": ours,
        "file_side": lines(compared(None, conflict.content)),
        "staff_side": lines(compared(None, content)),
        "diff": lines(compared(content, conflict.content)),
        "may": _may(conflict),
    }
