"""The tables of what the knowledge says and said: revisions, which are only ever added, and the folders that follow."""

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from web.store.models import HASH, NAME, Base, Utc

LAYER = String(110)  # national, vocabulary, groups/<id>, municipalities/<id>
KIND = String(12)
PERSON = String(254)
FILE = String(300)


class RevisionRow(Base):
    """One version of one item; `content` is JSON, null where the item is removed or the draft is discarded.

    The revisions of an item are a chain: `based_on` is the id of the one before, 0 of the first. `generation` is null
    of what visitors never see.
    """

    __tablename__ = "revisions"
    __table_args__ = (
        UniqueConstraint("layer", "kind", "item", "based_on", name="revisions_chain_key"),
        Index("revisions_generation", "generation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(LAYER)
    kind: Mapped[str] = mapped_column(KIND)
    item: Mapped[str] = mapped_column(NAME)
    content: Mapped[str | None]
    hash: Mapped[str | None] = mapped_column(HASH)
    author: Mapped[str] = mapped_column(PERSON)
    at: Mapped[datetime] = mapped_column(Utc)
    note: Mapped[str | None]
    state: Mapped[str] = mapped_column(String(10))
    origin: Mapped[str] = mapped_column(String(10))
    based_on: Mapped[int]
    generation: Mapped[int | None]


class GenerationRow(Base):
    """Two numbers. 1: how often something was published; whoever publishes holds this row. 2: which database this is.

    The second is made at random when a backup is restored: by it those who followed another one know that they have to
    learn everything anew, whatever the first says. Until then there is none.
    """

    __tablename__ = "generation"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


class FolderFileRow(Base):
    """A file as a folder was last seen or written: the hash of its bytes, and of each of its items (JSON)."""

    __tablename__ = "folder_files"

    folder: Mapped[str] = mapped_column(HASH, primary_key=True)
    file: Mapped[str] = mapped_column(FILE, primary_key=True)
    hash: Mapped[str] = mapped_column(HASH)
    items: Mapped[str]


class ConflictRow(Base):
    """A file says of an item something else than its newest revision, and both were changed; `content` is the file's.

    Null: the file no longer has the item.
    """

    __tablename__ = "conflicts"

    id: Mapped[int] = mapped_column(primary_key=True)
    layer: Mapped[str] = mapped_column(LAYER, index=True)
    kind: Mapped[str] = mapped_column(KIND)
    item: Mapped[str] = mapped_column(NAME)
    folder: Mapped[str] = mapped_column(HASH)
    file: Mapped[str] = mapped_column(FILE)
    content: Mapped[str | None]
    hash: Mapped[str | None] = mapped_column(HASH)
    revision: Mapped[int]
    found_at: Mapped[datetime] = mapped_column(Utc)
    settled_at: Mapped[datetime | None] = mapped_column(Utc)
