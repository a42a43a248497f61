"""Where the truth is: the newest revision of each item, and a folder of files that is kept in line with it.

What somebody changed in a file by hand is taken in where nothing newer is known of the item; else it is a conflict,
shown to staff, and the file is left as it is. Visitors are answered from the files with the revisions laid over them.
"""

import hashlib
import json
import logging
import secrets
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection

from bot import (
    WORDS,
    Item,
    Key,
    Knowledge,
    KnowledgeError,
    Problem,
    as_plain,
    digest,
    in_order,
    items_of,
    items_of_layer,
    lay_over,
    layer_of,
    problems_after,
    read_item,
)
from web.abreast import note_abreast
from web.files import ChangedMeanwhileError, write_whole
from web.folder import Folder, Sight, keys_of, names_of, was_refused
from web.judging import BY_HAND, Standing, judge
from web.settings import Settings, is_installed
from web.store import revisions
from web.store.access import Store
from web.store.errors import StoreError
from web.store.lookout import UNPUBLISHED, Publication
from web.store.revisions import NONE, Conflict, Draft, FolderFile, FolderMark, Newest

LOG: Final = logging.getLogger("hemvist.knowledge")
AGAIN: Final = 10.0  # seconds, after which files that could not be written are tried again
SOON: Final = 0.5  # the same for a file that somebody was changing
AT_A_TIME: Final = 500  # items of files that are in memory while they are taken in
FOLDER_ID: Final = "folder.id"
SKEW: Final = 60.0  # seconds that the clocks of machines may differ
Headings = Mapping[str, tuple[str, ...]]
LayerState = Mapping[str, tuple[str | None, FolderFile | None]]  # of each file: its hash, and what it held before


def open_truth(settings: Settings) -> "Truth":
    """Return the truth of a server. The copy of the knowledge that was installed is left as it is."""
    folder = Folder(settings.knowledge, is_read_only=is_installed(settings.knowledge))
    return Truth(lambda: Store(settings), folder, settings.data)


@dataclass(slots=True)
class _Plan:
    """What is to be done: items to take in from files, to write into files, and that differ on both sides.

    `withheld` are items of files with which the knowledge could not be used: they wait until somebody mends the files.
    """

    take: dict[Key, str | None] = field(default_factory=dict)
    withheld: dict[Key, str | None] = field(default_factory=dict)
    write: list[Key] = field(default_factory=list)
    conflicts: dict[Key, str | None] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.take or self.write or self.conflicts)


class Truth:
    """The truth as one process knows it; safe to share by threads, and handed over a fork unused.

    `open_store` is called at the first use. `data` is where the folder is known by a name that stays.
    """

    def __init__(
        self,
        open_store: Callable[[], Store],
        folder: Folder,
        data: Path,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.folder = folder
        self._open = open_store
        self._data = data
        self._clock = clock
        self._opened: Store | None = None
        self._lock = threading.RLock()
        self._name: str | None = None
        self._sight = Sight()
        self._known: Mapping[str, FolderFile] = {}
        self._noted: Mapping[str, FolderFile] = {}
        self._mark: FolderMark | None = None
        self._newest: dict[Key, Newest] = {}
        self._keys: dict[str, set[Key]] = {}
        self._calm: dict[str, LayerState] = {}
        self._states: dict[str, LayerState] = {}
        self._doubted: set[str] = set()
        self._publication = UNPUBLISHED
        self._tried: Publication | None = None
        self._laid: Mapping[Key, Item | None] = {}
        self._digests: dict[Key, tuple[Item, str]] = {}
        self._failed_at: float | None = None
        self._unwritten: tuple[Problem, ...] = ()
        self._unread: tuple[Problem, ...] = ()
        self._withheld: tuple[Problem, ...] = ()

    @property
    def store(self) -> Store:
        """The store, opened at its first use."""
        with self._lock:
            if self._opened is None:
                self._opened = self._open()
            return self._opened

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why files are not in line with what is served."""
        return self._unwritten + self._unread + self._withheld

    @property
    def generation(self) -> int:
        """The generation that this process knows."""
        return self._publication.generation

    def has_news(self, seen: Publication | None = None) -> bool:
        """Whether something was published that this process has not laid over its knowledge, or is to be tried
        again. `seen` is what was published last, where somebody has asked the store just now."""
        if self._failed_at is not None and time.monotonic() - self._failed_at > AGAIN:
            return True
        try:
            return (seen or self._published()) != self._tried
        except StoreError:
            return False

    def bring_in_line(self, knowledge: Knowledge | None = None) -> None:
        """Take in what was changed in files by hand, and write into files what was published; raises StoreError.

        With `knowledge`, which is served, only that is taken in with which all machines can serve the whole. May be
        done again at any time, by any process; a process that dies in the middle leaves it to the next.
        """
        with self._lock, self._trying(), self.folder.alone():
            with self.store.reading() as connection:
                self._follow(connection)
                plan = self._plan(connection)
                is_settled = self._is_settled(connection, plan)
            if not is_settled:
                plan = self._agree(knowledge)
            self._failed_at = None
            self._note(plan, self._write(plan, knowledge.headings if knowledge else {}))
            self._calm_down(plan)

    def lay_over(self, knowledge: Knowledge) -> Knowledge:
        """Return `knowledge`, read from the files, with each item as its newest revision has it.

        Raises StoreError, and KnowledgeError where something would be wrong then.
        """
        with self._lock, self._trying():
            try:
                with self.store.reading() as connection:
                    self._follow(connection)
                    changes = self._ahead(connection, knowledge)
            finally:
                self._tried = self._publication
            laid = self._in_order(_laid_over(knowledge, changes), changes)
            self._laid = changes
            if not changes and not self._unread:
                note_abreast(self._data, self.folder.path, self.generation, self._publication.database)
        return laid

    def lay_over_known(self, knowledge: Knowledge) -> Knowledge:
        """Do so with what was known the last time, where the store cannot be asked; raises KnowledgeError."""
        return self._in_order(_laid_over(knowledge, self._laid), self._laid)

    @contextmanager
    def publishing(self) -> Iterator[Connection]:
        """Give a connection on which nobody else adds revisions until the block ends, and all of it is kept or
        nothing."""
        with self._lock, self.store.writing() as connection:
            revisions.hold(connection)
            yield connection

    def as_published(self, connection: Connection, knowledge: Knowledge) -> Knowledge:
        """Return `knowledge` with everything that was published until now, right or wrong."""
        with self._lock:
            self._follow(connection)
            return lay_over(knowledge, self._ahead(connection, knowledge))

    def settle(self, connection: Connection, conflicts: Iterable[Conflict]) -> None:
        """Note that the files may be written over where they say what somebody has decided about."""
        for conflict in conflicts:
            known = revisions.folder_files(connection, conflict.folder)
            file = known.get(conflict.file, FolderFile("", {}))
            name = f"{conflict.key.kind}/{conflict.key.id}"
            items = {key: value for key, value in file.items.items() if key != name}
            if conflict.hash is not None:
                items[name] = conflict.hash
            revisions.note_files(connection, conflict.folder, {conflict.file: replace(file, items=items)})
        revisions.settle(connection, [conflict.id for conflict in conflicts], self._clock())

    @contextmanager
    def _trying(self) -> Iterator[None]:
        """Note what fails, so that it is tried again, but not at once."""
        try:
            yield
        except ChangedMeanwhileError as error:
            self._failed_at = time.monotonic() - AGAIN + SOON
            raise StoreError("a file of the knowledge is being changed") from error
        except (StoreError, OSError):
            self._failed_at = time.monotonic()
            raise

    def _follow(self, connection: Connection) -> None:
        """Learn what was published since the last time."""
        now = revisions.publication(connection)
        if now == self._publication:
            return
        if now.generation <= self.generation or not revisions.stands(connection, self._publication, now):
            self._newest, self._keys, self._calm, self._publication = {}, {}, {}, UNPUBLISHED  # it is from a backup
        found = revisions.seen_since(connection, self.generation)
        for key, newest in found.items():
            known = self._newest.get(key)
            self._newest[key] = replace(newest, first=known.first) if known else newest
            self._keys.setdefault(key.layer, set()).add(key)
            self._calm.pop(key.layer, None)
        self._publication = now

    def _published(self) -> Publication:
        with self.store.reading() as connection:
            return revisions.publication(connection)

    def _plan(self, connection: Connection) -> _Plan:
        self._noted = revisions.folder_files(connection, self._folder_name())
        self._mark = revisions.folder_mark(connection, self._folder_name())
        self._known = {} if self._is_another_folder() else self._noted
        self._sight = self.folder.look(self._sight, self._known)
        self._states = _states_of(self._sight, self._known)
        layers = {*self._states, *self._keys}
        self._doubted = {layer for layer in layers if self._states.get(layer, {}) != self._calm.get(layer)}
        plan = _Plan()
        for layer in self._doubted - self._hidden():
            self._plan_layer(connection, plan, layer)
        return plan

    def _calm_down(self, plan: _Plan) -> None:
        """Remember the layers of which all was in line, so that they are looked at again only when they change."""
        differing = (*plan.take, *plan.withheld, *plan.write, *plan.conflicts)
        unsettled = {*self._hidden(), *(key.layer for key in differing)}
        layers = {*self._states, *self._keys} - unsettled
        self._calm = {layer: self._states.get(layer, {}) for layer in layers}

    def _plan_layer(self, connection: Connection, plan: _Plan, layer: str) -> None:
        before: dict[Key, str] = {}
        for name in (name for name in self._known if layer_of(name) == layer):
            before |= keys_of(name, self._known[name].items)
        here = self._sight.items_of([layer])
        for key in here.keys() | before.keys() | self._keys.get(layer, set()):
            found = here.get(key)
            standing = Standing(found and found[1], before.get(key), self._newest.get(key), not self._known)
            self._sort(connection, plan, key, standing)

    def _sort(self, connection: Connection, plan: _Plan, key: Key, item: Standing) -> None:
        verdict = judge(item)
        if verdict in ("take", "conflict") and item.newest:
            verdict = judge(self._with_past(connection, key, item, item.newest))
        if verdict == "take":
            plan.take[key] = item.file
        elif verdict == "conflict":
            plan.conflicts[key] = item.file
        elif verdict == "write":
            plan.write.append(key)

    def _with_past(self, connection: Connection, key: Key, item: Standing, newest: Newest) -> Standing:
        """Find out whether nobody wrote by hand what is in the file: it came with an older folder, or was written by a
        process that died before it could note so."""
        is_old = item.file is not None and self._is_older(connection, key, newest)
        if item.is_new:
            is_past = item.file is not None and revisions.was_seen(connection, key, item.file)
        else:
            after = self._mark.generation if self._mark else self.generation
            is_past = revisions.was_seen(connection, key, item.file, after) or (
                is_old and newest.hash is not None and revisions.was_seen(connection, key, item.file)
            )
        return replace(item, is_past=is_past, is_old=is_old)

    def _is_older(self, connection: Connection, key: Key, newest: Newest) -> bool:
        """Whether the file of an item was written before its newest revision."""
        found = revisions.find(connection, newest.id)
        written = self.folder.written(self._sight.items[key][0])
        return found is not None and written is not None and written + SKEW < found.at.timestamp()

    def _is_another_folder(self) -> bool:
        """Whether not the folder that was noted lies there, but one in its place; or that of a backup, with `data`."""
        if self._mark is None:
            return False
        return self._mark.inode != self.folder.inode or self._noted_here() < self._mark.generation

    def _noted_here(self) -> int:
        """Return the generation that this machine wrote down; it is at least the one that the store has of it."""
        try:
            return int((self._data / self._note_file()).read_text("ascii"))
        except (OSError, ValueError):
            return self._mark.generation if self._mark else 0

    def _note_file(self) -> str:
        return f"folder.{self._folder_name()[:12]}.noted"

    def _hidden(self) -> set[str]:
        """Return the layers of which a file is broken: what is in them nobody knows."""
        return {name.rpartition("/")[0] for name in self._sight.broken}

    def _is_settled(self, connection: Connection, plan: _Plan) -> bool:
        """Whether nothing is to be taken in, and the conflicts are those that are known."""
        open_ones = revisions.open_conflicts(connection, folder=self._folder_name())
        if not plan.take:
            self._withheld = ()
        return not plan.take and {one.key: one.hash for one in open_ones} == plan.conflicts

    def _withhold(self, connection: Connection, plan: _Plan, knowledge: Knowledge) -> None:
        """Take nothing in with which the knowledge could not be used: no machine would serve anything new then."""
        problems: list[Problem] = []
        before = self.as_published(connection, knowledge) if plan.take else knowledge
        while plan.take and (found := self._faults_of(before, plan.take)):
            problems += found
            named = {key for key in plan.take if str(key) in {problem.file for problem in found}} or {*plan.take}
            plan.withheld |= {key: plan.take.pop(key) for key in named}
        self._withheld = _noted(self._withheld, tuple(problems))

    def _faults_of(self, before: Knowledge, taken: Mapping[Key, str | None]) -> list[Problem]:
        here = self._sight.items
        read = {name: self._read(name) for name in {here[key][0] for key, found in taken.items() if found}}
        items = {key: read[here[key][0]].get(key) if found else None for key, found in taken.items()}
        faults = problems_after(lay_over(before, items), items)
        known = problems_after(before, items) if faults else []
        return [one for one in faults if one not in known]

    def _agree(self, knowledge: Knowledge | None) -> _Plan:
        """Take in what is to be taken in and note the conflicts, in one transaction."""
        with self.store.writing() as connection:
            revisions.hold(connection)
            self._follow(connection)
            plan = self._plan(connection)
            if knowledge and self._newest:
                self._withhold(connection, plan, knowledge)
            self._take_in(connection, plan.take)
            self._note_conflicts(connection, plan)
        with self.store.reading() as connection:
            self._follow(connection)
        return plan

    def _take_in(self, connection: Connection, taken: Mapping[Key, str | None]) -> None:
        if not taken:
            return
        number = revisions.advance(connection)
        first = []
        for draft in self._drafts(taken):
            if draft.key in self._newest or revisions.newest(connection, draft.key):
                last = revisions.newest(connection, draft.key)
                revisions.add(connection, draft, last.id if last else NONE, number)
            else:
                first.append(draft)
            if len(first) >= AT_A_TIME:
                revisions.add_first(connection, first, number)
                first.clear()
        revisions.add_first(connection, first, number)
        LOG.info("%s items are taken in from files", len(taken))

    def _drafts(self, taken: Mapping[Key, str | None]) -> Iterator[Draft]:
        now, here = self._clock(), self._sight.items
        files: dict[str, list[Key]] = {}
        for key in (key for key, found in taken.items() if found is None):
            yield Draft(key, None, None, BY_HAND, now, "removed", BY_HAND)
        for key in (key for key in here if taken.get(key) is not None):  # in the order of the files
            files.setdefault(here[key][0], []).append(key)
        for name, keys in files.items():
            items = self._read(name, keys)
            for key in keys:
                plain = as_plain(items[key])
                yield Draft(key, plain, digest(items[key]), BY_HAND, now, "published", BY_HAND, note=name)

    def _read(self, name: str, keys: Collection[Key] = ()) -> dict[Key, Item]:
        """Return the items of a file, which has `keys`; raises ChangedMeanwhileError where it no longer does."""
        try:
            items = self.folder.items(name)
        except (KnowledgeError, UnicodeDecodeError) as error:
            raise ChangedMeanwhileError from error
        if not items.keys() >= set(keys):
            raise ChangedMeanwhileError
        return items

    def _note_conflicts(self, connection: Connection, plan: _Plan) -> None:
        folder, here = self._folder_name(), self._sight.items
        open_ones = {one.key: one for one in revisions.open_conflicts(connection, folder=folder)}
        over = [one.id for key, one in open_ones.items() if plan.conflicts.get(key, "") != one.hash]
        revisions.settle(connection, over, self._clock())
        new = [key for key, found in plan.conflicts.items() if key not in open_ones or open_ones[key].id in over]
        rows = []
        for key in new:
            name = here[key][0] if key in here else self._file_before(key)
            item = self._read(name).get(key) if key in here else None
            rows.append(_conflict_row(key, folder, name, item, self._newest[key].id, self._clock()))
        revisions.add_conflicts(connection, rows)
        for key in new:
            LOG.warning("conflict: %s was changed in a file and by staff; what staff published is served", key)

    def _file_before(self, key: Key) -> str:
        name = f"{key.kind}/{key.id}"
        return next(
            (
                file
                for file, known in self._known.items()
                if file.rpartition("/")[0] == key.layer and name in known.items
            ),
            "",
        )

    def _write(self, plan: _Plan, headings: Headings) -> Collection[Key]:
        """Write into the files what was published, and return it; what cannot be written is served all the same."""
        if not plan.write or self.folder.is_read_only:
            self._unwritten = ()
            return ()
        ids = {self._newest[key].id: key for key in plan.write}
        with self.store.reading() as connection:
            contents = revisions.contents(connection, ids)
        changes, _ = _typed({ids[revision]: plain for revision, plain in contents.items()})
        dropped = {key.layer for key, item in changes.items() if key.kind == "municipality" and item is None}
        kept = {key: item for key, item in changes.items() if key.layer not in dropped}
        failures = {key: error for key, error in self.folder.change(self._sight, kept, headings) if error}
        failures |= self._drop(dropped - {key.layer for key in plan.conflicts})
        self._report({key: error for key, error in failures.items() if not isinstance(error, ChangedMeanwhileError)})
        return changes.keys() - failures.keys()

    def _drop(self, layers: Collection[str]) -> dict[Key, Exception]:
        failures: dict[Key, Exception] = {}
        for layer in layers:
            try:
                self.folder.drop(self._sight, layer)
            except (OSError, ChangedMeanwhileError) as error:
                failures[Key(layer, "municipality", layer.rpartition("/")[2])] = error
        return failures

    def _report(self, failures: Mapping[Key, Exception]) -> None:
        if any(was_refused(error) for error in failures.values()):
            self.folder.is_read_only = True
            LOG.info("the folder of knowledge cannot be written; what is published is kept in the store alone")
            failures = {key: error for key, error in failures.items() if not was_refused(error)}
        problems = tuple(_unwritten(key, error) for key, error in sorted(failures.items()))
        if problems:
            self._failed_at = time.monotonic()
        if problems != self._unwritten:
            LOG.warning("not written to files, but served:\n%s", "\n".join(map(str, problems)))
        self._unwritten = problems

    def _note(self, plan: _Plan, written: Collection[Key]) -> None:
        """Remember what the folder holds, but of what is in conflict what it held before.

        What somebody changed by hand while we wrote counts as it was: whoever looks next finds it.
        """
        layers = self._doubted
        wanted: dict[Key, str | None] = {key: found for key, (_, found) in self._sight.items_of(layers).items()}
        wanted |= {key: self._newest[key].hash for key in written}
        before = _held(self._sight, layers)
        if plan.write:
            self._sight = self.folder.look(self._sight, self._known)
        now = _held(self._sight, layers)
        here = self._sight.items_of(layers)
        for key in {*wanted, *here}:
            if wanted.get(key) != (here[key][1] if key in here else None):
                _as_before(now, before, key)
        for key in (*plan.conflicts, *plan.withheld):
            _as_before(now, self._known, key)
        changed = {name: file for name, file in now.items() if self._noted.get(name) != file}
        known = (name for name in self._noted if layer_of(name) in layers)
        gone = [name for name in known if name not in now and name not in self._sight.broken]
        if changed or gone or self._mark is None or self._is_another_folder():
            self._note_files(changed, gone)

    def _note_files(self, changed: Mapping[str, FolderFile], gone: Collection[str]) -> None:
        """Write down what the folder holds; first in `data`, which is then never behind the store."""
        mark = FolderMark(self.generation, self.folder.inode)
        write_whole(self._data / self._note_file(), str(mark.generation))
        with self.store.writing() as connection:
            revisions.note_files(connection, self._folder_name(), changed, gone)
            revisions.mark_folder(connection, self._folder_name(), mark)

    def _ahead(self, connection: Connection, knowledge: Knowledge) -> dict[Key, Item | None]:
        """Return the items of which the newest revision says something else than `knowledge`."""
        found = self._digests_of(knowledge)
        ahead = {key: newest for key, newest in self._newest.items() if newest.hash != found.get(key)}
        contents = revisions.contents(connection, [newest.id for newest in ahead.values()])
        changes, self._unread = _typed({key: contents[newest.id] for key, newest in ahead.items()})
        return changes

    def _in_order(self, knowledge: Knowledge, changes: Collection[Key]) -> Knowledge:
        """Let items stand in the order in which they were first seen: files were written to in different orders."""
        new: dict[str, list[Key]] = {}
        for key in changes:
            new.setdefault(key.layer, []).append(key)
        places, hidden = {}, self._hidden()
        for layer in (*knowledge.layers, "vocabulary"):
            standing = dict.fromkeys([*self._sight.items_of([layer]), *new.get(layer, ())])
            own = {key: self._newest[key].first for key in standing if key in self._newest}
            if not _is_ascending(own) or layer in hidden:
                places[layer] = own
        return in_order(knowledge, places) if places else knowledge

    def _digests_of(self, knowledge: Knowledge) -> dict[Key, str | None]:
        """Return the digest of every item; what is not in memory is not read where its files are known."""
        items = items_of(knowledge, (*WORDS, "municipality"))
        found: dict[Key, str | None] = {}
        for name in knowledge.layers:
            seen, mark = self._sight.layer(name), knowledge.shelf.mark(name)
            if seen and seen.is_of(mark):
                found |= seen.items
            else:
                items |= items_of_layer(knowledge.layers[name])
        return found | {key: self._digest(key, item) for key, item in items.items()}

    def _digest(self, key: Key, item: Item | None) -> str | None:
        if item is None:
            return None
        known = self._digests.get(key)
        if known is None or known[0] != item:
            known = self._digests[key] = item, digest(item) or ""
        return known[1]

    def _folder_name(self) -> str:
        """Return a name for this folder of this machine; it is told by where it lies and by a token in `data`."""
        if self._name is None:
            self._name = _named(_token(self._data / FOLDER_ID), self.folder.path)
            self.folder.sweep()
        return self._name


def name_of_folder(data: Path, folder: Path) -> str | None:
    """Return the name under which a server with this `data` follows a folder of knowledge; None: it never did."""
    with suppress(OSError):
        return _named((data / FOLDER_ID).read_text("ascii"), folder)
    return None


def _named(token: str, folder: Path) -> str:
    return hashlib.sha256(f"{token} {folder.resolve()}".encode()).hexdigest()


def _states_of(sight: Sight, known: Mapping[str, FolderFile]) -> dict[str, LayerState]:
    """Return what tells of each layer whether its files, or what they held before, are others than they were."""
    found: dict[str, dict[str, tuple[str | None, FolderFile | None]]] = {}
    for name in {*sight.files, *known}:
        held = sight.files.get(name)
        found.setdefault(layer_of(name), {})[name] = held.hash if held else None, known.get(name)
    return dict(found)


def _held(sight: Sight, layers: Iterable[str]) -> dict[str, FolderFile]:
    whole = ((name, held.hash, held.items) for layer in layers for name, held in sight.files_of(layer).items())
    return {name: FolderFile(found, names_of(items)) for name, found, items in whole if items is not None}


def _is_ascending(places: Mapping[Key, int]) -> bool:
    """Whether the items of each kind stand in the order of their places."""
    last: dict[str, int] = {}
    for key, place in places.items():
        if place < last.get(key.kind, 0):
            return False
        last[key.kind] = place
    return True


def _typed(contents: Mapping[Key, Any]) -> tuple[dict[Key, Item | None], tuple[Problem, ...]]:
    """Type what revisions say; what this Hemvist no longer understands is a problem, and its file stands."""
    changes: dict[Key, Item | None] = {}
    problems: list[Problem] = []
    for key, plain in contents.items():
        try:
            changes[key] = None if plain is None else read_item(key.kind, plain, str(key))
        except KnowledgeError as error:
            problems += error.problems
    return changes, tuple(problems)


def _laid_over(knowledge: Knowledge, changes: Mapping[Key, Item | None]) -> Knowledge:
    if not changes:
        return knowledge
    laid = lay_over(knowledge, changes)
    if problems := problems_after(laid, changes):
        raise KnowledgeError(problems)
    return laid


def _token(path: Path) -> str:
    """Return a token that is made once; of several that make it, one wins."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(secrets.token_hex(16))
    except FileExistsError:
        pass
    return path.read_text("ascii")


def _noted(before: tuple[Problem, ...], problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
    """Log `problems` where they are new, and return them."""
    if problems and problems != before:
        LOG.warning("not taken in from files:\n%s", "\n".join(map(str, problems)))
    return problems


def _as_before(now: dict[str, FolderFile], before: Mapping[str, FolderFile], key: Key) -> None:
    """Let an item count as it was before in the files of its layer; these will be read anew by whoever looks next."""
    name = f"{key.kind}/{key.id}"
    for file in {*now, *before}:
        if file.rpartition("/")[0] != key.layer:
            continue
        known = before.get(file, FolderFile("", {}))
        found = now.get(file, FolderFile("", {}))
        items = {other: value for other, value in found.items.items() if other != name}
        if name in known.items:
            items[name] = known.items[name]
        if items != found.items:
            now[file] = FolderFile("", items)


def _conflict_row(key: Key, folder: str, file: str, item: Item | None, revision: int, now: datetime) -> dict[str, Any]:
    content = None if item is None else json.dumps(as_plain(item), ensure_ascii=False)
    return {
        "layer": key.layer,
        "kind": key.kind,
        "item": key.id,
        "folder": folder,
        "file": file,
        "content": content,
        "hash": digest(item),
        "revision": revision,
        "found_at": now,
        "settled_at": None,
    }


def _unwritten(key: Key, error: Exception) -> Problem:
    reason = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return Problem(str(key), 1, 1, "", "invalid", {"reason": f"published, but not written to its file: {reason}"})
