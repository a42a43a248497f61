"""Ids of rows that others wrote: the same row gets the same id at every import."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from bot.text import fold

LONGEST: Final = 64
SIGNS: Final = re.compile(r"[^a-z0-9]+")


def ids_of(names: Sequence[str]) -> list[str]:
    """Make an id of each name (`Vindeln 7:31` → `vindeln-7-31`).

    Names that would share an id, as `Å 1` and `A 1`, all get a few letters of their own at the end.
    """
    plain = [make_id(name) for name in names]
    times = Counter(plain)
    return [
        made if times[made] == 1 else f"{made[: LONGEST - 7]}-{_digest(name)}"
        for name, made in zip(names, plain, strict=True)
    ]


def make_id(name: str) -> str:
    """Return `name` as an id: lower-case a–z, digits and single hyphens."""
    made = SIGNS.sub("-", fold(name)).strip("-")
    if not made or len(made) > LONGEST:
        made = f"{made[: LONGEST - 8].strip('-')}-{_digest(name)}".strip("-")
    return made


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:6]
