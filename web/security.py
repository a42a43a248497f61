"""What every response tells the browser not to do, and how long it may keep static files."""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from flask import Flask, Response, current_app, request

from web.errors import API_PATHS, STAFF_PATH, request_id, this_request

EVERYWHERE: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
API: Final = {**EVERYWHERE, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src {images}; font-src 'self'; connect-src 'self'; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'"
)
HTTPS_ONLY: Final = "max-age=31536000"
A_YEAR: Final = 31_536_000


def register(app: Flask, tiles: str | None = None) -> None:
    """Put the headers on every response of `app`, and let browsers keep static files as long as they are the same.

    `tiles`: the one other site that pages may show pictures of.
    """
    images = f"'self' {tiles}" if tiles else "'self'"
    pages = {**EVERYWHERE, "Content-Security-Policy": POLICY.format(images=images)}
    app.after_request(lambda response: _protect(response, pages))
    app.url_defaults(lambda endpoint, values: _add_version(app, endpoint, values))


def _protect(response: Response, pages: dict[str, str]) -> Response:
    asked, headers = this_request(), response.headers
    is_api = asked.path.startswith(API_PATHS)
    headers.extend(API if is_api else pages)  # no view sets one of these by itself
    headers.add("X-Request-ID", request_id())
    if asked.is_secure:
        headers.add("Strict-Transport-Security", HTTPS_ONLY)
    if "Cache-Control" not in headers:
        is_private = is_api or asked.method == "POST" or asked.path.startswith(STAFF_PATH)
        headers.add("Cache-Control", "no-store" if is_private else "no-cache")
    if asked.endpoint == "static" and response.status_code in (200, 304):
        _let_keep(response, (asked.view_args or {})["filename"])
    return response


def _let_keep(response: Response, filename: str) -> None:
    """A file asked for by its content's hash never changes; without the hash the browser asks again."""
    if request.args.get("v") == version(current_app.static_folder or "", filename):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"


def _add_version(app: Flask, endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == "static" and "v" not in values:
        values["v"] = version(app.static_folder or "", values["filename"])


@cache
def version(folder: str, filename: str) -> str | None:
    """Return the first digits of the hash of a static file; None where there is no such file."""
    path = Path(folder) / filename
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12] if path.is_file() else None
