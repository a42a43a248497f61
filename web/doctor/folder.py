"""Questions on the data folder: may we write there, may others read it, is there room, what was left behind."""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from web.backup.restoring import BEFORE
from web.doctor.finding import Finding, Level, Patient, some
from web.sealing import KEY_FILE as MESSAGE_KEY_FILE
from web.signing import KEY_FILE as SECRET_KEY_FILE
from web.store.version import FILE

LEAST: Final = 100 << 20  # bytes
ENOUGH: Final = 1 << 30
FOREIGN: Final = 0o077  # what group and others may do
LONG: Final = timedelta(days=7)
DAMAGED: Final = f"{FILE}.damaged-*"


def rights(patient: Patient) -> Iterator[Finding]:
    """May we write to the folder, and nobody else read it?"""
    data = patient.settings.data
    if not data.is_dir():
        yield Finding("ok", "data", f"{data} is not there yet; it is made at the first start")
        return
    mode = stat.S_IMODE(data.stat().st_mode)
    if not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        yield Finding("fault", "data", f"{data} cannot be written", f"chown it to the user that serves ({_user()})")
    if mode & FOREIGN:
        said = f"{data} has mode {mode:04o}: others on this machine can look into it"
        yield Finding("warning", "data", said, f"chmod 700 {data}")
    if data.stat().st_uid != os.geteuid():
        said = f"{data} belongs to user {data.stat().st_uid}, and this runs as {os.geteuid()}"
        yield Finding("warning", "data", said, "run this as the user that serves")


def files(patient: Patient) -> Iterator[Finding]:
    """Are keys and database for their owner alone?"""
    for name in (SECRET_KEY_FILE, MESSAGE_KEY_FILE, FILE):
        path = patient.settings.data / name
        if path.exists() and (mode := stat.S_IMODE(path.stat().st_mode)) & FOREIGN:
            said = f"{path} has mode {mode:04o}: others on this machine can read it"
            yield Finding("fault", "data", said, f"chmod 600 {path}")


def room(patient: Patient) -> Iterator[Finding]:
    """How much room is on the disk?"""
    for name, folder in {"data": patient.settings.data, "knowledge": patient.settings.knowledge}.items():
        if not folder.is_dir():
            continue
        free = shutil.disk_usage(folder).free
        level: Level = "fault" if free < LEAST else "warning" if free < ENOUGH else "ok"
        remedy = None if level == "ok" else "make room: nothing can be written soon"
        yield Finding(level, name, f"{folder}: {free / (1 << 30):.1f} GB are free", remedy)


def left_behind(patient: Patient) -> Iterator[Finding]:
    """Does something lie about that holds words and that no purge reaches?"""
    settings = patient.settings
    places = ((settings.data, f"{BEFORE}-*"), (settings.data, DAMAGED), (settings.knowledge, f".{BEFORE}-*"))
    old = [path for folder, pattern in places for path in sorted(folder.glob(pattern)) if _is_old(path, patient.now)]
    if old:
        said = f"set aside more than {LONG.days} days ago: {some([str(path) for path in old])}"
        yield Finding("warning", "data", said, "remove what is not needed any more: no purge reaches the words in it")
    begun = [
        str(path) for folder in (settings.data, settings.knowledge) for path in sorted(folder.glob(".restoring-*"))
    ]
    if begun:
        said = f"a restore ended midway, or still runs: {some(begun)}"
        yield Finding("warning", "data", said, "remove it if none runs, and restore again")


def _is_old(path: Path, now: datetime) -> bool:
    return now - datetime.fromtimestamp(path.stat().st_ctime, UTC) > LONG


def _user() -> str:
    return f"this runs as user {os.geteuid()}"


QUESTIONS: Final = (rights, files, room, left_behind)
