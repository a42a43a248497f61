"""What somebody typed is kept when they must sign in first: it travels with the pages until it can be sent again.

A form that was sent after the session had ended is answered with the page to sign in, which carries what was typed.
When that is done, one button sends it to where it was meant for. Nothing of it is kept on the server.
"""

import json
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from flask import redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from web.staff.session import PATH

NEVER_KEPT: Final = frozenset({"csrf_token", "password", "new_password", "again", "code", "target", "kept"})
LONGEST_TARGET: Final = 2_000
Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Typed:
    """Where somebody was going, and what they sent there; no fields: they only wanted to look."""

    target: str
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def as_text(self) -> str:
        """The fields in one line, for a hidden field."""
        return json.dumps(self.fields, ensure_ascii=False) if self.fields else ""

    @property
    def shown(self) -> list[tuple[str, str]]:
        """What a person wrote, without what the page put there."""
        return [(name, value) for name, value in self.fields if value.strip()]

    def go_on(self) -> Redirect | str:
        """Lead to where they were going, or let them send what they typed."""
        if not self.fields:
            return redirect(self.target, 303)
        return resume(self)


def resume(typed: Typed, *, is_refused: bool = False) -> str:
    """Show what was typed, and the button that sends it; `is_refused` where it was sent and could not be kept."""
    return render_template("staff/resume.html", typed=typed, is_refused=is_refused)


def typed_here() -> Typed:
    """Return what this request was going to do."""
    if request.method in ("GET", "HEAD"):
        return Typed(safe_target(request.full_path.rstrip("?")))
    if "kept" in request.form:
        return typed_before()
    fields = [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_KEPT]
    return Typed(safe_target(request.path), tuple(fields)) if fields else Typed(url_for("staff.choose"))


def typed_before() -> Typed:
    """Return what the pages on the way here have carried."""
    target = safe_target(request.values.get("target", ""))
    return Typed(target, _read(request.form.get("kept", "")))


def carry(typed: Typed) -> None:
    """Keep where somebody is going over a visit to the identity provider; what they typed stays on the page before."""
    session["target"] = typed.target


def carried() -> Typed:
    """Return where somebody was going before they went to the identity provider."""
    return Typed(safe_target(session.pop("target", "")))


def safe_target(address: str) -> str:
    """Return `address` where it is a page of ours below /staff, else the first of these."""
    parts = urlsplit(address) if _is_plain(address) else None
    if parts is None or parts.scheme or parts.netloc or not parts.path.startswith(f"{PATH}/") or ".." in parts.path:
        return url_for("staff.choose")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _is_plain(address: str) -> bool:
    """Whether browsers read it as we do: they take a backslash for a slash, and leave out control characters."""
    return len(address) <= LONGEST_TARGET and address.isprintable() and "\\" not in address and "//" not in address


def _read(text: str) -> tuple[tuple[str, str], ...]:
    try:
        found = json.loads(text) if text else []
    except (ValueError, RecursionError):
        return ()
    pairs = found if isinstance(found, list) else []
    return tuple((pair[0], pair[1]) for pair in pairs if _is_field(pair))


def _is_field(pair: object) -> bool:
    is_pair = isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)
    return is_pair and pair[0] not in NEVER_KEPT  # type: ignore[index]  # a list, as was just seen
