"""hemvist messages: what people wrote to a person, for staff who answer."""

import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import click
from babel.dates import format_datetime
from sqlalchemy.exc import SQLAlchemyError

from web.headings import topic_name
from web.i18n import REGIONS
from web.letters import Letter, letter_of, place_of
from web.sealing import SealError, open_seal
from web.settings import Settings, read_settings
from web.store.engine import told
from web.store.messages import find, listed, mark_handled
from web.store.opened import OpenStore

LOG: Final = logging.getLogger("hemvist.mail")
STATES: Final = {"waiting": "to be mailed", "sent": "delivered", "refused": "refused", "listed": "in this list alone"}
MUNICIPALITY = click.option("--municipality", metavar="ID", help="Only those to this municipality.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print them as JSON.")


@click.group(invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List what people wrote to a person, show one, and mark it as handled.

    Without a word behind it, those that wait for an answer are listed.
    """
    if context.invoked_subcommand is None:
        context.invoke(list_)


@command.command("list")
@MUNICIPALITY
@click.option("--all", "everything", is_flag=True, help="Also those that are handled.")
@AS_JSON
def list_(municipality: str | None = None, *, everything: bool = False, as_json: bool = False) -> None:
    """List messages, the oldest first; none of what was written in them."""
    settings = read_settings(os.environ)
    with _open(settings) as store:
        rows = store.do(lambda: listed(store.engine, municipality, handled=everything))
    if as_json:
        click.echo(json.dumps([_described(row) for row in rows], indent=2))
        return
    for row in rows:
        click.echo(_line(row, settings))
    if not rows:
        click.echo("No message waits for an answer.")


@command.command()
@click.argument("number", metavar="NUMBER")
@MUNICIPALITY
@AS_JSON
def show(number: str, municipality: str | None, *, as_json: bool) -> None:
    """Show one message and how to reach who wrote it."""
    settings = read_settings(os.environ)
    with _open(settings) as store:
        row = _found(store.do(lambda: find(store.engine, number.upper(), municipality)), number)
    try:
        letter = letter_of(row, open_seal(settings).open(row.key_name, row.sealed, place_of(row.id, row.municipality)))
    except SealError as error:
        raise click.ClickException(f"{row.id} cannot be read: {error}. Nothing is changed.") from error
    if as_json:
        click.echo(json.dumps({**_described(row), **letter.secret}, indent=2, ensure_ascii=False))
    else:
        click.echo(_shown(letter, row, settings))


@command.command()
@click.argument("number", metavar="NUMBER")
@MUNICIPALITY
def handled(number: str, municipality: str | None) -> None:
    """Say that a message is dealt with, so that it may go when its time is over."""
    settings = read_settings(os.environ)
    with _open(settings) as store:
        now = datetime.now(UTC)
        row = _found(store.do(lambda: mark_handled(store.engine, number.upper(), now, municipality)), number)
    LOG.info("message %s is handled", row.id)
    click.echo(f"{row.id} is handled since {_when(row.handled_at, settings)}")


@contextmanager
def _open(settings: Settings) -> Iterator[OpenStore]:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    store = OpenStore(settings)
    try:
        yield store
    except SQLAlchemyError as error:
        raise click.ClickException(str(told(error))) from error
    finally:
        store.close()


def _found(row: Any, number: str) -> Any:
    if row is None:
        raise click.ClickException(f"{number}: there is no such message; `hemvist messages list --all` names all")
    return row


def _described(row: Any) -> dict[str, Any]:
    moments = ("at", "sent_at", "handled_at", "next_try")
    plain = {
        name: getattr(row, name) for name in ("id", "municipality", "language", "topic", "state", "tries", "problem")
    }
    return {**plain, **{name: moment.isoformat() if (moment := getattr(row, name)) else None for name in moments}}


def _line(row: Any, settings: Settings) -> str:
    state = "handled" if row.handled_at else STATES[row.state]
    parts = [row.id, _when(row.at, settings), row.municipality, row.language, topic_name(row.topic, "en"), state]
    return "  ".join([*parts, *_trouble(row)])


def _trouble(row: Any) -> Sequence[str]:
    return [f"({row.problem})"] if row.problem and not row.handled_at else []


def _shown(letter: Letter, row: Any, settings: Settings) -> str:
    state = STATES[row.state] + (f" {_when(row.sent_at, settings)}" if row.sent_at else "")
    facts = {
        "number": row.id,
        "written": _when(row.at, settings),
        "to": letter.municipality,
        "topic": topic_name(letter.topic, "en"),
        "answer in": letter.language,
        "name": letter.name,
        "e-mail": letter.email,
        "phone": letter.phone,
        "mail": " ".join([state, *_trouble(row)]),
        "handled": _when(row.handled_at, settings) if row.handled_at else "no",
    }
    lines = [f"{name:<10} {value}" for name, value in facts.items() if value]
    if letter.is_danger:
        lines.insert(0, "READ FIRST: it holds words of danger; the crisis numbers were shown before it was sent.")
    return "\n".join([*lines, "", letter.message])


def _when(moment: datetime, settings: Settings) -> str:
    return format_datetime(moment.astimezone(settings.timezone), "yyyy-MM-dd HH:mm", locale=REGIONS["sv"])
