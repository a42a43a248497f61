"""One more phrasing of an answer: what it would change, before it is added the way the editor saves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import LANGUAGES, SAFETY, Entry, Key, KnowledgeError, Language, as_plain, try_phrasing
from web.errors import RequestError, asked_language
from web.i18n import NAMES, sentences
from web.people import suffices
from web.revising import Current, Edit, StaleError
from web.services import get_services, today
from web.staff.clusters import Cluster
from web.staff.effects import shown, sure_effect
from web.staff.entry import STALE, WRONG, based_on, checked, note_sent, opened, unreasoned
from web.staff.faults import told
from web.staff.gap import find
from web.staff.guard import municipality_here, role_here, see_other
from web.staff.knowing import revising, serve_news
from web.staff.layers import own_layer
from web.staff.session import member
from web.staff.shell import say

LONGEST: Final = 200
MOST_TRIED: Final = 20


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


FASTER: Final = _("Somebody changed this answer meanwhile. Look at what the phrasing changes now, and add it then.")
WAITS: Final = _("A draft of this answer waits. Put the phrasing into the draft, and publish both together.")


@dataclass(frozen=True, slots=True)
class Wish:
    """Which entry shall answer to which words."""

    entry: str
    language: Language
    text: str

    @property
    def key(self) -> Key:
        """The municipality's own words on the entry: there the phrasing goes."""
        return Key(own_layer(), "entry", self.entry)


@dataclass(frozen=True, slots=True)
class Seen:
    """A phrasing beside the entry as it stands. `does`: what visitors would notice, as the editor counts it; None, and
    why it is `refused`, where it cannot be added."""

    current: Current
    does: Mapping[str, Any] | None
    refused: Sequence[str] = ()


def show(key: str) -> str:
    """Show which answers the questions reach now, and which they would."""
    one = find(key)
    return _page(one, _wish(one), ())


def add(key: str) -> ResponseReturnValue:
    """Publish it in the municipality's own layer, and call the questions solved. A broken test wants a reason."""
    one = find(key)
    wish = _wish(one)
    current = revising().current(wish.key)
    if current.draft:
        return _page(one, wish, (sentences(asked_language())(WAITS),)), WRONG
    try:
        item = _with(wish, current)
        found = sure_effect(wish.key, item)
        if mistakes := unreasoned(len(found.breaks), note_sent()):
            return _page(one, wish, mistakes["note"], Seen(current, shown(found))), WRONG
        revising(begun=one).publish(_edit(wish, item))
    except KnowledgeError as error:
        return _page(one, wish, _listed(told(error.problems))), WRONG
    except StaleError:
        return _page(one, wish, (sentences(asked_language())(FASTER),)), STALE
    serve_news()
    say(_("Added. The questions are marked as solved; if they fail again, they come back."))
    return see_other("staff.gap", municipality=municipality_here().id, key=one.key)


def keep(key: str) -> ResponseReturnValue:
    """Put it into a draft, for a publisher to look at."""
    one = find(key)
    wish = _wish(one)
    try:
        revising(begun=one).save_draft(_edit(wish, _with(wish, revising().current(wish.key))))
    except KnowledgeError as error:
        return _page(one, wish, _listed(told(error.problems))), WRONG
    except StaleError:
        return _page(one, wish, (sentences(asked_language())(FASTER),)), STALE
    say(_("The draft is saved. Visitors do not see it yet."))
    return see_other("staff.answer", municipality=municipality_here().id, entry=wish.entry)


def _page(one: Cluster, wish: Wish, mistakes: Sequence[str], seen: Seen | None = None) -> str:
    assistant, here, seen = get_services().knowledge.assistant, municipality_here(), seen or _seen(wish)
    current = seen.current
    asked = [text for text, _language, _number in one.wordings[:MOST_TRIED]]
    effects = try_phrasing(assistant, here.id, wish.entry, wish.language, wish.text, asked, today())
    entries = assistant.knowledge.view(here.id).entries
    values: dict[str, Any] = {
        "one": one,
        "wish": wish,
        "effects": effects,
        "does": seen.does,
        "mistakes": mistakes or seen.refused,
        "note": note_sent(),
        "based_on": current.based_on,
        "has_draft": current.draft is not None,
        "language_name": NAMES[wish.language],
        "title_of": lambda entry: entries[entry].title(asked_language()) if entry in entries else entry,
        "may_add": suffices(role_here(), "publisher"),
        "helped": sum(effect.after.entries[:1] == (wish.entry,) and effect.changes for effect in effects),
    }
    return render_template("staff/phrasing.html", **values)


def _seen(wish: Wish) -> Seen:
    current = revising().current(wish.key)
    try:
        return Seen(current, shown(sure_effect(wish.key, _with(wish, current))))
    except KnowledgeError as error:
        return Seen(current, None, _listed(told(error.problems)))


def _with(wish: Wish, current: Current) -> Entry:
    """Return what the layer says now, or its draft, with the phrasing; raises KnowledgeError where it cannot be so."""
    plain = dict(opened(current) or as_plain(Entry(wish.entry)))
    questions = dict(plain.get("questions") or {})
    known = list(questions.get(wish.language) or ())
    questions[wish.language] = known if wish.text in known else [*known, wish.text]
    return checked({**plain, "questions": questions}, wish.key)


def _edit(wish: Wish, item: Entry) -> Edit:
    return Edit(wish.key, item, member().account.email, based_on(), note_sent() or None)


def _listed(mistakes: Mapping[str, list[str]]) -> list[str]:
    return [said for own in mistakes.values() for said in own]


def _wish(one: Cluster) -> Wish:
    """Read what is wished; raises RequestError where there is no such entry, or it may not be added to here."""
    entry = request.values.get("entry", "")
    text = " ".join(request.values.get("text", "").split()) or one.title
    language = next((known for known in LANGUAGES if known == request.values.get("language")), one.language)
    known = get_services().knowledge.assistant.knowledge.view(municipality_here().id).entries
    if entry not in known or entry in SAFETY or len(text) > LONGEST or not text.isprintable():
        raise RequestError("not_found")
    return Wish(entry, language, text)
