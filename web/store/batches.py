"""Work on very many rows, a thousand at a time, so that nobody who writes waits long."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine

from web.store.engine import PATIENCE

BATCH: Final = 1_000  # rows
LONG_PATIENCE: Final = 30  # seconds to wait for SQLite's lock: nobody waits for this work


def in_batches(engine: Engine, work: Callable[[Connection], int]) -> int:
    """Do `work` on up to BATCH rows, in a transaction each time, until it did fewer; return how many in all.

    It rests after each batch for as long as that took, and waits longer for its turn than a request may: SQLite lets in
    whoever happens to try, not who waited longest, and who works without a rest keeps others out for seconds. Raises
    SQLAlchemyError.
    """
    total = 0
    while True:
        began = time.monotonic()
        with _patient(engine) as connection:
            done = work(connection)
        total += done
        if done < BATCH:
            return total
        time.sleep(time.monotonic() - began)


@contextmanager
def _patient(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction, which is begun as late as others let it."""
    with engine.connect() as connection:
        _wait(connection, LONG_PATIENCE)
        try:
            with connection.begin():
                yield connection
        finally:
            _wait(connection, PATIENCE)


def _wait(connection: Connection, seconds: int) -> None:
    if connection.dialect.name == "sqlite" and not connection.invalidated:
        dbapi: Any = connection.connection.dbapi_connection
        dbapi.execute(f"PRAGMA busy_timeout={seconds * 1000}").close()
