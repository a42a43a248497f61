"""Questions without a good answer: what staff decided on them, and when a message was first read."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
HASH, NAME, MOMENT = sa.String(64), sa.String(100), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables, and a column of messages."""
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("by", sa.String(254), nullable=False),
        sa.Column("entry", NAME),
        sa.Column("sent_to", sa.String(110)),
        sa.Column("sent_text", sa.String(300)),
        sa.Column("sent_language", sa.String(2)),
        sa.Column("sent_visitors", sa.Integer()),
        sa.Column("sent_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="gaps_pkey"),
    )
    op.create_index("gaps_municipality", "gaps", ["municipality"])
    op.create_table(
        "gap_members",
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("text_hash", HASH, nullable=False),
        sa.Column("gap_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "text_hash", name="gap_members_pkey"),
        sa.ForeignKeyConstraint(["gap_id"], ["gaps.id"], name="gap_members_gap_id_fkey"),
    )
    op.create_index("gap_members_gap_id", "gap_members", ["gap_id"])
    op.create_table(
        "kept_questions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("key_hash", HASH, nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("why", sa.String(10), nullable=False),
        sa.Column("confidence", sa.Double(), nullable=False),
        sa.Column("entry", NAME),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("missed", sa.String(), nullable=False),
        sa.Column("text_hash", HASH, nullable=False),
        sa.PrimaryKeyConstraint("id", name="kept_questions_pkey"),
    )
    op.create_index("kept_questions_municipality", "kept_questions", ["municipality", "asked_at"])
    op.create_index("kept_questions_key_hash", "kept_questions", ["key_hash"])
    op.add_column("messages", sa.Column("read_at", MOMENT))
