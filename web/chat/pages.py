"""The pages for people: choose a municipality, ask it, read one answer. All works without JavaScript; chat.js adds."""

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from bot import LANGUAGES, Language, Municipality, View, is_given
from web.chat.accent import fingerprint, stylesheet
from web.chat.asking import ask, now, show, today
from web.chat.body import read_question
from web.chat.cards import card, excerpt, host
from web.chat.payload import contact_payload
from web.chat.wording import card_words, script_texts, topics
from web.errors import RequestError, accepted_language, asked_language
from web.i18n import NAMES, other, texts
from web.services import get_services

pages = Blueprint("pages", __name__)
pages.add_app_template_filter(host, "site")

LONGEST_KEPT: Final = 2_000  # characters of a refused question that stay in the box
AFTER_Z: Final = str.maketrans("åäö", "{|}")
A_YEAR: Final = 31_536_000  # seconds


@pages.app_context_processor
def speak() -> dict[str, Any]:
    """Give every template, the error page too, the language of the request and its texts."""
    language = asked_language()
    return {
        "language": language,
        "_": texts(language),
        "other": other(language),
        "other_name": NAMES[other(language)],
        "chat_near": _chat_near,
    }


@pages.before_request
def correct_spelling() -> Redirect | None:
    """Lead /överkalix/ and /Vindeln/ to the address of that municipality; 404 where there is none."""
    asked = (request.view_args or {}).get("municipality")
    if asked is None or request.endpoint is None or asked in _municipalities():
        return None
    meant = _as_id(asked)
    if meant not in _municipalities():
        abort(404)
    return redirect(url_for(request.endpoint, **{**(request.view_args or {}), "municipality": meant}), 308)


@pages.get("/")
def start() -> Response:
    """Let the visitor choose a municipality."""
    language = asked_language()
    found = sorted(_municipalities().values(), key=lambda one: _place_in_list(one.name.best(language), language))
    places = [
        {"name": one.name.best(language), "link": _chat_address(one.id, language), "official": one.official}
        for one in found
    ]
    addresses = {tongue: url_for("pages.start", language=tongue) for tongue in LANGUAGES}
    return _by_language(render_template("start.html", places=places, **_addresses(addresses, url_for("pages.start"))))


@pages.get("/<municipality>/")
def choose_language(municipality: str) -> Response:
    """Lead to the chat in the language that the browser asks for."""
    return _by_language(redirect(_chat_address(municipality, accepted_language()), 302))


@pages.get("/<municipality>/<any(sv, en):language>/")
def chat(municipality: str, language: Language) -> str:
    """Show the chat of `municipality`."""
    return _chat_page(municipality, language)


@pages.post("/<municipality>/<any(sv, en):language>/")
def ask_here(municipality: str, language: Language) -> tuple[str, int, dict[str, str]] | Response:
    """Answer a question sent without JavaScript, on the same page."""
    asked, token = request.form.get("question", ""), request.form.get("context", "")
    try:
        question = read_question(asked)
        turn = ask(question, municipality, _chosen_language(), language, token or None)
    except RequestError as error:
        kept = {"typed": asked[:LONGEST_KEPT], "context": token, "mistake": error.detail(language)}
        return _chat_page(municipality, language, **kept), error.status, error.headers
    shown = _chat_page(municipality, language, card=card(turn, question), context=turn.context, context_before=token)
    response = make_response(shown)
    response.headers["Cache-Control"] = "no-store"
    return response


@pages.get("/<municipality>/<any(sv, en):language>/<entry>")
def answer(municipality: str, language: Language, entry: str) -> str:
    """Show one answer at its permanent address."""
    turn = show(entry, municipality, language)
    if turn is None:
        abort(404)
    addresses = {
        tongue: url_for("pages.answer", municipality=municipality, language=tongue, entry=entry) for tongue in LANGUAGES
    }
    shown = card(turn)
    return render_template(
        "answer.html",
        shown=shown,
        context=turn.context,
        description=excerpt(shown["text"]),
        **_addresses(addresses, addresses["sv"]),
        **_frame(municipality, language),
    )


@pages.get("/<municipality>/accent.css")
def accent(municipality: str) -> Response:
    """Serve the colours of `municipality`; its address changes when they do."""
    response = Response(stylesheet(_municipalities()[municipality].accent), mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR
    return response


def _chat_page(municipality: str, language: Language, **changing: Any) -> str:
    addresses = {tongue: _chat_address(municipality, tongue) for tongue in LANGUAGES}
    frame = _frame(municipality, language)
    _ = texts(language)
    return render_template(
        "chat.html",
        topics=[] if "card" in changing else _topics(_view(municipality), language),
        description=_(
            "Ask about plots, homes, jobs, schools and life in %(place)s. Answers in Swedish and English, with source.",
            place=frame["place"],
        ),
        **_addresses(addresses, url_for("pages.choose_language", municipality=municipality)),
        **frame,
        **changing,
    )


def _frame(municipality: str, language: Language) -> dict[str, Any]:
    view = _view(municipality)
    found = view.municipality
    switchboard = _switchboard(view, language)
    return {
        "municipality": found,
        "place": found.name.best(language),
        "official": found.official,
        "shade": fingerprint(found.accent),
        "switchboard": switchboard,
        "script": _script(found.id, language, switchboard),
    }


def _script(municipality: str, language: Language, switchboard: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "municipality": municipality,
        "chat": f"{request.script_root}/api/v1/chat",
        "entries": f"{request.script_root}/api/v1/entries",
        "icons": url_for("static", filename="icons.svg"),
        "switchboard": switchboard,
        "texts": script_texts(language),
        "words": {tongue: card_words(tongue) for tongue in LANGUAGES},
    }


def _topics(view: View, language: Language) -> list[dict[str, str]]:
    municipality = view.municipality.id
    return [
        {
            "entry": entry,
            "label": label,
            "link": url_for("pages.answer", municipality=municipality, language=language, entry=entry),
        }
        for entry, label in topics(language).items()
        if entry in view.entries and is_given(view.entries[entry], today())
    ]


def _switchboard(view: View, language: Language) -> dict[str, Any] | None:
    contact = view.contacts.get(view.municipality.switchboard or "")
    return contact_payload(contact, language, now()) if contact else None


def _addresses(addresses: dict[Language, str], standard: str) -> dict[str, Any]:
    """Return the page in each language, for people; `alternates` are the same with their host, for search engines."""
    origin = request.host_url.rstrip("/")
    alternates = {tongue: origin + address for tongue, address in addresses.items()}
    return {"addresses": addresses, "alternates": {**alternates, "x-default": origin + standard}}


def _chat_address(municipality: str, language: Language) -> str:
    return url_for("pages.chat", municipality=municipality, language=language)


def _chat_near() -> str | None:
    """Return the chat of the municipality that a wrong address begins with."""
    meant = _as_id(request.path.split("/")[1])
    return _chat_address(meant, asked_language()) if meant in _municipalities() else None


def _chosen_language() -> Language | None:
    chosen = request.form.get("language")
    return next((language for language in LANGUAGES if language == chosen), None)


def _by_language(answered: str | Redirect) -> Response:
    response = make_response(answered)
    response.vary.add("Accept-Language")
    return response


def _municipalities() -> Mapping[str, Municipality]:
    return get_services().knowledge.assistant.knowledge.municipalities


def _view(municipality: str) -> View:
    return get_services().knowledge.assistant.knowledge.view(municipality)


def _place_in_list(name: str, language: Language) -> str:
    """In Swedish å, ä and ö come after z; in English they are a and o."""
    return name.casefold().translate(AFTER_Z) if language == "sv" else _as_id(name)


def _as_id(name: str) -> str:
    """Spell `name` as an id: Överkalix → overkalix, Upplands Väsby → upplands-vasby."""
    letters = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return "-".join(letters.replace("-", " ").split())
