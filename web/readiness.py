"""Whether this process can answer, and what keeps it from answering with all it should.

*Down* is a process that has nothing to answer from, or that is being stopped. Everything else is *degraded* at most:
without the database, the counter of requests or the newest files questions are answered all the same, and a load
balancer that took a server away for that would take all of them away at once. Switching the chat off is a decision,
and the server that tells of it is well.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from web.feed_files import overdue
from web.journal import State
from web.limits import Limits
from web.services import Services

Status = Literal["ok", "degraded", "down"]


@dataclass(frozen=True, slots=True)
class Readiness:
    """How this process does, and why it does not do better."""

    status: Status
    municipalities: int
    unread: int
    store: State
    problems: tuple[str, ...]


def readiness(services: Services) -> Readiness:
    """Look how this process does: asks the counter of requests, and reads the names of feeds that fail."""
    knowledge, store = services.knowledge, services.journal.state
    municipalities = len(knowledge.assistant.knowledge.municipalities)
    late = overdue(services.settings.data, datetime.now(services.settings.timezone))
    fatal = _fatal(services, municipalities)
    lesser = (*knowledge.problems, *late, *_store_problems(store), *_limits_problems(services.limits))
    problems = tuple(map(str, (*fatal, *lesser)))
    status: Status = "down" if fatal else "degraded" if problems else "ok"
    return Readiness(status, municipalities, knowledge.unread, store, problems)


def _fatal(services: Services, municipalities: int) -> list[str]:
    problems = ["server: it is being stopped"] if services.board.is_draining else []
    if not municipalities:
        problems.append("knowledge: there is no municipality to answer for")
    return problems


def _store_problems(state: State) -> list[str]:
    problems = [*([f"tick: {state.overdue}"] if state.overdue else []), *state.look.troubles]
    if state.reason:
        problems.append(f"store: {state.reason} ({state.waiting} notes wait, {state.dropped} are lost)")
    return problems


def _limits_problems(limits: Limits) -> list[str]:
    failure = limits.look()
    return [f"limits: requests are not counted: {failure}"] if failure else []
