"""hemvist export: everything as plain files, for when nothing else works."""

import os
import re
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from web.app import create_app
from web.cli import Unusable
from web.export.site import export
from web.export.writing import NotACopyError, sweep
from web.services import EXTENSION
from web.settings import read_settings
from web.store.errors import NewerSchemaError

ADDRESS: Final = re.compile(r"https?://[^\s/?#@\"<>]+\Z")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--municipality", "municipalities", metavar="ID", multiple=True, help="Whose; without it everybody's.")
@click.option("--address", metavar="URL", help="Where the live site is for visitors; each page then leads to it.")
def command(folder: Path, municipalities: tuple[str, ...], address: str | None) -> None:
    """Write all answers, lists and contacts to DIR as a site of plain files, with a search and a leaflet to print.

    It needs no service: any web server can give it, and it opens from a disk. An older copy in DIR is replaced as a
    whole; any other folder is left alone.
    """
    settings = read_settings(os.environ)
    where = address.rstrip("/") if address else None
    if where and not ADDRESS.match(where):
        raise click.BadParameter("must be https:// and a host, such as https://chat.example.se", param_hint="--address")
    try:
        app = create_app(settings, datetime.now)
    except NewerSchemaError as error:
        raise Unusable([str(error)]) from error
    try:
        count = export(app, folder, municipalities, where)
    except NotACopyError as error:
        raise Unusable([str(error)]) from error
    except OSError as error:
        raise Unusable([f"{folder}: cannot be written ({error.strerror}); what was there is still there"]) from error
    finally:
        app.extensions[EXTENSION].close()
    sweep(folder)
    click.echo(f"{count} files in {folder}; open {folder / 'index.html'}")
