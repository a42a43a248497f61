"""The engine: plain typed Python.

No Flask, no database, no network, no clock of its own, no environment: values in, values out. What the day is, where
the knowledge lies and who asks comes in by argument. Arrows inside point one way: quality → dialogue → matching →
text, models ← content, exchange. Other code uses the names below and nothing deeper.
"""

from bot.content.confirming import same_meaning, still_right
from bot.content.editing import put as put_item
from bot.content.editing import read_items
from bot.content.editing import remove as remove_item
from bot.content.facts import facts_in
from bot.content.facts import told as told_fact
from bot.content.figures import REGIONS
from bot.content.formatting import formatted
from bot.content.items import (
    KINDS,
    WORDS,
    Item,
    Key,
    Kind,
    as_plain,
    cleaned,
    digest,
    kinds_of,
    layer_of,
    pasted,
    read_item,
)
from bot.content.keeping import keeping_further
from bot.content.layers import SAFETY, View
from bot.content.library import Library, inspect, load, load_as_asked
from bot.content.loading import Knowledge
from bot.content.overlay import (
    find_item,
    home_of,
    in_order,
    items_of,
    items_of_layer,
    lay_over,
    new_problems,
    problems_after,
)
from bot.content.overriding import ContactHours, Overrides, Setting, override, read_setting
from bot.content.provenance import Given, Part, parts
from bot.content.rules import RESERVED_ENTRIES
from bot.content.schema import json_schemas
from bot.content.skeleton import skeleton, start
from bot.content.translation import fingerprint, is_outdated, remembering
from bot.dialogue.assistant import Assistant, shipped_vectors
from bot.dialogue.plan import Plan, Step
from bot.dialogue.redaction import PersonalData, Redacted, public_ways, redact
from bot.dialogue.replies import is_given, switched_off
from bot.errors import BotError, KnowledgeError, Problem, StartError, UnknownEntryError, UnknownMunicipalityError
from bot.exchange.book import Sheet, sheets_of, version_of, write_csv, write_csv_files, write_workbook
from bot.exchange.cells import CellError
from bot.exchange.changes import Changes, FieldChange, compare
from bot.exchange.columns import SHEETS, described
from bot.exchange.geojson import KNOWN as COORDINATE_SYSTEMS
from bot.exchange.geojson import read_geojson
from bot.exchange.ids import make_id
from bot.exchange.inert import inert, restored
from bot.exchange.intake import Change, Clash, Intake, Scope, layers_named, take_in, unfinished
from bot.exchange.intake import Origin as RowOrigin
from bot.exchange.jobsearch import JobRows, read_jobs
from bot.exchange.mapping import ColumnMapping, guess, read_mapping
from bot.exchange.mapping import as_yaml as mapping_as_yaml
from bot.exchange.plots import Origin, PlotRows, read_plots
from bot.exchange.problems import ExchangeError, RowProblem
from bot.exchange.rows import read_rows as read_records
from bot.exchange.rows import write_rows as write_records
from bot.exchange.rss import is_feed, read_rss
from bot.exchange.sheet import read_sheet
from bot.exchange.sweref import TM, ZONES, to_wgs84
from bot.exchange.tables import MAX_BYTES as LARGEST_FILE
from bot.exchange.tables import Table
from bot.exchange.upload import read_upload
from bot.exchange.visma import is_visma, read_visma
from bot.exchange.written import read_date, read_kr, read_kr_m2, read_m2, read_points, read_times
from bot.fields import phone_link
from bot.further import CODE
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
from bot.language import detect, train
from bot.models import (
    Answer,
    Candidate,
    Cell,
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
    Frames,
    Heading,
    Listing,
    Matches,
    Municipality,
    NoAnswer,
    Notice,
    OpeningOf,
    Option,
    Overview,
    OwnQuestion,
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
    ClusterSpeed,
    Hits,
    LanguageScore,
    Speed,
    measure_clusters,
    measure_hits,
    measure_language,
    measure_speed,
    read_rows,
)
from bot.quality.checks import Finding, Report, check
from bot.quality.clustering import cluster, form_of
from bot.quality.corpus import sentences_of, spellings
from bot.quality.difference import Piece, difference
from bot.quality.distilling import distil
from bot.quality.effect import (
    Before,
    Effect,
    Moved,
    Probe,
    Verdict,
    effect,
    full_effect,
    joint_effect,
    probes_of,
    reworded,
)
from bot.quality.effect_speed import EffectSpeed, measure_effect
from bot.quality.evaluation import (
    Judged,
    QuestionsError,
    Summary,
    as_rows,
    evaluate,
    read_questions,
    summarize,
    without_places,
)
from bot.quality.filtering import FilterJudged, RecordSpeed, evaluate_filters, measure_records, read_filter_rows
from bot.quality.fitting import fit_both
from bot.quality.freshness import Gap, Outdated, Review, coverage, needing, outdated, reviews, to_fill
from bot.quality.lint import Remark, desk_of, proofread, read_entry
from bot.quality.noise import typo
from bot.quality.own_questions import Answered, Proof, answered, prove, questions_of
from bot.quality.readiness import Lack, lacks
from bot.quality.trying import given, try_phrasing, with_phrasing
from bot.recent import Recent
from bot.records.hours import eve, public_holiday, unusual_days
from bot.records.hours import state as opening_state
from bot.records.search import NEAR_M, Search
from bot.tasks import Answers, Child, Citizenship, Home, MoveFrom, Offset, Task, Work
from bot.text import clean, fold
from bot.values import LANGUAGES, Checked, Language, Link, Localized, Season, Source, Understood, is_understood

__all__ = [
    "CODE",
    "COORDINATE_SYSTEMS",
    "KINDS",
    "LANGUAGES",
    "LARGEST_FILE",
    "NEAR_M",
    "REGIONS",
    "RESERVED_ENTRIES",
    "SAFETY",
    "SHEETS",
    "TM",
    "WEEKDAYS",
    "WORDS",
    "ZONES",
    "Answer",
    "Answered",
    "Answers",
    "Assistant",
    "Before",
    "BenchmarkError",
    "BotError",
    "Candidate",
    "Cell",
    "CellError",
    "Change",
    "Changes",
    "Checked",
    "Child",
    "Choices",
    "Choose",
    "Citizenship",
    "Clash",
    "ClusterSpeed",
    "ColumnMapping",
    "Comparison",
    "Contact",
    "ContactHours",
    "Context",
    "DayTimes",
    "Effect",
    "EffectSpeed",
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
    "Frames",
    "Gap",
    "Given",
    "Heading",
    "Hits",
    "Home",
    "Hours",
    "Intake",
    "Inventory",
    "Item",
    "Job",
    "JobRows",
    "Judged",
    "Key",
    "Kind",
    "Knowledge",
    "KnowledgeError",
    "Lack",
    "Language",
    "LanguageScore",
    "Library",
    "Link",
    "Listing",
    "Localized",
    "Matches",
    "Moment",
    "MoveFrom",
    "Moved",
    "Municipality",
    "Nearby",
    "NoAnswer",
    "Notice",
    "Offset",
    "Opening",
    "OpeningOf",
    "Option",
    "Origin",
    "Outdated",
    "Overrides",
    "Overview",
    "OwnQuestion",
    "Part",
    "PersonalData",
    "Piece",
    "Place",
    "PlaceKind",
    "Plan",
    "Plot",
    "PlotRows",
    "PlotStatus",
    "PlotType",
    "Probe",
    "Problem",
    "Proof",
    "Question",
    "QuestionsError",
    "Recent",
    "RecordSpeed",
    "Records",
    "Redacted",
    "Relaxed",
    "Remark",
    "Reply",
    "Report",
    "Review",
    "RowOrigin",
    "RowProblem",
    "Scope",
    "Search",
    "Season",
    "Setting",
    "Sheet",
    "Sort",
    "Source",
    "Speed",
    "StartError",
    "Step",
    "Summary",
    "Table",
    "TableName",
    "Task",
    "Times",
    "Together",
    "Understood",
    "UnknownEntryError",
    "UnknownMunicipalityError",
    "Verdict",
    "View",
    "Work",
    "answer_of",
    "answered",
    "as_plain",
    "as_rows",
    "check",
    "clean",
    "cleaned",
    "cluster",
    "compare",
    "coverage",
    "described",
    "desk_of",
    "detect",
    "difference",
    "digest",
    "distil",
    "effect",
    "evaluate",
    "evaluate_filters",
    "eve",
    "facts_in",
    "find_item",
    "fingerprint",
    "fit_both",
    "fold",
    "form_of",
    "formatted",
    "full_effect",
    "given",
    "guess",
    "home_of",
    "in_order",
    "inert",
    "inspect",
    "is_feed",
    "is_given",
    "is_outdated",
    "is_understood",
    "is_visma",
    "items_of",
    "items_of_layer",
    "joint_effect",
    "json_schemas",
    "keeping_further",
    "kinds_of",
    "lacks",
    "lay_over",
    "layer_of",
    "layers_named",
    "load",
    "load_as_asked",
    "make_id",
    "mapping_as_yaml",
    "measure_clusters",
    "measure_effect",
    "measure_hits",
    "measure_language",
    "measure_records",
    "measure_speed",
    "needing",
    "neighbour_of",
    "new_problems",
    "opening_state",
    "outdated",
    "override",
    "parts",
    "pasted",
    "phone_link",
    "probes_of",
    "problems_after",
    "proofread",
    "prove",
    "public_holiday",
    "public_ways",
    "put_item",
    "questions_of",
    "read_date",
    "read_entry",
    "read_filter_rows",
    "read_geojson",
    "read_item",
    "read_items",
    "read_jobs",
    "read_kr",
    "read_kr_m2",
    "read_m2",
    "read_mapping",
    "read_plots",
    "read_points",
    "read_questions",
    "read_records",
    "read_rows",
    "read_rss",
    "read_setting",
    "read_sheet",
    "read_times",
    "read_upload",
    "read_visma",
    "redact",
    "remembering",
    "remove_item",
    "restored",
    "reviews",
    "reworded",
    "same_meaning",
    "sentences_of",
    "sheets_of",
    "shipped_vectors",
    "skeleton",
    "spellings",
    "start",
    "still_right",
    "summarize",
    "switched_off",
    "take_in",
    "to_fill",
    "to_wgs84",
    "told_fact",
    "train",
    "try_phrasing",
    "typo",
    "unfinished",
    "unusual_days",
    "version_of",
    "with_phrasing",
    "without_places",
    "write_csv",
    "write_csv_files",
    "write_records",
    "write_workbook",
]
