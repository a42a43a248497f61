"""What a visitor writes to a person, and the mail that the municipality gets of it."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from bot import Language, Municipality
from web.headings import topic_name
from web.i18n import NAMES, REGIONS, sentences
from web.settings import Settings

STAFF: Final[Language] = "sv"  # what mail to a Swedish municipality is written in


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it is kept: already redacted, but for `name`, `email` and `phone`, of which one leads back.

    `language` is the one to answer in. `is_danger`: it holds words of danger, and was sent all the same.
    """

    municipality: str
    language: Language
    topic: str
    message: str
    name: str
    email: str
    phone: str
    is_danger: bool

    @property
    def secret(self) -> dict[str, object]:
        """What is kept encrypted."""
        return {name: value for name, value in asdict(self).items() if name in SECRET}


SECRET: Final = frozenset({"message", "name", "email", "phone", "is_danger"})


@dataclass(frozen=True, slots=True)
class Envelope:
    """A mail to be written: always the same for the same message."""

    mailbox: str
    mail_id: str
    at: datetime
    subject: str
    reply_to: str
    text: str
    language: Language = "sv"


def mailbox_of(municipality: Municipality, settings: Settings) -> str | None:
    """Return where messages to `municipality` are mailed; None: nowhere, staff read them in the list alone.

    A demonstration does not write to a real municipality unless the operator says so.
    """
    may = municipality.official or settings.mail_demonstrations
    return municipality.mailbox if settings.smtp_url and may else None


def letter_of(row: Any, opened: dict[str, Any]) -> Letter:
    """Put together a message from its row and what was encrypted in it."""
    known = {field.name for field in fields(Letter)}
    secret = {name: value for name, value in opened.items() if name in known}
    return Letter(municipality=row.municipality, language=row.language, topic=row.topic, **secret)


def place_of(number: str, municipality: str) -> str:
    """Return where a message lies, so that what is sealed opens in its own row only."""
    return f"{number}|{municipality}"


def envelope(letter: Letter, row: Any, mailbox: str, timezone: ZoneInfo) -> Envelope:
    """Write the mail of a message. It goes to staff, so it is in Swedish, whatever the visitor speaks."""
    _ = sentences(STAFF)
    topic = topic_name(letter.topic, STAFF)
    subject = _("Message %(number)s: %(topic)s", number=row.id, topic=topic)
    if letter.is_danger:
        subject = _("Read first: %(subject)s", subject=subject)
    return Envelope(
        mailbox=mailbox,
        mail_id=row.mail_id,
        at=row.at.astimezone(timezone),
        subject=subject,
        reply_to=letter.email if letter.email.isascii() else "",
        text=_text(letter, row, topic, timezone),
    )


def _text(letter: Letter, row: Any, topic: str, timezone: ZoneInfo) -> str:
    _ = sentences(STAFF)
    when = format_datetime(row.at.astimezone(timezone), "d MMMM y HH:mm", locale=REGIONS[STAFF])
    facts = [
        (_("Topic"), topic),
        (_("Answer in"), NAMES[letter.language]),
        (_("Name"), letter.name),
        (_("E-mail"), letter.email),
        (_("Phone"), letter.phone),
        (_("Written"), when),
        (_("Number"), row.id),
    ]
    warning = _("The message holds words of danger. The crisis numbers were shown before it was sent.")
    ending = _(
        "Written in the newcomer chat of the municipality's site. It is a public record: register it as you do with "
        "other mail. When it is answered, mark it: hemvist messages handled %(number)s",
        number=row.id,
    )
    parts = [warning] if letter.is_danger else []
    parts += ["\n".join(f"{name}: {value}" for name, value in facts if value), letter.message, f"-- \n{ending}"]
    return "\n\n".join(parts) + "\n"
