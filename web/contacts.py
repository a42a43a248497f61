"""Whom to turn to, in one language, as replies and pages show it."""

from functools import lru_cache

from bot import Contact, Language, phone_link

call_link = lru_cache(maxsize=4096)(phone_link)


def contact_payload(contact: Contact, language: Language) -> dict[str, str | None]:
    """Return `contact` with its texts in `language`; `phone_link` is its `tel:` address."""
    return {
        "name": contact.name.best(language),
        "phone": contact.phone,
        "phone_link": call_link(contact.phone) if contact.phone else None,
        "email": contact.email,
        "url": contact.url,
        "address": contact.address,
        "note": contact.note.best(language) if contact.note else None,
    }
