"""What there is of records and words, kind by kind: to look through, to search, and to begin a new one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from flask import render_template, request
from flask.typing import ResponseReturnValue

from bot import Fact, Found, Job, KnowledgeError, Place, Plot, as_plain, fold, make_id, read_item, told_fact
from web.errors import asked_language
from web.i18n import in_order, sentences, texts
from web.records import record_payload
from web.services import today
from web.staff.guard import municipality_here, see_other
from web.staff.knowing import revising
from web.staff.layers import Place as LayerPlace
from web.staff.layers import layer_name, own_layer, places, words_place
from web.staff.paging import paged
from web.staff.record_fields import FORMS, Form
from web.staff.recorded import form_asked, items_here, layer_of, name_of, place_of, sortable_name, sources
from web.staff.shell import say

LONGEST_WORDS: Final = 100
LONGEST_NAME: Final = 200
MOST_NUMBERED: Final = 1_000


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Row:
    """One item of a list: `layer` None where a feed brought it, `item` None where only a draft has it."""

    id: str
    item: Any
    layer: str | None
    draft: Mapping[str, Any] | None

    @property
    def has_draft(self) -> bool:
        """Whether a draft waits."""
        return self.draft is not None

    @property
    def is_imported(self) -> bool:
        """Whether it comes from a feed."""
        return self.item is not None and self.layer is None

    @property
    def is_due(self) -> bool:
        """Whether it was to be checked again by now."""
        checked = self.item.checked if isinstance(self.item, Fact) else None
        return checked is not None and checked.due <= today()

    @property
    def is_shown(self) -> bool:
        """Whether visitors are shown it today."""
        if isinstance(self.item, Plot):
            return self.item.is_offered
        return self.item.is_open(today()) if isinstance(self.item, Job) else self.item is not None


STATES: Final[Mapping[str, tuple[str, Callable[[Row], bool]]]] = {
    "own": (_("written here"), lambda row: row.layer == own_layer()),
    "inherited": (_("inherited"), lambda row: row.layer is not None and row.layer not in (own_layer(), "vocabulary")),
    "feed": (_("from a feed"), lambda row: row.is_imported),
    "draft": (_("draft waiting"), lambda row: row.has_draft),
    "due": (_("due to be checked"), lambda row: row.is_due),
    "unseen": (_("not shown today"), lambda row: not row.is_shown),
}


def overview() -> str:
    """Show what kinds there are."""
    counts = [(form, _count(form)) for form in FORMS.values()]
    return render_template("staff/records.html", counts=counts)


def show(table: str) -> ResponseReturnValue:
    """Show a page of one kind, perhaps of one state or with some words."""
    form, language = form_asked(table), asked_language()
    if form.kind == "question":  # they have a page of their own, which says how each is answered
        return see_other("staff.own_questions", municipality=municipality_here().id)
    words = request.args.get("words", "")[:LONGEST_WORDS].strip()
    state = request.args.get("state", "")
    everything = _rows(form)
    fitting = [row for row in everything if _fits(row, words) and (state not in STATES or STATES[state][1](row))]
    page = paged(fitting)
    place, layers = place_of(form), [one.layer for one in _places(form)]
    conflicts = [one for one in revising().conflicts(layers) if one.key.kind == form.kind]
    return render_template(
        "staff/record_list.html",
        form=form,
        page=page,
        rows=[_shown(form, row) for row in page.rows],
        conflicts=len(conflicts),
        words=words,
        state=state,
        states=_states(everything),
        sources=sources(form),
        is_own=lambda layer: layer == own_layer(),
        layer_name=layer_name,
        may_write=place.allows("editor"),
        in_language=language,
    )


def start(table: str) -> ResponseReturnValue:
    """Begin a new one: its address is made from its name, and is nobody else's."""
    form, here = form_asked(table), municipality_here().id
    name = " ".join(request.args.get("name", "")[:LONGEST_NAME].split())
    place_of(form, "editor")
    if form.is_single:
        return see_other("staff.record", municipality=here, table=table, item=table)
    if not name:
        say(_("Write the name first."))
        return see_other("staff.record_list", municipality=here, table=table)
    taken = {*items_here(form), *(draft.key.id for draft in _drafts(form))}
    made = make_id(name)
    if made in taken:
        made = next((new for number in range(2, MOST_NUMBERED) if (new := f"{made[:60]}-{number}") not in taken), made)
    given = {one: request.args[one] for one in ("language", "entry") if one in request.args}
    address: dict[str, Any] = {"municipality": here, "table": table, "item": made, "name": name, **given}
    return see_other("staff.record", **address)


def _count(form: Form) -> int:
    items = items_here(form).values()
    return sum(len(item.words) for item in items) if form.is_single else len(items)


def _rows(form: Form) -> list[Row]:
    """Return everything in the order of its names; what only a draft has comes first."""
    language, items = asked_language(), items_here(form)
    waiting = {draft.key.id: draft.content for draft in _drafts(form)}
    ordered = sorted(items.values(), key=lambda item: in_order(sortable_name(item, language), language))
    new = [Row(name, None, None, waiting[name]) for name in sorted(waiting.keys() - items.keys())]
    return [*new, *(Row(item.id, item, layer_of(form, item.id), waiting.get(item.id)) for item in ordered)]


def _drafts(form: Form) -> list[Any]:
    layers = [one.layer for one in _places(form)]
    return [draft for draft in revising().drafts(layers) if draft.key.kind == form.kind]


def _places(form: Form) -> list[LayerPlace]:
    return [words_place()] if form.is_of_words else places()


def _fits(row: Row, words: str) -> bool:
    """Whether every word stands somewhere in a record, however it is spelt."""
    if not words:
        return True
    whole = fold(" ".join((row.id, *_texts(as_plain(row.item) if row.item else row.draft))))
    return all(word in whole for word in fold(words).split())


def _shown(form: Form, row: Row) -> dict[str, Any]:
    language = asked_language()
    item = row.item or _drafted(form, row)
    if item is None:
        return {"row": row, "name": row.id, "about": ""}
    return {"row": row, "name": name_of(form, item, language), "about": _about(form, item)}


def _drafted(form: Form, row: Row) -> Any:
    """Return what a draft says; None where it can no longer be read."""
    try:
        return read_item(form.kind, row.draft, row.id)
    except KnowledgeError:
        return None


def _about(form: Form, item: Any) -> str:
    """Return the few words that tell one item from another."""
    if isinstance(item, Plot | Job | Place):
        shown = record_payload(Found(item), asked_language())
        return ", ".join(filter(None, (shown.get("badge"), *shown["lines"][:2])))
    if form.is_of_words:
        plain = as_plain(item)
        return ", ".join(_texts(plain)[1:8])
    if isinstance(item, Fact):
        return f"{{{{ {item.id} }}}}: {told_fact(item, asked_language()) or ''}"
    return ", ".join(filter(None, (getattr(item, part, None) for part in ("phone", "email"))))


def _texts(plain: Any) -> list[str]:
    if isinstance(plain, Mapping):
        return [text for name, inner in plain.items() if name != "id" for text in _texts(inner)]
    return [text for inner in plain for text in _texts(inner)] if isinstance(plain, list) else [str(plain)]


def _states(rows: list[Row]) -> list[tuple[str, str]]:
    """Return what can be chosen, with how many there are of each."""
    text = sentences(asked_language())
    own = [
        (name, f"{text(said)} ({count})") for name, (said, is_so) in STATES.items() if (count := sum(map(is_so, rows)))
    ]
    return [("", str(texts(asked_language())(_("everything")))), *own]
