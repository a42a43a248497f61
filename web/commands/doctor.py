"""hemvist doctor: what is wrong with this installation."""

import json
import logging
import os
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Final

import click

from web.doctor.examining import examine
from web.doctor.finding import Finding

WIDTH: Final = 110
INDENT: Final = " " * 20


@click.command()
@click.option("--connect", is_flag=True, help="Also greet the mail server (no mail is sent) and ask HEMVIST_SITE_URL.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
@click.pass_context
def command(context: click.Context, *, connect: bool, as_json: bool) -> None:
    """Say what is wrong with this installation and what to do about it: settings, keys, folders, database, knowledge,
    feeds, mail. Nothing is changed.

    Exit code 0: nothing is at fault. 1: something is.
    """
    logging.getLogger("hemvist").addHandler(logging.NullHandler())  # what is logged is told as a finding
    findings = examine(os.environ, datetime.now(UTC), connect=connect)
    counts = Counter[str](finding.level for finding in findings)
    if as_json:
        members = {
            "version": version("hemvist"),
            "findings": [asdict(finding) for finding in findings],
            **_sums(counts),
        }
        click.echo(json.dumps(members, ensure_ascii=False, indent=2))
    else:
        click.echo(f"Hemvist {version('hemvist')}")
        click.echo("\n".join(_lines(findings)))
        click.echo(_summary(counts))
    if counts["fault"]:
        context.exit(1)


def _sums(counts: Counter[str]) -> dict[str, int]:
    return {"faults": counts["fault"], "warnings": counts["warning"], "ok": counts["ok"]}


def _summary(counts: Counter[str]) -> str:
    told = {"fault": counts["fault"], "warning": counts["warning"]}
    parts = [f"{number} {name}" + ("" if number == 1 else "s") for name, number in told.items()]
    return f"{', '.join(parts)}; {counts['ok']} lines are as they should be"


def _lines(findings: Sequence[Finding]) -> Iterator[str]:
    """Say each finding: what is fine first, so that what is to be done stands last, where the eye is."""
    order = ("ok", "warning", "fault")
    for finding in sorted(findings, key=lambda one: order.index(one.level)):
        yield _wrapped(f"{finding.level:<9}{finding.part:<11}{finding.says}", INDENT)
        if finding.remedy:
            yield _wrapped(f"{INDENT}→ {finding.remedy}", f"{INDENT}  ")


def _wrapped(text: str, indent: str) -> str:
    """Break a line between words; paths and commands stay whole."""
    return textwrap.fill(text, WIDTH, subsequent_indent=indent, break_on_hyphens=False, break_long_words=False)
