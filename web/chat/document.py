"""The chat API as its document tells it. These models describe; `body` reads and `payload` writes."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bot import Extent, Nearby, Notice, PlaceKind, PlotStatus, PlotType, Sort
from web.described import Contact, Described, Spoken
from web.openapi import VISIBLE


class ChatQuestion(Described):
    """A question to one municipality, or to all."""

    question: str = Field(
        min_length=1,
        max_length=500,
        json_schema_extra={"pattern": VISIBLE},
        description="In the asker's own words, Swedish or English. Invisible signs and repeated spaces do not count.",
        examples=["Hur reserverar jag en tomt?"],
    )
    municipality: str | None = Field(
        None,
        description="The municipality's id; null: none is chosen. Then the one that is asked about answers, or several "
        "beside each other, or the reply asks which is meant; where there is only one, it answers",
        examples=["vindeln"],
    )
    language: Spoken | None = Field(None, description="The language to be answered in; null: that of the question")
    context: str | None = Field(
        None, description="The context of the answer before. One that is forged, old or from elsewhere is ignored."
    )


class Opinion(Described):
    """What somebody thinks of an answer. With a context that is forged or older than a day it is let go."""

    context: str = Field(description="The context that came with the answer")
    entry: str | None = Field(None, description="The id of the answer; null: none of the choices was meant")
    helpful: bool
    reason: str = Field("", max_length=500, description="In own words, if any; personal data are removed from it")


class Conversation(Described):
    """Which conversation."""

    context: str = Field(description="The context of any of its answers. Nobody is told whether it is genuine")


class ChatQuery(BaseModel):
    """How to answer."""

    explain: Literal["0", "1"] = Field("0", description="1: say why the answer became what it is")
    again: Literal["0", "1"] = Field(
        "0", description="1: it was answered before and is only shown in another language, so it is not counted"
    )


class EntryPath(BaseModel):
    """Which answer."""

    entry_id: str = Field(description="The id of the entry")


class EntryQuery(BaseModel):
    """For whom."""

    municipality: str = Field(description="The municipality's id")
    language: Spoken | None = Field(None, description="Without it: by Accept-Language, else Swedish")


class Source(Described):
    """Where the facts were read."""

    url: str
    dated: date | None = Field(description="The page's own date; null: it shows none")
    copied: date = Field(description="The day it was read")


class Checked(Described):
    """That the municipality itself has looked the answer through."""

    on: date
    by: str
    due: date = Field(description="The first day on which the answer counts as out of date")


class Link(Described):
    """A page that helps further."""

    url: str
    label: str


class Option(Described):
    """An answer that can be had."""

    entry: str
    title: str
    title_language: Spoken = Field(description="The language that the title is written in")
    link: str


class NoticeText(Described):
    """What to know about the answer."""

    code: Notice | Literal["old-records", "in-season", "out-of-season"]
    text: str


class Candidate(Described):
    """One entry that was considered."""

    entry: str
    score: float
    phrasing: str
    words: list[str]


class Explanation(Described):
    """Why the reply became what it is."""

    language: Spoken
    words: list[str]
    unknown: list[str]
    concepts: list[str]
    safety: str | None
    carried_over: str | None
    confidence: float
    candidates: list[Candidate]


class FilterValues(Described):
    """What a question asks of plots or jobs. Prices are kr, areas m²; both bounds are included."""

    place: str | None = Field(None, description="As the records write it")
    employer: str | None = None
    type: PlotType | None = None
    status: PlotStatus | None = None
    price_min: int | None = None
    price_max: int | None = None
    area_min: int | None = None
    area_max: int | None = None
    water_sewage: bool | None = None
    ready_to_build: bool | None = None
    near: Nearby | None = None
    sort: Sort | None = None
    occupation: str | None = Field(None, description="An English title: nurse, truck-driver")
    extent: Extent | None = None
    kind: PlaceKind | None = Field(None, description="Of places")


class Chip(Described):
    """One thing that was understood, or a wish that no filter holds (`name` is null)."""

    name: str | None
    text: str
    without: str | None = Field(description="The list that comes without it")


class Record(BaseModel):
    """A plot, a job or a place: what is shown, and the values it is made from."""

    model_config = ConfigDict(extra="allow")
    id: str
    title: str
    badge: str | None = Field(description="A plot's status in words")
    lines: list[str] = Field(description="What matters most, in words")
    details: list[str] = Field(description="The rest, in words")
    example: bool = Field(description="Nobody offers this; it shows how it looks")
    example_text: str | None
    url: str | None


class Together(Described):
    """Where there are vacancies for each of several occupations."""

    municipality: str
    place: str | None = Field(description="A village; null: the municipality as a whole")
    jobs: list[str] = Field(description="The ids of the vacancies")


class ComparedCell(Described):
    """One value in words."""

    text: str
    source: str | None


class ComparedRow(Described):
    """One line of a comparison."""

    id: str
    label: str
    cells: list[ComparedCell]


class Compared(Described):
    """Places beside each other."""

    columns: list[str]
    rows: list[ComparedRow]


class OfMunicipality(Described):
    """What one of several municipalities has; without an entry: that it can be chosen."""

    municipality: str = Field(description="Its id")
    name: str
    entry: str | None
    title: str | None
    title_language: Spoken
    text: str = Field(description="How its own answer begins, Markdown")
    text_language: Spoken
    link: str = Field(description="Its answer, or where to ask it")
    total: int = Field(ge=0, description="How many of its records fit")
    records: list[Record] = Field(description="The best few of them")
    list_link: str | None = Field(description="The page that lists all of them")


class Reply(Described):
    """A reply of any kind; the members are always the same."""

    kind: Literal["answer", "choices", "none", "records", "plan", "compare", "safety", "group", "choose"]
    language: Spoken
    entry: str | None = Field(description="The id of the entry that answers")
    title: str | None
    text: str = Field(description="Markdown: paragraphs, lists, bold, links")
    text_language: Spoken = Field(description="Other than `language` where the answer is not translated")
    source: Source | None
    checked: Checked | None
    links: list[Link]
    next: list[Option] = Field(description="What people ask after this")
    choices: list[Option] = Field(description="What may have been meant")
    link: str | None = Field(description="The answer's own page")
    records: list[Record] = Field(description="Plots, jobs or places that fit, best first")
    total: int = Field(ge=0, description="How many fit; more than `records` where the list is long")
    filters: FilterValues = Field(description="What was understood; what was not said is left out")
    chips: list[Chip] = Field(description="The filters in words")
    relaxed: dict[str, str | int | bool | None] | None = Field(
        description="Where nothing fits: the limits that had to give way, and what would do (null: without it)"
    )
    list_link: str | None = Field(description="The page that lists and maps everything that fits")
    plan_link: str | None = Field(description="The page that makes a dated plan of a few answers")
    together: list[Together]
    municipality: str | None = Field(description="Whose reply this is; null: it is no municipality's own")
    municipalities: list[OfMunicipality] = Field(
        description="group: those that tell of the entry. choose: those that can be asked. Else: others that have what "
        "the municipality asked has not"
    )
    comparison: Compared | None
    person: str | None = Field(description="The page with whom to call and a form to write; null in danger")
    contacts: list[Contact]
    notices: list[NoticeText]
    confidence: float = Field(ge=0, le=1)
    context: str = Field(description="Send it with the next question")
    context_ignored: bool
    explanation: Explanation | None = Field(None, description="Only where it was asked for")


class WelcomeQuery(EntryQuery):
    """For whom, and who shows it."""

    topic: str = Field("", max_length=64, description="An entry to begin with; one that is unknown is ignored")
    version: str = Field(
        "", max_length=64, pattern="^[0-9a-f]*$", description="Of the script that shows it, if one does"
    )


class SwitchedOff(Described):
    """Nothing is answered at present but danger."""

    title: str
    reason: str
    contacts: list[Contact] = Field(description="Whom to call or write to instead")


class Welcome(Described):
    """What a chat shows when it is opened."""

    municipality: str
    language: Spoken
    name: str
    official: bool = Field(description="Whether the municipality itself stands behind this")
    accent: str | None = Field(description="Its colour, #rrggbb")
    greeting: str | None = Field(description="A sentence of the municipality's own, above the fixed one")
    switched_off: SwitchedOff | None = Field(description="Why nothing is answered at present; null: everything is")
    switchboard: Contact | None
    topics: list[Option] = Field(description="Where others start")
    link: str = Field(description="The chat on a page of its own")
    texts: dict[str, str] = Field(description="What is said around the conversation")
    icons: dict[str, list[str]] = Field(description="The lines of each icon, 24 wide and high")
    words: dict[Spoken, dict[str, str]] = Field(description="What is written around an answer, in its language")


class Title(Described):
    """A question that is answered."""

    entry: str
    title: str
    title_language: Spoken = Field(description="The language that the title is written in")


class Titles(Described):
    """All questions that are answered today, each by its entry's title."""

    titles: list[Title]


class Named(Described):
    """A text in both languages."""

    sv: str
    en: str


class MunicipalityItem(Described):
    """A municipality that can be asked."""

    id: str
    name: Named
    code: str | None = Field(description="Statistics Sweden's four digits; null: not filled in yet")
    official: bool = Field(description="Whether the municipality itself stands behind this")
    site: str | None
    link: Named = Field(description="Where to ask it, in each language")


class Municipalities(Described):
    """All municipalities that can be asked."""

    municipalities: list[MunicipalityItem]
