"""Questions that run across municipalities ("which municipalities have free plots?"): the cues, and whom they mean."""

import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from bot.content.loading import Knowledge
from bot.models import Entry
from bot.records.phrases import Phrases, Spotted, Token, compile_phrases, phrases_of, tokens
from bot.text import fold, words
from bot.values import LANGUAGES, Language, Localized

REACH: Final = 6  # tokens between "which" and the municipalities it asks for
NEXT: Final = 2  # tokens between "which" and a single municipality: "vilken annan kommun"
SAME: Final = 6  # letters that a word for a group has in common with the group's id
NAMED: Final = re.compile(r"\b[^\W\d_a-zåäö][\w-]*(?: [^\W\d_a-zåäö][\w-]*)*")


@dataclass(frozen=True, slots=True)
class Across:
    """A question to several municipalities: the id of the group it names, and its words without what asks for them."""

    group: str | None
    rest: str


@dataclass(frozen=True, slots=True)
class Group:
    """What a group of municipalities is called: as it writes itself, and the words by which people ask for it."""

    id: str
    name: Localized
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of municipalities, by name."""

    of: Mapping[str, Group]
    phrases: Phrases

    @classmethod
    def compiled(cls, knowledge: Knowledge) -> "Groups":
        """Collect what the groups of `knowledge` are called."""
        found = {group: _group(group, knowledge) for group in _ids(knowledge)}
        return cls(found, compile_phrases({group: one.words for group, one in found.items()}))

    def read(self, text: str, ordinary: AbstractSet[str], *, is_chosen: bool) -> Across | None:
        """Return what `text` asks of several municipalities; None where it asks one.

        `is_chosen`: whether a municipality is asked, so that "where is there …" means within it.
        """
        asked = tokens(text)
        if not phrases_of("across").may_be_in(asked, ordinary):
            return None
        cues = phrases_of("across").spot(asked, ordinary=ordinary)
        named = self.phrases.spot(asked, ordinary=ordinary)
        taken = [*_asking(asked, cues, named)] or ([] if is_chosen else _open(cues))
        if not taken:
            return None
        return Across(named[0].value if named else None, _without(asked, [*taken, *named, *_bodies(cues)]))

    def named(self, text: str, ordinary: AbstractSet[str]) -> str | None:
        """Return the id of the first group that `text` names."""
        return next((one.value for one in self.phrases.spot(tokens(text), ordinary=ordinary)), None)

    def left_out(self, text: str, ordinary: AbstractSet[str]) -> str:
        """Return `text` without the names of groups."""
        asked = tokens(text)
        named = self.phrases.spot(asked, ordinary=ordinary)
        return _without(asked, named) if named else text


def _without(asked: Sequence[Token], taken: Sequence[Spotted]) -> str:
    """Return the words of a question as they are written, those of `taken` left out."""
    left_out = {place for one in taken for place in range(one.start, one.end)}
    return " ".join(token.written for place, token in enumerate(asked) if place not in left_out)


def _asking(asked: Sequence[Token], cues: Sequence[Spotted], named: Sequence[Spotted]) -> Iterator[Spotted]:
    """Yield the words that ask which municipalities."""
    bodies = _bodies(cues)
    for asking in cues:
        if asking.value == "others" and asked[0].folded not in HAVING:
            continue
        if asking.value in ("which", "others"):
            meant = [one for one in bodies if 0 <= one.start - asking.end < (REACH if one.value == "many" else NEXT)]
            of_group = [one for one in named if one.start >= asking.end]
            if meant or (of_group and asking.value == "which"):
                yield from (asking, *meant[:1])
                return


def _bodies(cues: Sequence[Spotted]) -> list[Spotted]:
    return [one for one in cues if one.value in ("many", "one")]


def _open(cues: Sequence[Spotted]) -> list[Spotted]:
    return [one for one in cues if one.value == "open"]


def _ids(knowledge: Knowledge) -> list[str]:
    return list(dict.fromkeys(group for one in knowledge.members.values() for group in one.groups))


def _group(group: str, knowledge: Knowledge) -> Group:
    """Read what `group` is called: as the title of its own topic writes it, else by its id."""
    layer = knowledge.layers.get(f"groups/{group}")
    topics = [topic.id for topic in knowledge.topics if topic.layer == "group"]
    own = [topic for topic in topics if layer and (entry := layer.entries.get(topic)) and entry.answer]
    spoken = group.replace("-", " ")
    listed = [spoken, *(word for one in knowledge.vocabulary.groups if one.id in own for word in one.words)]
    said = [word for word in listed if _compact(word)[:SAME] == _compact(group)[:SAME]]
    titled = knowledge.common.entries.get(own[0]) if own else None
    written = {language: _written(titled, language) for language in LANGUAGES} if titled else {}
    described = knowledge.groups.get(group)
    if described and described.name:
        written = {language: described.name.best(language) for language in LANGUAGES}
    name = Localized(written.get("sv") or spoken.capitalize(), written.get("en") or spoken.capitalize())
    return Group(group, name, tuple(dict.fromkeys([*said, name.best("sv"), name.best("en")])))


def _written(entry: Entry, language: Language) -> str | None:
    """Return the name in the title of `entry`: its last words with a capital letter, the first word aside."""
    title = entry.title(language)
    found = [match.group() for match in NAMED.finditer(title) if match.start()]
    return found[-1] if found else None


def _compact(name: str) -> str:
    return "".join(words(name))


HAVING: Final = frozenset(fold(word) for phrase in phrases_of("having").listed for word in phrase[0])
