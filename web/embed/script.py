"""The one file that other sites load: talk.js, widget.js, their texts, icons and style sheet, put together at start.

There is no build step: what is served is what is written there, without comments and needless space.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import zopfli.gzip  # type: ignore[import-untyped]  # zopfli has no types
from rjsmin import jsmin  # type: ignore[import-untyped]  # rjsmin has no types

from web.icons import icons

STATIC: Final = Path(__file__).resolve().parent.parent / "static"
SCRIPTS: Final = ("talk.js", "widget.js")
STYLES: Final = "widget.css"
ICONS: Final = ("home", "send", "remove", "phone", "mail", "globe")  # the others come with the welcome
Texts = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Script:
    """A file of JavaScript as it is sent."""

    version: str
    body: bytes

    @cached_property
    def compressed(self) -> bytes:
        """The body as gzip; zopfli takes a tenth of a second and saves a visitor four in a hundred bytes."""
        packed: bytes = zopfli.gzip.compress(self.body)
        return packed

    @cached_property
    def fingerprint(self) -> str:
        """What tells this file from every other."""
        return hashlib.sha256(self.body).hexdigest()[:24]

    @cached_property
    def integrity(self) -> str:
        """What a page writes beside the address, so that a browser runs this file and no other."""
        return "sha384-" + b64encode(hashlib.sha384(self.body).digest()).decode()


def put_together(
    texts: Texts, accent: str, places: Mapping[str, Any] | None = None, known: Sequence[str] = ()
) -> Script:
    """Make the script of `texts` in each language.

    `places` are the municipalities that it knows before it asks (name, phone, email, accent), `known` the ids of all
    that can be asked, if it is to know them; both change what it says when it reaches nobody, not its version.
    """
    source: str = jsmin("\n".join((STATIC / name).read_text(encoding="utf-8") for name in SCRIPTS))
    parts = {
        "texts": texts,
        "icons": icons(ICONS),
        "css": squeezed_styles((STATIC / STYLES).read_text(encoding="utf-8")),
        "accent": accent,
    }
    version = hashlib.sha256((source + _json(parts)).encode()).hexdigest()[:12]
    data = _json({"version": version, "places": places or {}, "known": known, **parts})
    return Script(version, f'(()=>{{"use strict";const HEMVIST={data};\n{source}\n}})();\n'.encode())


def squeezed_styles(source: str) -> str:
    """Return a style sheet without comments and line breaks."""
    plain = re.sub(r"/\*.*?\*/", "", source, flags=re.S)
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", plain)).replace(";}", "}").replace(": ", ":").strip()


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
