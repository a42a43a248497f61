"""Whether a municipality's own questions still hold when something is published: told to whoever did it, and kept."""

import logging
from typing import Final

from flask import g

from bot import Proof, prove
from web.services import get_services, today
from web.staff.guard import municipality_here
from web.staff.service import get_staff, moment
from web.staff.shell import say
from web.store.errors import StoreError
from web.store.evidence import note_proof
from web.store.revisions import generation

LOG: Final = logging.getLogger("hemvist.staff")


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


def begin() -> None:
    """Remember who answered before something is published; costs nothing."""
    g.answered_before = get_services().knowledge.assistant


def tell() -> None:
    """Ask our own questions before and after what was just published, say how many hold, and keep it."""
    before = g.pop("answered_before", None)
    after = get_services().knowledge.assistant
    if before is None or before is after:
        return
    here = municipality_here().id
    found = prove(before, after, here, today())
    if found is None:
        return
    _keep(here, found)
    values = {"before": found.before, "after": found.after, "questions": found.questions}
    if found.after < found.before:
        say(_("Of our %(questions)s own questions %(before)s held before, and only %(after)s hold now."), **values)
    else:
        say(_("Of our %(questions)s own questions %(before)s held before, and %(after)s hold now."), **values)


def _keep(here: str, found: Proof) -> None:
    """What is published is published, whether or not this can be noted."""
    try:
        with get_staff().store.writing() as connection:
            note_proof(connection, here, moment(), generation(connection), found)
    except StoreError as error:
        LOG.warning("how many own questions hold is not noted: %s", error)
