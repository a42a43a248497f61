"""Where messages to a person are taken in: kept before anybody is told so, and mailed behind the answer."""

import hmac
import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bot import Municipality
from web.letters import Letter, letter_of, mailbox_of, place_of
from web.limits import OtherRequestError
from web.sealing import Seal, SealError
from web.settings import Settings

if TYPE_CHECKING:
    from web.delivery import Delivery
    from web.store.opened import OpenStore

LOG: Final = logging.getLogger("hemvist.mail")
LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without those that are read as others
HALF: Final = 5


@dataclass(frozen=True, slots=True)
class Receipt:
    """What whoever wrote is told: the number, and whether the message goes to the municipality's mailbox."""

    number: str
    is_mailed: bool


class Desk:
    """Takes in messages for one application; safe to share by threads, each process opens the store for itself."""

    def __init__(
        self,
        settings: Settings,
        seal: Seal,
        secrets: Sequence[str],
        municipalities: Callable[[], Mapping[str, Municipality]],
    ) -> None:
        """`municipalities` are asked for each time: their mailbox may change. Of several `secrets` the first is in use;
        a repeated request is also known by the others."""
        self._settings = settings
        self._seal = seal
        self._secrets = [secret.encode() for secret in secrets]
        self._municipalities = municipalities
        self._lock = threading.Lock()
        self._tools: tuple[OpenStore, Delivery] | None = None
        self._process = 0
        self._is_wanted = False
        self._postman: threading.Thread | None = None

    def is_mailed(self, municipality: Municipality) -> bool:
        """Whether messages to `municipality` go to its mailbox; else staff read them in the list alone."""
        return mailbox_of(municipality, self._settings) is not None

    def take(self, letter: Letter, request: str | None, at: datetime) -> Receipt:
        """Keep `letter`, once for the same `request`, and have it mailed.

        Raises StoreError where it cannot be kept, OtherRequestError where `request` came with another message.
        """
        from web.store.messages import keep  # a quarter of a second, spent by the first who writes

        store, _ = self._open()
        hashes = self._hashes(request or secrets.token_hex(16))
        row = {**self._row(letter, at), "request_hash": hashes[0]}
        kept = store.do(lambda: keep(store.engine, row, hashes[1:]))
        if kept.id != row["id"] and self._is_other(kept, letter):
            raise OtherRequestError
        if kept.state == "waiting":
            self._rouse()
        return Receipt(kept.id, kept.state != "listed")

    def close(self, wait: float = 3.0) -> None:
        """Let the mail that is under way arrive, for at most `wait` seconds, and close the store."""
        if self._process != os.getpid():
            return
        if self._postman:
            self._postman.join(wait)
        if self._tools:
            self._tools[0].close()

    def _hashes(self, request: str) -> list[str]:
        said = f"message\n{request}".encode()
        return [hmac.digest(secret, said, "sha256").hex() for secret in self._secrets]

    def _row(self, letter: Letter, at: datetime) -> dict[str, Any]:
        number = _number()
        is_mailed = self.is_mailed(self._municipalities()[letter.municipality])
        domain = (self._settings.mail_from or "").partition("@")[2]
        return {
            "id": number,
            "municipality": letter.municipality,
            "language": letter.language,
            "topic": letter.topic,
            "sealed": self._seal.close(letter.secret, place_of(number, letter.municipality)),
            "key_name": self._seal.name,
            "at": at,
            "state": "waiting" if is_mailed else "listed",
            "mail_id": f"<{number.lower()}.{secrets.token_hex(8)}@{domain}>" if is_mailed else None,
            "tries": 0,
            "next_try": at if is_mailed else None,
        }

    def _is_other(self, kept: Any, letter: Letter) -> bool:
        try:
            return (
                letter_of(kept, self._seal.open(kept.key_name, kept.sealed, place_of(kept.id, kept.municipality)))
                != letter
            )
        except SealError:
            return False

    def _open(self) -> "tuple[OpenStore, Delivery]":
        """Return the store of this process: a connection made before a fork may not be used after it."""
        from web.delivery import Delivery
        from web.store.opened import OpenStore

        with self._lock:
            if self._tools is None or self._process != os.getpid():
                self._process = os.getpid()
                self._postman = None
                self._tools = OpenStore(self._settings), Delivery(self._settings, self._seal)
            return self._tools

    def _rouse(self) -> None:
        with self._lock:
            self._is_wanted = True
            if self._postman is None:
                self._postman = threading.Thread(target=self._deliver, name="postman", daemon=True)
                self._postman.start()

    def _deliver(self) -> None:
        """Mail until nobody wants more; what fails is left to the tick."""
        while self._is_still_wanted():
            try:
                store, delivery = self._open()
                store.do(partial(delivery.deliver, store.engine, self._municipalities()))
            except Exception as error:  # noqa: BLE001 - whatever fails, the message is kept and the tick tries again
                LOG.warning("mail is left to the tick: %s", type(error).__name__)

    def _is_still_wanted(self) -> bool:
        with self._lock:
            wanted, self._is_wanted = self._is_wanted, False
            if not wanted:
                self._postman = None
            return wanted


def _number() -> str:
    """Return a number for a receipt, such as 7K3MX-9QXTA: to be read out, not to be guessed."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(2 * HALF))
    return f"{letters[:HALF]}-{letters[HALF:]}"
