"""Three machines at random: edits, files changed by hand, kills, absences, broken connections; then all say the same.

    python tests/load/machines.py [--schedules 100] [--seed 1] [--workers 2] [--verbose]

Three `hemvist serve` with folders and data of their own share one PostgreSQL and one Redis. A schedule is some ten
deeds in random order, while machines come and go. Then all run, and once they are at rest it is counted: what was
acknowledged and is no version (`lost`), what was written by hand and is neither a version nor a conflict (`lost by
hand`), questions that the machines answer differently (`differing answers`), items in which the folders differ without
a conflict that says so (`differing items`; `differing files` say the same in another order, and are no fault), and
conflicts that a machine does not show. What conflicts there are is settled before the next schedule.
"""

import argparse
import http.client
import json
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import members  # noqa: E402 - the folder of the project comes first
from load.fleet import Fleet, Machine, Staff, conflicts_on, fleet, until  # noqa: E402 - as above

from web.files import write_whole  # noqa: E402 - as above
from web.folder import Folder, Sight  # noqa: E402 - as above

DEEDS: Final = 10  # in a schedule
PATIENCE: Final = 45.0  # seconds until all say the same
SWITCHED: Final = 2.0  # seconds until every machine knows that the assistant is switched off
ENTRIES: Final = {"plots": "norrby", "plot-reservation": "norrby", "rental-housing": "norrby", "waste": "ostby"}
FILES: Final = {"norrby": "municipalities/norrby/housing.yaml", "ostby": "municipalities/ostby/life.yaml"}
QUESTIONS: Final = (
    ("Vilka tomter är lediga i Norrby?", "norrby", "sv"),
    ("How do I reserve a plot?", "norrby", "en"),
    ("hyra lägenhet", "norrby", "sv"),
    ("När är återvinningscentralen öppen?", "ostby", "sv"),
    ("summer jobs", "ostby", "en"),
    ("lediga tomter", "soderby", "sv"),
    ("lediga jobb", "soderby", "sv"),
    ("hur flyttar jag", "soderby", "sv"),
    ("vad gäller för nyheten", "norrby", "sv"),
    ("nyhet", "ostby", "sv"),
)
PAGES: Final = (
    "/api/v1/welcome?municipality=norrby&language=sv",
    "/api/v1/welcome?municipality=ostby&language=sv",
    "/api/v1/titles?municipality=norrby&language=sv",
    "/api/v1/titles?municipality=ostby&language=en",
    *(f"/api/v1/entries/{entry}?municipality={place}&language=sv" for entry, place in ENTRIES.items()),
)
PASSING: Final = ("context", "context_ignored")  # members of a reply that differ each time


@dataclass
class Found:
    """What a schedule, or all of them, came to."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest_rest: float = 0.0
    slowest_switch: float = 0.0
    faults: list[str] = field(default_factory=list)

    WRONG = ("lost", "lost by hand", "differing answers", "differing items", "hidden conflicts", "restless", "late")
    SHOWN = ("deeds", "accepted", "refused", "by hand", "kills", "absences", "conflicts", "differing files", *WRONG)

    def fault(self, kind: str, what: str) -> None:
        """Note something that must not be."""
        self.counts[kind] += 1
        self.faults.append(f"{kind}: {what}")

    @property
    def is_good(self) -> bool:
        """Whether all is as wanted."""
        return not any(self.counts[kind] for kind in self.WRONG)

    @property
    def line(self) -> dict[str, Any]:
        """The figures."""
        times = {"slowest rest": round(self.slowest_rest, 1), "slowest switch": round(self.slowest_switch, 2)}
        return {**{name: self.counts[name] for name in self.SHOWN}, **times}


class Schedules:
    """Random deeds on a fleet, and what became of them."""

    def __init__(self, ours: Fleet, seed: int, *, is_verbose: bool = False) -> None:
        self.fleet = ours
        self.random = random.Random(seed)  # noqa: S311 - to be done again by its seed
        self.found = Found()
        self.staff = Staff()
        self._is_verbose = is_verbose
        self._number = 0
        self._accepted: list[str] = []
        self._by_hand: dict[tuple[str, str], list[str]] = {}
        self._older = ours.machines[0].place.parent / "older"
        self._stopped: str | None = None

    def begin(self) -> None:
        """Start all machines on an empty database at once, and sign in on one."""
        for machine in self.fleet.machines:
            machine.start()
        self.staff.sign_in(self.fleet.machines[0], self.fleet.enlist())
        self._rest()

    def run(self) -> None:
        """Do one schedule, and look at what it left."""
        self._number += 1
        shutil.rmtree(self._older, ignore_errors=True)
        shutil.copytree(self.fleet.machines[0].folder, self._older)
        deeds = self._deeds()
        for number in range(DEEDS):
            deed = self.random.choices([*deeds], list(deeds.values()))[0]
            self._say(f"{self._number}.{number} {deed.__name__.strip('_')}")
            self.found.counts["deeds"] += 1
            with suppress(OSError, http.client.HTTPException):  # the machine died meanwhile, nothing was acknowledged
                deed()
            time.sleep(self.random.choice((0, 0, 0.1, 0.3, 0.7)))
        self._everybody_up()
        self._switch_on()
        self._rest()
        self._look()
        self._settle_all()

    def _deeds(self) -> Mapping[Callable[[], None], int]:
        return {
            self._edit: 30,
            self._add: 6,
            self._remove: 3,
            self._phrase_by_hand: 14,
            self._add_by_hand: 5,
            self._delete_by_hand: 3,
            self._revert_by_hand: 3,
            self._kill: 8,
            self._come_back: 10,
            self._terminate: 5,
            self._kill_while_saving: 6,
            self._restart_database: 2,
            self._switch: 4,
            self._older_folder: 4,
            self._same_by_hand: 3,
        }

    # what staff do

    def _edit(self) -> None:
        """Change the answer of an entry, through any machine."""
        entry, place = self.random.choice([*ENTRIES.items()])
        token = self._token()
        self._publish(self._any(), place, entry, token, answer_sv=f"Svar {token}.\n\nRing växeln.", note="ändrat")

    def _add(self) -> None:
        """Publish a new entry."""
        place, token = self.random.choice([*FILES]), self._token()
        fields = {"questions_sv": f"Vad gäller för nyheten {token}?", "answer_sv": f"Nyhet {token}.", "note": "ny"}
        self._publish(self._any(), place, f"nyhet-{token}", token, **fields)

    def _remove(self) -> None:
        """Take a new entry away again."""
        machine, place = self._any(), self.random.choice([*FILES])
        _, page, _ = self.staff.get(machine, f"/api/v1/titles?municipality={place}&language=sv")
        known = [one["entry"] for one in json.loads(page)["titles"] if one["entry"].startswith("nyhet-")]
        if known:
            entry = self.random.choice(known)
            form = self._form(machine, place, entry)
            status, _, _ = self.staff.post(
                machine, f"/staff/{place}/answers/{entry}/remove", {**form, "note": "borttagen"}
            )
            self._count(status, None)

    def _publish(self, machine: Machine, place: str, entry: str, token: str, **fields: str) -> None:
        form = self._form(machine, place, entry)
        status, _, _ = self.staff.post(machine, f"/staff/{place}/answers/{entry}/publish", {**form, **fields})
        self._count(status, token)

    def _form(self, machine: Machine, place: str, entry: str) -> dict[str, Any]:
        status, page, _ = self.staff.get(machine, f"/staff/{place}/answers/{entry}")
        if status != http.client.OK or '<form id="editor"' not in page:
            raise http.client.HTTPException(f"the form of {entry} is {status}")
        return members.fields_of(page)

    def _count(self, status: int, token: str | None) -> None:
        if status == http.client.SEE_OTHER:
            self.found.counts["accepted"] += 1
            if token:
                self._accepted.append(token)
        else:
            self.found.counts["refused"] += 1

    def _switch(self) -> None:
        """Switch the assistant off, see that every machine knows it in time, and mostly on again."""
        token, began = self._token(), time.monotonic()
        machine = self._any()
        self.staff.get(machine, "/staff/norrby/settings")
        off = {"part": "off", "reason-sv": f"Vi bygger om {token}.", "reason-en": "We are rebuilding."}
        status, _, _ = self.staff.post(machine, "/staff/norrby/settings", off)
        if status != http.client.SEE_OTHER:
            return
        began = time.monotonic()
        self._stopped = token
        if not until(lambda: all(self._is_off(one, token) for one in self.fleet.up()), 3 * SWITCHED):
            self.found.fault("late", f"switched off through {machine.name}, not seen by all")
        self.found.slowest_switch = max(self.found.slowest_switch, time.monotonic() - began)
        if self.random.random() < 0.7:
            self._switch_on()

    def _is_off(self, machine: Machine, token: str) -> bool:
        _, page, _ = machine.get("/api/v1/welcome?municipality=norrby&language=sv")
        told = json.loads(page).get("switched_off")
        return bool(told) and token in told["reason"]

    def _switch_on(self) -> None:
        if self._stopped:
            machine = self._any()
            self.staff.get(machine, "/staff/norrby/settings")
            given = {"part": "back", "setting": "switched_off"}
            if self.staff.post(machine, "/staff/norrby/settings", given)[0] == http.client.SEE_OTHER:
                self._stopped = None

    # what is done to files by hand

    def _phrase_by_hand(self) -> None:
        """Add a question to an entry, on a machine that runs or does not."""
        machine, (entry, place), token = self._machine(), self.random.choice([*ENTRIES.items()]), self._token()
        self._hand_in(machine, place, lambda text: _with_phrase(text, entry, f"en fråga om {token}"), token)

    def _same_by_hand(self) -> None:
        """Make the same change on two machines, as a tool that copies files does."""
        first, second = self.random.sample(self.fleet.machines, 2)
        (entry, place), token = self.random.choice([*ENTRIES.items()]), self._token()
        for machine in (first, second):
            self._hand_in(machine, place, lambda text: _with_phrase(text, entry, f"en fråga om {token}"), token)

    def _add_by_hand(self) -> None:
        """Add an entry at the end of a file."""
        machine, place, token = self._machine(), self.random.choice([*FILES]), self._token()
        self._hand_in(machine, place, lambda text: text.rstrip("\n") + "\n" + ENTRY.format(token=token), token)

    def _delete_by_hand(self) -> None:
        """Take an entry that was added out of its file."""
        machine, place = self._machine(), self.random.choice([*FILES])
        self._hand_in(machine, place, lambda text: _without_added(text, self.random), None)

    def _revert_by_hand(self) -> None:
        """Put a file back as it was when the schedule began."""
        machine, place = self._machine(), self.random.choice([*FILES])
        older = (self._older / FILES[place]).read_text("utf-8")
        self._hand_in(machine, place, lambda _: older, None)

    def _hand_in(self, machine: Machine, place: str, change: Callable[[str], str], token: str | None) -> None:
        """Change a file as an editor program does; what it writes over before anybody saw it is its own loss."""
        path = machine.folder / FILES[place]
        before = path.read_text("utf-8") if path.exists() else ""
        after = change(before)
        if after == before:
            return
        if self.random.random() < 0.5:
            write_whole(path, after)
        else:
            path.write_text(after, "utf-8")
        self.found.counts["by hand"] += 1
        own = self._by_hand.setdefault((machine.name, place), [])
        own[:] = [other for other in own if other in after or other not in before]
        if token:
            own.append(token)

    # what happens to machines

    def _kill(self) -> None:
        """Kill a machine; another one runs on."""
        up = self.fleet.up()
        if len(up) > 1:
            self.random.choice(up).kill()
            self.found.counts["kills"] += 1

    def _come_back(self) -> None:
        """Start a machine that is away."""
        away = [machine for machine in self.fleet.machines if not machine.is_up]
        if away:
            self.random.choice(away).start()

    def _older_folder(self) -> None:
        """Give a machine an older copy of the folder, as a restored disk or an old image does."""
        up = self.fleet.up()
        machine = self.random.choice(self.fleet.machines)
        if machine in up and len(up) == 1:
            return
        machine.kill()
        for place in FILES:
            self._by_hand.pop((machine.name, place), None)  # what nobody saw yet goes with the folder
        if self.random.random() < 0.5:
            shutil.rmtree(machine.folder)
        shutil.copytree(self._older, machine.folder, dirs_exist_ok=True)
        self.found.counts["absences"] += 1

    def _terminate(self) -> None:
        """End all connections to the database from its side."""
        self.fleet.terminate_backends()

    def _kill_while_saving(self) -> None:
        """Kill a machine at any moment of a publication that goes through it."""
        up = self.fleet.up()
        if len(up) < 2:
            return
        machine, (entry, place), token = self._any(), self.random.choice([*ENTRIES.items()]), self._token()
        form = self._form(machine, place, entry)
        fields = {**form, "answer_sv": f"Svar {token}.", "note": "ändrat"}
        killer = threading.Timer(self.random.uniform(0, 0.25), machine.kill)
        killer.start()
        try:
            self._count(self.staff.post(machine, f"/staff/{place}/answers/{entry}/publish", fields)[0], token)
        finally:
            killer.join()
            self.found.counts["kills"] += 1

    def _restart_database(self) -> None:
        """Let PostgreSQL crash and come back."""
        self.fleet.postgres.stop()
        time.sleep(self.random.uniform(0, 1))
        self.fleet.postgres.start()

    def _everybody_up(self) -> None:
        for machine in self.fleet.machines:
            if not machine.is_up:
                machine.start()

    # what came of it

    def _rest(self) -> None:
        """Wait until nothing is published any more and all say the same."""
        began = time.monotonic()
        if not until(self._is_at_rest, PATIENCE):
            self.found.fault("restless", f"schedule {self._number}: {self._differences()}")
        self.found.slowest_rest = max(self.found.slowest_rest, time.monotonic() - began)

    def _is_at_rest(self) -> bool:
        before = self._mark()
        if self._folder_differences() or self._unseen() or self._answer_differences():
            return False
        time.sleep(0.6)
        return before == self._mark()

    def _mark(self) -> list[tuple[Any, ...]]:
        return self.fleet.rows(
            "SELECT number, (SELECT count(*) FROM conflicts WHERE settled_at IS NULL), "
            "(SELECT md5(string_agg(folder || file || hash || items, '' ORDER BY folder, file)) FROM folder_files) "
            "FROM generation"
        )

    def _differences(self) -> str:
        found = [*self._folder_differences(), *self._unseen(), *self._answer_differences()]
        return "; ".join(found[:6])

    def _look(self) -> None:
        """Count what is not as it must be."""
        where = f"schedule {self._number}"
        known = "\n".join(str(row[0]) for row in self.fleet.rows("SELECT content FROM revisions"))
        for token in self._accepted:
            if token not in known:
                self.found.fault("lost", f"{where}: {token}")
        for (machine, _), tokens in self._by_hand.items():
            for token in self._unknown(tokens):
                self.found.fault("lost by hand", f"{where}: {token} on {machine}")
        for difference in self._folder_differences():
            self.found.fault("differing items", f"{where}: {difference}")
        for difference in self._answer_differences():
            self.found.fault("differing answers", f"{where}: {difference}")
        self.found.counts["differing files"] += len(self._file_differences())
        self._look_at_conflicts(where)
        self._accepted.clear()
        self._by_hand.clear()

    def _unseen(self) -> list[str]:
        return [f"by hand: {token}" for tokens in self._by_hand.values() for token in self._unknown(tokens)]

    def _unknown(self, tokens: list[str]) -> list[str]:
        if not tokens:
            return []
        rows = self.fleet.rows("SELECT content FROM revisions UNION ALL SELECT content FROM conflicts")
        known = "\n".join(str(row[0]) for row in rows)
        return [token for token in tokens if token not in known]

    def _look_at_conflicts(self, where: str) -> None:
        open_ones = {row[0] for row in self.fleet.rows("SELECT id FROM conflicts WHERE settled_at IS NULL")}
        self.found.counts["conflicts"] += len(open_ones)
        for machine in self.fleet.machines:
            shown = set().union(*(conflicts_on(self.staff.get(machine, _conflicts(place))[1]) for place in FILES))
            for conflict in open_ones - shown:
                self.found.fault("hidden conflicts", f"{where}: {conflict} on {machine.name}")

    def _settle_all(self) -> None:
        """Settle every conflict through any machine, and wait until that is everywhere."""
        rows = self.fleet.rows("SELECT id, layer FROM conflicts WHERE settled_at IS NULL")
        for conflict, layer in rows:
            place, machine = layer.rpartition("/")[2], self._any()
            self.staff.get(machine, _conflicts(place))
            side = self.random.choice(("file", "staff"))
            self.staff.post(machine, f"{_conflicts(place)}/{conflict}", {"side": side})
        if rows:
            self._rest()

    def _folder_differences(self) -> list[str]:
        """Say which items files say otherwise than the newest version, but for those that a conflict tells of."""
        newest = {
            (layer, kind, item): found
            for layer, kind, item, found in self.fleet.rows(
                "SELECT DISTINCT ON (layer, kind, item) layer, kind, item, hash FROM revisions "
                "WHERE state IN ('published', 'removed') ORDER BY layer, kind, item, id DESC"
            )
            if found is not None
        }
        told = set(self.fleet.rows("SELECT layer, kind, item FROM conflicts WHERE settled_at IS NULL"))
        found = []
        for machine in self.fleet.machines:
            sight = Folder(machine.folder, is_read_only=True).look(Sight(), {})
            here = {(key.layer, key.kind, key.id): value for key, (_, value) in sight.items.items()}
            differ = {key for key in here.keys() | newest.keys() if here.get(key) != newest.get(key)} - told
            found += [f"{machine.name} {'/'.join(key)}" for key in sorted(differ)]
            found += [f"{machine.name} {name} is broken" for name in sight.broken]
        return found

    def _file_differences(self) -> set[str]:
        """Return the files that are not the same bytes everywhere though they say the same."""
        held = [
            {path.relative_to(one.folder).as_posix(): path.read_bytes() for path in one.folder.rglob("*.yaml")}
            for one in self.fleet.machines
        ]
        names = set().union(*held)
        return {name for name in names if len({files.get(name) for files in held}) > 1}

    def _answer_differences(self) -> list[str]:
        """Say which questions are not answered alike; each machine is asked more often than it has workers."""
        found = []
        for what, ask in self._asked():
            answers = {ask(machine): machine.name for machine in self.fleet.up() for _ in range(machine.workers + 1)}
            if len(answers) > 1:
                found.append(f"{what}: {_apart(answers)}")
        return found

    def _asked(self) -> Iterator[tuple[str, Callable[[Machine], str]]]:
        for question, place, language in QUESTIONS:
            yield question, lambda one, said=(question, place, language): _lasting(one.ask(*said))  # type: ignore[misc]
        for page in PAGES:
            yield page, lambda one, page=page: _lasting(json.loads(one.get(page)[1]))  # type: ignore[misc]

    def _any(self) -> Machine:
        return self.random.choice(self.fleet.up())

    def _machine(self) -> Machine:
        return self.random.choice(self.fleet.machines)

    def _token(self) -> str:
        return f"{self._number}x{self.random.randrange(16**6):06x}"

    def _say(self, what: str) -> None:
        if self._is_verbose:
            sys.stderr.write(f"{what}\n")


ENTRY: Final = """\
  - id: nyhet-{token}
    questions:
      sv:
        - Vad gäller för nyheten {token}?
    answer:
      sv: |
        Nyhet {token}.
"""


def _with_phrase(text: str, entry: str, phrase: str) -> str:
    """Add a question to an entry as its first."""
    head, mark, rest = text.partition(f"  - id: {entry}\n")
    before, sv, after = rest.partition("      sv:\n")
    return f"{head}{mark}{before}{sv}        - {phrase}\n{after}" if sv else text


def _without_added(text: str, chance: random.Random) -> str:
    """Take out one of the entries that were added."""
    head, *entries = text.split("  - id: ")
    added = [number for number, one in enumerate(entries) if one.startswith("nyhet-")]
    if not added:
        return text
    entries.pop(chance.choice(added))
    return "  - id: ".join([head, *entries])


def _lasting(reply: Mapping[str, Any]) -> str:
    return json.dumps({name: value for name, value in reply.items() if name not in PASSING}, sort_keys=True)


def _apart(answers: Mapping[str, str]) -> str:
    """Show where two answers begin to differ."""
    (one, first), (other, second) = [*answers.items()][:2]
    same = next((place for place, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), len(other))
    place = max(0, same - 40)
    return f"{first} {one[place : place + 120]} | {second} {other[place : place + 120]}"


def _conflicts(place: str) -> str:
    return f"/staff/{place}/conflicts"


def run(place: Path, schedules: int, seed: int, workers: int = 2, *, is_verbose: bool = False) -> Found:
    """Run so many schedules from a seed; return what was found."""
    with fleet(place, workers=workers) as ours:
        deeds = Schedules(ours, seed, is_verbose=is_verbose)
        deeds.begin()
        for number in range(schedules):
            deeds.run()
            if is_verbose or not deeds.found.is_good:
                sys.stderr.write(f"{number + 1}: {deeds.found.line}\n" + "\n".join(deeds.found.faults[-6:]) + "\n")
        return deeds.found


def main() -> None:
    """Run it whole and print the figures; exit code 1 where they are not as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--schedules", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(2**31))  # noqa: S311 - printed, to be given again
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="hemvist-machines-") as name:
        Path(name).chmod(0o755)
        found = run(Path(name), given.schedules, given.seed, given.workers, is_verbose=given.verbose)
    line = {"what": "machines", "schedules": given.schedules, "seed": given.seed, **found.line}
    sys.stdout.write(json.dumps({**line, "seconds": round(time.monotonic() - began)}) + "\n")
    sys.stdout.writelines(f"{fault}\n" for fault in found.faults)
    sys.exit(not found.is_good)


if __name__ == "__main__":
    main()
