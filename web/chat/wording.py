"""The interface texts that are not written in a template: the topic buttons, and what the script says."""

from functools import cache

from bot import Language
from web.i18n import translations
from web.records import record_words


@cache
def topics(language: Language) -> dict[str, str]:
    """Return the buttons of the chat page, in order: entry id → label. The icon has the id of the entry."""
    gettext = translations(language).gettext
    return {
        "plots": gettext("Building plots"),
        "rental-housing": gettext("Rent a home"),
        "jobs": gettext("Jobs"),
        "preschool": gettext("Preschool"),
        "school": gettext("School"),
        "health-centre": gettext("Health care"),
        "moving-checklist": gettext("Moving checklist"),
        "newcomer-service": gettext("Settling in"),
    }


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


@cache
def card_words(language: Language) -> dict[str, str]:
    """Return what the script writes around an answer in `language`; parts.html writes the same."""
    gettext = translations(language).gettext
    return {
        "asked": gettext("You asked:"),
        "answers": gettext("Hemvist answers:"),
        "none": gettext("None of these"),
        "person": gettext("Then a person can help you further:"),
        "contact": gettext("Contact"),
        "spoken": gettext("Languages spoken:"),
        "soon": gettext("Other times soon:"),
        "checked": gettext("Checked by the municipality on %(date)s."),
        "source": gettext("Source:"),
        "dated": gettext("The page is dated %(date)s."),
        "undated": gettext("The page shows no date."),
        "read": gettext("We read it on %(date)s."),
        "link": gettext("Link to this answer"),
        "next": gettext("Ask on"),
        **record_words(language),
    }


@cache
def script_texts(language: Language) -> dict[str, str]:
    """Return what the script says itself, on a page in `language`."""
    gettext = translations(language).gettext
    return {
        "looking": gettext("Looking for an answer …"),
        "trouble": gettext("I could not answer just now"),
        "offline": gettext("You seem to be without a connection to the internet."),
        "failed": gettext("The service does not answer as it should."),
        "kept": gettext("Your question is still in the box. Try again in a moment."),
        "call": gettext("You can also call:"),
        "danger": gettext("If someone is in danger, call 112."),
        "personal": gettext(
            "This looks like an identity number, a phone number or an e-mail address. You need not tell."
        ),
        "change": gettext("Change it"),
        "anyway": gettext("Send anyway"),
    }
