"""Whom to turn to, as a list."""

from urllib.parse import urlsplit

from web.policy.document import Facts, bullets


def ways(facts: Facts) -> str:
    """Return how the municipality is reached."""
    _ = facts.texts
    contact, site = facts.contact, facts.municipality.site
    return bullets(
        contact.name.best(facts.language) if contact else _("%(place)s municipality", place=facts.place),
        _("phone %(phone)s", phone=contact.phone) if contact and contact.phone else None,
        f"[{contact.email}](mailto:{contact.email})" if contact and contact.email else None,
        f"[{urlsplit(site).netloc.removeprefix('www.')}]({site})" if site else None,
    )
