"""Questions without a good answer and messages to a person, for tests: put straight into a store."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from members import NOON, service_of

from bot import Proof
from web.letters import Letter, place_of
from web.sealing import open_seal
from web.settings import Settings
from web.store.conversations import write
from web.store.engine import open_engine
from web.store.evidence import note_proof
from web.store.messages import keep
from web.store.schema import upgrade


def ask(settings: Settings, *questions: str, at: datetime = NOON, **changing: Any) -> None:
    """Let visitors ask, each in a conversation of their own, an hour before `at`."""
    rows = []
    for number, question in enumerate(questions):
        asked = at - timedelta(hours=1, minutes=number)
        row = {
            "municipality": "norrby", "language": "sv", "key_hash": f"{question}{number}".encode().hex()[:64],
            "asked_at": asked, "day": asked.date(), "kind": "none", "entry": None, "confidence": 0.1,
            "question": question, "gap": question, **changing,
        }  # fmt: skip
        rows.append(row)
    engine = open_engine(settings)
    upgrade(engine)
    write(engine, rows, [], {})
    engine.dispose()


def leave_message(settings: Settings, number: str, at: datetime = NOON, **changing: Any) -> None:
    """Let somebody have written to a person."""
    written = {
        "name": "Åsa Lind",
        "email": "asa@example.com",
        "phone": "070-174 06 05",
        "message": "Hej! Finns det plats?",
    }
    secret = {**written, "is_danger": False, **changing.pop("secret", {})}
    letter = Letter(municipality=changing.get("municipality", "norrby"), language="sv", topic="housing", **secret)
    seal = open_seal(settings)
    row = {
        "id": number, "request_hash": number * 4, "municipality": letter.municipality, "language": "sv",
        "topic": "housing", "sealed": seal.close(letter.secret, place_of(number, letter.municipality)),
        "key_name": seal.name, "at": at - timedelta(minutes=5), "state": "listed", "tries": 0, **changing,
    }  # fmt: skip
    engine = open_engine(settings)
    upgrade(engine)
    keep(engine, row)
    engine.dispose()


QUESTIONS = """questions:
  - id: free-plots
    question: finns det lediga tomter i norrby
    entry: plots
  - id: reserve
    question: kan jag boka en tomt
    entry: plot-reservation
  - id: hens
    question: kan man ha höns på tomten
    entry: plots
  - id: pancakes
    question: hur bakar man pannkakor
"""


def live_through(settings: Settings) -> None:
    """Let Norrby have had January and February 2026: questions, opinions, messages, plans, and something published."""
    rows = []
    for number in range(150):
        asked = datetime(2026, 1 + number % 5 // 2, 1 + number % 28, 6 + number % 17, tzinfo=UTC)
        kind = ("answer", "answer", "records", "choices", "answer", "none")[number % 6]
        named = ("plots", "plot-reservation", "move")[number % 3] if kind in ("answer", "records") else None
        rows.append(
            {
                "municipality": "norrby", "language": "en" if number % 4 == 0 else "sv", "key_hash": f"{number:064}",
                "asked_at": asked, "day": asked.date(), "kind": kind, "entry": named, "confidence": 0.8,
                "question": None, "gap": None,
            }
        )  # fmt: skip
    tallies: dict[Any, int] = {("norrby", "plan", date(2026, 2, 3)): 12, ("norrby", "message", date(2026, 2, 9)): 5}
    engine = open_engine(settings)
    upgrade(engine)
    write(engine, [row for row in rows if row["asked_at"] < NOON - timedelta(days=1)], [], {}, tallies)
    ask(settings, *["kan man ha höns på tomten"] * 7, at=datetime(2026, 2, 12, 12, tzinfo=UTC))
    with engine.begin() as connection:
        for day, before, after in ((5, 2, 2), (12, 2, 3), (20, 3, 3)):
            note_proof(connection, "norrby", datetime(2026, 2, day, tzinfo=UTC), day, Proof(4, before, after))
    engine.dispose()


def store_of(app: Flask) -> Settings:
    """Return the settings of the store that the pages of staff use."""
    return service_of(app).settings
