"""The message API as its document tells it. These models describe; `reading` reads."""

from typing import Any, Literal

from pydantic import ConfigDict, Field

from web.described import Described, Spoken
from web.handover.reading import EMAIL_PATTERN, MAX_EMAIL, MAX_MESSAGE, MAX_NAME, NAME_PATTERN, PHONE_PATTERN
from web.headings import TOPICS
from web.openapi import VISIBLE


def _either(schema: dict[str, Any]) -> None:
    """One of the two ways to be reached is needed."""
    schema["anyOf"] = [{"required": [way], "properties": {way: {"type": "string"}}} for way in ("email", "phone")]


class MessageToPerson(Described):
    """A message to a person at one municipality. It becomes a public record there."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_either)
    municipality: str = Field(description="The municipality's id", examples=["vindeln"])
    message: str = Field(
        min_length=1,
        max_length=MAX_MESSAGE,
        json_schema_extra={"pattern": VISIBLE},
        description="In own words. Identity numbers, phone numbers and e-mail addresses are taken out of it",
    )
    topic: Literal[TOPICS] | None = Field(None, description="What it is about; null: something else")  # type: ignore[valid-type]
    name: str | None = Field(None, max_length=MAX_NAME, pattern=NAME_PATTERN, description="One line")
    email: str | None = Field(None, max_length=MAX_EMAIL, pattern=EMAIL_PATTERN, examples=["anna@example.se"])
    phone: str | None = Field(None, pattern=PHONE_PATTERN, description="7 to 15 digits", examples=["+48 22 123 45 67"])
    language: Spoken | None = Field(None, description="The language to answer in; null: by Accept-Language")
    confirmed: bool = Field(
        False, description="true: the crisis numbers were shown, and the message is to be sent all the same"
    )


class CrisisText(Described):
    """What must be read before anything else."""

    title: str
    text: str = Field(description="Markdown")
    language: Spoken


class MessageReceipt(Described):
    """What became of a message."""

    taken: bool = Field(description="false: show `crisis`, and send the message again with `confirmed` if it is meant")
    number: str | None = Field(description="The number of the receipt")
    mailed: bool = Field(description="Whether it goes to the municipality's mailbox, or to the staff's list alone")
    redacted: bool = Field(description="Whether personal data were taken out of it")
    expect: str = Field(description="When an answer can be expected, in words")
    crisis: CrisisText | None
