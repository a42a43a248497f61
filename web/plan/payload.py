"""A plan as JSON: what the API gives and the page and the calendar are made from."""

from datetime import date, datetime
from typing import Any, Final

from bot import Answers, Language, Plan, Source, Step
from web.contacts import contact_payload
from web.frame import view_of
from web.plan.wording import deadline_text, part_of, season_text, when_text
from web.services import get_services

TEXTS: Final = ("title", "text", "why", "who")  # a task that is read has them all


def plan_of(municipality: str, answers: Answers, language: Language, now: datetime) -> Plan:
    """Make the plan; raises UnknownMunicipalityError."""
    return get_services().knowledge.assistant.plan(municipality, answers, language, now.date())


def payload(plan: Plan, municipality: str, now: datetime) -> dict[str, Any]:
    """Return `plan` as the API gives it."""
    return {
        "municipality": municipality,
        "language": plan.language,
        "official": view_of(municipality).municipality.official,
        "made_on": plan.made_on.isoformat(),
        "move": _iso(plan.answers.day),
        "tasks": [_task(step, plan, municipality, now) for step in plan.steps],
        "link": f"/{municipality}/{plan.language}/plan",
    }


def _task(step: Step, plan: Plan, municipality: str, now: datetime) -> dict[str, Any]:
    task, language = step.task, plan.language
    return {
        "id": task.id,
        "part": part_of(step, plan.answers.day, language),
        "date": _iso(step.day),
        "when": when_text(step, language),
        "season": season_text(step, language),
        "deadline": _iso(step.deadline),
        "deadline_text": deadline_text(step, language),
        "is_late": step.is_late,
        "text_language": _language_of(step, language),
        "is_outdated": step.is_outdated,
        **{name: getattr(task, name).best(language) for name in TEXTS},
        "law": task.law.best(language) if task.law else None,
        "source": _source(task.source),
        "entry": _entry(step, municipality, language),
        "contacts": [contact_payload(contact, language, now) for contact in step.contacts],
    }


def _source(source: Source | None) -> dict[str, str | None] | None:
    if source is None:
        return None
    return {"url": source.url, "dated": _iso(source.dated), "copied": _iso(source.copied)}


def _language_of(step: Step, language: Language) -> Language:
    """Return the language that the task is written in."""
    text = step.task.text
    return text.language_for(language) if text else language


def _entry(step: Step, municipality: str, language: Language) -> dict[str, str] | None:
    if step.entry is None:
        return None
    found = step.entry
    return {
        "entry": found.entry,
        "title": found.title,
        "title_language": found.language,
        "link": f"/{municipality}/{language}/{found.entry}",
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
