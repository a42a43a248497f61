"""Make a backup: files first and the database after them, so that no file says what the database does not yet know."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from web.backup.archive import (
    FEEDS,
    KNOWLEDGE,
    ROWS,
    SCRIPTS,
    TABLES,
    ArchiveError,
    Manifest,
    Writer,
    is_safe,
    reading,
    writing,
)
from web.embed.service import FOLDER as SCRIPTS_FOLDER
from web.feed_files import FOLDER as FEEDS_FOLDER
from web.files import PART, flush_folder
from web.settings import Settings, is_installed
from web.store.dumping import lines_of, snapshot, tables_of
from web.store.engine import open_engine, told
from web.store.schema import upgrade
from web.store.version import FOUND, file_of, refuse_newer
from web.truth import name_of_folder

CACHES: Final = ("__pycache__",)


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was made and read back."""

    path: Path
    size: int
    manifest: Manifest
    left_out: tuple[str, ...]


@dataclass(slots=True)
class _Files:
    """The files of one folder as they are added, and those that cannot be."""

    writer: Writer
    left_out: list[str] = field(default_factory=list)

    def add(self, part: str, folder: Path) -> None:
        """Add all files below `folder`; what vanishes meanwhile was removed, and what is hidden is not ours."""
        root = folder.resolve()
        for path in below(root):
            name = f"{part}/{path.relative_to(root).as_posix()}"
            if reason := _why_not(path, root, name):
                self.left_out.append(f"{path}: {reason}".encode(errors="replace").decode())
                continue
            with suppress(FileNotFoundError):
                self.writer.add(name, [path.read_bytes()])


def make_backup(settings: Settings, target: Path, now: datetime) -> Backup:
    """Write everything but the keys to `target`, which is there only once it is whole and was read back.

    Servers may answer and write meanwhile. Raises OSError, StoreError, ArchiveError.
    """
    engine = open_engine(settings)
    try:
        refuse_newer(settings)
        _ensure_tables(engine, settings)
        return _written(engine, settings, target, now)
    except SQLAlchemyError as error:
        raise told(error) from error
    finally:
        engine.dispose()


def _written(engine: Engine, settings: Settings, target: Path, now: datetime) -> Backup:
    with NamedTemporaryFile(dir=target.parent, prefix=".", suffix=PART, delete=False) as file:  # for its owner alone
        temporary = Path(file.name)
        try:
            with writing(file) as writer:
                files = _Files(writer)
                manifest = _fill(writer, files, engine, settings, now)
            file.flush()
            os.fsync(file.fileno())
            _read_back(temporary, manifest)
            size = temporary.stat().st_size
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    flush_folder(target.parent)
    return Backup(target, size, manifest, tuple(files.left_out))


def _fill(writer: Writer, files: _Files, engine: Engine, settings: Settings, now: datetime) -> Manifest:
    files.add(KNOWLEDGE, settings.knowledge)
    files.add(FEEDS, settings.data / FEEDS_FOLDER)
    files.add(SCRIPTS, settings.data / SCRIPTS_FOLDER)
    with snapshot(engine) as connection:
        schema = connection.scalar(text(FOUND))
        rows = {name: _add_table(writer, connection, table) for name, table in tables_of(connection).items()}
    return writer.close(
        version=version("hemvist"),
        made=now,
        schema=str(schema),
        engine=engine.dialect.name,
        is_installed=is_installed(settings.knowledge),
        folder=name_of_folder(settings.data, settings.knowledge),
        rows=rows,
    )


def _add_table(writer: Writer, connection: Connection, table: Table) -> int:
    count = -1  # the first line names the columns

    def counted() -> Iterator[bytes]:
        nonlocal count
        for line in lines_of(connection, table):
            count += 1
            yield line

    writer.add(f"{TABLES}/{table.name}{ROWS}", counted())
    return count


def _read_back(path: Path, manifest: Manifest) -> None:
    with reading(path) as reader:
        if reader.manifest != manifest:
            raise ArchiveError("what was written cannot be read back: the disk or its memory is faulty")
        reader.verify()


def _ensure_tables(engine: Engine, settings: Settings) -> None:
    """Make an empty database where there is none; one that is there is kept as it is, whatever its age."""
    file = file_of(settings)
    if file:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not file.exists():
            upgrade(engine)
        return
    with engine.connect() as connection:
        is_there = inspect(connection).has_table("alembic_version")
    if not is_there:
        upgrade(engine)


def below(folder: Path) -> Iterator[Path]:
    """Yield what lies in a folder at any depth, but hidden things and caches; a link to a folder stands for itself."""
    for name, folders, files in os.walk(folder.resolve()):
        folders[:] = sorted(inner for inner in folders if not inner.startswith(".") and inner not in CACHES)
        yield from (Path(name, file) for file in sorted(files) if not file.startswith("."))
        yield from (Path(name, inner) for inner in folders if Path(name, inner).is_symlink())


def _why_not(path: Path, root: Path, name: str) -> str | None:
    if not is_safe(name):
        return "its name is none that can be kept"
    if path.is_symlink() and not path.resolve().is_relative_to(root):
        return "a link that leads out of the folder"
    return None if path.is_file() or not path.exists() else "a linked folder, or no plain file"
