"""The figures of months as open data, of municipalities whose staff have decided that everybody may read them."""

import json
from typing import Annotated, Any, Final, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot import Recent
from web.errors import RequestError
from web.frame import view_of
from web.months import Month, month_of, read_month
from web.openapi import problems
from web.opendata.answers import answer
from web.opendata.api import CSV, opendata
from web.services import get_services, now
from web.store.errors import StoreError

__all__ = ["opendata"]  # with the route below
REMEMBERED: Final = 64  # months that are over: they hardly change, and counting them anew is work
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_counted: Final[Recent[tuple[object, ...], list[dict[str, Any]]]] = Recent(REMEMBERED)


class FiguresQuery(BaseModel):
    """Whose figures, and of which month that is over."""

    model_config = ConfigDict(extra="forbid")
    municipality: str = Field(description="The municipality's id")
    month: Annotated[str, StringConstraints(min_length=7, max_length=7, pattern=r"^[0-9]{4}-[0-9]{2}$")] = Field(
        description="A month that is over, as 2026-10"
    )
    format: Literal["json", "csv"] = Field("json", description="csv: UTF-8 with a byte order mark, for spreadsheets")


class Figure(BaseModel):
    """One figure."""

    municipality: str
    month: str
    until: str = Field(description="The last day that is counted")
    figure: str = Field(description="questions, outcome, language, topic, plans, messages and so on")
    part: str = Field(description="Of which kind: an outcome, a language, the id of an answer; empty: of all")
    value: float


class Figures(BaseModel):
    """Every figure of a month, and how many questions there were in the months before."""

    figures: list[Figure]


@opendata.get(
    "/figures",
    operation_id="figures",
    responses={200: opendata.gives(Figures, "application/json", "text/csv"), **problems(404, 422, 503)},
)
def figures(query: FiguresQuery) -> Response:
    """List what a municipality's chat gave in a month, as JSON or CSV: counts, where its staff have opened them."""
    place = view_of(query.municipality).municipality
    month = read_month(query.month)
    if not place.open_figures or month is None or month >= month_of(now().date()):
        raise RequestError("not_found")
    try:
        found = _rows(place.id, month)
    except StoreError as error:
        raise RequestError("figures_unavailable") from error
    if query.format == "csv":
        from web.evidence_table import write

        response = answer(write(found), CSV)
        response.headers["Content-Disposition"] = f'inline; filename="{place.id}-{month}.csv"'
        return response
    return answer(_encode({"figures": found}), "application/json")


def _rows(municipality: str, month: Month) -> list[dict[str, Any]]:
    """Return the figures of a month that is over, counted once a day by each process."""
    from web.evidence import evidence  # a quarter of a second, and few ask
    from web.evidence_table import rows
    from web.store.access import Store

    services = get_services()
    key = (services.settings.data, services.settings.database_url, municipality, month, now().date())

    def count() -> list[dict[str, Any]]:
        with Store(services.settings).reading() as connection:
            knowledge = services.knowledge.assistant.knowledge
            return rows(evidence(connection, services.settings, knowledge, municipality, month, now()), municipality)

    return _counted.get(key, count)
