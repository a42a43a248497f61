"""Names that only one municipality knows: its villages, its housing company, what else its own entries call by name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import Final

from bot.content.layers import Layer
from bot.content.loading import Knowledge
from bot.models import Entry
from bot.records.phrases import REMEMBERED, is_near
from bot.text import fold, words
from bot.values import LANGUAGES, Localized

MUNICIPALITIES: Final = "municipalities/"
SHORTEST: Final = 4  # letters of a name
SHORTEST_MISSPELT: Final = 8
UNSEEN: Final = "?"  # a word that was not looked up yet
CAPITAL: Final = re.compile(r"(?:(?<=[\w,] )|(?<= \())[^\W\d_a-zåäö][^\W\d_]+")  # in the middle of a sentence


@dataclass(frozen=True, eq=False, slots=True)
class ProperNames:
    """Folded names → the municipality that alone knows them; `alike`: long ones by first letter; `called`: all that
    municipalities write as names, also those that more than one knows."""

    of: Mapping[str, str]
    alike: Mapping[str, tuple[str, ...]]
    called: AbstractSet[str]
    _known: dict[str, str | None] = field(default_factory=dict, repr=False)  # what words were found to be; they recur

    @classmethod
    def compiled(cls, layers: Iterable[Layer], ordinary: AbstractSet[str]) -> "ProperNames":
        """Collect the names of `layers`; a word of `ordinary` is none."""
        owners: defaultdict[str, set[str]] = defaultdict(set)
        inner: list[Layer] = []
        for layer in layers:
            for word in _said(layer):
                owners[word].add(layer.name)
            if layer.name.startswith(MUNICIPALITIES):
                inner.append(layer)
        called = [(word, layer.name) for layer in inner for word in _names(layer, ordinary)]
        own = {word: name.removeprefix(MUNICIPALITIES) for word, name in called if owners[word] == {name}}
        own |= _of_one(
            [(word, layer.name.removeprefix(MUNICIPALITIES)) for layer in inner for word in _villages(layer)]
        )
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for word in own:
            if len(word) >= SHORTEST_MISSPELT:
                alike[word[0]].append(word)
        names = frozenset(word for word, _ in called)
        return cls(own, {letter: tuple(found) for letter, found in alike.items()}, names)

    def after(self, before: Knowledge, now: Knowledge, ordinary: AbstractSet[str]) -> "ProperNames":
        """Return the names of `now`, where these are those of `before` and only entries differ."""
        for name in _in_sight(before) | _in_sight(now):
            if before.shelf.is_same(now.shelf, name):
                continue
            was, becomes = _differing(name, before, now), _differing(name, now, before)
            is_inner = name.startswith(MUNICIPALITIES)
            if is_inner and _names(was, ordinary) != _names(becomes, ordinary):
                return ProperNames.compiled(now.in_sight(), ordinary)
            if not (_said(was) ^ _said(becomes)).isdisjoint(self.called):
                return ProperNames.compiled(now.in_sight(), ordinary)
        return self

    def named(self, text: Iterable[str], ordinary: AbstractSet[str]) -> Iterator[tuple[int, str]]:
        """Yield each place in the folded words `text` where a name stands, and whose it is."""
        for place, word in enumerate(text):
            owner = self._known.get(word, UNSEEN)
            if owner is UNSEEN:
                if len(self._known) >= REMEMBERED:
                    self._known.clear()
                owner = self._known[word] = self._owner(word, ordinary)
            if owner:
                yield place, owner

    def _owner(self, word: str, ordinary: AbstractSet[str]) -> str | None:
        owner = self.of.get(word) or self.of.get(word.removesuffix("s"))
        if owner or len(word) < SHORTEST_MISSPELT - 1 or word in ordinary:
            return owner
        return next((self.of[name] for name in self.alike.get(word[0], ()) if is_near(word, name)), None)


def _in_sight(knowledge: Knowledge) -> set[str]:
    return set(knowledge.shelf.at_hand if knowledge.is_country else knowledge.layers)


def _differing(name: str, one: Knowledge, other: Knowledge) -> Layer:
    """Return a layer of `one` with those of its entries alone that `other` has not."""
    empty = Layer(name, {}, {})
    entries, others = one.layers.get(name, empty).entries, other.layers.get(name, empty).entries
    if entries is others:
        return empty
    return replace(empty, entries={key: item for key, item in entries.items() if others.get(key) is not item})


def _villages(layer: Layer) -> set[str]:
    """Return the folded names of villages that are one word."""
    places = [place for place in layer.inventory.places.values() if place.kind == "village"]
    named = [words(name) for place in places for name in _both(place.name)]
    return {name[0] for name in named if len(name) == 1 and len(name[0]) > SHORTEST}


def _of_one(named: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the names that no two municipalities have."""
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for word, owner in named:
        owners[word].add(owner)
    return {word: next(iter(found)) for word, found in owners.items() if len(found) == 1}


def _names(layer: Layer, ordinary: AbstractSet[str]) -> set[str]:
    """Return the folded words that the titles, links and contacts of a layer write as names.

    A word of `ordinary` is one where it is written in capitals, or begins with the municipality's own name.
    """
    written = {found for text in (*_asked(layer), *_called(layer)) for found in CAPITAL.findall(text)}
    own = layer.name.removeprefix(MUNICIPALITIES)
    return {
        word
        for name in written
        if len(word := fold(name)) >= SHORTEST
        and (word not in ordinary or name.isupper() or (word.startswith(own) and len(word) > len(own) + 1))
    }


def _asked(layer: Layer) -> Iterator[str]:
    return (phrase for entry in layer.entries.values() for _, phrase in entry.questions)


def _called(layer: Layer) -> Iterator[str]:
    for entry in layer.entries.values():
        for link in entry.links:
            yield from _both(link.label)
    for contact in layer.contacts.values():
        yield from _both(contact.name)


def _said(layer: Layer) -> set[str]:
    """Return the folded words of a layer; of the outermost not what people ask, for they ask for all kinds of names."""
    texts = [*_called(layer), *(text for entry in layer.entries.values() for text in _answers(entry))]
    texts += [] if layer.name == "national" else _asked(layer)
    texts += [name for place in layer.inventory.places.values() for name in _both(place.name)]
    return {word for text in texts for word in words(text)}


def _answers(entry: Entry) -> Iterator[str]:
    return (text for language in LANGUAGES if entry.answer and (text := entry.answer[language]))


def _both(name: Localized) -> Iterator[str]:
    return (text for language in LANGUAGES if (text := name[language]))
