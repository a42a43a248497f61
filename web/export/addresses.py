"""Where each page lies in a copy. Links are relative, so that a copy opens from any folder, and without a server."""

import posixpath
import re
from collections.abc import Callable
from html import unescape
from typing import Final
from urllib.parse import parse_qs, urlsplit

from web.i18n import languages
from web.icons import icons

START: Final = {"sv": "index.html", "en": "en.html"}
OWN: Final = "."  # begins the names of pages that only a copy has; no entry's id begins so
CONTENTS: Final = ("", "search")
NAMED: Final = ("policy", "accessibility")
LINK: Final = re.compile(r' (href|src)="(/[^"]*)"')
ICON: Final = re.compile(r'<svg class="icon"([^>]*)><use href="[^"]*#([a-z-]+)"></use></svg>')
FOR_SCRIPTS: Final = re.compile(r' data-(?:entry|part|switch)="[^"]*"')  # what chat.js goes by
BLANK: Final = re.compile(r"\s*\n\s*")


def file_of(address: str) -> str:
    """Return the file of a copy that holds what a live page shows: /vindeln/sv/plots is vindeln/sv/answer/plots.html.

    `address` begins with a slash; what a copy has of its own is written /vindeln/sv/.contacts.
    """
    parts = urlsplit(address)
    query = parse_qs(parts.query)
    folder, _, name = parts.path.strip("/").rpartition("/")
    if not parts.path.strip("/"):
        language = query.get("language", ["sv"])[0]
        return START.get(language, f"{language}.html")
    if name in languages() and "/" not in folder:
        return f"{folder}/{name}/index.html"
    if folder.rpartition("/")[2] not in languages():
        return f"{folder}/{name}"
    return f"{folder}/{_name(name, query)}"


def settle(html: str, file: str) -> str:
    """Return a page as it is written to `file`: links relative, icons drawn in place, no needless space.

    A browser that reads files from a disk shows no icon out of another file.
    """
    plain = FOR_SCRIPTS.sub("", BLANK.sub("\n", html.strip()))
    return LINK.sub(_relative_to(file), ICON.sub(_drawing(), plain)) + "\n"


def _name(name: str, query: dict[str, list[str]]) -> str:
    if name in CONTENTS:
        return "index.html"
    if name == "map":
        return f"{query['show'][0]}.html"
    if name in NAMED or name.startswith(OWN):
        return f"{name.removeprefix(OWN)}.html"
    return f"answer/{name}.html"


def _relative_to(file: str) -> Callable[[re.Match[str]], str]:
    folder = posixpath.dirname(file)

    def relative(found: re.Match[str]) -> str:
        address, mark, fragment = unescape(found[2]).partition("#")
        target = posixpath.relpath(file_of(address), folder or ".")
        return f' {found[1]}="{target}{mark}{fragment}"'

    return relative


def _drawing() -> Callable[[re.Match[str]], str]:
    """Draw each icon of a page where it comes first, and point there from the others."""
    known: set[str] = set()

    def drawn(found: re.Match[str]) -> str:
        attributes, name = found.groups()
        if name in known:
            return f'<svg class="icon" viewBox="0 0 24 24"{attributes}><use href="#i-{name}"/></svg>'
        known.add(name)
        lines = "".join(f'<path d="{line}"/>' for line in icons([name])[name])
        return f'<svg class="icon" viewBox="0 0 24 24"{attributes}><g id="i-{name}">{lines}</g></svg>'

    return drawn
