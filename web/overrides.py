"""What staff decided about their municipality, read from the store: the commands ask once, a server again and again."""

import logging
import threading
from typing import TYPE_CHECKING, Any, Final

from bot import Knowledge, Overrides, load_as_asked, override
from web.settings import Settings
from web.store.errors import StoreError
from web.store.lookout import UNDECIDED, Lookout
from web.store.version import file_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

LOG: Final = logging.getLogger("hemvist.settings")


class OverrideReader:
    """Reads for one server what is decided; safe to share by threads.

    A store that cannot be read changes nothing: what was read last holds on.
    """

    def __init__(self, settings: Settings, lookout: Lookout) -> None:
        self._settings = settings
        self._lookout = lookout
        self._lock = threading.Lock()
        self._last: tuple[Any, ...] = UNDECIDED
        self._found: Overrides = {}
        self._fault = ""

    def __call__(self, decided: tuple[Any, ...] | None = None) -> Overrides:
        """Return what holds now: the very same object while nobody decides anything.

        `decided` is what was decided last, where somebody has asked the store just now.
        """
        with self._lock:
            try:
                self._look(decided or self._lookout.look().decided)
            except StoreError as error:
                if str(error) != self._fault:
                    LOG.warning("what staff decided cannot be read, the last known holds: %s", error)
                self._fault = str(error)
            else:
                self._fault = ""
            return self._found

    def _look(self, decided: tuple[Any, ...]) -> None:
        if decided == self._last:
            return
        self._found = {} if decided == UNDECIDED else self._read()
        self._last = decided

    def _read(self) -> Overrides:
        from web.store.access import Store  # a quarter of a second, and not where nothing was ever decided
        from web.store.staff_settings import in_force

        with Store(self._settings).reading() as connection:
            return in_force(connection)


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
