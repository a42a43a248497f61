"""Write a folder so that a reader finds the old copy or the new one, never a part, and nobody else's files go."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

MARK: Final = "hemvist-copy.json"  # stands in every copy, and nowhere else
LEFT_OVER: Final = "hemvist-copy-"
AN_HOUR: Final = 3_600  # seconds


class NotACopyError(Exception):
    """The folder holds something else than a copy, and is left alone."""


@contextmanager
def swapped_in(folder: Path) -> Iterator[Path]:
    """Give an empty folder to write to, and put it in the place of `folder` at the end; on any error nothing changes.

    Raises NotACopyError before anything is written, and OSError.
    """
    target = folder.resolve()
    _refuse_others(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{LEFT_OVER}", dir=target.parent) as beside:
        new, old = Path(beside) / "new", Path(beside) / "old"
        new.mkdir()
        new.chmod(0o755)
        yield new
        _exchange(target, new, old)


def _refuse_others(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise NotACopyError(f"{target}: is a file; name a folder for the copy")
    if target.is_dir() and any(target.iterdir()) and not (target / MARK).is_file():
        raise NotACopyError(f"{target}: holds files that are no copy (no {MARK}); name an empty or a new folder")


def _exchange(target: Path, new: Path, old: Path) -> None:
    """Put `new` in the place of `target`; should that fail, `target` is put back."""
    with suppress(FileNotFoundError):
        target.rename(old)
    try:
        new.rename(target)
    except OSError:
        if old.exists():
            old.rename(target)
        raise


def sweep(folder: Path) -> None:
    """Remove what exports that were killed left beside `folder`; one that still runs is younger."""
    for left in folder.resolve().parent.glob(f".{LEFT_OVER}*"):
        if time.time() - left.stat().st_mtime > AN_HOUR:
            shutil.rmtree(left, ignore_errors=True)
