"""What home says is to be done: gaps, messages, feeds; each with how many visitors it touches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import url_for

from bot import Municipality
from web.errors import asked_language
from web.feed_files import Failing, failing
from web.i18n import format_date, sentences, translations
from web.staff import clusters
from web.staff.clusters import Cluster
from web.staff.service import get_staff, moment
from web.store import gaps
from web.store.messages import is_stuck, overview

NAMED: Final = 3  # gaps that have a line of their own


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to be done: what, how many visitors it touches, and the page where it is done."""

    text: str
    visitors: int
    link: str


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


def unanswered(here: Municipality) -> Sequence[Matter]:
    """Name the questions that most visitors got no good answer to, and count the others."""
    with get_staff().store.reading() as connection:
        found = [one for one in clusters.clusters_of(connection, here) if one.waits]
    found.sort(key=lambda one: (-one.visitors, one.title))
    named = [_named(here, one) for one in found[:NAMED]]
    return [*named, *_others(here, found[NAMED:])]


def messages(here: Municipality) -> Sequence[Matter]:
    """Count the messages that nobody has read, that wait for an answer, and that the mailbox did not get."""
    ngettext = translations(asked_language()).ngettext
    with get_staff().store.reading() as connection:
        rows = [row for row in overview(connection, here.id) if row.handled_at is None]
    unread = len([row for row in rows if row.read_at is None])
    stuck = len([row for row in rows if is_stuck(row, moment())])
    counts = {
        "unread": (
            unread,
            ngettext("Nobody has read %(number)s message", "Nobody has read %(number)s messages", unread),
        ),
        "waiting": (
            len(rows) - unread,
            ngettext(
                "%(number)s message is read and waits for an answer",
                "%(number)s messages are read and wait for an answer",
                len(rows) - unread,
            ),
        ),
        "undelivered": (
            stuck,
            ngettext(
                "%(number)s message has not reached the mailbox",
                "%(number)s messages have not reached the mailbox",
                stuck,
            ),
        ),
    }
    return [
        Matter(text % {"number": number}, number, url_for("staff.messages", municipality=here.id, state=state))
        for state, (number, text) in counts.items()
        if number
    ]


def feeds(here: Municipality) -> Sequence[Matter]:
    """Name the sources that fail, with how many visitors lately asked for what they give."""
    found = failing(get_staff().settings.data, here.id)
    if not found:
        return ()
    with get_staff().store.reading() as connection:
        visitors = gaps.visitors_of_lists(connection, here.id)
    return [_failing(here, one, visitors) for one in found]


FEEDS: Final = {
    "plots": _("The plots from %(source)s have not been renewed since %(date)s: %(reason)s"),
    "jobs": _("The jobs from %(source)s have not been renewed since %(date)s: %(reason)s"),
}


def _failing(here: Municipality, one: Failing, visitors: int) -> Matter:
    language = asked_language()
    since = format_date(one.since.astimezone(get_staff().settings.timezone).date(), language)
    text = sentences(language)(FEEDS[one.kind], source=one.source, date=since, reason=one.reason)
    return Matter(text, visitors, url_for("lists.page", municipality=here.id, language=language, show=one.kind))


def _named(here: Municipality, one: Cluster) -> Matter:
    text = translations(asked_language()).ngettext(
        "“%(question)s” got no good answer: %(number)s visitor",
        "“%(question)s” got no good answer: %(number)s visitors",
        one.visitors,
    )
    link = url_for("staff.gap", municipality=here.id, key=one.key)
    return Matter(text % {"question": one.title, "number": one.visitors}, one.visitors, link)


def _others(here: Municipality, found: Sequence[Cluster]) -> list[Matter]:
    if not found:
        return []
    visitors = len({asked.key_hash for one in found for asked in one.asked})
    text = translations(asked_language()).ngettext(
        "%(number)s more question without a good answer", "%(number)s more questions without a good answer", len(found)
    )
    return [Matter(text % {"number": len(found)}, visitors, url_for("staff.gaps", municipality=here.id))]
