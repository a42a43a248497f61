"""Questions of a month that nobody answered, as a report may tell them: only words that enough visitors typed.

Only the most frequent wordings are put together, so that a report stays quick however much is asked.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection

from bot import Knowledge, Language, cluster, form_of
from web.gap_words import hasher
from web.settings import Settings
from web.store.evidence import unanswered_words
from web.store.gaps import Gap, State, decided, find

FEWEST: Final = 5  # visitors, before anything that they typed is told
MOST_WORDINGS: Final = 500
SHOWN: Final = 8
LEFT_OUT: Final = "…"


@dataclass(frozen=True, slots=True)
class TopGap:
    """Questions that mean the same. `wording`: one that five visitors typed; else one in which … stands for every word
    that fewer than five used; None where no word is left.

    `state` is what became of it until now, `since` then; `entry` what answers it.
    """

    visitors: int
    language: Language
    wording: str | None
    state: State
    since: datetime | None
    entry: str | None


@dataclass(frozen=True, slots=True)
class _Wording:
    text: str
    language: Language
    visitors: frozenset[str]


def top_gaps(
    connection: Connection,
    settings: Settings,
    knowledge: Knowledge,
    municipality: str,
    first: date,
    last: date,
    moments: tuple[datetime, datetime],
) -> list[TopGap]:
    """Return what most visitors missed, of those whose words are still kept; raises SQLAlchemyError."""
    rows = unanswered_words(connection, municipality, first, last, *moments, MOST_WORDINGS)
    wordings = _wordings(rows)
    frames = frozenset(word for frame in knowledge.vocabulary.frames for word in form_of(frame))
    groups = [[wordings[place] for place in places] for places in cluster([one.text for one in wordings], frames)]
    found = [(len(frozenset().union(*(one.visitors for one in group))), group) for group in groups]
    known, hashes_of = decided(connection, municipality), hasher(settings)
    ordered = sorted(
        (pair for pair in found if pair[0] >= FEWEST), key=lambda pair: (-pair[0], min(one.text for one in pair[1]))
    )
    return [
        _told(group, visitors, _gap(known, [hashes_of(municipality, one.text) for one in group]))
        for visitors, group in ordered[:SHOWN]
    ]


def _wordings(rows: Sequence[Any]) -> list[_Wording]:
    visitors: dict[tuple[str, Language], set[str]] = defaultdict(set)
    for row in rows:
        visitors[row.words, row.language].add(row.key_hash)
    return [_Wording(text, language, frozenset(keys)) for (text, language), keys in sorted(visitors.items())]


def _told(group: Sequence[_Wording], visitors: int, gap: Gap | None) -> TopGap:
    language = max(group, key=lambda one: len(one.visitors)).language
    state = gap.state if gap else "new"
    since, entry = (gap.since, gap.entry) if gap else (None, None)
    return TopGap(visitors, language, _wording(group) or _template(group), state, since, entry)


def _wording(group: Sequence[_Wording]) -> str | None:
    """Return what enough visitors typed, however they spelt it and in whatever order."""
    alike: dict[tuple[str, ...], list[_Wording]] = defaultdict(list)
    for one in group:
        alike[form_of(one.text)].append(one)
    counted = {form: len(frozenset().union(*(one.visitors for one in ones))) for form, ones in alike.items()}
    best = max(counted, key=lambda form: (counted[form], form))
    if counted[best] < FEWEST:
        return None
    return max(alike[best], key=lambda one: (len(one.visitors), one.text)).text


def _template(group: Sequence[_Wording]) -> str | None:
    """Return the commonest wording with … for each word that too few visitors used; None where nothing is left."""
    users: dict[str, set[str]] = defaultdict(set)
    for one in group:
        for word in form_of(one.text):
            users[word] |= one.visitors
    often = {word for word, who in users.items() if len(who) >= FEWEST}
    commonest = max(group, key=lambda one: (len(one.visitors), one.text)).text
    said = [word if often.issuperset(form_of(word)) else LEFT_OUT for word in commonest.split()]
    kept = [word for place, word in enumerate(said) if word != LEFT_OUT or said[place - 1 : place] != [LEFT_OUT]]
    return " ".join(kept) if set(kept) - {LEFT_OUT} else None


def _gap(known: Mapping[str, Gap], wordings: Collection[Sequence[str]]) -> Gap | None:
    """Return the gap that most wordings, each given by its hashes, are tied to."""
    tied = Counter(gap for hashes in wordings if (gap := find(known, hashes)))
    return max(tied, key=lambda gap: (tied[gap], gap.since, gap.id), default=None)
