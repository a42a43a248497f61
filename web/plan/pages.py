"""The page of the moving plan. It answers by POST and keeps nothing; plan.js keeps the answers in the fragment."""

from collections.abc import Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for

from bot import Language
from web.errors import RequestError
from web.frame import addresses, correct_spelling, frame, origin, view_of
from web.i18n import format_date, languages, sentences
from web.plan.payload import payload, plan_of
from web.plan.reading import as_form, faults, from_form, read_answers
from web.plan.wording import heading, question_of, questions
from web.services import get_services, now

plans: Final = Blueprint("plans", __name__)
plans.before_request(correct_spelling)

VERSION: Final = "1"  # of the answers in a fragment: a plan that was saved under another one is not guessed at
NAMES: Final[Mapping[Language, str]] = {"sv": "flyttplan", "en": "moving-plan"}


@plans.get("/<municipality>/<language:language>/plan")
def page(municipality: str, language: Language) -> str:
    """Show the questions."""
    return _shown(municipality, language, {}, {})


@plans.post("/<municipality>/<language:language>/plan")
def answer(municipality: str, language: Language) -> Response:
    """Show the plan of those who answered so, with the questions above it."""
    given = from_form(request.form)
    wrong = _told(list(faults(given)), language)
    made = None if wrong else _made(municipality, given, language)
    if made:
        get_services().note_plan(municipality)
    return make_response(_shown(municipality, language, given, wrong, made), 422 if wrong else 200)


@plans.post("/<municipality>/<language:language>/plan.ics")
def download(municipality: str, language: Language) -> Response:
    """Give the plan as a calendar; without a day of the move there is none."""
    from web.plan import calendar  # its library takes long to load, and few ask for it

    given = from_form(request.form)
    found = list(faults(given)) or ([] if given["date"] else [RequestError("date_missing", "date")])
    if found:
        return make_response(_shown(municipality, language, given, _told(found, language)), 422)
    made = _made(municipality, given, language)
    place = view_of(municipality).municipality.name.best(language)
    name = sentences(language)("Move to %(place)s", place=place)
    response = Response(calendar.write(made, name, origin(), now()), content_type=calendar.KIND)
    response.headers["Content-Disposition"] = (
        f'attachment; filename="{NAMES.get(language, NAMES["en"])}-{municipality}.ics"'
    )
    return response


def _made(municipality: str, given: Mapping[str, Any], language: Language) -> dict[str, Any]:
    asked = now()
    return payload(plan_of(municipality, read_answers(given), language, asked), municipality, asked)


def _told(found: list[RequestError], language: Language) -> dict[str, str]:
    """Return what is wrong by the name of the question."""
    return {fault.field or "": fault.detail(language) for fault in found}


def _shown(
    municipality: str,
    language: Language,
    given: Mapping[str, Any],
    wrong: Mapping[str, str],
    made: Mapping[str, Any] | None = None,
) -> str:
    if not view_of(municipality).tasks:
        abort(404)
    here = {tongue: url_for("plans.page", municipality=municipality, language=tongue) for tongue in languages()}
    shared = frame(municipality, language)
    _ = sentences(language)
    return render_template(
        "plan.html",
        version=VERSION,
        questions=questions(given, wrong, language),
        wrong=[{"name": name, "question": question_of(name, language), "text": text} for name, text in wrong.items()],
        sent=as_form(given),
        made=made and _parts(made, language),
        description=_(
            "What to do before, during and after a move to %(place)s, in order and with dates.", place=shared["place"]
        ),
        **addresses(here, here["sv"]),
        **shared,
    )


def _parts(made: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return a plan as its template shows it: by part, with dates written out."""
    tasks = [{**task, "source": _source(task["source"], language)} for task in made["tasks"]]
    parts = [(name, list(group)) for name, group in groupby(tasks, key=itemgetter("part"))]
    count, move = len(tasks), _day(made["move"], language)
    return {**made, "parts": parts, "count": count, "heading": heading(count, move, language)}


def _source(source: Mapping[str, Any] | None, language: Language) -> dict[str, Any] | None:
    if source is None:
        return None
    return {**source, "dated": _day(source["dated"], language), "copied": _day(source["copied"], language)}


def _day(iso: str | None, language: Language) -> str | None:
    return format_date(date.fromisoformat(iso), language) if iso else None
