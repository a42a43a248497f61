"""A store that is open: its tables are made first, and looked for again after a failure."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from web.settings import Settings
from web.store.engine import open_engine, told
from web.store.schema import upgrade
from web.store.version import file_of

Result = TypeVar("Result")


class OpenStore:
    """One for each process; what it does raises StoreError where the database does not do it now.

    After such a failure the tables are looked for again: the database may be another one.
    """

    def __init__(self, settings: Settings) -> None:
        self.engine = open_engine(settings)
        self._file = file_of(settings)
        self._seen: tuple[int, int] | None = None

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def do(self, work: Callable[[], Result]) -> Result:
        """Do `work` on a store that has its tables."""
        try:
            if self._seen is None or self._seen != self._identity():
                self.engine.dispose()
                upgrade(self.engine)
                self._seen = self._identity()
            return work()
        except SQLAlchemyError as error:
            self._seen = None
            raise told(error) from error

    def _identity(self) -> tuple[int, int]:
        """Return which file it is now: whoever deletes it or puts a backup in its place has it used at once."""
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return (-1, -1)
        return (found.st_dev, found.st_ino) if found else (0, 0)
