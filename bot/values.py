"""Small values that knowledge, records and replies share.

Two notions of language: what is `Understood` is read, matched and judged; a text or a page may be in any `Language`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Annotated, ClassVar, Literal, TypeGuard

from pydantic import ConfigDict, Field

from bot.fields import Absent, Day, Months, ShortText, Url, YearDay
from bot.further import Further, InFurther

Understood = Literal["sv", "en"]
Language = str  # a code of BCP 47: sv, en, fi, fit
LANGUAGES: tuple[Understood, ...] = ("sv", "en")
LAST_OF_FEBRUARY = (2, 28)
STRICT = ConfigDict(extra="forbid")


def is_understood(language: Language) -> TypeGuard[Understood]:
    """Whether questions in `language` are understood; others are only written and shown."""
    return language in LANGUAGES


def instead_of(language: Language) -> tuple[Language, ...]:
    """Return in which languages a text is looked for, best first, for who reads `language`."""
    return tuple(dict.fromkeys((language, "en", "sv")))


@dataclass(frozen=True, slots=True)
class Localized(InFurther):
    """One text in Swedish, English and `further` languages, by code; a language nobody has written is None."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    sv: Annotated[ShortText | None, Absent] = None
    en: Annotated[ShortText | None, Absent] = None
    further: Further[ShortText] = field(default=(), kw_only=True)

    def __getitem__(self, language: Language) -> str | None:
        match language:
            case "sv":
                return self.sv
            case "en":
                return self.en
            case _:
                return dict(self.further).get(language)

    def __iter__(self) -> Iterator[tuple[Language, str]]:
        for language in (*LANGUAGES, *dict(self.further)):
            if text := self[language]:
                yield language, text

    def best(self, language: Language) -> str:
        """Return the text in `language`, else in English, else in Swedish, else an empty text."""
        return self[self.language_for(language)] or ""

    def language_for(self, language: Language) -> Language:
        """Return the language of the text that who reads `language` is shown."""
        return next((one for one in instead_of(language) if self[one]), language)


@dataclass(frozen=True, slots=True)
class Link:
    """A page that helps further."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    url: Url
    label: Localized


@dataclass(frozen=True, slots=True)
class Source:
    """Where the facts were read: `dated` is the page's own date (None: it shows none), `copied` the day of reading."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    url: Url
    copied: Day
    dated: Annotated[Day | None, Absent] = None


@dataclass(frozen=True, slots=True)
class Valid:
    """The days on which an answer may be given, both included; in files `from` and `to`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    start: Annotated[Day | None, Absent, Field(alias="from")] = None
    end: Annotated[Day | None, Absent, Field(alias="to")] = None

    def covers(self, day: date) -> bool:
        """Whether an answer may be given on `day`."""
        return (self.start is None or self.start <= day) and (self.end is None or day <= self.end)


@dataclass(frozen=True, slots=True)
class Checked:
    """Set by the municipality alone: the day, the function that confirmed, and after how many months it is due
    again."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    on: Day
    by: ShortText
    every: Months

    @property
    def due(self) -> date:
        """The first day on which the answer counts as out of date."""
        months = self.on.year * 12 + self.on.month - 1 + self.every
        return date(months // 12, months % 12 + 1, min(self.on.day, 28))


@dataclass(frozen=True, slots=True)
class Season:
    """Days that return each year, as (month, day), both included; in files `from` and `to`, as MM-DD. A season may run
    over New Year's Eve.

    `during` and `outside` are said beside the answer; `{date}` in them is the last or the next first day.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    start: Annotated[YearDay, Field(alias="from")]
    end: Annotated[YearDay, Field(alias="to")]
    during: Annotated[Localized | None, Absent] = None
    outside: Annotated[Localized | None, Absent] = None

    def covers(self, day: date) -> bool:
        """Whether it is the season on `day`."""
        first, last = self._first_in(day.year), self._last_in(day.year)
        return first <= day <= last if first <= last else day >= first or day <= last

    def turns(self, day: date) -> date:
        """Return the last day of the season that holds on `day`, else the first day of the next one."""
        turning = self._last_in if self.covers(day) else self._first_in
        soon = turning(day.year)
        return soon if soon >= day else turning(day.year + 1)

    def _first_in(self, year: int) -> date:
        return date(year, *self.start)

    def _last_in(self, year: int) -> date:
        """What ends with February ends on its 29th where it has one."""
        return date(year, 3, 1) - timedelta(1) if self.end == LAST_OF_FEBRUARY else date(year, *self.end)
