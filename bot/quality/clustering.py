"""Put questions that mean the same together: near duplicates in any language, whatever the order of their words."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain

from rapidfuzz import fuzz, process

from bot.text import words

ALIKE = 0.8  # from this share of common words on two questions are the same one
SPELT_ALIKE = 80.0  # of 100: a typo or another ending
SHORTEST_MISSPELT = 3
NUMBER = re.compile(r"\D*\d").match
LETTERS = 3  # a group of letters
FEWEST_COMMON = 2  # groups of letters that two spellings of a word have in common
SURELY_COMMON = ALIKE / (2 - ALIKE)  # of the weight of a question is in any that is alike
ROUNDING = 1e-9

Form = tuple[str, ...]


def cluster(texts: Sequence[str], frames: Collection[str] = frozenset()) -> tuple[tuple[int, ...], ...]:
    """Return the places in `texts` of those that belong together, each place once, the largest cluster first.

    `frames` are folded words that only frame a question ("hur söker jag"). In which order texts come does not matter.
    """
    forms, joined = _forms(texts, frames)
    leaders = _Leaders(forms)
    clusters: dict[Form, list[int]] = {}
    for form in sorted(forms, key=lambda form: (-len(forms[form]), form)):
        leader = leaders.find(form, joined[form])
        if leader is None:
            leaders.add(form, joined[form])
        clusters.setdefault(form if leader is None else leader, []).extend(forms[form])
    return tuple(tuple(sorted(found)) for found in sorted(clusters.values(), key=lambda found: -len(found)))


def form_of(text: str, frames: Collection[str] = frozenset()) -> Form:
    """Return the folded words of `text` in order of the alphabet, without those that only frame it."""
    return tuple(sorted(_meant(text, frames)))


def _meant(text: str, frames: Collection[str]) -> list[str]:
    found = words(text)
    return [word for word in found if word not in frames] or found


def _forms(texts: Sequence[str], frames: Collection[str]) -> tuple[dict[Form, list[int]], dict[Form, set[str]]]:
    """Return the places of each form, and its letters without spaces: "hund park" is "hundpark"."""
    places: dict[Form, list[int]] = defaultdict(list)
    joined: dict[Form, set[str]] = defaultdict(set)
    for place, text in enumerate(texts):
        meant = _meant(text, frames)
        form = tuple(sorted(meant))
        places[form].append(place)
        joined[form].add("".join(meant))
    return places, joined


class _Leaders:
    """The first form of each cluster, found by the words it may have in common with another one."""

    def __init__(self, forms: Collection[Form]) -> None:
        often = Counter(chain.from_iterable(map(set, forms)))
        self._spellings = _spellings(often)
        self._weights = {
            word: math.log1p(len(forms) / sum(often[one] for one in alike)) for word, alike in self._spellings.items()
        }
        self._by_word: dict[str, list[Form]] = defaultdict(list)
        self._by_letters: dict[str, Form] = {}
        self._age: dict[Form, int] = {}
        self._whole: dict[Form, float] = {}

    def add(self, form: Form, joined: Collection[str]) -> None:
        """Begin a cluster."""
        self._age[form] = len(self._age)
        self._whole[form] = self._weight(form)
        for word in set(form):
            self._by_word[word].append(form)
        for letters in joined:
            self._by_letters.setdefault(letters, form)

    def find(self, form: Form, joined: Collection[str]) -> Form | None:
        """Return the form that `form` is most alike, of equals the oldest; None where it is alike none."""
        same = [self._by_letters[letters] for letters in joined if letters in self._by_letters]
        if same:
            return min(same, key=self._age.__getitem__)
        near = ((self._alike(form, other), -self._age[other], other) for other in self._hopeful(form))
        best = max((found for found in near if found[0] >= ALIKE), default=None)
        return best[2] if best else None

    def _hopeful(self, form: Form) -> Iterator[Form]:
        """Yield the forms whose words that may stand in `form` too weigh enough; other numbers are another question."""
        known = frozenset(chain.from_iterable(self._spellings[word] for word in form))
        own, numbers, weights = self._weight(form), _numbers(form), self._weights
        for other in self._candidates(form, own):
            common = sum([weights[word] for word in other if word in known])
            if common >= (own + self._whole[other]) * ALIKE / 2 - ROUNDING and _numbers(other) == numbers:
                yield other

    def _candidates(self, form: Form, weight: float) -> set[Form]:
        """Return the forms with one of the rarest words of `form`: one that has none of these is not alike."""
        found: set[Form] = set()
        left, needed = weight, weight * SURELY_COMMON - ROUNDING
        for word in sorted(form, key=self._weights.__getitem__, reverse=True):
            if left < needed:
                break
            left -= self._weights[word]
            for one in self._spellings[word]:
                found.update(self._by_word.get(one, ()))
        return found

    def _weight(self, form: Form) -> float:
        return sum([self._weights[word] for word in form])

    def _alike(self, form: Form, other: Form) -> float:
        """Return how much of both is common, 0 to 1, a rare word being more."""
        common, mine, yours = 0.0, list(form), list(other)
        for likeness, word, against in sorted(self._pairs(form, other), reverse=True):
            if word in mine and against in yours:
                common += likeness * min(self._weights[word], self._weights[against])
                mine.remove(word)
                yours.remove(against)
        return 2 * common / (self._weight(form) + self._weight(other) or 1)

    def _pairs(self, form: Form, other: Form) -> Iterator[tuple[float, str, str]]:
        for word in form:
            alike = self._spellings[word]
            yield from ((alike[against], word, against) for against in other if against in alike)


def _numbers(form: Form) -> list[str]:
    return [word for word in form if NUMBER(word)]


def _spellings(vocabulary: Collection[str]) -> Mapping[str, Mapping[str, float]]:
    """Return for each word the words that it may be a misspelling or another form of, itself among them, 0 to 1."""
    by_group: dict[str, list[str]] = defaultdict(list)
    plain = sorted(word for word in vocabulary if len(word) >= SHORTEST_MISSPELT and not _numbers((word,)))
    for word in plain:
        for group in _groups(word):
            by_group[group].append(word)
    found: dict[str, dict[str, float]] = {word: {word: 1.0} for word in vocabulary}
    for word in plain:
        common = Counter(chain.from_iterable(by_group[group] for group in _groups(word)))
        near = [other for other, count in common.items() if count >= FEWEST_COMMON]
        alike = process.extract(word, near, scorer=fuzz.ratio, score_cutoff=SPELT_ALIKE, limit=None)
        found[word] |= {other: score / 100 for other, score, _ in alike}
    return found


def _groups(word: str) -> set[str]:
    padded = f" {word} "
    return {padded[start : start + LETTERS] for start in range(len(padded) - LETTERS + 1)}
