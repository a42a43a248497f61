"""Leaflet, which draws the map: two files of the wheel django-js-lib-leaflet, served as they are and never copied."""

from functools import cache
from importlib import metadata, resources
from typing import Final

from flask import Response, abort, request, url_for

WHEEL: Final = "django-js-lib-leaflet"
KINDS: Final = {"leaflet.js": "text/javascript", "leaflet.css": "text/css"}
A_YEAR: Final = 31_536_000  # seconds


def serve(version: str, file: str) -> Response:
    """Serve `file` at an address that holds its version, so that browsers may keep it; 404 for another version."""
    if version != served_version():
        abort(404)
    response = Response(_content(file), mimetype=KINDS[file])
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR
    response.cache_control.immutable = True
    response.set_etag(f"{version}-{file}")
    return response.make_conditional(request)  # type: ignore[return-value]  # the same object comes back


def addresses() -> dict[str, str]:
    """Return where the map finds its script and its style sheet."""
    version = served_version()
    return {kind: url_for("lists.leaflet", version=version, file=f"leaflet.{kind}") for kind in ("js", "css")}


@cache
def served_version() -> str:
    """Return the version of the wheel: Leaflet's own and the wheel's number."""
    return metadata.version(WHEEL)


@cache
def _content(file: str) -> bytes:
    return (resources.files("js_lib_leaflet") / "static" / "js_lib_leaflet" / file).read_bytes()
