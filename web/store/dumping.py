"""All tables as lines of JSON, the same from SQLite and from PostgreSQL, so that either takes what the other gave.

The first line of a table names its columns, each other line is a row. A schema of any age is read and written as it
is: the tables are those that the database has, not those of this Hemvist's models.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Engine, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.types import Boolean, Date, DateTime, Float, Integer, TypeEngine

from web.store import (  # noqa: F401 - registers their tables with Base
    evidence_tables,
    gap_tables,
    revision_tables,
    setting_tables,
    staff_tables,
)
from web.store.engine import be_patient, reading
from web.store.models import Base
from web.store.version import FOUND

BATCH: Final = 1_000  # rows in memory
VERSION_TABLE: Final = "alembic_version"
PASSING: Final = frozenset({"sessions", "tries", "folder_files"})
"""What no backup holds: who is signed in, who mistyped a password, and what the files of each server looked like."""
Value = str | int | float | bool | None


class DumpError(Exception):
    """Lines are not those of a table; the words say which and why, and hold no value."""


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection that sees one moment of the whole database, while others write; raises SQLAlchemyError."""
    isolated = engine.execution_options(isolation_level="REPEATABLE READ") if _is_server(engine) else engine
    with reading(isolated).begin() as connection:
        be_patient(connection)
        connection.execute(text(FOUND)).all()  # the first look decides which moment it is
        yield connection


def tables_of(connection: Connection) -> dict[str, Table]:
    """Return the tables that a backup holds, those before that others refer to."""
    found = MetaData()
    found.reflect(connection, only=[name for name in own_tables(connection) if name not in PASSING])
    return {table.name: table for table in found.sorted_tables if table.name not in PASSING | {VERSION_TABLE}}


def own_tables(connection: Connection) -> list[str]:
    """Return the names of those of our tables that are there; others may share the database."""
    return sorted({*Base.metadata.tables, VERSION_TABLE}.intersection(inspect(connection).get_table_names()))


def lines_of(connection: Connection, table: Table) -> Iterator[bytes]:
    """Yield the lines of a table, in the order of its key; only some rows are in memory at once."""
    yield _line([column.name for column in table.columns])
    rows = connection.execution_options(stream_results=True, yield_per=BATCH).execute(
        select(table).order_by(*table.primary_key.columns)
    )
    for row in rows:
        yield _line([_plain(value) for value in row])


def fill(connection: Connection, table: Table, lines: Iterable[bytes]) -> int:
    """Put the rows of `lines` in the place of those of a table, and return how many; raises DumpError."""
    numbered = enumerate(lines, 1)
    columns = _columns(table, next(numbered, (1, b""))[1])
    if connection.scalar(select(func.count()).select_from(table)):
        connection.execute(table.delete())
    total = 0
    readers = [(name, _reader(table.columns[name].type)) for name in columns]
    while rows := [_row(table.name, number, line, readers) for number, line in islice(numbered, BATCH)]:
        connection.execute(insert(table), rows)
        total += len(rows)
    return total


def number_on(connection: Connection, tables: Iterable[Table], last: Mapping[str, int]) -> None:
    """Let PostgreSQL count ids on behind those that are there, and behind the `last` that were ever given out."""
    if not _is_server(connection):
        return
    for table in tables:
        sequence = _sequence(connection, table.name)
        if sequence is None:
            continue
        highest = connection.scalar(select(func.max(table.columns["id"]))) or 0
        number = max(highest, last.get(table.name, 0))
        if number:
            connection.execute(select(func.setval(sequence, number)))


def last_numbers(connection: Connection, tables: Iterable[str]) -> dict[str, int]:
    """Return the last id that PostgreSQL gave out in each table."""
    found = {}
    for name in tables:
        sequence = _sequence(connection, name)
        if sequence:
            found[name] = connection.scalar(text(f"SELECT last_value FROM {sequence}")) or 0  # noqa: S608 - as PostgreSQL quotes it
    return found


def _sequence(connection: Connection, table: str) -> str | None:
    """Return the name of what numbers the rows of a table, quoted; None where nothing does."""
    has_id = text(
        "SELECT pg_get_serial_sequence(quote_ident(:name), 'id') FROM pg_attribute "
        "WHERE attrelid = to_regclass(quote_ident(:name)) AND attname = 'id'"
    )
    found = connection.scalar(has_id, {"name": table})
    return None if found is None else str(found)


def _is_server(where: Engine | Connection) -> bool:
    return where.dialect.name == "postgresql"


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _plain(value: Any) -> Value:
    if isinstance(value, datetime):  # SQLite keeps no time zone: all is UTC
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _columns(table: Table, line: bytes) -> list[str]:
    try:
        names = json.loads(line)
    except ValueError:
        names = None
    is_list = isinstance(names, list) and bool(names) and all(isinstance(name, str) for name in names)
    if not is_list or len({*names}) != len(names) or not {*names} <= {*table.columns.keys()}:
        raise DumpError(f"{table.name}: line 1 does not name columns of this table")
    return list(names)


def _row(table: str, number: int, line: bytes, readers: list[tuple[str, Callable[[Any], Any]]]) -> dict[str, Any]:
    try:
        values = json.loads(line)
        if not isinstance(values, list):
            raise TypeError  # noqa: TRY301 - told with the others
        return {name: read(value) for (name, read), value in zip(readers, values, strict=True)}
    except (ValueError, TypeError, RecursionError) as error:
        raise DumpError(f"{table}: line {number} is not a row of this table") from error


def _reader(kind: TypeEngine[Any]) -> Callable[[Any], Any]:
    """Return what reads a value of a column; it raises ValueError or TypeError where it is none."""
    if isinstance(kind, DateTime):
        return lambda value: None if value is None else _moment(value)
    if isinstance(kind, Date):
        return lambda value: None if value is None else date.fromisoformat(value)
    accepted = next((types for of, types in _ACCEPTED if isinstance(kind, of)), (str,))
    return lambda value: _checked(value, accepted)


_ACCEPTED: Final[tuple[tuple[type[TypeEngine[Any]], tuple[type, ...]], ...]] = (
    (Boolean, (bool,)),
    (Integer, (int,)),
    (Float, (float, int)),
)


def _moment(value: str) -> datetime:
    found = datetime.fromisoformat(value)
    if found.tzinfo is None:
        raise ValueError
    return found.astimezone(UTC)


def _checked(value: Any, accepted: tuple[type, ...]) -> Any:
    if value is not None and type(value) not in accepted:
        raise TypeError
    return value
