"""Questions on what is answered with: can the files be read and written, is what must be there, are feeds fresh."""

import os
from collections.abc import Iterator
from datetime import datetime
from typing import Final

from bot import lacks
from web.doctor.finding import Finding, Level, Patient, some
from web.feed_files import overdue, read_feeds
from web.i18n import catalogues_in, languages_in
from web.settings import is_installed

LACKS: Final = {
    "violence-number": "the local number in the text on violence",
    "switchboard": "a switchboard with a phone number",
    "mailbox": "a mailbox for messages",
    "disposal": "a decision on disposal with a number of days",
}
SERIOUS: Final = ("violence-number", "switchboard")


def files(patient: Patient) -> Iterator[Finding]:
    """Can the files be read?"""
    knowledge, problems = patient.inspected
    errors = [str(problem) for problem in problems if problem.severity == "error"]
    folder = patient.settings.knowledge
    if errors:
        said = f"{len(errors)} errors in {folder}; the last good knowledge is served, or nothing: {some(errors)}"
        yield Finding("fault", "knowledge", said, "hemvist check names all of them, by file and line")
    elif knowledge and not knowledge.municipalities:
        yield Finding("fault", "knowledge", f"{folder} holds no municipality", "hemvist init-municipality begins one")
    elif knowledge:
        yield Finding("ok", "knowledge", f"{folder}: {len(knowledge.municipalities)} municipalities, no error")


def writing(patient: Patient) -> Iterator[Finding]:
    """Can what staff publish be written into the files?"""
    folder = patient.settings.knowledge
    if is_installed(folder):
        yield Finding(
            "ok", "knowledge", "it is the copy that came with the program: what staff publish is in the database alone"
        )
    elif not os.access(folder, os.W_OK):
        remedy = "let the user that serves write there, if files are to follow"
        said = f"{folder} cannot be written: what staff publish is in the database alone"
        yield Finding("warning", "knowledge", said, remedy)


def official(patient: Patient) -> Iterator[Finding]:
    """Do those that are official have what they need?"""
    knowledge = patient.knowledge
    for one in knowledge.municipalities.values() if knowledge else ():
        missing = lacks(knowledge, one) if knowledge and one.official else ()
        if missing:
            level: Level = "fault" if {*SERIOUS} & {*missing} else "warning"
            said = f"{one.id} is official and lacks {', '.join(LACKS[lack] for lack in missing)}"
            yield Finding(level, "knowledge", said, f"fill it in: hemvist check --municipality {one.id}")


def holds(patient: Patient) -> Iterator[Finding]:
    """Where does the law bid to keep everything?"""
    knowledge = patient.knowledge
    held = [one.id for one in knowledge.municipalities.values() if one.legal_hold] if knowledge else []
    if held:
        remedy = "lift it when the matter is over: in the settings of staff, or in municipality.yaml"
        said = f"legal hold in {', '.join(held)}: nothing is purged there, and hemvist purge of all is refused"
        yield Finding("warning", "retention", said, remedy)
    else:
        days = patient.settings
        said = (
            f"words go after {days.retention_days} days, those of open gaps after {days.open_gap_days}; no legal hold"
        )
        yield Finding("ok", "retention", said)


def feeds(patient: Patient) -> Iterator[Finding]:
    """Can what was imported be read, and is it fresh?"""
    data, now = patient.settings.data, patient.now
    read = read_feeds(data)
    for problem in read.problems:
        yield Finding("fault", "feeds", str(problem), "hemvist import fetches it anew")
    for problem in overdue(data, now):
        yield Finding("warning", "feeds", str(problem), "the last good rows are served; try hemvist import by hand")
    if read.files and not read.problems:
        oldest = min(file.head.fetched for file in read.files.values())
        yield Finding("ok", "feeds", f"{len(read.files)} sources, the oldest rows of {_day(oldest, patient)}")


def locales(patient: Patient) -> Iterator[Finding]:
    """Are the catalogues complete?"""
    folder = patient.settings.locales
    shown = languages_in(folder)
    for code, is_complete in catalogues_in(folder).items():
        if not is_complete:
            level: Level = "fault" if code == "sv" else "warning"
            said = f"{folder / code}: less than nine in ten texts are translated, so that language is not offered"
            yield Finding(level, "locales", said, "complete its messages.po, see Add a language in the README")
    yield Finding("ok", "locales", f"pages are shown in {', '.join(shown)}")


def _day(moment: datetime, patient: Patient) -> str:
    return f"{moment.astimezone(patient.settings.timezone):%Y-%m-%d %H:%M}"


QUESTIONS: Final = (files, writing, official, holds, feeds, locales)
