"""A backup in words, for whoever makes one or brings one back."""

from collections.abc import Iterator
from typing import Final

from web.backup.archive import FEEDS, KNOWLEDGE, SCRIPTS, Manifest

NAMED: Final = {
    "turns": "questions",
    "messages": "messages to a person",
    "revisions": "versions of answers and records",
    "accounts": "accounts",
    "audit": "rows of the audit",
}
ENGINES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def amounts(manifest: Manifest) -> Iterator[str]:
    """Say what is in a backup, a line a part."""
    origin = ", the copy that came with the program" if manifest.is_installed else ""
    yield f"  knowledge {len(manifest.of(KNOWLEDGE))} files{origin}"
    told = ", ".join(f"{manifest.rows[name]:,} {what}" for name, what in NAMED.items() if name in manifest.rows)
    total = sum(manifest.rows.values())
    engine = ENGINES.get(manifest.engine, manifest.engine)
    yield f"  database  {total:,} rows of {engine}, schema {manifest.schema}: {told}"
    yield f"  feeds     {len(manifest.of(FEEDS))} files; pinned scripts: {len(manifest.of(SCRIPTS))}"


def size_of(size: int) -> str:
    """Say how many bytes something takes."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
