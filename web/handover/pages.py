"""The page that leads to a person: whom to call and when, and a form. Plain HTML, with or without JavaScript."""

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from flask import Blueprint, Response, make_response, render_template, request, url_for
from werkzeug.exceptions import RequestEntityTooLarge

from bot import Answer, Entry, Language, View
from web import markdown
from web.contacts import contact_payload
from web.errors import RequestError, speak
from web.frame import addresses, correct_spelling, frame, view_of
from web.handover.reading import (
    FIELDS,
    MAX_BYTES,
    MAX_EMAIL,
    MAX_MESSAGE,
    MAX_NAME,
    MistakesError,
    Written,
    answered_in,
    chosen_language,
    read_fields,
)
from web.handover.taking import Taken, take, topic_near
from web.headings import TOPICS, topic_name
from web.i18n import NAMES, languages
from web.origins import refuse_foreign_form
from web.promises import answered, kept, read_by
from web.services import get_services, now

person: Final = Blueprint("person", __name__)
person.before_request(correct_spelling)

NEWCOMERS: Final = "newcomer-service"
TOKEN: Final = 64  # characters of a form's token that are looked at


@person.get("/<municipality>/<language:language>/person")
def page(municipality: str, language: Language) -> str:
    """Show whom to call, and the form."""
    topic = topic_near(request.args.get("about", ""))
    return _form(municipality, language, {"topic": topic, "language": answered_in(language)})


@person.post("/<municipality>/<language:language>/person")
def write(municipality: str, language: Language) -> Response:
    """Take in a message, or show the form again with what is wrong and every word that was typed."""
    refuse_foreign_form()
    speak(language)
    try:
        typed = _typed()
        taken = _take(typed, municipality, language)
    except RequestEntityTooLarge:
        error = RequestError("message_too_long", "message", length=f"> {MAX_MESSAGE}", limit=MAX_MESSAGE)
        return _refused(municipality, language, {}, {"message": error}, 413)
    except MistakesError as error:
        return _refused(municipality, language, typed, error.mistakes, 422)
    except RequestError as error:
        return _refused(municipality, language, typed, {"": error}, error.status, error.headers)
    if taken.receipt is None:
        return _kept_to_itself(make_response(_form(municipality, language, typed, crisis=_card(taken.crisis))))
    return _kept_to_itself(make_response(_receipt(municipality, language, taken)))


def _typed() -> dict[str, str]:
    """Return what the form sent; a message in the widest letters still fits."""
    request.max_content_length = request.max_form_memory_size = MAX_BYTES
    return {name: request.form.get(name, "") for name in (*FIELDS, "language", "confirmed", "token")}


def _take(typed: Mapping[str, str], municipality: str, language: Language) -> Taken:
    """The same form sent twice is one message; sent again with other words it is another."""
    answer_in = chosen_language(typed["language"], language)
    written = read_fields(typed, municipality, answer_in, is_confirmed=typed["confirmed"] == "1")
    token = typed["token"][:TOKEN]
    return take(written, language, f"form\n{token}\n{_digest(written)}" if token else None)


def _digest(written: Written) -> str:
    return hashlib.sha256(json.dumps(asdict(written)).encode()).hexdigest()


def _refused(
    municipality: str,
    language: Language,
    typed: Mapping[str, str],
    mistakes: Mapping[str, RequestError],
    status: int,
    headers: Mapping[str, str] | None = None,
) -> Response:
    told = {name: error.detail(language) for name, error in mistakes.items()}
    response = make_response(_form(municipality, language, typed, mistakes=told), status)
    response.headers.update(headers or {})
    return _kept_to_itself(response)


def _kept_to_itself(response: Response) -> Response:
    """What somebody wrote is left in no cache."""
    response.headers["Cache-Control"] = "no-store"
    return response


def _form(municipality: str, language: Language, typed: Mapping[str, str], **changing: Any) -> str:
    view = view_of(municipality)
    return render_template(
        "person.html",
        typed={"language": answered_in(language), "token": secrets.token_urlsafe(16), **typed},
        topics=[(topic, topic_name(topic, language)) for topic in TOPICS],
        languages=NAMES.items(),
        people=_people(view, language),
        longest={"message": MAX_MESSAGE, "name": MAX_NAME, "email": MAX_EMAIL},
        kept=kept(view.municipality, language),
        **_shared(view, language),
        **changing,
    )


def _receipt(municipality: str, language: Language, taken: Taken) -> str:
    view = view_of(municipality)
    return render_template(
        "person_sent.html",
        taken=taken,
        crisis=_card(taken.crisis),
        people=_people(view, language),
        **_shared(view, language, taken),
    )


def _shared(view: View, language: Language, taken: Taken | None = None) -> dict[str, Any]:
    found = view.municipality
    here = {tongue: url_for("person.page", municipality=found.id, language=tongue) for tongue in languages()}
    is_mailed = taken.receipt.is_mailed if taken and taken.receipt else get_services().desk.is_mailed(found)
    return {
        "answered": answered(found, language),
        "read_by": read_by(found, language, is_mailed=is_mailed),
        **addresses(here, here["sv"]),
        **frame(found.id, language),
    }


def _people(view: View, language: Language) -> list[dict[str, Any]]:
    """Return whom to call: those who help newcomers, and the switchboard."""
    newcomers = view.contacts_of(view.entries.get(NEWCOMERS, Entry(NEWCOMERS)))
    switchboard = view.contacts_of(Entry("nobody"))
    return [contact_payload(contact, language, now()) for contact in dict.fromkeys((*newcomers, *switchboard))]


def _card(crisis: Answer | None) -> dict[str, Any] | None:
    if crisis is None:
        return None
    return {"title": crisis.title, "html": markdown.render_with_calls(crisis.text), "language": crisis.text_language}
