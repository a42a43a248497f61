"""What is seen of each request: a line in the log and a few counts. Never what was asked, from where, or by whom."""

import logging
from bisect import bisect_left
from collections.abc import Collection, Mapping
from functools import cache
from time import perf_counter
from typing import Any, Final

from flask import Flask, Request, Response, g

from web.board import Board, Series
from web.errors import this_request
from web.i18n import languages
from web.logs import ACCESS
from web.services import get_services

LOG: Final = logging.getLogger(ACCESS)
METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
PROBES: Final = ("health.alive", "health.ready", "metrics.page")  # counted, and not worth a line every few seconds
AREAS: Final = {
    **dict.fromkeys(("api", "messages", "opendata", "planning", "openapi"), "api"),
    **dict.fromkeys(("pages", "person", "lists", "plans", "search", "about"), "page"),
    **dict.fromkeys(("embed", "manuals", "manual"), "embed"),
    **dict.fromkeys(("health", "metrics"), "probe"),
    "staff": "staff",
    "static": "static",
}
CHAT: Final = {"api.chat": "chat"}
EVERY_AREA: Final = ("chat", *dict.fromkeys(AREAS.values()), "none")
BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)  # seconds
BUCKETS: Final = (*map(str, BOUNDS), "+Inf")
CLASSES: Final = ("2xx", "3xx", "4xx", "5xx")

RESPONSES: Final = "hemvist_http_responses_total"
SECONDS: Final = "hemvist_http_request_duration_seconds"
REFUSED: Final = "hemvist_refused_total"
ANSWERS: Final = "hemvist_answers_total"
OPINIONS: Final = "hemvist_opinions_total"
NOWHERE: Final = "none"
TOO_MANY: Final = 429


def register(app: Flask, board: Board, *, is_counting: bool) -> None:
    """See every request of `app`; to be registered before whatever else works on requests or answers."""
    app.before_request(_begin)
    app.after_request(lambda response: _see(response, board if is_counting else None))


def see_answer(kind: str, language: str, municipality: str, *, is_new: bool) -> None:
    """Have this request's line tell what was answered, and count it where it `is_new`; no municipality: empty."""
    g.seen = {"municipality": municipality or None, "language": language, "kind": kind}
    if is_new:
        see((ANSWERS, kind, language, municipality or NOWHERE))


def see(series: Series) -> None:
    """Count one more of `series`, whose labels are few and known."""
    g.setdefault("counted", []).append((series, 1.0))


def area_of(endpoint: str | None) -> str:
    """Return which part of the service an endpoint belongs to."""
    return _area(endpoint) if endpoint else NOWHERE


@cache
def _area(endpoint: str) -> str:
    return CHAT.get(endpoint) or AREAS.get(endpoint.partition(".")[0], NOWHERE)


def _begin() -> None:
    g.began = perf_counter()


def _see(response: Response, board: Board | None) -> Response:
    asked = this_request()
    now = perf_counter()
    seconds = now - g.get("began", now)  # what the server itself refused never began
    endpoint, status = asked.endpoint, response.status_code
    if board:
        area = area_of(endpoint)
        counted = g.get("counted", [])
        counted.append(((RESPONSES, area, CLASSES[min(max(status // 100 - 2, 0), 3)]), 1.0))
        counted.append(((SECONDS, area, BUCKETS[bisect_left(BOUNDS, seconds)]), 1.0))
        counted.append(((SECONDS, area), seconds))
        if status == TOO_MANY:
            counted.append(((REFUSED, area), 1.0))
        board.add_all(counted)
    if endpoint not in PROBES and LOG.isEnabledFor(logging.INFO):
        _log(response, asked, g.get("seen") or _whose(asked), seconds)
    return response


def _log(response: Response, asked: Request, whose: Mapping[str, Any], seconds: float) -> None:
    """Write the line of this request: its route as we name it, never its address."""
    method = asked.method if asked.method in METHODS else "OTHER"
    route = asked.url_rule.rule if asked.url_rule else NOWHERE
    fields = {
        "request_id": response.headers.get("X-Request-ID"),
        "method": method,
        "route": route,
        "status": response.status_code,
        "ms": round(seconds * 1000, 1),
        "bytes": response.calculate_content_length() or response.content_length or 0,
        **whose,
    }
    told = {name: value for name, value in fields.items() if value is not None}
    record = logging.LogRecord(
        ACCESS, logging.INFO, __file__, 0, f"{method} {route} {response.status_code}", None, None
    )
    record.fields = told
    LOG.handle(record)


def _whose(asked: Request) -> dict[str, Any]:
    """Return the municipality and language in the address, where they are real ones; an address may hold anything."""
    values = asked.view_args or {}
    municipality = g.get("municipality_asked") or values.get("municipality")
    known = get_services().knowledge.assistant.knowledge.municipalities
    return {"municipality": _known(municipality, known), "language": _known(values.get("language"), languages())}


def _known(value: object, among: Collection[str]) -> str | None:
    return value if isinstance(value, str) and value in among else None
