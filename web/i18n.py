"""Interface texts in the visitor's language: gettext catalogues read from their .po files, and days written out."""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.dates import format_date as babel_date
from babel.dates import format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from markupsafe import Markup, escape
from werkzeug.routing import AnyConverter, Map

from bot import LANGUAGES, Language, fold

LOCALES: Final = Path(__file__).resolve().parent.parent / "locales"
REGIONS: Final[dict[Language, str]] = {"sv": "sv_SE", "en": "en_GB"}
AFTER_Z: Final = str.maketrans("åäö", "{|}")
COMMON_YEAR: Final = 2001  # one without 29 February
NAMES: Final[dict[Language, str]] = {"sv": "Svenska", "en": "English"}

Texts = Callable[..., Markup]


class LanguageConverter(AnyConverter):
    """A part of an address that is one of the languages spoken here: `<language:…>` in a route."""

    def __init__(self, map_: Map) -> None:
        super().__init__(map_, *LANGUAGES)


@cache
def translations(language: Language) -> Translations:
    """Return the catalogue of `language`, read once a process; a text it lacks comes back as its English source."""
    path = LOCALES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


@cache
def texts(language: Language) -> Texts:
    """Return the `_` of templates: a text in `language`, escaped, with its named values escaped into it."""
    gettext = translations(language).gettext

    def text(message: str, **values: object) -> Markup:
        return escape(gettext(message)) % values

    return text


@cache
def sentences(language: Language) -> Callable[..., str]:
    """Return the `_` of texts that are not HTML: a text in `language` with its named values."""
    gettext = translations(language).gettext

    def sentence(message: str, **values: object) -> str:
        written: str = gettext(message)
        return written % values if values else written

    return sentence


def format_date(day: date, language: Language) -> str:
    """Write `day` out: 22 februari 2022, 22 February 2022."""
    return babel_date(day, "long", locale=REGIONS[language])


def format_day_of_year(day: tuple[int, int], language: Language) -> str:
    """Write (month, day) out: 1 december, 1 December."""
    return babel_date(date(COMMON_YEAR, *day), "d MMMM", locale=REGIONS[language])


def format_moment(at: datetime, language: Language) -> str:
    """Write the day and the time of `at` out, in its own time zone: 22 februari 2022, 14:05."""
    return f"{format_date(at.date(), language)}, {format_time(at, 'HH:mm', locale=REGIONS[language])}"


def in_order(name: str, language: Language) -> str:
    """Return what `name` sorts by: in Swedish å, ä and ö come after z, in English they are a and o."""
    return name.casefold().translate(AFTER_Z) if language == "sv" else fold(name)


def other(language: Language) -> Language:
    """Return the language that the switch leads to."""
    return "en" if language == "sv" else "sv"


def preferred(accepted: Iterable[str]) -> Language:
    """Return the first of `accepted` language tags, most wanted first, that is spoken here; Swedish if none is."""
    spoken = (known for tag in accepted for known in LANGUAGES if tag.partition("-")[0].lower() == known)
    return next(spoken, "sv")
