"""A whole copy: every page of the municipalities asked for, what they load, and the mark that tells it is a copy."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Final

from flask import Flask, render_template, url_for

from bot import Language, UnknownMunicipalityError
from web.accent import stylesheet
from web.export import words
from web.export.addresses import file_of, settle
from web.export.pages import Origin, pages
from web.export.writing import MARK, swapped_in
from web.frame import municipalities, view_of
from web.i18n import format_date, in_order, languages, others_than
from web.services import today

STATIC: Final = ("site.css", "leaflet.css", "copy.js", "favicon.svg")
Files = Iterator[tuple[str, str]]


def export(app: Flask, folder: Path, chosen: Iterable[str] = (), address: str | None = None) -> int:
    """Write a copy of the `chosen` municipalities, of all where none is named, to `folder`; return its files' number.

    Raises UnknownMunicipalityError, NotACopyError and OSError; then what lies in `folder` is what lay there before.
    """
    with app.app_context():
        wanted = _wanted(tuple(chosen))
        origin = Origin(today(), address)
    count = 0
    with swapped_in(folder) as new, app.app_context():
        for name, text in _files(app, wanted, origin):
            _write(new / name, text)
            count += 1
    return count


def _wanted(chosen: tuple[str, ...]) -> list[str]:
    known = sorted(municipalities())
    for one in chosen:
        if one not in known:
            raise UnknownMunicipalityError(one, known)
    return sorted(set(chosen)) or known


def _files(app: Flask, wanted: list[str], origin: Origin) -> Files:
    for name in STATIC:
        yield f"static/{name}", (Path(app.static_folder or "") / name).read_text(encoding="utf-8")
    for language in languages():
        yield _made(app, f"/?language={language}", partial(_start, wanted, language, origin))
    for municipality in wanted:
        yield from _municipality(app, municipality, origin)
    mark = {"copied": origin.day.isoformat(), "municipalities": wanted, "address": origin.address}
    yield MARK, json.dumps(mark, indent=2) + "\n"


def _municipality(app: Flask, municipality: str, origin: Origin) -> Files:
    with app.test_request_context(f"/{municipality}/"):
        view = view_of(municipality)
        yield f"{municipality}/accent.css", stylesheet(view.municipality.accent)
        yield f"{municipality}/{words.NAME}", words.script(view, origin.day)
    for language in languages():
        found = _in_request(app, f"/{municipality}/{language}/", partial(pages, municipality, language, origin))
        for address, make in found:
            yield _made(app, address, make)


def _made(app: Flask, address: str, make: Callable[[], str]) -> tuple[str, str]:
    file = file_of(address)
    return file, settle(_in_request(app, address, make), file)


def _in_request(app: Flask, address: str, make: Callable[[], Any]) -> Any:
    """Make what is asked for in a request for `address`, by which templates know language and municipality."""
    with app.test_request_context(address):
        return make()


def _start(wanted: list[str], language: Language, origin: Origin) -> str:
    known = municipalities()
    found = sorted((known[one] for one in wanted), key=lambda one: in_order(one.name.best(language), language))
    places = [
        {
            "name": one.name.best(language),
            "official": one.official,
            "link": url_for("pages.chat", municipality=one.id, language=language),
        }
        for one in found
    ]
    return render_template(
        "copy_start.html",
        places=places,
        addresses={tongue: f"/?language={tongue}" for tongue in languages()},
        tongues=others_than(language),
        copied_on=format_date(origin.day, language),
        live=origin.address and f"{origin.address}/?language={language}",
    )


def _write(path: Path, text: str) -> None:
    """Any web server may read it, whatever this user's own files are like."""
    for folder in reversed([parent for parent in path.parents if not parent.exists()]):
        folder.mkdir()
        folder.chmod(0o755)
    path.write_text(text, encoding="utf-8", newline="\n")
    path.chmod(0o644)
