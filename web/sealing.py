"""What people write to a person is kept encrypted: AES-GCM under a key that no database and no backup of it holds."""

import hashlib
import hmac
import json
import os
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Final

from web.settings import Settings
from web.signing import stored_secrets

KEY_FILE: Final = "message-key"
NONCE: Final = 12  # bytes


class SealError(Exception):
    """What is sealed cannot be opened: with another key, or it was changed."""


class Seal:
    """Encrypts with the first of several keys and opens what any of them has sealed; safe to share by threads."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._keys = {_derived(secret, b"name").hex()[:16]: _derived(secret, b"key") for secret in secrets}
        self.name = next(iter(self._keys))

    @property
    def names(self) -> frozenset[str]:
        """What the keys at hand are called in the database; a name tells nothing of its key."""
        return frozenset(self._keys)

    def close(self, values: Mapping[str, object], place: str) -> str:
        """Encrypt `values` for one row: at another `place` they cannot be opened."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # 50 ms, spent by those who have a message

        nonce = os.urandom(NONCE)
        text = json.dumps(values, ensure_ascii=False).encode()
        return b64encode(nonce + AESGCM(self._keys[self.name]).encrypt(nonce, text, place.encode())).decode()

    def open(self, name: str, sealed: str, place: str) -> dict[str, object]:
        """Decrypt what the key `name` has sealed for `place`; raises SealError."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        if name not in self._keys:
            raise SealError("HEMVIST_MESSAGE_KEY is not the key that it was written with")
        try:
            data = b64decode(sealed, validate=True)
            text = AESGCM(self._keys[name]).decrypt(data[:NONCE], data[NONCE:], place.encode())
        except (InvalidTag, ValueError) as error:
            raise SealError("it is damaged, or was moved from another row") from error
        found: dict[str, object] = json.loads(text)
        return found


def open_seal(settings: Settings) -> Seal:
    """Return the seal of a server; makes its key the first time, where the settings give none. Raises OSError."""
    return Seal(settings.message_key or stored_secrets(settings.data, KEY_FILE))


def known_names(settings: Settings) -> frozenset[str]:
    """Return what the keys at hand are called, without making any."""
    file = settings.data / KEY_FILE
    keys = settings.message_key or (stored_secrets(settings.data, KEY_FILE) if file.exists() else ())
    return Seal(keys).names if keys else frozenset()


def _derived(secret: str, use: bytes) -> bytes:
    """Make 32 bytes for one use of a secret that is itself long and random (HKDF-Expand of RFC 5869, one block)."""
    return hmac.digest(hashlib.sha256(secret.encode()).digest(), b"hemvist.messages." + use + b"\x01", "sha256")
