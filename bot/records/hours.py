"""When something is open: the times of a day, and how it stands at a moment, all in Swedish time.

Public holidays are those of the law (1989:253) without ordinary Sundays, as the library `holidays` computes them. Eves
are the days before some of them on which offices and shops keep other times: trettondagsafton, påskafton,
valborgsmässoafton, pingstafton, midsommarafton, alla helgons afton (the Friday), julafton and nyårsafton. Skärtorsdagen
and the day before Kristi himmelsfärdsdag are ordinary days here: what they change is an exception.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import cast

from bot.fields import MIDNIGHT
from bot.inventory import WEEKDAYS, DayTimes, Hours, Moment, Opening, SpecialHours, Times
from bot.values import Localized

AHEAD = 14  # days that are looked through for the next opening
A_DAY = timedelta(1)
A_YEAR = 366  # days
EVES: Mapping[str | None, Localized] = {
    "Nyårsdagen": Localized("Nyårsafton", "New Year's Eve"),
    "Trettondedag jul": Localized("Trettondagsafton", "Twelfth Night"),
    "Påskdagen": Localized("Påskafton", "Easter Eve"),
    "Första maj": Localized("Valborgsmässoafton", "Walpurgis Night"),
    "Pingstdagen": Localized("Pingstafton", "Whitsun Eve"),
    "Midsommardagen": Localized("Midsommarafton", "Midsummer Eve"),
    "Alla helgons dag": Localized("Alla helgons afton", "All Saints' Eve"),
    "Juldagen": Localized("Julafton", "Christmas Eve"),
}


def times_on(hours: Hours, day: date) -> Times | None:
    """Return the times of `day`, in minutes after midnight; empty: closed, None: unknown.

    An exception goes before a public holiday, that before an eve, that before the weekday.
    """
    return day_times(hours, day).times


def day_times(hours: Hours, day: date) -> DayTimes:
    """Return the times of `day` with what makes it other than its weekday: the exception's note, the holiday's name."""
    if hours.valid and not hours.valid.covers(day):
        return DayTimes(day, None)
    usual = usual_times(hours, day)
    if special := _special(hours, day):
        return DayTimes(day, special.times, special.note or public_holiday(day) or eve(day))
    if name := public_holiday(day):
        return DayTimes(day, _said_or_closed(hours.holidays, usual), name)
    if name := eve(day):
        return DayTimes(day, _said_or_closed(hours.eves, usual), name)
    return DayTimes(day, usual)


def usual_times(hours: Hours, day: date) -> Times:
    """Return the times of the weekday of `day`, whatever the calendar says."""
    return cast("Times", getattr(hours, WEEKDAYS[day.weekday()]))


def unusual_days(hours: Hours, day: date) -> tuple[DayTimes, ...]:
    """Return the days, from `day` and AHEAD days on, whose times are not those of their weekday."""
    days = (day_times(hours, day + timedelta(ahead)) for ahead in range(AHEAD))
    return tuple(
        found
        for found in days
        if found.times != usual_times(hours, found.day) and (not hours.valid or hours.valid.covers(found.day))
    )


def state(hours: Hours, day: date, minute: int) -> Opening:
    """Return whether it is open at `minute` after midnight of `day`, until when, or when it opens next."""
    today = day_times(hours, day)
    if today.times is None:
        return Opening("unknown", note=today.note)
    end = _end(today.times, minute)
    if end > minute:
        return Opening("open", until=_closing(hours, day, end), note=today.note)
    return Opening("closed", opens=_next(hours, day, minute), note=today.note)


def public_holiday(day: date) -> Localized | None:
    """Return the name of the public holiday that `day` is; None for an ordinary Sunday."""
    return _public_holidays(day.year).get(day)


def eve(day: date) -> Localized | None:
    """Return the name of the eve that `day` is."""
    following = public_holiday(day + A_DAY)
    return EVES.get(following.sv) if following else None


def next_named(name: str, day: date) -> date | None:
    """Return the first day from `day` on that has the Swedish `name`: a public holiday or an eve."""
    for ahead in range(A_YEAR + 1):
        found = day + timedelta(ahead)
        if name in {named.sv for named in (public_holiday(found), eve(found)) if named}:
            return found
    return None


@cache
def _public_holidays(year: int) -> Mapping[date, Localized]:
    from holidays.countries.sweden import Sweden  # takes 0.1 s, which only those who have hours should pay

    swedish = Sweden(years=year, include_sundays=False, language="sv")
    english = Sweden(years=year, include_sundays=False, language="en_US")
    return {day: Localized(name, english[day]) for day, name in swedish.items() if day.year == year}


def _special(hours: Hours, day: date) -> SpecialHours | None:
    """Of several exceptions on one day the shortest holds: Midsummer inside the summer's times."""
    covering = [special for special in hours.exceptions if special.covers(day)]
    return min(covering, key=lambda special: (special.end or special.start) - special.start, default=None)


def _said_or_closed(said: Times | None, usual: Times) -> Times | None:
    """Where nobody has said, a day that is closed anyway stays closed; one that is open otherwise is unknown."""
    return () if said is None and not usual else said


def _end(times: Times, minute: int) -> int:
    """Return when the span that `minute` lies in ends, spans that touch as one; `minute` itself where it is in none."""
    for start, end in times:
        if start <= minute < end:
            minute = end
    return minute


def _closing(hours: Hours, day: date, end: int) -> Moment | None:
    """Follow spans over midnight; None: it does not close within AHEAD days."""
    for _ in range(AHEAD):
        after = _end(times_on(hours, day + A_DAY) or (), 0) if end == MIDNIGHT else 0
        if not after:
            return Moment(day, end)
        day, end = day + A_DAY, after
    return None


def _next(hours: Hours, day: date, minute: int) -> Moment | None:
    """Find the next opening; None where there is none within AHEAD days, or a day before it is unknown."""
    for ahead in range(AHEAD + 1):
        found = times_on(hours, day + timedelta(ahead))
        if found is None:
            return None
        start = next((start for start, _ in found if ahead or start > minute), None)
        if start is not None:
            return Moment(day + timedelta(ahead), start)
    return None
