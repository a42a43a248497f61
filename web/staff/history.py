"""What an answer said before: every version with author, time and difference, and the way back to it."""

from collections.abc import Sequence
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import Entry, Key, KnowledgeError, read_item
from web.errors import RequestError, asked_language
from web.i18n import sentences
from web.revising import Edit, StaleError, Version
from web.staff.comparing import lines
from web.staff.effects import sure_effect
from web.staff.entry import based_on, key_of, note_sent
from web.staff.guard import municipality_here
from web.staff.knowing import knowledge, revising, serve_news
from web.staff.layers import layer_name, place_asked, place_for
from web.staff.session import member
from web.staff.sheet import outside
from web.staff.shell import say
from web.store.revisions import SEEN, Revision

LARGEST = 2**63 - 1
BEFORE_ALL = 0  # in place of a version: nothing, as it was before the first


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


STATES = {
    "draft": _("draft"),
    "discarded": _("draft put away"),
    "published": _("published"),
    "removed": _("taken away"),
}
ORIGINS = {"file": _("from file"), "restore": _("restored")}


def show(entry: str) -> str:
    """Show all versions, the newest first."""
    return _page(entry, {})


def restore(entry: str) -> ResponseReturnValue:
    """Publish anew what a version said; where a test breaks a reason is wanted, as for any edit."""
    place, key = place_for("publisher"), key_of(entry)
    wanted = _number("revision")
    found = _version(key, wanted)
    if not note_sent() and sure_effect(key, _item(found) if found else None).breaks:
        said = sentences(asked_language())(_("A test breaks with this version. Write why it is to hold all the same."))
        return _page(entry, {wanted: said}), 422
    try:
        _let_hold(key, found)
    except StaleError:
        said = sentences(asked_language())(
            _("Somebody changed this answer in the meantime. Look at the newest version.")
        )
        return _page(entry, {wanted: said}), 412
    except KnowledgeError as error:
        return _page(entry, {wanted: " ".join(problem.message for problem in error.problems)}), 422
    serve_news()
    say(_("Restored, as a new version. Visitors are answered with it now."))
    return redirect(url_for("staff.history", municipality=municipality_here().id, entry=entry, layer=place.layer), 303)


def _version(key: Key, wanted: int) -> Revision | None:
    """Return the version, None for the nothing before the first; raises RequestError where there is no such thing."""
    versions = revising().history(key)
    found = next((one.revision for one in versions if one.revision.id == wanted), None)
    if found is None and (wanted != BEFORE_ALL or not _begins_with_staff(versions)):
        raise RequestError("not_found")
    return found


def _let_hold(key: Key, found: Revision | None) -> None:
    who, note = member().account.email, note_sent() or None
    if found:
        revising().restore(key, found.id, who, based_on(), note)
    else:
        revising().publish(Edit(key, None, who, based_on(), note))


def _item(revision: Revision) -> Entry | None:
    if revision.content is None:
        return None
    item = read_item("entry", revision.content, str(revision.key))
    assert isinstance(item, Entry)  # noqa: S101 - the kind says so
    return item


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < len(str(LARGEST))):
        raise RequestError("bad_request")
    return int(text)


def _page(entry: str, mistakes: dict[int, str]) -> str:
    place, key = place_asked(), key_of(entry)
    versions = revising().history(key)
    found = knowledge().view(municipality_here().id).entries.get(entry)
    seen = next((one.revision.id for one in versions if one.revision.state in ("published", "removed")), None)
    knows_own = any(one.revision.id == seen and one.revision.state == "published" for one in versions)
    values: dict[str, Any] = {
        "key": key,
        "title": found.title(asked_language()) if found else entry,
        "place_here": place,
        "place_name": layer_name(place.layer),
        "versions": [_shown(one, seen) for one in versions],
        "newest": versions[0].revision.id if versions else 0,
        "may_publish": place.allows("publisher"),
        "may_take_away": _begins_with_staff(versions) and knows_own,
        "is_inherited": outside(key) is not None,
        "mistakes": mistakes,
    }
    return render_template("staff/history.html", **values)


def _begins_with_staff(versions: Sequence[Version]) -> bool:
    """Whether there was nothing before the first version, so that nothing is where all of them can be led back to."""
    seen = [one.revision for one in versions if one.revision.state in SEEN]
    return bool(seen) and seen[-1].origin == "web"


def _shown(version: Version, seen: int | None) -> dict[str, Any]:
    text, revision = sentences(asked_language()), version.revision
    return {
        "revision": revision,
        "state": text(STATES[revision.state]),
        "origin": text(ORIGINS[revision.origin]) if revision.origin in ORIGINS else None,
        "diff": lines(version.diff),
        "is_seen": revision.id == seen,
        "can_be_restored": revision.content is not None and revision.id != seen,
    }
