"""Limits and repeats: counted over all processes, generous to a building, and never in the way when counting fails."""

import logging
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import servers
from flask import Flask

from web.limits import (
    FILE,
    Counter,
    CounterError,
    FileCounter,
    Hit,
    Limits,
    OtherRequestError,
    RedisCounter,
    Repeat,
    network_of,
    open_limits,
)
from web.services import EXTENSION
from web.settings import read_settings

ROOT = Path(__file__).parent.parent
QUESTION = {"question": "Vilka tomter är lediga i Norrby?", "municipality": "norrby"}
VISITOR = "203.0.113.7"


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    if not servers.find("redis-server"):
        pytest.skip("Redis is not installed")
    port = servers.free_port()
    with servers.redis(port):
        yield f"redis://127.0.0.1:{port}/0"


@pytest.fixture(params=["file", "redis"])
def make_counter(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Counter]]:
    made: list[Counter] = []

    def make() -> Counter:
        if request.param == "redis":
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("web.limits.PATIENCE", 2.0)  # a machine that tests on all processors is slow at times
                made.append(RedisCounter(request.getfixturevalue("redis_url")))
        else:
            made.append(FileCounter(tmp_path / FILE))
        return made[-1]

    yield make
    for counter in made:
        counter.close()


def limits(counter: Counter, per_conversation: int = 3, per_address: int = 1_000, secret: str = "k3y-" * 9) -> Limits:
    return Limits(counter, [secret], per_conversation=per_conversation, per_address=per_address)


def key(request: pytest.FixtureRequest) -> str:
    return request.node.name


class Stopped:
    """A clock that goes on only when it is told to."""

    now = 0.0

    def time(self) -> float:
        return self.now

    monotonic = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Stopped:
    stopped = Stopped()
    monkeypatch.setattr("web.limits.time", stopped)
    return stopped


def test_conversation_that_asks_too_much_waits(make_counter: Callable[[], Counter], request: Any) -> None:
    counted = limits(make_counter())
    waits = [counted.wait(key(request), None) for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert all(50 <= wait <= 60 for wait in waits[3:])
    assert counted.wait(key(request) + "other", None) == 0


def test_everybody_may_ask_again_after_a_minute(
    make_counter: Callable[[], Counter], request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.limits.WINDOW", 1)
    counted = limits(make_counter(), per_conversation=1)
    assert [counted.wait(key(request), None) for _ in range(2)] == [0, 1]
    time.sleep(1.1)
    assert counted.wait(key(request), None) == 0


def test_addresses_of_one_network_are_counted_together(make_counter: Callable[[], Counter], request: Any) -> None:
    counted = limits(make_counter(), per_address=2, secret=key(request))
    assert [bool(counted.wait(None, f"203.0.113.{host}")) for host in (1, 2, 3)] == [False, False, True]
    assert counted.wait(None, "203.0.114.1") == 0


def test_networks_are_24_or_56_bits() -> None:
    assert network_of("203.0.113.7") == network_of("203.0.113.250") == network_of("::ffff:203.0.113.7")
    assert network_of("203.0.113.7") != network_of("203.0.114.7")
    assert network_of("2001:db8:1:200::1") == network_of("2001:db8:1:2ff:ffff::9")
    assert network_of("2001:db8:1:200::1") != network_of("2001:db8:1:300::1")


def test_networks_of_both_kinds_are_told_apart() -> None:
    assert network_of("203.0.113.7") == f"4:{0xCB_00_71}"
    assert network_of("2001:db8:1:200::1") == f"6:{0x2001_0DB8_0001_02}"
    assert network_of("203.0.113.7%eth0") == network_of("203.0.113.7")


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1", "", "unknown", None])
def test_this_machine_is_not_counted(address: str | None) -> None:
    assert network_of(address) is None


class Told:
    """A counter that says what it is told to, of what is asked in this order."""

    def __init__(self, *hits: Hit) -> None:
        self.hits = hits

    def hit(self, keys: Sequence[bytes]) -> Mapping[bytes, Hit]:
        return dict(zip(keys, self.hits, strict=True))


@pytest.mark.parametrize(
    ("conversation", "network", "wait"),
    [
        ((3, 9.0), (5, 9.0), 0),
        ((4, 9.0), (5, 20.0), 9),
        ((3, 20.0), (6, 9.0), 9),
        ((4, 12.3), (6, 4.0), 13),
        ((4, 12.3), (6, 40.0), 40),
        ((4, 0.2), (1, 60.0), 1),
        ((4, -0.5), (1, 60.0), 1),
    ],
    ids=["as many as may", "conversation", "network", "rounded up", "the longer of both", "a moment", "just over"],
)
def test_who_asked_too_much_waits_until_counting_begins_anew(conversation: Hit, network: Hit, wait: int) -> None:
    counted = limits(Told(conversation, network), per_address=5)  # type: ignore[arg-type]
    assert counted.wait("c", VISITOR) == wait


def test_who_is_nobody_is_not_counted() -> None:
    counter = Broken()
    assert limits(counter).wait(None, "127.0.0.1") == 0  # type: ignore[arg-type]
    assert counter.asked == 0


def test_a_minute_begins_with_the_first_request_and_ends_for_all(clock: Stopped, tmp_path: Path) -> None:
    counter, found = FileCounter(tmp_path / FILE), []
    for clock.now in (0.0, 59.5, 60.0, 61.0):
        found.append(counter.hit([b"one"])[b"one"])
    assert found == [(1, 60.0), (2, 0.5), (1, 60.0), (2, 59.0)]
    counter.close()


def test_what_is_remembered_lasts_ten_minutes_from_the_first_time(clock: Stopped, tmp_path: Path) -> None:
    counter, found = FileCounter(tmp_path / FILE), []
    for clock.now, value in ((0.0, "one"), (599.0, "two"), (600.0, "three"), (1_199.0, "four")):
        found.append((counter.known(b"key"), counter.first(b"key", value)))
    assert found == [(None, "one"), ("one", "one"), (None, "three"), ("three", "three")]
    counter.close()


def test_only_what_is_over_is_swept(clock: Stopped, tmp_path: Path) -> None:
    counter = FileCounter(tmp_path / FILE)
    for clock.now, key in ((0.0, b"early"), (1.0, b"late")):
        counter.hit([key])
        counter.first(key, "value")
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        kept = []
        for clock.now in (60.0, 600.0):
            counter.sweep()
            kept.append(connection.execute("SELECT key FROM hits UNION ALL SELECT key FROM repeats").fetchall())
    assert kept == [[(b"late",), (b"early",), (b"late",)], [(b"late",)]]
    counter.close()


def test_the_file_is_opened_anew_after_a_minute_and_closed_before(clock: Stopped, tmp_path: Path) -> None:
    counter, opened = FileCounter(tmp_path / FILE), []
    for clock.now in (0.0, 59.9, 60.0, 119.0):
        counter.hit([b"one"])
        opened.append(counter._connection)
    assert opened[0] is opened[1]
    assert opened[2] is opened[3] is not opened[0]
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        opened[0].execute("SELECT 1")
    counter.close()


def test_a_connection_of_before_a_fork_is_neither_used_nor_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = FileCounter(tmp_path / FILE)
    counter.hit([b"one"])
    parents = counter._connection
    monkeypatch.setattr("os.getpid", lambda: -1)
    assert counter.hit([b"one"])[b"one"][0] == 2
    assert counter._connection is not parents
    parents.execute("SELECT 1").close()
    parents.close()
    ours = counter._connection
    assert counter.hit([b"one"])[b"one"][0] == 3
    assert counter._connection is ours
    counter.close()


def test_the_file_is_nobody_else_s_to_read_and_any_thread_s_to_count_in(tmp_path: Path) -> None:
    counter, found = FileCounter(tmp_path / FILE), []
    counter.hit([b"one"])
    thread = threading.Thread(target=lambda: found.append(counter.hit([b"one"])[b"one"][0]))
    thread.start()
    thread.join()
    assert found == [2]
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    counter.close()


@pytest.mark.parametrize(
    ("code", "is_removed"),
    [
        (sqlite3.SQLITE_CORRUPT, True),
        (sqlite3.SQLITE_CORRUPT_INDEX, True),
        (sqlite3.SQLITE_NOTADB, True),
        (sqlite3.SQLITE_FULL, False),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, False),
        (None, False),
    ],
    ids=["damaged", "damaged index", "no database", "disk full", "busy", "not from SQLite"],
)
def test_only_a_damaged_file_is_removed(tmp_path: Path, *, code: int | None, is_removed: bool) -> None:
    for name in (FILE, f"{FILE}-wal", f"{FILE}-shm", "hemvist.db"):
        (tmp_path / name).touch()
    error = sqlite3.DatabaseError("trouble")
    if code is not None:
        error.sqlite_errorcode = code
    FileCounter(tmp_path / FILE)._remove_damaged(error)
    assert len([*tmp_path.iterdir()]) == (1 if is_removed else 4)
    assert (tmp_path / "hemvist.db").exists()


def test_a_repeat_is_known_by_the_secret_of_before(clock: Stopped, tmp_path: Path) -> None:
    counter = FileCounter(tmp_path / FILE)
    clock.now = 1_000.9
    before = limits(counter, secret="o1d-" * 9).repeat("key", "body", 999.5)
    assert (before.asked, before.signed, before.is_first) == (999.5, 1_000, True)
    now = Limits(counter, ["a newer one", "one nobody used", "o1d-" * 9], per_conversation=1, per_address=1)
    again = now.repeat("key", "body", 2_000.0)
    assert (again.asked, again.signed, again.is_first, again.key) == (999.5, 1_000, False, before.key)
    with pytest.raises(OtherRequestError):
        now.repeat("key", "another body", 2_000.0)
    new = now.repeat("another key", "body", 2_000.0)
    assert (new.asked, new.is_first) == (2_000.0, True)
    assert now.repeat("another key", "body", 3_000.0) == Repeat(2_000.0, 1_000, False, new.key)
    counter.close()


def test_what_is_remembered_is_known(make_counter: Callable[[], Counter], request: Any) -> None:
    counter, name = make_counter(), key(request).encode()
    assert counter.known(name) is None
    assert counter.first(name, "a value") == "a value"
    assert counter.known(name) == "a value"
    assert counter.known(name + b"other") is None


@pytest.mark.parametrize("kind", ["file", "redis"])
def test_the_settings_choose_the_counter_and_the_limits(tmp_path: Path, kind: str, request: Any) -> None:
    given = {"HEMVIST_DATA": str(tmp_path), "HEMVIST_LIMIT_CONVERSATION": "1", "HEMVIST_LIMIT_ADDRESS": "2"}
    if kind == "redis":
        given["HEMVIST_REDIS_URL"] = request.getfixturevalue("redis_url")
    counted = open_limits(read_settings(given), [kind])
    assert [bool(counted.wait("c", None)) for _ in range(2)] == [False, True]
    assert [bool(counted.wait(None, VISITOR)) for _ in range(3)] == [False, False, True]
    assert (tmp_path / "limits.db").exists() == (kind == "file")
    counted.close()


COUNT = """
import sys
from pathlib import Path
from web.limits import FileCounter, Limits, RedisCounter
where = sys.argv[1]
counter = RedisCounter(where) if "://" in where else FileCounter(Path(where))
limits = Limits(counter, ["k3y-" * 9], per_conversation=20, per_address=1000)
sys.stdin.read(1)
print(sum(limits.wait(sys.argv[2], None) == 0 for _ in range(40)))
limits.close()
"""


def test_two_processes_count_together(request: Any, tmp_path: Path, make_counter: Callable[[], Counter]) -> None:
    is_redis = isinstance(make_counter(), RedisCounter)
    where = request.getfixturevalue("redis_url") if is_redis else str(tmp_path / FILE)
    command = [sys.executable, "-c", COUNT, where, key(request)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "cwd": ROOT, "text": True}
    asking = [subprocess.Popen(command, **pipes) for _ in range(2)]
    passed = [int(process.communicate("\n", timeout=60)[0]) for process in asking]
    assert sum(passed) == 20


def test_repeat_is_known_to_all_processes(make_counter: Callable[[], Counter], request: Any) -> None:
    one, two = limits(make_counter()), limits(make_counter())
    first = one.repeat(key(request), "body", 1_000.5)
    again = two.repeat(key(request), "body", 2_000.5)
    assert (first.is_first, again.is_first) == (True, False)
    assert (again.asked, again.signed, again.key) == (1_000.5, first.signed, first.key)
    with pytest.raises(OtherRequestError):
        two.repeat(key(request), "another body", 2_000.5)


def test_repeat_is_forgotten_after_ten_minutes(
    make_counter: Callable[[], Counter], request: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.limits.REPEATS", 1)
    counted = limits(make_counter())
    assert counted.repeat(key(request), "body", 1.0).is_first
    time.sleep(1.1)
    assert counted.repeat(key(request), "body", 1.0).is_first


def test_file_tells_nothing_of_who_asked_and_forgets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.limits.WINDOW", 0)
    monkeypatch.setattr("web.limits.REPEATS", 0)
    counted = limits(FileCounter(tmp_path / FILE))
    counted.wait("c" * 64, VISITOR)
    counted.repeat("my-own-key", "my own words", 1.0)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        kept = [*connection.execute("SELECT * FROM hits"), *connection.execute("SELECT * FROM repeats")]
        assert len(kept) == 3
        assert not any(part in str(kept) for part in (VISITOR, "203.0", "ccc", "own"))
        counted.sweep()
        assert connection.execute("SELECT count(*) FROM hits").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM repeats").fetchone() == (0,)
    counted.close()


def test_hashes_are_those_of_every_version(tmp_path: Path) -> None:
    """While a server is exchanged, the old and the new process count and repeat together."""
    counted = limits(FileCounter(tmp_path / FILE))
    days = [datetime.now(UTC).date()]
    counted.wait("a conversation", "203.0.113.7")
    days.append(datetime.now(UTC).date())
    repeat = counted.repeat("a key", "a body", 1.0)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        rows = connection.execute("SELECT key FROM hits UNION ALL SELECT key FROM repeats")
        kept = {bytes(key).hex() for (key,) in rows}
    assert repeat.key == "f25259f64e43d591a41867d7e7b525d2"
    assert {"a513267e13a96a618fe2a0db9f6209de", "81d15d26a567a313c0435ea7e8079f5f"} < kept
    assert kept & {counted._hashed("network", day.isoformat(), f"4:{0xCB_00_71}").hex() for day in days}
    counted.close()


def test_names_in_redis_are_those_of_every_version(redis_url: str) -> None:
    from redis import Redis

    counter = RedisCounter(redis_url)
    assert counter.hit([b"one", b"two"])[b"two"][1] == pytest.approx(60, abs=1)
    assert counter.hit([b"two"])[b"two"][0] == 2
    assert (counter.first(b"three", "first"), counter.first(b"three", "second")) == ("first", "first")
    with closing(Redis.from_url(redis_url)) as other:
        before = other.pttl("hemvist:hits:two")
        counts = counter.hit([b"one", b"two"])
        assert [counts[key][0] for key in (b"one", b"two")] == [2, 3]
        assert before >= counts[b"two"][1] * 1_000 >= other.pttl("hemvist:hits:two")
        assert "cmdstat_multi" not in other.info("commandstats")  # one trip, and no transaction
        names = set(other.scan_iter("hemvist:*"))
        assert 599_000 < other.pttl("hemvist:repeats:three") <= 600_000
    assert {b"hemvist:hits:one", b"hemvist:hits:two", b"hemvist:repeats:three"} <= names
    counter.close()


def test_what_is_no_database_is_removed_with_what_lies_beside_it(tmp_path: Path) -> None:
    path, counter = tmp_path / FILE, FileCounter(tmp_path / FILE)
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).write_bytes(b"this is no database" * 100)
    with pytest.raises(CounterError, match="not a database"):
        counter.hit([b"one"])
    assert [*tmp_path.iterdir()] == []
    assert counter.hit([b"one"])[b"one"][0] == 1
    counter.close()


def test_a_folder_that_is_gone_is_no_damage(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("not ours")
    counter = FileCounter(tmp_path / "gone" / FILE)
    with pytest.raises(CounterError):
        counter.hit([b"one"])
    counter._remove_damaged(OSError("no disk"))
    assert other.read_text() == "not ours"


def test_a_busy_file_is_told_as_such(tmp_path: Path) -> None:
    counter = FileCounter(tmp_path / FILE)
    counter.hit([b"one"])
    with counter._lock, pytest.raises(CounterError, match="the file is busy"):
        counter.hit([b"one"])
    counter.close()


def test_closing_what_fails_is_no_failure() -> None:
    limits(Broken()).close()  # type: ignore[arg-type]


class Broken:
    """A counter that does not count."""

    def __init__(self) -> None:
        self.asked = 0

    def __getattr__(self, name: str) -> Callable[..., Any]:
        def fail(*_arguments: object) -> None:
            self.asked += 1
            raise CounterError("broken")

        return fail


def test_counter_that_fails_stops_nobody_and_is_left_in_peace() -> None:
    counter = Broken()
    counted = limits(counter)  # type: ignore[arg-type]
    assert [counted.wait("c", VISITOR) for _ in range(50)] == [0] * 50
    assert counted.repeat("key", "body", 1.0).is_first
    assert counter.asked == 1
    assert counted.failure == "broken"


def test_a_counter_that_failed_is_asked_again_after_two_seconds(
    clock: Stopped, caplog: pytest.LogCaptureFixture
) -> None:
    counter, asked = Broken(), []
    counted = limits(counter)  # type: ignore[arg-type]
    with caplog.at_level(logging.WARNING, "hemvist.limits"):
        for clock.now in (0.0, 1.9, 2.0, 3.9, 4.0):
            counted.wait("c", None)
            asked.append(counter.asked)
        assert asked == [1, 1, 2, 2, 3]
        assert (len(caplog.messages), counted.failure) == (1, "broken")
        clock.now, counted._counter = 6.0, Told((4, 9.0))  # type: ignore[assignment]
        assert [counted.wait("c", None) for _ in range(2)] == [9, 9]
        assert (len(caplog.messages), counted.failure) == (2, None)


@pytest.mark.parametrize("trouble", ["locked", "damaged", "folder gone", "deleted"])
def test_file_in_trouble_stops_nobody(tmp_path: Path, trouble: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.limits.PAUSE", 0.2)
    monkeypatch.setattr("web.limits.RENEWED", 0.2)
    path = tmp_path / "data" / FILE
    path.parent.mkdir()
    counted = limits(FileCounter(path), per_conversation=1)
    assert counted.wait("c", None) == 0
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        if trouble == "locked":
            other.execute("BEGIN EXCLUSIVE")
        elif trouble == "damaged":
            path.write_bytes(b"this is no database" * 100)
        elif trouble == "folder gone":
            path.parent.rename(tmp_path / "elsewhere")
        else:
            path.unlink()
        time.sleep(0.3)
        began = time.monotonic()
        for number in range(20):
            assert counted.wait(f"new {number}", None) == 0
        assert time.monotonic() - began < 1
    if trouble == "folder gone":
        (tmp_path / "elsewhere").rename(path.parent)
    time.sleep(0.5)
    assert [counted.wait("d", None) > 0 for _ in range(3)] == [False, True, True]
    assert counted.failure is None
    counted.close()


@pytest.mark.parametrize("is_there", [False, True], ids=["gone", "hanging"])
def test_redis_that_is_gone_stops_nobody(*, is_there: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) if is_there else nullcontext() as silent:
        port = silent.getsockname()[1] if silent else servers.free_port()
        counted = limits(RedisCounter(f"redis://127.0.0.1:{port}/0"))
        began = time.monotonic()
        assert [counted.wait("c", VISITOR) for _ in range(20)] == [0] * 20
        assert time.monotonic() - began < 1
        assert counted.failure
        counted.close()


# over HTTP


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(HEMVIST_TRUSTED_PROXIES="1", HEMVIST_LIMIT_CONVERSATION="5", HEMVIST_LIMIT_ADDRESS="20")


def ask(app: Flask, address: str = VISITOR, headers: dict[str, str] | None = None, **members: object) -> Any:
    sent = {"X-Forwarded-For": address, **(headers or {})}
    return app.test_client().post("/api/v1/chat", json={**QUESTION, **members}, headers=sent)


def test_43_too_many_questions_are_refused_with_when_to_return_and_112(app: Flask) -> None:
    context = ask(app).json["context"]
    answers = [ask(app, f"198.51.{number}.1", context=context, language="sv") for number in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    problem = answers[-1]
    assert problem.content_type == "application/problem+json"
    assert 0 < int(problem.headers["Retry-After"]) <= 60
    assert problem.json["code"] == "too_many_questions"
    assert "112" in problem.json["detail"]


def test_another_spelling_of_a_context_is_no_other_conversation(app: Flask) -> None:
    """Each answer brings a new token of the same conversation; what is no token of ours counts for its address."""
    context, found = None, []
    for number in range(8):
        answer = ask(app, f"198.51.{number}.1", context=context)
        found.append(answer.status_code)
        context = answer.json.get("context", context)
    assert found == [200] * 6 + [429] * 2
    forged = [ask(app, context=f"{context}{number}").status_code for number in range(22)]
    assert forged == [200] * 20 + [429] * 2


def test_danger_is_answered_however_often(app: Flask) -> None:
    statuses = [ask(app).status_code for _ in range(22)]
    assert statuses[-1] == 429
    answer = ask(app, question="jag vill dö")
    assert (answer.status_code, answer.json["kind"]) == (200, "safety")


def test_page_without_javascript_says_it_and_keeps_the_words(app: Flask) -> None:
    client, sent = app.test_client(), {"X-Forwarded-For": VISITOR}
    pages = [client.post("/norrby/sv/", data={"question": "tomter i skogen"}, headers=sent) for _ in range(21)]
    assert [pages[0].status_code, pages[-1].status_code] == [200, 429]
    assert int(pages[-1].headers["Retry-After"]) > 0
    assert "tomter i skogen" in pages[-1].text
    assert "112" in pages[-1].text


@pytest.mark.slow
def test_two_hundred_visitors_behind_one_address_are_not_refused(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_TRUSTED_PROXIES="1")
    counted = app.extensions[EXTENSION].limits
    assert [counted.wait(f"{visitor:064}", VISITOR) for visitor in range(200) for _ in range(5)] == [0] * 1_000
    assert counted.wait("1" * 64, VISITOR) == 0


def test_44_repeated_question_gets_the_same_reply_and_is_noted_once(app: Flask) -> None:
    journal, noted = app.extensions[EXTENSION].journal, []
    journal.note = noted.append
    sent = {"Idempotency-Key": "5c1f0c0e-0d0f-4f8e-9d57-0f2b4a4e8a11"}
    first, again = ask(app, headers=sent), ask(app, headers=sent)
    assert first.status_code == again.status_code == 200
    assert first.data == again.data
    assert len(noted) == 1
    follow = ask(app, headers={"Idempotency-Key": "another"}, context=first.json["context"])
    assert (follow.json["context_ignored"], len(noted)) == (False, 2)


def test_repeated_question_has_a_conversation_that_nobody_can_guess(app: Flask) -> None:
    contexts = {ask(app, headers={"Idempotency-Key": str(number)}).json["context"].split(".")[3] for number in range(3)}
    assert len(contexts) == 3
    assert all(len(key) == 32 for key in contexts)


def test_key_of_another_request_is_refused(app: Flask) -> None:
    sent = {"Idempotency-Key": "one"}
    assert ask(app, headers=sent).status_code == 200
    answer = ask(app, headers=sent, question="bygglov")
    assert (answer.status_code, answer.json["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize("given", ["", "å", "a b", "x" * 129], ids=["empty", "not ASCII", "space", "long"])
def test_key_that_is_none_is_refused(app: Flask, given: str) -> None:
    answer = ask(app, headers={"Idempotency-Key": given})
    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_invalid")


def test_counter_that_fails_is_told_and_answers_nobody_less(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_TRUSTED_PROXIES="1", HEMVIST_REDIS_URL=f"redis://127.0.0.1:{servers.free_port()}/0")
    assert [ask(app).status_code for _ in range(3)] == [200] * 3
    ready = app.test_client().get("/readyz").json
    assert ready["status"] == "degraded"
    assert any(problem.startswith("limits: ") for problem in ready["problems"])
