"""What the pages of staff share in one application: the store, and the keys made from the server's secrets."""

import base64
import hmac
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

from flask import current_app

from web.services import now
from web.settings import Settings

if TYPE_CHECKING:
    from web.staff.oidc import Provider
    from web.store.access import Store

EXTENSION: Final = "hemvist-staff"
TOTP_BYTES: Final = 20
NONCE: Final = 12  # bytes
SEALED: Final = 64  # letters: nonce, secret and 16 bytes that prove it, in base64; a salt is shorter


class Keys:
    """Makes from the server's secrets what must not lie in the database as it is: with the first of them.

    What was made with the others is known again, so that the secret can be changed.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = [hmac.digest(secret.encode(), b"hemvist.staff", "sha256") for secret in secrets]

    @property
    def cookies(self) -> list[str]:
        """The keys that a cookie may be signed with, the one in use first."""
        return self.known("cookie")

    def hashed(self, *parts: str) -> str:
        """Return what is kept instead of a token, a code or an address; it cannot be led back."""
        return self.known(*parts)[0]

    def known(self, *parts: str) -> list[str]:
        """Return all that may be kept instead of it: one for each secret, that of `hashed` first."""
        return [hmac.digest(key, "\n".join(parts).encode(errors="replace"), "sha256").hex() for key in self._keys]

    def totp_secrets(self, kept: str, email: str) -> list[str]:
        """Return what the shared secret of a second factor may be, for an app to keep, by what is `kept` of it.

        That is the secret itself, sealed; or a salt that it is made from together with one of the server's secrets.
        """
        if len(kept) == SEALED:
            return [found for key in self._keys if (found := _unsealed(kept, key, email))]
        made = (hmac.digest(key, f"totp\n{kept}".encode(), "sha256") for key in self._keys)
        return [base64.b32encode(secret[:TOTP_BYTES]).decode() for secret in made]

    def seal_totp(self, secret: str, email: str) -> str:
        """Return what is kept of a shared secret: encrypted for this account, with the secret of the server in use."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 50 ms, spent by those who sign in

        nonce = os.urandom(NONCE)
        sealed = AESGCM(_totp_key(self._keys[0])).encrypt(nonce, base64.b32decode(secret), email.encode())
        return base64.urlsafe_b64encode(nonce + sealed).decode()

    def is_sealed(self, kept: str, email: str) -> bool:
        """Whether what is `kept` of a second factor is sealed with the secret in use, and needs none of the others."""
        return len(kept) == SEALED and _unsealed(kept, self._keys[0], email) is not None


def _totp_key(key: bytes) -> bytes:
    return hmac.digest(key, b"totp key", "sha256")


def _unsealed(sealed: str, key: bytes, email: str) -> str | None:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    with suppress(InvalidTag, ValueError):
        data = base64.urlsafe_b64decode(sealed)
        found = AESGCM(_totp_key(key)).decrypt(data[:NONCE], data[NONCE:], email.encode())
        return base64.b32encode(found).decode()
    return None


class StaffService:
    """One for each application."""

    def __init__(self, settings: Settings, secrets: Sequence[str]) -> None:
        self.settings = settings
        self.keys = Keys(secrets)
        self.idle = timedelta(minutes=settings.staff_idle_minutes)
        self.longest = timedelta(hours=settings.staff_hours)

    @cached_property
    def store(self) -> "Store":
        """The database; what it needs is imported when somebody signs in."""
        from web.store.access import Store

        return Store(self.settings)

    @cached_property
    def provider(self) -> "Provider | None":
        """Who tells us who somebody is; None where passwords do."""
        if not self.settings.oidc_issuer:
            return None
        from web.staff.oidc import Provider

        return Provider(self.settings)


def get_staff() -> StaffService:
    """Return the service of the application that answers this request."""
    return cast("StaffService", current_app.extensions[EXTENSION])


def moment() -> datetime:
    """Return what time it is, in UTC."""
    return now().astimezone(UTC)


def new_token() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(32)
