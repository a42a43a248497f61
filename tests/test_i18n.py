"""Interface texts: complete in Swedish, in step with the code, and safe to put values into."""

import re
import tomllib
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot import Language
from web.i18n import LOCALES, format_date, other, preferred, texts, translations

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = re.compile(r"%\(\w+\)s")
COMMAND = (
    "pybabel extract -F pyproject.toml --add-location=file --sort-by-file -o locales/messages.pot . "
    "&& pybabel update -i locales/messages.pot -d locales --no-fuzzy-matching --ignore-obsolete"
)


def catalogue(name: str) -> Catalog:
    with (LOCALES / name).open("rb") as file:
        return read_po(file)


def extracted() -> dict[str, set[str]]:
    """Every text in the code, with the files it stands in, by the mapping of pyproject.toml."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    found: dict[str, set[str]] = {}
    for folder in ("web",):
        named = [(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods]
        for file, _line, message, _comments, _context in extract_from_dir(ROOT / folder, named):
            found.setdefault(message if isinstance(message, str) else message[0], set()).add(f"{folder}/{file}")
    return found


def singular(text: str | tuple[str, ...]) -> str:
    return text if isinstance(text, str) else text[0]


def ids(found: Catalog) -> set[str]:
    return {str(message.id) for message in found if message.id}


def test_the_template_is_what_the_code_says() -> None:
    committed = {
        singular(message.id): {file for file, _ in message.locations}
        for message in catalogue("messages.pot")
        if message.id
    }
    assert committed == extracted(), f"run: {COMMAND}"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_catalogue_has_the_texts_of_the_template(language: Language) -> None:
    found = catalogue(f"{language}/LC_MESSAGES/messages.po")
    assert ids(found) == ids(catalogue("messages.pot")), f"run: {COMMAND}"
    assert not found.obsolete


def is_translated(text: str | tuple[str, ...]) -> bool:
    return bool(text) if isinstance(text, str) else all(text)


def test_every_text_is_there_in_swedish() -> None:
    found = catalogue("sv/LC_MESSAGES/messages.po")
    incomplete = [
        message.id for message in found if message.id and (message.fuzzy or not is_translated(message.string))
    ]
    assert incomplete == []


@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_translation_names_the_values_of_its_source(language: Language) -> None:
    for message in catalogue(f"{language}/LC_MESSAGES/messages.po"):
        if message.id and is_translated(message.string):
            assert set(PLACEHOLDER.findall(str(message.string))) == set(PLACEHOLDER.findall(str(message.id)))


def test_no_compiled_catalogue_is_kept() -> None:
    assert not list(LOCALES.rglob("*.mo"))


def test_a_text_comes_in_the_language() -> None:
    assert translations("sv").gettext("Your question") == "Din fråga"
    assert translations("en").gettext("Your question") == "Your question"


def test_what_no_one_has_translated_comes_as_it_is() -> None:
    assert translations("sv").gettext("nobody wrote this") == "nobody wrote this"


def test_values_are_escaped() -> None:
    assert texts("sv")("Move to %(place)s", place="<b>") == "Flytta till &lt;b&gt;"


@pytest.mark.parametrize(("language", "written"), [("sv", "22 februari 2022"), ("en", "22 February 2022")])
def test_days_are_written_out(language: Language, written: str) -> None:
    assert format_date(date(2022, 2, 22), language) == written


@pytest.mark.parametrize(
    ("accepted", "language"),
    [(["en-GB", "sv"], "en"), (["sv-FI"], "sv"), (["de", "EN"], "en"), (["de", "ar"], "sv"), ([], "sv"), (["*"], "sv")],
)
def test_the_browsers_first_language_that_we_speak_is_taken(accepted: list[str], language: Language) -> None:
    assert preferred(accepted) == language


def test_the_switch_leads_to_the_other_language() -> None:
    assert (other("sv"), other("en")) == ("en", "sv")
