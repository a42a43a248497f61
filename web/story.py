"""A report in plain sentences, each made from its figures: what a manager reads first, and may read alone."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

from babel.dates import format_date as babel_date
from babel.lists import format_list
from babel.numbers import format_decimal

from bot import Language
from web.evidence import Evidence
from web.evidence_gaps import TopGap
from web.i18n import REGIONS, format_date, sentences, translations
from web.months import Month

FEW: Final = 20  # from so many questions on, shares say something
FEWEST_OPINIONS: Final = 5
NAMED: Final = 3
AS_MANY: Final = 0.03  # of a difference nobody speaks of
Titles = Callable[[str], str]


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


BECAME: Final = {
    "new": _("Nobody has dealt with it yet."),
    "drafted": _("An answer to it is being written."),
    "solved": _("It has been answered since."),
    "ignored": _("It was set aside: it is not for the municipality to answer."),
}


def month_name(month: Month, language: Language) -> str:
    """Name a month: oktober 2026, October 2026."""
    return babel_date(month.first, "LLLL y", locale=REGIONS[language])


def short_month(month: Month, language: Language) -> str:
    """Name a month in the room of a column: okt., Oct."""
    return babel_date(month.first, "LLL", locale=REGIONS[language]).rstrip(".")[:4]


def whole(number: float, language: Language) -> str:
    """Write a whole number: 1 240, 1,240."""
    return format_decimal(round(number), locale=REGIONS[language])


def percent(share: float) -> int:
    """Return a share as whole per cent."""
    return round(share * 100)


def story(found: Evidence, place: str, titles: Titles, language: Language) -> list[str]:
    """Tell a report in a few short paragraphs; `place` is the municipality or the group."""
    if found.now.is_empty:
        return [_nothing(found, place, language)]
    told = (
        (*_asked(found, place, language), *_compared(found, language)),
        (
            *_became(found, language),
            *_in_danger(found, language),
            *_outside(found, language),
            *_spoken(found, language),
        ),
        (*_about(found, titles, language), *_led_on(found, language), *_liked(found, language)),
        _missed(found, language),
        (*_fresh(found, language), *_proved(found, language)),
    )
    return [paragraph for sentences_ in told if (paragraph := " ".join(sentences_))]


def _nothing(found: Evidence, place: str, language: Language) -> str:
    words = sentences(language)
    month = month_name(found.now.span.month, language)
    if found.first_day is None:
        return words(
            _("Nobody has asked anything yet at %(place)s. Figures come with the first question."), place=place
        )
    if found.first_day > found.now.span.last:
        day = format_date(found.first_day, language)
        return words(_("Nothing is known of %(month)s: the first question came on %(day)s."), month=month, day=day)
    return words(_("Nobody asked anything in %(month)s."), month=month)


def _asked(found: Evidence, place: str, language: Language) -> Iterator[str]:
    ngettext, now = translations(language).ngettext, found.now
    values = {"place": place, "number": whole(now.questions, language), "month": month_name(now.span.month, language)}
    if now.span.is_running:
        values["day"] = _day(now.span.last, language)
        text = ngettext(
            "So far in %(month)s, until %(day)s, visitors of %(place)s have asked %(number)s question.",
            "So far in %(month)s, until %(day)s, visitors of %(place)s have asked %(number)s questions.",
            now.questions,
        )
    else:
        text = ngettext(
            "In %(month)s visitors of %(place)s asked %(number)s question.",
            "In %(month)s visitors of %(place)s asked %(number)s questions.",
            now.questions,
        )
    yield text % values


def _compared(found: Evidence, language: Language) -> Iterator[str]:
    words, before = sentences(language), found.before
    if before is None:
        yield words(_("It is the first month with figures, so there is nothing to compare with."))
        return
    than = month_name(before.span.month, language)
    difference = found.now.questions - before.questions
    values = {"month": than, "number": whole(abs(difference), language)}
    if before.questions >= FEW:
        values["number"] = str(percent(abs(difference) / before.questions))
    yield words(_comparison(difference, before.questions, is_running=found.now.span.is_running), **values)


def _comparison(difference: int, before: int, *, is_running: bool) -> str:
    """Return the sentence; beneath a few questions it speaks of numbers, above of per cent."""
    if abs(difference) <= before * AS_MANY:
        return (
            _("That is about as many as on the same days of %(month)s.")
            if is_running
            else _("That is about as many as in %(month)s.")
        )
    return COMPARISONS[before >= FEW, difference > 0, is_running]


# whether in per cent, whether more, whether the month still runs
COMPARISONS: Final = {
    (True, True, False): _("That is %(number)s per cent more than in %(month)s."),
    (True, False, False): _("That is %(number)s per cent fewer than in %(month)s."),
    (True, True, True): _("That is %(number)s per cent more than on the same days of %(month)s."),
    (True, False, True): _("That is %(number)s per cent fewer than on the same days of %(month)s."),
    (False, True, False): _("That is %(number)s more than in %(month)s."),
    (False, False, False): _("That is %(number)s fewer than in %(month)s."),
    (False, True, True): _("That is %(number)s more than on the same days of %(month)s."),
    (False, False, True): _("That is %(number)s fewer than on the same days of %(month)s."),
}


def _became(found: Evidence, language: Language) -> Iterator[str]:
    words, now = sentences(language), found.now
    if now.questions < FEW:
        yield words(
            _("Of these %(answered)s got an answer at once, %(chosen)s a choice of answers, and %(silent)s none."),
            **{name: now.outcomes.get(name, 0) for name in ("answered", "chosen", "silent")},
        )
        return
    yield words(
        _(
            "%(answered)s per cent got an answer at once, %(chosen)s per cent a choice of answers, and %(silent)s per "
            "cent none."
        ),
        answered=percent(now.share("answered")),
        chosen=percent(now.share("chosen")),
        silent=percent(now.share("silent")),
    )


def _in_danger(found: Evidence, language: Language) -> Iterator[str]:
    if number := found.now.outcomes.get("safety", 0):
        text = _("%(number)s were about danger, and got the numbers to call.")
        yield sentences(language)(text, number=whole(number, language))


def _outside(found: Evidence, language: Language) -> Iterator[str]:
    share = found.now.outside
    if share is not None and found.now.questions >= FEW:
        text = _("%(share)s per cent came when offices are closed, in the evening, at night or on a day off.")
        yield sentences(language)(text, share=percent(share))


def _spoken(found: Evidence, language: Language) -> Iterator[str]:
    english = found.now.languages.get("en", 0)
    if english and found.now.questions >= FEW:
        text = _("%(share)s per cent were asked in English.")
        yield sentences(language)(text, share=percent(english / found.now.questions))


def _about(found: Evidence, titles: Titles, language: Language) -> Iterator[str]:
    named = [f"“{titles(one.entry)}” ({whole(one.number, language)})" for one in found.topics[:NAMED]]
    if named:
        yield sentences(language)(_("Most came to %(topics)s."), topics=_listed(named, language))


def _led_on(found: Evidence, language: Language) -> Iterator[str]:
    ngettext, now = translations(language).ngettext, found.now
    if now.messages:
        text = ngettext(
            "%(number)s message was handed over to a person.",
            "%(number)s messages were handed over to a person.",
            now.messages,
        )
        yield text % {"number": whole(now.messages, language)}
    if now.plans:
        text = ngettext("%(number)s moving plan was made.", "%(number)s moving plans were made.", now.plans)
        yield text % {"number": whole(now.plans, language)}


def _liked(found: Evidence, language: Language) -> Iterator[str]:
    given = found.now.opinions
    if (number := given.helpful + given.unhelpful) >= FEWEST_OPINIONS:
        text = _("Of %(number)s opinions on answers, %(helpful)s said that the answer helped.")
        yield sentences(language)(text, number=whole(number, language), helpful=whole(given.helpful, language))


def _missed(found: Evidence, language: Language) -> Iterator[str]:
    if not found.gaps:
        return
    first, words = found.gaps[0], sentences(language)
    text = _("What most visitors found no answer to was %(question)s (%(visitors)s visitors).")
    yield words(text, question=gap_name(first, language), visitors=first.visitors)
    yield words(BECAME[first.state])


def gap_name(gap: TopGap, language: Language) -> str:
    """Name a gap by a wording that enough visitors typed, or by what its wordings have in common."""
    return f"“{gap.wording}”" if gap.wording else sentences(language)(_("the same matter in words of their own"))


def _fresh(found: Evidence, language: Language) -> Iterator[str]:
    standing = found.now.standing
    if not standing:
        return
    late = standing.get("overdue", 0) + standing.get("ended", 0)
    if not late:
        if standing.get("soon", 0) + standing.get("later", 0):
            yield sentences(language)(_("No answer is past its review date."))
        return
    text = translations(language).ngettext(
        "%(number)s answer is past its review date.", "%(number)s answers are past their review date.", late
    )
    yield text % {"number": late}


def _proved(found: Evidence, language: Language) -> Iterator[str]:
    if found.proofs:
        last = found.proofs[-1]
        text = _("Of %(questions)s questions of our own, %(after)s held when something was last published.")
        yield sentences(language)(text, questions=last.questions, after=last.after)


def _day(day: date, language: Language) -> str:
    return babel_date(day, "d MMMM", locale=REGIONS[language])


def _listed(named: Sequence[str], language: Language) -> str:
    return format_list(list(named), locale=REGIONS[language])


def change(now: int, before: int | None, language: Language) -> str:
    """Say a difference in the room of a cell: +12, −3, unchanged; empty where there is nothing to compare with."""
    if before is None:
        return ""
    difference = now - before
    if not difference:
        return sentences(language)(_("unchanged"))
    return ("+" if difference > 0 else "−") + whole(abs(difference), language)
