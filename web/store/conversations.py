"""What conversations leave behind: written in batches, and removed when their visitor asks for it."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Engine, delete, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from web.store.engine import upsert
from web.store.evidence import Tallies, tally
from web.store.gap_tables import KeptQuestion
from web.store.models import Feedback, Forgotten, Origin, Turn

Row = Mapping[str, Any]
Origins = Mapping[tuple[str, str, str, date], int]  # municipality, origin, version, day → how often
UNFIT: Final = (DataError, IntegrityError)  # the fault of the row, and not of the database


NO_TALLIES: Final[Tallies] = {}


def write(
    engine: Engine, turns: Sequence[Row], opinions: Sequence[Row], origins: Origins, tallies: Tallies = NO_TALLIES
) -> int:
    """Keep a batch in one transaction, and return how many rows were refused as unfit; raises SQLAlchemyError."""
    try:
        with engine.begin() as connection:
            _write(connection, turns, opinions, origins)
            tally(connection, tallies)
    except UNFIT:
        return _write_each(engine, turns, opinions)
    return 0


def forget(engine: Engine, key_hashes: Collection[str], municipality: str, at: datetime, held: Collection[str]) -> None:
    """Remove a conversation, and what of it other processes will still write; raises SQLAlchemyError.

    It may be kept under several hashes, one for each secret that the server had meanwhile. Where the municipality is
    among those `held` by law, its rows stay until `sweep` finds that it no longer is.
    """
    with engine.begin() as connection:
        rows = [{"key_hash": key_hash, "municipality": municipality, "at": at} for key_hash in sorted(key_hashes)]
        new = upsert(connection, Forgotten).values(rows)
        connection.execute(new.on_conflict_do_update(index_elements=["key_hash"], set_={"at": new.excluded.at}))
        if municipality not in held:
            for table, when in ((Turn, Turn.asked_at), (Feedback, Feedback.at), (KeptQuestion, KeptQuestion.asked_at)):
                connection.execute(delete(table).where(table.key_hash.in_(key_hashes), when <= at))


def _write(connection: Connection, turns: Sequence[Row], opinions: Sequence[Row], origins: Origins) -> None:
    forgotten = _forgotten(connection, {row["key_hash"] for row in (*turns, *opinions)})
    kept = [row for row in turns if not _is_before(row["asked_at"], forgotten.get(row["key_hash"]))]
    if kept:
        connection.execute(insert(Turn), kept)
    for row in opinions:
        if not _is_before(row["at"], forgotten.get(row["key_hash"])):
            _write_opinion(connection, row)
    for (municipality, origin, version, day), number in sorted(origins.items()):  # in order, so that none waits for us
        new = upsert(connection, Origin).values(
            municipality=municipality, origin=origin, version=version, day=day, number=number
        )
        connection.execute(
            new.on_conflict_do_update(
                index_elements=["municipality", "origin", "version", "day"],
                set_={"number": Origin.number + new.excluded.number},
            )
        )


def _write_opinion(connection: Connection, row: Row) -> None:
    """Somebody who thinks again about the same answer still has one opinion: the latest, whoever writes first."""
    if row["entry"] is not None:
        same = (Feedback.key_hash == row["key_hash"], Feedback.entry == row["entry"])
        if connection.scalar(select(Feedback.id).where(*same, Feedback.at > row["at"]).limit(1)):
            return
        connection.execute(delete(Feedback).where(*same))
    connection.execute(insert(Feedback), [row])


def _write_each(engine: Engine, turns: Sequence[Row], opinions: Sequence[Row]) -> int:
    """Keep what can be kept of a batch that holds something unfit; counted origins and tallies are let go."""
    refused = 0
    for turn, opinion in [*((row, None) for row in turns), *((None, row) for row in opinions)]:
        try:
            with engine.begin() as connection:
                _write(connection, [turn] if turn else [], [opinion] if opinion else [], {})
        except UNFIT:
            refused += 1
    return refused


def _forgotten(connection: Connection, keys: Collection[str]) -> dict[str, datetime]:
    found = connection.execute(select(Forgotten.key_hash, Forgotten.at).where(Forgotten.key_hash.in_(keys)))
    return {row.key_hash: row.at for row in found}


def _is_before(at: datetime, forgotten: datetime | None) -> bool:
    return forgotten is not None and at <= forgotten
