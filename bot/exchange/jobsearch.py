"""Arbetsförmedlingen's JobSearch and JobStream → jobs. Advertisements hold names and numbers of people: few parts are
kept.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from pydantic import ValidationError

from bot.exchange.cells import folded
from bot.exchange.ids import make_id
from bot.exchange.problems import ExchangeError, refusal
from bot.exchange.tables import MAX_ROWS, parse_json, refuse_large
from bot.fields import adapter
from bot.inventory import Extent, Job, Occupation
from bot.text import clean

FULL_TIME, PART_TIME = 100, 99  # percent
CONTACTS: Final = re.compile(r"\S+@\S+|(?:\+46|\b0)[\d\s()/-]{6,}\d")
LONGEST: Final = 300
DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
Advertisement = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class JobRows:
    """The jobs of a file or page; `total`: how many there are in all, where a page says so."""

    jobs: tuple[Job, ...]
    notes: tuple[str, ...] = ()
    total: int = 0


def read_jobs(
    data: bytes, sheet: str, day: date, occupations: Sequence[Occupation] = (), municipality: str | None = None
) -> JobRows:
    """Read an answer of JobSearch, or JobStream's list or lines; raises ExchangeError where it is neither.

    An advertisement that says no title or no employer, or lies in another municipality than that of the code
    `municipality`, is left out and counted: one odd one among hundreds must not keep the others from being renewed.
    """
    refuse_large(data, sheet)
    content = _parsed(data, sheet)
    found = content.get("hits") if isinstance(content, dict) else content
    if not isinstance(found, list):
        raise refusal(sheet, "not-jobs", found=type(content).__name__)
    if len(found) > MAX_ROWS:
        raise refusal(sheet, "rows", limit=MAX_ROWS)
    names = _occupation_names(occupations)
    current = [one for one in found if isinstance(one, dict) and not one.get("removed")]
    here = [one for one in current if _is_in(one, municipality)]
    jobs = [job for one in here if (job := _job(one, day, names))]
    total = content.get("total") if isinstance(content, dict) else None
    count = total.get("value") if isinstance(total, dict) else None
    return JobRows(
        tuple({job.id: job for job in jobs}.values()),
        tuple(_notes(len(current) - len(here), len(here) - len(jobs))),
        count if isinstance(count, int) else len(found),
    )


def _notes(elsewhere: int, nameless: int) -> Iterator[str]:
    if elsewhere:
        yield f"{elsewhere} advertisements lie in other municipalities; left out"
    if nameless:
        yield f"{nameless} advertisements name no title or no employer; left out"


def _parsed(data: bytes, sheet: str) -> object:
    """Parse JSON, or JSON lines."""
    try:
        return parse_json(data, sheet)
    except ExchangeError:
        lines = [line for line in data.splitlines() if line.strip()]
        if len(lines) < 2:
            raise
        return [parse_json(line, sheet) for line in lines]


def _is_in(advertisement: Advertisement, municipality: str | None) -> bool:
    code = _part(advertisement, "workplace_address").get("municipality_code")
    return not municipality or not code or code == municipality


def _job(advertisement: Advertisement, day: date, names: Mapping[str, str]) -> Job | None:
    """Make a job of the parts that say nothing of a person; None where title or employer are missing."""
    employer = _part(advertisement, "employer")
    title = without_contacts(_said(advertisement, "headline"))
    url = _said(advertisement, "webpage_url")
    published = _day(advertisement.get("publication_date"))
    values: dict[str, object] = {
        "id": make_id(f"af-{advertisement.get('id')}"),
        "title": {"sv": title[:LONGEST]},
        "employer": without_contacts(_said(employer, "name") or _said(employer, "workplace"))[:LONGEST],
        "occupation": _occupation(advertisement, names),
        "place": _place(_part(advertisement, "workplace_address")),
        "extent": _extent(advertisement),
        "deadline": _day(advertisement.get("application_deadline")),
    }
    if url.startswith("https://"):
        values |= {"url": url, "source": {"url": url, "copied": day, "dated": published}}
    if not title or not advertisement.get("id"):
        return None
    try:
        return adapter(Job).validate_python({name: value for name, value in values.items() if value is not None})
    except ValidationError:
        return None


def without_contacts(text: str) -> str:
    """Return a headline without e-mail addresses and phone numbers, which some employers write into it."""
    return clean(CONTACTS.sub("", text)).strip(" ,;:-–")


def _part(advertisement: Advertisement, name: str) -> Advertisement:
    part = advertisement.get(name)
    return part if isinstance(part, dict) else {}


def _said(part: Advertisement, name: str) -> str:
    text = part.get(name)
    return clean(text) if isinstance(text, str) and text not in ("-", "Undefined") else ""


def _place(address: Advertisement) -> str | None:
    """Return the place of work, never the street. Postal towns come in capitals."""
    place = _said(address, "city") or _said(address, "municipality")
    return (place.title() if place.isupper() else place)[:LONGEST] or None


def _day(value: object) -> str | None:
    """Return the day of a Swedish local time; None where there is no such day."""
    found = DAY.match(value) if isinstance(value, str) else None
    try:
        return date.fromisoformat(found[0]).isoformat() if found else None
    except ValueError:
        return None


def _extent(advertisement: Advertisement) -> Extent | None:
    label = folded(_said(_part(advertisement, "working_hours_type"), "label"))
    if label in ("heltid", "deltid"):
        return "full-time" if label == "heltid" else "part-time"
    scope = _part(advertisement, "scope_of_work")
    least, most = scope.get("min"), scope.get("max")
    if least == FULL_TIME:
        return "full-time"
    return "part-time" if isinstance(most, int | float) and 0 < most <= PART_TIME else None


def _occupation_names(occupations: Iterable[Occupation]) -> dict[str, str]:
    return {folded(word): one.id for one in occupations for word in (*one.sv, *one.en, one.id)}


def _occupation(advertisement: Advertisement, names: Mapping[str, str]) -> str | None:
    """Find the occupation by its label (`Undersköterska, hemtjänst`), by its parts, by its group, by the headline."""
    labels = [_said(_part(advertisement, name), "label") for name in ("occupation", "occupation_group")]
    headline = _said(advertisement, "headline")
    for text in (*labels, headline):
        for part in (text, *re.split(r"[,/;(–]| till | i | på | - ", text)):
            if found := names.get(folded(part)):
                return found
    return None
