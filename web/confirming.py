"""Who writes down that a translation still says the same, and that an answer is still right.

The pages of staff know the protocol alone. Today the folder of knowledge is written to, where it can be.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from bot import Checked, KnowledgeError, Problem, same_meaning, still_right
from web.files import write_whole

Undo = Callable[[], None]  # takes back what the transaction does not: it is called where that fails


class Confirmations(Protocol):
    """Confirms entries of a layer, inside the transaction of `connection`."""

    def can_confirm(self, layer: str) -> bool:
        """Whether entries of `layer` can be written now."""

    def earlier(self, layer: str, entry: str, made_of: str) -> str | None:
        """Return the Swedish answer that has this fingerprint; None where it is not known."""

    def same_meaning(self, connection: Connection, layer: str, entry: str) -> Undo:
        """Note that the English says what the Swedish says now; raises KnowledgeError, OSError."""

    def still_right(self, connection: Connection, layer: str, entry: str, checked: Checked) -> Undo:
        """Note that both languages were confirmed; raises KnowledgeError, OSError."""


class FolderConfirmations:
    """Writes to the files of the knowledge folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def can_confirm(self, layer: str) -> bool:
        """Whether the files of `layer` may be changed."""
        folder = self._folder / layer
        return folder.is_dir() and os.access(folder, os.W_OK)

    def earlier(self, layer: str, entry: str, made_of: str) -> str | None:
        """Return nothing: files keep no history."""
        return None

    def same_meaning(self, connection: Connection, layer: str, entry: str) -> Undo:
        """Set `en_of`."""
        return self._change(layer, entry, lambda text, name: same_meaning(text, name, entry))

    def still_right(self, connection: Connection, layer: str, entry: str, checked: Checked) -> Undo:
        """Set `checked`."""
        return self._change(layer, entry, lambda text, name: still_right(text, name, entry, checked))

    def _change(self, layer: str, entry: str, change: Callable[[str, str], str]) -> Undo:
        """Change the one file that holds `entry`."""
        for path in sorted((self._folder / layer).glob("[!.]*.yaml")):
            before = path.read_text("utf-8")
            try:
                after = change(before, f"{layer}/{path.name}")
            except KnowledgeError:
                continue  # it holds other things
            write_whole(path, after)
            return lambda: write_whole(path, before)
        raise KnowledgeError([Problem(layer, 1, 1, entry, "invalid", {"reason": "no file here holds this answer"})])
