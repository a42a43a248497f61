"""Personal data is replaced in every spelling; what only looks like it stays."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from personal_data import ADDRESSES, KEPT, PERSON, PERSONAL, PHONES

from bot import Assistant, Contact, Localized, Question, Redacted, load, public_ways, redact

MARK = "[…]"
KNOWLEDGE = Path(__file__).parent / "knowledge"


def all_of(groups: Mapping[str, str | tuple[str, ...]]) -> list[Any]:
    return [pytest.param(*([row] if isinstance(row, str) else row), id=name) for name, row in groups.items()]


@pytest.mark.parametrize(
    "around", ["{}", "Jag heter Kim, {} är mitt.", "({})", "nr:{}.", "pnr{}!", "\n{}\t", "5 barn, {}"]
)
@pytest.mark.parametrize("written", all_of(PERSONAL))
def test_a_personal_number_is_replaced_however_it_is_written(written: str, around: str) -> None:
    assert redact(around.format(written)).text == around.format(MARK)


@pytest.mark.parametrize("around", ["{}", "Ring {} efter fem.", "tel:{}.", "tel{}!", "5 barn, {}", "({})"])
@pytest.mark.parametrize("written", all_of(PHONES))
def test_a_phone_number_is_replaced_however_it_is_written(written: str, around: str) -> None:
    assert redact(around.format(written)) == Redacted(around.format(MARK), ("phone",))


@pytest.mark.parametrize("around", ["{}", "Skriv till {} tack.", "<{}>", "mejl: {}!", "{}, {}"])
@pytest.mark.parametrize("written", all_of(ADDRESSES))
def test_an_address_is_replaced_however_it_is_written(written: str, around: str) -> None:
    found = redact(around.format(*[written] * around.count("{}")))
    assert "email" in found.kinds
    assert found.text == around.replace("{}", MARK)


@pytest.mark.parametrize("around", ["{}", "Det är {} som gäller.", "({})", "{}, {}", "{}?"])
@pytest.mark.parametrize("written", KEPT)
def test_what_is_nobodys_stays(written: str, around: str) -> None:
    text = around.format(*[written] * around.count("{}"))
    assert redact(text) == Redacted(text, ())


@pytest.mark.parametrize(
    ("number", "kinds"),
    [
        (PERSON, ("personal-number",)),
        ("8112289875", ("personal-number",)),
        ("0701232399", ("personal-number",)),
        ("0701232390", ("phone",)),
        ("070-123 23 99", ("phone",)),
    ],
    ids=["person", "person mistyped", "could be both, checks", "could be both, does not check", "divided as a phone"],
)
def test_a_number_that_could_be_either_goes_by_its_check_digit(number: str, kinds: tuple[str, ...]) -> None:
    assert redact(number).kinds == kinds


# where each rule ends: what is just within it goes, what is just beyond it stays
EDGES: dict[str, tuple[str, str, str]] = {
    "born in the eighteen-hundreds": ("18991228-9874", MARK, "personal-number"),
    "leap day": ("000229 2399", MARK, "personal-number"),
    "day after it": ("000230 2399", "000230 2399", ""),
    "day 32": ("811232 9874", "811232 9874", ""),
    "day 00": ("811200-9874", "811200-9874", ""),
    "month 00": ("810012-9874", "810012-9874", ""),
    "month 20 is a company's": ("802005-1234", "802005-1234", ""),
    "day that was not, checks": ("8102309872", MARK, "personal-number"),
    "day that was not, does not check": ("8102309877", "8102309877", ""),
    "day that was not, divided, checks": ("810230 9872", "810230 9872", ""),
    "day that was not, oddly divided, checks": ("810 230 98 72", "810 230 98 72", ""),
    "check digit over doubled fives": ("8112359982", MARK, "personal-number"),
    "coordination number of the 1st": ("730261 9931", MARK, "personal-number"),
    "coordination number of the 31st": ("210791 9967", MARK, "personal-number"),
    "coordination number of no day": ("730260 9931", "730260 9931", ""),
    "parts, mistyped": ("81 12 28 9875", MARK, "personal-number"),
    "parts with century, mistyped": ("19 81 12 28 9875", MARK, "personal-number"),
    "parts that nobody makes, mistyped": ("811228 98 75", "811228 98 75", ""),
    "each digit apart, mistyped": ("8 1 1 2 2 8 9 8 7 5", MARK, "personal-number"),
    "each of twelve apart, mistyped": ("1 9 8 1 1 2 2 8 9 8 7 5", MARK, "personal-number"),
    "dots as in amounts": ("811.228.98.74", "811.228.98.74", ""),
    "dash of a personal number": ("070123-2399", MARK, "personal-number"),
    "dash between spaces": ("070123 - 2399", MARK, "personal-number"),
    "space of a phone number": ("070123 2399", MARK, "phone"),
    "after a number of a house": ("5 811228-9874", f"5 {MARK}", "personal-number"),
    "interim number": ("000101-T220", MARK, "personal-number"),
    "a letter between digits": ("8112X289874 0701X234567", "8112X289874 0701X234567", ""),
    "mobile, a digit too many": ("070-123 45 678", MARK, "phone"),
    "mobile, two too few": ("070-123 45", "070-123 45", ""),
    "shortest of all": ("08123456", MARK, "phone"),
    "full-width digits": ("０７０－１２３ ４５ ６７", MARK, "phone"),
    "three zeros": ("000 123 456 789", "000 123 456 789", ""),
    "Sweden, shortest": ("+46 8 12 34 56", MARK, "phone"),
    "Sweden, too short": ("+46 8 12 34 5", "+46 8 12 34 5", ""),
    "Sweden by zeros, shortest": ("0046 8 12 34 56", MARK, "phone"),
    "Sweden by zeros, too short": ("0046 8 12 34 5", "0046 8 12 34 5", ""),
    "Sweden, a digit more than longest": ("+46 (0)70 123 45 67 8", f"{MARK} 8", "phone"),
    "abroad, shortest": ("+472123456", MARK, "phone"),
    "abroad, too short": ("+47212345", "+47212345", ""),
    "abroad, longer than any": ("+4930 1234 5678 9012", f"{MARK} 9012", "phone"),
    "a plus behind is not abroad": ("123 456 789 +", "123 456 789 +", ""),
    "free of charge, from abroad": ("+46 20-50 50 50", "+46 20-50 50 50", ""),
    "amount that begins with a zero": ("08 500 000 kr", "08 500 000 kr", ""),
    "the same without its unit": ("08 500 000", MARK, "phone"),
    "decimals": ("0.12345678", "0.12345678", ""),
    "longest name before an @": (f"{'a' * 64}@exempel.se", MARK, "email"),
    "longer than any": (f"{'a' * 65}@exempel.se", f"a{MARK}", "email"),
}


@pytest.mark.parametrize(("written", "left", "kind"), all_of(EDGES))
def test_where_each_rule_ends(written: str, left: str, kind: str) -> None:
    assert redact(written) == Redacted(left, (kind,) if kind else ())  # type: ignore[arg-type]


def test_several_in_one_text() -> None:
    found = redact(f"Jag, {PERSON}, nås på 070-123 45 67 eller anna@exempel.se0701234567. Tomt för 150 000 kr?")
    assert found.text == "Jag, […], nås på […] eller […][…]. Tomt för 150 000 kr?"
    assert found.kinds == ("personal-number", "phone", "email")


def test_numbers_side_by_side_are_told_apart() -> None:
    assert redact("922 66 811228-9874 070-123 45 67 2024-03-01").text == "922 66 […] […] 2024-03-01"


@pytest.mark.parametrize("text", ["anna@x.se0@x.se", "a@b.co0@c.co0@d.co", "811228-9874811228-9874", "1" * 40])
def test_what_was_redacted_stays_as_it_is(text: str) -> None:
    once = redact(text).text
    assert redact(once) == Redacted(once, ())


# what the municipality itself publishes

SWITCHBOARD = Contact("switchboard", Localized("Växeln", "Switchboard"), phone="0933-140 00", email="Info@norrby.se")


@pytest.mark.parametrize(
    "written",
    ["0933-140 00", "0933 14000", "(0933) 140 00", "+46 933 140 00", "+46 (0)933-140 00", "0046933 14000"],
)
def test_a_contact_s_number_stays_in_any_spelling(written: str) -> None:
    text = f"Är {written} rätt?"
    assert redact(text, public_ways([SWITCHBOARD])) == Redacted(text, ())
    assert redact(text).kinds == ("phone",)


@pytest.mark.parametrize(
    ("published", "written"),
    [("+46 (0)933-140 00", "0933-140 00"), (" +46 933 140 00", "0046 933 14000"), ("+358 40 1234567", "+358401234567")],
)
def test_a_contact_may_be_written_with_its_country(published: str, written: str) -> None:
    text = f"Är {written} rätt?"
    assert redact(text, public_ways([replace(SWITCHBOARD, phone=published)])).text == text


def test_a_contact_s_address_stays_and_others_go() -> None:
    found = redact("info@norrby.se eller anna@norrby.se", public_ways([SWITCHBOARD]))
    assert found.text == "info@norrby.se eller […]"


def test_every_contact_that_is_shipped_stays() -> None:
    knowledge = load(Path(__file__).parent.parent / "knowledge")
    contacts = knowledge.view("vindeln").contacts.values()
    public = public_ways(contacts)
    text = "\n".join(f"{contact.phone or ''} {contact.email or ''}." for contact in contacts)
    assert redact(text, public).text == text


def test_no_shipped_answer_or_question_is_touched() -> None:
    knowledge = load(Path(__file__).parent.parent / "knowledge")
    view = knowledge.view("vindeln")
    public = public_ways(view.contacts.values())
    texts = [phrase for entry in view.entries.values() for _, phrase in entry.questions]
    assert [text for text in texts if redact(text, public).kinds] == []


# whatever is written


def check_digit(nine: str) -> int:
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(nine)]
    return -sum(value // 10 + value % 10 for value in doubled) % 10


@st.composite
def people(draw: st.DrawFn) -> tuple[str, str]:
    """A valid test number (serial 980–999 is given to nobody), as century and ten digits."""
    born = draw(st.dates(date(1900, 1, 1), date(2026, 1, 1)))
    day = born.day + draw(st.sampled_from([0, 60]))
    nine = f"{born:%y%m}{day:02}{draw(st.integers(980, 999))}"
    return f"{born:%Y}"[:2], nine + str(check_digit(nine))


SPELLINGS: dict[str, Callable[[str, str], str]] = {
    "ten": lambda century, ten: ten,
    "twelve": lambda century, ten: century + ten,
    "hyphen": lambda century, ten: f"{ten[:6]}-{ten[6:]}",
    "plus": lambda century, ten: f"{ten[:6]}+{ten[6:]}",
    "century, hyphen": lambda century, ten: f"{century}{ten[:6]}-{ten[6:]}",
    "space": lambda century, ten: f"{ten[:6]} {ten[6:]}",
    "dash between spaces": lambda century, ten: f"{ten[:6]} – {ten[6:]}",
    "parts": lambda century, ten: f"{ten[:2]} {ten[2:4]} {ten[4:6]}-{ten[6:]}",
    "ISO": lambda century, ten: f"{century}{ten[:2]}-{ten[2:4]}-{ten[4:6]}-{ten[6:]}",
    "apart": lambda century, ten: " ".join(ten),
}
WORDS = st.text(alphabet=st.sampled_from("abcåäö ,!?()[]<>.:;'\"\n"), max_size=12)


@settings(max_examples=4_000, deadline=None)
@given(person=people(), spelling=st.sampled_from(sorted(SPELLINGS)), before=WORDS, after=WORDS)
def test_no_valid_number_survives(person: tuple[str, str], spelling: str, before: str, after: str) -> None:
    found = redact(before + SPELLINGS[spelling](*person) + after)
    assert found.kinds
    assert person[1] not in re.sub(r"\D", "", found.text)


DIGITS = ["0", "7", "070", "123", "45", "1981", "1228", "9874", "46", "00", "８", "1 000 000"]
SIGNS = ["+", "-", " ", ".", "@", "(", ")", "/", ",", "–", "\n", "́", "X"]
PIECES = st.sampled_from([*DIGITS, *SIGNS, "a", "å", "x.se", "(at)", " snabel-a ", "T220", MARK, PERSON, "0701234567"])


@settings(max_examples=3_000, deadline=None)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_once_is_enough(text: str) -> None:
    once = redact(text).text
    assert redact(once) == Redacted(once, ())


@settings(max_examples=3_000, deadline=None)
@given(st.text(max_size=300))
def test_any_text_can_be_read(text: str) -> None:
    assert len(redact(text).text) <= len(text) + text.count("@") * len(MARK) + len(MARK)


@settings(max_examples=500, deadline=None)
@given(st.text(alphabet="abcdefghijåäö ,.!?", max_size=200))
def test_words_stay(text: str) -> None:
    assert redact(text) == Redacted(text, ())


# time grows with the text, not faster

HOSTILE: dict[str, str] = {
    "digits": "1",
    "digits apart": "1 ",
    "zeros apart": "0 ",
    "wide gaps": "1   ",
    "personal numbers": PERSON,
    "nearly masked": "811228-XXX",
    "amounts": "1 000 ",
    "phones": "07 01 23 45 ",
    "country codes": "+46 (0)7",
    "at": "@",
    "at in brackets": "( at ",
    "addresses": "a@b.co0",
    "dots": "@a.a",
    "words for dots": "@a dot ",
    "combining marks": "a\u0323\u0301",
    "spaces": " ",
    "mixed": f"Jag heter Kim {PERSON} ring 070-123 45 67 eller a@b.se om tomten för 1 250 000 kr. ",
}


def seconds(text: str) -> float:
    taken = []
    for _ in range(5):
        start = time.process_time()
        redact(text)
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.mark.parametrize("piece", all_of(HOSTILE))
def test_twice_the_text_takes_twice_the_time(piece: str) -> None:
    half, whole = ((piece * (length // len(piece) + 1))[:length] + "@" for length in (50_000, 100_000))
    seconds(half)
    tries = (seconds(whole) / max(seconds(half), 0.0005) for _ in range(5))
    assert any(ratio <= 2.5 for ratio in tries)  # a square grows by four each time; a busy machine, now and then


# the reply says so


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(KNOWLEDGE))


ASKED = Question("", "norrby", date(2026, 11, 22))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (f"Hur reserverar jag en tomt? {PERSON}", "answer"),
        ("bästa receptet på pannkakor, svara anna@exempel.se", "none"),
    ],
)
def test_a_reply_to_personal_data_says_so(assistant: Assistant, text: str, kind: str) -> None:
    reply = assistant.reply(replace(ASKED, text=text))
    assert reply.kind == kind
    assert "personal-data" in reply.notices


def test_a_reply_to_anything_else_does_not(assistant: Assistant) -> None:
    assert "personal-data" not in assistant.reply(replace(ASKED, text="Hur reserverar jag en tomt?")).notices
    assert "personal-data" not in assistant.reply(replace(ASKED, text="vem svarar på 0933-140 00")).notices


def test_nothing_stands_beside_a_crisis_text(assistant: Assistant) -> None:
    reply = assistant.reply(replace(ASKED, text="det brinner i huset, ring 070-123 45 67"))
    assert reply.kind == "safety"
    assert "personal-data" not in reply.notices


def test_the_assistant_knows_whose_contacts_stay(assistant: Assistant) -> None:
    assert assistant.redact("ring 0933-140 00 eller 070-123 45 67", "norrby").text == "ring 0933-140 00 eller […]"
    assert assistant.redact("ring 0933-140 00", "ostby").kinds == ("phone",)


@pytest.mark.parametrize(
    ("language", "said"),
    [("sv", "Det har inte sparats."), ("en", "It was not saved.")],
)
def test_the_api_says_that_it_was_not_saved(client: FlaskClient, language: str, said: str) -> None:
    asked = {"question": f"Hur hyr jag? Mitt nummer är {PERSON}", "municipality": "norrby", "language": language}
    response = client.post("/api/v1/chat", json=asked)
    assert response.status_code == 200
    assert response.json is not None
    (notice,) = [notice for notice in response.json["notices"] if notice["code"] == "personal-data"]
    assert said in notice["text"]
    assert "9874" not in response.text
