"""Who is signed in, and how often signing in failed, as rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from web.people import Account, Session
from web.store.accounts import change, find
from web.store.engine import upsert
from web.store.staff_tables import SessionRow, TryRow

FIRST_PAUSE: Final = timedelta(seconds=30)
LONGEST_PAUSE: Final = timedelta(minutes=15)
FORGIVEN_AFTER: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Attempt:
    """A try to sign in: how long it must wait first, and whether a pause begins if it fails."""

    wait: timedelta
    is_last: bool


def begin(
    connection: Connection,
    account: int,
    token_hash: str,
    browser: str,
    at: datetime,
    *,
    is_whole: bool,
    by_provider: bool,
) -> None:
    """Keep a new session."""
    connection.execute(
        insert(SessionRow).values(
            token_hash=token_hash,
            account_id=account,
            browser=browser,
            by_provider=by_provider,
            is_whole=is_whole,
            made_at=at,
            seen_at=at,
        )
    )
    if is_whole:
        change(connection, account, signed_in_at=at)


def open_session(
    connection: Connection, token_hashes: Collection[str], at: datetime, idle: timedelta, longest: timedelta
) -> tuple[Session, Account] | None:
    """Return a session and whose it is; None where it is over, or the account is disabled."""
    is_open = and_(SessionRow.token_hash.in_(token_hashes), _is_open(at, idle, longest))
    row = connection.execute(select(*_SHOWN, SessionRow.account_id).where(is_open)).first()
    account = find(connection, row.account_id) if row else None
    if row is None or account is None or account.is_disabled:
        return None
    return Session(*row[:-1]), account


def open_sessions(
    connection: Connection, account: int, at: datetime, idle: timedelta, longest: timedelta
) -> list[Session]:
    """Return where somebody is signed in, the last used first."""
    mine = and_(SessionRow.account_id == account, _is_open(at, idle, longest))
    found = connection.execute(select(*_SHOWN).where(mine).order_by(SessionRow.seen_at.desc(), SessionRow.id))
    return [Session(*row) for row in found]


def touch(connection: Connection, session: int, at: datetime) -> None:
    """Note that a session is used."""
    connection.execute(update(SessionRow).where(SessionRow.id == session).values(seen_at=at))


def end(connection: Connection, account: int, session: int) -> bool:
    """End one session of an account; False where it has no such session."""
    mine = delete(SessionRow).where(SessionRow.account_id == account, SessionRow.id == session)
    return connection.execute(mine).rowcount == 1


def end_all(connection: Connection, account: int, but: int | None = None) -> int:
    """End every session of an account, `but` one; return how many."""
    mine = delete(SessionRow).where(SessionRow.account_id == account, SessionRow.id != (but or 0))
    return connection.execute(mine).rowcount


def sweep(connection: Connection, at: datetime, longest: timedelta) -> None:
    """Remove what is over."""
    connection.execute(delete(SessionRow).where(SessionRow.made_at <= at - longest))
    connection.execute(delete(TryRow).where(TryRow.last_at <= at - FORGIVEN_AFTER))


def attempt(connection: Connection, allowed: Mapping[str, int], at: datetime) -> Attempt:
    """Count a try before it is made, so that many at once are counted too; keys may fail as often as `allowed` says."""
    for key in sorted(allowed):
        new = upsert(connection, TryRow).values(key_hash=key, failures=0, last_at=at, until=None)
        connection.execute(new.on_conflict_do_nothing())
    columns = select(TryRow.key_hash, TryRow.failures, TryRow.last_at, TryRow.until)
    held = columns.where(TryRow.key_hash.in_(list(allowed))).order_by(TryRow.key_hash).with_for_update()
    rows = connection.execute(held).mappings().all()
    wait = max((row["until"] - at for row in rows if row["until"]), default=timedelta())
    if wait > timedelta():
        return Attempt(wait, is_last=False)
    began = [_count(connection, dict(row), allowed, at) for row in rows]
    return Attempt(timedelta(), is_last=any(began))


def forgive(connection: Connection, own: Collection[str], shared: Collection[str] = ()) -> None:
    """Forget the failures of keys that are somebody's `own`, and the last one of keys that are `shared`."""
    connection.execute(delete(TryRow).where(TryRow.key_hash.in_(list(own))))
    less = {"failures": TryRow.failures - 1, "until": None}
    connection.execute(update(TryRow).where(TryRow.key_hash.in_(list(shared)), TryRow.failures > 0).values(less))


def _count(connection: Connection, row: Mapping[str, Any], allowed: Mapping[str, int], at: datetime) -> bool:
    """Count one more, and begin a pause where that is too many: each further one is twice as long."""
    is_recent = row["last_at"] > at - FORGIVEN_AFTER
    failures = (row["failures"] if is_recent else 0) + 1
    over = failures - allowed[row["key_hash"]]
    until = at + min(FIRST_PAUSE * 2 ** min(over, 10), LONGEST_PAUSE) if over >= 0 else None
    mine = update(TryRow).where(TryRow.key_hash == row["key_hash"])
    connection.execute(mine.values(failures=failures, last_at=at, until=until))
    return over == 0


def _is_open(at: datetime, idle: timedelta, longest: timedelta) -> ColumnElement[bool]:
    return and_(SessionRow.seen_at > at - idle, SessionRow.made_at > at - longest)


_SHOWN = (
    SessionRow.id,
    SessionRow.browser,
    SessionRow.by_provider,
    SessionRow.is_whole,
    SessionRow.made_at,
    SessionRow.seen_at,
)
