"""Sheets as those who keep the knowledge bring them: what they would change now, and by which edits."""

import base64
import json
import zlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from bot import (
    SHEETS,
    Change,
    Clash,
    Intake,
    Item,
    Key,
    Knowledge,
    KnowledgeError,
    RowOrigin,
    Scope,
    as_plain,
    items_of,
    layers_named,
    read_item,
    read_upload,
    take_in,
)
from web.revising import Edit, Revising, Standing
from web.store.errors import StoreError

KINDS: Final = tuple(SHEETS.values())
TRIES: Final = 5
UNPACKED: Final = 40_000_000  # bytes of changes that a page carries


class UnreadableError(Exception):
    """What a page carried is not what it was given."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One change as a page carries it until it is confirmed, with the version that it is based on."""

    key: Key
    item: Item | None
    based_on: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """What sheets bring, checked against what there is now: nothing of it is done yet."""

    intake: Intake
    standings: Mapping[Key, Standing]

    @property
    def carried(self) -> list[Carried]:
        """The changes that can be made."""
        return [Carried(one.key, one.after, self.standings[one.key].based_on) for one in self.intake.changes]


def written_items(knowledge: Knowledge, layers: Collection[str] | None = None) -> dict[Key, Item]:
    """Return what sheets hold, of all layers or of some."""
    found = items_of(knowledge, KINDS, layers)
    return {key: item for key, item in found.items() if layers is None or key.layer in layers}


def propose(
    data: bytes, name: str, knowledge: Callable[[], Knowledge], scope: Scope, revising: Revising, author: str
) -> Proposal:
    """Say what sheets would change; raises ExchangeError with everything that is wrong in them, and StoreError."""
    tables = read_upload(data, name)
    layers = {*scope.layers, *layers_named(tables)}
    for _ in range(TRIES):
        number = revising.generation()
        now = knowledge()
        intake = take_in(tables, now, written_items(now, layers), scope, _base(revising))
        standings = revising.standings([change.key for change in intake.changes])
        if revising.generation() == number:  # else what was compared is not what the standings are of
            return stood(intake, standings, author)
    raise StoreError("the knowledge changes all the time")


def _base(revising: Revising) -> Callable[[Key, str], Mapping[str, Any] | None]:
    return lambda key, version: revising.content_of(key, version.removeprefix("v"))


def stood(intake: Intake, standings: Mapping[Key, Standing], author: str) -> Proposal:
    """Set aside the changes of items that somebody else has a draft of."""
    clashes = [
        Clash(one.key, one.origin, "draft", _drafted(standings[one.key]), one.after and as_plain(one.after))
        for one in intake.changes
        if _has_other_draft(standings[one.key], author)
    ]
    taken = {one.key for one in clashes}
    changes = [one for one in intake.changes if one.key not in taken]
    return Proposal(replace(intake, changes=changes, clashes=[*intake.clashes, *clashes]), standings)


def again(carried: Sequence[Carried], knowledge: Knowledge, revising: Revising) -> Proposal:
    """Say what is left of carried changes when somebody was faster with some of them."""
    standings = revising.standings([one.key for one in carried])
    items = written_items(knowledge, {one.key.layer for one in carried})
    intake, nowhere = Intake(), RowOrigin("", 0)
    for one in carried:
        now = items.get(one.key)
        if standings[one.key].based_on == one.based_on:
            intake.changes.append(Change(one.key, nowhere, now, one.item))
        else:
            intake.clashes.append(Clash(one.key, nowhere, "changed", now, one.item and as_plain(one.item)))
    return Proposal(intake, standings)


def edits_of(carried: Sequence[Carried], author: str, note: str | None) -> list[Edit]:
    """Return the edits that make the changes."""
    return [Edit(one.key, one.item, author, one.based_on, note) for one in carried]


def pack(carried: Sequence[Carried]) -> str:
    """Return changes as one line of text, for a page to carry."""
    plain = [
        [one.key.layer, one.key.kind, one.key.id, one.item and as_plain(one.item), one.based_on] for one in carried
    ]
    text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"))).decode()


def unpack(text: str) -> list[Carried]:
    """Return changes that a page carried; raises UnreadableError. Who may make them is for the caller to say."""
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.urlsafe_b64decode(text.encode("ascii")), UNPACKED)
        if unpacker.unconsumed_tail or not unpacker.eof:
            raise UnreadableError
        return [_carried(*row) for row in json.loads(data)]
    except (ValueError, TypeError, zlib.error, RecursionError, KnowledgeError) as error:
        raise UnreadableError from error


def _carried(layer: str, kind: Any, name: str, plain: Any, based_on: int) -> Carried:
    if kind not in KINDS or not isinstance(layer, str) or not isinstance(name, str) or not isinstance(based_on, int):
        raise UnreadableError
    key = Key(layer, kind, name)
    item = None if plain is None else read_item(kind, plain, str(key))
    if item is not None and item.id != name:
        raise UnreadableError
    return Carried(key, item, based_on)


def _has_other_draft(standing: Standing, author: str) -> bool:
    return standing.draft is not None and standing.draft.author != author


def _drafted(standing: Standing) -> Item | None:
    draft = standing.draft
    if draft is None or draft.content is None:
        return None
    try:
        return read_item(draft.key.kind, draft.content, str(draft.key))
    except KnowledgeError:
        return None
