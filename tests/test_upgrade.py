"""From every earlier schema, with data in it, to the newest: all of it is there, and the application answers."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Boolean, Date, DateTime, Engine, Float, Integer, MetaData, String, Table, insert, select, text
from sqlalchemy.exc import DBAPIError

from web.app import create_app
from web.backup.archive import reading
from web.backup.making import make_backup
from web.backup.restoring import Place, restore
from web.services import EXTENSION
from web.settings import Settings
from web.store import accounts, revisions, staff_settings
from web.store.conversations import write
from web.store.engine import open_engine
from web.store.messages import find
from web.store.models import Base
from web.store.schema import migrate, upgrade
from web.store.version import versions

EARLIER = versions()[:-1]
MOMENT = datetime(2026, 2, 3, 23, 30, tzinfo=UTC)
TEXTS = {"detail": "{}", "items": "{}", "content": '{"å": "ä"}', "value": "true", "language": "sv", "kind": "answer"}
NUMBERS = {"id": 1, "account_id": 1, "gap_id": 1, "based_on": 0, "number": 5}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


@pytest.fixture(params=EARLIER)
def schema(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def value_of(table: str, name: str, kind: Any) -> Any:
    """Return what a row of the past holds in a column."""
    if isinstance(kind, String):
        return TEXTS.get(name, f"{table} {name} å"[: kind.length or 100])
    for of, value in ((Boolean, True), (Date, MOMENT.date()), (DateTime, MOMENT), (Float, 0.5)):
        if isinstance(kind, of):
            return value
    assert isinstance(kind, Integer)
    return NUMBERS.get(name, 7)


def tables(engine: Engine) -> list[Table]:
    found = MetaData()
    found.reflect(engine)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


@pytest.fixture
def past(store_settings: Settings, schema: str) -> Iterator[tuple[Engine, dict[str, dict[str, Any]]]]:
    """A store of an earlier schema with a row in each table, and what these hold."""
    engine = open_engine(store_settings)
    with engine.begin() as connection:
        migrate(connection, schema)
    rows = {}
    for table in tables(engine):
        row = {column.name: value_of(table.name, column.name, column.type) for column in table.columns}
        with engine.begin() as connection:
            if table.name == "generation":
                connection.execute(table.update().values(number=row["number"]))
            else:
                connection.execute(insert(table), [row])
        rows[table.name] = row
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SELECT setval('turns_id_seq', 1)"))
    yield engine, rows
    engine.dispose()


def all_rows(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    with engine.connect() as connection:
        return {
            name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for name, table in Base.metadata.tables.items()
        }


def hold_all(found: dict[str, list[dict[str, Any]]], rows: dict[str, dict[str, Any]], schema: str) -> None:
    """What was there is there; what is new has the value that tells so."""
    for name, row in rows.items():
        (kept,) = [one for one in found[name] if one.get("id") in (None, row.get("id"))]
        assert {column: kept[column] for column in row} == row, name
        assert {kept[column] for column in kept.keys() - row.keys()} <= {None}, name
    if "0002" <= schema < "0007":
        place = rows["messages"]["municipality"]
        counted = {"municipality": place, "what": "message", "number": 1, "day": date(2026, 2, 3)}
        assert found["tallies"] == [counted], "messages that were there are counted"


def test_148_all_that_was_there_is_there(past: tuple[Engine, dict[str, dict[str, Any]]], schema: str) -> None:
    engine, rows = past
    upgrade(engine)
    found = all_rows(engine)
    hold_all(found, rows, schema)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []
        if schema >= "0003":
            assert accounts.find_by_email(connection, rows["accounts"]["email"])
        if schema >= "0004":
            assert revisions.contents(connection, [1]) == {1: {"å": "ä"}}
            assert revisions.generation(connection) == 5
        if schema >= "0006":
            assert staff_settings.newest(connection) == 1
    if schema >= "0002":
        assert find(engine, rows["messages"]["id"]).read_at == rows["messages"].get("read_at")
    for name in ("audit", "revisions"):
        if name in rows:
            with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
                connection.execute(text(f"UPDATE {name} SET at = at"))  # noqa: S608 - one of two
    turn = {name: value for name, value in rows["turns"].items() if name != "id"}
    assert write(engine, [turn], [], {}) == 0


@pytest.mark.parametrize(
    "schema",
    [EARLIER[0], *(pytest.param(one, marks=pytest.mark.nightly) for one in EARLIER[1:])],
    indirect=True,
)
def test_a_backup_of_an_earlier_schema_is_brought_up_to_date(
    past: tuple[Engine, dict[str, dict[str, Any]]], schema: str, store_settings: Settings, tmp_path: Path
) -> None:
    engine, rows = past
    make_backup(store_settings, tmp_path / "b.zip", MOMENT)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == schema, "it is left as it was"
    with reading(tmp_path / "b.zip") as reader:
        assert reader.manifest.schema == schema
        restore(reader, Place(store_settings, None), MOMENT, "test")
    kept = {name: row for name, row in rows.items() if name not in ("sessions", "tries", "folder_files", "generation")}
    found = all_rows(engine)
    found["audit"] = [row for row in found["audit"] if row["action"] != "restored_backup"]
    hold_all(found, kept, schema)


@pytest.mark.parametrize("schema", [EARLIER[0]], indirect=True)
def test_the_application_answers_on_the_oldest(
    past: tuple[Engine, dict[str, dict[str, Any]]], store_settings: Settings
) -> None:
    past[0].dispose()
    app = create_app(store_settings)
    services = app.extensions[EXTENSION]
    try:
        services.start()
        question = {"question": "finns det lediga tomter", "municipality": "norrby"}
        answer = app.test_client().post("/api/v1/chat", json=question)
        assert answer.status_code == 200
        assert answer.json["entry"] == "plots"
    finally:
        services.close()
    with past[0].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM turns")) == 2
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == versions()[-1]
