"""What open data travel in: kept for a minute, asked for again by their fingerprint, and open to every site."""

import hashlib
from typing import Final

from flask import Response, request

KEPT: Final = 60  # seconds
TOTAL: Final = "X-Total-Count"


def answer(body: str, content_type: str) -> Response:
    """Return `body`, or 304 where the browser has it already."""
    data = body.encode()
    response = Response(data, content_type=content_type)
    response.cache_control.public = True
    response.cache_control.max_age = KEPT
    response.set_etag(hashlib.sha256(data).hexdigest()[:24])
    return response.make_conditional(request)  # type: ignore[return-value]  # the same object comes back


def let_everyone_read(response: Response) -> Response:
    """Let the scripts of other sites read what anyone may read."""
    if request.method in ("GET", "HEAD"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Access-Control-Expose-Headers"] = f"ETag, {TOTAL}"
    return response
