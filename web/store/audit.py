"""What staff did, as rows that are only ever added."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, false, func, insert, or_, select, true

from web.people import EVERYWHERE
from web.store.staff_tables import AuditRow, GrantRow

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class Deed:
    """One row: when, who, what, where, with which object, and what more is to be said."""

    at: datetime
    actor: str
    action: str
    scope: str | None
    object: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: of these scopes and of accounts that have a role there; `words` stand in actor or object.

    What the command line did to an account is for those who may see everything.
    """

    scopes: Collection[str]
    action: str | None = None
    words: str = ""


def add(connection: Connection, account: int | None, deed: Deed) -> None:
    """Add a row."""
    connection.execute(
        insert(AuditRow).values(
            at=deed.at,
            account_id=account,
            actor=deed.actor,
            action=deed.action,
            scope=deed.scope,
            object=deed.object,
            detail=json.dumps(deed.detail, ensure_ascii=False, sort_keys=True),
        )
    )


def count(connection: Connection, wanted: Wanted) -> int:
    """Return how many rows are wanted."""
    return connection.scalar(select(func.count()).select_from(AuditRow).where(_which(wanted))) or 0


def page(connection: Connection, wanted: Wanted, number: int) -> list[Deed]:
    """Return the rows of a page, the first being 1, the newest row first."""
    columns = (AuditRow.at, AuditRow.actor, AuditRow.action, AuditRow.scope, AuditRow.object, AuditRow.detail)
    found = select(*columns).where(_which(wanted)).order_by(AuditRow.id.desc()).offset((number - 1) * PAGE).limit(PAGE)
    return [Deed(*row[:-1], json.loads(row.detail)) for row in connection.execute(found)]


def actions(connection: Connection, wanted: Wanted) -> list[str]:
    """Return the kinds of deeds among the rows."""
    return sorted(connection.scalars(select(AuditRow.action).where(_which(wanted)).distinct()))


def _which(wanted: Wanted) -> ColumnElement[bool]:
    scopes = list(wanted.scopes)
    theirs = select(GrantRow.account_id).where(GrantRow.scope.in_(scopes))
    of_accounts = or_(
        AuditRow.account_id.in_(theirs), AuditRow.account_id.is_(None) if EVERYWHERE in scopes else false()
    )
    here = or_(AuditRow.scope.in_(scopes), and_(AuditRow.scope.is_(None), of_accounts))
    words = or_(AuditRow.actor.icontains(wanted.words, autoescape=True), _in_object(wanted.words))
    return and_(
        here,
        AuditRow.action == wanted.action if wanted.action else true(),
        words if wanted.words else true(),
    )


def _in_object(words: str) -> ColumnElement[bool]:
    return AuditRow.object.icontains(words, autoescape=True)
