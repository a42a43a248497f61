"""What a process says while it runs: one line for each thing on stderr, as JSON or as text for people.

No line holds the words of an exception, which may be a visitor's; lines that we did not word for it ourselves are
redacted like questions. A line is at most as long as a pipe takes at once, so lines of several processes never mix, and
where nobody reads the pipe a line is lost rather than an answer held up.
"""

import json
import logging
import os
import select
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

Form = Literal["json", "text"]
LOG: Final = logging.getLogger("hemvist")
ACCESS: Final = "hemvist.access"
LONGEST: Final = 4_096  # bytes that a pipe takes whole, or not at all
CUT: Final = 300  # characters that are left of each part of a line that is longer
STDERR: Final = 2

Told = Callable[[], str | None]
Redact = Callable[[str], str | None]


def begin(form: Form | None, request_id: Told | None = None, redact: Redact | None = None) -> None:
    """Have this process and those it forks log in `form`, None: as suits where stderr leads.

    `request_id` tells the id of the request that is answered now; `redact` takes personal data out of a text.
    """
    if logging.getLogger().handlers:  # somebody else has decided
        return
    form = form or ("text" if sys.stderr and sys.stderr.isatty() else "json")
    lines = Lines(STDERR)
    lines.setFormatter(
        (_Json if form == "json" else _Text)(request_id or (lambda: None), redact or (lambda text: text))
    )
    logging.basicConfig(level=logging.WARNING, handlers=[lines])  # others say too much, such as what URL they fetch
    LOG.setLevel(logging.INFO)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line says which
    logging.captureWarnings(capture=True)
    threading.excepthook = lambda failed: _say_failed("a thread has ended", failed.exc_value)
    sys.unraisablehook = lambda failed: _say_failed("an error could not be raised", failed.exc_value)


def fault(error: BaseException | None) -> dict[str, Any]:
    """Return, as `extra` of a line, of what kind an error is and where it happened, not its words."""
    places = "".join(traceback.format_tb(error.__traceback__)) if error else ""
    return {"fields": {"error": type(error).__name__, "places": places.rstrip("\n")}}


def lost_lines() -> int:
    """Return how many lines of this process nobody took."""
    return sum(handler.lost for handler in logging.getLogger().handlers if isinstance(handler, Lines))


class Lines(logging.Handler):
    """Writes lines to a file descriptor, whole or not at all; `lost` counts those that nobody took."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLOUT)
        self.lost = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        try:
            line = f"{self.format(record)}\n".encode(errors="backslashreplace")
            if self._poll.poll(0) and os.write(self._descriptor, line) == len(line):
                return
        except (OSError, ValueError, TypeError):  # whatever a line says, it must not fail an answer
            pass
        self.lost += 1


class _Lines(logging.Formatter):
    def __init__(self, request_id: Told, redact: Redact) -> None:
        super().__init__()
        self._request_id = request_id
        self._redact = redact

    def _message(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        return text if record.name == ACCESS else self._redact(text) or ""

    def _fields(self, record: logging.LogRecord) -> dict[str, Any]:
        """Return what a line says beside its message."""
        fields = dict(getattr(record, "fields", {}))
        if "request_id" not in fields and (request := self._request_id()):
            fields = {"request_id": request, **fields}
        if record.exc_info and record.exc_info[1]:
            fields |= fault(record.exc_info[1])["fields"]
        return fields


class _Json(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        """Return the line as one JSON object in ASCII."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        whole = {
            "time": f"{at[:-6]}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": self._message(record),
            **self._fields(record),
        }
        line = _encode(whole)
        return line if len(line) < LONGEST else _encode(_shortened(whole))


class _Text(_Lines):
    def format(self, record: logging.LogRecord) -> str:
        """Return the line for people; what goes over several lines is set in, so that nothing poses as a line."""
        at = self.formatTime(record)
        fields = self._fields(record)
        line = self._shown(f"{at} {record.levelname} {record.name}: {self._message(record)}", fields)
        if len(line.encode(errors="backslashreplace")) < LONGEST:
            return line
        return self._shown(
            f"{at} {record.levelname} {record.name}: {self._message(record)[:CUT]} …", _shortened(fields)
        )

    def _shown(self, line: str, fields: Mapping[str, Any]) -> str:
        told = " ".join(f"{name}={value}" for name, value in fields.items() if name != "places")
        whole = "\n".join(part for part in (f"{line} {told}".rstrip(), fields.get("places")) if part)
        return "".join(one if one.isprintable() or one == "\n" else repr(one)[1:-1] for one in whole).replace(
            "\n", "\n    "
        )


_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


def _shortened(whole: Mapping[str, Any]) -> dict[str, Any]:
    """Cut long texts: of a message the beginning is left, of places the end."""
    return {
        name: value if not isinstance(value, str) or len(value) <= CUT else _cut(name, value)
        for name, value in whole.items()
    }


def _cut(name: str, text: str) -> str:
    return f"… {text[-CUT:]}" if name == "places" else f"{text[:CUT]} …"


def _say_failed(what: str, error: BaseException | None) -> None:
    if not isinstance(error, SystemExit):
        LOG.error("%s: %s", what, type(error).__name__, extra=fault(error))
