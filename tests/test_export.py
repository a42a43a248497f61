"""The static copy: what is in it, that every link in it leads somewhere, and that no failure harms the one before."""

import errno
import json
import os
import posixpath
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from bot import LANGUAGES, UnknownMunicipalityError
from web.cli import cli
from web.export.addresses import file_of, settle
from web.export.site import export
from web.export.writing import MARK, NotACopyError, swapped_in, sweep

KNOWLEDGE = Path(__file__).parent / "knowledge"
SHIPPED = KNOWLEDGE.parent.parent / "knowledge"
LIVE = "https://chat.example.se"
MOST_BYTES = 3_000_000
LIMITED = """
import resource
from web.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
main()
"""


def noon(zone: ZoneInfo) -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=zone)


class Links(HTMLParser):
    """The addresses and the ids of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in ("href", "src", "action", "srcset"):
                self.links.append(value or "")
            if name == "id":
                self.ids.append(value or "")


@pytest.fixture(scope="module")
def frozen(make_app: Callable[..., Flask]) -> Flask:
    return make_app(noon)


@pytest.fixture(scope="module")
def copy(frozen: Flask, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of tests/knowledge that knows no address."""
    folder = tmp_path_factory.mktemp("export") / "copy"
    export(frozen, folder)
    return folder


@pytest.fixture(scope="module")
def shipped(make_app: Callable[..., Flask], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is shipped, with the address of the live site."""
    folder = tmp_path_factory.mktemp("export") / "copy"
    export(make_app(noon, HEMVIST_KNOWLEDGE=str(SHIPPED)), folder, ["vindeln"], LIVE)
    return folder


def read(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")


def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def broken_links(folder: Path) -> list[str]:
    known = {page: Links(page.read_text(encoding="utf-8")) for page in pages(folder)}
    broken = []
    for page, found in known.items():
        for link in found.links:
            if re.match(r"[a-z]+:", link):
                continue
            path, _, fragment = link.partition("#")
            target = Path(posixpath.normpath(page.parent / path)) if path else page
            has_part = not fragment or target not in known or fragment in known[target].ids
            if link.startswith("/") or not target.is_file() or not has_part:
                broken.append(f"{page.relative_to(folder)}: {link}")
    return broken


@pytest.mark.parametrize("name", ["copy", pytest.param("shipped", marks=pytest.mark.nightly)])
def test_every_internal_link_leads_somewhere(request: pytest.FixtureRequest, name: str) -> None:
    folder = request.getfixturevalue(name)
    assert len(pages(folder)) > 20
    assert broken_links(folder) == []


def test_a_broken_link_would_be_found(copy: Path, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<a href="gone.html">a</a><a href="#gone">b</a><a href="/x">c</a>')
    assert len(broken_links(tmp_path)) == 3


def test_every_id_of_a_page_stands_once(shipped: Path) -> None:
    for page in pages(shipped):
        ids = Links(page.read_text(encoding="utf-8")).ids
        assert len(ids) == len(set(ids)), page


def test_what_can_be_found_lies_where_the_search_says(copy: Path) -> None:
    for municipality in ("norrby", "ostby", "soderby"):
        for row in words(copy, municipality)["found"]:
            for language in LANGUAGES:
                path, _, fragment = row[0].partition("#")
                page = copy / municipality / language / path
                assert page.is_file()
                assert not fragment or fragment in Links(page.read_text(encoding="utf-8")).ids


def words(folder: Path, municipality: str) -> dict[str, Any]:
    text = read(folder, f"{municipality}/words.js")
    found: dict[str, Any] = json.loads(text.removeprefix("globalThis.HEMVIST_WORDS=").rstrip(";\n"))
    return found


def test_one_municipality_is_small(shipped: Path) -> None:
    assert sum(file.stat().st_size for file in shipped.rglob("*") if file.is_file()) <= MOST_BYTES


def test_it_names_no_path_and_no_host_of_this_machine(copy: Path, shipped: Path) -> None:
    own = [str(KNOWLEDGE.parent.parent), str(copy.parent), socket.gethostname(), "localhost", "127.0.0.1"]
    for folder in (copy, shipped):
        for file in folder.rglob("*.*"):
            text = file.read_text(encoding="utf-8")
            assert [name for name in own if re.search(rf"(?<![\w.]){re.escape(name)}(?![\w.])", text)] == [], file


def test_every_answer_that_is_given_has_a_page_in_both_languages(copy: Path) -> None:
    for language in LANGUAGES:
        answers = {file.stem for file in (copy / "norrby" / language / "answer").iterdir()}
        assert {"plot-reservation", "emergency", "crisis-support", "violence-support", "moving-checklist"} <= answers
    assert not (copy / "ostby" / "sv" / "answer" / "summer-jobs.html").exists()  # ended in 2025


def test_an_answer_has_all_that_its_live_page_has(shipped: Path) -> None:
    page = read(shipped, "vindeln/en/answer/plots.html")
    for part in (
        '<html lang="en">',
        'href="tel:+46-933-140-00"',
        'href="mailto:vindelns.kommun@vindeln.se"',
        "We read it on 21 November 2026.",
        "This is a demonstration and not the municipality&#39;s own service.",
        'href="plot-reservation.html"',
        'href="../../sv/answer/plots.html"',
        'href="tel:112"',
        'href="../plots.html"',
    ):
        assert part in page
    assert "<form" not in page
    assert "<script" not in page


def test_it_says_when_it_was_copied_and_where_the_newest_is(copy: Path, shipped: Path) -> None:
    for page in pages(shipped):
        text = page.read_text(encoding="utf-8")
        assert "22 november 2026" in text.lower()
        assert f'<a href="{LIVE}/' in text
    for page in pages(copy):
        text = page.read_text(encoding="utf-8")
        assert re.search("Kopierat den 22 november 2026|Copied on 22 November 2026", text)
        assert "canonical" not in text


def test_crisis_numbers_stand_on_every_page_of_a_municipality(shipped: Path) -> None:
    for page in pages(shipped / "vindeln"):
        text = page.read_text(encoding="utf-8")
        for number in ("tel:112", "tel:90101", "tel:1177", "tel:+46-20-50-50-50"):
            assert f'href="{number}"' in text


def test_out_of_date_is_judged_on_the_day_of_the_copy(make_app: Callable[..., Flask], tmp_path: Path) -> None:
    for day, count in (("2024-01-14", 0), ("2024-01-15", 1)):
        app = make_app(lambda zone, day=day: datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=zone))
        export(app, tmp_path / day, ["norrby"])
        shown = read(tmp_path / day, "norrby/sv/answer/plot-reservation.html")
        assert shown.count("callout out-of-date") == count


def test_hours_are_told_and_never_whether_it_is_open(copy: Path) -> None:
    text = read(copy, "norrby/sv/contacts.html")
    assert re.search("Öppettider|Telefontider", text)
    for page in pages(copy):
        assert not re.search("Öppet nu|Stängt nu|Open now|Closed now|Svarar i telefon nu", page.read_text("utf-8"))


def test_lists_hold_every_record(copy: Path) -> None:
    assert {f"{name}.html" for name in ("plots", "jobs", "places", "contacts", "leaflet", "policy")} <= {
        file.name for file in (copy / "soderby" / "sv").iterdir()
    }
    assert not (copy / "ostby" / "sv" / "places.html").exists()  # it has none


def test_privacy_is_that_of_a_copy(copy: Path) -> None:
    text = read(copy, "norrby/en/policy.html")
    assert "These pages save nothing about you" in text
    assert "30 days" not in text
    assert "map" not in read(copy, "norrby/en/accessibility.html").split("<main")[1].split("</main")[0].lower()


def test_words_are_folded_and_common_ones_left_out(copy: Path) -> None:
    found = words(copy, "norrby")
    row = next(row for row in found["found"] if row[0] == "answer/plot-reservation.html")
    assert "tomt" in row[3].split()
    every = " ".join(part for row in found["found"] for part in row[3:6]).split()
    assert not re.search("[åäöA-Z]", " ".join(every))
    assert set(every).isdisjoint(found["frames"].split())


def test_the_leaflet_says_what_first_and_whom_to_call(shipped: Path, copy: Path) -> None:
    text = read(shipped, "vindeln/sv/leaflet.html")
    for part in ("Vad ska jag göra när jag flyttar hit", "0933-140 00", "chat.example.se/vindeln/sv", "<svg", "90101"):
        assert part in text
    assert 'role="img"' in text
    assert 'role="img"' not in read(copy, "norrby/sv/leaflet.html")  # a code needs an address


def test_only_those_asked_for_are_copied(frozen: Flask, tmp_path: Path) -> None:
    export(frozen, tmp_path / "copy", ["soderby"])
    assert {path.name for path in (tmp_path / "copy").iterdir()} == {
        *("index.html", "en.html", "static", "soderby", MARK),
    }
    assert broken_links(tmp_path / "copy") == []
    assert json.loads(read(tmp_path / "copy", MARK)) == {
        "copied": "2026-11-22",
        "municipalities": ["soderby"],
        "address": None,
    }


def test_the_same_knowledge_gives_the_same_files(frozen: Flask, copy: Path, tmp_path: Path) -> None:
    export(frozen, tmp_path / "again")
    for file in copy.rglob("*.*"):
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(copy)).read_bytes()


ADDRESSES = {
    "/": "index.html",
    "/?language=en": "en.html",
    "/static/site.css?v=0123": "static/site.css",
    "/vindeln/accent.css?shade=1": "vindeln/accent.css",
    "/vindeln/words.js": "vindeln/words.js",
    "/vindeln/sv/": "vindeln/sv/index.html",
    "/vindeln/sv/search": "vindeln/sv/index.html",
    "/vindeln/en/plots": "vindeln/en/answer/plots.html",
    "/vindeln/en/map?show=plots": "vindeln/en/plots.html",
    "/vindeln/en/policy": "vindeln/en/policy.html",
    "/vindeln/en/.contacts": "vindeln/en/contacts.html",
    "/vindeln/en/contacts": "vindeln/en/answer/contacts.html",
}


@pytest.mark.parametrize(("address", "file"), ADDRESSES.items(), ids=ADDRESSES)
def test_an_address_has_its_file(address: str, file: str) -> None:
    assert file_of(address) == file


def test_links_become_relative_and_others_stay() -> None:
    page = '<a href="/vindeln/sv/plots#x">a</a> <a href="/?language=sv&amp;b=1">b</a> <a href="https://e.se/a">c</a>'
    assert settle(page, "vindeln/sv/answer/jobs.html") == (
        '<a href="plots.html#x">a</a> <a href="../../../index.html">b</a> <a href="https://e.se/a">c</a>\n'
    )


# writing


def test_an_older_copy_is_replaced_as_a_whole(frozen: Flask, tmp_path: Path) -> None:
    export(frozen, tmp_path / "copy")
    (tmp_path / "copy" / "norrby" / "sv" / "answer" / "old.html").write_text("old")
    export(frozen, tmp_path / "copy", ["norrby"])
    assert not (tmp_path / "copy" / "norrby" / "sv" / "answer" / "old.html").exists()
    assert not (tmp_path / "copy" / "soderby").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_anyone_may_read_it_whatever_the_mask(frozen: Flask, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        export(frozen, tmp_path / "copy", ["ostby"])
    finally:
        os.umask(before)
    for path in [tmp_path / "copy", *(tmp_path / "copy").rglob("*")]:
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


@pytest.mark.parametrize("kind", ["a folder with files", "a file"])
def test_what_is_no_copy_is_left_alone(frozen: Flask, tmp_path: Path, kind: str) -> None:
    target = tmp_path / "precious"
    file = target
    if kind == "a folder with files":
        target.mkdir()
        file = target / "thesis.txt"
    file.write_text("mine")
    with pytest.raises(NotACopyError):
        export(frozen, target)
    assert file.read_text() == "mine"


def test_an_empty_folder_is_taken(frozen: Flask, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert export(frozen, tmp_path / "empty", ["ostby"]) > 10


def test_a_failure_on_the_way_leaves_the_old_copy(tmp_path: Path) -> None:
    target = tmp_path / "copy"
    target.mkdir()
    (target / MARK).write_text("{}")

    def write_half() -> None:
        with swapped_in(target) as new:
            (new / "half.html").write_text("half")
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write_half()
    assert [path.name for path in target.iterdir()] == [MARK]
    assert [path.name for path in tmp_path.iterdir()] == ["copy"]


def test_an_unknown_municipality_writes_nothing(frozen: Flask, tmp_path: Path) -> None:
    with pytest.raises(UnknownMunicipalityError, match="known: norrby, ostby, soderby"):
        export(frozen, tmp_path / "copy", ["vindln"])
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_export_left_is_swept_and_a_running_one_is_not(tmp_path: Path) -> None:
    for name, age in (("old", 7_200), ("new", 0)):
        left = tmp_path / f".hemvist-copy-{name}"
        left.mkdir()
        then = left.stat().st_mtime - age
        os.utime(left, (then, then))
    sweep(tmp_path / "copy")
    assert [path.name for path in tmp_path.iterdir()] == [".hemvist-copy-new"]


# the command


def run(*arguments: str, data: Path) -> Result:
    environment = {"HEMVIST_KNOWLEDGE": str(KNOWLEDGE), "HEMVIST_DATA": str(data)}
    return CliRunner().invoke(cli, ["export", *arguments], env=environment)


def test_the_command_says_what_to_open(tmp_path: Path) -> None:
    result = run(str(tmp_path / "out"), "--municipality", "norrby", "--address", f"{LIVE}/", data=tmp_path / "data")
    assert result.exit_code == 0, result.output
    assert f"open {tmp_path / 'out' / 'index.html'}" in result.output
    assert f'href="{LIVE}/norrby/sv/"' in read(tmp_path / "out", "norrby/sv/index.html")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        pytest.param(["--municipality", "atlantis"], "known: norrby", id="unknown municipality"),
        pytest.param(["--address", "chat.example.se"], "must be https:// and a host", id="address without scheme"),
        pytest.param(
            ["--address", "https://chat.example.se/?a=1"], "must be https:// and a host", id="address too long"
        ),
        pytest.param([], "holds files that are no copy", id="somebody's folder"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_line(tmp_path: Path, arguments: list[str], told: str) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine")
    result = run(str(tmp_path / "out"), *arguments, data=tmp_path / "data")
    assert result.exit_code == 2
    assert told in result.output
    assert "Traceback" not in result.output
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_a_folder_that_cannot_be_written_is_told_and_the_old_copy_stays(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    result = run(str(tmp_path / "file" / "copy"), data=tmp_path / "data")
    assert result.exit_code == 2
    assert re.search(r"cannot be written \(.*\); what was there is still there", result.output)


def test_when_a_file_cannot_be_written_to_its_end_the_old_copy_stays(tmp_path: Path) -> None:
    """As on a full disk: the system lets no file become larger than 200 kB, and the words of Vindeln are."""
    target = tmp_path / "copy"
    target.mkdir()
    (target / MARK).write_text("{}")
    environment = {**os.environ, "HEMVIST_KNOWLEDGE": str(SHIPPED), "HEMVIST_DATA": str(tmp_path / "data")}
    ended = subprocess.run(
        [sys.executable, "-c", LIMITED, "export", str(target)],
        cwd=SHIPPED.parent,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2, ended.stderr
    assert "cannot be written (File too large); what was there is still there" in ended.stderr
    assert [path.name for path in target.iterdir()] == [MARK]
    assert {path.name for path in tmp_path.iterdir()} == {"copy", "data"}
