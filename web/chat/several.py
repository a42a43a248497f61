"""What several municipalities have, in words: an overview, what others answer, and which can be chosen."""

from typing import Any, Final

from bot import Answer, Choose, Elsewhere, Language, Municipality, NoAnswer, Overview, Records, Reply
from web.i18n import in_order, translations
from web.records import list_link, record_payload

BEST_FEW: Final = 3


def municipalities_of(reply: Reply) -> list[dict[str, Any]]:
    """Return what stands beside `reply` of other municipalities."""
    match reply:
        case Choose():
            named = [_choosable(one, reply.language) for one in reply.options]
            return sorted(named, key=lambda one: in_order(one["name"], reply.language))
        case Overview():
            return _told(reply.found, reply.language)
        case Answer() | NoAnswer():
            return _told(reply.elsewhere, reply.language)
        case Records():
            return _told(reply.answer.elsewhere, reply.language)
        case _:
            return []


def overview_text(overview: Overview, language: Language) -> str:
    """Say in `language` how many municipalities have what is asked for, and how many have not told."""
    words, found = translations(language), overview.found
    listing = [one for one in found if one.listing]
    if listing:
        text = words.ngettext(
            "%(count)s municipality has what you ask for.",
            "%(count)s municipalities have what you ask for.",
            len(listing),
        )
    else:
        text = words.ngettext(
            "%(count)s municipality has an answer of its own.",
            "%(count)s municipalities have answers of their own.",
            len(found),
        )
    sentences = [text % {"count": len(listing or found)}]
    if listing and len(found) > len(listing):
        sentences.append(words.gettext("The others say where to look."))
    if overview.silent:
        text = words.ngettext(
            "%(count)s municipality has not told anything on this.",
            "%(count)s municipalities have not told anything on this.",
            overview.silent,
        )
        sentences.append(text % {"count": overview.silent})
    where = f"**{overview.group.best(language)}:** " if overview.group else ""
    return where + " ".join(sentences)


def _told(found: tuple[Elsewhere, ...], language: Language) -> list[dict[str, Any]]:
    """Where some have records, those that have none need not be told of at length."""
    has_records = any(one.listing for one in found)
    return [_elsewhere(one, language, text="" if has_records else one.text) for one in found]


def _elsewhere(one: Elsewhere, language: Language, *, text: str) -> dict[str, Any]:
    listing, name = one.listing, one.municipality.id
    return {
        "municipality": name,
        "name": one.municipality.name.best(language),
        "entry": one.entry,
        "title": one.title,
        "title_language": one.title_language,
        "text": text,
        "text_language": one.text_language,
        "link": f"/{name}/{language}/{one.entry}",
        "total": listing.total if listing else 0,
        "records": [record_payload(found, language) for found in listing.shown[:BEST_FEW]] if listing else [],
        "list_link": list_link(name, language, listing.table, listing.filters) if listing else None,
    }


def _choosable(municipality: Municipality, language: Language) -> dict[str, Any]:
    return {
        "municipality": municipality.id,
        "name": municipality.name.best(language),
        "entry": None,
        "title": None,
        "title_language": language,
        "text": "",
        "text_language": language,
        "link": f"/{municipality.id}/{language}/",
        "total": 0,
        "records": [],
        "list_link": None,
    }
