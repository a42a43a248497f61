"""Places beside each other: two careers in one place, and "A or B" as a small table of records and facts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice
from typing import Final

from bot.content.figures import is_text, write
from bot.content.layers import View
from bot.inventory import Fact, Inventory, Job, Place, Plot, Unit
from bot.models import Cell, Row, Together
from bot.records.phrases import Token, is_near, phrases_of, tokens
from bot.text import fold, words
from bot.values import LANGUAGES, Localized

MOST_COLUMNS: Final = 4
PLOT_PRICE: Final = Localized("Billigaste lediga tomt", "Cheapest available plot")
PLOT_COUNT: Final = Localized("Tomter", "Plots")
JOB_COUNT: Final = Localized("Lediga jobb", "Vacancies")


@dataclass(frozen=True, slots=True)
class Column:
    """What one column is about: a municipality, or one of its villages."""

    name: Localized
    inventory: Inventory
    village: str | None = None

    @property
    def has_examples(self) -> bool:
        """Whether records are counted that nobody offers."""
        return any(plot.example for plot in _plots(self)) or any(job.example for job in _jobs(self))


def together(views: Iterable[View], occupations: Sequence[str], today: date) -> tuple[Together, ...]:
    """Return where there are open jobs for all of `occupations`: villages first, then municipalities as a whole."""
    found = [place for view in views for place in _in_view(view, occupations, today)]
    return tuple(sorted(found, key=lambda one: one.place is None))


def _in_view(view: View, occupations: Sequence[str], today: date) -> Iterator[Together]:
    jobs = [job for job in view.inventory.jobs.values() if job.occupation in occupations and is_open(job, today)]
    places = dict.fromkeys(job.place for job in jobs if job.place)
    in_places = [(place, [job for job in jobs if job.place == place]) for place in places]
    villages = [(place, found) for place, found in in_places if _has_all(found, occupations)]
    for place, found in villages:
        yield Together(view.municipality, place, tuple(found))
    if not villages and _has_all(jobs, occupations):
        yield Together(view.municipality, None, tuple(jobs))


def _has_all(jobs: Iterable[Job], occupations: Iterable[str]) -> bool:
    return {job.occupation for job in jobs} >= set(occupations)


def is_open(job: Job, today: date) -> bool:
    """Whether the job can still be applied for."""
    return job.deadline is None or job.deadline >= today


def sets_beside(text: str, ordinary: AbstractSet[str] = frozenset()) -> bool:
    """Whether `text` sets anything beside each other: quick to say."""
    asked, cues = tokens(text), phrases_of("compare")
    return cues.may_be_in(asked, ordinary) and bool(cues.spot(asked, ordinary=ordinary))


def municipalities(views: Iterable[View]) -> tuple[Column, ...]:
    """Return the columns of whole municipalities."""
    return tuple(Column(view.municipality.name, view.inventory) for view in islice(views, MOST_COLUMNS))


def villages(text: str, home: View) -> tuple[Column, ...]:
    """Return the villages of `home` that `text` sets beside each other; empty: it does not."""
    asked = tokens(text)
    explicit = any(one.value == "explicit" for one in phrases_of("compare").spot(asked))
    found = _named(
        asked, [_village(home, place) for place in home.inventory.places.values() if place.kind == "village"]
    )
    begins = bool(found) and bool(asked) and _is_name(asked[0].folded, found)
    return found if len(found) > 1 and (explicit or begins) else ()


def rows(text: str, columns: Sequence[Column], today: date) -> tuple[Row, ...]:
    """Compare `columns` by what `text` names, else by everything known of any of them."""
    everything = [*_of_records(columns, today), *_of_facts(columns)]
    asked = [token for token in tokens(text) if not any(_is_name(token.folded, [column]) for column in columns)]
    wanted = [row for row in everything if _is_asked(row, asked)]
    return tuple(wanted or everything)


def _village(view: View, place: Place) -> Column:
    return Column(place.name, view.inventory, place.name.best("sv"))


def _named(asked: Sequence[Token], columns: Iterable[Column]) -> tuple[Column, ...]:
    found = [(place, column) for column in columns if (place := _place_of(asked, column)) is not None]
    return tuple(column for _, column in sorted(found, key=lambda one: one[0]))[:MOST_COLUMNS]


def _place_of(asked: Sequence[Token], column: Column) -> int | None:
    return next((place for place, token in enumerate(asked) if _is_name(token.folded, [column])), None)


@lru_cache(maxsize=4_096)
def names_of(place: Localized) -> tuple[str, ...]:
    """Return what a place is called, folded, in each language."""
    return tuple(dict.fromkeys(fold(name) for language in LANGUAGES if (name := place[language])))


def forms_of(place: Localized) -> list[str]:
    """Return what a place is called, folded, in each language, alone and with an s behind."""
    return [form for name in names_of(place) for form in (name, f"{name}s")]


def _is_name(word: str, columns: Iterable[Column]) -> bool:
    places = [column.name for column in columns]
    return any(word in forms_of(place) for place in places) or any(
        is_near(word, name, slips=1) for place in places for name in names_of(place)
    )


def _of_records(columns: Sequence[Column], today: date) -> Iterator[Row]:
    plots = [[plot for plot in _plots(column) if plot.status == "available"] for column in columns]
    if any(plots):
        yield Row("plot-price", PLOT_PRICE, tuple(_cheapest(found) for found in plots))
        yield Row("plots", PLOT_COUNT, tuple(Cell(len(found)) if found else Cell(None) for found in plots))
    jobs = [[job for job in _jobs(column) if is_open(job, today)] for column in columns]
    if any(jobs):
        yield Row("jobs", JOB_COUNT, tuple(Cell(len(found)) if found else Cell(None) for found in jobs))


def _plots(column: Column) -> Iterable[Plot]:
    return (plot for plot in column.inventory.plots.values() if column.village in (None, plot.place))


def _jobs(column: Column) -> Iterable[Job]:
    return (job for job in column.inventory.jobs.values() if column.village in (None, job.place))


def _cheapest(plots: Iterable[Plot]) -> Cell:
    priced = sorted((plot for plot in plots if plot.price is not None), key=lambda plot: plot.price or 0)
    return Cell(priced[0].price, "kr", priced[0].source) if priced else Cell(None)


def _of_facts(columns: Sequence[Column]) -> Iterator[Row]:
    if any(column.village for column in columns):
        return
    known: Mapping[str, Fact] = {name: fact for column in columns for name, fact in column.inventory.facts.items()}
    for name, fact in known.items():
        if not fact.compared or all(_value(column, name) is None for column in columns):
            continue
        yield Row(name, fact.label, tuple(_cell(column.inventory.facts.get(name)) for column in columns))


def _value(column: Column, name: str) -> str | Localized | None:
    fact = column.inventory.facts.get(name)
    return fact.value if fact else None


def _cell(fact: Fact | None) -> Cell:
    if fact is None or fact.value is None:
        return Cell(None)
    return Cell(_number(fact.value, fact.unit), fact.unit, fact.source)


def _number(value: str | Localized, unit: Unit | None) -> float | Localized:
    if isinstance(value, Localized):
        return value
    return Localized(*(write(value, unit, language) for language in LANGUAGES)) if is_text(unit) else float(value)


def _is_asked(row: Row, asked: Sequence[Token]) -> bool:
    named = {*words(row.label.best("sv")), *words(row.label.best("en")), *row.id.split("-")}
    aspects = {one.value for one in phrases_of("aspects").spot(asked)}
    return (
        row.id in aspects
        or any(aspect in row.id for aspect in aspects)
        or any(token.folded in named and len(token.folded) > 3 for token in asked)
    )
