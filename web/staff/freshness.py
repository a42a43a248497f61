"""What is missing, outdated or due for review, in the order of visitors affected; and the two clicks that confirm."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import (
    Checked,
    Entry,
    Gap,
    Key,
    KnowledgeError,
    Municipality,
    Outdated,
    Piece,
    Review,
    View,
    coverage,
    difference,
    fingerprint,
    needing,
    outdated,
    reviews,
    same_meaning,
    still_right,
    to_fill,
)
from web.errors import RequestError, asked_language
from web.frame import view_of
from web.i18n import NAMES, format_date, sentences, translations
from web.notices import NOTICES
from web.people import suffices
from web.revising import StaleError
from web.services import get_services, today
from web.staff import confirming
from web.staff.checking import WAITS
from web.staff.guard import municipality_here, role_here, see_other
from web.staff.knowing import revising
from web.staff.matters import Matter
from web.staff.shell import say
from web.staff.visits import WINDOW, visits_here

NOBODY: Final = "-"  # whose answers have no owner
MONTHS: Final = 12  # until an answer is due again that had no such time of its own


def _(message: str) -> str:
    """Mark `message` for the catalogues."""
    return message


STANDINGS: Final = {
    "overdue": _("Past its review date"),
    "ended": _("Ended: not shown to visitors"),
    "soon": _("Due within 30 days"),
    "never": _("Never confirmed"),
    "later": _("Confirmed"),
}
LACKS: Final = {
    "missing": _("No answer at all"),
    "general": _("Only the general text answers"),
    "sv": _("No Swedish text"),
    "en": _("No English text"),
}


@dataclass(frozen=True, slots=True)
class ToTranslate:
    """An outdated translation as the page shows it; `pieces` are empty where nobody knows what the Swedish was."""

    found: Outdated
    title: str
    asked: int
    pieces: Sequence[Piece]
    is_own: bool
    seen: str


@dataclass(frozen=True, slots=True)
class ToReview:
    """An answer with its review date, as the page shows it."""

    found: Review
    title: str
    owner: str
    asked: int
    standing: str
    day: str
    is_outdated: bool
    seen: str


@dataclass(frozen=True, slots=True)
class ToFill:
    """Something to write, as the page shows it."""

    found: Gap
    title: str
    asked: int
    lack: str


def show() -> str:
    """Show coverage, outdated translations, the review list and what is to fill."""
    here = municipality_here()
    knowledge, view = get_services().knowledge.assistant.knowledge, view_of(here.id)
    visits, stale, listed = visits_here(), outdated(view), reviews(view, today())
    owner = request.args.get("owner", "")
    words = sentences(asked_language())
    return render_template(
        "staff/freshness.html",
        coverage=coverage(view, knowledge),
        outdated=sorted((_to_translate(one, visits, here) for one in stale), key=lambda one: -one.asked),
        reviews=[_to_review(one, visits, here, stale) for one in listed if owner in ("", one.owner or NOBODY)],
        late=len(needing(listed)),
        to_fill=[_to_fill(gap, visits, view) for gap in to_fill(view, knowledge, visits)],
        owners=[(name, found.name) for name, found in here.owners.items()],
        owner=owner,
        nobody=NOBODY if any(one.owner is None for one in listed) else None,
        notice=words(NOTICES["out-of-date"]),
        outdated_notice=words(NOTICES["outdated-translation"]),
        days=WINDOW.days,
        languages=NAMES,
        may_confirm=suffices(role_here(), "publisher"),
    )


def confirm_meaning(entry: str) -> ResponseReturnValue:
    """Note that the English of an answer says what its Swedish says now."""
    here, found = municipality_here(), _entry_seen(entry)
    if _confirm("translation_confirmed", entry, same_meaning):
        say(_("The translation of “%(title)s” counts as made from the Swedish text of today."), title=_title(found))
    return see_other("staff.freshness", municipality=here.id)


def confirm_answer(entry: str) -> ResponseReturnValue:
    """Note that both languages of an answer are right, and begin its time anew."""
    here, found = municipality_here(), _entry_seen(entry)
    owner = here.owners.get(found.owner or "")
    every = found.checked.every if found.checked else MONTHS
    checked = Checked(today(), owner.name if owner else here.name.best("sv"), every)
    if _confirm("answer_confirmed", entry, lambda item: still_right(item, checked)):
        day = format_date(checked.due, asked_language())
        say(_("“%(title)s” is confirmed in both languages. It is due again on %(day)s."), title=_title(found), day=day)
    return see_other("staff.freshness", municipality=here.id)


def matters(here: Municipality) -> Sequence[Matter]:
    """Return what of this needs somebody today, for the first page."""
    ngettext = translations(asked_language()).ngettext
    view = view_of(here.id)
    late = [one.entry.id for one in needing(reviews(view, today()))]
    stale = [one.entry.id for one in outdated(view) if one.layer == _own_layer(here)]
    old = [fact.id for fact in view.inventory.facts.values() if fact.checked and fact.checked.due <= today()]
    if not late and not stale and not old:
        return ()
    visits, page = visits_here(), url_for("staff.freshness", municipality=here.id)
    told = (
        (
            late,
            "review",
            ngettext("%(number)s answer is past its date", "%(number)s answers are past their date", len(late)),
        ),
        (
            stale,
            "outdated",
            ngettext("%(number)s translation is outdated", "%(number)s translations are outdated", len(stale)),
        ),
    )
    found = [
        Matter(text % {"number": len(entries)}, sum(visits.get(entry, 0) for entry in entries), f"{page}#{part}")
        for entries, part, text in told
        if entries
    ]
    return [*found, *([_old_facts(here, view, old, visits)] if old else [])]


def _old_facts(here: Municipality, view: View, old: Sequence[str], visits: Mapping[str, int]) -> Matter:
    """Count the facts past their date, with the visitors of the answers that tell them."""
    text = translations(asked_language()).ngettext(
        "%(number)s fact is past its date", "%(number)s facts are past their date", len(old)
    )
    telling = [entry for entry, facts in view.told.items() if any(fact.id in old for fact in facts)]
    link = url_for("staff.record_list", municipality=here.id, table="facts", state="due")
    return Matter(text % {"number": len(old)}, sum(visits.get(entry, 0) for entry in telling), link)


def _confirm(action: str, entry: str, change: Callable[[Entry], Entry]) -> bool:
    """Confirm what was read on the page; False where a draft waits, which is said. Raises RequestError, StoreError."""

    def confirmed(item: Entry) -> Entry:
        _refuse_unseen(item)
        return change(item)

    try:
        confirming.confirm(Key(_own_layer(municipality_here()), "entry", entry), action, confirmed, kind=Entry)
    except confirming.DraftWaitsError:
        say(WAITS)
        return False
    except StaleError as error:
        raise RequestError("changed_meanwhile") from error
    except KnowledgeError as error:
        raise RequestError("cannot_confirm") from error
    return True


def _entry_seen(entry: str) -> Entry:
    """Return the municipality's own entry, as it stood on the page that was sent; raises RequestError."""
    here = municipality_here()
    get_services().knowledge.refresh()
    view = view_of(here.id)
    found = view.entries.get(entry)
    if found is None or not view.is_local(entry):
        raise RequestError("not_found")
    _refuse_unseen(view.as_written(entry))
    return found


def _refuse_unseen(entry: Entry) -> None:
    if request.form.get("seen") != _stamp(entry):
        raise RequestError("changed_meanwhile")


def _stamp(entry: Entry) -> str:
    """Return what tells apart what was read on the page from what stands there now."""
    texts = entry.answer
    return fingerprint(f"{texts.sv}\n{texts.en}") if texts else ""


def _own_layer(here: Municipality) -> str:
    return f"municipalities/{here.id}"


def _title(entry: Entry) -> str:
    return entry.title(asked_language())


def _to_translate(found: Outdated, visits: Mapping[str, int], here: Municipality) -> ToTranslate:
    before = revising().swedish_of(Key(found.layer, "entry", found.entry.id), found.made_of)
    pieces = difference(before, found.swedish) if before is not None else ()
    is_own = found.layer == _own_layer(here)
    seen = _stamp(view_of(here.id).as_written(found.entry.id))
    return ToTranslate(found, _title(found.entry), visits.get(found.entry.id, 0), pieces, is_own, seen)


def _to_review(found: Review, visits: Mapping[str, int], here: Municipality, stale: Sequence[Outdated]) -> ToReview:
    language = asked_language()
    owner = here.owners.get(found.owner or "")
    return ToReview(
        found,
        title=_title(found.entry),
        owner=owner.name if owner else "",
        asked=visits.get(found.entry.id, 0),
        standing=sentences(language)(STANDINGS[found.standing]),
        day=format_date(found.due, language) if found.due else "",
        is_outdated=any(one.entry.id == found.entry.id for one in stale),
        seen=_stamp(view_of(here.id).as_written(found.entry.id)),
    )


def _to_fill(gap: Gap, visits: Mapping[str, int], view: View) -> ToFill:
    language = asked_language()
    entry = view.entries.get(gap.entry)
    lack = sentences(language)(LACKS[gap.language or gap.kind])
    return ToFill(gap, entry.title(language) if entry else gap.about, visits.get(gap.entry, 0), lack)
