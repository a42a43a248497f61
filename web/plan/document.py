"""The plan's route as the API document tells it. These models describe; `reading` reads and `payload` writes."""

import datetime
from typing import Annotated

from pydantic import Field

from bot import Child, Citizenship, Home, MoveFrom, Work
from web.described import Contact, Described, Spoken

Day = Annotated[datetime.date, Field(json_schema_extra={"pattern": r"^2\d{3}-"})]


class PlanWanted(Described):
    """What is known of a move. None of it is kept."""

    municipality: str = Field(description="The municipality's id", examples=["vindeln"])
    language: Spoken | None = Field(None, description="Without it: by Accept-Language, else Swedish")
    origin: MoveFrom = Field(description="returning: from abroad, by someone who has lived in Sweden before")
    citizenship: Citizenship = Field(description="eu: EU, EEA or Swiss; ukraine: temporary protection")
    children: list[Child] | None = Field(None, description="Ages that come along: 0–5, 6–15, 16–19")
    home: Home | None = None
    work: list[Work] | None = None
    company: bool = Field(False, description="Of their own")
    animals: bool = Field(False, description="A dog or a cat")
    car: bool = False
    date: Day | None = Field(None, description="The day of the move; without it the plan has no dates")


class TaskSource(Described):
    """Where the facts of a task were read."""

    url: str
    dated: datetime.date | None = Field(description="The page's own date; null: it shows none")
    copied: datetime.date = Field(description="The day it was read")


class TaskEntry(Described):
    """The answer behind a task."""

    entry: str
    title: str
    title_language: Spoken = Field(description="The language that the title is written in")
    link: str


class PlannedTask(Described):
    """One thing to do."""

    id: str
    part: str = Field(description="The part of the plan it stands in, in words")
    date: Day | None = Field(description="The day to do it; null: the day of the move is not known")
    when: str = Field(description="The same in words")
    season: str | None = Field(description="Which days of the year it is for, where no date says so")
    deadline: Day | None = Field(description="The last day, by law or rule")
    deadline_text: str | None
    is_late: bool = Field(description="It should have been begun before today")
    text_language: Spoken = Field(description="Other than the plan's where the task is not translated")
    is_outdated: bool = Field(description="The Swedish text has changed since the translation was made")
    title: str
    text: str = Field(description="What to do, in plain sentences")
    why: str
    who: str = Field(description="The body that decides or serves")
    law: str | None
    source: TaskSource | None = Field(description="null: general advice that rests on no page")
    entry: TaskEntry | None
    contacts: list[Contact]


class MovingPlan(Described):
    """What to do for a move, in order."""

    municipality: str
    language: Spoken
    official: bool = Field(description="Whether the municipality itself stands behind this")
    made_on: Day = Field(description="The day that was today for it")
    move: Day | None
    tasks: list[PlannedTask]
    link: str = Field(description="The page that makes such plans")
