"""Which questions ask when something is open, and of which day."""

from datetime import date

import pytest

from bot.records.hours_asked import DayAsked, asks_hours

SUNDAY = date(2026, 11, 22)
NOW = DayAsked()


@pytest.mark.parametrize(
    "question",
    [
        "Är det öppet nu?",
        "är biblioteket öppet",
        "ar aterviningen oppen just nu",
        "har ni öppet?",
        "när öppnar ni",
        "hur dags öppnar biblioteket",
        "när stänger apoteket",
        "vilka öppettider har ni",
        "öppetider biblioteket",
        "oppettidr återvinningscentral",
        "hur länge är hälsocentralen öppen",
        "biblioteket öppet",
        "är simhallen stängd?",
        "Is the library open now?",
        "is the libary opne",
        "are you open",
        "when do you open",
        "what time does the pharmacy close",
        "opening hours",
        "openning hours of the recycling centre",
        "library hours",
        "what are your hours?",
        "how late is it open",
        "is the gym closed at the moment",
    ],
)
def test_a_question_about_this_moment(question: str) -> None:
    assert asks_hours(question) == NOW


@pytest.mark.parametrize(
    ("question", "days"),
    [
        ("har de öppet idag", ["2026-11-22"]),
        ("öppet i dag?", ["2026-11-22"]),
        ("is it open today", ["2026-11-22"]),
        ("är det öppet imorgon", ["2026-11-23"]),
        ("har ni öppet i morgon bitti", ["2026-11-23"]),
        ("opening hours tomorrow?", ["2026-11-23"]),
        ("open tommorow?", ["2026-11-23"]),
        ("är det öppet i övermorgon", ["2026-11-24"]),
        ("are you open the day after tomorrow", ["2026-11-24"]),
        ("har ni öppet på lördag", ["2026-11-28"]),
        ("oppet pa lordga", ["2026-11-28"]),
        ("is the library open on saturdays", ["2026-11-28"]),
        ("öppet på söndag", ["2026-11-22"]),
        ("är det öppet i helgen", ["2026-11-22", "2026-11-28"]),
        ("open this weekend?", ["2026-11-22", "2026-11-28"]),
        ("har biblioteket öppet på midsommarafton", ["2027-06-25"]),
        ("är ni öppna på midsommar", ["2027-06-25", "2027-06-26"]),
        ("har ni stängt på julafton", ["2026-12-24"]),
        ("are you open on christmas eve", ["2026-12-24"]),
        ("open on New Year's Day?", ["2027-01-01"]),
        ("öppet långfredagen", ["2027-03-26"]),
        ("öppet under påsken", ["2027-03-26", "2027-03-27", "2027-03-28", "2027-03-29"]),
        ("har ni öppet den 24 december", ["2026-12-24"]),
        ("öppet den 24:e dec?", ["2026-12-24"]),
        ("is it open on december 24th", ["2026-12-24"]),
        ("are you open 3/12", ["2026-12-03"]),
        ("öppettider 2026-12-03", ["2026-12-03"]),
        ("öppet 1 januari?", ["2027-01-01"]),
        ("öppet den 29 februari?", ["2028-02-29"]),
    ],
)
def test_a_question_about_a_day(question: str, days: list[str]) -> None:
    asked = asks_hours(question)
    assert asked is not None
    assert [str(day) for day in asked.days(SUNDAY)] == days


@pytest.mark.parametrize(
    "question",
    [
        "telefontider till biståndshandläggaren",
        "när kan jag ringa er",
        "when can I call you",
        "phone hours",
        "hur länge är telefonen öppen",
    ],
)
def test_a_question_about_calls(question: str) -> None:
    assert asks_hours(question) == DayAsked(by_phone=True)


@pytest.mark.parametrize(
    "question",
    [
        "jag vill öppna ett bankkonto",
        "hur öppnar jag eget företag",
        "öppna restaurang i vindeln, vad krävs",
        "finns det öppen förskola",
        "är öppna förskolan gratis",
        "how do I open a bank account",
        "is it possible to open a shop",
        "are there open positions at the municipality",
        "is there a house close to the school",
        "we want to live closer to nature",
        "how many hours by train to Umeå",
        "vad kostar en tomt",
        "is the application for school open",
        "när öppnar ansökan till förskolan",
        "är kön öppen till lägenheterna",
        "finns det gymnasium",
        "what are the houses like",
        "hej",
        "",
        "?!",
    ],
)
def test_other_questions_are_left_alone(question: str) -> None:
    assert asks_hours(question) is None


def test_a_date_that_does_not_exist_is_not_read_as_one() -> None:
    assert asks_hours("öppet den 31 februari") == DayAsked()
