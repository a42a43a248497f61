"""The script as this server gives it: the newest one, and those that pinned pages still ask for."""

import logging
from pathlib import Path
from typing import Any, Final

from bot import LANGUAGES, Assistant, Municipality
from web.accent import STANDARD
from web.embed.script import Script, Texts, put_together
from web.files import write_whole

LOG: Final = logging.getLogger("hemvist.embed")
FOLDER: Final = "embed"
NAMED_AT_MOST: Final = 60  # municipalities; with more the file would pass 15 kB


class EmbedService:
    """Keeps each pinned script that a page has loaded in `data`, so that it goes on working under a newer release."""

    def __init__(self, data: Path, texts: Texts, words: Texts) -> None:
        """`texts` are what the chat says of itself, `words` what it writes around an answer, by language."""
        self._folder = data / FOLDER
        self._said = texts, words
        self.pinned = put_together(texts, words, STANDARD)
        self._newest: tuple[Assistant | None, Script] = (None, self.pinned)
        self._is_kept = False

    def newest(self, assistant: Assistant) -> Script:
        """Return the script that names the municipalities of `assistant`, made anew when these change."""
        made_for, script = self._newest
        if made_for is not assistant:
            script = put_together(*self._said, STANDARD, _places(assistant))
            self._newest = (assistant, script)
        return script

    def version(self, name: str) -> Script | None:
        """Return the pinned script of that version; None where it was never served here."""
        if name == self.pinned.version:
            self._keep()
            return self.pinned
        path = self._folder / f"{name}.js"
        return Script(name, path.read_bytes()) if path.is_file() else None

    def _keep(self) -> None:
        if self._is_kept:
            return
        self._is_kept = True
        path = self._folder / f"{self.pinned.version}.js"
        try:
            if not path.is_file():
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                write_whole(path, self.pinned.body.decode())
        except OSError as error:
            LOG.warning("%s: cannot be kept for pages that pin it (%s)", path, error.strerror)


def _places(assistant: Assistant) -> dict[str, Any]:
    """Return whom to call where, for those that name a site; for all where none does, as when it is tried out."""
    known = assistant.knowledge.municipalities
    embedding = [one for one in known.values() if one.origins] or list(known.values())
    return {one.id: _place(assistant, one) for one in embedding[:NAMED_AT_MOST]}


def _place(assistant: Assistant, one: Municipality) -> dict[str, Any]:
    contact = assistant.knowledge.view(one.id).contacts.get(one.switchboard or "")
    return {
        "name": {language: one.name.best(language) for language in LANGUAGES},
        "phone": contact.phone if contact else None,
        "email": contact.email if contact else None,
        "accent": one.accent,
    }
