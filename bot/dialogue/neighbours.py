"""Which other municipality a question is about ("tomtkön i Gällivare", asked in Kiruna)."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from bot.content.loading import Knowledge
from bot.models import Municipality
from bot.records.compare import forms_of
from bot.records.phrases import is_near, phrases_of, tokens
from bot.text import fold, words

# after these a place is where somebody comes from, goes to or measures from, and not what is asked about
WAYS: Final = frozenset(
    {"till", "fran", "mot", "nara", "utanfor", "mellan", "via", "vid", "to", "from", "near", "towards", "outside"}
    | {"between", "and", "och", "pendla", "commute", "than", "an"}
)
TOWARDS: Final = frozenset({"till", "to"})
ORGANISATIONS: Final = frozenset({"kommun", "kommunen", "kommuns", "municipality", "council"})
GOALS: Final = frozenset(fold(word) for phrase, _ in phrases_of("goals").listed for word in phrase)
SHORTEST_MISSPELT: Final = 6  # letters


@dataclass(frozen=True, slots=True)
class Mention:
    """A municipality that a question names, and the folded words around the name."""

    name: str
    before: str
    behind: str

    @property
    def is_about(self) -> bool:
        """Whether the question is about it, and not only about the way from or to it."""
        return self.before not in WAYS or (self.before in TOWARDS and self.behind in ORGANISATIONS)

    @property
    def is_goal(self) -> bool:
        """Whether it is where somebody goes to."""
        return self.before in GOALS


@dataclass(frozen=True, slots=True)
class Names:
    """What municipalities are called, folded, in both languages, alone and with an s behind."""

    of: Mapping[str, str]

    @classmethod
    def compiled(cls, municipalities: Iterable[Municipality]) -> "Names":
        """Collect the names of `municipalities`."""
        return cls({form: one.id for one in municipalities for form in forms_of(one.name)})

    def named(self, text: str, ordinary: AbstractSet[str]) -> Sequence[Mention]:
        """Return each municipality that `text` names, in order. A word of `ordinary` is never taken for a misspelt
        name."""
        spoken = words(text)
        found = ((place, self._meant(word, ordinary)) for place, word in enumerate(spoken))
        return [Mention(name, *_around(spoken, place)) for place, name in found if name]

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


def around(knowledge: Knowledge, home: Municipality) -> list[str]:
    """Return the other municipalities that are looked at for what `home` is asked, those that cooperate with it first;
    of a whole country these alone."""
    others = [other for other in knowledge.members.values() if other.id != home.id]
    partners = [other for other in others if cooperate(home, other)]
    found = partners if knowledge.is_country else others
    return [other.id for other in sorted(found, key=lambda other: (not cooperate(home, other), other.id))]


def other_than(home: str, named: Sequence[Mention]) -> str | None:
    """Return the one other municipality that is asked about; None where it is none, more than one, or home too."""
    names = {one.name for one in named}
    about = {one.name for one in named if one.is_about}
    return next(iter(about)) if len(names) == len(about) == 1 and home not in names else None


def beside(home: str, named: Sequence[Mention], text: str) -> tuple[str, ...]:
    """Return the municipalities that may be set beside each other, in the order in which `text` names them: not where
    somebody goes to, and `home` by the word "here" too."""
    meant = [one.name for one in named if not one.is_goal]
    found = tuple(dict.fromkeys(meant if len(set(meant)) > 1 else [one.name for one in named]))
    if len(found) == 1 and home and home not in found and says_here(text):
        return (home, *found)
    return found


def speaks_of_home(text: str, villages: Iterable[str]) -> bool:
    """Whether `text` speaks of the municipality that is asked: "here", or by one of its villages."""
    spoken = set(words(text))
    return says_here(text) or any(spoken.issuperset(words(village)) for village in villages)


def says_here(text: str) -> bool:
    """Whether `text` says "here"; "har" is that where it comes last, for else it may be "have"."""
    asked = tokens(text)
    found = (one for one in phrases_of("here").spot(asked) if one.exact)
    return any(
        asked[one.start].folded != "har" or "ä" in asked[one.start].written.casefold() or one.end == len(asked)
        for one in found
    )


def _around(spoken: Sequence[str], place: int) -> tuple[str, str]:
    return spoken[place - 1] if place else "", spoken[place + 1] if place + 1 < len(spoken) else ""
