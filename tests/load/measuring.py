"""What the benches share: servers in processes of their own, what they cost, who asks them, and how quiet it is."""

import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from bot import View, load, typo  # noqa: E402 - the folder of the project comes first

SECRET = "only-for-tests-" + "k3" * 16
TICKS = os.sysconf("SC_CLK_TCK")
PATH = "/api/v1/chat"
JSON = {"Content-Type": "application/json"}
AGAIN = f"{PATH}?again=1"  # an answer that is not noted
FOREIGN = 0.08  # the share of the machine that others may use in a round that counts
TRIES = 3  # times as many rounds at most, while others are busy
# the server as it is shipped, and one Flask view that answers JSON, both on the same gunicorn
START = """
import json, sys
from web import serving
serving.LIMITS.update(json.loads(sys.argv.pop(1)))
if sys.argv[1] == "bare":
    from web.cost import serve_bare
    serve_bare(int(sys.argv[2]))
from web.cli import main
main()
"""
BARE = """
import sys
from flask import Flask
from gunicorn.app.base import BaseApplication
app = Flask("bare")
app.post("/api/v1/chat")(lambda: {"answer": "ok"})
class Bare(BaseApplication):
    def load_config(self):
        told = lambda arbiter: print("http://127.0.0.1:%d" % arbiter.LISTENERS[0].sock.getsockname()[1], flush=True)
        settings = {"bind": "127.0.0.1:0", "workers": 2, "worker_class": "gthread", "threads": 8, "preload_app": True}
        for name, value in {**settings, "control_socket_disable": True, "when_ready": told}.items():
            self.cfg.set(name, value)
    def load(self):
        return app
Bare().run()
"""
SCRIPT = """
local bodies, place = {}, 0
codes = {}
for line in io.lines(os.getenv("BODIES")) do bodies[#bodies + 1] = line end
wrk.method = os.getenv("METHOD")
for name, value in string.gmatch(os.getenv("HEADERS"), "([^:\\n]+): ([^\\n]+)") do wrk.headers[name] = value end
function init(arguments) math.randomseed(os.time()); place = math.random(#bodies) end
function request() place = place % #bodies + 1; return wrk.format(nil, nil, nil, bodies[place]) end
function setup(thread) one = thread end
function response(status) codes[status] = (codes[status] or 0) + 1 end
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format("\\nFIGURES %d %d %f %f %f %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99), latency.max, errors.connect + errors.read + errors.timeout))
  for status, number in pairs(one:get("codes")) do io.write(string.format("CODE %d %d\\n", status, number)) end
end
"""


@dataclass(frozen=True, slots=True)
class Server:
    """A server in processes of its own, and where it keeps what it keeps."""

    port: int
    pid: int
    data: Path

    @property
    def workers(self) -> list[int]:
        """The processes that answer; the child that ticks is none."""
        return [pid for pid in children(self.pid) if b"tick" not in _bytes(f"/proc/{pid}/cmdline")]

    def spent(self) -> float:
        """Return the seconds of processor time of all workers until now."""
        return sum(map(processor_time, self.workers))


@contextmanager
def served(
    *arguments: str,
    settings: Mapping[str, str] | None = None,
    limits: Mapping[str, object] | None = None,
    knowledge: Path = ROOT / "knowledge",
) -> Iterator[Server]:
    """Run `hemvist serve`, or the bare peer where `arguments` say so, until the block ends.

    `limits` change what gunicorn is told, the same for both.
    """
    command = [sys.executable, "-c", START, json.dumps(limits or {}), *arguments]
    with tempfile.TemporaryDirectory() as data:
        environment = environment_of(Path(data), knowledge, settings or {})
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            try:
                yield Server(await_port(process), process.pid, Path(data))
            finally:
                process.terminate()


def hemvist(workers: int = 1) -> tuple[str, ...]:
    """Return how the product is started."""
    return "serve", "--port", "0", "--workers", str(workers)


def bare(workers: int = 1) -> tuple[str, ...]:
    """Return how its peer is started."""
    return "bare", str(workers)


def environment_of(data: Path, knowledge: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a server: of our own HEMVIST_ variables it sees none."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HEMVIST_")}
    keys = {"HEMVIST_SECRET_KEY": SECRET, "HEMVIST_MESSAGE_KEY": SECRET[::-1]}
    own = {"HEMVIST_DATA": str(data), "HEMVIST_KNOWLEDGE": str(knowledge), "PYTHONUNBUFFERED": "1"}
    return {**clean, **keys, **own, **settings}


def await_port(process: "subprocess.Popen[str]") -> int:
    """Return the port that a server tells once it listens."""
    for line in process.stdout or ():
        if "http://" in line:
            return int(line.rpartition("127.0.0.1:")[2].split("/")[0].split()[0])
    raise RuntimeError("the server ended before it listened")


def children(pid: int) -> list[int]:
    """Return the processes that another started."""
    return [int(child) for child in _bytes(f"/proc/{pid}/task/{pid}/children").split()]


def processor_time(pid: int) -> float:
    """Return the seconds of processor time of a process, as Linux counts them."""
    fields = _bytes(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def resident(pid: int) -> float:
    """Return the megabytes of a process that are in memory and no other's: what it shares is not counted anew."""
    lines = _bytes(f"/proc/{pid}/smaps_rollup").splitlines()
    own = (int(line.split()[1]) for line in lines if line.startswith((b"Private_Clean", b"Private_Dirty")))
    return sum(own) / 1024


def weight(pid: int) -> float:
    """Return the megabytes of a process that are in memory, shared ones too (RSS)."""
    lines = _bytes(f"/proc/{pid}/status").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(b"VmRSS")), 0.0)


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError:  # it has ended
        return b""


def questions(municipality: str = "vindeln", knowledge: Path = ROOT / "knowledge") -> list[str]:
    """Return what people ask a municipality, every second one misspelt; they differ."""
    view: View = load(knowledge).view(municipality)
    stored = [(language, phrase) for entry in view.entries.values() for language, phrase in entry.questions]
    spoilt = (typo(text, language, 1) if turn % 2 else text for turn, (language, text) in enumerate(stored))
    return list(dict.fromkeys(spoilt))


def thinned(folder: Path, phrasings: int) -> Path:
    """Write the shipped knowledge with about so many phrasings of each municipality into `folder`: every entry is
    there, with the first of its questions in both languages. None are left out where `phrasings` is 0."""
    there = Path(shutil.copytree(ROOT / "knowledge", folder / "knowledge"))
    share = phrasings / count_phrasings(there) if phrasings else 1.0
    for path in there.rglob("*.yaml") if share < 1 else ():
        if "\n    questions:\n" in (text := path.read_text("utf-8")):
            written = yaml.load(text, yaml.CSafeLoader)
            for entry in written.get("entries", ()):
                asked = entry.get("questions", {})
                asked.update({tongue: some[: max(1, round(len(some) * share))] for tongue, some in asked.items()})
            path.write_text(yaml.dump(written, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), "utf-8")
    return there


def count_phrasings(knowledge: Path = ROOT / "knowledge", municipality: str = "vindeln") -> int:
    """Return how many phrasings a municipality is asked by."""
    return sum(len([*entry.questions]) for entry in load(knowledge).view(municipality).entries.values())


def bodies(texts: Sequence[str], municipality: str = "vindeln") -> Iterator[bytes]:
    """Yield requests without end."""
    return cycle([json.dumps({"question": text, "municipality": municipality}).encode() for text in texts])


class Asker:
    """Asks a server over one connection, one request after the other."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(self, body: bytes | None, path: str = PATH, headers: Mapping[str, str] = JSON, method: str = "POST") -> int:
        """Ask, and return the status."""
        self._connection.request(method, path, body, dict(headers))
        response = self._connection.getresponse()
        response.read()
        return response.status

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def cost(
    server: Server,
    given: Iterator[bytes],
    requests: int,
    *,
    path: str = PATH,
    headers: Mapping[str, str] = JSON,
    status: int = 200,
) -> float:
    """Return the microseconds of processor time of one request; raises RuntimeError where it is answered otherwise."""
    asker, before = Asker(server), server.spent()
    for body in islice(given, requests):
        found = asker.ask(body, path, headers)
        if found != status:
            raise RuntimeError(f"answered with {found} and not {status}: {body[:80]!r}")
    asker.close()
    return (server.spent() - before) / requests * 1e6


@dataclass(frozen=True, slots=True)
class Load:
    """What a load gave: answers of status 200 or 304 a second, milliseconds, statuses, connections that failed."""

    per_second: float
    p50: float
    p99: float
    slowest: float
    codes: Mapping[int, int]
    failed: int


def has_wrk() -> bool:
    """Whether the load generator is here: one in Python would take more than what it measures."""
    return shutil.which("wrk") is not None


def wrk(
    server: Server,
    texts: Sequence[str] = (),
    *,
    connections: int = 16,
    seconds: float = 2,
    path: str = AGAIN,
    method: str = "POST",
    headers: Mapping[str, str] = JSON,
    scheme: str = "http",
) -> Load:
    """Load a server with distinct requests over kept connections (Debian's package wrk)."""
    with tempfile.TemporaryDirectory() as folder:
        script, given = Path(folder) / "load.lua", Path(folder) / "bodies"
        script.write_text(SCRIPT, "utf-8")
        given.write_bytes(b"\n".join(islice(bodies(texts), len(texts))) if texts else b"\n")
        told = "\n".join(f"{name}: {value}" for name, value in headers.items())
        environment = {**os.environ, "BODIES": str(given), "METHOD": method, "HEADERS": told}
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "20s", "-s", str(script)]
        address = f"{scheme}://127.0.0.1:{server.port}{path}"
        done = subprocess.run([*command, address], env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"wrk: {done.stdout}{done.stderr}")
    return _load(done.stdout)


def _load(told: str) -> Load:
    lines = [line.split() for line in told.splitlines()]
    _, requests, duration, p50, p99, slowest, failed = next(line for line in lines if line[:1] == ["FIGURES"])
    codes = {int(line[1]): int(line[2]) for line in lines if line[:1] == ["CODE"]}
    good = codes.get(200, 0) + codes.get(304, 0)
    assert int(requests) >= good, told
    middle, late, last = (float(value) / 1000 for value in (p50, p99, slowest))
    return Load(good / (float(duration) / 1e6), middle, late, last, codes, int(failed))


@dataclass(slots=True)
class Rounds:
    """Rounds in which others left the machine alone; where there were too few, those with the least of others count."""

    wanted: int
    quiet: int = 0

    def run(self, measure: Callable[[], Sequence[float]], pids: Sequence[int]) -> list[tuple[float, ...]]:
        """Measure again and again, each time all sides in turn; `pids`: the servers', which are no others."""
        found: list[tuple[float, tuple[float, ...]]] = []
        for _ in range(self.wanted * TRIES):
            foreign, values = _watched(measure, pids)
            found.append((foreign, tuple(values)))
            if sum(share <= FOREIGN for share, _ in found) >= self.wanted:
                break
        found.sort(key=lambda one: one[0])
        self.quiet = sum(share <= FOREIGN for share, _ in found[: self.wanted])
        return [values for _, values in found[: self.wanted]]


def _watched(measure: Callable[[], Sequence[float]], pids: Sequence[int]) -> tuple[float, Sequence[float]]:
    """Measure, and return also the share of the machine that others used meanwhile."""
    began, busy, own = time.monotonic(), _busy(), _of_ours(pids)
    values = measure()
    others = (_busy() - busy) - (_of_ours(pids) - own)
    return max(0.0, others) / ((time.monotonic() - began) * (os.cpu_count() or 1)), values


def _busy() -> float:
    """Return the seconds that all processors worked until now."""
    user, nice, system, _idle, _waiting, hard, soft, *_ = map(int, _bytes("/proc/stat").split(b"\n")[0].split()[1:])
    return (user + nice + system + hard + soft) / TICKS


def _of_ours(pids: Sequence[int]) -> float:
    """Return the seconds that this process, those it waited for, and the servers worked until now."""
    trees = [pid for root in pids for pid in _tree(root)]
    return sum(os.times()[:4]) + sum(map(processor_time, trees))


def _tree(pid: int) -> Iterator[int]:
    yield pid
    for child in children(pid):
        yield from _tree(child)


def median_ratio(rows: Sequence[Sequence[float]], ours: int = 0, peer: int = -1) -> float:
    """Return the median of each round's own ratio of two of its columns."""
    return statistics.median(row[ours] / row[peer] for row in rows)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value that the share of all do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def until(is_so: Callable[[], Any], limit: float) -> float:
    """Return after how many seconds something is so; the limit where it is not."""
    began = time.monotonic()
    while not is_so() and time.monotonic() - began < limit:
        time.sleep(0.02)
    return time.monotonic() - began
