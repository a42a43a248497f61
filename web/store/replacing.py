"""Put other tables in the place of those that a store has: built and checked beside them, then swapped at once."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, inspect, select, text

from web.settings import Settings
from web.store import revisions
from web.store.dumping import DumpError, fill, last_numbers, number_on, own_tables, tables_of
from web.store.engine import open_engine, reading, upsert
from web.store.errors import StoreError
from web.store.models import Base, Forgotten
from web.store.schema import DAMAGED, alone, hold_schema, migrate
from web.store.version import FILE, file_of, versions

FUNCTIONS: Final = ("audit_refuses", "revisions_refuse")
OF_THE_PROGRAM: Final = frozenset({"alembic_version", "generation", "leases", "folder_files", "sessions", "tries"})
Lines = Iterable[bytes]


class Rebuilt(Protocol):
    """A store that is built, and that nobody sees yet."""

    connection: Connection

    def take_over(self) -> str | None:
        """Put it in the place of the old one, and say where that is now; None: there was none."""


@contextmanager
def rebuilding(settings: Settings, folder: Path, aside: Path) -> Iterator[Rebuilt]:
    """Give a new store without tables, made in `folder`; what it takes the place of is kept in `aside`.

    Where the block fails, nothing has happened. Raises SQLAlchemyError, StoreError, OSError.
    """
    with (_file if file_of(settings) else _schema)(settings, folder, aside) as rebuilt:
        yield rebuilt


def load(connection: Connection, schema: str, tables: Mapping[str, Lines]) -> dict[str, int]:
    """Make tables of an older or the newest `schema`, fill them, and bring them up to date; return rows by table.

    Raises DumpError where that cannot be done.
    """
    migrate(connection, schema)
    found = tables_of(connection)
    if strange := sorted(tables.keys() - found.keys()):
        raise DumpError(f"{strange[0]}: there is no such table in schema {schema}")
    rows = {name: fill(connection, table, tables[name]) for name, table in found.items() if name in tables}
    number_on(connection, found.values(), {})
    if schema != versions()[-1]:
        migrate(connection)
    revisions.become_another(connection)
    return rows


def state_of(settings: Settings) -> str | None:
    """Say what the store keeps that somebody could miss; None: nothing. Raises SQLAlchemyError."""
    file = file_of(settings)
    if file and (not file.exists() or _is_damaged(file)):
        return "is damaged" if file.exists() else None
    engine = open_engine(settings)
    try:
        with reading(engine).connect() as connection:
            kept = [table for name, table in tables_of(connection).items() if name not in OF_THE_PROGRAM]
            return "holds data" if any(connection.execute(select(one).limit(1)).first() for one in kept) else None
    finally:
        engine.dispose()


def deleted_conversations(connection: Connection) -> list[dict[str, object]]:
    """Return what visitors deleted lately: it stays deleted whatever a backup says."""
    if not inspect(connection).has_table(Forgotten.__tablename__):
        return []
    return [dict(row) for row in connection.execute(select(*Forgotten.__table__.columns)).mappings()]


def keep_deleted(connection: Connection, rows: Collection[Mapping[str, object]]) -> None:
    """Note conversations as deleted; the next tick removes what came back of them."""
    for row in rows:
        new = upsert(connection, Forgotten).values(**row)
        connection.execute(new.on_conflict_do_update(index_elements=["key_hash"], set_={"at": new.excluded.at}))


class _NewFile:
    """SQLite: a file of its own, whose pages go into the old one in one transaction.

    The old file is never renamed: whoever has it open would remove the new one's log by its name.
    """

    def __init__(self, engine: Engine, connection: Connection, old: Path, aside: Path) -> None:
        self._engine = engine
        self._old = old
        self._aside = aside
        self.connection = connection

    def take_over(self) -> str | None:
        """Copy the old one aside, and the new one over it."""
        self.connection.commit()
        self.connection.close()
        self._engine.dispose()
        new = Path(self._engine.url.database or "")
        _refuse_unsound(new)
        kept = self._aside / self._old.name
        is_there, is_damaged = self._old.exists(), _is_damaged(self._old)
        if is_there:
            self._aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_there and not is_damaged:
            kept.touch(mode=0o600)
            _copy(self._old, kept)
            _copy(new, self._old)
        else:
            _set_aside(self._old, self._aside)
            new.replace(self._old)
        return str(kept) if is_there else None


@contextmanager
def _file(settings: Settings, folder: Path, aside: Path) -> Iterator[Rebuilt]:
    old = settings.data / FILE
    engine = open_engine(replace(settings, data=folder))
    (folder / FILE).touch(mode=0o600)
    kept: list[dict[str, object]] = []
    with alone(open_engine(settings)):
        if old.exists() and not _is_damaged(old):
            kept = _read_old(settings)
        with closing(sqlite3.connect(folder / FILE)) as made:
            made.execute("PRAGMA journal_mode=WAL").close()
        connection = engine.connect()
        try:
            connection.begin()
            yield _Keeping(_NewFile(engine, connection, old, aside), kept)
        finally:
            connection.close()
            engine.dispose()


class _Keeping:
    """A rebuilt store in which what visitors deleted stays deleted."""

    def __init__(self, rebuilt: Rebuilt, deleted: Collection[Mapping[str, object]]) -> None:
        self._rebuilt = rebuilt
        self._deleted = deleted
        self.connection = rebuilt.connection

    def take_over(self) -> str | None:
        """Note what is deleted, and take over."""
        keep_deleted(self.connection, self._deleted)
        return self._rebuilt.take_over()


class _NewSchema:
    """PostgreSQL: a schema of its own, whose tables change places with the old ones in one transaction."""

    def __init__(self, connection: Connection, home: str, made_in: str, aside: str) -> None:
        self.connection = connection
        self._home = home
        self._made_in = made_in
        self._aside = aside
        self._last = last_numbers(connection, Base.metadata.tables)
        self._old = own_tables(connection)
        if self._old:
            _run(connection, f'CREATE SCHEMA "{made_in}"', f'SET LOCAL search_path = "{made_in}"')

    def take_over(self) -> str | None:
        """Set the old tables aside, and put the new ones in their place."""
        number_on(self.connection, tables_of(self.connection).values(), self._last)
        if self._old:
            self._change_places()
        self.connection.commit()
        return f"schema {self._aside}" if self._old else None

    def _change_places(self) -> None:
        new = own_tables(self.connection)
        _run(self.connection, f'CREATE SCHEMA "{self._aside}"')
        _move(self.connection, self._old, self._home, self._aside)
        _move(self.connection, new, self._made_in, self._home)
        _run(self.connection, f'DROP SCHEMA "{self._made_in}"', f'SET LOCAL search_path = "{self._home}"')


@contextmanager
def _schema(settings: Settings, folder: Path, aside: Path) -> Iterator[Rebuilt]:
    stamp = aside.name.rpartition("-")[2].lower()
    engine = open_engine(settings)
    try:
        with engine.connect() as connection:
            hold_schema(connection)
            home = str(connection.scalar(text("SELECT current_schema()")))
            kept = deleted_conversations(connection)
            new = _NewSchema(connection, home, f"hemvist_new_{stamp}", f"hemvist_before_{stamp}")
            yield _Keeping(new, kept)
    finally:
        engine.dispose()


def _move(connection: Connection, tables: Collection[str], source: str, target: str) -> None:
    for name in tables:
        _run(connection, f'ALTER TABLE "{source}"."{name}" SET SCHEMA "{target}"')
    for name in FUNCTIONS:
        if connection.scalar(text("SELECT to_regproc(:name)"), {"name": f'"{source}".{name}'}):
            _run(connection, f'ALTER FUNCTION "{source}".{name}() SET SCHEMA "{target}"')


def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement)


def _read_old(settings: Settings) -> list[dict[str, object]]:
    engine = open_engine(settings)
    try:
        with reading(engine).connect() as connection:
            return deleted_conversations(connection)
    finally:
        engine.dispose()


def _is_damaged(file: Path) -> bool:
    """Whether a file is no database at all."""
    if not file.exists():
        return False
    try:
        with closing(sqlite3.connect(file, timeout=2)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").close()
    except sqlite3.DatabaseError as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGED
    return False


def _set_aside(file: Path, folder: Path) -> None:
    """Move a file that is no database, and its log, which must not be taken for that of the new one."""
    for path in (file.with_name(file.name + ending) for ending in ("-wal", "-shm", "")):
        if path.exists():
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.rename(folder / path.name)


def _refuse_unsound(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        found = [connection.execute("PRAGMA integrity_check(1)").fetchone()[0]]
        strays = connection.execute("PRAGMA foreign_key_check").fetchall()
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    if found != ["ok"] or strays:
        raise StoreError(f"what was restored is not sound: {found[0] if found != ['ok'] else strays[0]}")


def _copy(source: Path, target: Path) -> None:
    """Copy a database, whoever uses either: pages go over in one transaction, which waits for its turn."""
    with closing(sqlite3.connect(source)) as given, closing(sqlite3.connect(target, timeout=60)) as taken:
        given.backup(taken)
        taken.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
