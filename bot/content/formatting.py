"""Give knowledge files one shape, keeping comments and texts; fill in what a translation was made from where that is
absent."""

from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.content.translation import fingerprint
from bot.content.yamlfile import read_text

ENTRY_ORDER = (
    "id", "questions", "answer", "en_of", "tests", "contacts", "links", "next", "source", "owner", "checked", "valid",
    "shows",
    "replace",
)  # fmt: skip


def formatted(text: str, name: str) -> str:
    """Return `text`, the content of a knowledge file, in the one shape; raises KnowledgeError where it cannot be
    read."""
    read_text(text, name)  # refuses what is not allowed before the slower library sees it
    yaml = round_trip()
    content = yaml.load(text)
    if content is None:
        return text
    for entry in content.get("entries") or () if isinstance(content, CommentedMap) else ():
        if isinstance(entry, CommentedMap):
            _shape(entry)
    out = StringIO()
    yaml.dump(content, out)
    return out.getvalue()


def round_trip() -> YAML:
    """Return what reads and writes knowledge files in the one shape, with their comments."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.representer.add_representer(
        type(None), lambda representer, _: representer.represent_scalar("tag:yaml.org,2002:null", "null")
    )
    return yaml


def _shape(entry: CommentedMap) -> None:
    answer: Any = entry.get("answer")
    if isinstance(answer, dict) and answer.get("sv") and answer.get("en") and not entry.get("en_of"):
        entry.pop("en_of", None)
        entry.insert(list(entry).index("answer") + 1, "en_of", DoubleQuotedScalarString(fingerprint(answer["sv"])))
    wanted = [key for key in ENTRY_ORDER if key in entry]
    if [key for key in entry if key in ENTRY_ORDER] != wanted:
        for key in wanted:
            entry.move_to_end(key)
