"""What /metrics, the dashboard and the alert rules tell: true sums over all workers, and nothing of any visitor."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from web import seeing
from web.errors import refuse_unread
from web.metrics import METRICS, PREFIX
from web.services import EXTENSION, get_services

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "web" / "deploy"
TOKEN = "only-for-tests-t0k3n"  # noqa: S105 - of tests
LET_IN = {"Authorization": f"Bearer {TOKEN}"}
ASKED = {"question": "Vilka tomter är lediga i Norrby?", "municipality": "norrby"}
NUMBER, MAIL, MARK = "811228-9874", "anna.svensson@example.com", "zqxjmarkzqxj"
WORDS = f"{NUMBER} {MAIL} {MARK}"
SAMPLE = re.compile(r'(\w+)(?:\{((?:\w+="[^"]*",?)+)\})? (-?[0-9.]+)')
RULES = [
    rule for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"] for rule in group["rules"]
]
DASHBOARD = json.loads((DEPLOY / "dashboard.json").read_text("utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]


def read(text: str) -> dict[str, dict[tuple[str, ...], float]]:
    """Read what Prometheus would; every line must be one that it understands."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for line in text.splitlines():
        if not line.startswith("# "):
            match = SAMPLE.fullmatch(line)
            assert match, line
            labels = tuple(re.findall(r'="([^"]*)"', match[2] or ""))
            assert labels not in found.setdefault(match[1], {}), line
            found[match[1]][labels] = float(match[3])
    return found


@pytest.fixture(scope="module")
def counting(make_app: Callable[..., Flask]) -> Flask:
    return make_app(HEMVIST_METRICS_TOKEN=TOKEN)


def metrics(app: Flask) -> dict[str, dict[tuple[str, ...], float]]:
    response = app.test_client().get("/metrics", headers=LET_IN)
    assert response.status_code == 200
    return read(response.text)


def test_without_a_token_there_is_no_such_page(app: Flask) -> None:
    response = app.test_client().get("/metrics", headers=LET_IN)
    assert (response.status_code, response.content_type) == (404, "application/problem+json")


@pytest.mark.parametrize("sent", ["", "Bearer", f"Bearer {TOKEN}x", f"bearer{TOKEN}", TOKEN, "Bearer å"])
def test_another_token_lets_nobody_in(counting: Flask, sent: str) -> None:
    response = counting.test_client().get("/metrics", headers={"Authorization": sent} if sent else {})
    assert (response.status_code, response.json["code"]) == (401, "token_wrong")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_page_is_kept_nowhere_and_stands_in_no_document(counting: Flask) -> None:
    client = counting.test_client()
    response = client.get("/metrics", headers=LET_IN)
    assert response.headers["Cache-Control"] == "no-store"
    assert response.content_type.startswith("text/plain; version=0.0.4")
    assert "/metrics" not in client.get("/openapi.json").text


def test_answers_and_opinions_are_counted_once_by_what_is_known_of_them(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_METRICS_TOKEN=TOKEN)
    client = app.test_client()
    first = client.post("/api/v1/chat", json=ASKED)
    client.post("/api/v1/chat?again=1", json=ASKED)
    for _ in range(2):
        client.post("/api/v1/chat", json=ASKED, headers={"Idempotency-Key": "twice"})
    client.post("/api/v1/chat", json={**ASKED, "question": "jag vill dö"})
    client.post("/api/v1/chat", json={**ASKED, "municipality": "nowhere"})
    said = {"context": first.json["context"], "entry": first.json["entry"], "helpful": True}
    client.post("/api/v1/feedback", json=said)
    found = metrics(app)
    assert found["hemvist_answers_total"] == {
        (first.json["kind"], "sv", "norrby"): 2,
        ("safety", "sv", "norrby"): 1,
    }
    assert found["hemvist_opinions_total"] == {("yes", "norrby"): 1}
    assert found["hemvist_http_responses_total"]["chat", "2xx"] == 5
    assert found["hemvist_http_responses_total"]["chat", "4xx"] == 1
    assert found["hemvist_http_request_duration_seconds_count"]["chat",] == 6
    assert found["hemvist_http_request_duration_seconds_bucket"]["chat", "+Inf"] == 6


def test_who_asks_too_much_is_counted(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_METRICS_TOKEN=TOKEN, HEMVIST_LIMIT_CONVERSATION="1")
    client = app.test_client()
    context = client.post("/api/v1/chat", json=ASKED).json["context"]
    answers = [client.post("/api/v1/chat", json={**ASKED, "context": context}).status_code for _ in range(3)]
    assert metrics(app)["hemvist_refused_total"]["chat",] == answers.count(429) > 0


def test_what_the_server_itself_refuses_is_counted_as_of_no_part_and_of_no_time(make_app: Callable[..., Flask]) -> None:
    app = make_app(HEMVIST_METRICS_TOKEN=TOKEN)
    for status in (400, 414, 500):
        refuse_unread(app, status)
    found = metrics(app)
    assert found["hemvist_http_responses_total"][seeing.NOWHERE, "4xx"] == 2
    assert found["hemvist_http_responses_total"][seeing.NOWHERE, "5xx"] == 1
    assert found["hemvist_http_responses_total"]["page", "4xx"] == 0
    assert found["hemvist_http_request_duration_seconds_sum"][seeing.NOWHERE,] == 0


def test_every_endpoint_belongs_to_a_part_of_the_service(app: Flask) -> None:
    areas = {rule.endpoint: seeing.area_of(rule.endpoint) for rule in app.url_map.iter_rules()}
    assert [endpoint for endpoint, area in areas.items() if area == seeing.NOWHERE] == []


def test_labels_of_what_was_never_heard_of_do_not_come_to_be(counting: Flask) -> None:
    client = counting.test_client()
    before = {name: set(found) for name, found in metrics(counting).items()}
    for number in range(30):
        client.get(f"/{MARK}{number}/sv/")
        client.open("/norrby/sv/", method=f"{MARK.upper()}{number}")
        client.get(f"/norrby/{MARK}/x?municipality={MARK}{number}")
    after = {name: set(found) for name, found in metrics(counting).items()}
    new = {
        name: found - before.get(name, set())
        for name, found in after.items()
        if not name.endswith(("_bucket", "_sum", "_count"))
    }
    assert [labels for found in new.values() for labels in found] == []


# the rules and the dashboard against the page


def names_in(expression: str) -> set[str]:
    return {re.sub(r"_(bucket|sum|count)$", "", name) for name in re.findall(r"\bhemvist_\w+", expression)}


@pytest.mark.parametrize("expression", [*(rule["expr"] for rule in RULES), *QUERIES])
def test_what_is_watched_is_told(expression: str) -> None:
    assert names_in(expression) <= {f"{PREFIX}{metric.name}" for metric in METRICS}
    labels = set(re.findall(r"(\w+)=~?\"|(\w+)!~", expression))
    known = {label for metric in METRICS for label in metric.labels} | {"job", "instance", "le"}
    assert {one or other for one, other in labels} <= known


def test_every_metric_is_told_by_a_running_application(counting: Flask) -> None:
    text = counting.test_client().get("/metrics", headers=LET_IN).text
    assert [metric.name for metric in METRICS if f"# TYPE {PREFIX}{metric.name} {metric.kind}\n" not in text] == []


def test_everything_told_is_watched() -> None:
    watched = {name for text in [*(rule["expr"] for rule in RULES), *QUERIES] for name in names_in(text)}
    assert {f"{PREFIX}{metric.name}" for metric in METRICS} == watched


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule["alert"])
def test_every_rule_says_what_is_wrong_and_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in ("critical", "warning", "info")
    assert len(rule["annotations"]["summary"]) > 20
    assert "Do: " in rule["annotations"]["description"] or rule["alert"] == "HemvistNotesDropped"


def test_every_panel_says_what_it_shows() -> None:
    assert [panel["title"] for panel in DASHBOARD["panels"] if len(panel["description"]) < 15] == []
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)


# /readyz


def test_readyz_is_down_only_where_nothing_can_be_answered(make_app: Callable[..., Flask]) -> None:
    app = make_app()
    client = app.test_client()
    assert (client.get("/readyz").status_code, client.get("/readyz").json["status"]) == (200, "ok")
    with app.app_context():
        get_services().limits.look = lambda: "Redis: ConnectionError"  # type: ignore[method-assign]
    assert (client.get("/readyz").status_code, client.get("/readyz").json["status"]) == (200, "degraded")
    app.extensions[EXTENSION].board.drain()
    stopped = client.get("/readyz")
    assert (stopped.status_code, stopped.json["status"]) == (503, "down")
    assert stopped.json["problems"][0] == "server: it is being stopped"
    assert stopped.headers["Retry-After"] == "5"
    assert client.post("/api/v1/chat", json=ASKED).status_code == 200


# a real server of two workers


class Server:
    """`hemvist serve`, with what it says in a file."""

    def __init__(self, folder: Path, **settings: str) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HEMVIST_")}
        own = {"HEMVIST_KNOWLEDGE": str(folder / "knowledge"), "HEMVIST_DATA": str(folder / "data")}
        given = {**clean, "PYTHONPATH": str(ROOT), **own, "HEMVIST_METRICS_TOKEN": TOKEN, **settings}
        command = [sys.executable, "-m", "web", "serve", "--port", "0"]
        self.data, self.said = folder / "data", folder / "said"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                command, cwd=folder, env=given, stdout=subprocess.PIPE, stderr=said, text=True
            )
        assert self.process.stdout
        self.port = int(self.process.stdout.readline().split()[3].rpartition(":")[2])

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        sent = {"Content-Type": "application/json", **{name.replace("_", "-"): text for name, text in headers.items()}}
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, sent)
            response = connection.getresponse()
            return response.status, response.read().decode()
        finally:
            connection.close()

    def metrics(self) -> dict[str, dict[tuple[str, ...], float]]:
        return read(self.ask("GET", "/metrics", **LET_IN)[1])

    def workers(self) -> list[int]:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [int(child) for child in children if b"web.ticking" not in Path(f"/proc/{child}/cmdline").read_bytes()]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()


@pytest.fixture
def serve(knowledge_folder: Path) -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def begin(**settings: str) -> Server:
        servers.append(Server(knowledge_folder.parent, **settings))
        return servers[-1]

    yield begin
    for server in servers:
        server.stop()


def until(condition: Callable[[], object], seconds: float = 20) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.05)


def everywhere(server: Server) -> None:
    """Send what must not be written anywhere in every place that a request has."""
    quoted = WORDS.replace(" ", "%20")
    headers = {
        "User_Agent": WORDS,
        "Referer": f"http://x/?{quoted}",
        "X_Request_ID": WORDS,
        "Cookie": f"session={MARK}",
    }
    server.ask("POST", "/api/v1/chat", {**ASKED, "question": f"finns tomt till {WORDS}", "language": MARK}, **headers)
    server.ask("POST", "/api/v1/chat", {**ASKED, "context": WORDS}, **headers, Idempotency_Key=MARK)
    server.ask("POST", "/api/v1/feedback", {"context": WORDS, "reason": WORDS, WORDS: 1}, **headers)
    server.ask("GET", f"/norrby/sv/search?q={quoted}", **headers)
    server.ask("GET", f"/{quoted}/sv/", **headers)
    server.ask("GET", f"/staff/norrby/gaps?q={quoted}&token={MARK}", **headers, Accept_Language=MARK)
    server.ask("POST", f"/staff/sign-in?next={quoted}", {"email": MAIL, "password": WORDS}, **headers)
    for line in (f"GET /{quoted} HTXP/1.1", f"{MARK} / HTTP/1.1", f"GET /{quoted} HTTP/1.1\r\n{WORDS}: 1"):
        with suppress(OSError), socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:
            raw.sendall(f"{line}\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            raw.recv(1_000)


@pytest.mark.slow
def test_sums_are_exact_over_workers_that_are_killed_and_nothing_of_a_visitor_is_written(
    serve: Callable[..., Server],
) -> None:
    server = serve(HEMVIST_DRAIN_SECONDS="2")
    until(lambda: server.metrics()["hemvist_workers"][()] == 2)
    given: Counter[int] = Counter(server.ask("POST", "/api/v1/chat", ASKED)[0] for _ in range(40))
    until(lambda: len(server.workers()) == 2)
    first = server.workers()[0]
    os.kill(first, signal.SIGKILL)
    until(lambda: first not in server.workers() and len(server.workers()) == 2)
    with suppress(OSError):
        given.update(server.ask("POST", "/api/v1/chat", ASKED)[0] for _ in range(40))
    assert server.metrics()["hemvist_answers_total"] == {("answer", "sv", "norrby"): given[200]}
    assert sum(server.metrics()["hemvist_http_request_duration_seconds_count"][one,] for one in ("chat",)) == given[200]
    until(lambda: server.metrics()["hemvist_workers"][()] == 2)
    unread = server.metrics()["hemvist_http_responses_total"][seeing.NOWHERE, "4xx"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as raw:  # gunicorn refuses what is no HTTP
        raw.sendall(b"GET /healthz HTTP/1.1\nHost: x\n\n")
        assert raw.recv(1_000).startswith(b"HTTP/1.1 400 ")
    assert server.metrics()["hemvist_http_responses_total"][seeing.NOWHERE, "4xx"] == unread + 1
    everywhere(server)
    told = server.ask("GET", "/metrics", **LET_IN)[1] + server.ask("GET", "/readyz")[1]
    server.process.terminate()
    until(lambda: server.ask("GET", "/readyz")[0] == 503, 2)
    assert json.loads(server.ask("GET", "/readyz")[1])["status"] == "down"
    assert server.process.wait(20) == 0
    lines = [json.loads(line) for line in server.said.read_text("utf-8").splitlines()]
    answered = [line for line in lines if line.get("route") == "/api/v1/chat" and line["status"] == 200]
    assert len(answered) >= given[200]
    assert {"time", "level", "logger", "message"} <= set.intersection(*(set(line) for line in lines))
    kept = "".join(path.read_bytes().decode("latin-1") for path in server.data.rglob("*") if path.is_file())
    for words in (NUMBER, NUMBER.replace("-", ""), MAIL, MARK, "svensson"):
        assert words not in told
        assert words not in server.said.read_text("utf-8")
    assert NUMBER not in kept
    assert MAIL not in kept
