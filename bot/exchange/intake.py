"""What sheets would change of the knowledge: rows somebody worked on, and rows that somebody else changed meanwhile.

A row remembers the version that it was made from. Untouched rows change nothing, whatever became of the item since; a
row that is missing takes nothing away.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, cast

from bot.content.items import FRAMES, VOCABULARY, WORDS, Item, Key, Kind, Plain, as_plain, read_item
from bot.content.loading import Knowledge
from bot.content.overlay import new_problems
from bot.content.translation import remembering
from bot.errors import KnowledgeError, Problem
from bot.exchange.book import version_of
from bot.exchange.cells import NO, YES, folded
from bot.exchange.columns import ID, LAYER, REMOVE, VERSION, cells_of, heading_of, links_in, plain_of
from bot.exchange.problems import RowProblem, problem
from bot.exchange.tables import Row, Table, raise_all
from bot.models import Entry

Why = Literal["changed", "gone", "exists", "draft"]
Base = Callable[[Key, str], Plain | None]
OF_ROW: Final = (ID, LAYER, VERSION, REMOVE)


@dataclass(frozen=True, slots=True)
class Origin:
    """The row that something comes from."""

    sheet: str
    row: int


@dataclass(frozen=True, slots=True)
class Change:
    """An item that is to become another: `before` None: it is new, `after` None: it is to go."""

    key: Key
    origin: Origin
    before: Item | None
    after: Item | None


@dataclass(frozen=True, slots=True)
class Clash:
    """A row that was worked on while somebody else worked on the same item: `now` is theirs, `yours` the row's."""

    key: Key
    origin: Origin
    why: Why
    now: Item | None
    yours: Plain | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which layers may be changed; `usual` is the one of a new row that names none (None: it must name one)."""

    layers: Collection[str]
    usual: str | None = None


@dataclass(slots=True)
class Intake:
    """What sheets bring: what changes, what clashes, and how many rows say what is there already."""

    changes: list[Change] = field(default_factory=list)
    clashes: list[Clash] = field(default_factory=list)
    untouched: int = 0
    notes: tuple[str, ...] = ()

    @property
    def items(self) -> dict[Key, Item | None]:
        """What is to be laid over the knowledge."""
        return {change.key: change.after for change in self.changes}


def take_in(
    tables: Mapping[Kind, Table],
    knowledge: Knowledge,
    items: Mapping[Key, Item],
    scope: Scope,
    base: Base = lambda key, version: None,
) -> Intake:
    """Say what the sheets change; raises ExchangeError with everything that is wrong in any row.

    `items` are those of `knowledge`, at least of the layers that are in `scope` or named in a row. `base` gives the
    content that a version stands for, where it is still known.
    """
    reader = _Reader(knowledge, items, scope, base)
    for kind, table in tables.items():
        reader.read(kind, table)
    reader.look_at_the_whole()
    raise_all(reader.problems)
    reader.intake.notes = tuple(note for table in tables.values() for note in table.notes)
    return reader.intake


def layers_named(tables: Mapping[Kind, Table]) -> set[str]:
    """Return the layers that rows name."""
    return {row.cells[LAYER] for table in tables.values() for row in table.rows if row.cells.get(LAYER)}


@dataclass(frozen=True, slots=True)
class _Place:
    """A row with its cells, and where it stands."""

    kind: Kind
    table: Table
    row: Row

    @property
    def origin(self) -> Origin:
        return Origin(self.table.sheet, self.row.number)

    @property
    def cells(self) -> Mapping[str, str]:
        return self.row.cells

    def problem(self, column: str, code: str, /, **values: object) -> RowProblem:
        return problem(self.table.sheet, self.row.number, column, code, **values)


class _Reader:
    """Goes through the rows of all sheets."""

    def __init__(self, knowledge: Knowledge, items: Mapping[Key, Item], scope: Scope, base: Base) -> None:
        self._knowledge = knowledge
        self._items = items
        self._scope = scope
        self._base = base
        self._places: dict[Key, _Place] = {}
        self._failed: set[str] = set()
        self._doubtful: dict[Key, Item] = {}  # rows with a fault, as far as they can be read
        self.intake = Intake()
        self.problems: list[RowProblem] = []

    def read(self, kind: Kind, table: Table) -> None:
        """Read the rows of one sheet."""
        for row in table.rows:
            place = _Place(kind, table, row)
            found = self._key(place)
            if isinstance(found, RowProblem):
                self._fail(place, [found])
            elif found in self._places:
                first = self._places[found].row.number
                self._fail(place, [place.problem(ID, "duplicate-row", value=found.id, first=first)])
            else:
                self._places[found] = place
                self._take(found, place)

    def look_at_the_whole(self) -> None:
        """Say what would be wrong then, in a row or in what points to it; what is wrong already is no reason."""
        items = {**self._doubtful, **self.intake.items}
        for one in new_problems(self._knowledge, items):
            if one.values.get("id") not in self._failed:
                self.problems.append(self._of_whole(one))

    def _key(self, place: _Place) -> Key | RowProblem:
        name, layer = place.cells.get(ID, ""), place.cells.get(LAYER, "")
        if not name:
            return place.problem(ID, "missing")
        if place.kind == "frames" and name != FRAMES:
            return place.problem(ID, "single-row", id=FRAMES)
        allowed = [one for one in self._scope.layers if (one == VOCABULARY) == (place.kind in WORDS)]
        layer = layer or (VOCABULARY if place.kind in WORDS else self._scope.usual or "")
        if not layer:
            return place.problem(LAYER, "layer-missing", known=", ".join(allowed))
        if layer not in allowed and not self._is_untouched(Key(layer, place.kind, name), place):
            return place.problem(LAYER, "layer-closed", value=layer, known=", ".join(allowed) or "nothing")
        return Key(layer, place.kind, name)

    def _is_untouched(self, key: Key, place: _Place) -> bool:
        now = self._items.get(key)
        return now is not None and self._says(place, as_plain(now)) and not place.cells.get(REMOVE)

    def _take(self, key: Key, place: _Place) -> None:
        now, version = self._items.get(key), place.cells.get(VERSION, "")
        word = folded(place.cells.get(REMOVE, ""))
        if word and word not in YES | NO:
            self._fail(place, [place.problem(REMOVE, "remove-word", value=place.cells[REMOVE])])
        elif word in YES:
            self._take_away(key, place, now, version)
        elif now is None:
            self._take_new(key, place, version)
        elif version == version_of(as_plain(now)):
            self._take_changed(key, place, now)
        else:
            self._take_late(key, place, now, version)

    def _take_away(self, key: Key, place: _Place, now: Item | None, version: str) -> None:
        if now is None:
            self._fail(place, [place.problem(REMOVE, "remove-nothing")])
        elif version == version_of(as_plain(now)):
            self.intake.changes.append(Change(key, place.origin, now, None))
        else:
            self.intake.clashes.append(Clash(key, place.origin, "changed", now, None))

    def _take_new(self, key: Key, place: _Place, version: str) -> None:
        plain = self._typed(key, place, None)
        if plain is None:
            return
        if not version:
            self.intake.changes.append(Change(key, place.origin, None, read_item(key.kind, plain, str(key))))
        elif self._base(key, version) is None:
            self._fail(place, [place.problem(ID, "id-changed", value=key.id)])
        else:
            self.intake.clashes.append(Clash(key, place.origin, "gone", None, plain))

    def _take_changed(self, key: Key, place: _Place, now: Item) -> None:
        before = as_plain(now)
        if self._says(place, before):
            self.intake.untouched += 1
            return
        plain = self._typed(key, place, before)
        if plain is None:
            return
        item = read_item(key.kind, plain, str(key))
        if item == now:
            self.intake.untouched += 1
        else:
            self.intake.changes.append(Change(key, place.origin, now, item))

    def _take_late(self, key: Key, place: _Place, now: Item, version: str) -> None:
        """Somebody changed the item since the sheet was made; only a row that nobody touched says nothing."""
        base = self._base(key, version) if version else None
        was_left = self._is_of(key, place, version) if base is None else self._says(place, base)
        if was_left or self._says(place, as_plain(now)):
            self.intake.untouched += 1
            return
        plain = self._typed(key, place, base)
        if plain is not None:
            self.intake.clashes.append(Clash(key, place.origin, "changed" if version else "exists", now, plain))

    def _is_of(self, key: Key, place: _Place, version: str) -> bool:
        """Whether a row says what stood in it when it was exported, as far as its cells alone can tell."""
        plain, _ = plain_of(key.kind, _own(place))
        try:
            return version == version_of(as_plain(read_item(key.kind, {**plain, ID: key.id})))
        except KnowledgeError:
            return False

    def _says(self, place: _Place, plain: Plain) -> bool:
        """Whether a row says what plain values say, cell by cell."""
        links = max(links_in(place.table.columns), len(plain.get("links", ())))
        known = cells_of(place.kind, plain, links)
        return all(known.get(name, "") == text for name, text in _own(place).items())

    def _typed(self, key: Key, place: _Place, before: Plain | None) -> Plain | None:
        """Return what a row says as plain values that can be typed; None where something of it is wrong."""
        plain, faults = plain_of(key.kind, _own(place), before)
        problems = [place.problem(heading, error.code, **error.values) for heading, error in faults]
        plain = {**plain, ID: key.id}
        if "answer" in plain and (before or "en_of" not in plain):
            plain = remembering(plain, before or {})
        try:
            item = read_item(key.kind, plain, str(key))
            plain = as_plain(item)
            if problems:
                self._doubtful[key] = item
        except KnowledgeError as error:
            headings = {one.column for one in problems}
            problems += [one for one in self._told(place, error.problems) if one.column not in headings]
        self._fail(place, problems)
        return None if problems else plain

    def _told(self, place: _Place, problems: Sequence[Problem]) -> Iterator[RowProblem]:
        for one in problems:
            yield place.problem(heading_of(place.kind, one.field), one.code, **one.values)

    def _fail(self, place: _Place, problems: Sequence[RowProblem]) -> None:
        if problems:
            self._failed.add(place.cells.get(ID, ""))
            self.problems += problems

    def _of_whole(self, one: Problem) -> RowProblem:
        """Name the row that a problem of the whole is in, else the item that points to what would be gone."""
        layer, kind, name = one.file.rsplit("/", 2)
        place = self._places.get(Key(layer, cast("Kind", kind), name))
        if place is None:
            return problem(one.file, 0, one.field, one.code, **one.values)
        return place.problem(heading_of(place.kind, one.field), one.code, **one.values)


def _own(place: _Place) -> dict[str, str]:
    """Return the cells that say something of the item itself."""
    return {name: text for name, text in place.cells.items() if name not in OF_ROW}


def unfinished(intake: Intake, entries: Mapping[Key, Entry]) -> list[RowProblem]:
    """Say which answers visitors could not find or read; `entries` are those of the changes as visitors get them."""
    found: list[RowProblem] = []
    for change in intake.changes:
        entry = entries.get(change.key)
        if entry is None:
            continue
        origin = change.origin
        if not any(entry.questions):
            found.append(problem(origin.sheet, origin.row, "questions_sv", "question-missing"))
        if entry.answer is None or not (entry.answer.sv or entry.answer.en):
            found.append(problem(origin.sheet, origin.row, "answer_sv", "answer-missing"))
    return found
