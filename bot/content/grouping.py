"""Groups laid on groups: in which order their layers come, and what is wrong between layers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from bot.content.layers import Layer
from bot.models import Entry, Group

GROUPS = "groups/"
AGREED = ("answer", "contacts", "shows")  # parts of which only one can count

Groups = Mapping[str, Group]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two groups that write the same `part` of `item` differently for `municipality`, which says nothing itself."""

    municipality: str
    part: str
    item: str
    first: str
    second: str


def in_order(groups: Iterable[str], known: Groups) -> tuple[str, ...]:
    """Return `groups` with those that each is laid on before it, every one once; a circle is gone round once."""
    found: dict[str, None] = {}
    for group in groups:
        _put(group, known, found, ())
    return tuple(found)


def _put(group: str, known: Groups, found: dict[str, None], above: tuple[str, ...]) -> None:
    if group in above or group in found:
        return
    for outer in known[group].groups if group in known else ():
        _put(outer, known, found, (*above, group))
    found.setdefault(group)


def circles(known: Groups) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Yield each step that leads back to where it began: the group, the place in its `groups`, and the way round."""
    for group in known.values():
        for index, outer in enumerate(group.groups):
            if way := _way(outer, group.id, known, ()):
                yield group.id, index, (group.id, *way)


def _way(start: str, end: str, known: Groups, seen: tuple[str, ...]) -> tuple[str, ...]:
    if start == end:
        return (end,)
    if start in seen or start not in known:
        return ()
    ways = (_way(outer, end, known, (*seen, start)) for outer in known[start].groups)
    return next(((start, *way) for way in ways if way), ())


def disagreements(municipality: str, layers: Sequence[Layer], known: Groups) -> Iterator[Disagreement]:
    """Yield what the groups of `municipality` write differently, where neither is laid on the other on purpose."""
    groups = [layer for layer in layers if layer.name.startswith(GROUPS)]
    own = layers[-1]
    for first, second in combinations(groups, 2):
        if first.name.removeprefix(GROUPS) in in_order([second.name.removeprefix(GROUPS)], known):
            continue
        for part, item in _differing(first, second, own):
            yield Disagreement(municipality, part, item, first.name, second.name)


def _differing(first: Layer, second: Layer, own: Layer) -> Iterator[tuple[str, str]]:
    empty = Entry("empty")
    for name in first.entries.keys() & second.entries.keys():
        for part in AGREED:
            one, other = getattr(first.entries[name], part), getattr(second.entries[name], part)
            if one and other and one != other and not getattr(own.entries.get(name, empty), part):
                yield part, name
    for name in (first.contacts.keys() & second.contacts.keys()) - own.contacts.keys():
        if first.contacts[name] != second.contacts[name]:
            yield "contact", name
