"""What staff do with the knowledge: save drafts, publish, restore, look at what was, settle conflicts.

Each is one transaction: the revision, its row in the audit and the new generation, or nothing of it.
"""

import difflib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from sqlalchemy import Connection

from bot import (
    Item,
    Key,
    Knowledge,
    KnowledgeError,
    Problem,
    as_plain,
    digest,
    find_item,
    fingerprint,
    new_problems,
    read_item,
)
from web.store import revisions
from web.store.access import Store
from web.store.errors import StoreError
from web.store.revisions import NONE, Conflict, Draft, Origin, Revision, State
from web.truth import Truth

Plain = Mapping[str, Any]
Audit = Callable[[Connection, Revision, Revision | None], None]  # what was added, and what was before
CONTEXT: Final = 3


class StaleError(Exception):
    """Somebody else was faster: `newest` came after the revision that `yours` is based on. Nothing is saved."""

    def __init__(self, key: Key, newest: Revision | None, yours: Plain | None) -> None:
        super().__init__(f"{key} was changed in the meantime")
        self.key = key
        self.newest = newest
        self.yours = yours

    @property
    def diff(self) -> tuple[str, ...]:
        """How yours differs from the newest, line by line."""
        return compared(self.newest.content if self.newest else None, self.yours)


@dataclass(frozen=True, slots=True)
class Edit:
    """What somebody wants an item to be (None: gone), based on the revision that they saw (0: there was none).

    `note` says why, above all where something is published that breaks a test.
    """

    key: Key
    item: Item | None
    author: str
    based_on: int
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Current:
    """An item as it is now: what visitors see, the draft beside it, and what an edit is to be based on."""

    key: Key
    item: Item | None
    draft: Revision | None
    based_on: int


@dataclass(frozen=True, slots=True)
class Version:
    """A revision, and how it differs, line by line, from what visitors saw before it."""

    revision: Revision
    diff: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """What an edit of an item is to be based on now, and the draft that waits."""

    based_on: int = NONE
    draft: Revision | None = None


class Revising:
    """The doors to the truth for staff; every method raises StoreError where the store does not do it now.

    `knowledge` gives what is served now; `audit` adds a row in the same transaction, and its failure is the edit's.
    """

    def __init__(
        self,
        truth: Truth,
        knowledge: Callable[[], Knowledge],
        audit: Audit,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._truth = truth
        self._knowledge = knowledge
        self._audit = audit
        self._clock = clock

    @property
    def _store(self) -> Store:
        return self._truth.store

    def current(self, key: Key) -> Current:
        """Return an item as an editor opens it. What was changed in its file by hand is taken in first."""
        self._align()
        with self._store.reading() as connection:
            return self._current(connection, key)

    def publish(self, edit: Edit) -> Revision:
        """Let visitors see an edit, in all processes within two seconds.

        Raises StaleError, and KnowledgeError where something would be wrong then, there or elsewhere.
        """
        return self.publish_all([edit])[0]

    def publish_all(self, edits: Sequence[Edit]) -> list[Revision]:
        """Do so with many edits at once, all of them or none."""
        return self._publish(edits, "web")

    def restore(self, edit_of: Key, revision: int, author: str, based_on: int, note: str | None = None) -> Revision:
        """Publish anew what a revision of the item said; raises as `publish`."""
        with self._store.reading() as connection:
            found = revisions.find(connection, revision)
        if found is None or found.key != edit_of:
            raise KnowledgeError([_problem(edit_of, f"no version {revision}")])
        item = None if found.content is None else read_item(edit_of.kind, found.content, str(edit_of))
        return self._publish([Edit(edit_of, item, author, based_on, note)], "restore")[0]

    def save_draft(self, edit: Edit) -> Revision:
        """Keep an edit that visitors do not see; raises StaleError."""
        return self.save_drafts([edit])[0]

    def save_drafts(self, edits: Sequence[Edit]) -> list[Revision]:
        """Do so with many edits at once, all of them or none."""
        self._align()
        with self._truth.publishing() as connection:
            return [self._add(connection, edit, "draft", "web") for edit in edits]

    def generation(self) -> int:
        """Return a number that grows with each publishing. What was changed in files by hand is taken in first."""
        self._align()
        with self._store.reading() as connection:
            return revisions.generation(connection)

    def standings(self, keys: Collection[Key]) -> dict[Key, Standing]:
        """Return how items stand now."""
        with self._store.reading() as connection:
            newest = {key: revisions.newest(connection, key) for key in keys}
        return {
            key: Standing(found.id, found if found.state == "draft" else None) if found else Standing()
            for key, found in newest.items()
        }

    def content_of(self, key: Key, beginning: str) -> Plain | None:
        """Return what a version of an item said whose digest begins so; None where it never had such a version."""
        with self._store.reading() as connection:
            found = revisions.history(connection, key)
        return next((one.content for one in found if one.content and (one.hash or "").startswith(beginning)), None)

    def discard_draft(self, key: Key, author: str, based_on: int) -> Revision:
        """Put the draft of an item away; it stays in the history. Raises StaleError."""
        with self._truth.publishing() as connection:
            return self._add(connection, Edit(key, None, author, based_on), "discarded", "web")

    def history(self, key: Key) -> list[Version]:
        """Return all versions of an item, the newest first."""
        with self._store.reading() as connection:
            found = revisions.history(connection, key)
        versions: list[Version] = []
        before: Plain | None = None
        for revision in reversed(found):
            versions.append(Version(revision, compared(before, revision.content)))
            if revision.state in revisions.SEEN:
                before = revision.content
        return versions[::-1]

    def swedish_of(self, key: Key, made_of: str) -> str | None:
        """Return the Swedish answer of an entry that has this fingerprint, from its history; None where it has none."""
        with self._store.reading() as connection:
            found = revisions.history(connection, key)
        answers = (revision.content.get("answer") or {} for revision in found if revision.content)
        return next((text for answer in answers if (text := answer.get("sv")) and fingerprint(text) == made_of), None)

    def drafts(self, layers: Collection[str] | None = None) -> list[Revision]:
        """Return the current drafts, the newest first; only those of `layers` where given."""
        with self._store.reading() as connection:
            return revisions.drafts(connection, layers)

    def conflicts(self, layers: Collection[str] | None = None) -> list[Conflict]:
        """Return where files and staff say different things, the newest first."""
        with self._store.reading() as connection:
            return revisions.open_conflicts(connection, layers)

    def settle(self, conflict: int, side: Literal["file", "staff"], author: str, note: str | None = None) -> Revision:
        """Let one side of a conflict hold: it is published anew, and goes into the file at once.

        Raises KnowledgeError as `publish`, and where the conflict is over.
        """
        with self._truth.publishing() as connection:
            found = next((one for one in revisions.open_conflicts(connection) if one.id == conflict), None)
            if found is None:
                raise KnowledgeError([Problem("", 1, 1, "", "invalid", {"reason": "the conflict is settled already"})])
            newest = revisions.newest(connection, found.key)
            seen = revisions.find(connection, found.revision)
            content = found.content if side == "file" else (seen.content if seen else None)
            item = None if content is None else read_item(found.key.kind, content, str(found.key))
            edit = Edit(found.key, item, author, newest.id if newest else NONE, note)
            self._check(connection, [edit])
            made = self._add(connection, edit, "published" if item else "removed", "restore")
            own = [one for one in revisions.open_conflicts(connection) if one.key == found.key]
            self._truth.settle(connection, own)
        self._align()
        return made

    def _publish(self, edits: Sequence[Edit], origin: Origin) -> list[Revision]:
        for edit in edits:
            if edit.item is None and edit.key.kind == "municipality":
                raise KnowledgeError([_problem(edit.key, "a municipality is removed with its folder")])
        self._align()
        with self._truth.publishing() as connection:
            for edit in edits:
                self._refuse_stale(connection, edit)
            self._check(connection, edits)
            number = revisions.advance(connection) if edits else None
            made = [
                self._add(connection, edit, "published" if edit.item else "removed", origin, number) for edit in edits
            ]
        self._align()
        return made

    def _add(
        self, connection: Connection, edit: Edit, state: State, origin: Origin, generation: int | None = None
    ) -> Revision:
        newest = self._refuse_stale(connection, edit)
        if state in revisions.SEEN and generation is None:
            generation = revisions.advance(connection)
        content = None if edit.item is None else as_plain(edit.item)
        draft = Draft(
            edit.key, content, digest(edit.item), edit.author, self._clock(), state, origin, edit.note or None
        )
        made = revisions.add(connection, draft, edit.based_on, generation)
        self._audit(connection, made, newest)
        return made

    def _refuse_stale(self, connection: Connection, edit: Edit) -> Revision | None:
        newest = revisions.newest(connection, edit.key)
        if (newest.id if newest else NONE) != edit.based_on:
            raise StaleError(edit.key, newest, None if edit.item is None else as_plain(edit.item))
        return newest

    def _check(self, connection: Connection, edits: Sequence[Edit]) -> None:
        """Refuse what would make the knowledge unusable; what is wrong in it already is no reason."""
        for edit in edits:
            if edit.item is not None and edit.item.id != edit.key.id:
                raise KnowledgeError([_problem(edit.key, f"the id is {edit.item.id!r}")])
        before = self._truth.as_published(connection, self._knowledge())
        if problems := new_problems(before, {edit.key: edit.item for edit in edits}):
            raise KnowledgeError(problems)

    def _current(self, connection: Connection, key: Key) -> Current:
        newest = revisions.newest(connection, key)
        seen = next((one for one in revisions.history(connection, key) if one.state in revisions.SEEN), None)
        item = find_item(self._knowledge(), key) if seen is None else None
        if seen and seen.content is not None:
            item = read_item(key.kind, seen.content, str(key))
        draft = newest if newest and newest.state == "draft" else None
        return Current(key, item, draft, newest.id if newest else NONE)

    def _align(self) -> None:
        """Look at the files, and write into them what is new; what cannot be done now is done by the watch."""
        try:
            self._truth.bring_in_line(self._knowledge())
        except OSError as error:
            raise StoreError(f"the folder of knowledge cannot be read: {error.strerror}") from error


def compared(before: Plain | None, after: Plain | None) -> tuple[str, ...]:
    """Return how two versions differ, line by line: `- ` is only in the first, `+ ` only in the second."""
    found = difflib.unified_diff(_lines(before), _lines(after), lineterm="", n=CONTEXT)
    return tuple(line for line in found if not line.startswith(("---", "+++")))


def _lines(plain: Plain | None) -> list[str]:
    """Write plain values as people read them: a field a line, texts as they are."""
    return [] if plain is None else list(_shown(plain, ""))


def _shown(value: Any, path: str) -> Sequence[str]:
    if isinstance(value, Mapping):
        return [line for key, inner in value.items() for line in _shown(inner, f"{path}.{key}" if path else key)]
    if isinstance(value, list):
        return [line for inner in value for line in _shown(inner, path)]
    text = value if isinstance(value, str) else json.dumps(value)
    return [f"{path}: {line}" for line in text.split("\n")]


def _problem(key: Key, reason: str) -> Problem:
    return Problem(str(key), 1, 1, "", "invalid", {"reason": reason})
