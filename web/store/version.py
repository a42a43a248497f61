"""What every start asks the store: this does without SQLAlchemy and its quarter of a second."""

import logging
import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final, LiteralString

from web.settings import Settings
from web.store.errors import NewerSchemaError

LOG: Final = logging.getLogger("hemvist.store")
FILE: Final = "hemvist.db"
MIGRATIONS: Final = Path(__file__).parent / "migrations"
FOUND: Final = "SELECT version_num FROM alembic_version"
PUBLISHED: Final[LiteralString] = (  # the generation, and which database counts it, see `GenerationRow`
    "SELECT g.number || '.' || coalesce(d.number, 0) FROM generation g "
    "LEFT JOIN generation d ON d.id = 2 WHERE g.id = 1"
)


def versions(migrations: Path = MIGRATIONS) -> list[str]:
    """Return the names of all schemas, oldest first; the file of each is called v<name>_<what it does>.py."""
    return sorted(path.stem.split("_")[0][1:] for path in (migrations / "versions").glob("v*.py"))


def still_to_come(found: str | None, known: Sequence[str]) -> Sequence[str]:
    """Return which of the `known` schemas come after the one `found`; raises NewerSchemaError where it is not known."""
    if found is None:
        return known
    if found not in known:
        raise NewerSchemaError(
            f"the database has schema {found[:40]!r}, and the newest that this Hemvist knows is {known[-1]}: a newer "
            "Hemvist has written it. Start that one, or restore a backup from before."
        )
    return known[known.index(found) + 1 :]


def file_of(settings: Settings) -> Path | None:
    """Return where SQLite keeps the store; None where PostgreSQL does."""
    return None if settings.database_url else settings.data / FILE


def refuse_newer(settings: Settings) -> None:
    """Raise NewerSchemaError where a newer Hemvist has written the store.

    A database that cannot be read now passes: answers do not wait for it.
    """
    still_to_come(glance(settings, FOUND), versions())


def glance(settings: Settings, statement: LiteralString) -> str | None:
    """Return the one value that `statement` asks for; None where the store is empty, or cannot be asked now."""
    file = file_of(settings)
    return _of_file(file, statement) if file else _of_server(settings.database_url or "", statement)


def _of_file(file: Path, statement: LiteralString) -> str | None:
    if not file.exists():
        return None
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as found:
        return _first(found.execute(statement).fetchone())
    return None


def _of_server(url: str, statement: LiteralString) -> str | None:
    import psycopg  # only those who use PostgreSQL have it

    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return _first(connection.execute(statement).fetchone())
    except psycopg.errors.UndefinedTable:
        return None
    except psycopg.Error as error:
        LOG.warning("the database cannot be reached yet (%s)", type(error).__name__)
        return None


def _first(row: Any) -> str | None:
    return None if row is None or row[0] is None else str(row[0])
