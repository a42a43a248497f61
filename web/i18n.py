"""Interface texts in the visitor's language: gettext catalogues read from their .po files, and days written out."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel import Locale
from babel.dates import format_date as babel_date
from babel.dates import format_time
from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import current_app, has_app_context
from markupsafe import Markup, escape
from werkzeug.routing import AnyConverter, Map

from bot import CODE, LANGUAGES, Language, fold
from bot import REGIONS as REGIONS_OF_TEXTS

LOCALES: Final = Path(__file__).resolve().parent.parent / "locales"
REGIONS: Final = REGIONS_OF_TEXTS
EXTENSION: Final = "hemvist.locales"
AFTER_Z: Final = str.maketrans("åäö", "{|}")
COMMON_YEAR: Final = 2001  # one without 29 February
NAMES: Final[dict[Language, str]] = {"sv": "Svenska", "en": "English"}
COMPLETE: Final = 0.9  # of what visitors read: a language with less is not offered; the rest comes in English
OF_STAFF: Final = ("web/staff/", "web/templates/staff", "web/commands/")
PLACEHOLDER: Final = re.compile(r"%\(\w+\)s")

Texts = Callable[..., Markup]


def converter_of(folder: Path) -> type[AnyConverter]:
    """Return what `<language:…>` in a route is: one of the languages whose catalogues are in `folder`, beside Swedish
    and English."""

    class LanguageConverter(AnyConverter):
        def __init__(self, map_: Map) -> None:
            super().__init__(map_, *languages_in(folder))

    return LanguageConverter


def languages() -> tuple[Language, ...]:
    """Return the languages that pages are shown in: Swedish, English, and those with a complete catalogue."""
    return languages_in(_folder())


@cache
def languages_in(folder: Path) -> tuple[Language, ...]:
    """Return Swedish, English and the languages in `folder` that have at least nine in ten of what visitors read."""
    found = sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/messages.po"))
    further = [code for code in found if code not in LANGUAGES and CODE.fullmatch(code)]
    return (*LANGUAGES, *(code for code in further if _is_complete(_path(folder, code))))


def catalogues_in(folder: Path) -> dict[Language, bool]:
    """Return the languages that have a catalogue in `folder` but English, and whether it is complete enough."""
    codes = sorted(path.parts[-3] for path in folder.glob("*/LC_MESSAGES/messages.po"))
    return {code: _is_complete(_path(folder, code)) for code in codes if code != "en" and CODE.fullmatch(code)}


def name_of(language: Language) -> str:
    """Return what `language` calls itself: as its catalogue says, else as Babel knows it, else its code."""
    source = "Name of this language"
    name = NAMES.get(language) or translations(language).gettext("Name of this language")
    if name != source:
        return name
    region = REGIONS[language]
    return Locale.parse(region).get_display_name() or language if region.startswith(language) else language


def translations(language: Language) -> Translations:
    """Return the catalogue of `language`, read once a process; a text it lacks comes back as its English source."""
    return _read(_path(_folder(), language), language)


def texts(language: Language) -> Texts:
    """Return the `_` of templates: a text in `language`, escaped, with its named values escaped into it."""
    return _texts(_path(_folder(), language), language)


def sentences(language: Language) -> Callable[..., str]:
    """Return the `_` of texts that are not HTML: a text in `language` with its named values."""
    return _sentences(_path(_folder(), language), language)


def _folder() -> Path:
    """Return where the catalogues of further languages are: those of the application, else the shipped ones."""
    return current_app.extensions.get(EXTENSION, LOCALES) if has_app_context() else LOCALES


@cache
def _path(folder: Path, language: Language) -> Path:
    return (LOCALES if language in LANGUAGES else folder) / language / "LC_MESSAGES" / "messages.po"


@cache
def _catalogue(path: Path, language: Language) -> Catalog:
    """Read a catalogue. A translation that names other values than its source is left out: it could not be shown."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    for message in [one for one in catalogue if one.id and language not in LANGUAGES and not _is_usable(one)]:
        catalogue.delete(message.id)
    return catalogue


def _is_usable(message: Message) -> bool:
    return not message.fuzzy and set(PLACEHOLDER.findall(str(message.string))) == set(
        PLACEHOLDER.findall(str(message.id))
    )


def _is_complete(path: Path) -> bool:
    read = [one for one in _catalogue(_path(LOCALES, "sv"), "sv") if one.id and _is_for_visitors(one)]
    catalogue = _catalogue(path, path.parts[-3])
    written = [one for one in read if (found := catalogue.get(one.id)) and found.string and any(found.string)]
    return len(written) >= COMPLETE * len(read)


def _is_for_visitors(message: Message) -> bool:
    return any(not place.startswith(OF_STAFF) for place, _ in message.locations)


@cache
def _read(path: Path, language: Language) -> Translations:
    compiled = BytesIO()
    write_mo(compiled, _catalogue(path, language))
    compiled.seek(0)
    return Translations(compiled)


@cache
def _texts(path: Path, language: Language) -> Texts:
    gettext = _read(path, language).gettext

    def text(message: str, **values: object) -> Markup:
        return escape(gettext(message)) % values

    return text


@cache
def _sentences(path: Path, language: Language) -> Callable[..., str]:
    gettext = _read(path, language).gettext

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


def others_than(language: Language) -> list[tuple[Language, str]]:
    """Return the languages that the switch leads to, with their names."""
    return [(one, name_of(one)) for one in languages() if one != language]


def other(language: Language) -> Language:
    """Return the language that the switch of staff leads to."""
    return "en" if language == "sv" else "sv"


def preferred(accepted: Iterable[str]) -> Language:
    """Return the first of `accepted` language tags, most wanted first, that is spoken here; Swedish if none is."""
    known = {code.lower(): code for code in languages()}
    spoken = (known.get(tag.lower()) or known.get(tag.partition("-")[0].lower()) for tag in accepted)
    return next((one for one in spoken if one), "sv")
