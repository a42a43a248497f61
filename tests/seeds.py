"""Questions without a good answer and messages to a person, for tests: put straight into a store."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from members import NOON, service_of

from web.letters import Letter, place_of
from web.sealing import open_seal
from web.settings import Settings
from web.store.conversations import write
from web.store.engine import open_engine
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


def store_of(app: Flask) -> Settings:
    """Return the settings of the store that the pages of staff use."""
    return service_of(app).settings
