"""What the forms of the settings say: typed, judged, and refused with words where it cannot be."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from bot import (
    WEEKDAYS,
    Contact,
    Entry,
    Knowledge,
    Lack,
    Localized,
    Municipality,
    Setting,
    View,
    lacks,
    read_setting,
)
from web.accent import LEGIBLE, WHITE, contrast, legible
from web.accent import read as read_colour
from web.errors import asked_language
from web.frame import view_of
from web.i18n import sentences
from web.services import get_services
from web.staff.guard import municipality_here

NEWCOMERS: Final = "newcomer-service"
MOST_ORIGINS: Final = 20


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


LACKS: Final[Mapping[Lack, str]] = {
    "violence-number": _("a local phone number, in both languages, in the answer on violence"),
    "switchboard": _("a switchboard with a phone number"),
    "mailbox": _("a mailbox for messages"),
    "disposal": _("a decision on disposal, and how many days handled messages are kept"),
}
UNFIT: Final[Mapping[Setting, str]] = {
    "greeting": _("Write at most 300 characters."),
    "accent": _("Write a colour as #rrggbb, such as #1f5673."),
    "origins": _("Write each site as scheme and host alone, such as https://www.kommunen.se."),
    "hours": _("Write times such as 08:00-12:00, 13:00-16:30. Leave a closed day empty."),
    "mailbox": _("Write one e-mail address of a function, in plain letters."),
    "disposal": _("Write at most 300 characters."),
    "message_days": _("Write a whole number of days, from 1 to 3650."),
    "switched_off": _("Write at most 300 characters."),
    "open_figures": _("Say yes or no."),
}
LACKING: Final = _("Before the service can be official these are needed: %(lacks)s.")
TOO_PALE: Final = _(
    "White text on %(colour)s reaches %(ratio)s:1, and 4.5:1 is needed to be read. The nearest that does is "
    "%(nearest)s."
)
Values = Mapping[Setting, Any]


class Refusal(Exception):  # noqa: N818 - nothing failed: a form says what cannot be
    """The field of a form that cannot be what it says, and why, in the language of the page."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(field)
        self.field = field
        self.text = text


def _look(form: Mapping[str, str]) -> Values:
    greeting = _with_further(_both(form, "greeting"), municipality_here().greeting)
    colour = form.get("accent", "").strip().lower()
    _typed("greeting", greeting)
    _typed("accent", colour or None)
    if colour and (ratio := contrast(read_colour(colour), WHITE)) < LEGIBLE:
        nearest = "#" + "".join(f"{part:02x}" for part in legible(read_colour(colour), WHITE))
        told = sentences(asked_language())(TOO_PALE, colour=colour, ratio=f"{ratio:.1f}", nearest=nearest)
        raise Refusal("accent", told)
    return {"greeting": greeting, "accent": colour or None}


def _origins(form: Mapping[str, str]) -> Values:
    sites = [site.rstrip("/").lower() for site in form.get("origins", "").split()]
    if len(sites) > MOST_ORIGINS:
        raise _unfit("origins")
    return {"origins": _typed("origins", list(dict.fromkeys(sites)))}


def _hours(form: Mapping[str, str]) -> Values:
    contact = newcomers(view_of(municipality_here().id))
    if contact is None:
        raise _unfit("hours")
    value: dict[str, Any] = {"contact": contact.id}
    for name in ("hours", "phone_hours"):
        week = {day: form.get(f"{name}-{day}", "").strip() for day in WEEKDAYS}
        if any(week.values()):
            value[name] = {day: times or "closed" for day, times in week.items()}
    return {"hours": _typed("hours", value)}


def _keeping(form: Mapping[str, str]) -> Values:
    days = form.get("message_days", "").strip()
    if days and not re.fullmatch(r"[0-9]{1,4}", days):
        raise _unfit("message_days")
    values: Values = {
        "mailbox": form.get("mailbox", "").strip() or None,
        "disposal": form.get("disposal", "").strip() or None,
        "message_days": int(days) if days else None,
        "legal_hold": form.get("legal_hold") == "yes",
    }
    for name, value in values.items():
        _typed(name, value)
    if values["message_days"] and not values["disposal"]:
        raise Refusal("disposal", sentences(asked_language())(_("Days need a decision: name it.")))
    return values


def _standing(form: Mapping[str, str]) -> Values:
    return {"official": form.get("official") == "yes"}


def _figures(form: Mapping[str, str]) -> Values:
    return {"open_figures": form.get("open_figures") == "yes"}


def _off(form: Mapping[str, str]) -> Values:
    reason = _both(form, "reason")
    if not reason or "sv" not in reason:
        told = sentences(asked_language())(_("Say why, in Swedish at least: visitors read it at once."))
        raise Refusal("switched_off", told)
    return {"switched_off": _typed("switched_off", reason)}


def _on(_form: Mapping[str, str]) -> Values:
    return {"switched_off": None}


PARTS: Final[Mapping[str, Callable[[Mapping[str, str]], Values]]] = {
    "look": _look,
    "origins": _origins,
    "hours": _hours,
    "keeping": _keeping,
    "standing": _standing,
    "figures": _figures,
    "off": _off,
    "on": _on,
}


def _both(form: Mapping[str, str], name: str) -> dict[str, str] | None:
    texts = {tongue: " ".join(form.get(f"{name}-{tongue}", "").split()) for tongue in ("sv", "en")}
    return {tongue: text for tongue, text in texts.items() if text} or None


def _with_further(texts: dict[str, str] | None, before: Localized | None) -> dict[str, str] | None:
    """The form has no field for further languages: they stay."""
    return {**texts, **dict(before.further)} if texts and before else texts


def _typed(setting: Setting, value: Any) -> Any:
    """Return `value` where the setting may be that; raises Refusal."""
    try:
        read_setting(setting, value)
    except ValueError as error:
        raise _unfit(setting) from error
    return value


def _unfit(setting: Setting) -> Refusal:
    return Refusal(setting, sentences(asked_language())(UNFIT[setting]))


def refuse_lacks(here: Municipality, values: Values) -> None:
    """Raise Refusal where an official service would be without something that it needs, and was not before."""
    wanted = replace(here, **{name: read_setting(name, value) for name, value in values.items() if name != "hours"})
    if not wanted.official:
        return
    before = lacks(_knowledge(), here) if here.official else ()
    if new := [lack for lack in lacks(_knowledge(), wanted) if lack not in before]:
        field = "official" if "official" in values else new[0]
        raise Refusal(field, sentences(asked_language())(LACKING, lacks=_listed(new)))


def _listed(found: list[Lack]) -> str:
    _ = sentences(asked_language())
    return "; ".join(_(LACKS[lack]) for lack in found)


def _knowledge() -> Knowledge:
    return get_services().knowledge.assistant.knowledge


def newcomers(view: View) -> Contact | None:
    """Return whom newcomers are sent to: that of the entry on it, else the switchboard."""
    contacts = view.contacts_of(view.entries.get(NEWCOMERS, Entry(NEWCOMERS)))
    return contacts[0] if contacts else None
