"""Filters → records that fit, best first; and where none fits, the one limit to give up, and by how much."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import Any, Final, Generic, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.inventory import Inventory, Job, Nearby, Place, Plot
from bot.models import Filters, Found, Listing, Relaxed
from bot.text import fold

SHOWN: Final = 6
NEAR_M: Final = 2_000.0
EARTH_M: Final = 6_371_008.8  # mean radius
STATUS_ORDER: Final = ("available", "upcoming", "reserved")
# in the order in which people would rather give them up
NEGOTIABLE: Final = (
    "price_max", "area_min", "area_max", "price_min", "near", "place", "ready_to_build", "status", "water_sewage",
    "type", "extent", "employer", "occupation", "kind",
)  # fmt: skip
NUMBERS: Final = frozenset({"price_min", "price_max", "area_min", "area_max"})
Mask = NDArray[np.bool_]
Kind = Literal["plots", "jobs", "places"]
Row = TypeVar("Row", Plot, Job, Place)


def distance(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the straight distance between two positions in metres (haversine, on a sphere: within 0.5 %)."""
    latitude, longitude = math.radians(here[0]), math.radians(here[1])
    other, beside = math.radians(there[0]), math.radians(there[1])
    half = math.sin((other - latitude) / 2) ** 2
    half += math.cos(latitude) * math.cos(other) * math.sin((beside - longitude) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(half))


class Table(Generic[Row]):
    """The records of one kind that can be listed, and for each filter which of them fit.

    A filter is a column of values; what is unknown fits nothing. `near` is measured once for each kind of place.
    """

    def __init__(self, records: Sequence[Row], columns: Mapping[str, Callable[[Row], Any]]) -> None:
        self.records: Sequence[Row] = records
        self._texts = {
            name: np.array([_key(read(one)) for one in records], object)
            for name, read in columns.items()
            if name not in NUMBERS
        }
        self._numbers = {
            name: np.array([math.nan if (value := read(one)) is None else value for one in records], float)
            for name, read in columns.items()
            if name in NUMBERS
        }

    def fits(self, name: str, value: Any) -> Mask:
        """Return which records fit one filter."""
        if name in self._numbers:
            values = self._numbers[name]
            return np.asarray(values >= value if name.endswith("_min") else values <= value, bool)
        return np.asarray(self._texts[name] == _key(value), bool)

    def knows(self, name: str) -> bool:
        """Whether the filter is one of this table's."""
        return name in self._numbers or name in self._texts


def _key(value: Any) -> Any:
    """Return what is compared: texts without case and marks."""
    return fold(value) if isinstance(value, str) else value


@dataclass(frozen=True)
class Search:
    """Searches the records of one municipality. `near_m`: how far "near" reaches, in metres, as the crow flies."""

    inventory: Inventory
    near_m: float = NEAR_M

    def plots(self, filters: Filters, *, shown: int = SHOWN) -> Listing:
        """Return the plots that fit; those sold never do."""
        if filters.status == "sold":
            return Listing("plots", filters, (), 0)
        return self._find("plots", self._plots, filters, shown, np.ones(len(self._plots.records), bool))

    def jobs(self, filters: Filters, today: date, *, shown: int = SHOWN) -> Listing:
        """Return the jobs that fit and can still be applied for on `today`."""
        return self._find("jobs", self._jobs, filters, shown, self._deadlines >= today.toordinal())

    def places(self, filters: Filters, *, shown: int = SHOWN) -> Listing:
        """Return the villages and services that fit, in the order of whoever wrote them."""
        return self._find("places", self._places, filters, shown, np.ones(len(self._places.records), bool))

    @cached_property
    def _plots(self) -> Table[Plot]:
        return Table([plot for plot in self.inventory.plots.values() if plot.is_offered], OF_PLOTS)

    @cached_property
    def _jobs(self) -> Table[Job]:
        return Table(list(self.inventory.jobs.values()), OF_JOBS)

    @cached_property
    def _places(self) -> Table[Place]:
        return Table(list(self.inventory.places.values()), OF_PLACES)

    @cached_property
    def _deadlines(self) -> NDArray[np.int64]:
        return np.array([(job.deadline or date.max).toordinal() for job in self._jobs.records], np.int64)

    @cached_property
    def _nearby(self) -> dict[Nearby, Sequence[tuple[float, Place] | None]]:
        return {}

    def _distances(self, near: Nearby) -> Sequence[tuple[float, Place] | None]:
        """Return for each plot the nearest place of a kind, and how far it is; measured once."""
        if near not in self._nearby:
            places = [
                (place, where)
                for place in self.inventory.places.values()
                if place.kind == near and (where := self._where(place))
            ]
            self._nearby[near] = [_nearest(plot, places) for plot in self._plots.records]
        return self._nearby[near]

    def _where(self, place: Place) -> tuple[float, float] | None:
        """Return where a place is; where nobody has measured it, where its village is."""
        return place.position or self._villages.get(_key(place.place))

    @cached_property
    def _villages(self) -> Mapping[str, tuple[float, float]]:
        villages = (place for place in self.inventory.places.values() if place.kind == "village")
        return {_key(place.name.best("sv")): place.position for place in villages if place.position}

    def _mask(self, table: Table[Any], name: str, value: Any) -> Mask:
        if name != "near":
            return table.fits(name, value)
        return np.array([away is not None and away[0] <= self.near_m for away in self._distances(value)], bool)

    def _find(self, kind: Kind, table: Table[Any], filters: Filters, shown: int, offered: Mask) -> Listing:
        """Return what fits; else what fits when one limit, or two, give way: those that change least."""
        masks = {
            name: self._mask(table, name, value)
            for name, value in filters.said.items()
            if table.knows(name) or (name == "near" and kind == "plots")
        }
        fitting = _all(masks.values(), offered)
        if fitting.any():
            best = self._ordered(table, fitting, filters)
            return Listing(kind, filters, tuple(best[:shown]), len(best))
        said = [name for name in NEGOTIABLE if name in masks]
        for count in (1, 2):
            tries = [
                self._given_up(table, names, filters, without)
                for names in combinations(said, count)
                if (without := _all((mask for name, mask in masks.items() if name not in names), offered)).any()
            ]
            if tries:
                relaxed, found = min(tries, key=lambda one: _loss(one[0]))
                return Listing(kind, filters, tuple(found[:shown]), 0, relaxed)
        return Listing(kind, filters, (), 0)

    def _given_up(
        self, table: Table[Any], names: Sequence[str], filters: Filters, fitting: Mask
    ) -> tuple[tuple[Relaxed, ...], list[Found]]:
        """Say what each of the limits given up would have to be, and what fits then."""
        kept = {name: value for name, value in filters.said.items() if name not in names}
        found = self._ordered(table, fitting, Filters(**kept | _nearest_first(names)))
        best = found[0].record
        relaxed = tuple(Relaxed(name, filters.said[name], _would_do(name, best), best) for name in names)
        return relaxed, [one for one in found if all(_is_within(one.record, step) for step in relaxed)]

    def _ordered(self, table: Table[Any], fitting: Mask, filters: Filters) -> list[Found]:
        numbers = np.flatnonzero(fitting).tolist()
        if table is self._jobs:
            jobs = [table.records[number] for number in numbers]
            return [Found(job) for job in sorted(jobs, key=lambda job: (job.deadline or date.max, job.id))]
        found = [Found(table.records[number]) for number in numbers]
        if table is self._places:
            return found
        if filters.near:
            away = self._distances(filters.near)
            found = [Found(table.records[number], *(away[number] or ())) for number in numbers]
        return sorted(found, key=_order_of_plots(filters.sort))


def _all(masks: Iterable[Mask], offered: Mask) -> Mask:
    fitting = offered.copy()
    for mask in masks:
        fitting &= mask
    return fitting


def _nearest(plot: Plot, places: Sequence[tuple[Place, tuple[float, float]]]) -> tuple[float, Place] | None:
    where = plot.middle
    if where is None or not places:
        return None
    away = [(distance(where, position), place) for place, position in places]
    return min(away, key=lambda one: one[0])


OF_PLOTS: Final[Mapping[str, Callable[[Plot], Any]]] = {
    "place": lambda plot: plot.place,
    "type": lambda plot: plot.type,
    "status": lambda plot: plot.status,
    "price_min": lambda plot: plot.price,
    "price_max": lambda plot: plot.price,
    "area_min": lambda plot: plot.area_m2,
    "area_max": lambda plot: plot.area_m2,
    "water_sewage": lambda plot: plot.water_sewage,
    "ready_to_build": lambda plot: plot.ready_to_build,
}
OF_JOBS: Final[Mapping[str, Callable[[Job], Any]]] = {
    "place": lambda job: job.place,
    "employer": lambda job: job.employer,
    "occupation": lambda job: job.occupation,
    "extent": lambda job: job.extent,
}


OF_PLACES: Final[Mapping[str, Callable[[Place], Any]]] = {
    "place": lambda place: place.name.best("sv") if place.kind == "village" else place.place,
    "kind": lambda place: place.kind,
}


def _order_of_plots(sort: str | None) -> Callable[[Found], tuple[Any, ...]]:
    """Order as asked; else those that can be had first, the cheapest first. What is unknown comes last."""

    def by_default(plot: Plot) -> tuple[Any, ...]:
        return (STATUS_ORDER.index(plot.status), _last_if_none(plot.price), plot.id)

    def order(found: Found) -> tuple[Any, ...]:
        plot = found.record
        assert isinstance(plot, Plot)  # noqa: S101 - the table of plots
        if sort == "distance":
            return (_last_if_none(found.distance_m), *by_default(plot))
        if sort in ("price", "-price", "area", "-area"):
            value = plot.price if sort.endswith("price") else plot.area_m2
            return (value is None, -(value or 0) if sort[0] == "-" else value or 0, *by_default(plot))
        return by_default(plot)

    return order


def _last_if_none(value: float | None) -> float:
    return math.inf if value is None else value


def _nearest_first(names: Sequence[str]) -> dict[str, str]:
    """Sort so that the first record found is the one nearest to the limit given up."""
    sorts = {"price_max": "price", "price_min": "-price", "area_min": "-area", "area_max": "area"}
    first = next((sorts[name] for name in names if name in sorts), None)
    return {"sort": first} if first else {}


def _would_do(name: str, best: Plot | Job | Place) -> Any:
    """Return what a limit would have to be for `best`; None where it has to go altogether."""
    if isinstance(best, Plot) and name in ("price_max", "price_min"):
        return best.price
    if isinstance(best, Plot) and name in ("area_min", "area_max") and best.area_m2 is not None:
        return math.floor(best.area_m2) if name == "area_min" else math.ceil(best.area_m2)
    if name in ("place", "status", "type", "extent", "employer", "kind"):
        return getattr(best, name)
    return None


def _is_within(record: Plot | Job | Place, step: Relaxed) -> bool:
    """Whether `record` fits the limit as it was relaxed."""
    if step.would_do is None or not isinstance(record, Plot) or step.name not in NUMBERS:
        return True
    value = OF_PLOTS[step.name](record)
    return value is not None and bool(value >= step.would_do if step.name.endswith("_min") else value <= step.would_do)


def _loss(relaxed: Sequence[Relaxed]) -> float:
    """Say how much is given up: a share for numbers, a fixed price for what is either so or not."""
    return sum(_share(step) + NEGOTIABLE.index(step.name) / 100 for step in relaxed)


def _share(step: Relaxed) -> float:
    if isinstance(step.said, int) and not isinstance(step.said, bool) and step.would_do and step.said:
        return abs(math.log(step.would_do / step.said))
    return 1.0
