"""Messages to a person."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
HASH, NAME, MOMENT = sa.String(64), sa.String(100), sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "messages",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("request_hash", HASH, nullable=False),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("topic", NAME, nullable=False),
        sa.Column("sealed", sa.String(), nullable=False),
        sa.Column("key_name", sa.String(16), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("mail_id", sa.String(200)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try", MOMENT),
        sa.Column("holder", sa.String(40)),
        sa.Column("until", MOMENT),
        sa.Column("problem", sa.String(200)),
        sa.Column("sent_at", MOMENT),
        sa.Column("handled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="messages_pkey"),
        sa.UniqueConstraint("request_hash", name="messages_request_hash_key"),
    )
    op.create_index("messages_municipality", "messages", ["municipality", "at"])
    is_due = sa.text("next_try IS NOT NULL")
    op.create_index("messages_due", "messages", ["next_try"], sqlite_where=is_due, postgresql_where=is_due)
