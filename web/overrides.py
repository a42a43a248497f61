"""What staff decided about their municipality, read from the store: the commands ask once, a server again and again."""

import logging
import os
import threading
from typing import TYPE_CHECKING, Final

from bot import Knowledge, Overrides, load_as_asked, override
from web.settings import Settings
from web.store.errors import StoreError
from web.store.version import DECISION, file_of, glance

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from web.store.opened import OpenStore

LOG: Final = logging.getLogger("hemvist.settings")


class OverrideReader:
    """Reads for one server what is decided; safe to share by threads, each process opens the store for itself.

    A store that cannot be read changes nothing: what was read last holds on.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._store: OpenStore | None = None
        self._process = 0
        self._number = -1
        self._found: Overrides = {}
        self._fault = ""
        self._asked = False

    def __call__(self) -> Overrides:
        """Return what holds now: the very same object while nobody decides anything."""
        with self._lock:
            try:
                self._look()
            except StoreError as error:
                if str(error) != self._fault:
                    LOG.warning("what staff decided cannot be read, the last known holds: %s", error)
                self._fault = str(error)
            else:
                self._fault = ""
            return self._found

    def close(self) -> None:
        """Close the store."""
        if self._store and self._process == os.getpid():
            self._store.close()

    def _look(self) -> None:
        if self._store is None and self._is_undecided():
            return
        from web.store.opened import OpenStore  # a quarter of a second, and not where nothing was ever decided
        from web.store.staff_settings import in_force, newest

        if self._store is None or self._process != os.getpid():
            self._store, self._process = OpenStore(self._settings), os.getpid()
        engine = self._store.engine

        def read() -> None:
            from web.store.engine import reading

            with reading(engine).connect() as connection:
                number = newest(connection)
                if number != self._number:
                    self._found = in_force(connection)
                    self._number = number

        self._store.do(read)

    def _is_undecided(self) -> bool:
        """Whether nobody ever decided anything. A file is asked each time; of a server, this is asked at the start."""
        is_file = file_of(self._settings) is not None
        if self._asked and not is_file:
            return False
        self._asked = True
        return glance(self._settings, DECISION) is None


def overridden(knowledge: Knowledge, engine: "Engine") -> Knowledge:
    """Return `knowledge` with what staff decided; raises SQLAlchemyError."""
    from web.store.engine import reading
    from web.store.staff_settings import in_force

    with reading(engine).connect() as connection:
        return override(knowledge, in_force(connection))


def known(settings: Settings) -> Knowledge:
    """Read the knowledge with what staff decided, for a command; raises KnowledgeError, StoreError."""
    knowledge = load_as_asked(settings.knowledge)
    file = file_of(settings)
    if file and not file.exists():
        return knowledge
    from web.store.access import Store
    from web.store.staff_settings import in_force

    with Store(settings).reading() as connection:
        return override(knowledge, in_force(connection))
