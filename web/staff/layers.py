"""The layers that a municipality is answered from, and who may change which: its own, its groups', the national one."""

from dataclasses import dataclass

from flask import request

from web.errors import RequestError, asked_language
from web.frame import group_name
from web.i18n import sentences
from web.people import EVERYWHERE, GROUP, GROUPS, MUNICIPALITIES, Role, highest, suffices
from web.staff.guard import municipality_here
from web.staff.session import member

NATIONAL = "national"
WORDS = "vocabulary"  # what questions are read by, shared by all municipalities


@dataclass(frozen=True, slots=True)
class Place:
    """A layer, and what whoever is signed in may do in it; None: only look."""

    layer: str
    scope: str
    role: Role | None

    def allows(self, role: Role) -> bool:
        """Whether what takes `role` may be done here."""
        return suffices(self.role, role)


def places() -> list[Place]:
    """Return the layers of this municipality, its own first."""
    here = municipality_here()
    found = [Place(own_layer(), here.id, member().account.role_in(here))]
    found += [Place(f"{GROUPS}{group}", GROUP + group, _role_in(GROUP + group)) for group in here.groups]
    return [*found, Place(NATIONAL, EVERYWHERE, _role_in(EVERYWHERE))]


def words_place() -> Place:
    """Return where the words are kept that all municipalities share."""
    return Place(WORDS, EVERYWHERE, _role_in(EVERYWHERE))


def own_layer() -> str:
    """Return the layer of this municipality alone."""
    return f"{MUNICIPALITIES}{municipality_here().id}"


def place_asked() -> Place:
    """Return the layer that a request is about, else the municipality's own; one that is not its own is not there."""
    wanted = request.values.get("layer") or own_layer()
    found = next((place for place in places() if place.layer == wanted), None)
    if found is None:
        raise RequestError("not_found")
    return found


def place_for(role: Role) -> Place:
    """Return the layer that a request is about where `role` suffices to change it, else refuse."""
    found = place_asked()
    if not found.allows(role):
        raise RequestError("role_too_low")
    return found


def layer_name(layer: str) -> str:
    """Say what a layer is called."""
    _ = sentences(asked_language())
    if layer in (NATIONAL, WORDS):
        return _("national") if layer == NATIONAL else _("all municipalities")
    if layer.startswith(GROUPS):
        return _("the group %(name)s", name=group_name(layer.removeprefix(GROUPS), asked_language()))
    here = municipality_here()
    return here.name.best(asked_language()) if layer == own_layer() else layer.removeprefix(MUNICIPALITIES)


def _role_in(scope: str) -> Role | None:
    """Return the role over a whole scope, wider than this municipality."""
    wider = {scope, EVERYWHERE}
    return highest(grant.role for grant in member().account.grants if grant.scope in wider)
