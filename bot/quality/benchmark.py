"""Measure matching, language and speed on public question sets, beside the peers that are installed, in one run."""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from bot.errors import BotError
from bot.language import detect
from bot.matching.index import Document, Index
from bot.matching.ranking import rank
from bot.matching.vectors import WordVectors
from bot.matching.vocabulary import compile_lexicon
from bot.models import Vocabulary
from bot.quality.clustering import cluster
from bot.quality.noise import NOISES, both, clean, typo
from bot.quality.peers import Finder, installed, wratio
from bot.values import Understood

SETS: Mapping[Understood, tuple[str, ...]] = {
    "sv": ("sv-corona-k1", "sv-corona-k3", "sv-corona-k60", "sv-massive-k10"),
    "en": ("en-stack-k1", "en-stack-k5", "en-banking-k10", "en-clinc-k10"),
}
KINDS: Mapping[Understood, tuple[str, ...]] = {"sv": ("clean", "typo", "nodia", "both"), "en": ("clean", "typo")}
MOST_QUERIES = 1_500
SIZES = (1_000, 10_000)
TIMED = 500
CLUSTERED = 10_000
ENGINE = "hemvist"
Rows = Sequence[tuple[Understood, str]]


class BenchmarkError(BotError):
    """The public question sets are not where they were looked for."""


@dataclass(frozen=True, slots=True)
class Hits:
    """Share of queries, in per cent, whose first answer is right: the mean of the sets of one language."""

    method: str
    language: Understood
    noise: str
    percent: float


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds for one answer on an index of `phrasings`, and how many times slower WRatio was in the same run."""

    phrasings: int
    p50_ms: float
    p99_ms: float
    wratio_p50_ms: float
    times_faster: float


@dataclass(frozen=True, slots=True)
class LanguageScore:
    """Share of questions of two to six words, in per cent, whose language is told right."""

    noise: str
    questions: int
    percent: float


@dataclass(frozen=True, slots=True)
class ClusterSpeed:
    """Seconds to put `questions` without an answer together, half of them misspelt, and how many clusters they are."""

    questions: int
    clusters: int
    seconds: float


def measure_hits(folder: Path, vectors: WordVectors, most: int = MOST_QUERIES) -> Iterator[Hits]:
    """Yield the mean Hit@1 of the engine and of each installed peer; raises BenchmarkError where a set is missing."""
    for language, names in SETS.items():
        sets = [_read_set(folder / f"{name}.json") for name in names]
        for method, build in _methods(vectors).items():
            finders = [build(found["entries"]) for found in sets]
            for noise in KINDS[language]:
                shares = [
                    _hit_share(find, found["queries"][:most], noise, language)
                    for find, found in zip(finders, sets, strict=True)
                ]
                yield Hits(method, language, noise, round(statistics.mean(shares), 2))


def _methods(vectors: WordVectors) -> dict[str, Callable[[Sequence[Any]], Callable[[str], str | None]]]:
    def engine(entries: Sequence[Any]) -> Callable[[str], str | None]:
        documents = [Document(entry["id"], tuple(entry["questions"]), entry.get("answer") or "") for entry in entries]
        index = Index(documents, compile_lexicon(Vocabulary()), vectors)
        return lambda question: _first(index, question)

    def peer(build: Callable[[Sequence[str]], Finder]) -> Callable[[Sequence[Any]], Callable[[str], str | None]]:
        def make(entries: Sequence[Any]) -> Callable[[str], str | None]:
            pairs = [(entry["id"], question) for entry in entries for question in entry["questions"]]
            find = build([question for _, question in pairs])
            return lambda question: pairs[number][0] if (number := find(question)) >= 0 else None

        return make

    return {ENGINE: engine} | {name: peer(build) for name, build in installed().items()}


def _first(index: Index, question: str) -> str | None:
    found = rank(index, question).found
    return found[0].entry if found else None


def _hit_share(find: Callable[[str], str | None], queries: Sequence[Any], noise: str, language: Understood) -> float:
    spoil = NOISES[noise]
    right: list[bool] = [find(spoil(query["text"], language, 0)) == query["expected"] for query in queries]
    return 100.0 * sum(right) / len(right)


def measure_language(folder: Path) -> list[LanguageScore]:
    """Return how often the language of short questions is told right, clean and misspelt without å ä ö."""
    rows = [
        (language, text) for language, text in read_rows(folder / "language-dev.tsv") if 2 <= len(text.split()) <= 6
    ]
    return [LanguageScore(name, len(rows), _told(rows, spoil)) for name, spoil in (("clean", clean), ("both", both))]


def _told(rows: Rows, spoil: Callable[[str, Understood, int], str]) -> float:
    other: dict[Understood, Understood] = {"sv": "en", "en": "sv"}
    right = sum(detect(spoil(text, language, 0), other[language]) == language for language, text in rows)
    return round(100 * right / len(rows), 2)


def measure_speed(folder: Path, vectors: WordVectors) -> Iterator[Speed]:
    """Time distinct questions, half of them misspelt, on indexes of one phrasing an entry; no question comes twice."""
    stored = list(dict.fromkeys(text for _, text in read_rows(folder / "language-train.tsv")))
    asked = list(dict.fromkeys(read_rows(folder / "language-dev.tsv")))
    for size in SIZES:
        phrasings = stored[:: max(1, len(stored) // size)][:size]
        index = Index(
            [Document(str(n), (text,)) for n, text in enumerate(phrasings)], compile_lexicon(Vocabulary()), vectors
        )
        questions = list(islice(_spoilt(asked), TIMED * 2))
        engine = _times(partial(rank, index), questions)
        peer = _times(wratio(phrasings), questions[: TIMED // 2])
        p50, slow = statistics.median(engine), statistics.median(peer)
        p99 = sorted(engine)[int(len(engine) * 0.99)]
        yield Speed(size, round(p50, 3), round(p99, 3), round(slow, 3), round(slow / p50, 1))


def measure_clusters(folder: Path) -> ClusterSpeed:
    """Time the clustering of distinct questions, each once as it was asked and once misspelt."""
    rows = list(dict.fromkeys(read_rows(folder / "language-train.tsv")))[: CLUSTERED // 2]
    questions = [text for language, asked in rows for text in (asked, typo(asked, language))]
    started = time.perf_counter()
    found = cluster(questions)
    return ClusterSpeed(len(questions), len(found), round(time.perf_counter() - started, 2))


def _spoilt(rows: Rows) -> Iterator[str]:
    for number, (language, text) in enumerate(rows):
        yield typo(text, language) if number % 2 else text


def _times(answer: Callable[[str], object], questions: Sequence[str]) -> list[float]:
    times = []
    for question in questions:
        started = time.perf_counter()
        answer(question)
        times.append((time.perf_counter() - started) * 1000)
    return times


def read_rows(path: Path) -> list[tuple[Understood, str]]:
    """Read a tab-separated file of language and text; raises BenchmarkError."""
    lines = _text(path).splitlines()
    return [(language, text) for language, text in (line.split("\t", 1) for line in lines if line)]  # type: ignore[misc]


def _read_set(path: Path) -> Any:
    return json.loads(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BenchmarkError(
            f"{path}: not found; name the folder of the public sets in HEMVIST_BENCHMARK_DATA"
        ) from error
