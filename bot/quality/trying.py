"""Try a phrasing before it is added: which questions would reach another entry, and which tests would break."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.content.loading import Knowledge
from bot.dialogue.assistant import Assistant
from bot.models import Choices, Entry, Phrases, Question, answer_of
from bot.values import LANGUAGES, Language

NEIGHBOURS = 4  # entries that come next to what was meant, whose tests are tried too


@dataclass(frozen=True, slots=True)
class Reached:
    """What a question is answered with: the kind of the reply, and its entries."""

    kind: str
    entries: tuple[str, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Trial:
    """What a change does to one question. `of`: whose test it is, if it is one."""

    question: str
    before: Reached
    after: Reached
    of: str | None = None

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
) -> tuple[tuple[Trial, ...], tuple[Trial, ...]]:
    """Return what one more phrasing of the municipality's own layer does to `questions`, and the tests it breaks.

    Tried are the tests of the entry and of those that come nearest to the phrasing: others it hardly touches.
    """
    changed = with_phrasing(assistant.knowledge, f"municipalities/{municipality}", entry, language, text)
    after = assistant.beside(changed)
    near = _near(assistant, municipality, entry, text, today)
    tests = list(_tests(assistant, municipality, near))
    effects = tuple(_effect(assistant, after, municipality, question, today) for question in questions)
    tried = ((must, of, _effect(assistant, after, municipality, test, today, of)) for of, test, must in tests)
    broken = tuple(
        effect
        for must, of, effect in tried
        if _holds(effect.before, of, must=must) and not _holds(effect.after, of, must=must)
    )
    return effects, broken


def reached(assistant: Assistant, municipality: str, text: str, today: date) -> Reached:
    """Return what a question is answered with."""
    reply = assistant.reply(Question(text, municipality, today))
    given = answer_of(reply)
    options = tuple(option.entry for option in reply.options) if isinstance(reply, Choices) else ()
    return Reached(reply.kind, (given.entry,) if given else options, reply.confidence)


def _near(assistant: Assistant, municipality: str, entry: str, text: str, today: date) -> tuple[str, ...]:
    known = assistant.knowledge.view(municipality).entries
    considered = assistant.explain(Question(text, municipality, today)).candidates
    found = [entry, *(one.entry for one in considered if one.entry in known)]
    return tuple(dict.fromkeys(found))[: NEIGHBOURS + 1]


def _tests(assistant: Assistant, municipality: str, entries: Iterable[str]) -> Iterator[tuple[str, str, bool]]:
    known = assistant.knowledge.view(municipality).entries
    for name in entries:
        tests = known[name].tests
        for phrases, must in ((tests.must_match, True), (tests.must_not_match, False)):
            yield from ((name, text, must) for language in LANGUAGES for text in phrases[language])


def _holds(found: Reached, entry: str, *, must: bool) -> bool:
    """Whether a test is met: its entry is reached or offered, or is not the answer."""
    return entry in found.entries if must else found.entries[:1] != (entry,) or found.kind == "choices"


def _effect(
    before: Assistant, after: Assistant, municipality: str, question: str, today: date, of: str | None = None
) -> Trial:
    return Trial(
        question, reached(before, municipality, question, today), reached(after, municipality, question, today), of
    )
