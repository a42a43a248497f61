"""Passwords: which are good enough, and how they are kept."""

import threading
import unicodedata
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST: Final = 12  # characters
LONGEST: Final = 256
COMMON: Final = 3_000  # how many of the most used ones are refused whatever they look like
STRONG: Final = 3  # of 4; a hundred million guesses
JUDGED: Final = 64  # characters that are looked at; more would take seconds
AT_ONCE: Final = threading.Semaphore(2)  # each takes 19 MiB and a core


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


TOO_SHORT: Final = _("A password needs at least 12 characters.")
TOO_LONG: Final = _("A password may have at most 256 characters.")
TOO_COMMON: Final = _(
    "This password is easy to guess. Four or five words that do not belong together are hard to guess."
)


def weakness(password: str, known: Iterable[str] = ()) -> str | None:
    """Say what is wrong with a new password, None where it is good; `known` is what others know of its owner."""
    typed = _normal(password)
    if len(typed) < SHORTEST:
        return TOO_SHORT
    if len(typed) > LONGEST:
        return TOO_LONG
    return TOO_COMMON if _is_guessed(typed, known) else None


def hash_password(password: str) -> str:
    """Return what is kept of a password."""
    with AT_ONCE:
        return _hasher().hash(_normal(password))


def is_right(password: str, kept: str | None) -> bool:
    """Whether `password` is the one kept; takes as long where none is."""
    from argon2.exceptions import InvalidHashError, VerificationError

    with AT_ONCE:
        try:
            return _hasher().verify(kept or _nobodys(), _normal(password)[: LONGEST + 1]) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(kept: str) -> bool:
    """Whether a password was kept in an older way, and should be kept anew."""
    return _hasher().check_needs_rehash(kept)


def _normal(password: str) -> str:
    """Spell a password in one way, whatever keyboard it was typed on."""
    return unicodedata.normalize("NFKC", password)


def _is_guessed(password: str, known: Iterable[str]) -> bool:
    from zxcvbn import zxcvbn
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    common = FREQUENCY_LISTS["passwords"][:COMMON]
    if password.casefold() in common:
        return True
    parts = [part for one in known for part in (one, *one.replace("@", ".").split("."))]
    return int(zxcvbn(password[:JUDGED], user_inputs=["hemvist", *parts])["score"]) < STRONG


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)  # OWASP's second recommendation


@cache
def _nobodys() -> str:
    return _hasher().hash("nobody has this password")
