"""The pages on privacy and accessibility, and the links to them at the foot of every page."""

from typing import Any, Final

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from bot import Language
from web import markdown
from web.errors import asked_language
from web.frame import addresses, as_id, correct_spelling, frame, municipalities, view_of
from web.i18n import in_order, languages
from web.policy.document import facts_of
from web.policy.writing import DOCUMENTS, Kind
from web.services import get_services

about: Final = Blueprint("about", __name__)
about.before_request(correct_spelling)

PAGES: Final[dict[str, Kind]] = {"policy": "privacy", "accessibility": "accessibility"}


@about.app_context_processor
def small_print() -> dict[str, Any]:
    """Give every template the addresses of these pages: those of the municipality that the page is about."""
    return {"small_print": {page: _near(page) for page in PAGES}}


def text(municipality: str, language: Language, page: str) -> str:
    """Show one of the texts of `municipality`."""
    facts = facts_of(view_of(municipality), get_services().settings, language)
    document = DOCUMENTS[PAGES[page]](facts)
    here = {tongue: _address(municipality, tongue, page) for tongue in languages()}
    return render_template(
        "about.html",
        document=document,
        html=[(section.heading, markdown.render(section.text)) for section in document.sections],
        description=document.lead,
        **addresses(here, here["sv"]),
        **frame(municipality, language),
    )


def choose(page: str) -> Redirect | Response:
    """Let the visitor say whose text it shall be: each municipality answers for its own."""
    language = asked_language()
    found = sorted(municipalities().values(), key=lambda one: in_order(one.name.best(language), language))
    if len(found) == 1:
        return redirect(_address(found[0].id, language, page), 302)
    places = [
        {"name": one.name.best(language), "official": one.official, "link": _address(one.id, language, page)}
        for one in found
    ]
    here = {tongue: url_for("about.choose", page=page, language=tongue) for tongue in languages()}
    standard = url_for("about.choose", page=page)
    shown = render_template("choose_about.html", page=page, places=places, **addresses(here, standard))
    response = make_response(shown)
    response.vary.add("Accept-Language")
    return response


for name in PAGES:  # named in full, so that no answer and no municipality comes first
    about.add_url_rule(f"/<municipality>/<language:language>/{name}", "text", text, defaults={"page": name})
    about.add_url_rule(f"/{name}", "choose", choose, defaults={"page": name})


def _near(page: str) -> str:
    """Return the address of `page` for the municipality that this request's address begins with."""
    language = asked_language()
    meant = as_id(request.path.split("/")[1])
    if meant in municipalities():
        return _address(meant, language, page)
    return url_for("about.choose", page=page, language=language)


def _address(municipality: str, language: Language, page: str) -> str:
    return url_for("about.text", municipality=municipality, language=language, page=page)
