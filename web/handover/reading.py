"""What somebody writes to a person, checked member by member: the form tells all mistakes at once, the API the first.

What goes into a mail's headers is checked here: a name is one line, an address is plain.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot import LANGUAGES, Language, Understood, clean, is_understood, redact
from web.errors import RequestError
from web.headings import OTHER, TOPICS
from web.json_body import language_of, members_of, municipality_of, read_json, refuse_others, text_of

MAX_BYTES: Final = 65_536
MAX_MESSAGE: Final = 4_000  # characters
MAX_NAME: Final = 100
MAX_EMAIL: Final = 254
EMAIL_PATTERN: Final = (
    r"^[A-Za-z0-9!#$%&'*+/=?^_{|}~\u00c0-\u024f-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_{|}~\u00c0-\u024f-]+)*"
    r"@[A-Za-z0-9\u00c0-\u024f-]{1,63}(?:\.[A-Za-z0-9\u00c0-\u024f-]{1,63}){1,8}$"
)
PHONE_PATTERN: Final = r"^\+?(?:[ ()/.-]{0,2}[0-9]){7,15}$"
NAME_PATTERN: Final = r"^[^\u0000-\u001f\u007f-\u009f\u2028\u2029]*$"
MEMBERS: Final = ("municipality", "language", "topic", "message", "name", "email", "phone", "confirmed")
FIELDS: Final = ("topic", "message", "email", "phone", "name")


@dataclass(frozen=True, slots=True)
class Written:
    """A message fit to be taken in, not yet redacted. `is_confirmed`: it is to be sent whatever stands in it."""

    municipality: str
    language: Language
    topic: str
    message: str
    name: str
    email: str
    phone: str
    is_confirmed: bool


class MistakesError(Exception):
    """Fields that cannot be taken as they are: name → what is wrong."""

    def __init__(self, mistakes: Mapping[str, RequestError]) -> None:
        super().__init__(", ".join(mistakes))
        self.mistakes = dict(mistakes)


def read_message() -> tuple[dict[str, Any], str, Language | None]:
    """Read the members of this request, whose message it is and its language; raises RequestError."""
    members = members_of(read_json(MAX_BYTES))
    language = language_of(members.get("language"))
    refuse_others(members, MEMBERS)
    return members, municipality_of(members), language


def read_members(members: Mapping[str, Any], municipality: str, language: Language) -> Written:
    """Return the message in JSON `members`; raises RequestError."""
    is_confirmed = members.get("confirmed", False)
    if not isinstance(is_confirmed, bool):
        raise RequestError("confirmed_not_boolean", "confirmed")
    if "message" not in members:
        raise RequestError("message_missing", "message")
    given = {name: members[name] for name in FIELDS if members.get(name) is not None}
    texts = {name: text_of(value, name, "member_not_text") for name, value in given.items()}
    try:
        return read_fields({"topic": OTHER, **texts}, municipality, language, is_confirmed=is_confirmed)
    except MistakesError as error:
        raise next(iter(error.mistakes.values())) from None


def read_fields(given: Mapping[str, str], municipality: str, language: Language, *, is_confirmed: bool) -> Written:
    """Return the message in the fields of a form; raises MistakesError with every field that has one."""
    mistakes: dict[str, RequestError] = {}
    values: dict[str, str] = {}
    for name, read in READERS.items():
        try:
            values[name] = read(given.get(name, ""))
        except RequestError as error:
            mistakes[name] = error
    if not mistakes.keys() & {"email", "phone"} and not (values["email"] or values["phone"]):
        mistakes["email"] = RequestError("contact_missing", "email")
    if mistakes:
        raise MistakesError(mistakes)
    return Written(municipality, answered_in(language), is_confirmed=is_confirmed, **values)


def chosen_language(value: str | None, standard: Language) -> Language:
    """Return the language that a form asks to be answered in: staff write in Swedish and English."""
    return answered_in(next((language for language in LANGUAGES if language == value), standard))


def answered_in(language: Language) -> Understood:
    """Return the language that a reader of `language` is answered in by people."""
    return language if is_understood(language) else "en"


def _topic(value: str) -> str:
    if value not in TOPICS:
        raise RequestError("topic_unknown", "topic", accepted=", ".join(TOPICS))
    return value


def _message(value: str) -> str:
    """Keep lines and paragraphs, drop what nobody sees."""
    lines = (clean(line) for line in unicodedata.normalize("NFC", value).splitlines())
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    if not text:
        raise RequestError("message_missing", "message")
    if len(text) > MAX_MESSAGE:
        raise RequestError("message_too_long", "message", length=len(text), limit=MAX_MESSAGE)
    return text


def _name(value: str) -> str:
    if not re.match(NAME_PATTERN, value.strip()) or len(clean(value)) > MAX_NAME:
        raise RequestError("name_invalid", "name", limit=MAX_NAME)
    return clean(value)


def _email(value: str) -> str:
    text = value.strip()
    if text and (len(text) > MAX_EMAIL or not re.match(EMAIL_PATTERN, text)):
        raise RequestError("email_invalid", "email")
    return text


def _phone(value: str) -> str:
    text = value.strip()
    if text and not re.match(PHONE_PATTERN, text):
        raise RequestError("phone_invalid", "phone")
    if text[:1] not in ("0", "+", "(") and "personal-number" in redact(text).kinds:
        raise RequestError("phone_personal_number", "phone")
    return text


READERS: Final = {"topic": _topic, "message": _message, "email": _email, "phone": _phone, "name": _name}
