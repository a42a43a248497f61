"""The schema: made and brought up to date under a lock; one from a newer Hemvist is never touched."""

import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import DatabaseError, DBAPIError, SQLAlchemyError

from web.settings import Settings
from web.store.engine import be_patient, reading, told
from web.store.errors import StoreError
from web.store.version import FOUND, MIGRATIONS, file_of, still_to_come, versions

LOG: Final = logging.getLogger("hemvist.store")
ADVISORY_LOCK: Final = 4_367_845_178
ONE_AT_A_TIME: Final = threading.Lock()  # alembic keeps what it works on in a module
DAMAGED: Final = (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)
Identity = tuple[int, int]  # device and inode of the file; of a server always the same


class Tables:
    """The tables of one store: made before their first use, and looked for again when the file is another one.

    Whoever deletes the file or puts a backup in its place has that used at once.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self._engine = engine
        self._file = file_of(settings)
        self._seen: Identity | None = None

    def ensure(self) -> Identity:
        """Make what is missing where the store is not the one last seen, and return which one it is; raises what
        `upgrade` raises."""
        seen = self._seen
        if seen is None or seen != self._identity():
            self._engine.dispose()
            upgrade(self._engine)
            self._seen = seen = self._identity()
        return seen

    def confirm(self, written: Identity) -> None:
        """Raise StoreError where the store is another one by now than that in which something was `written`: whoever
        set the file aside meanwhile may have read it before."""
        if written != self._identity():
            self.forget()
            raise StoreError("the database was replaced while it was written to")

    def forget(self) -> None:
        """Look again at the next use: after a failure the database may be another one."""
        self._seen = None

    def _identity(self) -> Identity:
        try:
            found = self._file.stat() if self._file else None
        except OSError:
            return (-1, -1)
        return (found.st_dev, found.st_ino) if found else (0, 0)


def upgrade(engine: Engine, migrations: Path = MIGRATIONS) -> None:
    """Make the tables that are missing; costs one look where nothing is.

    Raises NewerSchemaError, and StoreError where the database cannot be used. A SQLite file that is damaged is set
    aside under another name, and a new one is begun.
    """
    try:
        if _is_current(engine, migrations):
            return
        with alone(engine):
            if _is_damaged(engine):
                _set_aside(Path(engine.url.database or ""))
            _migrate(engine, migrations)
    except SQLAlchemyError as error:
        raise told(error) from error
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"{type(error).__name__}: {error}") from error


def _is_current(engine: Engine, migrations: Path) -> bool:
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return False
    try:
        with reading(engine).connect() as connection:
            return not _missing(connection, migrations)
    except DatabaseError as error:
        if _says_damaged(error):
            return False
        raise


def _missing(connection: Connection, migrations: Path) -> Sequence[str]:
    """Return which schemas are still to come; raises NewerSchemaError."""
    found = connection.scalar(text(FOUND)) if inspect(connection).has_table("alembic_version") else None
    return still_to_come(found, versions(migrations))


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Wait until no other process makes tables or puts another file in the place of this one.

    PostgreSQL has a lock for that, see `hold_schema`; a file has another.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    lock = os.open(f"{engine.url.database}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def migrate(connection: Connection, target: str = "head", migrations: Path = MIGRATIONS) -> None:
    """Bring the schema to `target` in the transaction of `connection`; raises SQLAlchemyError."""
    from alembic import command  # a fifth of a second, and needed once in a schema's life
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    logging.getLogger("alembic").setLevel(logging.WARNING)
    with ONE_AT_A_TIME:
        command.upgrade(config, target)


def hold_schema(connection: Connection) -> None:
    """Let nobody else make tables until the transaction ends, however long it takes; a file has `alone` for that."""
    if connection.dialect.name == "postgresql":
        be_patient(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": ADVISORY_LOCK})


def _migrate(engine: Engine, migrations: Path) -> None:
    if engine.dialect.name == "sqlite":
        _log_ahead(Path(engine.url.database or ""))
    with engine.begin() as connection:
        hold_schema(connection)
        if _missing(connection, migrations):
            migrate(connection, migrations=migrations)
            LOG.info("the store has schema %s", versions(migrations)[-1])


def _log_ahead(file: Path) -> None:
    """Turn on write-ahead logging, which stays with the file; under our lock, since starts would race for it."""
    with closing(sqlite3.connect(file, timeout=2)) as connection:
        connection.execute("PRAGMA journal_mode=WAL").close()


def _is_damaged(engine: Engine) -> bool:
    """Whether the file is no database; it is made here, for our eyes only, where there is none."""
    if engine.dialect.name == "sqlite":
        Path(engine.url.database or "").touch(mode=0o600)
    try:
        with reading(engine).connect() as connection:
            inspect(connection).get_table_names()
    except DatabaseError as error:
        if _says_damaged(error):
            return True
        raise
    return False


def _says_damaged(error: DBAPIError) -> bool:
    return getattr(error.orig, "sqlite_errorcode", 0) & 0xFF in DAMAGED


def _set_aside(file: Path) -> None:
    """Rename a database with its log, in which there may be rows that can be saved, and begin a new file.

    The log goes first: that of one database must never lie beside another. Others that have it open go on in what is
    renamed until `Tables` tells them; SQLite itself sees that the file was moved, and leaves the new log alone.
    """
    aside = file.with_name(f"{file.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    with suppress(FileNotFoundError):
        _beside(file, "-wal").replace(_beside(aside, "-wal"))
    _beside(file, "-shm").unlink(missing_ok=True)
    file.replace(aside)
    file.touch(mode=0o600)
    LOG.error("the database is damaged; it is set aside as %s, and a new one is begun", aside)


def _beside(file: Path, ending: str) -> Path:
    return file.with_name(file.name + ending)
