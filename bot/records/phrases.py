"""Find curated phrases in a question: word by word, å ä ö and small slips forgiven."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from importlib.resources import files
from typing import Any, TypeVar

from rapidfuzz.distance import OSA

from bot.content.yamlfile import read_text
from bot.text import fold

TOKEN = re.compile(r"\d+(?:[ .,\u00a0\u202f]\d{3})+(?!\d)(?:,\d+)?|\d+(?:[.,]\d+)?|[^\W\d_]+|[%/–:€$£-]")
THOUSANDS = re.compile(r"(?<=\d)['´’](?![\w])")
COMPOUND = re.compile(r"([^\W\d_]{4,}?)s?(jobb(?:et|en)?)\b", re.IGNORECASE)
WITHOUT = re.compile(r"\bw/o\b", re.IGNORECASE)
HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
SHORTEST_FORGIVEN, LONG, LONGEST_ENDING = 5, 8, 3  # letters; a long word may hold two slips
ANY = "*"
REMEMBERED = 2_000  # words of each list: there are many lists, and of misspelt words there is no end


Listed = tuple[tuple[str, ...], str]
Begun = tuple[tuple[str, ...], str, bool]
Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number or sign of a question: as written, and folded."""

    written: str
    folded: str


@lru_cache(maxsize=16)  # one question is split for everything that reads it
def tokens(text: str) -> tuple[Token, ...]:
    """Split `text`; digits in groups of three are one number, 200' is 200 thousand, and a svetsarjobb is two words."""
    text = WITHOUT.sub("without", text)
    text = COMPOUND.sub(r"\1 \2", HYPHEN.sub(" ", THOUSANDS.sub(" tusen ", text)))
    return tuple(Token(found, fold(found)) for found in TOKEN.findall(text))


@dataclass(frozen=True, slots=True)
class Spotted:
    """A phrase that stands in a question from token `start` up to `end`; `value` is what it stands for."""

    value: str
    start: int
    end: int
    exact: bool

    @property
    def length(self) -> int:
        """How many tokens it covers."""
        return self.end - self.start


@dataclass(frozen=True, eq=False)
class Phrases:
    """Phrases by what they stand for. A word that ends in `*` is matched by its beginning."""

    listed: tuple[tuple[tuple[str, ...], str], ...]
    _begun: tuple[dict[str, Sequence[Begun]], ...] = field(default_factory=lambda: ({}, {}), repr=False)

    @cached_property
    def _whole(self) -> Mapping[str, Sequence[Listed]]:
        """Phrases by their first word."""
        return _grouped((phrase[0].removesuffix(ANY), (phrase, value)) for phrase, value in self.listed)

    @cached_property
    def _stems(self) -> Mapping[str, Sequence[Listed]]:
        """Phrases whose first word may have any ending, by its beginning."""
        return _grouped((phrase[0][:-1], (phrase, value)) for phrase, value in self.listed if phrase[0].endswith(ANY))

    @cached_property
    def _shortest_stem(self) -> int:
        return min(map(len, self._stems), default=1)

    @cached_property
    def _stem_lengths(self) -> Mapping[str, Sequence[int]]:
        """How long the stems are that begin with the same letters, as many as the shortest has."""
        lengths = _grouped((stem[: self._shortest_stem], len(stem)) for stem in self._stems)
        return {start: sorted(set(found)) for start, found in lengths.items()}

    @cached_property
    def _alike(self) -> Mapping[tuple[str, int], Sequence[str]]:
        """First words long enough to be recognised misspelt, by first letter and length."""
        return _grouped(((word[0], len(word)), word) for word in self._whole if len(word) >= SHORTEST_FORGIVEN - 1)

    def spot(self, text: Sequence[Token], *, ordinary: AbstractSet[str] = frozenset()) -> list[Spotted]:
        """Return what stands in `text`, longest first, none inside another; a word of `ordinary` is never taken for a
        misspelt one."""
        found = [spotted for start in range(len(text)) for spotted in self._at(text, start, ordinary)]
        found.sort(key=lambda one: (-one.length, not one.exact, one.start))
        taken: set[int] = set()
        kept = []
        for one in found:
            places = range(one.start, one.end)
            if taken.isdisjoint(places):
                taken.update(places)
                kept.append(one)
        return sorted(kept, key=lambda one: one.start)

    def may_be_in(self, text: Sequence[Token], ordinary: AbstractSet[str]) -> bool:
        """Whether any word of `text` could begin a phrase: quicker than to spot it."""
        return any(self._beginning_with(token.folded, token.folded in ordinary) for token in text)

    def are_in(self, text: Sequence[Token]) -> bool:
        """Whether any phrase stands in `text` as it is written, no slip forgiven: quick to say."""
        return any(
            _stands(phrase, text, start)
            for start, token in enumerate(text)
            for phrase, _, _ in self._beginning_with(token.folded, is_ordinary=True)
        )

    def _at(self, text: Sequence[Token], start: int, ordinary: AbstractSet[str]) -> Iterator[Spotted]:
        for phrase, value, slipped in self._beginning_with(text[start].folded, text[start].folded in ordinary):
            end = start + len(phrase)
            if end > len(text):
                continue
            slips = [slipped, *map(_slip, phrase[1:], (token.folded for token in text[start + 1 : end]))]
            if None in slips or (len(phrase) > 1 and all(slips)):
                continue
            if not any(slip and token.folded in ordinary for slip, token in zip(slips, text[start:end], strict=True)):
                yield Spotted(value, start, end, not any(slips))

    def _beginning_with(self, word: str, is_ordinary: bool) -> Sequence[Begun]:
        """Return the phrases that `word` may begin, with whether it is misspelt then; remembered, for words recur."""
        begun = self._begun[is_ordinary]
        found = begun.get(word)
        if found is None:
            if len(begun) >= REMEMBERED:
                begun.clear()
            found = begun[word] = (*self._as_written(word), *(() if is_ordinary else self._misspelt(word)))
        return found

    def _as_written(self, word: str) -> Iterator[Begun]:
        yield from ((phrase, value, False) for phrase, value in self._whole.get(word, ()))
        for end in self._stem_lengths.get(word[: self._shortest_stem], ()):
            if end < len(word):
                yield from ((phrase, value, False) for phrase, value in self._stems.get(word[:end], ()))

    def _misspelt(self, word: str) -> Iterator[Begun]:
        if len(word) < SHORTEST_FORGIVEN - 1:
            return
        for length in range(max(len(word) - LONGEST_ENDING - 1, 1), len(word) + 3):
            for known in self._alike.get((word[0], length), ()):
                for phrase, value in self._whole[known]:
                    if _slip(phrase[0], word):
                        yield phrase, value, True


def _grouped(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, list[Value]]:
    groups: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return dict(groups)


def _stands(phrase: Sequence[str], text: Sequence[Token], start: int) -> bool:
    there = text[start + 1 : start + len(phrase)]
    rest = phrase[1:]
    return len(there) == len(rest) and all(
        _slip(word, token.folded) is False for word, token in zip(rest, there, strict=True)
    )


def compile_phrases(listed: Mapping[str, Iterable[str]]) -> Phrases:
    """Fold the phrases of `listed`, a mapping of what they stand for to the phrases."""
    return Phrases(
        tuple((_pattern(phrase), value) for value, phrases in listed.items() for phrase in phrases if _pattern(phrase))
    )


@cache
def grammar() -> Mapping[str, Any]:
    """Read grammar.yaml once."""
    text = files("bot.records").joinpath("grammar.yaml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = read_text(text, "grammar.yaml").content
    return content


@cache
def asking_words() -> frozenset[str]:
    """Return the folded words that only frame a question about records."""
    return frozenset(fold(word) for word in grammar()["asking"])


@cache
def phrases_of(part: str) -> Phrases:
    """Return one part of the grammar, compiled; a plain list stands for the part itself."""
    listed = grammar()[part]
    return compile_phrases(listed if isinstance(listed, dict) else {part: listed})


def is_near(word: str, known: str, *, slips: int = 2) -> bool:
    """Whether `word` is `known` with a slip of the finger, in a long word up to `slips`, the first letter right."""
    if len(known) < SHORTEST_FORGIVEN or len(word) < SHORTEST_FORGIVEN - 1 or word[:1] != known[:1]:
        return False
    allowed = slips if len(known) >= LONG else 1
    return OSA.distance(word, known, score_cutoff=allowed) <= allowed


def _pattern(phrase: str) -> tuple[str, ...]:
    found = re.findall(r"[^\W\d_]+\*?|\d+(?:,\d+)?|[%&–-]", fold(phrase))
    return tuple(word for word in found if word != "&")


@lru_cache(REMEMBERED)
def _slip(pattern: str, word: str) -> bool | None:
    """Return False where `word` fits exactly, True where it nearly does, None where not."""
    stem = pattern.removesuffix(ANY)
    if word == stem or (pattern is not stem and word.startswith(stem)):
        return False
    if len(word) < SHORTEST_FORGIVEN - 1:
        return None
    if word[0] == stem[:1] and sorted(word) == sorted(stem):
        return True  # two letters in the wrong order, in a short word too
    is_ending = pattern.endswith(ANY) and len(word) <= len(stem) + LONGEST_ENDING
    beginnings = range(len(stem) - 1, len(stem) + 2) if is_ending else ()
    near = is_near(word, stem) or any(is_near(word[:length], stem, slips=1) for length in beginnings)
    return True if near else None
