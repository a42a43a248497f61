"""hemvist export-sheet: answers, records and words as a workbook or CSV."""

from pathlib import Path

import click

from bot import SHEETS, Sheet, sheets_of, write_csv, write_csv_files, write_workbook
from web.cli import Unusable
from web.sheet_desk import open_desk
from web.sheets import written_items


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--layer", "layers", metavar="LAYER", multiple=True, help="Only this layer, such as municipalities/vindeln."
)
@click.option("--sheet", "names", multiple=True, type=click.Choice(list(SHEETS)), help="Only this kind.")
def command(file: Path, layers: tuple[str, ...], names: tuple[str, ...]) -> None:
    """Write answers, records and words to FILE.xlsx, to FILE.zip with a CSV file a kind, or one kind to FILE.csv.

    Every row names its layer and its version; `hemvist import-sheet` reads it back, and what nobody changed stays. No
    cell is ever calculated: a text that begins with =, +, - or @ has an apostrophe before it.
    """
    ending = file.suffix.lower()
    if ending not in (".xlsx", ".zip", ".csv") or (ending == ".csv" and len(names) != 1):
        raise click.BadParameter("must end in .xlsx or .zip, or in .csv with one --sheet", param_hint="FILE")
    with open_desk() as desk:
        known = desk.layers()
        if unknown := [layer for layer in layers if layer not in known]:
            raise Unusable([f"{layer}: no such layer; there are: {', '.join(known)}" for layer in unknown])
        items = written_items(desk.knowledge(), layers or None)
    made = sheets_of(items, [SHEETS[name] for name in names or SHEETS])
    file.write_bytes(_written(made, ending))
    for sheet in made:
        click.echo(f"{sheet.name}: {len(sheet.rows)}")


def _written(sheets: list[Sheet], ending: str) -> bytes:
    if ending == ".csv":
        return write_csv(sheets[0])
    return write_workbook(sheets) if ending == ".xlsx" else write_csv_files(sheets)
