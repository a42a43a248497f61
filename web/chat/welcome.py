"""What the chat shows when it is opened: whose it is, whom to call, where others start, what it knows."""

from typing import Any, Final

from bot import Language, View, is_given, switched_off
from web.chat.wording import card_words, conversation_texts, in_each, topics
from web.contacts import contact_payload
from web.frame import view_of
from web.i18n import translations
from web.icons import icons
from web.services import now, today

STATUSES: Final = ("status-available", "status-reserved", "status-upcoming")
ICONS: Final = ("arrow", "check", "down", "link", "map", "moving-checklist", "page", "pen", "up", *STATUSES)


def welcome(municipality: str, language: Language, topic: str = "") -> dict[str, Any]:
    """Return what opens the chat of `municipality`, beginning with `topic` where that is answered there.

    Raises UnknownMunicipalityError.
    """
    view = view_of(municipality)
    found = view.municipality
    contact = view.contacts.get(found.switchboard or "")
    return {
        "municipality": found.id,
        "language": language,
        "name": found.name.best(language),
        "official": found.official,
        "accent": found.accent,
        "greeting": found.greeting.best(language) if found.greeting else None,
        "switched_off": closed(view, language),
        "switchboard": contact_payload(contact, language, now()) if contact else None,
        "topics": [] if found.switched_off else _around(view, topic, language) or _starts(view, language),
        "link": f"/{found.id}/{language}/",
        "texts": conversation_texts(language),
        "words": in_each(card_words),
        "icons": icons(ICONS),
    }


def closed(view: View, language: Language) -> dict[str, Any] | None:
    """Return why nothing is answered at present, and whom to turn to; None where everything is."""
    off = switched_off(view, language)
    if off is None or off.switched_off is None:
        return None
    contacts = [contact_payload(contact, language, now()) for contact in off.contacts]
    title = translations(language).gettext("The chat is switched off at present")
    return {"title": title, "reason": off.switched_off.best(language), "contacts": contacts}


def titles(municipality: str, language: Language) -> list[dict[str, str]]:
    """Return every entry that `municipality` answers today, by its title; raises UnknownMunicipalityError."""
    entries = view_of(municipality).entries.values()
    return [
        {"entry": one.id, "title": one.title(language), "title_language": one.title_language(language)}
        for one in entries
        if is_given(one, today())
    ]


def _starts(view: View, language: Language) -> list[dict[str, str]]:
    labels = topics(language).items()
    return [_step(view, entry, label, language, language) for entry, label in labels if _is_given(view, entry)]


def _around(view: View, topic: str, language: Language) -> list[dict[str, str]]:
    if not _is_given(view, topic):
        return []
    near = [topic, *(entry for entry in view.entries[topic].next if _is_given(view, entry))]
    found = (view.entries[entry] for entry in near)
    return [_step(view, one.id, one.title(language), one.title_language(language), language) for one in found]


def _is_given(view: View, entry: str) -> bool:
    return entry in view.entries and is_given(view.entries[entry], today())


def _step(view: View, entry: str, title: str, spoken: Language, language: Language) -> dict[str, str]:
    link = f"/{view.municipality.id}/{language}/{entry}"
    return {"entry": entry, "title": title, "title_language": spoken, "link": link}
