"""The knowledge as a heap of sentences and words, for those who learn from it."""

import re
from collections.abc import Iterable, Iterator

from bot.content.loading import Knowledge
from bot.text import WORD, fold
from bot.values import LANGUAGES

SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
SHORTEST = 9


def sentences_of(knowledge: Knowledge) -> list[str]:
    """Return every stored question, every sentence of an answer and every term of the vocabulary, each once."""
    return list(dict.fromkeys(_sentences(knowledge)))


def _sentences(knowledge: Knowledge) -> Iterator[str]:
    for layer in knowledge.layers.values():
        for entry in layer.entries.values():
            yield from (phrase for _, phrase in entry.questions)
            texts = [entry.answer[language] or "" for language in LANGUAGES] if entry.answer else []
            yield from (part.strip(" -*") for text in texts for part in SENTENCE.split(text) if len(part) >= SHORTEST)
    for theme in knowledge.vocabulary.outside:
        yield from (phrase for _, phrase in theme.questions)
    for group in knowledge.vocabulary.groups:
        yield from (*group.words, *group.members)


def spellings(texts: Iterable[str]) -> dict[str, str]:
    """Return each folded word of three letters or more with the first spelling met."""
    found: dict[str, str] = {}
    for text in texts:
        for word in WORD.findall(text.casefold()):
            if len(word) > 2 and word.isalpha():
                found.setdefault(fold(word), word)
    return found
