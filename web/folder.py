"""The folder of knowledge as files: what each holds, item by item, and how items are written into them."""

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Final

from bot import Item, Key, KnowledgeError, digest, home_of, kinds_of, layer_of, put_item, read_items, remove_item
from web.files import PART, ChangedMeanwhileError, content_of, write_whole
from web.store.revisions import FolderFile

BOM: Final = b"\xef\xbb\xbf"
STALE: Final = 60  # seconds, after which a file that is still being written was left by a process that died
REFUSED: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
NOTHING: Final = hashlib.sha256(b"").hexdigest()
Stamp = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Held:
    """A file: what tells a changed one, the hash of its bytes, and the digests of its items; None: it is broken."""

    stamp: Stamp
    hash: str
    items: Mapping[Key, str] | None


@dataclass(frozen=True, slots=True)
class SeenLayer:
    """What a layer's files hold: their hashes by name, and the digests of their items."""

    name: str
    hashes: Mapping[str, str]
    items: Mapping[Key, str]

    def is_of(self, mark: object) -> bool:
        """Whether a layer with this mark was read from the same files; of those that hold no items it does not
        matter."""
        if not isinstance(mark, tuple):
            return False
        same = {file: found for file, found in mark if kinds_of(f"{self.name}/{file}")}
        return same == self.hashes


@dataclass(frozen=True)
class Sight:
    """All files at one moment, by path within the folder."""

    files: Mapping[str, Held] = field(default_factory=lambda: MappingProxyType({}))

    def files_of(self, layer: str) -> Mapping[str, Held]:
        """Return the files of a layer."""
        return self._by_layer.get(layer, {})

    def items_of(self, layers: Iterable[str]) -> dict[Key, tuple[str, str]]:
        """Return the same as `items`, of some layers."""
        return _standing({name: held for layer in layers for name, held in self.files_of(layer).items()})

    def layer(self, name: str) -> SeenLayer | None:
        """Return what is known of a layer; None where a file is broken, or there is none."""
        files = self.files_of(name)
        items: dict[Key, str] = {}
        for held in files.values():
            if held.items is None:
                return None
            items = {**held.items, **items}
        hashes = {file.rpartition("/")[2]: held.hash for file, held in files.items()}
        return SeenLayer(name, hashes, items) if files else None

    @cached_property
    def _by_layer(self) -> dict[str, dict[str, Held]]:
        found: dict[str, dict[str, Held]] = {}
        for name, held in self.files.items():
            found.setdefault(layer_of(name), {})[name] = held
        return found

    @cached_property
    def items(self) -> dict[Key, tuple[str, str]]:
        """Where each item stands, and its digest; the first file that has it counts."""
        return _standing(self.files)

    @property
    def broken(self) -> set[str]:
        """The files that cannot be read."""
        return {name for name, held in self.files.items() if held.items is None}


class Folder:
    """A folder of knowledge. `is_read_only`: it is never written to."""

    def __init__(self, path: Path, *, is_read_only: bool = False) -> None:
        self.path = path
        self.is_read_only = is_read_only or not os.access(path, os.W_OK)

    @property
    def inode(self) -> str:
        """Which directory it is: another one may be put in its place."""
        return str(self.path.stat().st_ino)

    def written(self, name: str) -> float | None:
        """Return when a file was last written, in seconds since 1970; None where there is none."""
        try:
            return self._path(name).stat().st_mtime
        except FileNotFoundError:
            return None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Wait until no other process of this machine writes here."""
        lock = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def look(self, before: Sight, known: Mapping[str, FolderFile]) -> Sight:
        """Look at all files; those that are as `before`, or as `known` by their hash, are not read item by item."""
        files = {}
        for name, path in self._files():
            with suppress(FileNotFoundError):
                files[name] = self._held(name, path, before.files.get(name), known.get(name))
        return Sight(files)

    def read(self, name: str) -> tuple[str, bytes]:
        """Return the text of a file, without its byte order mark, and its bytes; both empty where there is none."""
        data = content_of(self._path(name))
        return data.decode("utf-8-sig"), data

    def items(self, name: str) -> dict[Key, Item]:
        """Return the items of a file; raises KnowledgeError, OSError."""
        return _items(name, self.read(name)[0])

    def change(
        self, sight: Sight, changes: Mapping[Key, Item | None], headings: Mapping[str, tuple[str, ...]]
    ) -> Iterator[tuple[Key, Exception | None]]:
        """Write items into their files, each file at once; say of each whether it was written, else why not.

        A file that is not as it was in `sight` is left as it is: ChangedMeanwhileError.
        """
        for name, own in self._by_file(sight, changes, headings).items():
            failure: Exception | None = None
            try:
                self._change(name, sight.files.get(name), own)
            except (KnowledgeError, OSError, UnicodeDecodeError, ChangedMeanwhileError) as error:
                failure = error
            yield from ((key, failure) for key in own)

    def drop(self, sight: Sight, layer: str) -> None:
        """Take a municipality's folder away; raises OSError where something else lies in it, ChangedMeanwhileError
        where a file is not as it was in `sight`."""
        for path in sorted((self.path / layer).glob("[!.]*.yaml")):
            seen = sight.files.get(f"{layer}/{path.name}")
            if seen and hashlib.sha256(path.read_bytes()).hexdigest() != seen.hash:
                raise ChangedMeanwhileError
            path.unlink()
        with suppress(FileNotFoundError):
            (self.path / layer).rmdir()

    def sweep(self) -> None:
        """Remove what processes that died were writing."""
        limit = time.time() - STALE
        for path in self.path.glob(f"**/.*{PART}"):
            with suppress(OSError):
                if path.stat().st_mtime < limit:
                    path.unlink()

    def _files(self) -> Iterator[tuple[str, Path]]:
        root = self.path.resolve()
        below = (f"{kind}/{name}" for kind in ("groups", "municipalities") for name in _names(root / kind))
        for layer in ("national", "vocabulary", *below):
            inside = (root / layer).resolve() == root / layer
            for name in (f"{layer}/{file}" for file in _names(root / layer) if file.endswith(".yaml")):
                path = root / name
                if kinds_of(name) and ((inside and not path.is_symlink()) or path.resolve().is_relative_to(root)):
                    yield name, path

    def _held(self, name: str, path: Path, before: Held | None, known: FolderFile | None) -> Held:
        found = path.stat()
        stamp = (found.st_ctime_ns, found.st_size, found.st_ino)
        if before and before.stamp == stamp:
            return before
        data = path.read_bytes()
        hashed = hashlib.sha256(data).hexdigest()
        if known and known.hash == hashed:
            return Held(stamp, hashed, keys_of(name, known.items))
        try:
            items = _items(name, data.decode("utf-8-sig"))
        except (KnowledgeError, UnicodeDecodeError):
            return Held(stamp, hashed, None)
        return Held(stamp, hashed, {key: digest(item) or "" for key, item in items.items()})

    def _by_file(
        self, sight: Sight, changes: Mapping[Key, Item | None], headings: Mapping[str, tuple[str, ...]]
    ) -> dict[str, dict[Key, tuple[Item | None, tuple[str, ...]]]]:
        """Say which file each change goes to, and behind which others a new item stands there."""
        where = sight.items
        files: dict[str, dict[Key, tuple[Item | None, tuple[str, ...]]]] = {}
        for key, item in sorted(changes.items()):
            after: tuple[str, ...] = ()
            if key in where:
                name = where[key][0]
            else:
                name, after = home_of(key, _ids(sight, key), headings)
            files.setdefault(name, {})[key] = (item, after)
        return files

    def _change(self, name: str, seen: Held | None, changes: Mapping[Key, tuple[Item | None, tuple[str, ...]]]) -> None:
        text, data = self.read(name)
        if hashlib.sha256(data).hexdigest() != (seen.hash if seen else NOTHING):
            raise ChangedMeanwhileError
        new = text
        for key, (item, after) in changes.items():
            if item is None:
                new = remove_item(new, name, key.kind, key.id)
            else:
                new = put_item(new, name, key.kind, item, after)
        path = self._path(name)
        if new == text:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, ("\ufeff" if data.startswith(BOM) else "") + new, instead_of=data)

    def _path(self, name: str) -> Path:
        return (self.path / name).resolve()


def _standing(files: Mapping[str, Held]) -> dict[Key, tuple[str, str]]:
    found: dict[Key, tuple[str, str]] = {}
    for name, held in files.items():
        for key, found_digest in (held.items or {}).items():
            found.setdefault(key, (name, found_digest))
    return found


def _names(folder: Path) -> list[str]:
    """Return what lies in a folder, without hidden things; nothing where it is none.

    Raises OSError where that cannot be told: what cannot be seen was not removed.
    """
    try:
        with os.scandir(folder) as found:
            return sorted(one.name for one in found if not one.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return []


def keys_of(file: str, items: Mapping[str, str]) -> dict[Key, str]:
    """Return the digests of the items of a file by key, given by `kind/id`."""
    layer = layer_of(file)
    found: dict[Key, str] = {}
    for name, value in items.items():
        kind, _, item = name.partition("/")
        found[Key(layer, kind, item)] = value  # type: ignore[arg-type]  # what was written as a kind
    return found


def names_of(items: Mapping[Key, str]) -> dict[str, str]:
    """Return digests by `kind/id`, as they are kept for a file."""
    return {f"{key.kind}/{key.id}": value for key, value in items.items()}


def was_refused(error: BaseException) -> bool:
    """Whether files may not be written at all: then the store alone is served."""
    return isinstance(error, OSError) and error.errno in REFUSED


def _items(name: str, text: str) -> dict[Key, Item]:
    layer = layer_of(name)
    return {Key(layer, kind, item_id): item for (kind, item_id), item in read_items(text, name).items()}


def _ids(sight: Sight, key: Key) -> dict[str, Collection[str]]:
    return {
        name: [other.id for other in held.items or () if other.kind == key.kind] for name, held in sight.files.items()
    }
