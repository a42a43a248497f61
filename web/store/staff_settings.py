"""What staff decided, as rows that are only ever added: the last of each setting holds, the others are its history."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, insert, select

from web.store.setting_tables import StaffSettingRow

SHOWN: Final = 20  # lines of history


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of history. `back`: what the file says holds again, and `value` is nothing."""

    setting: str
    value: Any
    back: bool
    at: datetime
    actor: str


def newest(connection: Connection) -> int:
    """Return a number that grows with every decision."""
    return connection.scalar(select(func.max(StaffSettingRow.id))) or 0


def in_force(connection: Connection) -> dict[str, dict[str, Any]]:
    """Return municipality → setting → value, of all that the files do not decide."""
    last = select(func.max(StaffSettingRow.id)).group_by(StaffSettingRow.municipality, StaffSettingRow.setting)
    rows = connection.execute(
        select(StaffSettingRow.municipality, StaffSettingRow.setting, StaffSettingRow.value).where(
            StaffSettingRow.id.in_(last), StaffSettingRow.value.is_not(None)
        )
    )
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        found.setdefault(row.municipality, {})[row.setting] = json.loads(row.value)
    return found


def decide(connection: Connection, municipality: str, values: Mapping[str, Any], actor: str, at: datetime) -> None:
    """Add a decision for each setting of `values`, each a value as JSON holds it."""
    texts = {setting: json.dumps(value, ensure_ascii=False) for setting, value in values.items()}
    _add(connection, municipality, texts, actor, at)


def give_back(connection: Connection, municipality: str, setting: str, actor: str, at: datetime) -> None:
    """Let what the file says hold again."""
    _add(connection, municipality, {setting: None}, actor, at)


def history(connection: Connection, municipality: str) -> list[Decision]:
    """Return the last decisions of a municipality, the newest first."""
    wanted = (
        select(StaffSettingRow.setting, StaffSettingRow.value, StaffSettingRow.at, StaffSettingRow.actor)
        .where(StaffSettingRow.municipality == municipality)
        .order_by(StaffSettingRow.id.desc())
        .limit(SHOWN)
    )
    return [
        Decision(row.setting, json.loads(row.value) if row.value else None, row.value is None, row.at, row.actor)
        for row in connection.execute(wanted)
    ]


def _add(connection: Connection, municipality: str, texts: Mapping[str, str | None], actor: str, at: datetime) -> None:
    rows = [
        {"municipality": municipality, "setting": setting, "value": text, "at": at, "actor": actor}
        for setting, text in texts.items()
    ]
    if rows:
        connection.execute(insert(StaffSettingRow), rows)
