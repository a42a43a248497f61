"""Mails the messages that wait for it: each held by one process at a time, tried until the mailbox has it."""

import logging
import os
import secrets
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from web.letters import envelope, letter_of, mailbox_of, place_of
from web.mail import DeferredError, MailError, RefusedError, UnreachableError, compose, mail_server
from web.sealing import Seal, SealError
from web.settings import Settings
from web.store.messages import claim, note_failed, note_sent

if TYPE_CHECKING:
    from bot import Municipality

LOG: Final = logging.getLogger("hemvist.mail")
MARKED: Final = 5  # attempts to note that a mail has gone
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a process holds a message, more than a slow server takes; when a failed try is made again: `first`,
    then twice as long each time, `longest` at most; `refused` after the mailbox has said no."""

    hold: timedelta = timedelta(minutes=5)
    first: timedelta = timedelta(minutes=1)
    longest: timedelta = timedelta(hours=1)
    refused: timedelta = timedelta(days=1)

    def after(self, tries: int) -> timedelta:
        """Return how long to wait after so many tries."""
        return min(self.longest, self.first * (1 << min(tries - 1, 20)))


@dataclass(frozen=True, slots=True)
class Tally:
    """How many were mailed, and what was in the way, one line for each reason."""

    sent: int
    troubles: tuple[str, ...]


class Delivery:
    """Mails what is due, as the settings of one server say; safe to share by threads."""

    def __init__(self, settings: Settings, seal: Seal, pace: Pace | None = None) -> None:
        self._settings = settings
        self._seal = seal
        self._pace = pace or Pace()
        self._server = mail_server(settings)

    def deliver(
        self, engine: Engine, municipalities: Mapping[str, "Municipality"], clock: Clock = lambda: datetime.now(UTC)
    ) -> Tally:
        """Mail everything that is due, until the server takes no more; raises SQLAlchemyError."""
        boxes = {name: box for name, found in municipalities.items() if (box := mailbox_of(found, self._settings))}
        holder = f"{socket.gethostname()[:20]}:{os.getpid()}:{secrets.token_hex(4)}"
        sent, troubles = 0, dict[str, None]()
        while boxes:
            now = clock()
            row = claim(engine, holder, now, now + self._pace.hold, boxes)
            if row is None:
                break
            try:
                self._mail(row, boxes[row.municipality])
            except (MailError, SealError) as error:
                self._put_off(engine, row, holder, error, clock())
                troubles[str(error)] = None
                if isinstance(error, UnreachableError):
                    break
                continue
            _mark(engine, row.id, clock)
            sent += 1
        return Tally(sent, tuple(troubles))

    def _mail(self, row: Any, mailbox: str) -> None:
        """Mail one message; raises MailError, SealError."""
        if self._server is None:
            raise UnreachableError("there is no mail server")
        opened = self._seal.open(row.key_name, row.sealed, place_of(row.id, row.municipality))
        written = envelope(letter_of(row, opened), row, mailbox, self._settings.timezone)
        self._server.post(compose(written, self._server.sender))

    def _put_off(self, engine: Engine, row: Any, holder: str, error: Exception, now: datetime) -> None:
        is_refused = isinstance(error, RefusedError)
        wait = self._pace.refused if is_refused else self._pace.after(row.tries)
        state = (
            "refused" if is_refused or (row.state == "refused" and not isinstance(error, DeferredError)) else "waiting"
        )
        note_failed(engine, row.id, holder, state, str(error), now + wait)
        LOG.info("message %s is not mailed, it will be tried again: %s", row.id, error)


def _mark(engine: Engine, message: str, clock: Clock) -> None:
    """Note that a mail has gone. A database that is busy is asked again: what is not noted is mailed once more."""
    for attempt in range(1, MARKED + 1):
        try:
            return note_sent(engine, message, clock())
        except SQLAlchemyError:
            if attempt == MARKED:
                raise
            time.sleep(0.2 * attempt)
    return None
