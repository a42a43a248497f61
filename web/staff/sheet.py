"""The page of one answer: the form, what the layers say, what visitors would see, what would change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from flask import render_template

from bot import LANGUAGES, Assistant, Entry, Key, View, is_outdated, lay_over
from web.chat.asking import show
from web.chat.cards import card
from web.errors import asked_language
from web.i18n import format_date, in_order, sentences, texts
from web.revising import Current, Plain, compared
from web.services import today
from web.staff.clusters import Cluster
from web.staff.comparing import FIELDS, Line, lines
from web.staff.entry_form import SPARE_LINKS, Written
from web.staff.following import begun_for
from web.staff.guard import municipality_here
from web.staff.knowing import entry_of, knowledge, parts_of, view_here
from web.staff.layers import Place, layer_name, own_layer, places
from web.staff.remarks import remarks_on
from web.store.revisions import Revision

SPARE_NEXT: Final = 2
MOST_LINES: Final = 6  # of a part that is shown with where it comes from
MOST_TESTS: Final = 5  # of each language, when an answer is begun for what visitors asked
MONTHS: Final = (3, 6, 12, 24)  # after which an answer may be due to be checked again
USUAL: Final = 12
PARTS: Final = ("questions", "tests", "links", "next")


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


@dataclass(frozen=True, slots=True)
class Looks:
    """What there is to see beside the form: the entry as written, what it changes, and a newer version by another."""

    item: Entry | None
    effect: Mapping[str, Any] | None = None
    stale: Mapping[str, Any] | None = None


def page(
    key: Key,
    place: Place,
    current: Current,
    written: Written,
    based_on: int,
    mistakes: Mapping[str, Sequence[str]],
    looks: Looks,
    note: str = "",
) -> str:
    """Return the whole page."""
    view, outer = view_here(), outside(key)
    shown = view.entries.get(key.id) or outer or Entry(key.id)
    language = asked_language()
    values: dict[str, Any] = {
        "key": key,
        "place_here": place,
        "is_own": key.layer == own_layer(),
        "title": _title(shown, written),
        "layers": _layers(key),
        "layer_name": layer_name,
        "provenance": _provenance(key),
        "current": current,
        "written": written,
        "based_on": based_on,
        "mistakes": mistakes,
        "note": note,
        "outer": outer,
        "inherits": [part for part in PARTS if outer and any(_texts_of(outer, part))],
        "contacts": _contacts(view, written),
        "following": _following(view, written, key.id),
        "owners": [(name, owner.name) for name, owner in municipality_here().owners.items()],
        "links": [*written.links, *[("", "", "")] * SPARE_LINKS],
        "is_outdated": isinstance(current.item, Entry) and is_outdated(current.item),
        "may_draft": place.allows("editor"),
        "may_publish": place.allows("publisher"),
        "stale": looks.stale,
        "begun": begun_for(),
        "day": lambda day: format_date(day, language),
        **_checking(current),
        **_seen(key, looks),
    }
    return render_template("staff/answer.html", **values, place_name=layer_name(key.layer), in_language=language)


def parts(key: Key, looks: Looks, mistakes: Mapping[str, Sequence[str]]) -> str:
    """Return only what changes while somebody types."""
    return render_template("staff/answer_parts.html", mistakes=mistakes, **_seen(key, looks))


def outside(key: Key) -> Entry | None:
    """Return the entry as it would be without what its layer says."""
    found = lay_over(knowledge(), {key: None}).view(municipality_here().id)
    return found.as_written(key.id) if key.id in found.entries else None


def inherited(key: Key, written: Written) -> Written:
    """Fill in the answer of the wider layers, to be rewritten."""
    outer = outside(key)
    if outer is None or outer.answer is None:
        return written
    source = outer.source
    filled = {
        "answer_sv": outer.answer.sv or "",
        "answer_en": outer.answer.en or "",
        "source_url": source.url if source else "",
        "source_copied": source.copied.isoformat() if source else "",
        "source_dated": source.dated.isoformat() if source and source.dated else "",
    }
    return replace(written, texts={**written.texts, **filled})


def begun(written: Written, question: str) -> Written:
    """Fill in the first question, in the language of whoever asks for the form."""
    name = f"questions_{asked_language()}"
    return written if written[name] else replace(written, texts={**written.texts, name: question})


def begun_with(written: Written, questions: Cluster) -> Written:
    """Fill in what visitors asked: the commonest wording of each language as the question, all of them as tests."""
    texts = dict(written.texts)
    for language in LANGUAGES:
        asked = [text for text, spoken, _number in questions.wordings if spoken == language][:MOST_TESTS]
        if asked:
            texts[f"questions_{language}"] = texts.get(f"questions_{language}") or asked[0]
            known = texts.get(f"match_{language}", "").split("\n")
            texts[f"match_{language}"] = "\n".join(line for line in dict.fromkeys([*known, *asked]) if line)
    return replace(written, texts=texts)


def stale(newest: Revision | None, yours: Plain) -> dict[str, Any]:
    """Return the newer version of somebody else, and how yours differs from it."""
    content = newest.content if newest else None
    return {"newest": newest, "diff": lines(compared(content, yours)), "content": _as_lines(content)}


def _as_lines(content: Plain | None) -> list[Line]:
    return lines(compared(None, content))


def _seen(key: Key, looks: Looks) -> dict[str, Any]:
    item = looks.item or Entry(key.id)
    return {
        "preview": _preview(key, item) if looks.item else None,
        "remarks": remarks_on(key, item) if looks.item else [],
        "effect": looks.effect,
    }


def _preview(key: Key, item: Entry) -> list[dict[str, Any]]:
    """Return the answer in each language, made by what makes the visitors' pages."""
    draft = Assistant(lay_over(knowledge(), {key: item}))
    here = municipality_here().id
    found = [(language, show(key.id, here, language, draft)) for language in LANGUAGES]
    return [
        {"language": language, "card": card(turn) if turn else None, "_": texts(language)} for language, turn in found
    ]


def _title(shown: Entry, written: Written) -> str:
    own = [line for language in (asked_language(), *LANGUAGES) for line in written[f"questions_{language}"].split("\n")]
    found = shown.title(asked_language())
    return found if found != shown.id else next(filter(None, own), shown.id)


def _layers(key: Key) -> list[dict[str, Any]]:
    """Return the layers with what each says of the entry; the nearest with an answer is what visitors hear."""
    given = parts_of(key.id)
    answer = next((part.pieces for part in given if part.name == "answer"), ())
    heard = {one.layer: one.counts for one in answer}
    return [
        {
            "place": place,
            "name": layer_name(place.layer),
            "is_open": place.layer == key.layer,
            "is_written": entry_of(place.layer, key.id) is not None,
            "answers": place.layer in heard,
            "is_heard": heard.get(place.layer, False),
        }
        for place in places()
    ]


def _provenance(key: Key) -> list[dict[str, Any]]:
    """Return the parts of the entry with what each layer gives of them, the outermost first, and what it changes."""
    text = texts(asked_language())
    return [
        {
            "name": text(FIELDS[part.name]),
            "given": [
                {
                    "layer": layer_name(one.layer),
                    "counts": one.counts,
                    "count": len(one.lines),
                    "lines": one.lines[:MOST_LINES],
                    "changes": [_changed(line) for line in one.changes],
                }
                for one in part.pieces
            ],
        }
        for part in parts_of(key.id)
        if part.name in FIELDS
    ]


def _changed(line: str) -> Line:
    return Line("added" if line.startswith("+") else "removed", "", line[2:])


def _contacts(view: View, written: Written) -> list[dict[str, Any]]:
    language = asked_language()
    names = {name: contact.name.best(language) for name, contact in view.contacts.items()}
    others = sorted(names.keys() - set(written.contacts), key=lambda name: in_order(names[name], language))
    chosen = [name for name in written.contacts if name in names]
    return [
        {"id": name, "name": names[name], "phone": view.contacts[name].phone, "is_chosen": name in chosen}
        for name in (*chosen, *others)
    ]


def _following(view: View, written: Written, own: str) -> dict[str, Any]:
    language = asked_language()
    titles = {name: entry.title(language) for name, entry in view.entries.items() if name != own}
    listed = sorted(titles, key=lambda name: in_order(titles[name], language))
    return {
        "options": [("", texts(language)(_("none"))), *((name, titles[name]) for name in listed)],
        "chosen": [*written.next, *[""] * SPARE_NEXT],
    }


def _checking(current: Current) -> dict[str, Any]:
    """Return what the form to confirm the answer holds."""
    text, item = sentences(asked_language()), current.item
    if not isinstance(item, Entry):
        return {"checked": None}
    checked = item.checked
    return {
        "checked": checked,
        "is_due": checked is not None and checked.due <= today(),
        "checker": function_for(item),
        "months": [(str(months), text(_("%(number)s months"), number=months)) for months in MONTHS],
        "usual": str(checked.every if checked and checked.every in MONTHS else USUAL),
    }


def function_for(item: Entry) -> str:
    """Return which function most likely checks an answer: its owner, else who did it before, else the municipality."""
    owner = municipality_here().owners.get(item.owner or "")
    if owner:
        return owner.name
    return item.checked.by if item.checked else municipality_here().name.best(asked_language())


def _texts_of(entry: Entry, part: str) -> Sequence[object]:
    found = getattr(entry, part)
    if part == "questions":
        return list(found)
    return [*found.must_match, *found.must_not_match] if part == "tests" else found
