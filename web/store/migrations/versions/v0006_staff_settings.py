"""What staff decided about their municipality beside its files."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "staff_settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", sa.String(100), nullable=False),
        sa.Column("setting", sa.String(20), nullable=False),
        sa.Column("value", sa.String()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(254), nullable=False),
        sa.PrimaryKeyConstraint("id", name="staff_settings_pkey"),
    )
    op.create_index("staff_settings_municipality", "staff_settings", ["municipality", "setting", "id"])
