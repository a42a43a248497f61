"""A question that leans on the one before ("vad kostar det då?", "and in Granö?") is completed from its topic."""

from collections.abc import Callable

from bot.language import detect
from bot.models import Entry
from bot.text import words
from bot.values import Language, is_understood

OPENINGS = frozenset({"och", "men", "and", "but", "what", "about", "hur", "sa", "aven", "also", "or", "eller"})
POINTERS = frozenset(
    {"det", "den", "dom", "dem", "de", "da", "detta", "denna", "dessa", "sadan", "sadant", "nar", "hur", "lange"}
    | {"it", "that", "there", "they", "them", "this", "those", "then", "one", "ones", "long", "when"}
)
# what is asked of a topic without naming it
ASPECTS = frozenset(
    {
        "kostar",
        "kosta",
        "kostnad",
        "pris",
        "priset",
        "avgift",
        "dyrt",
        "billigt",
        "betala",
        "ko",
        "kon",
        "kotid",
        "lang",
    }
    | {
        "vantetid",
        "oppet",
        "oppettider",
        "tid",
        "adress",
        "nummer",
        "ansoka",
        "ansoker",
        "anmala",
        "galler",
        "regler",
        "krav",
    }
    | {"cost", "costs", "price", "fee", "expensive", "cheap", "pay", "wait", "queue", "open", "hours", "apply", "rules"}
    | {
        "address",
        "number",
        "book",
        "boka",
        "mycket",
        "much",
        "many",
        "manga",
        "var",
        "vem",
        "vad",
        "where",
        "who",
        "is",
        "are",
    }
)
QUESTION_WORDS = frozenset({"mycket", "much", "many", "manga", "var", "vem", "vad", "where", "who", "is", "are"})
DURATIONS = frozenset({"lange", "long"})
LONGEST = 7


def leans(text: str) -> bool:
    """Whether `text` is short and begins with, or points with, a word that needs the question before."""
    asked = words(text)
    return 0 < len(asked) <= LONGEST and (asked[0] in OPENINGS or not POINTERS.isdisjoint(asked))


def names_nothing(text: str, framing: Callable[[str], bool]) -> bool:
    """Whether `text` asks only for an aspect ("what does it cost then?"); `framing` tells the words that only frame."""
    return all(word in ASPECTS or word in POINTERS or word in OPENINGS or framing(word) for word in words(text))


def asks_an_aspect(text: str) -> bool:
    """Whether `text` asks for what every topic has: a price, opening hours, how long it takes."""
    return any((word in ASPECTS and word not in QUESTION_WORDS) or word in DURATIONS for word in words(text))


def complete(text: str, before: Entry, language: Language) -> str:
    """Return `text` with the topic of the entry before it added, in words that are matched."""
    understood = language if is_understood(language) else detect(text, "en")
    return f"{text} {before.title(understood)}"
