"""Those who keep the knowledge: accounts, roles, invitations, sessions, and the audit, which only grows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
HASH, EMAIL, PERSON, SCOPE, ROLE = sa.String(64), sa.String(254), sa.String(100), sa.String(110), sa.String(10)
LANGUAGE, MOMENT = sa.String(2), sa.DateTime(timezone=True)
REFUSAL = "the audit is append-only"


def upgrade() -> None:
    """Make the tables, and the triggers that guard the audit."""
    _make_accounts()
    _make_invitations()
    _make_sessions()
    _make_audit()


def _make_accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("name", PERSON, nullable=False),
        sa.Column("language", LANGUAGE, nullable=False),
        sa.Column("password_hash", sa.String(200)),
        sa.Column("totp_salt", HASH),
        sa.Column("totp_step", sa.Integer()),
        sa.Column("subject", sa.String(200)),
        sa.Column("break_glass", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("disabled_at", MOMENT),
        sa.Column("signed_in_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="accounts_pkey"),
        sa.UniqueConstraint("email", name="accounts_email_key"),
        sa.UniqueConstraint("subject", name="accounts_subject_key"),
    )
    op.create_table(
        "grants",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("scope", SCOPE, nullable=False),
        sa.Column("role", ROLE, nullable=False),
        sa.Column("given_by", sa.String(5), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "scope", name="grants_pkey"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="grants_account_id_fkey"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", HASH, nullable=False),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name="recovery_codes_pkey"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="recovery_codes_account_id_fkey"),
    )


def _make_invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("email", EMAIL, nullable=False),
        sa.Column("name", PERSON, nullable=False),
        sa.Column("language", LANGUAGE, nullable=False),
        sa.Column("scope", SCOPE, nullable=False),
        sa.Column("role", ROLE, nullable=False),
        sa.Column("is_reset", sa.Boolean(), nullable=False),
        sa.Column("invited_by", EMAIL, nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="invitations_pkey"),
        sa.UniqueConstraint("token_hash", name="invitations_token_hash_key"),
    )


def _make_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", HASH, nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("by_provider", sa.Boolean(), nullable=False),
        sa.Column("is_whole", sa.Boolean(), nullable=False),
        sa.Column("made_at", MOMENT, nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="sessions_pkey"),
        sa.UniqueConstraint("token_hash", name="sessions_token_hash_key"),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name="sessions_account_id_fkey"),
    )
    op.create_index("sessions_account_id", "sessions", ["account_id"])
    op.create_table(
        "tries",
        sa.Column("key_hash", HASH, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("until", MOMENT),
        sa.PrimaryKeyConstraint("key_hash", name="tries_pkey"),
    )


def _make_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("account_id", sa.Integer()),
        sa.Column("actor", EMAIL, nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("scope", SCOPE),
        sa.Column("object", sa.String(300)),
        sa.Column("detail", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pkey"),
    )
    op.create_index("audit_at", "audit", ["at"])
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_refuses_{deed.lower()} BEFORE {deed} ON audit "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION audit_refuses() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_refuses BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_refuses()"
    )
