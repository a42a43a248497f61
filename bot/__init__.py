"""The engine: plain typed Python.

No Flask, no database, no network, no clock of its own, no environment: values in, values out. What the day is, where
the knowledge lies and who asks comes in by argument. Arrows inside point one way: quality → dialogue → matching →
text, models ← content, exchange. Other code uses the names below and nothing deeper.
"""

from bot.content.formatting import formatted
from bot.content.layers import SAFETY, View
from bot.content.loading import Knowledge, inspect, load
from bot.content.schema import json_schemas
from bot.dialogue.assistant import Assistant, shipped_vectors
from bot.dialogue.plan import Plan, Step
from bot.dialogue.redaction import PersonalData, Redacted, public_ways, redact
from bot.dialogue.replies import is_given
from bot.errors import BotError, KnowledgeError, Problem, UnknownMunicipalityError
from bot.exchange.changes import Changes, FieldChange, compare
from bot.exchange.geojson import KNOWN as COORDINATE_SYSTEMS
from bot.exchange.geojson import read_geojson
from bot.exchange.ids import make_id
from bot.exchange.jobsearch import JobRows, read_jobs
from bot.exchange.mapping import ColumnMapping, guess, read_mapping
from bot.exchange.mapping import as_yaml as mapping_as_yaml
from bot.exchange.plots import Origin, PlotRows, read_plots
from bot.exchange.problems import ExchangeError, RowProblem
from bot.exchange.rows import read_rows as read_records
from bot.exchange.rows import write_rows as write_records
from bot.exchange.rss import is_feed, read_rss
from bot.exchange.sheet import read_sheet
from bot.exchange.sweref import to_wgs84
from bot.exchange.tables import MAX_BYTES as LARGEST_FILE
from bot.exchange.tables import Table
from bot.exchange.visma import is_visma, read_visma
from bot.fields import phone_link
from bot.inventory import (
    WEEKDAYS,
    DayTimes,
    Extent,
    Fact,
    Hours,
    Inventory,
    Job,
    Moment,
    Nearby,
    Opening,
    Place,
    PlaceKind,
    Plot,
    PlotStatus,
    PlotType,
    Times,
)
from bot.language import train
from bot.models import (
    Answer,
    Candidate,
    Cell,
    Checked,
    Choices,
    Choose,
    Comparison,
    Contact,
    Context,
    Elsewhere,
    Entry,
    Explanation,
    Filters,
    Found,
    Heading,
    Listing,
    Matches,
    Municipality,
    NoAnswer,
    Notice,
    OpeningOf,
    Option,
    Overview,
    Question,
    Records,
    Relaxed,
    Reply,
    Sort,
    Together,
    answer_of,
    neighbour_of,
)
from bot.models import Table as TableName
from bot.quality.benchmark import (
    BenchmarkError,
    Hits,
    LanguageScore,
    Speed,
    measure_hits,
    measure_language,
    measure_speed,
    read_rows,
)
from bot.quality.checks import Finding, Report, check
from bot.quality.corpus import sentences_of, spellings
from bot.quality.distilling import distil
from bot.quality.evaluation import Judged, QuestionsError, Summary, as_rows, evaluate, read_questions, summarize
from bot.quality.filtering import FilterJudged, RecordSpeed, evaluate_filters, measure_records, read_filter_rows
from bot.quality.fitting import fit_both
from bot.quality.noise import typo
from bot.records.hours import state as opening_state
from bot.records.hours import unusual_days
from bot.records.search import NEAR_M, Search
from bot.tasks import Answers, Child, Citizenship, Home, MoveFrom, Offset, Task, Work
from bot.text import clean, fold
from bot.values import LANGUAGES, Language, Link, Localized, Season, Source

__all__ = [
    "COORDINATE_SYSTEMS",
    "LANGUAGES",
    "LARGEST_FILE",
    "NEAR_M",
    "SAFETY",
    "WEEKDAYS",
    "Answer",
    "Answers",
    "Assistant",
    "BenchmarkError",
    "BotError",
    "Candidate",
    "Cell",
    "Changes",
    "Checked",
    "Child",
    "Choices",
    "Choose",
    "Citizenship",
    "ColumnMapping",
    "Comparison",
    "Contact",
    "Context",
    "DayTimes",
    "Elsewhere",
    "Entry",
    "ExchangeError",
    "Explanation",
    "Extent",
    "Fact",
    "FieldChange",
    "FilterJudged",
    "Filters",
    "Finding",
    "Found",
    "Heading",
    "Hits",
    "Home",
    "Hours",
    "Inventory",
    "Job",
    "JobRows",
    "Judged",
    "Knowledge",
    "KnowledgeError",
    "Language",
    "LanguageScore",
    "Link",
    "Listing",
    "Localized",
    "Matches",
    "Moment",
    "MoveFrom",
    "Municipality",
    "Nearby",
    "NoAnswer",
    "Notice",
    "Offset",
    "Opening",
    "OpeningOf",
    "Option",
    "Origin",
    "Overview",
    "PersonalData",
    "Place",
    "PlaceKind",
    "Plan",
    "Plot",
    "PlotRows",
    "PlotStatus",
    "PlotType",
    "Problem",
    "Question",
    "QuestionsError",
    "RecordSpeed",
    "Records",
    "Redacted",
    "Relaxed",
    "Reply",
    "Report",
    "RowProblem",
    "Search",
    "Season",
    "Sort",
    "Source",
    "Speed",
    "Step",
    "Summary",
    "Table",
    "TableName",
    "Task",
    "Times",
    "Together",
    "UnknownMunicipalityError",
    "View",
    "Work",
    "answer_of",
    "as_rows",
    "check",
    "clean",
    "compare",
    "distil",
    "evaluate",
    "evaluate_filters",
    "fit_both",
    "fold",
    "formatted",
    "guess",
    "inspect",
    "is_feed",
    "is_given",
    "is_visma",
    "json_schemas",
    "load",
    "make_id",
    "mapping_as_yaml",
    "measure_hits",
    "measure_language",
    "measure_records",
    "measure_speed",
    "neighbour_of",
    "opening_state",
    "phone_link",
    "public_ways",
    "read_filter_rows",
    "read_geojson",
    "read_jobs",
    "read_mapping",
    "read_plots",
    "read_questions",
    "read_records",
    "read_rows",
    "read_rss",
    "read_sheet",
    "read_visma",
    "redact",
    "sentences_of",
    "shipped_vectors",
    "spellings",
    "summarize",
    "to_wgs84",
    "train",
    "typo",
    "unusual_days",
    "write_records",
]
