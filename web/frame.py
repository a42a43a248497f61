"""What every page of a municipality shares: whose it is, its colours, whom to call, where its lists are."""

import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from flask import abort, redirect, request, url_for
from werkzeug.wrappers import Response as Redirect

from bot import Inventory, Language, Municipality, TableName, View
from web.accent import fingerprint
from web.contacts import contact_payload
from web.i18n import translations
from web.services import get_services, now, today


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


LISTS: Final[Mapping[TableName, str]] = {
    "plots": _("Plots"),
    "jobs": _("Jobs"),
    "places": _("Villages and services"),
}


def correct_spelling() -> Redirect | None:
    """Lead /överkalix/ and /Vindeln/ to the address of that municipality; 404 where there is none."""
    asked = (request.view_args or {}).get("municipality")
    if asked is None or request.endpoint is None or asked in municipalities():
        return None
    meant = as_id(asked)
    if meant not in municipalities():
        abort(404)
    right = url_for(request.endpoint, **{**(request.view_args or {}), "municipality": meant})
    parameters = request.query_string.decode("ascii", "ignore")
    return redirect(f"{right}?{parameters}" if parameters else right, 308)


def frame(municipality: str, language: Language) -> dict[str, Any]:
    """Return what the templates of a municipality's pages need, whatever stands on them."""
    view = view_of(municipality)
    found = view.municipality
    contact = view.contacts.get(found.switchboard or "")
    return {
        "municipality": found,
        "place": found.name.best(language),
        "official": found.official,
        "greeting": found.greeting.best(language) if found.greeting else None,
        "shade": fingerprint(found.accent),
        "plan_link": plan_link(municipality, language),
        "switchboard": contact_payload(contact, language, now()) if contact else None,
    }


def plan_link(municipality: str, language: Language) -> str | None:
    """Return the address of the moving plan; None where the knowledge has no tasks for one."""
    if not view_of(municipality).tasks:
        return None
    return url_for("plans.page", municipality=municipality, language=language)


def lists_of(municipality: str, language: Language) -> list[dict[str, Any]]:
    """Return the lists that hold anything today: table, name, how many records, address."""
    inventory, day = view_of(municipality).inventory, today()
    counts = {table: count(inventory, table, day) for table in LISTS}
    return [
        {
            "table": table,
            "name": translations(language).gettext(LISTS[table]),
            "count": counts[table],
            "link": url_for("lists.page", municipality=municipality, language=language, show=table),
        }
        for table in LISTS
        if counts[table]
    ]


def count(inventory: Inventory, table: TableName, day: date) -> int:
    """Count what is listed on `day`."""
    match table:
        case "plots":
            return sum(plot.is_offered for plot in inventory.plots.values())
        case "jobs":
            return sum(job.is_open(day) for job in inventory.jobs.values())
        case _:
            return len(inventory.places)


def addresses(pages: dict[Language, str], standard: str) -> dict[str, Any]:
    """Return the page in each language, for people; `alternates` are the same with their host, for search engines."""
    host = origin()
    alternates = {tongue: host + address for tongue, address in pages.items()}
    return {"addresses": pages, "alternates": {**alternates, "x-default": host + standard}}


def origin() -> str:
    """Return where this site is, without a slash at the end: https://hemvist.example. A request does not decide it."""
    return get_services().settings.site_url or request.host_url.rstrip("/")


def municipalities() -> Mapping[str, Municipality]:
    """Return the municipalities that can be asked, each with all groups that it belongs to."""
    return get_services().knowledge.assistant.knowledge.members


def group_name(group: str, language: Language) -> str:
    """Return what a group is called, as its `group.yaml` says; else its id."""
    found = get_services().knowledge.assistant.knowledge.groups.get(group)
    return (found.name.best(language) if found and found.name else "") or group


def view_of(municipality: str) -> View:
    """Return the knowledge as `municipality` sees it; raises UnknownMunicipalityError."""
    return get_services().knowledge.assistant.knowledge.view(municipality)


def as_id(name: str) -> str:
    """Spell `name` as an id: Överkalix → overkalix, Upplands Väsby → upplands-vasby."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return "-".join(letters.replace("-", " ").split())
