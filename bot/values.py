"""Small values that knowledge, records and replies share."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from bot.fields import Absent, Day, ShortText, Url

Language = Literal["sv", "en"]
LANGUAGES: tuple[Language, ...] = ("sv", "en")
STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True)
class Localized:
    """One text in Swedish and English; a language nobody has written is None."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    sv: Annotated[ShortText | None, Absent] = None
    en: Annotated[ShortText | None, Absent] = None

    def __getitem__(self, language: Language) -> str | None:
        return self.sv if language == "sv" else self.en

    def best(self, language: Language) -> str:
        """Return the text in `language`, else in the other one, else an empty text."""
        return self[language] or self.sv or self.en or ""


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
