"""What home says is to be done: gaps, drafts, conflicts, messages, feeds; each with how many visitors it touches."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import g, url_for

from bot import Municipality
from web.errors import asked_language
from web.feed_files import Failing, failing
from web.i18n import format_date, sentences, translations
from web.staff import clusters
from web.staff.clusters import Cluster
from web.staff.knowing import revising
from web.staff.layers import own_layer, places
from web.staff.service import get_staff, moment
from web.staff.visits import visits_here
from web.store import gaps
from web.store.messages import is_stuck, overview

NAMED: Final = 3  # gaps that have a line of their own


@dataclass(frozen=True, slots=True)
class Matter:
    """Something to be done: what, how many visitors it touches, and the page where it is done.

    `after`: it comes after what touches so many visitors, where it belongs to that.
    """

    text: str
    visitors: int
    link: str
    icon: str = "check"
    after: int | None = None

    @property
    def weight(self) -> int:
        """How high up it stands."""
        return self.visitors if self.after is None else self.after


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


def unanswered(here: Municipality) -> Sequence[Matter]:
    """Name the questions that most visitors got no good answer to, and count the others."""
    found = [one for one in _clusters(here) if one.waits and one.state != "drafted"]
    found.sort(key=lambda one: (-one.visitors, one.title))
    named = [_named(here, one) for one in found[:NAMED]]
    return [*named, *_others(here, found[NAMED:], named[-1].visitors if named else 0)]


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
        Matter(text % {"number": number}, number, url_for("staff.messages", municipality=here.id, state=state), "mail")
        for state, (number, text) in counts.items()
        if number
    ]


def drafts(here: Municipality) -> Sequence[Matter]:
    """Count the drafts that wait to be published, with how many visitors asked for them, answered or not."""
    found = [draft for draft in revising().drafts([own_layer()]) if draft.key.kind == "entry"]
    if not found:
        return ()
    waiting = {draft.key.id for draft in found}
    visits = visits_here()
    begun = sum(
        one.visitors for one in _clusters(here) if one.state == "drafted" and one.gap and one.gap.entry in waiting
    )
    text = translations(asked_language()).ngettext(
        "%(number)s draft waits to be published", "%(number)s drafts wait to be published", len(found)
    )
    return [
        Matter(
            text % {"number": len(found)},
            begun + sum(visits.get(entry, 0) for entry in waiting),
            url_for("staff.answers", municipality=here.id, state="draft"),
            "pen",
        )
    ]


def conflicts(here: Municipality) -> Sequence[Matter]:
    """Count where a file and these pages say different things."""
    found = revising().conflicts([place.layer for place in places()])
    if not found:
        return ()
    visits = visits_here()
    entries = {one.key.id for one in found if one.key.kind == "entry"}
    text = translations(asked_language()).ngettext(
        "%(number)s answer or record says something else in a file",
        "%(number)s answers or records say something else in a file",
        len(found),
    )
    visitors = sum(visits.get(entry, 0) for entry in entries)
    return [
        Matter(text % {"number": len(found)}, visitors, url_for("staff.conflicts", municipality=here.id), "warning")
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
    return Matter(text, visitors, url_for("lists.page", municipality=here.id, language=language, show=one.kind), "feed")


def _clusters(here: Municipality) -> Sequence[Cluster]:
    """Return the clusters, which several of these look at, put together once in a request."""
    if "clusters" not in g:
        with get_staff().store.reading() as connection:
            g.clusters = clusters.clusters_of(connection, here)
    found: Sequence[Cluster] = g.clusters
    return found


def _named(here: Municipality, one: Cluster) -> Matter:
    said = _("“%(question)s” was answered, and fails again") if one.again else _("“%(question)s” got no good answer")
    text = sentences(asked_language())(said, question=one.title)
    return Matter(text, one.visitors, url_for("staff.gap", municipality=here.id, key=one.key), "search")


def _others(here: Municipality, found: Sequence[Cluster], after: int) -> list[Matter]:
    if not found:
        return []
    visitors = len({each.key_hash for one in found for each in one.asked})
    text = translations(asked_language()).ngettext(
        "%(number)s more question without a good answer", "%(number)s more questions without a good answer", len(found)
    )
    return [
        Matter(text % {"number": len(found)}, visitors, url_for("staff.gaps", municipality=here.id), "search", after)
    ]
