"""What was said before: every version with author, time and difference, and the way back to it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import Item, Key, KnowledgeError, read_item
from web.errors import RequestError, asked_language
from web.i18n import sentences
from web.revising import Edit, StaleError, Version
from web.staff.comparing import lines
from web.staff.effects import breaks_of
from web.staff.entry import based_on, key_of, note_sent
from web.staff.guard import municipality_here
from web.staff.knowing import knowledge, revising, serve_news
from web.staff.layers import Place, layer_name, place_asked, place_for
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


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose history a page shows: what it is called, and where its list, its own page and the form to restore are.

    `breaks` counts the tests that a version breaks.
    """

    key: Key
    place: Place
    title: str
    every: tuple[str, str]
    back: tuple[str, str]
    restore: str
    breaks: Callable[[Key, Item | None], int]


def show(entry: str) -> str:
    """Show all versions of an answer, the newest first."""
    return page(_subject(entry, place_asked()), {})


def restore(entry: str) -> ResponseReturnValue:
    """Publish anew what a version said; where a test breaks a reason is wanted, as for any edit."""
    place = place_for("publisher")
    onward = url_for("staff.history", municipality=municipality_here().id, entry=entry, layer=place.layer)
    return put_back(_subject(entry, place), onward)


def put_back(subject: Subject, onward: str) -> ResponseReturnValue:
    """Publish anew the version that a form names, and lead `onward`."""
    key, read, wanted = subject.key, based_on(), _number("revision")
    found = _version(key, wanted)
    if not note_sent() and subject.breaks(key, _item(found) if found else None):
        said = sentences(asked_language())(_("A test breaks with this version. Write why it is to hold all the same."))
        return page(subject, {wanted: said}), 422
    try:
        _let_hold(key, found, read)
    except StaleError:
        said = sentences(asked_language())(
            _("Somebody changed this answer in the meantime. Look at the newest version.")
        )
        return page(subject, {wanted: said}), 412
    except KnowledgeError as error:
        return page(subject, {wanted: " ".join(problem.message for problem in error.problems)}), 422
    serve_news()
    say(_("Restored, as a new version. Visitors are answered with it now."))
    return redirect(onward, 303)


def page(subject: Subject, mistakes: dict[int, str]) -> str:
    """Return the page, with why a version could not be restored beside it."""
    key, versions = subject.key, revising().history(subject.key)
    seen = next((one.revision.id for one in versions if one.revision.state in ("published", "removed")), None)
    knows_own = any(one.revision.id == seen and one.revision.state == "published" for one in versions)
    is_answer = key.kind == "entry"
    values: dict[str, Any] = {
        "subject": subject,
        "key": key,
        "place_name": layer_name(subject.place.layer),
        "versions": [_shown(one, seen) for one in versions],
        "newest": versions[0].revision.id if versions else 0,
        "may_publish": subject.place.allows("publisher"),
        "may_take_away": is_answer and _begins_with_staff(versions) and knows_own,
        "is_inherited": is_answer and outside(key) is not None,
        "mistakes": mistakes,
    }
    return render_template("staff/history.html", **values)


def _subject(entry: str, place: Place) -> Subject:
    text, key, here = sentences(asked_language()), key_of(entry), municipality_here().id
    found = knowledge().view(here).entries.get(entry)
    return Subject(
        key,
        place,
        found.title(asked_language()) if found else entry,
        (text(_("All answers")), url_for("staff.answers", municipality=here)),
        (text(_("Back to the answer")), url_for("staff.answer", municipality=here, entry=entry, layer=key.layer)),
        url_for("staff.restore", municipality=here, entry=entry),
        breaks_of,
    )


def _version(key: Key, wanted: int) -> Revision | None:
    """Return the version, None for the nothing before the first; raises RequestError where there is no such thing."""
    versions = revising().history(key)
    found = next((one.revision for one in versions if one.revision.id == wanted), None)
    if found is None and (key.kind != "entry" or wanted != BEFORE_ALL or not _begins_with_staff(versions)):
        raise RequestError("not_found")
    return found


def _let_hold(key: Key, found: Revision | None, read: int) -> None:
    who, note = member().account.email, note_sent() or None
    if found:
        revising().restore(key, found.id, who, read, note)
    else:
        revising().publish(Edit(key, None, who, read, note))


def _item(revision: Revision) -> Item | None:
    if revision.content is None:
        return None
    return read_item(revision.key.kind, revision.content, str(revision.key))


def _number(name: str) -> int:
    text = request.form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < len(str(LARGEST))):
        raise RequestError("bad_request")
    return int(text)


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
