"""What watches the server asks: is the process alive, and is it serving the newest knowledge."""

from datetime import datetime
from typing import Any, Final, Literal

from flask import Response, jsonify
from pydantic import BaseModel, ConfigDict, Field

from web.feed_files import overdue
from web.journal import State
from web.limits import Limits
from web.openapi import Api
from web.services import get_services

health: Final = Api("health", __name__)


class Alive(BaseModel):
    """The process answers."""

    model_config = ConfigDict(extra="forbid")
    status: Literal["ok"]


class Ready(BaseModel):
    """What is served."""

    model_config = ConfigDict(extra="forbid")
    status: Literal["ok", "degraded"] = Field(description="degraded: answers come from the last good knowledge or rows")
    municipalities: int
    unread: int = Field(description="Municipalities whose files were not yet read and checked since they changed")
    store: Literal["ok", "degraded"] = Field(description="degraded: questions are answered, and noted later or not")
    problems: list[str] = Field(
        description="Why the newest files are not served (file:line:column: field: what is wrong), or nothing is noted"
    )


@health.get("/healthz", operation_id="alive", responses={200: Alive})
def alive() -> Response:
    """Say that the process answers."""
    return jsonify(status="ok")


@health.get("/readyz", operation_id="ready", responses={200: Ready})
def ready() -> Response:
    """Say what is served. A server that cannot answer questions does not start, so this is 200 even when degraded."""
    services = get_services()
    knowledge = services.knowledge
    store = services.journal.state
    late = overdue(services.settings.data, datetime.now(services.settings.timezone))
    problems = (*knowledge.problems, *late, *_store_problems(store), *_limits_problems(services.limits))
    state: dict[str, Any] = {
        "status": "degraded" if problems else "ok",
        "municipalities": len(knowledge.assistant.knowledge.municipalities),
        "unread": knowledge.unread,
        "store": "degraded" if store.reason else "ok",
        "problems": [str(problem) for problem in problems],
    }
    return jsonify(state)


def _store_problems(state: State) -> list[str]:
    problems = [*([f"tick: {state.overdue}"] if state.overdue else []), *state.troubles]
    if state.reason:
        problems.append(f"store: {state.reason} ({state.waiting} notes wait, {state.dropped} are lost)")
    return problems


def _limits_problems(limits: Limits) -> list[str]:
    failure = limits.look()
    return [f"limits: requests are not counted: {failure}"] if failure else []
