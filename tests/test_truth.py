"""Where the truth is: what staff publish, what somebody writes into files by hand, and what visitors are told."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from bot import Entry, Key, KnowledgeError
from bot.models import AnswerTexts, Contact, Phrases
from bot.values import Localized
from web import truth as truths
from web.abreast import is_abreast
from web.folder import Folder
from web.judging import Standing, judge
from web.revising import Edit, Revising, StaleError
from web.services import KnowledgeService
from web.settings import Settings
from web.store.access import Store
from web.store.errors import StoreError
from web.store.revision_tables import RevisionRow
from web.store.revisions import Newest, Revision, become_another
from web.truth import Truth

NORRBY = "municipalities/norrby"
HOUSING = f"{NORRBY}/housing.yaml"
PLOTS = Key(NORRBY, "entry", "plots")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.nightly)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The second database is for the night."""
    return str(request.param)


class Server:
    """One process: its folder, its truth, and the knowledge that it serves."""

    def __init__(self, settings: Settings, folder: Path, *, is_read_only: bool = False) -> None:
        self.folder = folder
        self.audited: list[tuple[Revision, Revision | None]] = []
        self.audit_fails = False
        self.truth = Truth(lambda: Store(settings), Folder(folder, is_read_only=is_read_only), settings.data)
        self.service = KnowledgeService(folder, interval=0.05, truth=lambda: self.truth)
        self.revising = Revising(self.truth, lambda: self.service.assistant.knowledge, self.audit)
        self.service.refresh()

    def audit(self, connection: Connection, made: Revision, before: Revision | None) -> None:
        if self.audit_fails:
            raise OSError("the audit cannot be written")
        assert connection.in_transaction()
        self.audited.append((made, before))

    def served(self, entry: str = "plots", municipality: str = "norrby") -> Entry | None:
        self.service.refresh()
        return self.service.assistant.knowledge.view(municipality).entries.get(entry)

    def answer(self) -> str:
        found = self.served()
        return found.answer.sv if found else ""

    def file(self, name: str = HOUSING) -> str:
        return (self.folder / name).read_text("utf-8")

    def change(self, old: str, new: str, name: str = HOUSING) -> None:
        found = self.file(name)
        assert old in found
        (self.folder / name).write_text(found.replace(old, new), "utf-8")

    def edit(self, text: str, key: Key = PLOTS, **more: Any) -> Edit:
        now = self.revising.current(key)
        item = replace(now.item, answer=replace(now.item.answer, sv=text))
        return Edit(key, item, "anna@norrby.example", now.based_on, **more)

    def publish(self, text: str) -> Revision:
        return self.revising.publish(self.edit(text))


@pytest.fixture
def start(store_settings: Settings, tmp_path: Path, knowledge_folder: Path) -> Iterator[Callable[..., Server]]:
    started: list[Server] = []

    def make(name: str = "", **more: Any) -> Server:
        folder = knowledge_folder
        if name:
            folder = Path(shutil.copytree(knowledge_folder, tmp_path / name, dirs_exist_ok=True))
        started.append(Server(store_settings, folder, **more))
        return started[-1]

    yield make
    for server in started:
        server.service.close()


@pytest.fixture
def server(start: Callable[..., Server]) -> Server:
    return start()


def revisions(server: Server) -> int:
    with server.truth.store.reading() as connection:
        return connection.scalar(select(func.count()).select_from(RevisionRow)) or 0


# what staff publish


def test_what_is_published_is_served_and_stands_in_the_file(server: Server) -> None:
    before = server.file()
    made = server.publish("Norrby har **nio** tomter.")
    assert server.answer() == "Norrby har **nio** tomter."
    assert (made.state, made.origin, made.author) == ("published", "web", "anna@norrby.example")
    assert server.file() != before
    assert "Ring byggkontoret så får du en karta." not in server.file()
    assert server.service.problems == ()


def test_first_sight_of_a_folder_is_kept_and_changes_no_file(server: Server, knowledge_folder: Path) -> None:
    whole = {path: path.read_bytes() for path in knowledge_folder.rglob("*.yaml")}
    (version,) = server.revising.history(PLOTS)
    assert (version.revision.origin, version.revision.note) == ("file", HOUSING)
    count = revisions(server)
    server.truth.bring_in_line()
    assert revisions(server) == count
    assert {path: path.read_bytes() for path in knowledge_folder.rglob("*.yaml")} == whole


def test_new_entry_goes_into_the_file_of_its_neighbours_and_out_again(server: Server) -> None:
    key = Key(NORRBY, "entry", "plot-costs")
    entry = Entry(key.id, Phrases(("Vad tillkommer på priset?",), ()), AnswerTexts("Ring.", None))
    made = server.revising.publish(Edit(key, entry, "anna", 0))
    assert server.served("plot-costs") is not None
    assert "- id: plot-costs" in server.file()
    server.revising.publish(Edit(key, None, "anna", made.id))
    assert server.served("plot-costs") is None
    assert "plot-costs" not in server.file()
    assert [version.revision.state for version in server.revising.history(key)] == ["removed", "published"]


def test_new_layer_file_is_made(server: Server) -> None:
    key = Key("municipalities/ostby", "contact", "growers")
    server.revising.publish(Edit(key, Contact("growers", Localized("Odlarna", "Growers")), "anna", 0))
    assert "growers" in server.file("municipalities/ostby/contacts.yaml")
    assert "growers" in server.service.assistant.knowledge.layers["municipalities/ostby"].contacts or server.served()


def test_every_write_is_audited_with_what_was_before(server: Server) -> None:
    first = server.publish("Ett.")
    second = server.publish("Två.")
    assert [(made.id, before and before.id) for made, before in server.audited] == [
        (first.id, first.based_on),
        (second.id, first.id),
    ]
    assert second.generation > first.generation


def test_without_audit_nothing_is_written(server: Server) -> None:
    before, count = server.file(), revisions(server)
    edit = server.edit("Nytt.")
    server.audit_fails = True
    with pytest.raises(OSError, match="audit"):
        server.revising.publish(edit)
    assert (server.file(), revisions(server)) == (before, count)
    assert "tolv" in server.answer()


def test_stale_edit_is_refused_with_both_versions_and_a_diff(server: Server) -> None:
    mine = server.edit("Mitt.")
    theirs = server.publish("Deras.")
    with pytest.raises(StaleError) as raised:
        server.revising.publish(mine)
    assert raised.value.newest == theirs
    assert raised.value.yours["answer"]["sv"] == "Mitt."
    assert "-answer.sv: Deras." in raised.value.diff
    assert "+answer.sv: Mitt." in raised.value.diff
    assert server.answer() == "Deras."


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"contacts": ("nobody",)}, "reference"),
        ({"next": ("nowhere",)}, "reference"),
        ({"owner": "nobody"}, "reference"),
    ],
    ids=["contact", "next", "owner"],
)
def test_what_would_break_the_knowledge_is_refused(server: Server, change: dict, code: str) -> None:
    now = server.revising.current(PLOTS)
    with pytest.raises(KnowledgeError) as raised:
        server.revising.publish(Edit(PLOTS, replace(now.item, **change), "anna", now.based_on))
    assert {problem.code for problem in raised.value.problems} == {code}
    assert server.service.problems == ()


def test_118_item_that_others_point_to_is_not_removed_and_they_are_named(server: Server) -> None:
    key = Key(NORRBY, "contact", "building-office")
    now = server.revising.current(key)
    with pytest.raises(KnowledgeError) as raised:
        server.revising.publish(Edit(key, None, "anna", now.based_on))
    assert f"{NORRBY}/entry/plots" in {problem.file for problem in raised.value.problems}


def test_draft_is_seen_by_staff_alone_until_it_is_published(server: Server) -> None:
    draft = server.revising.save_draft(server.edit("Utkast."))
    assert "tolv" in server.answer()
    assert server.revising.drafts([NORRBY]) == [draft]
    assert server.revising.drafts(["national"]) == []
    now = server.revising.current(PLOTS)
    assert (now.draft, now.based_on) == (draft, draft.id)
    assert "tolv" in now.item.answer.sv
    server.publish("Klart.")
    assert server.revising.drafts() == []


def test_discarded_draft_stays_in_the_history(server: Server) -> None:
    draft = server.revising.save_draft(server.edit("Utkast."))
    server.revising.discard_draft(PLOTS, "anna", draft.id)
    assert server.revising.drafts() == []
    states = [version.revision.state for version in server.revising.history(PLOTS)]
    assert states == ["discarded", "draft", "published"]


def test_restoring_is_a_new_version(server: Server) -> None:
    (first,) = server.revising.history(PLOTS)
    last = server.publish("Fel.")
    made = server.revising.restore(PLOTS, first.revision.id, "bo", last.id, "it was wrong")
    assert "tolv" in server.answer()
    assert (made.origin, made.note) == ("restore", "it was wrong")
    newest, wrong, oldest = server.revising.history(PLOTS)
    assert "-answer.sv: Fel." in newest.diff
    assert "+answer.sv: Fel." in wrong.diff
    assert oldest.diff[1] == "+id: plots"


def test_revisions_are_never_changed(server: Server) -> None:
    for statement in ("UPDATE revisions SET author = 'x'", "DELETE FROM revisions"):
        with pytest.raises(StoreError, match="append-only"), server.truth.store.writing() as connection:
            connection.execute(text(statement))


# what is written into files by hand


def test_hand_edit_becomes_a_version(server: Server) -> None:
    server.change("**tolv**", "**tio**")
    assert "tio" in server.answer()
    newest, _ = server.revising.history(PLOTS)
    assert (newest.revision.origin, newest.revision.author, newest.revision.note) == ("file", "file", HOUSING)
    assert any("**tio**" in line for line in newest.diff)


def test_hand_edit_after_a_publication_is_taken_in(server: Server) -> None:
    server.publish("Nio.")
    server.change("Nio.", "Åtta.")
    assert server.answer() == "Åtta."
    server.publish("Sju.")
    assert "Sju." in server.file()


def test_file_that_changes_during_a_web_edit_makes_it_stale(server: Server) -> None:
    mine = server.edit("Mitt.")
    server.change("**tolv**", "**tio**")
    with pytest.raises(StaleError) as raised:
        server.revising.publish(mine)
    assert raised.value.newest.origin == "file"
    assert "tio" in server.answer()
    assert "tio" in server.file()


def test_hand_edit_and_newer_publication_are_a_conflict_that_is_not_written_over(
    start: Callable[..., Server],
) -> None:
    first, second = start("one"), start("two")
    second.served()
    first.publish("Nio.")
    second.change("**tolv**", "**tio**")
    assert second.answer() == "Nio."
    (conflict,) = second.revising.conflicts()
    assert (conflict.key, conflict.file) == (PLOTS, HOUSING)
    assert "**tio**" in conflict.content["answer"]["sv"]
    assert "**tio**" in second.file()
    assert len(second.revising.conflicts()) == 1
    assert first.answer() == "Nio."


@pytest.mark.parametrize(("side", "wanted"), [("file", "**tio**"), ("staff", "Nio.")])
def test_settled_conflict_is_the_same_everywhere(start: Callable[..., Server], side: str, wanted: str) -> None:
    first, second = start("one"), start("two")
    first.publish("Nio.")
    second.change("**tolv**", "**tio**")
    second.served()
    (conflict,) = first.revising.conflicts([NORRBY])
    second.revising.settle(conflict.id, side, "anna", "decided")
    for server in (first, second):
        assert wanted in server.answer()
        assert wanted in server.file()
        assert server.revising.conflicts() == []
    with pytest.raises(KnowledgeError):
        second.revising.settle(conflict.id, side, "anna")


def test_process_that_starts_later_leaves_a_conflict_as_it_is(
    start: Callable[..., Server], store_settings: Settings
) -> None:
    first, second = start("one"), start("two")
    first.publish("Nio.")
    second.change("**tolv**", "**tio**")
    second.served()
    third = Server(store_settings, second.folder)
    assert third.answer() == "Nio."
    assert "**tio**" in third.file()
    assert len(third.revising.conflicts()) == 1


def test_comment_by_hand_is_no_version(server: Server) -> None:
    server.change("entries:\n", "# by hand\nentries:\n")
    server.served()
    assert len(server.revising.history(PLOTS)) == 1
    server.publish("Nio.")
    assert server.file().startswith("# by hand\n")


def test_entry_removed_and_added_again_by_hand(server: Server) -> None:
    whole = server.file()
    (server.folder / HOUSING).unlink()
    assert server.served() is None or "tolv" not in server.answer()
    (server.folder / HOUSING).write_text(whole, "utf-8")
    assert "tolv" in server.answer()
    states = [version.revision.state for version in server.revising.history(PLOTS)]
    assert states == ["published", "removed", "published"]


def test_broken_file_keeps_the_last_good_and_what_is_published_goes_on(server: Server) -> None:
    server.change("  - id: plots", "  - id: Plots!")
    assert "tolv" in server.answer()
    assert server.service.problems[0].file == HOUSING
    key = Key("national", "entry", "moving-checklist")
    server.revising.publish(server.edit("Packa.", key))
    assert server.served("moving-checklist").answer.sv == "Packa."
    assert "Plots!" in server.file()
    server.change("  - id: Plots!", "  - id: plots")
    assert "tolv" in server.answer()
    assert server.service.problems == ()


def test_municipality_that_appears_and_vanishes(server: Server) -> None:
    shutil.copytree(server.folder / "municipalities/ostby", server.folder / "municipalities/vastby")
    server.change("id: ostby", "id: vastby", "municipalities/vastby/municipality.yaml")
    server.served()
    assert "vastby" in server.service.assistant.knowledge.municipalities
    assert server.revising.history(Key("municipalities/vastby", "municipality", "vastby"))
    shutil.rmtree(server.folder / "municipalities/vastby")
    server.served()
    assert "vastby" not in server.service.assistant.knowledge.municipalities


def test_folder_that_cannot_be_read_is_not_taken_for_an_empty_one(server: Server) -> None:
    count = revisions(server)
    away = server.folder.rename(server.folder.with_name("away"))
    server.service.refresh()
    assert server.service.problems
    away.rename(server.folder)
    assert "tolv" in server.answer()
    assert revisions(server) == count


# several servers


def test_two_servers_with_folders_of_their_own_converge(start: Callable[..., Server]) -> None:
    first, second = start("one"), start("two")
    first.publish("Nio.")
    assert second.answer() == "Nio."
    assert "Nio." in second.file()
    second.change("Nio.", "Åtta.")
    assert second.answer() == "Åtta."
    assert first.answer() == "Åtta."
    assert first.file() == second.file()


def test_older_copy_of_the_files_is_brought_up_to_date(start: Callable[..., Server]) -> None:
    first = start("one")
    first.publish("Nio.")
    later = start("later")
    assert later.answer() == "Nio."
    assert "Nio." in later.file()
    assert later.revising.conflicts() == []


def test_newer_copy_of_the_files_is_taken_in_where_nobody_published(
    start: Callable[..., Server], knowledge_folder: Path
) -> None:
    first = start("one")
    path = knowledge_folder / HOUSING
    path.write_text(path.read_text("utf-8").replace("**tolv**", "**elva**"), "utf-8")
    assert "elva" in start("release").answer()
    assert "elva" in first.answer()


def test_newer_copy_of_what_staff_published_is_a_conflict(start: Callable[..., Server], knowledge_folder: Path) -> None:
    first = start("one")
    first.publish("Nio.")
    path = knowledge_folder / HOUSING
    path.write_text(path.read_text("utf-8").replace("**tolv**", "**elva**"), "utf-8")
    release = start("release")
    assert release.answer() == "Nio."
    assert "elva" in release.file()
    assert len(release.revising.conflicts()) == 1


def test_folder_that_is_only_read_is_served_with_what_the_store_holds(start: Callable[..., Server]) -> None:
    server = start("one", is_read_only=True)
    before = server.file()
    server.publish("Nio.")
    assert server.answer() == "Nio."
    assert server.file() == before
    again = start("one", is_read_only=True)
    assert again.answer() == "Nio."
    assert again.service.problems == ()


def test_file_that_cannot_be_written_is_told_and_written_later(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    before = server.file()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_space)
        server.publish("Nio.")
        assert server.answer() == "Nio."
        assert server.file() == before
        assert "No space left" in str(server.service.problems[0])
    assert [path.name for path in server.folder.rglob(".*.part")] == []
    server.truth.bring_in_line()
    assert "Nio." in server.file()
    assert server.service.problems == ()


def no_space(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(("call", "place"), [(1, "before the file is replaced"), (2, "after it")])
def test_hand_edit_while_a_file_is_written_is_a_conflict(
    server: Server, monkeypatch: pytest.MonkeyPatch, call: int, place: str
) -> None:
    """The file is synced first, and its folder when it stands in its place."""
    edit, by_hand, calls = server.edit("Nio."), server.file().replace("**tolv**", "**tio**"), []

    def interrupt(_descriptor: int) -> None:
        calls.append(place)
        if len(calls) == call:
            (server.folder / HOUSING).write_text(by_hand, "utf-8")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", interrupt)
        server.revising.publish(edit)
    assert server.answer() == "Nio."
    assert "**tio**" in server.file()
    (conflict,) = server.revising.conflicts()
    assert "**tio**" in conflict.content["answer"]["sv"]
    assert server.service.problems == ()


def test_what_failed_is_not_tried_again_at_once(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    server.served()
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", no_space)
        server.publish("Nio.")
        server.served()
    assert not server.truth.has_news()
    monkeypatch.setattr(truths, "AGAIN", 0.0)
    assert server.truth.has_news()
    assert server.answer() == "Nio."
    assert "Nio." in server.file()
    assert not server.truth.has_news()


def mtimes_of_yesterday(folder: Path) -> None:
    for path in folder.rglob("*.yaml"):
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 86_400))


def copied(folder: Path, name: str) -> Path:
    return Path(shutil.copytree(folder, folder.with_name(name), copy_function=shutil.copy2))


@pytest.mark.parametrize("way", ["another folder in its place", "older files in it"])
def test_older_folder_of_a_machine_that_was_away_is_no_edit_by_hand(
    start: Callable[..., Server], way: str, store_settings: Settings
) -> None:
    first, second = start("one"), start("two")
    mtimes_of_yesterday(second.folder)
    older = copied(second.folder, "older")
    first.publish("Nio.")
    assert "Nio." in (second.answer() and second.file())
    if way == "another folder in its place":
        shutil.rmtree(second.folder)
        older.rename(second.folder)
    else:
        shutil.copytree(older, second.folder, dirs_exist_ok=True, copy_function=shutil.copy2)
    again = Server(store_settings, second.folder)
    assert (again.answer(), first.answer()) == ("Nio.", "Nio.")
    assert "Nio." in again.file()
    assert again.revising.conflicts() == []


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_machine_that_is_restored_with_its_data_is_brought_up_to_date(
    start: Callable[..., Server], store_settings: Settings
) -> None:
    """With SQLite the store would be restored too."""
    first, second = start("one"), start("two")
    first.publish("Åtta.")
    second.served()
    folder, data = copied(second.folder, "folder before"), copied(store_settings.data, "data before")
    first.publish("Nio.")
    assert "Nio." in (second.answer() and second.file())
    for before, place in ((folder, second.folder), (data, store_settings.data)):
        shutil.copytree(before, place, dirs_exist_ok=True)  # the same directories, as a snapshot of a disk has them
    again = Server(store_settings, second.folder)
    assert (again.answer(), "Nio." in again.file()) == ("Nio.", True)
    assert again.revising.conflicts() == []


def test_change_back_by_hand_is_an_edit(server: Server) -> None:
    before = server.file()
    server.publish("Nio.")
    (server.folder / HOUSING).write_text(before, "utf-8")
    assert "tolv" in server.answer()
    assert len(server.revising.history(PLOTS)) == 3


def test_process_that_dies_before_it_noted_what_it_wrote_leaves_no_conflict(
    start: Callable[..., Server], store_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = start("one"), start("two")
    second.served()
    first.publish("Nio.")
    with monkeypatch.context() as patched:
        patched.setattr(Truth, "_note", lambda *_: (_ for _ in ()).throw(OSError("killed")))
        second.served()
    assert "Nio." in second.file()
    first.publish("Åtta.")
    again = Server(store_settings, second.folder)
    assert (again.answer(), "Åtta." in again.file()) == ("Åtta.", True)
    assert first.revising.conflicts() == []


def test_part_of_the_folder_that_cannot_be_read_is_not_taken_for_removed(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    count, scandir = revisions(server), os.scandir

    def refuse(path: Any) -> Any:
        if str(path).endswith("norrby"):
            raise OSError(24, "Too many open files")
        return scandir(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        with pytest.raises(OSError, match="Too many"):
            server.truth.bring_in_line()
    assert "tolv" in server.answer()
    assert revisions(server) == count


def test_change_by_hand_that_breaks_the_knowledge_stays_on_its_machine(start: Callable[..., Server]) -> None:
    first, second = start("one"), start("two")
    second.served()
    second.change("- building-office", "- nobody")
    assert "tolv" in second.answer()
    assert [problem.code for problem in second.service.problems][:1] == ["reference"]
    key = Key("national", "entry", "moving-checklist")
    first.revising.publish(first.edit("Packa.", key))
    assert first.service.problems == ()
    assert [one.served("moving-checklist").answer.sv for one in (first, second)] == ["Packa.", "Packa."]
    assert "- nobody" in second.file()
    second.change("- nobody", "- building-office")
    assert second.served()
    assert second.service.problems == ()


def test_contact_that_others_need_is_not_removed_by_hand_on_one_machine(start: Callable[..., Server]) -> None:
    first, second = start("one"), start("two")
    second.served()
    (second.folder / f"{NORRBY}/contacts.yaml").unlink()
    second.served()
    assert first.served().contacts == ("building-office",)
    assert first.service.problems == ()
    first.publish("Nio.")
    assert (first.answer(), second.answer()) == ("Nio.", "Nio.")


def test_items_stand_in_one_order_on_all_machines(start: Callable[..., Server]) -> None:
    first, second = start("one"), start("two")
    for name in ("zebra", "apa", "mus"):
        made = Entry(name, Phrases((f"Var finns {name}?",), ()), AnswerTexts("Här.", None))
        first.revising.publish(Edit(Key(NORRBY, "entry", name), made, "anna", 0))
    orders = []
    for server in (first, second):
        server.served()
        orders.append([*server.service.assistant.knowledge.layers[NORRBY].entries])
    assert orders[0] == orders[1]
    assert orders[0][-3:] == ["zebra", "apa", "mus"]


def test_municipality_that_is_removed_keeps_files_that_were_changed(start: Callable[..., Server]) -> None:
    first, second = start("one"), start("two")
    second.served()
    shutil.rmtree(first.folder / "municipalities/ostby")
    second.change("onsdagar", "torsdagar", "municipalities/ostby/life.yaml")
    first.served()
    second.served()
    assert "torsdagar" in second.file("municipalities/ostby/life.yaml")
    assert any("torsdagar" in str(one.content) for one in second.revising.conflicts())


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_database_from_a_backup_that_has_come_as_far_again_is_recognized(
    start: Callable[..., Server], store_settings: Settings, tmp_path: Path
) -> None:
    server = start("one")
    server.publish("Nio.")
    store, backup = store_settings.data / "hemvist.db", tmp_path / "backup.db"
    with closing(sqlite3.connect(store)) as live, closing(sqlite3.connect(backup)) as copy:
        live.backup(copy)
    server.publish("Åtta.")
    with closing(sqlite3.connect(store)) as live, closing(sqlite3.connect(backup)) as copy:
        copy.backup(live)
    other = start("another", is_read_only=True)
    other.publish("Sju.")
    assert other.truth.generation == server.truth.generation
    assert server.truth.has_news()
    assert (other.answer(), server.answer()) == ("Sju.", "Sju.")
    assert any("Åtta." in str(one.content) for one in server.revising.conflicts())


# the start of a server


def test_start_opens_the_store_only_where_more_is_published_than_files_say(
    start: Callable[..., Server], store_settings: Settings
) -> None:
    assert is_abreast(store_settings)  # nothing was ever published
    first = start("one")
    settings = replace(store_settings, knowledge=first.folder)
    assert is_abreast(settings)
    first.publish("Nio.")
    assert not is_abreast(settings)
    first.served()
    first.served()
    assert is_abreast(settings)
    assert not is_abreast(replace(settings, knowledge=first.folder.parent / "another"))
    with Store(settings).writing() as connection:  # as a restore does, of a database that has come as far
        become_another(connection)
    assert not is_abreast(settings)
    first.served()
    first.served()
    assert is_abreast(settings)


@pytest.mark.parametrize(("is_behind", "wanted"), [(False, "tolv"), (True, "Nio.")])
def test_new_process_serves_what_is_published_before_its_first_answer(
    start: Callable[..., Server], store_settings: Settings, is_behind: bool, wanted: str
) -> None:
    first, folder = start("one"), start("two").folder
    first.publish("Nio.")
    truth = Truth(lambda: Store(store_settings), Folder(folder, is_read_only=True), store_settings.data)
    service = KnowledgeService(folder, truth=lambda: truth, is_abreast=lambda: not is_behind)
    service.begin()
    assert wanted in service.assistant.knowledge.view("norrby").entries["plots"].answer.sv


def test_other_municipalities_are_not_indexed_anew(server: Server) -> None:
    before = server.service.assistant
    kept = before.index("ostby")
    changed = before.index("norrby")
    server.publish("Nio.")
    server.served()
    server.served()
    assert server.service.assistant is not before
    assert server.service.assistant.index("ostby") is kept
    assert server.service.assistant.index("norrby") is not changed


def test_store_that_does_nothing_now_refuses_edits_and_answers_go_on(server: Server) -> None:
    edit = server.edit("Nio.")
    before = server.file()

    def refuse(*_arguments: object) -> None:
        raise SQLAlchemyError("database or disk is full")

    server.revising._audit = refuse
    with pytest.raises(StoreError, match="full"):
        server.revising.publish(edit)
    assert server.file() == before
    assert "tolv" in server.answer()


@pytest.mark.parametrize(
    ("file", "before", "newest", "is_new", "is_past", "verdict"),
    [
        ("b", "a", "c", False, True, "write"),
        ("b", "a", "a", False, True, "write"),
        ("a", None, None, True, False, "take"),
        (None, "a", None, False, False, "same"),
        ("a", "a", "a", False, False, "same"),
        ("a", "a", "b", False, False, "write"),
        ("a", "a", None, False, False, "take"),
        ("b", "a", "a", False, False, "take"),
        (None, "a", "a", False, False, "take"),
        ("b", "a", "c", False, False, "conflict"),
        (None, "a", "c", False, False, "conflict"),
        (None, None, "a", False, False, "write"),
        ("b", None, "a", False, False, "conflict"),
        ("b", None, "a", True, False, "conflict"),
        ("b", None, "a", True, True, "write"),
        (None, None, "a", True, False, "write"),
    ],
)
def test_verdicts(file: str, before: str, newest: str, is_new: bool, is_past: bool, verdict: str) -> None:
    known = Newest(1, newest, "web") if newest else None
    assert judge(Standing(file, before, known, is_new, is_past)) == verdict
