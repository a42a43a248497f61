"""The page of what a sheet would change: each row before and after, what somebody else changed, which tests break."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from flask import current_app, render_template

from bot import Change, Clash, Entry, Item, Key, KnowledgeError, as_plain, joint_effect, lay_over, read_item
from web import sheets
from web.errors import asked_language
from web.i18n import sentences
from web.revising import compared
from web.sheets import Proposal
from web.staff.comparing import lines
from web.staff.conflicts import KINDS
from web.staff.effects import EXTENSION, Memory
from web.staff.guard import municipality_here
from web.staff.knowing import knowledge, view_here
from web.staff.layers import layer_name, own_layer
from web.staff.record_fields import BY_KIND
from web.staff.recorded import name_of
from web.staff.rewording import listed

SHOWN: Final = 100
WORDS: Final = frozenset({"group", "frames", "theme", "occupation"})


def changes_page(
    found: Proposal,
    may_publish: bool,
    mistakes: Mapping[str, Sequence[str]] | None = None,
    note: str = "",
    effect: Mapping[str, Any] | None = None,
) -> str:
    """Return the page, with the changes themselves in a hidden field; `effect` is theirs, where it is known already."""
    changes = found.intake.changes
    return render_template(
        "staff/sheet_changes.html",
        changes=[_change(one) for one in changes[:SHOWN]],
        count=len(changes),
        counts=_counts(changes),
        clashes=[_clash(one, found) for one in found.intake.clashes[:SHOWN]],
        clash_count=len(found.intake.clashes),
        untouched=found.intake.untouched,
        notes=found.intake.notes,
        effect=effect or effect_of_changes(found.intake.items),
        carried=sheets.pack(found.carried),
        may_publish=may_publish,
        mistakes=mistakes or {},
        note=note,
    )


def effect_of_changes(items: Mapping[Key, Item | None]) -> dict[str, Any] | None:
    """Return what changes for visitors here when all is published; None where only records change."""
    entries = [key.id for key in items if key.kind == "entry"]
    if not entries and not WORDS.intersection(key.kind for key in items):
        return None
    memory: Memory = current_app.extensions.setdefault(EXTENSION, Memory())
    before = memory.before(municipality_here().id)
    draft = before.assistant.beside(lay_over(knowledge(), items))
    with memory.lock:
        found = joint_effect(before, _or_nothing(entries), draft)
    return listed(found, view_here())


def _or_nothing(entries: Collection[str]) -> Collection[str]:
    """Words alone change no tests; no entry has an empty id."""
    return entries or ("",)


def _counts(changes: Sequence[Change]) -> dict[str, int]:
    return {
        "new": sum(one.before is None for one in changes),
        "changed": sum(one.before is not None and one.after is not None for one in changes),
        "removed": sum(one.after is None for one in changes),
    }


def _change(one: Change) -> dict[str, Any]:
    before, after = (None if item is None else as_plain(item) for item in (one.before, one.after))
    state = "new" if before is None else "removed" if after is None else "changed"
    return {**_named(one.key, one.after or one.before), "state": state, "diff": lines(compared(before, after))}


def _clash(one: Clash, found: Proposal) -> dict[str, Any]:
    standing = found.standings.get(one.key)
    theirs = None if one.now is None else as_plain(one.now)
    return {
        **_named(one.key, one.now or _typed(one)),
        "why": one.why,
        "origin": one.origin if one.origin.row else None,
        "draft": standing.draft if standing else None,
        "diff": lines(compared(theirs, one.yours)),
    }


def _typed(one: Clash) -> Item | None:
    try:
        return read_item(one.key.kind, one.yours)
    except KnowledgeError:
        return None


def _named(key: Key, item: Item | None) -> dict[str, Any]:
    language = asked_language()
    form = BY_KIND.get(key.kind)
    title = key.id
    if isinstance(item, Entry):
        shown = view_here().entries.get(key.id)
        title = item.title(language) if any(item.questions) else shown.title(language) if shown else key.id
    elif form and item:
        title = name_of(form, item, language)
    layer = None if key.layer == own_layer() else key.layer
    return {
        "key": key,
        "title": title,
        "kind": sentences(language)(KINDS[key.kind]),
        "layer": layer_name(key.layer),
        "table": form.table if form else None,
        "asked_layer": None if form and form.is_of_words else layer,
    }
