"""How many visitors each answer had of late."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from flask import g

from web.services import today
from web.staff.guard import municipality_here
from web.staff.service import get_staff
from web.store.asked import asked

WINDOW: Final = timedelta(days=90)  # how far back visitors are counted


def visits_here() -> Mapping[str, int]:
    """Return entry → how many turns it answered in this municipality, counted once in a request."""
    if "visits" not in g:
        with get_staff().store.reading() as connection:
            g.visits = asked(connection, municipality_here().id, today() - WINDOW)
    found: Mapping[str, int] = g.visits
    return found
