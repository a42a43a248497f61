"""hemvist evaluate: how often strangers' questions are answered right."""

import json
import os
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import click

from bot import Assistant, QuestionsError, Summary, as_rows, evaluate, load, read_questions, summarize
from web.cli import Unusable
from web.files import write_whole
from web.settings import read_settings


@click.command()
@click.option(
    "--questions", "file", metavar="FILE", required=True, type=click.Path(path_type=Path), help="What to ask."
)
@click.option("--municipality", metavar="ID", required=True, help="Whom to ask.")
@click.option(
    "--knowledge", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Instead of HEMVIST_KNOWLEDGE.",
)  # fmt: skip
@click.option(
    "--rows", metavar="OUT.jsonl", type=click.Path(dir_okay=False, path_type=Path), help="One JSON object a question."
)
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(file: Path, municipality: str, knowledge: Path | None, rows: Path | None, *, as_json: bool) -> None:
    """Ask every question of FILE and count what comes back.

    FILE is tab-separated: language, expected entry, question. Several right entries stand as id|id. `-` is off topic
    and `-municipal` a municipal matter that is not covered: neither must be answered, and choices count as silence
    there.
    """
    settings = read_settings(os.environ)
    if knowledge:
        settings = replace(settings, knowledge=knowledge)
    try:
        questions = read_questions(file)
    except QuestionsError as error:
        raise Unusable([str(error)]) from error
    assistant = Assistant(load(settings.knowledge))
    judged = evaluate(assistant, municipality, questions, datetime.now(settings.timezone).date())
    if rows:
        write_whole(rows, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in as_rows(judged)))
    summary = summarize(judged)
    click.echo(json.dumps(asdict(summary), indent=2) if as_json else _as_text(summary))


def _as_text(summary: Summary) -> str:
    return "\n".join(
        [
            f"{summary.questions} questions: right {summary.right} %, right or among choices "
            f"{summary.right_or_among_choices} %, wrong {summary.wrong} %, silent {summary.silent} %",
            f"{summary.off_topic} off topic: answered {summary.answered_off_topic} %",
            f"{summary.not_covered} municipal but not covered: answered {summary.answered_not_covered} %",
            f"p50 {summary.p50_ms} ms, p99 {summary.p99_ms} ms",
        ]
    )
