"""`/metrics`: how the service does, in the text that Prometheus reads, of all processes of this server together.

Labels have few values, all known beforehand: what somebody sends never becomes one.
"""

import hmac
import platform
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from itertools import accumulate
from typing import Final, Literal

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from web import seeing, vitals
from web.board import Seen, Series
from web.errors import RequestError, answer
from web.feed_files import failures
from web.services import Services, get_services
from web.vitals import Vital

metrics: Final = Blueprint("metrics", __name__)
EXTENSION: Final = "hemvist.vitals"
CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
BEARER: Final = "Bearer "
WAITING: Final = {"unsent": "messages_unsent", "refused": "messages_refused", "unreadable": "messages_unreadable"}

Samples = Mapping[Series, float]  # the values of the labels → the number


@dataclass(frozen=True, slots=True)
class Metric:
    """What is told under one name; `name` without the beginning that all have in common."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()


METRICS: Final = (
    Metric(
        "answers_total",
        "counter",
        "Questions answered, by kind of reply (none: nothing was known; safety: danger; closed: switched off)",
        ("kind", "language", "municipality"),
    ),
    Metric("opinions_total", "counter", "Answers that somebody called helpful or not", ("helpful", "municipality")),
    Metric("http_responses_total", "counter", "Responses, by area and class of status", ("area", "status")),
    Metric("http_request_duration_seconds", "histogram", "From the first look at a request to its answer", ("area",)),
    Metric("refused_total", "counter", "Requests that came too often and were asked to wait (429)", ("area",)),
    Metric("notes_dropped_total", "counter", "Notes of questions and opinions that are lost to the store"),
    Metric("log_lines_lost_total", "counter", "Lines of the log that nobody took"),
    Metric("build_info", "gauge", "1, with the version that runs", ("version", "python")),
    Metric("workers", "gauge", "Processes that answer"),
    Metric("down", "gauge", "1 where /readyz says down", ("worker",)),
    Metric("degraded", "gauge", "1 where /readyz says degraded or down", ("worker",)),
    Metric("store_degraded", "gauge", "1 where the database is not written to; notes wait", ("worker",)),
    Metric("limits_failing", "gauge", "1 where requests are not counted, so that everybody may ask", ("worker",)),
    Metric("notes_waiting", "gauge", "Notes of questions and opinions that are still to be written", ("worker",)),
    Metric("knowledge_problems", "gauge", "Why the newest files are not what is served", ("worker",)),
    Metric("knowledge_generation", "gauge", "The newest publishing that is known; 0: none", ("worker",)),
    Metric("knowledge_unread", "gauge", "Municipalities whose files are still to be read and checked", ("worker",)),
    Metric("worker_resident_memory_bytes", "gauge", "Memory of a process", ("worker",)),
    Metric("worker_threads", "gauge", "Threads of a process", ("worker",)),
    Metric("worker_open_files", "gauge", "Open files and connections of a process", ("worker",)),
    Metric("worker_start_time_seconds", "gauge", "When a process began to answer, since 1970", ("worker",)),
    Metric("knowledge_municipalities", "gauge", "Municipalities that can be asked"),
    Metric("knowledge_municipalities_closed", "gauge", "Municipalities that staff have switched off"),
    Metric(
        "knowledge_entries",
        "gauge",
        "Answers by how they stand, as noted once a day: overdue for review, ended, soon due, never checked, or "
        "with an outdated translation",
        ("standing",),
    ),
    Metric("knowledge_conflicts", "gauge", "Changes in files and by staff that a person has to choose between"),
    Metric(
        "feed_age_seconds",
        "gauge",
        "Since the rows of a feed were last found to be current",
        ("municipality", "kind"),
    ),
    Metric("feeds_failing", "gauge", "Sources of rows that cannot be fetched now", ("municipality",)),
    Metric("tick_age_seconds", "gauge", "Since mails, purges and reminders were last seen to"),
    Metric("messages_unsent", "gauge", "Messages to a person that no mailbox has got yet"),
    Metric("messages_oldest_unsent_age_seconds", "gauge", "How long the oldest of these has waited; 0: there is none"),
    Metric("messages_refused", "gauge", "Those of these that a mailbox has refused"),
    Metric("messages_unreadable", "gauge", "Messages that no key of this server opens"),
)
PREFIX: Final = "hemvist_"
ENTRIES: Final = "entries-"
OF_WORKERS: Final = {
    "resident_bytes": "worker_resident_memory_bytes",
    "threads": "worker_threads",
    "open_files": "worker_open_files",
    "started": "worker_start_time_seconds",
    "down": "down",
    "degraded": "degraded",
    "store_degraded": "store_degraded",
    "limits_failing": "limits_failing",
    "notes_waiting": "notes_waiting",
    "problems": "knowledge_problems",
    "generation": "knowledge_generation",
    "unread": "knowledge_unread",
}


@metrics.get("/metrics")
def page() -> Response:
    """Tell everything to whoever brings the token; where none is set there is no such page."""
    services = get_services()
    if not _is_let_in(services.settings.metrics_token):
        refusal = answer(RequestError("token_wrong"))
        refusal.headers["WWW-Authenticate"] = BEARER.strip()
        return refusal
    current_app.extensions[EXTENSION].publish()
    response = Response(_written(services), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


def _is_let_in(token: str | None) -> bool:
    """Whether this request brings the token; raises NotFound where none is set."""
    if not token:
        raise NotFound
    sent = request.headers.get("Authorization", "")
    return hmac.compare_digest(sent.encode(errors="replace"), f"{BEARER}{token}".encode())


def _written(services: Services) -> str:
    seen = services.board.read()
    samples = {**_counted(seen), **_of_workers(seen), **_at_present(services)}
    return "".join(_lines(samples))


def _lines(samples: Mapping[str, Samples]) -> Iterator[str]:
    for metric in METRICS:
        name = f"{PREFIX}{metric.name}"
        yield f"# HELP {name} {metric.help}.\n# TYPE {name} {metric.kind}\n"
        found = samples.get(metric.name, {})
        series = _histogram(name, metric, found) if metric.kind == "histogram" else _plain(name, metric, found)
        yield from series


def _plain(name: str, metric: Metric, samples: Samples) -> Iterator[str]:
    for values, number in sorted(samples.items()):
        yield f"{name}{_labels(metric.labels, values)} {_number(number)}\n"


def _histogram(name: str, metric: Metric, samples: Samples) -> Iterator[str]:
    """Write buckets so that each holds those before it."""
    for values in sorted(values for values in samples if len(values) == len(metric.labels)):
        counts = [samples.get((*values, bound), 0.0) for bound in seeing.BUCKETS]
        for bound, count in zip(seeing.BUCKETS, accumulate(counts), strict=True):
            yield f"{name}_bucket{_labels((*metric.labels, 'le'), (*values, bound))} {_number(count)}\n"
        yield f"{name}_sum{_labels(metric.labels, values)} {_number(samples[values])}\n"
        yield f"{name}_count{_labels(metric.labels, values)} {_number(sum(counts))}\n"


def _labels(names: Iterable[str], values: Iterable[str]) -> str:
    pairs = ",".join(f'{name}="{_escaped(value)}"' for name, value in zip(names, values, strict=True))
    return f"{{{pairs}}}" if pairs else ""


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(round(number, 6))


def _counted(seen: Seen) -> dict[str, Samples]:
    """Return what was counted by name; what has not happened yet is 0 where that is something to watch for."""
    found: defaultdict[str, dict[Series, float]] = defaultdict(dict)
    for area in seeing.EVERY_AREA:
        found["refused_total"][area,] = 0.0
        found["http_responses_total"] |= {(area, status): 0.0 for status in seeing.CLASSES}
    for name in (vitals.DROPPED, vitals.LOST):
        found[name.removeprefix(PREFIX)][()] = 0.0
    for (name, *values), number in seen.counts.items():
        found[name.removeprefix(PREFIX)][tuple(values)] = number
    return dict(found)


def _of_workers(seen: Seen) -> dict[str, Samples]:
    """Return what each process published, the process being told by its seat."""
    found: dict[str, Samples] = {name: {} for name in OF_WORKERS.values()}
    by_seat = {seat: Vital(*numbers[: len(vitals.NAMES)]) for seat, numbers in seen.fields.items()}
    for field, name in OF_WORKERS.items():
        found[name] = {(str(seat),): getattr(one, field) for seat, one in by_seat.items() if one.started}
    return {**found, "workers": {(): float(len(found["down"]))}}


def _at_present(services: Services) -> dict[str, Samples]:
    """Return what is the same whichever process is asked."""
    knowledge, store = services.knowledge, services.journal.state
    known = knowledge.assistant.knowledge.municipalities
    figures = store.look.figures
    since = figures.get("unsent_since", 0.0)
    closed = sum(one.switched_off is not None for one in known.values())
    ages: dict[Series, float] = {key: _age(fetched.timestamp()) for key, fetched in knowledge.feeds_fetched.items()}
    return {
        "build_info": {(_version(), platform.python_version()): 1.0},
        "knowledge_municipalities": {(): float(len(known))},
        "knowledge_municipalities_closed": {(): float(closed)},
        "knowledge_entries": {
            (what.removeprefix(ENTRIES),): number for what, number in figures.items() if what.startswith(ENTRIES)
        },
        "knowledge_conflicts": {(): figures.get("conflicts", 0.0)},
        "feed_age_seconds": ages,
        "feeds_failing": {(name,): float(number) for name, number in failures(services.settings.data, known).items()},
        "tick_age_seconds": {(): _age(store.ticked.timestamp())},
        **{name: {(): figures.get(what, 0.0)} for what, name in WAITING.items()},
        "messages_oldest_unsent_age_seconds": {(): _age(since) if since else 0.0},
    }


def _age(moment: float) -> float:
    return max(0.0, round(time.time() - moment, 1))


@cache
def _version() -> str:
    try:
        return version("hemvist")
    except PackageNotFoundError:  # run from its source, and never installed
        return "unknown"
