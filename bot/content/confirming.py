"""Confirm what stands in a knowledge file: two single fields of one entry, with comments and order kept.

"Same meaning": the English still says what the Swedish says (`en_of`). "Still right": both languages hold (`checked`).
Everything but the one field stays what it was, or nothing is returned.
"""

from collections.abc import Callable
from dataclasses import replace
from io import StringIO
from typing import Any

from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.content.formatting import ENTRY_ORDER, round_trip
from bot.content.schema import EntriesFile, read_as
from bot.content.translation import fingerprint
from bot.content.yamlfile import read_text
from bot.errors import KnowledgeError, Problem
from bot.models import Checked, Entry


def same_meaning(source: str, name: str, entry: str) -> str:
    """Return `source`, the content of the file `name`, with the English of `entry` made from the Swedish of today.

    Raises KnowledgeError where the file cannot be read, or does not hold an answer of that id in both languages.
    """

    def confirm(item: CommentedMap) -> None:
        _put(item, "en_of", DoubleQuotedScalarString(fingerprint(str(item["answer"]["sv"]))))

    def confirmed(before: Entry) -> Entry:
        texts = before.answer
        if texts is None or texts.sv is None or texts.en is None:
            raise _cannot(name, entry)
        return replace(before, en_of=fingerprint(texts.sv))

    return _changed(source, name, entry, confirm, confirmed)


def still_right(source: str, name: str, entry: str, checked: Checked) -> str:
    """Return `source` with `entry` confirmed; raises KnowledgeError as `same_meaning` does."""

    def confirm(item: CommentedMap) -> None:
        fields = {"on": checked.on, "by": checked.by, "every": checked.every}
        if isinstance(item.get("checked"), CommentedMap):
            item["checked"].update(fields)
        else:
            _put(item, "checked", CommentedMap(fields))

    def confirmed(before: Entry) -> Entry:
        if before.answer is None:
            raise _cannot(name, entry)
        return replace(before, checked=checked)

    return _changed(source, name, entry, confirm, confirmed)


def _changed(
    source: str, name: str, entry: str, confirm: Callable[[CommentedMap], None], confirmed: Callable[[Entry], Entry]
) -> str:
    before = _entries(source, name)
    if entry not in before:
        raise _cannot(name, entry)
    wanted = {**before, entry: confirmed(before[entry])}
    yaml = round_trip()
    content = yaml.load(source)
    confirm(next(item for item in content["entries"] if str(item.get("id")).strip() == entry))
    out = StringIO()
    yaml.dump(content, out)
    result = out.getvalue()
    if _entries(result, name) != wanted:
        raise _cannot(name, entry)
    return result


def _entries(source: str, name: str) -> dict[str, Entry]:
    read, problems = read_as(EntriesFile, read_text(source, name))
    if read is None:
        raise KnowledgeError(problems)
    return {entry.id: entry for entry in read.entries}


def _put(item: CommentedMap, field: str, value: Any) -> None:
    """Set a field; a new one comes where it stands in a formatted file."""
    if field in item:
        item[field] = value
        return
    before = ENTRY_ORDER[: ENTRY_ORDER.index(field)]
    item.insert(sum(key in before for key in item), field, value)


def _cannot(name: str, entry: str) -> KnowledgeError:
    return KnowledgeError([Problem(name, 1, 1, entry, "invalid", {"reason": "this entry cannot be confirmed here"})])
