"""The tables of those who keep the knowledge: who they are, what they may do, and what they did."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from web.store.models import HASH, Base, Utc

EMAIL = String(254)
PERSON = String(100)
SCOPE = String(110)  # *, group:<id> or the id of a municipality
ROLE = String(10)
LANGUAGE = String(2)


class AccountRow(Base):
    """Somebody who may sign in. `subject`: who that is to the identity provider, its tenant and object id.

    `totp_salt` is the shared secret of the second factor, encrypted with the server's own secret; or, until it is next
    used, what it is made from together with that.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(EMAIL, unique=True)
    name: Mapped[str] = mapped_column(PERSON)
    language: Mapped[str] = mapped_column(LANGUAGE)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    totp_salt: Mapped[str | None] = mapped_column(HASH)
    totp_step: Mapped[int | None]
    subject: Mapped[str | None] = mapped_column(String(200), unique=True)
    break_glass: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(Utc)
    disabled_at: Mapped[datetime | None] = mapped_column(Utc)
    signed_in_at: Mapped[datetime | None] = mapped_column(Utc)


class GrantRow(Base):
    """A role that an account has in a scope; `given_by`: local, or oidc where the identity provider says so."""

    __tablename__ = "grants"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", name="grants_account_id_fkey"), primary_key=True)
    scope: Mapped[str] = mapped_column(SCOPE, primary_key=True)
    role: Mapped[str] = mapped_column(ROLE)
    given_by: Mapped[str] = mapped_column(String(5))


class InvitationRow(Base):
    """A link that makes an account, once; `is_reset`: that gives an account which there is a new password."""

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    email: Mapped[str] = mapped_column(EMAIL)
    name: Mapped[str] = mapped_column(PERSON)
    language: Mapped[str] = mapped_column(LANGUAGE)
    scope: Mapped[str] = mapped_column(SCOPE)
    role: Mapped[str] = mapped_column(ROLE)
    is_reset: Mapped[bool]
    invited_by: Mapped[str] = mapped_column(EMAIL)
    made_at: Mapped[datetime] = mapped_column(Utc)
    until: Mapped[datetime] = mapped_column(Utc)
    used_at: Mapped[datetime | None] = mapped_column(Utc)


class SessionRow(Base):
    """Somebody signed in, in one browser. `is_whole` once every factor was given."""

    __tablename__ = "sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(HASH, unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", name="sessions_account_id_fkey"), index=True)
    browser: Mapped[str] = mapped_column(String(60))
    by_provider: Mapped[bool]
    is_whole: Mapped[bool]
    made_at: Mapped[datetime] = mapped_column(Utc)
    seen_at: Mapped[datetime] = mapped_column(Utc)


class RecoveryCodeRow(Base):
    """A code that stands in for the second factor, once."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("accounts.id", name="recovery_codes_account_id_fkey"), primary_key=True
    )
    code_hash: Mapped[str] = mapped_column(HASH, primary_key=True)


class TryRow(Base):
    """How often signing in failed lately, by a hash of who or where from."""

    __tablename__ = "tries"

    key_hash: Mapped[str] = mapped_column(HASH, primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(Utc)
    until: Mapped[datetime | None] = mapped_column(Utc)


class AuditRow(Base):
    """What somebody did. A trigger refuses to change or remove rows; `scope` null: it concerns an account alone."""

    __tablename__ = "audit"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Utc, index=True)
    account_id: Mapped[int | None]
    actor: Mapped[str] = mapped_column(EMAIL)
    action: Mapped[str] = mapped_column(String(40))
    scope: Mapped[str | None] = mapped_column(SCOPE)
    object: Mapped[str | None] = mapped_column(String(300))
    detail: Mapped[str]
