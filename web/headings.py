"""What the subjects are called under which answers stand, and about which a person can be written to."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from bot import Language
from web.i18n import translations

OTHER: Final = "other"
NOT_WRITTEN_ABOUT: Final = frozenset({"contact", "cooperation", "safety", "assistant", ""})


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


def written_about(headings: Iterable[str]) -> tuple[str, ...]:
    """Return which of `headings` somebody can write a message about; `OTHER` is always among them."""
    return (*(heading for heading in headings if heading not in NOT_WRITTEN_ABOUT), OTHER)


def topic_name(topic: str, language: Language) -> str:
    """Return what the topic of a message is called; one that nobody has named is told by its id."""
    if topic == OTHER:
        return translations(language).gettext("Something else")
    return heading_names(language).get(topic) or topic.replace("-", " ").capitalize()
