"""Which records a list, a feed or an answer holds."""

from dataclasses import replace
from typing import Final

from bot import Filters, Listing, Localized, Search, Table, View
from web.frame import view_of
from web.services import get_services, today

RELAXED: Final = 12  # records that are shown where nothing fits all of what was asked


def find(municipality: str, table: Table, filters: Filters, *, offset: int = 0, limit: int) -> Listing:
    """Return those of `table` that fit, from `offset` on; raises UnknownMunicipalityError.

    Where none fits, what is shown instead stands on the first page alone.
    """
    listing = search(view_of(municipality), table, filters, offset + limit)
    shown = listing.shown[:RELAXED] if listing.relaxed and not offset else listing.shown[offset:]
    return replace(listing, shown=shown, occupation=title_of(filters.occupation))


def search(view: View, table: Table, filters: Filters, shown: int) -> Listing:
    """Search one table of a municipality as it is today."""
    found = Search(view.inventory)
    match table:
        case "plots":
            return found.plots(filters, shown=shown)
        case "jobs":
            return found.jobs(filters, today(), shown=shown)
        case _:
            return found.places(filters, shown=shown)


def title_of(occupation: str | None) -> Localized | None:
    """Return what an occupation is called first; None where the vocabulary does not know it."""
    known = get_services().knowledge.assistant.knowledge.occupations
    found = next((one for one in known if one.id == occupation), None)
    return Localized(next(iter(found.sv), None), next(iter(found.en), None)) if found else None
