"""The answers a plan is made from, read from a form or from JSON, each checked with its own error."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

from werkzeug.datastructures import MultiDict

from bot import Answers, Child, Citizenship, Home, Language, MoveFrom, Work
from web.errors import RequestError
from web.json_body import language_of, members_of, municipality_of, read_json, refuse_others

ONE_OF: Final[Mapping[str, Sequence[str]]] = {
    "origin": get_args(MoveFrom),
    "citizenship": get_args(Citizenship),
    "home": get_args(Home),
}
SOME_OF: Final[Mapping[str, Sequence[str]]] = {"children": get_args(Child), "work": get_args(Work)}
FLAGS: Final = ("company", "animals", "car")
ALSO: Final = "also"  # the flags as a form sends them: those that are so
NEEDED: Final = ("origin", "citizenship")
MEMBERS: Final = ("municipality", "language", *ONE_OF, *SOME_OF, *FLAGS, "date")
YEARS: Final = range(2000, 3000)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose plan, in which language, from which answers."""

    municipality: str
    language: Language | None
    answers: Answers


def read_wanted() -> Wanted:
    """Read the plan that the JSON of this request asks for; raises RequestError."""
    members = members_of(read_json())
    language = language_of(members.get("language"))
    refuse_others(members, MEMBERS)
    return Wanted(municipality_of(members), language, read_answers(members))


def read_answers(given: Mapping[str, Any]) -> Answers:
    """Return what `given` says of a move; raises the first of its faults."""
    for fault in faults(given):
        raise fault
    said: dict[str, Any] = {name: given[name] for name in ONE_OF if given.get(name) is not None}
    said |= {name: tuple(dict.fromkeys(given.get(name) or ())) for name in SOME_OF}
    said |= {name: bool(given.get(name)) for name in FLAGS}
    day = given.get("date")
    return Answers(**said, day=date.fromisoformat(day) if day else None)


def from_form(form: "MultiDict[str, str]") -> dict[str, Any]:
    """Return a form as the members that JSON would have; a field left empty is not there."""
    chosen = {name: form.get(name) or None for name in (*ONE_OF, "date")}
    several = {name: form.getlist(name) for name in SOME_OF}
    also = form.getlist(ALSO)
    return {**chosen, **several, **{name: name in also for name in FLAGS}}


def as_form(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the same as names and values of a form; what is wrong is left out."""
    chosen = [(name, given[name]) for name, accepted in ONE_OF.items() if given.get(name) in accepted]
    chosen += [("date", given["date"])] if _is_day(given.get("date")) else []
    several = [(name, one) for name, accepted in SOME_OF.items() for one in given.get(name) or () if one in accepted]
    return chosen + several + [(ALSO, name) for name in FLAGS if given.get(name)]


def faults(given: Mapping[str, Any]) -> Iterator[RequestError]:
    """Find everything that is wrong with `given`, in the order of the form."""
    for name, accepted in ONE_OF.items():
        yield from _one_fault(name, given.get(name), accepted)
    for name, accepted in SOME_OF.items():
        value = given.get(name)
        if value is not None and not (isinstance(value, list) and all(one in accepted for one in value)):
            yield RequestError("answers_unknown", name, accepted=", ".join(accepted))
    for name in FLAGS:
        if not isinstance(given.get(name, False), bool):
            yield RequestError("answer_not_boolean", name)
    if given.get("date") is not None and not _is_day(given["date"]):
        yield RequestError("date_invalid", "date")


def _one_fault(name: str, value: object, accepted: Sequence[str]) -> Iterator[RequestError]:
    if value is None:
        if name in NEEDED:
            yield RequestError("answer_missing", name)
    elif value not in accepted:
        yield RequestError("answer_unknown", name, accepted=", ".join(accepted))


def _is_day(value: object) -> bool:
    """Whether `value` is a day that exists, as 2027-06-30, in a year that a plan can reach."""
    if not isinstance(value, str) or len(value) != len("2027-06-30"):
        return False
    try:
        return date.fromisoformat(value).year in YEARS
    except ValueError:
        return False
