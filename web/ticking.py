"""What has to happen as time goes by, whether or not somebody asks: `hemvist tick`.

Each task is done by one process at a time, under a lease in the store. A task that fails is tried again a minute later.
"""

import logging
import os
import secrets
import socket
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from functools import cache, cached_property
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from web import logs
from web.limits import FILE as LIMITS_FILE
from web.limits import CounterError, FileCounter
from web.settings import Settings, read_settings
from web.store.engine import open_engine, reading, told
from web.store.errors import StoreError
from web.store.evidence import OfficeHours, has_standings, note_standing
from web.store.gap_keeping import has_over
from web.store.leases import is_time, lease
from web.store.messages import has_due_mail, has_handled
from web.store.schema import upgrade
from web.store.upkeep import has_due, roll, sweep, tidy

if TYPE_CHECKING:
    from bot import Knowledge, Municipality
    from web.purging import Purge

LOG: Final = logging.getLogger("hemvist.tick")
EVERY: Final = 60.0  # seconds
HOURLY: Final = timedelta(hours=1)
MORNING: Final = clock_time(7)  # when owners are written to, in the time of the municipalities
MONDAY: Final = 0


class TickError(Exception):
    """Something was not done; the words say what and why."""


def tick(settings: Settings, now: datetime | None = None) -> None:
    """Do what is due `now`; raises TickError at the end where something was not done."""
    engine = open_engine(settings)
    faults = []
    try:
        upgrade(engine)
        due = Due(engine, settings, now or datetime.now(UTC))
        for task, work in {**dict.fromkeys(TASKS, _do), **MESSAGES}.items():
            try:
                work(engine, task, due)
            except (SQLAlchemyError, TickError) as error:
                faults.append(f"{task}: {told(error) if isinstance(error, SQLAlchemyError) else error}")
    except StoreError as error:
        faults.append(str(error))
    finally:
        engine.dispose()
    _sweep_limits(settings)
    if faults:
        raise TickError("; ".join(faults))


def run(settings: Settings, stop: threading.Event) -> None:
    """Tick every minute until `stop` is set; an outage is logged once."""
    fault = ""
    while not stop.is_set():
        began = time.monotonic()
        try:
            tick(settings)
            fault = ""
        except TickError as error:
            if str(error) != fault:
                LOG.warning("not everything is done that is due, it will be tried again: %s", error)
            fault = str(error)
        stop.wait(max(1.0, EVERY - (time.monotonic() - began)))


def run_below_server() -> None:
    """Tick until the server that started this process is gone, which closes our input."""
    settings = read_settings(os.environ)
    logs.begin(settings.log)
    stop = threading.Event()
    threading.Thread(target=_await_end, args=(stop,), daemon=True).start()
    run(settings, stop)


def _await_end(stop: threading.Event) -> None:
    sys.stdin.read()
    stop.set()


class Due:
    """What is due at one moment. Words go by the full hour: each purge leaves a row in the audit, and nobody wants to
    read one a minute."""

    def __init__(self, engine: Engine, settings: Settings, now: datetime) -> None:
        self.engine = engine
        self.now = now
        self._began = time.monotonic()
        self.hour = now.replace(minute=0, second=0, microsecond=0)
        self.before = self.hour - timedelta(days=settings.retention_days)
        self.since = self.hour - timedelta(days=settings.open_gap_days)
        self.day = self.before.astimezone(settings.timezone).date()
        self.settings = settings

    def clock(self) -> datetime:
        """Return the moment it is by now, where `now` was when this began."""
        return self.now + timedelta(seconds=time.monotonic() - self._began)

    def hours_of(self, first: date, last: date) -> OfficeHours:
        """Return the office hours of some days."""
        from web.office import office_hours  # the engine knows the holidays

        return office_hours(first, last, self.settings.timezone)

    @cached_property
    def is_anything(self) -> bool:
        """Whether there is any work, so that the knowledge need not be read for nothing."""
        return has_due(self.engine, self.now, self.before, self.day) or has_over(self.engine, self.since, self.before)

    @cached_property
    def held(self) -> Collection[str]:
        """The municipalities where everything must be kept for now; raises TickError where that cannot be told."""
        return [name for name, found in self.municipalities.items() if found.legal_hold]

    def purge(self, until: datetime) -> "Purge":
        """Return what purges as if it were `until`, in the name of whoever runs the tick."""
        from web.cli import operator  # these need the engine, and something is seldom due
        from web.purging import Purge

        return Purge(self.engine, self.settings, until, operator("tick"), noted=self.now)

    @cached_property
    def municipalities(self) -> "Mapping[str, Municipality]":
        """What the knowledge says of them; raises TickError where it cannot be read."""
        return self.knowledge.municipalities

    @cached_property
    def knowledge(self) -> "Knowledge":
        """The knowledge with what staff decided; raises TickError where it cannot be read."""
        from bot import KnowledgeError, load_as_asked  # half a second, and needed only where something is due
        from web.overrides import overridden

        try:
            return overridden(load_as_asked(self.settings.knowledge), self.engine)
        except KnowledgeError as error:
            raise TickError(f"whether there is a legal hold cannot be read: {error.problems[0]}") from error


def _do(engine: Engine, task: str, due: Due) -> None:
    with lease(engine, task, _ourselves(), due.now) as is_ours:
        if is_ours and due.is_anything:
            TASKS[task](due)


def monday_morning(now: datetime, timezone: ZoneInfo) -> datetime | None:
    """Return when this day's mail to the owners is to go; None but on a Monday from that hour on."""
    local = now.astimezone(timezone)
    start = datetime.combine(local.date(), MORNING, timezone)
    return start if local.weekday() == MONDAY and local >= start else None


def _ourselves() -> str:
    """Name this process: containers may share the name of a host and the number of a process."""
    return f"{socket.gethostname()[:20]}:{os.getpid() % 10**7}:{_token(os.getpid())}"


@cache
def _token(_process: int) -> str:
    return secrets.token_hex(4)


def _purge(due: Due) -> None:
    """Purge each municipality that may lose its words, so that its audit says it, and then what is of none."""
    purge = due.purge(due.hour)
    emptied = sum(purge.words_of(found) for found in due.municipalities.values() if not found.legal_hold)
    if emptied := emptied + purge.of_the_rest([*due.municipalities]):
        LOG.info("the words of %s questions asked before %s are purged", emptied, due.before.isoformat("T", "minutes"))
        tidy(due.engine)


def _forget(due: Due) -> None:
    if gone := sweep(due.engine, due.now, due.held):
        LOG.info("%s rows of deleted conversations are removed", gone)
        tidy(due.engine)


def _roll(due: Due) -> None:
    if counted := roll(due.engine, due.day, due.held, due.hours_of):
        LOG.info("%s turns of the days before %s are now counts", counted, due.day)


def _mail(engine: Engine, _task: str, due: Due) -> None:
    """Mail what waits for it. No lease for the task: each message has one."""
    if not has_due_mail(engine, due.now):
        return
    from web.delivery import Delivery  # mail and its encryption are needed only where something is due
    from web.sealing import open_seal

    tally = Delivery(due.settings, open_seal(due.settings)).deliver(engine, due.municipalities, due.clock)
    if tally.sent:
        LOG.info("%s messages are mailed", tally.sent)
    if tally.troubles:
        raise TickError("; ".join(tally.troubles))


def _dispose(engine: Engine, task: str, due: Due) -> None:
    """Remove messages that are handled and may go, once an hour."""
    if not is_time(engine, task, due.now - HOURLY) or not has_handled(engine):
        return
    with lease(engine, task, _ourselves(), due.now) as is_ours:
        purge = due.purge(due.now)
        for found in due.municipalities.values() if is_ours else ():
            if gone := purge.messages_of(found):
                LOG.info("%s messages to %s are removed, decided in %s", gone, found.id, found.disposal)
                tidy(engine)


def _weekly(engine: Engine, task: str, due: Due) -> None:
    """Write to the owners on Monday mornings. Each has a lease, so that nobody is written to twice."""
    if not due.settings.smtp_url or (start := monday_morning(due.now, due.settings.timezone)) is None:
        return
    if not is_time(engine, task, start - timedelta(seconds=1)):
        return
    from web.mail import MailError  # needed on one day a week
    from web.weekly import Week

    try:
        sent = Week(engine, due.settings, due.knowledge, start, _ourselves()).write(due.now)
    except MailError as error:
        raise TickError(str(error)) from error
    if sent:
        LOG.info("%s owners are written to about this week", sent)
    with lease(engine, task, _ourselves(), due.now):
        pass  # that all are written to is noted once, so that the knowledge need not be read again today


def _stand(engine: Engine, task: str, due: Due) -> None:
    """Note once a day how the knowledge of each municipality stands: no later day can tell."""
    today = due.now.astimezone(due.settings.timezone).date()
    with reading(engine).connect() as connection:
        if has_standings(connection, today):
            return
    from web.evidence import standing_of  # needed once a day

    with lease(engine, task, _ourselves(), due.now) as is_ours:
        for name in due.municipalities if is_ours else ():
            standing = standing_of(due.knowledge.view(name), due.knowledge, today)
            with engine.begin() as connection:
                note_standing(connection, name, today, standing)


MESSAGES: Final[Mapping[str, Callable[[Engine, str, Due], None]]] = {
    "mail": _mail,
    "dispose": _dispose,
    "weekly": _weekly,
    "standing": _stand,
}
TASKS: Final[Mapping[str, Callable[[Due], None]]] = {"purge": _purge, "forget": _forget, "roll": _roll}


def _sweep_limits(settings: Settings) -> None:
    """Drop what the limits of this machine no longer need; the file holds nothing that matters if it fails."""
    path = settings.data / LIMITS_FILE
    if settings.redis_url or not path.exists():
        return
    counter = FileCounter(path)
    try:
        counter.sweep()
    except CounterError as error:
        LOG.info("old limits are not dropped: %s", error)
    finally:
        counter.close()
