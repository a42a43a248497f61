"""What is kept of a wording for good: a hash, by which it is known again when it is asked again."""

import hmac
from collections.abc import Callable
from functools import cache

from bot import form_of
from web.settings import Settings
from web.signing import secrets_of


def hasher(settings: Settings) -> Callable[[str, str], tuple[str, ...]]:
    """Return what makes hashes of a municipality and words; their order, case and å ä ö do not matter.

    One for each of the server's secrets: the first is the one to keep, by each of them the words may be known.
    """
    keys = [_key(secret) for secret in secrets_of(settings)]

    def hashes_of(municipality: str, text: str) -> tuple[str, ...]:
        said = "\n".join((municipality, *form_of(text))).encode(errors="replace")
        return tuple(hmac.digest(key, said, "sha256").hex() for key in keys)

    return hashes_of


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"hemvist.gaps", "sha256")
