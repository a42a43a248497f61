"""The interface texts that are not written in a template: the topic buttons, and what the script says."""

from collections.abc import Callable
from functools import cache

from bot import Language
from web.i18n import languages, name_of, translations
from web.records import record_words


def in_each(texts: Callable[[Language], dict[str, str]]) -> dict[str, dict[str, str]]:
    """Return `texts` of every language."""
    return {language: texts(language) for language in languages()}


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
def card_words(language: Language) -> dict[str, str]:
    """Return what the script writes around an answer in `language`; parts.html writes the same."""
    gettext = translations(language).gettext
    return {
        "asked": gettext("You asked:"),
        "answers": gettext("Hemvist answers:"),
        "none": gettext("None of these"),
        "person": gettext("Then a person can help you further:"),
        "contact": gettext("Contact"),
        "write": gettext("Write to a person"),
        "spoken": gettext("Languages spoken:"),
        "soon": gettext("Other times soon:"),
        "checked": gettext("Checked by the municipality on %(date)s."),
        "source": gettext("Source:"),
        "dated": gettext("The page is dated %(date)s."),
        "undated": gettext("The page shows no date."),
        "read": gettext("We read it on %(date)s."),
        "link": gettext("Link to this answer"),
        "next": gettext("Ask on"),
        "elsewhere": gettext("In other municipalities:"),
        "all_fitting": gettext("All that fit"),
        "helped": gettext("Did this help?"),
        "yes": gettext("Yes"),
        "no": gettext("No"),
        "thanks": gettext("Thank you."),
        "why": gettext("Would you like to say why? (optional)"),
        "personal": gettext("Do not write any personal data."),
        "send": gettext("Send"),
        **record_words(language),
    }


@cache
def script_texts(language: Language) -> dict[str, str]:
    """Return what the script says itself, on a page in `language`."""
    return {**trouble_texts(language), **conversation_texts(language)}


@cache
def conversation_texts(language: Language) -> dict[str, str]:
    """Return what the script says once there is a conversation."""
    gettext = translations(language).gettext
    return {
        "tools": gettext("This conversation"),
        "copy": gettext("Copy"),
        "copied": gettext("The conversation is copied."),
        "not_copied": gettext("The browser did not allow copying."),
        "print": gettext("Print"),
        "save": gettext("Save as text"),
        "forget": gettext("Delete the conversation"),
        "forgotten": gettext("The conversation is deleted."),
        "not_forgotten": gettext("It is gone here. The service could not be reached to delete its copy."),
        "suggestions": gettext("Questions that are answered"),
        "personal": gettext(
            "This looks like an identity number, a phone number or an e-mail address. You need not tell."
        ),
        "change": gettext("Change it"),
        "anyway": gettext("Send anyway"),
        "demonstration": gettext("This is a demonstration and not the municipality's own service."),
        "starts": gettext("Where others start"),
    }


@cache
def trouble_texts(language: Language) -> dict[str, str]:
    """Return what the script says while it waits, and when it waits in vain."""
    gettext = translations(language).gettext
    return {
        "looking": gettext("Looking for an answer …"),
        "trouble": gettext("I could not answer just now"),
        "offline": gettext("You seem to be without a connection to the internet."),
        "failed": gettext("The service does not answer as it should."),
        "kept": gettext("Your question is still in the box. Try again in a moment."),
        "call": gettext("You can also call:"),
        "danger": gettext("If someone is in danger, call 112."),
        "read": gettext("Read the answers without the chat"),
    }


@cache
def widget_texts(language: Language) -> dict[str, str]:
    """Return what the chat on other sites says before it has asked us anything; the rest comes with the welcome."""
    gettext = translations(language).gettext
    return {
        **trouble_texts(language),
        "launch": gettext("Ask about moving here"),
        "title": gettext("Ask about moving to %(place)s"),
        "close_chat": gettext("Close the chat"),
        "spoken": name_of(language),
        "hello": gettext(
            "Hello! I am a chatbot: a machine, not a person. I answer in Swedish or English and name my source. "
            "When I do not know, I say whom you can ask."
        ),
        "conversation": gettext("The conversation"),
        "label": gettext("Your question"),
        "ask": gettext("Ask"),
        "hint": gettext("Do not write any personal data."),
        "page": gettext("Open the chat on a page of its own"),
        "misplaced": gettext("This chat is not set up correctly: it does not say a municipality that is here."),
        "choose": gettext("Choose a municipality"),
    }
