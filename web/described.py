"""Models of the API document that several blueprints share."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from bot import LANGUAGES, Language
from web.i18n import languages


def _spoken(language: Language) -> Language:
    if language not in languages():
        raise ValueError(language)
    return language


# a language that pages are shown in; the document is written for two, and served with all (see web.openapi)
Spoken = Annotated[Language, AfterValidator(_spoken), WithJsonSchema({"type": "string", "enum": [*LANGUAGES]})]


class Described(BaseModel):
    """A JSON object with exactly these members."""

    # nothing is read by them: what they say is worked out when the document is asked for, and not at the start
    model_config = ConfigDict(extra="forbid", defer_build=True)


class SpokenLanguage(Described):
    """A language that is spoken there."""

    code: str = Field(description="ISO 639")
    name: str


class DaysAndTimes(Described):
    """One row of the week."""

    days: str
    times: str


class ExceptionalDay(Described):
    """A day within the next two weeks that is not as its weekday."""

    days: str
    times: str
    note: str | None = Field(description="Why: a holiday's name, or what is said there")


class HoursInWords(Described):
    """When it is open, in words, Swedish time."""

    state: Literal["open", "closed", "unknown"] = Field(description="How it stands as this is answered")
    text: str = Field(description="The same in words, until when, or when it opens next")
    week: list[DaysAndTimes] = Field(description="Empty: the week's times are not known for today")
    exceptions: list[ExceptionalDay]


class Contact(Described):
    """Whom to turn to."""

    name: str
    phone: str | None
    phone_link: str | None = Field(description="The number as a tel: address")
    email: str | None
    url: str | None
    address: str | None
    note: str | None
    languages: list[SpokenLanguage] = Field(description="Beside what is said; empty: nothing is")
    hours: HoursInWords | None = Field(description="Of visits; null: not known")
    phone_hours: HoursInWords | None = Field(description="Of calls; null: not known")
