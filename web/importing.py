"""Take other people's rows over: have the file or feed, read it, say what would change, put it in place.

What the commands `hemvist import plots` and `jobs` do but for asking and printing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from bot import (
    LARGEST_FILE,
    Changes,
    ColumnMapping,
    Job,
    JobRows,
    Knowledge,
    KnowledgeError,
    Municipality,
    Origin,
    Plot,
    Table,
    compare,
    guess,
    is_feed,
    is_visma,
    make_id,
    read_geojson,
    read_jobs,
    read_mapping,
    read_plots,
    read_rss,
    read_sheet,
    read_visma,
)
from web.feed_files import FeedFile, Head, path_of, read_feed, read_feeds, write_feed
from web.feeds import FeedError, Fetched, Guard

JOBSEARCH: Final = "https://jobsearch.api.jobtechdev.se/search"
PAGE: Final = 100
FURTHEST: Final = 2_000  # the offset that JobSearch goes to


class ImportRefusedError(Exception):
    """The rows are not taken over, though they could be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Given:
    """The bytes of a file or feed, what to call it, and the version that came; `data` None: nothing has changed."""

    name: str
    data: bytes | None
    url: str | None = None
    etag: str | None = None
    modified: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go: whose they are, of which kind, from which source, and what is there now (None: nothing)."""

    data: Path
    municipality: Municipality
    kind: str
    source: str
    before: FeedFile | None

    @property
    def path(self) -> Path:
        """The file of the rows."""
        return path_of(self.data, self.municipality.id, self.kind, self.source)

    @property
    def rows(self) -> Mapping[str, Any]:
        """The rows that are there now."""
        return self.before.rows if self.before else {}


@dataclass(frozen=True, slots=True)
class Incoming:
    """The rows of a file or feed; `notes` are sentences for whoever imports them."""

    records: Sequence[Plot] | Sequence[Job]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diff:
    """What would change, the ids that are written by hand (these win), and those that another source has too."""

    changes: Changes
    by_hand: tuple[str, ...]
    elsewhere: tuple[str, ...]


def is_url(given: str) -> bool:
    """Whether what is given is a URL, of whatever scheme."""
    return "://" in given


def source_of(given: str) -> str:
    """Return the name of a source: that of its host, or of its file without ending."""
    if is_url(given):
        return make_id(urlsplit(given).hostname or "feed")
    return make_id(Path(given).stem)


def find_target(data: Path, municipality: Municipality, kind: str, source: str) -> Target:
    """Return where the rows of `source` go. A file there that cannot be read counts as none: it will be replaced."""
    path = path_of(data, municipality.id, kind, source)
    try:
        before = read_feed(path, kind)
    except KnowledgeError:
        before = None
    return Target(data, municipality, kind, source, before)


def obtain(given: str, target: Target, fetch: Callable[..., Fetched], guard: Guard) -> Given:
    """Read the file or fetch the URL `given`; raises OSError or FeedError."""
    if not is_url(given):
        path = Path(given)
        if path.stat().st_size > LARGEST_FILE:
            raise FeedError(f"{path}: larger than {LARGEST_FILE} bytes ({path.stat().st_size})")
        return Given(path.name, path.read_bytes())
    head = target.before.head if target.before and target.before.head.url == given else None
    found = fetch(given, guard, etag=head and head.etag, modified=head and head.modified)
    return Given(urlsplit(given).hostname or given, found.data, given, found.etag, found.modified)


def read_table(given: Given) -> Table:
    """Read GeoJSON, CSV or a workbook, by its content; raises ExchangeError."""
    data = given.data or b""
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        return read_geojson(data, given.name)
    return read_sheet(data, given.name)


def choose_mapping(table: Table, file: Path | None) -> ColumnMapping:
    """Return the mapping that `file` says, else the one guessed; raises ExchangeError, KnowledgeError, OSError."""
    if file is None:
        return guess(table.columns)
    return read_mapping(file.read_text(encoding="utf-8"), file.name, table.columns)


def take_plots(
    given: Given, table: Table, mapping: ColumnMapping, target: Target, now: datetime, crs: int | None
) -> Incoming:
    """Read the plots of a table; raises ExchangeError."""
    found = read_plots(table, mapping, Origin(given.url or target.municipality.site, now.date()), crs)
    return Incoming(found.plots, found.notes)


def take_jobs(given: Given, target: Target, knowledge: Knowledge, now: datetime, employer: str | None) -> Incoming:
    """Read the jobs of an RSS feed, a list of Visma Recruit or an answer of JobSearch; raises ExchangeError."""
    data = given.data or b""
    if is_feed(data):
        name = employer or target.municipality.name.best("sv")
        read = read_visma if is_visma(data) else read_rss
        found = read(data, given.name, now.date(), name)
    else:
        found = read_jobs(data, given.name, now.date(), knowledge.occupations, _code(target))
    return Incoming(found.jobs, found.notes)


def take_jobsearch(
    target: Target, knowledge: Knowledge, now: datetime, fetch: Callable[..., Fetched], guard: Guard
) -> Incoming:
    """Fetch all pages of the municipality's jobs; raises FeedError, ExchangeError. One page missing is all missing."""
    pages: list[JobRows] = []
    code = _code(target)
    for offset in range(0, FURTHEST + 1, PAGE):
        url = f"{JOBSEARCH}?municipality={code}&offset={offset}&limit={PAGE}"
        data = fetch(url, guard).data or b""
        name = f"JobSearch from {offset + 1}"
        pages.append(read_jobs(data, name, now.date(), knowledge.occupations, code))
        if offset + PAGE >= pages[0].total:
            break
    jobs = {job.id: job for page in pages for job in page.jobs}
    notes = tuple(dict.fromkeys(note for page in pages for note in page.notes))
    if pages[0].total > FURTHEST + PAGE:
        notes = (*notes, f"JobSearch has {pages[0].total} jobs; it gives the first {FURTHEST + PAGE}")
    return Incoming(tuple(jobs.values()), notes)


def _code(target: Target) -> str:
    if target.municipality.code is None:
        name = target.municipality.id
        raise ImportRefusedError(f"municipalities/{name}/municipality.yaml has no code: vacancies are found by it")
    return target.municipality.code


def diff(target: Target, incoming: Incoming, knowledge: Knowledge) -> Diff:
    """Compare what came with what is there; raises ImportRefusedError where nothing came in the place of something.

    A source that suddenly has no row at all is taken for broken: an empty list is put in place by removing the file.
    """
    if not incoming.records and target.rows:
        raise ImportRefusedError(
            f"no rows came, and there are {len(target.rows)} now; they stay. Remove {target.path} if this is right"
        )
    records = {record.id: record for record in incoming.records}
    others = _ids_elsewhere(target)
    written = getattr(knowledge.view(target.municipality.id).inventory, target.kind)
    return Diff(
        compare(target.rows, records),
        tuple(name for name in records if name in written),
        tuple(name for name in records if name in others),
    )


def _ids_elsewhere(target: Target) -> set[str]:
    files = read_feeds(target.data).files
    return {
        name
        for path, file in files.items()
        if path != str(target.path) and (file.municipality, file.kind) == (target.municipality.id, target.kind)
        for name in file.rows
    }


def put(target: Target, incoming: Incoming, given: Given | None, now: datetime) -> None:
    """Write the rows in the place of those there; raises OSError."""
    head = Head(target.source, now, JOBSEARCH)
    if given:
        head = Head(target.source, now, given.url, given.etag, given.modified)
    write_feed(target.path, head, incoming.records)


def put_unchanged(target: Target, now: datetime) -> None:
    """Note that the rows that are there were current `now`; raises OSError."""
    if target.before:
        rows = [_copied(record, now) for record in target.before.rows.values()]
        write_feed(target.path, replace(target.before.head, fetched=now), rows)


def _copied(record: Any, now: datetime) -> Any:
    return replace(record, source=replace(record.source, copied=now.date())) if record.source else record
