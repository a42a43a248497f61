"""The charts of a report in words of the reader's language."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from bot import Language
from web.charts import Chart, Shade, Words, bars, columns, line
from web.evidence import OUTCOMES, Evidence, Figures, Outcome
from web.i18n import NAMES, format_date, sentences
from web.store.evidence import ProofOf
from web.story import Titles, change, month_name, percent, short_month, whole

FEWEST_MONTHS: Final = 2


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


OUTCOME_NAMES: Final[Mapping[Outcome, str]] = {
    "answered": _("Answered at once"),
    "chosen": _("A choice of answers"),
    "silent": _("No answer"),
    "safety": _("Danger: crisis numbers"),
}


def charts_of(found: Evidence, titles: Titles, language: Language) -> list[Chart]:
    """Return the charts that say something, in the order of the page."""
    made: list[Chart] = []
    if found.now.questions:
        made += [outcomes(found, language), days(found.now, language), topics(found, titles, language)]
        made += [languages(found, language)]
    if len(found.trend) >= FEWEST_MONTHS:
        made.append(months(found, language))
    return [chart for chart in made if chart.rows]


def days(found: Figures, language: Language) -> Chart:
    """Return questions by day."""
    _t = sentences(language)
    every = [found.span.first + timedelta(days=number) for number in range(found.span.days)]
    values = [(str(day.day), found.days.get(day, 0)) for day in every]
    busiest = max(every, key=lambda day: (found.days.get(day, 0), -day.toordinal()))
    summary = _t(
        _("Most on %(day)s: %(number)s."),
        day=format_date(busiest, language),
        number=whole(found.days.get(busiest, 0), language),
    )
    rows = [(format_date(day, language), whole(found.days.get(day, 0), language)) for day in every if day in found.days]
    return columns(Words("days", _t(_("Questions by day")), summary, (_t(_("Day")), _t(_("Questions"))), rows), values)


def months(found: Evidence, language: Language) -> Chart:
    """Return questions by month."""
    _t = sentences(language)
    values = [(short_month(month, language), number) for month, number in found.trend.items()]
    rows = [(month_name(month, language), whole(number, language)) for month, number in found.trend.items()]
    summary = _t(_("The last twelve months, as far as anything is known of them."))
    if found.now.span.is_running:
        summary += " " + _t(_("The last one still runs."))
    head = (_t(_("Month")), _t(_("Questions")))
    return columns(Words("months", _t(_("Questions by month")), summary, head, rows), values)


def outcomes(found: Evidence, language: Language) -> Chart:
    """Return what became of the questions, beside the month before."""
    _t, now, before = sentences(language), found.now, found.before
    kinds = [kind for kind in OUTCOMES if kind != "safety" or now.outcomes.get("safety")]
    values, rows = [], []
    for kind in kinds:
        share, earlier = now.share(kind), before.share(kind) if before and before.questions else None
        said = f"{percent(share)} %"
        values.append((_t(OUTCOME_NAMES[kind]), share, earlier, said))
        cells = (_t(OUTCOME_NAMES[kind]), whole(now.outcomes.get(kind, 0), language), said)
        rows.append((*cells, "" if earlier is None else f"{percent(earlier)} %"))
    head = (_t(_("Outcome")), _t(_("Questions")), _t(_("Share")), _t(_("Share before")))
    summary = _t(_("As shares of all questions."))
    title = _t(_("What became of the questions"))
    return bars(Words("outcomes", title, summary, head, rows, _key(found, language)), values)


def topics(found: Evidence, titles: Titles, language: Language) -> Chart:
    """Return the answers that visitors came to most."""
    _t = sentences(language)
    values = [(titles(one.entry), float(one.number), one.before, whole(one.number, language)) for one in found.topics]
    rows = [
        (titles(one.entry), whole(one.number, language), change(one.number, one.before, language))
        for one in found.topics
    ]
    summary = _t(_("The ten that most questions led to. What came to fewer than five is not told."))
    head = (_t(_("Answer")), _t(_("Questions")), _t(_("Change")))
    return bars(Words("topics", _t(_("What it was about")), summary, head, rows, _key(found, language)), values)


def languages(found: Evidence, language: Language) -> Chart:
    """Return the languages that were used."""
    _t, now, before = sentences(language), found.now, found.before
    values, rows = [], []
    for tongue, name in NAMES.items():
        number = now.languages.get(tongue, 0)
        earlier = before.languages.get(tongue, 0) / before.questions if before and before.questions else None
        said = f"{percent(number / now.questions)} %"
        values.append((name, number / now.questions, earlier, said))
        rows.append((name, whole(number, language), said, "" if earlier is None else f"{percent(earlier)} %"))
    head = (_t(_("Language")), _t(_("Questions")), _t(_("Share")), _t(_("Share before")))
    summary = _t(_("The language that the question was answered in."))
    return bars(Words("languages", _t(_("Languages")), summary, head, rows, _key(found, language)), values)


def held(proofs: list[ProofOf], language: Language) -> Chart:
    """Return how many of a municipality's own questions held after each publishing."""
    _t = sentences(language)
    values = [(format_date(one.at.date(), language), one.after / one.questions) for one in proofs]
    rows = [
        (
            format_date(one.at.date(), language),
            _t(_("%(held)s of %(questions)s"), held=one.before, questions=one.questions),
            _t(_("%(held)s of %(questions)s"), held=one.after, questions=one.questions),
        )
        for one in proofs[::-1]
    ]
    summary = _t(_("The share of our own questions that held after each publishing."))
    head = (_t(_("Published")), _t(_("Before")), _t(_("After")))
    return line(Words("held", _t(_("Our own questions over time")), summary, head, rows), values)


def _key(found: Evidence, language: Language) -> tuple[tuple[Shade, str], ...]:
    if found.before is None or not found.before.questions:
        return ()
    now, before = (month_name(one.span.month, language) for one in (found.now, found.before))
    return ("now", now), ("before", before)
