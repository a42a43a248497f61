"""The open data over HTTP: thin views that read, find and write."""

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from flask import Response

from bot import Found, TableName
from web.frame import view_of
from web.openapi import Api, problems
from web.opendata.answers import TOTAL, answer, let_everyone_read
from web.opendata.document import (
    Contacts,
    ContactsQuery,
    Jobs,
    JobsQuery,
    Places,
    PlacesQuery,
    Plots,
    PlotsQuery,
    filters_of,
)
from web.opendata.finding import find
from web.opendata.table import write
from web.opendata.values import contact_values, feature, job_values, place_values

opendata: Final = Api("opendata", __name__, url_prefix="/api/v1")
opendata.after_request(let_everyone_read)
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
CSV: Final = "text/csv; charset=utf-8"
Query = PlotsQuery | JobsQuery | PlacesQuery | ContactsQuery
Rows = Sequence[dict[str, Any]]


@opendata.get(
    "/plots",
    operation_id="plots",
    responses={200: opendata.gives(Plots, "application/geo+json", "text/csv"), **problems(404, 422)},
)
def plots(query: PlotsQuery) -> Response:
    """List plots as GeoJSON or CSV."""
    found, total = _found("plots", query)
    if query.format == "csv":
        return _table("plots", [_plot_row(one) for one in found], query, total)
    collection = {"type": "FeatureCollection", "features": [feature(one) for one in found], "total": total}
    return _counted(answer(_encode(collection), "application/geo+json"), total)


@opendata.get(
    "/jobs",
    operation_id="jobs",
    responses={200: opendata.gives(Jobs, "application/json", "text/csv"), **problems(404, 422)},
)
def jobs(query: JobsQuery) -> Response:
    """List vacancies as JSON or CSV."""
    return _listed("jobs", query, job_values)


@opendata.get(
    "/places",
    operation_id="places",
    responses={200: opendata.gives(Places, "application/json", "text/csv"), **problems(404, 422)},
)
def places(query: PlacesQuery) -> Response:
    """List villages, services and local businesses as JSON or CSV."""
    return _listed("places", query, place_values)


@opendata.get(
    "/contacts",
    operation_id="contacts",
    responses={200: opendata.gives(Contacts, "application/json", "text/csv"), **problems(404, 422)},
)
def contacts(query: ContactsQuery) -> Response:
    """List whom to turn to as JSON or CSV."""
    known = list(view_of(query.municipality).contacts.values())
    chosen = known[query.offset : query.offset + query.limit]
    return _written("contacts", [contact_values(contact) for contact in chosen], query, len(known))


def _found(table: TableName, query: Query) -> tuple[Sequence[Found], int]:
    """Return what fits and how many do; what nearly fits is for people, not for programs."""
    listing = find(query.municipality, table, filters_of(query), offset=query.offset, limit=query.limit)
    return (() if listing.relaxed else listing.shown), listing.total


def _listed(table: TableName, query: Query, values: Callable[[Any], dict[str, Any]]) -> Response:
    found, total = _found(table, query)
    return _written(table, [values(one.record) for one in found], query, total)


def _written(table: TableName, rows: Rows, query: Query, total: int) -> Response:
    if query.format == "csv":
        return _table(table, [_row(row) for row in rows], query, total)
    return _counted(answer(_encode({table: rows, "total": total}), "application/json"), total)


def _table(table: TableName, rows: Rows, query: Query, total: int) -> Response:
    response = answer(write(table, rows), CSV)
    response.headers["Content-Disposition"] = f'inline; filename="{query.municipality}-{table}.csv"'
    return _counted(response, total)


def _plot_row(found: Found) -> dict[str, Any]:
    given = feature(found)["properties"]
    return _row({**given, "position": getattr(found.record, "middle", None)})


def _row(values: dict[str, Any]) -> dict[str, Any]:
    latitude, longitude = values.get("position") or (None, None)
    return {**values, "latitude": latitude, "longitude": longitude}


def _counted(response: Response, total: int) -> Response:
    response.headers[TOTAL] = str(total)
    return response
