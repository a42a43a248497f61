"""How the database is spoken to: one engine for SQLite or PostgreSQL, with the pragmas and time limits we rely on."""

from sqlite3 import Connection as SqliteConnection
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, NullPool, create_engine, event, make_url, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from web.settings import Settings
from web.store.errors import StoreError
from web.store.version import file_of

PATIENCE: Final = 2  # seconds to wait for a connection, a lock or a statement
POSTGRES: Final[dict[str, Any]] = {
    "connect_timeout": PATIENCE,
    "options": "-c statement_timeout=2000 -c lock_timeout=2000 -c idle_in_transaction_session_timeout=10000",
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}


def open_engine(settings: Settings) -> Engine:
    """Return an engine for the store of `settings`; nothing is opened yet. Each process needs one of its own."""
    if file_of(settings):
        return _engine(settings, pool_size=1)
    return _engine(settings, pool_size=1, max_overflow=1, pool_pre_ping=True, pool_timeout=PATIENCE)


def open_unpooled(settings: Settings) -> Engine:
    """Return an engine that opens a connection for each use and closes it: for what is seldom asked, by any thread."""
    return _engine(settings, poolclass=NullPool)


def _engine(settings: Settings, **pool: Any) -> Engine:
    file = file_of(settings)
    if file:
        engine = create_engine(URL.create("sqlite", database=str(file)), hide_parameters=True, **pool)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
        return engine
    address = make_url(settings.database_url or "").set(drivername="postgresql+psycopg")
    return create_engine(address, connect_args=POSTGRES, hide_parameters=True, **pool)


def reading(engine: Engine) -> Engine:
    """Return the engine for looking only, which takes no lock and works where nothing can be written."""
    return engine.execution_options(is_reading=True)


def be_patient(connection: Connection) -> None:
    """Let statements, locks and pauses of this transaction take their time, as no request may."""
    if connection.dialect.name == "postgresql":
        for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))


def upsert(connection: Connection, table: Any) -> Any:
    """Return an INSERT into `table` that knows ON CONFLICT, in the words of this database."""
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def told(error: SQLAlchemyError) -> StoreError:
    """Say in one line what the database said, without statement and values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first = (str(cause).splitlines() or [""])[0].strip()
    return StoreError(f"{type(cause).__name__}: {first}"[:200])


def _prepare_sqlite(connection: SqliteConnection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    # synchronous=FULL: what was acknowledged outlives a power cut, as edits, messages and the audit must
    for pragma in (f"busy_timeout={PATIENCE * 1000}", "foreign_keys=ON", "synchronous=FULL", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(connection: Connection) -> None:
    """Take the lock at once: who reads first and then writes is refused whatever the patience."""
    is_reading = connection.get_execution_options().get("is_reading")
    connection.exec_driver_sql("BEGIN" if is_reading else "BEGIN IMMEDIATE")
