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
    """Folded names → the municipality that alone knows them; `alike`: long ones by first letter.

    `names`: what each municipality's layer writes as names, also those that more than one knows; `sayers`: the layers
    that say these at all; `villages`: whose each of them is.
    """

    of: Mapping[str, str]
    alike: Mapping[str, tuple[str, ...]]
    names: Mapping[str, AbstractSet[str]]
    sayers: Mapping[str, AbstractSet[str]]
    villages: Mapping[str, str]
    _known: dict[str, str | None] = field(default_factory=dict, repr=False)  # what words were found to be; they recur

    @classmethod
    def compiled(cls, layers: Iterable[Layer], ordinary: AbstractSet[str]) -> "ProperNames":
        """Collect the names of `layers`; a word of `ordinary` is none."""
        said = {layer.name: (layer, _said(layer)) for layer in layers}
        inner = [layer for name, (layer, _) in said.items() if name.startswith(MUNICIPALITIES)]
        names = {layer.name: _names(layer, ordinary) for layer in inner}
        called: set[str] = set().union(*names.values())
        sayers = {word: {name for name, (_, spoken) in said.items() if word in spoken} for word in called}
        villages = _of_one([(word, _owner(layer.name)) for layer in inner for word in _villages(layer)])
        return cls({}, {}, names, sayers, villages)._sorted_out()

    def _sorted_out(self) -> "ProperNames":
        """Return the same, with what each name stands for."""
        own = {
            word: _owner(layer) for layer, names in self.names.items() for word in names if self.sayers[word] == {layer}
        }
        own |= self.villages
        alike: defaultdict[str, list[str]] = defaultdict(list)
        for word in own:
            if len(word) >= SHORTEST_MISSPELT:
                alike[word[0]].append(word)
        return replace(self, of=own, alike={letter: tuple(found) for letter, found in alike.items()}, _known={})

    def after(self, before: Knowledge, now: Knowledge, ordinary: AbstractSet[str]) -> "ProperNames":
        """Return the names of `now`, where these are those of `before` and only entries differ."""
        found = self
        for name in _in_sight(before) | _in_sight(now):
            if before.shelf.is_same(now.shelf, name):
                continue
            was, becomes = _differing(name, before, now), _differing(name, now, before)
            if name.startswith(MUNICIPALITIES) and _names(was, ordinary) != _names(becomes, ordinary):
                found = replace(found, names={**found.names, name: _names(_layer(name, now), ordinary)})
                if not found.names[name] <= found.sayers.keys():
                    return ProperNames.compiled(now.in_sight(), ordinary)
            said = (_said(was) ^ _said(becomes)) & found.sayers.keys()
            found = replace(found, sayers={**found.sayers, **found._saying(name, said, _layer(name, now))})
        return found._sorted_out()

    def _saying(self, name: str, words_there: AbstractSet[str], layer: Layer) -> dict[str, AbstractSet[str]]:
        """Return which layers say `words_there`, as the layer `name` is now."""
        said = _said(layer) if words_there else ()
        return {
            word: self.sayers[word] | {name} if word in said else self.sayers[word] - {name} for word in words_there
        }

    def unlike(self, other: "ProperNames", text: Iterable[str], ordinary: AbstractSet[str]) -> bool:
        """Whether a folded word of `text` is a name of somebody else here than there."""
        return any(self._look_up(word, ordinary) != other._look_up(word, ordinary) for word in text)

    def named(self, text: Iterable[str], ordinary: AbstractSet[str]) -> Iterator[tuple[int, str]]:
        """Yield each place in the folded words `text` where a name stands, and whose it is."""
        for place, word in enumerate(text):
            owner = self._look_up(word, ordinary)
            if owner:
                yield place, owner

    def _look_up(self, word: str, ordinary: AbstractSet[str]) -> str | None:
        owner = self._known.get(word, UNSEEN)
        if owner is UNSEEN:
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            owner = self._known[word] = self._owner(word, ordinary)
        return owner

    def _owner(self, word: str, ordinary: AbstractSet[str]) -> str | None:
        owner = self.of.get(word) or self.of.get(word.removesuffix("s"))
        if owner or len(word) < SHORTEST_MISSPELT - 1 or word in ordinary:
            return owner
        return next((self.of[name] for name in self.alike.get(word[0], ()) if is_near(word, name)), None)


def _owner(layer: str) -> str:
    return layer.removeprefix(MUNICIPALITIES)


def _in_sight(knowledge: Knowledge) -> set[str]:
    return set(knowledge.shelf.at_hand if knowledge.is_country else knowledge.layers)


def _differing(name: str, one: Knowledge, other: Knowledge) -> Layer:
    """Return a layer of `one` with those of its entries alone that `other` has not."""
    entries, others = _layer(name, one).entries, _layer(name, other).entries
    unlike = {} if entries is others else {key: item for key, item in entries.items() if others.get(key) is not item}
    return Layer(name, unlike, {})


def _layer(name: str, knowledge: Knowledge) -> Layer:
    return knowledge.layers.get(name) or Layer(name, {}, {})


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
    own = _owner(layer.name)
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
