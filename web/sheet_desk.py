"""The knowledge as commands read and change it: what is published, and the same doors that staff have."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection

from bot import Knowledge, load
from web.people import scope_of
from web.revising import Revising
from web.settings import Settings, read_settings
from web.store import audit
from web.store.revisions import Revision
from web.truth import Truth, open_truth

ACTIONS = {"draft": "draft_saved", "published": "published", "removed": "own_version_removed"}


@dataclass(frozen=True, slots=True)
class SheetDesk:
    """What a command works with."""

    settings: Settings
    truth: Truth
    files: Knowledge

    @property
    def author(self) -> str:
        """Whoever runs the command, as the history names them."""
        return f"hemvist ({getpass.getuser()})"

    def knowledge(self) -> Knowledge:
        """Return what is published: the files, and over them what is newer in the store."""
        self.truth.bring_in_line(self.files)
        return self.truth.lay_over(self.files)

    def layers(self) -> list[str]:
        """Return the layers that there are, the shared words last."""
        return [*self.knowledge().layers, "vocabulary"]

    def revising(self) -> Revising:
        """Return the doors to the truth; each write leaves its row in the audit."""
        return Revising(self.truth, lambda: self.files, self._audited)

    def _audited(self, connection: Connection, made: Revision, before: Revision | None) -> None:
        detail = {"revision": made.id, "before": before.id if before else None, "reason": made.note}
        about = f"{made.key.kind} {made.key.id}"
        scope = scope_of(made.key.layer)
        audit.add(connection, None, audit.Deed(made.at, self.author, ACTIONS[made.state], scope, about, detail))


@contextmanager
def open_desk() -> Iterator[SheetDesk]:
    """Give the desk of this environment's settings."""
    settings = read_settings(os.environ)
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    yield SheetDesk(settings, open_truth(settings), load(settings.knowledge))
