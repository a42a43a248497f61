"""A plan as a calendar file (RFC 5545): one all-day event a task.

An event keeps its UID whatever was answered, and a later download has a higher SEQUENCE, so that reading the file in
again moves what is there instead of doubling it.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from icalendar import Calendar, Event

from bot import Language
from web.i18n import sentences

KIND: Final = "text/calendar; charset=utf-8"
BEGINNING: Final = datetime(2026, 1, 1, tzinfo=UTC)  # SEQUENCE counts minutes from here: a number of 32 bits for ages
A_MINUTE: Final = timedelta(minutes=1)


def write(plan: Mapping[str, Any], name: str, site: str, now: datetime) -> bytes:
    """Return the file of `plan`, a payload with dates; `name` is the calendar's, `site` where links lead to."""
    calendar = Calendar()
    calendar.add("prodid", "-//Hemvist//Moving plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    for task in plan["tasks"]:
        calendar.add_component(_event(task, plan, site, now.astimezone(UTC)))
    written: bytes = calendar.to_ical()
    return written


def _event(task: Mapping[str, Any], plan: Mapping[str, Any], site: str, now: datetime) -> Event:
    day = date.fromisoformat(task["date"])
    event = Event()
    event.add("uid", f"{task['id']}.{plan['municipality']}.plan@hemvist")
    event.add("dtstamp", now)
    event.add("last-modified", now)
    event.add("sequence", max(0, (now - BEGINNING) // A_MINUTE))
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", task["title"])
    event.add("description", _description(task, plan["language"], site))
    event.add("url", site + (task["entry"] or plan)["link"])
    event.add("transp", "TRANSPARENT")  # something to do that day, not a day that is taken
    return event


def _description(task: Mapping[str, Any], language: Language, site: str) -> str:
    _ = sentences(language)
    entry, source = task["entry"], task["source"]
    lines = [
        task["text"],
        task["why"],
        _("Last day: %(day)s", day=task["deadline_text"]) if task["deadline"] else None,
        _("Responsible: %(who)s", who=task["who"]),
        _("Law: %(law)s", law=task["law"]) if task["law"] else None,
        _("Contact: %(ways)s", ways="; ".join(_ways(one) for one in task["contacts"])) if task["contacts"] else None,
        f"{entry['title']} {site}{entry['link']}" if entry else None,
        f"{_('Source:')} {source['url']}" if source else _("General advice, without a source of its own."),
    ]
    return "\n".join(filter(None, lines))


def _ways(contact: Mapping[str, Any]) -> str:
    return ", ".join(filter(None, (contact["name"], contact["phone"], contact["email"])))
