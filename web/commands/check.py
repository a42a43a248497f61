"""hemvist check: the knowledge held to account."""

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime

import click

from bot import Finding, Report, check
from web.i18n import languages_in
from web.settings import read_settings

WEAK = 0.5
ORDER = (
    "to fill is in the order of `asked` in vocabulary/topics.yaml: in how many of the strangers' questions of\n"
    "tests/questions.tsv the topic was asked for; first what only the municipality can fill."
)


@click.command()
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="Check as of this day instead of today.")
@click.option("--strict", is_flag=True, help="Fail also on what is due or still to fill.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.option("--municipality", metavar="ID", help="Only this one; what is left to fill stands most asked first.")
@click.option("--no-recall", is_flag=True, help="Leave out the slow part: asking each question without its own entry.")
@click.pass_context
def command(
    context: click.Context,
    day: datetime | None,
    municipality: str | None,
    *,
    strict: bool,
    as_json: bool,
    no_recall: bool,
) -> None:
    """Check the knowledge: files, references, tests, translations, review dates, facts written out, plain language.

    Exit code 0: nothing is wrong. 1: something is wrong, or with --strict due or to fill.
    """
    settings = read_settings(os.environ)
    on: date = day.date() if day else datetime.now(settings.timezone).date()
    shown = languages_in(settings.locales)
    report = check(settings.knowledge, on, with_recall=not no_recall, municipality=municipality, shown=shown)
    click.echo(_as_json(report) if as_json else _as_text(report))
    if municipality and report.to_fill and not as_json:
        click.echo(ORDER)
    if report.errors or (strict and (report.due or report.to_fill)):
        context.exit(1)


def _as_json(report: Report) -> str:
    members = asdict(report)
    for name in ("problems", "advice"):
        members[name] = [asdict(problem) | {"message": problem.message} for problem in getattr(report, name)]
    members["errors"] = report.errors
    return json.dumps(members, ensure_ascii=False, indent=2, default=dict)


def _as_text(report: Report) -> str:
    lines = [f"{problem.severity}: {problem}" for problem in report.problems]
    lines += _section("wrong", report.failures)
    lines += _section("due", report.due)
    lines += _section("to fill", report.to_fill)
    lines += [f"advice: {problem}" for problem in report.advice]
    lines += _recall(report.recall)
    lines += [f"{name}: median LIX {median:.0f}" for name, median in report.readability.items()]
    count = report.errors
    lines.append(
        f"{count} wrong, {len(report.due)} due, {len(report.to_fill)} to fill, {len(report.advice)} pieces of advice"
    )
    return "\n".join(lines)


def _section(title: str, findings: Sequence[Finding]) -> list[str]:
    return [f"{title}: {found.municipality}/{found.entry}: {found.text}" for found in findings]


def _recall(recall: Mapping[str, Mapping[str, float]]) -> list[str]:
    lines = []
    for name, entries in recall.items():
        mean = sum(entries.values()) / max(len(entries), 1)
        lines.append(f"{name}: left-out questions found again: {mean:.0%} on average over {len(entries)} entries")
        weak = sorted((share, entry) for entry, share in entries.items() if share < WEAK)
        lines += [f"  {share:4.0%}  {entry}" for share, entry in weak]
    return lines
