"""The chat API: thin views that read, ask and write."""

import json
from dataclasses import asdict
from typing import Any, Final

from flask import Response

from bot import Municipality
from web.chat.afterwards import delete_conversation, take_opinion
from web.chat.asking import ask, explain, show
from web.chat.body import read_body, read_conversation, read_opinion
from web.chat.document import (
    ChatQuery,
    ChatQuestion,
    Conversation,
    EntryPath,
    EntryQuery,
    Municipalities,
    Opinion,
    Reply,
    Titles,
    Welcome,
    WelcomeQuery,
)
from web.chat.payload import payload
from web.chat.welcome import titles, welcome
from web.errors import RequestError, accepted_language, asked_language
from web.i18n import languages
from web.openapi import NOTHING, Api, RepeatHeader, json_body, problems
from web.origins import foreign_origin, guard, is_allowed, share
from web.services import get_services

api: Final = Api("api", __name__, url_prefix="/api/v1")
share(api)
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@api.post(
    "/chat",
    operation_id="ask",
    openapi_extensions=json_body(ChatQuestion),
    responses={200: Reply, **problems(400, 403, 404, 409, 413, 415, 422, 429)},
)
def chat(query: ChatQuery, header: RepeatHeader) -> Response:
    """Ask a question and be answered, offered choices, or told whom to turn to."""
    asked = read_body()
    guard(asked.municipality)
    turn = (asked.question, asked.municipality, asked.language, accepted_language(), asked.context)
    reply = payload(ask(*turn, header.key, is_new=query.again == "0"))
    if query.explain == "1":
        reply["explanation"] = asdict(explain(*turn))
    return _json(reply)


@api.post(
    "/feedback",
    operation_id="feedback",
    openapi_extensions=json_body(Opinion),
    responses={204: NOTHING, **problems(400, 403, 404, 409, 413, 415, 422, 429)},
)
def feedback(header: RepeatHeader) -> Response:
    """Say whether an answer was helpful."""
    take_opinion(read_opinion(), header.key)
    return Response(status=204)


@api.delete(
    "/conversation",
    operation_id="forget",
    openapi_extensions=json_body(Conversation),
    responses={204: NOTHING, **problems(400, 403, 409, 413, 415, 422, 429, 503)},
)
def conversation() -> Response:
    """Delete what is kept of a conversation."""
    delete_conversation(read_conversation())
    return Response(status=204)


@api.get("/entries/<entry_id>", operation_id="entry", responses={200: Reply, **problems(404, 422)})
def entry(path: EntryPath, query: EntryQuery) -> Response:
    """Read the answer of one entry, as its own page shows it."""
    guard(query.municipality)
    turn = show(path.entry_id, query.municipality, query.language or asked_language())
    if turn is None:
        raise RequestError("entry_unknown", "entry_id")
    return _json(payload(turn))


@api.get("/welcome", operation_id="welcome", responses={200: Welcome, **problems(404, 422)})
def open_chat(query: WelcomeQuery) -> Response:
    """Read what a chat shows when it is opened."""
    guard(query.municipality)
    shown = welcome(query.municipality, query.language or asked_language(), query.topic)
    origin = foreign_origin()
    if origin and query.version and is_allowed(origin):
        get_services().note_origin(query.municipality, origin, query.version)
    return _json(shown)


@api.get("/titles", operation_id="titles", responses={200: Titles, **problems(404, 422)})
def list_titles(query: EntryQuery) -> Response:
    """List the questions that are answered, to suggest them while someone writes."""
    guard(query.municipality)
    return _json({"titles": titles(query.municipality, query.language or asked_language())})


@api.get("/municipalities", operation_id="municipalities", responses={200: Municipalities})
def municipalities() -> Response:
    """List the municipalities that can be asked."""
    known = get_services().knowledge.assistant.knowledge.municipalities
    return _json({"municipalities": [_municipality(known[name]) for name in sorted(known)]})


def _municipality(municipality: Municipality) -> dict[str, Any]:
    return {
        "id": municipality.id,
        "name": {tongue: municipality.name.best(tongue) for tongue in languages()},
        "code": municipality.code,
        "official": municipality.official,
        "site": municipality.site,
        "link": {tongue: f"/{municipality.id}/{tongue}/" for tongue in languages()},
    }


def _json(value: object) -> Response:
    return Response(_encode(value), content_type="application/json")
