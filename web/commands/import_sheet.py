"""hemvist import-sheet: take over what somebody changed in a sheet, all of it or nothing."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click

from bot import Change, Clash, ExchangeError, Scope, as_plain
from web import sheets
from web.cli import Unusable
from web.revising import StaleError, compared
from web.sheet_desk import SheetDesk, open_desk
from web.sheets import Proposal
from web.store.errors import StoreError

SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class Wishes:
    """What whoever runs the command wants done."""

    note: str | None
    draft: bool
    leave_conflicts: bool
    dry_run: bool
    yes: bool


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--layer", metavar="LAYER", help="Change only this layer; a new row that names none is of it.")
@click.option("--draft", is_flag=True, help="Save drafts, which no visitor sees, instead of publishing.")
@click.option("--leave-conflicts", is_flag=True, help="Leave out rows of what somebody else changed meanwhile.")
@click.option("--note", metavar="TEXT", help="Why, for the history.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask; needed where nobody can answer.")
def command(file: Path, layer: str | None, **wishes: Any) -> None:
    """Take over the rows of FILE that somebody changed: a workbook, a CSV file, or several of these packed as .zip.

    Every fault is named with its sheet, row and column, and nothing is changed then. A row of what somebody else
    changed since the sheet was made is a conflict: shown, and never written over.
    """
    wanted = Wishes(**wishes)
    if not wanted.yes and not wanted.dry_run and not sys.stdin.isatty():
        raise Unusable(["nobody can be asked here: give --yes to take the sheet over, or --dry-run to look only"])
    try:
        with open_desk() as desk:
            click.echo(_done(desk, _proposed(desk, file, layer), wanted))
    except (StaleError, StoreError) as error:
        raise Unusable([f"{error}; nothing is changed"]) from error


def _proposed(desk: SheetDesk, file: Path, layer: str | None) -> Proposal:
    known = desk.layers()
    if layer and layer not in known:
        raise Unusable([f"{layer}: no such layer; there are: {', '.join(known)}"])
    scope = Scope([layer] if layer else known, layer)
    try:
        return sheets.propose(file.read_bytes(), file.name, desk.knowledge, scope, desk.revising(), desk.author)
    except ExchangeError as error:
        raise Unusable([*map(str, error.problems), f"{len(error.problems)} faults; nothing is changed"]) from error


def _done(desk: SheetDesk, found: Proposal, wanted: Wishes) -> str:
    """Take the changes over as far as it is wanted, and say what became of them."""
    click.echo("\n".join(_told(found)))
    if wanted.dry_run:
        return "nothing is changed (--dry-run)"
    if found.intake.clashes and not wanted.leave_conflicts:
        raise Unusable(["nothing is changed: there are conflicts; --leave-conflicts takes over the other rows"])
    if not found.intake.changes:
        return "nothing to take over"
    if not wanted.yes:
        click.confirm(f"Take over {len(found.intake.changes)} changes?", abort=True)
    edits = sheets.edits_of(found.carried, desk.author, wanted.note)
    revising = desk.revising()
    if wanted.draft:
        return f"{len(revising.save_drafts(edits))} drafts saved"
    return f"{len(revising.publish_all(edits))} changes published"


def _told(found: Proposal) -> Iterator[str]:
    intake = found.intake
    yield f"{len(intake.changes)} changes, {intake.untouched} rows as they were, {len(intake.clashes)} conflicts"
    yield from (f"note: {note}" for note in intake.notes)
    for change in intake.changes[:SHOWN]:
        yield from _change(change)
    if len(intake.changes) > SHOWN:
        yield f"… and {len(intake.changes) - SHOWN} more"
    for clash in intake.clashes:
        yield from _clash(clash)


def _change(one: Change) -> Iterator[str]:
    sign = "+" if one.before is None else "-" if one.after is None else "~"
    yield f"{sign} {one.key}"
    if one.after is not None and one.before is not None:
        yield from (f"    {line}" for line in compared(as_plain(one.before), as_plain(one.after)) if line[0] in "+-")


def _clash(one: Clash) -> Iterator[str]:
    why = {"changed": "was changed since", "gone": "was taken away since", "exists": "is there already",
           "draft": "has a draft of somebody else"}[one.why]  # fmt: skip
    yield f"! {one.origin.sheet}, row {one.origin.row}: {one.key} {why}"
    now = None if one.now is None else as_plain(one.now)
    yield from (f"    {line}" for line in compared(now, one.yours) if line[0] in "+-")
