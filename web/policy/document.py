"""A text under headings, in Markdown, and what it is written from."""

from collections.abc import Callable
from dataclasses import dataclass

from bot import Contact, Language, Municipality, View
from web.i18n import sentences
from web.letters import mailbox_of
from web.settings import Settings


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text below it: paragraphs and lists in Markdown."""

    heading: str
    text: str


@dataclass(frozen=True, slots=True)
class Document:
    """A title, what matters most, and the sections."""

    title: str
    lead: str
    sections: tuple[Section, ...]

    def as_markdown(self) -> str:
        """Return the whole as Markdown."""
        parts = [f"# {self.title}", self.lead]
        for section in self.sections:
            parts += [f"## {section.heading}", section.text]
        return "\n\n".join(parts)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the texts are written from. `retention_days`: how long the words of a question are kept, `gap_days`: of one
    that got no good answer; `tile_host`: the site that the pictures of the map come from, if any; `is_mailed`: messages
    to a person go to a mailbox too."""

    municipality: Municipality
    language: Language
    contact: Contact | None
    retention_days: int
    gap_days: int
    tile_host: str | None
    is_mailed: bool

    @property
    def place(self) -> str:
        """What the municipality is called."""
        return self.municipality.name.best(self.language)

    @property
    def texts(self) -> Callable[..., str]:
        """The `_` of the language."""
        return sentences(self.language)


def facts_of(view: View, settings: Settings, language: Language) -> Facts:
    """Return the facts of one municipality on a server with these settings."""
    found = view.municipality
    return Facts(
        municipality=found,
        language=language,
        contact=view.contacts.get(found.switchboard or ""),
        retention_days=settings.retention_days,
        gap_days=settings.open_gap_days,
        tile_host=settings.tile_origin.removeprefix("https://") if settings.tile_origin else None,
        is_mailed=mailbox_of(found, settings) is not None,
    )


def paragraphs(*texts: str | None) -> str:
    """Join `texts` as paragraphs and lists; None is left out."""
    return "\n\n".join(text for text in texts if text)


def bullets(*items: str | None) -> str:
    """Make a list; None is left out."""
    return "\n".join(f"- {item}" for item in items if item)
