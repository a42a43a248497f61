"""What a static copy costs: time and size of `hemvist export` of one municipality, as a process of its own."""

import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot import load
from web.settings import Settings

ROUNDS: Final = 3


@dataclass(frozen=True, slots=True)
class ExportCost:
    """Seconds from start to end of the process, and of processor time, the least of several; how much it wrote."""

    municipality: str
    files: int
    megabytes: float
    seconds: float
    processor_seconds: float


def measure_export(settings: Settings) -> ExportCost:
    """Write copies of the first municipality to a folder of their own, each over the one before, and measure."""
    municipality = min(load(settings.knowledge).municipalities)
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "copy"
        times = [_measured(settings, municipality, target) for _ in range(ROUNDS)]
        sizes = [file.stat().st_size for file in target.rglob("*") if file.is_file()]
    seconds, processor = (round(min(column), 2) for column in zip(*times, strict=True))
    return ExportCost(municipality, len(sizes), round(sum(sizes) / 1e6, 2), seconds, processor)


def _measured(settings: Settings, municipality: str, target: Path) -> tuple[float, float]:
    data = target.parent / "data"
    started, used = time.perf_counter(), _used()
    subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "web", "export", str(target), "--municipality", municipality],
        env={**os.environ, "HEMVIST_DATA": str(data), "HEMVIST_KNOWLEDGE": str(settings.knowledge.resolve())},
        capture_output=True,
        check=True,
    )
    return time.perf_counter() - started, _used() - used


def _used() -> float:
    """Return the processor time of all processes that were started here and have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
