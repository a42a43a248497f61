"""hemvist report: what the service gave in a month, as words, CSV or JSON."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import click

from bot import Knowledge, Language
from web.cli import Unusable
from web.evidence import Evidence, evidence, together
from web.evidence_table import rows, write
from web.months import Month, month_of, read_month
from web.overrides import known
from web.settings import Settings, read_settings
from web.store.access import Store
from web.story import change, gap_name, month_name, percent, story, whole


@click.command()
@click.option("--municipality", metavar="ID", multiple=True, help="Of this one; may be given several times.")
@click.option("--group", metavar="ID", help="Of all municipalities of a group, and of them together.")
@click.option("--month", metavar="YYYY-MM", help="Instead of the last one that is over.")
@click.option("--language", type=click.Choice(["sv", "en"]), default="en", show_default=True, help="Of the words.")
@click.option(
    "--format", "form", type=click.Choice(["text", "csv", "json"]), default="text", show_default=True, help="How."
)
def command(municipality: tuple[str, ...], group: str | None, month: str | None, language: Language, form: str) -> None:
    """Tell what the service gave in a month, beside the month before: counts, and nobody's words.

    Without --municipality or --group: of every municipality. CSV and JSON have one figure a row.
    """
    settings = read_settings(os.environ)
    now = datetime.now(UTC)
    knowledge = known(settings)
    names = _chosen(knowledge, municipality, group)
    wanted = _month(month, now.astimezone(settings.timezone))
    found = _gathered(settings, knowledge, names, wanted, now)
    if form == "text":
        click.echo("\n\n".join(_texts(knowledge, found, group, language)))
        return
    figures = [row for one in found for row in rows(one, one.names[0])]
    if group:
        figures += rows(together(found), f"group:{group}")
    click.echo(write(figures) if form == "csv" else json.dumps(figures, indent=2), nl=form == "json")


def _chosen(knowledge: Knowledge, wanted: Sequence[str], group: str | None) -> list[str]:
    places = knowledge.municipalities
    if unknown := [name for name in wanted if name not in places]:
        raise Unusable([f"{name}: no such municipality; there are: {', '.join(sorted(places))}" for name in unknown])
    if group is None:
        return list(wanted) or sorted(places)
    members = [name for name, found in places.items() if group in found.groups]
    if not members:
        groups = sorted({one for found in places.values() for one in found.groups})
        raise Unusable([f"{group}: no such group; there are: {', '.join(groups) or 'none'}"])
    return sorted({*members, *wanted})


def _month(text: str | None, now: datetime) -> Month:
    running = month_of(now.date())
    if text is None:
        return running.before
    found = read_month(text)
    if found is None or found > running:
        raise Unusable([f"{text}: write a month that has begun as YYYY-MM, such as {running.before}"])
    return found


def _gathered(
    settings: Settings, knowledge: Knowledge, names: Sequence[str], month: Month, now: datetime
) -> list[Evidence]:
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    with Store(settings).reading() as connection:
        return [evidence(connection, settings, knowledge, name, month, now) for name in names]


def _texts(knowledge: Knowledge, found: Sequence[Evidence], group: str | None, language: Language) -> list[str]:
    told = [
        _text(knowledge, one, knowledge.municipalities[one.names[0]].name.best(language), language) for one in found
    ]
    return [*told, _text(knowledge, together(found), group, language)] if group else told


def _text(knowledge: Knowledge, found: Evidence, place: str, language: Language) -> str:
    view = knowledge.view(found.names[0])

    def title(entry: str) -> str:
        return view.entries[entry].title(language) if entry in view.entries else entry

    head = f"{place}, {month_name(found.now.span.month, language)}"
    lines = [head, "=" * len(head), *story(found, place, title, language)]
    lines += [f"  {name:<24} {value:>9}  {differs}".rstrip() for name, value, differs in _figures(found, language)]
    lines += [f"  {title(one.entry)}: {whole(one.number, language)}" for one in found.topics]
    lines += [f"  ? {gap_name(one, language)}: {one.visitors}, {one.state}" for one in found.gaps]
    return "\n".join(lines)


def _figures(found: Evidence, language: Language) -> list[tuple[str, str, str]]:
    now, before = found.now, found.before

    def counted(name: str) -> tuple[str, str, str]:
        number: Any = getattr(now, name)
        return name, whole(number, language), change(number, getattr(before, name) if before else None, language)

    shares = [(name, f"{percent(now.share(name))} %", "") for name in ("answered", "chosen", "silent", "safety")]
    outside = [] if now.outside is None else [("outside office hours", f"{percent(now.outside)} %", "")]
    return [counted("questions"), *shares, *outside, counted("messages"), counted("plans")]
