"""Whom to turn to, in one language, as replies and pages show it."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

from bot import Contact, Language, phone_link
from web.hours import hours_payload, hours_printed, spoken

call_link = lru_cache(maxsize=4096)(phone_link)


def contact_payload(contact: Contact, language: Language, now: datetime) -> dict[str, Any]:
    """Return `contact` with its texts in `language`, open or closed `now`; `phone_link` is its `tel:` address."""
    return {
        **_reached(contact, language),
        "hours": hours_payload(contact.hours, now, language),
        "phone_hours": hours_payload(contact.phone_hours, now, language, phone=True),
    }


def contact_printed(contact: Contact, language: Language, day: date) -> dict[str, Any]:
    """Return the same for what is read later than on `day`: with its hours, not whether it is open."""
    return {
        **_reached(contact, language),
        "hours": hours_printed(contact.hours, day, language),
        "phone_hours": hours_printed(contact.phone_hours, day, language, phone=True),
    }


def _reached(contact: Contact, language: Language) -> dict[str, Any]:
    return {
        "name": contact.name.best(language),
        "phone": contact.phone,
        "phone_link": call_link(contact.phone) if contact.phone else None,
        "email": contact.email,
        "url": contact.url,
        "address": contact.address,
        "note": contact.note.best(language) if contact.note else None,
        "languages": spoken(contact.languages, language),
    }
