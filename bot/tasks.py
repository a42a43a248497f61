"""Tasks of a moving plan as `plan.yaml` writes them, and the answers that they depend on."""

import re
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from bot.fields import Absent, AnswerText, Flag, Id, ShortText
from bot.further import Further
from bot.values import STRICT, Localized, Season, Source, Valid

MoveFrom = Literal["abroad", "returning", "sweden"]
Citizenship = Literal["swedish", "nordic", "eu", "other", "ukraine"]
Child = Literal["preschool", "school", "teenager"]
Home = Literal["undecided", "renting", "buying", "building"]
Work = Literal["job", "seeking", "studying", "retired"]
OFFSET = re.compile(r"(-?)(?:(\d{1,3}) months?(?: (\d{1,4}) days?)?|(\d{1,4})(?: days?)?)")


@dataclass(frozen=True, slots=True)
class Offset:
    """A day counted from the move: whole months first, then days; negative before it."""

    months: int = 0
    days: int = 0

    def after(self, day: date) -> date:
        """Return the day this far from `day`; a month that is too short gives its last day."""
        months = day.year * 12 + day.month - 1 + self.months
        first = date(months // 12, months % 12 + 1, 1)
        last = (first + timedelta(days=32)).replace(day=1) - timedelta(days=1)
        return first.replace(day=min(day.day, last.day)) + timedelta(days=self.days)

    @property
    def about(self) -> float:
        """Roughly how many days these are, to put offsets in order without a date."""
        return self.months * 30.44 + self.days


def _offset(value: object) -> object:
    """Read `-90`, `-90 days`, `3 months` or `3 months 7 days`."""
    if not isinstance(value, str):
        return value
    found = OFFSET.fullmatch(value)
    if found is None:
        raise PydanticCustomError("offset", "offset", {"value": value})
    sign, months, days, only_days = found.groups()
    factor = -1 if sign else 1
    return Offset(factor * int(months or 0), factor * int(days or only_days or 0))


OffsetText = Annotated[
    Offset,
    BeforeValidator(_offset),
    WithJsonSchema({"type": ["string", "integer"], "examples": ["-90", "7", "3 months 7 days"]}),
]


@dataclass(frozen=True, slots=True)
class Condition:
    """Whom a task is for: of each question named here, one of these answers was given. Nothing named: for everybody."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    origin: tuple[MoveFrom, ...] = ()
    citizenship: tuple[Citizenship, ...] = ()
    children: tuple[Child, ...] = ()
    home: tuple[Home, ...] = ()
    work: tuple[Work, ...] = ()
    company: Annotated[Flag | None, Absent] = None
    animals: Annotated[Flag | None, Absent] = None
    car: Annotated[Flag | None, Absent] = None

    def holds(self, answers: "Answers") -> bool:
        """Whether the task is for those who answered so."""
        return all(_is_met(getattr(self, name), getattr(answers, name)) for name in CONDITIONS)


CONDITIONS = tuple(one.name for one in fields(Condition))


def _is_met(wanted: Any, given: Any) -> bool:
    if wanted is None or wanted == ():
        return True
    if isinstance(wanted, bool):
        return bool(wanted == given)
    answers = given if isinstance(given, tuple) else (given,)
    return any(answer in wanted for answer in answers)


@dataclass(frozen=True, slots=True)
class Answers:
    """What somebody says of their move. Empty `children`: none come along; `day` None: not known yet."""

    origin: MoveFrom
    citizenship: Citizenship
    children: tuple[Child, ...] = ()
    home: Home = "undecided"
    work: tuple[Work, ...] = ()
    company: bool = False
    animals: bool = False
    car: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class TaskTexts(Localized):
    """What to do, or why, in plain sentences."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    sv: Annotated[AnswerText | None, Absent] = None
    en: Annotated[AnswerText | None, Absent] = None
    further: Further[AnswerText] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to do, as one layer writes it or as the layers give it together.

    `when`: the day to do it, counted from the move; `deadline`: the last day by law or rule. `season`: not before the
    first day in it from `when` on. `who`: the body that decides or serves. `entry`: the answer behind it. `general`:
    advice that rests on no page. `left_out`: this layer has no use for it.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    when: Annotated[OffsetText | None, Absent] = None
    deadline: Annotated[OffsetText | None, Absent] = None
    season: Annotated[Season | None, Absent] = None
    condition: Annotated[Condition | None, Absent, Field(alias="if")] = None
    title: Annotated[Localized | None, Absent] = None
    text: Annotated[TaskTexts | None, Absent] = None
    en_of: Annotated[ShortText | None, Absent] = None
    why: Annotated[TaskTexts | None, Absent] = None
    who: Annotated[Localized | None, Absent] = None
    contact: Annotated[Id | None, Absent] = None
    entry: Annotated[Id | None, Absent] = None
    law: Annotated[Localized | None, Absent] = None
    source: Annotated[Source | None, Absent] = None
    general: Flag = False
    valid: Annotated[Valid | None, Absent] = None
    left_out: Flag = False

    def is_for(self, answers: Answers, today: date) -> bool:
        """Whether it belongs in the plan that is made `today`."""
        may_be_given = not self.valid or self.valid.covers(today)
        return may_be_given and (self.condition is None or self.condition.holds(answers))


TEXT_BLOCK = ("text", "en_of", "law", "source", "general")
TEXTS = ("title", "text", "why", "who")
NEEDED = ("when", *TEXTS)


def laid(outer: Task | None, inner: Task) -> Task:
    """Lay `inner` over the task of an outer layer. A text brings its law, source and translation mark with it."""
    if outer is None:
        return inner
    alone = {"id", "left_out", *TEXT_BLOCK}
    changes: dict[str, Any] = {
        one.name: value
        for one in fields(Task)
        if one.name not in alone and (value := getattr(inner, one.name)) is not None
    }
    if inner.text:
        changes |= {name: getattr(inner, name) for name in TEXT_BLOCK}
    kept = {one.name: getattr(outer, one.name) for one in fields(Task)}
    return Task(**{**kept, **changes, "left_out": inner.left_out})
