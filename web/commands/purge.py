"""hemvist purge: empty texts now."""

import os
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy.exc import SQLAlchemyError

from web.cli import Unusable, operator
from web.overrides import known
from web.purging import Purge
from web.settings import read_settings
from web.store.engine import open_engine, told
from web.store.schema import upgrade
from web.store.upkeep import tidy


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
        ledger = Purge(engine, settings, now, operator("purge"), all_texts=all_texts)
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
