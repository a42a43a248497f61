"""Ask every question; one that cannot be answered is a fault, and does not keep the others from being asked."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError

from bot import BotError
from web.doctor import database, folder, knowledge, reach, settings
from web.doctor.finding import Finding, Patient, Question
from web.settings import SettingsError, read_settings
from web.store.engine import told
from web.store.errors import StoreError

QUESTIONS: Final[tuple[Question, ...]] = (
    *settings.QUESTIONS,
    *folder.QUESTIONS,
    *database.QUESTIONS,
    *knowledge.QUESTIONS,
    *reach.QUESTIONS,
)


def examine(environment: Mapping[str, str], now: datetime, *, connect: bool = False) -> list[Finding]:
    """Find out what is wrong with the installation that `environment` describes; nothing is changed."""
    try:
        given = read_settings(environment)
    except SettingsError as error:
        found = [
            Finding("fault", "settings", problem, "until it is right nothing starts") for problem in error.problems
        ]
        return [*found, Finding("warning", "settings", "the rest is looked at once the settings can be read")]
    patient = Patient(given, environment, now, connect=connect)
    return list(dict.fromkeys(finding for question in QUESTIONS for finding in _asked(question, patient)))


def _asked(question: Question, patient: Patient) -> Iterator[Finding]:
    part = question.__module__.rpartition(".")[2]
    try:
        yield from question(patient)
    except SQLAlchemyError as error:
        yield Finding("fault", "database", f"it cannot be asked: {told(error)}", database.UNREACHED)
    except (StoreError, BotError, OSError) as error:
        yield Finding("fault", part, f"{question.__doc__} That cannot be told: {error}"[:400])
