"""Months and the days of them that a report is about; imports nothing that takes long."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

A_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of the calendar."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - A_DAY

    @property
    def next(self) -> "Month":
        """The month after it."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def before(self) -> "Month":
        """The month before it."""
        return month_of(self.first - A_DAY)

    def __str__(self) -> str:
        return f"{self.year}-{self.number:02}"


def month_of(day: date) -> Month:
    """Return the month of a day."""
    return Month(day.year, day.month)


def read_month(text: str) -> Month | None:
    """Read 2026-10; None where it is no month."""
    try:
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Span:
    """The days of a report: a month, or as much of it as is over."""

    month: Month
    last: date

    @property
    def first(self) -> date:
        """The first day."""
        return self.month.first

    @property
    def is_running(self) -> bool:
        """Whether the month is not over."""
        return self.last < self.month.last

    @property
    def days(self) -> int:
        """How many days there are."""
        return (self.last - self.first).days + 1

    def moments(self, timezone: ZoneInfo) -> tuple[datetime, datetime]:
        """Return when it begins, and when it is over."""
        midnight = time(0, 0, tzinfo=timezone)
        return datetime.combine(self.first, midnight), datetime.combine(self.last + A_DAY, midnight)


def span_of(month: Month, today: date) -> Span:
    """Return the days of a month that there have been by today."""
    return Span(month, max(month.first, min(month.last, today)))


def span_before(span: Span) -> Span:
    """Return what a span is compared with: the month before, or the same days of it."""
    before = span.month.before
    last = before.first + timedelta(days=span.days - 1) if span.is_running else before.last
    return Span(before, min(last, before.last))
