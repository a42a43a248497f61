"""The file of a backup: a zip, so that what it holds is known before it is read, any computer opens it, and what is
streamed into it need not be counted first. `manifest.json` says of each member how long it is, and its SHA-256.
"""

import hashlib
import json
import re
import stat
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
KNOWLEDGE, TABLES, FEEDS, SCRIPTS = "knowledge", "tables", "feeds", "embed"
PARTS: Final = (KNOWLEDGE, TABLES, FEEDS, SCRIPTS)
ROWS: Final = ".jsonl"
CHUNK: Final = 1 << 20  # bytes in memory
LARGEST_MANIFEST: Final = 64 << 20
LONGEST_NAME: Final = 400
LONGEST_LINE: Final = 16 << 20  # bytes of one row
BOMB: Final = 300  # times: rows of a table pack to a fortieth at best, what is made to explode to a thousandth
HARMLESS: Final = 100 << 20  # bytes that may be unpacked however well they are packed
UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f\\\ud800-\udfff]")
PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ENCRYPTED: Final = 0x1


class ArchiveError(Exception):
    """A file is no backup that can be used; the words say why."""


@checked(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Member:
    """One file within: its length in bytes, and its SHA-256 in hexadecimal."""

    bytes: int
    sha256: str


@checked(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Manifest:
    """What is in a backup, and where it comes from.

    `schema` is that of the tables, `rows` how many each has; `folder` is the name by which the knowledge was followed,
    and `is_installed` says that it was the copy that came with the program.
    """

    format: int
    program: str
    version: str
    made: datetime
    schema: str
    engine: str
    is_installed: bool
    folder: str | None
    rows: Mapping[str, int]
    members: Mapping[str, Member]

    def of(self, part: str) -> list[str]:
        """Return the members of a part."""
        return [name for name in self.members if name.startswith(f"{part}/")]


MANIFESTS: Final = TypeAdapter(Manifest)


@dataclass
class Writer:
    """Adds members to a backup, and remembers what they were."""

    zipped: zipfile.ZipFile
    members: dict[str, Member] = field(default_factory=dict)

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Add a member that is streamed; raises OSError."""
        digest, size = hashlib.sha256(), 0
        with self._open(name) as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.members[name] = Member(size, digest.hexdigest())

    def close(self, **values: Any) -> Manifest:
        """Add the manifest, which is known only now, and return it."""
        manifest = Manifest(format=FORMAT, program="hemvist", members=self.members, **values)
        with self._open(MANIFEST) as file:
            file.write(MANIFESTS.dump_json(manifest, indent=1))
        return manifest

    def _open(self, name: str) -> IO[bytes]:
        return self.zipped.open(_described(name), "w", force_zip64=True)


class Reader:
    """A backup whose members are those of its manifest, and nothing else; what is read is compared with it."""

    def __init__(self, zipped: zipfile.ZipFile) -> None:
        """Raises ArchiveError."""
        self._zipped = zipped
        found = {info.filename: info for info in zipped.infolist()}
        if len(found) != len(zipped.infolist()):
            raise ArchiveError("it holds the same name twice")
        self.manifest = _manifest(zipped, found.pop(MANIFEST, None))
        _refuse_strangers(self.manifest, found)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield what a member holds; raises ArchiveError at the end where it is not what the manifest says."""
        wanted, digest, size = self.manifest.members[name], hashlib.sha256(), 0
        with _told(name), self._zipped.open(name) as file:
            while chunk := file.read(CHUNK):
                size += len(chunk)
                if size > wanted.bytes:
                    break
                digest.update(chunk)
                yield chunk
        if size != wanted.bytes or digest.hexdigest() != wanted.sha256:
            raise ArchiveError(f"{name}: is damaged, or was changed after the backup was made")

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a member; raises ArchiveError as `chunks` does, and where a line is too long."""
        rest = b""
        for chunk in self.chunks(name):
            *whole, rest = (rest + chunk).split(b"\n")
            yield from whole
            if len(rest) > LONGEST_LINE:
                raise ArchiveError(f"{name}: a line is longer than {LONGEST_LINE >> 20} MB")
        if rest:
            yield rest

    def verify(self) -> None:
        """Read everything once; raises ArchiveError where anything is not what the manifest says."""
        for name in self.manifest.members:
            for _chunk in self.chunks(name):
                pass


@contextmanager
def writing(file: IO[bytes]) -> Iterator[Writer]:
    """Give what adds members to `file`."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as zipped:
        yield Writer(zipped)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Give what reads a backup; raises ArchiveError, OSError."""
    with _told(path.name), zipfile.ZipFile(path) as zipped:
        yield Reader(zipped)


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        reason = "is not whole" if isinstance(error, EOFError) else str(error) or type(error).__name__
        raise ArchiveError(f"{name}: {reason}") from error


def _described(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))  # when it was made stands in the manifest
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = (stat.S_IFREG | 0o600) << 16
    return info


def _manifest(zipped: zipfile.ZipFile, info: zipfile.ZipInfo | None) -> Manifest:
    if info is None or info.file_size > LARGEST_MANIFEST:
        raise ArchiveError("it has no manifest.json, so it is no backup made by hemvist backup")
    _refuse_odd(info)
    try:
        with zipped.open(info) as file:
            values = json.loads(file.read(LARGEST_MANIFEST))
        newer = values.get("format", 0) if isinstance(values, dict) else 0
        if isinstance(newer, int) and newer > FORMAT:
            raise ArchiveError(f"it has format {newer}, and this Hemvist reads {FORMAT}: a newer Hemvist has made it")
        manifest = MANIFESTS.validate_python(values)
    except (ValidationError, ValueError, RecursionError) as error:
        raise ArchiveError("its manifest.json is not one of hemvist backup") from error
    return manifest


def _refuse_strangers(manifest: Manifest, found: Mapping[str, zipfile.ZipInfo]) -> None:
    if strange := sorted(found.keys() ^ manifest.members.keys()):
        where = "not in the manifest" if strange[0] in found else "missing"
        raise ArchiveError(f"{strange[0][:80]!r} is {where}")
    for name, info in found.items():
        if not is_safe(name):
            raise ArchiveError(f"{name[:80]!r} is no name that a backup has")
        _refuse_odd(info)
        if info.file_size != manifest.members[name].bytes:
            raise ArchiveError(f"{name}: is not as long as the manifest says")
    if {f"{TABLES}/{name}{ROWS}" for name in manifest.rows} != {*manifest.of(TABLES)}:
        raise ArchiveError("its tables are not those that the manifest counts")
    unpacked = sum(info.file_size for info in found.values())
    packed = sum(info.compress_size for info in found.values())
    if unpacked > HARMLESS and unpacked > BOMB * max(packed, 1):
        raise ArchiveError(f"it would unpack to {unpacked >> 20} MB, which no backup packs so well")


def is_safe(name: str) -> bool:
    """Whether it is a plain name below a known part: nothing hidden, nothing above, nothing absolute."""
    first, *rest = name.split("/")
    is_plain = bool(rest) and all(part and not part.startswith(".") for part in rest)
    return first in PARTS and is_plain and not UNSAFE.search(name) and len(name) <= LONGEST_NAME


def _refuse_odd(info: zipfile.ZipInfo) -> None:
    mode = info.external_attr >> 16
    is_file = not info.is_dir() and (not stat.S_IFMT(mode) or stat.S_ISREG(mode))
    if not is_file or info.flag_bits & ENCRYPTED or info.compress_type not in PACKINGS:
        raise ArchiveError(f"{info.filename[:80]!r} is no plain file")


def described(manifest: Manifest) -> dict[str, Any]:
    """Return a manifest as JSON holds it, without its members."""
    values = asdict(manifest)
    return {**values, "made": manifest.made.isoformat(), "members": len(manifest.members)}
