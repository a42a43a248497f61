"""How a municipality's own questions are answered: which still hold, and what those that do not are answered with."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.models import Choices, OwnQuestion, Question
from bot.quality.checks import reached

# right: answered as wanted; offered: among choices; silent: no answer, and one is wanted; wrong: by another one
Outcome = Literal["right", "offered", "silent", "wrong"]


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one question: the entries that answer it or are offered."""

    of: OwnQuestion
    outcome: Outcome
    entries: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Whether the wanted answer is given or offered, or none is given where none is wanted."""
        return self.outcome in ("right", "offered")


@dataclass(frozen=True, slots=True)
class Proof:
    """How many of a municipality's own questions held before and after a change."""

    questions: int
    before: int
    after: int


def questions_of(knowledge: Knowledge, municipality: str) -> tuple[OwnQuestion, ...]:
    """Return the questions that a municipality watches over, in the order of its file."""
    layer = knowledge.layers.get(f"municipalities/{municipality}")
    return tuple(layer.questions.values()) if layer else ()


def answered(
    assistant: Assistant, municipality: str, questions: Iterable[OwnQuestion], day: date
) -> tuple[Answered, ...]:
    """Ask each question as a visitor would, who says nothing of the language."""
    return tuple(_answered(assistant, municipality, one, day) for one in questions)


def prove(before: Assistant, after: Assistant, municipality: str, day: date) -> Proof | None:
    """Return how many questions hold in two assistants; None where there are none to ask.

    Asked are those of `after`: a question that was added or changed is judged anew on both sides.
    """
    questions = questions_of(after.knowledge, municipality)
    if not questions:
        return None
    held = [sum(one.holds for one in answered(which, municipality, questions, day)) for which in (before, after)]
    return Proof(len(questions), *held)


def _answered(assistant: Assistant, municipality: str, one: OwnQuestion, day: date) -> Answered:
    reply = assistant.reply(Question(one.question, municipality, day))
    entries = reached(reply)
    return Answered(one, _outcome(one, entries, is_choice=isinstance(reply, Choices)), entries)


def _outcome(one: OwnQuestion, entries: tuple[str, ...], *, is_choice: bool) -> Outcome:
    if one.entry is None:
        return "wrong" if entries and not is_choice else "right"
    if not entries:
        return "silent"
    if one.entry not in entries:
        return "wrong"
    return "offered" if is_choice else "right"
