"""A question that leans on the one before ("vad kostar det då?", "and in Granö?") is completed from its topic."""

from bot.models import Entry, Language
from bot.text import words

OPENINGS = frozenset({"och", "men", "and", "but", "what", "about", "hur", "sa", "aven", "also", "or", "eller"})
POINTERS = frozenset(
    {"det", "den", "dom", "dem", "de", "da", "detta", "denna", "dessa", "sadan", "sadant", "nar", "hur", "lange"}
    | {"it", "that", "there", "they", "them", "this", "those", "then", "one", "ones", "long", "when"}
)
LONGEST = 7


def leans(text: str) -> bool:
    """Whether `text` is short and begins with, or points with, a word that needs the question before."""
    asked = words(text)
    return 0 < len(asked) <= LONGEST and (asked[0] in OPENINGS or not POINTERS.isdisjoint(asked))


def complete(text: str, before: Entry, language: Language) -> str:
    """Return `text` with the topic of the entry before it added."""
    return f"{text} {before.title(language)}"
