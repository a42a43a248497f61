"""Facts once: what is written `{{ fact-id }}` in answers and tasks is told from one place.

A fact stands in facts.yaml; each contact gives facts of its own: `<contact>-phone`, `-email` and `-name`. A phone has a
second form, `<fact>-abroad`, as it is dialled from other countries. The innermost layer that gives a fact holds; where
none gives it a value, its `fallback` is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bot.content.figures import from_abroad, is_of, write
from bot.content.translation import fingerprint, is_outdated, is_text_outdated
from bot.inventory import Fact
from bot.models import Contact, Entry
from bot.tasks import Task
from bot.values import LANGUAGES, Language, Localized, is_understood

Texts = TypeVar("Texts", bound=Localized)
OPENING, CLOSING = "{{", "}}"
NAMED = re.compile(r"\{\{ *([a-z0-9]+(?:-[a-z0-9]+)*) *\}\}")
BRACES = re.compile(r"[^\n]{0,20}(?:\{\{|\}\})[^\n]{0,20}")
ABROAD = "-abroad"
PARTS = ("phone", "email", "name")  # of a contact
NOTHING = "…"  # in the place of a fact that nobody gives, which no check lets through


@dataclass(frozen=True, slots=True)
class Facts:
    """What texts may name in one view: the facts of its layers and those of its contacts."""

    written: Mapping[str, Fact] = field(default_factory=dict)
    contacts: Mapping[str, Contact] = field(default_factory=dict)

    def find(self, name: str) -> Fact | None:
        """Return the fact of that name; None where there is none."""
        written = self.written.get(name)
        if written and written.value is not None:
            return written
        return self._of_contact(name) or self._from_abroad(name) or written

    def tell(self, name: str, language: Language) -> str | None:
        """Write a fact in `language`; None where neither its value nor its fallback has that language."""
        fact = self.find(name)
        return told(fact, language) if fact else None

    def all_of(self, names: Iterable[str]) -> tuple[Fact, ...]:
        """Return the facts of these names that there are."""
        return tuple(fact for name in names if (fact := self.find(name)))

    def ids(self) -> Iterator[str]:
        """Yield the names of all facts but the numbers from abroad."""
        yield from self.written
        for contact in self.contacts.values():
            yield from (f"{contact.id}-{part}" for part in PARTS if getattr(contact, part))

    def is_of_contact(self, name: str) -> bool:
        """Whether a contact gives the fact of that name."""
        return self._of_contact(name) is not None

    def _of_contact(self, name: str) -> Fact | None:
        contact, _, part = name.rpartition("-")
        found = self.contacts.get(contact) if part in PARTS else None
        value = getattr(found, part) if found else None
        if found is None or value is None:
            return None
        return Fact(name, found.name, value, found.source, unit="phone" if part == "phone" else None)

    def _from_abroad(self, name: str) -> Fact | None:
        base = self.find(name.removesuffix(ABROAD)) if name.endswith(ABROAD) else None
        if base is None or base.unit != "phone" or not isinstance(base.value, str):
            return None
        return replace(base, id=name, value=from_abroad(base.value))


def told(fact: Fact, language: Language) -> str | None:
    """Write the value of a fact, else what is said in its place."""
    match fact.value:
        case None:
            return _said(fact.fallback, language) if fact.fallback else None
        case Localized() as texts:
            return _said(texts, language)
        case value:
            return write(value, fact.unit, language) if is_of(value, fact.unit) else value


def _said(texts: Localized, language: Language) -> str | None:
    """A further language takes a fact that nobody has written in it as it stands in English."""
    return texts[language] if is_understood(language) else texts.best(language) or None


def named(text: str) -> Iterable[str]:
    """Return the names of the facts in `text`."""
    return NAMED.findall(text) if OPENING in text else ()


def stray(text: str) -> str | None:
    """Return the place in `text` where double braces name no fact; None: there is none."""
    if OPENING not in text and CLOSING not in text:
        return None
    found = BRACES.search(NAMED.sub("", text))
    return found[0].strip() if found else None


def names_facts(texts: Localized | None) -> bool:
    """Whether `texts` name any fact; most do not, and this is asked of all."""
    return texts is not None and any(OPENING in text for _, text in texts)


def facts_in(entry: Entry) -> tuple[str, ...]:
    """Return the names of the facts that an answer names, each once."""
    return tuple(dict.fromkeys(name for _, text in entry.answer or () for name in named(text)))


def tell_entry(entry: Entry, facts: Facts) -> Entry:
    """Return `entry` with the facts of its answer told; its translation stays as old or new as it was."""
    texts = entry.answer
    if texts is None:
        return entry
    answer = _in_each(texts, facts)
    made_of = entry.en_of if is_outdated(entry) else _mark(entry.en_of, answer.sv)
    return replace(entry, answer=answer, en_of=made_of)


def tell_task(task: Task, facts: Facts) -> Task:
    """Return `task` with the facts of its texts told, as `tell_entry` does."""
    text, why = (texts and _in_each(texts, facts) for texts in (task.text, task.why))
    swedish = text.sv if text else None
    made_of = task.en_of if is_text_outdated(task.text, task.en_of) else _mark(task.en_of, swedish)
    return replace(task, text=text, why=why, en_of=made_of)


def _in_each(texts: Texts, facts: Facts) -> Texts:
    """Return `texts` with their facts told in each language."""
    further = tuple((language, _told(text, facts, language) or "") for language, text in texts.further)
    swedish, english = (_told(texts[language], facts, language) for language in LANGUAGES)
    return replace(texts, sv=swedish, en=english, further=further)


def _told(text: str | None, facts: Facts, language: Language) -> str | None:
    if text is None or OPENING not in text:
        return text
    return NAMED.sub(lambda found: facts.tell(found[1], language) or NOTHING, text)


def _mark(made_of: str | None, swedish: str | None) -> str | None:
    """The English was made of a text that names facts: other values make no other translation."""
    return fingerprint(swedish) if made_of and swedish else made_of
