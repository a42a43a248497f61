"""The form that narrows a list: a field for every filter, with the choices that the records themselves give."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from bot import Extent, Filters, Inventory, Language, PlaceKind, PlotStatus, PlotType, TableName, fold
from web.i18n import in_order, translations
from web.opendata.finding import title_of
from web.records import EXTENTS, KINDS, NEAR, OF_TABLE, SORTS, STATUSES, TYPES, metres, sentence
from web.services import get_services, today

Choice = tuple[str, str]  # value, label


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


LABELS: Final[Mapping[str, str]] = {
    "place": _("Village"),
    "type": _("What it is for"),
    "status": _("Status"),
    "price_min": _("Price from (kr)"),
    "price_max": _("Price up to (kr)"),
    "area_min": _("Area from (m²)"),
    "area_max": _("Area up to (m²)"),
    "water_sewage": _("Municipal water and sewage"),
    "ready_to_build": _("Ready to build"),
    "near": _("Near (within %(distance)s)"),
    "sort": _("Order"),
    "occupation": _("Occupation"),
    "employer": _("Employer"),
    "extent": _("Full time or part time"),
    "kind": _("Kind of place"),
}
ANY: Final = _("All the same")
NUMBERS: Final = ("price_min", "price_max", "area_min", "area_max")
STEPS: Final = {"price_min": 1000, "price_max": 1000, "area_min": 100, "area_max": 100}
OFFERED: Final = tuple(status for status in get_args(PlotStatus) if status != "sold")


def fields(inventory: Inventory, table: TableName, filters: Filters, language: Language) -> list[dict[str, Any]]:
    """Return the fields for `table`, with what is asked now."""
    said = filters.said
    return [_field(name, said.get(name), inventory, table, language) for name in OF_TABLE[table]]


def _field(name: str, value: Any, inventory: Inventory, table: TableName, language: Language) -> dict[str, Any]:
    gettext = translations(language).gettext
    near = metres(get_services().settings.near_metres, language)
    field = {"name": name, "label": gettext(LABELS[name]) % {"distance": near}}
    if name in NUMBERS:
        return {**field, "number": True, "value": "" if value is None else value}
    chosen = str(value).lower() if isinstance(value, bool) else value
    choices = [("", gettext(ANY)), *CHOICES[name](inventory, table, language)]
    if chosen and chosen not in dict(choices):
        choices.append((chosen, chosen))
    return {
        **field,
        "number": False,
        "choices": [{"value": one, "label": label, "chosen": one == (chosen or "")} for one, label in choices],
    }


def _listed(words: Mapping[str, str], values: Iterable[str], language: Language) -> list[Choice]:
    gettext = translations(language).gettext
    return [(value, sentence(gettext(words[value]))) for value in values]


def _types(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    return _listed(TYPES, get_args(PlotType), language)


def _statuses(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    return _listed(STATUSES, OFFERED, language)


def _near(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    """Only what has a place on the map can be near."""
    known = {place.kind for place in inventory.places.values() if place.position}
    return _listed(NEAR, [kind for kind in NEAR if kind in known], language)


def _sorts(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    return _listed(SORTS, SORTS, language)


def _extents(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    return _listed(EXTENTS, get_args(Extent), language)


def _kinds(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    known = {place.kind for place in inventory.places.values()}
    return _listed(KINDS, [kind for kind in get_args(PlaceKind) if kind in known], language)


def _yes_no(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    gettext = translations(language).gettext
    return [("true", gettext(_("Yes"))), ("false", gettext(_("No")))]


def _places(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    names = [record.place for record in listed(inventory, table) if record.place]
    if table == "places":
        villages = (place for place in inventory.places.values() if place.kind == "village")
        names += [village.name.best("sv") for village in villages]
    return _names(names, language)


def _employers(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    return _names((job.employer for job in listed(inventory, "jobs")), language)


def _occupations(inventory: Inventory, table: TableName, language: Language) -> list[Choice]:
    known = {job.occupation for job in listed(inventory, "jobs") if job.occupation}
    titles = {one: title_of(one) for one in known}
    named = [(one, sentence(title.best(language)) if title else one) for one, title in titles.items()]
    return sorted(named, key=lambda choice: in_order(choice[1], language))


def listed(inventory: Inventory, table: TableName) -> Sequence[Any]:
    """Return the records of `table` that are listed today."""
    match table:
        case "plots":
            return [plot for plot in inventory.plots.values() if plot.is_offered]
        case "jobs":
            day = today()
            return [job for job in inventory.jobs.values() if job.is_open(day)]
        case _:
            return list(inventory.places.values())


def _names(names: Iterable[str], language: Language) -> list[Choice]:
    """Offer each name once, as it is written first: a filter does not tell Hällnäs from hällnäs."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(fold(name), name)
    return [(name, name) for name in sorted(first.values(), key=lambda name: in_order(name, language))]


CHOICES: Final[Mapping[str, Callable[[Inventory, TableName, Language], list[Choice]]]] = {
    "place": _places,
    "type": _types,
    "status": _statuses,
    "water_sewage": _yes_no,
    "ready_to_build": _yes_no,
    "near": _near,
    "sort": _sorts,
    "occupation": _occupations,
    "employer": _employers,
    "extent": _extents,
    "kind": _kinds,
}
