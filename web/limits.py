"""How often somebody may ask, over all workers, and which request is a repeat of one that was answered.

Counted in a file of its own that all processes of a server share, or in Redis for several servers. What is counted is a
hash that changes every day, kept for minutes. Where counting fails, everybody may ask.
"""

import hashlib
import hmac
import ipaddress
import json
import logging
import math
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar, cast

from web.settings import Settings

LOG: Final = logging.getLogger("hemvist.limits")
WINDOW: Final = 60  # seconds in which requests are counted together
REPEATS: Final = 600  # seconds in which a repeated request is known again
PATIENCE: Final = 0.05  # seconds to wait for the counter
PAUSE: Final = 2.0  # seconds in which a counter that failed is not asked
RENEWED: Final = 60.0  # seconds after which the file is opened anew: it may be another one, or the old one be damaged
FILE: Final = "limits.db"

Answer = TypeVar("Answer")
Hit = tuple[int, float]  # how many by now, and the seconds until counting begins anew


class CounterError(Exception):
    """The counter does not count now."""


class Counter(Protocol):
    """Counts for several processes; every method raises CounterError."""

    def hit(self, keys: Sequence[bytes]) -> Mapping[bytes, Hit]:
        """Count one more for each of `keys`, which differ."""

    def first(self, key: bytes, value: str) -> str:
        """Remember `value` under `key` where nothing is, and return what is remembered."""

    def known(self, key: bytes) -> str | None:
        """Return what is remembered under `key`."""

    def sweep(self) -> None:
        """Forget what is over."""

    def close(self) -> None:
        """Close every connection."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A request with an Idempotency-Key: when it first came, by our clock and by the signer's, in seconds since 1970.

    `key` is random to everybody else and the same each time: the key of the conversation that the request begins.
    """

    asked: float
    signed: int
    is_first: bool
    key: str


class OtherRequestError(Exception):
    """The same Idempotency-Key came with another request."""


class Limits:
    """The limits of one application, in requests a minute; safe to share by threads."""

    def __init__(self, counter: Counter, secrets: Sequence[str], *, per_conversation: int, per_address: int) -> None:
        """Of several `secrets` the first is in use; a repeated request is also known by the others."""
        self._counter = counter
        self._keys = [hmac.digest(secret.encode(), b"hemvist.limits", "sha256") for secret in secrets]
        self._key = self._keys[0]
        self._per_conversation = per_conversation
        self._per_address = per_address
        self._rests_until = 0.0
        self.failure: str | None = None

    def wait(self, conversation: str | None, address: str | None) -> int:
        """Count a request of a conversation (its hash) and an address; return the seconds to wait, 0: it may pass."""
        wanted = {}
        if conversation:
            wanted[self._hashed("conversation", conversation)] = self._per_conversation
        if network := network_of(address):
            wanted[self._hashed("network", datetime.now(UTC).date().isoformat(), network)] = self._per_address
        if not wanted:
            return 0
        hits = self._ask(lambda: self._counter.hit([*wanted])) or {}
        over = [left for key, (count, left) in hits.items() if count > wanted[key]]
        return max(1, math.ceil(max(over))) if over else 0

    def repeat(self, key: str, request: str, asked: float) -> Repeat:
        """Tell whether `request` came under `key` in the last ten minutes; raises OtherRequestError.

        `asked` is when it came this time. Where nobody remembers, it counts as the first.
        """
        for secret in self._keys[1:]:
            known = self._ask(lambda by=secret: self._counter.known(_hashed(by, "repeat", key)))  # type: ignore[misc]
            if known:
                return _repeat(known, _hashed(secret, "request", key, request), secret, is_first=False)
        digest = self._hashed("request", key, request)
        mine = json.dumps([asked, int(time.time()), digest.hex(), os.urandom(8).hex()])
        known = self._ask(lambda: self._counter.first(self._hashed("repeat", key), mine)) or mine
        return _repeat(known, digest, self._key, is_first=known == mine)

    def look(self) -> str | None:
        """Find out whether requests are counted now; return why not."""
        self._ask(lambda: self._counter.first(self._hashed("look"), ""))
        return self.failure

    def sweep(self) -> None:
        """Forget what is over."""
        self._ask(self._counter.sweep)

    def close(self) -> None:
        """Close what is open."""
        with suppress(CounterError):
            self._counter.close()

    def _hashed(self, *parts: str) -> bytes:
        return _hashed(self._key, *parts)

    def _ask(self, question: Callable[[], Answer]) -> Answer | None:
        """Ask the counter; after a failure let it rest, so that it delays one answer and not each."""
        if time.monotonic() < self._rests_until:
            return None
        try:
            answer = question()
        except CounterError as error:
            self._rests_until = time.monotonic() + PAUSE
            if self.failure is None:
                LOG.warning("requests are not counted, everybody may ask: %s", error)
            self.failure = str(error)
            return None
        if self.failure is not None:
            LOG.warning("requests are counted again")
            self.failure = None
        return answer


def _hashed(secret: bytes, *parts: str) -> bytes:
    """Return 16 bytes that tell nothing without the server's secret."""
    return hashlib.blake2b("\n".join(parts).encode(), key=secret, digest_size=16).digest()


def _repeat(known: str, digest: bytes, secret: bytes, *, is_first: bool) -> Repeat:
    """Read what is remembered of a request; raises OtherRequestError where it was another one than `digest` says."""
    asked, signed, before, _who = json.loads(known)
    if before != digest.hex():
        raise OtherRequestError
    return Repeat(asked, signed, is_first, _hashed(secret, "begun", digest.hex()).hex())


def network_of(address: str | None) -> str | None:
    """Return the network of `address`: IPv4 /24, IPv6 /56. None for this machine itself, and for what is no address.

    Requests from this machine are those of a proxy that we were not told of: to limit them would shut out everybody.
    """
    try:
        found = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return None
    found = getattr(found, "ipv4_mapped", None) or found
    if found.is_loopback:
        return None
    return f"4:{int(found) >> 8}" if found.version == 4 else f"6:{int(found) >> 72}"


class FileCounter:
    """Counts in a SQLite file that the processes of one machine share."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None
        self._process, self._opened = os.getpid(), time.monotonic()
        self._lock = threading.Lock()

    def hit(self, keys: Sequence[bytes]) -> dict[bytes, Hit]:
        """Count one more for each of `keys`, in one statement."""
        now = time.time()
        values = ", ".join(["(?, 1, ?)"] * len(keys))
        given = [value for key in keys for value in (key, now + WINDOW)]
        statement = (
            f"INSERT INTO hits VALUES {values} ON CONFLICT (key) DO UPDATE SET "  # noqa: S608 - only question marks
            "number = CASE WHEN until <= ? THEN 1 ELSE number + 1 END, "
            "until = CASE WHEN until <= ? THEN excluded.until ELSE until END RETURNING key, number, until"
        )
        rows = self._do(statement, (*given, now, now))
        return {key: (number, until - now) for key, number, until in rows}

    def first(self, key: bytes, value: str) -> str:
        """Remember `value` under `key` for ten minutes where nothing is, and return what is remembered."""
        now = time.time()
        ((found,),) = self._do(
            "INSERT INTO repeats VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET "
            "value = CASE WHEN until <= ? THEN excluded.value ELSE value END, "
            "until = CASE WHEN until <= ? THEN excluded.until ELSE until END RETURNING value",
            (key, value, now + REPEATS, now, now),
        )
        return str(found)

    def known(self, key: bytes) -> str | None:
        """Return what is remembered under `key`."""
        rows = self._do("SELECT value FROM repeats WHERE key = ? AND until > ?", (key, time.time()))
        return str(rows[0][0]) if rows else None

    def sweep(self) -> None:
        """Forget what is over."""
        for table in ("hits", "repeats"):
            self._do(f"DELETE FROM {table} WHERE until <= ? RETURNING 1", (time.time(),))  # noqa: S608 - a constant

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _do(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        if not self._lock.acquire(timeout=PATIENCE):
            raise CounterError("the file is busy")
        try:
            return self._open().execute(statement, values).fetchall()
        except (sqlite3.Error, OSError) as error:
            self._close()
            self._remove_damaged(error)
            raise CounterError(f"{FILE}: {error}") from error
        finally:
            self._lock.release()

    def _open(self) -> sqlite3.Connection:
        """Return the connection of this process: one made before a fork may not be used after it."""
        is_ours = self._process == os.getpid()
        if self._connection and is_ours and time.monotonic() - self._opened < RENEWED:
            return self._connection
        if is_ours:
            self._close()
        self._process, self._opened = os.getpid(), time.monotonic()
        self._connection = connection = sqlite3.connect(
            self._path, timeout=PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._path.chmod(0o600)
        connection.execute("PRAGMA journal_mode=WAL").close()
        connection.execute("PRAGMA synchronous=OFF").close()  # what a power cut takes would be over in a minute anyway
        for table in (
            "hits (key BLOB PRIMARY KEY, number INTEGER, until REAL)",
            "repeats (key BLOB PRIMARY KEY, value TEXT, until REAL)",
        ):
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table} WITHOUT ROWID").close()
        return connection

    def _close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _remove_damaged(self, error: Exception) -> None:
        """What is no database holds nothing worth keeping: begin anew next time."""
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            for ending in ("", "-wal", "-shm"):
                with suppress(OSError):
                    self._path.with_name(self._path.name + ending).unlink()


class RedisCounter:
    """Counts in Redis or Valkey, for several servers."""

    def __init__(self, url: str) -> None:
        from redis import Redis, RedisError  # only those who use it have it

        self._error = RedisError
        self._redis = Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE * 4)

    def hit(self, keys: Sequence[bytes]) -> dict[bytes, Hit]:
        """Count one more for each of `keys`."""
        with self._speaking(), self._redis.pipeline(transaction=False) as pipeline:
            for key in keys:
                name = b"hemvist:hits:" + key
                pipeline.set(name, 0, ex=WINDOW, nx=True)
                pipeline.incr(name)
                pipeline.pttl(name)
            found = pipeline.execute()
        return {key: (found[3 * place + 1], found[3 * place + 2] / 1000) for place, key in enumerate(keys)}

    def first(self, key: bytes, value: str) -> str:
        """Remember `value` under `key` for ten minutes where nothing is, and return what is remembered."""
        name = b"hemvist:repeats:" + key
        with self._speaking(), self._redis.pipeline(transaction=False) as pipeline:
            pipeline.set(name, value, ex=REPEATS, nx=True)
            pipeline.get(name)
            found = pipeline.execute()[1]
        return found.decode() if found else value

    def known(self, key: bytes) -> str | None:
        """Return what is remembered under `key`."""
        with self._speaking():
            found = cast("bytes | None", self._redis.get(b"hemvist:repeats:" + key))
        return found.decode() if found else None

    def sweep(self) -> None:
        """Nothing to do: Redis forgets by itself."""

    def close(self) -> None:
        """Close every connection."""
        with self._speaking():
            self._redis.close()

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        try:
            yield
        except self._error as error:
            raise CounterError(f"Redis: {type(error).__name__}") from error


def open_limits(settings: Settings, secrets: Sequence[str]) -> Limits:
    """Return the limits that `settings` ask for; nothing is opened yet."""
    counter = RedisCounter(settings.redis_url) if settings.redis_url else FileCounter(settings.data / FILE)
    return Limits(counter, secrets, per_conversation=settings.limit_conversation, per_address=settings.limit_address)
