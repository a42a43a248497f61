"""A translation remembers the text it was made from; when that changes, it is outdated."""

import hashlib

from bot.models import Entry
from bot.text import clean
from bot.values import Localized

LENGTH = 6


def fingerprint(text: str) -> str:
    """Return six hexadecimal digits of `text`; white space and invisible characters do not matter."""
    return hashlib.sha256(clean(text).encode()).hexdigest()[:LENGTH]


def is_outdated(entry: Entry) -> bool:
    """Whether the Swedish answer has changed since the English was made from it."""
    return is_text_outdated(entry.answer, entry.en_of)


def is_text_outdated(text: Localized | None, made_of: str | None) -> bool:
    """Whether the Swedish `text` is no longer the one that its English was `made_of`."""
    return bool(text and text.sv and text.en and made_of and made_of != fingerprint(text.sv))
