"""Judge the assistant by questions whose right entry is known."""

import statistics
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import get_args

from bot.content.layers import View
from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.errors import BotError
from bot.models import Choices, Question, answer_of
from bot.text import words
from bot.values import LANGUAGES, Understood

OFF_TOPIC, NOT_COVERED = "-", "-municipal"


class QuestionsError(BotError):
    """A question file cannot be read; the message says where and what is expected."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a question file. `expected` is as written: `id`, `id|id`, `-` or `-municipal`."""

    language: Understood
    expected: str
    question: str

    @property
    def accepted(self) -> frozenset[str]:
        """The entries that answer rightly; none for the two kinds that must not be answered."""
        return frozenset() if self.expected in (OFF_TOPIC, NOT_COVERED) else frozenset(self.expected.split("|"))


@dataclass(frozen=True, slots=True)
class Judged:
    """What came back for one row. `ms` is the time of the answer in milliseconds."""

    question: str
    language: Understood
    expected: str
    kind: str
    entry: str | None
    choices: tuple[str, ...]
    confidence: float
    ms: float
    outcome: str


@dataclass(frozen=True, slots=True)
class Summary:
    """Shares in per cent: of the answerable questions, and (`answered_…`) of the two kinds that must not be
    answered."""

    questions: int
    right: float
    right_or_among_choices: float
    wrong: float
    silent: float
    off_topic: int
    answered_off_topic: float
    not_covered: int
    answered_not_covered: float
    p50_ms: float
    p99_ms: float


def read_questions(path: Path) -> list[Asked]:
    """Read a tab-separated file of language, expected entry, question; `#` begins a comment. Raises QuestionsError."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"{path}: {error}") from error
    return list(_rows(path, lines))


def _rows(path: Path, lines: Sequence[str]) -> Iterator[Asked]:
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        columns = line.split("\t")
        if len(columns) != 3 or columns[0] not in get_args(Understood):
            raise QuestionsError(
                f"{path}:{number}: expected language (sv or en), entry and question, separated by tabs"
            )
        yield Asked(columns[0], columns[1], columns[2])  # type: ignore[arg-type]


def without_places(rows: Iterable[Asked], knowledge: Knowledge) -> list[Asked]:
    """Leave out the rows that name a municipality, a village or a group: the others can be asked of anybody."""
    names = {name for municipality in knowledge.municipalities for name in _places(knowledge.view(municipality))}
    names |= {layer.removeprefix("groups/").replace("-", " ") for layer in knowledge.layers if "groups/" in layer}
    return [row for row in rows if not _names_one(f" {' '.join(words(row.question))}", names)]


def _places(view: View) -> Iterator[str]:
    """Yield what the municipality and its villages are called, as words are read."""
    villages = [place.name for place in view.inventory.places.values() if place.kind == "village"]
    for called in (view.municipality.name, *villages):
        for language in LANGUAGES:
            if name := called[language]:
                yield " ".join(words(name))


def _names_one(text: str, names: Iterable[str]) -> bool:
    """Whether a word of `text` is a name or begins with one: Vindelns, Umeåregionen."""
    return any(f" {name}" in text for name in names)


def evaluate(assistant: Assistant, municipality: str, rows: Iterable[Asked], day: date) -> list[Judged]:
    """Ask every question as a visitor would, without telling the language; raises UnknownMunicipalityError."""
    assistant.prepare(municipality)
    return [_judge(assistant, municipality, row, day) for row in rows]


def _judge(assistant: Assistant, municipality: str, row: Asked, day: date) -> Judged:
    started = time.perf_counter()
    reply = assistant.reply(Question(row.question, municipality, day))
    ms = (time.perf_counter() - started) * 1000
    given = answer_of(reply)
    entry = given.entry if given else None
    choices = tuple(option.entry for option in reply.options) if isinstance(reply, Choices) else ()
    outcome = _outcome(row, entry, choices)
    return Judged(
        row.question,
        row.language,
        row.expected,
        reply.kind,
        entry,
        choices,
        round(reply.confidence, 4),
        round(ms, 3),
        outcome,
    )


def _outcome(row: Asked, entry: str | None, choices: Sequence[str]) -> str:
    if entry is not None:
        return "right" if entry in row.accepted else "wrong"
    if not choices:
        return "silent"
    return "among choices" if row.accepted.intersection(choices) else "not among choices"


def summarize(judged: Sequence[Judged]) -> Summary:
    """Count outcomes."""
    wanted = [row for row in judged if row.expected not in (OFF_TOPIC, NOT_COVERED)]
    off_topic = [row for row in judged if row.expected == OFF_TOPIC]
    not_covered = [row for row in judged if row.expected == NOT_COVERED]
    times = sorted(row.ms for row in judged) or [0.0]
    return Summary(
        questions=len(wanted),
        right=_share(wanted, "right"),
        right_or_among_choices=_share(wanted, "right", "among choices"),
        wrong=_share(wanted, "wrong"),
        silent=_share(wanted, "silent"),
        off_topic=len(off_topic),
        answered_off_topic=_share(off_topic, "wrong"),
        not_covered=len(not_covered),
        answered_not_covered=_share(not_covered, "wrong"),
        p50_ms=round(statistics.median(times), 3),
        p99_ms=round(times[min(len(times) - 1, int(len(times) * 0.99))], 3),
    )


def _share(rows: Sequence[Judged], *outcomes: str) -> float:
    return round(100 * sum(row.outcome in outcomes for row in rows) / len(rows), 1) if rows else 0.0


def as_rows(judged: Iterable[Judged]) -> Iterator[dict[str, object]]:
    """Return each judged question as the plain members that `--rows` writes."""
    for row in judged:
        members = asdict(row)
        members.pop("outcome")
        yield members
