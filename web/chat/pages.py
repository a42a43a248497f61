"""The pages for people: choose a municipality, ask it, read one answer. All works without JavaScript; chat.js adds."""

from typing import Any, Final

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from bot import Language, View, is_given, is_understood
from web.accent import stylesheet
from web.chat.asking import ask, show
from web.chat.body import read_question
from web.chat.cards import card, excerpt, host, plain
from web.chat.wording import card_words, script_texts, topics
from web.errors import RequestError, accepted_language, asked_language
from web.frame import addresses, as_id, correct_spelling, frame, lists_of, municipalities, plan_link, view_of
from web.i18n import NAMES, in_order, languages, other, others_than, texts
from web.schema_org import faq_page
from web.services import get_services, today

pages = Blueprint("pages", __name__)
pages.add_app_template_filter(host, "site")
pages.before_request(correct_spelling)

LONGEST_KEPT: Final = 2_000  # characters of a refused question that stay in the box
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
        "tongues": others_than(language),
        "is_understood": is_understood(language),
        "chat_near": _chat_near,
        "copy_near": _copy_near,
    }


@pages.get("/")
def start() -> Response:
    """Let the visitor choose a municipality, or ask all."""
    return _by_language(_start_page())


@pages.post("/")
def ask_all() -> tuple[str, int, dict[str, str]] | Response:
    """Answer a question that was asked of no municipality, on the same page."""
    language, asked, token = asked_language(), request.form.get("question", ""), request.form.get("context", "")
    try:
        question = read_question(asked)
        is_new = "again" not in request.form
        turn = ask(question, None, _chosen_language(), language, token or None, is_new=is_new)
    except RequestError as error:
        kept = {"typed": asked[:LONGEST_KEPT], "context": token, "mistake": error.detail(language)}
        return _start_page(**kept), error.status, error.headers
    return _unstored(_start_page(card=card(turn, question), context=turn.context, context_before=token))


def _start_page(**changing: Any) -> str:
    language = asked_language()
    found = sorted(municipalities().values(), key=lambda one: in_order(one.name.best(language), language))
    places = [
        {
            "name": one.name.best(language),
            "link": _chat_address(one.id, language),
            "official": one.official,
            "lists": lists_of(one.id, language),
            "plan": plan_link(one.id, language),
        }
        for one in found
    ]
    here = {tongue: url_for("pages.start", language=tongue) for tongue in languages()}
    return render_template("start.html", places=places, **addresses(here, url_for("pages.start")), **changing)


@pages.get("/<municipality>/")
def choose_language(municipality: str) -> Response:
    """Lead to the chat in the language that the browser asks for."""
    return _by_language(redirect(_chat_address(municipality, accepted_language()), 302))


@pages.get("/<municipality>/<language:language>/")
def chat(municipality: str, language: Language) -> str:
    """Show the chat of `municipality`."""
    return _chat_page(municipality, language)


@pages.post("/<municipality>/<language:language>/")
def ask_here(municipality: str, language: Language) -> tuple[str, int, dict[str, str]] | Response:
    """Answer a question sent without JavaScript, on the same page."""
    asked, token = request.form.get("question", ""), request.form.get("context", "")
    try:
        question = read_question(asked)
        is_new = "again" not in request.form
        turn = ask(question, municipality, _chosen_language(), language, token or None, is_new=is_new)
    except RequestError as error:
        kept = {"typed": asked[:LONGEST_KEPT], "context": token, "mistake": error.detail(language)}
        return _chat_page(municipality, language, **kept), error.status, error.headers
    shown = _chat_page(municipality, language, card=card(turn, question), context=turn.context, context_before=token)
    return _unstored(shown)


@pages.get("/<municipality>/<language:language>/<entry>")
def answer(municipality: str, language: Language, entry: str) -> str:
    """Show one answer at its permanent address."""
    turn = show(entry, municipality, language)
    if turn is None:
        abort(404)
    here = {
        tongue: url_for("pages.answer", municipality=municipality, language=tongue, entry=entry)
        for tongue in languages()
    }
    shown = card(turn)
    return render_template(
        "answer.html",
        shown=shown,
        context=turn.context,
        description=excerpt(shown["text"]),
        faq=faq_page(shown["title"], plain(shown["text"]), shown["text_language"]),
        **addresses(here, here["sv"]),
        **_frame(municipality, language),
    )


@pages.get("/<municipality>/accent.css")
def accent(municipality: str) -> Response:
    """Serve the colours of `municipality`; its address changes when they do."""
    response = Response(stylesheet(municipalities()[municipality].accent), mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.max_age = A_YEAR
    return response


def _chat_page(municipality: str, language: Language, **changing: Any) -> str:
    here = {tongue: _chat_address(municipality, tongue) for tongue in languages()}
    shared = _frame(municipality, language)
    _ = texts(language)
    return render_template(
        "chat.html",
        topics=[] if "card" in changing else _topics(view_of(municipality), language),
        lists=[] if "card" in changing else lists_of(municipality, language),
        description=_(
            "Ask about plots, homes, jobs, schools and life in %(place)s. Answers in Swedish and English, with source.",
            place=shared["place"],
        ),
        **addresses(here, url_for("pages.choose_language", municipality=municipality)),
        **shared,
        **changing,
    )


def _frame(municipality: str, language: Language) -> dict[str, Any]:
    shared = frame(municipality, language)
    return {**shared, "script": _script(municipality, language, shared["switchboard"])}


def _script(municipality: str, language: Language, switchboard: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "municipality": municipality,
        "api": f"{request.script_root}/api/v1",
        "icons": url_for("static", filename="icons.svg"),
        "switchboard": switchboard,
        "copy": _copy_address(municipality, language),
        "texts": script_texts(language),
        "words": {tongue: card_words(tongue) for tongue in languages()},
    }


def _copy_address(municipality: str, language: Language) -> str | None:
    """Return where the static copy is, which answers when nothing here does."""
    copy = get_services().settings.copy_url
    return f"{copy}/{municipality}/{language}/index.html" if copy else None


def _topics(view: View, language: Language) -> list[dict[str, str]]:
    municipality = view.municipality.id
    return [
        {
            "entry": entry,
            "label": label,
            "link": _answer_address(municipality, language, entry),
        }
        for entry, label in topics(language).items()
        if entry in view.entries and is_given(view.entries[entry], today())
    ]


def _answer_address(municipality: str, language: Language, entry: str) -> str:
    return url_for("pages.answer", municipality=municipality, language=language, entry=entry)


def _chat_address(municipality: str, language: Language) -> str:
    return url_for("pages.chat", municipality=municipality, language=language)


def _chat_near() -> str | None:
    """Return the chat of the municipality that a wrong address begins with."""
    meant = as_id(request.path.split("/")[1])
    return _chat_address(meant, asked_language()) if meant in municipalities() else None


def _copy_near() -> str | None:
    """Return the static copy of the municipality that an address begins with."""
    meant = as_id(request.path.split("/")[1])
    return _copy_address(meant, asked_language()) if meant in municipalities() else None


def _unstored(page: str) -> Response:
    """An answer to a question is for the one who asked."""
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response


def _chosen_language() -> Language | None:
    chosen = request.form.get("language")
    return next((language for language in languages() if language == chosen), None)


def _by_language(answered: str | Redirect) -> Response:
    response = make_response(answered)
    response.vary.add("Accept-Language")
    return response
