"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
HASH, NAME, MOMENT = sa.String(64), sa.String(100), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("key_hash", HASH, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("entry", NAME),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("question", sa.String()),
        sa.Column("gap", sa.String()),
        sa.PrimaryKeyConstraint("id", name="turns_pkey"),
    )
    op.create_index("turns_key_hash", "turns", ["key_hash"])
    op.create_index("turns_day", "turns", ["day"])
    has_text = sa.text("question IS NOT NULL")
    op.create_index("turns_with_text", "turns", ["asked_at"], sqlite_where=has_text, postgresql_where=has_text)
    op.create_table(
        "feedback",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key_hash", HASH),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("entry", NAME),
        sa.Column("helpful", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String()),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="feedback_pkey"),
    )
    op.create_index("feedback_key_hash", "feedback", ["key_hash"])
    op.create_index("feedback_at", "feedback", ["at"])
    op.create_table(
        "counts",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("entry", NAME, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "municipality", "language", "kind", "entry", name="counts_pkey"),
    )
    op.create_table(
        "origins",
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("origin", sa.String(300), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "origin", "version", "day", name="origins_pkey"),
    )
    op.create_table(
        "forgotten",
        sa.Column("key_hash", HASH, nullable=False),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("key_hash", name="forgotten_pkey"),
    )
    op.create_table(
        "leases",
        sa.Column("task", NAME, nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("finished", MOMENT),
        sa.PrimaryKeyConstraint("task", name="leases_pkey"),
    )
