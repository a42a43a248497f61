"""One record, or words, as an editor writes it: see what visitors will see, save a draft, publish."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from bot import (
    Fact,
    Item,
    Key,
    KnowledgeError,
    OwnQuestion,
    Problem,
    as_plain,
    keeping_further,
    new_problems,
    read_item,
)
from web.errors import RequestError, asked_language
from web.people import Role
from web.revising import Current, Edit, Plain, StaleError
from web.staff import fact, record_sheet
from web.staff.entry import LARGEST, note_sent, opened
from web.staff.guard import municipality_here
from web.staff.knowing import assistant, knowledge, revising, serve_news
from web.staff.layers import Place, own_layer
from web.staff.record_faults import Mistakes, explained, unreadable, unreasoned
from web.staff.record_fields import Form
from web.staff.record_form import Unread, Written, form_of, plain_of, read_form
from web.staff.record_sheet import Looks
from web.staff.recorded import form_asked, is_imported, key_asked, place_of
from web.staff.rewording import effect_of_words
from web.staff.session import member
from web.staff.shell import say

WRONG: Final = 422
STALE: Final = 412


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


@dataclass(frozen=True)
class Sent:
    """What a form brought: where it belongs, what was written, and what it was based on."""

    form: Form
    key: Key
    place: Place
    current: Current
    written: Written
    based_on: int
    note: str

    @cached_property
    def read(self) -> tuple[dict[str, Any], Unread]:
        """What was written as plain values, and what of it cannot be read."""
        plain, unread = plain_of(self.form, self.written, self.key.id)
        item = self.current.item
        plain = keeping_further(plain, opened(self.current) or {})
        return (fact.keeping(plain, as_plain(item)) if isinstance(item, Fact) else plain), unread

    @property
    def plain(self) -> Plain:
        """What was written, as far as it can be read."""
        return self.read[0]

    def edit(self, item: Item | None) -> Edit:
        """Return the edit that makes the record `item`."""
        return Edit(self.key, item, member().account.email, self.based_on, self.note or None)


def show(table: str, item: str) -> str:
    """Show the form with what the layer says now, the draft where one waits."""
    form = form_asked(table)
    place, key = place_of(form), key_asked(form, item)
    current = revising().current(key)
    before = opened(current)
    fed = record_sheet.fed(form, item)
    written = form_of(form, before or fed, asked_language())
    if before is None and fed is None:
        written = record_sheet.begun(form, written, request.args.get("name", "")[:200].strip())
    looks = Looks(_readable(form, key, before or fed) if before or fed else None)
    return record_sheet.page(form, key, place, current, written, current.based_on, {}, looks)


def look(table: str, item: str) -> ResponseReturnValue:
    """Show what visitors would see and what would change; nothing is saved. A script asks for these parts alone."""
    sent = sent_here(table, item, "editor")
    found, mistakes = _typed(sent)
    looks = Looks(found, effect_of_words(sent.key, found) if found and sent.form.is_of_words else None)
    if "parts" in request.form:
        return record_sheet.parts(sent.form, sent.key, looks, mistakes)
    return _page(sent, mistakes, looks), WRONG if mistakes else 200


def save(table: str, item: str) -> ResponseReturnValue:
    """Keep a draft, which no visitor sees."""
    sent = sent_here(table, item, "editor")
    found, mistakes = _typed(sent)
    if found is None:
        return _page(sent, mistakes, Looks(None)), WRONG
    return _kept(
        sent, lambda: revising().save_draft(sent.edit(found)), _("The draft is saved. Visitors do not see it yet.")
    )


def publish(table: str, item: str) -> ResponseReturnValue:
    """Let visitors see it. Where words break a test, a reason is wanted, which the history keeps."""
    sent = sent_here(table, item, "publisher")
    found, mistakes = _typed(sent)
    if found is None:
        return _page(sent, mistakes, Looks(None)), WRONG
    looks = Looks(found, effect_of_words(sent.key, found) if sent.form.is_of_words else None)
    mistakes = unreasoned(looks.effect, sent.note)
    if mistakes:
        return _page(sent, mistakes, looks), WRONG
    return _kept(
        sent, lambda: revising().publish(sent.edit(found)), _("Published. Visitors are answered with it now."), looks
    )


def discard(table: str, item: str) -> ResponseReturnValue:
    """Put a draft away; it stays in the history."""
    sent = sent_here(table, item, "editor")
    if sent.current.draft is None:
        raise RequestError("not_found")
    author = member().account.email
    return _kept(
        sent,
        lambda: revising().discard_draft(sent.key, author, sent.based_on),
        _("The draft is put away. It stays in the history."),
    )


def sent_here(table: str, item: str, role: Role) -> Sent:
    """Return what a form brought, where `role` suffices; raises RequestError."""
    form = form_asked(table)
    place, key = place_of(form, role), key_asked(form, item)
    if is_imported(form, item):
        raise RequestError("from_feed")
    written = read_form(form, request.form)
    return Sent(form, key, place, revising().current(key), written, version_sent(), note_sent())


def version_sent() -> int:
    """Return the version that a form was filled with; raises RequestError where it says none."""
    number = request.form.get("based_on", "")
    is_number = number.isascii() and number.isdigit() and len(number) < len(str(LARGEST))
    if not is_number:
        raise RequestError("version_missing")
    return int(number)


def stale_page(sent: Sent, error: StaleError) -> ResponseReturnValue:
    """Show both versions; what was typed stays in the form, which is now based on the newest one."""
    current = revising().current(sent.key)
    looks = Looks(None, stale=record_sheet.stale(error.newest, sent.plain))
    return (
        record_sheet.page(
            sent.form, sent.key, sent.place, current, sent.written, current.based_on, {}, looks, sent.note
        ),
        STALE,
    )


def _kept(sent: Sent, write: Callable[[], object], said: str, looks: Looks | None = None) -> ResponseReturnValue:
    """Write, and lead on; what cannot be written is said beside what was typed."""
    try:
        write()
    except StaleError as error:
        return stale_page(sent, error)
    except KnowledgeError as error:
        return _page(sent, explained(sent.form, error.problems), looks or Looks(None)), WRONG
    serve_news()
    say(said)
    layer = None if sent.form.is_of_words or sent.place.layer == own_layer() else sent.place.layer
    here = municipality_here().id
    return redirect(
        url_for("staff.record", municipality=here, table=sent.form.table, item=sent.key.id, layer=layer), 303
    )


def _typed(sent: Sent) -> tuple[Item | None, Mistakes]:
    plain, unread = sent.read
    mistakes = unreadable(unread)
    problems: list[Problem] = []
    try:
        item = read_item(sent.form.kind, plain, str(sent.key))
        problems = [*new_problems(knowledge(), {sent.key: item}), *_personal(sent.key, item)]
    except KnowledgeError as error:
        item, problems = None, list(error.problems)
    for name, own in explained(sent.form, problems).items():
        if name not in mistakes:  # what could not be read is missing as well: one mistake is enough
            mistakes[name] = own
    return (None if mistakes else item), mistakes


def _personal(key: Key, item: Item) -> list[Problem]:
    """Return that a question tells who somebody is: it would stay in the files and in the history."""
    if not isinstance(item, OwnQuestion) or not assistant().redact(item.question, municipality_here().id).kinds:
        return []
    return [Problem(str(key), 1, 1, "question", "personal-data")]


def _readable(form: Form, key: Key, plain: Plain | None) -> Item | None:
    try:
        return read_item(form.kind, plain, str(key))
    except KnowledgeError:
        return None


def _page(sent: Sent, mistakes: Mistakes, looks: Looks) -> str:
    return record_sheet.page(
        sent.form, sent.key, sent.place, sent.current, sent.written, sent.based_on, mistakes, looks, sent.note
    )
