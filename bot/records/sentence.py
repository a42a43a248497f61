"""A question being read: its words, which of them are explained already, and what was found."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Any

from bot.records.phrases import Phrases, Spotted, Token, phrases_of

REACH = 4  # tokens between a word and what it is about


@dataclass
class Sentence:
    """A question being read: its tokens, and which of them are explained already."""

    text: Sequence[Token]
    ordinary: AbstractSet[str]
    taken: set[int] = field(default_factory=set)
    found: dict[str, Any] = field(default_factory=dict)

    def spot(self, phrases: Phrases, *, take: bool = True) -> list[Spotted]:
        """Return what stands among the tokens nobody has explained, and explain them."""
        spotted = [
            one
            for one in phrases.spot(self.text, ordinary=self.ordinary)
            if self.taken.isdisjoint(range(one.start, one.end))
        ]
        if take:
            for one in spotted:
                self.take(one.start, one.end)
        return spotted

    def take(self, start: int, end: int) -> None:
        """Note that the tokens from `start` up to `end` are explained."""
        self.taken.update(range(start, end))

    def before(self, place: int, count: int) -> list[str]:
        """Return the folded tokens before `place`."""
        return [token.folded for token in self.text[max(place - count, 0) : place]]

    def written(self, start: int, end: int) -> str:
        """Return the words from `start` up to `end` as they were typed."""
        return " ".join(token.written for token in self.text[start:end])


def named_subjects(sentence: Sentence) -> set[str]:
    found = {one.value for one in phrases_of("subject").spot(sentence.text, ordinary=sentence.ordinary)}
    ends = {"plots": ("tomt", "tomter", "tomten", "tomterna"), "land": ("mark",)}
    said = [token.folded for token in sentence.text]
    return found | {subject for subject, ending in ends.items() if any(word.endswith(ending) for word in said)}
