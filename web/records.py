"""Records in words: as cards, what was understood as chips, and what had to give way as a sentence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final
from urllib.parse import urlencode

from babel.numbers import format_decimal

from bot import (
    Cell,
    Comparison,
    Filters,
    Found,
    Job,
    Language,
    Listing,
    Localized,
    Place,
    Plot,
    Relaxed,
    TableName,
    Together,
)
from web.contacts import call_link
from web.i18n import REGIONS, format_date, translations

Words = Mapping[str, str]
ONE_KILOMETRE: Final = 1_000  # m


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


TYPES: Final[Words] = {
    "house": _("for a house"),
    "leisure": _("for a holiday home"),
    "horse": _("with room for horses"),
    "multi-family": _("for several homes"),
    "business": _("for a business"),
}
STATUSES: Final[Words] = {
    "available": _("Available"),
    "reserved": _("Reserved"),
    "sold": _("Sold"),
    "upcoming": _("Coming later"),
}
NEAR: Final[Words] = {
    "school": _("a school"),
    "preschool": _("a preschool"),
    "station": _("a station"),
    "shop": _("a shop"),
    "lake": _("a lake"),
}
KINDS: Final[Words] = {
    "village": _("Village"),
    "school": _("School"),
    "preschool": _("Preschool"),
    "station": _("Station"),
    "shop": _("Shop"),
    "lake": _("Lake"),
    "library": _("Library"),
    "health-centre": _("Health centre"),
    "pharmacy": _("Pharmacy"),
    "recycling": _("Recycling"),
    "sports": _("Sports"),
    "culture": _("Culture"),
    "fuel": _("Fuel"),
    "business": _("Business"),
    "service": _("Service"),
}
EXTENTS: Final[Words] = {"full-time": _("full time"), "part-time": _("part time")}
SORTS: Final[Words] = {
    "price": _("cheapest first"),
    "-price": _("dearest first"),
    "area": _("smallest first"),
    "-area": _("largest first"),
    "distance": _("nearest first"),
}


# the filters that a table knows; what else was understood makes no difference to it
OF_TABLE: Final[Mapping[TableName, tuple[str, ...]]] = {
    "plots": (
        *("place", "type", "status", "price_min", "price_max", "area_min", "area_max"),
        *("water_sewage", "ready_to_build", "near", "sort"),
    ),
    "jobs": ("occupation", "place", "employer", "extent"),
    "places": ("kind", "place"),
}
EXAMPLES: Final = _("These are examples that show how it will look. Nobody offers them.")


def records_payload(listing: Listing, municipality: str, language: Language) -> dict[str, Any]:
    """Return what a reply with records has beside its answer: cards, filters, chips and where the whole list is."""
    return {
        "records": [record_payload(found, language) for found in listing.shown],
        "total": listing.total,
        "filters": listing.filters.said,
        "chips": chips(listing, municipality, language),
        "relaxed": {step.name: step.would_do for step in listing.relaxed} or None,
        "list_link": list_link(municipality, language, listing.table, listing.filters),
        "together": [
            {
                "municipality": one.municipality.name.best(language),
                "place": one.place,
                "jobs": [job.id for job in one.jobs],
            }
            for one in listing.together or ()
        ],
    }


def list_link(municipality: str, language: Language, table: TableName, filters: Filters) -> str:
    """Return the address of the page that lists and maps what fits `filters`."""
    return f"/{municipality}/{language}/map?" + urlencode({"show": table, **query(filters, table)})


def query(filters: Filters, table: TableName) -> dict[str, str]:
    """Return those of `filters` that `table` knows as the parameters of an address."""
    said = filters.said
    return {name: _parameter(said[name]) for name in OF_TABLE[table] if name in said}


def _parameter(value: Any) -> str:
    """Write one value; no price or area in an address is below nothing."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(max(value, 0) if isinstance(value, int) else value)


def summary(listing: Listing, language: Language) -> str:
    """Say in a sentence or two what was found, or what had to give way."""
    if listing.together is not None:
        return _said_together(listing.together, language)
    if listing.relaxed:
        return " ".join(_gave_way(listing.relaxed, listing, language))
    words = translations(language)
    if not listing.total:
        nothing = {"plots": _("No plot fits."), "jobs": _("No vacancy fits."), "places": _("No place fits.")}
        if listing.filters.status == "sold":
            return words.gettext(_("Plots that are sold are not listed."))
        return words.gettext(nothing.get(listing.table, ""))
    if listing.table == "jobs":
        text = words.ngettext("%(count)s vacancy fits.", "%(count)s vacancies fit.", listing.total)
    elif listing.table == "places":
        text = words.ngettext("%(count)s place fits.", "%(count)s places fit.", listing.total)
    else:
        text = words.ngettext("%(count)s plot fits.", "%(count)s plots fit.", listing.total)
    return text % {"count": listing.total}


def _said_together(places: Sequence[Together], language: Language) -> str:
    gettext = translations(language).gettext
    if not places:
        return gettext(_("No place here has vacancies for both right now. These are the vacancies that there are."))
    names = [one.municipality.name.best(language) for one in places]
    shown = [
        f"{one.place} ({name})" if one.place and one.place != name else name
        for one, name in zip(places, names, strict=True)
    ]
    return gettext(_("There are vacancies for both in: %(places)s.")) % {"places": ", ".join(shown)}


def comparison_payload(comparison: Comparison) -> dict[str, Any]:
    """Return a comparison as a table of words; what nobody has told says so."""
    language = comparison.language
    return {
        "columns": [column.best(language) for column in comparison.columns],
        "rows": [
            {"id": row.id, "label": row.label.best(language), "cells": [_cell(cell, language) for cell in row.cells]}
            for row in comparison.rows
        ],
    }


def _cell(cell: Cell, language: Language) -> dict[str, str | None]:
    url = cell.source.url if cell.source else None
    return {"text": cell_text(cell, language), "source": url}


def cell_text(cell: Cell, language: Language) -> str:
    """Write one value with its unit."""
    gettext = translations(language).gettext
    match cell.value:
        case None:
            return gettext(_("unknown"))
        case Localized() as text:
            return text.best(language)
        case number if cell.unit in ("kr", "kr/month", "kr/m2"):
            per = {"kr": "%(value)s", "kr/month": _("%(value)s a month"), "kr/m2": _("%(value)s per m²")}[cell.unit]
            return gettext(per) % {"value": money(number, language)}
        case number:
            written = format_decimal(number, locale=REGIONS[language])
            return gettext(UNITS[cell.unit]) % {"value": written} if cell.unit in UNITS else written


UNITS: Final[Mapping[str | None, str]] = {
    "m2": "%(value)s m²",
    "km": "%(value)s km",
    "km2": "%(value)s km²",
    "minutes": _("%(value)s minutes"),
    "percent": _("%(value)s per cent"),
    "years": _("%(value)s years"),
}


def record_payload(found: Found, language: Language) -> dict[str, Any]:
    """Return one record: its values under their own names, and the same in words to be shown."""
    record = found.record
    match record:
        case Plot():
            shown = _plot(record, language)
        case Job():
            shown = _job(record, language)
        case Place():
            shown = _place(record, language)
    if found.distance_m is not None and found.nearest is not None:
        name = found.nearest.name.best(language)
        known = found.nearest.position is not None
        text = _("%(distance)s to %(place)s, straight") if known else _("about %(distance)s to %(place)s, straight")
        words = {"distance": metres(found.distance_m, language), "place": name}
        shown["lines"].append(translations(language).gettext(text) % words)
        shown["distance_m"] = round(found.distance_m)
    return shown


def chips(listing: Listing, municipality: str, language: Language) -> list[dict[str, str | None]]:
    """Return what was understood, each with the list that comes without it; and each wish that no filter holds."""
    said = listing.filters.said
    shown: list[dict[str, str | None]] = [
        {
            "name": name,
            "text": chip_text(name, value, listing, language),
            "without": list_link(municipality, language, listing.table, _without(listing.filters, name)),
        }
        for name, value in said.items()
    ]
    cannot = translations(language).gettext(_("“%(wish)s”: I cannot look for that"))
    shown += [{"name": None, "text": cannot % {"wish": wish}, "without": None} for wish in listing.wishes]
    return shown


def chip_text(name: str, value: Any, listing: Listing, language: Language) -> str:
    """Say one filter of `listing` in words."""
    if name == "occupation" and listing.occupation:
        return listing.occupation.best(language)
    gettext = translations(language).gettext
    if name in TEXTS:
        kind, message = TEXTS[name]
        return gettext(message) % {"value": kind(value, language)}
    if name in ("water_sewage", "ready_to_build"):
        return gettext(YES_NO[name, bool(value)])
    return str(value)


def money(value: float, language: Language) -> str:
    """Write kr: 150 000 kr, SEK 150,000."""
    number = format_decimal(round(value), locale=REGIONS[language])
    return f"SEK {number}" if language == "en" else f"{number} kr"


def area(value: float, language: Language) -> str:
    """Write m²: 1 240 m², 1,240 m²."""
    return f"{format_decimal(round(value), locale=REGIONS[language])} m²"


def metres(value: float, language: Language) -> str:
    """Write a distance: 350 m, 1,8 km."""
    if value < ONE_KILOMETRE:
        return f"{round(value, -1):.0f} m"
    return f"{format_decimal(round(value / ONE_KILOMETRE, 1), locale=REGIONS[language])} km"


def _translated(words: Words) -> Callable[[Any, Language], str]:
    return lambda value, language: translations(language).gettext(words[value])


def _as_written(value: Any, language: Language) -> str:
    return str(value)


TEXTS: Final[Mapping[str, tuple[Callable[[Any, Language], str], str]]] = {
    "place": (_as_written, _("in %(value)s")),
    "employer": (_as_written, _("at %(value)s")),
    "type": (_translated(TYPES), "%(value)s"),
    "status": (_translated(STATUSES), "%(value)s"),
    "price_min": (money, _("at least %(value)s")),
    "price_max": (money, _("at most %(value)s")),
    "area_min": (area, _("at least %(value)s")),
    "area_max": (area, _("at most %(value)s")),
    "near": (_translated(NEAR), _("near %(value)s")),
    "sort": (_translated(SORTS), "%(value)s"),
    "occupation": (_as_written, "%(value)s"),
    "extent": (_translated(EXTENTS), "%(value)s"),
    "kind": (_translated(KINDS), "%(value)s"),
}
YES_NO: Final[Mapping[tuple[str, bool], str]] = {
    ("water_sewage", True): _("municipal water and sewage"),
    ("water_sewage", False): _("no municipal water and sewage"),
    ("ready_to_build", True): _("ready to build"),
    ("ready_to_build", False): _("not ready to build"),
}


def _without(filters: Filters, name: str) -> Filters:
    kept = {other: value for other, value in filters.said.items() if other != name}
    if name == "near" and kept.get("sort") == "distance":
        kept.pop("sort")
    return Filters(**kept)


def _plot(plot: Plot, language: Language) -> dict[str, Any]:
    gettext = translations(language).gettext
    price = gettext(_("price unknown")) if plot.price is None else money(plot.price, language)
    size = gettext(_("area unknown")) if plot.area_m2 is None else area(plot.area_m2, language)
    lines = [f"{size}, {price}"]
    if plot.type:
        lines.append(sentence(gettext(TYPES[plot.type])))
    lines += [
        sentence(gettext(YES_NO[name, value]))
        for name in ("water_sewage", "ready_to_build")
        if (value := getattr(plot, name)) is not None
    ]
    return {
        **_common(plot, language),
        "title": _plot_title(plot, language),
        "badge": gettext(STATUSES[plot.status]),
        "lines": lines,
        "details": [*([plot.plan] if plot.plan else []), *_texts((plot.building_right, plot.allocation), language)],
        "designation": plot.designation,
        "place": plot.place,
        "type": plot.type,
        "status": plot.status,
        "area_m2": plot.area_m2,
        "price_kr": plot.price,
        "water_sewage": plot.water_sewage,
        "ready_to_build": plot.ready_to_build,
        "position": plot.middle,
    }


def _texts(texts: Iterable[Localized | None], language: Language) -> list[str]:
    return [text.best(language) for text in texts if text]


def _plot_title(plot: Plot, language: Language) -> str:
    gettext = translations(language).gettext
    if plot.designation:
        return f"{plot.designation}, {plot.place}" if plot.place else plot.designation
    if plot.place:
        return gettext(_("Plot in %(place)s")) % {"place": plot.place}
    return gettext(_("Plot %(id)s")) % {"id": plot.id}


def _job(job: Job, language: Language) -> dict[str, Any]:
    gettext = translations(language).gettext
    lines = [f"{job.employer}, {job.place}" if job.place else job.employer]
    if job.extent:
        lines.append(sentence(gettext(EXTENTS[job.extent])))
    if job.deadline:
        lines.append(gettext(_("Apply by %(date)s")) % {"date": format_date(job.deadline, language)})
    return {
        **_common(job, language),
        "title": job.title.best(language),
        "badge": None,
        "lines": lines,
        "employer": job.employer,
        "place": job.place,
        "occupation": job.occupation,
        "extent": job.extent,
        "deadline": job.deadline.isoformat() if job.deadline else None,
    }


def _place(place: Place, language: Language) -> dict[str, Any]:
    return {
        **_common(place, language),
        "title": place.name.best(language),
        "badge": translations(language).gettext(KINDS[place.kind]),
        "lines": [text for text in (_where(place), *_texts([place.note], language)) if text],
        "kind": place.kind,
        "phone": place.phone,
        "phone_link": call_link(place.phone) if place.phone else None,
        "place": place.place,
        "position": place.position,
    }


def _where(place: Place) -> str:
    """Write the address and the village; a village lies in itself."""
    return ", ".join(
        text for text in (place.address, place.place) if text and text not in (place.name.sv, place.name.en)
    )


def _common(record: Plot | Job | Place, language: Language) -> dict[str, Any]:
    example = translations(language).gettext(_("Example"))
    return {
        "id": record.id,
        "example": record.example,
        "example_text": example if record.example else None,
        "url": record.url,
        "details": [],
    }


def sentence(text: str) -> str:
    """Begin `text` with a capital letter."""
    return text[:1].upper() + text[1:]


def _gave_way(relaxed: Sequence[Relaxed], listing: Listing, language: Language) -> list[str]:
    gettext = translations(language).gettext
    sentences = []
    if len(relaxed) > 1:
        sentences.append(gettext(_("Nothing fits unless two wishes give way.")))
    return sentences + [_step(step, listing, language) for step in relaxed]


def _step(step: Relaxed, listing: Listing, language: Language) -> str:
    gettext = translations(language).gettext
    if step.name in LIMITS and step.would_do is not None:
        write = money if step.name.startswith("price") else area
        said = {"limit": write(step.said, language), "value": write(step.would_do, language)}
        return gettext(LIMITS[step.name]) % said
    wish = chip_text(step.name, step.said, listing, language)
    nothing = gettext(_("Nothing fits this wish: %(wish)s.")) % {"wish": wish}
    others = gettext(_("This is what there is without it."))
    return f"{nothing} {others}" if listing.shown else nothing


LIMITS: Final[Words] = {
    "price_max": _("Nothing for %(limit)s or less. The cheapest that fits otherwise costs %(value)s."),
    "price_min": _("Nothing for %(limit)s or more. The dearest that fits otherwise costs %(value)s."),
    "area_min": _("Nothing of %(limit)s or more. The largest that fits otherwise has %(value)s."),
    "area_max": _("Nothing of %(limit)s or less. The smallest that fits otherwise has %(value)s."),
}


@cache
def record_words(language: Language) -> dict[str, str]:
    """Return what the script writes around records; parts.html writes the same."""
    gettext = translations(language).gettext
    return {
        "understood": gettext("This is what I understood:"),
        "remove": gettext("Remove: %(filter)s"),
        "whole_list": gettext("List and map"),
        "plan": gettext("Make your moving plan"),
        "more": gettext("More about it"),
    }
