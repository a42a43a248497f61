"""Which other sites may use the API from their pages: the exact origins that municipality.yaml names, and no others.

No cookie is ever used, so there are no credentials to guard; this keeps the answers of a municipality on its own sites.
"""

import re
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request

from bot import Municipality
from web.errors import RequestError
from web.frame import municipalities
from web.services import get_services

LOOPBACK: Final = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?")
LOOPBACK_FRAMES: Final = ("http://localhost:*", "http://127.0.0.1:*")
HEADERS: Final = "Accept-Language, Content-Type, Idempotency-Key"
TWO_HOURS: Final = 7_200  # seconds; the longest that Chromium keeps a preflight


def share(blueprint: Blueprint) -> None:
    """Let the sites of municipalities use the routes of `blueprint` from their pages."""
    blueprint.before_request(_refuse_foreign)
    blueprint.after_request(_answer)


def guard(municipality: str | None) -> None:
    """Note whose answer this request wants; raises RequestError where it changes something and its site may not ask.

    None: no municipality is chosen, so any one's site may.
    """
    g.municipality_asked = municipality or ""
    _refuse_foreign()


def refuse_foreign_form() -> None:
    """Raise RequestError where a form was sent from another site's page.

    A page that names no referrer sends the origin "null"; browsers that do not say whence a request comes are believed.
    """
    whence = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", "null")
    is_foreign = urlsplit(origin).netloc != request.host if origin != "null" else False
    if whence not in ("same-origin", "none") if whence else is_foreign:
        raise RequestError("origin_foreign")


def foreign_origin() -> str | None:
    """Return the origin of the page that asks; None where it is our own, or no page at all."""
    origin = request.headers.get("Origin")
    if origin is None or request.headers.get("Sec-Fetch-Site") == "same-origin":
        return None
    return None if urlsplit(origin).netloc == request.host else origin


def is_allowed(origin: str) -> bool:
    """Whether pages of `origin` may use this request's answer; before it is known whose: any municipality's pages."""
    known = municipalities()
    asked = known.get(g.get("municipality_asked", ""))
    return any(_may_embed(origin, one) for one in ([asked] if asked else known.values()))


def frame_ancestors(municipality: Municipality) -> str:
    """Return the sites that may show `municipality`'s chat in a frame, as a policy names them."""
    mine = municipality.origins or (LOOPBACK_FRAMES if _is_tried_out(municipality) else ())
    return " ".join(mine) or "'none'"


def _may_embed(origin: str, municipality: Municipality) -> bool:
    if _is_tried_out(municipality):
        return bool(LOOPBACK.fullmatch(origin))
    return origin in municipality.origins


def _is_tried_out(municipality: Municipality) -> bool:
    """Whether it names no site yet, on a server that only its own machine can reach."""
    return not municipality.origins and not get_services().settings.is_public


def _refuse_foreign() -> None:
    origin = foreign_origin()
    if origin and request.method not in ("GET", "HEAD", "OPTIONS") and not is_allowed(origin):
        raise RequestError("origin_foreign")


def _answer(response: Response) -> Response:
    response.headers.add("Vary", "Origin")
    origin = foreign_origin()
    if not origin or not is_allowed(origin):
        return response
    if request.method == "OPTIONS" and not _preflight(response):
        return response
    response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _preflight(response: Response) -> bool:
    """Say what may be sent, where the method that is asked for is one of the route's."""
    methods = sorted(response.allow)
    if request.headers.get("Access-Control-Request-Method") not in methods:
        return False
    response.headers["Access-Control-Allow-Methods"] = ", ".join(methods)
    response.headers["Access-Control-Allow-Headers"] = HEADERS
    response.headers["Access-Control-Max-Age"] = str(TWO_HOURS)
    return True
