"""By which name this server is asked: what HEMVIST_SITE_URL says counts, and not what a request claims."""

from typing import Final
from urllib.parse import urlsplit

from flask import Flask

from web.errors import RequestError, this_request

WATCHED: Final = ("/healthz", "/readyz", "/metrics")  # what watches asks each server by its address
PORTS: Final = {"https": 443, "http": 80}


def register(app: Flask, site: str | None) -> None:
    """Refuse requests that name no host, or where `site` is given, that name another one."""
    names = _names(site) if site else None
    app.before_request(lambda: _refuse_foreign(names))


def _names(site: str) -> frozenset[str]:
    """Return how the host of `site` may be written: the port that goes without saying may be said."""
    parts = urlsplit(site.lower())
    usual = PORTS[parts.scheme]
    host = parts.hostname or ""
    return frozenset({f"{host}:{parts.port or usual}", *([host] if parts.port in (None, usual) else [])})


def _refuse_foreign(names: frozenset[str] | None) -> None:
    asked = this_request()
    host = asked.headers.get("Host")
    if host is None:
        if asked.environ.get("SERVER_PROTOCOL") != "HTTP/1.0":
            raise RequestError("bad_request")
        host = ""
    if names is not None and host.lower() not in names and asked.path not in WATCHED:
        raise RequestError("host_foreign")
