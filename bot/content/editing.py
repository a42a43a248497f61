"""Change one item of a knowledge file: comments, order and every line that need not change stay as they were written.

The lines to change are found by the positions of the parsed text, new ones are written by ruamel.yaml, and the result
is read back by the strict reader: it means exactly what was put, or it is refused.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from difflib import SequenceMatcher
from io import StringIO
from typing import Any

import yaml
from ruamel.yaml.comments import CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, LiteralScalarString
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.resolver import Resolver

from bot.content.formatting import round_trip
from bot.content.items import FRAMES, LISTS, Item, Kind, Plain, as_plain, kinds_of, read_item
from bot.content.schema import (
    ContactsFile,
    EntriesFile,
    FactsFile,
    JobsFile,
    OccupationsFile,
    PlacesFile,
    PlotsFile,
    QuestionsFile,
)
from bot.content.schema import read_as as typed
from bot.content.yamlfile import Loader, YamlFile, read_text
from bot.errors import KnowledgeError, Problem
from bot.models import Frames, Municipality, Vocabulary

FILE_TYPES: Mapping[Kind, type] = {
    "entry": EntriesFile,
    "contact": ContactsFile,
    "plot": PlotsFile,
    "job": JobsFile,
    "place": PlacesFile,
    "fact": FactsFile,
    "question": QuestionsFile,
    "group": Vocabulary,
    "frames": Vocabulary,
    "theme": Vocabulary,
    "occupation": OccupationsFile,
    "municipality": Municipality,
}
OFFSET = 2  # how far the dash of a list stands in from the name above it
BREAK = re.compile("\r\n|[\r\n\u0085\u2028\u2029]")
ODD_BREAK = re.compile("[\r\u0085\u2028\u2029]")  # a break to YAML, which a block would not keep as it is
COMMENT = re.compile(r"[|>][+-]?\d?[+-]?([ \t]+#.*)$")
Edit = tuple[int, int, list[str]]  # the lines from, to (not included), and what comes in their place


def read_items(text: str, name: str) -> dict[tuple[Kind, str], Item]:
    """Return what can be changed in the file `name`, whose content is `text`; raises KnowledgeError.

    Of the same id twice, the first is meant.
    """
    return _items(read_text(text, name), name)


def put(text: str, name: str, kind: Kind, item: Item, after: Sequence[str] = ()) -> str:
    """Return `text` with `item` in the place of the one with its id, else new: behind the first of the ids `after`
    that is there, else last.

    Raises KnowledgeError where the file or the item cannot be read, or could not be read back as the same.
    """
    item = read_item(kind, as_plain(item), name)
    read = read_text(text, name)
    before = _items(read, name)
    old = before.get((kind, item.id))
    if old == item:
        return text
    file = _File(text, kind)
    if old is None and kind == "municipality":
        if before or text.strip():
            raise _not_kept(name, item.id)
        file.replace_all(as_plain(item))
    elif isinstance(item, Frames):
        file.change_words(list(old.words) if isinstance(old, Frames) else [], list(item.words))
    elif old is None:
        file.add(as_plain(item), [key[1] for key in before if key[0] == kind], after)
    else:
        file.change(item.id, as_plain(old), as_plain(item))
    result = file.text()
    _verify(read, result, {**before, (kind, item.id): item}, kind)
    return result


def remove(text: str, name: str, kind: Kind, item: str) -> str:
    """Return `text` without the item of that id; unchanged where there is none. Raises KnowledgeError as `put` does."""
    read = read_text(text, name)
    before = _items(read, name)
    if (kind, item) not in before:
        return text
    if kind == "municipality":
        return ""
    file = _File(text, kind)
    gone = before[kind, item]
    if isinstance(gone, Frames):
        file.change_words(list(gone.words), [])
    else:
        file.remove(item)
    result = file.text()
    del before[kind, item]
    _verify(read, result, before, kind)
    return result


def _items(file: YamlFile, name: str) -> dict[tuple[Kind, str], Item]:
    found: dict[tuple[Kind, str], Item] = {}
    for kind in kinds_of(name):
        read, problems = typed(FILE_TYPES[kind], file)
        if read is None:
            raise KnowledgeError(problems)
        for item in _listed(kind, read):
            found.setdefault((kind, item.id), item)
    return found


def _listed(kind: Kind, read: Any) -> Sequence[Item]:
    if kind == "municipality":
        return (read,)
    if kind == "frames":
        return (Frames(FRAMES, read.frames),) if read.frames else ()
    items: Sequence[Item] = getattr(read, LISTS[kind])
    return items


def _verify(before: YamlFile, after: str, wanted: Mapping[tuple[Kind, str], Item], kind: Kind) -> None:
    """Make sure that the file says what is wanted, and of all else what it said."""
    new = read_text(after, before.name)
    if _without(before, kind) != _without(new, kind) or _items(new, before.name) != wanted:
        raise _not_kept(before.name, "")


def _without(file: YamlFile, kind: Kind) -> Any:
    if kind == "municipality" or not isinstance(file.content, dict):
        return {}
    return {key: value for key, value in file.content.items() if key != LISTS[kind]}


def _not_kept(name: str, item: str) -> KnowledgeError:
    return KnowledgeError([Problem(name, 1, 1, item, "not-kept")])


class _File:
    """The lines of a file, its nodes, and the edits to come."""

    def __init__(self, text: str, kind: Kind) -> None:
        self._lines = _split(text)
        self._newline = next((found[0] for line in self._lines if (found := BREAK.search(line))), "\n")
        self._root: Node | None = yaml.compose(text, Loader=Loader) if text.strip() else None
        self._list = LISTS.get(kind, "")
        self._edits: list[Edit] = []

    def text(self) -> str:
        """Apply the edits, the last lines first."""
        lines = list(self._lines)
        ordered = sorted(enumerate(self._edits), key=lambda one: (one[1][0], one[1][1], one[0]), reverse=True)
        for _, (start, end, new) in ordered:
            lines[start:end] = [line + self._newline for line in new]
            if start and new and not BREAK.search(lines[start - 1]):
                lines[start - 1] += self._newline
        return "".join(lines)

    def replace_all(self, plain: Plain) -> None:
        """Let the file hold nothing else."""
        self._edits.append((0, len(self._lines), _written(plain, ())))

    def add(self, plain: Plain, known: Sequence[str], after: Sequence[str]) -> None:
        """Add an item to the list; `known` are the ids there."""
        found = self._found_list()
        if self._root is not None and getattr(self._root, "flow_style", False):
            every = [*(_as_data(found[1]) if found else ()), plain]
            self.replace_all({**_as_data(self._root), self._list: every})
            return
        if found is None:
            self._edits.append((len(self._lines), len(self._lines), _written({self._list: [plain]}, ())))
            return
        key, items = found
        if not isinstance(items, SequenceNode) or items.flow_style or not items.value:
            every = [*_as_data(items), plain] if isinstance(items, SequenceNode) else [plain]
            self._replace(key, items, {self._list: every}, ())
            return
        place = next((known.index(other) for other in after if other in known), len(items.value) - 1)
        self._insert_element(items, place, plain, ())

    def change(self, item: str, old: Plain, new: Plain) -> None:
        """Change what differs between `old` and `new`."""
        node, place, items = self._found_item(item)
        if isinstance(node, MappingNode) and self._can_merge(node, old, new):
            self._merge(node, old, new, ())
        elif items is None:
            self.replace_all(new)
        elif items.flow_style:
            self._replace_flow_item(place, items, new)
        else:
            self._replace_element(items, place, new, ())

    def change_words(self, old: list[str], new: list[str]) -> None:
        """Change a list of words that has no items of its own."""
        found = self._found_list()
        if self._root is not None and getattr(self._root, "flow_style", False):
            self.replace_all({**_as_data(self._root), self._list: new})
        elif found:
            self._change(*found, old, new, (self._list,))
        else:
            self._edits.append((len(self._lines), len(self._lines), _written({self._list: new}, ())))

    def remove(self, item: str) -> None:
        """Take an item out of the list."""
        _, place, items = self._found_item(item)
        found = self._found_list()
        if items is None or found is None:
            return
        if items.flow_style:
            every = _as_data(items)
            self._replace(found[0], items, {self._list: every[:place] + every[place + 1 :]}, ())
            return
        start, end = self._span(items, place)
        self._edits.append((start, end, []))
        if len(items.value) == 1:
            self._empty(found[0])

    def _empty(self, key: Node) -> None:
        line = key.start_mark.line
        written = _bare(self._lines[line])
        end = key.end_mark.column
        self._edits.append((line, line + 1, [f"{written[:end]}: []{written[end + 1 :]}"]))

    def _found_list(self) -> tuple[Node, Node] | None:
        if not isinstance(self._root, MappingNode):
            return None
        return next((pair for pair in self._root.value if pair[0].value == self._list), None)

    def _found_item(self, item: str) -> tuple[Node, int, SequenceNode | None]:
        found = self._found_list() if self._list else None
        if found is None or not isinstance(found[1], SequenceNode):
            assert self._root is not None  # noqa: S101 - what was read has a node
            return self._root, 0, None
        ids = [_as_data(node).get("id", "").strip() for node in found[1].value]
        place = ids.index(item)
        return found[1].value[place], place, found[1]

    def _replace_flow_item(self, place: int, items: SequenceNode, new: Plain) -> None:
        found = self._found_list()
        every = _as_data(items)
        if found:
            self._replace(found[0], items, {self._list: [*every[:place], new, *every[place + 1 :]]}, ())

    def _can_merge(self, node: Node, old: Plain, new: Plain) -> bool:
        """Whether named fields can be changed one by one: each has lines of its own, and the first remains."""
        if not (isinstance(node, MappingNode) and isinstance(old, dict) and isinstance(new, dict)):
            return False
        if node.flow_style or not node.value:
            return False
        first = node.value[0][0].value
        return first in new or first not in old

    def _merge(self, node: MappingNode, old: Plain, new: Plain, path: tuple[str, ...]) -> None:
        children = {key.value: (key, value) for key, value in node.value}
        for name in old.keys() - new.keys():
            if name in children:
                key, value = children[name]
                self._edits.append((key.start_mark.line, self._last(value) + 1, []))
        names = list(new)
        for place, name in enumerate(names):
            if name in old and old[name] == new[name]:
                continue
            if name in children:
                self._change(*children[name], old.get(name), new[name], (*path, name))
            else:
                before = [children[other] for other in names[:place] if other in children]
                self._insert_field(node, before, {name: new[name]}, path)

    def _change(self, key: Node, node: Node, old: Plain, new: Plain, path: tuple[str, ...]) -> None:
        if isinstance(node, MappingNode) and self._can_merge(node, old, new):
            self._merge(node, old, new, path)
        elif self._can_merge_list(node, old, new):
            self._merge_list(node, old, new, path)
        elif not self._change_in_line(node, new, path):
            self._replace(key, node, {path[-1]: new}, path[:-1])

    def _change_in_line(self, node: Node, new: Plain, path: tuple[str, ...]) -> bool:
        """Change a value that stands in one line with its name, so that a comment behind it stays."""
        start, end = node.start_mark, node.end_mark
        if not isinstance(node, ScalarNode) or start.line != end.line or start.column == end.column:
            return False
        written = _element(new, path)
        if len(written) != 1 or isinstance(new, list | dict):
            return False
        line = _bare(self._lines[start.line])
        self._edits.append((start.line, start.line + 1, [line[: start.column] + written[0][2:] + line[end.column :]]))
        return True

    def _replace(self, key: Node, node: Node, value: Plain, path: tuple[str, ...]) -> None:
        start = key.start_mark.line
        prefix = self._lines[start][: key.start_mark.column]
        written = _written(value, path)
        kept = COMMENT.search(_bare(self._lines[start]))
        if kept and COMMENT.search(f"{written[0]} #"):
            written[0] += kept[1]
        self._edits.append((start, self._last(node) + 1, _indented(written, prefix)))

    def _insert_field(
        self, node: MappingNode, before: Sequence[tuple[Node, Node]], value: Plain, path: tuple[str, ...]
    ) -> None:
        """Insert a named field behind those that come before it, else first, if the first has a line of its own."""
        first_key, first = node.value[0]
        column = first_key.start_mark.column
        line = first_key.start_mark.line
        if before:
            line = max(self._last(value) for _, value in before) + 1
        elif self._lines[line][:column].strip():
            line = self._last(first) + 1
        self._edits.append((line, line, _indented(_written(value, path), " " * column)))

    def _can_merge_list(self, node: Node, old: Plain, new: Plain) -> bool:
        if not (isinstance(node, SequenceNode) and isinstance(old, list) and isinstance(new, list) and new):
            return False
        if node.flow_style or len(node.value) != len(old) or not old:
            return False
        return not self._lines[node.start_mark.line][: node.start_mark.column].strip()

    def _merge_list(self, node: Node, old: list[Plain], new: list[Plain], path: tuple[str, ...]) -> None:
        before, after = ([json.dumps(one, sort_keys=True) for one in values] for values in (old, new))
        for code, start, end, first, last in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
            if code == "equal":
                continue
            paired = min(end - start, last - first)
            for step in range(paired):
                self._replace_element(node, start + step, new[first + step], path)
            for place in range(start + paired, end):
                self._edits.append((*self._span(node, place), []))
            for value in new[first + paired : last]:
                self._insert_element(node, end - 1, value, path)

    def _replace_element(self, node: Node, place: int, value: Plain, path: tuple[str, ...]) -> None:
        element = node.value[place]
        if isinstance(value, str) and self._change_in_line(element, value, path):
            return
        start, end = self._span(node, place)
        prefix = self._lines[start][: node.start_mark.column]
        self._edits.append((start, end, _indented(_element(value, path), prefix)))

    def _insert_element(self, node: Node, place: int, value: Plain, path: tuple[str, ...]) -> None:
        """Insert behind the element at `place`; -1 is before all."""
        line = self._span(node, place)[1] if place >= 0 else self._span(node, 0)[0]
        self._edits.append((line, line, _indented(_element(value, path), " " * node.start_mark.column)))

    def _span(self, node: Node, place: int) -> tuple[int, int]:
        """Return the lines of an element of a list, from its dash on."""
        element, column = node.value[place], node.start_mark.column
        start = element.start_mark.line
        while self._lines[start][column : column + 1] != "-" and start > node.start_mark.line:
            start -= 1
        return start, self._last(element) + 1

    def _last(self, node: Node) -> int:
        """Return the last line that holds something of `node`; blank lines and comments behind it are not its own."""
        if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
            last = node.value[-1]
            return self._last(last[1] if isinstance(last, tuple) else last)
        end = node.end_mark
        line = end.line if end.column else end.line - 1
        while line > node.start_mark.line and not self._lines[line].strip():
            line -= 1
        return max(line, node.start_mark.line)


def _split(text: str) -> list[str]:
    """Split into lines as YAML does, each with its break."""
    ends = [found.end() for found in BREAK.finditer(text)]
    starts = [0, *ends]
    return [text[start:end] for start, end in zip(starts, [*ends, len(text)], strict=True) if start < end]


def _bare(line: str) -> str:
    return BREAK.sub("", line)


def _as_data(node: Node) -> Any:
    """Return what a node holds, every scalar as text."""
    if isinstance(node, MappingNode):
        return {key.value: _as_data(value) for key, value in node.value}
    return [_as_data(value) for value in node.value] if isinstance(node, SequenceNode) else node.value


def _indented(lines: Sequence[str], prefix: str) -> list[str]:
    blank = " " * len(prefix)
    return [prefix + lines[0], *(blank + line if line else "" for line in lines[1:])]


def _element(value: Plain, path: tuple[str, ...]) -> list[str]:
    return [line[OFFSET:] for line in _dumped([_styled(value, path)])]


def _written(value: Plain, path: tuple[str, ...]) -> list[str]:
    """Write plain values in the one shape; `path` leads to where they stand in their item."""
    return _dumped(_styled(value, path))


def _dumped(styled: Any) -> list[str]:
    out = StringIO()
    round_trip().dump(styled, out)
    return out.getvalue().removesuffix("\n").split("\n")


ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d")
PLAIN_TEXT = "tag:yaml.org,2002:str"
RESOLVER = Resolver()


def _styled(value: Plain, path: tuple[str, ...]) -> Any:
    """Say how values are written: positions in one line, answers as blocks, what other readers misread in quotes."""
    if isinstance(value, dict):
        return {key: _styled(inner, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        listed = CommentedSeq(_styled(inner, path) for inner in value)
        if not value or all(isinstance(inner, int | float) for inner in value):
            listed.fa.set_flow_style()
        return listed
    return _styled_text(value, path) if isinstance(value, str) else value


def _styled_text(text: str, path: tuple[str, ...]) -> Any:
    if ODD_BREAK.search(text) or "en_of" in path:  # some of these are numbers to other readers: all look alike
        return DoubleQuotedScalarString(text)
    if "answer" in path or "\n" in text:
        return LiteralScalarString(f"{text}\n")
    if ISO_DATE.fullmatch(text):
        try:
            return date.fromisoformat(text)
        except ValueError:
            return DoubleQuotedScalarString(text)
    is_text = RESOLVER.resolve(ScalarNode, text, (True, False)) == PLAIN_TEXT  # type: ignore[no-untyped-call]  # PyYAML
    return text if is_text else DoubleQuotedScalarString(text)
