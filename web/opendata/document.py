"""The open data as their document tells them, and the parameters that choose among them, for pages and API alike."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema
from pydantic_core import PydanticCustomError

from bot import Extent, Filters, Nearby, PlaceKind, PlotStatus, PlotType, Sort
from web.records import OF_TABLE

LARGEST = 1_000_000_000_000  # kr or m²; more than any plot has
MOST_AT_ONCE = 2_000  # records of one answer, and of one map
USUAL = 500


def _digits(value: object) -> object:
    """Digits alone: pydantic would also read 1_0, +1 and 1.0."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{1,13}", value):
        raise PydanticCustomError("whole-number", "whole number")
    return value


def _drop_null(schema: dict[str, Any]) -> None:
    """What was not said is left out of an address; it cannot be null there."""
    schema.pop("default", None)


Whole = BeforeValidator(_digits)
Unsaid = SkipJsonSchema[None]
Amount = Annotated[int, Field(ge=0, le=LARGEST), Whole]
# of no use in a name, and forbidden in XML: control characters, half characters, U+FFFE and U+FFFF
Name = Annotated[
    str, StringConstraints(min_length=1, max_length=300, pattern=r"^[^\u0000-\u001f\u007f-\u009f\ufffe\uffff]+$")
]
Slug = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
YesNo = Literal["true", "false"]


def _said(description: str) -> Any:
    return Field(None, description=description, json_schema_extra=_drop_null)


class _Chosen(BaseModel):
    """Parameters that are all known: one that nobody reads is refused."""

    model_config = ConfigDict(extra="forbid")


class PlotFilters(_Chosen):
    """What plots to list. Prices are kr, areas m²; both bounds are included."""

    place: Name | Unsaid = _said("The village, as the records write it")
    type: PlotType | Unsaid = _said("What it is for")
    status: PlotStatus | Unsaid = _said("Plots that are sold are never listed")
    price_min: Amount | Unsaid = _said("kr")
    price_max: Amount | Unsaid = _said("kr")
    area_min: Amount | Unsaid = _said("m²")
    area_max: Amount | Unsaid = _said("m²")
    water_sewage: YesNo | Unsaid = _said("Municipal water and sewage")
    ready_to_build: YesNo | Unsaid = _said("Whether building can begin")
    near: Nearby | Unsaid = _said("Within two kilometres, straight, where the operator has set no other distance")
    sort: Sort | Unsaid = _said("With a minus from the largest down; distance needs near")


class JobFilters(_Chosen):
    """What vacancies to list; those that have closed never are."""

    occupation: Slug | Unsaid = _said("An English title: nurse, truck-driver")
    place: Name | Unsaid = _said("The village, as the records write it")
    employer: Name | Unsaid = _said("As the records write it")
    extent: Extent | Unsaid = _said("Full time or part time")


class PlaceFilters(_Chosen):
    """What villages, services and local businesses to list."""

    kind: PlaceKind | Unsaid = _said("What it is")
    place: Name | Unsaid = _said("The village it lies in, as the records write it")


class ContactFilters(_Chosen):
    """All contacts are listed."""


class _Slice(BaseModel):
    """Whose records, how many at once, and how they are written."""

    municipality: str = Field(description="The municipality's id")
    limit: Annotated[int, Field(ge=1, le=MOST_AT_ONCE), Whole] = Field(USUAL, description="How many at most")
    offset: Annotated[int, Field(ge=0, le=LARGEST), Whole] = Field(0, description="How many to pass over first")
    format: Literal["json", "csv"] = Field("json", description="csv: UTF-8 with a byte order mark, for spreadsheets")


class PlotsQuery(_Slice, PlotFilters):
    """Whose plots, which and how many."""


class JobsQuery(_Slice, JobFilters):
    """Whose vacancies, which and how many."""


class PlacesQuery(_Slice, PlaceFilters):
    """Whose places, which and how many."""


class ContactsQuery(_Slice, ContactFilters):
    """Whose contacts, and how many."""


class _Page(BaseModel):
    """Which list, and which part of it."""

    show: Literal["plots", "jobs", "places"] = "plots"
    page: Annotated[int, Field(ge=1, le=LARGEST), Whole] = 1


class PlotsPage(_Page, PlotFilters):
    """The parameters of the page of plots."""


class JobsPage(_Page, JobFilters):
    """The parameters of the page of vacancies."""


class PlacesPage(_Page, PlaceFilters):
    """The parameters of the page of places."""


class Show(BaseModel):
    """Which list a page is; its other parameters are read once that is known."""

    show: Literal["plots", "jobs", "places"] | Unsaid = _said("Which list")


PAGES: dict[str, type[_Page]] = {"plots": PlotsPage, "jobs": JobsPage, "places": PlacesPage}
FEEDS: dict[str, type[_Chosen]] = {"plots": PlotFilters, "jobs": JobFilters}


def filters_of(query: BaseModel) -> Filters:
    """Return what `query` says of records."""
    names = {name for names in OF_TABLE.values() for name in names}
    given = {name: value for name in names if (value := getattr(query, name, None)) is not None}
    return Filters(**{name: value == "true" if name in FLAGS else value for name, value in given.items()})


FLAGS = frozenset({"water_sewage", "ready_to_build"})


# what comes back


class _Given(BaseModel):
    """A JSON object with exactly these members."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class Texts(_Given):
    """A text in both languages; null where nobody has written it."""

    sv: str | None
    en: str | None


class Origin(_Given):
    """Where it was read."""

    url: str
    dated: date | None = Field(description="The page's own date; null: it shows none")
    copied: date = Field(description="The day it was read")


class DayHours(_Given):
    """Days on which other times hold; `to` is included."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    start: date = Field(alias="from")
    end: date = Field(alias="to")
    times: str = Field(description="As the other times")
    note: Texts | None


class OpeningHours(_Given):
    """Times in Sweden: 08:00-12:00, 13:00-16:30 or closed; null: nobody has said."""

    mon: str
    tue: str
    wed: str
    thu: str
    fri: str
    sat: str
    sun: str
    holidays: str | None = Field(description="On Swedish public holidays")
    eves: str | None = Field(description="On the eves before them")
    exceptions: list[DayHours]
    valid_from: date | None
    valid_to: date | None


class PlotProperties(_Given):
    """A plot's values. What nobody has written is null."""

    id: str
    status: PlotStatus
    designation: str | None
    place: str | None
    type: PlotType | None
    area_m2: float | None
    price_kr: int | None = Field(description="The whole price, also where it is written for a square metre")
    price_kr_m2: float | None
    building_right: Texts | None
    plan: str | None
    water_sewage: bool | None
    ready_to_build: bool | None
    allocation: Texts | None
    distance_m: int | None = Field(description="Straight to the nearest place of the kind asked for by near")
    url: str | None
    source: Origin | None
    example: bool = Field(description="Nobody offers this; it shows how it looks")


class Geometry(_Given):
    """A point or one ring of a polygon; WGS 84, longitude first."""

    type: Literal["Point", "Polygon"]
    coordinates: list[Any]


class Feature(_Given):
    """A plot as GeoJSON."""

    type: Literal["Feature"]
    id: str
    geometry: Geometry | None
    properties: PlotProperties


class Plots(_Given):
    """Plots as GeoJSON (RFC 7946), best first."""

    type: Literal["FeatureCollection"]
    features: list[Feature]
    total: int = Field(description="How many fit; limit and offset choose among them")


class JobItem(_Given):
    """A vacancy."""

    id: str
    title: Texts
    employer: str
    occupation: str | None
    place: str | None
    extent: Extent | None
    deadline: date | None
    url: str | None
    source: Origin | None
    example: bool


class Jobs(_Given):
    """Vacancies, the first to close first."""

    jobs: list[JobItem]
    total: int


class PlaceItem(_Given):
    """A village, a service or a local business. Positions are WGS 84, latitude first."""

    id: str
    name: Texts
    kind: PlaceKind
    place: str | None
    address: str | None
    position: tuple[float, float] | None
    outline: list[tuple[float, float]]
    phone: str | None
    url: str | None
    hours: OpeningHours | None
    phone_hours: OpeningHours | None
    note: Texts | None
    source: Origin | None
    example: bool


class Places(_Given):
    """Places."""

    places: list[PlaceItem]
    total: int


class ContactItem(_Given):
    """A function or switchboard."""

    id: str
    name: Texts
    phone: str | None
    email: str | None
    url: str | None
    address: str | None
    note: Texts | None
    languages: list[str]
    hours: OpeningHours | None
    phone_hours: OpeningHours | None
    source: Origin | None


class Contacts(_Given):
    """Whom to turn to."""

    contacts: list[ContactItem]
    total: int
