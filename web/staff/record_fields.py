"""The fields of each kind of record and of words: what they are called, what belongs in them, and how they are read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from bot import WEEKDAYS, Kind, Language
from web.records import KINDS, STATUSES, TYPES

# line: one line of text · area: several · list: one on each line · spoken: languages · kr, kr_m2, m2: numbers
# day · times: of one day · point, points: positions · zone: the system they are in, which is not kept
Shape = Literal[
    "line", "url", "area", "list", "choice", "spoken", "kr", "kr_m2", "m2", "day", "times", "point", "points", "zone"
]
Options = Mapping[str, str]


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the form, where its value goes in the record, and the words beside it.

    `options` None of a choice: they come from the knowledge. `tongue`: the language that it is written in.
    """

    name: str
    path: tuple[str, ...]
    label: str
    hint: str
    shape: Shape = "line"
    options: Options | None = None
    tongue: Language | None = None
    is_needed: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Fields under one heading. `exceptions`: the hours that days with other times belong to."""

    title: str
    fields: tuple[Field, ...]
    exceptions: str | None = None
    hint: str = ""
    is_open: bool = True

    @property
    def exceptions_name(self) -> str:
        """The name of the rows of days with other times."""
        return f"{self.exceptions}_exceptions"


@dataclass(frozen=True, slots=True)
class Form:
    """Everything about one kind. `table` is its name in addresses, `name_field` what its heading is from.

    `is_single`: there is one of it, with the same id.
    """

    table: str
    kind: Kind
    title: str
    about: str
    new: str
    new_hint: str
    sections: tuple[Section, ...]
    name_field: str
    is_of_words: bool = False
    is_single: bool = False

    @property
    def fields(self) -> Iterator[Field]:
        """All fields, in order."""
        return (one for section in self.sections for one in section.fields)

    @property
    def exceptions(self) -> Iterator[Section]:
        """The sections that have days with other times."""
        return (section for section in self.sections if section.exceptions)


UNKNOWN: Final = _("unknown")
YES_NO: Final[Options] = {"": UNKNOWN, "true": _("yes"), "false": _("no")}
EXAMPLE: Final[Options] = {"": _("no, it is real"), "true": _("yes, an example")}
COMPARED: Final[Options] = {"": _("yes"), "false": _("no, answers alone tell it")}
ONE: Final = "one"  # the value of a fact that is the same in both languages
EXTENTS: Final[Options] = {"": UNKNOWN, "full-time": _("full time"), "part-time": _("part time")}
DAY_NAMES: Final[Mapping[str, str]] = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
    "holidays": _("Public holidays"),
    "eves": _("Eves of public holidays"),
}
DAY_HINTS: Final[Mapping[str, str]] = {
    "holidays": _("They are known for every year. Empty: nobody has said."),
    "eves": _("Such as Christmas Eve and Midsummer Eve. Empty: nobody has said."),
}
TIMES_HINT: Final = _("Such as 8–12, 13–16:30, or closed.")
HOURS_HINT: Final = _(
    "Write 8–12, 13–16:30, or closed. All empty: the hours are unknown, and visitors are told so. An empty day among "
    "others is closed."
)
PLACE: Final = Field(
    "place",
    ("place",),
    _("Village"),
    _("The village or town it lies in, as it is written on signs. The chat looks for it."),
)
URL: Final = Field(
    "url", ("url",), _("Page"), _("The address of a page that says more. Visitors get it as a link."), "url"
)
ADDRESS: Final = Field("address", ("address",), _("Street address"), _("Street and number, post code and town."))
PHONE: Final = Field("phone", ("phone",), _("Phone"), _("As people in Sweden dial it. Visitors can press it."))


def _in_both(
    name: str, in_swedish: str, in_english: str, hint: str, shape: Shape = "line", *, is_needed: bool = False
) -> tuple[Field, Field]:
    return (
        Field(f"{name}_sv", (name, "sv"), in_swedish, hint, shape, None, "sv", is_needed),
        Field(f"{name}_en", (name, "en"), in_english, hint, shape, None, "en"),
    )


def _hours(name: str, title: str, hint: str) -> Section:
    days = tuple(
        Field(f"{name}_{day}", (name, day), DAY_NAMES[day], DAY_HINTS.get(day, TIMES_HINT), "times")
        for day in (*WEEKDAYS, "holidays", "eves")
    )
    valid = (
        Field(f"{name}_from", (name, "valid", "from"), _("The hours hold from"), _("Empty: they hold already."), "day"),
        Field(
            f"{name}_to", (name, "valid", "to"), _("The hours hold until"), _("Empty: until they are changed."), "day"
        ),
    )
    return Section(title, (*days, *valid), name, hint, is_open=False)


HOURS: Final = _hours(
    "hours",
    _("Open for visits"),
    HOURS_HINT,
)
PHONE_HOURS: Final = _hours(
    "phone_hours",
    _("The phone is answered"),
    HOURS_HINT,
)
POSITION: Final = (
    Field(
        "position",
        ("position",),
        _("Position"),
        _("Copy it from a map: 64.2003, 19.7170, or SWEREF 99 TM: 7129012, 728726."),
        "point",
    ),
    Field(
        "zone",
        (),
        _("System of the position"),
        _("Needed only for the local zones of SWEREF 99, whose numbers look alike."),
        "zone",
    ),
)
SOURCE: Final = Section(
    _("Source"),
    (
        Field("source_url", ("source", "url"), _("Source"), _("The address of the page where the facts stand."), "url"),
        Field("source_copied", ("source", "copied"), _("Read on"), _("The day on which you read it there."), "day"),
        Field(
            "source_dated",
            ("source", "dated"),
            _("The page is dated"),
            _("The date that the page itself shows; empty where it shows none."),
            "day",
        ),
    ),
    is_open=False,
)
IS_EXAMPLE: Final = Field(
    "example",
    ("example",),
    _("Example?"),
    _("Visitors are told that nobody offers an example."),
    "choice",
    EXAMPLE,
)
CONTACTS: Final = Form(
    "contacts",
    "contact",
    _("Contacts"),
    _("Functions and switchboards that answers and the chat lead to."),
    _("A new contact"),
    _("What the function is called, never a person: Building office, Reception of the school."),
    (
        Section(
            _("Who it is"),
            (
                *_in_both(
                    "name",
                    _("Name in Swedish"),
                    _("Name in English"),
                    _("A function or a switchboard, never a named person."),
                    is_needed=True,
                ),
                *_in_both(
                    "note",
                    _("Note in Swedish"),
                    _("Note in English"),
                    _("What to know before one calls, in a sentence. It may be empty."),
                    "area",
                ),
            ),
        ),
        Section(
            _("How to reach it"),
            (
                PHONE,
                Field("email", ("email",), _("E-mail"), _("The address of the function, not of a person.")),
                URL,
                ADDRESS,
                Field(
                    "languages",
                    ("languages",),
                    _("Languages spoken"),
                    _("Such as Swedish, English, Arabic; with commas between."),
                    "spoken",
                ),
            ),
        ),
        PHONE_HOURS,
        HOURS,
        SOURCE,
    ),
    "name",
)
PLACES: Final = Form(
    "places",
    "place",
    _("Places"),
    _("Villages, schools, shops, libraries and businesses, for lists, the map and “near”."),
    _("A new place"),
    _("What it is called: Hällnäs school."),
    (
        Section(
            _("What it is"),
            (
                *_in_both(
                    "name", _("Name in Swedish"), _("Name in English"), _("As it is written on signs."), is_needed=True
                ),
                Field(
                    "kind",
                    ("kind",),
                    _("Kind"),
                    _("What it is. Visitors can look for places of one kind."),
                    "choice",
                    {"": _("choose"), **KINDS},
                    is_needed=True,
                ),
                Field(
                    "words",
                    ("words",),
                    _("Other names"),
                    _("What people call it beside its name, one on each line."),
                    "list",
                ),
                *_in_both(
                    "note",
                    _("Note in Swedish"),
                    _("Note in English"),
                    _("What else to know, in a sentence. It may be empty."),
                    "area",
                ),
                IS_EXAMPLE,
            ),
        ),
        Section(
            _("Where it is"),
            (
                PLACE,
                ADDRESS,
                *POSITION,
                Field(
                    "outline",
                    ("outline",),
                    _("Outline"),
                    _("Its corners for the map, one on each line, in the system of the position. It may be empty."),
                    "points",
                ),
            ),
        ),
        Section(_("How to reach it"), (PHONE, URL)),
        HOURS,
        PHONE_HOURS,
        SOURCE,
    ),
    "name",
)
PLOTS: Final = Form(
    "plots",
    "plot",
    _("Plots"),
    _("What there is to build on, with price, area and status."),
    _("A new plot"),
    _("Its designation or a name of your own: Hällnäs 2:31."),
    (
        Section(
            _("What it is"),
            (
                Field(
                    "plot_status",
                    ("status",),
                    _("Status"),
                    _("A sold plot is kept, and shown to nobody."),
                    "choice",
                    {"": _("choose"), **STATUSES},
                    is_needed=True,
                ),
                Field(
                    "type",
                    ("type",),
                    _("What may be built"),
                    _("What it is meant for."),
                    "choice",
                    {"": UNKNOWN, **TYPES},
                ),
                IS_EXAMPLE,
            ),
        ),
        Section(
            _("Size and price"),
            (
                Field("area_m2", ("area_m2",), _("Area"), _("In m²: 1 250. Hectares are read too: 0,5 ha."), "m2"),
                Field(
                    "price_kr",
                    ("price_kr",),
                    _("Price"),
                    _("In kr: 250 000. Leave it empty where it is not set."),
                    "kr",
                ),
                Field(
                    "price_kr_m2",
                    ("price_kr_m2",),
                    _("Price of a square metre"),
                    _("In kr, instead of the price; the price is then worked out from the area."),
                    "kr_m2",
                ),
            ),
        ),
        Section(
            _("Where it is"),
            (
                PLACE,
                Field("designation", ("designation",), _("Designation"), _("As in the register: Hällnäs 2:31.")),
                *POSITION,
                Field(
                    "polygon",
                    ("polygon",),
                    _("Corners"),
                    _("For the map, one on each line, in the system of the position. It may be empty."),
                    "points",
                ),
            ),
        ),
        Section(
            _("Building there"),
            (
                *_in_both(
                    "building_right",
                    _("Building right in Swedish"),
                    _("Building right in English"),
                    _("What and how much may be built, in a sentence."),
                    "area",
                ),
                *_in_both(
                    "allocation",
                    _("How one gets it, in Swedish"),
                    _("How one gets it, in English"),
                    _("Queue, reservation or bids, in a sentence."),
                    "area",
                ),
                Field("plan", ("plan",), _("Detailed plan"), _("Its name or number.")),
                Field(
                    "water_sewage",
                    ("water_sewage",),
                    _("Municipal water and sewage"),
                    _("Yes only where both reach the plot."),
                    "choice",
                    YES_NO,
                ),
                Field(
                    "ready_to_build",
                    ("ready_to_build",),
                    _("Ready to build"),
                    _("Whether one can begin at once."),
                    "choice",
                    YES_NO,
                ),
                URL,
            ),
        ),
        SOURCE,
    ),
    "designation",
)
JOBS: Final = Form(
    "jobs",
    "job",
    _("Jobs"),
    _("Vacancies, for the chat and the list. What is past its last day is shown to nobody."),
    _("A new job"),
    _("What it is called: Nurse by night."),
    (
        Section(
            _("What it is"),
            (
                *_in_both(
                    "title", _("Title in Swedish"), _("Title in English"), _("As in the advertisement."), is_needed=True
                ),
                Field(
                    "employer", ("employer",), _("Employer"), _("Who employs, never a named person."), is_needed=True
                ),
                Field(
                    "occupation",
                    ("occupation",),
                    _("Occupation"),
                    _("So that people find it by any word for it. New ones are made under Occupations."),
                    "choice",
                ),
                PLACE,
                Field("extent", ("extent",), _("Extent"), _("Full time or part time."), "choice", EXTENTS),
                Field(
                    "deadline",
                    ("deadline",),
                    _("Last day to apply"),
                    _("Such as 2026-12-01 or 1/12 2026. After it nobody is shown the job."),
                    "day",
                ),
                URL,
                IS_EXAMPLE,
            ),
        ),
        SOURCE,
    ),
    "title",
)
GROUPS: Final = Form(
    "groups",
    "group",
    _("Words that mean the same"),
    _("A question with one word of a group is about all of it: tomt, byggtomt, plot."),
    _("A new group of words"),
    _("One of its words."),
    (
        Section(
            _("Words"),
            (
                Field(
                    "words",
                    ("words",),
                    _("Words that mean the same"),
                    _("Swedish and English together, one on each line, at most three words each, capitals or not."),
                    "list",
                    is_needed=True,
                ),
                Field(
                    "members",
                    ("members",),
                    _("Examples of it"),
                    _("Words for one of its kind, one on each line: welder is a member of job. It may be empty."),
                    "list",
                ),
            ),
        ),
    ),
    "words",
    is_of_words=True,
)
QUESTIONS: Final[tuple[tuple[Language, str], ...]] = (
    ("sv", _("Questions in Swedish")),
    ("en", _("Questions in English")),
)
THEMES: Final = Form(
    "themes",
    "theme",
    _("Known, but not answered"),
    _("Questions that nobody here answers. Knowing them keeps wrong answers away."),
    _("A new subject that is not answered"),
    _("What it is about, in a word or two: pancakes, share prices."),
    (
        Section(
            _("Questions"),
            tuple(
                Field(
                    f"questions_{tongue}",
                    ("questions", tongue),
                    label,
                    _("One on each line, as visitors ask it. What is asked like this gets no answer."),
                    "list",
                    None,
                    tongue,
                )
                for tongue, label in QUESTIONS
            ),
        ),
    ),
    "id",
    is_of_words=True,
)
OCCUPATIONS: Final = Form(
    "occupations",
    "occupation",
    _("Occupations"),
    _("What people call an occupation. Jobs are found by any of these words."),
    _("A new occupation"),
    _("Its English title: assistant nurse. The address is made from it."),
    (
        Section(
            _("Words"),
            (
                Field(
                    "sv",
                    ("sv",),
                    _("In Swedish"),
                    _("One on each line, the usual title first. Common endings are known."),
                    "list",
                    None,
                    "sv",
                    is_needed=True,
                ),
                Field(
                    "en",
                    ("en",),
                    _("In English"),
                    _("One on each line, the usual title first. Common endings are known."),
                    "list",
                    None,
                    "en",
                    is_needed=True,
                ),
            ),
        ),
    ),
    "en",
    is_of_words=True,
)
FRAMES: Final = Form(
    "frames",
    "frames",
    _("Words that only frame a question"),
    _("Words that say nothing of a subject: hur, vad, how do I. They hardly count when a question is read."),
    "",
    "",
    (
        Section(
            _("Words"),
            (
                Field(
                    "words",
                    ("words",),
                    _("Words that only frame a question"),
                    _("Swedish and English together, one on each line. No word that a subject needs."),
                    "list",
                    is_needed=True,
                ),
            ),
        ),
    ),
    "id",
    is_of_words=True,
    is_single=True,
)
UNITS: Final[Options] = {
    "": _("none: a name or words"),
    "phone": _("phone number"),
    "kr": _("kr"),
    "kr/m2": _("kr per m²"),
    "kr/month": _("kr a month"),
    "percent": _("per cent"),
    "m2": _("m²"),
    "km": _("km"),
    "km2": _("km²"),
    "time": _("time of day"),
    "hours": _("from one time of day to another"),
    "date": _("date"),
    "minutes": _("minutes"),
    "years": _("years"),
    "people": _("people"),
    "count": _("a number"),
}
FACTS: Final = Form(
    "facts",
    "fact",
    _("Facts"),
    _("Prices, fees, hours and numbers that answers name, so that each is changed in one place."),
    _("A new fact"),
    _("What it is, in a few words: Fee for the plot queue. Its address is made from it."),
    (
        Section(
            _("What it is"),
            (
                *_in_both(
                    "label",
                    _("What it is called in Swedish"),
                    _("What it is called in English"),
                    _("In a few words. Comparisons show it beside the value."),
                    is_needed=True,
                ),
            ),
        ),
        Section(
            _("Value"),
            (
                Field(
                    "value_one",
                    ("value", ONE),
                    _("Value"),
                    _("A number (1250 or 23.15), a phone number, 16:30, 08:00-16:30 or 2026-12-31."),
                ),
                Field(
                    "unit",
                    ("unit",),
                    _("Unit"),
                    _("It decides how each language writes the value."),
                    "choice",
                    UNITS,
                ),
                Field(
                    "value_sv",
                    ("value", "sv"),
                    _("Or as words in Swedish"),
                    _("A name, or words that stand in the middle of a sentence. Without a unit."),
                    tongue="sv",
                ),
                Field(
                    "value_en",
                    ("value", "en"),
                    _("Or as words in English"),
                    _("The same for the English answers."),
                    tongue="en",
                ),
                Field(
                    "dated",
                    ("dated",),
                    _("The value is of"),
                    _("The day that it was true on, such as that of a count; it may be empty."),
                    "day",
                ),
                Field(
                    "compared",
                    ("compared",),
                    _("In comparisons?"),
                    _("Whether it is a row where municipalities are set beside each other."),
                    "choice",
                    COMPARED,
                ),
            ),
        ),
        Section(
            _("Where nobody gives a value"),
            _in_both(
                "fallback",
                _("Said instead in Swedish"),
                _("Said instead in English"),
                _("For a fact that each municipality gives: what stands in the sentence until it does."),
            ),
            is_open=False,
        ),
        replace(SOURCE, is_open=True),
    ),
    "label",
)
OWN_QUESTIONS: Final = Form(
    "questions",
    "question",
    _("Our questions"),
    _("Real questions with the answer that they should get. Each publishing shows how many still hold."),
    _("A new question"),
    _("The question as a visitor would write it, such as: hur lång är kön till förskolan"),
    (
        Section(
            _("Question"),
            (
                Field(
                    "question",
                    ("question",),
                    _("Question"),
                    _("As a visitor would write it, without anything that tells who somebody is."),
                    "area",
                    is_needed=True,
                ),
                Field(
                    "language",
                    ("language",),
                    _("Language"),
                    _("The language that it is written in."),
                    "choice",
                    {"sv": _("Swedish"), "en": _("English")},
                ),
                Field(
                    "entry",
                    ("entry",),
                    _("The right answer"),
                    _("What visitors should get, at once or among the choices."),
                    "choice",
                ),
            ),
        ),
    ),
    "question",
)
FORMS: Final[Mapping[str, Form]] = {
    form.table: form
    for form in (CONTACTS, FACTS, PLACES, PLOTS, JOBS, OWN_QUESTIONS, GROUPS, FRAMES, THEMES, OCCUPATIONS)
}
BY_KIND: Final[Mapping[str, Form]] = {form.kind: form for form in FORMS.values()}
