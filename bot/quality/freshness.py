"""How fresh the knowledge of one municipality is: what is written in which language, outdated, due, still to fill."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from bot.content.layers import View
from bot.content.loading import Knowledge
from bot.content.translation import is_outdated
from bot.models import Entry, Topic
from bot.values import LANGUAGES, Language

SOON = timedelta(days=30)
Standing = Literal["overdue", "ended", "soon", "never", "later"]  # in the order in which they need somebody
STANDINGS: tuple[Standing, ...] = ("overdue", "ended", "soon", "never", "later")


@dataclass(frozen=True, slots=True)
class Coverage:
    """What is answered in one language, by ids: the municipality's own answers, those of outer layers, none at all.

    `to_fill` are the inherited ones of topics that a municipality should answer for itself.
    """

    language: Language
    own: tuple[str, ...]
    inherited: tuple[str, ...]
    missing: tuple[str, ...]
    to_fill: tuple[str, ...]

    @property
    def share(self) -> float:
        """The share (0 to 1) that has an answer, own or inherited."""
        answered = len(self.own) + len(self.inherited)
        return answered / (answered + len(self.missing)) if answered + len(self.missing) else 1.0


@dataclass(frozen=True, slots=True)
class Outdated:
    """An answer whose Swedish changed since the English was made from it. `layer` is the one that writes it."""

    entry: Entry
    layer: str
    swedish: str
    english: str
    made_of: str


@dataclass(frozen=True, slots=True)
class Review:
    """When an answer of the municipality's own is to be looked through: `due` is None where nobody ever has.

    ended: `due` is the last day on which it was given.
    """

    entry: Entry
    owner: str | None
    standing: Standing
    due: date | None


@dataclass(frozen=True, slots=True)
class Gap:
    """Something to write: a topic without any answer, with the general text alone, or an answer missing a language."""

    entry: str
    kind: Literal["missing", "general", "language"]
    about: str
    language: Language | None = None


def coverage(view: View, knowledge: Knowledge) -> tuple[Coverage, ...]:
    """Return what is answered in each language, over the required topics and everything else that is written."""
    names = list(dict.fromkeys([*(topic.id for topic in knowledge.topics), *view.entries]))
    local = _own_topics(knowledge)
    return tuple(_coverage(view, names, local, language) for language in LANGUAGES)


def outdated(view: View) -> tuple[Outdated, ...]:
    """Return the answers whose translation is outdated, in the order of the knowledge."""
    return tuple(_outdated(view, entry) for entry in view.entries.values() if is_outdated(entry))


def reviews(view: View, day: date) -> tuple[Review, ...]:
    """Return when the municipality's own answers are to be looked through, those that need it most first.

    What outer layers write is theirs to confirm.
    """
    own = [_review(entry, day) for entry in view.entries.values() if entry.answer and view.is_local(entry.id)]
    return tuple(sorted(own, key=lambda one: (STANDINGS.index(one.standing), one.due or day, one.entry.id)))


def to_fill(view: View, knowledge: Knowledge, asked: Mapping[str, int]) -> tuple[Gap, ...]:
    """Return what is to be written, most asked first; `asked` says how often visitors came to an entry."""
    gaps = [*_empty_topics(view, knowledge), *_half_answers(view)]
    return tuple(sorted(gaps, key=lambda gap: -asked.get(gap.entry, 0)))


def needing(found: Collection[Review]) -> tuple[Review, ...]:
    """Return those that are past their day: visitors are told so, or get no answer."""
    return tuple(review for review in found if review.standing in ("overdue", "ended"))


def _own_topics(knowledge: Knowledge) -> frozenset[str]:
    return frozenset(topic.id for topic in knowledge.topics if topic.layer == "municipality")


def _coverage(view: View, names: list[str], local: Collection[str], language: Language) -> Coverage:
    answered = [name for name in names if _text(view, name, language)]
    own = tuple(name for name in answered if view.is_local(name))
    inherited = tuple(name for name in answered if not view.is_local(name))
    missing = tuple(name for name in names if name not in answered)
    return Coverage(language, own, inherited, missing, tuple(name for name in inherited if name in local))


def _text(view: View, name: str, language: Language) -> str | None:
    entry = view.entries.get(name)
    return entry.answer[language] if entry and entry.answer else None


def _outdated(view: View, entry: Entry) -> Outdated:
    texts = view.as_written(entry.id).answer
    assert texts is not None, "only an answer can be outdated"  # noqa: S101 - an invariant, see is_outdated
    return Outdated(entry, view.origins[entry.id]["answer"][-1], texts.sv or "", texts.en or "", entry.en_of or "")


def _review(entry: Entry, day: date) -> Review:
    end = entry.valid.end if entry.valid else None
    if end and end < day:
        return Review(entry, entry.owner, "ended", end)
    if entry.checked is None:
        return Review(entry, entry.owner, "never", None)
    due = entry.checked.due
    standing: Standing = "overdue" if due <= day else "soon" if due <= day + SOON else "later"
    return Review(entry, entry.owner, standing, due)


def _empty_topics(view: View, knowledge: Knowledge) -> Iterator[Gap]:
    for topic in knowledge.topics:
        if kind := _lack(view, topic):
            yield Gap(topic.id, kind, topic.about)


def _lack(view: View, topic: Topic) -> Literal["missing", "general"] | None:
    if not any(_text(view, topic.id, language) for language in LANGUAGES):
        return "missing"
    return "general" if topic.layer == "municipality" and not view.is_local(topic.id) else None


def _half_answers(view: View) -> Iterator[Gap]:
    for entry in view.entries.values():
        for language in LANGUAGES:
            if entry.answer and not entry.answer[language] and any(entry.answer[other] for other in LANGUAGES):
                yield Gap(entry.id, "language", entry.title(language), language)
