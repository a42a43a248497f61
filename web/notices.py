"""What visitors are told about an answer; staff are shown the same words."""

from collections.abc import Callable, Mapping
from typing import Final

from bot import Language, Notice
from web.i18n import name_of, translations
from web.records import EXAMPLES


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated when a reply is written."""
    return message


NOTICES: Final[Mapping[Notice, str]] = {
    "demonstration": _("This is a demonstration and not the municipality's own service."),
    "general": _("This answer is the same for all of Sweden. The municipality has not written one of its own."),
    "out-of-date": _(
        "This answer should have been looked through again by now. Call to make sure that it still holds."
    ),
    "example": EXAMPLES,
    "personal-data": _(
        "Your question held something that looks like personal data. It was not saved. Please write no personal data: "
        "none is needed here."
    ),
    "neighbour": _("This is about %(name)s."),
    "outdated-translation": _("The Swedish text has changed since this translation was made."),
}
ONLY_IN: Final[dict[Language, str]] = {
    "sv": _("This answer is only written in Swedish so far."),
    "en": _("This answer is only written in English so far."),
}
ONLY_ELSEWHERE: Final = _("This answer is not written in your language so far. It stands here in: %(language)s.")


def only_in(shown: Language, language: Language) -> str:
    """Say in `language` that an answer is only written in another one, in which it is `shown`."""
    gettext: Callable[[str], str] = translations(language).gettext
    if {shown, language} <= ONLY_IN.keys():
        return gettext(ONLY_IN[shown])
    return gettext(ONLY_ELSEWHERE) % {"language": name_of(shown)}
