"""The page of a list, as its template shows it; the map is drawn from the same addresses by map.js."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from flask import url_for

from bot import Filters, Found, Job, Language, Listing, Place, Plot, TableName, fold
from web import markdown, schema_org
from web.frame import LISTS, addresses, frame, lists_of, origin, view_of
from web.i18n import REGIONS, format_date, languages, translations
from web.opendata import atom, form, leaflet
from web.opendata.document import MOST_AT_ONCE
from web.opendata.finding import find
from web.records import (
    EXAMPLES,
    EXTENTS,
    KINDS,
    STATUSES,
    area,
    chip_text,
    chips,
    money,
    query,
    record_payload,
    sentence,
    summary,
)
from web.services import get_services

PER_PAGE: Final = 50
BESIDE: Final = 2  # numbered pages on each side of the one that is shown


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


HEADINGS: Final[Mapping[str, str]] = {
    "plots": _("Building plots in %(place)s"),
    "jobs": _("Jobs in %(place)s"),
    "places": _("Villages and services in %(place)s"),
}
NOTHING: Final[Mapping[str, str]] = {
    "plots": _("Nobody has entered any plots for %(place)s yet. The municipality knows what is for sale."),
    "jobs": _("Nobody has entered any vacancies for %(place)s yet. The municipality knows who is looking for people."),
    "places": _("Nobody has entered any villages or services for %(place)s yet."),
}
SOME_EXAMPLES: Final = _("Those marked “Example” show how it will look. Nobody offers them.")


def shown(listing: Listing, page: int, municipality: str, language: Language) -> dict[str, Any]:
    """Return everything that map.html shows of `listing`."""
    shared = frame(municipality, language)
    inventory, table, filters = view_of(municipality).inventory, listing.table, listing.filters
    here = {tongue: _address(municipality, tongue, table, filters, page) for tongue in languages()}
    gettext = translations(language).gettext
    heading = gettext(HEADINGS[table]) % {"place": shared["place"]}
    return {
        **shared,
        **addresses(here, here["sv"]),
        "table": table,
        "heading": heading,
        "description": f"{heading}: {told(listing, language)}",
        "told": told(listing, language),
        "nothing": gettext(NOTHING[table]) % {"place": shared["place"]} if _is_empty(listing) else None,
        "tables": _tables(municipality, language, table),
        "fields": form.fields(inventory, table, filters, language),
        "chips": chips(listing, municipality, language),
        "all": _address(municipality, language, table, Filters(), 1),
        "examples": _examples(listing.shown, language),
        "fetched": _fetched(municipality, table, language),
        "records": [record_payload(found, language) for found in listing.shown],
        "turning": _turning(listing, page, municipality, language),
        "watch": _feed_address(municipality, language, table, filters) if table != "places" else None,
        "files": _files(municipality, table, filters),
        "structured": schema_org.places(listing.shown, language),
        "map": _map(listing, page, municipality, language),
        "attribution": markdown.render(get_services().settings.tile_attribution or ""),
    }


def told(listing: Listing, language: Language) -> str:
    """Say how many there are, or what the chat would say of what was asked."""
    if listing.filters.said or not listing.total:
        return summary(listing, language)
    ngettext = translations(language).ngettext
    counted = {
        "plots": ngettext("%(count)s plot", "%(count)s plots", listing.total),
        "jobs": ngettext("%(count)s vacancy", "%(count)s vacancies", listing.total),
        "places": ngettext("%(count)s place", "%(count)s places", listing.total),
    }
    return counted[listing.table] % {"count": listing.total}


def feed_of(municipality: str, language: Language, listing: Listing) -> atom.Feed:
    """Return the head of the feed that tells of `listing`."""
    table, filters = listing.table, listing.filters
    place = view_of(municipality).municipality.name.best(language)
    wishes = ", ".join(chip_text(name, value, listing, language) for name, value in filters.said.items())
    title = translations(language).gettext(HEADINGS[table]) % {"place": place}
    return atom.Feed(
        municipality=municipality,
        author=place,
        table=table,
        language=language,
        filters=filters,
        title=f"{title}: {wishes}" if wishes else title,
        address=origin() + _feed_address(municipality, language, table, filters),
        page=origin() + _address(municipality, language, table, filters, 1),
    )


def card_addresses(feed: atom.Feed, found: Sequence[Found]) -> list[str]:
    """Return where the card of each record stands in the list that `feed` tells of."""
    addresses = []
    for place, one in enumerate(found):
        page = _address(feed.municipality, feed.language, feed.table, feed.filters, place // PER_PAGE + 1)
        addresses.append(f"{origin()}{page}#record-{one.record.id}")
    return addresses


def _fetched(municipality: str, table: TableName, language: Language) -> str | None:
    """Say when the imported rows were last found to be current."""
    services = get_services()
    fetched = services.knowledge.fetched(municipality, table)
    if fetched is None:
        return None
    day = format_date(fetched.astimezone(services.settings.timezone).date(), language)
    return translations(language).gettext(_("Last fetched on %(date)s.")) % {"date": day}


def _is_empty(listing: Listing) -> bool:
    return not listing.total and not listing.filters.said


def _tables(municipality: str, language: Language, table: TableName) -> list[dict[str, Any]]:
    """Return the lists to choose among: those that hold anything, and the one that is shown."""
    known = {one["table"]: one for one in lists_of(municipality, language)}
    name = translations(language).gettext(LISTS[table])
    known.setdefault(table, {"table": table, "name": name, "count": 0, "link": ""})
    return [known[one] for one in LISTS if one in known]


def _examples(found: Sequence[Found], language: Language) -> str | None:
    examples = [one.record.example for one in found]
    if not any(examples):
        return None
    return translations(language).gettext(EXAMPLES if all(examples) else SOME_EXAMPLES)


def _turning(listing: Listing, page: int, municipality: str, language: Language) -> dict[str, Any] | None:
    """Return the links to other pages: the first, the last and those beside this one; None where all is on one."""
    last = -(-listing.total // PER_PAGE)
    if last <= 1:
        return None
    near = {1, last, *range(max(page - BESIDE, 1), min(page + BESIDE, last) + 1)}
    links = {number: _address(municipality, language, listing.table, listing.filters, number) for number in near}
    return {
        "pages": [
            {"number": number, "link": links[number], "skips": number > 1 and number - 1 not in near}
            for number in sorted(near)
        ],
        "page": page,
        "last": last,
        "before": links.get(page - 1),
        "after": links.get(page + 1),
    }


def _files(municipality: str, table: TableName, filters: Filters) -> dict[str, str]:
    said = {"municipality": municipality, **query(filters, table)}
    address = url_for(f"opendata.{table}")
    return {"json": _with(address, said), "csv": _with(address, {**said, "format": "csv"})}


def _address(municipality: str, language: Language, table: TableName, filters: Filters, page: int) -> str:
    said: dict[str, Any] = {"show": table, **query(filters, table)}
    if page > 1:
        said["page"] = page
    return _with(url_for("lists.page", municipality=municipality, language=language), said)


def _feed_address(municipality: str, language: Language, table: TableName, filters: Filters) -> str:
    address = url_for("lists.feed", municipality=municipality, language=language, table=table)
    return _with(address, query(filters, table))


def _with(address: str, parameters: Mapping[str, Any]) -> str:
    return f"{address}?{urlencode(parameters)}" if parameters else address


# the map


def _map(listing: Listing, page: int, municipality: str, language: Language) -> dict[str, Any] | None:
    """Return what map.js needs; None where nothing of the list lies anywhere that is known."""
    if not listing.total or not _can_be_drawn(listing, municipality):
        return None
    whose = {"municipality": municipality, "limit": MOST_AT_ONCE}
    said = query(listing.filters, listing.table)
    return {
        "table": listing.table,
        "records": _with(url_for(f"opendata.{listing.table}"), {**whose, **said}),
        "villages": _with(url_for("opendata.places"), {**whose, "kind": "village"}),
        "list": _address(municipality, language, listing.table, listing.filters, 1),
        "perPage": PER_PAGE,
        "page": page,
        "leaflet": leaflet.addresses(),
        "icons": url_for("static", filename="icons.svg"),
        "tiles": get_services().settings.tile_url,
        "language": language,
        "locale": REGIONS[language].replace("_", "-"),
        "money": money(0, language).replace("0", "#"),
        "area": area(0, language).replace("0", "#"),
        "texts": map_texts(language),
    }


def _can_be_drawn(listing: Listing, municipality: str) -> bool:
    """Whether any record that the map would show lies somewhere; a vacancy lies in its village."""
    places = view_of(municipality).inventory.places.values()
    villages = {fold(one.name.best("sv")) for one in places if one.kind == "village" and one.position}
    if any(_is_somewhere(found.record, villages) for found in listing.shown):
        return True
    whole = find(municipality, listing.table, listing.filters, limit=MOST_AT_ONCE).shown
    return any(_is_somewhere(found.record, villages) for found in whole)


def _is_somewhere(record: Plot | Job | Place, villages: set[str]) -> bool:
    match record:
        case Plot():
            return record.middle is not None
        case Place():
            return record.position is not None
        case Job():
            return record.place is not None and fold(record.place) in villages


def map_texts(language: Language) -> dict[str, Any]:
    """Return what the map says itself."""
    gettext = translations(language).gettext
    return {
        "show": gettext("Show on map"),
        "hide": gettext("Hide the map"),
        "loading": gettext("The map is coming …"),
        "failed": gettext("The map could not be loaded. Everything stands in the list."),
        "zoomIn": gettext("Zoom in"),
        "zoomOut": gettext("Zoom out"),
        "close": gettext("Close"),
        "card": gettext("Show in the list"),
        "group": gettext("%(count)s here: %(names)s"),
        "more": gettext("%(count)s more are in the list."),
        "drawn": gettext("%(drawn)s of %(total)s are on the map; the others have no position and stand in the list."),
        "cut": gettext("The map shows the first %(drawn)s of %(total)s."),
        "example": gettext("Example"),
        "noPrice": gettext("price unknown"),
        "noArea": gettext("area unknown"),
        "plotIn": gettext("Plot in %(place)s"),
        "plot": gettext("Plot %(id)s"),
        "statuses": {name: gettext(words) for name, words in STATUSES.items()},
        "kinds": {name: gettext(words) for name, words in KINDS.items()},
        "extents": {name: sentence(gettext(words)) for name, words in EXTENTS.items()},
    }
