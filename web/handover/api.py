"""The message API: one thin view."""

from typing import Any, Final

from flask import Response, jsonify

from bot import Answer
from web.errors import asked_language
from web.frame import view_of
from web.handover.document import MessageReceipt, MessageToPerson
from web.handover.reading import read_members, read_message
from web.handover.taking import take
from web.openapi import Api, RepeatHeader, json_body, problems
from web.origins import guard, share
from web.promises import answered

messages: Final = Api("messages", __name__, url_prefix="/api/v1")
share(messages)


@messages.post(
    "/messages",
    operation_id="write",
    openapi_extensions=json_body(MessageToPerson),
    responses={200: MessageReceipt, **problems(400, 403, 404, 409, 413, 415, 422, 429, 503)},
)
def write(header: RepeatHeader) -> Response:
    """Write to a person at the municipality."""
    members, municipality, language = read_message()
    guard(municipality)
    view = view_of(municipality)
    written = read_members(members, municipality, language or asked_language())
    taken = take(written, written.language, f"key\n{header.key}" if header.key else None)
    return jsonify(
        taken=taken.receipt is not None,
        number=taken.receipt.number if taken.receipt else None,
        mailed=taken.receipt.is_mailed if taken.receipt else False,
        redacted=taken.is_redacted,
        expect=answered(view.municipality, written.language),
        crisis=_crisis(taken.crisis) if taken.crisis else None,
    )


def _crisis(crisis: Answer) -> dict[str, Any]:
    return {"title": crisis.title, "text": crisis.text, "language": crisis.text_language}
