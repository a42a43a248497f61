"""How a phrasing gets into the knowledge: whoever keeps revisions says so at the start, and the pages use it."""

from typing import Protocol

from flask import current_app
from sqlalchemy import Connection

from bot import Language
from web.staff.audit import Actor

EXTENSION = "hemvist-phrasings"


class Phrasings(Protocol):
    """Adds phrasings; set as `app.extensions[EXTENSION]`. Where nobody is, the pages show effects and no button."""

    def add_phrasing(
        self, layer: str, entry: str, language: Language, text: str, who: Actor, *, connection: Connection
    ) -> None:
        """Publish one more phrasing of `entry` in `layer` (municipalities/<id>), in the transaction of `connection`.

        Raises StoreError where that cannot be kept; then nothing is.
        """


def phrasings() -> Phrasings | None:
    """Return who adds phrasings, if somebody does."""
    found: Phrasings | None = current_app.extensions.get(EXTENSION)
    return found
