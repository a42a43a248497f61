"""What a request may use: the settings, the knowledge as it is now, the signer. One set of them for each application."""

import logging
import os
import threading
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

from flask import current_app

from bot import Assistant, KnowledgeError, Problem, load
from web.settings import Settings
from web.signing import ContextSigner

EXTENSION: Final = "hemvist"
LOG: Final = logging.getLogger("hemvist.knowledge")
Fingerprint = frozenset[tuple[str, int, int, int]]


@dataclass(frozen=True, slots=True)
class Services:
    """Made once in `create_app`, reached by `get_services`."""

    settings: Settings
    knowledge: "KnowledgeService"
    signer: ContextSigner


def get_services() -> Services:
    """Return the services of the application that answers this request."""
    return cast("Services", current_app.extensions[EXTENSION])


class KnowledgeService:
    """Serves the newest knowledge that is whole.

    When files change, a new assistant is built beside the one that answers, and takes its place in one assignment. Files
    that cannot be used change nothing but `problems`. Safe to share by threads.
    """

    def __init__(self, folder: Path, *, interval: float = 1.0) -> None:
        """Load `folder`; raises KnowledgeError with every problem. `interval` is the seconds between looks at the files."""
        self.folder = folder
        self.problems: tuple[Problem, ...] = ()
        self._interval = interval
        self._lock = threading.Lock()
        self._judged = _fingerprint(folder)
        self._assistant = Assistant(load(folder))
        self._watching = 0
        self._stop = threading.Event()

    @property
    def assistant(self) -> Assistant:
        """The assistant that answers now."""
        return self._assistant

    def refresh(self) -> None:
        """Look at the files, and serve them if they changed and are whole; returns when that is done."""
        with self._lock:
            self._take_up()

    def watch(self) -> None:
        """Look at the files every interval from a thread of this process; costs nothing where that is so already.

        A thread does not survive a fork, so each worker starts its own.
        """
        if self._watching == os.getpid():
            return
        with self._lock:
            if self._watching == os.getpid():
                return
            self._watching = os.getpid()
        self._stop = stop = threading.Event()
        weakref.finalize(self, stop.set)
        threading.Thread(target=_watch, args=(weakref.ref(self), stop, self._interval), name="knowledge", daemon=True).start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()

    def refresh_when_settled(self, seen: Fingerprint | None) -> Fingerprint | None:
        """Take up changed files once they have been at rest for one look, so that no half-saved file is read.

        `seen` is what the look before returned; an error ends in `problems`, never in the thread.
        """
        found = self._look()
        if found is not None and found == seen and found != self._judged:
            self.refresh()
        return found

    def _look(self) -> Fingerprint | None:
        try:
            return _fingerprint(self.folder)
        except KnowledgeError as error:
            self._keep(error.problems)
            return None

    def _take_up(self) -> None:
        try:
            found = _fingerprint(self.folder)
            if found == self._judged:
                return
            self._judged = found
            self._assistant = Assistant(load(self.folder))
        except KnowledgeError as error:
            self._keep(error.problems)
        except OSError as error:
            self._keep([_unreadable(self.folder, error)])
        else:
            self.problems = ()
            LOG.info("knowledge loaded anew from %s", self.folder)

    def _keep(self, problems: tuple[Problem, ...] | list[Problem]) -> None:
        """Serve on what was loaded last, and say why."""
        if self.problems != tuple(problems):
            LOG.warning("the last good knowledge is kept:\n%s", "\n".join(map(str, problems)))
        self.problems = tuple(problems)


def _watch(service: "weakref.ref[KnowledgeService]", stop: threading.Event, interval: float) -> None:
    """Watch until the service is gone; it is held only while it looks."""
    seen: Fingerprint | None = None
    while not stop.wait(interval):
        if (alive := service()) is None:
            return
        seen = alive.refresh_when_settled(seen)
        del alive


def _fingerprint(folder: Path) -> Fingerprint:
    """Return what tells changed files apart: name, time, size and inode of each; raises KnowledgeError where unreadable."""
    try:
        return frozenset(_stats(folder, folder))
    except OSError as error:
        raise KnowledgeError([_unreadable(folder, error)]) from error


def _stats(folder: Path, root: Path) -> Iterator[tuple[str, int, int, int]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _stats(Path(entry.path), root)
            elif entry.name.endswith(".yaml"):
                found = entry.stat()
                yield entry.path, found.st_mtime_ns, found.st_size, found.st_ino


def _unreadable(folder: Path, error: OSError) -> Problem:
    return Problem(str(error.filename or folder), 1, 1, "", "file-unreadable", {"reason": error.strerror or str(error)})
