"""Knowledge is taken up when its files change, and a broken file never takes down what runs."""

import gc
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from bot import Assistant, KnowledgeError, Question, load
from web.services import KnowledgeService

DAY = date(2026, 11, 22)

HOUSING = "municipalities/norrby/housing.yaml"


def change(folder: Path, before: str, after: str, *, file: str = HOUSING) -> None:
    path = folder / file
    path.write_text(path.read_text("utf-8").replace(before, after), "utf-8")


def entries(service: KnowledgeService, municipality: str = "norrby") -> dict:
    return dict(service.assistant.knowledge.view(municipality).entries)


def answer(service: KnowledgeService) -> str:
    return entries(service)["plots"].answer.sv


@pytest.fixture
def service(knowledge_folder: Path) -> Iterator[KnowledgeService]:
    made = KnowledgeService(knowledge_folder, interval=0.02)
    yield made
    made.close()


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    limit = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < limit, "it did not happen"
        time.sleep(0.01)


def test_changed_file_is_served_after_a_refresh(service: KnowledgeService, knowledge_folder: Path) -> None:
    change(knowledge_folder, "**tolv**", "**nio**")
    service.refresh()
    assert "nio" in answer(service)
    assert service.problems == ()


def test_whatever_was_indexed_is_indexed_again_before_it_is_served(
    service: KnowledgeService, knowledge_folder: Path
) -> None:
    for municipality in ("norrby", "ostby", "soderby"):
        service.reply(Question("hej", municipality, DAY))
    before = service.assistant.ready
    change(knowledge_folder, "- hej på dig", "- hejsan på dig", file="national/assistant.yaml")
    change(knowledge_folder, "**tolv**", "**nio**")
    service.refresh()
    assert "nio" in answer(service)
    assert {*service.assistant.ready} == {*before} == {"norrby", "ostby", "soderby"}


def test_unchanged_files_build_nothing(service: KnowledgeService) -> None:
    before = service.assistant
    service.refresh()
    assert service.assistant is before


def test_new_and_removed_files_are_noticed(service: KnowledgeService, knowledge_folder: Path) -> None:
    shutil.copytree(knowledge_folder / "municipalities/ostby", knowledge_folder / "municipalities/vastby")
    change(knowledge_folder, "id: ostby", "id: vastby", file="municipalities/vastby/municipality.yaml")
    service.refresh()
    assert "vastby" in service.assistant.knowledge.municipalities
    shutil.rmtree(knowledge_folder / "municipalities/vastby")
    service.refresh()
    assert "vastby" not in service.assistant.knowledge.municipalities


def test_broken_file_keeps_the_last_good_knowledge_and_says_where(
    service: KnowledgeService, knowledge_folder: Path
) -> None:
    change(knowledge_folder, "  - id: plots", "  - id: Plots!")
    change(knowledge_folder, "    owner: building", "    ownr: building")
    service.refresh()
    assert "tolv" in answer(service)
    assert {(problem.file, problem.line) for problem in service.problems} >= {(HOUSING, 2)}
    assert len(service.problems) >= 2


def test_mended_file_is_served_and_the_problems_are_gone(service: KnowledgeService, knowledge_folder: Path) -> None:
    change(knowledge_folder, "**tolv**", "\ttolv: : {")
    (knowledge_folder / HOUSING).write_text("entries: [")
    service.refresh()
    assert service.problems
    shutil.copy(Path(__file__).parent / "knowledge" / HOUSING, knowledge_folder / HOUSING)
    change(knowledge_folder, "**tolv**", "**nio**")
    service.refresh()
    assert service.problems == ()
    assert "nio" in answer(service)


def test_broken_file_is_judged_once(knowledge_folder: Path) -> None:
    built: list[Path] = []

    def build(folder: Path) -> Assistant:
        built.append(folder)
        return Assistant(load(folder))

    service = KnowledgeService(knowledge_folder, build=build)
    (knowledge_folder / HOUSING).write_text("entries: [")
    for _ in range(3):
        service.refresh()
    assert len(built) == 2


def test_fault_in_building_keeps_the_last_good_knowledge(knowledge_folder: Path) -> None:
    assistants = iter([Assistant(load(knowledge_folder))])
    service = KnowledgeService(knowledge_folder, build=lambda _folder: next(assistants))
    change(knowledge_folder, "**tolv**", "**nio**")
    service.refresh()
    assert "tolv" in answer(service)
    assert "StopIteration while building" in str(service.problems[0])


class Recorder:
    """An assistant that notes whom it was asked about."""

    def __init__(self, folder: Path) -> None:
        self.knowledge = load(folder)
        self.asked: list[str] = []

        self.ready: list[str] = []

    def reply(self, question: Question) -> None:
        self.asked.append(question.municipality)

    def make_ready(self, municipality: str) -> None:
        self.ready.append(municipality)


def test_what_is_asked_here_is_prepared_before_it_is_served(knowledge_folder: Path) -> None:
    service = KnowledgeService(knowledge_folder, build=Recorder)
    assert service.assistant.asked == ["norrby"]
    service.remember("ostby")
    service.remember("soderby")
    change(knowledge_folder, "**tolv**", "**nio**")
    service.refresh()
    assert service.assistant.asked == ["soderby"]
    assert service.assistant.ready == ["ostby"]


def test_municipality_that_is_gone_is_not_prepared(knowledge_folder: Path) -> None:
    service = KnowledgeService(knowledge_folder, build=Recorder)
    service.remember("ostby")
    shutil.rmtree(knowledge_folder / "municipalities/ostby")
    service.refresh()
    assert (service.assistant.asked, service.problems) == (["norrby"], ())


def test_folder_that_vanishes_and_returns_takes_nothing_down(service: KnowledgeService, knowledge_folder: Path) -> None:
    away = knowledge_folder.rename(knowledge_folder.with_name("away"))
    service.refresh()
    assert "tolv" in answer(service)
    assert "cannot be read" in str(service.problems[0])
    away.rename(knowledge_folder)
    service.refresh()
    assert service.problems == ()


def test_emptied_folder_takes_nothing_down(service: KnowledgeService, knowledge_folder: Path) -> None:
    for path in knowledge_folder.iterdir():
        shutil.rmtree(path)
    service.refresh()
    assert "tolv" in answer(service)
    assert service.problems


@contextmanager
def unreadable(folder: Path) -> Iterator[None]:
    """Take the right to read `folder` away, also where the tests run as root."""
    mode = folder.stat().st_mode
    folder.chmod(0)
    uid = os.geteuid()
    if uid == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(uid)
        folder.chmod(mode)


def test_unreadable_layer_is_not_taken_for_an_empty_one(service: KnowledgeService, knowledge_folder: Path) -> None:
    with unreadable(knowledge_folder / "national"):
        service.refresh()
        assert "moving-checklist" in entries(service)
        assert "cannot be read" in str(service.problems[0])
    service.refresh()
    assert service.problems == ()


def test_unreadable_file_that_gets_its_rights_back_is_served(service: KnowledgeService, knowledge_folder: Path) -> None:
    change(knowledge_folder, "**tolv**", "**nio**")
    with unreadable(knowledge_folder / HOUSING):
        service.refresh()
        assert service.problems
    service.refresh()
    assert service.problems == ()
    assert "nio" in answer(service)


def test_editors_lock_files_are_nobodys_knowledge(service: KnowledgeService, knowledge_folder: Path) -> None:
    (knowledge_folder / "national" / ".#moving.yaml").symlink_to("nobody@nowhere.1234")
    service.refresh()
    assert service.problems == ()


def test_files_that_come_and_go_while_they_are_read_take_nothing_down(
    service: KnowledgeService, knowledge_folder: Path
) -> None:
    done = threading.Event()
    path = knowledge_folder / "national" / "flicker.yaml"

    def flicker() -> None:
        while not done.is_set():
            path.write_text("entries: []\n")
            path.unlink()

    flickering = threading.Thread(target=flicker)
    flickering.start()
    limit = time.monotonic() + 1
    while time.monotonic() < limit:
        service.refresh()
        assert "tolv" in answer(service)
    done.set()
    flickering.join()
    service.refresh()
    assert service.problems == ()


def test_broken_folder_at_the_start_lists_every_problem(knowledge_folder: Path) -> None:
    (knowledge_folder / HOUSING).write_text("entries: [")
    change(knowledge_folder, 'code: "9902"', "code: x", file="municipalities/soderby/municipality.yaml")
    with pytest.raises(KnowledgeError) as raised:
        KnowledgeService(knowledge_folder)
    files = {problem.file for problem in raised.value.problems}
    assert {HOUSING, "municipalities/soderby/municipality.yaml"} <= files


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_no_knowledge_at_the_start_is_a_problem(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(KnowledgeError):
        KnowledgeService(tmp_path / name)


# the watcher


def test_watcher_takes_up_a_change(service: KnowledgeService, knowledge_folder: Path) -> None:
    service.watch()
    change(knowledge_folder, "**tolv**", "**nio**")
    until(lambda: "nio" in answer(service))


def test_watcher_outlives_a_broken_file(service: KnowledgeService, knowledge_folder: Path) -> None:
    service.watch()
    whole = (knowledge_folder / HOUSING).read_text("utf-8")
    (knowledge_folder / HOUSING).write_text("entries: [")
    until(lambda: service.problems)
    (knowledge_folder / HOUSING).write_text(whole.replace("**tolv**", "**nio**"), "utf-8")
    until(lambda: "nio" in answer(service) and not service.problems)


def test_file_that_is_still_being_written_is_left_until_it_rests(
    service: KnowledgeService, knowledge_folder: Path
) -> None:
    seen = service.refresh_when_settled(None)
    (knowledge_folder / HOUSING).write_text("entries: [")
    seen = service.refresh_when_settled(seen)
    assert service.problems == ()
    service.refresh_when_settled(seen)
    assert service.problems


def test_one_process_has_one_watcher(service: KnowledgeService) -> None:
    before = threading.active_count()
    for _ in range(5):
        service.watch()
    assert threading.active_count() == before + 1


def test_forgotten_services_leave_no_threads_and_no_files_open() -> None:
    def make_and_forget() -> None:
        service = KnowledgeService(Path(__file__).parent / "knowledge", interval=0.01)
        service.watch()

    make_and_forget()
    gc.collect()
    threads, files = threading.active_count(), open_files()
    for _ in range(20):
        make_and_forget()
    gc.collect()
    until(lambda: threading.active_count() <= threads and open_files() <= files)


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


# over HTTP


def test_readyz_names_the_line_and_the_chat_answers_on(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    app = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder))
    client = app.test_client()
    (knowledge_folder / HOUSING).write_text("entries:\n  - id: plots\n    anwser: x\n")
    app.extensions["hemvist"].knowledge.refresh()
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["status"], ready.json["municipalities"]) == (200, "degraded", 3)
    assert ready.json["problems"][0].startswith(f"{HOUSING}:3:5: ")
    chat = client.post("/api/v1/chat", json={"question": "Vilka tomter är lediga i Norrby?", "municipality": "norrby"})
    assert "tolv" in chat.json["text"]


def test_requests_during_changes_all_succeed(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    app = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder))
    client, service = app.test_client(), app.extensions["hemvist"].knowledge
    whole = (knowledge_folder / HOUSING).read_text("utf-8")
    statuses = set()
    for text in (whole, "entries: [", whole + "\n", "", whole):
        (knowledge_folder / HOUSING).write_text(text, "utf-8")
        refreshing = threading.Thread(target=service.refresh)
        refreshing.start()
        while refreshing.is_alive():
            reply = client.post("/api/v1/chat", json={"question": "lediga tomter", "municipality": "norrby"})
            statuses.add(reply.status_code)
        refreshing.join()
    assert statuses <= {200}
