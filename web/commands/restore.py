"""hemvist restore: bring a backup back."""

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from web.backup.archive import ArchiveError, Reader, reading
from web.backup.restoring import (
    Place,
    Restored,
    occupied,
    place_of,
    refuse_unknown_schema,
    restore,
)
from web.backup.telling import amounts, size_of
from web.cli import Unusable, operator, warn_as_root
from web.store.errors import NewerSchemaError

SHOWN: Final = 5  # problems of the knowledge


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Verify it and say what is in it and what is in its way; change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")
@click.option("--force", is_flag=True, help="Also where something else is there: that is set aside, never deleted.")
def command(file: Path, *, dry_run: bool, yes: bool, force: bool) -> None:
    """Verify FILE, a backup, and put what it holds in the place that the settings name, all of it or nothing.

    One of an older Hemvist is brought up to date, one of a newer refused. Stop the servers first: they would take it
    up by themselves, but what they write meanwhile may be lost.
    """
    if not (yes or dry_run or sys.stdin.isatty()):
        raise Unusable(["nobody can be asked here: give --yes to restore, or --dry-run to look only"])
    warn_as_root("restore", "restored files will belong to root, and a server of another user cannot write them")
    try:
        with reading(file) as reader:
            _restore(reader, file, dry_run=dry_run, yes=yes, force=force)
    except NewerSchemaError as error:
        raise Unusable([str(error)]) from error
    except ArchiveError as error:
        raise Unusable([f"{file}: {error}. Nothing is changed."]) from error
    except OSError as error:
        where = error.filename or "the disk"
        raise click.ClickException(f"{where}: {error.strerror}; what was there is still there") from error


def _restore(reader: Reader, file: Path, *, dry_run: bool, yes: bool, force: bool) -> None:
    manifest = reader.manifest
    refuse_unknown_schema(manifest)
    place = place_of(os.environ, manifest)
    reader.verify()
    click.echo(f"{file}: {size_of(file.stat().st_size)}, whole; made {manifest.made:%Y-%m-%d %H:%M} UTC")
    click.echo("\n".join(amounts(manifest)))
    in_the_way = occupied(reader, place)
    click.echo("\n".join(_goes_to(place, in_the_way)))
    if dry_run:
        click.echo("Nothing is changed (--dry-run).")
        return
    if in_the_way and not force:
        raise Unusable(["Nothing is changed. --force sets aside what is there and restores; it deletes nothing."])
    if not yes:
        click.confirm("Restore it?", abort=True)
    done = restore(reader, place, datetime.now(UTC).replace(microsecond=0), operator("restore"))
    click.echo("\n".join(_told(done, place)))


def _goes_to(place: Place, in_the_way: tuple[str, ...]) -> Iterator[str]:
    store = "the database of HEMVIST_DATABASE_URL" if place.settings.database_url else str(place.settings.data)
    where = (
        f"{place.knowledge} and"
        if place.knowledge
        else "no folder (the knowledge that came with the program stays) and"
    )
    yield f"It goes to {where} {store}."
    yield from (f"  in its way: {line}" for line in in_the_way)


def _told(done: Restored, place: Place) -> Iterator[str]:
    yield f"Restored: {sum(done.rows.values()):,} rows, each table as long as it was."
    for path in done.set_aside:
        yield f"  set aside: {path}"
    if done.set_aside:
        yield "  Remove that once all is well: no purge reaches the words in it."
    if done.overdue:
        older = f"{done.overdue:,} questions came back that are older than {place.settings.retention_days} days"
        yield f"  {older}; the next tick, or hemvist purge, empties them."
    if done.unreadable:
        remedy = "put the old one in HEMVIST_MESSAGE_KEY, behind a comma"
        yield f"  {done.unreadable} messages cannot be read with the present keys: {remedy}."
    yield "Accounts, roles and passwords are those of then, and everybody signs in anew: see hemvist user list."
    yield from _checked(place)
    yield "Now: hemvist doctor."


def _checked(place: Place) -> Iterator[str]:
    """Say how the knowledge does that is there now; that it is there does not depend on it."""
    from bot import check  # half a second, which what is refused need not wait for

    report = check(place.settings.knowledge, datetime.now(place.settings.timezone).date(), with_recall=False)
    wrong = [str(problem) for problem in report.problems if problem.severity == "error"]
    wrong += [f"{one.municipality}/{one.entry}: {one.text}" for one in report.failures]
    if not wrong:
        yield f"Checked: nothing is wrong in the knowledge, {len(report.due)} answers are due."
        return
    yield f"Checked: {len(wrong)} wrong in the knowledge. It is restored as it was; hemvist check names all."
    yield from (f"  wrong: {line}" for line in wrong[:SHOWN])
