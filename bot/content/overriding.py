"""What staff decided about their municipality beside its files: each setting wins over what the file says."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Literal, cast, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from bot.content.layers import Layer
from bot.content.loading import Knowledge
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


@dataclass(frozen=True, slots=True, config=ConfigDict(**STRICT))
class ContactHours:
    """The hours of one contact: its weekdays; holidays and days that differ stay those of the file."""

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
    municipalities, layers = dict(knowledge.municipalities), dict(knowledge.layers)
    for name, values in overrides.items():
        if name not in municipalities:
            continue
        typed = _typed(values)
        hours = typed.pop("hours", None)
        municipalities[name] = replace(municipalities[name], **typed)
        known = knowledge.view(name).contacts
        if hours and hours.contact in known:
            layer = f"municipalities/{name}"
            layers[layer] = _with_hours(layers[layer], known[hours.contact], hours)
    return replace(knowledge, municipalities=municipalities, layers=layers)


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
