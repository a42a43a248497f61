"""hemvist evaluate: how often strangers' questions are answered right."""

import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click

from bot import (
    Assistant,
    FilterJudged,
    Judged,
    QuestionsError,
    Summary,
    as_rows,
    evaluate,
    evaluate_filters,
    load,
    read_filter_rows,
    read_questions,
    summarize,
    without_places,
)
from web.cli import Unusable
from web.files import write_whole
from web.settings import read_settings


@click.command()
@click.option("--questions", "file", metavar="FILE", type=click.Path(path_type=Path), help="What to ask.")
@click.option(
    "--filters", metavar="FILE", type=click.Path(path_type=Path), help="Questions about records, and their filters."
)
@click.option("--municipality", metavar="ID", default="vindeln", show_default=True, help="Whom to ask.")
@click.option(
    "--knowledge", metavar="DIR", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Instead of HEMVIST_KNOWLEDGE.",
)  # fmt: skip
@click.option(
    "--rows", metavar="OUT.jsonl", type=click.Path(dir_okay=False, path_type=Path), help="One JSON object a question."
)
@click.option("--each", is_flag=True, help="Ask every municipality, without the questions that name a place.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def command(
    file: Path | None,
    filters: Path | None,
    municipality: str,
    knowledge: Path | None,
    rows: Path | None,
    *,
    each: bool,
    as_json: bool,
) -> None:
    """Ask every question of a file and count what comes back; give --questions or --filters.

    A file of questions is tab-separated: language, expected entry, question. Several right entries stand as id|id. `-`
    is off topic and `-municipal` a municipal matter that is not covered: neither must be answered, and choices count
    as silence there.

    A file of filters has one JSON object a line: question, language, before (the filters, or the question, of the turn
    before, or null) and filters: exactly what must be understood.
    """
    if (file is None) == (filters is None):
        raise click.UsageError("Give either --questions or --filters.")
    if each and (filters or rows):
        raise click.UsageError("--each goes with --questions, and prints totals only.")
    settings = read_settings(os.environ)
    assistant = Assistant(load(knowledge or settings.knowledge))
    today = datetime.now(settings.timezone).date()
    try:
        if file and each:
            _of_each(assistant, file, today, as_json=as_json)
        elif file:
            _answers(evaluate(assistant, municipality, read_questions(file), today), rows, as_json=as_json)
        elif filters:
            _filters(evaluate_filters(assistant, municipality, read_filter_rows(filters), today), rows, as_json=as_json)
    except QuestionsError as error:
        raise Unusable([str(error)]) from error


def _answers(judged: Sequence[Judged], rows: Path | None, *, as_json: bool) -> None:
    _write(rows, as_rows(judged))
    summary = summarize(judged)
    click.echo(json.dumps(asdict(summary), indent=2) if as_json else _as_text(summary))


def _of_each(assistant: Assistant, file: Path, today: date, *, as_json: bool) -> None:
    rows = without_places(read_questions(file), assistant.knowledge)
    names = sorted(assistant.knowledge.municipalities)
    found = {name: summarize(evaluate(assistant, name, rows, today)) for name in names}
    if as_json:
        click.echo(json.dumps({name: asdict(summary) for name, summary in found.items()}, indent=2))
        return
    for name, summary in found.items():
        click.echo(
            f"{name:16} {summary.questions} questions: right {summary.right} %, wrong {summary.wrong} %; "
            f"{summary.off_topic} off topic: answered {summary.answered_off_topic} %; "
            f"{summary.not_covered} not covered: answered {summary.answered_not_covered} %"
        )


def _filters(judged: Iterable[FilterJudged], rows: Path | None, *, as_json: bool) -> None:
    found = list(judged)
    _write(rows, ({**asdict(one.row), "kind": one.kind, "understood": one.understood} for one in found))
    right = sum(one.right for one in found)
    share = round(100 * right / max(len(found), 1), 1)
    if as_json:
        click.echo(json.dumps({"questions": len(found), "right": share}, indent=2))
        return
    click.echo(f"{len(found)} questions about records: exactly the filters expected in {right} ({share} %)")


def _write(path: Path | None, rows: Iterable[Mapping[str, object]]) -> None:
    if path:
        write_whole(path, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


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
