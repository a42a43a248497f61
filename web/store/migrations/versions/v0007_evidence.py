"""Evidence: what happened on a day and how the knowledge stood, kept for good; and counts that know the office hours.

Of counts from before nobody knows any more when they were asked: there `outside` stays null.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
NAME, WHAT = sa.String(100), sa.String(30)
MESSAGES = (
    "INSERT INTO tallies (municipality, what, day, number) "
    "SELECT municipality, 'message', date(at), count(*) FROM messages GROUP BY municipality, date(at)"
)


def upgrade() -> None:
    """Make the tables, a column of counts and the indexes; messages that are there are counted."""
    op.create_table(
        "tallies",
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("what", WHAT, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "what", "day", name="tallies_pkey"),
    )
    op.create_table(
        "standings",
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", WHAT, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("municipality", "day", "what", name="standings_pkey"),
    )
    op.create_table(
        "proofs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("municipality", NAME, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("questions", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.Column("after", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="proofs_pkey"),
    )
    op.create_index("proofs_municipality", "proofs", ["municipality", "at"])
    op.add_column("counts", sa.Column("outside", sa.Integer()))
    op.create_index("counts_month", "counts", ["municipality", "day"])
    op.create_index("turns_month", "turns", ["municipality", "day", "language", "kind", "entry", "asked_at"])
    op.execute(MESSAGES)
