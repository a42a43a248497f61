"""When the files of a knowledge folder are read: what all share at once, a municipality's own when it is asked for."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock

from bot.content.grouping import Groups, in_order
from bot.content.layers import Layer
from bot.content.loading import Knowledge, Reader
from bot.content.shelf import MOST, Marked, Shelf, Source
from bot.errors import KnowledgeError, Problem
from bot.inventory import Occupation
from bot.models import Municipality, Topic, Vocabulary
from bot.recent import Recent

AT_ONCE = 20  # municipalities up to which all are read before the start: then every problem is told at once
VOCABULARY = "vocabulary"
GROUPS = "groups"  # what the groups say of themselves
MUNICIPALITIES = "municipalities"
Mark = tuple[tuple[str, str], ...]  # name and hash of each file
Words = tuple[Vocabulary, Mapping[str, tuple[Topic, ...]], tuple[Occupation, ...]]


@dataclass(frozen=True, slots=True)
class _Part:
    """What all share of one folder: as it was read, with its problems and the places of its items."""

    mark: Mark
    value: Layer | Words | Groups
    reader: Reader


@dataclass(frozen=True, slots=True)
class _InStead:
    """The mark of what is served in the stead of files that are wrong: it does not say what they say."""

    mark: Mark


@dataclass(slots=True)
class _Own:
    """What is known of a municipality's folder: its files, the settings in force, and what was found wrong.

    `judged`: what its files and those of all others were when they were checked; `good` and `stead`: the settings and
    the layer that are served while its files are wrong.
    """

    mark: Mark
    settings: Municipality | None
    problems: list[Problem]
    judged: tuple[Mark, ...] = ()
    good: Municipality | None = None
    stead: Layer | None = None


class Library:
    """A folder of knowledge and what is in memory of it: at most `most` municipalities. Threads may share it.

    What is wrong in a municipality's own files keeps nobody else from being served: it is served as it was before, or
    with what all share. `read` again after files have changed; what has not is not read anew.
    """

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.folder = folder
        self._kept: Recent[Marked, Layer] = Recent(most)
        self._hashes: dict[str, tuple[tuple[int, int, int], str]] = {}
        self._shared: dict[str, _Part] = {}
        self._own: dict[str, _Own] = {}
        self._between: list[Problem] = []
        self._lock = RLock()
        self.reads = 0  # how many times a municipality's layer was read

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What was found wrong until now, by file and line."""
        with self._lock:
            return _in_order([*self._of_all(), *(one for own in self._own.values() for one in own.problems)])

    @property
    def unchecked(self) -> list[str]:
        """The municipalities whose files were not read since they, or what they stand on, were changed."""
        with self._lock:
            return [name for name, own in self._own.items() if own.judged != self._state_of(own)]

    def open(self) -> Knowledge:
        """Read for the first time; of a small folder everything. Raises KnowledgeError with every problem."""
        self._look()
        few = len(self._own) <= AT_ONCE
        if few:
            self.check_all()
        problems = self.problems
        if _are_errors(problems if few else self._of_all()):
            raise KnowledgeError(problems)
        return self._knowledge()

    def read(self) -> Knowledge:
        """Read what has changed; raises KnowledgeError where what all share cannot be used, and nothing is changed."""
        before = self._shared, self._own, self._between
        self._look()
        problems = _in_order(self._of_all())
        if _are_errors(problems):
            self._shared, self._own, self._between = before
            raise KnowledgeError(problems)
        if len(self.unchecked) <= AT_ONCE:
            self.check_all()
        return self._knowledge()

    def inspect(self) -> Knowledge:
        """Read and check everything, and return what could be read of it."""
        self._look()
        self.check_all()
        return self._knowledge()

    def check_all(self) -> None:
        """Check every municipality that is not."""
        for name in self.unchecked:
            self.check(name)

    def check(self, name: str) -> None:
        """Read and check a municipality's files, unless that was done; what is dropped then is read again when it is
        asked for."""
        own = self._own.get(name)
        if own and own.judged != self._state_of(own):
            layer = self._read_own(name, own)
            if len(self._own) <= self._kept.most:
                self._kept.put((layer.name, own.mark), layer)

    def _look(self) -> None:
        with self._lock:
            found = Reader(self.folder)
            names = ["national", *(f"groups/{path.name}" for path in found.folders(GROUPS)), VOCABULARY, GROUPS]
            self._shared = {name: self._part(name) for name in names}
            self._own = {path.name: self._owned(path.name) for path in found.folders(MUNICIPALITIES)}
            self._between = self._problems_between()

    def _part(self, name: str) -> _Part:
        mark, before = self._mark(name), self._shared.get(name)
        if before and before.mark == mark and not _are_errors(before.reader.problems):
            return before
        reader = Reader(self.folder)
        return _Part(mark, self._read_part(reader, name), reader)

    def _read_part(self, reader: Reader, name: str) -> Layer | Words | Groups:
        if name == VOCABULARY:
            return reader.vocabulary()
        return reader.groups() if name == GROUPS else reader.layer(name)

    def _problems_between(self) -> list[Problem]:
        """Return what is wrong in what all share with what it changes, wherever anybody lays it."""
        reader, knowledge = Reader(self.folder), self._knowledge()
        for part in self._shared.values():
            reader.places |= part.reader.places
        reader.check_overrides(knowledge, knowledge.shelf.at_hand)
        return reader.problems

    def _owned(self, name: str) -> _Own:
        mark, before = self._mark(f"{MUNICIPALITIES}/{name}"), self._own.get(name)
        if before and before.mark == mark:
            return before
        reader = Reader(self.folder)
        settings = reader.settings(name)
        if before is None:
            return _Own(mark, settings, reader.problems)
        stead = before.stead or self._kept.find((f"{MUNICIPALITIES}/{name}", before.mark))
        return _Own(mark, settings or before.good, reader.problems, (), before.good, stead)

    def _knowledge(self) -> Knowledge:
        layers = {name: part.value for name, part in self._shared.items() if isinstance(part.value, Layer)}
        vocabulary, headings, occupations = self._words()
        sources = {f"{MUNICIPALITIES}/{name}": self._source(name, own) for name, own in self._own.items()}
        settings = [own.settings for own in self._own.values() if own.settings]
        return Knowledge(
            {one.id: one for one in settings},
            Shelf(layers, sources, self._kept),
            vocabulary,
            tuple(topic for topics in headings.values() for topic in topics),
            tuple(problem for part in self._shared.values() for problem in part.reader.problems),
            occupations,
            headings={heading: tuple(topic.id for topic in topics) for heading, topics in headings.items()},
            groups=self._groups(),
        )

    def _words(self) -> Words:
        found = self._shared[VOCABULARY].value
        return found if isinstance(found, tuple) else (Vocabulary(), {}, ())

    def _groups(self) -> Groups:
        found = self._shared[GROUPS].value
        return found if isinstance(found, Mapping) else {}

    def _groups_of(self, settings: Municipality | None) -> list[str]:
        """Return the layers of the groups that a municipality belongs to, also by way of another group."""
        return [f"groups/{group}" for group in in_order(settings.groups if settings else (), self._groups())]

    def _source(self, name: str, own: _Own) -> Source:
        mark = _InStead(own.mark) if own.stead else own.mark
        return Source(mark, lambda: self._read_own(name, own))

    def _read_own(self, name: str, own: _Own) -> Layer:
        """Read a municipality's layer, and check it where that was not done."""
        self.reads += 1
        reader = Reader(self.folder)
        settings, layer = reader.own(name)
        state = self._state_of(own)
        if own.judged != state:
            self._check_references(reader, settings, layer)
            own.problems, own.judged = list(_in_order(reader.problems)), state
        found = (problem for problem in (*own.problems, *reader.problems) if problem.file.startswith(f"{layer.name}/"))
        if _are_errors(found):
            own.settings, own.stead = own.good or settings, own.stead or Layer(layer.name, {}, {})
            return own.stead
        own.good, own.stead = settings, None
        return layer

    def _check_references(self, reader: Reader, settings: Municipality | None, layer: Layer) -> None:
        """Check what a municipality's files point to, and what of all is seen there."""
        shared = {name: part for name, part in self._shared.items() if isinstance(part.value, Layer)}
        seen = ["national", *self._groups_of(settings)]
        for name in seen:
            if name in shared:
                reader.places |= shared[name].reader.places
        layers = {name: part.value for name, part in shared.items() if name in seen and isinstance(part.value, Layer)}
        vocabulary, _, occupations = self._words()
        known = {settings.id: settings} if settings else {}
        seen_here = {**layers, layer.name: layer}
        reader.check(Knowledge(known, seen_here, vocabulary, (), occupations=occupations, groups=self._groups()))

    def _of_all(self) -> list[Problem]:
        """Return what is wrong in what all share."""
        found = [problem for part in self._shared.values() for problem in part.reader.problems]
        found += self._between
        if not self._own and not found:
            return [Problem(str(self.folder), 1, 1, "", "missing-municipality")]
        return found

    def _state_of(self, own: _Own) -> tuple[Mark, ...]:
        """Return what a municipality's files and those they stand on are now."""
        names = ("national", VOCABULARY, GROUPS, *self._groups_of(own.settings))
        return own.mark, *(self._shared[name].mark for name in names if name in self._shared)

    def _mark(self, layer: str) -> Mark:
        if layer == GROUPS:
            folders = Reader(self.folder).folders(GROUPS)
            return tuple((folder.name, self._hash(folder / "group.yaml")) for folder in folders)
        paths = sorted((self.folder / layer).glob("[!.]*.yaml"))
        return tuple((path.name, self._hash(path)) for path in paths)

    def _hash(self, path: Path) -> str:
        """Return a hash of a file's bytes, which are read where it was touched since."""
        name = str(path)
        try:
            found = path.stat()
            stamp = (found.st_ctime_ns, found.st_size, found.st_ino)
            known = self._hashes.get(name)
            if known is None or known[0] != stamp:
                known = self._hashes[name] = stamp, hashlib.sha256(path.read_bytes()).hexdigest()
        except OSError as error:
            self._hashes.pop(name, None)
            return error.strerror or "unreadable"
        return known[1]


def load(folder: Path, most: int = MOST) -> Knowledge:
    """Read and check the knowledge in `folder`; raises KnowledgeError with every error of every file."""
    knowledge, problems = inspect(folder, most)
    if knowledge is None:
        raise KnowledgeError(problems)
    return knowledge


def load_as_asked(folder: Path, most: int = MOST) -> Knowledge:
    """Read what all share and who the municipalities are, and what these have when it is asked for.

    Raises KnowledgeError with what is wrong in what was read.
    """
    library = Library(folder, most)
    knowledge = library.open()
    if _are_errors(library.problems):
        raise KnowledgeError(library.problems)
    return knowledge


def inspect(folder: Path, most: int = MOST) -> tuple[Knowledge | None, list[Problem]]:
    """Read and check the knowledge in `folder` and return it with all problems; None where one of them is an error."""
    library = Library(folder, most)
    knowledge, problems = library.inspect(), list(library.problems)
    warnings = tuple(problem for problem in problems if problem.severity == "warning")
    return (None if _are_errors(problems) else replace(knowledge, warnings=warnings)), problems


def _are_errors(problems: Iterable[Problem]) -> bool:
    return any(problem.severity == "error" for problem in problems)


def _in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems by file and line, each once: what all share is judged for every municipality."""
    distinct = {str(problem): problem for problem in problems}
    return tuple(sorted(distinct.values(), key=lambda problem: (problem.file, problem.line, problem.column)))
