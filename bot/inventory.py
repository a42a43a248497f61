"""Things that can be listed beside the answers: plots, jobs, places, facts, and when something is open.

Positions are WGS 84, latitude first, as people write them; areas are m², prices kr. What nobody has written is None and
is shown as unknown, never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from bot.fields import Absent, Area, Day, Flag, Id, Kroner, OpenTimes, Phone, Position, ShortText, Url
from bot.values import STRICT, Checked, Localized, Source, Valid

PlotType = Literal["house", "leisure", "horse", "multi-family", "business"]
PlotStatus = Literal["available", "reserved", "sold", "upcoming"]
Extent = Literal["full-time", "part-time"]
Nearby = Literal["school", "preschool", "station", "shop", "lake"]
PlaceKind = Literal[
    "village", "school", "preschool", "station", "shop", "lake", "library", "health-centre", "pharmacy", "recycling",
    "sports", "culture", "fuel", "business", "service",
]  # fmt: skip
Unit = Literal[
    "kr", "kr/m2", "kr/month", "m2", "km", "km2", "minutes", "people", "percent", "years", "count", "phone", "time",
    "hours", "date",
]  # fmt: skip
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TABLES = ("plots", "jobs", "places", "facts")
Times = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class SpecialHours:
    """Days, both included, on which other times hold. `times` empty: closed."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    start: Annotated[Day, Field(alias="from")]
    end: Annotated[Day | None, Absent, Field(alias="to")] = None
    times: OpenTimes = ()
    note: Annotated[Localized | None, Absent] = None

    def covers(self, day: date) -> bool:
        """Whether these times hold on `day`."""
        return self.start <= day <= (self.end or self.start)


@dataclass(frozen=True, slots=True)
class Hours:
    """When something is open in Swedish time, each time as `08:00-16:30`; a weekday left out is closed.

    `holidays` and `eves`: the times of Swedish public holidays and of the eves before them; None: nobody has said.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    mon: OpenTimes = ()
    tue: OpenTimes = ()
    wed: OpenTimes = ()
    thu: OpenTimes = ()
    fri: OpenTimes = ()
    sat: OpenTimes = ()
    sun: OpenTimes = ()
    holidays: Annotated[OpenTimes | None, Absent] = ()
    eves: Annotated[OpenTimes | None, Absent] = None
    exceptions: tuple[SpecialHours, ...] = ()
    valid: Annotated[Valid | None, Absent] = None


@dataclass(frozen=True, slots=True)
class Moment:
    """A day and the minutes after its midnight, in Swedish time."""

    day: date
    minute: int


@dataclass(frozen=True, slots=True)
class DayTimes:
    """The times of one day; empty: closed, None: unknown. `note`: why they may differ from those of its weekday."""

    day: date
    times: Times | None
    note: Localized | None = None


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether something is open at a moment. `until` of what is open: None, it does not close within two weeks.

    `opens` of what is closed: None, not within two weeks, or nobody has said. `note`: what is special about the day.
    """

    state: Literal["open", "closed", "unknown"]
    until: Moment | None = None
    opens: Moment | None = None
    note: Localized | None = None


@dataclass(frozen=True, slots=True)
class Plot:
    """A building plot. One of `price_kr` and `price_kr_m2` is enough; `water_sewage`: municipal water and sewage."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    status: PlotStatus
    designation: Annotated[ShortText | None, Absent] = None
    place: Annotated[ShortText | None, Absent] = None
    type: Annotated[PlotType | None, Absent] = None
    area_m2: Annotated[Area | None, Absent] = None
    price_kr: Annotated[Kroner | None, Absent] = None
    price_kr_m2: Annotated[Area | None, Absent] = None
    building_right: Annotated[Localized | None, Absent] = None
    plan: Annotated[ShortText | None, Absent] = None
    water_sewage: Annotated[Flag | None, Absent] = None
    ready_to_build: Annotated[Flag | None, Absent] = None
    position: Annotated[Position | None, Absent] = None
    polygon: tuple[Position, ...] = ()
    allocation: Annotated[Localized | None, Absent] = None
    url: Annotated[Url | None, Absent] = None
    source: Annotated[Source | None, Absent] = None
    example: Flag = False

    @property
    def is_offered(self) -> bool:
        """Whether it is listed: what is sold is not."""
        return self.status != "sold"

    @property
    def price(self) -> int | None:
        """The price in whole kr; of the area where only the price of a square metre is known."""
        if self.price_kr is None and self.price_kr_m2 and self.area_m2:
            return round(self.price_kr_m2 * self.area_m2)
        return self.price_kr

    @property
    def middle(self) -> tuple[float, float] | None:
        """Where the plot is: its position, else the middle of its polygon's corners."""
        if self.position or not self.polygon:
            return self.position
        corners = self.polygon[:-1] if self.polygon[0] == self.polygon[-1] and len(self.polygon) > 1 else self.polygon
        return (
            sum(corner[0] for corner in corners) / len(corners),
            sum(corner[1] for corner in corners) / len(corners),
        )


@dataclass(frozen=True, slots=True)
class Job:
    """A vacancy: what it is, whose, where and until when. Nothing else of an advertisement is kept: it holds names.

    `occupation` is an id of vocabulary/occupations.yaml.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    title: Localized
    employer: ShortText
    occupation: Annotated[Id | None, Absent] = None
    place: Annotated[ShortText | None, Absent] = None
    extent: Annotated[Extent | None, Absent] = None
    deadline: Annotated[Day | None, Absent] = None
    url: Annotated[Url | None, Absent] = None
    source: Annotated[Source | None, Absent] = None
    example: Flag = False

    def is_open(self, day: date) -> bool:
        """Whether it can still be applied for on `day`."""
        return self.deadline is None or self.deadline >= day


@dataclass(frozen=True, slots=True)
class Place:
    """A village, a service or a local business. `place` is the village it lies in; `words`: other names people use."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    name: Localized
    kind: PlaceKind
    place: Annotated[ShortText | None, Absent] = None
    words: tuple[ShortText, ...] = ()
    address: Annotated[ShortText | None, Absent] = None
    position: Annotated[Position | None, Absent] = None
    outline: tuple[Position, ...] = ()
    phone: Annotated[Phone | None, Absent] = None
    url: Annotated[Url | None, Absent] = None
    hours: Annotated[Hours | None, Absent] = None
    phone_hours: Annotated[Hours | None, Absent] = None
    note: Annotated[Localized | None, Absent] = None
    source: Annotated[Source | None, Absent] = None
    example: Flag = False


@dataclass(frozen=True, slots=True)
class Fact:
    """One figure or short text with its source, which answers name as `{{ id }}`.

    `value` is a number with a point or what else its unit wants (16:30, 08:00-16:30, 2026-12-01, 0930-140 00), or a
    text in both languages. None: each inner layer gives its own, and where one does not, `fallback` is told.
    `compared`: it is a row where municipalities are set beside each other.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    label: Localized
    value: Annotated[ShortText | Localized | None, Absent] = None
    source: Annotated[Source | None, Absent] = None
    unit: Annotated[Unit | None, Absent] = None
    dated: Annotated[Day | None, Absent] = None
    fallback: Annotated[Localized | None, Absent] = None
    checked: Annotated[Checked | None, Absent] = None
    compared: Flag = True


@dataclass(frozen=True, slots=True)
class Occupation:
    """One occupation and what people call it; `id` is its English title in kebab-case."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    sv: tuple[ShortText, ...]
    en: tuple[ShortText, ...]


@dataclass(frozen=True, slots=True)
class Inventory:
    """The records of one layer or of one municipality as a whole, each table by id."""

    plots: Mapping[str, Plot] = field(default_factory=dict)
    jobs: Mapping[str, Job] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)

    def __or__(self, inner: "Inventory") -> "Inventory":
        """Lay `inner` over this one: of the same id, the inner record holds."""
        return Inventory(*({**getattr(self, table), **getattr(inner, table)} for table in TABLES))
