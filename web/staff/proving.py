"""How somebody proves who they are, and how often they may be wrong.

A try is counted before it is made. Five wrong ones from one place on one account begin a pause of half a minute, which
doubles up to fifteen; twenty on one account and a hundred from one network do the same, wherever they are from.
"""

import logging
import math
from dataclasses import dataclass
from typing import Final

from flask import request

from web.limits import network_of
from web.people import Account
from web.staff import codes, passwords
from web.staff.audit import doing
from web.staff.service import get_staff, moment
from web.staff.session import begin
from web.store import accounts, signing_in

LOG: Final = logging.getLogger("hemvist.staff")
FROM_ONE_PLACE: Final = 5
ON_ONE_ACCOUNT: Final = 20
FROM_ONE_NETWORK: Final = 100


class TooManyTriesError(Exception):
    """Whoever it is must wait so many `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(f"{seconds} seconds")
        self.seconds = seconds


class _UnknownCodeError(Exception):
    """Nothing was used up, so nothing is recorded."""


@dataclass(frozen=True, slots=True)
class _Counted:
    """A try that was counted, and the keys to forgive it by."""

    own: tuple[str, ...]
    shared: str
    is_last: bool


def with_password(email: str, password: str) -> Account | None:
    """Return whose e-mail address and password these are; raises TooManyTriesError, StoreError.

    While an identity provider is used, only the account for emergencies has a password that counts.
    """
    counted = _count("password", email)
    with get_staff().store.reading() as connection:
        account = accounts.find_by_email(connection, email)
        kept = accounts.secrets_of(connection, account.id)[0] if account and _may_use_password(account) else None
    if passwords.is_right(password, kept) and account and kept:
        _forgive(counted)
        if passwords.is_outdated(kept):
            _keep_anew(account, password)
        return account
    _note_failure(counted, account, "password")
    return None


def with_code(account: Account, code: str) -> bool:
    """Whether `code` is one of the account's app or paper; it is used up. Raises TooManyTriesError, StoreError."""
    counted = _count("code", account.email)
    if _use(account, code):
        _forgive(counted)
        return True
    _note_failure(counted, account, "code")
    return False


def knows_password(account: Account, password: str) -> bool:
    """Whether whoever is signed in knows their password; raises TooManyTriesError, StoreError."""
    return with_password(account.email, password) is not None


def sign_in(account: Account, *, is_whole: bool, by_provider: bool = False, way: str = "password") -> None:
    """Begin a session; one that still lacks the second factor is no deed yet."""
    if not is_whole:
        with get_staff().store.writing() as connection:
            begin(account, is_whole=False, connection=connection)
        return
    with doing("sign_in", about=account.email, by=account) as writing:
        begin(account, is_whole=True, by_provider=by_provider, connection=writing.connection)
        writing.detail["way"] = way
    if account.break_glass:
        LOG.warning("the account for emergencies is used")


def _may_use_password(account: Account) -> bool:
    return not account.is_disabled and (account.break_glass or get_staff().provider is None)


def _use(account: Account, code: str) -> bool:
    store = get_staff().store
    with store.reading() as connection:
        kept = accounts.secrets_of(connection, account.id)[1]
    if codes.is_paper_code(code):
        return _use_paper_code(account, code)
    right = codes.check(kept, code, account.email, moment()) if kept else None
    if right is None:
        return False
    with store.writing() as connection:
        is_unused = accounts.use_step(connection, account.id, right.step)
        if is_unused and right.kept != kept:
            accounts.change(connection, account.id, totp_salt=right.kept)
        return is_unused


def _use_paper_code(account: Account, code: str) -> bool:
    known = codes.hashes_of_paper_code(account.id, code)
    try:
        with doing("recovery_code_used", about=account.email, by=account) as writing:
            if not accounts.use_recovery_code(writing.connection, account.id, known):
                raise _UnknownCodeError  # noqa: TRY301 - it undoes the writing
    except _UnknownCodeError:
        return False
    return True


def _count(what: str, email: str) -> _Counted:
    keys, network = get_staff().keys, network_of(request.remote_addr) or "this machine"
    place = keys.hashed("try", what, email, network)
    own = keys.hashed("try", what, email)
    shared = keys.hashed("try", network)
    allowed = {place: FROM_ONE_PLACE, own: ON_ONE_ACCOUNT, shared: FROM_ONE_NETWORK}
    with get_staff().store.writing() as connection:
        found = signing_in.attempt(connection, allowed, moment())
    if found.wait:
        raise TooManyTriesError(max(1, math.ceil(found.wait.total_seconds())))
    return _Counted((place, own), shared, found.is_last)


def _forgive(counted: _Counted) -> None:
    with get_staff().store.writing() as connection:
        signing_in.forgive(connection, counted.own, [counted.shared])


def _note_failure(counted: _Counted, account: Account | None, what: str) -> None:
    """Log it without the address; what begins a pause for a real account is for its administrators to see."""
    LOG.info("a %s was wrong", what)
    if counted.is_last and account:
        with doing("sign_in_paused", about=account.email, by=account) as writing:
            writing.detail["wrong"] = what


def _keep_anew(account: Account, password: str) -> None:
    with get_staff().store.writing() as connection:
        accounts.change(connection, account.id, password_hash=passwords.hash_password(password))
