"""The curated vocabulary at work: which meanings a text names, and which of its words only frame the question."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.matching.features import runs
from bot.models import Vocabulary
from bot.text import words

LONGEST_TERM = 3
OF_WORD, OF_MEMBER = 1.0, 0.8
FRAME = 0.2


@dataclass(frozen=True)
class Lexicon:
    """What words mean: `terms` maps a folded word or phrase to (meaning, weight) pairs.

    `openings`: words that a term of several begins with; `frames`: folded words that carry next to nothing.
    """

    terms: Mapping[str, tuple[tuple[str, float], ...]]
    openings: frozenset[str]
    frames: frozenset[str]

    def __contains__(self, word: str) -> bool:
        return word in self.terms or word in self.frames

    def meanings(self, text: Sequence[str]) -> dict[str, float]:
        """Return each meaning named in the folded words `text` with its weight; a longer term hides those inside it."""
        found: dict[str, float] = {}
        hidden: set[int] = set()
        opening = [place for place, word in enumerate(text) if word in self.openings]
        for first, behind, run in runs(text, opening, LONGEST_TERM):
            if run in self.terms and hidden.isdisjoint(range(first, behind)):
                hidden.update(range(first, behind))
                self._note(run, found)
        for place, word in enumerate(text):
            if word in self.terms and place not in hidden:
                self._note(word, found)
        return found

    def _note(self, term: str, found: dict[str, float]) -> None:
        for meaning, weight in self.terms[term]:
            found[meaning] = max(weight, found.get(meaning, 0.0))

    def framing(self, names: Iterable[str]) -> "Lexicon":
        """Return the same with `names`, a municipality's own, among the words that only frame a question."""
        return replace(self, frames=self.frames.union(word for name in names for word in words(name)))

    def weight(self, word: str) -> float:
        """Return 1, or next to nothing for a word that only frames a question."""
        return FRAME if word in self.frames else 1.0


def compile_lexicon(vocabulary: Vocabulary) -> Lexicon:
    """Fold and index a curated vocabulary."""
    terms: dict[str, dict[str, float]] = defaultdict(dict)
    for group in vocabulary.groups:
        for weight, listed in ((OF_MEMBER, group.members), (OF_WORD, group.words)):
            for term in listed:
                terms[" ".join(words(term))][group.id] = weight
    frames = frozenset(word for frame in vocabulary.frames for word in words(frame))
    openings = frozenset(term.split()[0] for term in terms if " " in term)
    return Lexicon({term: tuple(found.items()) for term, found in terms.items()}, openings, frames)
