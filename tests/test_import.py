"""hemvist import, as an operator runs it: the mapping and the changes are shown, and all is taken over or nothing."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from bot import ExchangeError, load
from web.cli import cli
from web.commands import import_
from web.feed_files import read_feed, read_feeds
from web.feeds import FeedError, Fetched, Guard
from web.import_cost import measure_import
from web.importing import (
    JOBSEARCH,
    ImportRefusedError,
    Target,
    diff,
    find_target,
    obtain,
    put,
    put_unchanged,
    source_of,
    take_jobs,
    take_jobsearch,
)
from web.settings import read_settings

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=ZoneInfo("Europe/Stockholm"))
GUARD = Guard(frozenset({"jobsearch.api.jobtechdev.se"}))
CSV = "Beteckning;Status;Pris\nNorrby 1:1;Ledig;100 000\nNorrby 1:2;Såld;\n"


@pytest.fixture
def run(tmp_path: Path, knowledge_folder: Path) -> Callable[..., Result]:
    """Run `hemvist import` on a copy of tests/knowledge and data of its own."""

    def command(*arguments: str) -> Result:
        environment = {"HEMVIST_KNOWLEDGE": str(knowledge_folder), "HEMVIST_DATA": str(tmp_path / "data")}
        return CliRunner().invoke(cli, ["import", *arguments], env=environment)

    return command


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "tomter.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


def plots(tmp_path: Path) -> dict[str, Any]:
    found = read_feeds(tmp_path / "data").inventories
    return dict(found["norrby"].plots) if "norrby" in found else {}


def test_plots_are_taken_over_after_mapping_and_changes_are_shown(
    run: Callable[..., Result], file: Path, tmp_path: Path
) -> None:
    result = run("plots", str(file), "--municipality", "norrby", "--yes")
    assert result.exit_code == 0, result.output
    assert "designation     ← Beteckning" in result.output
    assert "2 new, 0 changed, 0 gone, 0 kept" in result.output
    assert plots(tmp_path)["norrby-1-1"].price_kr == 100_000


def test_a_second_import_tells_field_by_field_what_changes(
    run: Callable[..., Result], file: Path, tmp_path: Path
) -> None:
    run("plots", str(file), "--municipality", "norrby", "--yes")
    file.write_text("Beteckning;Status;Pris\nNorrby 1:1;Bokad;100 000\nNorrby 1:3;Ledig;5\n", encoding="utf-8")
    result = run("plots", str(file), "--municipality", "norrby", "--yes")
    assert "1 new, 1 changed, 1 gone, 0 kept" in result.output
    assert "~ norrby-1-1: status: available → reserved" in result.output
    assert set(plots(tmp_path)) == {"norrby-1-1", "norrby-1-3"}


def test_a_dry_run_changes_nothing(run: Callable[..., Result], file: Path, tmp_path: Path) -> None:
    result = run("plots", str(file), "--municipality", "norrby", "--dry-run")
    assert result.exit_code == 0
    assert "nothing is changed" in result.output
    assert not (tmp_path / "data").exists()


def test_145_where_nobody_can_be_asked_yes_is_needed(run: Callable[..., Result], file: Path, tmp_path: Path) -> None:
    result = run("plots", str(file), "--municipality", "norrby")
    assert result.exit_code == 2
    assert "--yes" in result.output
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(("answer", "code", "count"), [(b"y\n", 0, 2), (b"n\n", 130, 0), (b"\n", 130, 0)])
def test_on_a_terminal_it_asks(
    knowledge_folder: Path, file: Path, tmp_path: Path, answer: bytes, code: int, count: int
) -> None:
    ours, theirs = pty.openpty()
    environment = {
        **os.environ,
        "PYTHONPATH": str(HERE.parent),
        "HEMVIST_KNOWLEDGE": str(knowledge_folder),
        "HEMVIST_DATA": str(tmp_path / "data"),
    }
    os.write(ours, answer)
    ended = subprocess.run(
        [sys.executable, "-m", "web", "import", "plots", str(file), "--municipality", "norrby"],
        stdin=theirs, capture_output=True, text=True, timeout=60, check=False, env=environment,
    )  # fmt: skip
    os.close(ours)
    os.close(theirs)
    assert "Take over 2 plots?" in ended.stdout
    assert ended.returncode == code
    assert len(plots(tmp_path)) == count


def test_all_or_nothing(run: Callable[..., Result], file: Path, tmp_path: Path) -> None:
    run("plots", str(file), "--municipality", "norrby", "--yes")
    file.write_text(CSV + "Norrby 1:3;Kanske;1,250\n", encoding="utf-8")
    result = run("plots", str(file), "--municipality", "norrby", "--yes")
    assert result.exit_code == 2
    assert "tomter.csv, row 4, Status: 'Kanske' is unknown" in result.output
    assert "tomter.csv, row 4, Pris: '1,250' may be 1.250 or 1250" in result.output
    assert len(plots(tmp_path)) == 2


def test_at_most_fifty_problems_are_shown(run: Callable[..., Result], file: Path) -> None:
    rows = "".join(f"N 1:{n};Kanske;\n" for n in range(80))
    file.write_text("Beteckning;Status;Pris\n" + rows, encoding="utf-8")
    result = run("plots", str(file), "--municipality", "norrby", "--yes")
    assert "… and 30 more" in result.output
    assert result.output.count("Kanske") == 50


def test_a_mapping_is_saved_and_given_again(run: Callable[..., Result], file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "map.yaml"
    run("plots", str(file), "--municipality", "norrby", "--dry-run", "--save-mapping", str(kept))
    kept.write_text(
        kept.read_text("utf-8").replace("status: Status", "status: null") + "constants:\n  status: upcoming\n"
    )
    again = run("plots", str(file), "--municipality", "norrby", "--yes", "--mapping", str(kept))
    assert again.exit_code == 0, again.output
    assert plots(tmp_path)["norrby-1-2"].status == "upcoming"
    refused = run("plots", str(file), "--municipality", "norrby", "--dry-run", "--save-mapping", str(kept))
    assert (refused.exit_code, "exists already" in refused.output) == (2, True)


def test_a_row_written_by_hand_wins_and_is_told(run: Callable[..., Result], file: Path, knowledge_folder: Path) -> None:
    layer = knowledge_folder / "municipalities/norrby/plots.yaml"
    layer.write_text("plots:\n  - id: norrby-1-1\n    status: sold\n", encoding="utf-8")
    result = run("plots", str(file), "--municipality", "norrby", "--yes")
    assert "written by hand, and shown instead of the imported row: norrby-1-1" in result.output


def test_a_row_of_two_sources_is_told(run: Callable[..., Result], file: Path) -> None:
    run("plots", str(file), "--municipality", "norrby", "--yes", "--source", "a")
    result = run("plots", str(file), "--municipality", "norrby", "--yes", "--source", "b")
    assert "also in another source, only one of them is shown: norrby-1-1, norrby-1-2" in result.output


REFUSED = {
    "no such municipality": (["--municipality", "nowhere"], 2, "known: norrby"),
    "no such system": (["--municipality", "norrby", "--crs", "3021"], 2, "3006"),
    "a source that is no id": (["--municipality", "norrby", "--source", "../x"], 2, "lower-case letters"),
    "no such mapping": (["--municipality", "norrby", "--mapping", "gone.yaml"], 1, "gone.yaml"),
    "no municipality": ([], 2, "--municipality"),
}


@pytest.mark.parametrize(("options", "code", "said"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_is_said(
    run: Callable[..., Result], file: Path, options: list[str], code: int, said: str
) -> None:
    result = run("plots", str(file), *options, "--yes")
    assert result.exit_code == code
    assert said in result.output + str(result.exception)


@pytest.mark.parametrize("url", ["https://evil.example/x.json", "file:///etc/passwd", "http://127.0.0.1/"])
def test_a_url_that_is_not_listed_is_an_error_in_words(run: Callable[..., Result], url: str, tmp_path: Path) -> None:
    result = run("plots", url, "--municipality", "norrby", "--yes")
    assert result.exit_code == 1
    assert "HEMVIST_FEED_HOSTS" in result.output or "only https" in result.output
    assert not (tmp_path / "data").exists()


def test_jobs_come_from_a_file_too(run: Callable[..., Result], tmp_path: Path) -> None:
    rss = tmp_path / "jobb.xml"
    rss.write_text(
        '<rss version="2.0"><channel><title>x</title><item><title>Kock</title><link>https://j.example/1</link>'
        "</item></channel></rss>",
        encoding="utf-8",
    )
    result = run("jobs", str(rss), "--municipality", "norrby", "--employer", "Norrby kommun", "--yes")
    assert result.exit_code == 0, result.output
    (job,) = read_feeds(tmp_path / "data").inventories["norrby"].jobs.values()
    assert (job.employer, job.url) == ("Norrby kommun", "https://j.example/1")


def test_jobs_of_another_municipality_are_left_out(run: Callable[..., Result]) -> None:
    result = run("jobs", str(FIXTURES / "jobsearch_search.json"), "--municipality", "norrby", "--dry-run")
    assert "1 advertisements lie in other municipalities" in result.output


# from a feed


def target_in(tmp_path: Path, kind: str = "jobs") -> Target:
    municipality = load(HERE / "knowledge").municipalities["norrby"]
    return find_target(tmp_path, municipality, kind, "jobsearch")


def page(first: int, count: int, total: int) -> bytes:
    hits = [
        {"id": str(n), "headline": f"Kock {n}", "employer": {"name": "X"}, "webpage_url": f"https://a.example/{n}"}
        for n in range(first, first + count)
    ]
    return json.dumps({"total": {"value": total}, "hits": hits}).encode()


class Jobsearch:
    """Answers as JobSearch does, `total` jobs in all; notes what it was asked."""

    def __init__(self, total: int, fails_at: int = -1) -> None:
        self.total, self.fails_at = total, fails_at
        self.asked: list[str] = []

    def __call__(self, url: str, guard: Guard, **_versions: object) -> Fetched:
        self.asked.append(url)
        offset = (len(self.asked) - 1) * 100
        if len(self.asked) - 1 == self.fails_at:
            raise FeedError("the server answers 500")
        return Fetched(page(offset, max(0, min(100, self.total - offset)), self.total))


@pytest.mark.parametrize(
    ("total", "pages", "count"), [(0, 1, 0), (1, 1, 1), (100, 1, 100), (101, 2, 101), (5_000, 21, 2_100)]
)
def test_jobsearch_is_asked_page_by_page(tmp_path: Path, total: int, pages: int, count: int) -> None:
    asked = Jobsearch(total)
    incoming = take_jobsearch(target_in(tmp_path), load(HERE / "knowledge"), NOW, asked, GUARD)
    assert (len(asked.asked), len(incoming.records)) == (pages, count)
    assert asked.asked[0] == f"{JOBSEARCH}?municipality=9901&offset=0&limit=100"
    assert bool(incoming.notes) == (total > 2_100)


def test_a_page_that_fails_fails_all(tmp_path: Path) -> None:
    with pytest.raises(FeedError):
        take_jobsearch(target_in(tmp_path), load(HERE / "knowledge"), NOW, Jobsearch(300, fails_at=2), GUARD)


def test_f23_no_rows_in_the_place_of_some_are_refused(tmp_path: Path) -> None:
    knowledge = load(HERE / "knowledge")
    target = target_in(tmp_path)
    put(target, take_jobsearch(target, knowledge, NOW, Jobsearch(3), GUARD), None, NOW)
    target = target_in(tmp_path)
    with pytest.raises(ImportRefusedError, match="3 now; they stay"):
        diff(target, take_jobsearch(target, knowledge, NOW, Jobsearch(0), GUARD), knowledge)


def test_f23_a_truncated_answer_leaves_the_last_rows(tmp_path: Path) -> None:
    knowledge = load(HERE / "knowledge")
    target = target_in(tmp_path)
    given = obtain("https://j.example/a", target, lambda *_a, **_k: Fetched(page(0, 2, 2), '"v1"', "then"), GUARD)
    put(target, take_jobs(given, target, knowledge, NOW, None), given, NOW)
    cut = obtain("https://j.example/a", target, lambda *_a, **_k: Fetched(page(0, 2, 2)[:-9]), GUARD)
    with pytest.raises(ExchangeError):
        take_jobs(cut, target, knowledge, NOW, None)
    assert set(read_feed(target.path, "jobs").rows) == {"af-0", "af-1"}


def test_the_version_that_is_there_is_named_and_kept_where_nothing_has_changed(tmp_path: Path) -> None:
    knowledge = load(HERE / "knowledge")
    target = target_in(tmp_path)
    given = obtain("https://j.example/a", target, lambda *_a, **_k: Fetched(page(0, 2, 2), '"v1"', "then"), GUARD)
    put(target, take_jobs(given, target, knowledge, NOW, None), given, NOW)
    target = target_in(tmp_path)
    named: dict[str, object] = {}

    def unchanged(_url: str, _guard: Guard, **versions: object) -> Fetched:
        named.update(versions)
        return Fetched(None)

    assert obtain("https://j.example/a", target, unchanged, GUARD).data is None
    assert named == {"etag": '"v1"', "modified": "then"}
    later = NOW.replace(day=23)
    put_unchanged(target, later)
    after = read_feed(target.path, "jobs")
    assert (after.head.fetched, after.head.etag) == (later, '"v1"')
    assert after.rows["af-0"].source.copied == later.date()


def test_another_url_of_the_same_source_is_asked_for_whole(tmp_path: Path) -> None:
    target = target_in(tmp_path)
    given = obtain("https://j.example/a", target, lambda *_a, **_k: Fetched(page(0, 2, 2), '"v1"'), GUARD)
    put(target, take_jobs(given, target, load(HERE / "knowledge"), NOW, None), given, NOW)
    named: dict[str, object] = {}

    def note(_url: str, _guard: Guard, **versions: object) -> Fetched:
        named.update(versions)
        return Fetched(b"x")

    obtain("https://j.example/b", target_in(tmp_path), note, GUARD)
    assert named == {"etag": None, "modified": None}


def test_92_a_large_file_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(20_000_001)
    with pytest.raises(FeedError, match="larger than 20000000"):
        obtain(str(path), target_in(tmp_path, "plots"), lambda *_a, **_k: Fetched(b""), GUARD)


@pytest.mark.parametrize(
    ("given", "source"),
    [
        ("https://gi.karlstad.se/geoserver/wfs?x=y", "gi-karlstad-se"),
        ("/tmp/Lediga tomter 2026.xlsx", "lediga-tomter-2026"),  # noqa: S108 - a name, nothing is written
        ("åäö.csv", "aao"),
    ],
)
def test_a_source_is_called_by_its_host_or_file(given: str, source: str) -> None:
    assert source_of(given) == source


# what is run every hour, and the large file


@pytest.mark.parametrize("name", ["hemvist-import.service", "hemvist.cron"])
def test_the_command_that_is_run_every_hour_is_one(name: str) -> None:
    text = (HERE.parent / "web" / "deploy" / name).read_text(encoding="utf-8")
    lines = [line.partition("bin/hemvist ")[2] for line in text.splitlines() if "bin/hemvist import" in line]
    assert lines
    for line in lines:
        _, *words = line.partition(">")[0].split()
        command = import_.command.commands[words.pop(0)]
        assert command.make_context("import", words).params["municipality"] == "vindeln"


def test_ten_thousand_plots_are_taken_over_and_measured() -> None:
    cost = measure_import(read_settings({"HEMVIST_KNOWLEDGE": str(HERE / "knowledge")}))
    assert cost.plots == 10_000
    assert cost.seconds > 0
    assert cost.peak_megabytes <= 200
