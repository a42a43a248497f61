"""Answers, records and words as a spreadsheet: download it, see what an edited one would change, take that over."""

from collections.abc import Sequence
from typing import Final

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from bot import (
    Entry,
    ExchangeError,
    Intake,
    Key,
    Knowledge,
    KnowledgeError,
    RowProblem,
    Scope,
    lay_over,
    sheets_of,
    unfinished,
    write_csv_files,
    write_workbook,
)
from web import sheets
from web.errors import RequestError
from web.revising import StaleError
from web.services import get_services, today
from web.sheets import Carried, UnreadableError
from web.staff.entry import note_sent, unreasoned
from web.staff.guard import municipality_here, see_other
from web.staff.knowing import revising, serve_news
from web.staff.layers import Place, layer_name, own_layer, places, words_place
from web.staff.session import member
from web.staff.sheet_changes import changes_page, effect_of_changes
from web.staff.sheet_faults import explained
from web.staff.sheet_guide import guide
from web.staff.shell import say

WRONG: Final = 422
STALE: Final = 412
SHOWN: Final = 500  # faulty cells; who has more sees that first
LONGEST_NAME: Final = 100
WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


def show() -> str:
    """Show what can be downloaded, and where a sheet is brought back."""
    return _page()


def download() -> ResponseReturnValue:
    """Give the sheets of one layer, as visitors are answered from it now."""
    place = _place_asked()
    is_csv = request.args.get("format") == "csv"
    serve_news()
    own = sheets.written_items(_written(), [place.layer])
    kinds = [kind for kind in sheets.KINDS if _is_of_words(kind) == (place.layer == words_place().layer)]
    made = sheets_of(own, kinds)
    data = write_csv_files(made) if is_csv else write_workbook(made, guide(made))
    name = f"hemvist-{place.layer.rpartition('/')[2]}-{today().isoformat()}.{'zip' if is_csv else 'xlsx'}"
    found = Response(data, mimetype="application/zip" if is_csv else WORKBOOK)
    found.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return found


def propose() -> ResponseReturnValue:
    """Say what an uploaded sheet would change, or every cell that is wrong in it. Nothing is saved."""
    name, data = _sent()
    if not data:
        return _page(mistake=_("Choose a file first.")), WRONG
    try:
        found = sheets.propose(data, name, _now, _scope(), revising(), member().account.email)
        if problems := unfinished(found.intake, _as_seen(found.intake)):
            return _page(problems), WRONG
    except ExchangeError as error:
        return _page(error.problems), WRONG
    return changes_page(found, _may_publish(found.carried))


def take_over() -> ResponseReturnValue:
    """Save all the changes as drafts, or publish all of them; where tests break, a reason is wanted."""
    carried = _carried()
    publishes = request.form.get("way") == "publish"
    if publishes and not _may_publish(carried):
        raise RequestError("role_too_low")
    note, author = note_sent(), member().account.email
    effect = effect_of_changes({one.key: one.item for one in carried}) if publishes else None
    if mistakes := unreasoned(effect["breaks"] if effect else 0, note):
        left = sheets.again(carried, _now(), revising())
        does = None if left.intake.clashes else effect
        return changes_page(left, may_publish=True, mistakes=mistakes, note=note, effect=does), WRONG
    edits = sheets.edits_of(carried, author, note or None)
    try:
        made = revising().publish_all(edits) if publishes else revising().save_drafts(edits)
    except StaleError:
        left = sheets.again(carried, _now(), revising())
        return changes_page(left, _may_publish(left.carried), note=note), STALE
    except KnowledgeError as error:
        return _page([RowProblem(one.file, 0, one.field, one.code, one.values) for one in error.problems]), WRONG
    serve_news()
    if publishes:
        say(_("%(number)s changes of the sheet are published. Visitors are answered with them now."), number=len(made))
    else:
        say(_("%(number)s changes of the sheet are saved as drafts. Visitors do not see them yet."), number=len(made))
    return see_other("staff.spreadsheet", municipality=municipality_here().id)


def _page(problems: Sequence[RowProblem] = (), mistake: str = "") -> str:
    own = [*places(), words_place()]
    return render_template(
        "staff/spreadsheet.html",
        places=[(one.layer, layer_name(one.layer)) for one in own],
        open_places=[layer_name(one.layer) for one in own if one.allows("editor")],
        faults=[explained(one) for one in problems[:SHOWN]],
        fault_count=len(problems),
        mistake=mistake,
        own=own_layer(),
    )


def _place_asked() -> Place:
    wanted = request.args.get("layer") or own_layer()
    found = next((one for one in (*places(), words_place()) if one.layer == wanted), None)
    if found is None:
        raise RequestError("not_found")
    return found


def _scope() -> Scope:
    """Return the layers that whoever is signed in may write; a new row that names none goes to the nearest."""
    own = [one.layer for one in (*places(), words_place()) if one.allows("editor")]
    return Scope(own, next((layer for layer in own if layer != words_place().layer), None))


def _may_publish(carried: Sequence[Carried]) -> bool:
    open_layers = {one.layer for one in (*places(), words_place()) if one.allows("publisher")}
    return {one.key.layer for one in carried} <= open_layers


def _carried() -> list[Carried]:
    """Return the changes that the page before showed; what nobody of this role may write is refused."""
    try:
        carried = sheets.unpack(request.form.get("changes", ""))
    except UnreadableError as error:
        raise RequestError("bad_request") from error
    if not carried:
        raise RequestError("bad_request")
    if not {one.key.layer for one in carried} <= {*_scope().layers}:
        raise RequestError("role_too_low")
    if any(_is_of_words(one.key.kind) != (one.key.layer == words_place().layer) for one in carried):
        raise RequestError("bad_request")
    return carried


def _now() -> Knowledge:
    serve_news()
    return _written()


def _written() -> Knowledge:
    return get_services().knowledge.written


def _as_seen(intake: Intake) -> dict[Key, Entry]:
    """Return the changed answers as visitors here would get them."""
    view = lay_over(_written(), intake.items).view(municipality_here().id)
    keys = [one.key for one in intake.changes if one.key.kind == "entry" and one.after is not None]
    return {key: view.entries[key.id] for key in keys if key.id in view.entries}


def _is_of_words(kind: str) -> bool:
    return kind in ("group", "frames", "theme", "occupation")


def _sent() -> tuple[str, bytes]:
    """Return the end of a file's name, as the messages call it, and its bytes. The name is never used as a path."""
    file = request.files.get("sheet")
    if file is None:
        return "", b""
    with file.stream:
        data = file.read()
    last = (file.filename or "").replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable())[-LONGEST_NAME:] or "sheet", data
