"""The store as requests and commands use it: one transaction at a time, by whichever thread asks."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from web.settings import Settings
from web.store.engine import open_unpooled, reading, told
from web.store.schema import Identity, Tables


class Store:
    """Gives connections; every method raises StoreError where the database does not do it now.

    Nothing stays open between two uses, so that it may be shared by threads and handed over a fork. Tables are looked
    for at the first use, and again when the file is another one.
    """

    def __init__(self, settings: Settings) -> None:
        self._engine: Engine = open_unpooled(settings)
        self._tables = Tables(self._engine, settings)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that only looks."""
        with self._told(), reading(self._engine).begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection whose work is kept as a whole when the block ends, or not at all."""
        with self._told() as found:
            with self._engine.begin() as connection:
                yield connection
            self._tables.confirm(found)

    @contextmanager
    def _told(self) -> Iterator[Identity]:
        try:
            yield self._tables.ensure()
        except SQLAlchemyError as error:
            self._tables.forget()
            raise told(error) from error
