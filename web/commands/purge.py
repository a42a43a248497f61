"""hemvist purge: empty texts now."""

import os
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from web.cli import Unusable
from web.overrides import known
from web.settings import Settings, read_settings
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
        emptied = _emptied(engine, settings, now, [municipality] if municipality else None, all_texts)
        gone = sum(dispose_messages(engine, places[name], now) for name in concerned)
        tidy(engine)
    except SQLAlchemyError as error:
        raise click.ClickException(str(told(error))) from error
    finally:
        engine.dispose()
    until = f" asked before {before:%Y-%m-%d %H:%M} UTC" if before else ""
    click.echo(f"{emptied} questions{until} have lost their words")
    if gone:
        click.echo(f"{gone} messages that were handled are removed")
    for name in concerned:
        if places[name].disposal:
            click.echo(f"{name}: decided in {places[name].disposal}")


def _emptied(engine: Engine, settings: Settings, now: datetime, only: Collection[str] | None, all_texts: bool) -> int:
    if all_texts:
        return purge(engine, None, only=only) + drop(engine, None, now, only=only)
    return purge_words(engine, settings, now, only=only)
