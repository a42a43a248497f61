"""Records and words as the knowledge has them here: the form of an address, what there is, what it is called."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bot import (
    Contact,
    Fact,
    Found,
    Frames,
    Inventory,
    Item,
    Job,
    Key,
    Language,
    OwnQuestion,
    Place,
    Plot,
    find_item,
    items_of,
    questions_of,
)
from web.errors import RequestError
from web.feed_files import ENDING, FOLDER
from web.i18n import sentences
from web.people import Role
from web.records import record_payload
from web.services import get_services
from web.staff import layers
from web.staff.guard import municipality_here
from web.staff.knowing import knowledge, view_here
from web.staff.layers import place_asked, places, words_place
from web.staff.record_fields import FORMS, Form

LONGEST_ID: Final = 64
FROM_FEEDS: Final = ("plots", "jobs")


def form_asked(table: str) -> Form:
    """Return the form of an address; raises RequestError."""
    if table not in FORMS:
        raise RequestError("not_found")
    return FORMS[table]


def place_of(form: Form, role: Role | None = None) -> layers.Place:
    """Return the layer that a request is about, where `role` suffices to change it."""
    found = words_place() if form.is_of_words else place_asked()
    if role and not found.allows(role):
        raise RequestError("role_too_low")
    return found


def key_asked(form: Form, item: str) -> Key:
    """Return which record an address is about; what cannot be an id is not there."""
    plain = item.replace("-", "")
    is_id = 0 < len(item) <= LONGEST_ID and plain.isascii() and plain.isalnum() and item == item.lower()
    is_id = is_id and (not form.is_single or item == form.table)
    if not is_id or item.startswith("-") or item.endswith("-") or "--" in item:
        raise RequestError("not_found")
    return Key(place_of(form).layer, form.kind, item)


def items_here(form: Form) -> Mapping[str, Any]:
    """Return what visitors here are answered from, by id; what was imported is among it."""
    if form.is_of_words:
        return {key.id: item for key, item in items_of(knowledge(), (form.kind,)).items()}
    if form.kind == "question":
        return {one.id: one for one in questions_of(knowledge(), municipality_here().id)}
    return view_here().contacts if form.kind == "contact" else getattr(view_here().inventory, form.table)


def layer_of(form: Form, item: str) -> str | None:
    """Return the nearest layer that writes an item; None: a feed brought it, or nobody."""
    own = [words_place()] if form.is_of_words else places()
    return next((one.layer for one in own if find_item(knowledge(), Key(one.layer, form.kind, item))), None)


def is_imported(form: Form, item: str) -> bool:
    """Whether a feed brought an item, and nobody wrote one of that id by hand."""
    return form.table in FROM_FEEDS and item in _imported(form) and layer_of(form, item) is None


def sources(form: Form) -> list[str]:
    """Return the names of the feeds and files that rows of this kind come from."""
    data = get_services().settings.data
    folder = Path(data) / FOLDER / municipality_here().id if data else None
    found = folder.glob(f"{form.table}-*{ENDING}") if folder and form.table in FROM_FEEDS else ()
    return sorted(path.stem.partition("-")[2] for path in found)


def name_of(form: Form, item: Any, language: Language) -> str:
    """Return what an item is called in lists and headings."""
    match item:
        case Frames():
            return sentences(language)(form.title)
        case Contact():
            return item.name.best(language) or item.id
        case Fact():
            return item.label.best(language) or item.id
        case OwnQuestion():
            return item.question
        case Plot() | Job() | Place():
            title = str(record_payload(Found(item), language)["title"])
            return f"{title} ({item.id})" if isinstance(item, Plot) and not item.designation else title or item.id
        case _:
            return _first_word(form, item)


def sortable_name(item: Any, language: Language) -> str:
    """Return the same without its ornaments, quickly, for thousands."""
    match item:
        case Plot():
            return f"{item.place or ''} {item.designation or item.id}"
        case Job():
            return item.title.best(language)
        case OwnQuestion():
            return item.question
        case Contact() | Place():
            return item.name.best(language)
        case Fact():
            return item.label.best(language)
        case _:
            return str(item.id)


def _first_word(form: Form, item: Item) -> str:
    words = getattr(item, form.name_field, "")
    return words[0] if isinstance(words, tuple) and words else str(words) or item.id


def _imported(form: Form) -> Mapping[str, Any]:
    inventory = knowledge().imported.get(municipality_here().id, Inventory())
    found: Mapping[str, Any] = getattr(inventory, form.table)
    return found
