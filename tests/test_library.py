"""What a municipality has is read when it is asked for, and no more is kept than there is room for."""

import re
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask

from bot import (
    Assistant,
    Key,
    KnowledgeError,
    Library,
    Question,
    Recent,
    View,
    lay_over,
    load,
    load_as_asked,
    neighbour_of,
)
from bot.dialogue.assistant import build_index
from bot.matching.index import Index
from web.services import KnowledgeService, get_services

DAY = date(2026, 11, 22)
HOUSING = "municipalities/norrby/housing.yaml"
QUESTIONS = ("Vilka tomter är lediga?", "jag vill bygga hus", "qwerty", "Vad gäller för tomter i Söderby?")


def many(folder: Path, count: int) -> list[str]:
    """Add municipalities like ostby, more than are read before a start."""
    names = [f"by{number:02}" for number in range(count)]
    for name in names:
        shutil.copytree(folder / "municipalities/ostby", folder / "municipalities" / name)
        settings = folder / "municipalities" / name / "municipality.yaml"
        settings.write_text(settings.read_text("utf-8").replace("id: ostby", f"id: {name}"), "utf-8")
    return names


def lay(folder: Path, municipality: str, *groups: str) -> None:
    """Have a municipality belong to these groups alone."""
    path = folder / "municipalities" / municipality / "municipality.yaml"
    text = re.sub(r"groups:\n(?:  - .*\n)+|groups: .*\n", f"groups: [{', '.join(groups)}]\n", path.read_text("utf-8"))
    path.write_text(text, "utf-8")


def replies(assistant: Assistant, municipality: str) -> list[object]:
    return [assistant.reply(Question(text, municipality, DAY)) for text in QUESTIONS]


def in_memory(assistant: Assistant) -> list[str]:
    shelf = assistant.knowledge.shelf
    return [name.rpartition("/")[2] for name in shelf.sources if shelf.is_read(name)]


def test_what_was_asked_for_the_longest_ago_is_dropped() -> None:
    made: list[str] = []
    recent: Recent[str, str] = Recent(2)
    for name in ("one", "two", "one", "three", "one", "two"):
        assert recent.get(name, lambda name=name: made.append(name) or name) == name
    assert made == ["one", "two", "three", "two"]
    assert [name for name, _ in recent.items()] == ["one", "two"]


def test_nothing_of_a_municipality_is_read_before_it_is_asked_for(knowledge_folder: Path) -> None:
    many(knowledge_folder, 60)
    assistant = Assistant(load_as_asked(knowledge_folder))
    assert len(assistant.knowledge.municipalities) == 63
    assert in_memory(assistant) == []
    replies(assistant, "norrby")
    assert "norrby" in in_memory(assistant)
    assert "by07" not in in_memory(assistant)


def test_answers_are_the_same_after_being_dropped(knowledge_folder: Path) -> None:
    roomy, narrow = Assistant(load(knowledge_folder)), Assistant(load(knowledge_folder, 1))
    for name in ("norrby", "soderby", "ostby", "norrby", "soderby"):
        assert replies(narrow, name) == replies(roomy, name)
        assert len(in_memory(narrow)) == 1


def test_faults_of_one_municipality_stop_no_other(knowledge_folder: Path) -> None:
    many(knowledge_folder, 20)
    whole = load(knowledge_folder)
    (knowledge_folder / HOUSING).write_text("entries:\n  - id: [\n")
    library = Library(knowledge_folder)
    assistant = Assistant(library.open())
    assert library.problems == ()
    assert replies(assistant, "soderby") == replies(Assistant(whole), "soderby")
    assert {reply.kind for reply in replies(assistant, "norrby")}
    assert {problem.file for problem in library.problems} == {HOUSING}
    library.check_all()
    assert {problem.file for problem in library.problems} == {HOUSING}
    assert library.unchecked == []


def test_a_small_folder_is_read_whole_and_tells_every_problem_at_once(knowledge_folder: Path) -> None:
    (knowledge_folder / HOUSING).write_text("entries:\n  - id: [\n")
    with pytest.raises(KnowledgeError, match=HOUSING):
        Library(knowledge_folder).open()


def test_settings_that_cannot_be_read_are_told_to_those_who_go_by_them(knowledge_folder: Path) -> None:
    many(knowledge_folder, 20)
    (knowledge_folder / "municipalities/by03/municipality.yaml").write_text("id: by03\n")
    with pytest.raises(KnowledgeError, match="by03"):
        load_as_asked(knowledge_folder)


def test_readyz_names_the_faults_of_what_nobody_asked(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    many(knowledge_folder, 60)
    (knowledge_folder / HOUSING).write_text("entries:\n  - id: [\n")
    app = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder))
    client = app.test_client()
    with app.app_context():
        assert client.get("/readyz").json["unread"] == 62
        for _ in range(62):
            get_services().knowledge.check_next()
    found = client.get("/readyz").json
    assert found["unread"] == 0
    assert found["status"] == "degraded"
    assert found["problems"][0].startswith(HOUSING)
    assert client.post("/api/v1/chat", json={"question": "tomter", "municipality": "soderby"}).status_code == 200
    with app.app_context():
        get_services().close()


def test_pages_for_all_read_nobody(make_app: Callable[..., Flask], knowledge_folder: Path) -> None:
    many(knowledge_folder, 20)
    app = make_app(HEMVIST_KNOWLEDGE=str(knowledge_folder), HEMVIST_RESIDENT="2")
    client = app.test_client()
    for path in ("/", "/embed.js", "/readyz", "/norrby/sv/"):
        assert client.get(path, follow_redirects=True).status_code == 200
    with app.app_context():
        assert len(in_memory(get_services().knowledge.assistant)) <= 2
        get_services().close()


def test_an_edit_rebuilds_only_what_it_touches(knowledge_folder: Path) -> None:
    service = KnowledgeService(knowledge_folder)
    before = service.assistant
    indexes = {name: before.index(name) for name in ("norrby", "soderby")}
    path = knowledge_folder / HOUSING
    path.write_text(path.read_text("utf-8").replace("**tolv**", "**nio**"), "utf-8")
    service.refresh()
    assert service.assistant.index("soderby") is indexes["soderby"]
    assert service.assistant.index("norrby") is not indexes["norrby"]
    assert service.assistant.index("norrby").base is indexes["norrby"].base


def test_what_is_laid_over_is_laid_when_it_is_asked_for(knowledge_folder: Path) -> None:
    many(knowledge_folder, 20)
    knowledge = load_as_asked(knowledge_folder)
    laid = lay_over(knowledge, {Key("municipalities/norrby", "entry", "plots"): None})
    assert not laid.shelf.is_read("municipalities/norrby")
    assert "plots" in knowledge.layers["municipalities/norrby"].entries
    assert "plots" not in laid.layers["municipalities/norrby"].entries
    assert not knowledge.lays_the_same(laid, "norrby")
    assert knowledge.lays_the_same(laid, "soderby")


def test_of_a_country_the_names_of_those_who_cooperate_are_known(knowledge_folder: Path) -> None:
    small = Assistant(load_as_asked(knowledge_folder))
    many(knowledge_folder, 60)
    country = Assistant(load_as_asked(knowledge_folder))
    asked = Question("tomter i Lillnäs", "norrby", DAY)
    assert replies(country, "norrby") == replies(small, "norrby")
    assert in_memory(country) == ["norrby", "soderby"]
    reply = country.reply(asked)
    assert reply == small.reply(asked)
    assert neighbour_of(reply).id == "soderby"
    assert not neighbour_of(country.reply(replace(asked, municipality="by07")))


def test_what_a_group_changes_of_another_is_judged_for_all_its_members(knowledge_folder: Path) -> None:
    """Norrby has both groups; soderby, which has the inner one alone, sees a change of nothing."""
    added = {
        "groups/outer/more.yaml": "entries:\n  - id: guides\n    questions: {sv: [finns det guider]}\n",
        "groups/inner/more.yaml": "entries:\n  - id: guides\n    links: [{url: https://a.example, label: {sv: A}}]\n",
    }
    for name, text in added.items():
        (knowledge_folder / name).parent.mkdir(exist_ok=True)
        (knowledge_folder / name).write_text(text)
    lay(knowledge_folder, "soderby", "inner")
    lay(knowledge_folder, "norrby", "inner")
    with pytest.raises(KnowledgeError, match="groups/inner/more"):
        load(knowledge_folder)
    lay(knowledge_folder, "norrby", "outer", "inner")
    assert load(knowledge_folder).view("soderby").entries["guides"].links


def test_a_group_that_is_laid_on_another_brings_it_along(knowledge_folder: Path) -> None:
    for group in ("outer", "inner"):
        (knowledge_folder / "groups" / group).mkdir()
    lay(knowledge_folder, "norrby", "inner")
    library = Library(knowledge_folder)
    assert library.open().members["norrby"].groups == ("inner",)
    (knowledge_folder / "groups/inner/group.yaml").write_text("id: inner\ngroups: [outer]\n")
    assert library.read().members["norrby"].groups == ("outer", "inner")
    (knowledge_folder / "groups/outer/group.yaml").write_text("id: outer\ngroups: [inner]\n")
    with pytest.raises(KnowledgeError, match="outer"):
        library.read()
    assert library.unchecked == []


def test_who_asks_what_is_not_in_memory_holds_up_nobody(
    knowledge_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = KnowledgeService(knowledge_folder)
    home, other = Question(QUESTIONS[0], "norrby", DAY), Question(QUESTIONS[0], "ostby", DAY)
    service.reply(home)
    reached, let_go = threading.Event(), threading.Event()

    def slow(view: View, shared: Index) -> Index:
        reached.set()
        assert let_go.wait(20)
        return build_index(view, shared)

    monkeypatch.setattr("bot.dialogue.assistant.build_index", slow)
    with ThreadPoolExecutor(2) as visitors:
        waiting = visitors.submit(service.reply, other)
        assert reached.wait(20)
        assert visitors.submit(service.reply, home).result(20) == service.assistant.reply(home)
        assert not waiting.done()
        let_go.set()
        assert waiting.result(20) == service.assistant.reply(other)


def test_one_answer_is_worked_out_at_a_time(knowledge_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service, at_once, most = KnowledgeService(knowledge_folder), [], []
    replied = Assistant.reply

    def watched(self: Assistant, question: Question) -> object:
        at_once.append(question)
        most.append(len(at_once))
        time.sleep(0.005)
        found = replied(self, question)
        at_once.remove(question)
        return found

    monkeypatch.setattr(Assistant, "reply", watched)
    asked = [Question(f"{text} {number}", "norrby", DAY) for text in QUESTIONS for number in range(4)]
    with ThreadPoolExecutor(8) as visitors:
        assert len([*visitors.map(service.reply, asked)]) == len(asked)
    assert max(most) == 1
