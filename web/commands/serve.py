"""hemvist serve: answer over HTTP."""

import gc
import logging
import os
from collections.abc import Mapping
from typing import Final

import click

from web import logs
from web.app import create_app, redacted
from web.cli import Unusable
from web.errors import current_request_id
from web.serving import AddressError, serve
from web.settings import PREFIX, Settings, read_settings
from web.store.errors import NewerSchemaError

LOG: Final = logging.getLogger("hemvist.serve")


@click.command()
@click.option("--host", metavar="ADDRESS", help="The address to listen on, instead of HEMVIST_HOST.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port, instead of HEMVIST_PORT; 0 takes a free one.")
@click.option("--workers", type=click.IntRange(1, 64), help="How many processes, instead of HEMVIST_WORKERS.")
def command(host: str | None, port: int | None, workers: int | None) -> None:
    """Answer questions over HTTP until Ctrl-C.

    Listens on this machine only unless told otherwise. On any other address HEMVIST_SECRET_KEY must be set.
    """
    given = {"HEMVIST_HOST": host, "HEMVIST_PORT": port, "HEMVIST_WORKERS": workers}
    chosen = {name: str(value) for name, value in given.items() if value is not None}
    settings = read_settings({**os.environ, **chosen})
    logs.begin(settings.log, current_request_id, redacted)
    _warn(settings)
    _name_sources(chosen)
    gc.disable()  # nothing made at the start is garbage; the server collects and freezes it all before it answers
    try:
        app = create_app(settings)
    except OSError as error:
        raise Unusable([f"HEMVIST_DATA={str(settings.data)!r}: cannot be used ({error.strerror})"]) from error
    except NewerSchemaError as error:
        raise Unusable([str(error)]) from error
    try:
        code = serve(app, settings, lambda address: click.echo(f"Hemvist answers on {address} (Ctrl-C stops it)"))
    except AddressError as error:
        raise Unusable([str(error)]) from error
    raise SystemExit(code)


def _warn(settings: Settings) -> None:
    if os.geteuid() == 0:
        LOG.warning("running as root; a server needs no such rights, start it as a user of its own.")
    if settings.is_public and not settings.trusted_proxies:
        LOG.warning(
            "others can reach this server and HEMVIST_TRUSTED_PROXIES is 0; put a proxy such as nginx in front, which "
            "holds off slow clients and speaks https."
        )


def _name_sources(chosen: Mapping[str, str]) -> None:
    """Say which holds where a flag and the environment disagree."""
    for name, value in chosen.items():
        other = os.environ.get(name)
        if other and other != value:
            flag = f"--{name.removeprefix(PREFIX).lower()}"
            LOG.warning("%s %s (command line) holds, not %s=%s (environment)", flag, value, name, other)
