"""Other ways to find the nearest stored question, to be measured beside the engine in the same run."""

import importlib.util
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process

from bot.text import words

Finder = Callable[[str], int]  # a question → the number of the nearest phrasing, -1 for none


def wratio(phrasings: Sequence[str]) -> Finder:
    """rapidfuzz's default scorer over whole questions."""
    return lambda question: _extracted(question, phrasings, fuzz.WRatio)


def token_set(phrasings: Sequence[str]) -> Finder:
    """rapidfuzz's token_set_ratio over whole questions."""
    return lambda question: _extracted(question, phrasings, fuzz.token_set_ratio)


def _extracted(question: str, phrasings: Sequence[str], scorer: Any) -> int:
    found = process.extractOne(question, phrasings, scorer=scorer)
    return found[2] if found else -1


def trigrams(phrasings: Sequence[str]) -> Finder:
    """SQLite's full-text search over letter trigrams, ranked by BM25."""
    database = sqlite3.connect(":memory:")
    database.execute("CREATE VIRTUAL TABLE phrasing USING fts5(text, tokenize='trigram')")
    database.executemany("INSERT INTO phrasing(rowid, text) VALUES (?, ?)", enumerate(map(_plain, phrasings), 1))

    def find(question: str) -> int:
        text = _plain(question)
        groups = {text[start : start + 3].replace('"', '""') for start in range(len(text) - 2)}
        if not groups:
            return -1
        query = " OR ".join(f'"{group}"' for group in sorted(groups))
        row = database.execute("SELECT rowid FROM phrasing(?) ORDER BY rank LIMIT 1", (query,)).fetchone()
        return int(row[0]) - 1 if row else -1

    return find


def bm25(phrasings: Sequence[str]) -> Finder:
    """BM25 over words (bm25s)."""
    import bm25s

    retriever = bm25s.BM25()
    retriever.index([text.casefold().split() for text in phrasings], show_progress=False)

    def find(question: str) -> int:
        scores = retriever.get_scores(question.casefold().split())
        return int(scores.argmax()) if scores.any() else -1

    return find


def characters(phrasings: Sequence[str]) -> Finder:
    """scikit-learn's tf-idf over letter groups, nearest neighbour."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)
    stored = vectorizer.fit_transform(phrasings)

    def find(question: str) -> int:
        return int((stored @ vectorizer.transform([question]).T).toarray().argmax())

    return find


PEERS: Mapping[str, tuple[Callable[[Sequence[str]], Finder], str]] = {
    "rapidfuzz WRatio": (wratio, "rapidfuzz"),
    "rapidfuzz token_set": (token_set, "rapidfuzz"),
    "bm25s": (bm25, "bm25s"),
    "SQLite FTS5 trigram": (trigrams, "sqlite3"),
    "scikit-learn characters": (characters, "sklearn"),
}


def installed() -> dict[str, Callable[[Sequence[str]], Finder]]:
    """Return the peers whose package is here."""
    return {name: build for name, (build, package) in PEERS.items() if importlib.util.find_spec(package)}


def _plain(text: str) -> str:
    return " ".join(words(text))
