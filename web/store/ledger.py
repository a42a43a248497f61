"""The store as the journal uses it: one for each process, in one thread."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from web.settings import Settings
from web.store.conversations import Origins, Row, forget, write
from web.store.engine import open_engine, told
from web.store.errors import StoreError
from web.store.leases import last_finished
from web.store.schema import upgrade

Result = TypeVar("Result")


class Ledger:
    """Keeps what it is given; every method raises StoreError where the database does not do it now.

    After such a failure the tables are looked for again: the database may be another one.
    """

    def __init__(self, settings: Settings) -> None:
        self._engine = open_engine(settings)
        self._is_ready = False

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
            if not self._is_ready:
                upgrade(self._engine)
                self._is_ready = True
            return work()
        except StoreError:
            raise
        except SQLAlchemyError as error:
            self._is_ready = False
            raise told(error) from error
