"""A real mail server for tests: it keeps what it takes, can be told to refuse, is killed and comes back."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from servers import free_port

OK = "250 OK"


class MailServer:
    """Takes mail on one port of this machine; `answers` say what it replies to a recipient and to a mail."""

    def __init__(self) -> None:
        self.port = free_port()
        self.taken: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.answers = {"recipient": OK, "mail": OK}
        self.delay = 0.0  # seconds between taking a mail and saying so
        self.on_taken: Callable[[], None] = lambda: None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server | None = None
        self._transports: set[Any] = set()
        self._busy = 0

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each mail, in the order in which they came."""
        return [mail["Message-ID"] for mail in self.taken]

    def start(self) -> None:
        """Listen."""
        self._do(self._listen())

    def stop(self) -> None:
        """Listen no more; whoever is connected is served to the end."""
        self._do(self._close(is_kill=False))

    def kill(self) -> None:
        """Listen no more, and cut off whoever is connected."""
        self._do(self._close(is_kill=True))

    def end(self) -> None:
        """Stop for good."""
        self.kill()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def handle_RCPT(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Say whether there is such a mailbox."""
        if self.answers["recipient"] == OK:
            self.recipients.append(address)
            envelope.rcpt_tos.append(address)
            envelope.rcpt_options.extend(options)
        return self.answers["recipient"]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        """Take a mail."""
        if self.answers["mail"] != OK:
            return self.answers["mail"]
        self._busy += 1
        try:
            content = envelope.content
            assert isinstance(content, bytes)
            self.taken.append(message_from_bytes(content, policy=policy.default))
            self.on_taken()
            await asyncio.sleep(self.delay)
        finally:
            self._busy -= 1
        return OK

    def _do(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(20)

    async def _listen(self) -> None:
        self._server = await self._loop.create_server(self._made, "127.0.0.1", self.port, reuse_address=True)

    def _made(self) -> SMTP:
        protocol = _Tracked(self, hostname="mail.example", loop=self._loop)
        protocol.transports = self._transports
        return protocol

    async def _close(self, *, is_kill: bool) -> None:
        if self._server is None:
            return
        self._server.close()
        self._server = None
        for transport in list(self._transports) if is_kill else ():
            transport.abort()
        while self._transports:
            await asyncio.sleep(0.01)


class _Tracked(SMTP):
    """Knows which connections are open."""

    transports: set[Any]

    def connection_made(self, transport: Any) -> None:
        self.transports.add(transport)
        self._mine = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self.transports.discard(self._mine)
        super().connection_lost(error)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server until the block ends."""
    server = MailServer()
    server.start()
    try:
        yield server
    finally:
        server.end()
