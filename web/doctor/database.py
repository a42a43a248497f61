"""Questions on the database: is it there, of which schema, sound, with its guards, and what does it tell."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, inspect, select, text

from web.doctor.finding import Finding, Level, Patient
from web.sealing import known_names
from web.store.engine import be_patient, reading
from web.store.errors import NewerSchemaError
from web.store.leases import last_finished
from web.store.messages import troubles
from web.store.revision_tables import ConflictRow
from web.store.staff_tables import AccountRow, AuditRow, GrantRow
from web.store.version import FILE, file_of, still_to_come, versions

UNREACHED: Final = "the server may be down, or HEMVIST_DATABASE_URL wrong: try psql with that address"
LATE_TICK: Final = timedelta(minutes=15)
OLD_BACKUP: Final = timedelta(days=7)
NOTICED, WRONG = 5, 60  # seconds between two clocks
GUARDED: Final = {"audit", "revisions"}
TRIGGERS: Final = {
    "sqlite": "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": "SELECT relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid "
    "WHERE NOT tgisinternal AND tgenabled <> 'D' AND pg_table_is_visible(pg_class.oid)",
}


def schema(patient: Patient) -> Iterator[Finding]:
    """Is there a database, and does this Hemvist know its schema?"""
    found, newest = patient.schema, versions()[-1]
    kind = "PostgreSQL" if patient.settings.database_url else "SQLite"
    if not patient.has_store:
        yield Finding(
            "ok", "database", f"{patient.settings.data / FILE} is not there yet; it is made at the first start"
        )
    elif found is None:
        yield from _without_schema(patient)
    elif found == newest:
        yield Finding("ok", "database", f"{kind}, schema {found}, the newest")
    else:
        yield _other_schema(found)


def _without_schema(patient: Patient) -> Iterator[Finding]:
    with reading(patient.engine).connect() as connection:  # raises where it cannot be reached, or is none
        inspect(connection).get_table_names()
    yield Finding("ok", "database", "it is empty; its tables are made at the first start")


def _other_schema(found: str) -> Finding:
    try:
        missing = still_to_come(found, versions())
    except NewerSchemaError as error:
        return Finding("fault", "database", str(error), "start the newer Hemvist, or restore a backup from before")
    remedy = "hemvist backup, then start hemvist serve, which brings it up to date"
    return Finding("warning", "database", f"schema {found} is older by {len(missing)} than {versions()[-1]}", remedy)


def soundness(patient: Patient) -> Iterator[Finding]:
    """Is the file of SQLite whole?"""
    file = file_of(patient.settings)
    if file is None or not file.exists():
        return
    remedy = "restore a backup (hemvist restore); what is there is set aside"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, timeout=2)) as connection:
            mode = _one(connection, "PRAGMA journal_mode")
            whole = _one(connection, "PRAGMA integrity_check(1)")
            strays = connection.execute("PRAGMA foreign_key_check").fetchall()
    except sqlite3.Error as error:
        yield Finding("fault", "database", f"{file}: {error}", remedy)
        return
    if whole != "ok" or strays:
        said = whole if whole != "ok" else f"rows of {strays[0][0]} refer to nothing"
        yield Finding("fault", "database", f"{file} is not sound: {said}"[:300], remedy)
    if mode != "wal":
        said = f"{file} has journal mode {mode}, not WAL: who reads holds up who writes"
        yield Finding("warning", "database", said, f"sqlite3 {file} 'PRAGMA journal_mode=WAL'")


def server(patient: Patient) -> Iterator[Finding]:
    """Does PostgreSQL keep our letters, and our time?"""
    if not patient.settings.database_url or not patient.is_current:
        return
    asked = "SELECT current_setting('server_encoding'), current_setting('server_version'), clock_timestamp()"
    with reading(patient.engine).connect() as connection:
        encoding, version, theirs = connection.execute(text(asked)).one()
        ours = datetime.now(UTC)
    if encoding != "UTF8":
        said = f"its encoding is {encoding}: å, ä, ö and other letters are refused"
        yield Finding("fault", "database", said, "make a database with ENCODING 'UTF8', and restore a backup into it")
    apart = abs((theirs - ours).total_seconds())
    level: Level = "fault" if apart > WRONG else "warning" if apart > NOTICED else "ok"
    remedy = None if level == "ok" else "let both machines follow a time server (timedatectl)"
    yield Finding(level, "clock", f"PostgreSQL {version}: its clock is {apart:.0f} s from ours", remedy)


def guards(patient: Patient) -> Iterator[Finding]:
    """Do triggers refuse to change the audit and the versions?"""
    with _asking(patient) as connection:
        if connection is None:
            return
        found = set(connection.scalars(text(TRIGGERS[connection.dialect.name])))
    for name in sorted(GUARDED - found):
        said = f"nothing refuses to change or delete rows of {name}"
        yield Finding("fault", "database", said, "somebody removed its trigger: find out who, and restore a backup")


def tick(patient: Patient) -> Iterator[Finding]:
    """Was what time brings done lately?"""
    if not patient.is_current:
        return
    last = last_finished(patient.engine)
    said = f"hemvist tick was last done {_ago(patient.now - last)}" if last else "hemvist tick was never done"
    is_late = last is None or patient.now - last > LATE_TICK
    remedy = "hemvist serve does it by itself; elsewhere see web/deploy/hemvist-tick.timer" if is_late else None
    yield Finding("warning" if is_late else "ok", "tick", said, remedy)


def messages(patient: Patient) -> Iterator[Finding]:
    """Can messages be read, and do they arrive?"""
    with _asking(patient) as connection:
        if connection is None:
            return
        found = troubles(connection, known_names(patient.settings), patient.now)
    for line in found:
        level: Level = "fault" if "cannot be read" in line else "warning"
        yield Finding(level, "messages", line.removeprefix("messages: ").partition(";")[0], _after(line))


def administrators(patient: Patient) -> Iterator[Finding]:
    """Can somebody let others in?"""
    with _asking(patient) as connection:
        if connection is None:
            return
        able = (GrantRow.role == "admin", AccountRow.disabled_at.is_(None), GrantRow.account_id == AccountRow.id)
        number = connection.scalar(select(func.count(AccountRow.id.distinct())).where(*able)) or 0
    if number or any(role == "admin" for role, _scope in patient.settings.oidc_roles.values()):
        yield Finding("ok", "accounts", f"{number} administrators")
    else:
        remedy = 'hemvist user add anna@kommunen.se --name "Anna Berg" --role admin --scope "*"'
        yield Finding("warning", "accounts", "there is no administrator, so nobody can use the pages of staff", remedy)


def conflicts(patient: Patient) -> Iterator[Finding]:
    """Does somebody have to decide between a file and the pages of staff?"""
    with _asking(patient) as connection:
        if connection is None:
            return
        number = connection.scalar(
            select(func.count()).select_from(ConflictRow).where(ConflictRow.settled_at.is_(None))
        )
    if number:
        said = f"{number} answers or records were changed in a file and by staff; what staff published is served"
        yield Finding("warning", "knowledge", said, "decide at /staff/<municipality>/conflicts")


def last_backup(patient: Patient) -> Iterator[Finding]:
    """When was a backup made?"""
    with _asking(patient) as connection:
        if connection is None:
            return
        made = select(AuditRow.at, AuditRow.object).where(AuditRow.action == "backed_up").order_by(AuditRow.id.desc())
        last = connection.execute(made.limit(1)).first()
    remedy = "hemvist backup FOLDER, every night by cron, and the file to another machine"
    if last is None:
        yield Finding("warning", "backup", "hemvist backup was never done here", remedy)
        return
    age = patient.now - last.at
    level: Level = "warning" if age > OLD_BACKUP else "ok"
    yield Finding(level, "backup", f"the last was made {_ago(age)}: {last.object}", remedy if level != "ok" else None)


@contextmanager
def _asking(patient: Patient) -> Iterator[Connection | None]:
    """Give a connection that looks only; None where the store has another schema, of which `schema` tells."""
    if not patient.is_current:
        yield None
        return
    with reading(patient.engine).begin() as connection:
        be_patient(connection)
        yield connection


def _one(connection: sqlite3.Connection, statement: str) -> str:
    return str(connection.execute(statement).fetchone()[0])


def _after(line: str) -> str | None:
    return line.partition("; ")[2] or None


def _ago(age: timedelta) -> str:
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "a moment ago"
    for size, name in ((1440, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {name} ago"
    return f"{minutes} minutes ago"


QUESTIONS: Final = (
    schema, soundness, server, guards, tick, messages, administrators, conflicts, last_backup
)  # fmt: skip
