"""hemvist backup: everything that would be missed, in one file."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from sqlalchemy.exc import SQLAlchemyError

from web.backup.archive import ArchiveError
from web.backup.making import Backup, make_backup
from web.backup.telling import amounts, size_of
from web.cli import Unusable, operator, warn_as_root
from web.settings import Settings, read_settings
from web.store import audit
from web.store.access import Store
from web.store.errors import StoreError
from web.store.version import FOUND, glance, versions

KEYS: Final = {
    "HEMVIST_SECRET_KEY": ("secret_key", "secret-key"),
    "HEMVIST_MESSAGE_KEY": ("message_key", "message-key"),
}


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE where it exists already.")
def command(file: Path, *, force: bool) -> None:
    """Write knowledge, database, feeds and pinned scripts to FILE, and read it back; servers may go on meanwhile.

    Where FILE is a folder, the backup gets a name with the time there. What it holds of the database fits SQLite and
    PostgreSQL alike. The keys are not in it: whoever has the file alone cannot read messages to a person.
    """
    settings = read_settings(os.environ)
    warn_as_root("backup", "its file will belong to root")
    now = datetime.now(UTC).replace(microsecond=0)
    target = file / f"hemvist-{now:%Y-%m-%dT%H%M%SZ}.zip" if file.is_dir() else file
    _refuse(settings, target, force=force)
    try:
        made = make_backup(settings, target, now)
    except ArchiveError as error:
        raise click.ClickException(f"{target}: {error}; nothing is left of it") from error
    except OSError as error:
        where = error.filename or target
        raise click.ClickException(f"{where}: {error.strerror}; no backup is made, nothing is left of it") from error
    click.echo("\n".join(_told(made, settings)))
    _note(settings, made, now)


def _refuse(settings: Settings, target: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise Unusable([f"{target.parent}: there is no such folder; make it first"])
    if target.exists() and not force:
        raise Unusable([f"{target}: exists already; --force replaces it"])
    if target.resolve().is_relative_to(settings.knowledge.resolve()):
        raise Unusable([f"{target}: lies in the knowledge that is backed up; choose another folder"])


def _told(made: Backup, settings: Settings) -> Iterator[str]:
    yield f"{made.path}: {size_of(made.size)}, written and read back"
    yield from amounts(made.manifest)
    yield from (f"  left out  {line}" for line in made.left_out)
    yield "Not in it are the keys; keep a copy of both elsewhere, apart from the backup:"
    for name, (field, file) in KEYS.items():
        where = "set in the environment" if getattr(settings, field) else str(settings.data / file)
        lost = "messages to a person cannot be read" if field == "message_key" else "second factors are set up anew"
        yield f"  {name} ({where}): without it {lost}"


def _note(settings: Settings, made: Backup, now: datetime) -> None:
    """Note in the audit that a copy exists; a database that is older or cannot be written says nothing of it."""
    if glance(settings, FOUND) != versions()[-1]:
        return
    detail = {"bytes": made.size, "rows": sum(made.manifest.rows.values())}
    deed = audit.Deed(now, operator("backup"), "backed_up", None, str(made.path.resolve())[:300], detail)
    try:
        with Store(settings).writing() as connection:
            audit.add(connection, None, deed)
    except (StoreError, SQLAlchemyError) as error:
        click.echo(f"Note: the audit does not tell of this backup ({error})", err=True)
