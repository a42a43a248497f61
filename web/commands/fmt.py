"""hemvist fmt: one shape for all knowledge files."""

import os
from pathlib import Path

import click

from bot import formatted
from web.cli import Unusable
from web.files import write_whole
from web.settings import read_settings


@click.command()
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--check", is_flag=True, help="Change nothing; exit 1 where a file has another shape.")
@click.pass_context
def command(context: click.Context, paths: tuple[Path, ...], *, check: bool) -> None:
    """Give knowledge files one shape; the default is the whole knowledge folder.

    Comments, order and texts stay. What an English answer was translated from is filled in where it is absent,
    and never changed.
    """
    changed = 0
    for path in _files(paths or (read_settings(os.environ).knowledge,)):
        text = path.read_text(encoding="utf-8")
        shaped = formatted(text, str(path))
        if shaped == text:
            continue
        changed += 1
        click.echo(f"{path}: {'has another shape' if check else 'formatted'}")
        if not check:
            _save(path, shaped)
    if check and changed:
        context.exit(1)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    return sorted({file for path in paths for file in ([path] if path.is_file() else path.rglob("*.yaml"))})


def _save(path: Path, text: str) -> None:
    try:
        write_whole(path, text)
    except OSError as error:
        raise Unusable([f"{path}: cannot be written ({error.strerror}); nothing in it was changed"]) from error
