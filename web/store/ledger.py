"""The store as the journal uses it: one for each process, in one thread."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from web.settings import Settings
from web.store.conversations import Origins, Row, forget, write
from web.store.engine import open_engine, told
from web.store.leases import last_finished
from web.store.schema import upgrade
from web.store.version import file_of

Result = TypeVar("Result")


class Ledger:
    """Keeps what it is given; every method raises StoreError where the database does not do it now.

    After such a failure the tables are looked for again: the database may be another one.
    """

    def __init__(self, settings: Settings) -> None:
        self._engine = open_engine(settings)
        self._file = file_of(settings)
        self._seen: tuple[int, int] | None = None

    def write(self, turns: Sequence[Row], opinions: Sequence[Row], origins: Origins) -> int:
        """Keep a batch; return how many rows were unfit."""
        return self._do(lambda: write(self._engine, turns, opinions, origins))

    def forget(self, key_hash: str, municipality: str, at: datetime, held: Collection[str]) -> None:
        """Remove a conversation."""
        self._do(lambda: forget(self._engine, key_hash, municipality, at, held))

    def look(self) -> datetime | None:
        """Find out whether something could be written, and return when `hemvist tick` last did something."""
        return self._do(self._look)

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _look(self) -> datetime | None:
        with self._engine.begin():  # with SQLite this takes the lock for writing
            pass
        return last_finished(self._engine)

    def _do(self, work: Callable[[], Result]) -> Result:
        try:
            if self._seen is None or self._seen != self._identity():
                self._engine.dispose()
                upgrade(self._engine)
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
