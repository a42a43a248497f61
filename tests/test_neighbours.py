"""A question about another municipality is answered with that one's answer, and says so; partners help where home is
silent."""

from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from bot import Assistant, NoAnswer, Question, answer_of, load

KNOWLEDGE = Path(__file__).parent / "knowledge"
DAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def assistant() -> Assistant:
    return Assistant(load(KNOWLEDGE))


def whose(assistant: Assistant, question: str, municipality: str) -> tuple[str | None, str | None]:
    """Return the entry that answers, and the other municipality whose answer it is."""
    given = answer_of(assistant.reply(Question(question, municipality, DAY)))
    return (given.entry, given.neighbour.id if given.neighbour else None) if given else (None, None)


@pytest.mark.parametrize(
    ("question", "municipality", "entry", "neighbour"),
    [
        ("När är återvinningscentralen öppen i Östby?", "norrby", "waste", "ostby"),
        ("ostbys tipp öppettider", "norrby", "waste", "ostby"),
        ("hur reserverar jag en tomt i Norrby", "ostby", "plot-reservation", "norrby"),
        ("hur reserverar jag en tomt i Norrby", "norrby", "plot-reservation", None),
        ("hur reserverar jag en tomt, vi flyttar från Östby", "norrby", "plot-reservation", None),
        ("hur reserverar jag en tomt här, vi bor i Östby nu", "norrby", "plot-reservation", None),
        ("hur reserverar jag en tomt i Norrby, vi bor i Östby", "norrby", "plot-reservation", None),
    ],
)
def test_the_one_that_is_asked_about_answers(
    assistant: Assistant, question: str, municipality: str, entry: str, neighbour: str | None
) -> None:
    assert whose(assistant, question, municipality) == (entry, neighbour)


def test_it_says_whose_answer_it_is_and_leads_there(client: FlaskClient) -> None:
    asked = {"question": "Hur hyr jag en lägenhet i Norrby?", "municipality": "soderby"}
    reply = client.post("/api/v1/chat", json=asked).json
    assert {"code": "neighbour", "text": "Det här gäller Norrby."} in reply["notices"]
    assert (reply["entry"], reply["link"]) == ("rental-housing", "/norrby/sv/rental-housing")
    assert reply["person"].startswith("/norrby/sv/person")
    asked = {"question": "vad kostar det då?", "municipality": "soderby", "context": reply["context"]}
    assert client.post("/api/v1/chat", json=asked).json["entry"] is None  # what is asked next is of home again


def test_partners_answer_where_home_is_silent(assistant: Assistant) -> None:
    none = assistant.reply(Question("housing queue", "soderby", DAY))
    assert isinstance(none, NoAnswer)
    assert [(one.municipality.id, one.entry) for one in none.elsewhere] == [("norrby", "rental-housing")]


def test_who_cooperates_with_nobody_is_alone(assistant: Assistant) -> None:
    none = assistant.reply(Question("housing queue", "ostby", DAY))
    assert isinstance(none, NoAnswer)
    assert none.elsewhere == ()


def test_partners_are_shown_beside_the_silence(client: FlaskClient) -> None:
    reply = client.post("/api/v1/chat", json={"question": "housing queue", "municipality": "soderby"}).json
    (one,) = reply["municipalities"]
    assert (one["name"], one["link"], one["title"]) == (
        "Norrby",
        "/norrby/en/rental-housing",
        "How do I rent a flat in Norrby?",
    )
    assert reply["links"] == []
