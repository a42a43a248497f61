"""Messages under fire: the mail server is down half the time, and whoever mails is killed again and again.

    python tests/load/messages.py [--messages 500] [--kills 20] [--database-url postgresql://…]

Messages are taken in as the web does it, while one worker after the other mails them and is ended by SIGKILL, half of
the times just as the server has taken a mail and the worker does not know it yet. What counts in the end is what the
mailbox has: nothing lost, nothing under two Message-IDs, and at most one mail a second time for each kill.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from mailserver import MailServer, mail_server  # noqa: E402 - the folders of the tests come first

from bot import load  # noqa: E402 - as above
from web.desk import Desk  # noqa: E402 - as above
from web.letters import Letter  # noqa: E402 - as above
from web.sealing import open_seal  # noqa: E402 - as above
from web.settings import Settings, read_settings  # noqa: E402 - as above
from web.store.engine import open_engine  # noqa: E402 - as above
from web.store.messages import listed  # noqa: E402 - as above

KNOWLEDGE = ROOT / "tests" / "knowledge" / "municipalities"
SEED = 20_261_122
WORKER = """
import sys, time
from datetime import timedelta
sys.path[:0] = sys.argv[1:2]
import os
from bot import load
from web.delivery import Delivery, Pace
from web.sealing import open_seal
from web.settings import read_settings
from web.store.engine import open_engine
from web.store.schema import upgrade
from sqlalchemy.exc import SQLAlchemyError
settings = read_settings({name: value for name, value in os.environ.items() if name.startswith("HEMVIST_")})
pace = Pace(timedelta(seconds=3), timedelta(seconds=0.1), timedelta(seconds=0.5), timedelta(seconds=0.5))
delivery, engine = Delivery(settings, open_seal(settings), pace), open_engine(settings)
municipalities = load(settings.knowledge).municipalities
upgrade(engine)
print("ready", flush=True)
while True:
    try:
        delivery.deliver(engine, municipalities)
    except SQLAlchemyError:
        pass
    time.sleep(0.02)
"""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the messages. `resent`: mails that came a second time, under the same Message-ID."""

    messages: int
    kills: int
    mails: int
    lost: int
    duplicates: int
    resent: int
    most_of_one: int
    seconds_down: float
    seconds: float


def run(settings: Settings, server: MailServer, *, messages: int, kills: int, seed: int = SEED) -> Result:
    """Take in `messages` while the worker is killed `kills` times; returns when all have arrived, or after a while."""
    chance, began = random.Random(seed), time.monotonic()  # noqa: S311 - a repeatable run, no secret
    server.delay = 0.02
    weather = _Weather(server, chance)
    writer = threading.Thread(target=_write, args=(settings, messages))
    workers = _Workers(settings)
    weather.start()
    writer.start()
    try:
        for turn in range(kills):
            _await_moment(server, messages, turn, kills, is_sharp=chance.random() < 0.5)
            workers.kill_and_replace()
        writer.join()
        weather.end()
        _until(lambda: len(set(server.ids)) >= messages and _all_sent(settings), 120)
    finally:
        weather.end()
        workers.end()
    ids = server.ids
    times = [ids.count(one) for one in set(ids)]
    return Result(
        messages=messages,
        kills=kills,
        mails=len(ids),
        lost=messages - len(set(_numbers(server))),
        duplicates=len(set(ids)) - len(set(_numbers(server))),
        resent=len(ids) - len(set(ids)),
        most_of_one=max(times),
        seconds_down=round(weather.down, 1),
        seconds=round(time.monotonic() - began, 1),
    )


class _Weather:
    """The server is up and down in turn, half the time each."""

    def __init__(self, server: MailServer, chance: random.Random) -> None:
        self.down = 0.0
        self._server, self._chance = server, chance
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._blow)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._stop.set()
        self._thread.join()

    def _blow(self) -> None:
        while not self._stop.is_set():
            pause = self._chance.uniform(0.2, 1.0)
            self._stop.wait(pause)
            self._server.stop()
            began = time.monotonic()
            self._stop.wait(pause)
            self.down += time.monotonic() - began
            self._server.start()


class _Workers:
    """One process that mails, and the next."""

    def __init__(self, settings: Settings) -> None:
        self._environment = {**os.environ, **environment(settings), "OPENBLAS_NUM_THREADS": "1"}
        self._process = self._begin()
        self._next = self._begin()

    def kill_and_replace(self) -> None:
        self._process.kill()
        self._process.wait()
        self._close(self._process)
        self._process, self._next = self._next, self._begin()

    def end(self) -> None:
        for process in (self._process, self._next):
            process.kill()
            process.wait()
            self._close(process)

    def _begin(self) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(ROOT)], cwd=ROOT, env=self._environment, stdout=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.readline()
        return process

    def _close(self, process: "subprocess.Popen[bytes]") -> None:
        if process.stdout:
            process.stdout.close()


def environment(settings: Settings) -> dict[str, str]:
    """Return `settings` as another process reads them."""
    return {
        "HEMVIST_KNOWLEDGE": str(settings.knowledge),
        "HEMVIST_DATA": str(settings.data),
        "HEMVIST_SECRET_KEY": ",".join(settings.secret_key),
        "HEMVIST_MESSAGE_KEY": ",".join(settings.message_key),
        "HEMVIST_SMTP_URL": settings.smtp_url or "",
        "HEMVIST_MAIL_FROM": settings.mail_from or "",
        "HEMVIST_DATABASE_URL": settings.database_url or "",
    }


def prepare(folder: Path, server: MailServer, database_url: str = "") -> Settings:
    """Return settings with a municipality that has a mailbox on `server`."""
    knowledge = folder / "knowledge"
    _copy(KNOWLEDGE.parent, knowledge)
    path = knowledge / "municipalities" / "norrby" / "municipality.yaml"
    text = path.read_text("utf-8").replace("official: false", "official: true")
    path.write_text(f"{text}mailbox: inflyttning@norrby.example\n", "utf-8")
    data = folder / "data"
    data.mkdir()
    given = {
        "HEMVIST_KNOWLEDGE": str(knowledge),
        "HEMVIST_DATA": str(data),
        "HEMVIST_SECRET_KEY": "Vq3-" * 12,
        "HEMVIST_MESSAGE_KEY": "Wq4-" * 12,
        "HEMVIST_SMTP_URL": f"smtp+plain://127.0.0.1:{server.port}",
        "HEMVIST_MAIL_FROM": "hemvist@norrby.example",
        "HEMVIST_DATABASE_URL": database_url,
    }
    return read_settings(given)


def _copy(source: Path, target: Path) -> None:
    for path in source.rglob("*.yaml"):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())


def _write(settings: Settings, messages: int) -> None:
    """Take in messages as the web does; the mail is left to the worker."""
    known = load(settings.knowledge).municipalities
    desk = Desk(settings, open_seal(settings), ["secret"], lambda: known)
    desk._rouse = lambda: None  # type: ignore[method-assign]
    letter = Letter("norrby", "sv", "housing", "", "", "anna@post.example", "", is_danger=False)
    for number in range(messages):
        desk.take(replace(letter, message=f"Meddelande nummer {number}."), f"key {number}", datetime.now(UTC))
    desk.close()


def _await_moment(server: MailServer, messages: int, turn: int, kills: int, *, is_sharp: bool) -> None:
    """Wait until a share of the mails has come; where `is_sharp`, until the next one is being taken."""
    share = messages * (turn + 1) // (kills + 2)
    _until(lambda: len(set(server.ids)) >= share, 60)
    if is_sharp:
        taken = threading.Event()
        server.on_taken = taken.set
        taken.wait(10)
        server.on_taken = lambda: None


def _numbers(server: MailServer) -> list[str]:
    """Return which message each mail holds, by its words."""
    return [mail.get_content().partition("Meddelande nummer ")[2].split(".")[0] for mail in server.taken]


def _all_sent(settings: Settings) -> bool:
    engine = open_engine(settings)
    try:
        return all(row.state == "sent" for row in listed(engine))
    finally:
        engine.dispose()


def _until(condition: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.02)


def main() -> None:
    """Run it whole and print the figures; exit code 1 where they are not as wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=500)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--database-url", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, mail_server() as server:
        settings = prepare(Path(name), server, given.database_url)
        result = run(settings, server, messages=given.messages, kills=given.kills)
    sys.stdout.write(json.dumps(asdict(result), indent=2) + "\n")
    sys.exit(not (result.lost == result.duplicates == 0 and result.resent <= result.kills))


if __name__ == "__main__":
    main()
