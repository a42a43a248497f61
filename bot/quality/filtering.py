"""Judge how questions about records are read: question → filters, and one after another."""

import json
import random
import statistics
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

from bot.content.layers import View
from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.inventory import Inventory, Job, Place, Plot, PlotStatus, PlotType
from bot.models import FILTERS, Context, Filters, Question, Records
from bot.quality.evaluation import QuestionsError
from bot.records.filters import OF_JOBS
from bot.values import LANGUAGES, Language, Localized

PLOTS, JOBS, HALF = 1_000, 5_000, 0.5
ASKED = 500
WANTED = (
    "tomt i {place} under {price} 000 kr minst {area} kvm",
    "Hej! Finns det någon ledig villatomt med kommunalt vatten och avlopp nära skola för högst {price} tkr?",
    "billigaste tomten i {place} över {area} m2",
    "horse plot of at least {area} sqm near a lake, max {price}k",
    "finns det jobb som {title} i {place}?",
    "any {title} jobs, full time, in {place}",
    "sommarstuga i {place} mellan {price} och 900 tkr",
)
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


@dataclass(frozen=True, slots=True)
class RecordSpeed:
    """Milliseconds from question to reply, among so many plots and jobs."""

    plots: int
    jobs: int
    questions: int
    p50_ms: float
    p99_ms: float


def measure_records(knowledge: Knowledge, municipality: str, today: date) -> RecordSpeed:
    """Ask distinct questions of `municipality` with many made-up plots and jobs beside its own records."""
    imported = _made_up(knowledge.view(municipality), [one.id for one in knowledge.occupations], today)
    assistant = Assistant(knowledge.with_imported({municipality: imported}))
    assistant.prepare(municipality)
    titles = [title for one in knowledge.occupations for title in (one.sv[:1] + one.en[:1])]
    asked = [Question(text, municipality, today) for text in _asked(knowledge.view(municipality), titles)]
    assistant.reply(asked[0])
    times = sorted(_milliseconds(assistant, question) for question in asked)
    at = min(len(times) - 1, int(len(times) * 0.99))
    return RecordSpeed(PLOTS, JOBS, len(times), round(statistics.median(times), 2), round(times[at], 2))


def _asked(view: View, titles: Sequence[str]) -> Iterator[str]:
    draw = random.Random(1)  # noqa: S311 - a repeatable choice, nothing secret
    places = [place.name.best("sv") for place in view.inventory.places.values() if place.kind == "village"]
    for number in range(ASKED):
        place, price, area = draw.choice(places), draw.randrange(20, 800), draw.randrange(5, 90) * 100
        wanted = draw.choice(WANTED)
        yield wanted.format(place=place, price=price, area=area, title=titles[number % len(titles)])


def _milliseconds(assistant: Assistant, question: Question) -> float:
    started = time.perf_counter()
    assistant.reply(question)
    return (time.perf_counter() - started) * 1000


def _made_up(view: View, occupations: Sequence[str], today: date) -> Inventory:
    draw = random.Random(0)  # noqa: S311 - a repeatable choice, nothing secret
    places = [place for place in view.inventory.places.values() if place.kind == "village"]
    return Inventory(
        plots={f"made-up-{number}": _plot(number, draw, places) for number in range(PLOTS)},
        jobs={f"made-up-{number}": _job(number, draw, places, occupations, today) for number in range(JOBS)},
    )


def _plot(number: int, draw: random.Random, places: Sequence[Place]) -> Plot:
    place = draw.choice(places)
    latitude, longitude = place.position or (64.2, 19.7)
    return Plot(
        f"made-up-{number}",
        draw.choice(get_args(PlotStatus)),
        place=place.name.best("sv"),
        type=draw.choice(get_args(PlotType)),
        area_m2=draw.randrange(500, 20_000),
        price_kr=draw.randrange(1, 800) * 1_000,
        water_sewage=draw.random() < HALF,
        ready_to_build=draw.random() < HALF,
        position=(latitude + draw.uniform(-0.05, 0.05), longitude + draw.uniform(-0.05, 0.05)),
    )


def _job(number: int, draw: random.Random, places: Sequence[Place], occupations: Sequence[str], today: date) -> Job:
    title = Localized("Påhittat jobb", "Made-up job")
    deadline = today + timedelta(days=draw.randrange(-30, 60))
    place = draw.choice(places).name.best("sv")
    return Job(f"made-up-{number}", title, "Exempel AB", draw.choice(occupations), place, "full-time", deadline)
