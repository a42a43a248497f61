"""hemvist import: other people's plots and jobs, from a file or a feed."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import click

from bot import (
    COORDINATE_SYSTEMS,
    ColumnMapping,
    ExchangeError,
    Knowledge,
    KnowledgeError,
    Municipality,
    Table,
    load_as_asked,
    make_id,
    mapping_as_yaml,
)
from web import importing
from web.cli import Unusable
from web.feed_files import note_failure
from web.feeds import FeedError, Guard, fetch
from web.files import write_whole
from web.importing import Diff, Given, ImportRefusedError, Incoming, Target
from web.settings import Settings, read_settings

SHOWN: Final = 50
SHOWN_ROWS: Final = 20


@click.group()
def command() -> None:
    """Take over plots or jobs that somebody else keeps.

    The rows of one source replace those that came from it before, all or none, after a look at what would change. A
    row that is written by hand in the knowledge wins over an imported one of the same id.
    """


def _source(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and make_id(value) != value:
        raise click.BadParameter("write lower-case letters a–z, digits and single hyphens")
    return value


MUNICIPALITY = click.option("--municipality", metavar="ID", required=True, help="Whose rows these are.")
SOURCE = click.option(
    "--source", metavar="NAME", callback=_source, help="What to call the source; each keeps rows of its own."
)
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
YES = click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")


@command.command()
@click.argument("given", metavar="FILE|URL")
@MUNICIPALITY
@click.option("--mapping", "file", metavar="FILE.yaml", type=click.Path(path_type=Path), help="Which column is what.")
@click.option(
    "--crs", type=click.Choice([str(code) for code in COORDINATE_SYSTEMS]), help="The coordinate system (EPSG code)."
)
@SOURCE
@click.option(
    "--save-mapping", "keep", metavar="FILE.yaml", type=click.Path(dir_okay=False, path_type=Path),
    help="Write down the mapping used, to be given as --mapping next time.",
)  # fmt: skip
@DRY_RUN
@YES
def plots(
    given: str,
    municipality: str,
    file: Path | None,
    crs: str | None,
    source: str | None,
    keep: Path | None,
    *,
    dry_run: bool,
    yes: bool,
) -> None:
    """Take over plots from GeoJSON (also of a WFS), CSV or an Excel workbook.

    Columns are guessed from their headings in Swedish or English; the guess is shown. Coordinates may be WGS 84 or
    SWEREF 99, TM or a local zone.
    """
    run = _begin(municipality, "plots", source or importing.source_of(given), dry_run=dry_run, yes=yes)
    if keep and keep.exists():
        raise Unusable([f"{keep}: exists already; choose another name for --save-mapping"])
    with _explained(run, fetched=importing.is_url(given)):
        found = _obtained(run, given)
        if found is None:
            return
        table = importing.read_table(found)
        mapping = importing.choose_mapping(table, file)
        click.echo(_mapping(table, mapping))
        if keep:
            write_whole(keep, mapping_as_yaml(mapping))
        code = int(crs) if crs else None
        _finish(run, importing.take_plots(found, table, mapping, run.target, run.now, code), found)


@command.command()
@click.argument("given", metavar="[FILE|URL]", required=False)
@MUNICIPALITY
@SOURCE
@click.option("--employer", metavar="NAME", help="Whose vacancies an RSS feed lists, instead of the municipality's.")
@DRY_RUN
@YES
def jobs(
    given: str | None, municipality: str, source: str | None, employer: str | None, *, dry_run: bool, yes: bool
) -> None:
    """Take over jobs: without FILE or URL those of Arbetsförmedlingen's JobSearch, else an answer of it or RSS.

    Of an advertisement only title, employer, place, extent, occupation, deadline and link are kept: the rest holds
    names and numbers of people.
    """
    name = source or (importing.source_of(given) if given else "jobsearch")
    run = _begin(municipality, "jobs", name, dry_run=dry_run, yes=yes)
    with _explained(run, fetched=given is None or importing.is_url(given)):
        if given is None:
            incoming = importing.take_jobsearch(run.target, run.knowledge, run.now, fetch, run.guard)
            _finish(run, incoming, None)
            return
        found = _obtained(run, given)
        if found is not None:
            _finish(run, importing.take_jobs(found, run.target, run.knowledge, run.now, employer), found)


@dataclass(frozen=True, slots=True)
class _Run:
    settings: Settings
    knowledge: Knowledge
    target: Target
    now: datetime
    dry_run: bool
    yes: bool

    @property
    def guard(self) -> Guard:
        return Guard(self.settings.feed_hosts)


def _begin(municipality: str, kind: str, source: str, *, dry_run: bool, yes: bool) -> _Run:
    """Read settings and knowledge; refuse at once where the question at the end could not be answered."""
    if not yes and not dry_run and not sys.stdin.isatty():
        raise Unusable(["nobody can be asked here: give --yes to take the rows over, or --dry-run to look only"])
    settings = read_settings(os.environ)
    knowledge = load_as_asked(settings.knowledge)
    whose: Municipality = knowledge.view(municipality).municipality
    target = importing.find_target(settings.data, whose, kind, source)
    return _Run(settings, knowledge, target, datetime.now(settings.timezone), dry_run, yes)


@contextmanager
def _explained(run: _Run, *, fetched: bool) -> Iterator[None]:
    """End the command in lines where a file or feed cannot be used; what is there stays.

    Since when a feed fails is kept, so that /readyz tells after a day.
    """
    try:
        yield
    except (ExchangeError, KnowledgeError) as error:
        _note(run, str(error.problems[0]), fetched=fetched)
        raise Unusable(_first(list(map(str, error.problems)))) from error
    except (FeedError, ImportRefusedError) as error:
        _note(run, str(error), fetched=fetched)
        raise click.ClickException(str(error)) from error
    except UnicodeDecodeError as error:
        raise Unusable([f"the mapping is not UTF-8: {error}"]) from error


def _note(run: _Run, reason: str, *, fetched: bool) -> None:
    if fetched and run.target.before and not run.dry_run:
        note_failure(run.target.path, reason, run.now)


def _first(lines: list[str]) -> list[str]:
    more = len(lines) - SHOWN
    return [*lines[:SHOWN], f"… and {more} more"] if more > 0 else lines


def _obtained(run: _Run, given: str) -> Given | None:
    """Read or fetch; None where the feed says that nothing has changed."""
    found = importing.obtain(given, run.target, fetch, run.guard)
    if found.data is not None:
        return found
    if not run.dry_run:
        importing.put_unchanged(run.target, run.now)
    click.echo("nothing has changed since the last import")
    return None


def _finish(run: _Run, incoming: Incoming, given: Given | None) -> None:
    """Show what would change, ask, and write."""
    for note in incoming.notes:
        click.echo(f"note: {note}")
    found = importing.diff(run.target, incoming, run.knowledge)
    click.echo("\n".join(_diff(found)))
    if run.dry_run:
        click.echo("nothing is changed (--dry-run)")
        return
    if not run.yes:
        click.confirm(f"Take over {len(incoming.records)} {run.target.kind}?", abort=True)
    importing.put(run.target, incoming, given, run.now)
    click.echo(f"{run.target.path}: {len(incoming.records)} {run.target.kind}")


def _mapping(table: Table, mapping: ColumnMapping) -> str:
    lines = [f"  {name:<15} ← {column}" for name, column in mapping.columns.items()]
    lines += [f"  {name:<15} = {text}" for name, text in mapping.constants.items()]
    unused = mapping.unused(table.columns)
    if unused:
        lines.append(f"  not used: {', '.join(unused)}")
    return "\n".join([f"{table.sheet}: {len(table.rows)} rows", *lines])


def _diff(found: Diff) -> Iterator[str]:
    changes = found.changes
    yield f"{len(changes.new)} new, {len(changes.changed)} changed, {len(changes.gone)} gone, {len(changes.kept)} kept"
    yield from _names("+", changes.new)
    for name in list(changes.changed)[:SHOWN_ROWS]:
        for change in changes.changed[name]:
            yield f"  ~ {name}: {change.field}: {change.before} → {change.after}"
    if len(changes.changed) > SHOWN_ROWS:
        yield f"  ~ … and {len(changes.changed) - SHOWN_ROWS} more"
    yield from _names("-", changes.gone)
    if found.by_hand:
        yield f"written by hand, and shown instead of the imported row: {', '.join(found.by_hand)}"
    if found.elsewhere:
        yield f"also in another source, only one of them is shown: {', '.join(found.elsewhere)}"


def _names(sign: str, names: tuple[str, ...]) -> Iterator[str]:
    yield from (f"  {sign} {name}" for name in names[:SHOWN_ROWS])
    if len(names) > SHOWN_ROWS:
        yield f"  {sign} … and {len(names) - SHOWN_ROWS} more"
