"""What staff decided about their municipality beside its files: each setting wins over what the file says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, ClassVar, Literal, cast, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from bot.content.layers import Layer
from bot.content.loading import Knowledge
from bot.content.shelf import Source
from bot.fields import Id
from bot.inventory import WEEKDAYS, Hours
from bot.models import Contact, Municipality
from bot.values import STRICT

Setting = Literal[
    "greeting", "accent", "origins", "hours", "official", "mailbox", "disposal", "message_days", "legal_hold",
    "switched_off", "open_figures",
]  # fmt: skip
OF_MUNICIPALITY: tuple[Setting, ...] = (
    "greeting", "accent", "origins", "official", "mailbox", "disposal", "message_days", "legal_hold", "switched_off",
    "open_figures",
)  # fmt: skip
SETTINGS: tuple[Setting, ...] = (*OF_MUNICIPALITY, "hours")
Plain = Any  # JSON, as a file would hold it
Overrides = Mapping[str, Mapping[str, Plain]]  # municipality → setting → value


@dataclass(frozen=True, slots=True)
class ContactHours:
    """The hours of one contact: its weekdays; holidays and days that differ stay those of the file."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    contact: Id
    hours: Hours | None = None
    phone_hours: Hours | None = None


def read_setting(setting: Setting, value: Plain) -> Any:
    """Type what `setting` is to be; raises ValueError where it cannot be that."""
    try:
        return _adapter(setting).validate_python(value)
    except ValidationError as error:
        raise ValueError(error.errors(include_url=False)[0]["type"]) from error


def override(knowledge: Knowledge, overrides: Overrides) -> Knowledge:
    """Return `knowledge` with what staff decided; a setting that no longer fits the files is left out."""
    municipalities, layers = dict(knowledge.municipalities), dict[str, Layer | Source]()
    for name, values in overrides.items():
        if name not in municipalities:
            continue
        typed = _typed(values)
        hours = typed.pop("hours", None)
        municipalities[name] = replace(municipalities[name], **typed)
        if hours:
            layer, lay = f"municipalities/{name}", _laying(knowledge, name, hours)
            layers[layer] = knowledge.shelf.laid(layer, repr(hours), lay)
    return replace(knowledge.with_layers(layers), municipalities=municipalities)


def _laying(knowledge: Knowledge, municipality: str, hours: ContactHours) -> Callable[[Layer], Layer]:
    """Return what gives a layer the hours of a contact that it writes or sees, when it is read."""
    outer = [knowledge.layers[name] for name in knowledge.names_of_layers(municipality)[:-1]]

    def lay(layer: Layer) -> Layer:
        known = {name: contact for one in (*outer, layer) for name, contact in one.contacts.items()}
        return _with_hours(layer, known[hours.contact], hours) if hours.contact in known else layer

    return lay


def _typed(values: Mapping[str, Plain]) -> dict[str, Any]:
    typed = {}
    for name in SETTINGS:
        if name in values:
            try:
                typed[cast("str", name)] = read_setting(name, values[name])
            except ValueError:
                continue
    return typed


def _with_hours(layer: Layer, contact: Contact, wanted: ContactHours) -> Layer:
    hours = _merged(contact.hours, wanted.hours)
    changed = replace(contact, hours=hours, phone_hours=_merged(contact.phone_hours, wanted.phone_hours))
    return replace(layer, contacts={**layer.contacts, contact.id: changed})


def _merged(before: Hours | None, wanted: Hours | None) -> Hours | None:
    if before is None or wanted is None:
        return wanted
    return replace(before, **{day: getattr(wanted, day) for day in WEEKDAYS}, valid=None)


@cache
def _adapter(setting: Setting) -> TypeAdapter[Any]:
    if setting == "hours":
        return TypeAdapter(ContactHours)
    return TypeAdapter(get_type_hints(Municipality, include_extras=True)[setting])
