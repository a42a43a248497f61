"""Try a phrasing before it is added: which questions would reach another entry."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.models import Entry, Phrases, Question
from bot.quality.checks import reached
from bot.values import Language


@dataclass(frozen=True, slots=True)
class Given:
    """What a question is answered with: the kind of the reply, and its entries."""

    kind: str
    entries: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change does to one question."""

    question: str
    before: Given
    after: Given

    @property
    def changes(self) -> bool:
        """Whether another answer is given."""
        return (self.before.kind, self.before.entries) != (self.after.kind, self.after.entries)


def with_phrasing(knowledge: Knowledge, layer: str, entry: str, language: Language, text: str) -> Knowledge:
    """Return `knowledge` where one layer gives one entry one more phrasing; raises KeyError for an unknown layer."""
    own = knowledge.layers[layer]
    before = own.entries.get(entry, Entry(entry))
    more = Phrases(sv=(text,)) if language == "sv" else Phrases(en=(text,))
    entries = {**own.entries, entry: replace(before, questions=before.questions + more)}
    return knowledge.with_layers({layer: replace(own, entries=entries)})


def try_phrasing(
    assistant: Assistant,
    municipality: str,
    entry: str,
    language: Language,
    text: str,
    questions: Sequence[str],
    today: date,
) -> tuple[Trial, ...]:
    """Return what one more phrasing of the municipality's own layer does to `questions`."""
    changed = with_phrasing(assistant.knowledge, f"municipalities/{municipality}", entry, language, text)
    after = assistant.beside(changed)
    return tuple(
        Trial(one, given(assistant, municipality, one, today), given(after, municipality, one, today))
        for one in questions
    )


def given(assistant: Assistant, municipality: str, text: str, today: date) -> Given:
    """Return what a question is answered with."""
    reply = assistant.reply(Question(text, municipality, today))
    return Given(reply.kind, reached(reply), reply.confidence)
