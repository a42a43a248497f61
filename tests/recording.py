"""Write made-up records into a copy of tests/knowledge."""

import json
from pathlib import Path
from typing import Any

NORRBY = "municipalities/norrby"
HOSTILE = "</script><img src=x onerror=alert(1)> & \"'"
SOURCE = {"url": "https://norrby.example/karta", "dated": "2026-03-05", "copied": "2026-11-20"}


def write_records(
    folder: Path, table: str, records: list[dict[str, Any]], layer: str = "municipalities/norrby"
) -> None:
    """Put `records` into the place of those of a layer; JSON is YAML too."""
    (folder / layer / f"{table}.yaml").write_text(json.dumps({table: records}), encoding="utf-8")


def plot(name: str, **values: Any) -> dict[str, Any]:
    """Return a plot; what `values` do not say is as usual."""
    usual = {"status": "available", "place": "Norrby", "type": "house", "area_m2": 1500, "price_kr": 100_000}
    return {"id": name, **usual, "position": [64.2, 19.7], **values}


def many_plots(count: int) -> list[dict[str, Any]]:
    """Return `count` plots of rising price, spread over a square of 100 by 100."""
    return [
        plot(f"plot-{number}", price_kr=1000 + number, position=[64 + number % 100 / 200, 19 + number // 100 / 200])
        for number in range(count)
    ]
