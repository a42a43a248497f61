"""An answer as the templates show it: the payload of the API, with dates written out and Markdown made HTML."""

import re
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from bot import Language
from web import markdown
from web.chat.asking import Turn
from web.chat.payload import payload
from web.i18n import format_date, texts

ON_EVERY_PAGE: Final = "demonstration"
REMARK: Final = "general"  # stands by the source; the other notices stand above the text
EXCERPT: Final = 155  # characters a search engine shows


def card(turn: Turn, question: str = "") -> dict[str, Any]:
    """Return the payload of `turn` and what the macros of parts.html need beside it; `question` as it was asked."""
    reply = payload(turn)
    language: Language = reply["language"]
    source, checked = reply["source"] or {}, reply["checked"] or {}
    render = markdown.render_with_calls if reply["kind"] == "safety" else markdown.render
    return {
        **reply,
        "_": texts(language),
        "question": question,
        "html": render(reply["text"]),
        "municipalities": [{**one, "html": markdown.render(one["text"])} for one in reply["municipalities"]],
        "callouts": [notice for notice in reply["notices"] if notice["code"] not in (ON_EVERY_PAGE, REMARK)],
        "remarks": [notice for notice in reply["notices"] if notice["code"] == REMARK],
        "source_host": host(source.get("url", "")),
        "dated": _day(source.get("dated"), language),
        "copied": _day(source.get("copied"), language),
        "checked_on": _day(checked.get("on"), language),
    }


def host(url: str) -> str:
    """Return the site of `url` as people say it: www.vindeln.se is vindeln.se."""
    return (urlsplit(url).hostname or url).removeprefix("www.")


def excerpt(text: str) -> str:
    """Return the beginning of an answer without Markdown, cut between words."""
    whole = plain(text)
    return whole if len(whole) <= EXCERPT else whole[:EXCERPT].rsplit(" ", 1)[0] + " …"


def plain(text: str) -> str:
    """Return an answer without Markdown, on one line."""
    return " ".join(re.sub(r"[*\[]|\]\([^)]*\)|^\s*(?:-|\d+\.) ", "", text, flags=re.MULTILINE).split())


def _day(iso: str | None, language: Language) -> str | None:
    return format_date(date.fromisoformat(iso), language) if iso else None
