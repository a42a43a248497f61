"""What sheets cost: all shipped knowledge there and back, and a large sheet with faults."""

import time
from dataclasses import dataclass, replace
from typing import Final

from bot import (
    ExchangeError,
    Item,
    Key,
    Knowledge,
    Scope,
    Sheet,
    load,
    read_item,
    read_upload,
    sheets_of,
    take_in,
    write_workbook,
)
from web.settings import Settings
from web.sheets import written_items

ROWS: Final = 5_000
FAULTS: Final = 50
APART: Final = 97  # rows between two faults
WRONG: Final = (("source_copied", "1/2/24"), ("contacts", "nobody"), ("answer_sv", "x" * 2_001), ("link_1_url", "x"))


@dataclass(frozen=True, slots=True)
class SheetCost:
    """Seconds to write and to read the shipped knowledge, of `items`; to name the faults of a sheet of `rows`."""

    items: int
    megabytes: float
    write_s: float
    read_s: float
    rows: int
    faults: int
    faults_s: float


def measure_sheets(settings: Settings) -> SheetCost:
    """Write and read workbooks in this process."""
    knowledge = load(settings.knowledge)
    items = written_items(knowledge)
    layers = {key.layer for key in items}
    started = time.perf_counter()
    data = write_workbook(sheets_of(items))
    written = time.perf_counter()
    take_in(read_upload(data, "all.xlsx"), knowledge, items, Scope(layers))
    read = time.perf_counter()
    found, seconds = _judged(knowledge, items)
    sizes = len(items), round(len(data) / 1e6, 1)
    return SheetCost(*sizes, round(written - started, 2), round(read - written, 2), ROWS, found, seconds)


def _judged(knowledge: Knowledge, items: dict[Key, Item]) -> tuple[int, float]:
    """Return how many faults are named in a large sheet, and the seconds that it takes."""
    layer = f"municipalities/{min(knowledge.municipalities)}"
    data = write_workbook([_faulty(layer)])
    started = time.perf_counter()
    try:
        take_in(read_upload(data, "faulty.xlsx"), knowledge, items, Scope([layer]))
    except ExchangeError as error:
        return len(error.problems), round(time.perf_counter() - started, 2)
    return 0, round(time.perf_counter() - started, 2)


def _faulty(layer: str) -> Sheet:
    [sheet] = sheets_of({Key(layer, "entry", f"row-{number}"): _made_up(number) for number in range(ROWS)}, ["entry"])
    rows = [[*row[:-1], ""] for row in sheet.rows]
    for number in range(FAULTS):
        heading, text = WRONG[number % len(WRONG)]
        rows[number * APART][sheet.headings.index(heading)] = text
    return replace(sheet, rows=tuple(map(tuple, rows)))


def _made_up(number: int) -> Item:
    plain = {
        "id": f"row-{number}",
        "questions": {"sv": [f"Fråga nummer {number}?"], "en": [f"Question number {number}?"]},
        "answer": {"sv": "Ett svar. " * 20, "en": "An answer. " * 20},
        "source": {"url": "https://kommun.example", "copied": "2026-01-01"},
    }
    return read_item("entry", plain)
