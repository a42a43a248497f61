"""Opening hours in words: how it stands, the week, and the sentence that answers "is it open now?"."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from itertools import groupby
from typing import Any, Final

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import get_day_names

from bot import DayTimes, Hours, Language, Localized, Moment, Opening, OpeningOf, Times, opening_state, unusual_days
from web.i18n import REGIONS, translations

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated when hours are told."""
    return message


@dataclass(frozen=True, slots=True)
class Wording:
    """How each state is told; `open_on` and `opens` name another moment, `always` knows no closing."""

    open: str
    open_on: str
    always: str
    closed: str
    opens: str
    unknown: str


LINE: Final = Wording(
    _("Open now, until %(time)s"),
    _("Open now. Closes %(when)s"),
    _("Open day and night"),
    _("Closed now"),
    _("Closed now. Opens %(when)s"),
    _("We do not know whether it is open today"),
)
PHONE_LINE: Final = Wording(
    _("Answers the phone now, until %(time)s"),
    _("Answers the phone now. Closes %(when)s"),
    _("Answers the phone day and night"),
    _("Does not answer the phone now"),
    _("Does not answer the phone now. Opens %(when)s"),
    _("We do not know whether the phone is answered today"),
)
SENTENCE: Final = Wording(
    _("%(name)s is open now, until %(time)s."),
    _("%(name)s is open now and closes %(when)s."),
    _("%(name)s is open day and night."),
    _("%(name)s is closed now."),
    _("%(name)s is closed now and opens %(when)s."),
    _("I do not know whether %(name)s is open today."),
)
PHONE_SENTENCE: Final = Wording(
    _("%(name)s answers the phone now, until %(time)s."),
    _("%(name)s answers the phone now, and closes %(when)s."),
    _("%(name)s answers the phone day and night."),
    _("%(name)s does not answer the phone now."),
    _("%(name)s does not answer the phone now. The phone opens %(when)s."),
    _("I do not know whether %(name)s answers the phone today."),
)
DAY_OPEN: Final = (_("%(name)s is open %(day)s: %(times)s."), _("%(name)s answers the phone %(day)s: %(times)s."))
DAY_CLOSED: Final = (_("%(name)s is closed %(day)s."), _("%(name)s does not answer the phone %(day)s."))
DAY_UNKNOWN: Final = (
    _("I do not know whether %(name)s is open %(day)s."),
    _("I do not know whether %(name)s answers the phone %(day)s."),
)
CALL: Final = _("Call %(phone)s to be sure.")
CLOSED: Final = _("closed")
UNKNOWN: Final = _("unknown")
AT_TIME: Final = _("at %(time)s")
TOMORROW_AT: Final = _("tomorrow at %(time)s")
DAY_AT: Final = _("on %(day)s at %(time)s")
TODAY: Final = _("today")
TOMORROW: Final = _("tomorrow, %(day)s")
ON_DAY: Final = _("on %(day)s")
TODAY_IS: Final = _("Today: %(note)s")
VISITING_HOURS: Final = _("Opening hours")
PHONE_HOURS: Final = _("Phone hours")
HOLIDAYS: Final = _("public holidays")
EVES: Final = _("eves of holidays")


def hours_payload(hours: Hours | None, now: datetime, language: Language, *, phone: bool = False) -> Any:
    """Return `hours` as they stand at `now`, the week, and the days that differ soon; None where there are none."""
    if hours is None:
        return None
    day = now.date()
    standing = opening_state(hours, day, now.hour * 60 + now.minute)
    return {
        "state": standing.state,
        "text": _with_today(_standing(PHONE_LINE if phone else LINE, standing, day, language), standing.note, language),
        "week": _week(hours, language) if not hours.valid or hours.valid.covers(day) else [],
        "exceptions": _exceptions(hours, day, language),
    }


def hours_printed(hours: Hours | None, day: date, language: Language, *, phone: bool = False) -> Any:
    """Return `hours` for what is read later than written: the week, never "open now"; None where none is known."""
    if hours is None or (hours.valid and not hours.valid.covers(day)):
        return None
    text = translations(language).gettext(PHONE_HOURS if phone else VISITING_HOURS)
    return {"text": text, "week": _week(hours, language), "exceptions": _exceptions(hours, day, language)}


def spoken(codes: Iterable[str], language: Language) -> list[dict[str, str]]:
    """Return languages by their codes with their names in `language`."""
    names = _language_names(language)
    return [{"code": code, "name": names.get(code, code)} for code in codes]


@cache
def _language_names(language: Language) -> Mapping[str, str]:
    names: Mapping[str, str] = Locale.parse(REGIONS[language]).languages
    return names


def opening_sentences(openings: Sequence[OpeningOf], today: date, language: Language) -> str:
    """Return what answers a question about opening hours, one sentence after the other; empty where nothing does."""
    return " ".join(sentence for opening in openings for sentence in _sentences(opening, today, language))


def _sentences(opening: OpeningOf, today: date, language: Language) -> Iterable[str]:
    name = opening.name.best(language)
    if opening.now:
        wording = PHONE_SENTENCE if opening.by_phone else SENTENCE
        told = _standing(wording, opening.now, today, language, name=name)
        yield _with_today(told, opening.now.note, language)
    for special in opening.days:
        yield _noted(_of_day(special, name, today, language, phone=opening.by_phone), special.note, language)
    if opening.phone and _is_unknown(opening):
        yield translations(language).gettext(CALL) % {"phone": opening.phone}


def _is_unknown(opening: OpeningOf) -> bool:
    if opening.now:
        return opening.now.state == "unknown"
    return any(special.times is None for special in opening.days)


def _standing(wording: Wording, standing: Opening, today: date, language: Language, **values: str) -> str:
    gettext = translations(language).gettext
    match standing:
        case Opening("open", until=None):
            return gettext(wording.always) % values
        case Opening("open", until=Moment(day, minute)) if day == today:
            return gettext(wording.open) % {**values, "time": _time(minute, language)}
        case Opening("open", until=Moment() as moment):
            return gettext(wording.open_on) % {**values, "when": _when(moment, today, language)}
        case Opening("closed", opens=None):
            return gettext(wording.closed) % values
        case Opening("closed", opens=Moment() as moment):
            return gettext(wording.opens) % {**values, "when": _when(moment, today, language)}
    return gettext(wording.unknown) % values


def _of_day(special: DayTimes, name: str, today: date, language: Language, *, phone: bool) -> str:
    gettext = translations(language).gettext
    values = {"name": name, "day": _day(special.day, today, language)}
    if special.times is None:
        return gettext(DAY_UNKNOWN[phone]) % values
    if not special.times:
        return gettext(DAY_CLOSED[phone]) % values
    return gettext(DAY_OPEN[phone]) % {**values, "times": _times(special.times, language)}


def _with_today(text: str, note: Localized | None, language: Language) -> str:
    """Say behind `text` what is special about today; a full stop follows where `text` had one."""
    if note is None:
        return text
    stop = "." if text.endswith(".") else ""
    today = translations(language).gettext(TODAY_IS) % {"note": note.best(language)}
    return f"{text.removesuffix('.')}. {today}{stop}"


def _noted(text: str, note: Localized | None, language: Language) -> str:
    """Put what is special about a day behind `text`, before its full stop."""
    if note is None:
        return text
    stop = "." if text.endswith(".") else ""
    return f"{text.removesuffix('.')} ({note.best(language)}){stop}"


def _when(moment: Moment, today: date, language: Language) -> str:
    gettext = translations(language).gettext
    time = _time(moment.minute, language)
    if moment.day == today:
        return gettext(AT_TIME) % {"time": time}
    if moment.day == today + timedelta(1):
        return gettext(TOMORROW_AT) % {"time": time}
    return gettext(DAY_AT) % {"day": _written(moment.day, language), "time": time}


def _day(day: date, today: date, language: Language) -> str:
    gettext = translations(language).gettext
    if day == today:
        return gettext(TODAY)
    message = TOMORROW if day == today + timedelta(1) else ON_DAY
    return gettext(message) % {"day": _written(day, language)}


def _written(day: date, language: Language) -> str:
    """Write måndag 23 november, Monday 23 November."""
    return babel_date(day, "EEEE d MMMM", locale=REGIONS[language])


def _time(minute: int, language: Language) -> str:
    sign = "." if language == "sv" else ":"
    return f"{minute // 60:02}{sign}{minute % 60:02}"


def _times(times: Times | None, language: Language) -> str:
    if times is None:
        return translations(language).gettext(UNKNOWN)
    if not times:
        return translations(language).gettext(CLOSED)
    return ", ".join(f"{_time(start, language)}–{_time(end, language)}" for start, end in times)


@lru_cache(maxsize=1024)
def _week(hours: Hours, language: Language) -> list[dict[str, str]]:
    """Return the week, days of the same times as one row, then holidays and their eves as far as they are known."""
    gettext = translations(language).gettext
    names = get_day_names("abbreviated", locale=REGIONS[language])
    rows = []
    for times, group in groupby(range(7), key=lambda day: getattr(hours, WEEK[day])):
        days = list(group)
        ends = dict.fromkeys((days[0], days[-1]))
        rows.append({"days": "–".join(names[day] for day in ends), "times": _times(times, language)})
    for name, times in ((HOLIDAYS, hours.holidays), (EVES, hours.eves)):
        if times is not None:
            rows.append({"days": gettext(name), "times": _times(times, language)})
    return rows


@lru_cache(maxsize=1024)
def _exceptions(hours: Hours, day: date, language: Language) -> list[dict[str, str | None]]:
    return [_exception(special, language) for special in unusual_days(hours, day)]


def _exception(special: DayTimes, language: Language) -> dict[str, str | None]:
    return {
        "days": babel_date(special.day, "EEE d MMM", locale=REGIONS[language]),
        "times": _times(special.times, language),
        "note": special.note.best(language) if special.note else None,
    }
