"""Mail: one message to one mailbox, over SMTP, whole or not at all."""

import smtplib
import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from email.utils import format_datetime
from typing import Final, Literal
from urllib.parse import unquote, urlsplit

from web.letters import Envelope
from web.settings import Settings

PATIENCE: Final = 15  # seconds for each step of a conversation with the server
PORTS: Final = {"smtp": 587, "smtps": 465, "smtp+plain": 25}
PERMANENT: Final = 500  # replies from here on will be the same next time
Scheme = Literal["smtp", "smtps", "smtp+plain"]


class MailError(Exception):
    """A mail was not taken; the words hold nothing of it."""


class UnreachableError(MailError):
    """The server takes no mail at all now."""


class DeferredError(MailError):
    """The server does not take this mail now."""


class RefusedError(MailError):
    """The server does not take this mail, today or tomorrow."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail, and the address that ours comes from."""

    scheme: Scheme
    host: str
    port: int
    user: str | None
    password: str
    sender: str

    def post(self, mail: EmailMessage) -> None:
        """Hand over `mail`; raises UnreachableError, DeferredError, RefusedError."""
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise UnreachableError(_told(error)) from error
        try:
            _hand_over(server, mail)
        except (OSError, smtplib.SMTPException) as error:
            raise UnreachableError(_told(error)) from error
        finally:
            server.close()

    def greet(self) -> None:
        """Connect, greet and sign in, and send nothing; raises UnreachableError."""
        try:
            server = self._connected()
        except (OSError, smtplib.SMTPException) as error:
            raise UnreachableError(_told(error)) from error
        try:
            server.ehlo_or_helo_if_needed()
            server.quit()
        except (OSError, smtplib.SMTPException) as error:
            raise UnreachableError(_told(error)) from error
        finally:
            server.close()

    def _connected(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=PATIENCE, context=context)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=PATIENCE)
        try:
            if self.scheme == "smtp":
                server.starttls(context=context)
            if self.user is not None:
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server


def mail_server(settings: Settings) -> MailServer | None:
    """Return the server that the settings name; None where mail is not set up."""
    if not settings.smtp_url or not settings.mail_from:
        return None
    found = urlsplit(settings.smtp_url)
    scheme: Scheme = "smtps" if found.scheme == "smtps" else "smtp" if found.scheme == "smtp" else "smtp+plain"
    user = unquote(found.username) if found.username else None
    port = found.port or PORTS[scheme]
    return MailServer(scheme, found.hostname or "", port, user, unquote(found.password or ""), settings.mail_from)


def compose(envelope: Envelope, sender: str) -> EmailMessage:
    """Write a mail. Tried again it is the same, with the same Message-ID; raises RefusedError where it cannot be.

    No word of a visitor stands in a header but an address to answer to, which was checked when it came in.
    """
    mail = EmailMessage(policy=WIRE)
    try:
        mail["Subject"] = envelope.subject
        mail["From"] = Address("Hemvist", addr_spec=sender)
        mail["To"] = Address(addr_spec=envelope.mailbox)
        mail["Date"] = format_datetime(envelope.at)
        mail["Message-ID"] = envelope.mail_id
        if envelope.reply_to:
            with suppress(ValueError, MessageError, IndexError):  # whom no button can answer still stands in the text
                mail["Reply-To"] = Address(addr_spec=envelope.reply_to)
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
        mail.set_content(envelope.text, cte="quoted-printable")
        mail["Content-Language"] = envelope.language  # last: setting the content clears what was said of it
    except (ValueError, MessageError) as error:
        raise RefusedError(f"the mail cannot be written: {type(error).__name__}") from error
    return mail


def _hand_over(server: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, reason = next(iter(error.recipients.values()))
        raise _refusal(code, reason) from error
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from error
    with suppress(OSError, smtplib.SMTPException):  # it is theirs by now, however they say goodbye
        server.quit()


def _refusal(code: int, reason: bytes | str) -> MailError:
    """Tell what is wrong with this mail from what is wrong with the server: 421 is its goodbye."""
    kind = UnreachableError if code in (-1, 421) else RefusedError if code >= PERMANENT else DeferredError
    return kind(_said(code, reason))


def _said(code: int, reason: bytes | str) -> str:
    text = reason.decode("ascii", "replace") if isinstance(reason, bytes) else reason
    words = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return f"{code} {words}"[:200]


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _said(error.smtp_code, error.smtp_error)
    reason = error.strerror if isinstance(error, OSError) and error.strerror else type(error).__name__
    return f"the mail server cannot be reached: {reason}"[:200]
