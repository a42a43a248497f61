"""Empty words and remove messages whose time is over, and note in the audit how many went, of when, and why."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from bot import Municipality
from web.gap_words import hasher
from web.settings import Settings
from web.store import audit
from web.store.gap_keeping import drop, keep_longer
from web.store.messages import dispose
from web.store.upkeep import purge


@dataclass(frozen=True, slots=True)
class Purged:
    """What went of one municipality, and the decision that lets it."""

    questions: int
    messages: int
    decision: str | None


@dataclass(frozen=True, slots=True)
class Purge:
    """Purges what is over by `now`; `actor` is how the audit names whoever bids it, `noted` when it was, if not now."""

    engine: Engine
    settings: Settings
    now: datetime
    actor: str
    all_texts: bool = False
    noted: datetime | None = None

    def of(self, place: Municipality) -> Purged:
        """Purge one municipality. Raises SQLAlchemyError, as all of these do."""
        questions = self._emptied(only=[place.id])
        done = Purged(questions, dispose_messages(self.engine, place, self.now), place.disposal)
        self._note(place.id, done)
        return done

    def words_of(self, place: Municipality) -> int:
        """Empty the words of one municipality alone; return of how many questions."""
        questions = self._emptied(only=[place.id])
        self._note(place.id, Purged(questions, 0, place.disposal))
        return questions

    def messages_of(self, place: Municipality) -> int:
        """Remove the messages of one municipality alone; return how many."""
        messages = dispose_messages(self.engine, place, self.now)
        self._note(place.id, Purged(0, messages, place.disposal))
        return messages

    def of_the_rest(self, others: Collection[str]) -> int:
        """Purge what was asked of no municipality, or of one that is gone; return how many questions."""
        questions = self._emptied(held=others)
        self._note(None, Purged(questions, 0, None))
        return questions

    def _emptied(self, held: Collection[str] = (), only: Collection[str] | None = None) -> int:
        """Empty the words whose time is over, those of open gaps later; return how many questions."""
        if self.all_texts:
            emptied = purge(self.engine, None, held, only)
            return emptied + drop(self.engine, None, self.now, held, only)
        before, since = self._ago(self.settings.retention_days), self._ago(self.settings.open_gap_days)
        keep_longer(self.engine, since, before, hasher(self.settings), held, only)
        return purge(self.engine, before, held, only) + drop(self.engine, since, before, held, only)

    def _ago(self, days: int) -> datetime:
        return self.now - timedelta(days=days)

    def _note(self, municipality: str | None, done: Purged) -> None:
        """Say what went, if anything: until when words are gone, and those of open gaps; None: all there were."""
        if not (done.questions or done.messages):
            return
        limits = {"before": self.settings.retention_days, "gaps_before": self.settings.open_gap_days}
        spans = {name: None if self.all_texts else _minute(self._ago(days)) for name, days in limits.items()}
        detail = {"questions": done.questions, "messages": done.messages, "decision": done.decision, **spans}
        deed = audit.Deed(self.noted or self.now, self.actor, "purged", municipality, municipality, detail)
        with self.engine.begin() as connection:
            audit.add(connection, None, deed)


def dispose_messages(engine: Engine, municipality: Municipality, now: datetime) -> int:
    """Remove the handled messages of `municipality` that its decision lets go; return how many.

    Without a decision, without a number of days or under a legal hold nothing goes. Raises SQLAlchemyError.
    """
    if municipality.legal_hold or not municipality.disposal or not municipality.message_days:
        return 0
    return dispose(engine, municipality.id, now - timedelta(days=municipality.message_days))


def _minute(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
