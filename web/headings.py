"""What the subjects are called under which answers stand, and about which a person can be written to."""

from functools import cache
from typing import Final

from bot import Language
from web.i18n import translations

OTHER: Final = "other"
TOPICS: Final = ("housing", "moving", "family-and-care", "everyday-life", "work", OTHER)  # of messages


@cache
def heading_names(language: Language) -> dict[str, str]:
    """Return what the headings of vocabulary/topics.yaml are called; "" is for answers that stand under none."""
    gettext = translations(language).gettext
    return {
        "housing": gettext("Homes and plots"),
        "moving": gettext("Moving here"),
        "family-and-care": gettext("Family, school and care"),
        "everyday-life": gettext("Everyday life"),
        "work": gettext("Work and business"),
        "contact": gettext("Contact"),
        "cooperation": gettext("Working together"),
        "safety": gettext("Danger and crisis"),
        "assistant": gettext("About the chatbot"),
        "": gettext("Other answers"),
    }


def topic_name(topic: str, language: Language) -> str:
    """Return what the topic of a message is called."""
    something_else = translations(language).gettext("Something else")
    return something_else if topic == OTHER else heading_names(language).get(topic, topic)
