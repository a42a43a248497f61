"""Whether a question asks when something is open, and of which day: decided by words alone, misspelt ones too."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.records.hours import next_named
from bot.text import fold, words

LEAP_CYCLE = 8  # years within which 29 February comes again, whatever the century
SHORTEST_MENDED = 5  # letters; in shorter words one wrong letter makes another word
LONG = 9  # letters from which on two may be wrong
BRIEF = 4  # words: "biblioteket öppet", "library hours"

DAYS = (
    r"mandag\w*|mondays?", r"tisdag\w*|tuesdays?", r"onsdag\w*|wednesdays?", r"torsdag\w*|thursdays?",
    r"fredag\w*|fridays?", r"lordag\w*|saturdays?", r"sondag\w*|sundays?",
)  # fmt: skip
MONTHS = (
    "januari|january|jan", "februari|february|feb", "mars|march|mar", "april|apr", "maj|may", "juni|june|jun",
    "juli|july|jul", "augusti|august|aug", "september|sept|sep", "oktober|october|okt|oct", "november|nov",
    "december|dec",
)  # fmt: skip
# what people call it → the calendar's names (Swedish, see `bot.records.hours`)
NAMED = {
    r"julafton\w*|christmas eve": ("Julafton",),
    r"juldag(?:en)?|christmas day": ("Juldagen",),
    r"annandag jul|annandagen|boxing day": ("Annandag jul",),
    r"nyarsafton\w*|new years? (?:s )?eve": ("Nyårsafton",),
    r"nyarsdag\w*|new years? (?:s )?day": ("Nyårsdagen",),
    r"trettondagsafton\w*|twelfth night": ("Trettondagsafton",),
    r"trettondag\w*|trettondedag\w*|epiphany": ("Trettondedag jul",),
    r"langfredag\w*|good friday": ("Långfredagen",),
    r"paskafton\w*|easter (?:eve|saturday)|holy saturday": ("Påskafton",),
    r"paskdag\w*|easter (?:sunday|day)": ("Påskdagen",),
    r"annandag pask|easter monday": ("Annandag påsk",),
    r"valborg\w*|walpurgis\w*": ("Valborgsmässoafton",),
    r"forsta maj|may day|1 maj": ("Första maj",),
    r"kristi himmelsfard\w*|kristi flygare|ascension\w*": ("Kristi himmelsfärdsdag",),
    r"pingstafton\w*|whitsun eve": ("Pingstafton",),
    r"pingst(?:dag\w*|en)?|whitsun|pentecost": ("Pingstdagen",),
    r"nationaldag\w*|national day": ("Nationaldagen",),
    r"midsommarafton\w*|midsommarsafton\w*|midsummers? (?:s )?eve": ("Midsommarafton",),
    r"midsommardag\w*|midsummers? (?:s )?day": ("Midsommardagen",),
    r"alla helgons (?:afton|dag)|alla helgona\w*|allhelgona\w*|all saints?(?: s)?(?: day| eve)?": (
        "Alla helgons afton", "Alla helgons dag",
    ),
    r"jul(?:en|helgen)?|christmas": ("Julafton", "Juldagen", "Annandag jul"),
    r"pask(?:en|helgen)?|easter": ("Långfredagen", "Påskafton", "Påskdagen", "Annandag påsk"),
    r"midsommar(?:en|helgen)?|midsummer": ("Midsommarafton", "Midsommardagen"),
    r"nyar(?:et|shelgen)?|new years?": ("Nyårsafton", "Nyårsdagen"),
}  # fmt: skip

NOW = r"nu|now|right now|just nu|for tillfallet|currently|at the moment"
TODAY = r"i ?dag|today|i ?kvall|tonight|this (?:evening|afternoon|morning)|i ?eftermiddag|i ?dan"
TOMORROW = r"i ?morgon|i ?morron|i ?morrn|i ?morn|tomorrow|tmrw|tomorow"
AFTER_TOMORROW = r"i ?overmorgon|overmorgon|(?:the )?day after tomorrow"
WEEKEND = r"i helgen|till helgen|pa helgen|helgerna|pa helger|(?:this |the |on )?weekends?"
CLOCK = r"klockan|kl \d+|\d+ (?:am|pm)"
A_DATE = rf"den \d{{1,2}}|(?:{'|'.join(MONTHS)}) \d{{1,2}}\w*|\d{{1,2}}\w* (?:{'|'.join(MONTHS)})|\d{{1,2}} \d{{1,2}}"
ANY_DAY = "|".join((NOW, TODAY, TOMORROW, AFTER_TOMORROW, WEEKEND, *DAYS, *NAMED, CLOCK, A_DATE))

# "oppen forskola" and "open house" are names; nobody asks the hours of a queue, an account or a vacancy
OTHER = re.compile(
    r"\b(?:"
    r"oppen (?:forskola|verksamhet|vard|anstalt|plan|planlosning|eld|fiber|spis)\w*"
    r"|oppna (?:forskola\w*|data|ett|en|eget|egen|konto\w*)"
    r"|(?:kan|vill|ska|far|maste|att|tankt?|planerar) (?:jag |vi |man |du )?(?:snart )?oppna"
    r"|open (?:a|an|my|our|up|new|your own|house|preschool|positions?|jobs?|vacanc\w+|plots?|plan|fire|source)"
    r"|open (?:data|air|accounts?)|(?:are|is) there (?:any |some )?open"
    r"|ansok\w*|anmalan|anmalningstid\w*|ko|kon|kotid\w*|konto\w*"
    r"|accounts?|applications?|admissions?|registrations?"
    r"|vagen|road|isen|jakten|hunting|skidspar\w*|arbetstid\w*"
    r"|close (?:to|by|from)|working hours|hours? (?:by|from|away|per|a|drive|to)"
    r")\b"
)
SHORT = re.compile(r"\b(?:oppet|oppen|open|hours|stangt|stangd|closed)\b")
OPEN_SV = "oppet|oppen|oppna|stangt|stangd|stangda"
OPEN_EN = "open|opens|close|closes|closed"
WHEN_SV = "nar|hur ?dags|vilken tid|vilka tider|hur (?:lange|sent|tidigt)|vad"
WHEN_EN = "when|what times?|how late|how long|how early|until|till|untill"
ASKS = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:oppettid\w*|oppethallande\w*|oppningstid\w*|stangningstid\w*|besokstid\w*|telefontid\w*|ringtid\w*)\b",
        rf"\b(?:ar|har|haller|hade|vart|var det)\b.*\b(?:{OPEN_SV})\b",
        rf"\b(?:{WHEN_SV})\b.*\b(?:{OPEN_SV}|oppnar|stanger)\b",
        rf"\b(?:{OPEN_SV}|oppnar|stanger)\b.*\b(?:{ANY_DAY})\b",
        r"\b(?:opening|business|office|visiting|phone|telephone|library|closing|reception) (?:hours?|times?)\b",
        r"\b(?:what|which|your|their|its|the)\b.*\bhours\b",
        rf"\bhours\b.*\b(?:{ANY_DAY})\b",
        r"\b(?:is|are|r|be|does|stays?)\b.*\b(?:open|closed)\b",
        rf"\b(?:{WHEN_EN})\b.*\b(?:{OPEN_EN}|closing|opening)\b",
        rf"\b(?:{OPEN_EN})\b.*\b(?:{ANY_DAY})\b",
    )
)
CALLS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:{WHEN_SV})\b.*\b(?:ringa|telefon\w*|nar jag er)\b",
        rf"\b(?:{WHEN_EN})\b.*\b(?:call|phone|ring)\b",
        r"\b(?:telefontid\w*|ringtid\w*|phone hours|telephone hours|phone times?|calling hours)\b",
    )
)
BY_PHONE = re.compile(r"\b(?:telefon\w*|ring\w*|svarar|call|calling|phone|telephone|answer)\b")
MENDED = frozenset({
    "oppettider", "oppettiderna", "oppettid", "oppethallande", "oppet", "oppen", "oppna", "oppnar", "stanger",
    "stangt", "stangd", "telefontid", "telefontider", "besokstid", "besokstider", "opening", "hours", "opens",
    "close", "closes", "closed", "tomorrow", "today", "tonight", "weekend", "imorgon", "overmorgon", "mandag",
    "tisdag", "onsdag", "torsdag", "fredag", "lordag", "sondag", "monday", "tuesday", "wednesday", "thursday",
    "friday", "saturday", "sunday", "julafton", "juldagen", "midsommar", "midsommarafton", "midsommardagen",
    "nyarsafton", "nyarsdagen", "paskafton", "langfredag", "langfredagen", "christmas", "easter", "midsummer",
})  # fmt: skip
CANDIDATES = sorted(MENDED)
# words too short, or too wrong, to be mended by counting letters
MISSPELT = {"opne": "open", "oepn": "open", "opn": "open", "opet": "oppet", "oppt": "oppet", "tommorow": "tomorrow"}
# words that are right as they are, though one letter from one of the above
RIGHT = frozenset({
    "closer", "closest", "closet", "clothes", "house", "horse", "hour", "yours", "tours", "stand", "stranger",
    "hangers", "opened", "upper", "offer", "toppen", "loppet", "loppen", "hoppet", "hopen", "soppen", "koppen",
    "appen", "oppnat", "stang", "slanger", "stangsel", "strangt", "svanger", "helgen",
})  # fmt: skip
GAPS = re.compile(r"(\d{1,2}) ?/ ?(\d{1,2})(?![\d/])")
ISO = re.compile(r"\b\d{4}-(\d\d)-(\d\d)\b")
NUMBERED = r"(\d{1,2})(?:st|nd|rd|th)?(?: [aeds]e?)?(?: of)? "


@dataclass(frozen=True, slots=True)
class DayAsked:
    """Which day a question about opening hours asks of; nothing said: this moment.

    `ahead`: days from today; `weekdays`: 0 is Monday; `dated`: month and day; `named`: the calendar's names.
    `by_phone`: when one can call is asked, not when one can come.
    """

    ahead: int | None = None
    weekdays: tuple[int, ...] = ()
    dated: tuple[int, int] | None = None
    named: tuple[str, ...] = ()
    by_phone: bool = False

    def days(self, today: date) -> tuple[date, ...]:
        """Return the days that are meant, the next of their kind from `today` on; empty: this moment."""
        if self.ahead is not None:
            return (today + timedelta(self.ahead),)
        if self.weekdays:
            return tuple(sorted(today + timedelta((weekday - today.weekday()) % 7) for weekday in self.weekdays))
        if self.dated:
            return _next_dated(*self.dated, today)
        return _named_days(self.named, today)


def asks_hours(text: str) -> DayAsked | None:
    """Return which day `text` asks the opening hours of; None where it asks no such thing."""
    asked = words(text)
    said = " ".join(map(_mended, asked))
    by_phone = any(pattern.search(said) for pattern in CALLS)
    if OTHER.search(said):
        return None
    if not by_phone and not _asks(said, len(asked)):
        return None
    return _day(fold(text), said, by_phone=by_phone or bool(BY_PHONE.search(said)))


def _asks(said: str, length: int) -> bool:
    if length <= BRIEF and SHORT.search(said):
        return True
    return any(pattern.search(said) for pattern in ASKS)


@lru_cache(maxsize=4096)
def _mended(word: str) -> str:
    if word in MISSPELT:
        return MISSPELT[word]
    if len(word) < SHORTEST_MENDED or word in MENDED or word in RIGHT:
        return word
    allowed = 2 if len(word) >= LONG else 1
    found = process.extractOne(word, CANDIDATES, scorer=OSA.distance, score_cutoff=allowed)
    return found[0] if found else word


def _day(folded: str, said: str, *, by_phone: bool) -> DayAsked:
    if dated := _dated(folded, said):
        return DayAsked(dated=dated, by_phone=by_phone)
    for pattern, names in NAMED.items():
        if _holds(pattern, said):
            return DayAsked(named=names, by_phone=by_phone)
    for ahead, pattern in ((2, AFTER_TOMORROW), (1, TOMORROW)):
        if _holds(pattern, said):
            return DayAsked(ahead, by_phone=by_phone)
    if weekdays := (5, 6) if _holds(WEEKEND, said) else _positions(DAYS, said):
        return DayAsked(weekdays=tuple(weekdays), by_phone=by_phone)
    today = _holds(TODAY, said) and not _holds(NOW, said)
    return DayAsked(0 if today else None, by_phone=by_phone)


def _dated(folded: str, said: str) -> tuple[int, int] | None:
    """Read 24 december, 24:e dec, December 24th, 24/12 and 2026-12-24 as month and day, where there is such a day."""
    found = [(int(month), int(day)) for month, day in ISO.findall(folded)]
    found += [(int(month), int(day)) for day, month in GAPS.findall(folded)]
    for number, month in enumerate(MONTHS, 1):
        written = re.search(rf"\b{NUMBERED}(?:{month})\b", said) or re.search(
            rf"\b(?:{month}) (?:the )?(\d{{1,2}})(?:st|nd|rd|th)?\b", said
        )
        if written:
            found.append((number, int(written[1])))
    return next((dated for dated in found if _is_day(*dated)), None)


def _is_day(month: int, day: int) -> bool:
    try:
        date(2024, month, day)  # a leap year
    except ValueError:
        return False
    return True


def _next_dated(month: int, day: int, today: date) -> tuple[date, ...]:
    for year in range(today.year, today.year + LEAP_CYCLE + 1):
        try:
            found = date(year, month, day)
        except ValueError:  # 29 February
            continue
        if found >= today:
            return (found,)
    return ()


def _named_days(names: Iterable[str], today: date) -> tuple[date, ...]:
    return tuple(sorted(day for name in names if (day := next_named(name, today))))


def _holds(pattern: str, said: str) -> bool:
    return re.search(rf"\b(?:{pattern})\b", said) is not None


def _positions(patterns: Iterable[str], said: str) -> tuple[int, ...]:
    return tuple(number for number, pattern in enumerate(patterns) if _holds(pattern, said))
