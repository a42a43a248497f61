"""What a process says: one line for each thing, nobody's words in it, and never in the way of an answer."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from web import logs
from web.logs import LONGEST, Lines, begin, fault

ROOT = Path(__file__).parent.parent
WORDS = "mitt nummer är 811228-9874"


@pytest.fixture
def logged(capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Callable[[], list[str]]]]:
    """Begin to log as a server does; what it returns reads the lines that were written since."""
    root = logging.getLogger()
    saved = root.level, sys.unraisablehook, logs.threading.excepthook, logging.getLogger("hemvist").level

    def start(form: Any = "json", **options: Any) -> Callable[[], list[str]]:
        root.handlers[:] = []  # pytest has its own
        begin(form, **options)
        return lambda: capfd.readouterr().err.splitlines()

    yield start
    root.handlers[:] = [one for one in root.handlers if not isinstance(one, Lines)]
    logging.captureWarnings(capture=False)
    level, sys.unraisablehook, logs.threading.excepthook, own = saved
    root.setLevel(level)
    logging.getLogger("hemvist").setLevel(own)


def fail() -> None:
    local = WORDS
    raise ValueError(local)


def test_json_is_one_object_a_line(logged: Callable[..., Callable[[], list[str]]]) -> None:
    lines = logged(request_id=lambda: "abc")
    logging.getLogger("hemvist.x").warning("first\nsecond\r\u2028third %s", "å")
    (line,) = lines()
    found = json.loads(line)
    assert line.isascii()
    assert found.pop("time").endswith("Z")
    message = "first\nsecond\r\u2028third å"
    assert found == {"level": "warning", "logger": "hemvist.x", "message": message, "request_id": "abc"}


def test_text_lets_nothing_pose_as_a_line(logged: Callable[..., Callable[[], list[str]]]) -> None:
    lines = logged("text")
    logging.getLogger("hemvist.x").warning("first\n2026-01-01 INFO hemvist: forged\r\x1b[31m")
    first, second = lines()
    assert first.endswith("WARNING hemvist.x: first")
    assert second == r"    2026-01-01 INFO hemvist: forged\r\x1b[31m"


@pytest.mark.parametrize("form", ["json", "text"])
def test_words_of_an_exception_are_never_written(logged: Callable[..., Any], form: str) -> None:
    lines = logged(form)
    log = logging.getLogger("hemvist.x")
    try:
        fail()
    except ValueError as error:
        log.exception("it failed")
        log.error("it failed", extra=fault(error))  # noqa: TRY400 - the other way to say so
    logs.threading.excepthook(type("Failed", (), {"exc_value": ValueError(WORDS)}))  # type: ignore[call-arg]
    told = "\n".join(lines())
    assert told.count("ValueError") == 6
    assert told.count("in fail") == 2
    assert "811228" not in told


def test_other_lines_are_redacted(logged: Callable[..., Callable[[], list[str]]]) -> None:
    lines = logged(redact=lambda text: text.replace("811228-9874", "***"))
    logging.getLogger("some.library").warning("refused: %s", WORDS)
    assert json.loads(lines()[0])["message"] == "refused: mitt nummer är ***"


def test_libraries_say_no_urls(logged: Callable[..., Callable[[], list[str]]]) -> None:
    lines = logged()
    logging.getLogger("httpx").info("GET https://example.se/?code=secret")
    assert lines() == []


@pytest.mark.parametrize("form", ["json", "text"])
def test_long_line_is_cut_and_stays_whole(logged: Callable[..., Callable[[], list[str]]], form: str) -> None:
    lines = logged(form)
    logging.getLogger("hemvist.x").warning("å" * 9_000, extra={"fields": {"places": "p" * 9_000}})
    written = lines()
    assert sum(len(line.encode()) + 1 for line in written) <= LONGEST
    if form == "json":
        assert json.loads(written[0])["message"].startswith("å" * 300)


def test_who_has_decided_how_to_log_is_left_alone() -> None:
    before = logging.getLogger().handlers[:]
    begin("json")
    assert logging.getLogger().handlers == before


def test_pipe_that_nobody_reads_costs_lines_and_not_answers() -> None:
    reader, writer = os.pipe()
    lines = Lines(writer)
    record = logging.LogRecord("hemvist.x", logging.INFO, "", 0, "m" * 1_000, None, None)
    for _ in range(200):
        lines.emit(record)  # 200 kB into 64: without the poll this never returns
    assert 0 < lines.lost < 200
    assert os.read(reader, 1_000_000).count(b"\n") == 200 - lines.lost
    os.close(reader)
    os.close(writer)


def test_a_real_process_says_json_where_no_terminal_is(tmp_path: Path) -> None:
    program = "import logging; from web.logs import begin; begin(None); logging.getLogger('hemvist').info('hej')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    found = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert json.loads(found.stderr)["message"] == "hej"


def records(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [one.fields for one in caplog.records if one.name == logs.ACCESS]  # type: ignore[attr-defined]


def test_line_of_a_request_names_its_route_and_not_its_address(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    client = app.test_client()
    with caplog.at_level(logging.INFO, logs.ACCESS):
        given = client.post(
            "/api/v1/chat", json={"question": "Vilka tomter är lediga i Norrby?", "municipality": "norrby"}
        )
        client.get("/norrby/sv/plots?q=hemligt")
        client.get("/8112289874/sv/plots")
        client.open("/norrby/sv/", method="ANNA")
        client.get("/healthz")
    found = records(caplog)
    assert [(one["method"], one["route"], one["status"]) for one in found] == [
        ("POST", "/api/v1/chat", 200),
        ("GET", "/<municipality>/<language:language>/<entry>", 200),
        ("GET", "/<municipality>/<language:language>/<entry>", 404),
        ("OTHER", "none", 405),
    ]
    assert {name: found[0][name] for name in ("municipality", "language", "kind", "request_id")} == {
        "municipality": "norrby",
        "language": "sv",
        "kind": given.json["kind"],
        "request_id": given.headers["X-Request-ID"],
    }
    assert found[0]["bytes"] == len(given.data)
    assert found[1]["municipality"] == "norrby"
    assert "municipality" not in found[2]


@pytest.mark.parametrize(
    ("proxies", "sent", "is_taken"),
    [
        ("1", "0123456789abcdef0123456789abcdef", True),
        ("1", "01234567-89ab-cdef-0123-456789abcdef", True),
        ("1", "811228-9874", False),
        ("1", "8112289874" * 4, False),
        ("1", "abc\u00e5" * 4, False),
        ("1", "0123456789ABCDEF", False),
        ("0", "0123456789abcdef0123456789abcdef", False),
    ],
    ids=["nginx", "uuid", "personnummer", "long", "not ascii", "upper case", "no proxy"],
)
def test_id_of_a_request_is_believed_from_a_proxy(
    make_app: Callable[..., Flask], proxies: str, sent: str, is_taken: bool
) -> None:
    client = make_app(HEMVIST_TRUSTED_PROXIES=proxies).test_client()
    response = client.get("/api/v1/titles?municipality=nowhere", headers={"X-Request-ID": sent})
    assert (response.headers["X-Request-ID"] == sent) is is_taken
    assert response.json["request_id"] == response.headers["X-Request-ID"]
