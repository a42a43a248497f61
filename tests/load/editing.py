"""Several editors at once, and processes killed while they save: `python tests/load/editing.py [edits] [kills]`.

Prints how many edits were acknowledged and how many of these are lost, and how many files are torn.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot import Key, KnowledgeError, load  # noqa: E402 - the path is set above
from bot.models import Phrases  # noqa: E402
from web.folder import Folder  # noqa: E402
from web.revising import Edit, Revising, StaleError  # noqa: E402
from web.settings import read_settings  # noqa: E402
from web.store.access import Store  # noqa: E402
from web.store.errors import StoreError  # noqa: E402
from web.truth import Truth  # noqa: E402

KEY = Key("municipalities/norrby", "entry", "plots")
SECRET = "only-for-tests-" + "k3" * 16
EDITORS = 4


def opened(folder: Path, data: Path, database: str = "") -> Revising:
    """Open the knowledge as a server does."""
    given = {"HEMVIST_KNOWLEDGE": str(folder), "HEMVIST_DATA": str(data), "HEMVIST_SECRET_KEY": SECRET}
    settings = read_settings({**given, **({"HEMVIST_DATABASE_URL": database} if database else {})})
    truth = Truth(lambda: Store(settings), Folder(folder), data)
    knowledge = load(folder)
    return Revising(truth, lambda: knowledge, lambda *_: None)


def edit(folder: Path, data: Path, name: str, edits: int, database: str = "") -> None:
    """Add phrasings to one entry, again where somebody was faster; print each one once it is acknowledged."""
    revising = opened(folder, data, database)
    for number in range(edits):
        phrase = f"fråga {number} av {name}"
        while True:
            try:
                now = revising.current(KEY)
                questions = now.item.questions + Phrases((phrase,), ())
                revising.publish(Edit(KEY, replace(now.item, questions=questions), name, now.based_on))
            except (StaleError, StoreError):
                time.sleep(random.uniform(0, 0.02))  # noqa: S311 - who tries again first is left to chance
                continue
            sys.stdout.write(f"{phrase}\n")
            sys.stdout.flush()
            break


def started(folder: Path, data: Path, name: str, edits: int, database: str = "") -> "subprocess.Popen[str]":
    """Start an editor in a process of its own."""
    command = [sys.executable, __file__, "--editor", str(folder), str(data), name, str(edits), database]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def lost(acknowledged: Sequence[str], folder: Path, data: Path, database: str = "") -> list[str]:
    """Return which acknowledged phrasings are missing from the store or from the files."""
    item = opened(folder, data, database).current(KEY).item
    written = load(folder).layers[KEY.layer].entries[KEY.id]
    return [phrase for phrase in acknowledged if phrase not in item.questions.sv or phrase not in written.questions.sv]


def edit_together(folder: Path, data: Path, edits: int, database: str = "") -> dict[str, int]:
    """Let four editors change one entry at once."""
    opened(folder, data, database).current(KEY)
    editors = [started(folder, data, f"redaktör {number}", edits, database) for number in range(EDITORS)]
    acknowledged = [line for editor in editors for line in editor.communicate()[0].splitlines()]
    return {"acknowledged": len(acknowledged), "lost": len(lost(acknowledged, folder, data, database))}


def kill_while_saving(folder: Path, data: Path, kills: int, database: str = "") -> dict[str, int]:
    """Kill an editor again and again while it saves."""
    acknowledged: list[str] = []
    torn = 0
    for number in range(kills):
        editor = started(folder, data, f"omgång {number}", 10_000, database)
        assert editor.stdout
        acknowledged.append(editor.stdout.readline().strip())
        time.sleep(random.uniform(0, 0.15))  # noqa: S311 - it dies anywhere
        os.kill(editor.pid, signal.SIGKILL)
        acknowledged += [line for line in editor.communicate()[0].splitlines() if line]
        try:
            load(folder)
        except KnowledgeError:
            torn += 1
    return {
        "kills": kills,
        "acknowledged": len(acknowledged),
        "torn": torn,
        "lost": len(lost(acknowledged, folder, data, database)),
    }


def main(edits: int, kills: int) -> None:
    """Do both on copies of tests/knowledge."""
    with tempfile.TemporaryDirectory() as name:
        for work, count in ((edit_together, edits), (kill_while_saving, kills)):
            folder = Path(shutil.copytree(ROOT / "tests/knowledge", Path(name) / work.__name__ / "knowledge"))
            data = folder.parent / "data"
            data.mkdir()
            began = time.monotonic()
            found = work(folder, data, count)
            sys.stdout.write(json.dumps({"what": work.__name__, **found, "s": round(time.monotonic() - began)}) + "\n")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--editor"]:
        edit(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4], int(sys.argv[5]), *sys.argv[6:])
    else:
        main(*(int(given) for given in (*sys.argv[1:3], "100", "60")[:2]))
