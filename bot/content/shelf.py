"""Layers by name: what all share is at hand, a municipality's own is read when it is asked for."""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from bot.content.layers import Layer
from bot.recent import Recent

MOST = 60  # municipalities that are kept in memory where nobody says otherwise
Marked = tuple[str, Hashable]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a layer comes from. Those of one name and one `mark` are the same."""

    mark: Hashable
    read: Callable[[], Layer]


@dataclass(frozen=True, slots=True)
class _Laid:
    """The mark of a layer over which something is laid."""

    mark: Hashable
    over: Hashable


class Shelf(Mapping[str, Layer]):
    """Layers at hand, and layers with a source, of which those asked for last are in `kept`. Never changes."""

    def __init__(
        self,
        at_hand: Mapping[str, Layer],
        sources: Mapping[str, Source] | None = None,
        kept: Recent[Marked, Layer] | None = None,
    ) -> None:
        self.at_hand = dict(at_hand)
        self.sources = dict(sources or {})
        self.kept = Recent[Marked, Layer](MOST) if kept is None else kept

    @classmethod
    def of(cls, layers: Mapping[str, Layer]) -> "Shelf":
        """Return `layers` as a shelf."""
        return layers if isinstance(layers, cls) else cls(layers)

    def __getitem__(self, name: str) -> Layer:
        source = self.sources.get(name)
        return self.at_hand[name] if source is None else self.kept.get((name, source.mark), source.read)

    def __iter__(self) -> Iterator[str]:
        yield from self.at_hand
        yield from self.sources

    def __len__(self) -> int:
        return len(self.at_hand) + len(self.sources)

    def __contains__(self, name: object) -> bool:
        return name in self.at_hand or name in self.sources

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Shelf):
            return super().__eq__(other)
        return self.at_hand == other.at_hand and self._marks == other._marks

    __hash__ = None  # type: ignore[assignment]  # as of every mapping

    @property
    def most(self) -> int:
        """How many layers with a source are kept."""
        return self.kept.most

    @property
    def _marks(self) -> dict[str, Hashable]:
        return {name: source.mark for name, source in self.sources.items()}

    def mark(self, name: str) -> Hashable | None:
        """Return what tells whether the layer is another, without reading it; None: it is at hand."""
        source = self.sources.get(name)
        return source.mark if source else None

    def is_same(self, other: "Shelf", name: str) -> bool:
        """Whether both have the very same layer of a name, or neither has one."""
        if name in self.sources or name in other.sources:
            return self.mark(name) == other.mark(name)
        return self.at_hand.get(name) is other.at_hand.get(name)

    def is_read(self, name: str) -> bool:
        """Whether a layer is there without reading it."""
        source = self.sources.get(name)
        return source is None or (name, source.mark) in self.kept

    def changed(self, layers: Mapping[str, Layer | Source]) -> "Shelf":
        """Return the same with other layers under these names."""
        at_hand = {name: layer for name, layer in layers.items() if isinstance(layer, Layer)}
        sources = {name: source for name, source in layers.items() if isinstance(source, Source)}
        kept = self.without(layers)
        return Shelf(kept.at_hand | at_hand, kept.sources | sources, self.kept)

    def without(self, names: Iterable[str]) -> "Shelf":
        """Return the same without the layers of these names."""
        gone = set(names)
        return Shelf(
            {name: layer for name, layer in self.at_hand.items() if name not in gone},
            {name: source for name, source in self.sources.items() if name not in gone},
            self.kept,
        )

    def laid(self, name: str, mark: Hashable, lay: Callable[[Layer], Layer]) -> Layer | Source:
        """Return the layer of a name as `lay` makes it: at once where it is at hand, else when it is asked for.

        `mark` tells what is laid over it from anything else that could be.
        """
        source = self.sources.get(name)
        if source is None:
            return lay(self.at_hand.get(name) or Layer(name, {}, {}))
        read = source.read
        return Source(_Laid(source.mark, mark), lambda: lay(read()))
