"""A translation remembers the text it was made from; when that changes, it is outdated."""

import hashlib

from bot.models import Entry
from bot.text import clean

LENGTH = 6


def fingerprint(text: str) -> str:
    """Return six hexadecimal digits of `text`; white space and invisible characters do not matter."""
    return hashlib.sha256(clean(text).encode()).hexdigest()[:LENGTH]


def is_outdated(entry: Entry) -> bool:
    """Whether the Swedish answer has changed since the English was made from it."""
    answer = entry.answer
    return bool(answer and answer.sv and answer.en and entry.en_of and entry.en_of != fingerprint(answer.sv))
