"""Take a record, or words, away: what points to it is named, and nothing is gone before it is confirmed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue

from bot import Key, KnowledgeError, new_problems
from web.errors import RequestError, asked_language
from web.i18n import sentences
from web.people import MUNICIPALITIES
from web.revising import Current, Edit, StaleError
from web.staff.conflicts import KINDS
from web.staff.entry import note_sent
from web.staff.guard import municipality_here, see_other
from web.staff.knowing import knowledge, revising, serve_news, view_here
from web.staff.layers import layer_name, own_layer
from web.staff.record import STALE, WRONG, version_sent
from web.staff.record_faults import unreasoned
from web.staff.record_fields import BY_KIND, Form
from web.staff.recorded import form_asked, key_asked, name_of, place_of
from web.staff.rewording import effect_of_words
from web.staff.session import member
from web.staff.shell import say

PLAN = "plan-"  # what the ids of problems in the moving plan begin with


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class User:
    """What points to a record: its name, and where it can be changed; None: not here."""

    name: str
    link: str | None


@dataclass(frozen=True, slots=True)
class Gone:
    """What it does that a record is gone: what then points to nothing, and for words what changes for visitors."""

    users: Sequence[User]
    effect: Mapping[str, Any] | None


def ask(table: str, item: str) -> str:
    """Show what would be gone, and what points to it."""
    form, current = _current(table, item)
    return _page(form, current, current.based_on, {})


def remove(table: str, item: str) -> ResponseReturnValue:
    """Take it away; it stays in the history. What others point to stays until they no longer do."""
    form, current = _current(table, item)
    based_on, note, gone = version_sent(), note_sent(), _gone(form, current.key)
    mistakes = {} if gone.users else unreasoned(gone.effect, note)
    if gone.users or mistakes:
        return _page(form, current, based_on, mistakes, gone), WRONG
    try:
        revising().publish(Edit(current.key, None, member().account.email, based_on, note or None))
    except StaleError:
        text = sentences(asked_language())
        said = text(_("Somebody changed it in the meantime. Look at it anew before you take it away."))
        return _page(form, current, current.based_on, {"": [said]}), STALE
    except KnowledgeError as error:
        return _page(form, current, based_on, {"": [problem.message for problem in error.problems]}), WRONG
    serve_news()
    say(_("Taken away. It stays in the history, from where it can be restored."))
    return see_other("staff.record_list", municipality=municipality_here().id, table=table)


def users(key: Key) -> list[User]:
    """Return what would point to nothing if the item of that key were gone."""
    found = dict.fromkeys(problem.file for problem in new_problems(knowledge(), {key: None}))
    return [_user(file) for file in found]


def _current(table: str, item: str) -> tuple[Form, Current]:
    form = form_asked(table)
    place_of(form, "publisher")
    current = revising().current(key_asked(form, item))
    if current.item is None:
        raise RequestError("not_found")
    return form, current


def _gone(form: Form, key: Key) -> Gone:
    return Gone(users(key), effect_of_words(key, None) if form.is_of_words else None)


def _page(
    form: Form, current: Current, based_on: int, mistakes: Mapping[str, Sequence[str]], gone: Gone | None = None
) -> str:
    key = current.key
    gone = gone or _gone(form, key)
    values: dict[str, Any] = {
        "form": form,
        "key": key,
        "title": name_of(form, current.item, asked_language()),
        "layer": None if form.is_of_words or key.layer == own_layer() else key.layer,
        "place_name": layer_name(key.layer),
        "users": gone.users,
        "effect": gone.effect,
        "based_on": based_on,
        "mistakes": mistakes,
    }
    return render_template("staff/removal.html", **values)


def _user(file: str) -> User:
    layer, kind, item = file.rsplit("/", 2)
    here, text = municipality_here().id, sentences(asked_language())
    is_here = not layer.startswith(MUNICIPALITIES) or layer == own_layer()
    where = "" if layer == own_layer() else f" ({layer_name(layer)})"
    if kind == "entry" and not item.startswith(PLAN):
        found = view_here().entries.get(item)
        link = url_for("staff.answer", municipality=here, entry=item, layer=layer) if is_here else None
        return User((found.title(asked_language()) if found else item) + where, link)
    if kind in BY_KIND:
        link = url_for("staff.record", municipality=here, table=BY_KIND[kind].table, item=item, layer=layer)
        return User(item + where, link if is_here else None)
    task = view_here().tasks.get(item.removeprefix(PLAN)) if item.startswith(PLAN) else None
    if task and task.title:
        return User(text(_("the moving plan: %(task)s"), task=task.title.best(asked_language())) + where, None)
    return User(text(KINDS["municipality"]) + where, None)
