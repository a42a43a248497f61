"""The mail of Monday morning: to whom, when, what stands in it, and once, by however many processes."""

import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from mailserver import MailServer, mail_server
from sqlalchemy import Engine, insert

from bot import load
from web.settings import Settings, read_settings
from web.store.engine import open_engine
from web.store.models import Turn
from web.store.schema import upgrade
from web.ticking import TickError, monday_morning, tick
from web.weekly import Week, offices

MONDAY = datetime(2026, 11, 23, 7, tzinfo=UTC)  # eight in Sweden
OWNER = "bygg@norrby.example"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def folder(knowledge_folder: Path) -> Path:
    """Norrby is official; one answer of the building office is late, and one translation is outdated."""
    folder = knowledge_folder / "municipalities" / "norrby"
    (folder / "municipality.yaml").write_text(
        (folder / "municipality.yaml").read_text("utf-8").replace("official: false", "official: true"), "utf-8"
    )
    housing = folder / "housing.yaml"
    housing.write_text(
        housing.read_text("utf-8").replace("    tests:\n", '    en_of: "000000"\n    tests:\n', 1), "utf-8"
    )
    return knowledge_folder


@pytest.fixture
def given(store_settings: Settings, server: MailServer, database: dict[str, str], folder: Path) -> dict[str, str]:
    return {
        "HEMVIST_KNOWLEDGE": str(folder),
        "HEMVIST_DATA": str(store_settings.data),
        "HEMVIST_SECRET_KEY": "Vq3-" * 12,
        "HEMVIST_MESSAGE_KEY": "Wq4-" * 12,
        "HEMVIST_SMTP_URL": f"smtp+plain://127.0.0.1:{server.port}",
        "HEMVIST_MAIL_FROM": "hemvist@norrby.example",
        "HEMVIST_SITE_URL": "https://chat.norrby.example/",
        **database,
    }


@pytest.fixture
def settings(given: dict[str, str]) -> Settings:
    return read_settings(given)


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    made = open_engine(settings)
    upgrade(made)
    yield made
    made.dispose()


def ask_in_vain(engine: Engine, count: int, day: date) -> None:
    row: dict[str, Any] = {
        "municipality": "norrby", "language": "sv", "key_hash": "a" * 64, "asked_at": MONDAY, "day": day,
        "kind": "none", "entry": None, "confidence": 0.0, "question": "hemliga ord", "gap": "hemliga ord",
    }  # fmt: skip
    with engine.begin() as connection:
        connection.execute(insert(Turn), [row] * count)


@pytest.mark.parametrize(
    ("moment", "goes"),
    [
        ("2026-11-23T05:59:00+00:00", False),
        ("2026-11-23T06:00:00+00:00", True),
        ("2026-11-23T22:59:00+00:00", True),
        ("2026-11-23T23:00:00+00:00", False),
        ("2026-11-22T12:00:00+00:00", False),
        ("2026-06-29T05:00:00+00:00", True),
        ("2026-06-29T04:59:00+00:00", False),
    ],
    ids=["before seven", "seven", "the evening", "Tuesday in Sweden", "Sunday", "seven in summer", "before it"],
)
def test_it_goes_on_mondays_from_seven_in_sweden(settings: Settings, moment: str, *, goes: bool) -> None:
    assert bool(monday_morning(datetime.fromisoformat(moment), settings.timezone)) is goes


def test_the_owner_reads_what_waits_and_where(settings: Settings, engine: Engine, server: MailServer) -> None:
    ask_in_vain(engine, 3, MONDAY.date())
    ask_in_vain(engine, 9, MONDAY.date() - timedelta(days=8))
    tick(settings, MONDAY)
    (mail,) = server.taken
    text = mail.get_content().replace("\r\n", "\n")
    assert (server.recipients, mail["Subject"], mail["Content-Language"]) == (
        [OWNER],
        "Hemvist denna vecka: Norrby",
        "sv",
    )
    assert mail.get_content_type() == "text/plain"
    assert "1 svar har passerat sitt datum." in text
    assert "- Hur reserverar jag en tomt?" in text
    assert "https://chat.norrby.example/staff/norrby/freshness?owner=building#review" in text
    assert "1 översättning är inaktuell." in text
    assert "- Finns det lediga tomter?" in text
    assert "3 frågor den senaste veckan fick inget svar.\nhttps://chat.norrby.example/staff/norrby/gaps" in text
    assert "hemliga" not in mail.as_string()


def test_the_owner_s_language_is_spoken(settings: Settings, folder: Path, engine: Engine, server: MailServer) -> None:
    path = folder / "municipalities" / "norrby" / "municipality.yaml"
    path.write_text(path.read_text("utf-8").replace(f"email: {OWNER}", f"email: {OWNER}\n    language: en"), "utf-8")
    tick(settings, MONDAY)
    (mail,) = server.taken
    assert (mail["Subject"], mail["Content-Language"]) == ("Hemvist this week: Norrby", "en")
    assert "- How do I reserve a plot?" in mail.get_content()


def test_it_goes_once_a_week(settings: Settings, engine: Engine, server: MailServer) -> None:
    for hours in (0, 0.1, 9, 24, 72):
        tick(settings, MONDAY + timedelta(hours=hours))
    assert len(server.taken) == 1
    tick(settings, MONDAY + timedelta(days=7))
    assert len(set(server.ids)) == 2


def test_many_processes_write_once(settings: Settings, folder: Path, engine: Engine, server: MailServer) -> None:
    server.delay = 0.3
    knowledge, start = load(folder), MONDAY - timedelta(hours=1)
    together = threading.Barrier(4)

    def write(number: int) -> None:
        own = open_engine(settings)
        together.wait()
        try:
            Week(own, settings, knowledge, start, f"process {number}").write(MONDAY)
        finally:
            own.dispose()

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(server.taken) == 1


def test_a_server_that_is_away_is_tried_again(settings: Settings, engine: Engine, server: MailServer) -> None:
    server.stop()
    with pytest.raises(TickError, match="cannot be reached"):
        tick(settings, MONDAY)
    server.start()
    tick(settings, MONDAY + timedelta(minutes=1))
    tick(settings, MONDAY + timedelta(minutes=2))
    assert len(server.taken) == 1


def test_a_mailbox_that_refuses_is_left_until_next_week(settings: Settings, engine: Engine, server: MailServer) -> None:
    server.answers["recipient"] = "550 no such mailbox"
    tick(settings, MONDAY)
    server.answers["recipient"] = "250 OK"
    tick(settings, MONDAY + timedelta(hours=1))
    assert server.taken == []


def test_nothing_is_written_where_nothing_waits(
    settings: Settings, folder: Path, engine: Engine, server: MailServer
) -> None:
    (folder / "municipalities" / "norrby" / "housing.yaml").write_text("entries: []\n", "utf-8")
    for name in ("plan", "places", "facts"):
        (folder / "municipalities" / "norrby" / f"{name}.yaml").unlink()
    tick(settings, MONDAY)
    assert server.taken == []


@pytest.mark.parametrize(
    ("change", "written"),
    [({}, ["building"]), ({"HEMVIST_MAIL_DEMONSTRATIONS": "true"}, ["building"])],
    ids=["official", "demonstrations too"],
)
def test_owners_of_official_municipalities_are_written_to(
    given: dict[str, str], folder: Path, change: dict[str, str], written: list[str]
) -> None:
    known = load(folder).municipalities
    assert [
        office.id for office in offices(known, read_settings({**given, **change})) if office.municipality.id == "norrby"
    ] == written


def test_a_demonstration_writes_to_nobody(
    given: dict[str, str], folder: Path, engine: Engine, server: MailServer
) -> None:
    path = folder / "municipalities" / "norrby" / "municipality.yaml"
    path.write_text(path.read_text("utf-8").replace("official: true", "official: false"), "utf-8")
    tick(read_settings(given), MONDAY)
    assert server.taken == []
    tick(read_settings({**given, "HEMVIST_MAIL_DEMONSTRATIONS": "true"}), MONDAY + timedelta(days=7))
    assert len(server.taken) == 1
