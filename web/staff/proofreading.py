"""What proofreading finds in everything that is answered here: copies of facts, contradictions, links, hard texts."""

from dataclasses import dataclass
from typing import Final

from flask import render_template, request, url_for

from bot import Key, Remark, proofread
from web.errors import asked_language
from web.i18n import sentences
from web.staff.guard import municipality_here
from web.staff.knowing import knowledge, view_here
from web.staff.layers import layer_name, own_layer, places
from web.staff.record_fields import BY_KIND
from web.staff.remarks import KINDS, WORDS, remark, tongue_of

OWN: Final = "own"


@dataclass(frozen=True, slots=True)
class Row:
    """One finding: the title of what it is about, where that is mended, and what to look at."""

    title: str
    link: str
    layer: str | None
    tongue: str
    text: str


def show() -> str:
    """Show what is found, kind by kind; all layers, or only what the municipality itself writes."""
    is_own = request.args.get("layers") == OWN
    layers = [own_layer()] if is_own else [place.layer for place in places()]
    ordered = sorted(proofread(knowledge(), layers), key=lambda found: layers.index(found.key.layer))
    groups = [(kind, sentences(asked_language())(name), _rows(ordered, kind)) for kind, name in KINDS.items()]
    return render_template("staff/proofreading.html", groups=groups, total=len(ordered), is_own=is_own)


def _rows(found: list[Remark], kind: str) -> list[Row]:
    return [_row(one) for one in found if WORDS[one.fault.code][0] == kind]


def _row(found: Remark) -> Row:
    key, fault = found.key, found.fault
    layer = None if key.layer == own_layer() else layer_name(key.layer)
    return Row(_title(key), _link(key), layer, tongue_of(fault.path), remark(fault.code, fault.values))


def _title(key: Key) -> str:
    entry = view_here().entries.get(key.id) if key.kind == "entry" else None
    return entry.title(asked_language()) if entry else key.id


def _link(key: Key) -> str:
    here, layer = municipality_here().id, None if key.layer == own_layer() else key.layer
    if key.kind == "entry":
        return url_for("staff.answer", municipality=here, entry=key.id, layer=layer)
    return url_for("staff.record", municipality=here, table=BY_KIND[key.kind].table, item=key.id, layer=layer)
