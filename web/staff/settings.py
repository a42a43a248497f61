"""What staff decide about the service itself: how it looks, where it may stand, what is kept, and whether it is on.

The files hold what is not decided here. What is decided here wins, and is history that only grows.
"""

import secrets
from collections.abc import Mapping
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import LANGUAGES, WEEKDAYS, Hours, Setting, View, lacks
from web.accent import LEGIBLE, STANDARD
from web.errors import asked_language
from web.frame import view_of
from web.i18n import sentences, translations
from web.letters import Envelope
from web.mail import MailError, compose, mail_server
from web.services import get_services, now
from web.staff.audit import doing
from web.staff.deciding import LACKS, PARTS, Refusal, Values, newcomers, refuse_lacks
from web.staff.guard import municipality_here, see_other
from web.staff.service import get_staff
from web.staff.session import member
from web.staff.shell import say
from web.store.staff_settings import decide as keep
from web.store.staff_settings import give_back, history, in_force

LONGEST: Final = 300  # characters of one text


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


NAMES: Final[Mapping[Setting, str]] = {
    "greeting": _("Greeting"),
    "accent": _("Colour"),
    "origins": _("Sites that may show the chat"),
    "hours": _("Hours of the newcomer contact"),
    "official": _("Official"),
    "mailbox": _("Mailbox"),
    "disposal": _("Decision on disposal"),
    "message_days": _("Days that handled messages are kept"),
    "legal_hold": _("Legal hold"),
    "switched_off": _("Switched off"),
    "open_figures": _("Figures as open data"),
}


def show() -> str:
    """Show every setting, and what was decided lately."""
    return _page({})


def decide() -> ResponseReturnValue:
    """Keep what one of the forms says, or show what is wrong with it."""
    part = request.form.get("part", "")
    if part == "back":
        return _give_back()
    read = PARTS.get(part)
    if read is None:
        return _page({}), 422
    here = municipality_here()
    try:
        values = read(request.form)
        refuse_lacks(here, values)
    except Refusal as refused:
        return _page({refused.field: refused.text}, request.form), 422
    with doing(_action(values), scope=here.id, about=here.id) as writing:
        kept = {str(name): value for name, value in values.items()}
        keep(writing.connection, here.id, kept, member().account.email, writing.at)
        writing.detail.update({name: _told(value) for name, value in kept.items()})
    return _done(_("It is decided, and holds within two seconds."))


def send_test_mail() -> ResponseReturnValue:
    """Send a mail to whoever is signed in, by the server that messages go through."""
    settings, account = get_services().settings, member().account
    server = mail_server(settings)
    if server is None:
        return _page({"mail": sentences(asked_language())(_("This server has no mail server to send by."))}), 409
    _words = sentences(account.language)
    domain = server.sender.partition("@")[2]
    envelope = Envelope(
        mailbox=account.email,
        mail_id=f"<test.{secrets.token_hex(12)}@{domain}>",
        at=now(),
        subject=_words(_("Test mail from Hemvist")),
        reply_to="",
        text=_words(_("This mail shows that Hemvist can send. Nothing needs to be done.")) + "\n",
        language=account.language,
    )
    outcome = "sent"
    try:
        server.post(compose(envelope, server.sender))
    except MailError as error:
        outcome = str(error)
    with doing("test_mail_sent", scope=municipality_here().id, about=account.email) as writing:
        writing.detail["outcome"] = outcome
    if outcome != "sent":
        told = sentences(asked_language())(_("The mail was not taken: %(reason)s"), reason=outcome)
        return _page({"mail": told}), 502
    say(_("A mail is on its way to %(email)s."), email=account.email)
    return see_other("staff.settings", municipality=municipality_here().id)


def _give_back() -> ResponseReturnValue:
    here, setting = municipality_here(), request.form.get("setting", "")
    if setting not in NAMES:
        return _page({}), 422
    with doing("settings_given_back", scope=here.id, about=here.id) as writing:
        give_back(writing.connection, here.id, setting, member().account.email, writing.at)
        writing.detail["setting"] = setting
    return _done(_("What the file says holds again."))


def _done(said: str) -> ResponseReturnValue:
    get_services().knowledge.refresh_overrides()
    say(said)
    return see_other("staff.settings", municipality=municipality_here().id)


# the page


def _page(mistakes: Mapping[str, str], typed: Mapping[str, str] | None = None) -> str:
    here, language = municipality_here(), asked_language()
    view = view_of(here.id)
    _ = sentences(language)
    with get_staff().store.reading() as connection:
        lines = history(connection, here.id)
        decided = in_force(connection).get(here.id, {})
    part = (typed or {}).get("part", "")
    server = mail_server(get_services().settings)
    return render_template(
        "staff/settings.html",
        found=view.municipality,
        typed={**_now(view), **(typed or {})},
        part=part,
        mistakes=mistakes,
        lacking=[_(LACKS[lack]) for lack in lacks(get_services().knowledge.assistant.knowledge, view.municipality)],
        newcomers=newcomers(view),
        days=_days(),
        names={name: _(text) for name, text in NAMES.items()},
        decided={name: _shown(name, value) for name, value in decided.items() if name in NAMES},
        history=[(line, _line(line)) for line in lines],
        mail_from=server.sender if server else None,
        standard=STANDARD,
        limit=LEGIBLE,
        longest=LONGEST,
        language_names={"sv": "Svenska", "en": "English"},
    )


def _now(view: View) -> dict[str, str]:
    """Return what the forms show where nothing was typed."""
    found = view.municipality
    shown = {
        "accent": found.accent or STANDARD,
        "origins": "\n".join(found.origins),
        "mailbox": found.mailbox or "",
        "disposal": found.disposal or "",
        "message_days": str(found.message_days or ""),
        "legal_hold": "yes" if found.legal_hold else "",
        "official": "yes" if found.official else "",
        "open_figures": "yes" if found.open_figures else "",
    }
    for name, text in (("greeting", found.greeting), ("reason", found.switched_off)):
        shown |= {f"{name}-{tongue}": (text[tongue] or "") if text else "" for tongue in LANGUAGES}
    contact = newcomers(view)
    for name in ("hours", "phone_hours"):
        hours = getattr(contact, name) if contact else None
        shown |= {f"{name}-{day}": _times(hours, day) for day in WEEKDAYS}
    return shown


def _times(hours: Hours | None, day: str) -> str:
    spans = getattr(hours, day) if hours else ()
    return ", ".join(f"{_clock(start)}-{_clock(end)}" for start, end in spans)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _days() -> list[tuple[str, str]]:
    from babel.dates import get_day_names

    from web.i18n import REGIONS

    names = get_day_names("wide", locale=REGIONS[asked_language()])
    return [(day, names[number]) for number, day in enumerate(WEEKDAYS)]


def _line(line: Any) -> str:
    gettext = translations(asked_language()).gettext
    return gettext("as in the file") if line.back else _shown(line.setting, line.value)


def _shown(name: str, value: Any) -> str:
    """Say a value in one line."""
    _ = sentences(asked_language())
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if value in (None, [], {}):
        return _("no") if name == "switched_off" else _("nothing")
    return _told(value)


def _told(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_told(inner)}" for name, inner in value.items())
    return str(value)


def _action(values: Values) -> str:
    if "switched_off" not in values:
        return "settings_changed"
    return "switched_off" if values["switched_off"] else "switched_on"
