"""The engine: plain typed Python.

No Flask, no database, no network, no clock of its own, no environment: values in, values out. What the day is, where
the knowledge lies and who asks comes in by argument. Arrows inside point one way: quality → dialogue → matching →
text, models ← content. Other code uses the names below and nothing deeper.
"""

from bot.content.formatting import formatted
from bot.content.layers import View
from bot.content.loading import Knowledge, inspect, load
from bot.content.schema import json_schemas
from bot.dialogue.assistant import Assistant, shipped_vectors
from bot.dialogue.replies import is_given
from bot.errors import BotError, KnowledgeError, Problem, UnknownMunicipalityError
from bot.fields import phone_link
from bot.inventory import (
    WEEKDAYS,
    Extent,
    Fact,
    Hours,
    Inventory,
    Job,
    Nearby,
    Place,
    PlaceKind,
    Plot,
    PlotStatus,
    PlotType,
)
from bot.language import train
from bot.models import (
    Answer,
    Candidate,
    Checked,
    Choices,
    Comparison,
    Contact,
    Context,
    Entry,
    Explanation,
    Filters,
    Found,
    Listing,
    Municipality,
    NoAnswer,
    Notice,
    Option,
    Question,
    Records,
    Relaxed,
    Reply,
    Sort,
    Table,
    answer_of,
)
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
from bot.quality.evaluation import QuestionsError, Summary, as_rows, evaluate, read_questions, summarize
from bot.quality.fitting import fit_both
from bot.quality.noise import typo
from bot.records.search import Search
from bot.text import clean, fold
from bot.values import LANGUAGES, Language, Link, Localized, Source

__all__ = [
    "LANGUAGES",
    "WEEKDAYS",
    "Answer",
    "Assistant",
    "BenchmarkError",
    "BotError",
    "Candidate",
    "Checked",
    "Choices",
    "Comparison",
    "Contact",
    "Context",
    "Entry",
    "Explanation",
    "Extent",
    "Fact",
    "Filters",
    "Finding",
    "Found",
    "Hits",
    "Hours",
    "Inventory",
    "Job",
    "Knowledge",
    "KnowledgeError",
    "Language",
    "LanguageScore",
    "Link",
    "Listing",
    "Localized",
    "Municipality",
    "Nearby",
    "NoAnswer",
    "Notice",
    "Option",
    "Place",
    "PlaceKind",
    "Plot",
    "PlotStatus",
    "PlotType",
    "Problem",
    "Question",
    "QuestionsError",
    "Records",
    "Relaxed",
    "Reply",
    "Report",
    "Search",
    "Sort",
    "Source",
    "Speed",
    "Summary",
    "Table",
    "UnknownMunicipalityError",
    "View",
    "answer_of",
    "as_rows",
    "check",
    "clean",
    "distil",
    "evaluate",
    "fit_both",
    "fold",
    "formatted",
    "inspect",
    "is_given",
    "json_schemas",
    "load",
    "measure_hits",
    "measure_language",
    "measure_speed",
    "phone_link",
    "read_questions",
    "read_rows",
    "sentences_of",
    "shipped_vectors",
    "spellings",
    "summarize",
    "train",
    "typo",
]
