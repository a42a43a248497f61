"""What it costs to take over a large file of plots: time and memory of `hemvist import` as a process of its own."""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bot import load
from web.settings import Settings

PLOTS: Final = 10_000
A_ROW: Final = 100  # plots side by side
WEST, SOUTH, WIDE, DEEP = 700_000.0, 7_100_000.0, 40.0, 30.0  # metres in SWEREF 99 TM, near Vindeln
START: Final = """
import sys
from pathlib import Path
from web.cli import main
try:
    main()
finally:
    lines = Path("/proc/self/status").read_text().splitlines()
    sys.stdout.write(next(line.split()[1] for line in lines if line.startswith("VmHWM")) + "\\n")
"""


@dataclass(frozen=True, slots=True)
class ImportCost:
    """Seconds from start to end of the process, and the most memory that it held."""

    plots: int
    megabytes: float
    seconds: float
    peak_megabytes: int


def measure_import(settings: Settings) -> ImportCost:
    """Write a file of made-up plots, import it into a folder of its own, and measure; Linux only."""
    municipality = min(load(settings.knowledge).municipalities)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "plots.json"
        file.write_text(json.dumps(made_up(PLOTS)), encoding="utf-8")
        started = time.perf_counter()
        ended = subprocess.run(  # noqa: S603 - our own program
            [sys.executable, "-c", START, "import", "plots", str(file), "--municipality", municipality, "--yes"],
            env={**os.environ, "HEMVIST_DATA": folder, "HEMVIST_KNOWLEDGE": str(settings.knowledge)},
            capture_output=True,
            text=True,
            check=True,
        )
        seconds = time.perf_counter() - started
        peak = int(ended.stdout.split()[-1]) / 1024
        return ImportCost(PLOTS, round(file.stat().st_size / 1e6, 1), round(seconds, 2), round(peak))


def made_up(count: int) -> dict[str, Any]:
    """Return a GeoJSON FeatureCollection of `count` plots with outlines in SWEREF 99 TM."""
    return {
        "type": "FeatureCollection",
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3006"}},
        "features": [_feature(number) for number in range(count)],
    }


def _feature(number: int) -> dict[str, Any]:
    west, south = WEST + number % A_ROW * WIDE, SOUTH + number // A_ROW * DEEP
    east, north = west + WIDE - 2, south + DEEP - 2
    ring = [[west, south], [east, south], [east, north], [west + 5.5, north], [west, north - 5.5], [west, south]]
    return {
        "type": "Feature",
        "id": f"tomter.{number}",
        "properties": {
            "fastighetsbeteckning": f"Exempel {number // A_ROW + 1}:{number % A_ROW + 1}",
            "område": "Exempelbyn",
            "typ": "småhus",
            "status": ("Ledig", "Reserverad", "Såld", "Kommande")[number % 4],
            "areal": 900 + number % 700,
            "pris": 50_000 + number % 300 * 1_000,
            "url": f"https://kommun.example/tomter/{number}",
        },
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
