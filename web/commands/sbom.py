"""hemvist sbom: which packages are installed with this release."""

import json
from importlib.metadata import version
from pathlib import Path

import click

from web.bill import LockError, bill, read_lock
from web.cli import Unusable
from web.files import write_whole

LOCK = Path("requirements.lock")


@click.command()
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--lock", type=click.Path(path_type=Path), default=LOCK, show_default=True, help="The lock to list.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
def command(file: Path | None, lock: Path, *, force: bool) -> None:
    """Print the bill of materials, or write it to FILE: CycloneDX 1.6, JSON.

    Every package of the lock with its version, the SHA-256 of the archives that may be installed, and, of those that
    are installed here, licence and dependencies.
    """
    try:
        pins = read_lock(lock.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise Unusable([f"{lock}: cannot be read; name the lock of this release with --lock ({error})"]) from error
    except LockError as error:
        raise Unusable([f"{lock}: {error}"]) from error
    text = json.dumps(bill(pins, version("hemvist")), indent=2, ensure_ascii=False) + "\n"
    if file is None:
        click.echo(text, nl=False)
        return
    _write(file, text, force=force)


def _write(file: Path, text: str, *, force: bool) -> None:
    if file.exists() and not force:
        raise Unusable([f"{file}: exists already; --force replaces it"])
    try:
        write_whole(file, text)
    except OSError as error:
        raise Unusable([f"{file}: cannot be written ({error.strerror})"]) from error
    click.echo(file)
