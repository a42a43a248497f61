"""What answers "is it open now?" beside the text of an entry: the places of its kind, else its own contacts."""

from collections.abc import Mapping, Sequence

from bot.content.layers import View
from bot.inventory import Place, PlaceKind
from bot.models import Contact, Entry, OpeningOf, Question
from bot.records.hours import day_times, state
from bot.records.hours_asked import DayAsked, asks_hours
from bot.text import words

MOST = 3
ENDING = 2  # letters
# entry → the places whose hours are meant where it answers
KINDS: Mapping[str, PlaceKind] = {
    "library": "library",
    "waste": "recycling",
    "health-centre": "health-centre",
    "pharmacy": "pharmacy",
    "grocery": "shop",
    "leisure": "sports",
    "culture-school": "culture",
    "school": "school",
    "preschool": "preschool",
    "public-transport": "station",
}


def openings(view: View, entry: Entry, question: Question) -> tuple[OpeningOf, ...]:
    """Return what of `entry` is open when, as `question` asks; empty where it does not ask, or no hours are known."""
    known = _with_hours(view, entry)
    asked = asks_hours(question.text) if known else None
    if asked is None:
        return ()
    made = (_opening_of(one, asked, question) for one in _meant(known, question.text))
    return tuple(opening for opening in made if opening)[:MOST]


def _with_hours(view: View, entry: Entry) -> Sequence[Place | Contact]:
    """Only the entry's own contacts count: the hours of a switchboard are not those of the library."""
    kind = KINDS.get(entry.id)
    places = [place for place in view.inventory.places.values() if kind and place.kind == kind and _has_hours(place)]
    return places or [contact for name in entry.contacts if _has_hours(contact := view.contacts[name])]


def _has_hours(one: Place | Contact) -> bool:
    return one.hours is not None or one.phone_hours is not None


def _meant(known: Sequence[Place | Contact], text: str) -> Sequence[Place | Contact]:
    """Return those whose village `text` names, else those that it calls by name, else all."""
    asked = words(text)
    there = [one for one in known if isinstance(one, Place) and one.place and _is_said(one.place, asked)]
    return there or [one for one in known if _is_called(one, asked)] or known


def _is_called(one: Place | Contact, asked: Sequence[str]) -> bool:
    """Whether a name of `one` is said, with or without the village in it."""
    village = words(one.place) if isinstance(one, Place) and one.place else []
    names = (one.name.sv, one.name.en, *(one.words if isinstance(one, Place) else ()))
    return any(_is_said(name, [*asked, *village]) for name in names if name)


def _is_said(name: str, asked: Sequence[str]) -> bool:
    """Whether all words of `name` are among the folded words `asked`, perhaps with an ending (Granös, biblioteket)."""
    return all(any(word.startswith(part) and len(word) <= len(part) + ENDING for word in asked) for part in words(name))


def _opening_of(one: Place | Contact, asked: DayAsked, question: Question) -> OpeningOf | None:
    hours = one.phone_hours if asked.by_phone else one.hours or one.phone_hours
    if hours is None:
        return None
    by_phone = hours is one.phone_hours
    days = asked.days(question.asked_on)
    if days:
        return OpeningOf(one.id, one.name, one.phone, by_phone, days=tuple(day_times(hours, day) for day in days))
    minute = question.asked_at.hour * 60 + question.asked_at.minute
    return OpeningOf(one.id, one.name, one.phone, by_phone, now=state(hours, question.asked_on, minute))
