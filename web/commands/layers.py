"""hemvist layers: where each part of an entry comes from."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Final

import click

from bot import Given, Part, load, parts
from web.settings import read_settings

SHOWN: Final = 6


@click.command()
@click.argument("entry")
@click.option("--municipality", required=True, metavar="ID", help="As whose visitors read it.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def command(entry: str, municipality: str, *, as_json: bool) -> None:
    """Show which layer each part of ENTRY comes from, and what each layer changes of it.

    Marked * is what visitors get; - and + are lines of the layer below and of this one.
    """
    found = parts(load(read_settings(os.environ).knowledge), municipality, entry)
    if as_json:
        click.echo(json.dumps([asdict(part) for part in found], ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_written(found)))


def _written(found: Sequence[Part]) -> Iterator[str]:
    for part in found:
        yield f"{part.name}: {', '.join(piece.layer for piece in part.pieces if piece.counts) or 'nobody'}"
        for piece in part.pieces:
            yield f"  {'*' if piece.counts else ' '} {piece.layer}: {_said(piece)}"
            yield from (f"      {line}" for line in _lines(piece))


def _said(piece: Given) -> str:
    if piece.changes:
        return "takes the place of the one before"
    count = f"{len(piece.lines)} {'line' if len(piece.lines) == 1 else 'lines'}"
    return count if piece.counts else f"{count}, not used here"


def _lines(piece: Given) -> Iterator[str]:
    """Tell what differs, or the first lines of what is there."""
    if piece.changes or not piece.counts:
        yield from piece.changes
        return
    yield from piece.lines[:SHOWN]
    if len(piece.lines) > SHOWN:
        yield f"… and {len(piece.lines) - SHOWN} more (--json tells all)"
