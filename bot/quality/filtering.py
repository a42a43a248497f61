"""Judge how questions about records are read: question → filters, and one after another."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bot.dialogue.assistant import Assistant
from bot.models import FILTERS, Context, Filters, Question, Records
from bot.quality.evaluation import QuestionsError
from bot.records.filters import OF_JOBS
from bot.values import LANGUAGES, Language

MEMBERS = frozenset({"question", "language", "before", "filters"})


@dataclass(frozen=True, slots=True)
class FilterRow:
    """One row of a file of filter questions. `before`: the filters of the turn before, or the question asked then."""

    question: str
    language: Language
    before: Mapping[str, Any] | str | None
    filters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FilterJudged:
    """What was understood, beside what was expected."""

    row: FilterRow
    kind: str
    understood: Mapping[str, Any]

    @property
    def right(self) -> bool:
        """Whether exactly what was expected was understood."""
        return self.understood == self.row.filters


def read_filter_rows(path: Path) -> list[FilterRow]:
    """Read a file with one JSON object a line; raises QuestionsError saying which line is wrong and why."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path}: cannot be read as UTF-8 text ({error})") from error
    return [_row(f"{path}:{number}", line) for number, line in enumerate(lines, 1) if line.strip()]


def evaluate_filters(
    assistant: Assistant, municipality: str, rows: Iterable[FilterRow], today: date
) -> Iterator[FilterJudged]:
    """Ask every question and note the filters of the reply."""
    for row in rows:
        question = Question(row.question, municipality, today, prior=row.language)
        context = _context(assistant, municipality, row, today)
        reply = assistant.reply(Question(question.text, municipality, today, None, row.language, context))
        understood = reply.listing.filters.said if isinstance(reply, Records) else {}
        yield FilterJudged(row, reply.kind, understood)


def _context(assistant: Assistant, municipality: str, row: FilterRow, today: date) -> Context | None:
    if row.before is None:
        return None
    if isinstance(row.before, str):
        reply = assistant.reply(Question(row.before, municipality, today, prior=row.language))
        if not isinstance(reply, Records):
            return None
        return Context(municipality, reply.answer.entry, row.language, "", reply.listing.filters)
    table = "jobs" if row.before.keys() & OF_JOBS else "plots"
    entries = assistant.knowledge.view(municipality).entries.values()
    entry = next((entry.id for entry in entries if entry.shows == table), None)
    return Context(municipality, entry, row.language, "", Filters(**row.before))


def _row(where: str, line: str) -> FilterRow:
    try:
        read = json.loads(line)
    except ValueError as error:
        raise QuestionsError(f"{where}: not JSON: {error}") from error
    if not isinstance(read, dict) or not {"question", "language", "filters"} <= read.keys() <= MEMBERS:
        raise QuestionsError(f"{where}: expected an object with question, language, before and filters")
    if read["language"] not in LANGUAGES:
        raise QuestionsError(f"{where}: the language must be sv or en")
    for part in (read.get("before"), read["filters"]):
        unknown = sorted(part.keys() - set(FILTERS)) if isinstance(part, dict) else []
        if unknown:
            raise QuestionsError(f"{where}: unknown filter {unknown[0]!r}; known: {', '.join(FILTERS)}")
    return FilterRow(read["question"], read["language"], read.get("before"), read["filters"])
