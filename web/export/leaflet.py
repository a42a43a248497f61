"""The leaflet: on two sheets of A4 at most, what to do first, whom to call, and where the chat is."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import segno
from markupsafe import Markup

from bot import Contact, Language, View, is_given
from web import markdown
from web.contacts import contact_printed

FIRST: Final = "moving-checklist"
WELCOME: Final = "newcomer-service"
LONGEST: Final = 1_200  # characters of each text: what fits
MOST: Final = 8  # contacts


def leaflet(view: View, own: Sequence[Contact], language: Language, day: date, chat: str | None) -> dict[str, Any]:
    """Return what the leaflet shows; `own` are the municipality's contacts, `chat` the address of its chat."""
    return {
        "first": _text(view, FIRST, language, day),
        "welcome": _text(view, WELCOME, language, day),
        "people": [contact_printed(one, language, day) for one in _reachable(own)[:MOST]],
        "chat_shown": chat and chat.split("://", 1)[-1].rstrip("/"),
        "code": _code(chat) if chat else None,
    }


def _text(view: View, entry: str, language: Language, day: date) -> dict[str, Any] | None:
    """Return an answer if it is short enough for paper, in the language that it has."""
    found = view.entries.get(entry)
    if found is None or found.answer is None or not is_given(found, day):
        return None
    text = found.answer.best(language)
    if len(text) > LONGEST:
        return None
    tongue = found.answer.language_for(language)
    return {"title": found.title(language), "html": markdown.render(text), "language": tongue}


def _reachable(own: Sequence[Contact]) -> list[Contact]:
    return [one for one in own if one.phone or one.email]


def _code(address: str) -> Markup:
    """Draw `address` as a QR code."""
    drawn = segno.make(address, error="m").svg_inline(
        scale=4, border=2, omitsize=True, svgclass="squares", lineclass=None
    )
    return Markup(drawn)  # noqa: S704 — segno draws paths; nothing of the address stands in them as text
