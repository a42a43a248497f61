"""Make replies of entries: the text in the right language, with everything a visitor should know about it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import TypeVar

from bot.content.layers import View
from bot.content.translation import is_outdated
from bot.models import (
    Answer,
    Choices,
    Contact,
    Elsewhere,
    Entry,
    Listing,
    Municipality,
    NoAnswer,
    Notice,
    Option,
    Records,
    Reply,
)
from bot.values import Checked, Language

Marked = TypeVar("Marked", Answer, Choices, NoAnswer)


def is_given(entry: Entry, day: date) -> bool:
    """Whether the entry has an answer that may be given on `day`."""
    return bool(entry.answer and any(entry.answer)) and (not entry.valid or entry.valid.covers(day))


def answer(
    view: View, entry: Entry, language: Language, day: date, confidence: float, local: Collection[str] = ()
) -> Answer:
    """Make the answer of `entry`; `local` are the ids of the topics that a municipality should answer for itself."""
    texts = entry.answer
    assert texts is not None, "only entries with an answer are given"  # noqa: S101 - an invariant, see is_given
    shown = texts.language_for(language)
    notices = tuple(_notices(view, entry, language, shown, day, local))
    known = (view.entries[other] for other in entry.next if other in view.entries)  # one may be gone in a draft
    following = (other for other in known if is_given(other, day))
    return Answer(
        language=language,
        entry=entry.id,
        title=entry.title(language),
        text=(texts[shown] or "").strip(),
        text_language=shown,
        confidence=confidence,
        source=entry.source,
        checked=entry.checked,
        contacts=_contacts(view, entry, notices),
        links=entry.links,
        next=tuple(offered(other, language) for other in following),
        notices=notices,
        kind="plan" if entry.shows == "plan" and view.tasks else "answer",
        season=entry.season,
    )


def _contacts(view: View, entry: Entry, notices: Iterable[Notice]) -> tuple[Contact, ...]:
    """Return the entry's contacts; a general text, and one that is out of date, have the municipality's own beside
    them."""
    own = view.contacts_of(Entry("nobody")) if {"general", "out-of-date"}.intersection(notices) else ()
    return tuple(dict.fromkeys(view.contacts_of(entry) + own))


def choices(view: View, entries: Iterable[str], language: Language, confidence: float) -> Choices:
    """Offer `entries` by their titles."""
    options = tuple(offered(view.entries[entry], language) for entry in entries)
    return Choices(language, options, confidence, someone(view), standing(view))


def offered(entry: Entry, language: Language) -> Option:
    """Offer one entry by its title in `language`, else in one that it has."""
    return Option(entry.id, entry.title(language), entry.title_language(language))


def silence(view: View, language: Language, confidence: float) -> NoAnswer:
    """Say that nothing answers, and whom to turn to."""
    return NoAnswer(language, confidence, someone(view), standing(view))


def switched_off(view: View, language: Language) -> NoAnswer | None:
    """Say why nothing is answered at present; None where everything is."""
    reason = view.municipality.switched_off
    contacts = tuple(dict.fromkeys((*view.contacts_of(Entry("nobody")), *someone(view))))
    return NoAnswer(language, 0.0, contacts, standing(view), switched_off=reason) if reason else None


def someone(view: View) -> tuple[Contact, ...]:
    """Return whom to turn to where nothing else is known: the newcomer service, else the switchboard."""
    welcome = view.entries.get("newcomer-service")
    return view.contacts_of(welcome or Entry("nobody"))


def noting(reply: Reply, notice: Notice) -> Reply:
    """Return `reply` with one more thing to know about it."""
    if isinstance(reply, Records):
        return replace(reply, answer=replace(reply.answer, notices=(*reply.answer.notices, notice)))
    return replace(reply, notices=(*reply.notices, notice))


def of_neighbour(reply: Reply, neighbour: Municipality) -> Reply:
    """Mark `reply` as that of another municipality than the one that was asked."""
    if isinstance(reply, Records):
        return replace(reply, answer=_marked(reply.answer, neighbour))
    match reply:
        case Answer():
            return _marked(reply, neighbour)
        case Choices():
            return _marked(reply, neighbour)
        case NoAnswer():
            return _marked(reply, neighbour)
        case _:
            return reply


def _marked(reply: Marked, neighbour: Municipality) -> Marked:
    return replace(reply, neighbour=neighbour, notices=(*reply.notices, "neighbour"))


def told_by(view: View, entry: Entry, language: Language, listing: Listing | None = None) -> Elsewhere:
    """Say what another municipality has: the beginning of its answer, and the records of it that fit."""
    texts = entry.answer
    shown = texts.language_for(language) if texts else language
    text = (texts[shown] or "").strip().split("\n\n")[0] if texts else ""
    spoken = entry.title_language(language)
    return Elsewhere(view.municipality, entry.id, entry.title(language), spoken, text, shown, listing)


def standing(view: View) -> tuple[Notice, ...]:
    """Return what to know about every reply of the municipality."""
    return () if view.municipality.official else ("demonstration",)


def _is_past(checked: Checked | None, day: date) -> bool:
    return checked is not None and checked.due <= day


def _notices(
    view: View, entry: Entry, language: Language, shown: Language, day: date, local: Collection[str]
) -> Iterator[Notice]:
    yield from standing(view)
    if _is_past(entry.checked, day) or any(_is_past(fact.checked, day) for fact in view.facts_of(entry.id)):
        yield "out-of-date"
    if entry.id in local and not view.is_local(entry.id):
        yield "general"
    if shown != language:
        yield "other-language"
    elif shown == "en" and is_outdated(entry):
        yield "outdated-translation"
