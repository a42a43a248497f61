"""The month's page: what the service gave, for those who read it, forward it and print it."""

from datetime import date
from typing import Any, Final

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from bot import LANGUAGES, Municipality
from web.errors import RequestError, asked_language
from web.evidence import Evidence, Figures, covered, evidence, together
from web.evidence_gaps import FEWEST
from web.evidence_table import rows, write
from web.frame import group_name, municipalities, view_of
from web.i18n import NAMES, format_date, in_order, sentences, texts
from web.months import Month, month_of, read_month
from web.services import get_services, now, today
from web.staff.gaps import STATE_NAMES
from web.staff.guard import municipality_here
from web.staff.report_charts import OUTCOME_NAMES, charts_of, held
from web.staff.service import get_staff
from web.staff.session import member
from web.store.evidence import first_day
from web.story import change, gap_name, month_name, percent, story, whole

CSV: Final = "text/csv; charset=utf-8"
FEWEST_PROOFS: Final = 2
UNKNOWN: Final = "–"


def show() -> str:
    """Show a month of this municipality."""
    here = municipality_here()
    found = _evidence(here, _month(here))
    shown = _shown(found, here.name.best(asked_language()))
    return render_template("staff/report.html", off=here.switched_off, **shown)


def table() -> ResponseReturnValue:
    """Give the figures of a month as CSV."""
    here = municipality_here()
    found = _evidence(here, _month(here))
    answer = Response(write(rows(found, here.id)), content_type=CSV)
    name = f"hemvist-{here.id}-{found.now.span.month}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def show_group(group: str) -> str:
    """Show a month of all municipalities of a group together.

    A municipality has a line of its own where the reader has a role in it or it publishes its figures; the sum has all.
    """
    here, language = municipality_here(), asked_language()
    if group not in here.groups:
        raise RequestError("not_found")
    members = [one for one in municipalities().values() if group in one.groups]
    month = _month(here)
    parts = {one.id: _evidence(one, month) for one in members}
    told = [one for one in members if one.open_figures or member().account.role_in(one)]
    lines = [
        (one.name.best(language), parts[one.id].now)
        for one in sorted(told, key=lambda one: in_order(one.name.best(language), language))
    ]
    return render_template(
        "staff/report_group.html",
        **_shown(
            together(list(parts.values())), sentences(language)("the group %(name)s", name=group_name(group, language))
        ),
        group=group,
        lines=lines,
        members=len(members),
    )


def _group(group: str) -> str:
    language = asked_language()
    return sentences(language)("the group %(name)s", name=group_name(group, language))


def _evidence(place: Municipality, month: Month) -> Evidence:
    services = get_services()
    with get_staff().store.reading() as connection:
        return evidence(connection, services.settings, services.knowledge.assistant.knowledge, place.id, month, now())


def _month(here: Municipality) -> Month:
    """Return the month of the address; else the last one that is over, where anything is known of it."""
    running = month_of(today())
    if asked := request.args.get("month"):
        found = read_month(asked)
        if found is None or found > running:
            raise RequestError("not_found")
        return found
    with get_staff().store.reading() as connection:
        first = first_day(connection, here.id)
    return running.before if first and first <= running.before.last else running


def _shown(found: Evidence, place: str) -> dict[str, Any]:
    language = asked_language()
    span = found.now.span
    return {
        "found": found,
        "name": place,
        "group_name": lambda group: group_name(group, language),
        "month": span.month,
        "month_name": month_name(span.month, language),
        "span": span,
        "until": format_date(span.last, language),
        "made": format_date(today(), language),
        "earlier": _earlier(found),
        "later": span.month.next if span.month < month_of(today()) else None,
        "name_of": lambda month: month_name(month, language),
        "story": story(found, place, _title, language),
        "tiles": _tiles(found),
        "charts": charts_of(found, _title, language),
        "held": held(list(found.proofs), language) if len(found.proofs) >= FEWEST_PROOFS else None,
        "gap_name": lambda gap: gap_name(gap, language),
        "state_name": lambda state: texts(language)(STATE_NAMES[state]),
        "outcome_name": lambda outcome: texts(language)(OUTCOME_NAMES[outcome]),
        "title_of": _title,
        "covered": [(NAMES[tongue], *_covered(found, tongue)) for tongue in LANGUAGES],
        "day": lambda day: format_date(day, language),
        "whole": lambda number: whole(number, language),
        "percent": percent,
        "fewest": FEWEST,
    }


def _earlier(found: Evidence) -> Month | None:
    first: date | None = found.first_day
    before = found.now.span.month.before
    return before if first and first <= before.last else None


def _tiles(found: Evidence) -> list[tuple[str, str, str]]:
    """Return the figures on top: what, how many, and how it differs from before."""
    _ = sentences(asked_language())
    now = found.now
    opinions = now.opinions.helpful + now.opinions.unhelpful
    answered = f"{_answered(now)} %" if now.questions else UNKNOWN
    outside = UNKNOWN if now.outside is None else f"{percent(now.outside)} %"
    return [
        (_("Questions"), *_counted(found, "questions")),
        (_("Answered at once"), answered, _points(found)),
        (_("When offices are closed"), outside, ""),
        (_("Messages handed over"), *_counted(found, "messages")),
        (_("Moving plans made"), *_counted(found, "plans")),
        (_("Opinions that it helped"), f"{now.opinions.helpful}/{opinions}" if opinions else UNKNOWN, ""),
    ]


def _counted(found: Evidence, name: str) -> tuple[str, str]:
    """Return a count, and how it differs from the month before."""
    language, number = asked_language(), getattr(found.now, name)
    before = getattr(found.before, name) if found.before else None
    return whole(number, language), change(number, before, language)


def _answered(found: Figures) -> int:
    return percent(found.share("answered"))


def _points(found: Evidence) -> str:
    """Say how the share that was answered differs, in percentage points."""
    if found.before is None or not (found.before.questions and found.now.questions):
        return ""
    _ = sentences(asked_language())
    difference = _answered(found.now) - _answered(found.before)
    sign = "+" if difference > 0 else "−"
    return _("%(number)s points", number=f"{sign}{abs(difference)}") if difference else _("unchanged")


def _covered(found: Evidence, tongue: str) -> tuple[str, str]:
    """Return how much is answered in a language, now and in the month before."""
    shares = [covered(one.standing, tongue) if one else None for one in (found.now, found.before)]
    now_, before = (UNKNOWN if share is None else f"{percent(share)} %" for share in shares)
    return now_, before


def _title(entry: str) -> str:
    found = view_of(municipality_here().id).entries.get(entry)
    return found.title(asked_language()) if found else entry
