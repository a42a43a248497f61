"""A store that is open: its tables are made first, and looked for again after a failure."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy.exc import SQLAlchemyError

from web.settings import Settings
from web.store.engine import open_engine, told
from web.store.schema import Tables

Result = TypeVar("Result")


class OpenStore:
    """One for each process; what it does raises StoreError where the database does not do it now.

    After such a failure the tables are looked for again: the database may be another one.
    """

    def __init__(self, settings: Settings) -> None:
        self.engine = open_engine(settings)
        self._tables = Tables(self.engine, settings)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def do(self, work: Callable[[], Result]) -> Result:
        """Do `work` on a store that has its tables."""
        try:
            found = self._tables.ensure()
            done = work()
        except SQLAlchemyError as error:
            self._tables.forget()
            raise told(error) from error
        self._tables.confirm(found)
        return done
