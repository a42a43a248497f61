"""The files that operators start from: true of the program, and good for nginx and Hemvist together."""

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from behind_nginx import Site
from servers import DEPLOY
from test_serving import QUESTION

from web.handover.reading import MAX_BYTES as LONGEST_MESSAGE
from web.json_body import MAX_BYTES
from web.settings import ROWS
from web.staff.routes import SHEET

ROOT = Path(__file__).parent.parent
NAMES = {row.name for row in ROWS}
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted(DEPLOY.iterdir())]
UNITS = {"B": 1, "k": 1 << 10, "m": 1 << 20}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_a_file_names_is_one(path: Path) -> None:
    named = set(re.findall(r"\bHEMVIST_[A-Z_]+", path.read_text("utf-8"))) - {"HEMVIST_NAME"}
    assert named <= NAMES


def test_the_container_copies_what_is_there_and_runs_without_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text("utf-8").replace("\\\n", "").splitlines()
    copied = [line.split()[1:-1] for line in lines if line.startswith("COPY ") and "--from" not in line]
    assert copied
    assert all((ROOT / name).exists() for names in copied for name in names)
    ignored = (ROOT / ".dockerignore").read_text("utf-8").split()
    assert not {name for names in copied for name in names} & set(ignored)
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001"]
    install = next(line for line in lines if "pip install" in line and "requirements.lock" in line)
    assert "--require-hashes" in install
    locked = (ROOT / "requirements-test.lock").read_text("utf-8")
    assert all(f"\n{name}==" in locked for name in ("psycopg", "psycopg-binary", "redis"))


def test_the_composition_has_two_servers_that_share_what_they_must() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    services = composed["services"]
    first, second = services["app1"], services["app2"]
    assert first["environment"] == second["environment"]
    assert {"HEMVIST_DATABASE_URL", "HEMVIST_REDIS_URL", "HEMVIST_SECRET_KEY", "HEMVIST_MESSAGE_KEY"} <= set(
        first["environment"]
    )
    assert set(first["volumes"]) & set(second["volumes"]) == {"./knowledge:/knowledge:ro"}
    assert first["read_only"] is True
    assert first["cap_drop"] == ["ALL"]
    for service in services.values():
        for wanted in service.get("depends_on", {}):
            assert wanted in services
            assert "healthcheck" in services[wanted] or "build" in services[wanted]
        for volume in service.get("volumes", ()):
            name = volume.split(":")[0]
            assert name in composed["volumes"] or (ROOT / name).exists() or name == "./certificates"
    text = (ROOT / "compose.yaml").read_text("utf-8")
    assert {"HEMVIST_NAME", "HEMVIST_SECRET_KEY", "HEMVIST_MESSAGE_KEY", "POSTGRES_PASSWORD"} == set(
        re.findall(r"\$\{(\w+):\?", text)
    ), "the start is refused without them"


def test_the_composition_writes_its_names_into_the_shipped_file(tmp_path: Path) -> None:
    """The very command of compose.yaml, with the paths of this machine."""
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))
    script = composed["services"]["nginx"]["command"][2].replace("$$", "$")
    script = script.replace("/etc/hemvist/nginx.conf", str(DEPLOY / "nginx.conf"))
    script = script.replace("/etc/nginx/conf.d/hemvist.conf", str(tmp_path / "written.conf")).split("exec nginx")[0]
    subprocess.run(["sh", "-ec", script], env={"HEMVIST_NAME": "chat.norrby.example"}, check=True)
    written = (tmp_path / "written.conf").read_text("utf-8")
    directives = "\n".join(line for line in written.splitlines() if not line.lstrip().startswith("#"))
    assert "server app1:8000 max_fails=0; server app2:8000 max_fails=0;" in directives
    assert directives.count("chat.norrby.example") == 3
    assert "example.se" not in directives


def test_the_units_belong_together() -> None:
    service, socket = ((DEPLOY / f"hemvist.{kind}").read_text("utf-8") for kind in ("service", "socket"))
    assert "hemvist.socket" in service
    assert f"ListenStream=127.0.0.1:{next(row.default for row in ROWS if row.name == 'HEMVIST_PORT')}" in socket
    grace = int(re.search(r"TimeoutStopSec=(\d+)", service)[1])
    from web.serving import LIMITS

    assert grace > LIMITS["graceful_timeout"]


def test_nginx_lets_in_what_hemvist_takes() -> None:
    text = (DEPLOY / "nginx.conf").read_text("utf-8")
    sizes = [int(number) * UNITS[unit] for number, unit in re.findall(r"client_max_body_size (\d+)([km]);", text)]
    assert sizes == [MAX_BYTES, LONGEST_MESSAGE, LONGEST_MESSAGE, 6 << 20]
    assert sizes[-1] >= SHEET


# nginx and two servers


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Two servers behind the shipped file."""
    if not (shutil.which("nginx") or Path("/usr/sbin/nginx").exists()):
        pytest.skip("nginx is not installed")
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.stop()


@pytest.mark.slow
def test_nginx_finds_nothing_wrong_with_the_file(site: Site) -> None:
    assert site.nginx.check() == ""


@pytest.mark.slow
def test_visitors_reach_hemvist_and_watchers_of_the_machine_do_not(site: Site) -> None:
    status, headers, body = site.ask("POST", "/api/v1/chat", QUESTION)
    assert (status, json.loads(body)["entry"]) == (200, "plots")
    assert headers["Strict-Transport-Security"], "Hemvist knows that it is asked over https"
    status, headers, body = site.ask("GET", "/norrby/sv/plots", **{"Accept-Encoding": "gzip"})
    assert (status, headers["Content-Encoding"]) == (200, "gzip")
    assert site.ask("GET", "/metrics")[0] == 404
    assert site.ask("GET", "/staff/sign-in")[0] == 200
    assert site.ask("GET", "/", Host="evil.example")[0] == 421


@pytest.mark.slow
def test_the_script_for_other_sites_is_there_while_hemvist_is_away(tmp_path: Path) -> None:
    site = Site(tmp_path, servers=1)
    try:
        packed = {"Accept-Encoding": "gzip"}
        status, headers, script = site.ask("GET", "/embed.js", **packed)
        assert (status, headers["Content-Encoding"]) == (200, "gzip")
        site.end(0)
        status, headers, page = site.ask("GET", "/norrby/sv/")
        assert (status, headers["Retry-After"]) == (503, "10")
        assert b'<a href="tel:112">' in page
        assert b"</style>" in page
        status, headers, again = site.ask("GET", "/embed.js", **packed)
        assert (status, again) == (200, script)
        assert "X-Request-ID" not in headers
        assert site.ask("GET", "/embed.js", **packed, **{"If-None-Match": headers["ETag"]})[0] == 304
        assert site.ask("GET", "/embed.js")[0] == 503, "who takes it unpacked never got it"
    finally:
        site.stop()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/api/v1/chat", MAX_BYTES + 1, 413),
        ("/api/v1/messages", MAX_BYTES + 1, 422),
        ("/api/v1/messages", LONGEST_MESSAGE + 1, 413),
    ],
)
def test_a_large_body_is_refused_in_our_shape(site: Site, path: str, size: int, status: int) -> None:
    body = b'{"message": "' + b"a" * (size - 15) + b'"}'
    found, headers, answer = site.ask("POST", path, body)
    assert found == status
    assert headers["Content-Type"] == "application/problem+json"
    assert json.loads(answer)["status"] == status


@pytest.mark.slow
def test_the_log_has_neither_address_nor_question(site: Site) -> None:
    site.ask("GET", "/norrby/sv/search?q=811228-9874")
    time.sleep(0.2)
    log = (site.folder / "access.log").read_text("utf-8")
    assert "/norrby/sv/search 200" in log
    assert "811228" not in log
    assert "127.0.0.1 " not in log.replace("127.0.0.1:", "")


@pytest.mark.slow
def test_f20_64_slow_clients_hold_nobody_up(site: Site) -> None:
    """Four times as many as the threads of a server; tests/load/restart.py measures it with 400."""
    begins = {
        "in its headers": b"X-Slow: ",
        "in its body": b"Content-Type: application/json\r\nContent-Length: 4000\r\n\r\n{",
    }
    slow = [site.nginx.connect(f"127.0.1.{number % 8 + 1}").sock for number in range(64)]
    for number, client in enumerate(slow):
        head = f"POST /api/v1/chat HTTP/1.1\r\nHost: {site.nginx.SITE}:{site.nginx.port}\r\n".encode()
        client.sendall(head + [*begins.values()][number % 2])
    time.sleep(0.3)
    began = time.monotonic()
    assert {site.ask("POST", "/api/v1/chat", QUESTION)[0] for _ in range(20)} == {200}
    assert time.monotonic() - began < 8  # those who are slow are cut off after ten seconds: nobody waited for that
    for client in slow:
        client.close()


@pytest.mark.slow
def test_servers_are_restarted_one_after_the_other_and_no_request_is_lost(site: Site) -> None:
    """tests/load/restart.py does so for longer."""
    ended, answers = threading.Event(), []

    def visit() -> None:
        while not ended.is_set():
            answers.append(site.ask("POST", "/api/v1/chat", QUESTION)[0])
            time.sleep(0.05)

    visitors = [threading.Thread(target=visit) for _ in range(3)]
    for visitor in visitors:
        visitor.start()
    for number in (0, 1):
        site.end(number)
        before = len(answers)
        site.servers[number] = site.begin(number)
        assert len(answers) > before, "the other one answers meanwhile"
    ended.set()
    for visitor in visitors:
        visitor.join()
    assert set(answers) == {200}


@pytest.mark.slow
def test_when_nobody_is_there_both_languages_say_so_and_whom_to_call(site: Site) -> None:
    for number in (0, 1):
        site.end(number)
    status, headers, body = site.ask("GET", "/norrby/sv/")
    assert (status, headers["Retry-After"]) == (503, "10")
    assert all(word in body.decode() for word in ("Försök igen", "Try again", "tel:112"))
    status, headers, body = site.ask("POST", "/api/v1/chat", QUESTION)
    assert (status, headers["Content-Type"]) == (503, "application/problem+json")
    assert "112" in json.loads(body)["detail"]
