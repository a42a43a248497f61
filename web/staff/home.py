"""What needs me today, and which municipality it is about."""

from collections.abc import Callable, Sequence
from typing import Final

from flask import render_template
from flask.typing import ResponseReturnValue

from bot import Municipality
from web.errors import asked_language
from web.i18n import in_order
from web.staff import freshness
from web.staff.guard import municipality_here, own_municipalities, see_other
from web.staff.matters import Matter, conflicts, drafts, feeds, messages, unanswered
from web.staff.session import member

# each says what it knows of a municipality
MATTERS: Final[Sequence[Callable[[Municipality], Sequence[Matter]]]] = (
    unanswered,
    drafts,
    conflicts,
    messages,
    feeds,
    freshness.matters,
)


def choose() -> ResponseReturnValue:
    """Lead to the one municipality, or let somebody with several choose."""
    language = asked_language()
    own = sorted(own_municipalities(member()), key=lambda one: in_order(one.name.best(language), language))
    if len(own) == 1:
        return see_other("staff.home", municipality=own[0].id)
    return render_template("staff/choose.html")


def show() -> str:
    """Show what needs doing, what touches most visitors first."""
    here = municipality_here()
    matters = [matter for found in MATTERS for matter in found(here)]
    return render_template("staff/home.html", matters=sorted(matters, key=lambda matter: -matter.weight))
