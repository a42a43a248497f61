"""What is to be done about an item that a folder and the store may say different things of. No files, no database."""

from dataclasses import dataclass
from typing import Final, Literal

from web.store.revisions import Newest, Origin

BY_HAND: Final[Origin] = "file"
Verdict = Literal["same", "write", "take", "conflict"]


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one item: its digest in the files, in this folder before, and its newest revision.

    `is_new`: this folder was never looked at, or another one lies in its place now. `is_past`: what its files say is
    what visitors saw once, and nobody wrote it here by hand. `is_old`: its file is older than the newest revision.
    """

    file: str | None
    before: str | None
    newest: Newest | None
    is_new: bool
    is_past: bool = False
    is_old: bool = False


def judge(item: Standing) -> Verdict:
    """Say what is to be done about an item."""
    if item.newest is None:
        return "same" if item.file is None else "take"
    if item.file == item.newest.hash:
        return "same"
    if item.is_past:
        return "write"
    return _of_new(item, item.newest) if item.is_new else _of_known(item, item.newest)


def _of_new(item: Standing, newest: Newest) -> Verdict:
    if item.file is None:
        return "write"
    return "take" if newest.origin == BY_HAND and not item.is_old else "conflict"


def _of_known(item: Standing, newest: Newest) -> Verdict:
    if item.file == item.before:
        return "write"
    return "take" if newest.hash == item.before else "conflict"
