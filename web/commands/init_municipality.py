"""hemvist init-municipality: files to start a municipality from."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

import click

from bot import StartError, load, skeleton, start
from web.cli import Unusable
from web.settings import read_settings


@click.command()
@click.argument("municipality", metavar="ID")
@click.option("--name", "called", required=True, metavar="NAME", help="What people call it, such as Vindeln.")
@click.option("--group", "groups", multiple=True, metavar="ID", help="A group it belongs to, the outermost first.")
@click.option("--code", metavar="CODE", help="Statistics Sweden's four digits, such as 2404; can be filled in later.")
def command(municipality: str, called: str, groups: tuple[str, ...], code: str | None) -> None:
    """Write the files of a new municipality: every topic, the text it inherits, and what to fill in.

    It can be asked at once, and answers with what it inherits. A municipality that is there is never touched.
    """
    folder = read_settings(os.environ).knowledge
    knowledge = load(folder)
    try:
        files = skeleton(knowledge, start(knowledge, municipality, called, groups, code))
    except StartError as error:
        raise Unusable(list(error.reasons)) from error
    target = folder / "municipalities" / municipality
    try:
        _write(target, files)
    except FileExistsError as error:
        raise Unusable([f"{target}: is already there; nothing in it was changed"]) from error
    except OSError as error:
        raise Unusable([f"{target}: cannot be written ({error.strerror}); nothing was begun"]) from error
    click.echo(f"{len(files)} files in {target}")
    click.echo(f"What to fill, most asked first: hemvist check --municipality {municipality}")


def _write(target: Path, files: Mapping[str, str]) -> None:
    """Write all files or none: a reader of the knowledge never finds a part of them."""
    if target.exists():
        raise FileExistsError(target)
    target.parent.mkdir(exist_ok=True)
    made = Path(mkdtemp(dir=target.parent.parent, prefix=f".{target.name}-"))
    try:
        for name, text in files.items():
            (made / name).write_text(text, encoding="utf-8")
        made.chmod(0o755)
        made.rename(target)
    except BaseException:
        shutil.rmtree(made, ignore_errors=True)
        raise
