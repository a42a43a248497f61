"""Who does a task: one process on one machine at a time, whoever asks first."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Engine, func, or_, select, update

from web.store.engine import reading, upsert
from web.store.models import Lease

LONGEST: Final = timedelta(minutes=10)  # after that a holder counts as dead


@contextmanager
def lease(engine: Engine, task: str, holder: str, now: datetime) -> Iterator[bool]:
    """Give whether `task` is ours to do; afterwards note that it was done, unless it failed. Raises SQLAlchemyError."""
    taken = _take(engine, task, holder, now)
    try:
        yield taken
    except BaseException:
        if taken:
            _give_back(engine, task, holder, now, finished=None)
        raise
    if taken:
        _give_back(engine, task, holder, now, finished=now)


def last_finished(engine: Engine) -> datetime | None:
    """Return when a task was last done, by whomever; raises SQLAlchemyError."""
    with reading(engine).connect() as connection:
        return connection.scalar(select(func.max(Lease.finished)))


def is_time(engine: Engine, task: str, before: datetime) -> bool:
    """Whether `task` was last done before a moment, or never; raises SQLAlchemyError."""
    with reading(engine).connect() as connection:
        done = connection.scalar(select(Lease.finished).where(Lease.task == task))
    return done is None or done <= before


def _take(engine: Engine, task: str, holder: str, now: datetime) -> bool:
    mine = {"holder": holder, "until": now + LONGEST}
    with engine.begin() as connection:
        new = upsert(connection, Lease).values(task=task, **mine)
        free = or_(Lease.until <= now, Lease.holder == holder)
        taken = new.on_conflict_do_update(index_elements=["task"], set_=mine, where=free).returning(Lease.task)
        return connection.execute(taken).first() is not None


def _give_back(engine: Engine, task: str, holder: str, now: datetime, *, finished: datetime | None) -> None:
    values = {"until": now, "finished": finished} if finished else {"until": now}
    with engine.begin() as connection:
        connection.execute(update(Lease).where(Lease.task == task, Lease.holder == holder).values(values))
