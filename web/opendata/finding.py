"""Which records a list, a feed or an answer holds."""

from dataclasses import replace
from typing import Final

from bot import Filters, Listing, Localized, TableName
from web.services import get_services, today

RELAXED: Final = 12  # records that are shown where nothing fits all of what was asked


def find(municipality: str, table: TableName, filters: Filters, *, offset: int = 0, limit: int) -> Listing:
    """Return those of `table` that fit, from `offset` on; raises UnknownMunicipalityError.

    Where none fits, what is shown instead stands on the first page alone.
    """
    listing = _search(municipality, table, filters, offset + limit)
    shown = listing.shown[:RELAXED] if listing.relaxed and not offset else listing.shown[offset:]
    return replace(listing, shown=shown, occupation=title_of(filters.occupation))


def _search(municipality: str, table: TableName, filters: Filters, shown: int) -> Listing:
    search = get_services().knowledge.assistant.search(municipality)
    match table:
        case "plots":
            return search.plots(filters, shown=shown)
        case "jobs":
            return search.jobs(filters, today(), shown=shown)
        case _:
            return search.places(filters, shown=shown)


def title_of(occupation: str | None) -> Localized | None:
    """Return what an occupation is called first; None where the vocabulary does not know it."""
    known = get_services().knowledge.assistant.knowledge.occupations
    found = next((one for one in known if one.id == occupation), None)
    return Localized(next(iter(found.sv), None), next(iter(found.en), None)) if found else None
