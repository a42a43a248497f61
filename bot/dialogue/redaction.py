"""Personal data in what a visitor writes is found and replaced before anything is kept.

Found are personal identity and coordination numbers, phone numbers and e-mail addresses in every way people write
them. A wrong check digit is no excuse: a slip of the pen is a person too. Not found are names, street addresses,
dates of birth alone, health facts, and numbers in words. Every pattern is bounded, so that time grows with the text.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final, Literal

from bot.models import Contact
from bot.text import INVISIBLE

PersonalData = Literal["personal-number", "phone", "email"]
Span = tuple[int, int, PersonalData]

MARK: Final = "[…]"
KINDS: Final[tuple[PersonalData, ...]] = ("personal-number", "phone", "email")
PASSES: Final = 4  # what is replaced may leave a new boundary behind
DASHES: Final = "\\-‐‑‒–—―−﹣－"
DASH: Final = f"[{DASHES}]"
BETWEEN: Final = rf"{DASHES}\s+/.·()"
GAP: Final = f"[{BETWEEN}]{{0,3}}"
SUSPICIOUS: Final = re.compile(r"\d|[@＠]|snabel|[(\[{<]\s?at\s?[)\]}>]", re.I)
RUN: Final = re.compile(rf"\d(?:{GAP}\d)*")
DIGITS: Final = re.compile(r"\d+")

# personal numbers: YYMMDD-NNNN, the century before it or not
LETTERED: Final = re.compile(  # interim numbers have a letter for the first digit; some people mask the last
    rf"(?<!\d)(?:\d\d)?\d\d(?:{DASH}|[/ ])?[01]\d(?:{DASH}|[/ ])?\d\d\s?(?:{DASH}|\+)?\s?"
    r"(?:[PTRSUWXJKLMN]\d{3}|\d{3}[X*]|\d\d[X*]{2}|\d[X*]{3})(?![\w*])",
    re.I,
)
SHORT, LONG = 10, 12  # digits
LEAP_YEAR: Final = 2000
CENTURIES: Final = ("18", "19", "20")
ORGANISATION: Final = 20  # from this "month" on it is a company's number
COORDINATION: Final = 60  # added to the day where a person is not registered in Sweden
LAST_FOUR: Final = 4
PARTS: Final = frozenset({4, 6, 8, 10})  # where people divide one, counted from its end
DATE_FOLLOWS: Final = re.compile(rf"{DASH}\d\d{DASH}\d\d(?!\d)")

# phone numbers
SHORTEST, LONGEST = 8, 18  # digits that are looked at
ABROAD: Final = (9, 15)  # digits after + or 00
SWEDEN: Final = "46"
SWEDISH: Final = (9, 12)  # the same with 46, and perhaps the (0) that is not dialled
MOBILE: Final = (10, 11, 9)  # the right length first
LANDLINE: Final = (10, 9, 8)
NOBODYS: Final = ("020", "077")  # free and shared-cost lines, those of help in a crisis among them
BEFORE_UNIT: Final = re.compile(r"\s?(?:kr|kronor|sek|euro|€|%|m2|m²|kvm|kvadrat)", re.I)
CLOCK: Final = r"(?:(?:[01]?\d|2[0-4])[.:][0-5]\d|(?:[01]\d|2[0-4])[0-5]\d)"
TIMES: Final = re.compile(
    rf"(?<!\d){CLOCK}\s?{DASH}\s?{CLOCK}(?!\s?\d)"
    rf"|(?<!\d)[0-2]\d{DASH}[0-2]\d[\s,]{{1,2}}[0-2]\d{DASH}[0-2]\d(?!\d)"
    rf"|(?<!\d)\d\d?(?:{DASH}|[./])\d\d?(?:{DASH}|[./])(?:19|20)\d\d(?!\d)"
    rf"|(?<!\d)(?:19|20)\d\d(?:{DASH}|/)[01]\d(?:{DASH}|/)[0-3]\d(?!\d)"
)
AMOUNT: Final = re.compile(r"(?<![\d.])[1-9]\d{0,2}(?:[\s.]\d{3}){1,4}(?!\d)")

# e-mail addresses
AT: Final = re.compile(r"\s?[(\[{<]\s?(?:@|＠|at|snabel-?\s?a)\s?[)\]}>]\s?|\ssnabel-?a\s|\s[@＠]\s|[@＠]", re.I)
LOCAL: Final = re.compile(r"[\w.!#$%&'*+/=?^`{|}~\u0300-\u036f-]")
LONGEST_LOCAL: Final = 64
DOT: Final = r"(?:[.．。]|\s?[(\[{<]\s?(?:\.|dot|punkt)\s?[)\]}>]\s?|\s(?:dot|punkt)\s)"
LABEL: Final = r"[\w\u0300-\u036f-]{1,63}"
DOMAIN: Final = re.compile(rf"(?:{LABEL}{DOT}){{1,8}}[^\W\d_]{{2,24}}|[^\W\d_]{{2,24}}", re.I)


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data, and the kinds that were found in it."""

    text: str
    kinds: tuple[PersonalData, ...]


def redact(text: str, public: AbstractSet[str] = frozenset()) -> Redacted:
    """Replace personal data in `text` by a mark that says nothing of it; invisible characters go too.

    `public` are numbers and addresses that stay, as `public_ways` makes them of contacts.
    """
    kinds: set[PersonalData] = set()
    text = INVISIBLE.sub("", text)
    for _ in range(PASSES):
        found = _spans(text, public) if SUSPICIOUS.search(text) else []
        if not found:
            break
        kinds.update(kind for *_, kind in found)
        text = _without(text, found)
    return Redacted(text, tuple(kind for kind in KINDS if kind in kinds))


def public_ways(contacts: Iterable[Contact]) -> frozenset[str]:
    """Return the phone numbers and e-mail addresses of `contacts`, in the one way in which they are compared."""
    found = set()
    for contact in contacts:
        if contact.email:
            found.add(contact.email.casefold())
        if contact.phone:
            digits = "".join(DIGITS.findall(contact.phone))
            found.add(_dialled(digits, abroad=contact.phone.lstrip().startswith("+")))
    return frozenset(found)


def _spans(text: str, public: AbstractSet[str]) -> list[Span]:
    found: list[Span] = [(one.start(), one.end(), "personal-number") for one in LETTERED.finditer(text)]
    found += _addresses(text, public)
    found += _Numbers(text, public).found()
    return sorted(found)


def _without(text: str, found: Sequence[Span]) -> str:
    """Put the mark in the place of each span; what overlaps becomes one."""
    parts: list[str] = []
    end = 0
    for start, stop, _ in found:
        if start >= end:
            parts += [text[end:start], MARK]
        end = max(end, stop)
    return "".join([*parts, text[end:]])


# numbers


@dataclass(frozen=True, slots=True)
class _Run:
    """Groups of digits with little between them.

    `starts` and `ends`: where in the text each group stands; `edges`: how many digits are before each group, and in
    all; `places`: which group begins at an edge.
    """

    digits: str
    starts: Sequence[int]
    ends: Sequence[int]
    edges: Sequence[int]
    places: Mapping[int, int]

    def taken(self, place: int, length: int) -> int:
        """Return how many groups from `place` on have `length` digits together; 0 where none do."""
        return max(self.places.get(self.edges[place] + length, 0) - place, 0)

    def number(self, place: int, taken: int) -> str:
        """Return the digits of `taken` groups from `place` on."""
        return self.digits[self.edges[place] : self.edges[place + taken]]

    def span(self, place: int, taken: int) -> tuple[int, int]:
        """Return where in the text `taken` groups from `place` on stand."""
        return self.starts[place], self.ends[place + taken - 1]


class _Numbers:
    """Looks for numbers of people among the groups of digits of a text."""

    def __init__(self, text: str, public: AbstractSet[str]) -> None:
        self.text = text
        self.public = public

    def found(self) -> Iterator[Span]:
        """Yield where each begins and ends."""
        for one in RUN.finditer(self.text):
            if one.end() - one.start() < SHORTEST:
                continue
            run = _read_run(self.text, *one.span())
            place = 0
            while place < len(run.starts):
                taken, kind = self._at(run, place)
                if kind:
                    yield (*self._whole(*run.span(place, taken)), kind)
                place += max(taken, 1)

    def _at(self, run: _Run, place: int) -> tuple[int, PersonalData | None]:
        """Return how many groups from `place` on are one number, and its kind; no kind where it is nobody's."""
        phones = list(self._phones(run, place))
        known = next((taken for taken, number in phones if number in self.public), 0)
        if known:
            return known, None
        if taken := self._person(run, place, _is_surely_one):
            return taken, "personal-number"
        phone, number = next(
            ((taken, number) for taken, number in phones if self._is_phone(run, place, taken)), (0, "")
        )
        if phone and not number.startswith(NOBODYS):
            return phone, "phone"
        if taken := self._person(run, place, _may_be_one):
            return taken, "personal-number"
        return phone, None

    def _person(self, run: _Run, place: int, judged: Callable[[str, str, frozenset[int]], bool]) -> int:
        for length in (LONG, SHORT):
            taken = run.taken(place, length)
            if taken and _has_shape(number := run.number(place, taken)):
                start, end = run.span(place, taken)
                cuts = frozenset(run.edges[place + taken] - edge for edge in run.edges[place + 1 : place + taken])
                if judged(number, self.text[start:end], cuts) and not DATE_FOLLOWS.match(self.text, end):
                    return taken
        return 0

    def _phones(self, run: _Run, place: int) -> Iterator[tuple[int, str]]:
        """Yield how many groups may be a phone number by their length, the likeliest first, and what is dialled."""
        start = run.starts[place]
        is_abroad = start > 0 and self.text[start - 1] == "+"
        following = run.number(place, min(LONGEST, len(run.starts) - place))[:LONGEST]
        for length in _lengths(following, is_abroad=is_abroad):
            if taken := run.taken(place, length):
                yield taken, _dialled(following[:length], abroad=is_abroad)

    def _is_phone(self, run: _Run, place: int, taken: int) -> bool:
        """Whether what has the length of a phone number is not opening hours, a date, or an amount: 1 050 000 kr."""
        start, end = run.span(place, taken)
        is_time = start in self._times or self.text.startswith("0.", start)
        is_amount = all(one in self._amounts for one in run.starts[place : place + taken])
        return not (is_time or is_amount or BEFORE_UNIT.match(self.text, end))

    @cached_property
    def _times(self) -> frozenset[int]:
        return _starts(TIMES, self.text)

    @cached_property
    def _amounts(self) -> frozenset[int]:
        return _starts(AMOUNT, self.text)

    def _whole(self, start: int, end: int) -> tuple[int, int]:
        """Take in the plus and the bracket before a number."""
        start -= self.text.endswith("+", 0, start)
        inside = self.text[start:end]
        start -= self.text.endswith("(", 0, start) and inside.count(")") > inside.count("(")
        return start, end


def _read_run(text: str, start: int, end: int) -> _Run:
    starts, ends, edges = [], [], [0]
    for one in DIGITS.finditer(text, start, end):
        starts.append(one.start())
        ends.append(one.end())
        edges.append(edges[-1] + one.end() - one.start())
    digits = "".join(DIGITS.findall(text, start, end))
    plain = digits if digits.isascii() else "".join(str(unicodedata.decimal(digit)) for digit in digits)
    return _Run(plain, starts, ends, edges, {edge: place for place, edge in enumerate(edges)})


def _starts(pattern: re.Pattern[str], text: str) -> frozenset[int]:
    """Return where each group of digits begins that is part of a match of `pattern`."""
    return frozenset(one.start() for found in pattern.finditer(text) for one in DIGITS.finditer(text, *found.span()))


def _has_shape(number: str) -> bool:
    """Whether a number of ten or twelve digits is built as a person's: a company's has a month from 20 on."""
    is_dated = 0 < int(number[-8:-6]) < ORGANISATION and number[-6:-4] != "00"
    return is_dated and (len(number) == SHORT or number.startswith(CENTURIES))


def _is_surely_one(number: str, written: str, cuts: frozenset[int]) -> bool:
    """Whether `number` is a person's by its dash, or by its check digit where it is not divided."""
    if not cuts:
        return _is_date(number) and _checks(number)
    return _is_divided(cuts) and not written[:-LAST_FOUR].rstrip()[-1].isdigit()


def _may_be_one(number: str, written: str, cuts: frozenset[int]) -> bool:
    """Whether `number` can be a person's: by its date, and where it is oddly divided by its check digit too."""
    if not cuts or _is_divided(cuts) or len(cuts) == len(number) - 1:
        return _is_date(number) or (not cuts and _checks(number))
    return _is_date(number) and _checks(number) and "." not in written


def _is_divided(cuts: frozenset[int]) -> bool:
    return LAST_FOUR in cuts and cuts <= PARTS


def _is_date(number: str) -> bool:
    """Whether a leap year has the day in `number`; a coordination number's counts as the day it stands for."""
    month, day = int(number[-8:-6]), int(number[-6:-4])
    try:
        date(LEAP_YEAR, month, day - COORDINATION if day > COORDINATION else day)
    except ValueError:
        return False
    return True


def _checks(number: str) -> bool:
    """Whether the last digit is the check digit of the nine before (Luhn's algorithm)."""
    doubled = (int(digit) * (2 - place % 2) for place, digit in enumerate(number[-SHORT:]))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0


def _lengths(digits: str, *, is_abroad: bool) -> Sequence[int]:
    """Return how long a phone number that begins with `digits` may be, the likeliest first."""
    if is_abroad or (digits.startswith("00") and digits[2:3] != "0"):
        prefix = 0 if is_abroad else 2
        least, most = SWEDISH if digits[prefix:].startswith(SWEDEN) else ABROAD
        return range(most + prefix, least + prefix - 1, -1)
    if digits.startswith("467"):
        return (11,)
    if digits.startswith("0") and digits[1:2] != "0":
        return MOBILE if digits[1:2] == "7" else LANDLINE
    return ()


def _dialled(digits: str, *, abroad: bool) -> str:
    """Return a number in one spelling: 0933 140 00 and +46 (0)933-140 00 are 093314000."""
    if not abroad and digits.startswith("00"):
        digits, abroad = digits[2:], True
    if not abroad:
        return digits
    return "0" + digits.removeprefix(SWEDEN).lstrip("0") if digits.startswith(SWEDEN) else f"+{digits}"


# e-mail addresses


def _addresses(text: str, public: AbstractSet[str]) -> Iterator[Span]:
    end = 0
    for at in AT.finditer(text):
        start = _local_start(text, at.start(), end)
        domain = DOMAIN.match(text, at.end())
        if start == at.start() or domain is None:
            continue
        end = domain.end()
        written = f"{text[start : at.start()]}@{domain[0]}".casefold()
        if written not in public:
            yield start, end, "email"


def _local_start(text: str, at: int, floor: int) -> int:
    """Return where the part before the @ begins, no further back than `floor`."""
    start = at
    while start > max(floor, at - LONGEST_LOCAL) and LOCAL.match(text[start - 1]):
        start -= 1
    return start
