"""The values that travel through the engine: knowledge as it is written, questions as asked, replies as given.

Each is one frozen dataclass. Pydantic reads it from a file (unknown fields refused, see `bot.content.schema`) and
exports its JSON Schema; code makes it directly.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, time
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field

from bot.fields import (
    Absent,
    AnswerText,
    Code,
    Colour,
    Count,
    Days,
    Email,
    Flag,
    Id,
    Mailbox,
    Origin,
    Phone,
    QuestionText,
    ShortText,
    Url,
    Word,
)
from bot.further import Further, InFurther
from bot.inventory import (
    DayTimes,
    Extent,
    Hours,
    Job,
    Nearby,
    Opening,
    Place,
    PlaceKind,
    Plot,
    PlotStatus,
    PlotType,
    Unit,
)
from bot.values import (
    LANGUAGES,
    STRICT,
    Checked,
    Language,
    Link,
    Localized,
    Season,
    Source,
    Understood,
    Valid,
    instead_of,
)


@dataclass(frozen=True, slots=True)
class AnswerTexts(Localized):
    """An answer in Markdown: paragraphs, lists and bold; at most 2,000 characters a language."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    sv: Annotated[AnswerText | None, Absent] = None
    en: Annotated[AnswerText | None, Absent] = None
    further: Further[AnswerText] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Phrases(InFurther):
    """Questions per language; the first of a language is the title of its entry. Those in `further` languages are only
    shown: going through all of them gives those that are understood."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    sv: tuple[QuestionText, ...] = ()
    en: tuple[QuestionText, ...] = ()
    further: Further[tuple[QuestionText, ...]] = field(default=(), kw_only=True)

    def __getitem__(self, language: Language) -> tuple[str, ...]:
        match language:
            case "sv":
                return self.sv
            case "en":
                return self.en
            case _:
                return dict(self.further).get(language, ())

    def __iter__(self) -> Iterator[tuple[Understood, str]]:
        for language in LANGUAGES:
            for phrase in self[language]:
                yield language, phrase

    def __add__(self, other: "Phrases") -> "Phrases":
        further = sorted({code for code, _ in self.further + other.further})
        own, more = (tuple(self._joined(other, code) for code in codes) for codes in (LANGUAGES, further))
        return Phrases(*own, further=tuple(zip(further, more, strict=True)))

    def _joined(self, other: "Phrases", language: Language) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self[language] + other[language]))


@dataclass(frozen=True, slots=True)
class Tests:
    """Questions that must, and must not, reach an entry. They are never part of the index."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    must_match: Phrases = field(default_factory=Phrases)
    must_not_match: Phrases = field(default_factory=Phrases)

    def __add__(self, other: "Tests") -> "Tests":
        return Tests(self.must_match + other.must_match, self.must_not_match + other.must_not_match)


Table = Literal["plots", "jobs", "places", "contacts"]
Shows = Literal["plots", "jobs", "places", "contacts", "plan"]
Sort = Literal["price", "-price", "area", "-area", "distance"]
Replaceable = Literal["questions", "tests", "links", "next"]
ANSWER_BLOCK = ("answer", "en_of", "source", "checked", "valid", "season", "owner")


@dataclass(frozen=True, slots=True)
class Entry:
    """One topic's answer and everything said about it, as one layer writes it or as the layers give it together."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    questions: Phrases = field(default_factory=Phrases)
    answer: Annotated[AnswerTexts | None, Absent] = None
    en_of: Annotated[ShortText | None, Absent] = None
    tests: Tests = field(default_factory=Tests)
    contacts: tuple[Id, ...] = ()
    links: tuple[Link, ...] = ()
    next: tuple[Id, ...] = ()
    source: Annotated[Source | None, Absent] = None
    owner: Annotated[Id | None, Absent] = None
    checked: Annotated[Checked | None, Absent] = None
    valid: Annotated[Valid | None, Absent] = None
    season: Annotated[Season | None, Absent] = None
    shows: Annotated[Shows | None, Absent] = None
    replace: tuple[Replaceable, ...] = ()

    def title(self, language: Language) -> str:
        """The first question in `language`, else in English, else in Swedish, else the id."""
        return next(iter(self.questions[self.title_language(language)]), self.id)

    def title_language(self, language: Language) -> Language:
        """The language that the title wanted in `language` is written in."""
        return next((one for one in instead_of(language) if self.questions[one]), language)


@dataclass(frozen=True, slots=True)
class Contact:
    """A function or switchboard, never a named person. `phone` is shown as written and called as an international
    number. `languages`: codes of those spoken there; `hours` are of visits, `phone_hours` of calls."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    name: Localized
    phone: Annotated[Phone | None, Absent] = None
    email: Annotated[Email | None, Absent] = None
    url: Annotated[Url | None, Absent] = None
    address: Annotated[ShortText | None, Absent] = None
    note: Annotated[Localized | None, Absent] = None
    languages: tuple[ShortText, ...] = ()
    hours: Annotated[Hours | None, Absent] = None
    phone_hours: Annotated[Hours | None, Absent] = None
    source: Annotated[Source | None, Absent] = None


@dataclass(frozen=True, slots=True)
class Owner:
    """A function at the municipality that answers for entries. `language`: the one that it is written to in."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    name: ShortText
    email: Annotated[Email | None, Absent] = None
    language: Understood = "sv"


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality as `municipality.yaml` describes it; `code` is Statistics Sweden's four digits, None
    while nobody has filled them in.

    `mailbox` is where messages of visitors go: that of a function. `reply_days`: within how many working days they are
    answered. `message_days`: how long they are kept once they are handled, under the decision named in `disposal`.
    `greeting`: a sentence of its own at the top of the chat. `switched_off`: why nothing is answered at present.
    `open_figures`: whether everybody may read the figures of its months as open data.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    name: Localized
    code: Annotated[Code | None, Absent] = None
    groups: tuple[Id, ...] = ()
    official: Flag = False
    site: Annotated[Url | None, Absent] = None
    switchboard: Annotated[Id | None, Absent] = None
    origins: tuple[Origin, ...] = ()
    accent: Annotated[Colour | None, Absent] = None
    owners: Mapping[Id, Owner] = field(default_factory=dict)
    mailbox: Annotated[Mailbox | None, Absent] = None
    reply_days: Annotated[Days | None, Absent] = None
    message_days: Annotated[Days | None, Absent] = None
    disposal: Annotated[ShortText | None, Absent] = None
    legal_hold: Flag = False
    greeting: Annotated[Localized | None, Absent] = None
    switched_off: Annotated[Localized | None, Absent] = None
    open_figures: Flag = False


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A real question that a municipality watches over, and the entry that is to answer it; None: none is to.

    It is a test that says nothing to the matching.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    question: ShortText
    language: Understood = "sv"
    entry: Annotated[Id | None, Absent] = None


@dataclass(frozen=True, slots=True)
class Group:
    """A cooperation of municipalities as `group.yaml` describes it; `groups` are those that it is laid on."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    name: Annotated[Localized | None, Absent] = None
    groups: tuple[Id, ...] = ()


@dataclass(frozen=True, slots=True)
class WordGroup:
    """Words of one meaning in both languages, and `members` that are examples of it (welder → job)."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    words: tuple[Word, ...]
    members: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Frames:
    """The words that only frame a question, all of them together; there is one such list, whose id is `frames`."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    words: Annotated[tuple[Word, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Theme:
    """Questions on something that is not answered here: knowing them keeps wrong answers away."""

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    questions: Phrases


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the knowledge knows about words and subjects beside its entries.

    `groups`: meanings; `frames`: words that only frame a question ("hur söker jag"); `outside`: what is not answered.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    groups: tuple[WordGroup, ...] = ()
    frames: tuple[Word, ...] = ()
    outside: tuple[Theme, ...] = ()

    def __add__(self, other: "Vocabulary") -> "Vocabulary":
        return Vocabulary(self.groups + other.groups, self.frames + other.frames, self.outside + other.outside)


@dataclass(frozen=True, slots=True)
class Topic:
    """An answer that every knowledge base must hold; `layer` says who answers by default.

    `asked`: how many of the strangers' questions are about it, so that what is asked most is filled first.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    id: Id
    layer: Literal["national", "municipality", "group", "bot"]
    about: ShortText
    asked: Count = 0


@dataclass(frozen=True, slots=True)
class Filters:
    """What a question asks of records; None: it was not said. Prices are kr and areas m², both bounds included.

    `sort` with a minus is from the largest down; `distance` needs `near`. `occupation` and `extent` are of jobs,
    `kind` is of places.
    """

    place: str | None = None
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
    occupation: str | None = None
    extent: Extent | None = None
    kind: PlaceKind | None = None

    @property
    def said(self) -> dict[str, Any]:
        """What was said, by name, in the order above."""
        return {name: value for name in FILTERS if (value := getattr(self, name)) is not None}


FILTERS = tuple(field.name for field in fields(Filters))


@dataclass(frozen=True, slots=True)
class Context:
    """What the turn before left behind: its entry, its language, what was asked of records, and the random key of the
    conversation. `municipality` is "" where it was about none."""

    municipality: str
    entry: str | None
    language: Language
    key: str
    filters: Filters | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question as asked, in Swedish time. `municipality`: None where the visitor has chosen none. `language` is the
    visitor's own choice; `prior` is what to assume where the text does not tell."""

    text: str
    municipality: str | None
    asked_on: date
    language: Language | None = None
    prior: Language = "sv"
    context: Context | None = None
    asked_at: time = time(12)


@dataclass(frozen=True, slots=True)
class Option:
    """An entry offered to the visitor: as one of several choices, or as the next thing to ask.

    `language` is that of its title, which may be written in only one.
    """

    entry: str
    title: str
    language: Language


# demonstration: not the municipality's own service · out-of-date: past review · general: the national text, not the
# municipality's own · other-language: the answer exists only in another language · outdated-translation: the Swedish
# text has changed since the English was made · example: records that nobody offers · personal-data: the question held
# some
Notice = Literal[
    "demonstration",
    "out-of-date",
    "general",
    "other-language",
    "outdated-translation",
    "example",
    "personal-data",
    "neighbour",
]


@dataclass(frozen=True, slots=True)
class OpeningOf:
    """Whether the contact or place `id` is open `now`, or, where days were asked about, the times of those `days`.

    `by_phone`: the times are of calls, not of visits.
    """

    id: str
    name: Localized
    phone: str | None
    by_phone: bool
    now: Opening | None = None
    days: tuple[DayTimes, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of one entry. `text` is Markdown in `text_language`; `confidence` is 0 to 1.

    `openings`: where the question asks when something is open, what answers that. `kind` plan: a dated plan can be
    made beside it. `neighbour`: the other municipality that the question is about, whose answer this is. `elsewhere`:
    records that others have, where the municipality has none that fit.
    """

    language: Language
    entry: str
    title: str
    text: str
    text_language: Language
    confidence: float
    source: Source | None = None
    checked: Checked | None = None
    contacts: tuple[Contact, ...] = ()
    links: tuple[Link, ...] = ()
    next: tuple[Option, ...] = ()
    notices: tuple[Notice, ...] = ()
    kind: Literal["answer", "plan", "safety"] = "answer"
    openings: tuple[OpeningOf, ...] = ()
    season: Season | None = None
    neighbour: Municipality | None = None
    elsewhere: tuple["Elsewhere", ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One record of a list. `distance_m`: straight to `nearest`, the nearest place of the kind asked for."""

    record: Plot | Job | Place
    distance_m: float | None = None
    nearest: Place | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """A village, or a municipality (`place` is None), with open jobs for each of several occupations."""

    municipality: Municipality
    place: str | None
    jobs: tuple[Job, ...]


@dataclass(frozen=True, slots=True)
class Relaxed:
    """A limit that had to give way so that something fits: its name, what was said and what would do (None: without
    it). `best` is the record that fits then."""

    name: str
    said: Any
    would_do: Any
    best: Plot | Job | Place


@dataclass(frozen=True, slots=True)
class Listing:
    """The records that fit `filters`, best first: those `shown` of `total`.

    Where none fits, `relaxed` names the one limit, else the two, to give up, and `shown` is what fits then.
    `wishes` are words of the question that no filter holds; `occupation` is what the one asked for is called.
    `together` says where several occupations can be had at once; None: only one is wanted.
    """

    table: Table
    filters: Filters
    shown: tuple[Found, ...]
    total: int
    relaxed: tuple[Relaxed, ...] = ()
    wishes: tuple[str, ...] = ()
    occupation: Localized | None = None
    together: tuple[Together, ...] | None = None


@dataclass(frozen=True, slots=True)
class Records:
    """Records that fit what was asked, beside the answer of the entry that lists them."""

    answer: Answer
    listing: Listing
    kind: Literal["records"] = "records"

    @property
    def language(self) -> Language:
        """The language of the reply."""
        return self.answer.language

    @property
    def confidence(self) -> float:
        """How sure the entry is, 0 to 1."""
        return self.answer.confidence

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Whom to turn to."""
        return self.answer.contacts

    @property
    def notices(self) -> tuple[Notice, ...]:
        """What to know about the answer."""
        return self.answer.notices


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a comparison, with its unit and where it comes from; None: unknown."""

    value: float | Localized | None
    unit: Unit | None = None
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a comparison: what it tells (`id`: that of the fact, or of the table), and a cell a column."""

    id: str
    label: Localized
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Municipalities or villages beside each other."""

    language: Language
    columns: tuple[Localized, ...]
    rows: tuple[Row, ...]
    confidence: float = 1.0
    contacts: tuple[Contact, ...] = ()
    notices: tuple[Notice, ...] = ()
    kind: Literal["compare"] = "compare"


@dataclass(frozen=True, slots=True)
class Choices:
    """Two or three entries that may be meant."""

    language: Language
    options: tuple[Option, ...]
    confidence: float
    contacts: tuple[Contact, ...] = ()
    notices: tuple[Notice, ...] = ()
    neighbour: Municipality | None = None
    kind: Literal["choices"] = "choices"


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What another municipality has: an answer, in Markdown in `text_language`, and where records are asked for those
    that fit."""

    municipality: Municipality
    entry: str
    title: str
    title_language: Language
    text: str = ""
    text_language: Language = "sv"
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """Nothing in the knowledge answers; `contacts` are whom to turn to, `elsewhere` what others answer for themselves.

    `switched_off`: why nothing answers at all.
    """

    language: Language
    confidence: float
    contacts: tuple[Contact, ...] = ()
    notices: tuple[Notice, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    neighbour: Municipality | None = None
    kind: Literal["none"] = "none"
    switched_off: Localized | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """What each of several municipalities has on one entry: those that tell, and how many others do not (`silent`).

    `group`: what the group that was asked about is called; None: none was named. `answer`: what the group itself has
    written on the question.
    """

    language: Language
    entry: str
    title: str
    found: tuple[Elsewhere, ...]
    silent: int
    confidence: float
    group: Localized | None = None
    answer: Answer | None = None
    contacts: tuple[Contact, ...] = ()
    notices: tuple[Notice, ...] = ()
    kind: Literal["group"] = "group"


@dataclass(frozen=True, slots=True)
class Choose:
    """A question that only a municipality can answer, asked of none: those that can be chosen.

    `entry`: what it is most likely about; None: nothing that is known. `group`: the id of the group that it names.
    """

    language: Language
    options: tuple[Municipality, ...]
    confidence: float
    contacts: tuple[Contact, ...] = ()
    notices: tuple[Notice, ...] = ()
    entry: str | None = None
    group: str | None = None
    kind: Literal["choose"] = "choose"


Reply = Answer | Records | Comparison | Choices | NoAnswer | Overview | Choose


@dataclass(frozen=True, slots=True)
class Matches:
    """What a search finds: `options` that answer it, best first, and others that only hold its words (`mentions`).

    `crisis`: what must be read before anything else.
    """

    options: tuple[Option, ...]
    mentions: tuple[Option, ...] = ()
    crisis: Answer | None = None


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of vocabulary/topics.yaml and what stands under it; "" for what stands under none."""

    id: str
    options: tuple[Option, ...]


def answer_of(reply: Reply) -> Answer | None:
    """Return the answer that `reply` gives, alone or with records or an overview; None where it gives none."""
    if isinstance(reply, Records | Overview):
        return reply.answer
    return reply if isinstance(reply, Answer) else None


def neighbour_of(reply: Reply) -> Municipality | None:
    """Return the other municipality that `reply` is of; None where it is of the one that was asked."""
    given = reply.answer if isinstance(reply, Records) else reply
    return given.neighbour if isinstance(given, Answer | Choices | NoAnswer) else None


@dataclass(frozen=True, slots=True)
class Candidate:
    """One entry that was considered, for `explain`: its score, its nearest stored question and the words they share."""

    entry: str
    score: float
    phrasing: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a reply became what it is."""

    language: Language
    words: tuple[str, ...]
    unknown: tuple[str, ...]
    concepts: tuple[str, ...]
    safety: str | None
    carried_over: str | None
    confidence: float
    candidates: tuple[Candidate, ...]
