"""The engine's own family of errors, and the problems found in knowledge files."""

import dataclasses
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from rapidfuzz import process


class BotError(Exception):
    """Base class of everything the engine raises on purpose."""


Severity = Literal["error", "warning"]


@dataclasses.dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a knowledge file.

    `code` is stable and is what pages translate; `values` are its parameters. `line` and `column` count from 1.
    """

    file: str
    line: int
    column: int
    field: str
    code: str
    values: Mapping[str, str] = dataclasses.field(default_factory=lambda: MappingProxyType({}))
    severity: Severity = "error"

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}:"
        return f"{where} {self.field}: {self.message}" if self.field else f"{where} {self.message}"

    @property
    def message(self) -> str:
        """The problem in English: what is wrong, and what would be accepted."""
        return MESSAGES[self.code].format_map(self.values)


class KnowledgeError(BotError):
    """The knowledge cannot be used as it is; `problems` lists every reason at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


class StartError(BotError):
    """A municipality cannot be started so; `reasons` lists why, all at once."""

    def __init__(self, reasons: Sequence[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = tuple(reasons)


class UnknownEntryError(BotError):
    """No entry of that id answers there."""

    def __init__(self, entry: str, known: Sequence[str]) -> None:
        meant = process.extractOne(entry, known, score_cutoff=60)
        hint = f"did you mean {meant[0]!r}?" if meant else f"known: {', '.join(known)}"
        super().__init__(f"no entry {entry!r}; {hint}")
        self.entry = entry


class UnknownMunicipalityError(BotError):
    """No municipality of that id is in the knowledge."""

    def __init__(self, municipality: str, known: Sequence[str]) -> None:
        super().__init__(f"no municipality {municipality!r}; known: {', '.join(known)}")
        self.municipality = municipality
        self.known = tuple(known)


MESSAGES: Mapping[str, str] = MappingProxyType(
    {
        # reading
        "alias": "an alias (*{name}) is not allowed; write the value out",
        "anchor": "an anchor (&{name}) is not allowed; write the value out where it is needed",
        "control-character": "the file holds a control character ({character}); remove it",
        "comment-cuts-text": "everything after ' #' is lost as a comment; put the text in quotes",
        "colon-in-text": "a colon inside text ends it here; put the text in quotes",
        "deep": "nested more than {limit} levels deep",
        "document": "one document a file: remove the line '---'",
        "duplicate-key": "{key!r} stands twice; it was first written on line {first}",
        "empty-file": "the file holds nothing; it is read as no entries",
        "encoding": "not UTF-8 ({found}); save the file as UTF-8",
        "file-unreadable": "the file cannot be read: {reason}",
        "key-not-text": "a key must be plain text",
        "large": "larger than {limit} bytes ({size})",
        "nbsp-indent": "a no-break space is used as indentation; use ordinary spaces",
        "not-a-mapping": "expected named fields at the top of the file, found {found}",
        "outside": "the file lies outside the knowledge folder; links out of it are not followed",
        "quote-needed": "text that begins with {character!r} must be in quotes",
        "tab-indent": "a tab is used as indentation; use spaces",
        "tag": "a tag ({tag}) is not allowed; write plain text",
        "too-many": "{count} entries in one file; at most {limit}",
        "yaml": "not readable as YAML: {reason}",
        # schema
        "choice": "must be one of {accepted}{hint}",
        "date": "{value!r} is not a date; write YYYY-MM-DD, a day that exists",
        "decimal": "{value!r} is not a number; write digits, with a point before decimals",
        "email": "{value!r} is not an e-mail address",
        "hours": "{value!r} are not hours; write 08:00-12:00, 13:00-16:30 or closed",
        "id": "{value!r} is not an id: lower-case letters a–z, digits and single hyphens, at most 64",
        "id-reserved": "{value!r} is an address of the site and cannot be an id",
        "invalid": "{reason}",
        "link-scheme": "{value!r} must begin with https://, http://, mailto: or tel:",
        "list": "expected a list (lines beginning with '- ')",
        "long": "{count} characters; at most {limit}",
        "mapping": "expected named fields, found {found}",
        "missing": "is missing",
        "number": "{value!r} is not a whole number",
        "offset": "{value!r} is not a time from the move; write days, as in -90, or 3 months 7 days",
        "origin": "{value!r} is not a site's origin; write https://www.example.se: lower-case, no path or slash",
        "phone": "{value!r} is not a phone number that can be called from Sweden",
        "position": "{value} is not a position; write [latitude, longitude], as in [64.2, 19.7]",
        "range": "{value!r} must be {limits}",
        "short": "{count} characters; at least {limit}",
        "text": "expected text, found {found}",
        "true-false": "{value!r}: write true or false",
        "unknown-field": "unknown field; {hint}",
        "year-day": "{value!r} is not a day of every year; write MM-DD, such as 04-01",
        "validity": "ends ({end}) before it begins ({start})",
        # the whole
        "crisis-number": "the crisis number {number} is missing from this text and may not be removed",
        "braces": "{{{{ … }}}} names a fact, which only answers and the texts of tasks can do; write the value out",
        "fact-markup": "{value!r} holds markup or a line break; write plain words",
        "fact-name": "{text!r}: double braces name no fact; write {{{{ fact-id }}}}, or single braces",
        "fact-of-contact": "the contact {contact!r} gives {id!r} already; change it there",
        "fact-unit-of-text": "the unit {unit!r} belongs to one value, not to a text in each language; leave one out",
        "fact-untold": "the fact {id!r} has no value and no fallback in {language}; write one",
        "fact-value": "{value!r} is not of the unit {unit!r}; write it as {example}",
        "group-circle": "the groups go round in a circle: {way}; take one of these steps away",
        "groups-disagree": "{first} writes another {part} in {where}; for {municipality} the later group, this one,"
        " counts: let the municipality say it, or only one of the groups",
        "overrides-nothing": "changes the entry {id!r}, which no layer below it writes{hint}",
        "id-folder": "the id {id!r} must be the name of its folder, {folder!r}",
        "missing-municipality": "no municipality: expected municipalities/<id>/municipality.yaml in this folder",
        "duplicate-id": "the id {id!r} is already used in {first}",
        "duplicate-question": "{question!r} is already claimed by {other}",
        "language-missing": "has no {language} text",
        "reference": "no {kind} with the id {id!r}{hint}",
        "safety-replaced": "a crisis text cannot be replaced; give local lines under 'answer', without 'replace'",
        "corners": "a polygon has at least three corners, found {count}",
        "needs-disposal": "needs `disposal`: what is kept may go only under a decision, named there",
        "task-deadline": "the last day lies before the day to do it",
        "task-unsourced": "has no source; name one, or write 'general: true' where it is advice that rests on none",
        "two-prices": "give price_kr or price_kr_m2, not both",
        "not-kept": "this cannot be written so that it reads back as the same; write it in other words",
        # proofreading
        "contradicts-fact": "says {value}, but the fact {id!r} is {fact}",
        "copied-fact": "{value} is written out; write {{{{ {id} }}}}, so that it is kept in one place",
        "dead-link": "{url} leads to no page here",
        "english-short": "{english} English words for {swedish} Swedish ones: less than half",
        "facts-differ": "{value} here, but {layer} says {other}, by the same source or beside this layer",
        "hard": "hard to read: LIX {lix}; at most {limit}",
        "languages-differ": "{values}: only this language says so, {other} does not",
        "long-answer": "{count} words; at most {limit}",
        "long-sentence": "a sentence of {count} words ('{start} …'); at most {limit}",
        "next-unanswered": "{id!r} has no answer here, so it is not offered next",
        "relative-link": "the link {url} is not whole and is not shown as one; write it from https:// on",
        "sentences-differ": "'{sentence}', but {other!r} says '{said}'",
        "very-hard": "very hard to read: LIX {lix}; at most {limit}",
        "unknown-layer": "unknown group {id!r}; groups are the folders under groups/{hint}",
    }
)
