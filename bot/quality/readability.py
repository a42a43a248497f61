"""LIX, the Swedish measure of how hard a text is to read (Björnsson 1968): words a sentence + share of long words."""

import re

LONG = 7  # letters, from which on a word counts as long
SENTENCE_END = re.compile(r"[.!?:]+(?=\s|$)|\n+")
MARKUP = re.compile(r"^\s*(?:[-*]|\d+\.)\s+|\*\*", re.MULTILINE)
WORD = re.compile(r"[\w’'-]+")


def count_words(text: str) -> int:
    """Return how many words a Markdown text has."""
    return len(WORD.findall(MARKUP.sub("", text)))


def lix(text: str) -> int:
    """Return the LIX of a Markdown text: under 30 very easy, 40 as in newspapers, over 50 official."""
    plain = MARKUP.sub("", text)
    words = WORD.findall(plain)
    if not words:
        return 0
    sentences = sum(1 for part in SENTENCE_END.split(plain) if WORD.search(part))
    long = sum(len(word) >= LONG for word in words)
    return round(len(words) / max(sentences, 1) + 100 * long / len(words))
