"""A translation remembers the text it was made from; when that changes, it is outdated."""

import hashlib
from collections.abc import Mapping
from typing import Any

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


def remembering(plain: Mapping[str, Any], old: Mapping[str, Any], *, same_meaning: bool = False) -> dict[str, Any]:
    """Note in plain values of an entry which Swedish its English was made from: this one, where the English was written
    or confirmed (`same_meaning`) now, else that of `old`."""
    kept_before = plain.get("en_of", old.get("en_of"))
    rest = {part: value for part, value in plain.items() if part != "en_of"}
    now, was = plain["answer"], old.get("answer", {})
    if not (now.get("sv") and now.get("en")):
        return rest
    if same_meaning or now["en"] != was.get("en"):
        return {**rest, "en_of": fingerprint(now["sv"])}
    kept = kept_before or (fingerprint(was["sv"]) if was.get("sv") and now["sv"] != was["sv"] else None)
    return {**rest, "en_of": kept} if kept else rest
