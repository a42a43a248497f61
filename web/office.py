"""When offices are open, for the report: the same for all municipalities and months, so that shares can be compared.

Monday to Friday from 8 to 17 Swedish time, but not on public holidays and their eves. What a contact says of its own
hours is for visitors, changes, and would make figures that nobody can compare.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from bot import eve, public_holiday
from web.store.evidence import OfficeHours

OPENS, CLOSES = time(8), time(17)
SATURDAY: Final = 5
A_DAY: Final = timedelta(days=1)


@cache
def office_hours(first: date, last: date, timezone: ZoneInfo) -> OfficeHours:
    """Return the office hours of the days from one to another, both included."""
    days = [first + number * A_DAY for number in range((last - first).days + 1)]
    spans: list[tuple[date, int, int]] = []
    for day in days:
        span = _hour(day, OPENS, timezone), _hour(day, CLOSES, timezone)
        if not spans or spans[-1][1:] != span:
            spans.append((day, *span))
    return OfficeHours(frozenset(filter(_is_closed, days)), tuple(spans))


def _is_closed(day: date) -> bool:
    return day.weekday() >= SATURDAY or public_holiday(day) is not None or eve(day) is not None


def _hour(day: date, at: time, timezone: ZoneInfo) -> int:
    """Return the hour of the UTC day; Swedish time is whole hours away, and never on another day then."""
    return datetime.combine(day, at, timezone).astimezone(UTC).hour
