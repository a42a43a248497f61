"""A municipality that is switched off: its pages say why, and whom to call or write to instead."""

from typing import Final

from flask import Flask, Response, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bot import Language, switched_off
from web.contacts import contact_payload
from web.errors import asked_language, speak
from web.frame import addresses, frame, municipalities, view_of
from web.i18n import languages
from web.services import now

CLOSED: Final = ("pages", "person", "lists", "plans", "search")  # what the service says about itself stays open
OPEN: Final = ("pages.accent",)
AN_HOUR: Final = "3600"  # seconds until a search engine looks again


def register(app: Flask) -> None:
    """Let every page of a municipality that is switched off say so."""
    app.before_request(answer_closed)


def answer_closed() -> ResponseReturnValue | None:
    """Answer this request where its municipality is switched off."""
    if request.blueprint not in CLOSED or request.endpoint in OPEN:
        return None
    values = request.view_args or {}
    found = municipalities().get(values.get("municipality", ""))
    if found is None or found.switched_off is None:
        return None
    chosen = values.get("language")
    return _page(found.id, next((one for one in languages() if one == chosen), asked_language()))


def _page(municipality: str, language: Language) -> Response:
    speak(language)
    view = view_of(municipality)
    off = switched_off(view, language)
    reason = off.switched_off if off else None
    here = {tongue: url_for("pages.chat", municipality=municipality, language=tongue) for tongue in languages()}
    page = render_template(
        "closed.html",
        reason=reason.best(language) if reason else "",
        reason_language=reason.language_for(language) if reason else language,
        people=[contact_payload(contact, language, now()) for contact in off.contacts] if off else [],
        **addresses(here, here["sv"]),
        **frame(municipality, language),
    )
    response = make_response(page, 503)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Retry-After"] = AN_HOUR
    return response
