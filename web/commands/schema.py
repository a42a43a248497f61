"""hemvist schema: JSON Schemas of the knowledge files, for editors."""

import json
from pathlib import Path

import click

from bot import json_schemas
from web.cli import Unusable
from web.files import write_whole


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace files that are there already.")
def command(folder: Path, *, force: bool) -> None:
    """Write a JSON Schema for each kind of knowledge file into DIR.

    An editor that reads them completes and checks knowledge files: entries, contacts, municipality, vocabulary.
    """
    texts = {folder / f"{kind}.schema.json": _text(schema) for kind, schema in json_schemas().items()}
    there = [str(path) for path in texts if path.exists()]
    if there and not force:
        raise Unusable([f"{path}: exists already; --force replaces it" for path in there])
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in texts.items():
            write_whole(path, text)
    except OSError as error:
        raise Unusable([f"{error.filename or folder}: cannot be written ({error.strerror})"]) from error
    for path in texts:
        click.echo(path)


def _text(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
