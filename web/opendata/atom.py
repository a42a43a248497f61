"""A list as an Atom feed (RFC 4287), so that new plots and jobs can be watched for without leaving an address."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree

from bot import Filters, Found, Job, Language, Place, Plot, TableName
from web.records import query, record_payload

CONTENT_TYPE: Final = "application/atom+xml; charset=utf-8"
NAMESPACE: Final = "http://www.w3.org/2005/Atom"
UNDATED: Final = date(2000, 1, 1)  # of records that say nothing of when they were written or read
FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, section 2.2


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed but its entries: whose, what it is called, where it is and where the list is that it tells of."""

    municipality: str
    author: str
    table: TableName
    language: Language
    filters: Filters
    title: str
    address: str
    page: str


def write(feed: Feed, found: Sequence[Found], pages: Sequence[str]) -> str:
    """Return `feed` with the newest first; `pages` are the addresses of the records' cards."""
    root = ElementTree.Element("feed", {"xmlns": NAMESPACE, "xml:lang": feed.language})
    _add(root, "id", feed_id(feed))
    _add(root, "title", feed.title)
    _add(root, "updated", moment(max((dated(one.record) for one in found), default=UNDATED)))
    _add(_add(root, "author"), "name", feed.author)
    _link(root, "self", feed.address, "application/atom+xml")
    _link(root, "alternate", feed.page, "text/html")
    entries = sorted(zip(found, pages, strict=True), key=lambda pair: dated(pair[0].record), reverse=True)
    for one, page in entries:
        _entry(root, feed, one, page)
    text: str = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def feed_id(feed: Feed) -> str:
    """Return a name of the feed that is the same whatever host serves it."""
    said = (f"{name}={quote(value, safe='')}" for name, value in query(feed.filters, feed.table).items())
    return ":".join(("urn:hemvist:feed", feed.municipality, feed.language, feed.table, *said))


def dated(record: Plot | Job | Place) -> date:
    """Return the day a record is of: its source's own, else the day that was read; never today."""
    if record.source is None:
        return UNDATED
    return record.source.dated or record.source.copied


def moment(day: date) -> str:
    """Write the beginning of `day` as RFC 3339 wants it."""
    return f"{day.isoformat()}T00:00:00Z"


def _entry(root: ElementTree.Element, feed: Feed, found: Found, page: str) -> None:
    shown = record_payload(found, feed.language)
    example = f"{shown['example_text']}: " if shown["example"] else ""
    entry = _add(root, "entry")
    _add(entry, "id", f"urn:hemvist:record:{feed.municipality}:{feed.table}:{found.record.id}")
    _add(entry, "title", example + shown["title"])
    _add(entry, "updated", moment(dated(found.record)))
    _link(entry, "alternate", page, "text/html")
    if shown["url"]:
        _link(entry, "related", shown["url"])
    _add(entry, "summary", ". ".join(_told(shown["badge"], shown["lines"])))


def _told(badge: str | None, lines: Iterable[str]) -> list[str]:
    return [text.rstrip(".") for text in (badge, *lines) if text]


def _add(parent: ElementTree.Element, name: str, text: str | None = None) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, name)
    element.text = FORBIDDEN.sub("", text) if text is not None else None
    return element


def _link(parent: ElementTree.Element, relation: str, address: str, kind: str | None = None) -> None:
    attributes = {"rel": relation, "href": FORBIDDEN.sub("", address)}
    ElementTree.SubElement(parent, "link", {**attributes, **({"type": kind} if kind else {})})
