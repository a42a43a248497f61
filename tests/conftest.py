"""What tests share: three tiny made-up municipalities, and the application that serves them."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest
import servers
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine

from web.app import create_app
from web.services import Clock, get_services
from web.settings import Settings, read_settings
from web.store.engine import open_engine
from web.store.schema import upgrade

KNOWLEDGE = Path(__file__).parent / "knowledge"
SECRET = servers.SECRET
MESSAGE_KEY = "only-for-tests-" + "m7" * 16


@pytest.fixture
def knowledge_folder(tmp_path: Path) -> Path:
    """A copy of tests/knowledge, to be changed by the test."""
    return Path(shutil.copytree(KNOWLEDGE, tmp_path / "knowledge"))


@pytest.fixture(scope="module")
def make_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Flask]]:
    """Make an application by HEMVIST_ settings; without any it serves tests/knowledge. `clock` may stop the time.

    It is closed when its module is done: each has threads that look for news.
    """
    with _making(tmp_path_factory) as make:
        yield make


@pytest.fixture(scope="session")
def make_shared_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Flask]]:
    """Make an application that several modules share."""
    with _making(tmp_path_factory) as make:
        yield make


@contextmanager
def _making(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Flask]]:
    made: list[Flask] = []

    def make(clock: Clock = datetime.now, **settings: str) -> Flask:
        data = tmp_path_factory.mktemp("data")
        given = {
            "HEMVIST_KNOWLEDGE": str(KNOWLEDGE),
            "HEMVIST_DATA": str(data),
            "HEMVIST_SECRET_KEY": SECRET,
            "HEMVIST_MESSAGE_KEY": MESSAGE_KEY,
            **settings,
        }
        made.append(create_app(read_settings(given), clock))
        return made[-1]

    try:
        yield make
    finally:
        for app in made:
            with app.app_context():
                get_services().close()


@pytest.fixture(scope="session")
def app(make_shared_app: Callable[..., Flask]) -> Flask:
    """The application on tests/knowledge, shared by all tests that change nothing."""
    return make_shared_app()


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.Postgres]:
    """A PostgreSQL of our own; skipped where Debian's package is not installed."""
    if not servers.find("initdb"):
        pytest.skip("PostgreSQL is not installed")
    with servers.postgres() as cluster:
        yield cluster


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which database: whatever the store keeps is tested on both."""
    return str(request.param)


@pytest.fixture
def database(database_kind: str, request: pytest.FixtureRequest) -> dict[str, str]:
    """The settings of an empty store."""
    if database_kind == "sqlite":
        return {}
    return {"HEMVIST_DATABASE_URL": request.getfixturevalue("postgres").new_database()}


@pytest.fixture
def store_settings(database: dict[str, str], tmp_path: Path) -> Settings:
    """Settings with an empty store."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    given = {"HEMVIST_KNOWLEDGE": str(KNOWLEDGE), "HEMVIST_DATA": str(data), "HEMVIST_SECRET_KEY": SECRET}
    return read_settings({**given, "HEMVIST_MESSAGE_KEY": MESSAGE_KEY, **database})


@pytest.fixture
def settings(store_settings: Settings) -> Settings:
    """The settings of a test; a module that needs others has a fixture of this name."""
    return store_settings


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    """The store of `settings`, with its tables."""
    made = open_engine(settings)
    upgrade(made)
    yield made
    made.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser of that application."""
    return app.test_client()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI nothing may be skipped: what is missing there is to be installed."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
