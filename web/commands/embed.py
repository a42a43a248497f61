"""hemvist embed: the line that puts the chat on a site."""

import os
import re
from typing import Final

import click

from bot import LANGUAGES, Language, Municipality, UnknownMunicipalityError, load_as_asked
from web.accent import STANDARD
from web.chat.wording import in_each, trouble_texts, widget_texts
from web.embed.script import Script, put_together
from web.embed.service import named, someone
from web.embed.snippet import Place, line, pinned_line, policy
from web.settings import Settings, read_copy_url, read_settings

COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}")


@click.command()
@click.option("--municipality", required=True, metavar="ID", help="Whose chat.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Without it: that of the page.")
@click.option("--topic", metavar="ENTRY", help="The answer that the chat begins with.")
@click.option("--accent", metavar="#RRGGBB", help="Without it: the municipality's own colour.")
@click.option("--address", metavar="URL", help="Where the server is for visitors, such as https://chat.example.se.")
@click.option("--copy", metavar="URL", help="Where the static copy lies; without it: HEMVIST_COPY_URL, if that is set.")
@click.option("--pin", is_flag=True, help="Only ever this very script, checked by the browser.")
def command(
    municipality: str,
    language: Language | None,
    topic: str | None,
    accent: str | None,
    address: str | None,
    copy: str | None,
    *,
    pin: bool,
) -> None:
    """Print the line to paste into a page, and what the page's policy has to allow."""
    settings = read_settings(os.environ)
    knowledge = load_as_asked(settings.knowledge)
    if municipality not in knowledge.municipalities:
        raise UnknownMunicipalityError(municipality, sorted(knowledge.municipalities))
    view = knowledge.view(municipality)
    if topic and topic not in view.entries:
        raise click.BadParameter(f"{topic!r} is no entry of {municipality}", param_hint="--topic")
    found = view.municipality
    if accent and not COLOUR.fullmatch(accent):
        raise click.BadParameter("must be #rrggbb", param_hint="--accent")
    where = (address or _here(settings)).rstrip("/")
    phone, email = someone(knowledge, found) if pin or found not in named(knowledge) else (None, None)
    static = _copy(copy) or settings.copy_url
    place = Place(where, municipality, language, topic, accent or found.accent, phone, email, static)
    label = trouble_texts(language or "sv")["read"]
    click.echo(pinned_line(place, _script(), label) if pin else line(place, label))
    click.echo(f"Content-Security-Policy: {policy(where)}", err=True)
    _warn(found)


def _copy(address: str | None) -> str | None:
    try:
        return read_copy_url(address or "")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--copy") from error


def _script() -> Script:
    return put_together(in_each(widget_texts), STANDARD)


def _here(settings: Settings) -> str:
    return f"http://{settings.host}:{settings.port}"


def _warn(found: Municipality) -> None:
    if not found.origins:
        click.echo(
            f"Name the site in the origins of {found.id}'s municipality.yaml; until then only pages on the "
            "server's own machine may try it.",
            err=True,
        )
