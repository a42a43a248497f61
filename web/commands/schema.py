"""hemvist schema: JSON Schemas of the knowledge files, for editors."""

import json
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

import click

from bot.content.schema import json_schemas
from web.cli import Unusable


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
            _write_whole(path, text)
    except OSError as error:
        raise Unusable([f"{error.filename or folder}: cannot be written ({error.strerror})"]) from error
    for path in texts:
        click.echo(path)


def _text(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _write_whole(path: Path, text: str) -> None:
    """Write the file wholly or not at all."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=".", encoding="utf-8", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
