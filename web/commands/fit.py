"""hemvist fit: how sure the engine may be, learnt from questions whose right entry is known."""

import json
import os
from dataclasses import asdict
from pathlib import Path

import click

from bot import Assistant, QuestionsError, fit_both, load, read_questions
from web.cli import Unusable
from web.files import write_whole
from web.settings import read_settings


@click.command()
@click.option(
    "--questions", "file", metavar="FILE", required=True, type=click.Path(path_type=Path), help="As for evaluate."
)
@click.option("--municipality", metavar="ID", required=True, help="Whose knowledge to ask.")
@click.option(
    "--output", metavar="OUT.json", type=click.Path(dir_okay=False, path_type=Path), help="Where to write it."
)
def command(file: Path, municipality: str, output: Path | None) -> None:
    """Fit the confidence of answers to the questions of FILE and the entries' own tests, the thresholds to FILE alone.

    Prints, or writes to OUT.json, what bot/matching/sureness.json holds: a logistic regression with two thresholds,
    once for knowledge that is guarded by questions on what is not answered, and once for knowledge that is not.
    """
    knowledge = load(read_settings(os.environ).knowledge)
    assistant = Assistant(knowledge)
    try:
        rows = read_questions(file)
    except QuestionsError as error:
        raise Unusable([str(error)]) from error
    try:
        fitted = fit_both(assistant, municipality, rows, knowledge.view(municipality).entries.values())
    except ValueError as error:
        raise Unusable([f"{file}: {error}"]) from error
    text = json.dumps({name: asdict(sureness) for name, sureness in fitted.items()}, indent=2) + "\n"
    if output:
        write_whole(output, text)
    else:
        click.echo(text, nl=False)
