"""What the knowledge says and said: revisions, which are only ever added, and the folders that follow."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
HASH, NAME, MOMENT = sa.String(64), sa.String(100), sa.DateTime(timezone=True)
LAYER, KIND, FILE = sa.String(110), sa.String(12), sa.String(300)
REFUSAL = "revisions are append-only"


def upgrade() -> None:
    """Make the tables, and the triggers that guard the revisions."""
    op.create_table(
        "revisions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer", LAYER, nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("item", NAME, nullable=False),
        sa.Column("content", sa.String()),
        sa.Column("hash", HASH),
        sa.Column("author", sa.String(254), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("note", sa.String()),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("origin", sa.String(10), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer()),
        sa.PrimaryKeyConstraint("id", name="revisions_pkey"),
        sa.UniqueConstraint("layer", "kind", "item", "based_on", name="revisions_chain_key"),
    )
    op.create_index("revisions_generation", "revisions", ["generation"])
    op.create_table(
        "generation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="generation_pkey"),
    )
    op.execute("INSERT INTO generation (id, number) VALUES (1, 0)")
    op.create_table(
        "folder_files",
        sa.Column("folder", HASH, nullable=False),
        sa.Column("file", FILE, nullable=False),
        sa.Column("hash", HASH, nullable=False),
        sa.Column("items", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("folder", "file", name="folder_files_pkey"),
    )
    op.create_table(
        "conflicts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("layer", LAYER, nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("item", NAME, nullable=False),
        sa.Column("folder", HASH, nullable=False),
        sa.Column("file", FILE, nullable=False),
        sa.Column("content", sa.String()),
        sa.Column("hash", HASH),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("found_at", MOMENT, nullable=False),
        sa.Column("settled_at", MOMENT),
        sa.PrimaryKeyConstraint("id", name="conflicts_pkey"),
    )
    op.create_index("conflicts_layer", "conflicts", ["layer"])
    _guard_revisions()


def _guard_revisions() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for deed in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER revisions_refuse_{deed.lower()} BEFORE {deed} ON revisions "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        return
    op.execute(
        "CREATE FUNCTION revisions_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER revisions_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON revisions "
        "FOR EACH STATEMENT EXECUTE FUNCTION revisions_refuse()"
    )
