"""What the search of a copy looks in: a file for each municipality, which copy.js reads without any service."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any, Final

from bot import LANGUAGES, SAFETY, Assistant, Entry, Filters, Found, TableName, View, fold, is_given
from web.chat.cards import excerpt, plain
from web.export.addresses import file_of
from web.frame import lists_of
from web.i18n import languages
from web.opendata.finding import find
from web.records import record_payload
from web.services import get_services

NAME: Final = "words.js"
ALL: Final = 1_000_000  # records
AGAIN: Final = 3  # questions that a word stands in from which on an entry is about it, or
AGAIN_SHARE: Final = 0.08  # this share of them
WORD: Final = re.compile(r"[^\W_]+")
STEM: Final = 4  # letters; both as in copy.js
ENDING: Final = 3


def script(view: View, day: date) -> str:
    """Return the file: the words that say nothing, and everything that can be found.

    Of each: its file below the language, titles and first words by language, the words that it is about, others of its
    questions, those of its answer, and, where it is about danger, what people in danger write.
    """
    rows = [*_answers(view, day), *_records(view.municipality.id)]
    data = {"languages": languages(), "frames": " ".join(sorted(_frames())), "found": rows}
    return f"globalThis.HEMVIST_WORDS={json.dumps(data, ensure_ascii=False, separators=(',', ':'))};\n"


def _frames() -> set[str]:
    return _words(get_services().knowledge.assistant.knowledge.vocabulary.frames)


def _answers(view: View, day: date) -> Iterator[list[Any]]:
    own, frames = f"/{view.municipality.id}/sv/", _frames()
    for entry in view.entries.values():
        if is_given(entry, day):
            about = [word for word in _subject(entry) if word not in frames]
            asked = _words(phrase for _, phrase in entry.questions) - frames - set(about)
            said = _words(_texts(entry)) - frames - asked - set(about)
            file = file_of(own + entry.id).split("/", 2)[2]
            words = [" ".join(about), _joined(asked), _joined(said)]
            yield [file, _titles(entry), _excerpts(entry), *words, *_danger(entry)]


def _subject(entry: Entry) -> list[str]:
    """Return what an entry is about: the words of its titles, and those that come again in its questions, first those
    that come most often."""
    found: Counter[str] = Counter(_words(_titles(entry)))
    for language in LANGUAGES:
        questions = entry.questions[language]
        counts = Counter(word for question in questions for word in set(_split(question)))
        enough = max(AGAIN, AGAIN_SHARE * len(questions))
        found |= Counter({word: count for word, count in counts.items() if count >= enough or word in found})
    return sorted(found, key=lambda word: (-found[word], word))


def _danger(entry: Entry) -> list[list[str]]:
    """Return what people in danger write, as short as the engine still knows it; nothing for other entries."""
    if entry.id not in SAFETY:
        return []
    assistant = get_services().knowledge.assistant
    phrases = {phrase for _, phrase in (*entry.questions, *entry.tests.must_match)}
    return [sorted({" ".join(_split(found)) for phrase in phrases if (found := _shortest(phrase, assistant))})]


@lru_cache(maxsize=4_096)  # municipalities share these entries
def _shortest(phrase: str, assistant: Assistant) -> str:
    """Return the words in a row of `phrase` that alone tell of danger: "vill dö"; empty where the whole does not."""
    if not assistant.is_danger(phrase):
        return ""
    words = phrase.split()
    while len(words) > 1 and assistant.is_danger(" ".join(words[1:])):
        words = words[1:]
    while len(words) > 1 and assistant.is_danger(" ".join(words[:-1])):
        words = words[:-1]
    return " ".join(words)


def _texts(entry: Entry) -> list[str]:
    return [plain(entry.answer[language] or "") for language in LANGUAGES] if entry.answer else []


def _titles(entry: Entry) -> list[str]:
    return [entry.title(language) for language in languages()]


def _excerpts(entry: Entry) -> list[str]:
    """Return the first words in each language that the answer has; else it is the other one's."""
    return [excerpt(entry.answer.best(language)) if entry.answer else "" for language in languages()]


def _records(municipality: str) -> Iterator[list[Any]]:
    for one in lists_of(municipality, "sv"):
        table: TableName = one["table"]
        file = file_of(one["link"]).split("/", 2)[2]
        for found in find(municipality, table, Filters(), limit=ALL).shown:
            yield _record(found, file)


def _record(found: Found, file: str) -> list[Any]:
    cards = [record_payload(found, language) for language in languages()]
    lines = [" ".join(card["lines"]) for card in cards]
    words = _words([card["title"] for card in cards])
    return [
        f"{file}#record-{found.record.id}",
        [card["title"] for card in cards],
        lines,
        _joined(words),
        "",
        _joined(_words([*lines, *(card["badge"] or "" for card in cards)]) - words),
    ]


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in _split(text)}


def _split(text: str) -> list[str]:
    """Split as copy.js does."""
    return WORD.findall(fold(text))


def _joined(words: set[str]) -> str:
    """Join `words` without those that the search finds by a shorter one: tomten and tomter by tomt."""
    kept: list[str] = []
    for word in sorted(words):
        if not (kept and len(kept[-1]) >= STEM and word.startswith(kept[-1]) and len(word) - len(kept[-1]) <= ENDING):
            kept.append(word)
    return " ".join(kept)
