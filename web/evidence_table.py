"""A report as open data: one figure a row, with no words of anybody, as CSV or as plain values."""

import csv
from collections.abc import Iterable, Iterator
from io import StringIO
from typing import Any, Final

from web.evidence import OUTCOMES, Evidence, Figures
from web.months import Month

BYTE_ORDER_MARK: Final = "\ufeff"
COLUMNS: Final = ("municipality", "month", "until", "figure", "part", "value")
Row = tuple[str, str, str, int | float]


def rows(found: Evidence, name: str) -> list[dict[str, Any]]:
    """Return every figure of a report: of its month, and of the months that it is compared with.

    `name` is the municipality's id. What came to fewer than five of one kind is among `topic-others`.
    """
    made = []
    for figure, part, value in _of_month(found.now):
        made.append(_row(name, found.now.span.month, found.now.span.last.isoformat(), figure, part, value))
    for month, number in found.trend.items():
        if month != found.now.span.month:
            made.append(_row(name, month, month.last.isoformat(), "questions", "", number))
    return made


def write(rows: Iterable[dict[str, Any]]) -> str:
    """Return rows as CSV (RFC 4180) with a byte order mark. All cells are ids, dates and numbers, never a formula."""
    file = StringIO()
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    writer.writerows(rows)
    return BYTE_ORDER_MARK + file.getvalue()


def _row(name: str, month: Month, until: str, figure: str, part: str, value: float) -> dict[str, Any]:
    values = (name, str(month), until, figure, part, round(value, 4))
    return dict(zip(COLUMNS, values, strict=True))


def _of_month(found: Figures) -> Iterator[tuple[str, str, float]]:
    yield "questions", "", found.questions
    yield from (("outcome", outcome, found.outcomes.get(outcome, 0)) for outcome in OUTCOMES)
    yield from (("language", language, number) for language, number in sorted(found.languages.items()))
    if found.outside is not None:
        yield "share-outside-office-hours", "", found.outside
    yield from (("topic", entry, number) for entry, number in sorted(found.topics.items()))
    yield "topic-others", "", found.other_topics
    yield "opinions", "helpful", found.opinions.helpful
    yield "opinions", "unhelpful", found.opinions.unhelpful
    yield "opinions", "none-of-the-choices", found.opinions.none_meant
    yield "plans", "", found.plans
    yield "messages", "", found.messages
    yield from (("gaps", state, number) for state, number in sorted(found.gaps.items()))
    yield from (("standing", what, number) for what, number in sorted(found.standing.items()))
