"""Whether the files of the knowledge say all that is published.

A server that starts or a new worker asks before its first answer, so this does without SQLAlchemy.
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

from web.files import write_whole
from web.settings import Settings
from web.store.version import PUBLISHED, glance

FILE: Final = "folder.abreast"
NOTHING: Final = "0.0"  # of a store in which nothing was published, and that was never another one


def note_abreast(data: Path, folder: Path, generation: int, database: int) -> None:
    """Note in `data` that the files of `folder` say all that was published up to `generation` of a database."""
    noted = _noted(folder, f"{generation}.{database}")
    with suppress(OSError):  # then the next start asks the store
        if _read(data) != noted:
            write_whole(data / FILE, noted)


def is_abreast(settings: Settings) -> bool:
    """Whether the files can be served as they are until there is time to open the store; also where nothing was ever
    published, or nobody can tell now."""
    published = glance(settings, PUBLISHED)
    return published in (None, NOTHING) or _read(settings.data) == _noted(settings.knowledge, published)


def _noted(folder: Path, published: str) -> str:
    return f"{published} {folder.resolve()}\n"


def _read(data: Path) -> str:
    try:
        return (data / FILE).read_text("utf-8")
    except OSError:
        return ""
