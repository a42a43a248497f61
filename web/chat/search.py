"""The page that lists every answer, or those that a few words find. Plain HTML."""

from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request, url_for

from bot import Answer, Heading, Language, Option, Question, clean
from web.chat.asking import Turn
from web.chat.body import MAX_QUESTION
from web.chat.cards import card, excerpt
from web.chat.payload import permanent_link
from web.frame import addresses, correct_spelling, frame
from web.headings import heading_names
from web.i18n import languages, sentences, translations
from web.services import get_services, now

search: Final = Blueprint("search", __name__)
search.before_request(correct_spelling)


@search.get("/<municipality>/<language:language>/search")
def page(municipality: str, language: Language) -> Response:
    """Show what `q` finds; without it everything there is, under its headings."""
    asked = clean(request.args.get("q", ""))[:MAX_QUESTION]
    shown = _found(asked, municipality, language) if asked else everything(municipality, language)
    query: dict[str, Any] = {"q": asked} if asked else {}
    here = {
        tongue: url_for("search.page", municipality=municipality, language=tongue, **query) for tongue in languages()
    }
    shared = frame(municipality, language)
    _ = sentences(language)
    response = make_response(
        render_template(
            "search.html",
            asked=asked,
            description=_("Everything that is answered about moving to %(place)s, by subject.", place=shared["place"]),
            **shown,
            **addresses(here, here["sv"]),
            **shared,
        )
    )
    if asked:
        response.headers["Cache-Control"] = "no-store"
    return response


def _found(asked: str, municipality: str, language: Language) -> dict[str, Any]:
    assistant, question = get_services().knowledge.assistant, _question(asked, municipality, language)
    matches = assistant.find(question)
    return {
        "told": told(len(matches.options), asked, language) if matches.options or not matches.crisis else None,
        "crisis": card(Turn(matches.crisis, "", False, municipality, now())) if matches.crisis else None,
        "results": [_result(option, municipality, question) for option in matches.options],
        "mentions": _links(matches.mentions, municipality, language),
        "is_personal": bool(assistant.redact(asked, municipality).kinds),
    }


def told(count: int, asked: str, language: Language) -> str:
    """Say how many answers there are to what was `asked`."""
    if not count:
        _ = sentences(language)
        return _("Nothing here answers “%(words)s”", words=asked)
    ngettext = translations(language).ngettext
    text = ngettext("%(count)s answer to “%(words)s”", "%(count)s answers to “%(words)s”", count)
    return text % {"count": count, "words": asked}


def everything(municipality: str, language: Language) -> dict[str, Any]:
    """Return all that is answered today, under its headings."""
    headings = get_services().knowledge.assistant.contents(_question("", municipality, language))
    return {"headings": [_heading(heading, municipality, language) for heading in headings]}


def _heading(heading: Heading, municipality: str, language: Language) -> dict[str, Any]:
    name = heading_names(language).get(heading.id) or heading.id.replace("-", " ").capitalize()
    return {"id": heading.id or "others", "name": name, "links": _links(heading.options, municipality, language)}


def _result(option: Option, municipality: str, question: Question) -> dict[str, Any]:
    """Return an answer as a search shows it: its title, its first words, in which language these are."""
    answer = get_services().knowledge.assistant.answer(option.entry, question)
    given = answer if isinstance(answer, Answer) else None
    (link,) = _links((option,), municipality, question.prior)
    return {**link, "excerpt": excerpt(given.text) if given else "", "language": given and given.text_language}


def _links(options: tuple[Option, ...], municipality: str, language: Language) -> list[dict[str, str]]:
    return [
        {
            "title": option.title,
            "title_language": option.language,
            "link": permanent_link(municipality, language, option.entry),
        }
        for option in options
    ]


def _question(text: str, municipality: str, language: Language) -> Question:
    asked = now()
    return Question(text, municipality, asked.date(), language, language, asked_at=asked.time())
