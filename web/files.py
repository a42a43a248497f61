"""Write files so that a reader finds the old one or the new one, never a part."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

PART: Final = ".part"  # ends the name of what is still being written; the name begins with a dot


def content_of(path: Path) -> bytes:
    """Return what a file holds; nothing where there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


class ChangedMeanwhileError(Exception):
    """Somebody else wrote the file; nothing is changed."""


def write_whole(path: Path, text: str, *, instead_of: bytes | None = None) -> None:
    """Write `text` to `path` wholly or not at all; raises OSError.

    Raises ChangedMeanwhileError where the file does not hold `instead_of` at the last moment; None: whatever it holds.
    """
    with NamedTemporaryFile("w", dir=path.parent, prefix=".", suffix=PART, encoding="utf-8", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(0o644)
            _refuse_changed(path, instead_of)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    flush_folder(path.parent)


def flush_folder(path: Path) -> None:
    """Have the disk keep which names a folder holds; raises OSError."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _refuse_changed(path: Path, instead_of: bytes | None) -> None:
    if instead_of is not None and content_of(path) != instead_of:
        raise ChangedMeanwhileError
