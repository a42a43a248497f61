"""Accounts, their roles and invitations, as rows."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Literal, cast

from sqlalchemy import Connection, delete, func, insert, select, update

from bot import Language
from web.people import Account, Grant, Invitation, Role
from web.store.engine import upsert
from web.store.staff_tables import AccountRow, GrantRow, InvitationRow, RecoveryCodeRow


def find(connection: Connection, account: int) -> Account | None:
    """Return an account by its number."""
    return _one(connection, AccountRow.id == account)


def find_by_email(connection: Connection, email: str) -> Account | None:
    """Return the account of an e-mail address, spelt in small letters."""
    return _one(connection, AccountRow.email == email)


def find_by_subject(connection: Connection, subject: str) -> Account | None:
    """Return the account that the identity provider means by `subject`."""
    return _one(connection, AccountRow.subject == subject)


def listed(connection: Connection, scopes: Collection[str] | None = None) -> list[Account]:
    """Return the accounts that have a role in one of `scopes`, or all of them, by name."""
    wanted = select(AccountRow.id).order_by(func.lower(AccountRow.name), AccountRow.id)
    if scopes is not None:
        wanted = wanted.where(AccountRow.id.in_(select(GrantRow.account_id).where(GrantRow.scope.in_(list(scopes)))))
    found = (find(connection, number) for number in list(connection.scalars(wanted)))
    return [account for account in found if account]


def add(connection: Connection, email: str, name: str, language: Language, at: datetime, **values: Any) -> int:
    """Make an account and return its number; raises IntegrityError where the address is taken."""
    new = {"email": email, "name": name, "language": language, "made_at": at, "break_glass": False, **values}
    return connection.execute(insert(AccountRow).values(new).returning(AccountRow.id)).scalar_one()


def change(connection: Connection, account: int, **values: Any) -> None:
    """Set columns of an account."""
    connection.execute(update(AccountRow).where(AccountRow.id == account).values(values))


def use_step(connection: Connection, account: int, step: int) -> bool:
    """Use up a step of the second factor; False where it, or a later one, is used already."""
    unused = (AccountRow.totp_step.is_(None)) | (AccountRow.totp_step < step)
    found = update(AccountRow).where(AccountRow.id == account, unused).values(totp_step=step)
    return connection.execute(found).rowcount == 1


def secrets_of(connection: Connection, account: int) -> tuple[str | None, str | None]:
    """Return the hash of the password, and what is kept of the second factor."""
    found = select(AccountRow.password_hash, AccountRow.totp_salt).where(AccountRow.id == account)
    row = connection.execute(found).first()
    return (row.password_hash, row.totp_salt) if row else (None, None)


def is_linked(connection: Connection, account: int) -> bool:
    """Whether the identity provider has named somebody as the owner of an account."""
    linked = (AccountRow.id == account, AccountRow.subject.is_not(None))
    return connection.scalar(select(AccountRow.id).where(*linked)) is not None


def has_break_glass(connection: Connection) -> bool:
    """Whether there is an account for emergencies already."""
    return connection.scalar(select(AccountRow.id).where(AccountRow.break_glass)) is not None


def give(
    connection: Connection, account: int, scope: str, role: Role, given_by: Literal["local", "oidc"] = "local"
) -> None:
    """Give a role in a scope, instead of the one there."""
    new = upsert(connection, GrantRow).values(account_id=account, scope=scope, role=role, given_by=given_by)
    there = {"role": new.excluded.role, "given_by": new.excluded.given_by}
    connection.execute(new.on_conflict_do_update(index_elements=["account_id", "scope"], set_=there))


def take(connection: Connection, account: int, scope: str) -> None:
    """Take the role in a scope away."""
    connection.execute(delete(GrantRow).where(GrantRow.account_id == account, GrantRow.scope == scope))


def replace_provided(connection: Connection, account: int, grants: Sequence[Grant]) -> None:
    """Let an account have the roles that the identity provider says, instead of those it said before."""
    before = delete(GrantRow).where(GrantRow.account_id == account, GrantRow.given_by == "oidc")
    connection.execute(before)
    for grant in grants:
        give(connection, account, grant.scope, grant.role, "oidc")


def keep_recovery_codes(connection: Connection, account: int, hashes: Sequence[str]) -> None:
    """Keep these codes instead of those before."""
    connection.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account))
    if hashes:
        rows = [{"account_id": account, "code_hash": code} for code in hashes]
        connection.execute(insert(RecoveryCodeRow), rows)


def use_recovery_code(connection: Connection, account: int, code_hashes: Collection[str]) -> bool:
    """Use a code up; False where there is no such code."""
    mine = (RecoveryCodeRow.account_id == account, RecoveryCodeRow.code_hash.in_(code_hashes))
    return connection.execute(delete(RecoveryCodeRow).where(*mine)).rowcount == 1


def count_recovery_codes(connection: Connection, account: int) -> int:
    """Return how many codes are left."""
    found = select(func.count()).select_from(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account)
    return connection.scalar(found) or 0


def invite(connection: Connection, token_hash: str, invited_by: str, at: datetime, invitation: Invitation) -> None:
    """Keep an invitation; an open one to the same address ends."""
    withdraw(connection, at, InvitationRow.email == invitation.email)
    connection.execute(
        insert(InvitationRow).values(
            token_hash=token_hash,
            email=invitation.email,
            name=invitation.name,
            language=invitation.language,
            scope=invitation.scope,
            role=invitation.role,
            is_reset=invitation.is_reset,
            invited_by=invited_by,
            made_at=at,
            until=invitation.until,
        )
    )


def withdraw(connection: Connection, at: datetime, which: Any) -> None:
    """End open invitations at once."""
    connection.execute(update(InvitationRow).where(which, InvitationRow.used_at.is_(None)).values(used_at=at))


def withdraw_one(connection: Connection, at: datetime, invitation: int) -> None:
    """End one invitation at once."""
    withdraw(connection, at, InvitationRow.id == invitation)


def open_invitation(connection: Connection, token_hashes: Collection[str], at: datetime) -> Invitation | None:
    """Return the invitation of a link; None where it is used, over, or there is none."""
    is_open = (InvitationRow.used_at.is_(None), InvitationRow.until > at)
    row = connection.execute(select(*_INVITED).where(InvitationRow.token_hash.in_(token_hashes), *is_open)).first()
    return _invitation(row) if row else None


def open_invitations(connection: Connection, scopes: Collection[str], at: datetime) -> list[Invitation]:
    """Return who is invited into `scopes` and has not come yet."""
    is_open = (InvitationRow.used_at.is_(None), InvitationRow.until > at, ~InvitationRow.is_reset)
    found = select(*_INVITED).where(InvitationRow.scope.in_(list(scopes)), *is_open).order_by(InvitationRow.id)
    return [_invitation(row) for row in connection.execute(found)]


def use_invitation(connection: Connection, invitation: int, at: datetime) -> bool:
    """Use an invitation up; False where somebody was faster."""
    unused = update(InvitationRow).where(InvitationRow.id == invitation, InvitationRow.used_at.is_(None))
    return connection.execute(unused.values(used_at=at)).rowcount == 1


_INVITED = (
    InvitationRow.id,
    InvitationRow.email,
    InvitationRow.name,
    InvitationRow.language,
    InvitationRow.scope,
    InvitationRow.role,
    InvitationRow.until,
    InvitationRow.is_reset,
)


def _invitation(row: Any) -> Invitation:
    return Invitation(*row)


def _one(connection: Connection, which: Any) -> Account | None:
    row = connection.execute(select(*AccountRow.__table__.columns).where(which)).mappings().first()
    if row is None:
        return None
    wanted = select(GrantRow.scope, GrantRow.role, GrantRow.given_by).where(GrantRow.account_id == row["id"])
    given = connection.execute(wanted.order_by(GrantRow.scope)).mappings()
    return Account(
        id=row["id"],
        email=row["email"],
        name=row["name"],
        language=cast("Language", row["language"]),
        has_password=row["password_hash"] is not None,
        has_totp=row["totp_step"] is not None,
        break_glass=row["break_glass"],
        is_disabled=row["disabled_at"] is not None,
        signed_in_at=row["signed_in_at"],
        grants=tuple(Grant(**cast("Any", grant)) for grant in given),
    )
