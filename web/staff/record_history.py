"""What a record, or words, said before, and the way back to it."""

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue

from bot import Item, Key
from web.errors import asked_language
from web.i18n import sentences
from web.staff.guard import municipality_here
from web.staff.history import Subject, page, put_back
from web.staff.layers import WORDS, Place
from web.staff.record_fields import Form
from web.staff.recorded import form_asked, items_here, key_asked, name_of, place_of
from web.staff.rewording import effect_of_words


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


def show(table: str, item: str) -> str:
    """Show all versions, the newest first."""
    form = form_asked(table)
    return page(_subject(form, item, place_of(form)), {})


def restore(table: str, item: str) -> ResponseReturnValue:
    """Publish anew what a version said; where words break a test a reason is wanted."""
    form = form_asked(table)
    place = place_of(form, "publisher")
    layer = None if form.is_of_words else place.layer
    here = municipality_here().id
    onward = url_for("staff.record_history", municipality=here, table=table, item=item, layer=layer)
    return put_back(_subject(form, item, place), onward)


def _subject(form: Form, item: str, place: Place) -> Subject:
    text, key = sentences(asked_language()), key_asked(form, item)
    here, known = municipality_here().id, items_here(form).get(item)
    address: dict[str, Any] = {"municipality": here, "table": form.table, "item": item}
    layer = None if form.is_of_words else key.layer
    return Subject(
        key,
        place,
        name_of(form, known, asked_language()) if known else item,
        (text(form.title), url_for("staff.record_list", municipality=here, table=form.table)),
        (text(_("Back to the form")), url_for("staff.record", layer=layer, **address)),
        url_for("staff.restore_record", **address),
        _breaks,
    )


def _breaks(key: Key, item: Item | None) -> int:
    """Return how many tests a version breaks: words alone have a say in them."""
    return int(effect_of_words(key, item)["breaks"]) if key.layer == WORDS else 0
