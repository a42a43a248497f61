"""Questions without a good answer: all of them, those that mean the same as one line."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import LANGUAGES, Municipality
from web.errors import asked_language
from web.frame import group_name, municipalities
from web.i18n import NAMES, sentences, texts, translations
from web.people import EVERYWHERE, GROUP, suffices
from web.staff import clusters
from web.staff.audit import doing
from web.staff.clusters import Cluster
from web.staff.guard import municipality_here, role_here, see_other
from web.staff.paging import paged
from web.staff.service import get_staff
from web.staff.session import member
from web.staff.shell import say
from web.store import gaps
from web.store.gaps import State

MOST_AT_ONCE: Final = 50


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


FILTERS: Final[Mapping[str, tuple[str, Callable[[Cluster], bool]]]] = {
    "waiting": (_("waiting"), lambda one: one.waits),
    "new": (_("new"), lambda one: one.state == "new"),
    "drafted": (_("drafted"), lambda one: one.state == "drafted"),
    "solved": (_("solved"), lambda one: one.state == "solved"),
    "ignored": (_("set aside"), lambda one: one.state == "ignored"),
    "all": (_("all"), lambda one: True),
}
STATE_NAMES: Final[Mapping[State, str]] = {
    "new": _("new"),
    "drafted": _("drafted"),
    "solved": _("solved"),
    "ignored": _("set aside"),
}
REASONS: Final = {
    "none": _("no answer was found"),
    "words": _("a list did not know the words"),
    "choices": _("none of the choices was meant"),
    "thumb": _("thumb down"),
}


def show() -> str:
    """Show a page of them, perhaps of one state or language."""
    here = municipality_here()
    state, language = _chosen()
    with get_staff().store.reading() as connection:
        found = clusters.clusters_of(connection, here)
        others = gaps.sent_to(connection, here.groups, but=here.id)
    wanted = [one for one in found if FILTERS[state][1](one) and (not language or language in one.languages)]
    values: dict[str, Any] = {
        "page": paged(wanted),
        "any": bool(found),
        "state": state,
        "chosen_language": language,
        "filters": [(name, texts(asked_language())(label)) for name, (label, _test) in FILTERS.items()],
        "languages": [(one, NAMES[one]) for one in LANGUAGES],
        "may_settle": suffices(role_here(), "editor"),
        "may_settle_this": clusters.may_settle,
        "others": [{"gap": gap, "place": _place(gap.municipality)} for gap in others],
        **wording(),
    }
    return render_template("staff/gaps.html", **values)


def ignore() -> ResponseReturnValue:
    """Set several aside at once."""
    here = municipality_here()
    chosen = dict.fromkeys(request.form.getlist("key")[:MOST_AT_ONCE])
    with get_staff().store.reading() as connection:
        found = clusters.clusters_of(connection, here)
    wanted = (clusters.find(found, key) for key in chosen if key)
    picked = {one.key: one for one in wanted if one and clusters.may_settle(one)}
    if picked:
        with doing("gap_ignored", scope=here.id, about=", ".join(picked)[:300]) as writing:
            for one in picked.values():
                clusters.settle(writing, one, "ignored", member().account.email)
            writing.detail["questions"] = sum(len(one.asked) for one in picked.values())
        say(_("Set aside: %(number)s."), number=len(picked))
    else:
        say(_("Nothing was chosen, so nothing was done."))
    state, language = _chosen()
    return see_other("staff.gaps", municipality=here.id, state=state, language=language or None)


def wording() -> dict[str, Any]:
    """Return what templates say of clusters with."""
    _ = texts(asked_language())
    return {
        "state_name": lambda state: _(STATE_NAMES[state]),
        "reason_name": lambda reason: _(REASONS[reason]),
        "times": _times,
        "asked_of": _asked_of,
        "visitors": _visitors,
    }


def _asked_of(one: Cluster) -> str | None:
    """Say of whom questions were asked, where it was not this municipality."""
    if one.scope == municipality_here().id:
        return None
    _ = sentences(asked_language())
    if one.scope == EVERYWHERE:
        return _("asked of no municipality")
    return _("asked of the group %(name)s", name=group_name(one.scope.removeprefix(GROUP), asked_language()))


def _times(number: int) -> str:
    one = translations(asked_language()).ngettext("asked %(number)s time", "asked %(number)s times", number)
    return one % {"number": number}


def _visitors(number: int) -> str:
    one = translations(asked_language()).ngettext("by %(number)s visitor", "by %(number)s visitors", number)
    return one % {"number": number}


def _chosen() -> tuple[str, str]:
    """Return the state and the language that are asked for."""
    state, language = request.values.get("state", ""), request.values.get("language", "")
    return state if state in FILTERS else "waiting", language if language in LANGUAGES else ""


def _place(municipality: str) -> str:
    known: Municipality | None = municipalities().get(municipality)
    return known.name.best(asked_language()) if known else municipality
