"""A made-up country: 290 municipalities with 150 answers of their own, more than one process keeps in memory.

    python tests/load/country.py [--municipalities 290] [--entries 150] [--resident 60] [--rounds 3] [--keep FOLDER]

Writes the country (always the same one), starts a server of one worker on it, and prints each figure beside its bar:
start to the first answer, memory with all that may be resident, the first question to a municipality that was dropped,
the slowest hundredth of answers among many municipalities against one, and an edit in a file and by staff until it is
served. One municipality has a broken file: the others are to be served, and /readyz is to name it.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot import Key, load_as_asked  # noqa: E402 - the folder of the project comes first
from bot.models import AnswerTexts  # noqa: E402 - as above
from web.revising import Edit, Revising  # noqa: E402 - as above
from web.settings import read_settings  # noqa: E402 - as above
from web.truth import open_truth  # noqa: E402 - as above

SHARED = ("national", "vocabulary", "groups")
SECRET = "only-for-tests-" + "k3" * 16
SYLLABLES = [
    "ar",
    "as",
    "bjurs",
    "bod",
    "bols",
    "dal",
    "eks",
    "fag",
    "fors",
    "fur",
    "gran",
    "grub",
    "gult",
    "hall",
    "hamr",
    "hed",
    "hult",
    "jarn",
    "kall",
    "karls",
    "klint",
    "lim",
    "lind",
    "lun",
    "malm",
    "mos",
    "mun",
    "nas",
    "norr",
    "oster",
    "rams",
    "rod",
    "ron",
    "sand",
    "silj",
    "skog",
    "sol",
    "sten",
    "strom",
    "sund",
    "tall",
    "tran",
    "ul",
    "val",
    "vik",
    "vret",
]
ENDINGS = [
    "berg",
    "bo",
    "by",
    "fors",
    "holm",
    "hult",
    "inge",
    "lund",
    "mala",
    "nas",
    "ryd",
    "sele",
    "stad",
    "sund",
    "torp",
    "trask",
    "vik",
]
SUBJECTS = (
    ("ridhuset", "the riding hall"), ("bryggan", "the jetty"), ("isbanan", "the ice rink"),
    ("fritidsgården", "the youth club"), ("skjutbanan", "the shooting range"), ("torghandeln", "the market stalls"),
    ("vedhanteringen", "firewood"), ("koloniområdet", "the allotments"), ("bastun", "the public sauna"),
    ("skoterleden", "the snowmobile trail"), ("fiskekortet", "the fishing licence"), ("samlingslokalen", "the hall"),
    ("hembygdsgården", "the heritage farm"), ("slamtömningen", "emptying of tanks"), ("skolskjutsen", "school buses"),
    ("båtplatsen", "the berth"), ("hundrastgården", "the dog park"), ("musikskolan", "the music school"),
    ("färdtjänsten", "mobility transport"), ("kompostkärlet", "the compost bin"), ("badplatsen", "the bathing place"),
    ("vägbelysningen", "street lights"), ("snöröjningen", "snow clearing"), ("odlingslotten", "the garden plot"),
    ("ställplatsen", "the motorhome site"), ("cykelverkstaden", "the bicycle workshop"),
    ("näringslivslotsen", "the business guide"), ("språkcaféet", "the language café"),
    ("återbruket", "the reuse shop"), ("familjecentralen", "the family centre"),
)  # fmt: skip
ASPECTS = (
    ("Vad kostar {}?", "What does {} cost?"), ("När har {} öppet?", "When is {} open?"),
    ("Hur bokar jag {}?", "How do I book {}?"), ("Vem svarar för {}?", "Who is in charge of {}?"),
    ("Var ligger {}?", "Where is {}?"),
)  # fmt: skip
MORE = (
    ("{} i {}", "{} in {}"), ("jag undrar något om {} nära {}", "a question about {} near {}"),
    ("får man använda {} om man bor i {}", "may I use {} when I live in {}"),
)  # fmt: skip
FILES = ("housing", "everyday-life", "family-and-care", "moving", "work-and-contact")
STARTS = EDITS = 3
PATIENCE = 900.0  # seconds
SETTLED = 4  # seconds


@dataclass(frozen=True, slots=True)
class Country:
    """Where it lies, and how large it is."""

    folder: Path
    municipalities: tuple[str, ...]


def make_country(folder: Path, municipalities: int, entries: int, *, shared: Path = ROOT / "knowledge") -> Country:
    """Write a country into an empty folder; of the same size it is the same country."""
    for name in SHARED:
        if (shared / name).is_dir():
            shutil.copytree(shared / name, folder / name)
    names = _names(random.Random(1952), municipalities * 7)  # noqa: S311 - always the same
    ids = []
    for number in range(municipalities):
        own = names[number * 7 : number * 7 + 7]
        ids.append(own[0])
        _write_municipality(folder / "municipalities" / own[0], number, own, entries)
    return Country(folder, tuple(ids))


def _names(chance: random.Random, count: int) -> list[str]:
    names: dict[str, None] = {}
    while len(names) < count:
        names["".join((*chance.sample(SYLLABLES, chance.choice((1, 2))), chance.choice(ENDINGS)))] = None
    return list(names)


def _write_municipality(folder: Path, number: int, names: Sequence[str], entries: int) -> None:
    folder.mkdir(parents=True)
    home, *villages = names
    chance = random.Random(number)  # noqa: S311 - always the same
    called = home.capitalize()
    (folder / "municipality.yaml").write_text(
        f'id: {home}\nname:\n  sv: {called}\n  en: {called}\ncode: "{1000 + number}"\nofficial: false\n'
        f"site: https://www.{home}.se\nswitchboard: switchboard\nowners:\n  office:\n    name: Servicecenter\n"
        f"    email: kommun@{home}.se\n",
        "utf-8",
    )
    (folder / "contacts.yaml").write_text(
        f"contacts:\n  - id: switchboard\n    name:\n      sv: {called} kommuns växel\n      en: {called} switchboard\n"
        f"    phone: 09{number % 90 + 10}-{chance.randrange(100, 999)} 00\n    email: kommun@{home}.se\n",
        "utf-8",
    )
    places = "".join(
        f"  - id: {name}\n    name:\n      sv: {name.capitalize()}\n      en: {name.capitalize()}\n    kind: village\n"
        for name in villages
    )
    (folder / "places.yaml").write_text(f"places:\n{places}", "utf-8")
    subjects = [(subject, aspect) for aspect in ASPECTS for subject in SUBJECTS]
    chance.shuffle(subjects)
    texts = [_entry(chance, place, subjects[place % len(subjects)], names) for place in range(entries)]
    for place, name in enumerate(FILES):
        (folder / f"{name}.yaml").write_text("entries:\n" + "".join(texts[place :: len(FILES)]), "utf-8")


def _entry(
    chance: random.Random, number: int, about: tuple[tuple[str, str], tuple[str, str]], names: Sequence[str]
) -> str:
    """Write an entry: four questions in each language, and an answer of some sentences."""
    subject, aspect = about
    near = [chance.choice(names).capitalize() for _ in MORE]
    asked = [
        [
            aspect[side].format(subject[side]),
            *(more[side].format(subject[side], near[turn]) for turn, more in enumerate(MORE)),
        ]
        for side in (0, 1)
    ]
    price, day = chance.randrange(50, 4_000, 10), chance.randrange(1, 28)
    swedish = (
        f"I {near[0]} kostar {subject[0]} {price} kr. Skriv till kommunen eller ring växeln.",
        f"Det bestäms den {day}:e varje månad, och gäller också för den som bor i {near[1]} eller {near[2]}.",
        f"Ta med legitimation. Har du frågor om {subject[0]} hjälper servicecenter dig i {names[0].capitalize()}.",
    )
    english = (
        f"In {near[0]} {subject[1]} costs SEK {price}. Write to the municipality or call the switchboard.",
        f"It is decided on day {day} of each month, and holds for those who live in {near[1]} or {near[2]} too.",
        f"Bring identification. The service centre in {names[0].capitalize()} answers questions about {subject[1]}.",
    )
    questions = "".join(
        f"      {language}:\n" + "".join(f'        - "{text}"\n' for text in texts)
        for language, texts in zip(("sv", "en"), asked, strict=True)
    )
    answers = "".join(
        f"      {language}: |\n" + "".join(f"        {line}\n" for line in lines)
        for language, lines in (("sv", swedish), ("en", english))
    )
    source = f"      url: https://www.{names[0]}.se/{number}\n      dated: 2026-05-{day:02}\n      copied: 2026-11-22\n"
    about = f"    contacts:\n      - switchboard\n    source:\n{source}"
    return f"  - id: own-{number}\n    questions:\n{questions}    answer:\n{answers}{about}"


class Server:
    """A server of one worker on a country, and what it weighs."""

    def __init__(self, process: "subprocess.Popen[str]", port: int) -> None:
        self.process, self.port = process, port
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def ask(self, municipality: str, question: str) -> float:
        """Ask, and return how many milliseconds the answer took."""
        body = json.dumps({"question": question, "municipality": municipality})
        began = time.perf_counter()
        self._connection.request("POST", "/api/v1/chat?again=1", body.encode(), {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        response.read()
        took = (time.perf_counter() - began) * 1000
        if response.status != 200:
            raise RuntimeError(f"{municipality} was answered with {response.status}")
        return took

    def get(self, path: str) -> str:
        """Return a page."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read().decode()

    def megabytes(self) -> float:
        """Return the resident memory of the worker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        return max(_resident(child) for child in children)


def _resident(process: str) -> float:
    lines = Path(f"/proc/{process}/status").read_text("utf-8").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)


@contextmanager
def served(country: Country, data: Path, resident: int) -> Iterator[tuple[Server, float]]:
    """Start a server; give it, and after how many seconds its first answer was there."""
    environment = {**os.environ, **settings_of(country, data), "HEMVIST_RESIDENT": str(resident)}
    began = time.perf_counter()
    command = [sys.executable, "-m", "web", "serve", "--port", "0", "--workers", "1"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            line = next(line for line in process.stdout or () if "http://" in line)
            server = Server(process, int(line.split("127.0.0.1:")[1].split("/")[0].split()[0]))
            server.ask(country.municipalities[0], "hej")
            yield server, time.perf_counter() - began
        finally:
            process.terminate()


def settings_of(country: Country, data: Path) -> dict[str, str]:
    """Return the settings of a server on a country."""
    keys = {"HEMVIST_SECRET_KEY": SECRET, "HEMVIST_MESSAGE_KEY": SECRET[::-1]}
    return {"HEMVIST_KNOWLEDGE": str(country.folder), "HEMVIST_DATA": str(data), **keys}


def until(is_so: Callable[[], bool], limit: float) -> float:
    """Return after how many seconds something is so; the limit where it is not."""
    began = time.perf_counter()
    while not is_so() and time.perf_counter() - began < limit:
        time.sleep(0.02)
    return time.perf_counter() - began


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that the share of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def await_in_memory(server: Server, name: str, text: str) -> None:
    """Have a municipality answered from memory: one that is read when it is asked would show an edit at once."""
    for _ in range(SETTLED):  # by the end nothing that was published before is still being taken up
        if text in server.get(f"/{name}/sv/own-1"):
            raise RuntimeError(f"{name} has the edit before it is made")
        time.sleep(1)


def edited_by_staff(country: Country, data: Path, server: Server, text: str, number: int) -> float:
    """Publish an answer as staff do, and return after how many seconds it is served."""
    name = country.municipalities[number]
    await_in_memory(server, name, text)
    settings = read_settings({**os.environ, **settings_of(country, data)})
    truth = open_truth(settings)
    knowledge = load_as_asked(country.folder)
    revising = Revising(truth, lambda: knowledge, lambda *_: None, lambda: datetime.now(UTC))
    key = Key(f"municipalities/{name}", "entry", "own-1")
    current = revising.current(key)
    changed = replace(current.item, answer=AnswerTexts(text, text))
    revising.publish(Edit(key, changed, "staff", current.based_on))
    return until(lambda: text in server.get(f"/{name}/sv/own-1"), 60)


def edited_by_hand(country: Country, server: Server, text: str, number: int) -> float:
    """Change a file, and return after how many seconds that is served."""
    name = country.municipalities[number]
    await_in_memory(server, name, text)
    path = country.folder / "municipalities" / name / f"{FILES[1]}.yaml"
    lines = path.read_text("utf-8").splitlines()
    lines[next(place for place, line in enumerate(lines) if "kostar" in line and "kr." in line)] = f"        {text}"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return until(lambda: text in server.get(f"/{name}/sv/own-1"), 60)


def measure(country: Country, data: Path, resident: int, rounds: int) -> Iterator[tuple[str, float, str, float]]:
    """Yield each figure: what, how much, its unit, its bar."""
    known = [name for name in country.municipalities if name != country.municipalities[-1]]
    chance = random.Random(7)  # noqa: S311 - always the same
    asked = [f"{aspect[side].format(subject[side])}" for aspect in ASPECTS for subject in SUBJECTS for side in (0, 1)]
    for start in range(STARTS - 1):
        with served(country, data, resident) as (_, seconds):
            yield f"start to the first answer, {start + 1}", seconds, "s", 3.0
    with served(country, data, resident) as (server, seconds):
        yield f"start to the first answer, {STARTS}", seconds, "s", 3.0
        took = until(lambda: json.loads(server.get("/readyz"))["unread"] == 0, PATIENCE)
        yield "until the files of all are checked", took, "s", PATIENCE
        named = [country.municipalities[-1] in problem for problem in json.loads(server.get("/readyz"))["problems"]]
        yield "faults that /readyz names falsely, or does not", float(named.count(False) + (True not in named)), "", 0.0
        recent = known[-resident:]
        first = [server.ask(name, chance.choice(asked)) for name in recent]
        yield "first question to one not in memory, median", statistics.median(first), "ms", 300.0
        yield "first question to one not in memory, slowest", max(first), "ms", 300.0
        yield "memory of the worker, all that may be resident", server.megabytes(), "MB", 1000.0
        alone, among = [], []
        for _ in range(rounds):
            alone += [server.ask(recent[0], chance.choice(asked)) for _ in range(1_000)]
            among += [server.ask(chance.choice(recent), chance.choice(asked)) for _ in range(1_000)]
        yield "p99 of one municipality", percentile(alone, 0.99), "ms", float("inf")
        yield "p99 among all that are resident", percentile(among, 0.99), "ms", 2 * percentile(alone, 0.99)
        again = [server.ask(name, chance.choice(asked)) for name in known[: 2 * resident]]
        yield "first question to one that was dropped, slowest", max(again), "ms", 300.0
        yield "memory of the worker after twice as many", server.megabytes(), "MB", 1000.0
        for turn in range(1, EDITS + 1):
            by_staff = edited_by_staff(country, data, server, f"Nytt av personalen, {turn}.", 2 * turn)
            yield f"edit by staff until it is served, {turn}", by_staff, "s", 2.0
            by_hand = edited_by_hand(country, server, f"Här kostar det {turn} kr.", 2 * turn + 1)
            yield f"edit by hand until it is served, {turn}", by_hand, "s", 2.0


def main() -> None:
    """Run it whole and print the figures; exit code 1 where a bar is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = {"municipalities": 290, "entries": 150, "resident": 60, "rounds": 3}
    for name, number in usual.items():
        parser.add_argument(f"--{name}", type=int, default=number)
    given = parser.parse_args()
    is_good = True
    with tempfile.TemporaryDirectory() as name:
        country = make_country(Path(name) / "knowledge", given.municipalities, given.entries)
        broken = Path(name) / "knowledge" / "municipalities" / country.municipalities[-1] / f"{FILES[3]}.yaml"
        broken.write_text("entries:\n  - id: [\n", "utf-8")
        for what, value, unit, bar in measure(country, Path(name) / "data", given.resident, given.rounds):
            is_good &= value <= bar
            beside = "" if bar == float("inf") else f"   bar {bar:.1f}{'' if value <= bar else '   MISSED'}"
            sys.stdout.write(f"{what:52} {value:8.1f} {unit}{beside}\n")
            sys.stdout.flush()
    sys.exit(not is_good)


if __name__ == "__main__":
    main()
