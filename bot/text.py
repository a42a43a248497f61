"""How text is read: Unicode in one form, invisible signs away, words folded so that å ä ö and case do not matter."""

import re
import unicodedata

FOLDS = str.maketrans("åäöéèêëüæøáàóòíìñçß", "aaoeeeeuaoaaooiincs")
INVISIBLE = re.compile(  # control characters, and what Unicode calls default ignorable: signs that no font draws
    "[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
WORD = re.compile(r"\w+")


def clean(text: str) -> str:
    """Return `text` in NFC without control, zero-width, bidirectional and tag characters, spaces collapsed."""
    return " ".join(INVISIBLE.sub("", unicodedata.normalize("NFC", text)).split())


def fold(text: str) -> str:
    """Return `text` without case and without the marks people leave out on foreign keyboards (å → a)."""
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", text).casefold().translate(FOLDS)


def words(text: str) -> list[str]:
    """Split `text` into folded words; punctuation and signs are dropped."""
    return WORD.findall(fold(text))
