"""What is special about facts: which answers tell them, how they read, and that they are still right."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import request, url_for
from flask.typing import ResponseReturnValue

from bot import LANGUAGES, Checked, Contact, Fact, Item, Key, KnowledgeError, as_plain, facts_in, told_fact
from web.errors import asked_language
from web.i18n import sentences
from web.revising import Current, Plain, StaleError
from web.services import today
from web.staff import confirming
from web.staff.checking import LONGEST_FUNCTION, WAITS
from web.staff.entry import based_on
from web.staff.guard import municipality_here, see_other
from web.staff.knowing import knowledge, view_here
from web.staff.layers import layer_name, own_layer, places
from web.staff.record_fields import FACTS
from web.staff.recorded import key_asked, place_of
from web.staff.sheet import MONTHS, USUAL
from web.staff.shell import say

ABROAD: Final = "-abroad"
PARTS: Final = ("phone", "email", "name")


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Use:
    """An answer that tells a fact: its title, whose text it is (None: the municipality's own), and where it is
    written."""

    title: str
    layer: str | None
    link: str


def confirm(item: str) -> ResponseReturnValue:
    """Note that a published fact is right today; its time begins anew."""
    place, key = place_of(FACTS, "publisher"), key_asked(FACTS, item)
    layer = None if place.layer == own_layer() else place.layer
    here = municipality_here()
    back = see_other("staff.record", municipality=here.id, table=FACTS.table, item=item, layer=layer)
    try:
        confirming.confirm(key, "fact_confirmed", _confirmed, based_on(), kind=Fact)
    except confirming.DraftWaitsError:
        say(WAITS)
    except (StaleError, KnowledgeError):
        say(_("Somebody changed this fact in the meantime. Read it again."))
    else:
        say(_("Noted: the fact is right today."))
    return back


def keeping(plain: dict[str, Any], before: Plain | None) -> dict[str, Any]:
    """Keep that a fact was confirmed as long as it says the same."""
    same = before is not None and all(plain.get(name) == before.get(name) for name in ("value", "unit", "source"))
    return {**plain, "checked": before["checked"]} if same and before and before.get("checked") else plain


def readings(fact: Fact) -> list[dict[str, Any]]:
    """Return how a fact reads in each language."""
    return [{"language": language, "text": told_fact(fact, language)} for language in LANGUAGES]


def uses(key: Key, item: Item | None) -> list[Use]:
    """Return the answers that tell a fact, or what a contact says of itself, in the layers of this municipality."""
    names = _names(key, item)
    return [_use(layer, entry) for layer, entry in _telling(names)] if names else []


def checking(current: Current) -> dict[str, Any]:
    """Return what the form to confirm a fact holds."""
    text, item = sentences(asked_language()), current.item
    if not isinstance(item, Fact) or item.value is None:
        return {}
    checked = item.checked
    return {
        "checked": checked,
        "is_due": checked is not None and checked.due <= today(),
        "checker": checked.by if checked else municipality_here().name.best(asked_language()),
        "months": [(str(months), text(_("%(number)s months"), number=months)) for months in MONTHS],
        "usual": str(checked.every if checked and checked.every in MONTHS else USUAL),
    }


def _confirmed(item: Fact) -> Fact:
    by = " ".join(request.form.get("by", "").split())[:LONGEST_FUNCTION]
    asked = request.form.get("every", "")
    every = next((months for months in MONTHS if str(months) == asked), USUAL)
    return replace(item, checked=Checked(today(), by or municipality_here().name.best("sv"), every))


def _names(key: Key, item: Item | None) -> set[str]:
    if key.kind == "fact":
        return {key.id, key.id + ABROAD}
    if not isinstance(item, Contact):
        return set()
    own = {f"{item.id}-{part}" for part in PARTS if part in as_plain(item)}
    return own | {f"{item.id}-phone{ABROAD}"}


def _telling(names: set[str]) -> Iterator[tuple[str, str]]:
    for place in places():
        layer = knowledge().layers.get(place.layer)
        for entry in layer.entries.values() if layer else ():
            if names.intersection(facts_in(entry)):
                yield place.layer, entry.id


def _use(layer: str, entry: str) -> Use:
    own = None if layer == own_layer() else layer
    title = view_here().entries[entry].title(asked_language())
    link = url_for("staff.answer", municipality=municipality_here().id, entry=entry, layer=own)
    return Use(title, layer_name(layer) if own else None, link)
