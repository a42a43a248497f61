"""hemvist policy: what the service says about itself."""

import os

import click

from bot import LANGUAGES, Language
from web.overrides import known
from web.policy.document import facts_of
from web.policy.writing import DOCUMENTS, Kind
from web.settings import read_settings


@click.command()
@click.option("--municipality", metavar="ID", default="vindeln", show_default=True, help="Whose papers to print.")
@click.option("--language", type=click.Choice(LANGUAGES), default="sv", show_default=True, help="In which language.")
@click.option("--kind", type=click.Choice(list(DOCUMENTS)), help="One of them; without it all are printed.")
def command(municipality: str, language: Language, kind: Kind | None) -> None:
    """Print the privacy page, the record of processing, a draft decision on disposal and the accessibility statement.

    They are written from the settings in force and from municipality.yaml, in Markdown.
    """
    settings = read_settings(os.environ)
    facts = facts_of(known(settings).view(municipality), settings, language)
    wanted = [kind] if kind else list(DOCUMENTS)
    click.echo("\n\n".join(DOCUMENTS[one](facts).as_markdown() for one in wanted))
