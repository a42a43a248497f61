"""Bring a backup back: verified, built beside what is there, then swapped; what was there is set aside, not deleted."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from web.abreast import FILE as ABREAST
from web.backup.archive import FEEDS, KNOWLEDGE, ROWS, SCRIPTS, TABLES, ArchiveError, Manifest, Reader
from web.backup.making import below
from web.feed_files import FOLDER as FEEDS_FOLDER
from web.files import flush_folder
from web.folder import Folder
from web.sealing import known_names
from web.settings import Settings, default_knowledge, is_installed, read_settings
from web.store import audit
from web.store.dumping import DumpError
from web.store.engine import told
from web.store.errors import NewerSchemaError
from web.store.models import Message, Turn
from web.store.replacing import Rebuilt, load, rebuilding, state_of
from web.store.revision_tables import ConflictRow
from web.store.version import FILE as DATABASE
from web.store.version import still_to_come, versions

BEFORE: Final = "before-restore"
ROOM: Final = 64 << 20  # bytes that a disk has to have left over


@dataclass(frozen=True, slots=True)
class Place:
    """Where a backup goes. `knowledge` None: the copy that came with the program is served, and stays."""

    settings: Settings
    knowledge: Path | None


@dataclass(slots=True)
class Restored:
    """What was done: rows by table, where what was there is now, and what an operator should know."""

    rows: Mapping[str, int]
    set_aside: list[str] = field(default_factory=list)
    overdue: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class _Moves:
    """Files that were moved, so that they can be moved back."""

    done: list[tuple[Path, Path]] = field(default_factory=list)

    def move(self, source: Path, target: Path) -> None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source.rename(target)
        self.done.append((source, target))

    def undo(self) -> None:
        for source, target in reversed(self.done):
            with suppress(OSError):
                target.rename(source)
                target.parent.rmdir()


def place_of(environment: Mapping[str, str], manifest: Manifest) -> Place:
    """Say where a backup goes by the settings; the folders that these name may be gone. Raises SettingsError."""
    name = environment.get("HEMVIST_KNOWLEDGE")
    if name and not Path(name).exists():
        settings = read_settings({**environment, "HEMVIST_KNOWLEDGE": ""})
        return Place(replace(settings, knowledge=Path(name)), Path(name))
    settings = read_settings(environment)
    if not is_installed(settings.knowledge):
        return Place(settings, settings.knowledge)
    if manifest.is_installed:
        return Place(settings, None)
    here = default_knowledge() if Path("knowledge").is_dir() else Path("knowledge")
    return Place(replace(settings, knowledge=here), here)


def refuse_unknown_schema(manifest: Manifest) -> None:
    """Raise NewerSchemaError where a newer Hemvist made the backup."""
    try:
        still_to_come(manifest.schema, versions())
    except NewerSchemaError as error:
        raise NewerSchemaError(
            f"the backup has schema {manifest.schema[:40]!r} of Hemvist {manifest.version[:40]}, and the newest that "
            f"this Hemvist knows is {versions()[-1]}: restore it with that Hemvist, or a newer one"
        ) from error


def occupied(reader: Reader, place: Place) -> tuple[str, ...]:
    """Say what is in the way of a backup; raises StoreError, OSError."""
    found = []
    if place.knowledge and _files(place.knowledge) and not _is_same(reader, KNOWLEDGE, place.knowledge):
        found.append(f"{place.knowledge}: holds other knowledge")
    feeds = place.settings.data / FEEDS_FOLDER
    if _files(feeds) and not _is_same(reader, FEEDS, feeds):
        found.append(f"{feeds}: holds other rows of feeds")
    try:
        if state := state_of(place.settings):
            found.append(f"{_database(place.settings)}: {state}")
    except SQLAlchemyError as error:
        raise told(error) from error
    return tuple(found)


def restore(reader: Reader, place: Place, now: datetime, actor: str) -> Restored:
    """Put what the backup holds in the place of what is there, all of it or nothing.

    `reader` was verified. Raises ArchiveError, StoreError, OSError.
    """
    settings = place.settings
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    aside = settings.data / f"{BEFORE}-{stamp}"
    _refuse_full_disk(reader.manifest, settings.data)
    try:
        with (
            _staged(settings.data) as staged,
            _staged_knowledge(place.knowledge) as new_knowledge,
            rebuilding(settings, staged, aside) as rebuilt,
        ):
            _unpack(reader, FEEDS, staged)
            _unpack(reader, SCRIPTS, staged)
            if new_knowledge:
                _unpack(reader, KNOWLEDGE, new_knowledge)
            done = _filled(reader, rebuilt, settings, now, actor)
            done.set_aside += _swap(reader, place, staged, new_knowledge, rebuilt, stamp)
    except SQLAlchemyError as error:
        raise told(error) from error
    except DumpError as error:
        raise ArchiveError(str(error)) from error
    (settings.data / ABREAST).unlink(missing_ok=True)
    return done


def _filled(reader: Reader, rebuilt: Rebuilt, settings: Settings, now: datetime, actor: str) -> Restored:
    manifest, connection = reader.manifest, rebuilt.connection
    names = {name: f"{TABLES}/{name}{ROWS}" for name in manifest.rows}
    rows = load(connection, manifest.schema, {name: reader.lines(member) for name, member in names.items()})
    if wrong := sorted(name for name, number in manifest.rows.items() if rows.get(name) != number):
        raise ArchiveError(f"{wrong[0]}: has not as many rows as the manifest says")
    # the folder that was followed is not there any more: the first look at the new one finds again what still differs
    gone = update(ConflictRow).where(ConflictRow.folder == manifest.folder, ConflictRow.settled_at.is_(None))
    connection.execute(gone.values(settled_at=now))
    detail = {"made": manifest.made.isoformat(), "version": manifest.version}
    audit.add(connection, None, audit.Deed(now, actor, "restored_backup", None, None, detail))
    return Restored(rows, overdue=_overdue(connection, settings, now), unreadable=_unreadable(connection, settings))


def _swap(
    reader: Reader, place: Place, staged: Path, new_knowledge: Path | None, rebuilt: Rebuilt, stamp: str
) -> list[str]:
    """Move files first, since that can be undone, and let the database take over last."""
    data, moves, found = place.settings.data, _Moves(), []
    try:
        with _alone(place.knowledge):
            if place.knowledge and new_knowledge and not _is_same(reader, KNOWLEDGE, place.knowledge):
                found += _change_places(moves, place.knowledge, new_knowledge, place.knowledge / f".{BEFORE}-{stamp}")
            if not _is_same(reader, FEEDS, data / FEEDS_FOLDER):
                found += _change_whole(moves, data / FEEDS_FOLDER, staged / FEEDS, data / f"{BEFORE}-{stamp}" / FEEDS)
            _add_missing(moves, staged / SCRIPTS, data / SCRIPTS)
            kept = rebuilt.take_over()
    except BaseException:
        moves.undo()
        raise
    return [*found, kept] if kept else found


def _change_places(moves: _Moves, folder: Path, new: Path, aside: Path) -> list[str]:
    """Change what lies in a folder, which itself may be a mount and its parent not ours; hidden things stay."""
    old = _visible(folder)
    for path in old:
        moves.move(path, aside / path.name)
    for path in _visible(new):
        moves.move(path, folder / path.name)
    flush_folder(folder)
    return [str(aside)] if old else []


def _change_whole(moves: _Moves, folder: Path, new: Path, aside: Path) -> list[str]:
    is_there = folder.exists()
    if is_there:
        moves.move(folder, aside)
    if new.exists():
        moves.move(new, folder)
    return [str(aside)] if is_there else []


def _add_missing(moves: _Moves, new: Path, folder: Path) -> None:
    for path in _visible(new):
        if not (folder / path.name).exists():
            moves.move(path, folder / path.name)


@contextmanager
def _staged(folder: Path) -> Iterator[Path]:
    made = folder / f".restoring-{secrets.token_hex(4)}"
    made.mkdir(mode=0o700)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def _staged_knowledge(folder: Path | None) -> Iterator[Path | None]:
    """Make the new files inside of the folder, hidden: on the same disk, where nobody looks."""
    if folder is None:
        yield None
        return
    is_new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with _staged(folder) as made:
            made.chmod(0o755)
            yield made
    except BaseException:
        if is_new:
            with suppress(OSError):
                folder.rmdir()
        raise


@contextmanager
def _alone(folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
        return
    with Folder(folder).alone():
        yield


def _unpack(reader: Reader, part: str, folder: Path) -> None:
    """Write the members of a part below `folder`; their names are plain, see `web.backup.archive`.

    Files of knowledge stand in `folder` itself, readable for all, others in a folder of their part.
    """
    base = folder if part == KNOWLEDGE else folder / part
    for name in reader.manifest.of(part):
        path = base / name.removeprefix(f"{part}/")
        path.parent.mkdir(mode=0o755 if part == KNOWLEDGE else 0o700, parents=True, exist_ok=True)
        with path.open("xb") as file:
            for chunk in reader.chunks(name):
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        path.chmod(0o644)


def _is_same(reader: Reader, part: str, folder: Path) -> bool:
    """Whether a folder holds what the backup does, to the byte."""
    wanted = {name.removeprefix(f"{part}/"): reader.manifest.members[name] for name in reader.manifest.of(part)}
    here = _files(folder)
    return here.keys() == wanted.keys() and all(
        hashlib.sha256(path.read_bytes()).hexdigest() == wanted[name].sha256 for name, path in here.items()
    )


def _files(folder: Path) -> dict[str, Path]:
    """Return the files below a folder that a backup of it would hold."""
    return {path.relative_to(folder.resolve()).as_posix(): path for path in below(folder) if path.is_file()}


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []


def _refuse_full_disk(manifest: Manifest, folder: Path) -> None:
    """Twice what is unpacked: a database is built beside its old one, and that is kept."""
    needed = 2 * sum(member.bytes for member in manifest.members.values()) + ROOM
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ArchiveError(f"{folder}: {free >> 20} MB are free, and restoring takes up to {needed >> 20} MB")


def _database(settings: Settings) -> str:
    return "the PostgreSQL database" if settings.database_url else str(settings.data / DATABASE)


def _overdue(connection: Connection, settings: Settings, now: datetime) -> int:
    """Return how many questions came back whose words are to be gone by now."""
    before = now - timedelta(days=settings.retention_days)
    old = select(func.count()).select_from(Turn).where(Turn.question.is_not(None), Turn.asked_at < before)
    return connection.scalar(old) or 0


def _unreadable(connection: Connection, settings: Settings) -> int:
    """Return how many messages the present keys do not read."""
    names = list(known_names(settings))
    unread = select(func.count()).select_from(Message).where(Message.key_name.not_in(names))
    return connection.scalar(unread) or 0
