"""All answers of a municipality under their headings: whose they are, and what there is to do about them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import RESERVED_ENTRIES, Entry, Key, View, fold, is_given, is_outdated, make_id
from web.errors import asked_language
from web.headings import heading_names
from web.i18n import sentences, texts
from web.people import suffices
from web.services import today
from web.staff.following import begun_for
from web.staff.guard import municipality_here, role_here, see_other
from web.staff.knowing import knowledge, revising, view_here
from web.staff.layers import layer_name, own_layer, places
from web.staff.paging import page_asked
from web.staff.shell import say

LONGEST_WORDS: Final = 100
LONGEST_QUESTION: Final = 200
PAGE: Final = 60


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Row:
    """One answer of the list. `layer`: who wrote it; None: nobody has yet."""

    entry: Entry
    title: str
    title_language: str
    layer: str | None
    has_own: bool
    has_draft: bool
    has_conflict: bool
    is_outdated: bool
    is_due: bool
    is_given: bool
    missing: tuple[str, ...]


STATES: Final[Mapping[str, tuple[str, Callable[[Row], bool]]]] = {
    "own": (_("written here"), lambda row: row.layer is not None and row.layer == own_layer()),
    "inherited": (_("inherited"), lambda row: row.layer is not None and row.layer != own_layer()),
    "draft": (_("draft waiting"), lambda row: row.has_draft),
    "conflict": (_("conflict with a file"), lambda row: row.has_conflict),
    "outdated": (_("translation outdated"), lambda row: row.is_outdated),
    "due": (_("due to be checked"), lambda row: row.is_due),
    "language": (_("a language is missing"), lambda row: bool(row.missing)),
    "unseen": (_("not shown today"), lambda row: not row.is_given),
}


def show() -> str:
    """Show a page of answers, perhaps of one state or with some words."""
    words = request.args.get("words", "")[:LONGEST_WORDS].strip()
    state = request.args.get("state", "")
    conflicts = revising().conflicts([place.layer for place in places()])
    everything = _rows({conflict.key.id for conflict in conflicts if conflict.key.kind == "entry"})
    found = [row for row in everything if _fits(row, words) and (state not in STATES or STATES[state][1](row))]
    pages = max(1, math.ceil(len(found) / PAGE))
    number = min(page_asked(), pages)
    values: dict[str, Any] = {
        "headings": _under_headings(found, (number - 1) * PAGE, number * PAGE),
        "total": len(found),
        "number": number,
        "pages": pages,
        "words": words,
        "state": state,
        "states": _states(everything),
        "conflicts": len(conflicts),
        "layer_name": layer_name,
        "is_own": lambda layer: layer == own_layer(),
        "may_write": suffices(role_here(), "editor"),
    }
    return render_template("staff/answers.html", **values)


def start() -> ResponseReturnValue:
    """Begin an answer that there is not: its address is made from its first question."""
    here, asked = municipality_here().id, begun_for()
    question = asked.title if asked else request.args.get("question", "")[:LONGEST_QUESTION].strip()
    if not question:
        say(_("Write the question first."))
        return see_other("staff.answers", municipality=here)
    wanted = make_id(question)
    if wanted in RESERVED_ENTRIES:
        wanted = f"about-{wanted}"  # the other one is an address of the site
    if asked:
        return see_other("staff.answer", municipality=here, entry=wanted, gap=asked.key)
    is_known = wanted in view_here().entries
    return redirect(
        url_for("staff.answer", municipality=here, entry=wanted, question=None if is_known else question), 303
    )


def _rows(in_conflict: set[str]) -> list[Row]:
    """Return every answer in the order of the topics; those that only a draft has come last."""
    view, day = view_here(), today()
    drafts = {draft.key: draft for draft in revising().drafts([place.layer for place in places()])}
    waiting = {key.id for key in drafts if key.kind == "entry"}
    new = sorted(waiting - view.entries.keys())
    ordered = [*_in_order(view), *(Entry(name) for name in new)]
    return [_row(view, entry, day, waiting, in_conflict) for entry in ordered]


def _in_order(view: View) -> list[Entry]:
    topics = [topic for topics in knowledge().headings.values() for topic in topics]
    rest = [name for name in view.entries if name not in set(topics)]
    return [view.entries[name] for name in dict.fromkeys([*topics, *rest]) if name in view.entries]


def _row(view: View, entry: Entry, day: date, waiting: set[str], in_conflict: set[str]) -> Row:
    language = asked_language()
    own = Key(own_layer(), "entry", entry.id)
    layer = knowledge().layers.get(own.layer)
    written = view.origins.get(entry.id, {}).get("answer", ())
    return Row(
        entry=entry,
        title=entry.title(language),
        title_language=entry.title_language(language),
        layer=written[-1] if written else None,
        has_own=bool(layer and entry.id in layer.entries),
        has_draft=entry.id in waiting,
        has_conflict=entry.id in in_conflict,
        is_outdated=is_outdated(entry),
        is_due=bool(entry.checked and entry.checked.due <= day),
        is_given=is_given(entry, day),
        missing=tuple(language for language, text in _texts(entry) if not text) if written else (),
    )


def _texts(entry: Entry) -> list[tuple[str, str | None]]:
    answer = entry.answer
    return [("sv", answer.sv), ("en", answer.en)] if answer else []


def _fits(row: Row, words: str) -> bool:
    """Whether every word stands somewhere in an answer, however it is spelt."""
    if not words:
        return True
    questions = (text for _language, text in row.entry.questions)
    answers = (text or "" for _language, text in _texts(row.entry))
    whole = fold(" ".join((row.entry.id, *questions, *answers)))
    return all(word in whole for word in fold(words).split())


def _under_headings(rows: list[Row], start: int, end: int) -> list[dict[str, Any]]:
    names = heading_names(asked_language())
    placed = {topic: heading for heading, topics in knowledge().headings.items() for topic in topics}
    found: dict[str, list[Row]] = {}
    for row in rows[start:end]:
        found.setdefault(placed.get(row.entry.id, ""), []).append(row)
    return [
        {"id": heading or "rest", "name": names.get(heading, heading), "rows": own} for heading, own in found.items()
    ]


def _states(rows: list[Row]) -> list[tuple[str, str]]:
    """Return what can be chosen, with how many there are of each."""
    text = sentences(asked_language())
    own = [
        (name, f"{text(said)} ({count})") for name, (said, is_so) in STATES.items() if (count := sum(map(is_so, rows)))
    ]
    return [("", str(texts(asked_language())(_("everything")))), *own]
