"""What the pages of staff share in one application: the store, and the keys made from the server's secret."""

import base64
import hmac
import secrets
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


class Keys:
    """Makes from the server's secret what must not lie in the database as it is."""

    def __init__(self, secret: str) -> None:
        self._key = hmac.digest(secret.encode(), b"hemvist.staff", "sha256")

    @property
    def cookie(self) -> str:
        """The key that the cookie is signed with."""
        return self.hashed("cookie")

    def hashed(self, *parts: str) -> str:
        """Return what is kept instead of a token, a code or an address; it cannot be led back."""
        return hmac.digest(self._key, "\n".join(parts).encode(errors="replace"), "sha256").hex()

    def totp_secret(self, salt: str) -> str:
        """Return the shared secret of a second factor, for an app to keep: the database has the salt alone."""
        made = hmac.digest(self._key, f"totp\n{salt}".encode(), "sha256")
        return base64.b32encode(made[:TOTP_BYTES]).decode()


class StaffService:
    """One for each application."""

    def __init__(self, settings: Settings, secret: str) -> None:
        self.settings = settings
        self.keys = Keys(secret)
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
