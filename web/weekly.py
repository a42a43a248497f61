"""The mail of Monday morning: what waits for each owner at a municipality, with links to the pages of staff.

It is written only where there is something to say, and holds counts and titles, never a visitor's words.
"""

import hashlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine

from bot import Entry, Knowledge, Language, Municipality, View, needing, outdated, reviews
from web.feed_files import overdue
from web.i18n import sentences, translations
from web.letters import Envelope
from web.mail import MailServer, RefusedError, compose, mail_server
from web.settings import Settings
from web.store.asked import unanswered
from web.store.engine import reading
from web.store.leases import is_time, lease
from web.store.messages import unsent

LOG: Final = logging.getLogger("hemvist.weekly")
WEEK: Final = timedelta(days=7)
MOST: Final = 10  # titles of one kind
LONGEST_TASK: Final = 100  # characters


@dataclass(frozen=True, slots=True)
class Office:
    """An owner of answers who can be written to."""

    municipality: Municipality
    id: str
    email: str
    language: Language

    @property
    def task(self) -> str:
        """The name of the lease under which this owner is written to."""
        whole = f"weekly {self.municipality.id} {self.id}"
        return whole if len(whole) <= LONGEST_TASK else f"weekly {hashlib.sha256(whole.encode()).hexdigest()}"


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one owner: titles of their own answers, and counts of the whole municipality."""

    due: Sequence[str]
    stale: Sequence[str]
    unanswered: int
    feeds: int
    messages: int

    @property
    def is_anything(self) -> bool:
        """Whether there is something to say."""
        return any((self.due, self.stale, self.unanswered, self.feeds, self.messages))


def offices(municipalities: Mapping[str, Municipality], settings: Settings) -> Iterator[Office]:
    """Return who is written to; nobody of a demonstration unless the operator says so."""
    for found in municipalities.values():
        if found.official or settings.mail_demonstrations:
            for name, owner in found.owners.items():
                if owner.email and owner.email.isascii():
                    yield Office(found, name, owner.email, owner.language)


@dataclass(frozen=True, slots=True)
class Week:
    """The mails of one Monday, which begins at `start`; `holder` is the process that writes them."""

    engine: Engine
    settings: Settings
    knowledge: Knowledge
    start: datetime
    holder: str

    def write(self, now: datetime) -> int:
        """Mail each owner who was not written to since `start`, each by one process; return how many were.

        Raises SQLAlchemyError, and MailError where the server takes nothing now: the next try goes on.
        """
        server = mail_server(self.settings)
        found = offices(self.knowledge.municipalities, self.settings) if server else ()
        return sum(self._write(office, server, now) for office in found if server and self._is_to_come(office))

    def _is_to_come(self, office: Office) -> bool:
        return is_time(self.engine, office.task, self.start - timedelta(seconds=1))

    def _write(self, office: Office, server: MailServer, now: datetime) -> bool:
        """Another process may have written since we looked: under the lease it is looked at again."""
        with lease(self.engine, office.task, self.holder, now) as is_ours:
            if not is_ours or not self._is_to_come(office):
                return False
            view = self.knowledge.view(office.municipality.id)
            found = waiting(self.engine, self.settings, view, office, now)
            return found.is_anything and self._post(office, found, server)

    def _post(self, office: Office, found: Waiting, server: MailServer) -> bool:
        try:
            server.post(compose(envelope(office, found, self.settings, self.start, server.sender), server.sender))
        except RefusedError as error:  # tried again it would be the same: next week
            LOG.warning("the weekly mail to %s of %s is refused: %s", office.id, office.municipality.id, error)
            return False
        return True


def waiting(engine: Engine, settings: Settings, view: View, office: Office, now: datetime) -> Waiting:
    """Find what waits for `office`; raises SQLAlchemyError."""
    day = now.astimezone(settings.timezone).date()
    late = [one.entry for one in needing(reviews(view, day))]
    stale = [one.entry for one in outdated(view)]
    with reading(engine).connect() as connection:
        lost = unanswered(connection, view.municipality.id, day - WEEK)
        messages = unsent(connection, view.municipality.id)
    feeds = [one for one in overdue(settings.data, now) if one.file.split("/")[1:2] == [view.municipality.id]]
    return Waiting(_of(late, office), _of(stale, office), lost, len(feeds), messages)


def _of(entries: Sequence[Entry], office: Office) -> list[str]:
    return [entry.title(office.language) for entry in entries if entry.owner == office.id]


def envelope(office: Office, found: Waiting, settings: Settings, start: datetime, sender: str) -> Envelope:
    """Write the mail; the same for the same owner and week, so that a mailbox can tell it came twice."""
    _ = sentences(office.language)
    place = office.municipality.name.best(office.language)
    key = hashlib.sha256(f"{office.task}\n{start.isoformat()}".encode()).hexdigest()[:32]
    return Envelope(
        mailbox=office.email,
        mail_id=f"<weekly.{key}@{sender.partition('@')[2]}>",
        at=start,
        subject=_("Hemvist this week: %(place)s", place=place),
        reply_to="",
        text="\n\n".join(_parts(office, found, site_of(settings))) + "\n",
        language=office.language,
    )


def site_of(settings: Settings) -> str:
    """Return where staff reach this server."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return settings.site_url or f"http://{host}:{settings.port}"


def _parts(office: Office, found: Waiting, site: str) -> Iterator[str]:
    _, here = sentences(office.language), f"{site}/staff/{office.municipality.id}"
    yield _("This waits at %(place)s:", place=office.municipality.name.best(office.language))
    yield from _listed(office, found, here)
    yield from _counted(office, found, here)
    yield "-- \n" + _("Hemvist writes this on Mondays, and only when something waits. %(site)s", site=f"{here}/")


def _listed(office: Office, found: Waiting, here: str) -> Iterator[str]:
    ngettext = translations(office.language).ngettext
    number = len(found.due)
    if number:
        text = ngettext("%(number)s answer is past its date.", "%(number)s answers are past their date.", number)
        yield _lines(office, text % {"number": number}, found.due, f"{here}/freshness?owner={office.id}#review")
    number = len(found.stale)
    if number:
        text = ngettext("%(number)s translation is outdated.", "%(number)s translations are outdated.", number)
        yield _lines(office, text % {"number": number}, found.stale, f"{here}/freshness#outdated")


def _counted(office: Office, found: Waiting, here: str) -> Iterator[str]:
    ngettext = translations(office.language).ngettext
    number = found.unanswered
    if number:
        text = ngettext(
            "%(number)s question of the last week got no answer.",
            "%(number)s questions of the last week got no answer.",
            number,
        )
        yield f"{text % {'number': number}}\n{here}/gaps"
    number = found.feeds
    if number:
        text = ngettext(
            "%(number)s source of plots or jobs has not answered for a day.",
            "%(number)s sources of plots or jobs have not answered for a day.",
            number,
        )
        yield f"{text % {'number': number}}\n{here}/"
    number = found.messages
    if number:
        text = ngettext(
            "%(number)s message has not reached the mailbox.",
            "%(number)s messages have not reached the mailbox.",
            number,
        )
        yield f"{text % {'number': number}}\n{here}/messages"


def _lines(office: Office, head: str, titles: Sequence[str], link: str) -> str:
    _ = sentences(office.language)
    lines = [f"- {title}" for title in titles[:MOST]]
    if (more := len(titles) - MOST) > 0:
        lines += [_("- and %(number)s more", number=more)]
    return "\n".join([head, *lines, link])
