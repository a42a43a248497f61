"""Files of imported rows: swapped whole, read each for itself, served beside the knowledge within seconds."""

import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from flask import Flask

from bot import KnowledgeError, Localized, Plot
from bot.inventory import Job
from web.feed_files import FeedFile, Head, note_failure, overdue, path_of, read_feed, read_feeds, write_feed
from web.services import KnowledgeService

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=timezone(timedelta(hours=1)))
HEAD = Head("tomter", NOW, "https://data.example/tomter", '"v1"', None)
PLOT = Plot("a-1", "available", "A 1")
JOB = Job("j-1", Localized("Kock"), "X", deadline=date(2027, 1, 1))


def put(data: Path, *ids: str, municipality: str = "norrby", source: str = "tomter") -> Path:
    path = path_of(data, municipality, "plots", source)
    write_feed(path, HEAD, [Plot(one, "available", source) for one in ids])
    return path


def test_rows_are_read_back_with_their_head(tmp_path: Path) -> None:
    path = path_of(tmp_path / "data", "norrby", "jobs", "jobsearch")
    write_feed(path, HEAD, [JOB])
    assert path == tmp_path / "data/feeds/norrby/jobs-jobsearch.jsonl"
    assert read_feed(path, "jobs") == FeedFile("norrby", "jobs", HEAD, {"j-1": JOB})
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700
    assert [found.name for found in path.parent.iterdir()] == [path.name]


def test_the_rows_of_all_sources_come_by_municipality(tmp_path: Path) -> None:
    put(tmp_path, "a", "b")
    put(tmp_path, "b", "c", source="andra")
    put(tmp_path, "d", municipality="ostby")
    write_feed(path_of(tmp_path, "norrby", "jobs", "jobsearch"), HEAD, [JOB])
    found = read_feeds(tmp_path).inventories
    assert set(found["norrby"].plots) == {"a", "b", "c"}
    assert set(found["norrby"].jobs) == {"j-1"}
    assert set(found["ostby"].plots) == {"d"}
    assert found["norrby"].plots["b"].designation == "andra"


def test_no_folder_is_no_rows(tmp_path: Path) -> None:
    assert read_feeds(tmp_path / "nowhere").inventories == {}
    assert read_feeds(tmp_path / "nowhere").problems == ()


BROKEN = {
    "empty": b"",
    "no head": b'{"id":"a","status":"sold"}\n',
    "cut": b'{"source":"x","fetched":"2026-11-22T08:00:00+01:00"}\n{"id":"a","sta',
    "a row of another kind": b'{"source":"x","fetched":"2026-11-22T08:00:00+01:00"}\n{"id":"a"}\n',
    "no text": b"\xff\xfe\x00",
    "zeros": b"\x00" * 100,
}


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_a_problem_and_the_others_stay(tmp_path: Path, data: bytes) -> None:
    path = put(tmp_path, "a")
    put(tmp_path, "b", source="andra")
    before = read_feeds(tmp_path)
    path.write_bytes(data)
    alone, with_memory = read_feeds(tmp_path), read_feeds(tmp_path, before)
    assert set(alone.inventories["norrby"].plots) == {"b"}
    assert set(with_memory.inventories["norrby"].plots) == {"a", "b"}
    assert {problem.file for problem in alone.problems} == {"feeds/norrby/plots-tomter.jsonl"}
    with pytest.raises(KnowledgeError):
        read_feed(path, "plots")


def test_a_name_that_says_no_kind_is_a_problem(tmp_path: Path) -> None:
    put(tmp_path, "a").rename(tmp_path / "feeds/norrby/tomter.jsonl")
    (problem,) = read_feeds(tmp_path).problems
    assert "must begin with plots- or jobs-" in str(problem)


def test_half_written_files_are_nobodys_rows(tmp_path: Path) -> None:
    put(tmp_path, "a").with_name(".plots-x.jsonl").write_text("half")
    assert read_feeds(tmp_path).problems == ()


def test_f23_a_source_that_fails_for_more_than_a_day_is_told_until_it_comes_again(tmp_path: Path) -> None:
    path = put(tmp_path, "a")
    note_failure(path, "the server answers 500", NOW)
    note_failure(path, "the server answers 503", NOW + timedelta(hours=23))
    assert overdue(tmp_path, NOW + timedelta(hours=24)) == []
    (problem,) = overdue(tmp_path, NOW + timedelta(hours=25))
    assert "not renewed since 2026-11-22T08:00:00+01:00: the server answers 503" in str(problem)
    put(tmp_path, "a")
    assert overdue(tmp_path, NOW + timedelta(hours=25)) == []


# served


@pytest.fixture
def service(knowledge_folder: Path, tmp_path: Path) -> Iterator[KnowledgeService]:
    made = KnowledgeService(knowledge_folder, data=tmp_path / "data", interval=0.02)
    yield made
    made.close()


def plots(service: KnowledgeService) -> set[str]:
    return set(service.assistant.knowledge.view("norrby").inventory.plots)


def test_imported_rows_are_served_within_seconds(service: KnowledgeService, tmp_path: Path) -> None:
    before = plots(service)
    service.watch()
    put(tmp_path / "data", "imported-1")
    limit = time.monotonic() + 10
    while plots(service) != {*before, "imported-1"}:
        assert time.monotonic() < limit
        time.sleep(0.01)


def test_removed_files_are_no_longer_served(service: KnowledgeService, tmp_path: Path) -> None:
    before = plots(service)
    path = put(tmp_path / "data", "imported-1")
    service.refresh()
    path.unlink()
    service.refresh()
    assert plots(service) == before


def test_a_row_written_by_hand_wins(service: KnowledgeService, knowledge_folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "data", "imported-1")
    layer = knowledge_folder / "municipalities/norrby/plots.yaml"
    layer.write_text("plots:\n  - id: imported-1\n    status: sold\n", encoding="utf-8")
    service.refresh()
    assert service.problems == ()
    assert service.assistant.knowledge.view("norrby").inventory.plots["imported-1"].status == "sold"


def test_a_broken_file_takes_nothing_down_and_its_last_rows_stay(service: KnowledgeService, tmp_path: Path) -> None:
    path = put(tmp_path / "data", "imported-1")
    service.refresh()
    path.write_text("broken", encoding="utf-8")
    service.refresh()
    assert "imported-1" in plots(service)
    assert "feeds/norrby/plots-tomter.jsonl:1:1" in str(service.problems[0])
    put(tmp_path / "data", "imported-2")
    service.refresh()
    assert service.problems == ()
    assert "imported-1" not in plots(service)


def test_a_broken_file_at_the_start_is_told_and_the_knowledge_served(knowledge_folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "data", "a").write_text("broken", encoding="utf-8")
    made = KnowledgeService(knowledge_folder, data=tmp_path / "data")
    assert made.problems
    assert made.assistant.knowledge.municipalities


def test_readyz_tells_of_a_broken_file_and_of_a_source_that_fails(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    path = put(tmp_path, "a")
    note_failure(path, "the server answers 500", NOW - timedelta(days=400))
    app = make_app(HEMVIST_DATA=str(tmp_path))
    path.write_text("broken", encoding="utf-8")
    app.extensions["hemvist"].knowledge.refresh()
    ready = app.test_client().get("/readyz").json
    assert ready["status"] == "degraded"
    assert [problem.split(":")[0] for problem in ready["problems"]] == [
        "feeds/norrby/plots-tomter.jsonl", "feeds/norrby/plots-tomter.failed",
    ]  # fmt: skip
