"""Which other municipality a question is about ("tomtkön i Gällivare", asked in Kiruna)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from bot.models import Municipality
from bot.records.compare import forms_of
from bot.records.phrases import is_near
from bot.text import words

# after these a place is where somebody comes from, goes to or measures from, and not what is asked about
WAYS: Final = frozenset(
    {"till", "fran", "mot", "nara", "utanfor", "mellan", "via", "vid", "to", "from", "near", "towards", "outside"}
    | {"between", "and", "och", "pendla", "commute", "than", "an"}
)
HERE: Final = frozenset({"har", "hit", "here"})  # said of the municipality that is asked
SHORTEST_MISSPELT: Final = 6  # letters


@dataclass(frozen=True, slots=True)
class Names:
    """What municipalities are called, folded, in both languages, alone and with an s behind."""

    of: Mapping[str, str]

    @classmethod
    def compiled(cls, municipalities: Iterable[Municipality]) -> "Names":
        """Collect the names of `municipalities`."""
        return cls({form: one.id for one in municipalities for form in forms_of(one.name)})

    def named(self, text: str, ordinary: AbstractSet[str]) -> Sequence[tuple[str, bool]]:
        """Return each municipality that `text` names, and whether it is what the text is about.

        A word of `ordinary` is never taken for a misspelt name.
        """
        spoken = words(text)
        found = ((place, self._meant(word, ordinary)) for place, word in enumerate(spoken))
        return [(name, not (place and spoken[place - 1] in WAYS)) for place, name in found if name]

    def _meant(self, word: str, ordinary: AbstractSet[str]) -> str | None:
        if word in self.of:
            return self.of[word]
        if len(word) < SHORTEST_MISSPELT or word in ordinary:
            return None
        begun = ((form, name) for form, name in self.of.items() if form[0] == word[0])
        return next((name for form, name in begun if is_near(word, form, slips=1)), None)


def cooperate(one: Municipality, other: Municipality) -> bool:
    """Whether two municipalities are in a group together."""
    return not set(one.groups).isdisjoint(other.groups)


def other_than(home: str, named: Sequence[tuple[str, bool]]) -> str | None:
    """Return the one other municipality that is asked about; None where it is none, more than one, or home too."""
    names = {name for name, _ in named}
    about = {name for name, is_about in named if is_about}
    return next(iter(about)) if len(names) == len(about) == 1 and home not in names else None


def speaks_of_home(text: str, villages: Iterable[str]) -> bool:
    """Whether `text` speaks of the municipality that is asked: "here", or by one of its villages."""
    spoken = set(words(text))
    return bool(spoken & HERE) or any(spoken.issuperset(words(village)) for village in villages)
