"""The script as this server gives it: the newest one, and those that pinned pages still ask for."""

import logging
from pathlib import Path
from typing import Any, Final

from bot import Assistant, Knowledge, Municipality
from web.accent import STANDARD
from web.embed.script import Script, Texts, put_together
from web.files import write_whole
from web.i18n import languages

LOG: Final = logging.getLogger("hemvist.embed")
FOLDER: Final = "embed"
NAMED_AT_MOST: Final = 4  # municipalities; with more the file would pass 15 kB
KNOWN_AT_MOST: Final = 10


class EmbedService:
    """Keeps each pinned script that a page has loaded in `data`, so that it goes on working under a newer release."""

    def __init__(self, data: Path, texts: Texts) -> None:
        """`texts` are what the chat says before it is opened, by language."""
        self._folder = data / FOLDER
        self._texts = texts
        self.pinned = put_together(texts, STANDARD)
        self._newest: tuple[Assistant | None, Script] = (None, self.pinned)
        self._is_kept = False

    def newest(self, assistant: Assistant) -> Script:
        """Return the script that names the municipalities of `assistant`, made anew when these change."""
        made_for, script = self._newest
        if made_for is not assistant:
            knowledge = assistant.knowledge
            script = put_together(self._texts, STANDARD, _places(knowledge), _ids(knowledge))
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


def named(knowledge: Knowledge) -> list[Municipality]:
    """Return whom the script names: those that name a site, or all where none does, as when it is tried out.

    Nobody where they are too many; then the line that a site pastes says whom to call.
    """
    known = knowledge.municipalities.values()
    embedding = [one for one in known if one.origins] or list(known)
    return embedding if len(embedding) <= NAMED_AT_MOST else []


def someone(knowledge: Knowledge, one: Municipality) -> tuple[str | None, str | None]:
    """Return the phone number and the e-mail address to turn to at `one`."""
    contact = knowledge.view(one.id).contacts.get(one.switchboard or "")
    return (contact.phone, contact.email) if contact else (None, None)


def _ids(knowledge: Knowledge) -> list[str]:
    known = sorted(knowledge.municipalities)
    return known if len(known) <= KNOWN_AT_MOST else []


def _places(knowledge: Knowledge) -> dict[str, Any]:
    return {one.id: _place(knowledge, one) for one in named(knowledge)}


def _place(knowledge: Knowledge, one: Municipality) -> dict[str, Any]:
    phone, email = someone(knowledge, one)
    names = {language: one.name.best(language) for language in languages()}
    return {"name": names, "accent": one.accent, "phone": phone, "email": email}
