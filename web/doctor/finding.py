"""What a question finds, and what questions are asked of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final, Literal

from sqlalchemy import Engine

from bot import Knowledge, Problem, inspect
from web.overrides import overridden
from web.settings import Settings
from web.store.engine import open_unpooled
from web.store.version import FOUND, file_of, glance, versions

Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: how bad it is, of which part, what is so, and what is to be done about it."""

    level: Level
    part: str
    says: str
    remedy: str | None = None


class Patient:
    """An installation: its settings and the environment that they were read from, `now`, and whether the mail server
    and the site may be connected to."""

    def __init__(self, settings: Settings, environment: Mapping[str, str], now: datetime, *, connect: bool) -> None:
        self.settings = settings
        self.environment = environment
        self.now = now
        self.connect = connect

    @cached_property
    def engine(self) -> Engine:
        """The store, not pooled; whoever asks it looks only."""
        return open_unpooled(self.settings)

    @cached_property
    def schema(self) -> str | None:
        """The schema that the store has; None where there is no store, or it cannot be asked."""
        return glance(self.settings, FOUND)

    @property
    def is_current(self) -> bool:
        """Whether the store can be asked by the models of this Hemvist."""
        return self.schema == versions()[-1]

    @property
    def has_store(self) -> bool:
        """Whether there is a store at all, or is to be one."""
        file = file_of(self.settings)
        return file is None or file.exists()

    @cached_property
    def inspected(self) -> tuple[Knowledge | None, list[Problem]]:
        """The knowledge as its files have it, and every problem of them."""
        return inspect(self.settings.knowledge)

    @cached_property
    def knowledge(self) -> Knowledge | None:
        """The knowledge with what staff decided; None where its files cannot be used."""
        found = self.inspected[0]
        return overridden(found, self.engine) if found and self.is_current else found


Question = Callable[[Patient], Iterator[Finding]]
SHOWN: Final = 5


def some(lines: list[str]) -> str:
    """Join what may be many."""
    more = f" … and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return "; ".join(lines[:SHOWN]) + more
