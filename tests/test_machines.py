"""What several machines share: limits, repeats, sign-in, the switch, what is published; and the fleet, small."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import servers
from flask import Flask
from load.machines import run
from members import Browser, add_member, fields_of

from web import ticking
from web.services import EXTENSION, get_services
from web.settings import Settings, read_settings
from web.store.access import Store
from web.store.errors import StoreError
from web.store.lookout import Lookout, News

KNOWLEDGE = Path(__file__).parent / "knowledge"
ANNA = "anna@norrby.example"
BO = "bo@norrby.example"
QUESTION = {"question": "Vilka tomter är lediga i Norrby?", "municipality": "norrby"}


class Redis:
    """A Redis that is stopped and started."""

    def __init__(self) -> None:
        self.port = servers.free_port()
        self.start()

    def start(self) -> None:
        """Start it, empty."""
        self._running = servers.redis(self.port)
        self._running.__enter__()

    def stop(self) -> None:
        """Stop it."""
        self._running.__exit__(None, None, None)


@dataclass
class Pair:
    """Two machines: applications with folders and data of their own on one PostgreSQL and one Redis."""

    one: Flask
    two: Flask
    redis: Redis


@pytest.fixture(scope="module")
def pair(
    make_app: Callable[..., Flask], postgres: servers.Postgres, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    if not servers.find("redis-server"):
        pytest.skip("Redis is not installed")
    redis, place = Redis(), tmp_path_factory.mktemp("machines")
    shared = {
        "HEMVIST_DATABASE_URL": postgres.new_database(),
        "HEMVIST_REDIS_URL": f"redis://127.0.0.1:{redis.port}/0",
        "HEMVIST_TRUSTED_PROXIES": "1",
        "HEMVIST_LIMIT_CONVERSATION": "4",
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("web.limits.PATIENCE", 2.0)  # a machine that tests on all processors is slow at times
        patch.setattr("web.limits.PAUSE", 0.2)
        folders = [shutil.copytree(KNOWLEDGE, place / name) for name in ("one", "two")]
        pair = Pair(*(make_app(HEMVIST_KNOWLEDGE=str(folder), **shared) for folder in folders), redis)
        for email in (ANNA, BO):
            add_member(pair.one, email, ("*", "admin"))
        yield pair
    redis.stop()


def ask(app: Flask, address: str = "203.0.113.7", headers: dict[str, str] | None = None, **members: object) -> Any:
    sent = {"X-Forwarded-For": address, **(headers or {})}
    return app.test_client().post("/api/v1/chat", json={**QUESTION, **members}, headers=sent)


def until(condition: Callable[[], object], seconds: float = 15) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)


def at(app: Flask, before: Browser) -> Browser:
    """Return the browser of `before` at another machine."""
    browser = Browser(app)
    cookie = before.client.get_cookie("hemvist-staff", path="/staff")
    assert cookie
    browser.client.set_cookie("hemvist-staff", cookie.value, path="/staff")
    return browser


def test_conversation_is_counted_over_both_machines(pair: Pair) -> None:
    context = ask(pair.one).json["context"]
    apps = [pair.one, pair.two] * 3
    statuses = [ask(app, f"198.51.{n}.1", context=context).status_code for n, app in enumerate(apps)]
    assert statuses == [200] * 4 + [429] * 2


def test_44_repeat_on_the_other_machine_gets_the_same_reply(pair: Pair) -> None:
    sent = {"Idempotency-Key": "9f0c2b4e-0d0f-4f8e-9d57-0f2b4a4e8a11"}
    first, again = ask(pair.one, headers=sent), ask(pair.two, headers=sent)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.data == again.data
    assert ask(pair.two, headers=sent, question="bygglov").status_code == 409


def test_who_signs_in_on_one_machine_is_signed_in_and_out_on_both(pair: Pair) -> None:
    first = Browser(pair.one).sign_in(ANNA)
    second = at(pair.two, first)
    assert second.get("/staff/account").status_code == 200
    assert second.post("/staff/sign-out").status_code == 303
    for browser in (second, at(pair.one, first)):
        answer = browser.get("/staff/account")
        assert (answer.status_code, "sign-in" in answer.headers["Location"]) == (303, True)


def test_switched_off_and_edited_on_one_machine_counts_on_the_other(pair: Pair) -> None:
    """How soon is told by `tests/load/machines.py`."""
    for app in (pair.one, pair.two):
        ask(app)
        with app.app_context():
            get_services().knowledge.refresh()
    bo, visitor = Browser(pair.one).sign_in(BO), pair.two.test_client()
    bo.get("/staff/norrby/settings")
    bo.post("/staff/norrby/settings", {"part": "off", "reason-sv": "Vi bygger om.", "reason-en": "Later."})
    until(lambda: visitor.get("/norrby/sv/").status_code == 503)
    assert ask(pair.two, question="min man slår mig").json["kind"] == "safety"
    bo.get("/staff/norrby/settings")
    bo.post("/staff/norrby/settings", {"part": "back", "setting": "switched_off"})
    until(lambda: visitor.get("/norrby/sv/").status_code == 200)
    form = fields_of(bo.get("/staff/norrby/answers/plots").text)
    published = bo.post("/staff/norrby/answers/plots/publish", {**form, "answer_sv": "Nio tomter.", "note": "sålda"})
    assert published.status_code == 303
    until(lambda: "Nio tomter." in visitor.get("/norrby/sv/plots").text)
    folder = pair.two.extensions[EXTENSION].settings.knowledge
    assert "Nio tomter." in (folder / "municipalities/norrby/housing.yaml").read_text("utf-8")


def test_without_redis_questions_are_answered_and_it_is_told(pair: Pair) -> None:
    ready = pair.two.test_client()
    pair.redis.stop()
    try:
        until(lambda: "limits" in str(ready.get("/readyz").json["problems"]))
        assert [ask(pair.two).status_code for _ in range(8)] == [200] * 8
        assert ready.get("/readyz").json["status"] == "degraded"
    finally:
        pair.redis.start()
    until(lambda: "limits" not in str(ready.get("/readyz").json["problems"]))


def test_processes_of_one_name_and_number_do_not_share_a_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    """Containers may have the same host name, and their processes the same numbers."""
    names = set()
    for _machine in range(2):
        ticking._token.cache_clear()
        names |= {ticking._ourselves(), ticking._ourselves()}
    assert len(names) == 2
    assert max(map(len, names)) <= 40


@pytest.fixture
def watched(postgres: servers.Postgres, tmp_path: Path) -> Settings:
    given = {"HEMVIST_KNOWLEDGE": str(KNOWLEDGE), "HEMVIST_DATA": str(tmp_path), "HEMVIST_SECRET_KEY": "Vq3-" * 12}
    return read_settings({**given, "HEMVIST_MESSAGE_KEY": "Wq4-" * 12, "HEMVIST_DATABASE_URL": postgres.new_database()})


def connections(settings: Settings) -> list[int]:
    with psycopg.connect(settings.database_url or "", autocommit=True) as connection:
        rows = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return [row[0] for row in rows]


def end(settings: Settings, processes: list[int]) -> None:
    with psycopg.connect(settings.database_url or "", autocommit=True) as connection:
        for process in processes:
            connection.execute("SELECT pg_terminate_backend(%s)", [process])


def test_news_are_asked_over_one_connection_that_is_opened_again(watched: Settings) -> None:
    with closing(Lookout(watched)) as lookout:
        assert lookout.look() == News()
        with Store(watched).writing():
            pass
        assert lookout.look().published == (0, None, None, 0)
        before = connections(watched)
        assert [lookout.look().decided for _ in range(20)] == [(None, None)] * 20
        assert connections(watched) == before
        assert len(before) == 1
        end(watched, before)
        assert lookout.look().published == (0, None, None, 0)
        assert connections(watched) != before
    until(lambda: connections(watched) == [])


def test_news_of_a_database_that_is_away(watched: Settings, postgres: servers.Postgres) -> None:
    with closing(Lookout(watched)) as lookout:
        lookout.look()
        postgres.stop()
        try:
            with pytest.raises(StoreError):
                lookout.look()
        finally:
            postgres.start()
        assert lookout.look() == News()


@pytest.mark.slow
@pytest.mark.nightly
def test_three_machines_lose_nothing_and_say_the_same(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    found = run(tmp_path, schedules=3, seed=20261122)
    assert found.is_good, found.faults
    assert found.counts["deeds"] == 30
