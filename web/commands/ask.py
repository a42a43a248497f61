"""hemvist ask: one question on the command line."""

import json
import os
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

import click

from bot import (
    LANGUAGES,
    Answer,
    Assistant,
    Choices,
    Choose,
    Comparison,
    Elsewhere,
    Explanation,
    Language,
    Overview,
    Question,
    Records,
    Reply,
    Source,
    load_as_asked,
)
from web.hours import opening_sentences
from web.records import comparison_payload
from web.settings import read_settings

NOBODY: Final = "all"


@click.command()
@click.argument("question")
@click.option(
    "--municipality", metavar="ID", default="vindeln", show_default=True, help="Whom to ask; all: none is chosen."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Answer in this language, whatever the question's.")
@click.option("--json", "as_json", is_flag=True, help="Print the reply as JSON.")
@click.option("--explain", is_flag=True, help="Say why: words, meanings, scores, what lost.")
def command(question: str, municipality: str, language: Language | None, *, as_json: bool, explain: bool) -> None:
    """Ask QUESTION as a visitor would, and print what comes back."""
    settings = read_settings(os.environ)
    assistant = Assistant(load_as_asked(settings.knowledge))
    now = datetime.now(settings.timezone)
    asked = Question(
        question, None if municipality == NOBODY else municipality, now.date(), language, asked_at=now.time()
    )
    reply = assistant.reply(asked)
    why = assistant.explain(asked) if explain else None
    if as_json:
        given = asdict(reply)
        if isinstance(reply, Records):
            given = given.pop("answer") | given
        members = given | ({"explanation": asdict(why)} if why else {})
        click.echo(json.dumps(members, ensure_ascii=False, indent=2, default=str))
        return
    click.echo(_shown(reply, now.date()))
    if why:
        click.echo(_why(why))


def _shown(reply: Reply, today: date) -> str:
    match reply:
        case Records():
            found = [f"  {one.record.id}" for one in reply.listing.shown]
            asked = ", ".join(f"{name}={value}" for name, value in reply.listing.filters.said.items())
            return "\n".join(
                [_shown(reply.answer, today), "", f"{reply.listing.total} {reply.listing.table} ({asked})", *found]
            )
        case Answer():
            opening = opening_sentences(reply.openings, today, reply.text_language)
            text = [opening, reply.text] if opening else [reply.text]
            return "\n".join([f"{reply.title}  [{reply.entry}]", "", *text, *_contacts(reply), _source(reply)])
        case Choices():
            return "\n".join(["?", *(f"  {option.title}  [{option.entry}]" for option in reply.options)])
        case Overview():
            own = [_shown(reply.answer, today), ""] if reply.answer else []
            return "\n".join([*own, f"{reply.title}  [{reply.entry}]", *map(_told, reply.found), *_contacts(reply)])
        case Choose():
            return "\n".join(["?", *(f"  --municipality {one.id}" for one in reply.options)])
        case Comparison():
            return "\n".join([*_table(comparison_payload(reply)), *_sources(reply), *_contacts(reply)])
        case _:
            return "\n".join(["–", *_contacts(reply)])


def _told(one: Elsewhere) -> str:
    """Write what one municipality has: how many records fit, else how its own answer begins."""
    listing = one.listing
    return f"  {one.municipality.id}: " + (f"{listing.total} {listing.table}" if listing else one.text)


def _contacts(reply: Reply) -> list[str]:
    """Write each contact with the best way to reach it."""
    return [
        f"  {contact.name.best(reply.language)}: {contact.phone or contact.email or contact.url or '–'}"
        for contact in reply.contacts
    ]


def _table(compared: dict[str, Any]) -> list[str]:
    """Write a comparison as lines of columns."""
    rows = [["", *compared["columns"]]]
    rows += [[row["label"], *(cell["text"] for cell in row["cells"])] for row in compared["rows"]]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _sources(reply: Comparison) -> list[str]:
    """Write each page that something in the table was read on, once."""
    cells = (cell.source for row in reply.rows for cell in row.cells)
    return list(dict.fromkeys(_read_on(source) for source in cells if source))


def _source(reply: Answer) -> str:
    return _read_on(reply.source) if reply.source else ""


def _read_on(source: Source) -> str:
    return f"  {source.url} ({source.dated or 'no date'}, read {source.copied})"


def _why(why: Explanation) -> str:
    rows = [
        f"  {found.score:7.2f}  {found.entry}: {found.phrasing!r}  ({', '.join(found.words)})"
        for found in why.candidates
    ]
    return "\n".join(
        [
            "",
            f"language {why.language}, confidence {why.confidence:.2f}",
            f"words {' '.join(why.words)}; never asked before: {' '.join(why.unknown) or 'none'}",
            f"meanings: {', '.join(why.concepts) or 'none'}; safety: {why.safety}; carried over: {why.carried_over}",
            *rows,
        ]
    )
