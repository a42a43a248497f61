"""The pages of a municipality's copy. Each is made by the functions and templates that make the live one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final
from urllib.parse import urlsplit

from flask import render_template

from bot import SAFETY, Contact, Entry, Filters, Language, Season, TableName, View, is_given
from web import markdown
from web.chat.asking import show
from web.chat.cards import card, excerpt
from web.chat.payload import permanent_link
from web.chat.search import everything, told
from web.contacts import contact_printed
from web.export.leaflet import leaflet
from web.frame import frame, lists_of, view_of
from web.i18n import format_date, format_day_of_year, languages, others_than, sentences
from web.opendata.finding import find
from web.opendata.showing import shown as list_shown
from web.policy.copied import COPIED
from web.policy.document import facts_of
from web.services import get_services, today

ALL: Final = 1_000_000  # records: a copy has no second page of a list
SEASONS: Final = ("in-season", "out-of-season")


@dataclass(frozen=True, slots=True)
class Origin:
    """Of what and when a copy is made. `address`: where the live site is for visitors; None where nobody said."""

    day: date
    address: str | None


Page = Callable[[], str]


def pages(municipality: str, language: Language, origin: Origin) -> list[tuple[str, Page]]:
    """Return the address of each page, and what makes it when asked in a request for that address."""
    return list(_pages(municipality, language, origin))


def _pages(municipality: str, language: Language, origin: Origin) -> Iterator[tuple[str, Page]]:
    own = f"/{municipality}/{language}/"
    shared = partial(_shared, municipality, language, origin)
    yield own, partial(_contents, municipality, language, shared)
    for entry in view_of(municipality).entries.values():
        if is_given(entry, today()):
            yield permanent_link(municipality, language, entry.id), partial(_answer, entry, language, shared)
    for one in lists_of(municipality, language):
        yield one["link"], partial(_list, municipality, language, one["table"], shared)
    for name in COPIED:
        yield own + name, partial(_about, name, municipality, language, shared)
    yield f"{own}.contacts", partial(_contacts, municipality, language, shared)
    yield f"{own}.leaflet", partial(_leaflet, municipality, language, shared)


Shared = Callable[[str], dict[str, Any]]


def _shared(municipality: str, language: Language, origin: Origin, name: str) -> dict[str, Any]:
    """Return what every page shows; `name` is the last part of its address."""
    own = f"/{municipality}/{language}/"
    framed, view = frame(municipality, language), view_of(municipality)
    switchboard = view.contacts.get(view.municipality.switchboard or "")
    live = own + (name if not name.startswith(".") else "")
    return {
        **framed,
        "layout": "copy.html",
        "switchboard": contact_printed(switchboard, language, origin.day) if switchboard else None,
        "addresses": {tongue: f"/{municipality}/{tongue}/{name}" for tongue in languages()},
        "tongues": others_than(language),
        "copied_on": format_date(origin.day, language),
        "live": origin.address and origin.address + live,
        "live_host": origin.address and urlsplit(origin.address).netloc,
        "chat": origin.address and origin.address + own,
        "lists": lists_of(municipality, language),
        "contacts_page": f"{own}.contacts",
        "leaflet_page": f"{own}.leaflet",
        "numbers": [contact_printed(one, language, origin.day) for one in crisis_contacts(view)],
    }


def crisis_contacts(view: View) -> list[Contact]:
    """Return whom to call in danger or crisis, each once; the emergency number comes first."""
    entries = [view.entries[entry] for entry in SAFETY if entry in view.entries]
    return [one for one in dict.fromkeys(one for entry in entries for one in view.contacts_of(entry)) if one.phone]


def _contents(municipality: str, language: Language, shared: Shared) -> str:
    values = shared("")
    _ = sentences(language)
    text = _("Everything that is answered about moving to %(place)s, by subject.", place=values["place"])
    shown = {**everything(municipality, language), "dangers": _dangers(municipality, language), "told": _told(language)}
    return render_template("copy_contents.html", **values, **shown, description=text)


def _told(language: Language) -> dict[str, str]:
    """Return what copy.js says of its search: %s is what was looked for, %n how many there are."""
    none, one, many = (told(count, "%s", language) for count in range(3))
    return {"none": none, "one": one, "many": many.replace("2", "%n")}


def _dangers(municipality: str, language: Language) -> list[dict[str, str]]:
    """Return the answers to danger: a search without a service cannot hear it in every question."""
    entries = view_of(municipality).entries
    given = [entries[one] for one in SAFETY if one in entries and is_given(entries[one], today())]
    return [
        {
            "title": one.title(language),
            "title_language": one.title_language(language),
            "link": permanent_link(municipality, language, one.id),
        }
        for one in given
    ]


def _answer(entry: Entry, language: Language, shared: Shared) -> str:
    values = shared(entry.id)
    municipality, day = values["municipality"].id, today()
    turn = show(entry.id, municipality, language)
    assert turn is not None, "only entries that are given have a page"  # noqa: S101 - an invariant, see pages
    given = card(turn)
    given |= {
        "callouts": _callouts(given["callouts"], entry, language),
        "person": None,  # a copy has nobody who takes a message,
        "plan_link": None,  # and nothing that computes
        "contacts": [contact_printed(one, language, day) for one in turn.reply.contacts],
        **_listed(entry, values["lists"]),
    }
    return render_template("answer.html", **values, shown=given, description=excerpt(given["text"]))


def _callouts(live: list[Mapping[str, str]], entry: Entry, language: Language) -> list[Mapping[str, str]]:
    """A copy is read on other days than it is made: it tells the days, not how things stand."""
    _ = sentences(language)
    shown = [notice for notice in live if notice["code"] not in SEASONS]
    if entry.season:
        shown.append({"code": "season", "text": _("Each year %(season)s.", season=_days(entry.season, language))})
    if entry.valid and entry.valid.end:
        until = format_date(entry.valid.end, language)
        shown.append({"code": "until", "text": _("This holds until %(date)s.", date=until)})
    return shown


def _days(season: Season, language: Language) -> str:
    first, last = (format_day_of_year(day, language) for day in (season.start, season.end))
    return sentences(language)("from %(first)s to %(last)s", first=first, last=last)


def _listed(entry: Entry, lists: list[dict[str, Any]]) -> dict[str, Any]:
    """Lead from an answer that shows records to all of them."""
    found = next((one for one in lists if one["table"] == entry.shows), None)
    return {"list_link": found["link"], "list_name": found["name"], "total": found["count"]} if found else {}


def _list(municipality: str, language: Language, table: TableName, shared: Shared) -> str:
    listing = find(municipality, table, Filters(), limit=ALL)
    values = list_shown(listing, 1, municipality, language) | shared(f"map?show={table}")
    return render_template("copy_list.html", **values)


def _about(name: str, municipality: str, language: Language, shared: Shared) -> str:
    document = COPIED[name](facts_of(view_of(municipality), get_services().settings, language))
    html = [(section.heading, markdown.render(section.text)) for section in document.sections]
    return render_template("copy_about.html", **shared(name), document=document, html=html, description=document.lead)


def _contacts(municipality: str, language: Language, shared: Shared) -> str:
    values = shared(".contacts")
    own, others = own_contacts(municipality)
    _ = sentences(language)
    return render_template(
        "copy_contacts.html",
        **values,
        own=[contact_printed(one, language, today()) for one in own],
        others=[contact_printed(one, language, today()) for one in others],
        description=_("Whom to call or write to about moving to %(place)s, with hours.", place=values["place"]),
    )


def own_contacts(municipality: str) -> tuple[list[Contact], list[Contact]]:
    """Return the contacts that the municipality itself names, its switchboard first, and all others."""
    knowledge = get_services().knowledge.assistant.knowledge
    view = knowledge.view(municipality)
    named = knowledge.layers_of(municipality)[-1].contacts
    first = view.municipality.switchboard
    own = sorted((view.contacts[one] for one in named), key=lambda one: one.id != first)
    return own, [one for one in view.contacts.values() if one.id not in named]


def _leaflet(municipality: str, language: Language, shared: Shared) -> str:
    own, _ = own_contacts(municipality)
    values = shared(".leaflet")
    return render_template(
        "copy_leaflet.html",
        **values,
        **leaflet(view_of(municipality), own, language, today(), values["chat"]),
    )
