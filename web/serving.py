"""The server: gunicorn with threads, its limits, and the knowledge kept fresh in every worker."""

import errno
import gc
import os
import select
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, cast

from flask import Flask, Response
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.arbiter import Arbiter  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.glogging import Logger  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.http.errors import (  # type: ignore[import-untyped]  # gunicorn has no types
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.util import write_nonblock  # type: ignore[import-untyped]  # gunicorn has no types
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # gunicorn has no types

from web.board import Board
from web.errors import answer_malformed, note, refuse_unread
from web.memory import give_back, share_one_heap
from web.metrics import EXTENSION as VITALS
from web.services import EXTENSION, Services
from web.settings import Settings
from web.supervision import TickChild
from web.vitals import Vitals

SPARE: Final = 8  # seats beside those of all workers and of those that take their places
HURRIED: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGQUIT})
INTERRUPTED: Final = 130  # what a shell calls a program that Ctrl-C ended
LIMITS: Final[dict[str, Any]] = {
    "worker_class": "gthread",
    "threads": 8,
    "timeout": 15,
    "graceful_timeout": 10,
    "keepalive": 5,
    "limit_request_line": 2048,
    "limit_request_fields": 40,
    "limit_request_field_size": 4096,
    "preload_app": True,
    "control_socket_disable": True,
    "forwarded_allow_ips": "",  # whom to believe is HEMVIST_TRUSTED_PROXIES, told to the application
    "proc_name": "hemvist",
    "loglevel": "warning",
}


# the first kind that an error is of; what is none of them is our fault
UNREAD: Final = ((LimitRequestLine, 414), (LimitRequestHeaders, 431), (ParseException, 400))


class AddressError(Exception):
    """The address cannot be listened on."""


def serve(app: Flask, settings: Settings, announce: Callable[[str], None]) -> int:
    """Serve `app` until a signal ends it, and return the exit code; `announce` is told the address once it is open.

    Where systemd has opened a socket for us, that is the address. Raises AddressError.
    """
    if os.environ.get("LISTEN_PID") != str(os.getpid()):
        _try_address(settings.host, settings.port)
    app.register_error_handler(ParseException, answer_malformed)
    share_one_heap()
    server = _Server(app, settings, announce)
    arbiter = _Arbiter(server)
    arbiter.is_to_drain(server.board, settings.drain_seconds)
    try:
        arbiter.run()
    except SystemExit as ended:
        return INTERRUPTED if arbiter.interrupted else int(ended.code or 0)
    finally:
        server.tick.stop()
    return 0


def _try_address(host: str, port: int) -> None:
    """Try the address first: gunicorn would try it for five seconds, and name no way out."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        raise AddressError(_why_not_bound(host, port, error)) from error


def _why_not_bound(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"port {port} on {host} is in use; choose another with --port, or --port 0 for any free one"
    return f"cannot listen on {host} port {port}: {error.strerror}"


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, app: Flask, settings: Settings, announce: Callable[[str], None]) -> None:
        self._app = app
        self._settings = settings
        self._announce = announce
        self.tick = TickChild()
        self.board = _services(app).board
        if settings.metrics_token:
            self.board.share(SPARE + 2 * settings.workers)
        super().__init__()

    def load_config(self) -> None:
        options = {
            **LIMITS,
            "worker_class": _Worker,
            "bind": _shown(self._settings.host, self._settings.port),
            "workers": self._settings.workers,
            "worker_tmp_dir": "/dev/shm" if Path("/dev/shm").is_dir() else None,  # noqa: S108 - memory, as gunicorn advises
            "when_ready": self._ready,
            "logger_class": _Log,
            "pre_fork": self._seat_worker,
            "post_fork": self._start_worker,
            "worker_exit": self._end_worker,
            "child_exit": self._unseat_worker,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app

    def _ready(self, arbiter: Arbiter) -> None:
        gc.enable()
        give_back()
        gc.freeze()  # what is loaded by now stays shared between the workers
        host, port = arbiter.LISTENERS[0].sock.getsockname()[:2]
        self._announce(f"http://{_shown(host, port)}")
        self.tick.start()

    def _start_worker(self, _arbiter: Arbiter, _worker: object) -> None:
        """A worker may be made long after the start: it looks for what is new before its first answer."""
        _services(self._app).start()
        if self._settings.metrics_token:
            _vitals(self._app).start()

    def _end_worker(self, _arbiter: Arbiter, _worker: object) -> None:
        """What was noted until now is still written."""
        _services(self._app).close()
        if self._settings.metrics_token:
            _vitals(self._app).close()

    def _seat_worker(self, _arbiter: Arbiter, worker: Any) -> None:
        worker.seat = self.board.offer_seat()

    def _unseat_worker(self, _arbiter: Arbiter, worker: Any) -> None:
        self.board.clear_seat(worker.seat)


def _services(app: Flask) -> Services:
    return cast("Services", app.extensions[EXTENSION])


def _vitals(app: Flask) -> Vitals:
    return cast("Vitals", app.extensions[VITALS])


class _Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    def set_accept_enabled(self, enabled: bool) -> None:
        """A worker that stops takes in who has been connected by then, and lets nobody else in: whoever comes next is
        refused at once and can go to another server. gunicorn alone keeps them waiting, and then hangs up on them."""
        super().set_accept_enabled(enabled)
        if enabled or self.alive:
            return
        for listener in self.sockets:
            listener.setblocking(False)
            while select.select([listener], [], [], 0)[0]:
                self.accept(listener)
            listener.close()

    def handle_error(self, _request: object, client: socket.socket, _address: object, error: Exception) -> None:
        """Refuse what cannot be read like anything else; gunicorn would log who sent it, and its whole address."""
        status = next((status for kind, status in UNREAD if isinstance(error, kind)), 500)
        if status == 500:
            with self.wsgi.test_request_context():
                note(error)
        write_nonblock(client, _written(refuse_unread(self.wsgi, status)))


def _written(response: Response) -> bytes:
    """Return a response as it is sent by one who hangs up afterwards."""
    response.headers["Connection"] = "close"
    return f"HTTP/1.1 {response.status}\r\n{response.headers}".encode("latin-1") + response.get_data()


class _Arbiter(Arbiter):  # type: ignore[misc]  # gunicorn has no types
    interrupted = False
    board: Board
    drain_seconds = 0

    def is_to_drain(self, board: Board, seconds: int) -> None:
        """Have a server that is to end say so on `board` for some seconds before it takes no more requests."""
        self.board, self.drain_seconds = board, seconds

    def handle_int(self) -> None:
        self.interrupted = True
        super().handle_int()

    def handle_term(self) -> None:
        self.board.drain()
        until = time.monotonic() + self.drain_seconds
        while time.monotonic() < until and not HURRIED.intersection(self.wait_for_signals(timeout=0.2)):
            self.reap_workers()
            self.murder_workers()
            self.manage_workers()
        super().handle_term()


class _Log(Logger):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn says goes where everything goes, without what was sent: it would write addresses and whole URLs."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers = []
        self.error_log.propagate = True

    def warning(self, msg: str, *args: object, **kwargs: Any) -> None:
        is_of_visitor = msg.startswith("Invalid request")
        super().warning("a request was no HTTP" if is_of_visitor else msg, *(() if is_of_visitor else args), **kwargs)

    def exception(self, msg: object, *_args: object, **kwargs: Any) -> None:
        told = msg.partition(" %s")[0] if isinstance(msg, str) else type(msg).__name__
        super().exception(told, **kwargs)


def _shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
