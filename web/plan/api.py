"""The plan over HTTP: answers in, dated tasks out."""

import json
from typing import Final

from flask import Response

from web.errors import asked_language
from web.openapi import Api, json_body, problems
from web.origins import guard, share
from web.plan.document import MovingPlan, PlanWanted
from web.plan.payload import payload, plan_of
from web.plan.reading import read_wanted
from web.services import get_services, now

planning: Final = Api("planning", __name__, url_prefix="/api/v1")
share(planning)
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@planning.post(
    "/plan",
    operation_id="plan",
    openapi_extensions=json_body(PlanWanted),
    responses={200: MovingPlan, **problems(400, 403, 404, 413, 415, 422)},
)
def plan() -> Response:
    """Make a moving plan of a few answers; none of them is kept."""
    wanted = read_wanted()
    guard(wanted.municipality)
    asked = now()
    get_services().note_plan(wanted.municipality)
    made = plan_of(wanted.municipality, wanted.answers, wanted.language or asked_language(), asked)
    return Response(_encode(payload(made, wanted.municipality, asked)), content_type="application/json")
