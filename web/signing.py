"""The context that travels with a conversation: readable by anyone, made by us alone, so that no session is kept."""

import errno
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from itsdangerous import BadData, TimestampSigner
from itsdangerous.encoding import base64_decode, base64_encode, int_to_bytes

from bot import CODE, Context, Filters
from web.settings import SHORTEST_SECRET, Settings, keys_in

KEY_FILE: Final = "secret-key"
LIFETIME: Final = timedelta(hours=24)


class ContextSigner:
    """Writes a Context as a signed token, and reads it back where it is ours, fresh and of the same municipality.

    The first of several secrets signs; what any of them has signed is read.
    """

    def __init__(self, secrets: Sequence[str], *, lifetime: timedelta = LIFETIME) -> None:
        self._signers = [_signer(secret) for secret in secrets]
        self._signer = self._signers[0]
        self._seconds = lifetime.total_seconds()
        self._keys = [hmac.digest(secret.encode(), b"hemvist.conversation", "sha256") for secret in secrets]

    def hash_of(self, key: str) -> str:
        """Return what is kept instead of a conversation's key: 64 digits that cannot be led back to it."""
        return _hashed(key, self._keys[0])

    def hashes_of(self, key: str) -> list[str]:
        """Return all that may be kept instead of a conversation's key: one for each secret."""
        return [_hashed(key, secret) for secret in self._keys]

    def hash_with(self, token: str, key: str) -> str:
        """Return what was kept of the very reply that came with `token`: that of the secret which signed it."""
        found = zip(self._signers, self._keys, strict=True)
        return _hashed(key, next((secret for signer, secret in found if signer.validate(token)), self._keys[0]))

    def sign(self, context: Context, at: int | None = None) -> str:
        """Return the token of `context`: at most 700 characters of A–Z a–z 0–9 . _ -; made `at` that second, or now."""
        asked = _packed(context.filters) if context.filters else ""
        text = ".".join((context.municipality, context.entry or "", context.language, context.key, asked))
        made = self._signer.get_timestamp() if at is None else at
        stamped = f"{text}.{base64_encode(int_to_bytes(made)).decode()}"
        return f"{stamped}.{self._signer.get_signature(stamped).decode()}"

    def read(self, token: str, municipality: str | None) -> Context | None:
        """Return the context of `token`; None where it is forged, too old, or belongs to another municipality.

        A conversation that was about none goes on with whichever is chosen; where none is, with its own.
        """
        context = self.open(token)
        if context is None or municipality is None or context.municipality == municipality:
            return context
        return None if context.municipality else replace(context, municipality=municipality)

    def open(self, token: str) -> Context | None:
        """Return the context of `token`, whichever municipality it belongs to; None where it is forged or too old."""
        text = next(filter(None, (self._unsigned(signer, token) for signer in self._signers)), "")
        try:
            place, entry, language, key, asked = text.split(".")
        except ValueError:
            return None
        if not CODE.fullmatch(language):
            return None
        return Context(place, entry or None, language, key, _unpacked(asked) if asked else None)

    def _unsigned(self, signer: TimestampSigner, token: str) -> str | None:
        try:
            return signer.unsign(token, max_age=int(self._seconds)).decode()
        except (BadData, ValueError):
            return None


def _signer(secret: str) -> TimestampSigner:
    return TimestampSigner(secret, salt="hemvist.context", digest_method=hashlib.sha256)


def _hashed(key: str, secret: bytes) -> str:
    return hashlib.blake2b(key.encode(), key=secret, digest_size=32).hexdigest()


def _packed(filters: Filters) -> str:
    said = json.dumps(filters.said, ensure_ascii=False, separators=(",", ":"))
    return base64_encode(said).decode()


def _unpacked(text: str) -> Filters | None:
    """Read what was asked of records; None where another version wrote it."""
    try:
        return Filters(**json.loads(base64_decode(text)))
    except (BadData, ValueError, TypeError):
        return None


def secrets_of(settings: Settings) -> tuple[str, ...]:
    """Return the secrets of a server, the one in use first; makes one the first time, where the settings give none.

    Raises OSError.
    """
    return settings.secret_key or stored_secrets(settings.data)


def stored_secrets(folder: Path, name: str = KEY_FILE) -> tuple[str, ...]:
    """Return the secrets kept in `folder`, with commas between them like those of a setting; raises OSError."""
    found = tuple(keys_in(stored_secret(folder, name)))
    if any(len(secret) < SHORTEST_SECRET for secret in found):
        raise OSError(errno.EINVAL, "has a key that is too short", str(folder / name))
    return found


def stored_secret(folder: Path, name: str = KEY_FILE) -> str:
    """Return the secret kept in `folder` under `name`, made at random the first time; `folder` is made with mode 0700.

    Servers that start at once agree on one: whoever links the file first has made it. Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        _create(path, secrets.token_urlsafe(48))
    secret = path.read_text(encoding="ascii", errors="replace").strip()
    if len(secret) < SHORTEST_SECRET:
        raise OSError(errno.EINVAL, "is too short; remove it and a new one is made", str(path))
    return secret


def _create(path: Path, secret: str) -> None:
    with NamedTemporaryFile("w", dir=path.parent, prefix=".secret-", encoding="ascii") as file:
        file.write(secret + "\n")
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            path.hardlink_to(file.name)
