"""What every process asks the store again and again: was something published, did staff decide something.

One question over one connection that stays open. It does without SQLAlchemy, of which a process that only answers from
files has no need.
"""

import os
import sqlite3
import threading
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, LiteralString, NamedTuple

from web.settings import Settings
from web.store.errors import StoreError
from web.store.version import file_of

if TYPE_CHECKING:
    from psycopg import Connection

PATIENCE: Final = 2  # seconds for connecting and for an answer
OPTIONS: Final = f"-c statement_timeout={PATIENCE * 1000}"
PUBLISHED: Final[LiteralString] = (
    "SELECT g.number, r.id, r.at, coalesce(d.number, 0) FROM generation g "
    "LEFT JOIN revisions r ON r.id = (SELECT max(id) FROM revisions WHERE generation = g.number) "
    "LEFT JOIN generation d ON d.id = 2 WHERE g.id = 1"
)
NEWS: Final[LiteralString] = (
    f"SELECT p.*, s.id, s.at FROM ({PUBLISHED}) p "  # noqa: S608 - two constants
    "LEFT JOIN staff_settings s ON s.id = (SELECT max(id) FROM staff_settings)"
)
UNDECIDED: Final = (None, None)


class Publication(NamedTuple):
    """What was published last: its generation, the last revision of that, which tells a database from a copy of it that
    has come as far again, and which database it is counted in (see `GenerationRow`)."""

    generation: int
    revision: int | None
    at: Any
    database: int = 0


UNPUBLISHED: Final = Publication(0, None, None)


@dataclass(frozen=True, slots=True)
class News:
    """What was published and what was decided last, each told by what changes with it; `published` None: there is no
    store yet."""

    published: Publication | None = None
    decided: tuple[Any, ...] = UNDECIDED


class Lookout:
    """Looks for news for one application; safe to share by threads, each process has a connection of its own."""

    def __init__(self, settings: Settings) -> None:
        self._file = file_of(settings)
        self._url = settings.database_url or ""
        self._lock = threading.Lock()
        self._connection: Connection[tuple[Any, ...]] | None = None
        self._process = 0
        self._inherited: list[object] = []  # a connection from before a fork is another process's: not even to close

    def look(self) -> News:
        """Return the news; raises StoreError where the store does not say them now."""
        with self._lock:
            row = self._of_file(self._file) if self._file else self._of_server()
        return News(Publication(*row[:4]), row[4:]) if row else News()

    def close(self) -> None:
        """Close the connection."""
        with self._lock:
            self._drop()

    def _of_file(self, file: Path) -> tuple[Any, ...] | None:
        """Ask SQLite: opening a file costs little, and the one that lies there now is asked."""
        if not file.exists():
            return None
        try:
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE)) as found:
                row: tuple[Any, ...] | None = found.execute(NEWS).fetchone()
        except sqlite3.Error as error:
            if "no such table" in str(error):
                return None
            raise StoreError(f"{type(error).__name__}: {error}") from error
        return row

    def _of_server(self) -> tuple[Any, ...] | None:
        """Ask PostgreSQL; a connection that was ended since the last time is opened again at once."""
        import psycopg  # only those who use PostgreSQL have it

        had_connection = self._connection is not None and self._process == os.getpid()
        try:
            try:
                return self._ask()
            except psycopg.OperationalError:
                self._drop()
                if not had_connection:
                    raise
                return self._ask()
        except psycopg.errors.UndefinedTable:
            return None
        except psycopg.Error as error:
            self._drop()
            raise StoreError(f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"[:200]) from error

    def _ask(self) -> tuple[Any, ...] | None:
        import psycopg

        if self._process != os.getpid():
            self._inherited.append(self._connection)
            self._connection, self._process = None, os.getpid()
        if self._connection is None:
            self._connection = psycopg.connect(
                self._url,
                autocommit=True,
                connect_timeout=PATIENCE,
                options=OPTIONS,
                keepalives_idle=5,
                keepalives_interval=2,
                keepalives_count=3,
            )
        return self._connection.execute(NEWS).fetchone()

    def _drop(self) -> None:
        if self._connection is not None and self._process == os.getpid():
            with suppress(Exception):  # it is broken, whatever it says
                self._connection.close()
            self._connection = None
