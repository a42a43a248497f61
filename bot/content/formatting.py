"""Give knowledge files one shape, keeping comments and texts; fill in what a translation was made from where that is
absent."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from bot.content.translation import fingerprint
from bot.content.yamlfile import read_text

ENTRY_ORDER = (
    "id", "questions", "answer", "en_of", "tests", "contacts", "links", "next", "source", "owner", "checked", "valid",
    "season",
    "shows",
    "replace",
)  # fmt: skip

TASK_ORDER = (
    "id", "when", "deadline", "season", "if", "title", "text", "en_of", "why", "who", "contact", "entry", "law",
    "source", "general", "valid", "left_out",
)  # fmt: skip
SHAPES = (("entries", ENTRY_ORDER, "answer"), ("plan", TASK_ORDER, "text"))


def formatted(source: str, name: str) -> str:
    """Return `source`, the content of a knowledge file, in the one shape; raises KnowledgeError where it cannot be
    read."""
    read_text(source, name)  # refuses what is not allowed before the slower library sees it
    yaml = round_trip()
    content = yaml.load(source)
    if content is None:
        return source
    for key, order, translated in SHAPES if isinstance(content, CommentedMap) else ():
        for item in content.get(key) or ():
            if isinstance(item, CommentedMap):
                _shape(item, order, translated)
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


def _shape(item: CommentedMap, order: Sequence[str], translated: str) -> None:
    """Put the keys of `item` in order, and note what the English of its `translated` text was made from."""
    text: Any = item.get(translated)
    if isinstance(text, dict) and text.get("sv") and text.get("en") and not item.get("en_of"):
        item.pop("en_of", None)
        item.insert(list(item).index(translated) + 1, "en_of", DoubleQuotedScalarString(fingerprint(text["sv"])))
    wanted = [key for key in order if key in item]
    if [key for key in item if key in order] != wanted:
        for key in wanted:
            item.move_to_end(key)
