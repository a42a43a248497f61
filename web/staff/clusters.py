"""Questions without a good answer as staff see them: those that mean the same together, with what was decided."""

import hashlib
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from bot import Language, Municipality, cluster
from web.gap_words import hasher
from web.services import get_services
from web.staff.audit import Writing
from web.staff.layers import places
from web.staff.service import get_staff
from web.store import gaps
from web.store.gaps import Asked, Gap, State, is_closed

KEY: Final = 16  # letters of a hash, in the address of a page
REMEMBERED: Final = 32  # groupings of this process
Groups = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Questions that mean the same. `key` names one of them, and so leads here however they are put together later.

    `scope` is who was asked: a municipality; or none, and then a group that they name, or all.
    `title` is the commonest of them, in `language`; `hashes` are those of all their wordings.
    """

    scope: str
    key: str
    title: str
    language: Language
    asked: tuple[Asked, ...]
    hashes: frozenset[str]
    gap: Gap | None

    @property
    def state(self) -> State:
        """What was decided, new where nothing was."""
        return self.gap.state if self.gap else "new"

    @property
    def visitors(self) -> int:
        """How many conversations asked it."""
        return len({asked.key_hash for asked in self.asked})

    @property
    def last(self) -> datetime:
        """When it was last asked."""
        return max(asked.asked_at for asked in self.asked)

    @property
    def again(self) -> int:
        """How often it was asked after it was solved."""
        if self.gap is None or self.gap.state != "solved":
            return 0
        return sum(asked.asked_at > self.gap.since for asked in self.asked)

    @property
    def waits(self) -> bool:
        """Whether somebody should look at it."""
        return any(not is_closed(self.gap, asked.asked_at) for asked in self.asked)

    @property
    def languages(self) -> frozenset[Language]:
        """The languages it was asked in."""
        return frozenset(asked.language for asked in self.asked)

    @property
    def wordings(self) -> list[tuple[str, Language, int]]:
        """Each wording with its language and how often it came, the commonest first."""
        counted = Counter((asked.question, asked.language) for asked in self.asked)
        return [(*said, number) for said, number in sorted(counted.items(), key=lambda one: (-one[1], one[0]))]

    @property
    def reasons(self) -> Counter[str]:
        """How often which of the reasons was given why it had no good answer."""
        return Counter(asked.why for asked in self.asked)


def clusters_of(connection: Connection, municipality: Municipality) -> list[Cluster]:
    """Return the clusters of a municipality, the one asked most often first, of equals the one asked last.

    Who has a role in its group, or everywhere, also gets those that were asked of no municipality.
    """
    scopes = [place.scope for place in places() if place.role or place.scope == municipality.id]
    found = [one for scope in scopes for one in _of_scope(connection, municipality, scope)]
    return sorted(found, key=lambda one: (-len(one.asked), -one.last.timestamp(), one.title))


def _of_scope(connection: Connection, municipality: Municipality, scope: str) -> Iterator[Cluster]:
    asked = gaps.questions(connection, scope)
    decided = gaps.decided(connection, scope)
    hashes_of = hasher(get_staff().settings)
    hashes = {text: hashes_of(scope, text) for text in {one.missed for one in asked}}
    known = [gaps.find(decided, hashes[one.missed]) for one in asked]
    for together in _tied(_groups(municipality, asked), known):
        yield _cluster(scope, tuple(asked[place] for place in together), hashes, decided)


def find(clusters: Sequence[Cluster], key: str) -> Cluster | None:
    """Return the cluster that holds the question named by `key`."""
    return next((one for one in clusters if any(known.startswith(key) for known in one.hashes)), None)


def settle(writing: Writing, one: Cluster, state: State, by: str, entry: str | None = None) -> int:
    """Give a cluster a state, and return its gap."""
    return gaps.decide(writing.connection, one.scope, one.hashes, state, by, writing.at, entry)


def may_settle(one: Cluster) -> bool:
    """Whether whoever is signed in may decide on these questions."""
    return any(place.scope == one.scope and place.allows("editor") for place in places())


def _cluster(
    scope: str, members: tuple[Asked, ...], hashes: dict[str, tuple[str, ...]], decided: dict[str, Gap]
) -> Cluster:
    titles = Counter((one.question, one.language) for one in members)
    title, language = min(titles, key=lambda said: (-titles[said], said))
    mine = Counter(hashes[one.missed] for one in members)
    first = min(mine, key=lambda known: (-mine[known], known))[0]
    gap = _gap([gaps.find(decided, one) for one in mine.elements()])
    return Cluster(scope, first[:KEY], title, language, members, frozenset().union(*mine), gap)


def _gap(tied: Collection[Gap | None]) -> Gap | None:
    """Return the gap that most of the questions are tied to, of equals the one decided last."""
    counted = Counter(gap for gap in tied if gap)
    return max(counted, key=lambda gap: (counted[gap], gap.since, gap.id), default=None)


def _tied(groups: Groups, gaps_of: Sequence[Gap | None]) -> list[list[int]]:
    """Put groups together that staff have dealt with as one."""
    together: dict[object, list[int]] = {}
    for number, members in enumerate(groups):
        gap = _gap([gaps_of[place] for place in members])
        together.setdefault(("gap", gap.id) if gap else ("group", number), []).extend(members)
    return list(together.values())


class Remembered:
    """The groupings made lately: which questions belong together, without their words."""

    def __init__(self) -> None:
        self._groups: OrderedDict[bytes, Groups] = OrderedDict()

    def groups(self, texts: Sequence[str], frames: frozenset[str]) -> Groups:
        """Return `cluster` of the same, made anew where it is not remembered."""
        digest = hashlib.sha256("\n".join((str(hash(frames)), *texts)).encode(errors="replace")).digest()
        found = self._groups.get(digest)
        if found is None:
            found = self._groups[digest] = cluster(texts, frames)
            while len(self._groups) > REMEMBERED:
                self._groups.popitem(last=False)
        return found


_REMEMBERED: Final = Remembered()


def _groups(municipality: Municipality, asked: Sequence[Asked]) -> Groups:
    frames = get_services().knowledge.assistant.index(municipality.id).lexicon.frames
    return _REMEMBERED.groups([one.missed for one in asked], frames)
