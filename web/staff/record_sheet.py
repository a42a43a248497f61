"""The page of one record: the form, what visitors would see, and for words what would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import render_template, request

from bot import LANGUAGES, TM, ZONES, Contact, Fact, Found, Item, Job, Key, Language, Place, Plot, as_plain
from web.contacts import contact_payload
from web.errors import asked_language
from web.i18n import format_date, in_order, texts
from web.records import record_payload
from web.revising import Current, Plain, compared
from web.services import get_services, now, today
from web.staff import fact
from web.staff.comparing import lines
from web.staff.guard import municipality_here
from web.staff.knowing import knowledge, view_here
from web.staff.layers import Place as LayerPlace
from web.staff.layers import layer_name, own_layer
from web.staff.record_fields import FACTS, Field, Form, Section
from web.staff.record_form import COLUMNS, Written
from web.staff.recorded import is_imported, items_here, layer_of, name_of, sources
from web.store.revisions import Revision

SPARE_ROWS: Final = 3
FEWEST_LINES: Final = 4
MOST_LINES: Final = 20


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Looks:
    """What there is to see beside the form: the record as written, what it changes, and a newer version by another."""

    item: Item | None
    effect: Mapping[str, Any] | None = None
    stale: Mapping[str, Any] | None = None


def page(
    form: Form,
    key: Key,
    place: LayerPlace,
    current: Current,
    written: Written,
    based_on: int,
    mistakes: Mapping[str, Sequence[str]],
    looks: Looks,
    note: str = "",
) -> str:
    """Return the whole page."""
    is_fed = is_imported(form, key.id) and current.item is None
    values: dict[str, Any] = {
        "form": form,
        "key": key,
        "is_own": form.is_of_words or key.layer == own_layer(),
        "title": _title(form, key, looks, written),
        "place_name": layer_name(key.layer),
        "heard": _heard(form, key),
        "current": current,
        "written": written,
        "rows": _rows(form, written),
        "columns": COLUMNS,
        "options": {one.name: _options(one, written) for one in form.fields if one.shape in ("choice", "zone")},
        "height": lambda section: _height(section, written),
        "is_open": lambda section: _is_open(section, written, mistakes),
        "based_on": based_on,
        "mistakes": mistakes,
        "note": note,
        "is_fed": is_fed,
        "sources": sources(form) if is_fed else [],
        "fetched": _fetched(form) if is_fed else None,
        "may_draft": place.allows("editor") and not is_fed,
        "may_publish": place.allows("publisher") and not is_fed,
        "stale": looks.stale,
        "confirm": fact.checking(current),
        "day": lambda day: format_date(day, asked_language()),
        **_seen(form, key, looks),
    }
    return render_template("staff/record.html", **values)


def parts(form: Form, key: Key, looks: Looks, mistakes: Mapping[str, Sequence[str]]) -> str:
    """Return only what changes while somebody types."""
    return render_template("staff/record_parts.html", form=form, key=key, mistakes=mistakes, **_seen(form, key, looks))


def fed(form: Form, item: str) -> Plain | None:
    """Return what a feed brought, where nobody wrote it by hand."""
    return as_plain(items_here(form)[item]) if is_imported(form, item) else None


def begun(form: Form, written: Written, name: str) -> Written:
    """Fill in the name that somebody began with, in the language that they read."""
    if form is FACTS:  # few facts are of every municipality, as a row of a comparison should be
        written = replace(written, texts={**written.texts, "compared": "false"})
    names = {one.name for one in form.fields}
    wanted = (form.name_field, f"{form.name_field}_{asked_language()}")
    field = next((one for one in wanted if one in names), None)
    asked = sorted(names.intersection(("language", "entry"), request.args))
    given = {one: request.args[one] for one in asked}
    if field and name:
        given[field] = name
    return replace(written, texts={**written.texts, **given})


def stale(newest: Revision | None, yours: Plain) -> dict[str, Any]:
    """Return the newer version of somebody else, and how yours differs from it."""
    content = newest.content if newest else None
    return {"newest": newest, "diff": lines(compared(content, yours)), "content": lines(compared(None, content))}


def _seen(form: Form, key: Key, looks: Looks) -> dict[str, Any]:
    return {
        "preview": None if form.is_of_words else _preview(looks.item),
        "readings": fact.readings(looks.item) if isinstance(looks.item, Fact) else None,
        "uses": fact.uses(key, looks.item),
        "effect": looks.effect,
    }


def _preview(item: Item | None) -> list[dict[str, Any]] | None:
    """Return the record in each language, made by what makes the visitors' pages."""
    if not isinstance(item, Plot | Job | Place | Contact):
        return None
    return [
        {
            "language": language,
            "_": texts(language),
            "record": None if isinstance(item, Contact) else record_payload(Found(item), language),
            "contact": contact_payload(item, language, now()) if isinstance(item, Contact) else None,
            "is_shown": _is_shown(item),
        }
        for language in LANGUAGES
    ]


def _is_shown(item: Plot | Job | Place | Contact) -> bool:
    if isinstance(item, Plot):
        return item.is_offered
    return item.is_open(today()) if isinstance(item, Job) else True


def _title(form: Form, key: Key, looks: Looks, written: Written) -> str:
    language = asked_language()
    item = looks.item or items_here(form).get(key.id)
    if item:
        return name_of(form, item, language)
    typed = (written[f"{form.name_field}{ending}"].split("\n")[0] for ending in ("", f"_{language}", "_sv", "_en"))
    return next(filter(None, typed), key.id)


def _is_open(section: Section, written: Written, mistakes: Mapping[str, Sequence[str]]) -> bool:
    """Whether a part that can be folded is unfolded: something is wrong in it, or it holds hours."""
    names = {one.name for one in section.fields}
    is_wrong = bool(mistakes.keys() & {*names, section.exceptions_name})
    return is_wrong or bool(section.exceptions and any(written[name] for name in names))


def _height(section: Section, written: Written) -> int:
    """Return how many lines the fields of a list have, so that those beside each other are as high."""
    lines = [written[one.name].count("\n") + 2 for one in section.fields if one.shape in ("list", "points")]
    return min(max([FEWEST_LINES, *lines]), MOST_LINES)


def _heard(form: Form, key: Key) -> str | None:
    """Name the layer whose version visitors get instead, if this is not the one."""
    nearest = layer_of(form, key.id)
    return layer_name(nearest) if nearest and nearest != key.layer else None


def _rows(form: Form, written: Written) -> dict[str, list[tuple[str, ...]]]:
    empty = ("",) * len(COLUMNS)
    return {
        section.exceptions_name: [*written.rows.get(section.exceptions_name, ()), *[empty] * SPARE_ROWS]
        for section in form.exceptions
    }


def _options(one: Field, written: Written) -> list[tuple[str, str]]:
    """Return what can be chosen; what is chosen is kept although there is no such thing any more."""
    language = asked_language()
    text = texts(language)
    if one.shape == "zone":
        found = [("", str(text(_("WGS 84 or SWEREF 99 TM"))))]
        found += [(str(code), zone.name) for code, zone in ZONES.items() if code != TM]
    elif one.name == "entry":
        found = [("", str(text(_("none: it is not for us to answer")))), *_titles(language)]
    elif one.options is None:
        titles = [(found.id, found.sv[0] if language == "sv" else found.en[0]) for found in knowledge().occupations]
        found = [("", str(text(_("unknown")))), *sorted(titles, key=lambda pair: in_order(pair[1], language))]
    else:
        found = [(value, str(text(said))) for value, said in one.options.items()]
    chosen = written[one.name]
    return found if chosen in dict(found) else [*found, (chosen, chosen)]


def _titles(language: Language) -> list[tuple[str, str]]:
    """Return the answers that can be wanted, in the order of their titles."""
    titles = [(entry.id, entry.title(language)) for entry in view_here().entries.values() if any(entry.questions)]
    return sorted(titles, key=lambda pair: in_order(pair[1], language))


def _fetched(form: Form) -> Any:
    return get_services().knowledge.fetched(municipality_here().id, form.table)
