"""The engine: plain typed Python.

No Flask, no database, no network, no clock of its own, no environment: values in, values out. What the day is, where the
knowledge lies and who asks comes in by argument. Arrows inside point one way: quality → dialogue → matching → text,
models ← content. Other code uses the names below and nothing deeper.
"""

from bot.content.layers import View
from bot.content.loading import Knowledge, inspect, load
from bot.dialogue.assistant import Assistant
from bot.errors import BotError, KnowledgeError, Problem, UnknownMunicipalityError
from bot.fields import phone_link
from bot.models import (
    LANGUAGES,
    Answer,
    Candidate,
    Checked,
    Choices,
    Contact,
    Context,
    Entry,
    Explanation,
    Language,
    Link,
    Localized,
    Municipality,
    NoAnswer,
    Notice,
    Option,
    Question,
    Reply,
    Source,
)

__all__ = [
    "LANGUAGES",
    "Answer",
    "Assistant",
    "BotError",
    "Candidate",
    "Checked",
    "Choices",
    "Contact",
    "Context",
    "Entry",
    "Explanation",
    "Knowledge",
    "KnowledgeError",
    "Language",
    "Link",
    "Localized",
    "Municipality",
    "NoAnswer",
    "Notice",
    "Option",
    "Problem",
    "Question",
    "Reply",
    "Source",
    "UnknownMunicipalityError",
    "View",
    "inspect",
    "load",
    "phone_link",
]
