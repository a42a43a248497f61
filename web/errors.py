"""Everything that can be wrong with a request, in one shape: problem+json for programs, a page for people.

This module alone turns exceptions into responses. No answer repeats what was sent, so an error can carry nothing in.
"""

import json
import logging
import re
import secrets
import traceback
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from flask import Request, Response, current_app, g, has_request_context, render_template, request
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.http import parse_accept_header

from bot import Language, UnknownMunicipalityError
from web.i18n import languages, preferred, translations
from web.logs import fault

if TYPE_CHECKING:
    from flask import Flask

LOG: Final = logging.getLogger("hemvist.requests")
STAFF_PATH: Final = "/staff/"
API_PATHS: Final = ("/api/", "/openapi.json", "/healthz", "/readyz", "/metrics")
BELIEVED: Final = "HEMVIST_BELIEVES_REQUEST_ID"  # whether a proxy that we trust says what a request is called
# what proxies make by themselves; a visitor who sends one can say nothing in it
REQUEST_ID: Final = re.compile(r"[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def _(message: str) -> str:
    """Mark `message` for the catalogues; it is translated when an error is written."""
    return message


TITLES: Final[Mapping[int, str]] = MappingProxyType(
    {
        400: _("The request cannot be read"),
        401: _("Say who you are"),
        403: _("This is not allowed"),
        404: _("There is nothing here"),
        405: _("This cannot be done here"),
        409: _("This cannot be done now"),
        410: _("This link is no longer valid"),
        413: _("The request is too large"),
        415: _("The request is of the wrong kind"),
        421: _("This is not the server you asked for"),
        422: _("Something in the request is not right"),
        428: _("The request does not say what it changes"),
        429: _("Too many questions at once"),
        500: _("Something went wrong on our side"),
        503: _("This does not work just now"),
    }
)

_encode: Final = json.JSONEncoder(ensure_ascii=False).encode

# code → status, what is wrong and what would be accepted
PROBLEMS: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "answer_missing": (422, _("Answer this question.")),
        "answer_not_boolean": (422, _("The answer must be true or false.")),
        "answer_unknown": (422, _("The answer must be one of these: %(accepted)s.")),
        "answers_unknown": (422, _("The answers must be a list with some of these: %(accepted)s.")),
        "bad_request": (400, _("The request could not be understood.")),
        "body_empty": (400, _("The request is empty. Send a JSON object.")),
        "body_not_object": (422, _("The request must be a JSON object with named members.")),
        "body_too_large": (413, _("The request may be at most %(limit)s bytes.")),
        "content_encoding": (415, _("Send the request uncompressed.")),
        "content_type": (415, _("Send the request as application/json.")),
        "confirmed_not_boolean": (422, _("Whether it is confirmed must be true or false.")),
        "contact_missing": (422, _("Say how we can reach you: an e-mail address or a phone number.")),
        "context_missing": (422, _("The context of the answer is missing.")),
        "context_not_text": (422, _("The context must be the text that came with the answer before, or null.")),
        "date_invalid": (
            422,
            _("There is no such day. Write a day that exists, as year, month and day: 2027-06-30."),
        ),
        "date_missing": (422, _("Say which day you move. Without it there is nothing to put into a calendar.")),
        "email_invalid": (422, _("This is not an e-mail address. Write it as in anna@example.com.")),
        "entry_not_text": (422, _("The entry must be the id of an answer, or null for none of the choices.")),
        "entry_unknown": (404, _("This municipality has no answer with that id.")),
        "field_unknown": (422, _("There is an unknown member. These are accepted: %(accepted)s.")),
        "helpful_missing": (422, _("Say whether the answer was helpful.")),
        "helpful_not_boolean": (422, _("Whether it was helpful must be true or false.")),
        "host_foreign": (421, _("This server does not answer under that name.")),
        "idempotency_key_invalid": (422, _("The Idempotency-Key must be 1 to 128 letters, digits or signs of ASCII.")),
        "idempotency_key_reused": (409, _("The same Idempotency-Key came with another request a short while ago.")),
        "internal": (500, _("The error has been noted. Please try again in a while.")),
        "json_duplicate_key": (400, _("The same name stands twice in one JSON object.")),
        "json_invalid": (400, _("The request is not JSON: see line %(line)s, column %(column)s.")),
        "json_number": (400, _("NaN, Infinity and numbers of more than %(limit)s digits are not accepted.")),
        "json_too_deep": (400, _("The JSON is nested more than %(limit)s levels deep.")),
        "language_unknown": (422, _("The language must be one of these: %(accepted)s.")),
        "legal_hold": (
            409,
            _("The law bids to keep everything for a while. The conversation will be deleted when that is over."),
        ),
        "member_not_text": (422, _("The member %(name)s must be a text.")),
        "message_missing": (422, _("Write your message.")),
        "message_too_long": (422, _("The message has %(length)s characters. It may have at most %(limit)s.")),
        "message_unavailable": (
            503,
            _("The message could not be kept this moment, so it is not sent. Try again in a minute, or call."),
        ),
        "month_missing": (422, _("Say which month, as in 2026-10.")),
        "figures_unavailable": (503, _("The figures cannot be read this moment. Please try again in a minute.")),
        "method_not_allowed": (405, _("This address does not accept that method. These are accepted: %(accepted)s.")),
        "municipality_missing": (422, _("Say which municipality the question is about.")),
        "municipality_not_text": (422, _("The municipality must be given as its id, a text.")),
        "municipality_unknown": (404, _("There is no municipality with that id here.")),
        "name_invalid": (422, _("The name must be one line of at most %(limit)s characters.")),
        "not_found": (404, _("There is nothing at this address.")),
        "not_utf8": (400, _("The request must be encoded as UTF-8.")),
        "parameter_no_text": (422, _("The parameter %(name)s must be a text of 1 to %(limit)s characters.")),
        "origin_foreign": (403, _("The site that this page belongs to may not ask here.")),
        "parameter_invalid": (422, _("The parameter %(name)s must be one of these: %(accepted)s.")),
        "parameter_no_number": (
            422,
            _("The parameter %(name)s must be a whole number from %(least)s to %(most)s, written in digits alone."),
        ),
        "parameter_twice": (422, _("The parameter %(name)s stands more than once in the address.")),
        "parameter_unknown": (
            422,
            _("There is an unknown parameter in the address. These are accepted: %(accepted)s."),
        ),
        "phone_invalid": (422, _("This is not a phone number. Write 7 to 15 digits, with + first if it is foreign.")),
        "phone_personal_number": (422, _("This looks like an identity number. Write a phone number, or leave it out.")),
        "question_empty": (422, _("Write a question.")),
        "question_missing": (422, _("The question is missing.")),
        "question_not_text": (422, _("The question must be a text.")),
        "question_too_long": (422, _("The question has %(length)s characters. It may have at most %(limit)s.")),
        "reason_not_text": (422, _("The reason must be a text.")),
        "reason_too_long": (422, _("The reason has %(length)s characters. It may have at most %(limit)s.")),
        "store_unavailable": (
            503,
            _("It cannot be deleted this moment. Please try again in a minute. After %(days)s days it goes by itself."),
        ),
        "text_invalid": (422, _("The text holds half a character (a lone surrogate).")),
        "too_many_messages": (
            429,
            _("So many messages at once cannot be taken in. Please wait %(seconds)s seconds. In danger, call 112."),
        ),
        "topic_unknown": (422, _("The topic must be one of these: %(accepted)s.")),
        "too_many_questions": (
            429,
            _("So many questions at once cannot be answered. Please wait %(seconds)s seconds. In danger, call 112."),
        ),
    }
)
# what staff and operators alone can meet; it is no part of the API
PROBLEMS_OF_STAFF: Final[Mapping[str, tuple[int, str]]] = MappingProxyType(
    {
        "cannot_confirm": (409, _("This could not be written down. Nothing is changed.")),
        "changed_meanwhile": (
            409,
            _("Somebody has changed this answer since you opened the page. Read it once more, then confirm it."),
        ),
        "cross_origin": (403, _("Another site has sent this. Nothing was changed.")),
        "form_too_old": (
            400,
            _("The page was opened too long ago, or your browser takes no cookie from here. Open the page anew."),
        ),
        "from_feed": (409, _("This comes from a feed. Change it at its source; the next fetch brings it here.")),
        "https_needed": (
            403,
            _("Staff sign in over https alone. The README of this server says how a proxy provides that."),
        ),
        "invitation_over": (410, _("The invitation is used, or older than 72 hours. Ask for a new one.")),
        "nothing_changed": (
            503,
            _("The database does not answer, so nothing was changed. Please try again in a while."),
        ),
        "role_too_low": (403, _("Your role does not include this. An administrator can change that.")),
        "version_missing": (
            428,
            _("The form does not say which version it was filled with. Open the page anew; nothing was changed."),
        ),
        "token_wrong": (401, _("This page is for whoever brings the token of HEMVIST_METRICS_TOKEN.")),
        "sign_in_failed": (403, _("The identity provider did not let you in, or nobody has given you a role here.")),
    }
)
HTTP_CODES: Final[Mapping[int, str]] = MappingProxyType(
    {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "content_type", 500: "internal"}
)


class RequestError(Exception):
    """A request that cannot be answered as it is.

    `code` is one of PROBLEMS or PROBLEMS_OF_STAFF, `field` the member or parameter at fault; `values` go into the text,
    never input.
    `seconds` among them is when to come back.
    """

    def __init__(self, code: str, field: str | None = None, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.values = values

    @property
    def status(self) -> int:
        """The HTTP status that belongs to the code."""
        return _problem(self.code)[0]

    @property
    def headers(self) -> dict[str, str]:
        """What a program should know beside the status."""
        return {"Retry-After": str(self.values["seconds"])} if "seconds" in self.values else {}

    def detail(self, language: Language) -> str:
        """Say in `language` what is wrong."""
        return translations(language).gettext(_problem(self.code)[1]) % self.values


def _problem(code: str) -> tuple[int, str]:
    return PROBLEMS[code] if code in PROBLEMS else PROBLEMS_OF_STAFF[code]


def register(app: "Flask") -> None:
    """Answer every error of `app` from here."""
    app.register_error_handler(RequestError, _answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(UnknownMunicipalityError, _answer_unknown_municipality)


def note(error: BaseException) -> None:
    """Log an unexpected `error`: where it happened and its kind, not its words, which may hold what a visitor wrote."""
    LOG.error("request %s failed with %s", request_id(), type(error).__name__, extra=fault(error))


def this_request() -> Request:
    """Return the request itself: each look through Flask's stand-in for it costs half a microsecond."""
    return cast("Any", request)._get_current_object()  # type: ignore[no-any-return]


def request_id() -> str:
    """Return the id of this request, which its answer and the log carry."""
    known: str | None = g.get("request_id")
    if known is None:
        sent = request.headers.get("X-Request-ID", "") if current_app.config[BELIEVED] else ""
        known = g.request_id = sent if REQUEST_ID.fullmatch(sent) else secrets.token_hex(8)
    return known


def current_request_id() -> str | None:
    """Return the id of the request that is answered now; None where none is."""
    return request_id() if has_request_context() else None


def speak(language: Language) -> None:
    """Tell this request's errors in `language` from here on: its body has said so."""
    g.language = language


def asked_language() -> Language:
    """Return the language of this request by its body, address or query, else by Accept-Language; else Swedish."""
    asked = this_request()
    named = g.get("language") or (asked.view_args or {}).get("language") or asked.args.get("language")
    return next((language for language in languages() if language == named), accepted_language())


def accepted_language() -> Language:
    """Return the language this request's Accept-Language header wants most; Swedish where it does not say."""
    return preferred(_accepted(request.headers.get("Accept-Language", "")))


@lru_cache(maxsize=256)
def _accepted(header: str) -> tuple[str, ...]:
    wanted = sorted(parse_accept_header(header), key=lambda item: -item[1])
    return tuple(tag for tag, quality in wanted if quality > 0)


def answer(error: RequestError) -> Response:
    """Answer `error`, for a blueprint that turns its own exceptions into one."""
    return _answer(error)


def _answer_unknown_municipality(error: UnknownMunicipalityError) -> Response:
    return _answer(RequestError("municipality_unknown", "municipality"))


def answer_malformed(_error: Exception) -> Response:
    """Answer a body that the server could not take apart; servers register their own error for it."""
    return _answer(RequestError("bad_request"))


def refuse_unread(app: "Flask", status: int) -> Response:
    """Return the answer to a request that never reached `app`, because the server could not read it."""
    with app.test_request_context(f"{API_PATHS[0]}-/"):  # which is no route: nobody knows what was asked for
        answer = _answer(RequestError("bad_request" if status < 500 else "internal"), status=status)
        return app.process_response(answer)


def _answer_http(error: HTTPException) -> Response | HTTPException:
    if error.code is None or error.code < 400:
        return error
    code = HTTP_CODES.get(error.code, "bad_request")
    values: dict[str, Any] = {
        "limit": request.max_content_length or current_app.config["MAX_CONTENT_LENGTH"],
        "accepted": ", ".join(_allowed(error)),
    }
    response = _answer(RequestError(code, **values), status=error.code, trace=_trace(error))
    for name, value in error.get_headers():
        if name.lower() not in ("content-type", "content-length"):
            response.headers[name] = value
    return response


def _allowed(error: HTTPException) -> list[str]:
    return sorted(getattr(error, "valid_methods", None) or ())


def _trace(error: HTTPException) -> str | None:
    if not current_app.debug or not isinstance(error, InternalServerError) or error.original_exception is None:
        return None
    return "".join(traceback.format_exception(error.original_exception))


def _answer(error: RequestError, *, status: int | None = None, trace: str | None = None) -> Response:
    """Write `error`; `status` where HTTP has a finer one than the code, `trace` only where debugging is on."""
    language = asked_language()
    gettext = translations(language).gettext
    status = status or error.status
    shown = {
        "type": f"urn:hemvist:problem:{error.code}",
        "title": gettext(TITLES.get(status, TITLES[400])),
        "status": status,
        "code": error.code,
        "field": error.field,
        "request_id": request_id(),
        "detail": trace or error.detail(language),
    }
    if not request.path.startswith(API_PATHS):
        template = "staff/error.html" if request.path.startswith(STAFF_PATH) else "error.html"
        page = render_template(template, language=language, problem=shown)
        return Response(page, status, error.headers, mimetype="text/html")
    text = _encode(shown)
    response = Response(text, status, error.headers, content_type="application/problem+json")
    response.headers["Content-Language"] = language
    return response
