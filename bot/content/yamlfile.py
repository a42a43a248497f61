"""Read one YAML file as text, lists and named fields with their positions; refuse what YAML makes dangerous.

No anchor, alias, tag, duplicate key or second document is let in, and every scalar stays text: PyYAML's own loaders
read `01234` as 668, `22:30` as 1350 and `no` as False, and crash on deep nesting. Only PyYAML's event stream is used.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from yaml import events

from bot.errors import KnowledgeError, Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Key = str | int
Path_ = tuple[Key, ...]
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlFile:
    """The content of one file (text, lists, dicts) and where each part of it begins (line, column from 1)."""

    name: str
    content: Any
    positions: Mapping[Path_, tuple[int, int]]
    warnings: tuple[Problem, ...] = ()

    def at_rest(self, folder: Path) -> "YamlFile":
        """Return the same without its content, and with positions that are read anew when one is asked for.

        Of a file they weigh ten times as much as its text, and only those who report a problem need them.
        """
        return YamlFile(self.name, None, _Positions(folder / self.name, self.name), self.warnings)

    def problem(self, path: Path_, code: str, **values: object) -> Problem:
        """Make a problem at `path`, or at the nearest part of it that is in the file."""
        line, column = next(
            (self.positions[path[:size]] for size in range(len(path), -1, -1) if path[:size] in self.positions), (1, 1)
        )
        shown = ".".join(str(part) for part in path)
        return Problem(self.name, line, column, shown, code, {key: str(value) for key, value in values.items()})


class _Positions(Mapping[Path_, tuple[int, int]]):
    """Where each part of a file begins, read when it is asked for; nowhere, once the file is gone or unreadable."""

    def __init__(self, path: Path, name: str) -> None:
        self._path, self._name = path, name

    @cached_property
    def _found(self) -> Mapping[Path_, tuple[int, int]]:
        try:
            return read_file(self._path, self._name).positions
        except KnowledgeError:
            return {}

    def __getitem__(self, path: Path_) -> tuple[int, int]:
        return self._found[path]

    def __iter__(self) -> Iterator[Path_]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def read_file(path: Path, name: str) -> YamlFile:
    """Read the file at `path`; `name` stands for it in messages.

    Raises KnowledgeError with the first thing that makes the file unreadable.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise _refusal(name, "large", limit=MAX_BYTES, size=size)
        data = path.read_bytes()
    except OSError as error:
        raise _refusal(name, "file-unreadable", reason=error.strerror or error) from error
    return read_text(decode(data, name), name)


def decode(data: bytes, name: str) -> str:
    """Decode UTF-8 with or without a byte order mark; anything else is refused with a guess at what it is."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\x00" in data[:4]:
        raise _refusal(name, "encoding", found="UTF-16 or UTF-32")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refusal(name, "encoding", line, found=f"byte 0x{data[error.start]:02x}, as in Latin-1") from error


def read_text(text: str, name: str) -> YamlFile:
    """Read YAML `text`; raises KnowledgeError as `read_file` does."""
    if len(text.encode()) > MAX_BYTES:
        raise _refusal(name, "large", limit=MAX_BYTES, size=len(text.encode()))
    _refuse_odd_characters(text, name)
    builder = _Builder(name)
    try:
        for event in yaml.parse(text, Loader=Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text, name) from error
    except yaml.YAMLError as error:
        raise _refusal(name, "yaml", reason=error) from error
    return YamlFile(name, builder.root, builder.positions, tuple(_cut_texts(text, name)))


@dataclass(slots=True)
class _Frame:
    container: Any
    path: Path_
    key: str | None = None
    key_lines: dict[str, int] = field(default_factory=dict)


class _Builder:
    """Build plain values from the event stream, refusing what is not allowed at the event where it appears."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Any = None
        self.positions: dict[Path_, tuple[int, int]] = {}
        self._stack: list[_Frame] = []
        self._documents = 0

    def take(self, event: events.Event) -> None:
        if isinstance(event, events.AliasEvent):
            raise self._refuse(event, "alias", name=event.anchor)
        if isinstance(event, events.NodeEvent):
            self._take_node(event)
        elif isinstance(event, events.CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, events.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self._refuse(event, "document")

    def _take_node(self, event: Any) -> None:
        if event.anchor:
            raise self._refuse(event, "anchor", name=event.anchor)
        if event.tag and event.tag != "!":
            raise self._refuse(event, "tag", tag=event.tag)
        frame = self._stack[-1] if self._stack else None
        if frame and isinstance(frame.container, dict) and frame.key is None:
            self._take_key(frame, event)
        else:
            self._take_value(frame, event)

    def _take_key(self, frame: _Frame, event: Any) -> None:
        if not isinstance(event, events.ScalarEvent):
            raise self._refuse(event, "key-not-text")
        key = event.value
        if "\u00a0" in key:
            raise self._refuse(event, "nbsp-indent")
        if key in frame.key_lines:
            raise self._refuse(event, "duplicate-key", key=key, first=frame.key_lines[key])
        position = _position(event)
        frame.key_lines[key] = position[0]
        frame.key = key
        self.positions[(*frame.path, key)] = position

    def _take_value(self, frame: _Frame | None, event: Any) -> None:
        path = self._place(frame)
        self.positions.setdefault(path, _position(event))
        if isinstance(event, events.ScalarEvent):
            self._put(frame, event.value)
            return
        if len(self._stack) >= MAX_DEPTH:
            raise self._refuse(event, "deep", limit=MAX_DEPTH)
        container: Any = {} if isinstance(event, events.MappingStartEvent) else []
        self._put(frame, container)
        self._stack.append(_Frame(container, path))

    def _place(self, frame: _Frame | None) -> Path_:
        if frame is None:
            return ()
        return (*frame.path, len(frame.container) if frame.key is None else frame.key)

    def _put(self, frame: _Frame | None, value: Any) -> None:
        if frame is None:
            self.root = value
        elif frame.key is None:
            frame.container.append(value)
        else:
            frame.container[frame.key] = value
            frame.key = None

    def _refuse(self, event: events.Event, code: str, **values: object) -> KnowledgeError:
        line, column = _position(event)
        return _refusal(self.name, code, line, column, **values)


def _position(event: Any) -> tuple[int, int]:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _refusal(file: str, code: str, line: int = 1, column: int = 1, **values: object) -> KnowledgeError:
    return KnowledgeError([Problem(file, line, column, "", code, {key: str(value) for key, value in values.items()})])


ODD = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ud800-\udfff\ufffe\uffff]")


def _refuse_odd_characters(text: str, name: str) -> None:
    if found := ODD.search(text):
        line = text.count("\n", 0, found.start()) + 1
        column = found.start() - text.rfind("\n", 0, found.start())
        raise _refusal(name, "control-character", line, column, character=f"U+{ord(found[0]):04X}")


INDENT = re.compile(r"[ ]*([\t\u00a0])")
PLAIN_COLON = re.compile(r"^\s*(?:- |\w[\w-]*:)\s+[^'\"|>\s].*\w: ")
BAD_START = re.compile(r"^\s*(?:- |\w[\w-]*:)\s*([@%*&!\[{\-?`,\]}])")


def _explained(error: yaml.MarkedYAMLError, text: str, name: str) -> KnowledgeError:
    """Turn the parser's words into what the writer should do; the fault is on the marked line or on the one before."""
    mark: Any = error.problem_mark or error.context_mark
    lines = text.splitlines() or [""]
    line = min(mark.line + 1, len(lines)) if mark else 1
    for number in (line, max(line - 1, 1)):
        written = lines[number - 1]
        if found := INDENT.match(written):
            code = "tab-indent" if found[1] == "\t" else "nbsp-indent"
            return _refusal(name, code, number, found.start(1) + 1)
        if PLAIN_COLON.match(written):
            return _refusal(name, "colon-in-text", number, mark.column + 1 if number == mark.line + 1 else 1)
        if found := BAD_START.match(written):
            return _refusal(name, "quote-needed", number, found.start(1) + 1, character=found[1])
    return _refusal(name, "yaml", line, mark.column + 1 if mark else 1, reason=error.problem or error)


CUT = re.compile(r"^\s*(?:- +)?(?:[\w-]+: +)?[^'\"|>#\[{\s-][^#'\"]*?\S (#.*)$")
BLOCK = re.compile(r"[:-] +[|>][+-]?\d*\s*(#.*)?$")


def _cut_texts(text: str, name: str) -> Iterator[Problem]:
    """Find texts that ' #' cuts short. A meant comment after a value stands two spaces or more away from it."""
    block: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        indent = len(line) - len(line.lstrip())
        if block is not None and (not line.strip() or indent > block):
            continue
        block = indent if BLOCK.search(line) else None
        if found := CUT.match(line):
            yield Problem(name, number, found.start(1) + 1, "", "comment-cuts-text", severity="warning")
