"""hemvist purge: empty texts now."""

import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from bot import Municipality
from web.cli import Unusable, operator
from web.overrides import known
from web.settings import Settings, read_settings
from web.store import audit
from web.store.engine import open_engine, told
from web.store.gap_keeping import drop
from web.store.schema import upgrade
from web.store.upkeep import purge, tidy
from web.ticking import dispose_messages, purge_words


@click.command()
@click.option("--all-texts", is_flag=True, help="Also those that could be kept longer.")
@click.option("--municipality", metavar="ID", help="Only those of this municipality.")
def command(*, all_texts: bool, municipality: str | None) -> None:
    """Empty the words of questions and opinions that are older than HEMVIST_RETENTION_DAYS; counts stay.

    Those of questions without a good answer stay until HEMVIST_GAP_DAYS, or until staff have dealt with them.

    Messages to a person that are handled go too, where the municipality has decided so and their time is over.

    Refused while a municipality has a legal hold: the law may bid to keep everything.
    """
    settings = read_settings(os.environ)
    places = known(settings).municipalities
    if municipality and municipality not in places:
        raise Unusable([f"{municipality}: no such municipality; there are: {', '.join(sorted(places))}"])
    concerned = [municipality] if municipality else [*places]
    if held := [name for name in concerned if places[name].legal_hold]:
        raise Unusable(
            [
                f"{name}: nothing may be purged, because of legal_hold: true, in its settings or its file"
                for name in held
            ]
        )
    now = datetime.now(UTC)
    before = None if all_texts else now - timedelta(days=settings.retention_days)
    engine = open_engine(settings)
    try:
        upgrade(engine)
        ledger = Purge(engine, settings, now, all_texts=all_texts)
        done = {name: ledger.of(places[name]) for name in concerned}
        rest = None if municipality else ledger.of_the_rest(concerned)
        tidy(engine)
    except SQLAlchemyError as error:
        raise click.ClickException(str(told(error))) from error
    finally:
        engine.dispose()
    until = f" asked before {before:%Y-%m-%d %H:%M} UTC" if before else ""
    click.echo(f"{sum(one.questions for one in done.values()) + (rest or 0)} questions{until} have lost their words")
    for name, one in done.items():
        if one.questions or one.messages:
            by = f"decided in {one.decision}" if one.decision else "no decision on disposal is named"
            click.echo(f"  {name}: {one.questions} questions, {one.messages} messages that were handled; {by}")
    click.echo("Each line stands in the audit, with who did it.")


@dataclass(frozen=True, slots=True)
class Purged:
    """What went of one municipality, and the decision that lets it."""

    questions: int
    messages: int
    decision: str | None


class Purge:
    """Empties words and removes messages, and notes in the audit of each municipality how many, of when, and why."""

    def __init__(self, engine: Engine, settings: Settings, now: datetime, *, all_texts: bool) -> None:
        self._engine = engine
        self._settings = settings
        self._now = now
        self._all = all_texts

    def of(self, place: Municipality) -> Purged:
        """Purge one municipality."""
        questions = self._emptied(only=[place.id])
        done = Purged(questions, dispose_messages(self._engine, place, self._now), place.disposal)
        if done.questions or done.messages:
            self._note(place.id, done)
        return done

    def of_the_rest(self, others: Collection[str]) -> int:
        """Purge what was asked of no municipality, or of one that is gone; return how many questions."""
        questions = self._emptied(held=others)
        if questions:
            self._note(None, Purged(questions, 0, None))
        return questions

    def _emptied(self, held: Collection[str] = (), only: Collection[str] | None = None) -> int:
        if self._all:
            emptied = purge(self._engine, None, held, only)
            return emptied + drop(self._engine, None, self._now, held, only)
        return purge_words(self._engine, self._settings, self._now, held, only)

    def _note(self, municipality: str | None, done: Purged) -> None:
        """Say which words went: the newest, and the newest of open gaps; None: all there were."""
        limits = {"before": self._settings.retention_days, "gaps_before": self._settings.open_gap_days}
        spans = {name: None if self._all else _day(self._now - timedelta(days=days)) for name, days in limits.items()}
        detail = {"questions": done.questions, "messages": done.messages, "decision": done.decision, **spans}
        deed = audit.Deed(self._now, operator("purge"), "purged", municipality, municipality, detail)
        with self._engine.begin() as connection:
            audit.add(connection, None, deed)


def _day(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
