"""The store as the journal uses it: one for each process, in one thread."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from web.settings import Settings
from web.store.conversations import NO_TALLIES, Origins, Row, forget, write
from web.store.evidence import Tallies
from web.store.leases import last_finished
from web.store.messages import troubles
from web.store.opened import OpenStore


class Ledger:
    """Keeps what it is given; every method raises StoreError where the database does not do it now.

    `keys` are the names of those that can read messages.
    """

    def __init__(self, settings: Settings, keys: Collection[str] = ()) -> None:
        self._store = OpenStore(settings)
        self._engine = self._store.engine
        self._keys = keys

    def write(
        self, turns: Sequence[Row], opinions: Sequence[Row], origins: Origins, tallies: Tallies = NO_TALLIES
    ) -> int:
        """Keep a batch; return how many rows were unfit."""
        return self._store.do(lambda: write(self._engine, turns, opinions, origins, tallies))

    def forget(self, key_hashes: Collection[str], municipality: str, at: datetime, held: Collection[str]) -> None:
        """Remove a conversation."""
        self._store.do(lambda: forget(self._engine, key_hashes, municipality, at, held))

    def look(self) -> tuple[datetime | None, tuple[str, ...]]:
        """Find out whether something could be written; return when `hemvist tick` last did something, and what an
        operator should know of messages."""
        return self._store.do(self._look)

    def close(self) -> None:
        """Close every connection."""
        self._store.close()

    def _look(self) -> tuple[datetime | None, tuple[str, ...]]:
        with self._engine.begin() as connection:  # with SQLite this takes the lock for writing
            found = troubles(connection, self._keys, datetime.now(UTC))
        return last_finished(self._engine), found
