"""What watches the server asks: is the process alive, and is it serving the newest knowledge."""

from typing import Any, Final, Literal

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from web.openapi import Api
from web.readiness import readiness
from web.services import get_services

health: Final = Api("health", __name__)
AWAY: Final = 5  # seconds until it is worth asking a server again that is down


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(extra="forbid")
    status: Literal["ok"]


class Ready(BaseModel):
    """What is served."""

    model_config = ConfigDict(extra="forbid")
    status: Literal["ok", "degraded", "down"] = Field(
        description="degraded: questions are answered, from the last good knowledge or rows, or without being noted or "
        "counted; down, with 503: send questions elsewhere, this server has nothing to answer from or is being stopped"
    )
    municipalities: int
    unread: int = Field(description="Municipalities whose files were not yet read and checked since they changed")
    store: Literal["ok", "degraded"] = Field(description="degraded: questions are answered, and noted later or not")
    problems: list[str] = Field(
        description="Why the newest files are not served (file:line:column: field: what is wrong), or nothing is noted"
    )


DOWN: Final[dict[Any, Any]] = {
    "description": "Send questions elsewhere",
    "content": {"application/json": {"schema": Ready.model_json_schema()}},
}


@health.get("/healthz", operation_id="alive", responses={200: Alive})
def alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@health.get("/readyz", operation_id="ready", responses={200: Ready, 503: DOWN})
def ready() -> Response:
    """Say what is served: 200 as long as questions are answered, also where something is amiss."""
    found = readiness(get_services())
    response = jsonify(
        status=found.status,
        municipalities=found.municipalities,
        unread=found.unread,
        store="degraded" if found.store.reason else "ok",
        problems=list(found.problems),
    )
    if found.status == "down":
        response.status_code = 503
        response.headers["Retry-After"] = str(AWAY)
    return response
