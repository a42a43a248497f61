"""Alembic asks here how to reach the database: over the connection that `web.store.schema` hands it."""

from alembic import context

from web.store import (  # noqa: F401 - registers their tables with Base
    evidence_tables,
    revision_tables,
    setting_tables,
    staff_tables,
)
from web.store.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
context.run_migrations()
