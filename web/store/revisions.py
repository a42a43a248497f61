"""Revisions of items as the store keeps them: added in chains, never changed; and what folders and conflicts there are.

Every function works in the transaction of the connection it is given, and raises SQLAlchemyError.
"""

import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from bot import Key
from web.store.engine import upsert
from web.store.lookout import PUBLISHED, UNPUBLISHED, Publication
from web.store.revision_tables import ConflictRow, FolderFileRow, GenerationRow, RevisionRow

State = Literal["draft", "discarded", "published", "removed"]
Origin = Literal["web", "file", "restore"]
SEEN: Final = ("published", "removed")  # the states that visitors see
BATCH: Final = 500
COUNTED, DATABASE = 1, 2  # the rows of `generation`
NONE: Final = 0  # what the first revision of an item is based on
WHOLE: Final = "."  # stands for no file, but for the folder


@dataclass(frozen=True, slots=True)
class Draft:
    """A revision to be: what is said of an item, by whom and why; `content` None: nothing."""

    key: Key
    content: Mapping[str, Any] | None
    hash: str | None
    author: str
    at: datetime
    state: State
    origin: Origin = "web"
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One version of an item. `based_on`: the id of the one before; `generation`: which publishing it was, if one."""

    id: int
    key: Key
    content: Mapping[str, Any] | None
    hash: str | None
    author: str
    at: datetime
    note: str | None
    state: State
    origin: Origin
    based_on: int
    generation: int | None


@dataclass(frozen=True, slots=True)
class Newest:
    """The last revision of an item that visitors see, without its content; `hash` None: it is removed.

    `first` is the first such revision: items stand in the order in which they were first seen, on every machine.
    """

    id: int
    hash: str | None
    origin: Origin
    first: int = 0


@dataclass(frozen=True, slots=True)
class Conflict:
    """What a file says of an item (`content`, None: it is gone) against the newest `revision`, when both changed."""

    id: int
    key: Key
    folder: str
    file: str
    content: Mapping[str, Any] | None
    hash: str | None
    revision: int
    found_at: datetime


@dataclass(frozen=True, slots=True)
class FolderFile:
    """A file as a folder last had it: the hash of its bytes, and of each item by `kind/id`."""

    hash: str
    items: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FolderMark:
    """A folder as a whole when its files were last noted: which directory it was, and its generation."""

    generation: int
    inode: str


def hold(connection: Connection) -> int:
    """Let nobody else add revisions until the transaction ends; return the generation."""
    held = update(GenerationRow).where(GenerationRow.id == COUNTED).values(number=GenerationRow.number)
    return connection.execute(held.returning(GenerationRow.number)).scalar_one()


def advance(connection: Connection) -> int:
    """Begin a new generation, and return it."""
    more = update(GenerationRow).where(GenerationRow.id == COUNTED).values(number=GenerationRow.number + 1)
    return connection.execute(more.returning(GenerationRow.number)).scalar_one()


def generation(connection: Connection) -> int:
    """Return the generation: it grows whenever visitors are to see something new."""
    return connection.scalar(select(GenerationRow.number).where(GenerationRow.id == COUNTED)) or 0


def become_another(connection: Connection) -> None:
    """Let everybody who follows learn everything anew: what is here now need not follow from what was."""
    values = {"number": secrets.randbelow(2**31 - 1) + 1}
    new = upsert(connection, GenerationRow).values(id=DATABASE, **values)
    connection.execute(new.on_conflict_do_update(index_elements=["id"], set_=values))


def publication(connection: Connection) -> Publication:
    """Return what was published last, as `web.store.lookout` sees it too."""
    found = connection.execute(text(PUBLISHED)).first()
    return Publication(*found) if found else UNPUBLISHED


def stands(connection: Connection, known: Publication, now: Publication) -> bool:
    """Whether the database that says `now` still is the one in which `known` was published."""
    if known.revision is None or known.database != now.database:
        return known.database == now.database
    found = connection.execute(text("SELECT at FROM revisions WHERE id = :id"), {"id": known.revision}).first()
    return found is not None and found.at == known.at


def add(connection: Connection, draft: Draft, based_on: int, generation: int | None) -> Revision:
    """Add a revision to the chain of its item; raises IntegrityError where another is there already."""
    values = _values(draft, based_on, generation)
    return _revision(connection.execute(insert(RevisionRow).values(values).returning(*COLUMNS)).one())


def newest(connection: Connection, key: Key) -> Revision | None:
    """Return the last revision of an item, whatever its state."""
    found = select(*COLUMNS).where(*_of(key)).order_by(RevisionRow.id.desc()).limit(1)
    row = connection.execute(found).first()
    return _revision(row) if row else None


def history(connection: Connection, key: Key) -> list[Revision]:
    """Return all revisions of an item, the newest first."""
    found = select(*COLUMNS).where(*_of(key)).order_by(RevisionRow.id.desc())
    return [_revision(row) for row in connection.execute(found)]


def find(connection: Connection, revision: int) -> Revision | None:
    """Return the revision of that id."""
    row = connection.execute(select(*COLUMNS).where(RevisionRow.id == revision)).first()
    return _revision(row) if row else None


def seen_since(connection: Connection, after: int) -> dict[Key, Newest]:
    """Return, of each item that was published or removed after a generation, the last such revision and the first."""
    ends = (
        select(func.max(RevisionRow.id).label("last"), func.min(RevisionRow.id).label("first"))
        .where(RevisionRow.generation > after)
        .group_by(RevisionRow.layer, RevisionRow.kind, RevisionRow.item)
        .subquery()
    )
    columns = (RevisionRow.id, RevisionRow.layer, RevisionRow.kind, RevisionRow.item, RevisionRow.hash)
    found = select(*columns, RevisionRow.origin, ends.c.first).join(ends, RevisionRow.id == ends.c.last)
    return {
        Key(row.layer, row.kind, row.item): Newest(row.id, row.hash, row.origin, row.first)
        for row in connection.execute(found)
    }


def contents(connection: Connection, ids: Collection[int]) -> dict[int, Mapping[str, Any] | None]:
    """Return what revisions say, by their ids."""
    found: dict[int, Mapping[str, Any] | None] = {}
    wanted = sorted(ids)
    for start in range(0, len(wanted), BATCH):
        which = RevisionRow.id.in_(wanted[start : start + BATCH])
        rows = connection.execute(select(RevisionRow.id, RevisionRow.content).where(which))
        found |= {row.id: _content(row.content) for row in rows}
    return found


def add_first(connection: Connection, drafts: Sequence[Draft], generation: int) -> None:
    """Add the first revisions of many items at once; raises IntegrityError where one has revisions already."""
    rows = [_values(draft, NONE, generation) for draft in drafts]
    for start in range(0, len(rows), BATCH):
        connection.execute(insert(RevisionRow), rows[start : start + BATCH])


def drafts(connection: Connection, layers: Collection[str] | None = None) -> list[Revision]:
    """Return the drafts that nothing came after, the newest first; only those of `layers` where given."""
    last = select(func.max(RevisionRow.id)).group_by(RevisionRow.layer, RevisionRow.kind, RevisionRow.item)
    found = select(*COLUMNS).where(RevisionRow.state == "draft", RevisionRow.id.in_(last))
    if layers is not None:
        found = found.where(RevisionRow.layer.in_(list(layers)))
    return [_revision(row) for row in connection.execute(found.order_by(RevisionRow.id.desc()))]


def was_seen(connection: Connection, key: Key, hash_: str | None, after: int = 0) -> bool:
    """Whether visitors ever saw an item as it is under this hash (None: gone), published after a generation."""
    which = (*_of(key), RevisionRow.hash.is_not_distinct_from(hash_), RevisionRow.generation > after)
    return connection.execute(select(RevisionRow.id).where(*which).limit(1)).first() is not None


def folder_files(connection: Connection, folder: str) -> dict[str, FolderFile]:
    """Return what a folder last had, by file."""
    found = select(FolderFileRow.file, FolderFileRow.hash, FolderFileRow.items).where(
        FolderFileRow.folder == folder, FolderFileRow.file != WHOLE
    )
    return {row.file: FolderFile(row.hash, json.loads(row.items)) for row in connection.execute(found)}


def folder_mark(connection: Connection, folder: str) -> FolderMark | None:
    """Return what is noted of a folder as a whole."""
    which = (FolderFileRow.folder == folder, FolderFileRow.file == WHOLE)
    row = connection.execute(select(FolderFileRow.hash, FolderFileRow.items).where(*which)).first()
    return FolderMark(int(json.loads(row.items)["generation"]), row.hash) if row else None


def mark_folder(connection: Connection, folder: str, mark: FolderMark) -> None:
    """Note a folder as a whole."""
    note_files(connection, folder, {WHOLE: FolderFile(mark.inode, {"generation": str(mark.generation)})})


def note_files(
    connection: Connection, folder: str, changed: Mapping[str, FolderFile], gone: Collection[str] = ()
) -> None:
    """Note what a folder has now."""
    for name, file in sorted(changed.items()):
        values = {"hash": file.hash, "items": json.dumps(file.items)}
        new = upsert(connection, FolderFileRow).values(folder=folder, file=name, **values)
        connection.execute(new.on_conflict_do_update(index_elements=["folder", "file"], set_=values))
    if gone:
        which = (FolderFileRow.folder == folder, FolderFileRow.file.in_(list(gone)))
        connection.execute(delete(FolderFileRow).where(*which))


def open_conflicts(
    connection: Connection, layers: Collection[str] | None = None, folder: str | None = None
) -> list[Conflict]:
    """Return the conflicts that nobody has settled, the newest first."""
    found = select(ConflictRow).where(ConflictRow.settled_at.is_(None)).order_by(ConflictRow.id.desc())
    if layers is not None:
        found = found.where(ConflictRow.layer.in_(list(layers)))
    if folder is not None:
        found = found.where(ConflictRow.folder == folder)
    columns = found.with_only_columns(*ConflictRow.__table__.columns)
    return [_conflict(row) for row in connection.execute(columns)]


def add_conflicts(connection: Connection, conflicts: Sequence[Mapping[str, Any]]) -> None:
    """Note conflicts that were found."""
    if conflicts:
        connection.execute(insert(ConflictRow), list(conflicts))


def settle(connection: Connection, conflicts: Collection[int], at: datetime) -> None:
    """Note that conflicts are over."""
    if conflicts:
        which = (ConflictRow.id.in_(list(conflicts)), ConflictRow.settled_at.is_(None))
        connection.execute(update(ConflictRow).where(*which).values(settled_at=at))


COLUMNS: Final = tuple(RevisionRow.__table__.columns)


def _values(draft: Draft, based_on: int, generation: int | None) -> dict[str, Any]:
    content = None if draft.content is None else json.dumps(draft.content, ensure_ascii=False)
    return {
        "layer": draft.key.layer,
        "kind": draft.key.kind,
        "item": draft.key.id,
        "content": content,
        "hash": draft.hash,
        "author": draft.author,
        "at": draft.at,
        "note": draft.note,
        "state": draft.state,
        "origin": draft.origin,
        "based_on": based_on,
        "generation": generation,
    }


def _of(key: Key) -> tuple[Any, ...]:
    return RevisionRow.layer == key.layer, RevisionRow.kind == key.kind, RevisionRow.item == key.id


def _revision(row: Row[Any]) -> Revision:
    return Revision(
        id=row.id,
        key=Key(row.layer, row.kind, row.item),
        content=_content(row.content),
        hash=row.hash,
        author=row.author,
        at=row.at,
        note=row.note,
        state=row.state,
        origin=row.origin,
        based_on=row.based_on,
        generation=row.generation,
    )


def _conflict(row: Row[Any]) -> Conflict:
    key = Key(row.layer, row.kind, row.item)
    return Conflict(row.id, key, row.folder, row.file, _content(row.content), row.hash, row.revision, row.found_at)


def _content(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else json.loads(text)
