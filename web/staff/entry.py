"""One answer as an editor writes it: see what visitors will see and what it does, save a draft, publish."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from flask import request
from flask.typing import ResponseReturnValue

from bot import Effect, Entry, Item, Key, KnowledgeError, as_plain, lay_over, new_problems, read_item
from web.errors import RequestError, asked_language
from web.i18n import sentences, translations
from web.revising import Current, Edit, Plain, StaleError
from web.staff import sheet
from web.staff.effects import Reach, effect_and_reach, effect_of, reach_of, shown, sure_reach
from web.staff.entry_form import Written, form_of, plain_of, read_form
from web.staff.faults import told
from web.staff.following import begun_for
from web.staff.guard import municipality_here, see_other
from web.staff.knowing import knowledge, revising, serve_news
from web.staff.layers import Place, own_layer, place_asked, place_for
from web.staff.session import member
from web.staff.shell import say

WRONG: Final = 422
STALE: Final = 412
LONGEST_ID: Final = 64
LONGEST_NOTE: Final = 500
LARGEST: Final = 2**63 - 1
Mistakes = dict[str, list[str]]


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Sent:
    """What a form brought: where it belongs, what was written, and what it was based on."""

    key: Key
    place: Place
    current: Current
    written: Written
    based_on: int
    note: str

    @property
    def before(self) -> Plain | None:
        """What the fields were filled with."""
        return opened(self.current)

    @property
    def plain(self) -> dict[str, Any]:
        """What was written, as plain values."""
        return plain_of(self.written, self.key.id, self.before)

    def edit(self, item: Item | None) -> Edit:
        """Return the edit that makes the entry `item`."""
        return Edit(self.key, item, member().account.email, self.based_on, self.note or None)


def show(entry: str) -> str:
    """Show the form with what the layer says now, the draft where one waits."""
    place, key = place_asked(), key_of(entry)
    current = revising().current(key)
    written = form_of(opened(current))
    if request.args.get("text") == "inherited":
        written = sheet.inherited(key, written)
    elif question := request.args.get("question", "")[:200].strip():
        written = sheet.begun(written, question)
    elif questions := begun_for():
        written = sheet.begun_with(written, questions)
    item = _readable(plain_of(written, entry, opened(current)), key)
    return sheet.page(key, place, current, written, current.based_on, {}, sheet.Looks(item))


def look(entry: str) -> ResponseReturnValue:
    """Show what visitors would see and what would change; nothing is saved. A script asks for these parts alone."""
    sent = _sent(entry, "editor")
    item, mistakes = _typed(sent)
    looks = sheet.Looks(item, _looked_up(sent.key, item) if item else None)
    if "parts" in request.form:
        return sheet.parts(sent.key, looks, mistakes)
    return _page(sent, mistakes, looks), WRONG if mistakes else 200


def save(entry: str) -> ResponseReturnValue:
    """Keep a draft, which no visitor sees."""
    sent = _sent(entry, "editor")
    item, mistakes = _typed(sent)
    if item is None:
        return _page(sent, mistakes, sheet.Looks(None)), WRONG
    try:
        revising(begun=begun_for()).save_draft(sent.edit(item))
    except StaleError as error:
        return _stale(sent, error)
    say(_("The draft is saved. Visitors do not see it yet."))
    return _onward(sent)


def publish(entry: str) -> ResponseReturnValue:
    """Let visitors see it. Where a test breaks, a reason is wanted, which the history keeps."""
    sent = _sent(entry, "publisher")
    item, mistakes = _typed(sent)
    if item is None:
        return _page(sent, mistakes, sheet.Looks(None)), WRONG
    found, reach = effect_and_reach(sent.key, item)
    does = _does(found, sent.key, item, reach)
    looks = sheet.Looks(item, does)
    mistakes = _unfit(sent.key, item) | unreasoned(does["breaks"], sent.note)
    if mistakes:
        return _page(sent, mistakes, looks), WRONG
    try:
        revising(begun=begun_for()).publish(sent.edit(item))
    except StaleError as error:
        return _stale(sent, error)
    except KnowledgeError as error:
        return _page(sent, told(error.problems), looks), WRONG
    serve_news()
    say(_("Published. Visitors are answered with it now."))
    return _onward(sent)


def discard(entry: str) -> ResponseReturnValue:
    """Put a draft away; it stays in the history."""
    sent = _sent(entry, "editor")
    if sent.current.draft is None:
        raise RequestError("not_found")
    try:
        revising().discard_draft(sent.key, member().account.email, sent.based_on)
    except StaleError as error:
        return _stale(sent, error)
    say(_("The draft is put away. It stays in the history."))
    return _onward(sent)


def remove(entry: str) -> ResponseReturnValue:
    """Take away what this layer says, so that the wider one is heard again; it stays in the history."""
    sent = _sent(entry, "publisher")
    if sent.current.item is None:
        raise RequestError("not_found")
    found, reach = effect_and_reach(sent.key, None)
    does = shown(found, reach=reach)
    looks = sheet.Looks(_readable(sent.plain, sent.key), does)
    mistakes = unreasoned(does["breaks"], sent.note)
    if mistakes:
        return _page(sent, mistakes, looks), WRONG
    try:
        revising().publish(sent.edit(None))
    except StaleError as error:
        return _stale(sent, error)
    except KnowledgeError as error:
        return _page(sent, told(error.problems), looks), WRONG
    serve_news()
    say(_("Taken away. It stays in the history, from where it can be restored."))
    return see_other("staff.answers", municipality=municipality_here().id)


def key_of(entry: str) -> Key:
    """Return which item an address is about; what cannot be an id is not there."""
    plain = entry.replace("-", "")
    is_id = 0 < len(entry) <= LONGEST_ID and plain.isascii() and plain.isalnum() and entry == entry.lower()
    if not is_id:
        raise RequestError("not_found")
    return Key(place_asked().layer, "entry", entry)


def opened(current: Current) -> Plain | None:
    """Return what an editor begins with: the draft, else what visitors see."""
    if current.draft is not None:
        return current.draft.content
    return None if current.item is None else as_plain(current.item)


def based_on() -> int:
    """Return the version that a form was filled with."""
    number = request.form.get("based_on", "")
    is_number = number.isascii() and number.isdigit() and len(number) < len(str(LARGEST))
    if not is_number:
        raise RequestError("version_missing")
    return int(number)


def note_sent() -> str:
    """Return what was written for the history, on one line."""
    return " ".join(request.form.get("note", "")[:LONGEST_NOTE].split())


def checked(plain: Plain, key: Key) -> Entry:
    """Return the entry; raises KnowledgeError where it could not be shown: it may point to what there is not."""
    item = cast("Entry", read_item("entry", plain, str(key)))
    if problems := new_problems(knowledge(), {key: item}):
        raise KnowledgeError(problems)
    return item


def unreasoned(breaks: int, note: str) -> Mistakes:
    """Say that a reason is wanted where tests break and none was given."""
    if not breaks or note:
        return {}
    said = translations(asked_language()).ngettext(
        "%(number)s test breaks. Mend it, or write why it is to be published all the same.",
        "%(number)s tests break. Mend them, or write why it is to be published all the same.",
        breaks,
    )
    return {"note": [said % {"number": breaks}]}


def _sent(entry: str, role: Any) -> Sent:
    place, key = place_for(role), key_of(entry)
    return Sent(key, place, revising().current(key), read_form(request.form), based_on(), note_sent())


def _typed(sent: Sent) -> tuple[Entry | None, Mistakes]:
    try:
        return checked(sent.plain, sent.key), {}
    except KnowledgeError as error:
        return None, told(error.problems)


def _readable(plain: Plain, key: Key) -> Entry | None:
    try:
        return checked(plain, key)
    except KnowledgeError:
        return None


def _looked_up(key: Key, item: Entry) -> Mapping[str, Any]:
    """Return what an edit does; the tests of other municipalities are not asked while somebody types."""
    is_typing = "parts" in request.form and "wanted" not in request.form
    return _does(effect_of(key, item), key, item, reach_of(key) if is_typing else sure_reach(key, item))


def _does(found: Effect, key: Key, item: Entry, reach: Reach) -> Mapping[str, Any]:
    """Return what an edit does as the page lists it, with the entry's own tests that do not reach it yet."""
    reaching = {(probe.language, probe.question) for probe in found.reaching}
    unmet = [
        {"language": language, "question": question}
        for language, question in item.tests.must_match
        if (language, question) not in reaching
    ]
    seen = lay_over(knowledge(), {key: item}).view(municipality_here().id)
    return {**shown(found, seen, reach), "unmet": unmet}


def _unfit(key: Key, item: Entry) -> Mistakes:
    """Say what visitors would miss: a question to find it by, and an answer."""
    text = sentences(asked_language())
    found = lay_over(knowledge(), {key: item}).view(municipality_here().id).entries[key.id]
    mistakes: Mistakes = {}
    if not any(found.questions):
        mistakes["questions_sv"] = [text(_("Write at least one question, so that visitors find the answer."))]
    if found.answer is None or not (found.answer.sv or found.answer.en):
        mistakes["answer_sv"] = [text(_("Write an answer."))]
    return mistakes


def _page(sent: Sent, mistakes: Mistakes, looks: sheet.Looks) -> str:
    return sheet.page(sent.key, sent.place, sent.current, sent.written, sent.based_on, mistakes, looks, note=sent.note)


def _stale(sent: Sent, error: StaleError) -> ResponseReturnValue:
    """Show both versions; what was typed stays in the form, which is now based on the newest one."""
    current = revising().current(sent.key)
    looks = sheet.Looks(_readable(sent.plain, sent.key), stale=sheet.stale(error.newest, sent.plain))
    return (
        sheet.page(sent.key, sent.place, current, sent.written, current.based_on, {}, looks, note=sent.note),
        STALE,
    )


def _onward(sent: Sent) -> ResponseReturnValue:
    layer = None if sent.place.layer == own_layer() else sent.place.layer
    here = municipality_here().id
    return see_other("staff.answer", municipality=here, entry=sent.key.id, layer=layer)
