"""Write files so that a reader finds the old one or the new one, never a part."""

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

PART: Final = ".part"  # ends the name of what is still being written; the name begins with a dot


def write_whole(path: Path, text: str) -> None:
    """Write `text` to `path` wholly or not at all; raises OSError."""
    with NamedTemporaryFile("w", dir=path.parent, prefix=".", suffix=PART, encoding="utf-8", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(0o644)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
