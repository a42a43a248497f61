"""What every page of staff has around it: navigation, municipality, language, who is signed in."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final, cast

from flask import Blueprint, Flask, current_app, flash, g, request, url_for
from flask.typing import ResponseReturnValue

from web.errors import RequestError, answer, asked_language
from web.frame import group_name, municipalities
from web.i18n import format_moment, in_order, sentences, texts, translations
from web.people import EVERYWHERE, GROUP, Role, suffices
from web.services import get_services
from web.settings import Settings
from web.staff import session
from web.staff.guard import guard, own_municipalities, role_here
from web.staff.manual import manual
from web.staff.routes import ROUTES
from web.staff.service import EXTENSION, StaffService
from web.staff.typed import resume, typed_here
from web.store.errors import StoreError

LOG: Final = logging.getLogger("hemvist.staff")


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Item:
    """One page of the navigation; it is shown once `endpoint` exists, to whom it takes at least `role`."""

    endpoint: str
    name: str
    role: Role
    icon: str


NAVIGATION: Final = (
    Item("staff.home", _("Home"), "viewer", "home"),
    Item("staff.answers", _("Answers"), "viewer", "page"),
    Item("staff.records", _("Records and words"), "viewer", "map"),
    Item("staff.gaps", _("Questions without an answer"), "viewer", "search"),
    Item("staff.freshness", _("Freshness"), "viewer", "check"),
    Item("staff.messages", _("Messages"), "viewer", "mail"),
    Item("staff.reports", _("Reports"), "viewer", "chart"),
    Item("staff.settings", _("Settings"), "admin", "filter"),
    Item("staff.users", _("Users"), "admin", "newcomer-service"),
    Item("staff.audit", _("What was done"), "admin", "moving-checklist"),
)
ROLE_NAMES: Final[dict[Role, str]] = {
    "viewer": _("Viewer"),
    "editor": _("Editor"),
    "publisher": _("Publisher"),
    "admin": _("Administrator"),
}
ROLE_MEANINGS: Final[dict[Role, str]] = {
    "viewer": _("sees everything, changes nothing"),
    "editor": _("writes drafts"),
    "publisher": _("writes and publishes"),
    "admin": _("also decides who may do what"),
}


def register(app: Flask, settings: Settings, secrets: Sequence[str]) -> None:
    """Add the pages of staff to `app`."""
    service = StaffService(settings, secrets)
    app.extensions[EXTENSION] = service
    app.config["WTF_CSRF_TIME_LIMIT"] = None  # the token lives as long as the session
    session.register(app, service)
    staff = Blueprint("staff", __name__, url_prefix=session.PATH)
    staff.before_request(guard)
    staff.after_request(session.private)
    staff.register_error_handler(StoreError, _refuse_unkept)
    staff.context_processor(surroundings)
    for route in ROUTES:
        staff.add_url_rule(route.rule, route.endpoint, _view(route.view), methods=[route.method])
    app.register_blueprint(staff)
    app.register_blueprint(manual)


def surroundings() -> dict[str, Any]:
    """Give the templates of staff what stands around every page."""
    language, settings = asked_language(), get_services().settings
    member = _member()
    here = g.get("municipality")
    own = own_municipalities(member) if member else []
    return {
        "member": member,
        "here": here,
        "place": here.name.best(language) if here else None,
        "others": [
            {"name": one.name.best(language), "link": _elsewhere(one.id)}
            for one in sorted(own, key=lambda one: in_order(one.name.best(language), language))
            if here is None or one.id != here.id
        ],
        "navigation": navigation(),
        "csrf_token": _token,
        "ngettext": lambda one, many, number: translations(language).ngettext(one, many, number) % {"number": number},
        "role_name": lambda role: texts(language)(ROLE_NAMES[role]),
        "role_meaning": lambda role: texts(language)(ROLE_MEANINGS[role]),
        "scope_name": lambda scope: scope_name(scope),
        "moment": lambda at: format_moment(at.astimezone(settings.timezone), language),
        "roles": tuple(ROLE_NAMES),
    }


def navigation() -> list[dict[str, Any]]:
    """Return the pages that exist and may be seen by whoever is signed in, here."""
    here = g.get("municipality")
    if here is None:
        return []
    _ = texts(asked_language())
    return [
        {
            "name": _(item.name),
            "link": url_for(item.endpoint, municipality=here.id),
            "icon": item.icon,
            "is_here": item.endpoint == request.endpoint,
        }
        for item in NAVIGATION
        if item.endpoint in current_app.view_functions and suffices(role_here(), item.role)
    ]


def scope_name(scope: str) -> str:
    """Name where a role holds: a municipality, a group or everywhere."""
    language = asked_language()
    _ = sentences(language)
    if scope == EVERYWHERE:
        return _("everywhere")
    if scope.startswith(GROUP):
        return _("the group %(name)s", name=group_name(scope.removeprefix(GROUP), language))
    known = municipalities().get(scope)
    return known.name.best(language) if known else scope


def say(message: str, **values: object) -> None:
    """Have the next page say that something was done; `message` is marked for the catalogues where it stands."""
    flash(sentences(asked_language())(message, **values))


def _elsewhere(municipality: str) -> str:
    """Return the same page of another municipality where it has one, else its first."""
    is_list = request.endpoint in {item.endpoint for item in NAVIGATION}
    return url_for((request.endpoint if is_list else None) or "staff.home", municipality=municipality)


def _view(name: str) -> Callable[..., ResponseReturnValue]:
    """Return a view that is imported when it is first asked for; the municipality it gets from `guard`."""
    module, function = name.split(":")

    def view(municipality: str | None = None, **values: Any) -> ResponseReturnValue:
        found = getattr(import_module(f"web.staff.{module}"), function)
        return cast("ResponseReturnValue", found(**values))

    return view


def _member() -> session.Member | None:
    """Return who is signed in; the page that says that the store is gone asks too, and is shown all the same."""
    try:
        return session.current()
    except StoreError:
        return None


def _token() -> str:
    from flask_wtf.csrf import generate_csrf

    return cast("str", generate_csrf())


def _refuse_unkept(error: StoreError) -> ResponseReturnValue:
    """Nothing was kept, neither the work nor its row in the audit; what was typed can be sent again."""
    LOG.warning("the pages of staff fail: %s", error)
    typed = typed_here()
    if request.method != "POST" or not typed.fields or _member() is None:
        return answer(RequestError("nothing_changed"))
    return resume(typed, is_refused=True), 503
