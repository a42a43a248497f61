"""Filters → records that fit, best first; and where none fits, the one limit to give up, and by how much."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Final

from bot.inventory import Inventory, Job, Nearby, Place, Plot
from bot.models import Filters, Found, Listing, Relaxed
from bot.text import fold

SHOWN: Final = 12
NEAR_M: Final = 2_000.0
EARTH_M: Final = 6_371_008.8  # mean radius
STATUS_ORDER: Final = ("available", "upcoming", "reserved")
# in the order in which people would rather give them up
NEGOTIABLE: Final = (
    "price_max", "area_min", "area_max", "price_min", "near", "place", "ready_to_build", "status", "water_sewage",
    "type", "extent", "employer", "occupation", "kind",
)  # fmt: skip
NUMBERS: Final = frozenset({"price_min", "price_max", "area_min", "area_max"})
Fits = Callable[[Any, Any], bool]


def distance(here: tuple[float, float], there: tuple[float, float]) -> float:
    """Return the straight distance between two positions in metres (haversine, on a sphere: within 0.5 %)."""
    latitude, longitude = math.radians(here[0]), math.radians(here[1])
    other, beside = math.radians(there[0]), math.radians(there[1])
    half = math.sin((other - latitude) / 2) ** 2
    half += math.cos(latitude) * math.cos(other) * math.sin((beside - longitude) / 2) ** 2
    return 2 * EARTH_M * math.asin(math.sqrt(half))


@dataclass(frozen=True)
class Search:
    """Searches the records of one municipality. `near_m`: how far "near" reaches, in metres, as the crow flies."""

    inventory: Inventory
    near_m: float = NEAR_M

    def plots(self, filters: Filters, *, shown: int = SHOWN) -> Listing:
        """Return the plots that fit; those sold never do."""
        offered = [plot for plot in self.inventory.plots.values() if plot.is_offered]
        fitting = self._plots(offered, filters)
        if fitting or filters.status == "sold":
            return Listing("plots", filters, tuple(fitting[:shown]), len(fitting))
        return self._relaxed("plots", filters, shown, lambda tried: self._plots(offered, tried))

    def jobs(self, filters: Filters, today: date, *, shown: int = SHOWN) -> Listing:
        """Return the jobs that fit and can still be applied for on `today`."""
        open_ = [job for job in self.inventory.jobs.values() if job.is_open(today)]
        fitting = _jobs(open_, filters)
        if fitting:
            return Listing("jobs", filters, tuple(fitting[:shown]), len(fitting))
        return self._relaxed("jobs", filters, shown, lambda tried: _jobs(open_, tried))

    def places(self, filters: Filters, *, shown: int = SHOWN) -> Listing:
        """Return the villages and services that fit."""
        known = self.inventory.places.values()
        fitting = _places(known, filters)
        if fitting:
            return Listing("places", filters, tuple(fitting[:shown]), len(fitting))
        return self._relaxed("places", filters, shown, lambda tried: _places(known, tried))

    def _plots(self, offered: Iterable[Plot], filters: Filters) -> list[Found]:
        said = [(FITS[name], value) for name, value in filters.said.items() if name in FITS]
        fitting = [plot for plot in offered if all(fits(plot, value) for fits, value in said)]
        found = self._with_distance(fitting, filters.near) if filters.near else [Found(plot) for plot in fitting]
        return sorted(found, key=_order_of_plots(filters.sort))

    def _with_distance(self, plots: Iterable[Plot], near: Nearby) -> list[Found]:
        targets = [
            (place, place.position) for place in self.inventory.places.values() if place.kind == near and place.position
        ]
        found = []
        for plot in plots:
            where = plot.middle
            if where is None or not targets:
                continue
            metres, nearest = min(
                ((distance(where, position), place) for place, position in targets), key=lambda one: one[0]
            )
            if metres <= self.near_m:
                found.append(Found(plot, metres, nearest))
        return found

    def _relaxed(self, table: Any, filters: Filters, shown: int, look: Callable[[Filters], list[Found]]) -> Listing:
        """Give up one limit, else two: of those that help, the one that changes least."""
        said = [name for name in NEGOTIABLE if name in filters.said]
        for count in (1, 2):
            tries = list(self._tries(said, count, filters, look))
            if tries:
                relaxed, found = min(tries, key=lambda one: _loss(one[0]))
                return Listing(table, filters, tuple(found[:shown]), 0, relaxed)
        return Listing(table, filters, (), 0)

    def _tries(
        self, said: Sequence[str], count: int, filters: Filters, look: Callable[[Filters], list[Found]]
    ) -> Iterator[tuple[tuple[Relaxed, ...], list[Found]]]:
        for names in combinations(said, count):
            kept = {name: value for name, value in filters.said.items() if name not in names}
            found = look(Filters(**kept | _nearest_first(names)))
            if found:
                best = found[0].record
                relaxed = tuple(Relaxed(name, filters.said[name], _would_do(name, best), best) for name in names)
                yield relaxed, [one for one in found if all(_is_within(one.record, step) for step in relaxed)]


def _same(here: str | None, there: str) -> bool:
    return here is not None and fold(here) == fold(there)


FITS: Final[Mapping[str, Fits]] = {
    "place": lambda plot, value: _same(plot.place, value),
    "type": lambda plot, value: plot.type == value,
    "status": lambda plot, value: plot.status == value,
    "price_min": lambda plot, value: plot.price is not None and plot.price >= value,
    "price_max": lambda plot, value: plot.price is not None and plot.price <= value,
    "area_min": lambda plot, value: plot.area_m2 is not None and plot.area_m2 >= value,
    "area_max": lambda plot, value: plot.area_m2 is not None and plot.area_m2 <= value,
    "water_sewage": lambda plot, value: plot.water_sewage is value,
    "ready_to_build": lambda plot, value: plot.ready_to_build is value,
}
OF_JOBS: Final[Mapping[str, Fits]] = {
    "place": lambda job, value: _same(job.place, value),
    "employer": lambda job, value: _same(job.employer, value),
    "occupation": lambda job, value: job.occupation == value,
    "extent": lambda job, value: job.extent == value,
}


OF_PLACES: Final[Mapping[str, Fits]] = {
    "place": lambda place, value: _same(place.place, value) or _is_village(place, value),
    "kind": lambda place, value: place.kind == value,
}


def _is_village(place: Place, name: str) -> bool:
    return place.kind == "village" and (_same(place.name.sv, name) or _same(place.name.en, name))


def _places(known: Iterable[Place], filters: Filters) -> list[Found]:
    """Keep the order of the records: whoever wrote them put first what comes first."""
    said = [(OF_PLACES[name], value) for name, value in filters.said.items() if name in OF_PLACES]
    return [Found(place) for place in known if all(fits(place, value) for fits, value in said)]


def _jobs(offered: Iterable[Job], filters: Filters) -> list[Found]:
    said = [(OF_JOBS[name], value) for name, value in filters.said.items() if name in OF_JOBS]
    fitting = [job for job in offered if all(fits(job, value) for fits, value in said)]
    return [Found(job) for job in sorted(fitting, key=lambda job: (job.deadline or date.max, job.id))]


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


def _is_within(record: Any, step: Relaxed) -> bool:
    """Whether `record` fits the limit as it was relaxed."""
    if step.would_do is None or step.name not in NUMBERS:
        return True
    return FITS[step.name](record, step.would_do)


def _loss(relaxed: Sequence[Relaxed]) -> float:
    """Say how much is given up: a share for numbers, a fixed price for what is either so or not."""
    return sum(_share(step) + NEGOTIABLE.index(step.name) / 100 for step in relaxed)


def _share(step: Relaxed) -> float:
    if isinstance(step.said, int) and not isinstance(step.said, bool) and step.would_do and step.said:
        return abs(math.log(step.would_do / step.said))
    return 1.0
