"""A feed of vacancies in RSS or Atom → jobs: title, link and date, which is all that such feeds agree on."""

import html
import io
import re
from datetime import date
from typing import Any, Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pydantic import ValidationError

from bot.exchange.ids import ids_of
from bot.exchange.jobsearch import JobRows, without_contacts
from bot.exchange.problems import refusal
from bot.exchange.tables import MAX_ROWS, refuse_large
from bot.fields import adapter
from bot.inventory import Job
from bot.text import clean

LONGEST: Final = 300
TAG: Final = re.compile(r"<[^>]*>")


def is_feed(data: bytes) -> bool:
    """Whether `data` looks like XML."""
    return data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")


def read_rss(data: bytes, sheet: str, day: date, employer: str) -> JobRows:
    """Read a feed; raises ExchangeError where it is none. `employer` is whose feed it is: items do not say."""
    refuse_large(data, sheet)
    _refuse_bad_xml(data, sheet)
    import feedparser  # needed by few commands, and slow to load

    feed: Any = feedparser.parse(io.BytesIO(data))
    if not feed.get("version"):
        raise refusal(sheet, "feed", reason="another format")
    if len(feed.entries) > MAX_ROWS:
        raise refusal(sheet, "rows", limit=MAX_ROWS)
    ids = ids_of([entry.get("id") or entry.get("link") or entry.get("title", "") for entry in feed.entries])
    made = {one: job for one, entry in zip(ids, feed.entries, strict=True) if (job := _job(one, entry, day, employer))}
    left = len(feed.entries) - len(made)
    return JobRows(tuple(made.values()), (f"{left} items have no title or no link; left out",) if left else ())


def _refuse_bad_xml(data: bytes, sheet: str) -> None:
    """Refuse what is cut off or defines entities; feedparser itself reads on where XML ends."""
    try:
        fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise refusal(sheet, "feed", reason=error) from error


def _job(name: str, entry: Any, day: date, employer: str) -> Job | None:
    title = without_contacts(clean(html.unescape(TAG.sub(" ", entry.get("title", "")))))
    link = entry.get("link", "")
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    dated = date(*parsed[:3]) if parsed else None
    source = {"url": link, "copied": day, "dated": dated}
    try:
        return adapter(Job).validate_python(
            {"id": name, "title": {"sv": title[:LONGEST]}, "employer": employer, "url": link, "source": source}
        )
    except ValidationError:
        return None
