"""Typing errors as people make them, seeded: the same for every method that is compared."""

import random
import re
from collections.abc import Callable, Mapping

from bot.values import Language

ROWS: Mapping[Language, tuple[str, ...]] = {
    "sv": ("qwertyuiopå", "asdfghjklöä", "zxcvbnm"),
    "en": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
LETTERS: Mapping[Language, str] = {"sv": "abcdefghijklmnopqrstuvwxyzåäö", "en": "abcdefghijklmnopqrstuvwxyz"}
WORD_RATE, SECOND_RATE = 0.3, 0.33
SHORTEST, LONG = 3, 5
PLAIN = str.maketrans("åäöÅÄÖ", "aaoAAO")


def _neighbours(language: Language) -> dict[str, list[str]]:
    return {
        letter: [row[place] for place in (position - 1, position + 1) if 0 <= place < len(row)]
        for row in ROWS[language]
        for position, letter in enumerate(row)
    }


NEIGHBOURS: Mapping[Language, Mapping[str, list[str]]] = {language: _neighbours(language) for language in ROWS}


def typo(text: str, language: Language, seed: int = 0) -> str:
    """Misspell: each word of three letters or more has a 30 % chance of one edit, a longer one a third of a second."""
    draw = random.Random(f"{seed}|{text}")  # noqa: S311 - repeatable noise, nothing secret
    return "".join(_mistyped(part, draw, language) for part in re.findall(r"\w+|\W+", text))


def unaccented(text: str, language: Language, seed: int = 0) -> str:
    """Type without å, ä and ö."""
    del language, seed
    return text.translate(PLAIN)


def both(text: str, language: Language, seed: int = 0) -> str:
    """Misspell and type without å, ä and ö."""
    return unaccented(typo(text, language, seed), language)


def clean(text: str, language: Language, seed: int = 0) -> str:
    """Leave the text as it is."""
    del language, seed
    return text


NOISES: Mapping[str, Callable[[str, Language, int], str]] = {
    "clean": clean,
    "typo": typo,
    "nodia": unaccented,
    "both": both,
}


def _mistyped(word: str, draw: random.Random, language: Language) -> str:
    if len(word) < SHORTEST or not word.isalpha() or draw.random() >= WORD_RATE:
        return word
    word = _edited(word, draw, language)
    if len(word) >= LONG and draw.random() < SECOND_RATE:
        word = _edited(word, draw, language)
    return word


def _edited(word: str, draw: random.Random, language: Language) -> str:
    """Leave out, insert, replace or swap one letter, a quarter each."""
    kind = draw.random()
    place = draw.randrange(len(word))
    before, after = word[:place], word[place + 1 :]
    if kind < 0.25 and len(word) > 2:
        return before + after
    if kind < 0.75:
        near = NEIGHBOURS[language].get(word[place].lower(), list(LETTERS[language]))
        return before + draw.choice(near) + (word[place:] if kind < 0.5 else after)
    if len(word) == 1:
        return word
    place = min(place, len(word) - 2)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
