"""Visma Recruit's list of vacancies → jobs: title, place, extent, deadline and link of those that are not internal."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Final
from xml.etree.ElementTree import Element

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring
from pydantic import ValidationError

from bot.exchange.cells import folded
from bot.exchange.ids import make_id
from bot.exchange.jobsearch import JobRows, without_contacts
from bot.exchange.problems import refusal
from bot.exchange.tables import MAX_ROWS, refuse_large
from bot.fields import adapter
from bot.inventory import Job
from bot.text import clean

LONGEST: Final = 300
ROOT: Final = re.compile(rb"<Assignment(?:List|s)\b")
EXTENTS: Final = {"heltid": "full-time", "deltid": "part-time"}


def is_visma(data: bytes) -> bool:
    """Whether `data` looks like a list of Visma Recruit."""
    return bool(ROOT.search(data[:1_000]))


def read_visma(data: bytes, sheet: str, day: date, employer: str) -> JobRows:
    """Read a list; raises ExchangeError where it is none. `employer` is whose list it is."""
    refuse_large(data, sheet)
    try:
        root: Element = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise refusal(sheet, "feed", reason=error) from error
    found = [one for one in root.iter("Assignment") if _text(one, "IsInternal").lower() != "true"]
    if len(found) > MAX_ROWS:
        raise refusal(sheet, "rows", limit=MAX_ROWS)
    jobs = {job.id: job for one in found for job in _jobs(one, day, employer)}
    left = len(found) - len(jobs)
    return JobRows(tuple(jobs.values()), (f"{left} vacancies have no title or no link; left out",) if left else ())


def _jobs(assignment: Element, day: date, employer: str) -> Iterator[Job]:
    url = _text(assignment, "ReadMoreUrl")
    title = without_contacts(_text(assignment, ".//AssignmentTitle"))
    values = {
        "id": make_id(f"visma-{assignment.get('AssignmentId') or url}"),
        "title": {"sv": title[:LONGEST]},
        "employer": employer,
        "place": _text(assignment, ".//Municipality/Name") or None,
        "extent": EXTENTS.get(folded(_text(assignment, ".//EmploymentGrade/Name"))),
        "deadline": _text(assignment, "ApplicationEndDate")[:10] or None,
        "url": url,
        "source": {"url": url, "copied": day, "dated": _text(assignment, "PublishStartDate")[:10]},
    }
    try:
        yield adapter(Job).validate_python({name: value for name, value in values.items() if value is not None})
    except ValidationError:
        return


def _text(parent: Element, path: str) -> str:
    return clean(parent.findtext(path) or "")
