"""One more phrasing of an answer: what it would change, before it is added."""

from dataclasses import dataclass
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import LANGUAGES, SAFETY, Language, try_phrasing
from web.errors import RequestError, asked_language
from web.i18n import NAMES
from web.people import suffices
from web.services import get_services, today
from web.staff import clusters
from web.staff.audit import Actor, doing
from web.staff.clusters import Cluster
from web.staff.gap import find
from web.staff.guard import municipality_here, role_here, see_other
from web.staff.phrasings import phrasings
from web.staff.session import member
from web.staff.shell import say

LONGEST: Final = 200
MOST_TRIED: Final = 20


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Wish:
    """Which entry shall answer to which words."""

    entry: str
    language: Language
    text: str


def show(key: str) -> str:
    """Show which answers the questions reach now, and which they would."""
    one = find(key)
    wish = _wish(one)
    assistant, here = get_services().knowledge.assistant, municipality_here()
    asked = [text for text, _language, _number in one.wordings[:MOST_TRIED]]
    effects, broken = try_phrasing(assistant, here.id, wish.entry, wish.language, wish.text, asked, today())
    entries = assistant.knowledge.view(here.id).entries
    values: dict[str, Any] = {
        "one": one,
        "wish": wish,
        "effects": effects,
        "broken": broken,
        "language_name": NAMES[wish.language],
        "title_of": lambda entry: entries[entry].title(asked_language()) if entry in entries else entry,
        "may_add": phrasings() is not None and suffices(role_here(), "publisher"),
        "helped": sum(effect.after.entries[:1] == (wish.entry,) and effect.changes for effect in effects),
    }
    return render_template("staff/phrasing.html", **values)


def add(key: str) -> ResponseReturnValue:
    """Add it to the municipality's own layer, and call the questions solved."""
    one, here, keeper = find(key), municipality_here().id, phrasings()
    wish = _wish(one)
    if keeper is None:
        raise RequestError("not_found")
    account = member().account
    with doing("phrasing_added", scope=here, about=wish.entry) as writing:
        who = Actor(account.id, account.email)
        layer = f"municipalities/{here}"
        keeper.add_phrasing(layer, wish.entry, wish.language, wish.text, who, connection=writing.connection)
        clusters.settle(writing, one, here, "solved", account.email, wish.entry)
        writing.detail |= {"text": wish.text, "language": wish.language}
    say(_("Added. The questions are marked as solved; if they fail again, they come back."))
    return see_other("staff.gap", municipality=here, key=one.key)


def _wish(one: Cluster) -> Wish:
    """Read what is wished; raises RequestError where there is no such entry, or it may not be added to here."""
    entry = request.values.get("entry", "")
    text = " ".join(request.values.get("text", "").split()) or one.title
    language = next((known for known in LANGUAGES if known == request.values.get("language")), one.language)
    known = get_services().knowledge.assistant.knowledge.view(municipality_here().id).entries
    if entry not in known or entry in SAFETY or len(text) > LONGEST or not text.isprintable():
        raise RequestError("not_found")
    return Wish(entry, language, text)
