"""What was imported last, one file for each municipality, kind and source, under HEMVIST_DATA/feeds/.

The first line says where the rows come from; each other line is a row. A file is swapped whole, so that a reader finds
the old rows or the new ones.
"""

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked

from bot import Inventory, Job, KnowledgeError, Plot, Problem, read_records, write_records
from web.files import write_whole

FOLDER: Final = "feeds"
ENDING: Final = ".jsonl"
FAILED: Final = ".failed"
PATIENCE: Final = timedelta(hours=24)
KINDS: Final = ("plots", "jobs")


@checked(frozen=True, slots=True, config=ConfigDict(extra="forbid"))
class Head:
    """The first line: the source's name, when its rows were last found to be current, and the version that came."""

    source: str
    fetched: datetime
    url: str | None = None
    etag: str | None = None
    modified: str | None = None


HEAD: Final = TypeAdapter(Head)
FAILURE: Final = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class FeedFile:
    """One file that was read: its head and its rows by id."""

    municipality: str
    kind: str
    head: Head
    rows: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Feeds:
    """All files that could be read, and why others could not."""

    files: Mapping[str, FeedFile] = field(default_factory=lambda: MappingProxyType({}))
    problems: tuple[Problem, ...] = ()

    @property
    def inventories(self) -> dict[str, Inventory]:
        """The rows by municipality. Of the same id in two sources, the one whose name comes first holds."""
        found: dict[str, Inventory] = {}
        for name in sorted(self.files, reverse=True):
            file = self.files[name]
            rows = Inventory(plots=file.rows) if file.kind == "plots" else Inventory(jobs=file.rows)
            found[file.municipality] = found.get(file.municipality, Inventory()) | rows
        return found


def path_of(data: Path, municipality: str, kind: str, source: str) -> Path:
    """Return where the rows of a source are kept; `source` is an id."""
    return data / FOLDER / municipality / f"{kind}-{source}{ENDING}"


def write_feed(path: Path, head: Head, records: Sequence[Plot] | Sequence[Job]) -> None:
    """Put `records` in the place of what the file holds, wholly or not at all; raises OSError."""
    for folder in (path.parent.parent.parent, path.parent.parent, path.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    line = json.dumps({**asdict(head), "fetched": head.fetched.isoformat(timespec="seconds")}, ensure_ascii=False)
    write_whole(path, f"{line}\n{write_records(records)}")
    path.with_suffix(FAILED).unlink(missing_ok=True)


def note_failure(path: Path, reason: str, now: datetime) -> None:
    """Remember since when a source fails; its rows stay. Raises OSError."""
    kept = _failure(path)
    since = kept["since"] if kept else now.isoformat(timespec="seconds")
    write_whole(path.with_suffix(FAILED), json.dumps({"since": since, "reason": reason}, ensure_ascii=False) + "\n")


def is_old(fetched: datetime | None, now: datetime) -> bool:
    """Whether rows have not been found current for more than a day, so that whoever reads them should know."""
    return fetched is not None and now - fetched > PATIENCE


def overdue(data: Path, now: datetime) -> list[Problem]:
    """Return a problem for each source that has failed for longer than a day; its last good rows are still served."""
    problems = []
    for path in sorted((data / FOLDER).glob(f"*/*{FAILED}")):
        kept = _failure(path)
        if kept and now - datetime.fromisoformat(kept["since"]) > PATIENCE:
            reason = f"not renewed since {kept['since']}: {kept['reason']}"
            problems.append(Problem("/".join(path.parts[-3:]), 1, 1, "", "invalid", {"reason": reason}))
    return problems


@dataclass(frozen=True, slots=True)
class Failing:
    """A source that fails: what it gives, its name, since when and why."""

    kind: str
    source: str
    since: datetime
    reason: str


def failing(data: Path, municipality: str) -> list[Failing]:
    """Return the sources of a municipality that fail now, those that have for longest first."""
    found = []
    for path in (data / FOLDER / municipality).glob(f"*{FAILED}"):
        kind, _, source = path.stem.partition("-")
        if (kept := _failure(path)) and kind in KINDS:
            found.append(Failing(kind, source, datetime.fromisoformat(kept["since"]), kept["reason"]))
    return sorted(found, key=lambda one: (one.since, one.source))


def failures(data: Path, municipalities: Collection[str]) -> dict[str, int]:
    """Return how many sources fail now, of each of `municipalities` that has any rows or failures."""
    found = dict.fromkeys((path.parent.name for path in (data / FOLDER).glob(f"*/*{ENDING}")), 0)
    for path in (data / FOLDER).glob(f"*/*{FAILED}"):
        found[path.parent.name] = found.get(path.parent.name, 0) + 1
    return {name: number for name, number in found.items() if name in municipalities}


def _failure(path: Path) -> dict[str, str] | None:
    try:
        kept: dict[str, str] = FAILURE.validate_json(path.with_suffix(FAILED).read_bytes())
        datetime.fromisoformat(kept["since"]).utcoffset()
    except (OSError, ValueError, KeyError):
        return None
    return kept if {"since", "reason"} <= kept.keys() else None


def read_feed(path: Path, kind: str) -> FeedFile:
    """Read one file; raises KnowledgeError with every problem."""
    name = "/".join(path.parts[-3:])
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise KnowledgeError([Problem(name, 1, 1, "", "file-unreadable", {"reason": error.strerror or ""})]) from error
    try:
        head = HEAD.validate_json(lines[0] if lines else b"")
    except ValidationError as error:
        reason = "the first line must say source and time"
        raise KnowledgeError([Problem(name, 1, 1, "", "invalid", {"reason": reason})]) from error
    return FeedFile(path.parent.name, kind, head, read_records(kind, lines[1:], name, first=2))


def read_feeds(data: Path, before: Feeds | None = None) -> Feeds:
    """Read all files under `data`. Where one cannot be read, what `before` holds of it stays, and a problem says so."""
    files: dict[str, FeedFile] = {}
    problems: list[Problem] = []
    for path, kind in _paths(data, problems):
        try:
            files[str(path)] = read_feed(path, kind)
        except KnowledgeError as error:
            problems.extend(error.problems)
            if before and str(path) in before.files:
                files[str(path)] = before.files[str(path)]
    return Feeds(MappingProxyType(files), tuple(problems))


def _paths(data: Path, problems: list[Problem]) -> Iterator[tuple[Path, str]]:
    """Yield the files and what they hold; names that say neither are problems."""
    for path in _listed(data / FOLDER, problems):
        if kind := next((kind for kind in KINDS if path.name.startswith(f"{kind}-")), None):
            yield path, kind
        else:
            reason = "the name must begin with " + " or ".join(f"{kind}-" for kind in KINDS)
            problems.append(Problem("/".join(path.parts[-3:]), 1, 1, "", "invalid", {"reason": reason}))


def _listed(folder: Path, problems: list[Problem]) -> Iterable[Path]:
    """List the files two levels down, in order. No folder: nothing has been imported."""
    try:
        inner = sorted(Path(item.path) for item in os.scandir(folder) if item.is_dir())
        return [path for one in inner for path in sorted(one.iterdir()) if _is_feed(path)]
    except FileNotFoundError:
        return ()
    except OSError as error:
        where = str(error.filename or folder)
        problems.append(Problem(where, 1, 1, "", "file-unreadable", {"reason": error.strerror or ""}))
        return ()


def _is_feed(path: Path) -> bool:
    return path.suffix == ENDING and not path.name.startswith(".")
