"""Hold a knowledge folder to account: what is wrong, what is due, what is still to fill, and what could be plainer."""

import statistics
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from bot.content.layers import View
from bot.content.library import inspect
from bot.content.loading import Knowledge
from bot.content.positions import placed
from bot.content.translation import is_outdated, is_text_outdated
from bot.dialogue.assistant import Assistant
from bot.dialogue.replies import is_given
from bot.errors import Problem
from bot.matching.index import Index
from bot.matching.ranking import rank
from bot.models import Choices, Entry, Question, Reply, answer_of
from bot.quality.lint import proofread
from bot.quality.readability import lix
from bot.tasks import TEXTS, Task
from bot.text import words
from bot.values import LANGUAGES, Language

FOLDS = 10
MUNICIPALITY, CONTACTS = "municipality.yaml", "contacts.yaml"
OWN = frozenset({"unfilled", "topic-missing", "general-text"})  # what only the municipality itself can fill
ENOUGH_QUESTIONS, ENOUGH_MATCHES, ENOUGH_MISMATCHES = 5, 2, 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found in the view of one municipality. `code` is stable; `text` says it in English."""

    municipality: str
    entry: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything `hemvist check` says. `recall`: municipality → entry → share (0–1) of its own questions found
    again."""

    problems: Sequence[Problem]
    failures: Sequence[Finding] = ()
    due: Sequence[Finding] = ()
    to_fill: Sequence[Finding] = ()
    advice: Sequence[Problem] = ()
    recall: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    readability: Mapping[str, float] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """How many findings are wrong as the files stand: these fail a check."""
        return sum(problem.severity == "error" for problem in self.problems) + len(self.failures)


def check(
    folder: Path,
    day: date,
    *,
    with_recall: bool = True,
    municipality: str | None = None,
    shown: Collection[Language] | None = None,
) -> Report:
    """Check the knowledge in `folder` as it stands on `day`: of every municipality or only of `municipality`, whose
    `to_fill` is then ordered, most asked first. Without recall it takes a few seconds less. `shown`: the languages of
    the interface, where texts in others are to be told.

    Raises UnknownMunicipalityError.
    """
    knowledge, problems = inspect(folder)
    if knowledge is None:
        return Report(problems)
    assistant = Assistant(knowledge)
    views = [knowledge.view(name) for name in ([municipality] if municipality else sorted(knowledge.municipalities))]
    to_fill = [finding for view in views for finding in _to_fill(view, knowledge)]
    unseen = [finding for view in views for finding in _unseen(view, shown)] if shown else []
    return Report(
        problems=problems,
        failures=[finding for view in views for finding in _failures(view, assistant, day)],
        due=[finding for view in views for finding in _due(view, day)],
        advice=_advice(knowledge, folder, municipality),
        to_fill=[*(_most_asked_first(to_fill, knowledge) if municipality else to_fill), *unseen],
        recall={view.municipality.id: recall(assistant.index(view.municipality.id)) for view in views}
        if with_recall
        else {},
        readability={view.municipality.id: _median_lix(view) for view in views},
    )


def _advice(knowledge: Knowledge, folder: Path, municipality: str | None) -> list[Problem]:
    remarks = proofread(knowledge, None if municipality is None else [f"municipalities/{municipality}"])
    return placed(folder, ((one.key, one.fault) for one in remarks))


def _failures(view: View, assistant: Assistant, day: date) -> Iterator[Finding]:
    yield from _claimed_twice(view)
    for entry in view.entries.values():
        if is_given(entry, day):
            yield from _failed_tests(view, entry, assistant, day)


def _unseen(view: View, shown: Collection[Language]) -> Iterator[Finding]:
    """Yield where an answer is written in a language that no page is shown in, as where its code is misspelt."""
    for entry in view.entries.values():
        written = dict(entry.questions.further) | dict(entry.answer.further if entry.answer else ())
        for language in sorted(written.keys() - shown):
            text = f"has texts in {language!r}, a language without a complete catalogue: nobody is shown them"
            yield Finding(view.municipality.id, entry.id, "no-catalogue", text)


def _claimed_twice(view: View) -> Iterator[Finding]:
    claims: dict[str, list[str]] = defaultdict(list)
    for entry in view.entries.values():
        for folded in {" ".join(words(phrase)) for _, phrase in entry.questions}:
            claims[folded].append(entry.id)
    for question, entries in sorted(claims.items()):
        if len(entries) > 1:
            text = f"{question!r} is claimed by {' and '.join(sorted(entries))}"
            yield Finding(view.municipality.id, sorted(entries)[0], "question-claimed-twice", text)


def _failed_tests(view: View, entry: Entry, assistant: Assistant, day: date) -> Iterator[Finding]:
    name = view.municipality.id
    for language, question in entry.tests.must_match:
        reply = assistant.reply(Question(question, name, day, prior=language))
        if entry.id not in reached(reply):
            text = f"must match, but {question!r} gives {_said(reply)}"
            yield Finding(name, entry.id, "must-match-failed", text)
    for language, question in entry.tests.must_not_match:
        reply = assistant.reply(Question(question, name, day, prior=language))
        given = answer_of(reply)
        if given and given.entry == entry.id:
            yield Finding(name, entry.id, "must-not-match-failed", f"must not match, but answers {question!r}")


def reached(reply: Reply) -> tuple[str, ...]:
    """Return the entry that answers, or those offered to choose from."""
    if isinstance(reply, Choices):
        return tuple(option.entry for option in reply.options)
    given = answer_of(reply)
    return (given.entry,) if given else ()


def _said(reply: Reply) -> str:
    return ", ".join(reached(reply)) or "no answer"


def _due(view: View, day: date) -> Iterator[Finding]:
    for entry in view.entries.values():
        name = view.municipality.id
        if entry.checked and entry.checked.due <= day:
            yield Finding(name, entry.id, "review-due", f"was to be checked again by {entry.checked.due}")
        if entry.valid and entry.valid.end and entry.valid.end < day:
            yield Finding(name, entry.id, "expired", f"ended on {entry.valid.end} and is withheld")
        yield from _facts_due(view, entry, day)
        if is_outdated(entry):
            text = "the Swedish answer has changed since the English was made from it"
            yield Finding(name, entry.id, "translation-outdated", text)
    for task in view.tasks.values():
        if is_text_outdated(task.text, task.en_of):
            text = "the Swedish text of this task has changed since the English was made from it"
            yield Finding(view.municipality.id, task.id, "translation-outdated", text)


def _facts_due(view: View, entry: Entry, day: date) -> Iterator[Finding]:
    for fact in view.facts_of(entry.id):
        if fact.checked and fact.checked.due <= day:
            text = f"tells the fact {fact.id!r}, which was to be checked again by {fact.checked.due}"
            yield Finding(view.municipality.id, entry.id, "fact-due", text)


def _to_fill(view: View, knowledge: Knowledge) -> Iterator[Finding]:
    name = view.municipality.id
    for what, text in _unfilled(view):
        yield Finding(name, what, "unfilled", text)
    for topic in knowledge.topics:
        if topic.id not in view.entries:
            yield Finding(name, topic.id, "topic-missing", f"no entry answers this required topic ({topic.about})")
        elif topic.layer == "municipality" and not view.is_local(topic.id):
            yield Finding(
                name, topic.id, "general-text", "only the general text answers, with the municipality's contact"
            )
    for entry in view.entries.values():
        yield from _gaps(name, entry)
    for task in view.tasks.values():
        yield from _untranslated(name, task)


def _unfilled(view: View) -> Iterator[tuple[str, str]]:
    """Say what the municipality has not told of itself, as file and text."""
    here, board = view.municipality, view.contacts.get(view.municipality.switchboard or "")
    if board is None:
        yield MUNICIPALITY, "names no switchboard: answers without a contact of their own lead to nobody"
    elif not (board.phone or board.email):
        yield CONTACTS, f"{board.id} has neither phone nor e-mail"
    if not here.code:
        yield MUNICIPALITY, "has no code; vacancies cannot be fetched"
    if not here.site:
        yield MUNICIPALITY, "names no site"
    if "violence-support" in view.entries and not view.is_local("violence-support"):
        yield "violence-support", "adds no number of the social services here; to fill before official"
    if not view.inventory.places:
        yield "places.yaml", "tells no village or service"
    if not view.inventory.facts:
        yield "facts.yaml", "tells no fact to compare by"


def _most_asked_first(to_fill: Sequence[Finding], knowledge: Knowledge) -> list[Finding]:
    """Put first what stands under every answer, then the topics by `asked`, the municipality's own before others."""
    topics = {topic.id: topic for topic in knowledge.topics}

    def place(finding: Finding) -> tuple[bool, bool, int]:
        topic = topics.get(finding.entry)
        return finding.code != "unfilled", finding.code not in OWN, -(topic.asked if topic else 0)

    return sorted(to_fill, key=place)


def _gaps(name: str, entry: Entry) -> Iterator[Finding]:
    for language in LANGUAGES:
        if not (entry.answer and entry.answer[language]):
            yield Finding(name, entry.id, "answer-missing", f"no answer in {language}")
        counts = (
            ("questions", len(entry.questions[language]), ENOUGH_QUESTIONS),
            ("must_match tests", len(entry.tests.must_match[language]), ENOUGH_MATCHES),
            ("must_not_match tests", len(entry.tests.must_not_match[language]), ENOUGH_MISMATCHES),
        )
        for what, count, enough in counts:
            if count < enough:
                yield Finding(name, entry.id, "few", f"{count} {what} in {language}; at least {enough} are wanted")


def _untranslated(name: str, task: Task) -> Iterator[Finding]:
    for part in TEXTS:
        for language in LANGUAGES:
            if (text := getattr(task, part)) and not text[language]:
                yield Finding(name, task.id, "task-untranslated", f"the task has no {part} in {language}")


def _answers(view: View) -> Iterator[tuple[Entry, Language, str]]:
    for entry in view.entries.values():
        for language in LANGUAGES:
            if entry.answer and (text := entry.answer[language]):
                yield entry, language, text


def _median_lix(view: View) -> float:
    return statistics.median([lix(text) for _, _, text in _answers(view)] or [0])


def recall(index: Index) -> dict[str, float]:
    """Return, for each entry, the share of its questions that find it when they are left out of the index.

    Every question is left out once, together with a tenth of the others, so that a whole index need not be built for
    each.
    """
    found: dict[str, list[bool]] = {entry: [] for entry in index.documents}
    for fold in range(FOLDS):
        rest, left_out = _split(index, fold)
        for entry, phrasing in left_out:
            ranked = rank(rest, phrasing).found
            found[entry].append(bool(ranked) and ranked[0].entry == entry)
    return {entry: round(sum(hits) / len(hits), 3) for entry, hits in found.items() if hits}


def _split(index: Index, fold: int) -> tuple[Index, list[tuple[str, str]]]:
    kept: dict[str, list[str]] = {entry: [] for entry in index.documents}
    left_out: list[tuple[str, str]] = []
    every = [(document.id, phrasing) for document in index.documents.values() for phrasing in document.phrasings]
    for number, (entry, phrasing) in enumerate(every):
        if number % FOLDS == fold:
            left_out.append((entry, phrasing))
        else:
            kept[entry].append(phrasing)
    documents = [replace(index.documents[entry], phrasings=tuple(phrasings)) for entry, phrasings in kept.items()]
    return Index(documents, index.lexicon, index.vectors, index.weights), left_out
