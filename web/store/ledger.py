"""The store as the journal uses it: one for each process, in one thread."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

from web.journal import Look
from web.settings import Settings
from web.store.conversations import NO_TALLIES, Origins, Row, forget, write
from web.store.engine import reading
from web.store.evidence import Tallies
from web.store.figures import standings, waiting
from web.store.leases import last_finished
from web.store.messages import troubles
from web.store.opened import OpenStore

DAILY: Final = 900.0  # seconds between looks at what is noted once a day


class Ledger:
    """Keeps what it is given; every method raises StoreError where the database does not do it now.

    `keys` are the names of those that can read messages.
    """

    def __init__(self, settings: Settings, keys: Collection[str] = ()) -> None:
        self._store = OpenStore(settings)
        self._engine = self._store.engine
        self._keys = keys
        self._timezone = settings.timezone
        self._standings: dict[str, float] = {}
        self._stood_at: float | None = None

    def write(
        self, turns: Sequence[Row], opinions: Sequence[Row], origins: Origins, tallies: Tallies = NO_TALLIES
    ) -> int:
        """Keep a batch; return how many rows were unfit."""
        return self._store.do(lambda: write(self._engine, turns, opinions, origins, tallies))

    def forget(self, key_hashes: Collection[str], municipality: str, at: datetime, held: Collection[str]) -> None:
        """Remove a conversation."""
        self._store.do(lambda: forget(self._engine, key_hashes, municipality, at, held))

    def look(self) -> Look:
        """Find out whether something could be written, and how things stand."""
        return self._store.do(self._look)

    def close(self) -> None:
        """Close every connection."""
        self._store.close()

    def _look(self) -> Look:
        with self._engine.begin() as connection:  # with SQLite this takes the lock for writing
            found = troubles(connection, self._keys, datetime.now(UTC))
        with reading(self._engine).connect() as connection:
            figures = waiting(connection, self._keys)
            if self._stood_at is None or monotonic() - self._stood_at > DAILY:
                today = datetime.now(self._timezone).date()
                self._standings = standings(connection, (today, today - timedelta(days=1)))
                self._stood_at = monotonic()
        return Look(last_finished(self._engine), found, {**figures, **self._standings})
