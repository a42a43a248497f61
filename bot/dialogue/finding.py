"""Everything that answers a few words of search, and everything there is under its headings."""

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

from bot.content.layers import View
from bot.dialogue.replies import is_given
from bot.matching.decision import decide, within
from bot.matching.ranking import Ranking
from bot.models import Entry
from bot.text import words
from bot.values import LANGUAGES

COVERED: Final = 0.6  # what share of the search an entry's questions must speak of
WITHIN_A_WORD: Final = 4  # letters from which on a part of a word in a title counts: tomt in villatomt
ENDING: Final = 3  # letters that a word may have more, fewer than its own: tomt is in tomterna, el not in eller


@dataclass(frozen=True)
class Finder:
    """Finds entries of one municipality by the engine's ranking of their questions, and by words of their titles and
    answers, in either language.

    `frames` are folded words that say nothing of a subject.
    """

    view: View
    frames: AbstractSet[str]

    def find(self, text: str, ranking: Ranking, day: date) -> tuple[list[Entry], list[Entry]]:
        """Return what answers `text` on `day`, best first, and what else holds all its words in its answer."""
        telling = [word for word in words(text) if word not in self.frames] or words(text)
        ranked = [*decide(ranking).entries, *self._ranked(ranking)]
        titled = [
            entry for entry, title in self._titles.items() if telling and all(_names(title, word) for word in telling)
        ]
        found = dict.fromkeys([*ranked, *titled])
        held = [entry for entry in self._holding(telling) if entry not in found]
        return self._given(found, day), self._given(held, day)

    def _ranked(self, ranking: Ranking) -> Iterator[str]:
        return (one.entry for one in within(ranking.found) if one.entry_coverage >= COVERED)

    def _holding(self, telling: list[str]) -> list[str]:
        each = [re.compile(rf" {re.escape(word)}\w{{0,{min(ENDING, len(word) - 1)}}}(?!\w)") for word in telling]
        return [entry for entry, text in self._texts.items() if each and all(word.search(text) for word in each)]

    def _given(self, entries: Iterable[str], day: date) -> list[Entry]:
        return [self.view.entries[entry] for entry in entries if is_given(self.view.entries[entry], day)]

    @cached_property
    def _texts(self) -> Mapping[str, str]:
        return {entry.id: _folded(*_answers(entry)) for entry in self.view.entries.values()}

    @cached_property
    def _titles(self) -> Mapping[str, str]:
        return {entry.id: _folded(*map(entry.title, LANGUAGES)) for entry in self.view.entries.values()}


def _answers(entry: Entry) -> list[str]:
    return [entry.answer[language] or "" for language in LANGUAGES] if entry.answer else []


def _names(title: str, word: str) -> bool:
    return (word if len(word) >= WITHIN_A_WORD else f" {word}") in title


def _folded(*texts: str) -> str:
    """Return the words of `texts`, each after a space."""
    return "".join(f" {word}" for text in texts for word in words(text))


def under_headings(view: View, headings: Mapping[str, tuple[str, ...]], day: date) -> dict[str, list[Entry]]:
    """Return every entry that is given on `day` under its heading, those without one last, under ""."""
    given = {entry.id: entry for entry in view.entries.values() if is_given(entry, day)}
    placed = {topic for topics in headings.values() for topic in topics}
    rest = tuple(entry for entry in given if entry not in placed)
    all_headings = {**headings, "": rest}
    found = {heading: [given[topic] for topic in topics if topic in given] for heading, topics in all_headings.items()}
    return {heading: entries for heading, entries in found.items() if entries}
