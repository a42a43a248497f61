"""What is kept of a wording for good: a hash, by which it is known again when it is asked again."""

import hmac
from collections.abc import Callable
from functools import cache

from bot import form_of
from web.settings import Settings
from web.signing import stored_secret


def hasher(settings: Settings) -> Callable[[str, str], str]:
    """Return what makes a hash of a municipality and words; their order, case and å ä ö do not matter."""
    key = _key(settings.secret_key or stored_secret(settings.data))

    def hash_of(municipality: str, text: str) -> str:
        said = "\n".join((municipality, *form_of(text)))
        return hmac.digest(key, said.encode(errors="replace"), "sha256").hex()

    return hash_of


@cache
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"hemvist.gaps", "sha256")
